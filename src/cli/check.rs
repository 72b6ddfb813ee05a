//! `gonghui check`: everything that a deployment decides is looked at, and nothing is started.

use std::path::Path;

use jiff::civil::Date;

use super::findings::{Finding, tell};
use super::{ConfigArgs, Done};
use crate::app::{Machine, content_source, schemes};
use crate::config::{Config, EngineKind, Environment};
use crate::content::{Severity, Source};
use crate::dispatch::load_content;
use crate::domain::calendar;
use crate::domain::calendar::file::Holidays;
use crate::domain::scheme::file;
use crate::moment::Clock;

/// Check configuration, menus, keywords, texts and schemes without starting anything
///
/// The worked examples of every scheme file are counted. Every problem is told at once: where it is, what it is
/// about, and what to do.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gonghui check --config gonghui.toml")]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// Print the problems as a JSON list
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, environment: &Environment) -> Done {
    let today = Machine::default().moment().now.date();
    let path = &args.config.path;
    let findings = match Config::load(path, environment) {
        Ok(config) => {
            let mut findings: Vec<Finding> = store_folder(&config).into_iter().collect();
            findings.extend(
                config
                    .warnings
                    .iter()
                    .map(|problem| Finding { severity: Severity::Warning, ..Finding::from(problem) }),
            );
            findings.extend(content_findings(&content_source(&config)));
            match schemes::read(&schemes::source(&config)) {
                Ok(read) => findings.extend(unannounced(&read.holidays, today)),
                Err(problems) => findings.extend(scheme_findings(Some(problems))),
            }
            findings
        }
        Err(problems) => problems.list().iter().map(Finding::from).collect(),
    };
    tell(&findings, &path.display().to_string(), args.json)
}

pub(super) fn content_findings(source: &Source) -> Vec<Finding> {
    let problems = match load_content(source) {
        Ok((_, notes)) => notes,
        Err(problems) => problems,
    };
    problems.into_iter().map(Finding::from).collect()
}

pub(super) fn scheme_findings(problems: Option<Vec<file::Problem>>) -> Vec<Finding> {
    let finding = |problem: file::Problem| Finding {
        place: problem.line.map_or(problem.file.clone(), |line| format!("{}:{line}", problem.file)),
        what: problem.place,
        message: problem.message,
        severity: Severity::Error,
    };
    problems.unwrap_or_default().into_iter().map(finding).collect()
}

/// Years that deadlines of today reach into and whose holidays nobody wrote down.
fn unannounced(holidays: &Holidays, today: Date) -> Vec<Finding> {
    let finding = |year: i16| {
        Finding {
        place: calendar::file::NAME.to_owned(),
        what: format!("years.{year}"),
        message: "isn't announced in the file: of it deadlines count weekends and holidays of the regulation alone; the \
                  State Council announces it in November"
            .to_owned(),
        severity: Severity::Warning,
    }
    };
    holidays.missing(today).into_iter().map(finding).collect()
}

/// The store's folder, or the nearest one above it that exists, must let the service write.
fn store_folder(config: &Config) -> Option<Finding> {
    if config.store.engine == EngineKind::Memory {
        return None;
    }
    let path = std::path::absolute(&config.store.path).ok()?;
    let existing: &Path = path.ancestors().find(|folder| folder.exists())?;
    let writable = rustix::fs::access(existing, rustix::fs::Access::WRITE_OK).is_ok();
    let uid = rustix::process::geteuid().as_raw();
    (!writable).then(|| Finding {
        place: config.path.display().to_string(),
        what: "store.path".to_owned(),
        message: format!("{:?} is not writable by uid {uid}", config.store.path),
        severity: Severity::Error,
    })
}
