//! Moves rows from the journal's files into sled, on a thread of its own.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::thread;
use std::time::Duration;

use super::run::Run;
use crate::store::engine::EngineError;
use crate::store::engine::files::engine_error;
use crate::store::engine::sled::Sled;

/// Rows that are put before it is seen whether to go on.
const ROWS_AT_ONCE: usize = 200;

/// How often a waiter looks whether sled is broken, when it may never answer.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Puts rows of a run into sled, in key order, so that each page is changed once; all of the run's records are on disk
/// there when it returns true, and not all if it was to stop. Doing it again does no harm.
pub(super) fn drain(
    run: &Run,
    rows: &[u32],
    sled: &Sled,
    is_to_stop: impl Fn() -> bool,
) -> Result<bool, EngineError> {
    for rows in rows.chunks(ROWS_AT_ONCE) {
        if is_to_stop() {
            return Ok(false);
        }
        let values: io::Result<Vec<_>> = rows.iter().map(|row| run.value(*row)).collect();
        let values = values.map_err(|error| engine_error(&run.path, &error))?;
        sled.put(rows.iter().zip(&values).map(|(row, value)| (run.key(*row), value.as_deref())))?;
    }
    sled.set_mark(run.last)?;
    sled.flush()?;
    Ok(true)
}

/// A drain that is under way.
pub(super) struct Draining {
    stopped: Arc<AtomicBool>,
    done: Receiver<Result<(), EngineError>>,
}

impl Draining {
    pub fn start(run: Arc<Run>, rows: Vec<u32>, sled: Arc<Sled>) -> Result<Draining, EngineError> {
        let stopped = Arc::new(AtomicBool::new(false));
        let (told, done) = mpsc::channel();
        let theirs = Arc::clone(&stopped);
        let work = move || {
            let drained = match drain(&run, &rows, &sled, || theirs.load(Ordering::Relaxed)) {
                Ok(false) => Err(EngineError::Io("the journal was closed while it was drained".to_owned())),
                outcome => outcome.map(drop),
            };
            // Before it is told: who hears of it may want to be the last that has them.
            drop((run, sled));
            _ = told.send(drained);
        };
        let thread = thread::Builder::new().name("store drain".to_owned()).spawn(work);
        thread.map_err(|error| EngineError::Io(format!("no thread to drain the journal: {error}")))?;
        Ok(Draining { stopped, done })
    }

    /// How it ended, if it has.
    pub fn outcome(&self) -> Option<Result<(), EngineError>> {
        match self.done.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(lost())),
        }
    }

    /// Waits until it ends.
    pub fn wait(&self, sled: &Sled) -> Result<(), EngineError> {
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
