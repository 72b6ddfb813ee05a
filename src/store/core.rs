//! One command after another against one engine: the store without its queue and its thread.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::codec::Codec;
use super::commit_row::{self, CommitRow};
use super::engine::{Batch, Direction, Durability, Engine, EngineError, Write};
use super::error::{Fault, OpenError, SubmitError};
use super::known::Known;
use super::label::{Label, State};
use super::migrate::{MIGRATIONS, migrate};
use super::overlay::{Overlay, Savepoint, prefix_end, prefix_range};
use super::seal::Sealer;
use super::snapshot::Snapshot;
use super::table::{Catalog, OWN_PREFIX, TableInfo};
use super::tx::Tx;
use super::verify;
use crate::moment::{Moment, Time};

/// Tables with at most so many rows are counted at open.
const COUNTED_ROWS_MAX: u64 = 1000;

pub(crate) struct Core {
    pub engine: Box<dyn Engine>,
    pub codec: Codec,
    pub catalog: Catalog,
    pub head: CommitRow,
    pub health: Health,
    /// Set while a backup or a verification walks over the rows.
    pub snapshot: Option<Snapshot>,
    /// The last commit that changed a row of each table since the store was opened, by prefix.
    changed: [u64; 256],
    overlay: RefCell<Overlay>,
    shared: RefCell<Known>,
    run_twice: bool,
    /// The highest commit that was acknowledged as durable.
    acknowledged: u64,
    begun: Option<Begun>,
}

/// A commit whose rows show and that is on its way to the disk.
struct Begun {
    seq: u64,
    /// As all was without it.
    head: CommitRow,
    before: Vec<Write>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Health {
    Well,
    /// A write failed. The engine may show what it could not write, so reads go through the overlay, which
    /// holds those keys as they were.
    Full,
    Unavailable(String),
    Damaged(String),
}

/// What a command asks of the store.
pub(crate) type Work<'a> = &'a mut dyn FnMut(&mut Tx) -> Result<(), Fault>;

/// A command that ran: how many rows it wrote, and what its acknowledgement waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ran {
    pub writes: usize,
    pub wrote: Option<Durability>,
    /// Its relaxed writes may be dropped rather than fail it.
    pub is_optional: bool,
}

/// What of the commits is on disk.
pub(crate) enum Synced {
    /// There is nothing left to do.
    All,
    /// Others came meanwhile.
    Some,
    /// It is under way.
    Soon,
}

impl Core {
    pub fn open(
        mut engine: Box<dyn Engine>,
        sealer: Sealer,
        tables: &[TableInfo],
        run_twice: bool,
    ) -> Result<Core, OpenError> {
        Catalog::new(tables)?;
        let label = admitted_label(&mut *engine, &sealer)?;
        rehearse(&*engine, &label, &sealer, tables)?;
        let mut core = Core::start(engine, &label, &sealer, tables)?;
        core.run_twice = run_twice;
        let label = migrate(&mut core, label, MIGRATIONS)?;
        core.settle_label(label, &sealer)?;
        Ok(core)
    }

    fn start(
        mut engine: Box<dyn Engine>,
        label: &Label,
        sealer: &Sealer,
        tables: &[TableInfo],
    ) -> Result<Core, OpenError> {
        let acknowledged = engine.open()?;
        let head = stored_head(&*engine)?;
        let mut core = Core {
            engine,
            codec: Codec::new(sealer.clone()),
            catalog: Catalog::new(tables)?,
            head: CommitRow::first(),
            health: Health::Well,
            snapshot: None,
            changed: [0; 256],
            overlay: RefCell::default(),
            shared: RefCell::default(),
            run_twice: false,
            acknowledged,
            begun: None,
        };
        match head {
            Some(head) => core.resume(head, label)?,
            None if label.state == State::Making => core.make(label)?,
            None => return Err(OpenError::Damaged("its last commit is missing".to_owned())),
        }
        Ok(core)
    }

    /// Runs one command. A fault or a panic leaves nothing of it, nor does one whose writes are optional while the
    /// disk takes none.
    pub fn run(&mut self, moment: Moment, may_write: bool, work: Work<'_>) -> Result<Ran, SubmitError> {
        if let Health::Damaged(text) = &self.health {
            return Err(SubmitError::Damaged(text.clone()));
        }
        let savepoint = self.overlay.borrow().savepoint();
        let ran = self.attempt(moment, may_write, work).and_then(|ran| {
            if self.run_twice { self.run_again(savepoint, moment, may_write, work, ran) } else { Ok(ran) }
        });
        let kept = ran.and_then(|ran| match ran.wrote {
            Some(Durability::Relaxed) if ran.is_optional => Ok(ran),
            Some(_) => self.writable().map(|()| ran),
            None => Ok(ran),
        });
        if kept.is_err() || self.health != Health::Well {
            self.overlay.borrow_mut().roll_back(savepoint);
        }
        kept
    }

