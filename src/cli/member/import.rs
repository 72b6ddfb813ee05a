//! Sends a list of members to the service, a few hundred rows at once, from where the last run ended.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::answer::text_of;
use crate::cli::client::Client;
use crate::cli::list_file::{Layout, Row, Rows, digest};
use crate::cli::list_run::{self, Target};
use crate::cli::{Done, block_on, out};
use crate::domain::member::list::ROWS_MAX as ROWS_AT_ONCE;

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

const COUNTS: &[&str] = &["done", "added", "changed", "unchanged", "erased", "bad"];

pub fn import(client: &Client, path: &Path, json: bool) -> Done {
    let file = digest(path)?;
    let total = Rows::total(path, &LAYOUT)?;
    let target = Target {
        client,
        path: "/members/imports",
        file: &file,
        rows_at_once: ROWS_AT_ONCE,
        notes: "bad_rows",
        doing: "importing",
    };
    // A row that is no text counts as one that lacks everything, so that the rest keeps its place.
    let rows = Rows::open(path, &LAYOUT)?.map(|row| {
        let Row { line, cells } = row?;
        let nobody = || json!({ "name": "", "identity": "", "union": "" });
        Ok(Row { line, cells: cells.unwrap_or_else(nobody) })
    });
    let mut bad = Vec::new();
    let tell = |line: u64, row: &Value| {
        let why = format!("{}: {}", text_of(&row["field"]), text_of(&row["message"]));
        match json {
            true => bad.push(json!({ "line": line, "why": why })),
            // Told at once: a run that breaks off has told what it left out. Nobody reading it is no failure.
            false => drop(out::print(&format!("line {line}: {why}\n"))),
        }
    };
    let run = block_on(list_run::run(&target, &json!({ "file": file, "rows": total }), total, rows, tell))?;
    if json {
        let counts = run.counts(COUNTS);
        out::print_json(&json!({ "earlier": run.earlier(), "counts": counts, "bad_rows": bad }))?;
    } else {
        let erased = match run.count("erased") {
            0 => String::new(),
            erased => format!(", {erased} left out since they asked to be erased"),
        };
        out::print(&format!(
            "{}{} rows: {} new, {} changed, {} as they were, {} bad{erased}\n",
            run.preface(),
            run.count("done"),
            run.count("added"),
            run.count("changed"),
            run.count("unchanged"),
            run.count("bad"),
        ))?;
    }
    run.end()
}
