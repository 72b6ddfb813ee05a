//! A way out of a wait of sled's that has no end.
//!
//! When one of sled's threads can't write, it keeps the error, but on one of its paths it forgets to wake who
//! waits for that write (`exit_reservation` in 0.34.7). Anybody else's `flush` then finds the error and wakes
//! all. So while the writer waits for long, a thread asks for a flush now and then.

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

#[derive(Default)]
struct Shared {
    /// Counts beginnings and ends of waits: odd while there is one.
    waits: AtomicU64,
    stopped: AtomicBool,
}

/// A wait; it ends when this is dropped.
pub(crate) struct Wait<'a>(&'a Shared);

impl Watch {
    pub fn start(db: sled::Db) -> std::io::Result<Watch> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread =
            thread::Builder::new().name("store watch".to_owned()).spawn(move || theirs.watch(&db))?;
        Ok(Watch { shared, thread: Some(thread) })
    }

    pub fn wait(&self) -> Wait<'_> {
        self.shared.waits.fetch_add(1, Ordering::SeqCst);
        Wait(&self.shared)
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.0.waits.fetch_add(1, Ordering::SeqCst);
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
        let (mut seen, mut looks, mut next_help) = (0, 0_u32, 1);
        while !self.stopped.load(Ordering::SeqCst) {
            thread::park_timeout(PATIENCE);
            let now = self.waits.load(Ordering::SeqCst);
            if now.is_multiple_of(2) || now != seen {
                (seen, looks, next_help) = (now, 0, 1);
                continue;
            }
            looks += 1;
            if looks >= next_help {
                next_help = next_help.saturating_mul(2);
                help(db.clone());
            }
        }
    }
}

fn help(db: sled::Db) {
    let flush = move || _ = contain(|| db.flush().map(drop));
    // Without a thread now there will be one later.
    _ = thread::Builder::new().name("store waker".to_owned()).spawn(flush);
}
