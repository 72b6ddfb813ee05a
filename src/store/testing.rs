//! Help for tests of what uses the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use super::core::Core;
use super::engine::memory::Memory;
use super::engine::{Batch, Direction, Durability, Engine, EngineError, Range, Rows, Write};
use super::{Fault, Options, Sealer, Store, SubmitError, TableInfo, Tx};
use crate::moment::{Moment, Time};

/// A store without queue, thread or futures: each command runs (twice, as a check) and commits at once.
///
/// ```
/// # use gonghui::store::{Table, testing::Bench};
/// const SEATS: Table<u64, u32> = Table::durable(0x21, "seats");
/// let mut bench = Bench::new(&[SEATS.info()]);
/// bench.run(|tx| tx.put(&SEATS, &7, &30)).unwrap();
/// assert_eq!(bench.run(|tx| tx.get(&SEATS, &7)).unwrap(), Some(30));
/// ```
pub struct Bench {
    core: Core,
    /// The moment of the next command.
    pub moment: Moment,
}

impl Bench {
    /// An empty store in memory, at 2026-12-01 10:00 in Asia/Shanghai with seed 1.
    pub fn new(catalog: &[TableInfo]) -> Bench {
        let core = Core::open(Box::new(Memory::default()), sealer(), catalog, true);
        let moment = Moment { now: Time::from_unix_s(1_796_090_400), seed: 1 };
        Bench { core: core.unwrap_or_else(|error| panic!("an empty store in memory: {error}")), moment }
    }

    /// Runs a command and commits it.
    ///
    /// # Panics
    /// If the command panics, or isn't the same when it is run twice.
    pub fn run<T>(&mut self, command: impl Fn(&mut Tx) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut value = None;
        let ran = self.core.run(self.moment, true, &mut |tx| {
            value = Some(command(tx)?);
            Ok(())
        });
        let committed = ran.and_then(|_| self.core.commit(self.moment.now, Durability::Durable));
        match (committed, value) {
            (Ok(_), Some(value)) => Ok(value),
            (Err(SubmitError::Fault(fault)), _) => Err(fault),
            (other, _) => panic!("{other:?}"),
        }
    }
}

/// A sealer with a fixed key.
pub fn sealer() -> Sealer {
    Sealer::new(&[7; 32], &[])
}

