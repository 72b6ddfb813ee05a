//! `gonghui claim`: staff work on claims (理赔), through a running service.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::answer::{AsJson, parse_id, read_json};
use super::worklist::{self, IntoFile, On, Page, Worklist, flag};
use super::{Done, out};
use crate::config::Environment;

/// See what claims wait, look at one, and decide it
///
/// The service's token comes from the environment variable GONGHUI_TOKEN and needs the role `claim`; an auditor may
/// look.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui claim list --state submitted --server http://127.0.0.1:8080")]
pub(super) struct Args {
    #[command(flatten)]
    shape: AsJson,
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
        /// Overdue, or with few working days left
        #[arg(long)]
        due_soon: bool,
        /// Drawn for a second look
        #[arg(long)]
        sampled: bool,
        #[command(flatten)]
        page: Page,
    },
    /// Show a claim, masked: its papers, flags, timeline, and how it was counted
    #[command(after_help = "Example:\n  gonghui claim show L000012")]
    Show {
        #[command(flatten)]
        on: On,
    },
    /// Show what a claim tells of its person; the member sees that it was looked at, and why
    #[command(after_help = "Example:\n  gonghui claim look L000012 --reason 核对结算单")]
    Look {
        #[command(flatten)]
        on: On,
        /// Why it is looked at: the member sees it
        #[arg(long)]
        reason: String,
    },
    /// Write a page of a paper into a file, as it was sent
    #[command(
        after_help = "Example:\n  gonghui claim picture L000012 discharge 1 --reason 初审 --out discharge.jpg"
    )]
    Picture {
        #[command(flatten)]
        on: On,
        /// The paper, as `show` tells it: discharge
        #[arg(value_parser = parse_id)]
        slot: String,
        /// Its page, from 1
        page: u16,
        #[command(flatten)]
        into: IntoFile,
    },
    #[command(flatten)]
    Act(Act),
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Ask the claimant for papers, all at once
    ///
    /// Reasons: missing, unreadable, incomplete, no_seal, wrong_person, wrong_paper, wrong_stay, expired_paper,
    /// original_needed, other.
    #[command(
        after_help = "Example:\n  gonghui claim ask L000012 --paper discharge:missing --words 请补拍出院小结"
    )]
    Ask {
        #[command(flatten)]
        on: On,
        /// A paper and a reason, as often as needed
        #[arg(long = "paper", value_name = "SLOT:REASON", value_parser = paper)]
        papers: Vec<(String, String)>,
        /// What else the claimant is to know; shown with the claim, not in the notice
        #[arg(long, default_value = "", hide_default_value = true)]
        words: String,
    },
    /// Take a page as it is, or refuse it with a reason
    #[command(after_help = "Example:\n  gonghui claim page L000012 discharge 1 --refused unreadable")]
    Page {
        #[command(flatten)]
        on: On,
        /// The paper, as `show` tells it: discharge
        slot: String,
        /// Its page, from 1
        page: u16,
        /// What is wrong with it; without it the page is taken as it is
        #[arg(long, value_name = "REASON")]
        refused: Option<String>,
    },
    /// Enter what the papers say, from a JSON file; the claim is counted anew
    #[command(after_help = "Example:\n  gonghui claim enter L000012 facts.json")]
    Enter {
        #[command(flatten)]
        on: On,
        /// Such as {"self_borne": "3500.00", "fund_paid": "12000.00"}; `-` reads it from stdin. From `self_borne` the
        /// `subsidy` of civil servants is off already: it is taken only from `total` less `fund_paid`
        file: PathBuf,
    },
    /// Take a claim that nobody has
    #[command(after_help = "Example:\n  gonghui claim take L000012")]
    Take {
        #[command(flatten)]
        on: On,
    },
    /// Give it back to the queue; somebody else's with a reason
    #[command(after_help = "Example:\n  gonghui claim release L000012")]
    Release {
        #[command(flatten)]
        on: On,
        /// Why, where somebody else has it: for the staff alone
        #[arg(long, default_value = "", hide_default_value = true)]
        reason: String,
    },
    /// Keep it back, its clock going on
    #[command(after_help = "Example:\n  gonghui claim hold L000012 --reason 等医院回函")]
    Hold {
        #[command(flatten)]
        on: On,
        /// Why: on the claim's timeline, for the staff alone
        #[arg(long)]
        reason: String,
    },
    /// Let a held claim go on
    #[command(after_help = "Example:\n  gonghui claim unhold L000012 --reason 医院已回函")]
    Unhold {
        #[command(flatten)]
        on: On,
        /// Why: on the claim's timeline, for the staff alone
        #[arg(long)]
        reason: String,
    },
    /// Accept it (受理): the promised time begins
    #[command(after_help = "Example:\n  gonghui claim accept L000012")]
    Accept {
        #[command(flatten)]
        on: On,
    },
    /// Don't accept it (不予受理); the claimant reads the words
    #[command(
        after_help = "Example:\n  gonghui claim decline L000012 --reason not_insured --words 住院时未参保"
    )]
    Decline {
        #[command(flatten)]
        on: On,
        /// not_insured, outside_cover, waiting_period, not_in_scheme, duplicate, other and the like
        #[arg(long)]
        reason: String,
        /// What the claimant reads with the claim
        #[arg(long)]
        words: String,
    },
    /// Add to what the rules give, or take off
    #[command(
        after_help = "Example:\n  gonghui claim adjust L000012 --amount=-50.00 --line 2 --reason 重复计入的床位费"
    )]
    Adjust {
        #[command(flatten)]
        on: On,
        /// In yuan
        #[arg(long, allow_hyphen_values = true)]
        amount: String,
        /// Which line of the calculation it is about, as `show` has them, the first being 1; without it the whole
        #[arg(long)]
        line: Option<u16>,
        /// Why: on the claim's timeline, for the staff alone
        #[arg(long)]
        reason: String,
    },
    /// Approve one step; with a reason where something speaks against it
    #[command(after_help = "Example:\n  gonghui claim approve L000012 --amount 2900.00")]
    Approve {
        #[command(flatten)]
        on: On,
        /// Why it is approved all the same: late, early, not whole, another's account; for the staff alone
        #[arg(long, default_value = "", hide_default_value = true)]
        reason: String,
        /// What it came to as you saw it, in yuan: no other sum is approved
        #[arg(long)]
        amount: Option<String>,
    },
    /// Send it back to the first step
    #[command(after_help = "Example:\n  gonghui claim send-back L000012 --reason 结算单金额再核一次")]
    SendBack {
        #[command(flatten)]
        on: On,
        /// What is to be looked at again: for the staff alone
        #[arg(long)]
        reason: String,
    },
    /// Reject it (不予给付); the claimant reads the words
    #[command(
        after_help = "Example:\n  gonghui claim reject L000012 --reason nothing_self_borne --words 结算单上个人承担为零"
    )]
    Reject {
        #[command(flatten)]
        on: On,
        /// not_in_scheme, nothing_self_borne, waiting_period, false_papers, other and the like
        #[arg(long)]
        reason: String,
        /// What the claimant reads with the claim
        #[arg(long)]
        words: String,
        /// For false_papers: the person is paid nothing of what happens in the year from now, unless an appeal is granted
        #[arg(long)]
        exclude: bool,
    },
    /// Take up again what was refused or has lapsed
    #[command(after_help = "Example:\n  gonghui claim reopen L000012 --reason 材料已当面补齐")]
    Reopen {
        #[command(flatten)]
        on: On,
        /// Why: on the claim's timeline, for the staff alone
        #[arg(long)]
        reason: String,
    },
    /// Say that what was asked for came by telephone or over the counter
    #[command(after_help = "Example:\n  gonghui claim supply L000012 --reason 电话核实出院日期")]
    Supply {
        #[command(flatten)]
        on: On,
        /// What came, and how: for the staff alone
        #[arg(long)]
        reason: String,
    },
    /// Say that the corrected account is right, or one that was told after a move to another WeChat account: the next batch
    /// pays it; with a reason where it isn't the insured's or was told after a move
    #[command(
        after_help = "Example:\n  gonghui claim confirm-account L000012 --ends 0019 --reason 电话核实是本人"
    )]
    ConfirmAccount {
        #[command(flatten)]
        on: On,
        /// Why it is right, where it isn't the insured person's, is the one that the bank refused, or was told after a move
        #[arg(long, default_value = "", hide_default_value = true)]
        reason: String,
        /// The last four digits as `claim show` has them; refused if another account was told since
        #[arg(long)]
        ends: Option<String>,
    },
    /// Close the second look at a claim that was drawn; one that doesn't agree sends it back, or flags what is paid
    #[command(after_help = "Example:\n  gonghui claim look-again L000012 --reason 复查无误")]
    LookAgain {
        #[command(flatten)]
        on: On,
        /// The papers say otherwise than what was approved
        #[arg(long)]
        differs: bool,
        /// What was found: for the staff alone
        #[arg(long)]
        reason: String,
    },
    /// Decide an appeal against false papers that were found after the payment; the claimant reads the words
    #[command(
        after_help = "Example:\n  gonghui claim decide-appeal L000012 --grant --words 医院更正了记录，票据属实"
    )]
    DecideAppeal {
        #[command(flatten)]
        on: On,
        /// The claimant is right: nobody is excluded, and nothing is to be paid back; without it what was found stands
        #[arg(long)]
        grant: bool,
        /// What the claimant reads with the claim
        #[arg(long)]
        words: String,
    },
    /// Enter an account for a claimant who can't, after the bank refused theirs; another person confirms it
    #[command(
        after_help = "Example:\n  gonghui claim account L000012 account.json --reason 参保人去世，继承人账户"
    )]
    Account {
        #[command(flatten)]
        on: On,
        /// Such as {"holder": "…", "number": "…", "bank": "…"}; `-` reads it from stdin
        file: PathBuf,
        /// Why: for the staff alone
        #[arg(long)]
        reason: String,
    },
    /// Say that what was paid came back (追回), all or a part; another person agrees; needs the role `payment`
    #[command(
        after_help = "Example:\n  gonghui claim reverse L000012 --amount 500.00 --reason 结算单更正，多付部分已退回"
    )]
    Reverse {
        #[command(flatten)]
        on: On,
        /// In yuan; without it all that is left
        #[arg(long)]
        amount: Option<String>,
        /// Why: on the claim's timeline, for the staff alone
        #[arg(long)]
        reason: String,
        /// What the claimant reads with the claim
        #[arg(long, default_value = "", hide_default_value = true)]
        words: String,
        /// The papers were false: once another agrees, the person is paid nothing of what happens in the year from then, unless
        /// an appeal is granted, and is to pay back all that is left; `--words` say why. It books no money: that does another
        /// `reverse` when the money is back
        #[arg(long, conflicts_with = "amount")]
        exclude: bool,
    },
    /// Give up what can't be paid to anybody and close the claim; another person agrees; needs the role `payment`
    #[command(after_help = "Example:\n  gonghui claim write-off L000012 --reason 多次联系不上，无继承人")]
    WriteOff {
        #[command(flatten)]
        on: On,
        /// Why: for the staff alone
        #[arg(long)]
        reason: String,
        /// What the claimant reads with the claim
        #[arg(long, default_value = "", hide_default_value = true)]
        words: String,
    },
    /// Agree to a recovery, false papers or a write-off that another person asked for, as `show` has it; needs the role `payment`
    #[command(after_help = "Example:\n  gonghui claim confirm-money L000012 --amount 500.00")]
    ConfirmMoney {
        #[command(flatten)]
        on: On,
        /// What was asked for, in yuan
        #[arg(long)]
        amount: String,
    },
    /// Ask for it no more; needs the role `payment`
    #[command(after_help = "Example:\n  gonghui claim dismiss-money L000012")]
    DismissMoney {
        #[command(flatten)]
        on: On,
    },
}

