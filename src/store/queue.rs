//! The bounded queue in front of the writer.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::core::Core;
use super::error::{Fault, SubmitError};
use super::tx::Tx;
use crate::moment::Moment;

/// A submitted command, its types forgotten.
pub(crate) trait Command: Send {
    fn moment(&self) -> Moment;
    fn may_write(&self) -> bool;
    /// Runs the command, keeping its value until it is settled.
    fn run(&mut self, tx: &mut Tx) -> Result<(), Fault>;
    /// Tells the submitter.
    fn settle(self: Box<Self>, outcome: Result<(), SubmitError>);
}

/// Work for the writer between two groups.
pub(crate) type Errand = Box<dyn FnOnce(&mut Core) + Send>;

pub(crate) struct Queue {
    commands_max: usize,
    /// Commands waiting; read without the lock to turn a submitter away before anything else is done.
    depth: AtomicUsize,
    inner: Mutex<Inner>,
    arrived: Condvar,
}

#[derive(Default)]
struct Inner {
    commands: VecDeque<Box<dyn Command>>,
    errands: Vec<Errand>,
    writer_sleeps: bool,
    closed: bool,
}

/// What the writer found.
pub(crate) enum Taken {
    /// There is work in what was handed in.
    Work,
    /// Nothing came in time.
    Nothing,
    /// No more will come, and all that came was taken.
    Closed,
}

impl Queue {
    pub fn new(commands_max: usize) -> Queue {
        Queue { commands_max, depth: AtomicUsize::new(0), inner: Mutex::default(), arrived: Condvar::new() }
    }

    pub fn is_full(&self) -> bool {
        self.depth.load(Ordering::Relaxed) >= self.commands_max
    }

    pub fn depth(&self) -> usize {
        self.depth.load(Ordering::Relaxed)
    }

    pub fn push(&self, command: Box<dyn Command>) -> Result<(), SubmitError> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(SubmitError::Closed);
        }
        if inner.commands.len() >= self.commands_max {
            return Err(SubmitError::Busy);
        }
        inner.commands.push_back(command);
        self.depth.store(inner.commands.len(), Ordering::Relaxed);
        self.wake(inner);
        Ok(())
    }

    pub fn push_errand(&self, errand: Errand) -> Result<(), SubmitError> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(SubmitError::Closed);
        }
        inner.errands.push(errand);
        self.wake(inner);
        Ok(())
    }

    /// Lets nothing more in. What is in is still worked on.
    pub fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        self.wake(inner);
    }

    /// Lets nothing more in, and drops what is in: who waits for it hears that nobody comes.
    pub fn abandon(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        let left = (std::mem::take(&mut inner.commands), std::mem::take(&mut inner.errands));
        drop(inner);
        drop(left);
    }

    /// Moves up to `commands_max` commands and all errands out, waiting for some at most `patience`, or
    /// as long as it takes.
    pub fn take(
        &self,
        commands_max: usize,
        patience: Option<Duration>,
        commands: &mut VecDeque<Box<dyn Command>>,
        errands: &mut Vec<Errand>,
    ) -> Taken {
        let mut inner = self.lock();
        while inner.commands.is_empty() && inner.errands.is_empty() {
            if inner.closed {
                return Taken::Closed;
            }
            inner.writer_sleeps = true;
            let timed_out;
            (inner, timed_out) = self.wait(inner, patience);
            inner.writer_sleeps = false;
            if timed_out && inner.commands.is_empty() && inner.errands.is_empty() {
                return Taken::Nothing;
            }
        }
        let count = inner.commands.len().min(commands_max);
        commands.extend(inner.commands.drain(..count));
        errands.append(&mut inner.errands);
        self.depth.store(inner.commands.len(), Ordering::Relaxed);
        Taken::Work
    }

    fn wait<'a>(
        &self,
        inner: MutexGuard<'a, Inner>,
        patience: Option<Duration>,
    ) -> (MutexGuard<'a, Inner>, bool) {
        match patience {
            None => (self.arrived.wait(inner).unwrap_or_else(PoisonError::into_inner), false),
            Some(patience) => {
                let waited = self.arrived.wait_timeout(inner, patience);
                let (inner, result) = waited.unwrap_or_else(PoisonError::into_inner);
                (inner, result.timed_out())
            }
        }
    }

    fn wake(&self, inner: MutexGuard<'_, Inner>) {
        let asleep = inner.writer_sleeps;
        drop(inner);
        if asleep {
            self.arrived.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
