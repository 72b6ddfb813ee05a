//! `gonghui activity`: staff work on activities (活动), through a running service.

mod roster;
mod seats;
mod series;
pub(super) mod sheet;

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
    #[command(after_help = "Example:\n  gonghui activity roster A12 -o roster.xlsx")]
    Roster {
        /// As a spreadsheet
        #[arg(long, conflicts_with = "json")]
        csv: bool,
        /// Into a file, with statistics: `.xlsx` is a workbook, anything else CSV
        #[arg(short, long, value_name = "FILE", conflicts_with_all = ["csv", "json"])]
        output: Option<PathBuf>,
        /// Show whole phones and addresses, and why they are needed; goes onto the audit trail
        #[arg(long, value_name = "REASON")]
        reveal: Option<String>,
        #[command(flatten)]
        activity: Activity,
    },
    /// Write the numbers of every activity's sessions into a file
    #[command(after_help = "Example:\n  gonghui activity statistics -o statistics.xlsx")]
    Statistics {
        #[command(flatten)]
        output: seats::Output,
        #[command(flatten)]
        common: Common,
    },
    /// Show the public record of a draw: what was promised, and once it is drawn, all that recomputes it
    #[command(after_help = "Example:\n  gonghui activity draw A12 -o A12.txt")]
    Draw {
        /// Into a file
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        activity: Activity,
    },
    /// Recompute a draw from its public record; asks no service
    #[command(after_help = "Example:\n  gonghui activity verify-draw A12.txt --commitment 9f2c…")]
    VerifyDraw {
        /// The record, as `/draws/A12.txt` gives it; `-` reads it from stdin
        file: PathBuf,
        /// What was published with the activity before the draw; without it a file that was forged whole passes
        #[arg(long, value_name = "HEX")]
        commitment: Option<String>,
        /// Print what was found as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the check-in code of this moment, as digits and as a QR picture
    #[command(after_help = "Example:\n  gonghui activity check-in A12 --session 1 -o code.png")]
    CheckIn {
        /// Which session, from 1
        #[arg(long, default_value_t = 1)]
        session: u16,
        /// The QR code as a PNG, into a file
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        activity: Activity,
    },
    /// Say who came, from a CSV or XLSX file with the columns `number` and `state`
    ///
    /// A state is present (or nothing), absent or excused, with a `reason`.
    #[command(after_help = "Example:\n  gonghui activity attendance A12 came.csv --rest-absent 1")]
    Attendance {
        #[command(flatten)]
        activity: Activity,
        /// Who came
        file: PathBuf,
        /// The others of this session were absent
        #[arg(long, value_name = "SESSION")]
        rest_absent: Option<u16>,
    },
    /// Accept or refuse applications, where staff give the seats; without either, show those that wait
    #[command(
        after_help = "Example:\n  gonghui activity review A12 --accept A12-1-0007 --refuse A12-1-0008 --reason 名额先给双职工家庭"
    )]
    Review {
        /// Numbers to accept
        #[arg(long, value_name = "NUMBER", num_args = 1..)]
        accept: Vec<String>,
        /// Numbers to refuse
        #[arg(long, value_name = "NUMBER", num_args = 1.., requires = "reason")]
        refuse: Vec<String>,
        /// Why they are refused; they read it
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        activity: Activity,
    },
    /// Absences: what followers say to them, and your answer
    #[command(after_help = "Example:\n  gonghui activity appeals list")]
    Appeals {
        #[command(subcommand)]
        appeals: seats::Appeals,
    },
    /// Write the parcels to send into a file for the courier company
    #[command(after_help = "Example:\n  gonghui activity kits A12 -o kits.xlsx --reason 寄材料包")]
    Kits {
        #[command(flatten)]
        activity: Activity,
        #[command(flatten)]
        output: seats::Output,
        /// Why whole addresses are needed; goes onto the audit trail
        #[arg(long)]
        reason: String,
    },
    /// Take tracking numbers from the courier's CSV or XLSX file; followers are told
    #[command(after_help = "Example:\n  gonghui activity track A12 sent.xlsx --courier 顺丰")]
    Track {
        #[command(flatten)]
        activity: Activity,
        /// The courier's file
        file: PathBuf,
        /// The company, where the file doesn't say
        #[arg(long)]
        courier: Option<String>,
    },
    /// Series: a rule makes the next round's sign-up
    #[command(after_help = "Example:\n  gonghui activity series list")]
    Series {
        #[command(subcommand)]
        series: series::Series,
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
        Command::Roster { csv, output, reveal, activity } => {
            let (client, reveal) = (client(&activity.common)?, reveal.as_deref());
            match output {
                Some(file) => roster::save(&client, activity, reveal, file),
                None => roster::show(&client, activity, reveal, *csv),
            }
        }
        Command::Statistics { output, common } => roster::statistics(&client(common)?, &output.output),
        Command::Draw { output, activity } => {
            seats::draw(&client(&activity.common)?, activity, output.as_deref())
        }
        Command::VerifyDraw { file, commitment, json } => {
            seats::verify_draw(file, commitment.as_deref(), *json)
        }
        Command::CheckIn { session, output, activity } => {
            seats::check_in(&client(&activity.common)?, activity, *session, output.as_deref())
        }
        Command::Attendance { activity, file, rest_absent } => {
            seats::attendance(&client(&activity.common)?, activity, file, *rest_absent)
        }
        Command::Review { accept, refuse, reason, activity } => {
            let reason = reason.as_deref().unwrap_or_default();
            seats::review(&client(&activity.common)?, activity, accept, (refuse, reason))
        }
        Command::Appeals { appeals } => seats::appeals(&client(appeals.common())?, appeals),
        Command::Kits { activity, output, reason } => {
            seats::kits(&client(&activity.common)?, activity, &output.output, reason)
        }
        Command::Track { activity, file, courier } => {
            seats::track(&client(&activity.common)?, activity, file, courier.as_deref())
        }
        Command::Series { series } => series::run(&client(series.common())?, series),
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
