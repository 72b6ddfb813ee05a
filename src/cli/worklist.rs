//! What `gonghui case` and `gonghui claim` share: things that wait for staff, are shown, looked at and acted on.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::answer::{items, parse_id, text_of};
use super::backup::create;
use super::client::{Client, ServerArgs};
use super::out::{self, Failure};
use super::{Done, block_on};
use crate::config::Environment;

/// Which one, at which service.
#[derive(Debug, clap::Args)]
pub(super) struct On {
    /// Its number, as `list` tells it
    #[arg(value_parser = parse_id)]
    id: String,
    #[command(flatten)]
    server: ServerArgs,
}

/// Which page of a list.
#[derive(Debug, clap::Args)]
pub(super) struct Page {
    /// Go on from where the page before ended
    #[arg(long, value_name = "NEXT")]
    after: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

/// A look at a picture, into a file.
#[derive(Debug, clap::Args)]
pub(super) struct IntoFile {
    /// Why it is looked at: the member sees it
    #[arg(long)]
    reason: String,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Things of one kind, by the path at which the API has them.
pub(super) struct Worklist<'a> {
    pub kind: &'static str,
    pub environment: &'a Environment,
    pub json: bool,
}

impl Worklist<'_> {
    /// `words` are the query; a row of the answer becomes a line of the table.
    pub fn list<const N: usize>(
        &self,
        words: &[(&str, Option<&str>)],
        page: &Page,
        head: [&str; N],
        line: fn(&Value) -> [String; N],
    ) -> Done {
        let client = Client::new(&page.server, self.environment)?;
        let words = words.iter().copied().chain([("after", page.after.as_deref())]);
        let words: Vec<(&str, &str)> = words.filter_map(|(name, value)| Some((name, value?))).collect();
        let path = format!("/{}", self.kind);
        let text = block_on(async { client.look(&path, &words, "application/json").await })?;
        let answer: Value = serde_json::from_str(&text).map_err(Failure::new)?;
        if self.json {
            return out::print_json(&answer);
        }
        let rows: Vec<[String; N]> = items(&answer, self.kind).map(line).collect();
        out::print(&out::table(head, &rows))?;
        if let Some(next) = answer["next"].as_str() {
            out::say(format_args!("more: --after {next}"));
        }
        Ok(())
    }

    pub fn show(&self, on: &On) -> Done {
        let client = Client::new(&on.server, self.environment)?;
        out::print_json(&block_on(async { client.get(&self.path(on)).await })?)
    }

    pub fn look(&self, on: &On, reason: &str) -> Done {
        self.post(on, "look", &json!({ "reason": reason }))
    }

    /// `place` says where the thing has the picture, as `pictures/34`.
    pub fn picture(&self, on: &On, place: &str, into: &IntoFile) -> Done {
        let client = Client::new(&on.server, self.environment)?;
        let (path, words) = (format!("{}/{place}", self.path(on)), [("reason", into.reason.as_str())]);
        let bytes = block_on(async { client.fetch(&path, &words).await })?;
        keep_private(&into.out, &bytes)?;
        out::written(&into.out, self.json)
    }

    pub fn act(&self, on: &On, act: &Value) -> Done {
        self.post(on, "acts", act)
    }

    fn post(&self, on: &On, what: &str, body: &Value) -> Done {
        let client = Client::new(&on.server, self.environment)?;
        let path = format!("{}/{what}", self.path(on));
        out::print_json(&block_on(async { client.post(&path, Some(body)).await })?)
    }

    fn path(&self, on: &On) -> String {
        format!("/{}/{}", self.kind, on.id)
    }
}

pub(super) fn cell(row: &Value, name: &str) -> String {
    text_of(&row[name])
}

/// By when something has to come of it, and whether that is over or near.
pub(super) fn due(row: &Value) -> String {
    let due = cell(row, "due");
    match (row["overdue"] == true, row["due_soon"] == true) {
        (true, _) => format!("{due} overdue"),
        (false, true) => format!("{due} soon"),
        (false, false) => due,
    }
}

/// Those of the names that hold.
pub(super) fn marks(row: &Value, names: &[&'static str]) -> String {
    names.iter().copied().filter(|name| row[*name] == true).collect::<Vec<_>>().join(" ")
}

/// A switch as the query says it.
pub(super) fn flag(on: bool) -> Option<&'static str> {
    on.then_some("true")
}

/// Somebody's paper, that whoever looks has a reason for, and nobody else on the machine.
fn keep_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    create(path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_paper_is_readable_by_who_looked_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("discharge.jpg");
        keep_private(&path, b"a paper").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"a paper");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
