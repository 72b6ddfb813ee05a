//! `gonghui menu`: the account's menu as files.

mod diff;
mod files;
mod plan;
mod previous;
mod pull;
mod push;

use std::path::PathBuf;

use clap::Subcommand;

use super::Done;
use super::answer::AsJson;
use super::check::content_findings;
use super::findings::tell;
use super::out::{self, Failure, tame};
use crate::config::Environment;
use crate::content::{Content, Severity, Source};
use crate::dispatch::load_content;
use crate::wechat::menu::{Button, Menu};

/// Look at menus, keywords and texts, and bring the account's menu and the files together
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui menu show")]
pub(super) struct Args {
    #[command(flatten)]
    shape: AsJson,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the files against the service and against WeChat's limits
    #[command(after_help = "Example:\n  gonghui menu check menus")]
    Check {
        #[command(flatten)]
        folder: Folder,
    },
    /// Draw the menu as followers see it
    #[command(after_help = "Example:\n  gonghui menu show menus")]
    Show {
        #[command(flatten)]
        folder: Folder,
    },
    Diff(push::DiffArgs),
    Push(push::Args),
    Pull(pull::Args),
}

#[derive(Debug, clap::Args)]
struct Folder {
    /// The folder with the files [default: those built in]
    path: Option<PathBuf>,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let as_json = args.shape.json;
    match args.command {
        Command::Check { folder } => {
            let subject =
                folder.path.as_ref().map_or("the built-in files".to_owned(), |p| p.display().to_string());
            tell(&content_findings(&folder.source()), &subject, as_json)
        }
        Command::Show { folder } => show(&folder, as_json),
        Command::Diff(args) => push::diff(&args, as_json, environment),
        Command::Push(args) => push::run(&args, as_json, environment),
        Command::Pull(args) => pull::run(&args, as_json, environment),
    }
}

impl Folder {
    fn source(&self) -> Source {
        self.path.clone().map_or(Source::Embedded, Source::Folder)
    }
}

fn show(folder: &Folder, as_json: bool) -> Done {
    let (content, _) = load_content(&folder.source()).map_err(|problems| {
        let count = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        Failure::new(format!("the files have {count} problems")).hint("`gonghui menu check` tells them")
    })?;
    if as_json {
        return out::print_json(&content.menu);
    }
    out::print(&drawn(&content))
}

fn drawn(content: &Content) -> String {
    let conditional =
        content.conditional.iter().map(|(name, menu)| format!("\n{}\n{}", tame(name), tree(menu)));
    let all: Vec<String> = std::iter::once(tree(&content.menu)).chain(conditional).collect();
    all.concat()
}

fn tree(menu: &Menu) -> String {
    let mut lines = String::new();
    for button in &menu.button {
        lines.push_str(&format!("{}\n", line(button)));
        for sub in &button.sub_button {
            lines.push_str(&format!("  {}\n", line(sub)));
        }
    }
    lines
}

fn line(button: &Button) -> String {
    let leads_to = button.key.as_deref().or(button.pagepath.as_deref()).or(button.url.as_deref());
    match leads_to {
        Some(target) => format!("{}  {}", tame(&button.name), tame(target)),
        None => tame(&button.name),
    }
}
