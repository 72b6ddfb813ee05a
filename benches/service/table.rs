use std::time::Duration;

use super::child::Used;
use super::client::Measured;

pub struct Row {
    name: String,
    /// Answers a second; `None` for what is only timed.
    rate: Option<f64>,
    latencies: [Duration; 3],
    took: Duration,
    used: Used,
    answers: usize,
}

impl Row {
    pub fn new(name: &str, measured: &Measured, used: Used) -> Row {
        let at = |share: f64| {
            let index = (measured.latencies.len() as f64 * share) as usize;
            measured.latencies.get(index).or(measured.latencies.last()).copied().unwrap_or_default()
        };
        Row {
            name: name.to_owned(),
            rate: Some(measured.done as f64 / measured.took.as_secs_f64()),
            latencies: [at(0.5), at(0.99), at(0.999)],
            took: measured.took,
            used,
            answers: measured.done,
        }
    }

    pub fn time(name: &str, took: Duration, used: Used) -> Row {
        Row { name: name.to_owned(), rate: None, latencies: [Duration::ZERO; 3], took, used, answers: 0 }
    }
}

/// Ratios are to the echo with the same number of connections: the first row is that of who clicks, the second that of
/// the storms.
pub fn print(rows: &[Row]) {
    let [clicks, storms] = [0, 1].map(|at| rows.get(at).and_then(|row: &Row| row.rate));
    println!("| what | answers/s | to the echo | p50 ms | p99 ms | p99.9 ms | server µs | memory MB |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for row in rows {
        let memory = row.used.resident_bytes >> 20;
        let Some(rate) = row.rate else {
            println!("| {} | in {:.2} s | | | | | | {memory} |", row.name, row.took.as_secs_f64());
            continue;
        };
        let base = if row.name.contains("512") { storms } else { clicks };
        let ratio = base.map(|base| format!("{:.2}", rate / base)).unwrap_or_default();
        let [p50, p99, p999] = row.latencies.map(|latency| format!("{:.2}", latency.as_secs_f64() * 1e3));
        let cost = row.used.processor.as_secs_f64() * 1e6 / row.answers.max(1) as f64;
        println!("| {} | {rate:.0} | {ratio} | {p50} | {p99} | {p999} | {cost:.1} | {memory} |", row.name);
    }
}
