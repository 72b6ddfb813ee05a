//! What a command says at its end, and how.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

/// Why a command didn't do what it was asked to.
#[derive(Debug)]
pub(super) enum Failure {
    Failed {
        what: String,
        hint: Option<String>,
    },
    /// The command line can't be meant so.
    Usage(String),
    /// What is wrong has been printed already, as data.
    Told,
    /// Nobody reads on, as with `| head`: no failure at all.
    ClosedPipe,
}

impl Failure {
    pub(super) fn new(what: impl Display) -> Failure {
        Failure::Failed { what: what.to_string(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Display) -> Failure {
        match self {
            Failure::Failed { what, .. } => Failure::Failed { what, hint: Some(hint.to_string()) },
            other => other,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::new(error),
        }
    }
}

/// Tells a failure on stderr and turns it into the process's exit code.
pub(super) fn exit(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(Failure::Told) => ExitCode::FAILURE,
        Err(Failure::Usage(what)) => {
            say(format_args!("error: {what}"));
            ExitCode::from(2)
        }
        Err(Failure::Failed { what, hint }) => {
            say(format_args!("error: {what}"));
            if let Some(hint) = hint {
                say(format_args!("hint: {hint}"));
            }
            ExitCode::FAILURE
        }
    }
}

/// Data, to stdout.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Data for a machine: one JSON value and a line end.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::new)?;
    print(&format!("{text}\n"))
}

/// Says where a file was written to.
pub(super) fn written(path: &Path, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return print_json(&json!({ "written": path }));
    }
    say(format_args!("written to {}", path.display()));
    Ok(())
}

/// Talk, to stderr. Nobody hearing it is no failure.
pub(super) fn say(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Names from outside can't drive the terminal: what would is shown as `?`.
pub(super) fn tame(text: &str) -> String {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if harmful(c) { '?' } else { c }).collect()
}

/// Rows in columns, two blanks apart. A Chinese character counts as two columns, as terminals show it.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| tame(cell))).collect();
    let head = head.map(str::to_owned);
    let width = |column: usize| {
        let cells = std::iter::once(&head).chain(&rows).map(|row| columns(&row[column]));
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut text = String::new();
    for row in std::iter::once(&head).chain(&rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', 2 + width - columns(cell)));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn columns(text: &str) -> usize {
    let wide = |c: char| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}');
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_the_script() {
        let rows = [
            ["1".to_owned(), "周末健步走".to_owned(), "open".to_owned()],
            ["12".to_owned(), "tea\u{1b}[2J".to_owned(), "draft".to_owned()],
        ];
        let expected = "\
ID  TITLE       STATE
1   周末健步走  open
12  tea?[2J     draft
";
        assert_eq!(table(["ID", "TITLE", "STATE"], &rows), expected);
    }
}
