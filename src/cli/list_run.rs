//! One run over a list: its rows go to the service some hundred at once, from where a run that broke off ended.

use serde_json::{Value, json};

use super::answer::items;
use super::client::Client;
use super::list_file::Row;
use super::out::Failure;
use super::{Done, progress};

/// Where a list goes.
pub(super) struct Target<'a> {
    pub client: &'a Client,
    /// Where it is begun; its rows go to `{path}/{file}/rows`.
    pub path: &'a str,
    pub file: &'a str,
    pub rows_at_once: usize,
    /// What the service calls what it has to say of rows.
    pub notes: &'static str,
    pub doing: &'static str,
}

/// What the service counts of a list before a run and after it; and why the run ended early.
pub(super) struct Run {
    before: Value,
    after: Value,
    broke_off: Option<Failure>,
}

impl Run {
    /// Rows that an earlier run had entered.
    pub fn earlier(&self) -> u64 {
        number(&self.before, "done")
    }

    /// What this run added to a count.
    pub fn count(&self, name: &str) -> u64 {
        number(&self.after, name).saturating_sub(number(&self.before, name))
    }

    /// Of this run alone.
    pub fn counts(&self, names: &[&str]) -> Value {
        names.iter().map(|name| ((*name).to_owned(), json!(self.count(name)))).collect()
    }

    /// Something that isn't a count, before this run and after it.
    pub fn both(&self, name: &str) -> (&Value, &Value) {
        (&self.before[name], &self.after[name])
    }

    /// As the command ends: rows that were told to be bad are not entered.
    pub fn end(self) -> Done {
        match (self.count("bad"), self.broke_off) {
            (_, Some(failure)) => Err(failure),
            (0, None) => Ok(()),
            _ => Err(Failure::Told),
        }
    }

    /// Said before the counts, where they aren't the whole file's.
    pub fn preface(&self) -> String {
        match self.earlier() {
            0 => String::new(),
            rows => format!("{rows} rows had been entered by a run that broke off\n"),
        }
    }
}

fn number(counts: &Value, name: &str) -> u64 {
    counts[name].as_u64().unwrap_or(0)
}

/// Sends what is left. `tell` hears at once what is said of a row, with the line on which the row begins.
pub(super) async fn run(
    target: &Target<'_>,
    begin: &Value,
    total: u64,
    rows: impl Iterator<Item = Result<Row<Value>, Failure>>,
    mut tell: impl FnMut(u64, &Value),
) -> Result<Run, Failure> {
    let before = target.client.post(target.path, Some(begin)).await?;
    let mut done = number(&before, "done");
    let mut run = Run { after: before.clone(), before, broke_off: None };
    let mut rows = rows.skip(usize::try_from(done).unwrap_or(usize::MAX));
    let bar = progress::rows(target.doing);
    bar.set_length(total);
    let path = format!("{}/{}/rows", target.path, target.file);
    loop {
        bar.set_position(done);
        let batch: Result<Vec<_>, Failure> = rows.by_ref().take(target.rows_at_once).collect();
        let (lines, batch): (Vec<u64>, Vec<Value>) = match batch {
            Ok(batch) => batch.into_iter().map(|row| (row.line, row.cells)).unzip(),
            Err(failure) => {
                run.broke_off = Some(failure);
                break;
            }
        };
        if batch.is_empty() {
            break;
        }
        match target.client.post(&path, Some(&json!({ "first": done, "rows": batch }))).await {
            Ok(counts) => run.after = counts,
            Err(failure) => {
                run.broke_off = Some(failure);
                break;
            }
        }
        for note in items(&run.after, target.notes) {
            let index = number(note, "row").saturating_sub(done);
            let line = usize::try_from(index).ok().and_then(|index| lines.get(index));
            bar.suspend(|| tell(line.copied().unwrap_or_default(), note));
        }
        done += lines.len() as u64;
    }
    bar.finish_and_clear();
    Ok(run)
}
