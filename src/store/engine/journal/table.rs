//! Rows that are in the journal and may not be in sled yet, and how the layers are read as one map.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::iter::Peekable;
use std::ops::Bound;
use std::vec::IntoIter;

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use crate::store::engine::{Direction, EngineError, Range, Rows, is_empty};

/// `None` is a row that is deleted.
type Row = (Vec<u8>, Option<Vec<u8>>);

/// As long as most keys are, so that looking for one touches little memory.
type Key = SmallVec<[u8; 40]>;

/// What a row takes in memory beside its key and value: its places in the map and in the order, with their room to grow.
const ROW_BYTES: usize = 190;

/// Most is asked for by its key, so that costs one look; what is in order are the keys alone.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: HashMap<Key, Option<Vec<u8>>, RandomState>,
    keys: BTreeSet<Key>,
    bytes: usize,
}

impl Table {
    pub fn apply(&mut self, writes: &[Row]) {
        for (key, value) in writes {
            self.bytes += payload(value);
            if let Some(row) = self.rows.get_mut(&key[..]) {
                self.bytes -= payload(row);
                row.clone_from(value);
                continue;
            }
            self.bytes += key.len() + ROW_BYTES;
            let key = Key::from_slice(key);
            self.keys.insert(key.clone());
            self.rows.insert(key, value.clone());
        }
    }

    /// `Some(None)`: it is known to be deleted.
    pub fn get(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        self.rows.get(key).map(Option::as_deref)
    }

    /// All rows in the order of their keys.
    pub fn rows(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        self.keys.iter().map(|key| (&key[..], self.rows.get(key).and_then(Option::as_deref)))
    }

    /// About what it takes in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn scan<'a>(&'a self, range: Range<'a>, direction: Direction) -> Box<dyn Iterator<Item = Row> + 'a> {
        let row = |key: &'a Key| (key.to_vec(), self.rows.get(key).cloned().flatten());
        let keys = self.keys.range::<[u8], _>(range);
        match direction {
            Direction::Forward => Box::new(keys.map(row)),
            Direction::Back => Box::new(keys.rev().map(row)),
        }
    }
}

fn payload(value: &Option<Vec<u8>>) -> usize {
    value.as_ref().map_or(0, Vec::len)
}

/// At most `limit` rows of the range from `tables`, the newer first, over what `ask` gives.
pub(super) fn scan(
    [newer, older]: [&Table; 2],
    range: Range<'_>,
    direction: Direction,
    limit: usize,
    ask: impl FnMut(Range<'_>, usize) -> Result<Rows, EngineError>,
) -> Result<Rows, EngineError> {
    if is_empty(range) || limit == 0 {
        return Ok(Rows::new());
    }
    let mut newer = newer.scan(range, direction).peekable();
    let mut older = older.scan(range, direction).peekable();
    let mut below = Below::new(ask, range, direction, limit);
    let mut rows = Rows::new();
    while rows.len() < limit {
        below.fill()?;
        let heads = [newer.peek(), older.peek(), below.rows.peek()].map(|head| head.map(|(key, _)| &key[..]));
        let Some(first) = heads.into_iter().flatten().min_by(|a, b| order(direction, a, b)) else { break };
        let [in_newer, in_older, in_below] = heads.map(|head| head == Some(first));
        let newer = newer.next_if(|_| in_newer);
        let older = older.next_if(|_| in_older);
        let below = below.rows.next_if(|_| in_below);
        if let Some((key, Some(value))) = newer.or(older).or(below) {
            rows.push((key, value));
        }
    }
    Ok(rows)
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

    proptest! {
        #[test]
        fn layers_read_as_one_map(
            layers in (writes(), writes(), writes()),
            bounds in (key(), key()),
            limit in 0usize..12,
            is_back in any::<bool>(),
        ) {
            let direction = if is_back { Direction::Back } else { Direction::Forward };
            let (mut older, mut newer) = (Table::default(), Table::default());
            let (mut disk, mut all) = (Memory::default(), Memory::default());
            let (lowest, middle, newest) = layers;
            for writes in [&lowest, &middle, &newest] {
                all.commit(&Batch { seq: 1, writes: writes.clone() }, Durability::Relaxed).unwrap();
            }
            disk.commit(&Batch { seq: 1, writes: lowest }, Durability::Relaxed).unwrap();
            older.apply(&middle);
            newer.apply(&newest);
            let range = (bounds.0.as_ref().map(Vec::as_slice), bounds.1.as_ref().map(Vec::as_slice));
            let found = scan([&newer, &older], range, direction, limit, |range, limit| disk.scan(range, direction, limit));
            prop_assert_eq!(found.unwrap(), all.scan(range, direction, limit).unwrap());
            let bytes: usize = newer.rows().map(|(key, value)| ROW_BYTES + key.len() + value.map_or(0, <[u8]>::len)).sum();
            prop_assert_eq!(newer.bytes(), bytes);
        }
    }
}
