//! The rows of the journal's last file, in memory.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use super::record::{DELETED, offsets};
use super::run::Place;
use crate::store::engine::{Range, Write};

/// As long as most keys are, so that looking for one touches little memory.
type Key = SmallVec<[u8; 40]>;

/// What a row takes in memory beside its key and value: its places in the map and in the order, with their room to grow.
const ROW_BYTES: usize = 200;

/// Most is asked for by its key, so that costs one look; what is in order are the keys alone.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: HashMap<Key, Row, RandomState>,
    keys: BTreeSet<Key>,
    bytes: usize,
}

#[derive(Debug)]
struct Row {
    /// `None`: it is deleted.
    value: Option<Vec<u8>>,
    /// Where the value stands in the file.
    at: u32,
}

impl Table {
    /// Takes a record's rows; it begins there in the file.
    pub fn apply(&mut self, writes: &[Write], record_at: u64) {
        for ((key, value), offset) in writes.iter().zip(offsets(writes)) {
            let at = (record_at + offset as u64) as u32;
            self.bytes += payload(value);
            if let Some(row) = self.rows.get_mut(&key[..]) {
                self.bytes -= payload(&row.value);
                row.value.clone_from(value);
                row.at = at;
                continue;
            }
            self.bytes += key.len() + ROW_BYTES;
            let key = Key::from_slice(key);
            self.keys.insert(key.clone());
            self.rows.insert(key, Row { value: value.clone(), at });
        }
    }

    /// `Some(None)`: it is known to be deleted.
    pub fn get(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        self.rows.get(key).map(|row| row.value.as_deref())
    }

    /// The rows of a range that isn't empty.
    pub fn range<'a>(
        &'a self,
        range: Range<'_>,
    ) -> impl DoubleEndedIterator<Item = (&'a [u8], Option<&'a [u8]>)> + use<'a> {
        self.keys.range::<[u8], _>(range).map(|key| (&key[..], self.get(key).flatten()))
    }

    /// All rows in the order of their keys.
    pub fn rows(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        self.keys.iter().map(|key| (&key[..], self.get(key).flatten()))
    }

    /// Where the values of all rows stand, in the order of their keys.
    pub fn places(&self) -> impl Iterator<Item = (&[u8], Place)> {
        let place =
            |row: &Row| Place { at: row.at, bytes: row.value.as_ref().map_or(DELETED, |v| v.len() as u32) };
        self.keys.iter().filter_map(move |key| Some((&key[..], place(self.rows.get(key)?))))
    }

    /// About what it takes in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

fn payload(value: &Option<Vec<u8>>) -> usize {
    value.as_ref().map_or(0, Vec::len)
}
