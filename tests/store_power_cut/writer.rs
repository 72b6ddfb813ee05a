//! The process that writes and tells what was acknowledged, and what can be asked of a store afterwards.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use gonghui::moment::{Moment, Time};
use gonghui::store::engine::journal::Journal;
use gonghui::store::{OpenError, Options, Sealer, Store, Table, TableInfo};

const ROWS: Table<(u64, u64), String> = Table::durable(1, "rows");
const ASIDE: Table<u64, u64> = Table::relaxed(2, "aside");
/// Large, so that the journal often begins a new file after commits that nothing has synced.
const TALK: Table<(u64, u64), String> = Table::relaxed(3, "talk");
const CATALOG: &[TableInfo] = &[ROWS.info(), ASIDE.info(), TALK.info()];

const WRITERS: u64 = 5;
const STEPS: u64 = 60;
/// Each writer goes round so many rows, so that most steps overwrite or delete one.
const ROWS_EACH: u64 = 12;
/// Relaxed steps before each durable one.
const TURNS_BETWEEN: u64 = 3;
pub const ACKS: usize = (WRITERS * STEPS) as usize;

const NOW: Moment = Moment { now: Time::from_unix_s(1_796_090_400), seed: 1 };

/// A step that was acknowledged, and the line of the trace that tells it.
#[derive(Debug, Clone, Copy)]
pub struct Ack {
    pub at: usize,
    writer: u64,
    step: u64,
}

impl Ack {
    pub fn parse(at: usize, line: &[u8]) -> Option<Ack> {
        let mut words = std::str::from_utf8(line).ok()?.strip_prefix("ack ")?.split_whitespace();
        let (writer, step) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Ack { at, writer, step })
    }
}

/// Bytes that the journal keeps: little, so that much moves on to sled while the writers write.
const TABLE_BYTES: usize = 40_000;
const RUNS_BYTES: usize = 60_000;

fn open(folder: &Path) -> Result<Store, OpenError> {
    let options = Options::new(Sealer::new(&[1; 32], &[]), CATALOG);
    Store::open(Box::new(Journal::new(folder, 16 << 20).drain_above(TABLE_BYTES, RUNS_BYTES)), options)
}

fn row(step: u64) -> u64 {
    step * 7 % ROWS_EACH
}

/// What a step leaves in its row: every sixth deletes it.
fn value(writer: u64, step: u64) -> Option<String> {
    let length = (writer * 977 + step * 1531) % 6000;
    (step % 6 != 5).then(|| {
        (0..length + 8).map(|n| char::from(b' ' + ((n * n + step * 31 + writer) % 90) as u8)).collect()
    })
}

pub fn write(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        for half in [0..STEPS / 2, STEPS / 2..STEPS] {
            let store = open(folder).unwrap();
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| tokio::spawn(write_steps(store.clone(), writer, half.clone())))
                .collect();
            for writer in writers {
                writer.await.unwrap();
            }
            store.close().await.unwrap();
        }
    });
}

async fn write_steps(store: Store, writer: u64, steps: std::ops::Range<u64>) {
    for step in steps {
        for turn in 0..TURNS_BETWEEN {
            let words = "说".repeat(1_000);
            let talk = move |tx: &mut gonghui::store::Tx| tx.put(&TALK, &(writer, turn), &words);
            store.submit(NOW, talk).await.unwrap();
        }
        let command = move |tx: &mut gonghui::store::Tx| {
            tx.put(&ASIDE, &writer, &step)?;
            match value(writer, step) {
                Some(value) => tx.put(&ROWS, &(writer, row(step)), &value),
                None => tx.delete(&ROWS, &(writer, row(step))),
            }
        };
        store.submit(NOW, command).await.unwrap();
        // One call of the system, without the print macros' buffers and captures.
        std::io::stdout().lock().write_all(format!("ack {writer} {step}\n").as_bytes()).unwrap();
    }
}

/// Rows that are not as the acknowledged steps, or later ones, left them.
pub fn lost(folder: &Path, acks: &[Ack]) -> Result<Vec<String>, String> {
    let store = open(folder).map_err(|error| error.to_string())?;
    let mut told: BTreeMap<u64, u64> = BTreeMap::new();
    for ack in acks {
        let last = told.entry(ack.writer).or_default();
        *last = ack.step.max(*last);
    }
    let rows = store.submit_blocking(NOW, |tx| Ok(tx.scan(&ROWS, &(), None, 1000)?.rows));
    let rows: BTreeMap<_, _> = rows.map_err(|error| error.to_string())?.into_iter().collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let report = runtime.block_on(store.verify()).map_err(|error| error.to_string())?;
    runtime.block_on(store.close()).map_err(|error| error.to_string())?;
    let mut lost: Vec<_> = report.problems.iter().map(ToString::to_string).collect();
    for (writer, last) in told {
        for number in 0..ROWS_EACH {
            let found = rows.get(&(writer, number));
            let steps = || (0..STEPS).filter(|step| row(*step) == number);
            let acknowledged = steps().rfind(|step| *step <= last);
            let allowed = acknowledged.into_iter().chain(steps().filter(|step| *step > last));
            let allowed =
                allowed.map(|step| value(writer, step)).chain(acknowledged.is_none().then_some(None));
            if !allowed.into_iter().any(|allowed| allowed.as_ref() == found) {
                lost.push(format!("row {number} of writer {writer} after step {last}"));
            }
        }
    }
    Ok(lost)
}
