//! A way out of a wait of sled's that has no end.
//!
//! When one of sled's threads can't write, it keeps the error, but on one of its paths it forgets to wake who
//! waits for that write (`exit_reservation` in 0.34.7). Anybody else's `flush` then finds the error and wakes
//! all. So while somebody waits for long, a thread asks for a flush now and then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::containment::contain;

/// How long a wait must be to be looked after; each further help comes twice as late, since one that comes
/// before the error may have to wait as well.
const PATIENCE: Duration = Duration::from_millis(500);

pub(crate) struct Watch {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Who may wait: one thread as each.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Waiter {
    Reader,
    Writer,
}

#[derive(Default)]
struct Shared {
    /// Counts beginnings and ends of each waiter's waits: odd while there is one.
    waits: [AtomicU64; 2],
    stopped: AtomicBool,
}

/// A wait; it ends when this is dropped.
pub(crate) struct Wait<'a>(&'a AtomicU64);

impl Watch {
    pub fn start(db: sled::Db) -> std::io::Result<Watch> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread =
            thread::Builder::new().name("store watch".to_owned()).spawn(move || theirs.watch(&db))?;
        Ok(Watch { shared, thread: Some(thread) })
    }

    pub fn wait(&self, waiter: Waiter) -> Wait<'_> {
        let [reads, writes] = &self.shared.waits;
        let waits = match waiter {
            Waiter::Reader => reads,
            Waiter::Writer => writes,
        };
        waits.fetch_add(1, Ordering::SeqCst);
        Wait(waits)
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It waits for nobody, so it ends at once.
            _ = thread.join();
        }
    }
}

impl Shared {
    fn watch(&self, db: &sled::Db) {
        let mut patients = [Patient::default(); 2];
        while !self.stopped.load(Ordering::SeqCst) {
            thread::park_timeout(PATIENCE);
            for (patient, waits) in patients.iter_mut().zip(&self.waits) {
                if patient.needs_help(waits.load(Ordering::SeqCst)) {
                    help(db.clone());
                }
            }
        }
    }
}

/// A waiter as it was at the last look.
#[derive(Debug, Clone, Copy, Default)]
struct Patient {
    waits: u64,
    looks: u32,
    helps: u32,
}

impl Patient {
    fn needs_help(&mut self, waits: u64) -> bool {
        if waits.is_multiple_of(2) || waits != self.waits {
            *self = Patient { waits, ..Patient::default() };
            return false;
        }
        self.looks = self.looks.saturating_add(1);
        let helps = self.looks >= 1_u32.checked_shl(self.helps).unwrap_or(u32::MAX);
        self.helps += u32::from(helps);
        helps
    }
}

fn help(db: sled::Db) {
    let flush = move || _ = contain(|| db.flush().map(drop));
    // Without a thread now there will be one later.
    _ = thread::Builder::new().name("store waker".to_owned()).spawn(flush);
}
