//! What can go wrong, by who has to react.

use super::engine::EngineError;
use super::table::CatalogClash;

/// Why a command could not go on. Not a refusal: that is an answer, `Ok(Err(refusal))`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A stored row can't be read as what it should be.
    #[error("damaged row in table {table}, key {key}: {detail}")]
    Damaged { table: &'static str, key: String, detail: String },
    /// The engine can't read or has lost what it held.
    #[error("the store's engine: {0}")]
    Engine(String),
    /// A command given to `Store::read` wrote.
    #[error("a read wrote to table {0}")]
    ReadWrote(&'static str),
    /// The table is not in the catalog that the store was opened with.
    #[error("table {0} is not in the store's catalog")]
    UnknownTable(&'static str),
    #[error("a key of table {table} has {bytes} bytes; the limit is {limit}")]
    KeyTooLong { table: &'static str, bytes: usize, limit: usize },
    #[error("a value of table {table} has {bytes} bytes; the limit is {limit}")]
    ValueTooLong { table: &'static str, bytes: usize, limit: usize },
    #[error("a value of table {table} can't be encoded: {detail}")]
    Unencodable { table: &'static str, detail: String },
    /// A person's key can't be had.
    #[error("{0}")]
    Key(String),
    #[error("the command wrote more than {0} rows")]
    TooManyWrites(usize),
    /// Rows that can be read contradict each other: a caller's rule that should always hold doesn't.
    #[error("rows contradict each other: {0}")]
    Contradiction(String),
}

/// Why a submitted command has no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubmitError {
    /// The queue is full: said at once, before anything else is done.
    #[error("busy: the commit queue is full")]
    Busy,
    /// The disk is full. What needs no write still works; the rest may be tried again later.
    #[error("the disk is full, try again later")]
    Full,
    /// The disk refuses writes, or reads: try again later.
    #[error("the store is not available, try again later: {0}")]
    Unavailable(String),
    /// The store is damaged and answers nothing more; the text says what to do.
    #[error("{0}")]
    Damaged(String),
    /// One walk over all rows at a time.
    #[error("a backup or a verification is under way")]
    Occupied,
    #[error("the store is closed")]
    Closed,
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The command panicked; it wrote nothing and failed no other. What it said may quote what a follower sent, so it is
    /// told to nobody: the log has the place, and the words when debugging.
    #[error("a bug in a command")]
    Bug(String),
}

impl SubmitError {
    /// It is nothing about the command, and goes by: a full queue, a full disk.
    pub fn passes(&self) -> bool {
        matches!(
            self,
            SubmitError::Busy | SubmitError::Full | SubmitError::Unavailable(_) | SubmitError::Occupied
        )
    }
}

/// Why a store was not opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OpenError {
    #[error("the store at {0} is in use by another process")]
    InUse(String),
    #[error(
        "the store was sealed with other keys than the configured ones: give it the key {0}…, as keys.seal if it \
         is the only one, else as keys.seal_previous: what it sealed is still in the store"
    )]
    WrongKey(String),
    #[error("the store has format {found}, this version reads up to {known}: use a newer gonghui")]
    NewerFormat { found: u32, known: u32 },
    #[error("the store was made as {found:?}, this version opens {known:?}")]
    OtherSettings { found: String, known: &'static str },
    #[error("a backup was being restored into it and is not whole: remove it and restore again")]
    HalfRestored,
    #[error("the store is damaged: {0}. Put its files aside and restore a backup into a new path")]
    Damaged(String),
    #[error("the store can't be read or written: {0}")]
    Io(String),
    #[error(transparent)]
    Catalog(#[from] CatalogClash),
}

impl From<EngineError> for OpenError {
    fn from(error: EngineError) -> OpenError {
        match error {
            EngineError::Full(text) | EngineError::Io(text) => OpenError::Io(text),
            EngineError::Damaged(text) | EngineError::Foreign(text) => OpenError::Damaged(text),
            EngineError::InUse(path) => OpenError::InUse(path),
        }
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Fault {
        Fault::Engine(error.to_string())
    }
}
