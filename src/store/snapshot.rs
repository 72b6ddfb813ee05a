//! All rows as of one commit, read in slices while the service goes on.
//!
//! The writer reads a slice between two groups. Before a group changes a row that was not read yet, the row
//! is kept as it was, and read from there when its turn comes.

use std::ops::Bound;
use std::sync::mpsc::{SyncSender, TrySendError};

use super::engine::{Direction, Engine, EngineError, Rows};
use super::overlay::{Change, Overlay};
use super::table::OWN_PREFIX;

const SLICE_ROWS: usize = 200;

/// Slices that may wait for whoever takes them.
pub(crate) const SLICES_WAITING_MAX: usize = 4;

#[derive(Debug)]
pub(crate) enum Slice {
    Rows(Rows),
    End,
    /// Comes last instead of the end: the rows can't be read to the end.
    Interrupted(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    More,
    /// Whoever takes the slices is behind.
    Waiting,
    Done,
}

pub(crate) struct Snapshot {
    /// All rows up to here were read.
    cursor: Vec<u8>,
    /// Rows above the cursor as they were.
    was: Overlay,
    ready: Option<Slice>,
    taker: SyncSender<Slice>,
}

impl Snapshot {
    pub fn start(taker: SyncSender<Slice>) -> Snapshot {
        let cursor = vec![OWN_PREFIX, u8::MAX];
        Snapshot { cursor, was: Overlay::default(), ready: None, taker }
    }

    pub fn keep_what_was(&mut self, changes: &[Change]) {
        for change in changes.iter().filter(|change| change.key > self.cursor) {
            self.was.remember(change.key.clone(), change.before.clone());
        }
    }

    /// Reads one slice and hands it over.
    pub fn step(&mut self, engine: &dyn Engine) -> Result<Progress, EngineError> {
        let slice = match self.ready.take() {
            Some(slice) => slice,
            None => self.read(engine)?,
        };
        let last = matches!(slice, Slice::End);
        match self.taker.try_send(slice) {
            Ok(()) if last => Ok(Progress::Done),
            Ok(()) => Ok(Progress::More),
            Err(TrySendError::Full(slice)) => {
                self.ready = Some(slice);
                Ok(Progress::Waiting)
            }
            Err(TrySendError::Disconnected(_)) => Ok(Progress::Done),
        }
    }

    /// Gives up, telling the taker why.
    pub fn interrupt(self, why: &str) {
        // A taker that is behind finds the channel closed without an end, which says the same.
        _ = self.taker.try_send(Slice::Interrupted(why.to_owned()));
    }

    fn read(&mut self, engine: &dyn Engine) -> Result<Slice, EngineError> {
        let range = (Bound::Excluded(&self.cursor[..]), Bound::Unbounded);
        let rows = self.was.scan(engine, range, Direction::Forward, SLICE_ROWS)?;
        let Some((last, _)) = rows.last() else { return Ok(Slice::End) };
        self.cursor.clone_from(last);
        self.was.forget_through(&self.cursor);
        Ok(Slice::Rows(rows))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::mpsc::sync_channel;

    use proptest::prelude::*;

    use super::*;
    use crate::store::engine::memory::Memory;
    use crate::store::engine::{Batch, Durability};

    fn commit(engine: &mut Memory, writes: Vec<(Vec<u8>, Option<Vec<u8>>)>) {
        engine.commit(&Batch { seq: 1, writes }, Durability::Relaxed).unwrap();
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_start_whatever_changes_meanwhile(
            start in prop::collection::btree_map(1u16..2000, any::<u8>(), 0..900),
            changes in prop::collection::vec((1u16..2000, prop::option::of(any::<u8>())), 0..400),
            changes_a_step in 1usize..60,
        ) {
            let key = |number: u16| [&[1u8][..], &number.to_be_bytes()].concat();
            let mut engine = Memory::default();
            commit(&mut engine, start.iter().map(|(k, v)| (key(*k), Some(vec![*v]))).collect());
            let (taker, slices) = sync_channel(1);
            let mut snapshot = Snapshot::start(taker);
            let mut changes = changes.chunks(changes_a_step);
            let mut found = BTreeMap::new();
            loop {
                for (number, value) in changes.next().unwrap_or_default() {
                    let (key, after) = (key(*number), value.map(|v| vec![v]));
                    let before = engine.get(&key).unwrap();
                    snapshot.keep_what_was(&[Change { key: key.clone(), before, after: after.clone() }]);
                    commit(&mut engine, vec![(key, after)]);
                }
                let progress = snapshot.step(&engine).unwrap();
                match slices.try_recv() {
                    Ok(Slice::Rows(rows)) => found.extend(rows),
                    Ok(Slice::End) => break,
                    other => panic!("{progress:?} {other:?}"),
                }
            }
            let start: BTreeMap<_, _> = start.into_iter().map(|(k, v)| (key(k), vec![v])).collect();
            prop_assert_eq!(found, start);
        }
    }

    #[test]
    fn a_taker_that_is_behind_or_gone_holds_nobody_up() {
        let mut engine = Memory::default();
        commit(&mut engine, vec![(vec![1, 1], Some(vec![1]))]);
        let (taker, slices) = sync_channel(1);
        let mut snapshot = Snapshot::start(taker);
        assert_eq!(snapshot.step(&engine).unwrap(), Progress::More);
        assert_eq!(snapshot.step(&engine).unwrap(), Progress::Waiting);
        assert_eq!(snapshot.step(&engine).unwrap(), Progress::Waiting);
        assert!(matches!(slices.recv(), Ok(Slice::Rows(_))));
        assert_eq!(snapshot.step(&engine).unwrap(), Progress::Done);
        let (taker, slices) = sync_channel(1);
        drop(slices);
        assert_eq!(Snapshot::start(taker).step(&engine).unwrap(), Progress::Done);
    }
}
