//! `gonghui case`: staff work on what people ask of people (办件), through a running service.

use clap::Subcommand;
use serde_json::{Value, json};

use super::Done;
use super::answer::AsJson;
use super::worklist::{self, IntoFile, On, Page, Worklist, flag};
use crate::config::Environment;

/// See what people ask for, answer them, and bring it to an end
///
/// The service's token comes from the environment variable GONGHUI_TOKEN and needs the role `case`; an auditor may look.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui case list --kind rights --server http://127.0.0.1:8080")]
pub(super) struct Args {
    #[command(flatten)]
    shape: AsJson,
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
        /// Of these the ones of a desk, such as a district's
        #[arg(long)]
        desk: Option<String>,
        /// By the last moment for what comes next
        #[arg(long)]
        due: bool,
        /// Overdue, or with few working days left
        #[arg(long)]
        due_soon: bool,
        /// Of these the ones with words of the follower that nobody has read
        #[arg(long)]
        unread: bool,
        #[command(flatten)]
        page: Page,
    },
    /// Show a case, masked: where it stands and what happened when
    #[command(after_help = "Example:\n  gonghui case show J000012")]
    Show {
        #[command(flatten)]
        on: On,
    },
    /// Show all that was told in a case; a member sees that it was looked at, and why
    #[command(after_help = "Example:\n  gonghui case look J000012 --reason 受理审查")]
    Look {
        #[command(flatten)]
        on: On,
        /// Why it is looked at: the member sees it
        #[arg(long)]
        reason: String,
    },
    /// Write a picture of a case into a file, as it was sent
    #[command(after_help = "Example:\n  gonghui case picture J000012 34 --reason 看证据 --out contract.jpg")]
    Picture {
        #[command(flatten)]
        on: On,
        /// Its number, as `show` tells it
        picture: u64,
        #[command(flatten)]
        into: IntoFile,
    },
    #[command(flatten)]
    Act(Act),
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Take a case that nobody has
    #[command(after_help = "Example:\n  gonghui case take J000012")]
    Take {
        #[command(flatten)]
        on: On,
    },
    /// Give it back to the queue; somebody else's with a reason
    #[command(after_help = "Example:\n  gonghui case release J000012")]
    Release {
        #[command(flatten)]
        on: On,
        /// Why, where somebody else has it: for the staff alone
        #[arg(long, default_value = "", hide_default_value = true)]
        reason: String,
    },
    /// Hand it to a colleague, to another desk, or to a colleague there
    #[command(after_help = "Example:\n  gonghui case hand J000012 --to li --desk rights --reason 涉及仲裁")]
    Hand {
        #[command(flatten)]
        on: On,
        /// The colleague who has it from now on
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
        /// The desk whose it is from now on
        #[arg(long)]
        desk: Option<String>,
        /// Why: for the staff alone
        #[arg(long)]
        reason: String,
    },
    /// Write a note for the staff
    #[command(after_help = "Example:\n  gonghui case note J000012 --reason 已电话联系单位")]
    Note {
        #[command(flatten)]
        on: On,
        /// The note: for the staff alone
        #[arg(long)]
        reason: String,
    },
    /// Say something to the follower, who need not answer
    #[command(after_help = "Example:\n  gonghui case message J000012 --words 已联系单位，周五调解")]
    Message {
        #[command(flatten)]
        on: On,
        /// What the follower reads
        #[arg(long)]
        words: String,
    },
    /// Ask the follower for something, all at once; the clock stands until it is there
    #[command(after_help = "Example:\n  gonghui case ask J000012 --words 请补发劳动合同照片")]
    Ask {
        #[command(flatten)]
        on: On,
        /// What is wanted, as the follower reads it
        #[arg(long)]
        words: String,
    },
    /// Say that what was asked for came by telephone or over the counter
    #[command(after_help = "Example:\n  gonghui case supply J000012 --reason 当面交了合同")]
    Supply {
        #[command(flatten)]
        on: On,
        /// What came, and how: for the staff alone
        #[arg(long)]
        reason: String,
    },
    /// Go on to the next step, or to the one named
    #[command(after_help = "Example:\n  gonghui case step J000012 --to mediation --words 周五上午调解")]
    Step {
        #[command(flatten)]
        on: On,
        /// The step's name, as `show` lists them [default: the next]
        #[arg(long, value_name = "STEP")]
        to: Option<String>,
        /// What the follower reads besides
        #[arg(long, default_value = "", hide_default_value = true)]
        words: String,
    },
    /// Say how difficult it is: that gives the time for the whole
    #[command(after_help = "Example:\n  gonghui case class J000012 complex")]
    Class {
        #[command(flatten)]
        on: On,
        /// The class's name, as `show` lists them
        class: String,
    },
    /// Close it with what came of it; the follower reads the words, and may give stars
    ///
    /// Outcomes: solved, partly, answered, passed_on, not_solved.
    #[command(after_help = "Example:\n  gonghui case close J000012 --outcome solved --words 工资已补发")]
    Close {
        #[command(flatten)]
        on: On,
        /// solved, partly, answered, passed_on or not_solved
        #[arg(long)]
        outcome: String,
        /// What came of it, as the follower reads it
        #[arg(long)]
        words: String,
    },
    /// Refuse it (不予办理), in writing and with a reason; the follower may object once
    ///
    /// Reasons: not_eligible, not_ours, not_enough, duplicate, limit_passed, against_law, other.
    #[command(
        after_help = "Example:\n  gonghui case refuse J000012 --reason not_ours --words 属于房屋租赁纠纷，请向法院起诉"
    )]
    Refuse {
        #[command(flatten)]
        on: On,
        /// not_eligible, not_ours, not_enough, duplicate, limit_passed, against_law or other
        #[arg(long)]
        reason: String,
        /// Why, as the follower reads it: 8 characters and more
        #[arg(long)]
        words: String,
    },
    /// Take up again what is over
    #[command(after_help = "Example:\n  gonghui case reopen J000012 --words 单位又拖欠，继续为您办理")]
    Reopen {
        #[command(flatten)]
        on: On,
        /// Why, as the follower reads it
        #[arg(long)]
        words: String,
    },
    /// Propose two to each other (相亲); who they are is told when both agree
    #[command(
        after_help = "Example:\n  gonghui case propose J000012 --with J000015 --words 30岁的教师 --words-to-other 32岁的工程师"
    )]
    Propose {
        #[command(flatten)]
        on: On,
        /// The other one, by its number
        #[arg(long, value_name = "CASE")]
        with: String,
        /// What this one is told of the other
        #[arg(long)]
        words: String,
        /// What the other is told of this one
        #[arg(long)]
        words_to_other: String,
    },
    /// Say that what was reported was looked at, and that it may be proposed again
    #[command(after_help = "Example:\n  gonghui case clear J000012 --reason 核实无误")]
    Clear {
        #[command(flatten)]
        on: On,
        /// What was found: for the staff alone
        #[arg(long)]
        reason: String,
    },
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let cases = Worklist { kind: "cases", environment, json: args.shape.json };
    match args.command {
        Command::List { state, kind, assignee, desk, due, due_soon, unread, page } => {
            let words = [
                ("state", state.as_deref()),
                ("kind", kind.as_deref()),
                ("assignee", assignee.as_deref()),
                ("desk", desk.as_deref()),
                ("due", flag(due)),
                ("due_soon", flag(due_soon)),
                ("unread", flag(unread)),
            ];
            let head = ["ID", "KIND", "DESK", "STATUS", "STEP", "NAME", "MARKS", "STARS", "ASSIGNEE", "DUE"];
            cases.list(&words, &page, head, |row| {
                let cell = |name| worklist::cell(row, name);
                let marks = worklist::marks(row, &["urgent", "unread", "reported"]);
                let due = worklist::due(row);
                [
                    cell("id"),
                    cell("kind"),
                    cell("desk"),
                    cell("status"),
                    cell("step"),
                    cell("name"),
                    marks,
                    cell("rating"),
                    cell("assignee"),
                    due,
                ]
            })
        }
        Command::Show { on } => cases.show(&on),
        Command::Look { on, reason } => cases.look(&on, &reason),
        Command::Picture { on, picture, into } => cases.picture(&on, &format!("pictures/{picture}"), &into),
        Command::Act(act) => {
            let (on, body) = told(act);
            cases.act(&on, &body)
        }
    }
}

