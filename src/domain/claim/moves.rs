//! The one place where a claim changes its status: the row, the trail of moves, the clock, timers, and what the
//! claimant is told move together.

use std::time::Duration;

use super::news::{self, News};
use super::record::*;
use super::rules::{Act, Refusal, leads};
use super::{astray, draft, judge, money, queue, retain};
use crate::domain::calendar;
use crate::domain::tables::CLAIM_MOVES;
use crate::domain::timers::{self, Timer};
use crate::domain::trail::commands::{Note, append};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

pub const DAY: Duration = Duration::from_secs(86_400);
/// A draft that nobody touched for so long is dropped.
pub const DRAFT_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// And so long before, its claimant is told.
pub const DRAFT_WARNED: Duration = Duration::from_secs(27 * 86_400);

/// What moves a claim, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    pub by: By,
    pub reason: String,
    /// The claimant reads it.
    pub words: String,
    pub asked: Vec<Asked>,
}

impl Why {
    pub fn none(by: By) -> Why {
        Why { by, reason: String::new(), words: String::new(), asked: Vec::new() }
    }

    pub fn because(by: By, reason: &str, words: &str) -> Why {
        Why { by, reason: reason.to_owned(), words: words.to_owned(), asked: Vec::new() }
    }
}

/// Moves the claim and writes it; `claim` is what is stored from then on. `before` is how it was read.
pub fn go(
    tx: &mut Tx,
    id: ClaimId,
    before: &Claim,
    claim: &mut Claim,
    act: Act,
    why: Why,
) -> Result<Result<(), Refusal>, Fault> {
    let Some(to) = leads(before.status, act).filter(|_| !before.erased) else {
        return Ok(Err(Refusal::NotNow { status: before.status }));
    };
    if claim.held.is_some() && matches!(act, Act::Review | Act::Approve) {
        return Ok(Err(Refusal::Held));
    }
    let now = tx.moment().now;
    let from = before.status;
    (claim.status, claim.changed) = (to, now);
    // A part that comes back leaves a payment where it stood, and what may be appealed against is as old as it was.
    if act != Act::Recover {
        claim.since = now;
    }
    claim.moves += 1;
    if act == Act::Submit {
        claim.submitted = Some(now);
    }
    if matches!(act, Act::Ask | Act::Bounce) {
        claim.round += 1;
    }
    wind(tx, claim, from)?;
    if let Err(refusal) = money::book(tx, id, claim, act, why.by.name())? {
        return Ok(Err(refusal));
    }
    let by_claimant = why.by == By::Claimant;
    let row = Move {
        at: now,
        by: why.by,
        from,
        to,
        reason: why.reason,
        words: Sealed::new(why.words),
        asked: why.asked,
    };
    tx.put(&CLAIM_MOVES, &(id, claim.moves), &row)?;
    set_timers(tx, id, claim)?;
    queue::save(tx, id, Some(before), claim)?;
    retain::moved(tx, id, from, claim)?;
    // What the claimant did themselves they read in the answer.
    if !by_claimant && news::is_told(from, to) {
        news::tell(tx, claim.claimant, News::Moved { claim: id, number: claim.moves })?;
    }
    // What it is owed now may have gone to its claimant already.
    let Some(batch) = astray::settled_by(claim) else { return Ok(Ok(())) };
    let before = claim.clone();
    claim.batch = Some(batch);
    go(tx, id, &before, claim, Act::Settle, Why::none(By::Rule))
}

/// The clock runs while the service must act, and stands while the claimant must (A, `domain.md` 1.7). The time for
/// deciding runs from the first acceptance: what is sent afterwards is looked at within what is left of it.
fn wind(tx: &Tx, claim: &mut Claim, from: Status) -> Result<(), Fault> {
    let now = tx.moment().now;
    let calendar = calendar::of(tx)?;
    let times = judge::times(tx, claim)?;
    let Clock { due, left, deciding, promised } = claim.clock;
    let within = |days: u16, deciding| Clock {
        due: Some(calendar.due(now, days)),
        left: None,
        deciding,
        promised: Some(if deciding { times.decide } else { times.first_look }),
    };
    // What is left of the last day, or over, is a day of its own: the answer may come when it has ended.
    let stopped = || due.map(|due| calendar.working_days_between(now, due).max(1));
    claim.clock = match (from, claim.status) {
        (_, Status::NeedsMore) => Clock {
            due: Some(now.plus(DAY * u32::from(times.supplement_days))),
            left: stopped(),
            deciding: deciding || from == Status::Accepted,
            promised: None,
        },
        (Status::NeedsMore, Status::Submitted) => within(left.unwrap_or(times.first_look), deciding),
        (_, Status::Submitted) => within(times.first_look, false),
        (Status::Submitted, Status::Accepted) if !deciding => within(times.decide, true),
        (Status::PayFailed, Status::Approved) => within(left.unwrap_or(times.first_look), true),
        (_, Status::PayFailed) => Clock { due: None, left: stopped(), deciding: true, promised: None },
        (_, Status::Accepted | Status::Reviewed | Status::Approved | Status::Paying) => match due {
            Some(due) => Clock { due: Some(due), left: None, deciding: true, promised },
            None => within(times.decide, true),
        },
        (_, Status::Paid) if claim.is_contested() => within(times.decide, true),
        _ => Clock::default(),
    };
    Ok(())
}

