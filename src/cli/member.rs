//! `gonghui member`: staff work on members (会员), through a running service.

mod import;

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::answer::{AsJson, text_of};
use super::client::{Client, ServerArgs};
use super::out;
use super::{Done, block_on};
use crate::config::Environment;

/// Bring in the federation's list of members, look at them, and decide what followers ask for
///
/// The service's token comes from the environment variable GONGHUI_TOKEN and needs the role `member`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui member import members.csv --server http://127.0.0.1:8080")]
pub(super) struct Args {
    #[command(flatten)]
    shape: AsJson,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Enter a list of members: CSV (UTF-8 or GBK) or XLSX, its first row naming the columns
    ///
    /// Columns: 姓名, 身份证号, 工会 (these three must be there), 手机号, 区县, 会籍 (正式, 周转, 保留), 状态 (在籍, 转出,
    /// 停用), 卡号, 银行, 卡状态 (正常, 挂失, 过期), 卡有效期 (its last day, 2027-12-31 or 2027/12/31). Bad rows are told by line and left
    /// out. Run again after it broke off, it goes on where it was; a file that was entered whole is entered again, so an
    /// earlier list can come back.
    #[command(after_help = "Example:\n  gonghui member import members.xlsx")]
    Import {
        /// The list: .csv or .xlsx
        file: PathBuf,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Enter one member from a JSON file; also one who was erased and comes back
    #[command(after_help = "Example:\n  gonghui member add member.json")]
    Add {
        /// The member; `-` reads it from stdin
        file: PathBuf,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Show a member, masked
    #[command(after_help = "Example:\n  gonghui member show M000001")]
    Show {
        /// The member's number, such as M000001
        id: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Show what names a member, in full; the member sees that it was looked at, and why
    #[command(after_help = "Example:\n  gonghui member look M000001 --reason 核对领奖人")]
    Look {
        /// The member's number, such as M000001
        id: String,
        /// Why: the member sees it
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Find a member by identity number, read from stdin so that no shell keeps it
    #[command(after_help = "Example:\n  gonghui member find < number.txt")]
    Find {
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Part a member from their account; what keeps them from another one for 30 days ends, too
    #[command(
        after_help = "Examples:\n  gonghui member unbind M000001 --reason 手机丢失，本人到窗口办理\n  \
        gonghui member unbind M000001 --back --reason 本人没有换过微信"
    )]
    Unbind {
        /// The member's number, such as M000001
        id: String,
        /// Why: for the trail
        #[arg(long)]
        reason: String,
        /// Somebody else had moved the member there: for 30 days only the account from which they were moved takes
        /// the member again, by 会员认证, and what the other one applied for is taken back
        #[arg(long)]
        back: bool,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Change the state of a member's card
    #[command(after_help = "Example:\n  gonghui member card M000001 lost")]
    Card {
        /// The member's number, such as M000001
        id: String,
        /// What the card is now
        state: CardState,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Change a member's state
    #[command(after_help = "Example:\n  gonghui member state M000001 left --reason 转到外地")]
    State {
        /// The member's number, such as M000001
        id: String,
        /// What the member is now
        state: State,
        /// Why: for the trail
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// List what followers ask for and nobody has decided
    #[command(after_help = "Example:\n  gonghui member applications")]
    Applications {
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Show who asks, in full, and the numbers of their photos
    #[command(after_help = "Example:\n  gonghui member application 3 --reason 核对名册")]
    Application {
        /// The application's number, as `applications` shows it
        id: u64,
        /// Why: for the trail
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Grant an application; the follower is told
    #[command(after_help = "Example:\n  gonghui member approve 3 --union 样例公交公司工会 --district 鄞州")]
    Approve {
        /// The application's number, as `applications` shows it
        id: u64,
        /// Their union as the federation writes it, if the applicant wrote it otherwise
        #[arg(long, default_value = "", hide_default_value = true)]
        union: String,
        /// The district of their union
        #[arg(long, default_value = "", hide_default_value = true)]
        district: String,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Refuse an application; the follower reads the reason
    #[command(after_help = "Example:\n  gonghui member refuse 3 --reason 证明上没有公章")]
    Refuse {
        /// The application's number, as `applications` shows it
        id: u64,
        /// Why: the follower reads it
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        server: ServerArgs,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum CardState {
    Active,
    Lost,
    Expired,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Active,
    Left,
    Suspended,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let json = args.shape.json;
    match args.command {
        Command::Import { file, server } => import::import(&Client::new(&server, environment)?, &file, json),
        Command::Applications { server } => applications(&Client::new(&server, environment)?, json),
        command => {
            let (server, path, body) = call(command)?;
            let client = Client::new(&server, environment)?;
            let answer = block_on(async {
                match &body {
                    Some(body) => client.post(&path, Some(body)).await,
                    None => client.get(&path).await,
                }
            })?;
            out::print_json(&answer)
        }
    }
}

/// The calls whose answer is shown as it is.
fn call(command: Command) -> Result<(ServerArgs, String, Option<Value>), out::Failure> {
    let word = |state: &dyn std::fmt::Debug| format!("{state:?}").to_lowercase();
    Ok(match command {
        Command::Add { file, server } => {
            (server, "/members".to_owned(), Some(super::answer::read_json(&file)?))
        }
        Command::Show { id, server } => (server, format!("/members/{id}"), None),
        Command::Look { id, reason, server } => {
            (server, format!("/members/{id}/look"), Some(json!({ "reason": reason })))
        }
        Command::Find { server } => {
            let identity = std::io::read_to_string(std::io::stdin())?;
            (server, "/members/find".to_owned(), Some(json!({ "identity": identity.trim() })))
        }
        Command::Unbind { id, reason, back, server } => {
            (server, format!("/members/{id}/unbind"), Some(json!({ "reason": reason, "back": back })))
        }
        Command::Card { id, state, server } => {
            (server, format!("/members/{id}/card"), Some(json!({ "state": word(&state) })))
        }
        Command::State { id, state, reason, server } => {
            let body = json!({ "state": word(&state), "reason": reason });
            (server, format!("/members/{id}/state"), Some(body))
        }
        Command::Application { id, reason, server } => {
            (server, format!("/members/applications/{id}/look"), Some(json!({ "reason": reason })))
        }
        Command::Approve { id, union, district, server } => {
            let seen = json!({ "union": union, "district": district });
            (server, format!("/members/applications/{id}/approve"), Some(seen))
        }
        Command::Refuse { id, reason, server } => {
            (server, format!("/members/applications/{id}/refuse"), Some(json!({ "reason": reason })))
        }
        Command::Import { server, .. } | Command::Applications { server } => (server, String::new(), None),
    })
}

fn applications(client: &Client, as_json: bool) -> Done {
    let all = block_on(async { client.all("/members/applications", "applications").await })?;
    if as_json {
        return out::print_json(&json!({ "applications": all }));
    }
    let line = |row: &Value| {
        let cell = |name: &str| text_of(&row[name]);
        [cell("id"), cell("wish"), cell("union"), cell("pictures"), cell("created")]
    };
    let rows: Vec<[String; 5]> = all.iter().map(line).collect();
    out::print(&out::table(["ID", "WISH", "UNION", "PHOTOS", "CREATED"], &rows))
}