impl Store {
    /// A store in memory that runs every command twice, as a check.
    ///
    /// # Panics
    /// If two tables of the catalog share a prefix or a name.
    pub fn in_memory(catalog: &'static [TableInfo]) -> Store {
        let options = Options { run_twice: true, ..Options::new(sealer(), catalog) };
        Store::open(Box::new(Memory::default()), options).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// An engine that fails or stalls when it is told to.
pub struct Faulty<E> {
    engine: E,
    switches: Switches,
}

/// The switches of a [`Faulty`] engine.
#[derive(Clone, Default)]
pub struct Switches {
    inner: Arc<SwitchBox>,
}

#[derive(Default)]
struct SwitchBox {
    full: AtomicBool,
    begun: AtomicU64,
    commits: AtomicU64,
    syncs: AtomicU64,
    fail_syncs: AtomicBool,
    stall_syncs: AtomicBool,
    fail_commit: AtomicU64,
    applies_what_fails: AtomicBool,
    damaged: AtomicBool,
    panics: AtomicBool,
    stalled: Mutex<bool>,
    released: Condvar,
}

impl Switches {
    /// Every commit fails for want of room, until set back.
    pub fn full(&self, full: bool) {
        self.inner.full.store(full, Ordering::SeqCst);
    }

    /// The `nth` commit from now on (1 is the next) fails as with an I/O error; as with a failed sync, the
    /// engine shows its writes all the same if `applied`, until it is opened again.
    pub fn fail_commit(&self, nth: u64, applied: bool) {
        self.inner.applies_what_fails.store(applied, Ordering::SeqCst);
        self.inner.fail_commit.store(self.inner.commits.load(Ordering::SeqCst) + nth, Ordering::SeqCst);
    }

    /// What was only applied can't be brought to disk, until set back.
    pub fn fail_syncs(&self, fail: bool) {
        self.inner.fail_syncs.store(fail, Ordering::SeqCst);
    }

    /// What is being brought to disk doesn't get there, until set back.
    pub fn stall_syncs(&self, stalled: bool) {
        self.inner.stall_syncs.store(stalled, Ordering::SeqCst);
    }

    /// How often what was only applied was brought to disk.
    pub fn syncs(&self) -> u64 {
        self.inner.syncs.load(Ordering::SeqCst)
    }

    /// Every read says that the store is damaged.
    pub fn damage(&self) {
        self.inner.damaged.store(true, Ordering::SeqCst);
    }

    /// The next commit is a bug.
    pub fn panic(&self) {
        self.inner.panics.store(true, Ordering::SeqCst);
    }

    /// Commits wait until set back.
    pub fn stall(&self, stalled: bool) {
        *self.inner.stalled.lock().unwrap_or_else(PoisonError::into_inner) = stalled;
        self.inner.released.notify_all();
    }

    /// Commits begun so far, one that waits included.
    pub fn commits_begun(&self) -> u64 {
        self.inner.begun.load(Ordering::SeqCst)
    }
}

impl<E: Engine> Faulty<E> {
    pub fn new(engine: E) -> (Faulty<E>, Switches) {
        let switches = Switches::default();
        (Faulty { engine, switches: switches.clone() }, switches)
    }

    fn readable(&self) -> Result<(), EngineError> {
        if self.switches.inner.damaged.load(Ordering::SeqCst) {
            return Err(EngineError::Damaged("a page is gone".to_owned()));
        }
        Ok(())
    }
}

impl<E: Engine> Engine for Faulty<E> {
    fn settings(&self) -> &'static str {
        self.engine.settings()
    }

    fn label(&self) -> Result<Option<Vec<u8>>, EngineError> {
        self.engine.label()
    }

    fn set_label(&mut self, label: &[u8]) -> Result<(), EngineError> {
        self.engine.set_label(label)
    }

    fn open(&mut self) -> Result<u64, EngineError> {
        self.engine.open()
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        self.readable()?;
        self.engine.get(key)
    }

    fn scan(&self, range: Range<'_>, direction: Direction, limit: usize) -> Result<Rows, EngineError> {
        self.readable()?;
        self.engine.scan(range, direction, limit)
    }

    fn commit(&mut self, batch: &Batch, durability: Durability) -> Result<(), EngineError> {
        let switches = Arc::clone(&self.switches.inner);
        switches.begun.fetch_add(1, Ordering::SeqCst);
        let stalled = switches.stalled.lock().unwrap_or_else(PoisonError::into_inner);
        drop(switches.released.wait_while(stalled, |stalled| *stalled));
        if switches.panics.load(Ordering::SeqCst) {
            // Without the hook's words on the terminal.
            std::panic::resume_unwind(Box::new("on purpose"));
        }
        let nth = switches.commits.fetch_add(1, Ordering::SeqCst) + 1;
        if switches.full.load(Ordering::SeqCst) {
            return Err(EngineError::Full("no space left on device".to_owned()));
        }
        if switches.fail_commit.load(Ordering::SeqCst) == nth {
            if switches.applies_what_fails.load(Ordering::SeqCst) {
                self.engine.commit(batch, Durability::Relaxed)?;
            }
            return Err(EngineError::Io("input/output error".to_owned()));
        }
        self.engine.commit(batch, durability)
    }

    fn sync(&mut self) -> Result<Option<u64>, EngineError> {
        if self.switches.inner.fail_syncs.load(Ordering::SeqCst) {
            return Err(EngineError::Io("input/output error".to_owned()));
        }
        if self.switches.inner.stall_syncs.load(Ordering::SeqCst) {
            return Ok(None);
        }
        self.switches.inner.syncs.fetch_add(1, Ordering::SeqCst);
        self.engine.sync()
    }

    fn flush(&mut self) -> Result<u64, EngineError> {
        while self.switches.inner.stall_syncs.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        if self.switches.inner.fail_syncs.load(Ordering::SeqCst) {
            return Err(EngineError::Io("input/output error".to_owned()));
        }
        self.engine.flush()
    }

    fn take_back(&mut self, writes: &[Write]) {
        self.engine.take_back(writes);
    }

    fn rest(&mut self) -> bool {
        self.engine.rest()
    }

    fn has_room(&self) -> bool {
        !self.switches.inner.full.load(Ordering::SeqCst) && self.engine.has_room()
    }

    fn reopen(&mut self) -> Result<u64, EngineError> {
        self.engine.reopen()
    }

    fn close(&mut self) -> Result<(), EngineError> {
        self.engine.close()
    }
}
