//! `gonghui menu diff` and `push`: from the files to the account.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use serde_json::json;

use super::diff::drawn;
use super::files::{self, Menus};
use super::plan::{Plan, plan};
use super::previous;
use crate::cli::out::{self, Failure};
use crate::cli::reach::load;
use crate::cli::wechat::{client, failed};
use crate::cli::{ConfigArgs, Done, block_on};
use crate::config::{Config, Environment};
use crate::wechat::api::{AccountMenu, Client};

/// Show what pushing the files would change at the account
///
/// `+` comes, `-` goes, `~` changes. Nothing is changed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui menu diff --config gonghui.toml")]
pub(super) struct DiffArgs {
    #[command(flatten)]
    files: FileArgs,
}

/// Make the account's menus equal the files
///
/// Shows the changes and asks first. What the account had is kept in a folder beside the files, to go back to by
/// --from. Personalised menus of the account that no file holds are deleted. Followers see the new menu within five
/// minutes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gonghui menu push --config gonghui.toml\n  gonghui menu push --from menus.previous/2026-11-23T09-30-00"
)]
pub(super) struct Args {
    #[command(flatten)]
    files: FileArgs,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, clap::Args)]
struct FileArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// A folder with menus alone [default: the configuration's menus]
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
}

/// The two sides, and how one becomes the other.
struct Sides {
    config: Config,
    client: Client,
    account: Option<AccountMenu>,
    files: Menus,
    plan: Plan,
}

pub(super) fn diff(args: &DiffArgs, as_json: bool, environment: &Environment) -> Done {
    block_on(async {
        let Sides { plan, .. } = sides(&args.files, environment).await?;
        show(&plan, as_json)
    })
}

pub(super) fn run(args: &Args, as_json: bool, environment: &Environment) -> Done {
    block_on(async {
        let sides = sides(&args.files, environment).await?;
        show(&sides.plan, as_json)?;
        if sides.plan.is_empty() {
            return Ok(());
        }
        if !args.yes {
            ask("push this to the account?")?;
        }
        keep(&sides).await?;
        push(&sides.client, &sides.plan).await?;
        out::say("pushed");
        Ok(())
    })
}

async fn sides(args: &FileArgs, environment: &Environment) -> Result<Sides, Failure> {
    let config = load(&args.config.path, environment)?;
    let files = files::read(&config, args.from.as_deref())?;
    let client = client(&config)?;
    let account = client.menus().await.map_err(|failure| failed(&failure))?;
    let plan = plan(account.as_ref(), &files);
    Ok(Sides { config, client, account, files, plan })
}

fn show(plan: &Plan, as_json: bool) -> Done {
    if as_json {
        return out::print_json(&json!(plan.changes));
    }
    if plan.is_empty() {
        out::say("the account's menus equal the files");
    }
    out::print(&drawn(&plan.changes))
}

/// Goes on only with a yes.
pub(super) fn ask(question: &str) -> Done {
    let mut answer = String::new();
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage("nobody can be asked here: give --yes".to_owned()));
    }
    let _ = write!(std::io::stderr(), "{question} [y/N] "); // a closed stderr asks in vain, and nothing is done
    std::io::stdin().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new("nothing was changed")),
    }
}

async fn keep(sides: &Sides) -> Done {
    let Sides { config, client, account, files, .. } = sides;
    if let Some(account) = account {
        let folder = previous::folder(config)?;
        previous::keep(account, files, &folder)?;
        out::say(format_args!("kept what the account had: go back by --from {}", folder.display()));
        return Ok(());
    }
    let made_in_console = client.current_menu().await.map_err(|failure| failed(&failure))?;
    if made_in_console["selfmenu_info"]["button"].as_array().is_some_and(|buttons| !buttons.is_empty()) {
        let path = previous::keep_console_menu(&made_in_console, &previous::folder(config)?)?;
        out::say(format_args!("the menu made in WeChat's console is written to {}", path.display()));
    }
    Ok(())
}

/// Everybody's menu first: without one, WeChat takes no personalised ones.
async fn push(client: &Client, plan: &Plan) -> Done {
    let unfinished = |failure: &_| {
        out::say("not all was pushed: `gonghui menu diff` shows what is left, and pushing again goes on");
        failed(failure)
    };
    if let Some(menu) = &plan.create {
        client.create_menu(menu).await.map_err(|failure| failed(&failure))?;
    }
    for (_, menu) in &plan.add {
        client.add_conditional_menu(menu).await.map_err(|failure| unfinished(&failure))?;
    }
    for id in &plan.delete {
        client.delete_conditional_menu(id).await.map_err(|failure| unfinished(&failure))?;
    }
    Ok(())
}
