//! `gonghui check`: everything that a deployment decides is looked at, and nothing is started.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::out::{self, Failure};
use super::{ConfigArgs, Done};
use crate::app::content_source;
use crate::config::{Config, EngineKind, Environment, in_columns};
use crate::content::{Problem, Severity};
use crate::dispatch::load_content;

/// Check configuration, menus, keywords and texts without starting anything
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
    severity: Severity,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let findings = look(&args.config.path, environment);
    match args.json {
        true => out::print_json(&findings.iter().map(Finding::to_json).collect::<Vec<_>>())?,
        false => print(&findings)?,
    }
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    match errors {
        0 => out::say(format_args!("{}: nothing is wrong", args.config.path.display())),
        1 => out::say("1 problem"),
        _ => out::say(format_args!("{errors} problems")),
    }
    if errors == 0 { Ok(()) } else { Err(Failure::Told) }
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
                severity: Severity::Error,
            };
            return problems.list().iter().map(finding).collect();
        }
    };
    let mut findings: Vec<Finding> = store_folder(&config).into_iter().collect();
    let problems = match load_content(&content_source(&config)) {
        Ok((_, notes)) => notes,
        Err(problems) => problems,
    };
    findings.extend(problems.into_iter().map(Finding::from));
    findings
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
        severity: Severity::Error,
    })
}

impl From<Problem> for Finding {
    fn from(problem: Problem) -> Finding {
        let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
        Finding {
            place: format!("{}{line}", problem.file),
            what: problem.place,
            message: problem.message,
            severity: problem.severity,
        }
    }
}

impl Finding {
    fn to_row(&self) -> [String; 3] {
        let mark = match self.severity {
            Severity::Error => "",
            Severity::Warning => "  (warning)",
            Severity::Info => "  (info)",
        };
        [self.place.clone(), self.what.clone(), format!("{}{mark}", self.message)]
    }

    fn to_json(&self) -> Value {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        json!({ "place": self.place, "what": self.what, "message": self.message, "severity": severity })
    }
}
