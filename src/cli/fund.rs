//! `gonghui fund`: the mutual-aid fund's reports and entries, through a running service.

mod picture;
mod simulate;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::activity::sheet::Sheet;
use super::answer::{AsJson, items, text_of};
use super::client::{Client, ServerArgs};
use super::out;
use super::{Done, block_on};
use crate::config::Environment;

/// See what came in and went out of the mutual-aid fund, book by book
///
/// The service's token comes from the environment variable GONGHUI_TOKEN and needs the role `payment`; an auditor may
/// look.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui fund report --server http://127.0.0.1:8080")]
pub(super) struct Args {
    #[command(flatten)]
    shape: AsJson,
    #[command(subcommand)]
    command: Command,
}

/// Names a book.
#[derive(Debug, clap::Args)]
struct BookArgs {
    /// Such as ningbo
    #[arg(long)]
    scheme: String,
    /// Such as inpatient_active
    #[arg(long)]
    programme: String,
    /// In which the policy year begins
    #[arg(long)]
    year: u16,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Income and benefits by month, union, district and kind; their ratio, and what the year will come to
    #[command(after_help = "Example:\n  gonghui fund report --year 2026 --svg fund.svg")]
    Report {
        /// Only this scheme's books
        #[arg(long)]
        scheme: Option<String>,
        /// Only books whose policy year begins in it
        #[arg(long)]
        year: Option<u16>,
        /// Write it into a spreadsheet, a sheet for each table
        #[arg(long, value_name = "FILE.xlsx", value_parser = workbook)]
        xlsx: Option<PathBuf>,
        /// Draw premiums and benefits by month
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// List a book's entries
    #[command(
        after_help = "Example:\n  gonghui fund entries --scheme ningbo --programme inpatient_active --year 2026"
    )]
    Entries {
        #[command(flatten)]
        book: BookArgs,
        /// Go on behind this entry
        #[arg(long, value_name = "NUMBER")]
        after: Option<u64>,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Ask for an entry to be taken back by one of its own; another person confirms it
    #[command(
        after_help = "Example:\n  gonghui fund correct 12 --scheme ningbo --programme critical --year 2026 --reason 名单重复入账"
    )]
    Correct {
        /// The entry's number, as `entries` shows it
        number: u64,
        #[command(flatten)]
        book: BookArgs,
        /// Why: it stays with the books
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// List the entries that somebody wants to be taken back and another person has yet to confirm
    #[command(after_help = "Example:\n  gonghui fund corrections")]
    Corrections {
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Ask for it no more
    #[command(
        after_help = "Example:\n  gonghui fund dismiss 12 --scheme ningbo --programme critical --year 2026"
    )]
    Dismiss {
        /// The entry's number, as `entries` shows it
        number: u64,
        #[command(flatten)]
        book: BookArgs,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Confirm a correction that somebody else asked for
    #[command(
        after_help = "Example:\n  gonghui fund confirm 12 --amount 60.00 --scheme ningbo --programme critical --year 2026"
    )]
    Confirm {
        /// The entry's number, as `entries` shows it
        number: u64,
        #[command(flatten)]
        book: BookArgs,
        /// What the entry is of, in yuan
        #[arg(long)]
        amount: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Count past claims again under a changed scheme file: who would have more, who less, and the balance
    ///
    /// Nothing is written, and the file isn't adopted.
    #[command(after_help = "Example:\n  gonghui fund simulate ningbo-2028.toml")]
    Simulate {
        /// The changed scheme file
        file: PathBuf,
        #[command(flatten)]
        server: ServerArgs,
    },
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let json = args.shape.json;
    match args.command {
        Command::Report { scheme, year, xlsx, svg, server } => {
            let client = Client::new(&server, environment)?;
            report(&client, scheme.as_deref(), year, json, xlsx.as_deref(), svg.as_deref())
        }
        Command::Entries { book, after, server } => {
            entries(&Client::new(&server, environment)?, &book, after, json)
        }
        Command::Correct { number, book, reason, server } => {
            let mut body = named(&book, number);
            body["reason"] = reason.into();
            let client = Client::new(&server, environment)?;
            let noted = block_on(async { client.post("/fund/corrections", Some(&body)).await })?;
            out::say("noted: another person confirms it");
            if json { out::print_json(&noted) } else { Ok(()) }
        }
        Command::Corrections { server } => corrections(&Client::new(&server, environment)?),
        Command::Dismiss { number, book, server } => {
            let (client, body) = (Client::new(&server, environment)?, named(&book, number));
            out::print_json(&block_on(async { client.post("/fund/corrections/dismiss", Some(&body)).await })?)
        }
        Command::Confirm { number, book, amount, server } => {
            let (client, mut body) = (Client::new(&server, environment)?, named(&book, number));
            body["amount"] = json!(amount);
            out::print_json(&block_on(async { client.post("/fund/corrections/confirm", Some(&body)).await })?)
        }
        Command::Simulate { file, server } => {
            simulate::simulate(&Client::new(&server, environment)?, &file, json)
        }
    }
}

