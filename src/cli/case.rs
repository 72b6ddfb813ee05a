//! `gonghui case`: staff work on what people ask of people (办件), through a running service.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::answer::{items, parse_id, text_of};
use super::client::{Client, ServerArgs};
use super::out;
use super::{Done, block_on};
use crate::config::Environment;

/// See what people ask for, answer them, and bring it to an end
///
/// The service's token comes from the environment variable GONGHUI_TOKEN and needs the role `case`; an auditor may look.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui case list --kind rights --server http://127.0.0.1:8080")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List cases: those of a state and kind, of somebody, or by last day; what can't wait comes first
    #[command(after_help = "Example:\n  gonghui case list --kind rights --state open")]
    List {
        /// open, asked, closed, refused, withdrawn or lapsed [default: open]
        #[arg(long)]
        state: Option<String>,
        /// Such as rights, hardship, jobs
        #[arg(long)]
        kind: Option<String>,
        /// What somebody of the staff took
        #[arg(long, value_name = "NAME")]
        assignee: Option<String>,
        /// By the last moment for what comes next
        #[arg(long)]
        due: bool,
        /// Go on from where the page before ended
        #[arg(long, value_name = "NEXT")]
        after: Option<String>,
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Show a case, masked: where it stands and what happened when
    #[command(after_help = "Example:\n  gonghui case show J000012")]
    Show {
        id: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Show all that was told in a case; a member sees that it was looked at, and why
    #[command(after_help = "Example:\n  gonghui case look J000012 --reason 受理审查")]
    Look {
        id: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Write a picture of a case into a file, as it was sent
    #[command(after_help = "Example:\n  gonghui case picture J000012 34 --reason 看证据 --out contract.jpg")]
    Picture {
        id: String,
        /// Its number, as `show` tells it
        picture: u64,
        #[arg(long)]
        reason: String,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Take a case that nobody has
    #[command(after_help = "Example:\n  gonghui case take J000012")]
    Take {
        id: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Give it back to the queue; somebody else's with a reason
    #[command(after_help = "Example:\n  gonghui case release J000012")]
    Release {
        id: String,
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Hand it to a colleague, to another desk, or to a colleague there
    #[command(after_help = "Example:\n  gonghui case hand J000012 --to li --desk rights --reason 涉及仲裁")]
    Hand {
        id: String,
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
        #[arg(long)]
        desk: Option<String>,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Write a note for the staff
    #[command(after_help = "Example:\n  gonghui case note J000012 --reason 已电话联系单位")]
    Note {
        id: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Say something to the follower, who need not answer
    #[command(after_help = "Example:\n  gonghui case message J000012 --words 已联系单位，周五调解")]
    Message {
        id: String,
        #[arg(long)]
        words: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Ask the follower for something, all at once; the clock stands until it is there
    #[command(after_help = "Example:\n  gonghui case ask J000012 --words 请补发劳动合同照片")]
    Ask {
        id: String,
        #[arg(long)]
        words: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Say that what was asked for came by telephone or over the counter
    #[command(after_help = "Example:\n  gonghui case supply J000012 --reason 当面交了合同")]
    Supply {
        id: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Go on to the next step, or to the one named
    #[command(after_help = "Example:\n  gonghui case step J000012 --to mediation --words 周五上午调解")]
    Step {
        id: String,
        #[arg(long, value_name = "STEP")]
        to: Option<String>,
        #[arg(long, default_value = "")]
        words: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Say how difficult it is: that gives the time for the whole
    #[command(after_help = "Example:\n  gonghui case class J000012 complex")]
    Class {
        id: String,
        class: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Close it with what came of it; the follower reads the words, and may give stars
    ///
    /// Outcomes: solved, partly, answered, passed_on, not_solved.
    #[command(after_help = "Example:\n  gonghui case close J000012 --outcome solved --words 工资已补发")]
    Close {
        id: String,
        #[arg(long)]
        outcome: String,
        #[arg(long)]
        words: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Refuse it (不予办理), in writing and with a reason; the follower may object once
    ///
    /// Reasons: not_eligible, not_ours, not_enough, duplicate, limit_passed, against_law, other.
    #[command(
        after_help = "Example:\n  gonghui case refuse J000012 --reason not_ours --words 属于房屋租赁纠纷，请向法院起诉"
    )]
    Refuse {
        id: String,
        #[arg(long)]
        reason: String,
        #[arg(long)]
        words: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Take up again what is over
    #[command(after_help = "Example:\n  gonghui case reopen J000012 --words 单位又拖欠，继续为您办理")]
    Reopen {
        id: String,
        #[arg(long)]
        words: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Propose two to each other (相亲); who they are is told when both agree
    #[command(
        after_help = "Example:\n  gonghui case propose J000012 --with J000015 --words 30岁的教师 --words-to-other 32岁的工程师"
    )]
    Propose {
        id: String,
        #[arg(long, value_name = "CASE")]
        with: String,
        /// What this one is told of the other
        #[arg(long)]
        words: String,
        /// What the other is told of this one
        #[arg(long)]
        words_to_other: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Say that what was reported was looked at, and that it may be proposed again
    #[command(after_help = "Example:\n  gonghui case clear J000012 --reason 核实无误")]
    Clear {
        id: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    match args.command {
        Command::List { state, kind, assignee, due, after, json, server } => {
            let due = due.then(|| "true".to_owned());
            let words =
                [("state", state), ("kind", kind), ("assignee", assignee), ("due", due), ("after", after)];
            list(&Client::new(&server, environment)?, &words, json)
        }
        Command::Show { id, server } => {
            let (client, id) = (Client::new(&server, environment)?, checked(&id)?);
            out::print_json(&block_on(async { client.get(&format!("/cases/{id}")).await })?)
        }
        Command::Look { id, reason, server } => {
            let (client, id) = (Client::new(&server, environment)?, checked(&id)?);
            let body = json!({ "reason": reason });
            let looked = async { client.post(&format!("/cases/{id}/look"), Some(&body)).await };
            out::print_json(&block_on(looked)?)
        }
        Command::Picture { id, picture, reason, out, server } => {
            let client = Client::new(&server, environment)?;
            let path = format!("/cases/{}/pictures/{picture}", checked(&id)?);
            let words = [("reason", reason.as_str())];
            let bytes = block_on(async { client.fetch(&path, &words).await })?;
            std::fs::write(&out, bytes)?;
            out::say(format_args!("written to {}", out.display()));
            Ok(())
        }
        command => {
            let (server, id, body) = act(command);
            let client = Client::new(&server, environment)?;
            let path = format!("/cases/{}/acts", checked(&id)?);
            out::print_json(&block_on(async { client.post(&path, Some(&body)).await })?)
        }
    }
}

fn checked(id: &str) -> Result<String, out::Failure> {
    parse_id(id).map_err(out::Failure::Usage)
}

/// The case, and what is done with it.
fn act(command: Command) -> (ServerArgs, String, Value) {
    match command {
        Command::Take { id, server } => (server, id, json!({ "act": "take" })),
        Command::Release { id, reason, server } => {
            (server, id, json!({ "act": "release", "reason": reason }))
        }
        Command::Hand { id, to, desk, reason, server } => {
            (server, id, json!({ "act": "hand", "to": to, "desk": desk, "reason": reason }))
        }
        Command::Note { id, reason, server } => (server, id, json!({ "act": "note", "reason": reason })),
        Command::Message { id, words, server } => (server, id, json!({ "act": "message", "words": words })),
        Command::Ask { id, words, server } => (server, id, json!({ "act": "ask", "words": words })),
        Command::Supply { id, reason, server } => (server, id, json!({ "act": "supply", "reason": reason })),
        Command::Step { id, to, words, server } => {
            (server, id, json!({ "act": "step", "to": to, "words": words }))
        }
        Command::Class { id, class, server } => (server, id, json!({ "act": "class", "to": class })),
        Command::Close { id, outcome, words, server } => {
            (server, id, json!({ "act": "close", "outcome": outcome, "words": words }))
        }
        Command::Refuse { id, reason, words, server } => {
            (server, id, json!({ "act": "refuse", "reason": reason, "words": words }))
        }
        Command::Reopen { id, words, server } => (server, id, json!({ "act": "reopen", "words": words })),
        Command::Propose { id, with, words, words_to_other, server } => {
            let body =
                json!({ "act": "propose", "with": with, "words": words, "words_to_other": words_to_other });
            (server, id, body)
        }
        Command::Clear { id, reason, server } => (server, id, json!({ "act": "clear", "reason": reason })),
        Command::List { server, .. }
        | Command::Show { server, .. }
        | Command::Look { server, .. }
        | Command::Picture { server, .. } => (server, String::new(), Value::Null),
    }
}

fn list(client: &Client, words: &[(&str, Option<String>)], json: bool) -> Done {
    let words: Vec<(&str, &str)> =
        words.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
    let text = block_on(async { client.look("/cases", &words, "application/json").await })?;
    let answer: Value = serde_json::from_str(&text).map_err(out::Failure::new)?;
    if json {
        return out::print_json(&answer);
    }
    let line = |row: &Value| {
        let cell = |name: &str| text_of(&row[name]);
        let due = match row["overdue"].as_bool() {
            Some(true) => format!("{} overdue", cell("due")),
            _ => cell("due"),
        };
        let marks = [("urgent", "urgent"), ("reported", "reported")];
        let marks = marks.iter().filter(|(name, _)| row[*name] == true).map(|(_, mark)| *mark);
        let marks = marks.collect::<Vec<_>>().join(" ");
        [cell("id"), cell("kind"), cell("status"), cell("step"), cell("name"), marks, cell("assignee"), due]
    };
    let rows: Vec<[String; 8]> = items(&answer, "cases").map(line).collect();
    out::print(&out::table(["ID", "KIND", "STATUS", "STEP", "NAME", "MARKS", "ASSIGNEE", "DUE"], &rows))?;
    if let Some(next) = answer["next"].as_str() {
        out::say(format_args!("more: --after {next}"));
    }
    Ok(())
}
