//! `gonghui broadcast`: messages to many followers (群发, 通知), through a running service.

mod show;
mod watch;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::answer::{parse_id, read_json, read_text, text_of};
use super::client::{Client, Common};
use super::documents::{Documents, One, Seen};
use super::out::{self, Failure};
use super::{Done, block_on, progress};
use crate::config::Environment;

/// Write, preview, approve and start broadcasts, and watch them go out
///
/// The service's token comes from the environment variable GONGHUI_TOKEN. Whoever wrote a broadcast may not approve it,
/// unless the service is configured otherwise.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui broadcast create fixtures/broadcasts/not-signed-up.json")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a broadcast, as a draft, from a JSON file
    #[command(after_help = "Example:\n  gonghui broadcast create notice.json --list openids.txt")]
    Create {
        /// The broadcast; `-` reads it from stdin
        file: PathBuf,
        /// Followers for the condition `listed`: an OpenID a line
        #[arg(long, value_name = "FILE")]
        list: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
    /// List broadcasts, the latest first
    #[command(after_help = "Example:\n  gonghui broadcast list --json")]
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Show all that was written about a broadcast, in the shape that `change` takes
    #[command(after_help = "Example:\n  gonghui broadcast show B12")]
    Show {
        #[command(flatten)]
        broadcast: One,
    },
    /// Replace what was written, from a JSON file with all of it; it has to be previewed again
    #[command(after_help = "Example:\n  gonghui broadcast change B12 notice.json")]
    Change {
        #[command(flatten)]
        broadcast: One,
        /// The whole broadcast; `-` reads it from stdin
        file: PathBuf,
        #[command(flatten)]
        seen: Seen,
    },
    /// Count whom it would reach, by which way, and how long it would take
    #[command(after_help = "Example:\n  gonghui broadcast preview B12 --to oUnion_mei_0000000000000001a")]
    Preview {
        #[command(flatten)]
        broadcast: One,
        /// Send the message to this follower, your own, first
        #[arg(long, value_name = "OPENID")]
        to: Option<String>,
    },
    /// Say that it may go out
    #[command(after_help = "Example:\n  gonghui broadcast approve B12 --changed 2026-12-01T10:00:00+08:00")]
    Approve {
        #[command(flatten)]
        broadcast: One,
        #[command(flatten)]
        seen: Seen,
    },
    /// Fix its audience and send it
    #[command(after_help = "Example:\n  gonghui broadcast start B12 && gonghui broadcast watch B12")]
    Start {
        #[command(flatten)]
        broadcast: One,
    },
    /// Watch it go out, until its end
    #[command(after_help = "Example:\n  gonghui broadcast watch B12")]
    Watch {
        #[command(flatten)]
        broadcast: One,
    },
    /// Send no more until it is resumed
    #[command(after_help = "Example:\n  gonghui broadcast pause B12")]
    Pause {
        #[command(flatten)]
        broadcast: One,
    },
    /// Go on where it was paused or stopped itself
    #[command(after_help = "Example:\n  gonghui broadcast resume B12")]
    Resume {
        #[command(flatten)]
        broadcast: One,
    },
    /// End it for good; who has not got it won't
    #[command(after_help = "Example:\n  gonghui broadcast cancel B12 --reason 活动改期")]
    Cancel {
        /// Why; goes onto the audit trail
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        broadcast: One,
    },
    /// Show what came of it: sent, failed and skipped by reason
    #[command(after_help = "Example:\n  gonghui broadcast report B12")]
    Report {
        #[command(flatten)]
        broadcast: One,
    },
}

