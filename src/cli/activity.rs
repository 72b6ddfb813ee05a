//! `gonghui activity`: staff work on activities (活动), through a running service.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::Value;

use super::client::{Client, ServerArgs};
use super::out::{self, Failure};
use super::{Done, block_on};
use crate::config::Environment;

/// Create, publish, close and cancel activities, and see who signed up
///
/// The service's token comes from the environment variable GONGHUI_TOKEN.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create an activity, as a draft, from a JSON file
    #[command(after_help = "Example:\n  gonghui activity create hike.json")]
    Create {
        /// The activity; `-` reads it from stdin
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// List activities, the latest first
    #[command(after_help = "Example:\n  gonghui activity list --json")]
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Show a draft to followers and open its sign-up as its times say
    #[command(after_help = "Example:\n  gonghui activity publish 12")]
    Publish {
        #[command(flatten)]
        activity: Activity,
    },
    /// End the sign-up now
    #[command(after_help = "Example:\n  gonghui activity close 12")]
    Close {
        #[command(flatten)]
        activity: Activity,
    },
    /// Call the whole activity off; everybody signed up is told
    #[command(after_help = "Example:\n  gonghui activity cancel 12")]
    Cancel {
        #[command(flatten)]
        activity: Activity,
    },
    /// Show who signed up
    #[command(after_help = "Example:\n  gonghui activity roster 12 --csv > roster.csv")]
    Roster {
        /// As a spreadsheet
        #[arg(long, conflicts_with = "json")]
        csv: bool,
        #[command(flatten)]
        activity: Activity,
    },
}

#[derive(Debug, clap::Args)]
struct Common {
    /// Print the service's answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, clap::Args)]
struct Activity {
    /// The activity's id, as `create` and `list` show it
    #[arg(value_parser = parse_id)]
    id: String,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let client = |common: &Common| Client::new(&common.server, environment);
    match &args.command {
        Command::Create { file, common } => create(&client(common)?, common, file),
        Command::List { common } => list(&client(common)?, common),
        Command::Publish { activity } => change(&client(&activity.common)?, activity, "publish"),
        Command::Close { activity } => change(&client(&activity.common)?, activity, "close"),
        Command::Cancel { activity } => change(&client(&activity.common)?, activity, "cancel"),
        Command::Roster { csv: true, activity } => roster_csv(&client(&activity.common)?, activity),
        Command::Roster { csv: false, activity } => roster(&client(&activity.common)?, activity),
    }
}

fn create(client: &Client, common: &Common, file: &Path) -> Done {
    let activity: Value = serde_json::from_str(&read(file)?)
        .map_err(|error| Failure::new(format!("{} is not JSON: {error}", file.display())))?;
    let created = block_on(client.post("/activities", Some(&activity)))?;
    show_one(common, &created)?;
    out::say("It is a draft; `gonghui activity publish` shows it to followers.");
    Ok(())
}

fn list(client: &Client, common: &Common) -> Done {
    let answer = block_on(client.get("/activities"))?;
    if common.json {
        return out::print_json(&answer);
    }
    let rows: Vec<[String; 4]> = items(&answer, "activities")
        .map(|activity| ["id", "state", "title", "place"].map(|key| text(&activity[key])))
        .collect();
    out::print(&out::table(["ID", "STATE", "TITLE", "PLACE"], &rows))
}

fn change(client: &Client, activity: &Activity, act: &str) -> Done {
    let changed = block_on(client.post(&format!("/activities/{}/{act}", activity.id), None))?;
    show_one(&activity.common, &changed)
}

fn roster(client: &Client, activity: &Activity) -> Done {
    let roster = block_on(client.get(&format!("/activities/{}/roster", activity.id)))?;
    if activity.common.json {
        return out::print_json(&roster);
    }
    let rows: Vec<[String; 5]> = items(&roster, "registrations")
        .map(|row| ["number", "status", "session", "party", "answers"].map(|key| text(&row[key])))
        .collect();
    out::print(&out::table(["NUMBER", "STATUS", "SESSION", "PARTY", "ANSWERS"], &rows))?;
    let counts = roster["counts"].as_object().into_iter().flatten();
    let counts: Vec<String> = counts.map(|(status, count)| format!("{status} {}", text(count))).collect();
    out::say(counts.join(", "));
    Ok(())
}

fn roster_csv(client: &Client, activity: &Activity) -> Done {
    out::print(&block_on(client.get_as(&format!("/activities/{}/roster", activity.id), "text/csv"))?)
}

fn show_one(common: &Common, activity: &Value) -> Done {
    match common.json {
        true => out::print_json(activity),
        false => {
            let row = ["id", "state", "title"].map(|key| text(&activity[key]));
            out::print(&out::table(["ID", "STATE", "TITLE"], &[row]))
        }
    }
}

fn items<'a>(answer: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    answer[key].as_array().into_iter().flatten()
}

/// A value as a cell: texts without quotes, nothing for null.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match file == Path::new("-") {
        true => std::io::stdin().read_to_string(&mut text),
        false => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.map_err(|error| Failure::new(format!("can't read {}: {error}", file.display())))?;
    Ok(text)
}

/// An id becomes part of a path, so it may hold nothing that means something there.
fn parse_id(id: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match !id.is_empty() && id.len() <= 64 && id.chars().all(plain) {
        true => Ok(id.to_owned()),
        false => Err("an id holds letters, digits, - and _ only".to_owned()),
    }
}