fn paper(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once(':').ok_or("write a paper and a reason, as discharge:missing")?;
    Ok((parts.0.to_owned(), parts.1.to_owned()))
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let claims = Worklist { kind: "claims", environment, json: args.shape.json };
    match args.command {
        Command::List { state, order, assignee, due, due_soon, sampled, page } => {
            let words = [
                ("state", state.as_deref()),
                ("order", order.as_deref()),
                ("assignee", assignee.as_deref()),
                ("due", flag(due)),
                ("due_soon", flag(due_soon)),
                ("sampled", flag(sampled)),
            ];
            let head = ["ID", "STATUS", "NAME", "PROGRAMME", "AMOUNT", "FLAGS", "MARKS", "ASSIGNEE", "DUE"];
            claims.list(&words, &page, head, |row| {
                let cell = |name| worklist::cell(row, name);
                let marks = worklist::marks(row, &["held", "instant", "sampled", "astray"]);
                let (due, assignee) = (worklist::due(row), cell("assignee"));
                let (id, status, name, programme) =
                    (cell("id"), cell("status"), cell("name"), cell("programme"));
                [id, status, name, programme, cell("amount"), cell("flags"), marks, assignee, due]
            })
        }
        Command::Show { on } => claims.show(&on),
        Command::Look { on, reason } => claims.look(&on, &reason),
        Command::Picture { on, slot, page, into } => {
            claims.picture(&on, &format!("pages/{slot}/{page}"), &into)
        }
        Command::Act(act) => {
            let (on, body) = told(act)?;
            claims.act(&on, &body)
        }
    }
}