/// Followers sent in one call.
const LISTED_PER_CALL: usize = 500;

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let client = |common: &Common| Client::new(&common.server, environment);
    let act = |one: &One, verb, body| BROADCASTS.act(&client(&one.common)?, one, verb, body);
    match &args.command {
        Command::Create { file, list, common } => create(&client(common)?, common, file, list.as_deref()),
        Command::List { common } => BROADCASTS.list(&client(common)?, common),
        Command::Show { broadcast } => {
            let shown = BROADCASTS.get(&client(&broadcast.common)?, broadcast)?;
            out::print_json(if broadcast.common.json { &shown } else { &shown["broadcast"] })
        }
        Command::Change { broadcast, file, seen } => {
            BROADCASTS.change(&client(&broadcast.common)?, broadcast, file, seen)
        }
        Command::Preview { broadcast, to } => preview(&client(&broadcast.common)?, broadcast, to.as_deref()),
        Command::Approve { broadcast, seen } => {
            act(broadcast, "approve", seen.changed.as_ref().map(|changed| json!({ "changed": changed })))
        }
        Command::Start { broadcast } => act(broadcast, "start", None),
        Command::Watch { broadcast } => {
            watch::run(&client(&broadcast.common)?, &broadcast.id, broadcast.common.json)
        }
        Command::Pause { broadcast } => act(broadcast, "pause", None),
        Command::Resume { broadcast } => act(broadcast, "resume", None),
        Command::Cancel { broadcast, reason } => act(broadcast, "cancel", Some(json!({ "reason": reason }))),
        Command::Report { broadcast } => report(&client(&broadcast.common)?, broadcast),
    }
}

fn create(client: &Client, common: &Common, file: &Path, followers: Option<&Path>) -> Done {
    let form = read_json(file)?;
    let followers = followers.map(read_lines).transpose()?;
    let created = block_on(client.post("/broadcasts", Some(&form)))?;
    let id = parse_id(&text_of(&created["id"])).map_err(Failure::new)?;
    if let Some(followers) = followers {
        block_on(fill_list(client, &id, &followers)).map_err(|failure| {
            failure.hint(format_args!(
                "{id} was made, and its list is not whole: cancel it (`gonghui broadcast cancel {id} --reason …`), and create it anew"
            ))
        })?;
    }
    BROADCASTS.print(common, &created)?;
    out::say(format_args!("It is a draft; `gonghui broadcast preview {id}` counts whom it would reach."));
    Ok(())
}

fn read_lines(file: &Path) -> Result<Vec<String>, Failure> {
    Ok(read_text(file)?.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

async fn fill_list(client: &Client, id: &str, followers: &[String]) -> Done {
    let bar = progress::rows("listing");
    bar.set_length(followers.len() as u64);
    let mut unknown = 0;
    for openids in followers.chunks(LISTED_PER_CALL) {
        let listed =
            client.post(&format!("/broadcasts/{id}/list"), Some(&json!({ "openids": openids }))).await?;
        unknown += listed["unknown"].as_u64().unwrap_or_default();
        bar.inc(openids.len() as u64);
    }
    bar.finish_and_clear();
    if unknown > 0 {
        out::say(format_args!("{unknown} of {} are no followers that the account knows", followers.len()));
    }
    Ok(())
}

fn preview(client: &Client, broadcast: &One, to: Option<&str>) -> Done {
    let counted = block_on(count(client, &broadcast.id, to))?;
    match broadcast.common.json {
        true => out::print_json(&counted),
        false => out::print(&show::preview(&counted)),
    }
}

/// A large account is counted in several calls.
async fn count(client: &Client, id: &str, to: Option<&str>) -> Result<Value, Failure> {
    let spinner = progress::spinner("counting");
    let path = format!("/broadcasts/{id}/preview");
    let mut counted = client.post(&path, Some(&to.map_or(json!({}), |to| json!({ "to": to })))).await?;
    while counted["done"] == false {
        spinner.set_message(format!("counting: {} followers looked at", text_of(&counted["looked_at"])));
        counted = client.post(&path, Some(&json!({}))).await?;
    }
    spinner.finish_and_clear();
    Ok(counted)
}

fn report(client: &Client, broadcast: &One) -> Done {
    let report = block_on(client.get(&format!("/broadcasts/{}/report", broadcast.id)))?;
    match broadcast.common.json {
        true => out::print_json(&report),
        false => out::print(&show::report(&report)),
    }
}

const BROADCASTS: Documents<6> =
    Documents { plural: "broadcasts", head: ["ID", "STATE", "WAY", "SENT", "OF", "TITLE"], row };

fn row(broadcast: &Value) -> [String; 6] {
    let [id, state, way, title] = ["id", "state", "way", "title"].map(|key| text_of(&broadcast[key]));
    let [sent, of] = ["sent", "recipients"].map(|key| text_of(&broadcast["progress"][key]));
    [id, state, way, sent, of, title]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_list_from_windows_is_on_it_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.txt");
        std::fs::write(&path, "\u{feff}M000001\r\n\r\noMei\r\n").unwrap();
        assert_eq!(read_lines(&path).unwrap(), ["M000001", "oMei"]);
    }
}
