//! 提醒我: who wants to be told before a release.

use std::time::Duration;

use super::calendar;
use super::manage::shown;
use super::record::{Benefit, BenefitState, Terms};
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
    promise(tx, who, id, next.at)?;
    Ok(Ok(next.at))
}

fn promise(tx: &mut Tx, who: &FollowerId, id: u32, release: Time) -> Result<(), Fault> {
    let key = (id, release, who.clone());
    if tx.get(&RELEASE_REMINDERS, &key)?.is_some() {
        return Ok(());
    }
    tx.put(&RELEASE_REMINDERS, &key, &())?;
    let at = release.minus(AHEAD).max(tx.moment().now);
    timers::set(tx, at, Timer::ReleaseReminder { benefit: id, release })
}

/// 注销: nothing is told any more of what comes next.
pub fn forget(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    let now = tx.moment().now;
    for found in shown(tx)? {
        let id = found.benefit.id;
        if let Some(next) = calendar::next(&found.benefit.terms, now) {
            tx.delete(&RELEASE_REMINDERS, &(id, next.at, who.clone()))?;
        }
    }
    Ok(())
}

/// Staff changed or closed the benefit: whoever waits for the release that came next by its old terms is told what
/// became of it.
pub fn look_again(tx: &mut Tx, id: u32, before: &Terms) -> Result<(), Fault> {
    let now = tx.moment().now;
    match calendar::next(before, now) {
        Some(next) => timers::set(tx, now, Timer::ReleaseReminder { benefit: id, release: next.at }),
        None => Ok(()),
    }
}

/// Is there, by the benefit's terms, a release at that time?
pub fn comes(benefit: &Benefit, release: Time) -> bool {
    calendar::latest(&benefit.terms, release).is_some_and(|slot| slot.at == release)
}

/// Tells the next few of those who wait for a release: that it begins soon, once that is so, or that it doesn't come.
/// Whom another one can take its place for is told before that one, too.
pub fn tell(tx: &mut Tx, id: u32, release: Time) -> Result<(), Fault> {
    let Some(benefit) = tx.get(&BENEFITS, &id)? else { return Ok(()) };
    let now = tx.moment().now;
    let news = match (&benefit.state, comes(&benefit, release)) {
        (BenefitState::Published | BenefitState::Paused { .. }, true) if now < release.minus(AHEAD) => {
            return Ok(()); // its own timer is still to come
        }
        (BenefitState::Published, true) => Welfare::ReleaseSoon { benefit: id, release },
        (BenefitState::Published | BenefitState::Paused { .. }, false) => {
            match calendar::next(&benefit.terms, now) {
                Some(next) => Welfare::ReleaseMoved { benefit: id, release, next: next.at },
                None => Welfare::ReleaseOff { benefit: id, release },
            }
        }
        _ => Welfare::ReleaseOff { benefit: id, release },
    };
    let page = tx.scan(&RELEASE_REMINDERS, &(id, release), None, TOLD_PER_COMMIT)?;
    for (key, ()) in page.rows {
        tx.delete(&RELEASE_REMINDERS, &key)?;
        if let Welfare::ReleaseMoved { next, .. } = &news {
            promise(tx, &key.2, id, *next)?;
        }
        enqueue(tx, &key.2, Notice::Welfare(news.clone()))?;
    }
    if page.next.is_some() {
        timers::set(tx, now, Timer::ReleaseReminder { benefit: id, release })?;
    }
    Ok(())
}
