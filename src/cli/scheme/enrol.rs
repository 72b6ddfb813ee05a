//! Sends an enrolment list to the service, some hundred rows at once, from where the last run ended.

use std::path::PathBuf;

use jiff::civil::Date;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::answer::{items, text_of};
use crate::cli::client::{Client, ServerArgs};
use crate::cli::list_file::{Layout, Rows, digest};
use crate::cli::out::{self, Failure};
use crate::cli::{Done, block_on, progress};
use crate::domain::scheme::enrol::ROWS_MAX as ROWS_AT_ONCE;

/// The first row of data stands on this line of the file.
const FIRST_LINE: u64 = 2;

const LAYOUT: Layout = Layout {
    columns: &[
        (&["姓名", "name"], "name"),
        (&["身份证号", "身份证号码", "证件号", "identity"], "identity"),
        (&["单位", "工会", "单位工会", "unit"], "unit"),
        (&["区县", "区", "district"], "district"),
        (&["份数", "shares"], "shares"),
    ],
    must: &["name", "identity"],
    words: &[],
    ignored: &["序号", "手机号", "手机", "电话", "phone"],
};

#[derive(Debug, clap::Args)]
pub(super) struct EnrolArgs {
    file: PathBuf,
    /// The programme, such as inpatient_active
    #[arg(long)]
    programme: String,
    #[arg(long, default_value = "ningbo")]
    scheme: String,
    /// The unit's union, if the list is one unit's; without it rows name theirs, or people join singly
    #[arg(long, default_value = "")]
    unit: String,
    #[arg(long, default_value = "")]
    district: String,
    /// The day of the entry, such as 2026-04-10 [default: today]
    #[arg(long)]
    entered: Option<Date>,
    /// The term
    #[arg(long, default_value_t = 1)]
    years: u8,
    /// Shares of who has no number of their own in the list
    #[arg(long, default_value_t = 1)]
    shares: u8,
    /// Of the work's danger, where fees differ by it
    #[arg(long)]
    class: Option<String>,
    /// How many people of the unit the programme is for: then the participation floor is told
    #[arg(long)]
    people: Option<u32>,
    /// Print counts and notes as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(super) server: ServerArgs,
}

/// What is told of a row: its line, and what.
struct Note {
    line: u64,
    kind: String,
    message: String,
}

pub(super) fn enrol(client: &Client, args: &EnrolArgs) -> Done {
    let total = Rows::open(&args.file, &LAYOUT)?.count() as u64;
    let (counts, notes) = block_on(send(client, args, total))?;
    if args.json {
        let note = |note: &Note| json!({ "line": note.line, "kind": note.kind, "message": note.message });
        let notes: Vec<Value> = notes.iter().map(note).collect();
        return out::print_json(&json!({ "counts": counts, "notes": notes }));
    }
    let lines: String = notes.iter().map(|note| format!("line {}: {}\n", note.line, note.message)).collect();
    let count = |name: &str| counts[name].as_u64().unwrap_or(0);
    let floor = match counts["at_least"].as_u64() {
        Some(least) if least > count("entered") + count("twice") => {
            format!("fewer than the {least} people whom the programme asks of this unit\n")
        }
        _ => String::new(),
    };
    out::print(&format!(
        "{lines}{} rows: {} entered, {} covered already, {} bad; premium {} yuan\n{floor}",
        count("done"),
        count("entered"),
        count("twice"),
        count("bad"),
        text_of(&counts["premium"]),
    ))
}

async fn send(client: &Client, args: &EnrolArgs, total: u64) -> Result<(Value, Vec<Note>), Failure> {
    let mut begun = json!({
        "programme": args.programme, "unit": args.unit, "district": args.district, "entered": args.entered,
        "years": args.years, "shares": args.shares, "class": args.class, "people": args.people,
    });
    // The same list under other terms is another list.
    let mut name = Sha256::new();
    name.update(digest(&args.file)?);
    name.update(begun.to_string());
    let file = hex::encode(name.finalize());
    begun["file"] = json!(file);
    let lists = format!("/schemes/{}/enrolments", args.scheme);
    let mut counts = client.post(&lists, Some(&begun)).await?;
    let mut done = counts["done"].as_u64().unwrap_or(0);
    let mut rows = Rows::open(&args.file, &LAYOUT)?.skip(done as usize);
    let bar = progress::rows("enrolling");
    bar.set_length(total);
    let mut notes = Vec::new();
    loop {
        bar.set_position(done);
        // A line that is no CSV counts as a row that lacks everything, so that the rest keeps its place.
        let batch: Vec<Value> =
            rows.by_ref().take(ROWS_AT_ONCE).map(|row| row.map_or_else(|_| nobody(), shares)).collect();
        if batch.is_empty() {
            break;
        }
        let body = json!({ "first": done, "rows": batch });
        counts = client.post(&format!("{lists}/{file}/rows"), Some(&body)).await?;
        notes.extend(items(&counts, "notes").map(note));
        done += batch.len() as u64;
    }
    bar.finish_and_clear();
    Ok((counts, notes))
}

fn nobody() -> Value {
    json!({ "name": "", "identity": "" })
}

/// A cell is text; what is no number is none of the shares there are.
fn shares(mut row: Value) -> Value {
    if let Some(cell) = row.get("shares") {
        row["shares"] = json!(text_of(cell).parse::<u8>().unwrap_or(0));
    }
    row
}

fn note(row: &Value) -> Note {
    Note {
        line: row["row"].as_u64().unwrap_or(0) + FIRST_LINE,
        kind: text_of(&row["kind"]),
        message: text_of(&row["message"]),
    }
}