    /// Commits what the commands since the last commit wrote; returns whether there was anything.
    /// After an error none of it is acknowledged, and none of it shows.
    pub fn commit(&mut self, at: Time, durability: Durability) -> Result<bool, SubmitError> {
        Ok(self.write(at, durability)?.is_some())
    }

    /// As [`Core::commit`], durably, without waiting for the disk: commands may run on top of it meanwhile. Nothing else
    /// is committed before [`Core::ended`] says how it went.
    pub fn begin(&mut self, at: Time) -> Result<bool, SubmitError> {
        let head = self.head.clone();
        let Some(before) = self.write(at, Durability::Relaxed)? else { return Ok(false) };
        self.begun = Some(Begun { seq: self.head.seq, head, before });
        Ok(true)
    }

    /// How the commit ended that was begun. `None`: it is still on its way, or there is none. After an error nothing
    /// shows of it, nor of the commands that ran since.
    pub fn ended(&mut self, wait: bool) -> Option<Result<(), SubmitError>> {
        let begun = self.begun.as_ref()?;
        match if wait { self.engine.flush().map(Some) } else { self.engine.sync() } {
            Ok(Some(seq)) if seq >= begun.seq => {
                self.acknowledged = seq;
                self.begun = None;
                Some(Ok(()))
            }
            Ok(_) => None,
            Err(error) => {
                if let Some(Begun { head, mut before, .. }) = self.begun.take() {
                    before.push((commit_row::KEY.to_vec(), Some(head.encode())));
                    self.engine.take_back(&before);
                    self.head = head;
                    self.shared.borrow_mut().forget();
                    let mut overlay = self.overlay.borrow_mut();
                    overlay.clear();
                    before.into_iter().for_each(|(key, before)| overlay.remember(key, before));
                }
                Some(Err(self.fail(error)))
            }
        }
    }

    /// Waits until all that was committed is on disk.
    pub fn flush(&mut self) -> Result<(), SubmitError> {
        self.writable()?;
        let seq = self.engine.flush().map_err(|error| self.fail(error))?;
        self.acknowledged = self.acknowledged.max(seq);
        Ok(())
    }

    /// Has what was only applied made durable, without waiting for it.
    pub fn sync(&mut self) -> Synced {
        if self.health != Health::Well {
            return Synced::All;
        }
        match self.engine.sync() {
            Ok(Some(seq)) => {
                self.acknowledged = self.acknowledged.max(seq);
                if seq < self.head.seq { Synced::Some } else { Synced::All }
            }
            Ok(None) => Synced::Soon,
            Err(error) => {
                _ = self.fail(error);
                Synced::All
            }
        }
    }

    /// Tries to get a store that refused a write going again.
    pub fn heal(&mut self) {
        if !matches!(self.health, Health::Full | Health::Unavailable(_)) || !self.engine.has_room() {
            return;
        }
        if let Some(snapshot) = self.snapshot.take() {
            snapshot.interrupt("the store had to be opened again");
        }
        match self.reopen() {
            Ok(head) => {
                self.head = head;
                self.overlay.borrow_mut().clear();
                self.shared.borrow_mut().forget();
                // Numbers of commits that are gone will be given again.
                self.changed = [self.head.seq; 256];
                self.health = Health::Well;
                tracing::info!("the store takes writes again");
            }
            Err(error) => _ = self.fail(error),
        }
    }

    /// Lets the engine's files go. What is not durable yet becomes so, if the store is well.
    pub fn close(&mut self) -> Result<(), EngineError> {
        self.engine.close()
    }

