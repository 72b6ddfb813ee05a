//! `gonghui trail`: what staff did and looked at, through a running service.

use serde_json::Value;

use super::answer::{items, text_of};
use super::client::{Client, ServerArgs};
use super::out;
use super::{Done, block_on};
use crate::config::Environment;

/// Show what staff did and looked at, the latest first
///
/// The service's token comes from the environment variable GONGHUI_TOKEN and needs the role `auditor` or `admin`. Reading the
/// trail is on the trail, too.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui trail --subject L000012 --server http://127.0.0.1:8080")]
pub(super) struct Args {
    /// Of one of the staff; `service` is what the service did by itself
    #[arg(long, default_value = "", hide_default_value = true)]
    who: String,
    /// Of one kind of act, or of those that begin so: claim.
    #[arg(long, default_value = "", hide_default_value = true)]
    act: String,
    /// Of what was done to this, or to what begins so: L000012
    #[arg(long, default_value = "", hide_default_value = true)]
    subject: String,
    /// Go on behind this entry: `next` of the page before
    #[arg(long, value_name = "NUMBER")]
    after: Option<u64>,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Print the service's answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let client = Client::new(&args.server, environment)?;
    let (limit, after) = (args.limit.to_string(), args.after.map(|after| after.to_string()));
    let mut words = vec![("limit", limit.as_str())];
    let asked = [("who", args.who.as_str()), ("act", &args.act), ("subject", &args.subject)];
    words.extend(asked.into_iter().filter(|(_, word)| !word.is_empty()));
    words.extend(after.as_deref().map(|after| ("after", after)));
    let text = block_on(async { client.look("/trail", &words, "application/json").await })?;
    let answer: Value = serde_json::from_str(&text).map_err(out::Failure::new)?;
    if args.json {
        return out::print_json(&answer);
    }
    let row = |entry: &Value| {
        let done = if entry["done"] == true { "" } else { "refused" };
        let cell = |name: &str| text_of(&entry[name]);
        [
            cell("number"),
            cell("at"),
            cell("who"),
            cell("act"),
            cell("subject"),
            done.to_owned(),
            cell("detail"),
        ]
    };
    let rows: Vec<[String; 7]> = items(&answer, "entries").map(row).collect();
    out::print(&out::table(["NUMBER", "AT", "WHO", "ACT", "SUBJECT", "", "DETAIL"], &rows))?;
    if let Some(next) = answer["next"].as_u64() {
        out::say(format_args!("there is more: --after {next}"));
    }
    Ok(())
}