/// All of them, page by page.
fn corrections(client: &Client) -> Done {
    let all = block_on(async { client.all("/fund/corrections", "corrections").await })?;
    out::print_json(&json!({ "corrections": all }))
}

fn named(book: &BookArgs, number: u64) -> Value {
    json!({ "scheme": book.scheme, "programme": book.programme, "year": book.year, "number": number })
}

fn report(
    client: &Client,
    scheme: Option<&str>,
    year: Option<u16>,
    json: bool,
    xlsx: Option<&Path>,
    svg: Option<&Path>,
) -> Done {
    let year = year.map(|year| year.to_string());
    let words: Vec<(&str, &str)> = [("scheme", scheme), ("year", year.as_deref())]
        .into_iter()
        .filter_map(|(n, v)| Some((n, v?)))
        .collect();
    let text = block_on(async { client.look("/fund/report", &words, "application/json").await })?;
    let answer: Value = serde_json::from_str(&text).map_err(out::Failure::new)?;
    if let Some(path) = xlsx {
        spreadsheet(&answer, path)?;
        out::say(format_args!("written to {}", path.display()));
    }
    if let Some(path) = svg {
        let months: Vec<picture::Month> = items(&answer, "months").map(picture::Month::of).collect();
        let picture = picture::draw(&months).map_err(out::Failure::new)?;
        std::fs::write(path, picture)
            .map_err(|error| out::Failure::new(format!("{}: {error}", path.display())))?;
        out::say(format_args!("written to {}", path.display()));
    }
    if json {
        return out::print_json(&answer);
    }
    if xlsx.is_some() || svg.is_some() {
        return Ok(());
    }
    let cell = |row: &Value, name: &str| text_of(&row[name]);
    let of_book = |row: &Value| {
        let [premiums, returned, benefits, special, back, ratio] = FLOW.map(|column| cell(row, column));
        let ahead = text_of(&row["outlook"]["balance"]);
        let (owed, bank) = (cell(row, "owed"), cell(row, "bank"));
        [name_of(row), premiums, returned, benefits, special, back, ratio, owed, bank, ahead]
    };
    let books: Vec<[String; 10]> = items(&answer, "books").map(of_book).collect();
    let [a, b, c, d, e, f] = FLOW_HEAD;
    out::print(&out::table(["BOOK", a, b, c, d, e, f, "OWED", "BANK", "YEAR'S BALANCE"], &books))?;
    for (key, name) in [("months", "MONTH"), ("districts", "DISTRICT"), ("unions", "UNION")] {
        let of_name = |row: &Value| {
            let [premiums, returned, benefits, special, back, ratio] = FLOW.map(|column| cell(row, column));
            [cell(row, "name"), premiums, returned, benefits, special, back, ratio]
        };
        let others = others(&answer, key, |count| format!("{count} others"));
        let rows: Vec<[String; 7]> = items(&answer, key).chain(&others).map(of_name).collect();
        out::print("\n")?;
        out::print(&out::table([name, a, b, c, d, e, f], &rows))?;
    }
    Ok(())
}

/// What the terminal has room for, of [`COLUMNS`].
const FLOW: [&str; 6] =
    ["premiums", "premiums_returned", "benefits", "special_benefits", "recovered", "ratio"];
const FLOW_HEAD: [&str; 6] = ["PREMIUMS", "RETURNED", "BENEFITS", "SPECIAL", "BACK", "RATIO"];

fn name_of(book: &Value) -> String {
    let cell = |name: &str| text_of(&book[name]);
    format!("{}/{}/{}", cell("scheme"), cell("programme"), cell("year"))
}

/// As the API has them, and as the sheets do.
const COLUMNS: [(&str, &str); 10] = [
    ("premiums", "互助费"),
    ("premium_count", "参保人次"),
    ("premiums_returned", "退回互助费"),
    ("benefits", "给付"),
    ("benefit_count", "给付笔数"),
    ("special_benefits", "病种给付"),
    ("special_benefit_count", "病种笔数"),
    ("paid", "已拨付"),
    ("recovered", "追回"),
    ("ratio", "给付率"),
];