    fn attempt(&mut self, moment: Moment, may_write: bool, work: Work<'_>) -> Result<Ran, SubmitError> {
        let mut tx = Tx {
            moment,
            engine: &*self.engine,
            codec: &self.codec,
            catalog: &self.catalog,
            counts: &self.head.rows.counts,
            changed: &self.changed,
            overlay: &self.overlay,
            shared: &self.shared,
            may_write,
            remembers: self.health == Health::Well,
            writes: 0,
            wrote: None,
            is_optional: false,
            trouble: RefCell::new(None),
        };
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut tx)));
        let (ran, trouble) = (tx.ran(), tx.trouble.into_inner());
        match trouble {
            Some(EngineError::Damaged(text)) => return Err(self.damaged(text)),
            Some(error) => return Err(SubmitError::Unavailable(error.to_string())),
            None => {}
        }
        match done {
            Ok(Ok(())) => Ok(ran),
            Ok(Err(fault)) => Err(SubmitError::Fault(fault)),
            Err(panic) => Err(SubmitError::Bug(panic_text(&*panic))),
        }
    }

    /// A command must decide from its view and its moment alone. In tests each one proves it.
    fn run_again(
        &mut self,
        start: Savepoint,
        moment: Moment,
        may_write: bool,
        work: Work<'_>,
        first: Ran,
    ) -> Result<Ran, SubmitError> {
        let wrote = self.overlay.borrow().written_since(start);
        self.overlay.borrow_mut().roll_back(start);
        let second = self.attempt(moment, may_write, work)?;
        if second == first && self.overlay.borrow().written_since(start) == wrote {
            return Ok(second);
        }
        Err(SubmitError::Bug("a command that was run twice wrote something else the second time".to_owned()))
    }

    /// Writes what the overlay holds, if anything; returns the keys that it changed with what was there.
    fn write(&mut self, at: Time, durability: Durability) -> Result<Option<Vec<Write>>, SubmitError> {
        if self.health != Health::Well {
            return Ok(None);
        }
        let changes = self.overlay.borrow_mut().take_changes();
        if changes.is_empty() {
            return Ok(None);
        }
        let mut next = self.head.clone();
        next.seq += 1;
        next.at = next.at.max(at);
        changes.iter().for_each(|change| next.rows.apply(change));
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.keep_what_was(&changes);
        }
        let mut batch = Batch { seq: next.seq, writes: Vec::with_capacity(changes.len() + 1) };
        let mut before = Vec::with_capacity(changes.len());
        for change in changes {
            batch.writes.push((change.key, change.after));
            before.push(change.before);
        }
        batch.writes.push((commit_row::KEY.to_vec(), Some(next.encode())));
        let written = self.engine.commit(&batch, durability);
        for prefix in batch.writes.iter().filter_map(|(key, _)| key.first()) {
            self.changed[usize::from(*prefix)] = next.seq;
        }
        let before = batch.writes.into_iter().map(|(key, _)| key).zip(before);
        if let Err(error) = written {
            let mut overlay = self.overlay.borrow_mut();
            before.for_each(|(key, before)| overlay.remember(key, before));
            drop(overlay);
            return Err(self.fail(error));
        }
        if durability == Durability::Durable {
            self.acknowledged = next.seq;
        }
        self.head = next;
        Ok(Some(before.collect()))
    }

    /// Whether commands that write are taken.
    pub fn writable(&self) -> Result<(), SubmitError> {
        match &self.health {
            Health::Well => Ok(()),
            Health::Full => Err(SubmitError::Full),
            Health::Unavailable(text) => Err(SubmitError::Unavailable(text.clone())),
            Health::Damaged(text) => Err(SubmitError::Damaged(text.clone())),
        }
    }

    fn fail(&mut self, error: EngineError) -> SubmitError {
        if let Health::Damaged(text) = &self.health {
            return SubmitError::Damaged(text.clone());
        }
        let text = error.to_string();
        match error {
            EngineError::Full(_) => {
                self.health = Health::Full;
                tracing::error!(
                    error = text,
                    "the disk is full: commands that write are refused until there is room"
                );
                SubmitError::Full
            }
            EngineError::Io(_) | EngineError::InUse(_) => {
                self.health = Health::Unavailable(text.clone());
                tracing::error!(
                    error = text,
                    "the store can't be written to: commands that write are refused"
                );
                SubmitError::Unavailable(text)
            }
            EngineError::Damaged(_) | EngineError::Foreign(_) => self.damaged(text),
        }
    }

    fn damaged(&mut self, text: String) -> SubmitError {
        let text =
            format!("the store is damaged ({text}): stop the service and restore a backup into a new path");
        tracing::error!("{text}");
        self.health = Health::Damaged(text.clone());
        SubmitError::Damaged(text)
    }

    fn reopen(&mut self) -> Result<CommitRow, EngineError> {
        let durable = self.engine.reopen()?.max(self.acknowledged);
        let damaged = |text: String| EngineError::Damaged(text);
        let head = stored_head(&*self.engine).map_err(|error| damaged(error.to_string()))?;
        head.filter(|head| head.seq >= durable)
            .ok_or_else(|| damaged(format!("commits up to {durable} were acknowledged and are missing")))
    }

    fn make(&mut self, label: &Label) -> Result<(), OpenError> {
        let made = Label { state: State::Made, ..label.clone() };
        let mut first = CommitRow::first();
        first.seq = 1;
        let writes =
            vec![(LABEL_KEY.to_vec(), Some(made.encode())), (commit_row::KEY.to_vec(), Some(first.encode()))];
        self.engine.commit(&Batch { seq: 1, writes }, Durability::Durable)?;
        (self.head, self.acknowledged) = (first, 1);
        Ok(())
    }

    fn resume(&mut self, head: CommitRow, label: &Label) -> Result<(), OpenError> {
        if head.seq < self.acknowledged {
            let (found, acknowledged) = (head.seq, self.acknowledged);
            return Err(OpenError::Damaged(format!(
                "commit {acknowledged} was acknowledged, the last one that is there is {found}"
            )));
        }
        let stored = self.engine.get(&LABEL_KEY)?;
        let inner = stored.ok_or_else(|| OpenError::Damaged("its inner label is missing".to_owned()))?;
        if Label::decode(&inner)?.settings != label.settings {
            return Err(OpenError::Damaged("the label beside its files is another store's".to_owned()));
        }
        self.head = head;
        self.count_small_tables()
    }

    fn count_small_tables(&self) -> Result<(), OpenError> {
        for table in self.catalog.tables() {
            let expected = self.head.rows.counts[usize::from(table.prefix)];
            if expected > COUNTED_ROWS_MAX {
                continue;
            }
            let prefix = [table.prefix];
            let end = prefix_end(&prefix);
            let range = prefix_range(&prefix, &end, None, Direction::Forward);
            let found = self.engine.scan(range, Direction::Forward, COUNTED_ROWS_MAX as usize + 1)?.len();
            if found as u64 != expected {
                return Err(OpenError::Damaged(format!(
                    "table {} should have {expected} rows and has {found}",
                    table.name
                )));
            }
        }
        Ok(())
    }

    /// Writes down that the store is made, and which key seals it from now on.
    fn settle_label(&mut self, label: Label, sealer: &Sealer) -> Result<(), OpenError> {
        let settled = Label { state: State::Made, ..label.with_key_of(sealer) };
        if settled == label {
            return Ok(());
        }
        Ok(self.engine.set_label(&settled.encode())?)
    }
}

