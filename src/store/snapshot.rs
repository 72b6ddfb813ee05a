//! All rows as of one commit, read in slices while the service goes on.
//!
//! The writer reads a slice between two groups. Before a group changes a row that was not read yet, the row
//! is kept as it was, and read from there when its turn comes.

use std::ops::Bound;
use std::sync::mpsc::{SyncSender, TrySendError};

use super::commit_row::CommitRow;
use super::engine::{Direction, Engine, EngineError, Rows};
use super::overlay::{Change, Overlay};
use super::table::OWN_PREFIX;

const SLICE_ROWS: usize = 200;

/// Slices that may wait for whoever takes them.
pub(crate) const SLICES_WAITING_MAX: usize = 4;

#[derive(Debug)]
pub(crate) enum Slice {
    /// Comes first: what the rows that follow must add up to.
    Head(Box<CommitRow>),
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
    pub fn start(head: CommitRow, taker: SyncSender<Slice>) -> Snapshot {
        let cursor = vec![OWN_PREFIX, u8::MAX];
        Snapshot { cursor, was: Overlay::default(), ready: Some(Slice::Head(Box::new(head))), taker }
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
