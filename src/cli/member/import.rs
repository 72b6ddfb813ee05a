//! Sends a list of members to the service, a few hundred rows at once, from where the last run ended.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::answer::{items, text_of};
use crate::cli::client::Client;
use crate::cli::list_file::{Layout, Rows, digest};
use crate::cli::out::{self, Failure};
use crate::cli::{Done, block_on, progress};
use crate::domain::member::list::ROWS_MAX as ROWS_AT_ONCE;

/// The first row of data stands on this line of the file.
const FIRST_LINE: u64 = 2;

const LAYOUT: Layout = Layout {
    columns: &[
        (&["姓名", "name"], "name"),
        (&["身份证号", "身份证号码", "证件号", "identity"], "identity"),
        (&["工会", "单位工会", "单位", "union"], "union"),
        (&["手机号", "手机", "电话", "phone"], "phone"),
        (&["区县", "区", "district"], "district"),
        (&["会籍", "tier"], "tier"),
        (&["状态", "state"], "state"),
        (&["卡号", "card"], "card.number"),
        (&["银行", "bank"], "card.bank"),
        (&["卡状态", "card_state"], "card.state"),
        (&["卡有效期", "card_until"], "card.until"),
    ],
    must: &["name", "identity", "union"],
    words: &[
        ("tier", "正式", "full"),
        ("tier", "周转", "interim"),
        ("tier", "保留", "retained"),
        ("state", "在籍", "active"),
        ("state", "转出", "left"),
        ("state", "停用", "suspended"),
        ("card.state", "正常", "active"),
        ("card.state", "挂失", "lost"),
        ("card.state", "过期", "expired"),
    ],
    ignored: &["序号"],
};

/// A row that was left out: its line, and why.
struct Bad {
    line: u64,
    why: String,
}

pub fn import(client: &Client, path: &Path, json: bool) -> Done {
    let file = digest(path)?;
    let total = Rows::open(path, &LAYOUT)?.count() as u64;
    let (counts, bad) = block_on(send(client, path, &file, total))?;
    if json {
        let bad: Vec<Value> = bad.iter().map(|bad| json!({ "line": bad.line, "why": bad.why })).collect();
        return out::print_json(&json!({ "counts": counts, "bad_rows": bad }));
    }
    let count = |name: &str| counts[name].as_u64().unwrap_or(0);
    let lines: String = bad.iter().map(|bad| format!("line {}: {}\n", bad.line, bad.why)).collect();
    let erased = match count("erased") {
        0 => String::new(),
        erased => format!(", {erased} left out since they asked to be erased"),
    };
    out::print(&format!(
        "{lines}{} rows: {} new, {} changed, {} as they were, {} bad{erased}\n",
        count("done"),
        count("added"),
        count("changed"),
        count("unchanged"),
        count("bad"),
    ))
}

async fn send(client: &Client, path: &Path, file: &str, total: u64) -> Result<(Value, Vec<Bad>), Failure> {
    let mut counts = client.post("/members/imports", Some(&json!({ "file": file }))).await?;
    let mut done = counts["done"].as_u64().unwrap_or(0);
    let mut rows = Rows::open(path, &LAYOUT)?.skip(done as usize);
    let bar = progress::rows("importing");
    bar.set_length(total);
    let mut all_bad = Vec::new();
    loop {
        bar.set_position(done);
        let mut batch: Vec<Value> = Vec::with_capacity(ROWS_AT_ONCE);
        for row in rows.by_ref().take(ROWS_AT_ONCE) {
            // A line that is no CSV counts as a row that lacks everything, so that the rest keeps its place.
            batch.push(row.unwrap_or_else(|_| json!({ "name": "", "identity": "", "union": "" })));
        }
        if batch.is_empty() {
            break;
        }
        let body = json!({ "first": done, "rows": batch });
        counts = client.post(&format!("/members/imports/{file}/rows"), Some(&body)).await?;
        all_bad.extend(items(&counts, "bad_rows").map(bad));
        done += batch.len() as u64;
    }
    bar.finish_and_clear();
    Ok((counts, all_bad))
}

fn bad(row: &Value) -> Bad {
    let (field, message) = (text_of(&row["field"]), text_of(&row["message"]));
    Bad { line: row["row"].as_u64().unwrap_or(0) + FIRST_LINE, why: format!("{field}: {message}") }
}
