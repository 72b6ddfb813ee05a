//! What is wrong with a configuration: all of it at once, each with its place.

use std::fmt;

/// Where a setting was given, or should have been.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    File {
        name: String,
        line: Option<usize>,
    },
    /// The name of an environment variable.
    Environment(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File { name, line: Some(line) } => write!(f, "{name}:{line}"),
            Place::File { name, line: None } => f.write_str(name),
            Place::Environment(name) => f.write_str(name),
        }
    }
}

/// One thing to put right. `key` is empty when the file can't be read at all. The message never holds
/// a setting's value, since that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub place: Place,
    pub key: String,
    pub message: String,
}

/// Everything that is wrong, in the order of the file and never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Puts them in the order of the file, then of the environment. `None` if there are none.
    pub fn new(mut problems: Vec<Problem>) -> Option<Problems> {
        problems.sort();
        problems.dedup();
        (!problems.is_empty()).then_some(Problems(problems))
    }

    pub fn list(&self) -> &[Problem] {
        &self.0
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Problems {
        Problems(vec![problem])
    }
}

impl fmt::Display for Problems {
    /// One line each: `place  key  message`, in columns.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 3]> =
            self.0.iter().map(|p| [p.place.to_string(), p.key.clone(), p.message.clone()]).collect();
        f.write_str(&in_columns(&rows))
    }
}

/// Rows of `place`, `what` and `message` under each other, without a newline at the end.
pub fn in_columns(rows: &[[String; 3]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (place, what) = (width(0), width(1));
    let lines: Vec<String> = rows
        .iter()
        .map(|[p, w, message]| match what {
            0 => format!("{p:place$}  {message}"),
            _ => format!("{p:place$}  {w:what$}  {message}"),
        })
        .collect();
    lines.join("\n")
}
