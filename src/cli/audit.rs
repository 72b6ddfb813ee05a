//! `gonghui audit`: do the numbers agree with each other?

use super::out::{self, Failure};
use super::reach::{Reach, ReachArgs};
use super::{Done, block_on, progress};
use crate::app;
use crate::config::Environment;
use crate::moment::Clock;
use crate::staff::consistency::{self, Audit};

/// Recount from the rows what must hold between them
///
/// Seats taken against sign-ups, waiting lists, mailboxes, the chain of the staff trail. The service goes on
/// meanwhile. Needs a token with the role `auditor` or `admin`, or a stopped service.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui audit --config gonghui.toml")]
pub(super) struct Args {
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reach: ReachArgs,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let found = block_on(audit(&args.reach, environment))?;
    match args.json {
        true => out::print_json(&found)?,
        false => print(&found)?,
    }
    if found.broken.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

async fn audit(reach: &ReachArgs, environment: &Environment) -> Result<Audit, Failure> {
    let reached = reach.reach(environment).await?;
    let spinner = progress::spinner("recounting");
    let found = match reached {
        Reach::Running(client) => client.post_for("/store/audit").await,
        Reach::Stopped(store) => {
            let found = consistency::audit(&store, app::Machine::default().moment()).await;
            store.close().await.map_err(Failure::new)?;
            found.map_err(Failure::new)
        }
    };
    spinner.finish_and_clear();
    found
}

fn print(found: &Audit) -> Done {
    for broken in &found.broken {
        out::print(&format!("{}\n", out::tame(broken)))?;
    }
    match found.broken.len() {
        0 => out::say(format_args!(
            "consistent: {} activities, {} benefits, {} claims and {} books recounted",
            found.activities, found.benefits, found.claims, found.books
        )),
        count => out::say(format_args!("NOT CONSISTENT: {count} things do not hold")),
    }
    Ok(())
}
