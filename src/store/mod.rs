//! The store: typed tables in an ordered map with serializable, atomic transactions.
//!
//! A command is a plain function `Fn(&mut Tx)`. One thread runs the commands one after another and commits those
//! that wait together; a submitter hears of success when what its command did can't be lost any more (or, for
//! tables that say so, once it is applied).
//!
//! The store knows nothing of WeChat or of unions.

mod backup;
mod backup_file;
mod bytes;
mod codec;
mod commit_row;
mod core;
pub mod engine;
mod error;
mod key;
mod key_book;
mod known;
mod label;
mod migrate;
mod overlay;
mod queue;
mod resealing;
mod seal;
mod sealed_files;
mod snapshot;
mod stats;
mod table;
pub mod testing;
#[cfg(test)]
mod tests;
mod tx;
mod verify;
mod writer;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use self::core::Core;
use self::engine::{Engine, EngineError};
use self::queue::{Command, Queue};
use self::writer::{GroupLimits, Shared, Writer};
use crate::moment::Moment;

pub use self::backup::{Backup, BackupError, RestoreError, Restored, backup_holds, restore};
pub use self::bytes::Bytes;
pub use self::codec::{KEY_BYTES_MAX, VALUE_BYTES_MAX};
pub use self::error::{Fault, OpenError, SubmitError};
pub use self::key::Key;
pub use self::key_book::{KeyBook, NoKey, merged as merged_key_books, replace as replace_key_book};
pub use self::resealing::{Resealed, keys_of};
pub use self::seal::{KeyName, Sealed, Sealer};
pub use self::sealed_files::{DOCUMENT_BYTES_MAX, DocumentError, DocumentName, SealedFiles};
pub use self::stats::{Stats, TableLabel};
pub use self::table::{CatalogClash, Durability, Table, TableInfo};
pub use self::tx::{COMMAND_WRITES_MAX, Page, SCAN_LIMIT_MAX, Tx};
pub use self::verify::{PROBLEMS_LISTED_MAX, Problem, Report};

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Commands that may wait; one more is answered [`SubmitError::Busy`].
    pub queue_commands_max: usize,
    /// Commands in one commit.
    pub group_commands_max: usize,
    /// Rows written by one commit, unless a single command writes more.
    pub group_puts_max: usize,
    /// What was acknowledged without being on disk (relaxed tables alone) is there after so long.
    pub sync_within: Duration,
    /// After so long without a write the engine does what it put off.
    pub rest_after: Duration,
    pub sealer: Sealer,
    /// Every table that commands use.
    pub catalog: &'static [TableInfo],
    /// For tests: every command is run twice on the same view, and fails if it writes something else.
    pub run_twice: bool,
}

impl Options {
    pub fn new(sealer: Sealer, catalog: &'static [TableInfo]) -> Options {
        Options {
            queue_commands_max: 10_000,
            group_commands_max: 256,
            group_puts_max: 2000,
            sync_within: Duration::from_millis(500),
            rest_after: Duration::from_secs(3),
            sealer,
            catalog,
            run_twice: false,
        }
    }
}

/// A handle to an open store; clones share it. When the last one is dropped the store closes by itself, but
/// only [`Store::close`] waits for it.
#[derive(Clone)]
pub struct Store {
    handle: Arc<Handle>,
}

struct Handle {
    shared: Arc<Shared>,
    book: KeyBook,
    closed: Mutex<Option<oneshot::Receiver<Result<(), EngineError>>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}

impl Store {
    /// The keys of persons, to be copied with each backup, and over the copy before.
    pub fn key_book(&self) -> &KeyBook {
        &self.handle.book
    }

    /// Opens the store that the engine finds, or makes one. Reads and may recover files: takes seconds for a
    /// large one.
    ///
    /// # Errors
    /// A store that is in use, newer, or sealed with another key is not touched. Nor is a damaged one, unless
    /// it is so large that its engine could not try it out on a copy.
    pub fn open(engine: Box<dyn Engine>, options: Options) -> Result<Store, OpenError> {
        let book = options.sealer.book().clone();
        let core = Core::open(engine, options.sealer, options.catalog, options.run_twice)?;
        let shared = Arc::new(Shared {
            queue: Queue::new(options.queue_commands_max),
            stats: Stats::default(),
            writable: AtomicBool::new(false),
            damaged: AtomicBool::new(false),
        });
        let limits = GroupLimits {
            commands_max: options.group_commands_max,
            puts_max: options.group_puts_max,
            sync_within: options.sync_within,
            rest_after: options.rest_after,
        };
        let writer = Writer::new(core, Arc::clone(&shared), limits);
        let (closed, on_closed) = oneshot::channel();
        std::thread::Builder::new()
            .name("store writer".to_owned())
            .spawn(move || closed.send(writer.work()))
            .map_err(|error| OpenError::Io(format!("no thread for the writer: {error}")))?;
        Ok(Store { handle: Arc::new(Handle { shared, book, closed: Mutex::new(Some(on_closed)) }) })
    }

