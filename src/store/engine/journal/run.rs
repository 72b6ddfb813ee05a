//! Rows that are in the journal's earlier files and not in sled yet: their keys are in memory, their values stay in the
//! files, where most of a row is. So what a crowd wrote in some minutes fits, is read again by one call of the
//! system, and of a row that changed often only the last value goes to sled.

use std::collections::VecDeque;
use std::fs::File;
use std::hash::BuildHasher;
use std::io;
use std::ops::Bound;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::record::DELETED;
use crate::store::engine::Range;

/// What a row takes in memory beside its key: here, and in the index with its room to grow.
const ROW_BYTES: usize = size_of::<Row>() + BITS_A_KEY / 8 + 14;

/// A run is spent with so many times fewer rows that count than it has.
const SPENT: u64 = 8;

/// The rows of one file. They change no more.
#[derive(Debug)]
pub(super) struct Run {
    file: File,
    pub path: PathBuf,
    /// The number of the last record in it.
    pub last: u64,
    file_bytes: u64,
    /// In order, one behind the other.
    keys: Vec<u8>,
    rows: Vec<Row>,
    beginnings: Beginnings,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    /// Of its key; that of the row before is where it begins.
    key_end: u32,
    value: Place,
}

/// Where a value stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub at: u32,
    /// [`DELETED`] if there is none.
    pub bytes: u32,
}

impl Run {
    /// `rows` are the last ones of each key in that file, in the order of their keys.
    pub fn new<'a>(
        file: File,
        path: PathBuf,
        last: u64,
        rows: impl Iterator<Item = (&'a [u8], Place)>,
    ) -> io::Result<Run> {
        let file_bytes = file.metadata()?.len();
        let mut run = Run {
            file,
            path,
            last,
            file_bytes,
            keys: vec![],
            rows: vec![],
            beginnings: Beginnings::default(),
        };
        for (key, value) in rows {
            run.keys.extend_from_slice(key);
            run.rows.push(Row { key_end: run.keys.len() as u32, value });
        }
        run.keys.shrink_to_fit();
        run.rows.shrink_to_fit();
        run.beginnings = Beginnings::of((0..run.len()).map(|row| run.key(row)));
        Ok(run)
    }

    pub fn len(&self) -> u32 {
        self.rows.len() as u32
    }

    pub fn key(&self, row: u32) -> &[u8] {
        let row = row as usize;
        let end = |row: usize| self.rows.get(row).map_or(0, |row| row.key_end as usize);
        let start = row.checked_sub(1).map_or(0, end);
        self.keys.get(start..end(row)).unwrap_or_default()
    }

    /// `None`: it is deleted.
    pub fn value(&self, row: u32) -> io::Result<Option<Vec<u8>>> {
        let place = self.rows.get(row as usize).map(|row| row.value).filter(|place| place.bytes != DELETED);
        let Some(Place { at, bytes }) = place else { return Ok(None) };
        let mut value = vec![0; bytes as usize];
        self.file.read_exact_at(&mut value, u64::from(at))?;
        Ok(Some(value))
    }

    /// The rows of a range that isn't empty.
    pub fn range(&self, range: Range<'_>) -> std::ops::Range<u32> {
        if !self.beginnings.may_have(prefix_of(range)) {
            return 0..0;
        }
        let first = match range.0 {
            Bound::Included(start) => self.first(|key| key >= start),
            Bound::Excluded(start) => self.first(|key| key > start),
            Bound::Unbounded => 0,
        };
        let end = match range.1 {
            Bound::Included(end) => self.first(|key| key > end),
            Bound::Excluded(end) => self.first(|key| key >= end),
            Bound::Unbounded => self.len(),
        };
        first..end.max(first)
    }

    /// The first row whose key is so; all after it are.
    fn first(&self, is_so: impl Fn(&[u8]) -> bool) -> u32 {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if is_so(self.key(middle)) { high = middle } else { low = middle + 1 }
        }
        low
    }

    fn memory_bytes(&self) -> usize {
        self.keys.len() + self.rows.len() * ROW_BYTES
    }

    /// Bytes of the keys and values that sled is to get.
    fn row_bytes(&self) -> u64 {
        let value = |row: &Row| if row.value.bytes == DELETED { 0 } else { u64::from(row.value.bytes) };
        self.keys.len() as u64 + self.rows.iter().map(value).sum::<u64>()
    }
}

