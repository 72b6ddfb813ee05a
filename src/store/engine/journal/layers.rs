//! How the rows in memory, those in the journal's files and those below are read as one map.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::ops::Bound;
use std::vec::IntoIter;

use super::run::{Run, Runs};
use super::table::Table;
use crate::store::engine::{Direction, EngineError, Range, Rows, is_empty};

/// `None` is a row that is deleted.
type Row = (Vec<u8>, Option<Vec<u8>>);

/// A row's value, or where it is.
#[derive(Clone, Copy)]
enum Value<'a> {
    Here(Option<&'a [u8]>),
    In(&'a Run, u32),
}

type Layer<'a> = Peekable<Box<dyn Iterator<Item = (&'a [u8], Value<'a>)> + 'a>>;

/// What a scan found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub rows: Rows,
    /// Where deleted rows were passed over: before the row of that place, or behind all, and how many.
    pub passed: Vec<(usize, usize)>,
}

impl Found {
    pub fn push(&mut self, key: Vec<u8>, value: Vec<u8>, passed: &mut usize) {
        self.end(std::mem::take(passed));
        self.rows.push((key, value));
    }

    pub fn end(&mut self, passed: usize) {
        if passed > 0 {
            self.passed.push((self.rows.len(), passed));
        }
    }
}

/// At most `limit` rows of the range from the newest layer to the oldest, over what `ask` gives. `failed` says what a
/// file's error is.
pub(super) fn scan(
    active: &Table,
    runs: &Runs,
    range: Range<'_>,
    direction: Direction,
    limit: usize,
    failed: impl Fn(&std::io::Error) -> EngineError,
    ask: impl FnMut(Range<'_>, usize) -> Result<Rows, EngineError>,
) -> Result<Found, EngineError> {
    let (mut found, mut passed) = (Found::default(), 0);
    if is_empty(range) || limit == 0 {
        return Ok(found);
    }
    let mut layers: Vec<Layer> = vec![in_table(active, range, direction)];
    layers.extend(runs.iter().map(|run| in_run(run, range, direction)));
    layers.retain_mut(|layer| layer.peek().is_some());
    let mut below = Below::new(ask, range, direction, limit);
    while found.rows.len() < limit {
        below.fill()?;
        let heads = layers.iter_mut().filter_map(|layer| layer.peek().map(|(key, _)| *key));
        let first = heads.min_by(|a, b| order(direction, a, b));
        let is_below = match (first, below.rows.peek()) {
            (None, None) => break,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (Some(first), Some((key, _))) => order(direction, key, first) == Ordering::Less,
        };
        if is_below {
            if let Some((key, Some(value))) = below.rows.next() {
                found.push(key, value, &mut passed);
            }
            continue;
        }
        let Some(first) = first else { break };
        // The newest says what it is; all move on.
        let mut newest = None;
        for layer in &mut layers {
            let next = layer.next_if(|(key, _)| *key == first);
            newest = newest.or(next);
        }
        below.rows.next_if(|(key, _)| key == first);
        let value = match newest {
            Some((_, Value::Here(value))) => value.map(<[u8]>::to_vec),
            Some((_, Value::In(run, row))) => run.value(row).map_err(|error| failed(&error))?,
            None => None,
        };
        match value {
            Some(value) => found.push(first.to_vec(), value, &mut passed),
            None => passed += 1,
        }
    }
    found.end(passed);
    Ok(found)
}

fn in_table<'a>(table: &'a Table, range: Range<'_>, direction: Direction) -> Layer<'a> {
    let rows = table.range(range).map(|(key, value)| (key, Value::Here(value)));
    layer(rows, direction)
}

fn in_run<'a>(run: &'a Run, range: Range<'_>, direction: Direction) -> Layer<'a> {
    layer(run.range(range).map(|row| (run.key(row), Value::In(run, row))), direction)
}

fn layer<'a>(
    rows: impl DoubleEndedIterator<Item = (&'a [u8], Value<'a>)> + 'a,
    direction: Direction,
) -> Layer<'a> {
    let rows: Box<dyn Iterator<Item = _>> = match direction {
        Direction::Forward => Box::new(rows),
        Direction::Back => Box::new(rows.rev()),
    };
    rows.peekable()
}

fn order(direction: Direction, a: &[u8], b: &[u8]) -> Ordering {
    match direction {
        Direction::Forward => a.cmp(b),
        Direction::Back => b.cmp(a),
    }
}

/// The rows of the lowest layer, asked for as they are needed: those above may hide any number of them.
struct Below<'a, F> {
    ask: F,
    range: Range<'a>,
    direction: Direction,
    /// The last row that was given.
    last: Option<Vec<u8>>,
    /// How many to ask for next; 0 if there are no more.
    next: usize,
    rows: Peekable<IntoIter<Row>>,
}

