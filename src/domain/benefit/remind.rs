//! 提醒我: who wants to be told before a release.

use std::time::Duration;

use super::calendar;
use super::record::BenefitState;
use super::rules::Refusal;
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::{Notice, Welfare};
use crate::domain::tables::{BENEFITS, RELEASE_REMINDERS};
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// So long before the release.
pub const AHEAD: Duration = Duration::from_secs(10 * 60);
/// Followers told in one commit.
const TOLD_PER_COMMIT: usize = 20;

/// The follower will be told before the next release; when that is.
pub fn want(tx: &mut Tx, who: &FollowerId, id: u32) -> Result<Result<Time, Refusal>, Fault> {
    let Some(benefit) = tx.get(&BENEFITS, &id)? else { return Ok(Err(Refusal::UnknownBenefit)) };
    let now = tx.moment().now;
    match benefit.state {
        BenefitState::Draft => return Ok(Err(Refusal::UnknownBenefit)),
        BenefitState::Closed { .. } => return Ok(Err(Refusal::Ended)),
        BenefitState::Published | BenefitState::Paused { .. } => {}
    }
    let Some(next) = calendar::next(&benefit.terms, now) else { return Ok(Err(Refusal::Ended)) };
    let key = (id, next.at, who.clone());
    if tx.get(&RELEASE_REMINDERS, &key)?.is_none() {
        tx.put(&RELEASE_REMINDERS, &key, &())?;
        let at = next.at.minus(AHEAD).max(now);
        timers::set(tx, at, Timer::ReleaseReminder { benefit: id, release: next.at })?;
    }
    Ok(Ok(next.at))
}

/// Tells the next few. A release that staff took away is told of to nobody.
pub fn tell(tx: &mut Tx, id: u32, release: Time) -> Result<(), Fault> {
    let benefit = tx.get(&BENEFITS, &id)?.filter(|benefit| benefit.state == BenefitState::Published);
    let comes = benefit.and_then(|benefit| calendar::latest(&benefit.terms, release));
    let comes = comes.is_some_and(|slot| slot.at == release);
    let page = tx.scan(&RELEASE_REMINDERS, &(id, release), None, TOLD_PER_COMMIT)?;
    for (key, ()) in page.rows {
        tx.delete(&RELEASE_REMINDERS, &key)?;
        if comes {
            enqueue(tx, &key.2, Notice::Welfare(Welfare::ReleaseSoon { benefit: id, release }))?;
        }
    }
    if page.next.is_some() {
        let now = tx.moment().now;
        timers::set(tx, now, Timer::ReleaseReminder { benefit: id, release })?;
    }
    Ok(())
}
