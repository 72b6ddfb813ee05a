//! `gonghui activity`: staff work on activities (活动), through a running service.

mod roster;
mod seats;
mod series;
pub(super) mod sheet;

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::Done;
use super::answer::text_of;
use super::client::{Client, Common};
use super::documents::{Documents, One, Seen};
use super::out;
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
        activity: One,
    },
    /// Give an activity a new shape, from a JSON file with all of it
    ///
    /// Refused if it would harm those who signed up. They are told of another time or place.
    #[command(after_help = "Example:\n  gonghui activity change A12 hike.json")]
    Change {
        #[command(flatten)]
        activity: One,
        /// The whole activity; `-` reads it from stdin
        file: PathBuf,
        #[command(flatten)]
        seen: Seen,
    },
    /// Show a draft to followers and open its sign-up as its times say
    #[command(after_help = "Example:\n  gonghui activity publish A12")]
    Publish {
        #[command(flatten)]
        activity: One,
    },
    /// End the sign-up now
    #[command(after_help = "Example:\n  gonghui activity close A12")]
    Close {
        #[command(flatten)]
        activity: One,
    },
    /// Call the whole activity off; everybody signed up is told
    #[command(after_help = "Example:\n  gonghui activity cancel A12 --reason 台风来袭")]
    Cancel {
        /// Why; everybody who signed up reads it
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        activity: One,
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
        activity: One,
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
        activity: One,
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
        activity: One,
    },
    /// Say who came, from a CSV or XLSX file with the columns `number` (报名号) and `state` (到场), as a roster has them
    ///
    /// A state is present (到), absent (缺席) or excused (请假), with a `reason` (说明). A line where it is blank says nothing.
    /// Without that column everybody on the list came.
    #[command(after_help = "Example:\n  gonghui activity attendance A12 came.csv --rest-absent 1")]
    Attendance {
        #[command(flatten)]
        activity: One,
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
        activity: One,
    },
    /// Give a sign-up back for its follower, who called, say: no absence, and the seat goes to who waits
    #[command(after_help = "Example:\n  gonghui activity take-back A12-1-0007 --reason 您来电说来不了")]
    TakeBack {
        #[command(flatten)]
        answer: seats::Answer,
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
        activity: One,
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
        activity: One,
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

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let client = |common: &Common| Client::new(&common.server, environment);
    match &args.command {
        Command::Create { file, common } => {
            ACTIVITIES.create(&client(common)?, common, file)?;
            out::say("It is a draft; `gonghui activity publish` shows it to followers.");
            Ok(())
        }
        Command::List { common } => ACTIVITIES.list(&client(common)?, common),
        Command::Show { activity } => {
            let shown = ACTIVITIES.get(&client(&activity.common)?, activity)?;
            out::print_json(if activity.common.json { &shown } else { &shown["activity"] })
        }
        Command::Change { activity, file, seen } => {
            ACTIVITIES.change(&client(&activity.common)?, activity, file, seen)
        }
        Command::Publish { activity } => {
            ACTIVITIES.act(&client(&activity.common)?, activity, "publish", None)
        }
        Command::Close { activity } => ACTIVITIES.act(&client(&activity.common)?, activity, "close", None),
        Command::Cancel { activity, reason } => {
            ACTIVITIES.act(&client(&activity.common)?, activity, "cancel", Some(json!({ "reason": reason })))
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
        Command::TakeBack { answer } => seats::take_back(&client(&answer.common)?, answer),
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

const ACTIVITIES: Documents<6> =
    Documents { plural: "activities", head: ["ID", "STATE", "SEATS", "TAKEN", "WAITING", "TITLE"], row };

fn row(activity: &Value) -> [String; 6] {
    let [id, state, title] = ["id", "state", "title"].map(|key| text_of(&activity[key]));
    let counts = ["capacity", "seats_taken", "waiting"].map(|key| text_of(&activity["counts"][key]));
    let [seats, taken, waiting] = counts;
    [id, state, seats, taken, waiting, title]
}