/// Timers name the round or the move that they were set for; one of an earlier one does nothing.
fn set_timers(tx: &mut Tx, id: ClaimId, claim: &Claim) -> Result<(), Fault> {
    if let Some(due) = claim.clock.due.filter(|_| claim.is_timed()) {
        timers::set(tx, due, Timer::ClaimOverdue { claim: id, number: claim.moves })?;
    }
    if !matches!(claim.status, Status::NeedsMore | Status::PayFailed) {
        return Ok(());
    }
    let times = judge::times(tx, claim)?;
    for days in &times.remind_after_days {
        let timer = Timer::ClaimReminder { claim: id, round: claim.round };
        timers::set(tx, claim.since.plus(DAY * u32::from(*days)), timer)?;
    }
    if let Some(due) = claim.clock.due {
        timers::set(tx, due, Timer::ClaimLapses { claim: id, round: claim.round })?;
    }
    Ok(())
}

/// The claimant has not sent what was asked for in that round; or has, and didn't say so.
pub fn remind(tx: &mut Tx, id: ClaimId, round: u16) -> Result<(), Fault> {
    match queue::get(tx, id)? {
        Some(claim) if claim.status == Status::NeedsMore && claim.round == round => {
            if draft::goes_on(tx, id, &claim)? {
                return Ok(());
            }
            news::tell(tx, claim.claimant, News::StillMissing { claim: id, number: claim.moves })
        }
        // Or no account since the bank refused the one there was: what it said is told again.
        Some(claim)
            if claim.status == Status::PayFailed
                && claim.round == round
                && claim.account_told.is_none_or(|told| told < claim.since) =>
        {
            news::tell(tx, claim.claimant, News::Moved { claim: id, number: claim.moves })
        }
        _ => Ok(()),
    }
}

/// The last day is over and staff have not moved it: the trail says so, once.
pub fn overdue(tx: &mut Tx, id: ClaimId, number: u32) -> Result<(), Fault> {
    let waits = |claim: &Claim| claim.moves == number && claim.is_timed();
    let Some(claim) = queue::get(tx, id)?.filter(waits) else { return Ok(()) };
    let (subject, detail) = (id.to_string(), claim.status.name());
    append(tx, Note { who: "service", act: "claim.overdue", subject: &subject, detail, done: true })
}

/// The time for what was asked for is over; what was sent is looked at all the same.
pub fn lapse(tx: &mut Tx, id: ClaimId, round: u16) -> Result<(), Fault> {
    let Some(before) = queue::get(tx, id)? else { return Ok(()) };
    if before.status != Status::NeedsMore || before.round != round || draft::goes_on(tx, id, &before)? {
        return Ok(());
    }
    let mut claim = before.clone();
    go(tx, id, &before, &mut claim, Act::Lapse, Why::none(By::Rule)).map(drop)
}

/// Drops a draft that nobody touched since, after a word to its claimant.
pub fn drop_draft(tx: &mut Tx, id: ClaimId) -> Result<(), Fault> {
    let Some(before) = queue::get(tx, id)? else { return Ok(()) };
    if before.status != Status::Draft {
        return Ok(());
    }
    let (now, timer) = (tx.moment().now, Timer::ClaimDraft { claim: id });
    let (warned, over) = (before.changed.plus(DRAFT_WARNED), before.changed.plus(DRAFT_KEPT));
    if now < warned {
        return timers::set(tx, warned, timer);
    }
    if now < over {
        timers::set(tx, over, timer)?;
        return news::tell(tx, before.claimant, News::DraftEnds { claim: id });
    }
    let mut claim = before.clone();
    claim.details = Sealed::default();
    go(tx, id, &before, &mut claim, Act::Drop, Why::none(By::Rule)).map(drop)
}

/// The moves of a claim, oldest first. There are few: each round of asking makes two.
pub fn of(tx: &Tx, id: ClaimId) -> Result<Vec<(u32, Move)>, Fault> {
    const SHOWN_MAX: usize = 200;
    let page = tx.scan(&CLAIM_MOVES, &(id,), None, SHOWN_MAX)?;
    Ok(page.rows.into_iter().map(|((_, number), row)| (number, row)).collect())
}

/// What was last asked for and when it has to be there, if that is what is waited for.
pub fn asked(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<(Vec<Asked>, Option<Time>), Fault> {
    if claim.status != Status::NeedsMore {
        return Ok((Vec::new(), None));
    }
    let row = tx.get(&CLAIM_MOVES, &(id, claim.moves))?;
    Ok((row.map(|row| row.asked).unwrap_or_default(), claim.clock.due))
}