/// A table for books, months, districts and unions each.
/// A file of any other name would hold the first table alone.
fn workbook(name: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(name);
    match path.extension() {
        Some(end) if end.eq_ignore_ascii_case("xlsx") => Ok(path),
        _ => Err("a report has several tables: give the file a name that ends in .xlsx".to_owned()),
    }
}

fn spreadsheet(report: &Value, path: &Path) -> Done {
    let mut sheet = Sheet::create(path, "账套")?;
    let heads = || COLUMNS.into_iter().map(|(_, head)| head);
    let flow = |row: &Value| COLUMNS.map(|(column, _)| text_of(&row[column]));
    sheet.row(
        ["账套", "银行余额", "应付"].into_iter().chain(heads()).chain(["预计全年给付", "预计全年结余"]),
    )?;
    for row in items(report, "books") {
        let ahead = &row["outlook"];
        let figures: Vec<String> = [&row["bank"], &row["owed"]]
            .map(text_of)
            .into_iter()
            .chain(flow(row))
            .chain([&ahead["granted"], &ahead["balance"]].map(text_of))
            .collect();
        sheet.figures(&[&name_of(row)], &figures)?;
    }
    for (key, title) in [("months", "月份"), ("districts", "区县"), ("unions", "工会")] {
        if !sheet.next_table(title)? {
            break;
        }
        sheet.row(std::iter::once(title).chain(heads()))?;
        let others = others(report, key, |count| format!("其他{count}家工会"));
        for row in items(report, key).chain(&others) {
            sheet.figures(&[&text_of(&row["name"])], &flow(row))?;
        }
    }
    sheet.finish()
}

/// The unions that the report sums up in one, as a row under a name.
fn others(report: &Value, key: &str, name: fn(u64) -> String) -> Option<Value> {
    let mut row = report["unions_others"].as_object().filter(|_| key == "unions").cloned()?;
    row.insert("name".to_owned(), name(report["unions_left_out"].as_u64().unwrap_or(0)).into());
    Some(Value::Object(row))
}

fn entries(client: &Client, book: &BookArgs, after: Option<u64>, json: bool) -> Done {
    let (year, after) = (book.year.to_string(), after.map(|after| after.to_string()));
    let mut words = vec![
        ("scheme", book.scheme.as_str()),
        ("programme", book.programme.as_str()),
        ("year", year.as_str()),
    ];
    words.extend(after.as_deref().map(|after| ("after", after)));
    let text = block_on(async { client.look("/fund/entries", &words, "application/json").await })?;
    let answer: Value = serde_json::from_str(&text).map_err(out::Failure::new)?;
    if json {
        return out::print_json(&answer);
    }
    let line = |row: &Value| {
        let cell = |name: &str| text_of(&row[name]);
        [
            cell("number"),
            cell("at"),
            cell("kind"),
            cell("amount"),
            cell("debit"),
            cell("credit"),
            cell("about"),
            cell("by"),
        ]
    };
    let rows: Vec<[String; 8]> = items(&answer, "entries").map(line).collect();
    out::print(&out::table(["NUMBER", "AT", "KIND", "YUAN", "DEBIT", "CREDIT", "ABOUT", "BY"], &rows))?;
    if let Some(next) = answer["next"].as_u64() {
        out::say(format_args!("more: --after {next}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_goes_into_no_file_that_holds_one_table() {
        assert_eq!(workbook("out/报表.XLSX"), Ok(PathBuf::from("out/报表.XLSX")));
        assert!(workbook("report.csv").unwrap_err().contains(".xlsx") && workbook("report").is_err());
    }

    #[test]
    fn the_unions_beyond_the_list_are_a_row_of_the_sheet() {
        let flow = |name: &str, premiums: &str| json!({ "name": name, "premiums": premiums });
        let mut report = json!({ "unions": [flow("一厂工会", "600.00")], "unions_left_out": 0 });
        assert_eq!(others(&report, "unions", |count| format!("其他{count}家工会")), None);
        (report["unions_left_out"], report["unions_others"]) = (json!(35), json!({ "premiums": "6300.00" }));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.xlsx");
        spreadsheet(&report, &path).unwrap();
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
        let cells = calamine::Reader::worksheet_range(&mut book, "工会").unwrap();
        let rows: Vec<_> = cells.rows().skip(1).map(|row| (row[0].clone(), row[1].clone())).collect();
        use calamine::Data::{Float, String};
        let expected = [("一厂工会", 600.0), ("其他35家工会", 6300.0)];
        assert_eq!(rows, expected.map(|(name, yuan)| (String(name.to_owned()), Float(yuan))));
        let months = calamine::Reader::worksheet_range(&mut book, "月份").unwrap();
        assert_eq!(months.rows().count(), 1, "the head alone");
    }
}
