//! What the store asks of an engine: an ordered map of bytes with atomic batches.

#[cfg(test)]
mod battery;
mod containment;
pub(crate) mod files;
pub mod journal;
pub mod memory;
mod sled;
mod sled_watch;

use std::ops::Bound;

pub use super::table::Durability;

/// Rows in key order: key, value.
pub type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// A range of keys.
pub type Range<'a> = (Bound<&'a [u8]>, Bound<&'a [u8]>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Back,
}

/// A key and its new value; `None` deletes.
pub type Write = (Vec<u8>, Option<Vec<u8>>);

/// Writes that are applied all or none.
#[derive(Debug, Default)]
pub struct Batch {
    /// The number of this commit; each is one above the last.
    pub seq: u64,
    /// Each key at most once.
    pub writes: Vec<Write>,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum EngineError {
    /// The disk has no room. Reads go on; [`Engine::reopen`] may heal it.
    #[error("{0}")]
    Full(String),
    /// The disk refuses. Reads that don't need it go on; [`Engine::reopen`] may heal it.
    #[error("{0}")]
    Io(String),
    /// What was stored can't be trusted any more.
    #[error("{0}")]
    Damaged(String),
    #[error("the store at {0} is in use by another process")]
    InUse(String),
    /// The files are of another kind than this engine reads.
    #[error("{0}")]
    Foreign(String),
}

/// An engine. One thread uses it; only [`Engine::commit`] changes it, and [`Engine::take_back`].
pub trait Engine: Send {
    /// What can't be changed once the store is made, as one word or more: checked at each open.
    fn settings(&self) -> &'static str;

    /// What a caller of [`Engine::open`] stored as the label, readable before anything is opened or
    /// written. `None`: there is no store yet.
    fn label(&self) -> Result<Option<Vec<u8>>, EngineError>;

    /// Replaces the label durably.
    fn set_label(&mut self, label: &[u8]) -> Result<(), EngineError>;

    /// The same store as a copy that may be opened, examined and thrown away, for engines whose opening can
    /// overwrite what is damaged. `None`: go without.
    fn rehearsal(&self) -> Result<Option<Box<dyn Engine>>, EngineError> {
        Ok(None)
    }

    /// Opens the store, or makes an empty one. Returns the highest `seq` that is known to have been
    /// acknowledged as durable: a store that opens with a lower one has lost something.
    fn open(&mut self) -> Result<u64, EngineError>;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;

    /// At most `limit` rows of `range`, in the direction's order. Fewer only if there are no more.
    fn scan(&self, range: Range<'_>, direction: Direction, limit: usize) -> Result<Rows, EngineError>;

    /// Applies the batch; if `durability` asks for it, returns only when it and all before it are on disk.
    /// After an error it is unknown whether the batch was applied, and only reads are asked for until
    /// [`Engine::reopen`].
    fn commit(&mut self, batch: &Batch, durability: Durability) -> Result<(), EngineError>;

    /// Begins to make durable what was committed so far, and doesn't wait for it. The `seq` of the last commit that is,
    /// or `None`: call again soon to learn of it. An error is as one of [`Engine::commit`].
    fn sync(&mut self) -> Result<Option<u64>, EngineError>;

    /// As [`Engine::sync`], and waits: what was committed so far is on disk then.
    fn flush(&mut self) -> Result<u64, EngineError>;

    /// Takes back the last commit, of which nobody was told and which could not be brought to disk: its keys are as they
    /// were, which `writes` says, and stay so when the store is opened again.
    fn take_back(&mut self, writes: &[Write]);

    /// Uses a time in which nothing is asked for: begins what else would be done later, and doesn't wait for it.
    /// False if it should be called once more.
    fn rest(&mut self) -> bool {
        true
    }

    /// Whether it is worth trying [`Engine::reopen`] after a failed commit. Cheap.
    fn has_room(&self) -> bool {
        true
    }

    /// Closes and opens again, dropping what was not written. Returns as [`Engine::open`].
    fn reopen(&mut self) -> Result<u64, EngineError>;

    /// Makes everything durable and lets go of the files.
    fn close(&mut self) -> Result<(), EngineError>;
}

/// Ranges that end before they begin, which maps refuse with a panic.
pub(crate) fn is_empty((start, end): Range<'_>) -> bool {
    match (start, end) {
        (Bound::Included(start), Bound::Included(end)) => start > end,
        (Bound::Included(start) | Bound::Excluded(start), Bound::Included(end) | Bound::Excluded(end)) => {
            start >= end
        }
        _ => false,
    }
}
