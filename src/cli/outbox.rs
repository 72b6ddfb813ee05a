//! `gonghui outbox`: what goes out to followers, row by row, through a running service.

use clap::Subcommand;
use serde_json::Value;

use super::client::{Client, Common};
use super::out::{self, Failure};
use super::{Done, block_on};
use crate::config::Environment;
use crate::staff::outbox::{OutboxList, OutboxRow};

/// Look at what goes out to followers, send it again or take it out
///
/// The service's token comes from the environment variable GONGHUI_TOKEN.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui outbox list --state maybe_sent")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List rows, newest first
    #[command(after_help = "Example:\n  gonghui outbox list --state waiting --limit 20")]
    List {
        /// pending, in_flight, waiting, sent, maybe_sent, told, unreachable, failed or dropped
        #[arg(long)]
        state: Option<String>,
        /// One follower's, by OpenID
        #[arg(long, value_name = "OPENID")]
        follower: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: usize,
        #[command(flatten)]
        common: Common,
    },
    /// Send a row again, or at once
    #[command(after_help = "Example:\n  gonghui outbox retry 17")]
    Retry {
        /// The row's number, as `list` shows it
        id: u64,
        #[command(flatten)]
        common: Common,
    },
    /// Take a row out that was not sent
    #[command(after_help = "Example:\n  gonghui outbox drop 17")]
    Drop {
        /// The row's number, as `list` shows it
        id: u64,
        #[command(flatten)]
        common: Common,
    },
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    match args.command {
        Command::List { state, follower, limit, common } => {
            let client = Client::new(&common.server, environment)?;
            let words = [("state", state), ("follower", follower), ("limit", Some(limit.to_string()))];
            let given = words.into_iter().filter_map(|(name, value)| Some((name, value?)));
            let query: Vec<String> =
                given.map(|(name, value)| format!("{name}={}", encoded(&value))).collect();
            show(block_on(client.get(&format!("/outbox?{}", query.join("&"))))?, common.json)
        }
        Command::Retry { id, common } => act(id, "retry", &common, environment),
        Command::Drop { id, common } => act(id, "drop", &common, environment),
    }
}

fn encoded(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn act(id: u64, verb: &str, common: &Common, environment: &Environment) -> Done {
    let client = Client::new(&common.server, environment)?;
    let row = block_on(client.post(&format!("/outbox/{id}/{verb}"), None))?;
    if common.json {
        return out::print_json(&row);
    }
    print(&[read(row)?])
}

fn show(list: Value, json: bool) -> Done {
    if json {
        return out::print_json(&list);
    }
    let list: OutboxList = read(list)?;
    print(&list.rows)?;
    match list.next {
        Some(_) => out::print("There are more; narrow them by --state or --follower.\n"),
        None => Ok(()),
    }
}

fn print(rows: &[OutboxRow]) -> Done {
    let line = |row: &OutboxRow| {
        let when = row.at.or(row.due).unwrap_or(row.created).to_string();
        let way = row.way.clone().unwrap_or_default();
        let why = row.why.as_deref().map(out::tame).unwrap_or_default();
        [row.id.to_string(), row.state.clone(), row.notice.clone(), way, row.follower.clone(), when, why]
    };
    let lines: Vec<_> = rows.iter().map(line).collect();
    out::print(&out::table(["ID", "STATE", "NOTICE", "WAY", "FOLLOWER", "WHEN", "WHY"], &lines))
}

fn read<T: serde::de::DeserializeOwned>(answer: Value) -> Result<T, Failure> {
    serde_json::from_value(answer)
        .map_err(|error| Failure::new(format!("the service answered oddly: {error}")))
}
