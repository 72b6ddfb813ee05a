//! The one thread that writes: it takes the commands that wait, runs them in order, commits them together, and
//! only then tells their submitters.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use tokio::time::Instant;

use super::core::{Core, Health, Ran, Synced};
use super::engine::{Durability, EngineError};
use super::error::SubmitError;
use super::queue::{Command, Errand, Queue, Taken};
use super::snapshot::Progress;
use super::stats::{Stats, TableLabel};
use super::table::TableInfo;
use crate::moment::Time;

/// How often a store that refuses writes is tried again.
const HEAL_EVERY: Duration = Duration::from_secs(1);

/// How soon to look whether what is being brought to disk is there.
const SYNC_LOOK: Duration = Duration::from_millis(5);

/// How soon to look whether a resting engine has done what it put off.
const REST_LOOK: Duration = Duration::from_millis(20);

/// A group of so many is committed unless the last one is still on its way to the disk: their submitters answer and ask
/// anew while the next ones run. A slow disk gets larger groups.
const GROUP_ENOUGH: usize = 64;

/// How long the rows are read for a backup before commands get their turn.
const SNAPSHOT_SLICE: Duration = Duration::from_millis(2);

/// How long to wait for a backup's reader that is behind.
const SNAPSHOT_PAUSE: Duration = Duration::from_millis(1);

/// What a group may grow to before it is committed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GroupLimits {
    pub commands_max: usize,
    pub puts_max: usize,
    /// For how long what was only applied may stay without being on disk.
    pub sync_within: Duration,
    /// After so long without a write the engine does what it put off.
    pub rest_after: Duration,
}

/// What the store's handles and its writer share.
pub(crate) struct Shared {
    pub queue: Queue,
    pub stats: Stats,
    pub writable: AtomicBool,
    pub damaged: AtomicBool,
}

pub(crate) struct Writer {
    core: Core,
    shared: Arc<Shared>,
    limits: GroupLimits,
    waiting: VecDeque<Box<dyn Command>>,
    /// Their commit is on its way to the disk.
    begun: Option<BegunGroup>,
    heal_at: Option<Instant>,
    /// When what was only applied must be on disk.
    sync_at: Option<Instant>,
    /// When the engine is to do what it put off, if anything.
    rest_at: Option<Instant>,
    /// How many rows each table was shown to have, by its prefix.
    shown: Vec<(u8, Gauge, u64)>,
}

type Settled = (Box<dyn Command>, Result<Ran, SubmitError>);

struct BegunGroup {
    since: Instant,
    ran: Vec<Settled>,
}

impl Writer {
    pub fn new(core: Core, shared: Arc<Shared>, limits: GroupLimits) -> Writer {
        let gauge = |table: TableInfo| {
            let gauge = shared.stats.rows.get_or_create_owned(&TableLabel { table: table.name });
            (table.prefix, gauge, u64::MAX)
        };
        let shown = core.catalog.tables().map(gauge).collect();
        let (waiting, rest_at) = (VecDeque::new(), Some(Instant::now() + limits.rest_after));
        let (heal_at, sync_at) = (None, None);
        let begun = None;
        let mut writer = Writer { core, shared, limits, waiting, begun, heal_at, sync_at, rest_at, shown };
        writer.show_health();
        writer.show_rows();
        writer
    }

    /// Works until the queue is closed and empty, then closes the engine.
    pub fn work(mut self) -> Result<(), EngineError> {
        let mut errands = Vec::new();
        let mut patience = None;
        while self.next(patience, &mut errands) {
            if !errands.is_empty() {
                self.settle_begun(&mut [], true);
            }
            errands.drain(..).for_each(|errand: Errand| errand(&mut self.core));
            self.run_group();
            patience = [self.walk(), self.sync(), self.rest(), self.heal()].into_iter().flatten().min();
        }
        self.core.close()
    }

    /// Waits for work; false if there will be none.
    fn next(&mut self, patience: Option<Duration>, errands: &mut Vec<Errand>) -> bool {
        if !self.waiting.is_empty() {
            return true;
        }
        if self.shared.queue.depth() == 0 {
            self.settle_begun(&mut [], true);
        }
        let queue = &self.shared.queue;
        let taken = queue.take(self.limits.commands_max, patience, &mut self.waiting, errands);
        self.shared.stats.queue_depth.set(queue.depth() as i64);
        !matches!(taken, Taken::Closed)
    }

    fn run_group(&mut self) {
        let mut ran: Vec<Settled> = Vec::with_capacity(self.waiting.len());
        let (mut puts, mut durability, mut at) = (0, Durability::Relaxed, Time::default());
        while puts < self.limits.puts_max
            && let Some(mut command) = self.waiting.pop_front()
        {
            let (moment, may_write) = (command.moment(), command.may_write());
            let result = self.core.run(moment, may_write, &mut |tx| command.run(tx));
            if let Ok(Ran { writes, wrote, .. }) = &result {
                puts += writes;
                durability = durability.max(wrote.unwrap_or(Durability::Relaxed));
                at = at.max(moment.now);
            }
            ran.push((command, result));
            self.settle_begun(&mut ran, false);
            if ran.len() >= GROUP_ENOUGH && self.begun.is_none() {
                break;
            }
        }
        if ran.is_empty() {
            return;
        }
        self.settle_begun(&mut ran, true);
        self.shared.stats.group_commands.observe(ran.len() as f64);
        self.commit(ran, at, durability);
    }

