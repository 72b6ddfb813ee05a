//! `gonghui scheme`: the rules of the medical mutual aid (职工医疗互助保障) and who is in it.

mod enrol;

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::answer::{AsJson, items, parse_id, text_of};
use super::check::scheme_findings;
use super::client::{Client, ServerArgs};
use super::findings::{Finding, tell};
use super::out::{self, Failure};
use super::{Done, block_on};
use crate::app::schemes;
use crate::config::Environment;

/// Check scheme files, bring in enrolment lists, see what somebody is covered for, and end what was a mistake
///
/// The service's token comes from the environment variable GONGHUI_TOKEN and needs the role `claim`; `refund`, `refunds`,
/// `confirm-refund` and `dismiss-refund` need `payment`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  gonghui scheme enrol list.csv --programme inpatient_active --unit 样例纺织厂工会"
)]
pub(super) struct Args {
    #[command(flatten)]
    shape: AsJson,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check scheme files and count their worked examples, and `holidays.toml` as the calendar, without a service
    #[command(after_help = "Example:\n  gonghui scheme check schemes/*.toml")]
    Check {
        /// The scheme files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// List the schemes that the service has adopted
    #[command(after_help = "Example:\n  gonghui scheme list")]
    List {
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Enter an enrolment list: CSV (UTF-8) or XLSX, its first row naming the columns
    ///
    /// Columns: 姓名, 身份证号 (these two must be there), 单位, 区县, 份数; 序号 and 手机号 are passed over. Bad rows are told
    /// by line and left out; a person who is covered for these days already counts once. Run again after it broke off,
    /// it goes on where it was; one that was entered whole is gone through anew, which enters nobody twice, and who was taken
    /// out of the programme only with `--again`.
    #[command(
        after_help = "Example:\n  gonghui scheme enrol list.xlsx --programme critical --unit 样例纺织厂工会 --years 3"
    )]
    Enrol(enrol::EnrolArgs),
    /// Show what a person is covered for, by identity number, read from stdin so that no shell keeps it
    #[command(after_help = "Example:\n  gonghui scheme find < number.txt")]
    Find {
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Ask for a place that was a mistake to end and its premium to go back; another person confirms it
    ///
    /// The identity number is read from stdin. A place by which somebody claimed can't end.
    #[command(
        after_help = "Example:\n  gonghui scheme refund --programme inpatient_active --from 2026-05-01 --amount 60.00 --reason 不符合参保条件，单位书面说明 < number.txt"
    )]
    Refund {
        #[command(flatten)]
        place: PlaceArgs,
        /// What goes back, in yuan
        #[arg(long)]
        amount: String,
        /// Why: kept sealed with the place
        #[arg(long)]
        reason: String,
    },
    /// List the places that somebody asked to end and that another person has yet to confirm
    #[command(after_help = "Example:\n  gonghui scheme refunds")]
    Refunds {
        /// Whose places
        #[arg(long, default_value = "ningbo", value_parser = parse_id)]
        scheme: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Confirm it for somebody else who asked: the place ends, and the fund's book says what went back
    #[command(
        after_help = "Example:\n  gonghui scheme confirm-refund --programme inpatient_active --from 2026-05-01 --amount 60.00 < number.txt"
    )]
    ConfirmRefund {
        #[command(flatten)]
        place: PlaceArgs,
        /// What goes back, in yuan
        #[arg(long)]
        amount: String,
    },
    /// Ask for it no more
    #[command(
        after_help = "Example:\n  gonghui scheme dismiss-refund --programme inpatient_active --from 2026-05-01 < number.txt"
    )]
    DismissRefund {
        #[command(flatten)]
        place: PlaceArgs,
    },
}

/// Names a person's place; the identity number is read from stdin, so that no shell keeps it.
#[derive(Debug, clap::Args)]
struct PlaceArgs {
    /// Whose place it is
    #[arg(long, default_value = "ningbo", value_parser = parse_id)]
    scheme: String,
    /// Such as inpatient_active
    #[arg(long)]
    programme: String,
    /// The first day of the cover, such as 2026-05-01
    #[arg(long)]
    from: jiff::civil::Date,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let as_json = args.shape.json;
    match args.command {
        Command::Check { files } => check(&files, as_json),
        Command::List { server } => list(&Client::new(&server, environment)?, as_json),
        Command::Enrol(args) => enrol::enrol(&Client::new(&args.server, environment)?, &args, as_json),
        Command::Find { server } => {
            let identity = std::io::read_to_string(std::io::stdin())?;
            let client = Client::new(&server, environment)?;
            let body = json!({ "identity": identity.trim() });
            out::print_json(&block_on(client.post("/policies/find", Some(&body)))?)
        }
        Command::Refund { place, amount, reason } => {
            refund(&place, "", json!({ "amount": amount, "reason": reason }), environment)
        }
        Command::Refunds { scheme, server } => refunds(&Client::new(&server, environment)?, &scheme, as_json),
        Command::ConfirmRefund { place, amount } => {
            refund(&place, "/confirm", json!({ "amount": amount }), environment)
        }
        Command::DismissRefund { place } => refund(&place, "/dismiss", json!({}), environment),
    }
}

fn refund(place: &PlaceArgs, step: &str, mut body: Value, environment: &Environment) -> Done {
    let identity = std::io::read_to_string(std::io::stdin())?;
    body["identity"] = json!(identity.trim());
    body["programme"] = json!(place.programme);
    body["from"] = json!(place.from);
    let client = Client::new(&place.server, environment)?;
    let path = format!("/schemes/{}/refunds{step}", place.scheme);
    out::print_json(&block_on(client.post(&path, Some(&body)))?)
}

fn refunds(client: &Client, scheme: &str, json: bool) -> Done {
    let answer = block_on(client.get(&format!("/schemes/{scheme}/refunds")))?;
    if json {
        return out::print_json(&answer);
    }
    let row = |refund: &Value| {
        ["at", "by", "member", "unit", "programme", "from", "amount", "reason"]
            .map(|name| text_of(&refund[name]))
    };
    let rows: Vec<[String; 8]> = items(&answer, "refunds").map(row).collect();
    let head = ["ASKED", "BY", "MEMBER", "UNIT", "PROGRAMME", "FROM", "YUAN", "REASON"];
    out::print(&out::table(head, &rows))
}

fn check(paths: &[PathBuf], as_json: bool) -> Done {
    let mut texts = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
        texts.push((path.display().to_string(), text));
    }
    let findings: Vec<Finding> = scheme_findings(schemes::check(&texts).err());
    tell(&findings, &format!("{} scheme files", paths.len()), as_json)
}

fn list(client: &Client, json: bool) -> Done {
    let answer = block_on(client.get("/schemes"))?;
    if json {
        return out::print_json(&answer);
    }
    let mut rows: Vec<[String; 5]> = Vec::new();
    for scheme in items(&answer, "schemes") {
        for version in items(scheme, "versions") {
            let programmes: Vec<String> =
                items(version, "programmes").map(|programme| text_of(&programme["programme"])).collect();
            let cell = |value: &Value| text_of(value);
            rows.push([
                cell(&scheme["scheme"]),
                cell(&version["version"]),
                cell(&version["from"]),
                cell(&version["title"]),
                programmes.join(", "),
            ]);
        }
    }
    out::print(&out::table(["SCHEME", "VERSION", "FROM", "TITLE", "PROGRAMMES"], &rows))
}
