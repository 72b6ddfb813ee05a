//! Whether every row is there and can be read.

use std::ops::Bound;

use super::codec::{Codec, checked, shown_key};
use super::commit_row::{CommitRow, Tally};
use super::engine::{Direction, Engine};
use super::error::OpenError;
use super::table::{Catalog, OWN_PREFIX, TableInfo};
use crate::moment::Time;

/// Problems that a report lists; it counts them all.
pub const PROBLEMS_LISTED_MAX: usize = 100;

const SLICE_ROWS: usize = 500;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The commit whose state was verified.
    pub seq: u64,
    /// When that commit was.
    pub at: Time,
    /// Rows by table, in the order of their prefixes.
    pub rows: Vec<(&'static str, u64)>,
    pub problems_total: u64,
    /// The first of the problems, up to [`PROBLEMS_LISTED_MAX`].
    pub problems: Vec<Problem>,
}

/// Something wrong with the rows. Names no one: of a key it shows the beginning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("table {table}, key {key}: {detail}")]
    Row { table: &'static str, key: String, detail: String },
    #[error("table {table} should have {expected} rows and has {found}")]
    Count { table: String, expected: u64, found: u64 },
    #[error("the rows are not those that were written: their hash differs")]
    Hash,
    #[error("{rows} rows belong to no table of this version (prefix {prefix:#04x}); they could not be read")]
    UnknownTable { prefix: u8, rows: u64 },
}

impl Report {
    pub fn is_sound(&self) -> bool {
        self.problems_total == 0
    }
}

/// Checks rows one after the other against what the commit row says they should be.
pub(crate) struct Checker {
    codec: Codec,
    tables: Vec<Option<TableInfo>>,
    head: CommitRow,
    found: Tally,
    report: Report,
}

impl Checker {
    pub fn new(codec: Codec, catalog: &Catalog, head: CommitRow) -> Checker {
        let report =
            Report { seq: head.seq, at: head.at, rows: Vec::new(), problems_total: 0, problems: Vec::new() };
        let tables = (0..=u8::MAX).map(|prefix| catalog.table(prefix)).collect();
        Checker { codec, tables, head, found: Tally::default(), report }
    }

    pub fn codec(&self) -> &Codec {
        &self.codec
    }

    pub fn head(&self) -> &CommitRow {
        &self.head
    }

    pub fn row(&mut self, key: &[u8], value: &[u8]) {
        self.found.add(key, value);
        let table = key.first().and_then(|prefix| *self.tables.get(usize::from(*prefix))?);
        let (table, read) = match table {
            Some(table) => (table.name, (table.check)(&self.codec, key, value)),
            None => ("unknown", checked(key, value).map(drop)),
        };
        if let Err(problem) = read {
            self.note(Problem::Row { table, key: shown_key(key), detail: problem.to_string() });
        }
    }

    pub fn finish(mut self) -> Report {
        for (prefix, (table, found)) in
            (0..=u8::MAX).zip(self.tables.clone().into_iter().zip(self.found.counts))
        {
            let expected = self.head.rows.counts[usize::from(prefix)];
            if found != expected {
                let table = table.map_or_else(|| format!("{prefix:#04x}"), |table| table.name.to_owned());
                self.note(Problem::Count { table, expected, found });
            }
            match table {
                Some(table) => self.report.rows.push((table.name, found)),
                None if found > 0 => self.note(Problem::UnknownTable { prefix, rows: found }),
                None => {}
            }
        }
        if self.found.hash != self.head.rows.hash {
            self.note(Problem::Hash);
        }
        self.report
    }

    fn note(&mut self, problem: Problem) {
        self.report.problems_total += 1;
        if self.report.problems.len() < PROBLEMS_LISTED_MAX {
            self.report.problems.push(problem);
        }
    }
}

/// Reads all rows and compares their counts and hash alone, which needs neither catalog nor keys.
pub(crate) fn compare_tally(engine: &dyn Engine, expected: &Tally) -> Result<(), OpenError> {
    let mut found = Tally::default();
    let mut cursor = vec![OWN_PREFIX, u8::MAX];
    loop {
        let range = (Bound::Excluded(&cursor[..]), Bound::Unbounded);
        let rows = engine.scan(range, Direction::Forward, SLICE_ROWS)?;
        rows.iter().for_each(|(key, value)| found.add(key, value));
        match rows.into_iter().next_back() {
            Some((last, _)) => cursor = last,
            None => break,
        }
    }
    if found == *expected {
        return Ok(());
    }
    let (there, wanted) = (found.total(), expected.total());
    Err(OpenError::Damaged(format!(
        "it should have {wanted} rows and has {there}, or some are not as written"
    )))
}
