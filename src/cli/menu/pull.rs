//! `gonghui menu pull`: from the account to the files.

use std::fs;
use std::path::{Path, PathBuf};

use super::diff::drawn;
use super::files::{self, Menus};
use super::plan::changes_of_files;
use super::previous::{self, as_files};
use super::push::ask;
use crate::cli::out::{self, Failure};
use crate::cli::reach::load;
use crate::cli::wechat::{client, failed};
use crate::cli::{ConfigArgs, Done, block_on};
use crate::config::{Config, Environment};
use crate::wechat::api::AccountMenu;
use crate::wechat::menu::Menu;

/// Write the account's menus into the files
///
/// As WeChat gives them: default.json for everybody's menu, one file for each personalised one, which keeps the name
/// of the file with the same condition. Shows the changes and asks first; the files that were there are kept beside.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gonghui menu pull --config gonghui.toml\n  gonghui menu pull --to menus.account"
)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// A folder to write to [default: the configuration's menus.path]
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(args: &Args, as_json: bool, environment: &Environment) -> Done {
    let config = load(&args.config.path, environment)?;
    let folder = args.to.as_ref().or(config.menus.path.as_ref()).ok_or_else(|| {
        Failure::Usage("the configuration's menus are built in: give a folder by --to".to_owned())
    })?;
    let account = block_on(fetch(&config))?;
    let there = if folder.join("default.json").exists() { Some(files::read_folder(folder)?) } else { None };
    let nothing = Menus { default: Menu::default(), conditional: Vec::new() };
    let files = there.as_ref().unwrap_or(&nothing);
    let pulled = as_files(&account, files);
    let changes = changes_of_files(files, &pulled);
    match as_json {
        true => out::print_json(&changes)?,
        false => out::print(&drawn(&changes))?,
    }
    if changes.is_empty() {
        out::say("the files equal the account's menus");
        return Ok(());
    }
    if !args.yes {
        ask("change the files so?")?;
    }
    if there.is_some() {
        let kept = previous::folder(&config)?;
        copy(files, folder, &kept)?;
        out::say(format_args!("kept the files that were there in {}", kept.display()));
    }
    files::write(&pulled, folder)?;
    remove_others(folder, files, &pulled)?;
    out::say(format_args!("pulled into {}", folder.display()));
    Ok(())
}

async fn fetch(config: &Config) -> Result<AccountMenu, Failure> {
    let menus = client(config)?.menus().await.map_err(|failure| failed(&failure))?;
    menus.ok_or_else(|| {
        Failure::new("the account has no menu that was made by the API")
            .hint("one made in WeChat's console can't be pulled")
    })
}

/// As they are, to the byte.
fn copy(files: &Menus, from: &Path, to: &Path) -> Done {
    let names = files.conditional.iter().map(|(name, _)| name.as_str()).chain(["default"]);
    for name in names.map(|name| format!("{name}.json")) {
        fs::copy(from.join(&name), to.join(&name))?;
    }
    Ok(())
}

/// Files of menus that the account doesn't have.
fn remove_others(folder: &Path, old: &Menus, new: &Menus) -> Done {
    let is_kept = |name: &str| new.conditional.iter().any(|(kept, _)| kept == name);
    for (name, _) in old.conditional.iter().filter(|(name, _)| !is_kept(name)) {
        fs::remove_file(folder.join(format!("{name}.json")))?;
    }
    Ok(())
}