impl<'a, F: FnMut(Range<'_>, usize) -> Result<Rows, EngineError>> Below<'a, F> {
    fn new(ask: F, range: Range<'a>, direction: Direction, limit: usize) -> Below<'a, F> {
        Below { ask, range, direction, last: None, next: limit, rows: Vec::new().into_iter().peekable() }
    }

    /// Asks for more if none are left.
    fn fill(&mut self) -> Result<(), EngineError> {
        if self.next == 0 || self.rows.peek().is_some() {
            return Ok(());
        }
        let range = match (self.last.as_deref(), self.direction) {
            (None, _) => self.range,
            (Some(last), Direction::Forward) => (Bound::Excluded(last), self.range.1),
            (Some(last), Direction::Back) => (self.range.0, Bound::Excluded(last)),
        };
        let rows = if is_empty(range) { Rows::new() } else { (self.ask)(range, self.next)? };
        self.next = if rows.len() < self.next { 0 } else { self.next.saturating_mul(2) };
        self.last = rows.last().map(|(key, _)| key.clone());
        let rows: Vec<Row> = rows.into_iter().map(|(key, value)| (key, Some(value))).collect();
        self.rows = rows.into_iter().peekable();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::record::{FILE_HEAD, encode};
    use super::*;
    use crate::store::engine::memory::Memory;
    use crate::store::engine::{Batch, Durability, Engine};

    fn writes() -> impl Strategy<Value = Vec<Row>> {
        let row = (
            prop::collection::vec(0u8..3, 0..4),
            prop::option::of(any::<u8>().prop_map(|value| vec![value])),
        );
        prop::collection::vec(row, 0..40)
    }

    fn key() -> impl Strategy<Value = Bound<Vec<u8>>> {
        let key = || prop::collection::vec(0u8..3, 0..4);
        prop_oneof![key().prop_map(Bound::Included), key().prop_map(Bound::Excluded), Just(Bound::Unbounded)]
    }

    fn run(folder: &std::path::Path, number: u64, writes: &[Row]) -> Run {
        let (path, mut record, mut table) = (folder.join(number.to_string()), Vec::new(), Table::default());
        encode(number, writes, &mut record);
        std::fs::write(&path, [FILE_HEAD, &record[..]].concat()).unwrap();
        table.apply(writes, FILE_HEAD.len() as u64);
        Run::new(std::fs::File::open(&path).unwrap(), path, number, table.places()).unwrap()
    }

    proptest! {
        #[test]
        fn layers_read_as_one_map(
            layers in prop::collection::vec(writes(), 2..6),
            popped in 0usize..3,
            bounds in (key(), key()),
            limit in 0usize..12,
            is_back in any::<bool>(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let direction = if is_back { Direction::Back } else { Direction::Forward };
            let (mut disk, mut all, mut runs, mut active) =
                (Memory::default(), Memory::default(), Runs::default(), Table::default());
            for (seq, writes) in (1..).zip(&layers) {
                let batch = Batch { seq, writes: writes.clone() };
                all.commit(&batch, Durability::Relaxed).unwrap();
                if seq == 1 {
                    disk.commit(&batch, Durability::Relaxed).unwrap();
                } else if (seq as usize) < layers.len() {
                    runs.push(run(folder.path(), seq, writes));
                } else {
                    active.apply(writes, 0);
                }
            }
            for _ in 0..popped {
                let Some((oldest, rows)) = runs.oldest() else { break };
                let writes = rows.iter().map(|row| (oldest.key(*row).to_vec(), oldest.value(*row).unwrap()));
                disk.commit(&Batch { seq: 9, writes: writes.collect() }, Durability::Relaxed).unwrap();
                runs.pop_oldest();
            }
            let range = (bounds.0.as_ref().map(Vec::as_slice), bounds.1.as_ref().map(Vec::as_slice));
            let failed = |error: &std::io::Error| EngineError::Io(error.to_string());
            let ask = |range: Range<'_>, limit| disk.scan(range, direction, limit);
            let found = scan(&active, &runs, range, direction, limit, failed, ask);
            prop_assert_eq!(found.unwrap().rows, all.scan(range, direction, limit).unwrap());
            let everything = (Bound::Unbounded, Bound::Unbounded);
            for (key, value) in all.scan(everything, Direction::Forward, 1000).unwrap() {
                let found = match (active.get(&key), runs.find(&key)) {
                    (Some(value), _) => value.map(<[u8]>::to_vec),
                    (None, Some((run, row))) => run.value(row).unwrap(),
                    (None, None) => disk.get(&key).unwrap(),
                };
                prop_assert_eq!(found, Some(value));
            }
        }
    }
}