/// Which keys may be there, by their tables and by how they begin: most of what is looked for by who it is about isn't.
#[derive(Debug, Default)]
struct Beginnings {
    /// A bit for each table, by the first byte of its keys.
    tables: [u64; 4],
    /// A Bloom filter over the first [`BEGINNING_BYTES`] of each key.
    bits: Vec<u64>,
}

/// A table and most of an OpenID.
const BEGINNING_BYTES: usize = 16;
/// With two bits of each key set, one search in seventy is for nothing.
const BITS_A_KEY: usize = 16;

impl Beginnings {
    fn of<'a>(keys: impl ExactSizeIterator<Item = &'a [u8]>) -> Beginnings {
        let words = (keys.len() * BITS_A_KEY).div_ceil(64).next_power_of_two();
        let mut all = Beginnings { tables: [0; 4], bits: vec![0; words] };
        for key in keys {
            let table = key.first().copied().unwrap_or_default();
            all.tables[usize::from(table >> 6)] |= 1 << (table & 63);
            if let Some(beginning) = key.first_chunk() {
                all.places(beginning).into_iter().for_each(|(word, bit)| all.bits[word] |= bit);
            }
        }
        all
    }

    /// False if no key begins so.
    fn may_have(&self, prefix: &[u8]) -> bool {
        let Some(table) = prefix.first() else { return true };
        let has_table = self.tables[usize::from(table >> 6)] & (1 << (table & 63)) != 0;
        let has = |(word, bit): (usize, u64)| self.bits[word] & bit != 0;
        has_table && prefix.first_chunk().is_none_or(|beginning| self.places(beginning).into_iter().all(has))
    }

    fn places(&self, beginning: &[u8; BEGINNING_BYTES]) -> [(usize, u64); 2] {
        let hash = xxh3_64(beginning);
        [hash, hash >> 32].map(|hash| ((hash >> 6) as usize & (self.bits.len() - 1), 1 << (hash & 63)))
    }
}

/// What all keys of a range begin with.
fn prefix_of<'a>((from, to): Range<'a>) -> &'a [u8] {
    let to_is_out = matches!(to, Bound::Excluded(_));
    let (Bound::Included(from) | Bound::Excluded(from), Bound::Included(to) | Bound::Excluded(to)) =
        (from, to)
    else {
        return &[];
    };
    let same = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    // Where the end is one higher in the next byte and has no other, all below it have that byte.
    let one_more = match (from.get(same), to.get(same..)) {
        (Some(byte), Some([next])) => to_is_out && byte.checked_add(1) == Some(*next),
        _ => false,
    };
    from.get(..same + usize::from(one_more)).unwrap_or_default()
}

/// The runs that sled hasn't got, and where the last value of each key stands.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// The oldest first.
    runs: VecDeque<Arc<Run>>,
    /// Of each of them, how many of its rows no later one has.
    last: VecDeque<u32>,
    /// The number of the first of them.
    first: u32,
    index: HashTable<Spot>,
    hasher: RandomState,
    memory_bytes: usize,
    file_bytes: u64,
}

/// A row by its run's number and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spot {
    run: u32,
    row: u32,
}

impl Runs {
    pub fn push(&mut self, run: Run) {
        self.memory_bytes += run.memory_bytes();
        self.file_bytes += run.file_bytes;
        let (number, run) = (self.first + self.runs.len() as u32, Arc::new(run));
        self.runs.push_back(Arc::clone(&run));
        self.last.push_back(run.len());
        let Runs { runs, last, first, index, hasher, .. } = self;
        let key_of =
            |spot: &Spot| runs.get((spot.run - *first) as usize).map_or(&[][..], |run| run.key(spot.row));
        for row in 0..run.len() {
            let (key, spot) = (run.key(row), Spot { run: number, row });
            let hash = hasher.hash_one(key);
            match index.find_mut(hash, |spot| key_of(spot) == key) {
                Some(older) => {
                    if let Some(rows) = last.get_mut((older.run - *first) as usize) {
                        *rows -= 1;
                    }
                    *older = spot;
                }
                None => _ = index.insert_unique(hash, spot, |spot| hasher.hash_one(key_of(spot))),
            }
        }
    }

