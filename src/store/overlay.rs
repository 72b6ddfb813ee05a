//! What a group of commands has written so far, over what the engine holds.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as MapEntry;
use std::ops::Bound;

use super::engine::{Direction, Engine, EngineError, Range, Rows, is_empty};

/// A key's value before the group and now. An entry is the truth about its key for whoever reads through
/// the overlay.
#[derive(Debug)]
pub(crate) struct Entry {
    before: Option<Vec<u8>>,
    now: Now,
}

#[derive(Debug, Clone)]
enum Now {
    Same,
    Put(Vec<u8>),
    Deleted,
}

impl Entry {
    /// The value now.
    pub fn value(&self) -> Option<&[u8]> {
        match &self.now {
            Now::Same => self.before.as_deref(),
            Now::Put(value) => Some(value),
            Now::Deleted => None,
        }
    }
}

/// A key whose value a group changed.
#[derive(Debug)]
pub(crate) struct Change {
    pub key: Vec<u8>,
    pub before: Option<Vec<u8>>,
    pub after: Option<Vec<u8>>,
}

#[derive(Debug, Default)]
pub(crate) struct Overlay {
    entries: BTreeMap<Vec<u8>, Entry>,
    /// What to do, in reverse, to take writes back: the key and what it was, `None` for "no entry".
    undo: Vec<(Vec<u8>, Option<Now>)>,
    /// By a bit of each table's prefix: something of it may have been written.
    tables: [u64; 4],
}

/// A point that the overlay can go back to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Savepoint(usize);

impl Overlay {
    pub fn savepoint(&self) -> Savepoint {
        Savepoint(self.undo.len())
    }

    /// Each key written since, with its value now, in key order.
    pub fn written_since(&self, savepoint: Savepoint) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        let keys = self.undo.iter().skip(savepoint.0).map(|(key, _)| key.clone());
        keys.map(|key| {
            let value = self.entries.get(&key).and_then(Entry::value).map(<[u8]>::to_vec);
            (key, value)
        })
        .collect()
    }

    pub fn roll_back(&mut self, savepoint: Savepoint) {
        while self.undo.len() > savepoint.0
            && let Some((key, was)) = self.undo.pop()
        {
            match was {
                None => _ = self.entries.remove(&key),
                Some(was) => {
                    if let Some(entry) = self.entries.get_mut(&key) {
                        entry.now = was;
                    }
                }
            }
        }
    }

    /// What is known of a key without asking the engine.
    pub fn get(&self, key: &[u8]) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// Was a row written whose key begins so?
    pub fn changes(&self, prefix: &[u8]) -> bool {
        if prefix.first().is_some_and(|table| self.tables[usize::from(table >> 6)] & (1 << (table & 63)) == 0)
        {
            return false;
        }
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let within = self.entries.range::<[u8], _>(from).take_while(|(key, _)| key.starts_with(prefix));
        within.into_iter().any(|(_, entry)| !matches!(entry.now, Now::Same))
    }

    /// Remembers what the engine said, for a write of the same key that often follows.
    pub fn remember(&mut self, key: Vec<u8>, before: Option<Vec<u8>>) {
        self.entries.entry(key).or_insert(Entry { before, now: Now::Same });
    }

    /// Writes a value or deletes the key; `before` is asked for if the key is not known yet.
    pub fn write<E>(
        &mut self,
        key: Vec<u8>,
        value: Option<Vec<u8>>,
        before: impl FnOnce(&[u8]) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<(), E> {
        if let Some(table) = key.first() {
            self.tables[usize::from(table >> 6)] |= 1 << (table & 63);
        }
        let now = value.map_or(Now::Deleted, Now::Put);
        match self.entries.entry(key) {
            MapEntry::Occupied(mut entry) => {
                self.undo.push((entry.key().clone(), Some(std::mem::replace(&mut entry.get_mut().now, now))));
            }
            MapEntry::Vacant(vacant) => {
                let before = before(vacant.key())?;
                self.undo.push((vacant.key().clone(), None));
                vacant.insert(Entry { before, now });
            }
        }
        Ok(())
    }

    /// Takes out every change, in key order, and forgets all else.
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.undo.clear();
        self.tables = Default::default();
        let changed = |(key, entry): (Vec<u8>, Entry)| {
            let after = match entry.now {
                Now::Same => return None,
                Now::Put(value) => Some(value),
                Now::Deleted => None,
            };
            (after != entry.before).then_some(Change { key, before: entry.before, after })
        };
        std::mem::take(&mut self.entries).into_iter().filter_map(changed).collect()
    }

    /// Forgets all up to and including `key`.
    pub fn forget_through(&mut self, key: &[u8]) {
        while self.entries.first_key_value().is_some_and(|(first, _)| **first <= *key) {
            self.entries.pop_first();
        }
    }

    pub fn clear(&mut self) {
        *self = Overlay::default();
    }

    /// As [`Engine::scan`], with what is written here.
    pub fn scan(
        &self,
        engine: &dyn Engine,
        range: Range<'_>,
        direction: Direction,
        limit: usize,
    ) -> Result<Rows, EngineError> {
        if is_empty(range) {
            return Ok(Rows::new());
        }
        let ours = || self.entries.range::<[u8], _>(range);
        // Rows of the engine that this hides or shows again; with so many more the rest is enough.
        let hidden = ours().count();
        let theirs = engine.scan(range, direction, limit.saturating_add(hidden))?;
        Ok(match direction {
            Direction::Forward => merge(ours(), theirs, limit, |a, b| a < b),
            Direction::Back => merge(ours().rev(), theirs, limit, |a, b| a > b),
        })
    }
}

/// Our entries and the engine's rows in one order; ours win.
fn merge<'a>(
    ours: impl Iterator<Item = (&'a Vec<u8>, &'a Entry)>,
    theirs: Rows,
    limit: usize,
    comes_first: fn(&[u8], &[u8]) -> bool,
) -> Rows {
    let (mut ours, mut theirs) = (ours.peekable(), theirs.into_iter().peekable());
    let mut rows = Rows::new();
    while rows.len() < limit {
        if let Some(row) = theirs.next_if(|(key, _)| ours.peek().is_none_or(|(our, _)| comes_first(key, our)))
        {
            rows.push(row);
            continue;
        }
        let Some((key, entry)) = ours.next() else { break };
        theirs.next_if(|(theirs, _)| theirs == key);
        rows.extend(entry.value().map(|value| (key.clone(), value.to_vec())));
    }
    rows
}

/// The range of all keys that begin with `prefix`, from `after` on (or below it, going back).
pub(crate) fn prefix_range<'a>(
    prefix: &'a [u8],
    end: &'a Option<Vec<u8>>,
    after: Option<&'a [u8]>,
    direction: Direction,
) -> Range<'a> {
    let end = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    match (after, direction) {
        (None, _) => (Bound::Included(prefix), end),
        (Some(after), Direction::Forward) => (Bound::Excluded(after), end),
        (Some(after), Direction::Back) => (Bound::Included(prefix), Bound::Excluded(after)),
    }
}

/// The first key above all that begin with `prefix`; `None` if there is none.
pub(crate) fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix.get(..=last)?.to_vec();
    *end.last_mut()? += 1;
    Some(end)
}
