//! Sends an enrolment list to the service, some hundred rows at once, from where the last run ended.

use std::path::PathBuf;

use jiff::civil::Date;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::answer::text_of;
use crate::cli::client::{Client, ServerArgs};
use crate::cli::list_file::{Layout, Row, Rows, digest};
use crate::cli::list_run::{self, Run, Target};
use crate::cli::{Done, block_on, out};
use crate::domain::scheme::enrol::ROWS_MAX as ROWS_AT_ONCE;
use crate::domain::scheme::money::Fen;

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
    /// The list: .csv or .xlsx
    file: PathBuf,
    /// The programme, such as inpatient_active
    #[arg(long)]
    programme: String,
    /// Which of the adopted schemes
    #[arg(long, default_value = "ningbo")]
    scheme: String,
    /// The unit's union, if the list is one unit's; without it rows name theirs, or people join singly
    #[arg(long, default_value = "", hide_default_value = true)]
    unit: String,
    /// The unit's district, where rows name none
    #[arg(long, default_value = "", hide_default_value = true)]
    district: String,
    /// The day of the entry, such as 2026-04-10 [default: today; of a list that broke off, the day on which it began]
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
    /// Enter again who was taken out of the programme
    #[arg(long)]
    again: bool,
    /// Everybody on the list began to work for the unit after its window
    #[arg(long)]
    new_hires: bool,
    #[command(flatten)]
    pub(super) server: ServerArgs,
}

const COUNTS: &[&str] = &["done", "entered", "twice", "void_shares", "bad"];

pub(super) fn enrol(client: &Client, args: &EnrolArgs, as_json: bool) -> Done {
    let total = Rows::total(&args.file, &LAYOUT)?;
    let mut begin = json!({
        "programme": args.programme, "unit": args.unit, "district": args.district, "entered": args.entered,
        "years": args.years, "shares": args.shares, "class": args.class, "people": args.people,
    });
    if args.again {
        begin["again"] = json!(true);
    }
    if args.new_hires {
        begin["new_hires"] = json!(true);
    }
    // The same list under other terms is another list.
    let mut name = Sha256::new();
    name.update(digest(&args.file)?);
    name.update(begin.to_string());
    let file = hex::encode(name.finalize());
    (begin["file"], begin["rows"]) = (json!(file), json!(total));
    let target = Target {
        client,
        path: &format!("/schemes/{}/enrolments", args.scheme),
        file: &file,
        rows_at_once: ROWS_AT_ONCE,
        notes: "notes",
        doing: "enrolling",
    };
    // A row that is no text counts as one that lacks everything, so that the rest keeps its place.
    let rows = Rows::open(&args.file, &LAYOUT)?.map(|row| {
        let Row { line, cells } = row?;
        Ok(Row { line, cells: cells.map_or_else(|| json!({ "name": "", "identity": "" }), shares) })
    });
    let mut notes = Vec::new();
    let tell = |line: u64, note: &Value| {
        let (kind, message) = (text_of(&note["kind"]), text_of(&note["message"]));
        match as_json {
            true => notes.push(json!({ "line": line, "kind": kind, "message": message })),
            // Told at once, since a run may break off. Nobody reading it is no failure.
            false => drop(out::print(&format!("line {line}: {message}\n"))),
        }
    };
    let run = block_on(list_run::run(&target, &begin, total, rows, tell))?;
    let premium = premium(&run);
    if as_json {
        let mut counts = run.counts(COUNTS);
        counts["premium"] = json!(premium);
        out::print_json(&json!({ "earlier": run.earlier(), "counts": counts, "notes": notes }))?;
    } else {
        out::print(&format!(
            "{}{} rows: {} entered, {} covered already, {} bad; premium {premium} yuan\n{}",
            run.preface(),
            run.count("done"),
            run.count("entered"),
            run.count("twice"),
            run.count("bad"),
            below_floor(&run),
        ))?;
    }
    run.end()
}

/// Of those whom this run entered.
fn premium(run: &Run) -> Fen {
    let yuan = |value: &Value| text_of(value).parse::<Fen>().unwrap_or_default();
    let (before, after) = run.both("premium");
    yuan(after).minus(yuan(before))
}

/// Said where the whole list names fewer people of the unit than the programme asks for.
fn below_floor(run: &Run) -> String {
    let whole = |name: &str| run.both(name).1.as_u64().unwrap_or(0);
    match whole("at_least") {
        least if least > whole("entered") + whole("twice") => {
            format!("fewer than the {least} people whom the programme asks of this unit\n")
        }
        _ => String::new(),
    }
}

/// A cell is text; what is no number is none of the shares there are.
fn shares(mut row: Value) -> Value {
    if let Some(cell) = row.get("shares") {
        row["shares"] = json!(text_of(cell).parse::<u8>().unwrap_or(0));
    }
    row
}