    /// The run that has the last value of a key, and its row there.
    pub fn find(&self, key: &[u8]) -> Option<(&Run, u32)> {
        if self.runs.is_empty() {
            return None;
        }
        let is_it = |spot: &Spot| self.run(spot.run).is_some_and(|run| run.key(spot.row) == key);
        let spot = self.index.find(self.hasher.hash_one(key), is_it)?;
        self.run(spot.run).map(|run| (run, spot.row))
    }

    fn run(&self, number: u32) -> Option<&Run> {
        self.runs.get((number - self.first) as usize).map(Arc::as_ref)
    }

    /// The latest first.
    pub fn iter(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().rev().map(Arc::as_ref)
    }

    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Do later runs have nearly all that the oldest has? Then draining it costs little, and its file is free.
    pub fn oldest_is_spent(&self) -> bool {
        let (Some(run), Some(rows)) = (self.runs.front(), self.last.front()) else { return false };
        u64::from(*rows) * SPENT <= u64::from(run.len())
    }

    /// The oldest run, and those of its rows that no later one has.
    pub fn oldest(&self) -> Option<(Arc<Run>, Vec<u32>)> {
        let run = self.runs.front()?;
        let is_last = |row: &u32| {
            let spot = Spot { run: self.first, row: *row };
            self.index.find(self.hasher.hash_one(run.key(*row)), |last| *last == spot).is_some()
        };
        Some((Arc::clone(run), (0..run.len()).filter(is_last).collect()))
    }

    /// Forgets the oldest run, which sled has.
    pub fn pop_oldest(&mut self) -> Option<Arc<Run>> {
        let run = self.runs.pop_front()?;
        self.last.pop_front();
        for row in 0..run.len() {
            let spot = Spot { run: self.first, row };
            if let Ok(entry) = self.index.find_entry(self.hasher.hash_one(run.key(row)), |last| *last == spot)
            {
                entry.remove();
            }
        }
        self.first += 1;
        self.memory_bytes -= run.memory_bytes();
        self.file_bytes -= run.file_bytes;
        if self.runs.is_empty() {
            self.index = HashTable::new();
        }
        Some(run)
    }

    /// About what they take in memory.
    pub fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Bytes of their keys and values.
    pub fn row_bytes(&self) -> u64 {
        self.runs.iter().map(|run| run.row_bytes()).sum()
    }

    /// What they take on the disk.
    pub fn file_bytes(&self) -> u64 {
        self.file_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keys_of_a_range_begin_with_is_found_where_all_do() {
        let of =
            |from: &'static [u8], to: &'static [u8]| prefix_of((Bound::Included(from), Bound::Excluded(to)));
        assert_eq!(of(b"abc", b"abd"), b"abc");
        assert_eq!(of(b"abcxyz", b"abd"), b"abc", "from after a row of them on");
        assert_eq!(of(b"abc", b"abe"), b"ab");
        assert_eq!(of(b"abc", b"abd1"), b"ab", "abd is in it");
        assert_eq!(prefix_of((Bound::Included(b"abc"), Bound::Included(b"abd"))), b"ab", "abd is in it");
        assert_eq!(of(b"", b"b"), b"");
        assert_eq!(of(b"a\xff", b"b"), b"a");
        assert_eq!(prefix_of((Bound::Included(b"abc"), Bound::Unbounded)), b"");
    }

    #[test]
    fn a_key_that_is_there_is_never_missed_and_others_seldom_searched_for() {
        let key =
            |n: u64| format!("\x07oB{:016x}{n:010}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).into_bytes();
        let keys: Vec<Vec<u8>> = (0..1000).map(key).collect();
        let beginnings = Beginnings::of(keys.iter().map(Vec::as_slice));
        assert!(keys.iter().all(|key| (0..=key.len()).all(|end| beginnings.may_have(&key[..end]))));
        let searched = (1000..11_000).filter(|n| beginnings.may_have(&key(*n))).count();
        assert!(searched < 300, "{searched}");
        assert!(!beginnings.may_have(b"\x08") && beginnings.may_have(b"\x07o"));
    }
}
