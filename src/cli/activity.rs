//! `gonghui activity`: staff work on activities (活动), through a running service.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::answer::{items, parse_id, read_json, text_of};
use super::client::{Client, ServerArgs};
use super::out::{self, Failure};
use super::{Done, block_on};
use crate::config::Environment;

/// Create, publish, close and cancel activities, and see who signed up
///
/// The service's token comes from the environment variable GONGHUI_TOKEN.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui activity list --server http://127.0.0.1:8080")]
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
    /// List activities by number
    #[command(after_help = "Example:\n  gonghui activity list --json")]
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Show all that was written about an activity, in the shape that `change` takes
    #[command(after_help = "Example:\n  gonghui activity show A12")]
    Show {
        #[command(flatten)]
        activity: Activity,
    },
    /// Give an activity a new shape, from a JSON file with all of it
    ///
    /// Refused if it would harm those who signed up. They are told of another time or place.
    #[command(after_help = "Example:\n  gonghui activity change A12 hike.json")]
    Change {
        #[command(flatten)]
        activity: Activity,
        /// The whole activity; `-` reads it from stdin
        file: PathBuf,
    },
    /// Show a draft to followers and open its sign-up as its times say
    #[command(after_help = "Example:\n  gonghui activity publish A12")]
    Publish {
        #[command(flatten)]
        activity: Activity,
    },
    /// End the sign-up now
    #[command(after_help = "Example:\n  gonghui activity close A12")]
    Close {
        #[command(flatten)]
        activity: Activity,
    },
    /// Call the whole activity off; everybody signed up is told
    #[command(after_help = "Example:\n  gonghui activity cancel A12 --reason 台风来袭")]
    Cancel {
        /// Why; everybody who signed up reads it
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        activity: Activity,
    },
    /// Show who signed up
    #[command(after_help = "Example:\n  gonghui activity roster A12 --csv > roster.csv")]
    Roster {
        /// As a spreadsheet
        #[arg(long, conflicts_with = "json")]
        csv: bool,
        /// Show whole phones and addresses, and why they are needed; goes onto the audit trail
        #[arg(long, value_name = "REASON")]
        reveal: Option<String>,
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
        Command::Show { activity } => show(&client(&activity.common)?, activity),
        Command::Change { activity, file } => change(&client(&activity.common)?, activity, file),
        Command::Publish { activity } => act(&client(&activity.common)?, activity, "publish", None),
        Command::Close { activity } => act(&client(&activity.common)?, activity, "close", None),
        Command::Cancel { activity, reason } => {
            act(&client(&activity.common)?, activity, "cancel", Some(json!({ "reason": reason })))
        }
        Command::Roster { csv, reveal, activity } => {
            roster(&client(&activity.common)?, activity, reveal.as_deref(), *csv)
        }
    }
}

fn create(client: &Client, common: &Common, file: &Path) -> Done {
    let created = block_on(client.post("/activities", Some(&read_json(file)?)))?;
    show_one(common, &created)?;
    out::say("It is a draft; `gonghui activity publish` shows it to followers.");
    Ok(())
}

fn list(client: &Client, common: &Common) -> Done {
    let activities = block_on(all_pages(client))?;
    if common.json {
        return out::print_json(&json!({ "activities": activities }));
    }
    let rows: Vec<[String; 6]> = activities.iter().map(brief_row).collect();
    out::print(&out::table(BRIEF_HEAD, &rows))
}

async fn all_pages(client: &Client) -> Result<Vec<Value>, Failure> {
    let mut activities = Vec::new();
    let mut path = "/activities".to_owned();
    loop {
        let page = client.get(&path).await?;
        activities.extend(items(&page, "activities").cloned());
        match page["next"].as_str() {
            Some(next) => path = format!("/activities?after={next}"),
            None => return Ok(activities),
        }
    }
}

fn show(client: &Client, activity: &Activity) -> Done {
    let shown = block_on(client.get(&format!("/activities/{}", activity.id)))?;
    out::print_json(if activity.common.json { &shown } else { &shown["activity"] })
}

fn change(client: &Client, activity: &Activity, file: &Path) -> Done {
    let changed = block_on(client.put(&format!("/activities/{}", activity.id), &read_json(file)?))?;
    show_one(&activity.common, &changed)
}

fn act(client: &Client, activity: &Activity, act: &str, body: Option<Value>) -> Done {
    let done = block_on(client.post(&format!("/activities/{}/{act}", activity.id), body.as_ref()))?;
    show_one(&activity.common, &done)
}

fn roster(client: &Client, activity: &Activity, reveal: Option<&str>, csv: bool) -> Done {
    let path = format!("/activities/{}/roster", activity.id);
    let words: Vec<(&str, &str)> = reveal.map(|reason| ("reveal", reason)).into_iter().collect();
    if csv {
        return out::print(&block_on(client.look(&path, &words, "text/csv"))?);
    }
    let text = block_on(client.look(&path, &words, "application/json"))?;
    let roster: Value = serde_json::from_str(&text).map_err(Failure::new)?;
    if activity.common.json {
        return out::print_json(&roster);
    }
    let rows: Vec<[String; 5]> = items(&roster, "registrations").map(roster_row).collect();
    out::print(&out::table(["NUMBER", "STATUS", "SESSION", "SEATS", "ANSWERS"], &rows))?;
    let counts = &roster["counts"];
    let count = |name: &str| text_of(&counts[name]);
    let (taken, capacity) = (count("seats_taken"), count("capacity"));
    out::say(format_args!("{taken} of {capacity} seats taken, {} waiting", count("waiting")));
    Ok(())
}

fn roster_row(row: &Value) -> [String; 5] {
    let answers = row["answers"].as_object().into_iter().flatten();
    let answers: Vec<String> = answers.map(|(name, answer)| format!("{name}={}", text_of(answer))).collect();
    let [number, status, session] = ["number", "status", "session"].map(|key| text_of(&row[key]));
    [number, status, session, text_of(&row["party"]["seats"]), answers.join("  ")]
}

const BRIEF_HEAD: [&str; 6] = ["ID", "STATE", "SEATS", "TAKEN", "WAITING", "TITLE"];

fn brief_row(activity: &Value) -> [String; 6] {
    let [id, state, title] = ["id", "state", "title"].map(|key| text_of(&activity[key]));
    let counts = ["capacity", "seats_taken", "waiting"].map(|key| text_of(&activity["counts"][key]));
    let [seats, taken, waiting] = counts;
    [id, state, seats, taken, waiting, title]
}

fn show_one(common: &Common, activity: &Value) -> Done {
    match common.json {
        true => out::print_json(activity),
        false => out::print(&out::table(BRIEF_HEAD, &[brief_row(activity)])),
    }
}