    /// Commits what the commands wrote. A durable commit is only begun if others wait: they run meanwhile.
    fn commit(&mut self, ran: Vec<Settled>, at: Time, durability: Durability) {
        let since = Instant::now();
        let others_wait = !self.waiting.is_empty() || self.shared.queue.depth() > 0;
        let begins = durability == Durability::Durable && others_wait;
        let wrote = if begins { self.core.begin(at) } else { self.core.commit(at, durability) };
        if let Ok(true) = wrote {
            self.rest_at = Some(since + self.limits.rest_after);
            self.sync_at = match durability {
                Durability::Durable => None,
                Durability::Relaxed => self.sync_at.or(Some(since + self.limits.sync_within)),
            };
            self.shared.stats.commits.inc();
            self.show_rows();
            if begins {
                self.begun = Some(BegunGroup { since, ran });
                return self.settle_begun(&mut [], false);
            }
            if durability == Durability::Durable {
                self.shared.stats.flush_seconds.observe(since.elapsed().as_secs_f64());
            }
        }
        self.settle(ran, &wrote.map(drop));
    }

    /// Tells the submitters of the group whose commit was begun, once it has ended or if it is to be waited for. If it
    /// failed, so do those that ran since: they saw what it wrote.
    fn settle_begun(&mut self, since: &mut [Settled], wait: bool) {
        let Some(outcome) = self.core.ended(wait) else { return };
        if let Err(error) = &outcome {
            since.iter_mut().for_each(|(_, result)| *result = Err(error.clone()));
            self.show_rows();
        }
        if let Some(group) = self.begun.take() {
            self.shared.stats.flush_seconds.observe(group.since.elapsed().as_secs_f64());
            self.settle(group.ran, &outcome);
        }
    }

    /// Every command of a group waits for the group's commit, relaxed and reading ones too: they may have
    /// read what a durable one before them wrote, and must not tell of it before it is on disk.
    fn settle(&self, ran: Vec<Settled>, committed: &Result<(), SubmitError>) {
        self.show_health();
        for (command, result) in ran {
            let outcome = result.and_then(|_| committed.clone());
            if let Err(error) = &outcome {
                self.shared.stats.count_failure(error);
            }
            command.settle(outcome);
        }
    }

    /// Reads on for a backup, if there is one; says how soon to come back.
    fn walk(&mut self) -> Option<Duration> {
        let mut snapshot = self.core.snapshot.take()?;
        let start = Instant::now();
        loop {
            match snapshot.step(&*self.core.engine) {
                Ok(Progress::More) if start.elapsed() < SNAPSHOT_SLICE => {}
                Ok(Progress::More) => {
                    self.core.snapshot = Some(snapshot);
                    return Some(Duration::ZERO);
                }
                Ok(Progress::Waiting) => {
                    self.core.snapshot = Some(snapshot);
                    return Some(SNAPSHOT_PAUSE);
                }
                Ok(Progress::Done) => return None,
                Err(error) => {
                    snapshot.interrupt(&error.to_string());
                    return None;
                }
            }
        }
    }

    /// Tries now and then to get a store going that refuses writes; says when to come back.
    fn heal(&mut self) -> Option<Duration> {
        if !matches!(self.core.health, Health::Full | Health::Unavailable(_)) {
            self.heal_at = None;
            return None;
        }
        let now = Instant::now();
        let heal_at = *self.heal_at.get_or_insert(now + HEAL_EVERY);
        if now < heal_at {
            return Some(heal_at - now);
        }
        self.heal_at = None;
        self.core.heal();
        self.show_health();
        Some(Duration::ZERO)
    }

    /// Has what was only applied brought to disk if it is time; says when it will be.
    fn sync(&mut self) -> Option<Duration> {
        let left = self.sync_at?.saturating_duration_since(Instant::now());
        if !left.is_zero() {
            return Some(left);
        }
        let synced = self.core.sync();
        self.show_health();
        let again = match synced {
            Synced::All => None,
            Synced::Some => Some(self.limits.sync_within),
            Synced::Soon => Some(SYNC_LOOK),
        };
        self.sync_at = again.map(|after| Instant::now() + after);
        again
    }

    /// Has the engine do what it put off, once nothing was written for a while; says when to come back.
    fn rest(&mut self) -> Option<Duration> {
        // What may be taken back stays where it is, and an engine that failed is asked for reads alone.
        if self.begun.is_some() || self.core.health != Health::Well {
            return None;
        }
        let left = self.rest_at?.saturating_duration_since(Instant::now());
        if !left.is_zero() {
            return Some(left);
        }
        let again = (!self.core.engine.rest()).then_some(REST_LOOK);
        self.rest_at = again.map(|after| Instant::now() + after);
        again
    }

    fn show_health(&self) {
        let well = self.core.health == Health::Well;
        if self.shared.writable.swap(well, Ordering::Relaxed) != well {
            self.shared.stats.writable.set(i64::from(well));
        }
        self.shared.damaged.store(matches!(self.core.health, Health::Damaged(_)), Ordering::Relaxed);
    }

    fn show_rows(&mut self) {
        for (prefix, gauge, shown) in &mut self.shown {
            let count = self.core.head.rows.counts[usize::from(*prefix)];
            if *shown != count {
                *shown = count;
                gauge.set(count as i64);
            }
        }
    }
}

/// Whatever ended it, a panic, too: nobody waits for a writer that is gone.
impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.writable.store(false, Ordering::Relaxed);
        self.shared.stats.writable.set(0);
        self.shared.queue.abandon();
    }
}
