//! `gonghui claim`: staff work on claims (理赔), through a running service.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::answer::{items, parse_id, read_json, text_of};
use super::client::{Client, ServerArgs};
use super::out;
use super::{Done, block_on};
use crate::config::Environment;

/// See what claims wait, look at one, and decide it
///
/// The service's token comes from the environment variable GONGHUI_TOKEN and needs the role `claim`; an auditor may
/// look.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui claim list --state submitted --server http://127.0.0.1:8080")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List claims: those of a state, of somebody, by last day, or drawn for a second look
    #[command(after_help = "Example:\n  gonghui claim list --state accepted --order amount")]
    List {
        /// Such as submitted, needs_more, accepted, reviewed, approved, pay_failed [default: submitted]
        #[arg(long)]
        state: Option<String>,
        /// age: oldest first; amount: largest first
        #[arg(long, value_parser = ["age", "amount"])]
        order: Option<String>,
        /// What somebody of the staff took
        #[arg(long, value_name = "NAME")]
        assignee: Option<String>,
        /// By the last day of what comes next
        #[arg(long)]
        due: bool,
        /// Drawn for a second look
        #[arg(long)]
        sampled: bool,
        /// Go on from where the page before ended
        #[arg(long, value_name = "NEXT")]
        after: Option<String>,
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Show a claim, masked: its papers, flags, timeline, and how it was counted
    #[command(after_help = "Example:\n  gonghui claim show L000012")]
    Show {
        id: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Show what a claim tells of its person; the member sees that it was looked at, and why
    #[command(after_help = "Example:\n  gonghui claim look L000012 --reason 核对结算单")]
    Look {
        id: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Write a page of a paper into a file, as it was sent
    #[command(
        after_help = "Example:\n  gonghui claim picture L000012 discharge 1 --reason 初审 --out discharge.jpg"
    )]
    Picture {
        id: String,
        slot: String,
        page: u16,
        #[arg(long)]
        reason: String,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Ask the claimant for papers, all at once
    ///
    /// Reasons: missing, unreadable, incomplete, no_seal, wrong_person, wrong_paper, wrong_stay, expired_paper,
    /// original_needed, other.
    #[command(
        after_help = "Example:\n  gonghui claim ask L000012 --paper discharge:missing --words 请补拍出院小结"
    )]
    Ask {
        id: String,
        /// A paper and a reason, as often as needed
        #[arg(long = "paper", value_name = "SLOT:REASON", value_parser = paper)]
        papers: Vec<(String, String)>,
        #[arg(long, default_value = "")]
        words: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Take a page as it is, or refuse it with a reason
    #[command(after_help = "Example:\n  gonghui claim page L000012 discharge 1 --refused unreadable")]
    Page {
        id: String,
        slot: String,
        page: u16,
        #[arg(long, value_name = "REASON")]
        refused: Option<String>,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Enter what the papers say, from a JSON file; the claim is counted anew
    #[command(after_help = "Example:\n  gonghui claim enter L000012 facts.json")]
    Enter {
        id: String,
        /// Such as {"self_borne": "3500.00", "fund_paid": "12000.00"}; `-` reads it from stdin
        file: PathBuf,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Take a claim that nobody has
    #[command(after_help = "Example:\n  gonghui claim take L000012")]
    Take {
        id: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Give it back to the queue; somebody else's with a reason
    #[command(after_help = "Example:\n  gonghui claim release L000012")]
    Release {
        id: String,
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Keep it back, its clock going on
    #[command(after_help = "Example:\n  gonghui claim hold L000012 --reason 等医院回函")]
    Hold {
        id: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Let a held claim go on
    #[command(after_help = "Example:\n  gonghui claim unhold L000012 --reason 医院已回函")]
    Unhold {
        id: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Accept it (受理): the promised time begins
    #[command(after_help = "Example:\n  gonghui claim accept L000012")]
    Accept {
        id: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Don't accept it (不予受理); the claimant reads the words
    #[command(
        after_help = "Example:\n  gonghui claim decline L000012 --reason not_insured --words 住院时未参保"
    )]
    Decline {
        id: String,
        #[arg(long)]
        reason: String,
        #[arg(long)]
        words: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Add to what the rules give, or take off
    #[command(
        after_help = "Example:\n  gonghui claim adjust L000012 --amount=-50.00 --reason 重复计入的床位费"
    )]
    Adjust {
        id: String,
        /// In yuan
        #[arg(long, allow_hyphen_values = true)]
        amount: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Approve one step; with a reason where something speaks against it
    #[command(after_help = "Example:\n  gonghui claim approve L000012")]
    Approve {
        id: String,
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Send it back to the first step
    #[command(after_help = "Example:\n  gonghui claim send-back L000012 --reason 结算单金额再核一次")]
    SendBack {
        id: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Reject it (不予给付); the claimant reads the words
    #[command(
        after_help = "Example:\n  gonghui claim reject L000012 --reason nothing_self_borne --words 结算单上个人承担为零"
    )]
    Reject {
        id: String,
        #[arg(long)]
        reason: String,
        #[arg(long)]
        words: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Take up again what was refused or has lapsed
    #[command(after_help = "Example:\n  gonghui claim reopen L000012 --reason 材料已当面补齐")]
    Reopen {
        id: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Say that what was asked for came by telephone or over the counter
    #[command(after_help = "Example:\n  gonghui claim supply L000012 --reason 电话核实出院日期")]
    Supply {
        id: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Say that the corrected account is right: the next batch pays it
    #[command(after_help = "Example:\n  gonghui claim confirm-account L000012")]
    ConfirmAccount {
        id: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Close the second look at a claim that was drawn; one that doesn't agree sends it back, or flags what is paid
    #[command(after_help = "Example:\n  gonghui claim look-again L000012 --reason 复查无误")]
    LookAgain {
        id: String,
        /// The papers say otherwise than what was approved
        #[arg(long)]
        differs: bool,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Claim back what was paid (追回); needs the role `payment`
    #[command(after_help = "Example:\n  gonghui claim reverse L000012 --reason 票据系伪造，款已追回")]
    Reverse {
        id: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
}

fn paper(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once(':').ok_or("write a paper and a reason, as discharge:missing")?;
    Ok((parts.0.to_owned(), parts.1.to_owned()))
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    match args.command {
        Command::List { state, order, assignee, due, sampled, after, json, server } => {
            let flag = |on: bool| on.then(|| "true".to_owned());
            let words = [
                ("state", state),
                ("order", order),
                ("assignee", assignee),
                ("due", flag(due)),
                ("sampled", flag(sampled)),
                ("after", after),
            ];
            list(&Client::new(&server, environment)?, &words, json)
        }
        Command::Show { id, server } => {
            let (client, id) = (Client::new(&server, environment)?, checked(&id)?);
            out::print_json(&block_on(async { client.get(&format!("/claims/{id}")).await })?)
        }
        Command::Look { id, reason, server } => {
            let (client, id) = (Client::new(&server, environment)?, checked(&id)?);
            let body = json!({ "reason": reason });
            out::print_json(&block_on(async {
                client.post(&format!("/claims/{id}/look"), Some(&body)).await
            })?)
        }
        Command::Picture { id, slot, page, reason, out, server } => {
            let client = Client::new(&server, environment)?;
            let path = format!("/claims/{}/pages/{}/{page}", checked(&id)?, checked(&slot)?);
            let words = [("reason", reason.as_str())];
            let bytes = block_on(async { client.fetch(&path, &words).await })?;
            std::fs::write(&out, bytes)?;
            out::say(format_args!("written to {}", out.display()));
            Ok(())
        }
        command => {
            let (server, id, body) = act(command)?;
            let client = Client::new(&server, environment)?;
            let path = format!("/claims/{}/acts", checked(&id)?);
            out::print_json(&block_on(async { client.post(&path, Some(&body)).await })?)
        }
    }
}

fn checked(id: &str) -> Result<String, out::Failure> {
    parse_id(id).map_err(out::Failure::Usage)
}

/// The claim, and what is done with it.
fn act(command: Command) -> Result<(ServerArgs, String, Value), out::Failure> {
    Ok(match command {
        Command::Ask { id, papers, words, server } => {
            let asked = papers.iter().map(|(slot, reason)| json!({ "slot": slot, "reason": reason }));
            let asked: Vec<Value> = asked.collect();
            (server, id, json!({ "act": "ask", "papers": asked, "words": words }))
        }
        Command::Page { id, slot, page, refused, server } => {
            (server, id, json!({ "act": "page", "slot": slot, "page": page, "refused": refused }))
        }
        Command::Enter { id, file, server } => {
            let mut facts = read_json(&file)?;
            let Some(fields) = facts.as_object_mut() else {
                return Err(out::Failure::new(format!("{} is no JSON object", file.display())));
            };
            fields.insert("act".to_owned(), json!("enter"));
            (server, id, facts)
        }
        Command::Take { id, server } => (server, id, json!({ "act": "take" })),
        Command::Release { id, reason, server } => {
            (server, id, json!({ "act": "release", "reason": reason }))
        }
        Command::Hold { id, reason, server } => (server, id, json!({ "act": "hold", "reason": reason })),
        Command::Unhold { id, reason, server } => (server, id, json!({ "act": "unhold", "reason": reason })),
        Command::Accept { id, server } => (server, id, json!({ "act": "accept" })),
        Command::Decline { id, reason, words, server } => {
            (server, id, json!({ "act": "decline", "reason": reason, "words": words }))
        }
        Command::Adjust { id, amount, reason, server } => {
            (server, id, json!({ "act": "adjust", "amount": amount, "reason": reason }))
        }
        Command::Approve { id, reason, server } => {
            (server, id, json!({ "act": "approve", "reason": reason }))
        }
        Command::SendBack { id, reason, server } => {
            (server, id, json!({ "act": "send_back", "reason": reason }))
        }
        Command::Reject { id, reason, words, server } => {
            (server, id, json!({ "act": "reject", "reason": reason, "words": words }))
        }
        Command::Reopen { id, reason, server } => (server, id, json!({ "act": "reopen", "reason": reason })),
        Command::Supply { id, reason, server } => (server, id, json!({ "act": "supply", "reason": reason })),
        Command::ConfirmAccount { id, server } => (server, id, json!({ "act": "confirm_account" })),
        Command::LookAgain { id, differs, reason, server } => {
            (server, id, json!({ "act": "look_again", "agrees": !differs, "reason": reason }))
        }
        Command::Reverse { id, reason, server } => {
            (server, id, json!({ "act": "reverse", "reason": reason }))
        }
        Command::List { server, .. }
        | Command::Show { server, .. }
        | Command::Look { server, .. }
        | Command::Picture { server, .. } => (server, String::new(), Value::Null),
    })
}

fn list(client: &Client, words: &[(&str, Option<String>)], json: bool) -> Done {
    let words: Vec<(&str, &str)> =
        words.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
    let text = block_on(async { client.look("/claims", &words, "application/json").await })?;
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
        let marks = [("held", "held"), ("instant", "instant"), ("sampled", "sampled")];
        let marks = marks.iter().filter(|(name, _)| row[*name] == true).map(|(_, mark)| *mark);
        let marks = marks.collect::<Vec<_>>().join(" ");
        [
            cell("id"),
            cell("status"),
            cell("name"),
            cell("programme"),
            cell("amount"),
            cell("flags"),
            marks,
            cell("assignee"),
            due,
        ]
    };
    let rows: Vec<[String; 9]> = items(&answer, "claims").map(line).collect();
    let head = ["ID", "STATUS", "NAME", "PROGRAMME", "AMOUNT", "FLAGS", "MARKS", "ASSIGNEE", "DUE"];
    out::print(&out::table(head, &rows))?;
    if let Some(next) = answer["next"].as_str() {
        out::say(format_args!("more: --after {next}"));
    }
    Ok(())
}
