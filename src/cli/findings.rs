//! What is wrong with what people wrote, whichever room found it, as one list.

use serde_json::{Value, json};

use super::Done;
use super::out::{self, Failure};
use crate::config::{self, in_columns};
use crate::content::{self, Severity};

pub(super) struct Finding {
    pub place: String,
    pub what: String,
    pub message: String,
    pub severity: Severity,
}

/// Prints what was found in `subject`; a failure if any of it is an error.
pub(super) fn tell(findings: &[Finding], subject: &str, as_json: bool) -> Done {
    match as_json {
        true => out::print_json(&findings.iter().map(Finding::to_json).collect::<Vec<_>>())?,
        false if findings.is_empty() => {}
        false => {
            let rows: Vec<[String; 3]> = findings.iter().map(Finding::to_row).collect();
            out::print(&format!("{}\n", in_columns(&rows)))?;
        }
    }
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    match (errors, findings.len()) {
        (0, 0) => out::say(format_args!("{subject}: nothing is wrong")),
        (0, looks) => out::say(format_args!("{subject}: nothing is wrong; {looks} to look at")),
        (1, _) => out::say("1 problem"),
        (_, _) => out::say(format_args!("{errors} problems")),
    }
    if errors == 0 { Ok(()) } else { Err(Failure::Told) }
}

impl From<&config::Problem> for Finding {
    fn from(problem: &config::Problem) -> Finding {
        Finding {
            place: problem.place.to_string(),
            what: problem.key.clone(),
            message: problem.message.clone(),
            severity: Severity::Error,
        }
    }
}

impl From<content::Problem> for Finding {
    fn from(problem: content::Problem) -> Finding {
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
        };
        [self.place.clone(), self.what.clone(), format!("{}{mark}", self.message)]
    }

    fn to_json(&self) -> Value {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        json!({ "place": self.place, "what": self.what, "message": self.message, "severity": severity })
    }
}