/// Which case, and what the service is told of it.
fn told(act: Act) -> (On, Value) {
    match act {
        Act::Take { on } => (on, json!({ "act": "take" })),
        Act::Release { on, reason } => (on, json!({ "act": "release", "reason": reason })),
        Act::Hand { on, to, desk, reason } => {
            (on, json!({ "act": "hand", "to": to, "desk": desk, "reason": reason }))
        }
        Act::Note { on, reason } => (on, json!({ "act": "note", "reason": reason })),
        Act::Message { on, words } => (on, json!({ "act": "message", "words": words })),
        Act::Ask { on, words } => (on, json!({ "act": "ask", "words": words })),
        Act::Supply { on, reason } => (on, json!({ "act": "supply", "reason": reason })),
        Act::Step { on, to, words } => (on, json!({ "act": "step", "to": to, "words": words })),
        Act::Class { on, class } => (on, json!({ "act": "class", "to": class })),
        Act::Close { on, outcome, words } => {
            (on, json!({ "act": "close", "outcome": outcome, "words": words }))
        }
        Act::Refuse { on, reason, words } => {
            (on, json!({ "act": "refuse", "reason": reason, "words": words }))
        }
        Act::Reopen { on, words } => (on, json!({ "act": "reopen", "words": words })),
        Act::Propose { on, with, words, words_to_other } => {
            let body =
                json!({ "act": "propose", "with": with, "words": words, "words_to_other": words_to_other });
            (on, body)
        }
        Act::Clear { on, reason } => (on, json!({ "act": "clear", "reason": reason })),
    }
}
