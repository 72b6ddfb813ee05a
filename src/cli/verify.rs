//! `gonghui verify`: is every row there, and as it was written?

use super::out::{self, Failure};
use super::reach::{Reach, ReachArgs};
use super::{Done, block_on, progress};
use crate::config::Environment;
use crate::server::api::Verification;

/// Read every row and compare with what was written
///
/// Finds damage that the disk or the engine did not notice. The service goes on meanwhile. Needs a token with the
/// role `auditor` or `admin`, or a stopped service.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui verify --server http://127.0.0.1:8080")]
pub(super) struct Args {
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reach: ReachArgs,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let found = block_on(verify(&args.reach, environment))?;
    match args.json {
        true => out::print_json(&found)?,
        false => print(&found)?,
    }
    if found.sound { Ok(()) } else { Err(Failure::Told) }
}

async fn verify(reach: &ReachArgs, environment: &Environment) -> Result<Verification, Failure> {
    let reached = reach.reach(environment).await?;
    let spinner = progress::spinner("verifying");
    let found = match reached {
        Reach::Running(client) => client.post_for("/store/verify").await,
        Reach::Stopped(store) => {
            let report = store.verify().await;
            store.close().await.map_err(Failure::new)?;
            report.map(|report| Verification::from(&report)).map_err(Failure::new)
        }
    };
    spinner.finish_and_clear();
    found
}

fn print(found: &Verification) -> Done {
    let rows: Vec<[String; 2]> = found.rows.iter().map(|t| [t.table.clone(), t.rows.to_string()]).collect();
    out::print(&out::table(["TABLE", "ROWS"], &rows))?;
    for problem in &found.problems {
        out::print(&format!("{}\n", out::tame(problem)))?;
    }
    match found.problems_total {
        0 => out::say(format_args!("sound as of {} (commit {})", found.at, found.commit)),
        total => out::say(format_args!("NOT SOUND: {total} problems; stop the service and restore a backup")),
    }
    Ok(())
}
