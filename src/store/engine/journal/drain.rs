//! Moves rows from the journal into sled, on a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::thread;
use std::time::Duration;

use super::files;
use super::table::Table;
use crate::store::engine::EngineError;
use crate::store::engine::files::engine_error;
use crate::store::engine::sled::Sled;

/// Rows that are put before it is seen whether to go on.
const ROWS_AT_ONCE: usize = 200;

/// How often a waiter looks whether sled is broken, when it may never answer.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Rows that change no more, and the files that hold them.
#[derive(Debug, Default)]
pub(super) struct Frozen {
    pub table: Table,
    pub files: Vec<PathBuf>,
    /// The last record among them.
    pub last: u64,
}

impl Frozen {
    /// Puts the rows into sled, in key order, so that each page is changed once; when they are on disk there, the
    /// files are deleted, but for one if some are `spared`. Doing it again does no harm.
    pub fn drain(
        &self,
        sled: &Sled,
        folder: &Path,
        spared: Spared,
        stopped: &AtomicBool,
    ) -> Result<Option<PathBuf>, EngineError> {
        let mut rows = self.table.rows().peekable();
        while rows.peek().is_some() {
            if stopped.load(Ordering::Relaxed) {
                return Err(EngineError::Io("the journal was closed while it was drained".to_owned()));
            }
            sled.put(rows.by_ref().take(ROWS_AT_ONCE))?;
        }
        sled.set_mark(self.last)?;
        sled.flush()?;
        let (spare, rest) = match (spared, self.files.split_last()) {
            (Spared::One, Some((last, rest))) => (Some(last.clone()), rest),
            (Spared::One | Spared::None, _) => (None, &self.files[..]),
        };
        files::delete(folder, rest).map_err(|error| engine_error(folder, &error))?;
        Ok(spare)
    }
}

/// Whether a drained file is left to be written to again.
#[derive(Clone, Copy)]
pub(super) enum Spared {
    One,
    None,
}

/// What a drain leaves: a file to be written to again.
type Left = Result<Option<PathBuf>, EngineError>;

/// A drain that is under way.
pub(super) struct Draining {
    stopped: Arc<AtomicBool>,
    done: Receiver<Left>,
}

impl Draining {
    /// `retired` are rows that nobody reads any more: freeing them takes a while too.
    pub fn start(
        frozen: Arc<Frozen>,
        retired: Option<Arc<Frozen>>,
        sled: Arc<Sled>,
        folder: PathBuf,
    ) -> Result<Draining, EngineError> {
        let stopped = Arc::new(AtomicBool::new(false));
        let (told, done) = mpsc::channel();
        let theirs = Arc::clone(&stopped);
        let work = move || {
            drop(retired);
            let drained = frozen.drain(&sled, &folder, Spared::One, &theirs);
            // Before it is told: who hears of it may want to be the last that has them.
            drop((frozen, sled));
            _ = told.send(drained);
        };
        let thread = thread::Builder::new().name("store drain".to_owned()).spawn(work);
        thread.map_err(|error| EngineError::Io(format!("no thread to drain the journal: {error}")))?;
        Ok(Draining { stopped, done })
    }

    /// How it ended, if it has.
    pub fn outcome(&self) -> Option<Left> {
        match self.done.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(lost())),
        }
    }

    /// Waits until it ends.
    pub fn wait(&self, sled: &Sled) -> Left {
        loop {
            match self.done.recv_timeout(LOOK_EVERY) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Timeout) => sled.sound()?,
                Err(RecvTimeoutError::Disconnected) => return Err(lost()),
            }
        }
    }

    /// Waits until it ends, which it is told to do soon.
    pub fn stop(&self, sled: &Sled) {
        self.stopped.store(true, Ordering::Relaxed);
        // The rows stay in the journal.
        _ = self.wait(sled);
    }
}

fn lost() -> EngineError {
    EngineError::Io("the thread that drained the journal is gone".to_owned())
}