/// The label once more, inside: its settings tell whether the one beside is this store's.
pub(crate) const LABEL_KEY: [u8; 2] = [OWN_PREFIX, b'l'];

/// Reads the label and decides on it before anything is opened or written; makes one for a new store.
fn admitted_label(engine: &mut dyn Engine, sealer: &Sealer) -> Result<Label, OpenError> {
    let label = match engine.label()? {
        Some(bytes) => Label::decode(&bytes)?,
        None => {
            let label = Label::new(engine.settings(), sealer);
            engine.set_label(&label.encode())?;
            label
        }
    };
    label.admit(engine.settings(), sealer)?;
    Ok(label)
}

/// Opens a copy of the store first, if the engine gives one, and counts its rows.
fn rehearse(
    engine: &dyn Engine,
    label: &Label,
    sealer: &Sealer,
    tables: &[TableInfo],
) -> Result<(), OpenError> {
    let rehearsed = engine.rehearsal().map_err(OpenError::from).and_then(|copy| {
        let Some(copy) = copy else { return Ok(()) };
        let copy = Core::start(copy, label, sealer, tables)?;
        // Only dropped: closing it would move the copy's journal.
        verify::compare_tally(&*copy.engine, &copy.head.rows)
    });
    match rehearsed {
        Err(OpenError::Io(error)) => {
            tracing::warn!(error, "the store could not be tried out on a copy of its files");
            Ok(())
        }
        other => other,
    }
}

fn stored_head(engine: &dyn Engine) -> Result<Option<CommitRow>, OpenError> {
    let Some(stored) = engine.get(&commit_row::KEY)? else { return Ok(None) };
    CommitRow::decode(&stored)
        .map(Some)
        .map_err(|problem| OpenError::Damaged(format!("its last commit can't be read: {problem}")))
}

pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}
