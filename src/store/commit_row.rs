//! The row that every commit carries: how many commits there were, how many rows each table has, and a hash
//! over all of them. Recomputing it finds rows that the engine lost without noticing.

use xxhash_rust::xxh3::{xxh3_64, xxh3_128_with_seed};

use super::codec::{self, Undecodable};
use super::key::Key;
use super::overlay::Change;
use super::table::OWN_PREFIX;
use crate::moment::Time;

pub(crate) const KEY: [u8; 2] = [OWN_PREFIX, b'c'];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitRow {
    /// Number of this commit; 0 before the first.
    pub seq: u64,
    /// The latest moment among the commands of the commit.
    pub at: Time,
    pub rows: Tally,
}

/// Counts of rows by table prefix and the sum of their hashes, which doesn't depend on their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub counts: [u64; 256],
    pub hash: u128,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally { counts: [0; 256], hash: 0 }
    }
}

impl Tally {
    pub fn add(&mut self, key: &[u8], value: &[u8]) {
        self.hash = self.hash.wrapping_add(hash(key, value));
        if let Some(count) = self.count(key) {
            *count = count.wrapping_add(1);
        }
    }

    pub fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.hash = self.hash.wrapping_sub(hash(key, value));
        if let Some(count) = self.count(key) {
            *count = count.wrapping_sub(1);
        }
    }

    pub fn apply(&mut self, change: &Change) {
        if let Some(before) = &change.before {
            self.remove(&change.key, before);
        }
        if let Some(after) = &change.after {
            self.add(&change.key, after);
        }
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |total, count| total.wrapping_add(*count))
    }

    fn count(&mut self, key: &[u8]) -> Option<&mut u64> {
        self.counts.get_mut(usize::from(*key.first()?))
    }
}

fn hash(key: &[u8], value: &[u8]) -> u128 {
    xxh3_128_with_seed(value, xxh3_64(key))
}

impl CommitRow {
    pub fn first() -> CommitRow {
        CommitRow { seq: 0, at: Time::default(), rows: Tally::default() }
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(256);
        (self.seq, self.at, self.rows.hash).encode(&mut payload);
        for (prefix, count) in (0..=u8::MAX).zip(self.rows.counts).filter(|(_, count)| *count != 0) {
            (prefix, count).encode(&mut payload);
        }
        codec::summed(&KEY, &payload)
    }

    pub fn decode(stored: &[u8]) -> Result<CommitRow, Undecodable> {
        let mut payload = codec::checked(&KEY, stored)?;
        let shape = || Undecodable::Shape("not a commit row".to_owned());
        let (seq, at, hash) = Key::decode(&mut payload).ok_or_else(shape)?;
        let mut counts = [0; 256];
        while !payload.is_empty() {
            let (prefix, count): (u8, u64) = Key::decode(&mut payload).ok_or_else(shape)?;
            counts[usize::from(prefix)] = count;
        }
        Ok(CommitRow { seq, at, rows: Tally { counts, hash } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_row_comes_back_and_a_changed_one_is_found() {
        let mut row = CommitRow { seq: 9, at: Time::from_unix_ms(5), rows: Tally::default() };
        row.rows.add(&[3, 1], b"a");
        row.rows.add(&[255, 1], b"b");
        let stored = row.encode();
        assert_eq!(CommitRow::decode(&stored), Ok(row));
        assert!(CommitRow::decode(&stored[..stored.len() - 1]).is_err());
    }

    #[test]
    fn a_tally_forgets_what_is_removed_and_tells_rows_apart() {
        let mut tally = Tally::default();
        tally.add(&[3, 1], b"a");
        tally.add(&[3, 2], b"b");
        let mut exchanged = Tally::default();
        exchanged.add(&[3, 1], b"b");
        exchanged.add(&[3, 2], b"a");
        assert_ne!(tally.hash, exchanged.hash);
        tally.remove(&[3, 2], b"b");
        tally.apply(&Change { key: vec![3, 1], before: Some(b"a".to_vec()), after: None });
        assert_eq!(tally, Tally::default());
    }
}
