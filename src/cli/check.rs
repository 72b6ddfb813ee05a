//! `gonghui check`: everything that a deployment decides is looked at, and nothing is started.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::out::{self, Failure};
use super::{ConfigArgs, Done};
use crate::config::{Config, EngineKind, Environment, in_columns};

/// Check the configuration without starting anything
///
/// Every problem is told at once: where it is, what it is about, and what to do.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui check --config gonghui.toml")]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// Print the problems as a JSON list
    #[arg(long)]
    json: bool,
}

/// What was found wrong, whichever room found it.
struct Finding {
    place: String,
    what: String,
    message: String,
    warning: bool,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let findings = look(&args.config.path, environment);
    match args.json {
        true => out::print_json(&findings.iter().map(Finding::to_json).collect::<Vec<_>>())?,
        false => print(&findings)?,
    }
    match findings.iter().filter(|finding| !finding.warning).count() {
        0 => out::say(format_args!("{}: nothing is wrong", args.config.path.display())),
        1 => out::say("1 problem"),
        problems => out::say(format_args!("{problems} problems")),
    }
    if findings.iter().all(|finding| finding.warning) { Ok(()) } else { Err(Failure::Told) }
}

fn print(findings: &[Finding]) -> Done {
    if findings.is_empty() {
        return Ok(());
    }
    let rows: Vec<[String; 3]> = findings.iter().map(Finding::to_row).collect();
    out::print(&format!("{}\n", in_columns(&rows)))
}

fn look(path: &Path, environment: &Environment) -> Vec<Finding> {
    let config = match Config::load(path, environment) {
        Ok(config) => config,
        Err(problems) => {
            let finding = |problem: &crate::config::Problem| Finding {
                place: problem.place.to_string(),
                what: problem.key.clone(),
                message: problem.message.clone(),
                warning: false,
            };
            return problems.list().iter().map(finding).collect();
        }
    };
    store_folder(&config).into_iter().collect()
}

/// The store's folder, or the nearest one above it that exists, must let the service write.
fn store_folder(config: &Config) -> Option<Finding> {
    if config.store.engine == EngineKind::Memory {
        return None;
    }
    let path = std::path::absolute(&config.store.path).ok()?;
    let existing: PathBuf = path.ancestors().find(|folder| folder.exists())?.to_owned();
    let writable = rustix::fs::access(&existing, rustix::fs::Access::WRITE_OK).is_ok();
    let uid = rustix::process::geteuid().as_raw();
    (!writable).then(|| Finding {
        place: config.path.display().to_string(),
        what: "store.path".to_owned(),
        message: format!("{:?} is not writable by uid {uid}", config.store.path),
        warning: false,
    })
}

impl Finding {
    fn to_row(&self) -> [String; 3] {
        let mark = if self.warning { "      (warning)" } else { "" };
        [self.place.clone(), self.what.clone(), format!("{}{mark}", self.message)]
    }

    fn to_json(&self) -> Value {
        let severity = if self.warning { "warning" } else { "error" };
        json!({ "place": self.place, "what": self.what, "message": self.message, "severity": severity })
    }
}
