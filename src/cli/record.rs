//! `gonghui record`: what was tapped in the demo's chat page becomes a story.

use std::path::PathBuf;

use super::client::http_client;
use super::out::{self, Failure};
use super::{Done, block_on};
use crate::replay::record::{self, Recorded, Tape, Wanted};

/// Make a story of what was just tapped in the demo's chat page
///
/// Telephone, identity and bank card numbers, names and addresses that were typed are replaced by fictitious ones,
/// followers by those of the fixtures. What staff did meanwhile is not recorded. Look at the story before you share it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  gonghui record sign_up/by_mei --followers 小梅 --about \"小梅 signs up and gives back\""
)]
pub(super) struct Args {
    /// The story's name; its folder is made
    #[arg(value_parser = parse_name)]
    name: String,
    /// The running demo
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    from: String,
    /// Only what these did, by their names in the chat page
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    followers: Vec<String>,
    /// What the story shows, in a sentence
    #[arg(long, value_name = "TEXT", default_value = "Recorded in the chat page.")]
    about: String,
    /// Where stories are
    #[arg(short, long = "out", value_name = "DIR", default_value = "fixtures/stories")]
    out: PathBuf,
}

fn parse_name(name: &str) -> Result<String, String> {
    let fits = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    match name.split('/').all(fits) {
        true => Ok(name.to_owned()),
        false => Err("must be like sign_up/by_mei: a-z, 0-9 and _".to_owned()),
    }
}

pub(super) fn run(args: Args) -> Done {
    let folder = args.out.join(&args.name);
    let wanted = Wanted { about: args.about, followers: args.followers, folder: folder.clone() };
    let recorded = block_on(async {
        let tape = tape(&args.from).await?;
        record::record(&tape, &wanted).await.map_err(Failure::new)
    })?;
    out::print(&format!("{}\n", folder.display()))?;
    tell(&recorded)
}

async fn tape(from: &str) -> Result<Tape, Failure> {
    let url = format!("{}/simulator/story", from.trim_end_matches('/'));
    let unreachable = |error: reqwest::Error| {
        Failure::new(format!("can't get the chats from {from}: {error}"))
            .hint("is `gonghui demo` running there?")
    };
    let response = http_client(&url)?.get(&url).send().await.map_err(unreachable)?;
    response.error_for_status().map_err(unreachable)?.json().await.map_err(unreachable)
}

fn tell(recorded: &Recorded) -> Done {
    let Recorded { steps, masked, differs, report } = recorded;
    for file in differs {
        out::say(format_args!("{file}: the replay answers otherwise than the demo did; its answer is kept"));
    }
    for failure in &report.failures {
        out::say(format_args!("{}:\n{}", failure.place, failure.what));
    }
    out::say(format_args!("{steps} steps recorded, {masked} personal values replaced"));
    match report.is_fine() {
        true => {
            out::say("the story replays");
            Ok(())
        }
        false => Err(Failure::new("the story does not replay")
            .hint("the demo had sign-ups or staff acts that the story lacks; mend story.toml")),
    }
}
