//! The one place where a case changes its status or its step: the row, its entry, the clock, timers and what the
//! follower is told move together.

use std::time::Duration;

use super::news::{self, News};
use super::record::*;
use super::rules::{self, Act, Refusal, leads};
use super::{entries, erase, queue, rounds};
use crate::domain::calendar;
use crate::domain::timers::{self, Timer};
use crate::domain::trail::commands::{Note, append};
use crate::store::{Fault, Tx};

pub const DAY: Duration = Duration::from_secs(86_400);
/// A draft that nobody touched for so long is dropped.
pub const DRAFT_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// Who was asked for something is reminded after so many days.
const REMIND_AFTER: u32 = 7;

/// What moves a case, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    pub by: By,
    /// Of a list, or empty.
    pub reason: String,
    /// The follower reads it.
    pub words: String,
}

impl Why {
    pub fn none(by: By) -> Why {
        Why::because(by, "", "")
    }

    pub fn because(by: By, reason: &str, words: &str) -> Why {
        Why { by, reason: reason.to_owned(), words: words.to_owned() }
    }
}

/// Moves the case and writes it; `case` is what is stored from then on. `before` is how it was read. For
/// [`Act::Step`], its step is changed already.
pub fn go(
    tx: &mut Tx,
    id: CaseId,
    before: &Case,
    case: &mut Case,
    act: Act,
    why: Why,
) -> Result<Result<(), Refusal>, Fault> {
    let Some(to) = leads(before.status, act) else {
        return Ok(Err(Refusal::NotNow { status: before.status }));
    };
    let (now, from) = (tx.moment().now, before.status);
    (case.status, case.since, case.changed) = (to, now, now);
    case.moves += 1;
    if act == Act::Submit {
        case.submitted = Some(now);
    }
    if matches!(act, Act::Appeal | Act::Reopen) {
        (case.step, case.outcome, case.rating, case.gave_place_back) = (0, None, None, false);
    }
    wind(tx, case, from)?;
    let by_follower = why.by == By::Follower;
    let what = match (act, case.stage()) {
        (Act::Step, Some(stage)) => What::Stepped { title: stage.title.clone() },
        _ => What::Moved { from, to, reason: why.reason },
    };
    entries::write(tx, id, case, why.by, what, &why.words)?;
    set_timers(tx, id, case)?;
    match (from.is_over(), case.status.is_over()) {
        (_, true) => erase::when_over(tx, id, case)?,
        (true, false) => erase::keep(tx, id)?,
        (false, false) => {}
    }
    rounds::count(tx, before, case)?;
    queue::save(tx, id, Some(before), case)?;
    // What the follower did themselves they read in the answer; a draft is theirs alone.
    if !by_follower && from != Status::Draft {
        news::tell(tx, &case.whose, News::Entry { case: id, number: case.entries })?;
    }
    Ok(Ok(()))
}

/// The clock runs while the staff must act, and stands while the follower must.
fn wind(tx: &Tx, case: &mut Case, from: Status) -> Result<(), Fault> {
    let (now, calendar) = (tx.moment().now, calendar::of(tx)?);
    let due = |limit: Limit| rules::due(limit, now, &calendar);
    let promise = |limit: Limit| case.promise(due(limit), now);
    let (step, whole) = case.limits();
    case.clock = match (from, case.status) {
        (Status::Open, Status::Open) => {
            Clock { step: Some(due(step)), promised: case.clock.promised, ..Clock::default() }
        }
        (_, Status::Open) => {
            let (step, whole) = case.clock.left.unwrap_or((step, whole));
            Clock { step: Some(due(step)), promised: Some(promise(whole)), ..Clock::default() }
        }
        (_, Status::Asked) => {
            let left =
                |kind, until: Option<_>| until.map_or(kind, |until| rules::left(kind, now, until, &calendar));
            Clock {
                answer: Some(now.plus(DAY * u32::from(case.plan.answer_days))),
                left: Some((left(step, case.clock.step), left(whole, case.clock.promised))),
                ..Clock::default()
            }
        }
        // What lapsed goes on where it stopped, if it does.
        (_, Status::Lapsed) => Clock { left: case.clock.left, ..Clock::default() },
        _ => Clock::default(),
    };
    Ok(())
}

/// Timers name the move that they were set for; one of an earlier one does nothing.
fn set_timers(tx: &mut Tx, id: CaseId, case: &Case) -> Result<(), Fault> {
    let number = case.moves;
    match (case.status, case.clock.due()) {
        (Status::Open, Some(due)) => timers::set(tx, due, Timer::CaseOverdue { case: id, number }),
        (Status::Asked, Some(due)) => {
            let reminder = case.since.plus(DAY * REMIND_AFTER);
            if reminder < due {
                timers::set(tx, reminder, Timer::CaseReminder { case: id, number })?;
            }
            timers::set(tx, due, Timer::CaseLapses { case: id, number })
        }
        _ => Ok(()),
    }
}

/// The case, if it still stands where the timer was set.
fn unmoved(tx: &Tx, id: CaseId, number: u32) -> Result<Option<Case>, Fault> {
    Ok(queue::get(tx, id)?.filter(|case| case.moves == number))
}

/// The follower has not answered yet.
pub fn remind(tx: &mut Tx, id: CaseId, number: u32) -> Result<(), Fault> {
    match unmoved(tx, id, number)? {
        Some(case) => news::tell(tx, &case.whose, News::StillAsked { case: id }),
        None => Ok(()),
    }
}

/// The last day is over and staff have not moved it: the trail says so, once.
pub fn overdue(tx: &mut Tx, id: CaseId, number: u32) -> Result<(), Fault> {
    let Some(case) = unmoved(tx, id, number)? else { return Ok(()) };
    let subject = id.to_string();
    append(
        tx,
        Note { who: "service", act: "case.overdue", subject: &subject, detail: &case.kind, done: true },
    )
}

/// The time for what was asked for is over.
pub fn lapse(tx: &mut Tx, id: CaseId, number: u32) -> Result<(), Fault> {
    let Some(before) = unmoved(tx, id, number)? else { return Ok(()) };
    let mut case = before.clone();
    go(tx, id, &before, &mut case, Act::Lapse, Why::none(By::Rule)).map(drop)
}

/// Drops a draft that nobody touched since.
pub fn drop_draft(tx: &mut Tx, id: CaseId) -> Result<(), Fault> {
    let Some(before) = queue::get(tx, id)?.filter(|case| case.status == Status::Draft) else { return Ok(()) };
    let over = before.changed.plus(DRAFT_KEPT);
    if over > tx.moment().now {
        return timers::set(tx, over, Timer::CaseDraft { case: id });
    }
    let mut case = before.clone();
    go(tx, id, &before, &mut case, Act::Drop, Why::none(By::Rule)).map(drop)
}
