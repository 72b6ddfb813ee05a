//! `gonghui follower`: staff work on followers (粉丝), through a running service.

use std::time::Duration;

use clap::Subcommand;
use serde_json::{Value, json};

use super::answer::AsJson;
use super::client::{Client, ServerArgs};
use super::out::{self, Failure};
use super::{Done, block_on, progress};
use crate::config::Environment;
use crate::staff::sync::SyncView;

const ASK_EVERY: Duration = Duration::from_millis(300);

/// Pull the account's followers, and tag them
///
/// The service's token comes from the environment variable GONGHUI_TOKEN.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui follower sync --server http://127.0.0.1:8080")]
pub(super) struct Args {
    #[command(flatten)]
    shape: AsJson,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Pull everybody who follows from WeChat, page by page
    ///
    /// The service does it; stopping this command only stops watching. Asked again, it goes on from where it was.
    #[command(after_help = "Example:\n  gonghui follower sync --no-details")]
    Sync {
        /// Leave out tags and the time of following, which take a call for every hundred followers
        #[arg(long)]
        no_details: bool,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Put tags of the account on a follower, or take them off
    ///
    /// The service tells WeChat in the background. Tags go by WeChat's numbers.
    #[command(after_help = "Example:\n  gonghui follower tag oMei0001 --add 101 --remove 102")]
    Tag {
        /// Whose tags
        openid: String,
        /// A tag to put on; as often as needed
        #[arg(long)]
        add: Vec<u32>,
        /// A tag to take off; as often as needed
        #[arg(long)]
        remove: Vec<u32>,
        #[command(flatten)]
        server: ServerArgs,
    },
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let as_json = args.shape.json;
    match args.command {
        Command::Sync { no_details, server } => pull(no_details, as_json, &server, environment),
        Command::Tag { openid, add, remove, server } => {
            let client = Client::new(&server, environment)?;
            let (path, body) = (format!("/followers/{openid}/tags"), json!({"add": add, "remove": remove}));
            let asked = block_on(async { client.post(&path, Some(&body)).await })?;
            if as_json {
                return out::print_json(&asked);
            }
            out::print("asked for; WeChat is told in the background\n")
        }
    }
}

fn pull(no_details: bool, json: bool, server: &ServerArgs, environment: &Environment) -> Done {
    let client = Client::new(server, environment)?;
    let ended = block_on(sync(&client, !no_details))?;
    if json {
        return out::print_json(&ended);
    }
    out::print(&format!("{} followers, {} of them new\n", ended.done, ended.new))
}

async fn sync(client: &Client, details: bool) -> Result<SyncView, Failure> {
    let mut sync = view(client.post("/followers/sync", Some(&json!({ "details": details }))).await?)?;
    let bar = progress::rows("followers");
    while sync.state == "running" {
        bar.set_length(sync.total);
        bar.set_position(sync.done);
        tokio::time::sleep(ASK_EVERY).await;
        sync = view(client.get("/followers/sync").await?)?;
    }
    bar.finish_and_clear();
    match sync.why {
        Some(why) => Err(Failure::new(why).hint("run it again to go on from where it was")),
        None => Ok(sync),
    }
}

fn view(answer: Value) -> Result<SyncView, Failure> {
    serde_json::from_value(answer)
        .map_err(|error| Failure::new(format!("the service answered oddly: {error}")))
}