    /// Runs a command and waits until what it wrote is as safe as the tables it wrote to ask for.
    ///
    /// The command may run more than once, on other views: it decides from `tx` and its moment alone. It is
    /// queued when the future is first polled; from then on it runs even if the future is dropped.
    pub async fn submit<T, F>(&self, moment: Moment, command: F) -> Result<T, SubmitError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    {
        self.queued(moment, true, command)?.await.unwrap_or(Err(SubmitError::Closed))
    }

    /// As [`Store::submit`] for a command that only reads: a write in it is a fault.
    pub async fn read<T, F>(&self, moment: Moment, command: F) -> Result<T, SubmitError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    {
        self.queued(moment, false, command)?.await.unwrap_or(Err(SubmitError::Closed))
    }

    /// As [`Store::submit`] for a thread that may wait. Panics inside an asynchronous task.
    pub fn submit_blocking<T, F>(&self, moment: Moment, command: F) -> Result<T, SubmitError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    {
        self.queued(moment, true, command)?.blocking_recv().unwrap_or(Err(SubmitError::Closed))
    }

    pub fn stats(&self) -> &Stats {
        &self.handle.shared.stats
    }

    /// Whether commands that write are taken: the store is open, the disk takes writes, nothing is damaged.
    pub fn is_ready(&self) -> bool {
        self.handle.shared.writable.load(Ordering::Relaxed)
    }

    /// Whether anything is answered: true on a full disk, too, where reads go on.
    pub fn is_sound(&self) -> bool {
        !self.handle.shared.damaged.load(Ordering::Relaxed)
    }

    /// Lets no more commands in, finishes those that wait, makes everything durable and lets go of the files.
    /// A second call does nothing.
    pub async fn close(&self) -> Result<(), EngineError> {
        self.handle.shared.queue.close();
        let closed = self.handle.closed.lock().unwrap_or_else(PoisonError::into_inner).take();
        match closed {
            Some(closed) => closed
                .await
                .unwrap_or_else(|_| Err(EngineError::Io("the store's writer panicked".to_owned()))),
            None => Ok(()),
        }
    }

    /// Has the writer do something between two groups.
    async fn errand<T: Send + 'static>(
        &self,
        errand: impl FnOnce(&mut Core) -> Result<T, SubmitError> + Send + 'static,
    ) -> Result<T, SubmitError> {
        let (sender, done) = oneshot::channel();
        let errand = move |core: &mut Core| _ = sender.send(errand(core));
        self.handle.shared.queue.push_errand(Box::new(errand))?;
        done.await.unwrap_or(Err(SubmitError::Closed))
    }

    fn queued<T, F>(
        &self,
        moment: Moment,
        may_write: bool,
        command: F,
    ) -> Result<oneshot::Receiver<Result<T, SubmitError>>, SubmitError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx) -> Result<T, Fault> + Send + 'static,
    {
        let shared = &self.handle.shared;
        if shared.queue.is_full() {
            shared.stats.count_failure(&SubmitError::Busy);
            return Err(SubmitError::Busy);
        }
        let (submitter, outcome) = oneshot::channel();
        let ticket = Ticket { moment, may_write, command, value: None, submitter };
        shared.queue.push(Box::new(ticket)).inspect_err(|error| shared.stats.count_failure(error))?;
        Ok(outcome)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store {{ ready: {} }}", self.is_ready())
    }
}

/// A command with its submitter.
struct Ticket<T, F> {
    moment: Moment,
    may_write: bool,
    command: F,
    value: Option<T>,
    submitter: oneshot::Sender<Result<T, SubmitError>>,
}

impl<T, F> Command for Ticket<T, F>
where
    T: Send,
    F: Fn(&mut Tx) -> Result<T, Fault> + Send,
{
    fn moment(&self) -> Moment {
        self.moment
    }

    fn may_write(&self) -> bool {
        self.may_write
    }

    fn run(&mut self, tx: &mut Tx) -> Result<(), Fault> {
        self.value = Some((self.command)(tx)?);
        Ok(())
    }

    fn settle(self: Box<Self>, outcome: Result<(), SubmitError>) {
        let Ticket { value, submitter, .. } = *self;
        let answer = outcome.and_then(|()| value.ok_or(SubmitError::Closed));
        // A submitter that is gone doesn't undo the command.
        _ = submitter.send(answer);
    }
}
