//! Previews and reports in words.

use serde_json::Value;

use crate::cli::answer::{items, text_of};
use crate::cli::out::table;

pub(super) fn preview(counted: &Value) -> String {
    let mut rows = vec![row("matched", &counted["matched"], ""), row("reachable", &counted["reachable"], "")];
    rows.extend(parts("  by ", &counted["ways"]));
    rows.extend(parts("skipped: ", &counted["skipped"]));
    let left: Vec<String> = items(counted, "mass_left").map(text_of).collect();
    let left = left.iter().enumerate().filter(|(_, count)| *count != "0");
    let left: Vec<String> = left.map(|(left, count)| format!("{count} may get {left}")).collect();
    let sample: Vec<String> = items(counted, "sample").map(text_of).collect();
    rows.push(["sample".to_owned(), String::new(), sample.join(" ")]);
    rows.push(["mass sends left this month".to_owned(), String::new(), left.join(", ")]);
    let takes = format!("{}s, over at {}", text_of(&counted["seconds"]), text_of(&counted["ends"]));
    rows.push(["takes".to_owned(), String::new(), takes]);
    let shown = if counted["shown"] == true { "yes" } else { "no; `--to OPENID` sends it to your own" };
    rows.push(["shown to somebody".to_owned(), String::new(), shown.to_owned()]);
    table(["PREVIEW", "COUNT", ""], &rows)
}

pub(super) fn report(report: &Value) -> String {
    let mut rows = vec![
        ["state".to_owned(), String::new(), state(report)],
        row("recipients", &report["recipients"], ""),
    ];
    rows.extend(parts("sent by ", &report["sent"]));
    for (name, key) in [
        ("  known to have arrived", "delivered"),
        ("maybe sent", "maybe_sent"),
        ("not sent", "pending"),
        ("read", "read"),
    ] {
        if report[key].as_u64().is_some_and(|count| count > 0) {
            rows.push(row(name, &report[key], ""));
        }
    }
    rows.extend(parts("failed: ", &report["failed"]));
    rows.extend(parts("skipped: ", &report["skipped"]));
    if let Some(mass) = report["mass"].as_object() {
        let figure = |key: &str| mass.get(key).map(text_of).unwrap_or_default();
        let told = format!("{} of {} finished", figure("finished"), figure("sends"));
        rows.push(["mass sends".to_owned(), figure("sends"), told]);
        for (name, key) in
            [("  delivered", "sent"), ("  taken out by WeChat", "filtered_out"), ("  errors", "errors")]
        {
            rows.push([name.to_owned(), figure(key), String::new()]);
        }
    }
    table(["REPORT", "COUNT", ""], &rows)
}

fn state(report: &Value) -> String {
    match report["why"].as_str() {
        Some(why) => format!("{}: {why}", text_of(&report["state"])),
        None => text_of(&report["state"]),
    }
}

fn row(name: &str, count: &Value, note: &str) -> [String; 3] {
    [name.to_owned(), text_of(count), note.to_owned()]
}

fn parts(prefix: &str, counts: &Value) -> Vec<[String; 3]> {
    let counts = counts.as_object().into_iter().flatten();
    counts.map(|(name, count)| row(&format!("{prefix}{name}"), count, "")).collect()
}
