//! What is wrong with the files, told all at once and with its place.

use std::fmt;
use std::ops::Range;

/// Something staff should know about a file of `menus/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// As given or found: `menus/texts.toml`.
    pub file: String,
    /// Counted from 1; none if the whole file is meant or the line isn't known.
    pub line: Option<usize>,
    /// What in the file: `sign_up.done`, `rule 3`, `button[0]`. Empty if the whole file is meant.
    pub place: String,
    pub message: String,
    pub severity: Severity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The files can't be used.
    Error,
    /// They can, but followers will notice.
    Warning,
}

impl fmt::Display for Problem {
    /// One line: `menus/texts.toml:12  sign_up.done  never says {number}  (warning)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.place.is_empty() {
            write!(f, "  {}", self.place)?;
        }
        write!(f, "  {}", self.message)?;
        match self.severity {
            Severity::Error => Ok(()),
            Severity::Warning => f.write_str("  (warning)"),
        }
    }
}

/// Problems of one file as they are found.
#[derive(Debug)]
pub(super) struct Report<'a> {
    file: &'a str,
    text: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Report<'a> {
    pub(super) fn new(file: &'a str, text: &'a str, problems: &'a mut Vec<Problem>) -> Report<'a> {
        Report { file, text, problems }
    }

    pub(super) fn error(&mut self, line: Option<usize>, place: &str, message: impl Into<String>) {
        self.add(Severity::Error, line, place, message.into());
    }

    pub(super) fn warning(&mut self, line: Option<usize>, place: &str, message: impl Into<String>) {
        self.add(Severity::Warning, line, place, message.into());
    }

    /// Has something been told of that place?
    pub(super) fn is_told(&self, place: &str) -> bool {
        self.problems.iter().any(|problem| problem.file == self.file && problem.place == place)
    }

    /// The line on which a span of the file begins.
    pub(super) fn line(&self, span: Range<usize>) -> Option<usize> {
        let before = self.text.as_bytes().get(..span.start)?;
        Some(before.iter().filter(|byte| **byte == b'\n').count() + 1)
    }

    fn add(&mut self, severity: Severity, line: Option<usize>, place: &str, message: String) {
        let (file, place) = (self.file.to_owned(), place.to_owned());
        self.problems.push(Problem { file, line, place, message, severity });
    }
}

/// `; did you mean …?` if one of the known names is near, else nothing.
pub(super) fn hint<'k>(unknown: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    const LIKENESS_MIN: f64 = 0.6;
    let likeness = |name: &'k str| (strsim::normalized_damerau_levenshtein(unknown, name), name);
    let near = known.into_iter().map(likeness).filter(|(likeness, _)| *likeness >= LIKENESS_MIN);
    match near.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((_, name)) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_one_line() {
        let mut problems = Vec::new();
        let mut report = Report::new("menus/texts.toml", "a\nb\nc", &mut problems);
        let line = report.line(2..3);
        report.warning(line, "sign_up.done", "never says {number}");
        report.error(None, "", "can't be read");
        assert_eq!(
            problems[0].to_string(),
            "menus/texts.toml:2  sign_up.done  never says {number}  (warning)"
        );
        assert_eq!(problems[1].to_string(), "menus/texts.toml  can't be read");
    }

    #[test]
    fn the_nearest_name_is_hinted() {
        assert_eq!(hint("prioritty", ["words", "priority"]), "; did you mean `priority`?");
        assert_eq!(hint("x", ["words", "priority"]), "");
    }
}