/// Which claim, and what the service is told of it.
fn told(act: Act) -> Result<(On, Value), out::Failure> {
    Ok(match act {
        Act::Ask { on, papers, words } => {
            let asked = papers.iter().map(|(slot, reason)| json!({ "slot": slot, "reason": reason }));
            let asked: Vec<Value> = asked.collect();
            (on, json!({ "act": "ask", "papers": asked, "words": words }))
        }
        Act::Page { on, slot, page, refused } => {
            (on, json!({ "act": "page", "slot": slot, "page": page, "refused": refused }))
        }
        Act::Enter { on, file } => {
            let mut facts = read_json(&file)?;
            let Some(fields) = facts.as_object_mut() else {
                return Err(out::Failure::new(format!("{} is no JSON object", file.display())));
            };
            fields.insert("act".to_owned(), json!("enter"));
            (on, facts)
        }
        Act::Take { on } => (on, json!({ "act": "take" })),
        Act::Release { on, reason } => (on, json!({ "act": "release", "reason": reason })),
        Act::Hold { on, reason } => (on, json!({ "act": "hold", "reason": reason })),
        Act::Unhold { on, reason } => (on, json!({ "act": "unhold", "reason": reason })),
        Act::Accept { on } => (on, json!({ "act": "accept" })),
        Act::Decline { on, reason, words } => {
            (on, json!({ "act": "decline", "reason": reason, "words": words }))
        }
        Act::Adjust { on, amount, line, reason } => {
            (on, json!({ "act": "adjust", "amount": amount, "line": line, "reason": reason }))
        }
        Act::Approve { on, reason, amount } => {
            (on, json!({ "act": "approve", "reason": reason, "amount": amount }))
        }
        Act::SendBack { on, reason } => (on, json!({ "act": "send_back", "reason": reason })),
        Act::Reject { on, reason, words, exclude } => {
            (on, json!({ "act": "reject", "reason": reason, "words": words, "exclude": exclude }))
        }
        Act::Reopen { on, reason } => (on, json!({ "act": "reopen", "reason": reason })),
        Act::Supply { on, reason } => (on, json!({ "act": "supply", "reason": reason })),
        Act::ConfirmAccount { on, reason, ends } => {
            (on, json!({ "act": "confirm_account", "reason": reason, "ends": ends }))
        }
        Act::LookAgain { on, differs, reason } => {
            (on, json!({ "act": "look_again", "agrees": !differs, "reason": reason }))
        }
        Act::DecideAppeal { on, grant, words } => {
            (on, json!({ "act": "decide_appeal", "grants": grant, "words": words }))
        }
        Act::Account { on, file, reason } => {
            (on, json!({ "act": "account", "account": read_json(&file)?, "reason": reason }))
        }
        Act::Reverse { on, amount, reason, words, exclude } => {
            let mut body = json!({ "act": "reverse", "amount": amount, "reason": reason, "words": words });
            body["exclude"] = json!(exclude);
            (on, body)
        }
        Act::WriteOff { on, reason, words } => {
            (on, json!({ "act": "write_off", "reason": reason, "words": words }))
        }
        Act::ConfirmMoney { on, amount } => (on, json!({ "act": "confirm_money", "amount": amount })),
        Act::DismissMoney { on } => (on, json!({ "act": "dismiss_money" })),
    })
}
