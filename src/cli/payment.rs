//! `gonghui payment`: paying approved claims (拨付), through a running service.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::activity::sheet::Sheet;
use super::answer::{AsJson, items, no_rows, parse_id, text_of};
use super::client::{Client, ServerArgs};
use super::list_file::{Row, table};
use super::out::{self, Failure};
use super::progress;
use super::{Done, block_on};
use crate::config::Environment;

/// Rows of a bank's file that one call takes.
const ROWS: usize = 500;
/// Number, holder, account and bank: digits or not, they are words. What follows is the amount, to be counted with.
const WORDS_BEFORE_AMOUNT: usize = 4;

/// Freeze approved claims into a batch, let another person release it, and book what the bank says
///
/// The service's token comes from the environment variable GONGHUI_TOKEN and needs the role `payment`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui payment create --scheme ningbo --server http://127.0.0.1:8080")]
pub(super) struct Args {
    #[command(flatten)]
    shape: AsJson,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Freeze a scheme's approved claims into a batch; broken off, it goes on when it is run again
    #[command(after_help = "Example:\n  gonghui payment create --scheme ningbo")]
    Create {
        /// Such as ningbo
        #[arg(long)]
        scheme: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// List batches, the latest first
    #[command(after_help = "Example:\n  gonghui payment list")]
    List {
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Show a batch and its claims, accounts masked
    #[command(after_help = "Example:\n  gonghui payment show 3")]
    Show {
        /// The batch's number, as `list` shows it
        number: u64,
        /// Go on behind this claim
        #[arg(long, value_name = "CLAIM")]
        after: Option<String>,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Write the bank's file of a released batch, CSV or XLSX by its name; who has it is on the trail
    #[command(after_help = "Example:\n  gonghui payment export 3 --out batch-3.xlsx")]
    Export {
        /// The batch's number, as `list` shows it
        number: u64,
        /// The file to write: .csv or .xlsx
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Let a batch go to the bank: another person than who made it
    #[command(after_help = "Example:\n  gonghui payment release 3")]
    Release {
        /// The batch's number, as `list` shows it
        number: u64,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Give up a batch that wasn't released; its claims wait for the next one
    #[command(after_help = "Example:\n  gonghui payment drop 3")]
    Drop {
        /// The batch's number, as `list` shows it
        number: u64,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Say that the bank will make none of the payments of a batch that it hasn't told of; another person says so, too
    ///
    /// Those claims wait for the next batch; their claimants are told nothing. Ask the bank first: what it has made after
    /// all is paid twice.
    #[command(after_help = "Example:\n  gonghui payment recall 3 --reason 银行退回整批，未付一笔")]
    Recall {
        /// The batch's number, as `list` shows it
        number: u64,
        /// Why: it is on the trail
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Say no more that the bank will make none of a batch's payments, while nobody has agreed
    #[command(after_help = "Example:\n  gonghui payment dismiss-recall 3")]
    DismissRecall {
        /// The batch's number, as `list` shows it
        number: u64,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Book what the bank says: CSV with the columns number (编号), result (结果: paid, failed, not_made, 成功, 失败, 未办理),
    /// reason (原因)
    ///
    /// A row of what came back (`returned`) and did arrive after all has the result arrived (确已到账).
    ///
    /// The number is the one in the bank's file, such as 3-L000012. What failed goes back to the claimant; what the bank
    /// didn't make by a fault of its own waits for the next batch. A file that comes again changes nothing. Rows that are unknown, or say otherwise than before, are told by line.
    #[command(after_help = "Example:\n  gonghui payment import 3 results.csv")]
    Import {
        /// The batch's number, as `list` shows it
        number: u64,
        /// What the bank says
        file: PathBuf,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Say that the bank sent back what it first said was paid (退票)
    #[command(after_help = "Example:\n  gonghui payment returned 3 L000012 --reason 账户已销户")]
    Returned {
        /// The batch's number, as `list` shows it
        number: u64,
        /// The claim's number, such as L000012
        claim: String,
        /// What the bank says of it
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let post = |server: &ServerArgs, path: String, body: Option<Value>| {
        let client = Client::new(server, environment)?;
        out::print_json(&block_on(async { client.post(&path, body.as_ref()).await })?)
    };
    let json = args.shape.json;
    match args.command {
        Command::Create { scheme, server } => {
            post(&server, "/payments".to_owned(), Some(json!({ "scheme": scheme })))
        }
        Command::List { server } => list(&Client::new(&server, environment)?, json),
        Command::Show { number, after, server } => {
            let client = Client::new(&server, environment)?;
            let after = after.map(|claim| parse_id(&claim).map_err(Failure::Usage)).transpose()?;
            let after = after.map(|claim| format!("?after={claim}")).unwrap_or_default();
            let path = format!("/payments/{number}{after}");
            out::print_json(&block_on(async { client.get(&path).await })?)
        }
        Command::Export { number, out, server } => {
            export(&Client::new(&server, environment)?, number, &out, json)
        }
        Command::Release { number, server } => post(&server, format!("/payments/{number}/release"), None),
        Command::Drop { number, server } => post(&server, format!("/payments/{number}/drop"), None),
        Command::Recall { number, reason, server } => {
            post(&server, format!("/payments/{number}/recall"), Some(json!({ "reason": reason })))
        }
        Command::DismissRecall { number, server } => {
            post(&server, format!("/payments/{number}/recall/dismiss"), None)
        }
        Command::Import { number, file, server } => {
            import(&Client::new(&server, environment)?, number, &file)
        }
        Command::Returned { number, claim, reason, server } => {
            let body = json!({ "claim": claim, "reason": reason });
            post(&server, format!("/payments/{number}/returned"), Some(body))
        }
    }
}

fn list(client: &Client, as_json: bool) -> Done {
    let all = block_on(async { client.all("/payments", "batches").await })?;
    if as_json {
        return out::print_json(&json!({ "batches": all }));
    }
    let line = |row: &Value| {
        let cell = |name: &str| text_of(&row[name]);
        [
            cell("number"),
            cell("scheme"),
            cell("state"),
            cell("count"),
            cell("total"),
            cell("paid"),
            cell("failed"),
            cell("made"),
        ]
    };
    let rows: Vec<[String; 8]> = all.iter().map(line).collect();
    out::print(&out::table(["NUMBER", "SCHEME", "STATE", "CLAIMS", "YUAN", "PAID", "FAILED", "MADE"], &rows))
}

fn export(client: &Client, number: u64, path: &Path, as_json: bool) -> Done {
    let text = block_on(async {
        let response = client.post_for_response(&format!("/payments/{number}/export"), None).await?;
        response.text().await.map_err(|error| client.unreachable(&error))
    })?;
    bank_file(&text, path)?;
    out::say("keep the file as you would keep the accounts");
    out::written(path, as_json)
}

fn bank_file(text: &str, path: &Path) -> Done {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut sheet = Sheet::create(path, "拨付")?;
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(Failure::new)?;
        let cells: Vec<&str> = record.iter().collect();
        match cells.split_at_checked(WORDS_BEFORE_AMOUNT).filter(|_| at > 0) {
            Some((words, amount)) => sheet.figures(words, amount)?,
            None => sheet.row(cells)?,
        }
    }
    sheet.finish()
}

/// In calls of some hundred rows; broken off, the same file is sent again.
fn import(client: &Client, number: u64, file: &Path) -> Done {
    let (head, rows) = table(file)?;
    if rows.is_empty() {
        return Err(no_rows(file));
    }
    let bar = progress::rows("results");
    bar.set_length(rows.len() as u64);
    let (mut booked, mut known, mut problems) = (0, 0, Vec::new());
    let mut batch = Value::Null;
    for (part, at) in rows.chunks(ROWS).zip((0..).step_by(ROWS)) {
        let text = written(std::iter::once(&head).chain(part))?;
        let path = format!("/payments/{number}/results");
        let answer = block_on(async { client.post_text(&path, &[], &format!("{number}-{at}"), text).await })?;
        booked += answer["booked"].as_u64().unwrap_or(0);
        known += answer["known"].as_u64().unwrap_or(0);
        for problem in items(&answer, "problems") {
            let mut problem = problem.clone();
            let row = problem["line"].as_u64().and_then(|line| usize::try_from(line).ok()?.checked_sub(2));
            problem["line"] = json!(row.and_then(|row| part.get(row)).map(|row| row.line));
            problems.push(problem);
        }
        batch = answer["batch"].clone();
        bar.inc(part.len() as u64);
    }
    bar.finish_and_clear();
    let bad = !problems.is_empty();
    out::print_json(&json!({ "booked": booked, "known": known, "problems": problems, "batch": batch }))?;
    if bad { Err(Failure::Told) } else { Ok(()) }
}

fn written<'r>(rows: impl Iterator<Item = &'r Row<Vec<String>>>) -> Result<String, Failure> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        // A line within a cell would be one more for whoever counts them.
        writer
            .write_record(row.cells.iter().map(|cell| cell.replace(['\r', '\n'], " ")))
            .map_err(Failure::new)?;
    }
    let bytes = writer.into_inner().map_err(Failure::new)?;
    String::from_utf8(bytes).map_err(Failure::new)
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;
    use rust_xlsxwriter::Workbook;

    use super::*;

    const ROWS_SENT: &str =
        "编号,金额,result,原因\n3-L000001,2900,paid,\n3-L000002,1800.5,failed,户名 不符\n";

    #[test]
    fn in_the_banks_file_sums_are_numbers_and_accounts_are_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("batch.xlsx");
        let text = "\u{feff}编号,户名,账号,开户行,金额,用途\n3-L000001,李梅,6222000000000000018,宁波银行,1800.50,职工互助金\n";
        bank_file(text, &path).unwrap();
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
        let cells = calamine::Reader::worksheet_range(&mut book, "拨付").unwrap();
        let row: Vec<_> = cells.rows().nth(1).unwrap().to_vec();
        let word = |text: &str| calamine::Data::String(text.to_owned());
        assert_eq!((&row[0], &row[2]), (&word("3-L000001"), &word("6222000000000000018")));
        assert_eq!((&row[4], &row[5]), (&calamine::Data::Float(1800.5), &word("职工互助金")));
        assert_eq!(cells.rows().next().unwrap()[4], word("金额"));
    }

    #[test]
    fn a_banks_file_is_read_as_excel_and_banks_write_it() {
        let folder = tempfile::tempdir().unwrap();
        let read_back = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let whole = |(head, rows): (Row<_>, Vec<Row<_>>)| {
                (rows[rows.len() - 1].line, written(std::iter::once(&head).chain(&rows)).unwrap())
            };
            table(&path).map(whole)
        };
        let text = "编号,金额,result,原因\r\n3-L000001,2900,paid,\r\n\r\n\"3-L000002\",1800.5,failed,\"户名\n不符\"\r\n";
        let sent = (4, ROWS_SENT.to_owned());
        assert_eq!(read_back("plain.csv", text.as_bytes()).unwrap(), sent);
        assert_eq!(read_back("gbk.csv", &GB18030.encode(text).0).unwrap(), sent);
        let english = "number,result,reason\n3-L000002,failed,户名不符\n";
        let found = read_back("english.csv", &GB18030.encode(english).0).unwrap();
        assert_eq!(found, (2, english.to_owned()), "a bank's file in GBK under English names");
        let marked = read_back("marked.csv", format!("\u{feff}{text}").as_bytes()).unwrap();
        assert_eq!(marked.1, ROWS_SENT);
        assert!(
            read_back("broken.csv", b"number,result\n3-L000001,\xff\xff\n").is_err(),
            "no half of a file"
        );

        let path = folder.path().join("results.xlsx");
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (at, name) in ["编号", "金额", "result", "原因"].into_iter().enumerate() {
            sheet.write_string(0, u16::try_from(at).unwrap(), name).unwrap();
        }
        sheet.write_string(1, 0, "3-L000001").unwrap();
        sheet.write_number(1, 1, 2_900).unwrap();
        sheet.write_string(1, 2, "paid").unwrap();
        book.save(&path).unwrap();
        let (head, rows) = table(&path).unwrap();
        let written = written(std::iter::once(&head).chain(&rows)).unwrap();
        assert_eq!(written, "编号,金额,result,原因\n3-L000001,2900,paid\n");
    }
}
