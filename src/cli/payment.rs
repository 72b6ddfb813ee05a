//! `gonghui payment`: paying approved claims (拨付), through a running service.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::activity::sheet::Sheet;
use super::answer::{AsJson, items, no_rows, parse_id, text_of};
use super::client::{Client, ServerArgs};
use super::out::{self, Failure};
use super::progress;
use super::{Done, block_on};
use crate::config::Environment;

/// Rows of a bank's file that one call takes.
const ROWS: usize = 500;

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

fn list(client: &Client, json: bool) -> Done {
    let answer = block_on(async { client.get("/payments?limit=100").await })?;
    if json {
        return out::print_json(&answer);
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
    let rows: Vec<[String; 8]> = items(&answer, "batches").map(line).collect();
    out::print(&out::table(["NUMBER", "SCHEME", "STATE", "CLAIMS", "YUAN", "PAID", "FAILED", "MADE"], &rows))
}

fn export(client: &Client, number: u64, path: &Path, as_json: bool) -> Done {
    let text = block_on(async {
        let response = client.post_for_response(&format!("/payments/{number}/export"), None).await?;
        response.text().await.map_err(|error| client.unreachable(&error))
    })?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut sheet = Sheet::create(path, "拨付")?;
    for record in reader.records() {
        sheet.row(record.map_err(Failure::new)?.iter())?;
    }
    sheet.finish()?;
    out::say("keep the file as you would keep the accounts");
    out::written(path, as_json)
}

/// In calls of some hundred rows; broken off, the same file is sent again.
fn import(client: &Client, number: u64, file: &Path) -> Done {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("can't read {}: {error}", file.display())))?;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let head = lines.next().unwrap_or_default().to_owned();
    let rows: Vec<&str> = lines.collect();
    if rows.is_empty() {
        return Err(no_rows(file));
    }
    let bar = progress::rows("results");
    bar.set_length(rows.len() as u64);
    let (mut booked, mut known, mut problems) = (0, 0, Vec::new());
    let mut batch = Value::Null;
    let mut done: usize = 0;
    for part in rows.chunks(ROWS) {
        let text = format!("{head}\n{}\n", part.join("\n"));
        let path = format!("/payments/{number}/results");
        let answer =
            block_on(async { client.post_text(&path, &[], &format!("{number}-{done}"), text).await })?;
        booked += answer["booked"].as_u64().unwrap_or(0);
        known += answer["known"].as_u64().unwrap_or(0);
        for problem in items(&answer, "problems") {
            let mut problem = problem.clone();
            problem["line"] = json!(problem["line"].as_u64().unwrap_or(0) + done as u64);
            problems.push(problem);
        }
        batch = answer["batch"].clone();
        done += part.len();
        bar.set_position(done as u64);
    }
    bar.finish_and_clear();
    let bad = !problems.is_empty();
    out::print_json(&json!({ "booked": booked, "known": known, "problems": problems, "batch": batch }))?;
    if bad { Err(Failure::Told) } else { Ok(()) }
}
