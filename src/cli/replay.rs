//! `gonghui replay`: fixtures against a service, and what differs.

use std::path::PathBuf;
use std::sync::Arc;

use super::client::http_client;
use super::out::{self, Failure};
use super::reach::load;
use super::{Done, block_on};
use crate::app::Machine;
use crate::config::Environment;
use crate::replay::{self, Options, Remote, Report};

/// Replay stories and messages against a fresh service, or a running one
///
/// A story is a folder of what WeChat posts and what the service answers. Each meets a service of its own with
/// an empty store and a clock that only the story moves.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gonghui replay fixtures/stories\n  gonghui replay --bless fixtures/stories/sign_up/first\n  gonghui replay --url http://127.0.0.1:8080/wechat --config demo/gonghui.toml fixtures/messages"
)]
pub(super) struct Args {
    /// Stories, messages, or folders of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Post to the webhook of a running service; stories that need data are skipped
    #[arg(long, value_name = "URL", conflicts_with = "bless")]
    url: Option<String>,
    /// The running service's configuration, for account, token and key
    #[arg(long, value_name = "FILE", requires = "url", default_value = "gonghui.toml")]
    config: PathBuf,
    /// Rewrite the expectations to what is answered now
    #[arg(long)]
    bless: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let remote = match &args.url {
        Some(url) => Some(remote(url, &args, environment)?),
        None => None,
    };
    let options = Options { bless: args.bless, remote };
    let report = block_on(async { replay::run(&args.paths, &options).await.map_err(Failure::new) })?;
    match args.json {
        true => out::print_json(&report)?,
        false => out::print(&differences(&report))?,
    }
    for place in &report.skipped {
        out::say(format_args!("skipped {place}: needs data that a running service isn't given"));
    }
    for place in &report.blessed {
        out::say(format_args!("rewrote {place}"));
    }
    out::say(summary(&report));
    match () {
        () if !report.is_fine() => Err(Failure::Told),
        () if report.posts == 0 => Err(Failure::new("nothing was replayed")),
        () => Ok(()),
    }
}

/// A bare address is taken for the configured webhook's.
fn remote(url: &str, args: &Args, environment: &Environment) -> Result<Remote, Failure> {
    let config = load(&args.config, environment).map_err(|failure| match args.config.exists() {
        true => failure,
        false => failure.hint(
            "posts are signed as the running service expects: say where its configuration is, as with \
             `--config demo/gonghui.toml` for `gonghui demo --data demo`",
        ),
    })?;
    let bare = url.trim_end_matches('/');
    let url = match bare.split_once("://").is_some_and(|(_, rest)| !rest.contains('/')) {
        true => format!("{bare}{}", config.server.path),
        false => url.to_owned(),
    };
    Remote::new(http_client(&url)?, &url, config.account.keys, Arc::new(Machine::default()))
        .map_err(Failure::Usage)
}

fn differences(report: &Report) -> String {
    let indented = |what: &str| what.lines().map(|line| format!("  {line}\n")).collect::<String>();
    report
        .failures
        .iter()
        .map(|failure| format!("{}:\n{}\n", failure.place, indented(&failure.what)))
        .collect()
}

fn summary(report: &Report) -> String {
    let Report { stories, messages, posts, failures, .. } = report;
    let wrong = failures.len();
    format!("{stories} stories and {messages} messages, {posts} posts answered, {wrong} failures")
}
