//! 候补: who moves up when a seat comes free, at once or by an offer that has a time to accept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::places::move_to;
use super::record::*;
use super::rules::{self, Refusal};
use super::{holder, quota};
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox::record::Notice as Telling;
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Rows looked at to place one party: waiting lists are bounded by their activity's `waiting_max`.
pub const WAITING_MAX: u16 = 500;
/// Moved up by one commit; a timer goes on with the rest.
pub(super) const MOVED_UP_PER_COMMIT: u32 = 12;
const SKIPS_PER_COMMIT: usize = 40;
const LAST_DAY: Duration = Duration::from_secs(24 * 3600);

/// Somebody whose turn it was and who got no seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    pub why: SkipReason,
    pub at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SkipReason {
    /// The party is larger than what was free; it keeps its place.
    TooLarge {
        seats: u16,
        free: u32,
    },
    Declined,
    Lapsed,
    /// What was free was kept for people of another share; it keeps its place.
    KeptForOthers,
}

impl SkipReason {
    fn kind(self) -> u8 {
        match self {
            SkipReason::TooLarge { .. } => 0,
            SkipReason::Declined => 1,
            SkipReason::Lapsed => 2,
            SkipReason::KeptForOthers => 3,
        }
    }
}

/// Seats those who wait, in order, as long as somebody fits; a party too large for what is free keeps its
/// place in the list and is passed over, so that no seat stays empty.
pub fn promote(tx: &mut Tx, activity: &Activity, session: u16) -> Result<u32, Fault> {
    promote_up_to(tx, activity, session, MOVED_UP_PER_COMMIT)
}

/// As [`promote`], `limit` sign-ups at most; a timer goes on with the rest.
pub(super) fn promote_up_to(
    tx: &mut Tx,
    activity: &Activity,
    session: u16,
    limit: u32,
) -> Result<u32, Fault> {
    let now = tx.moment().now;
    let lively = matches!(activity.state, ActivityState::Published | ActivityState::Closed { .. });
    let Ok(terms) = rules::session(activity, session, now) else { return Ok(0) };
    let count_key = (activity.id, session);
    let mut count = tx.get(&SESSION_COUNTS, &count_key)?.unwrap_or_default();
    let quota = activity.terms.kept();
    let mut free = rules::seats_free(terms.capacity, &count);
    let drawing = activity.terms.mode.draw().is_some()
        && !tx.get(&DRAWS, &activity.id)?.is_some_and(|draw| draw.is_done());
    if !lively || drawing || count.waiting == 0 || free == 0 {
        return going_on(tx, count_key, false).map(|()| 0);
    }
    let waiting = tx.scan(&WAITING, &count_key, None, usize::from(WAITING_MAX))?;
    let (mut moved, mut passed) = (0, Vec::new());
    for (key, waiter) in waiting.rows {
        let number =
            RegistrationNumber { activity: activity.id, session, number: waiter.number.unwrap_or(key.2) };
        let seats = u32::from(waiter.seats);
        if seats > free {
            passed.push((number, SkipReason::TooLarge { seats: waiter.seats, free }));
            continue;
        }
        if seats > free.saturating_sub(quota::kept_for_others(quota, &count, waiter.share, now)) {
            passed.push((number, SkipReason::KeptForOthers));
            continue;
        }
        if moved == limit {
            timers::set(tx, now, Timer::MoveUp { activity: activity.id, session })?;
            going_on(tx, count_key, true)?;
            return Ok(moved);
        }
        let Some(mut registration) = tx.get(&REGISTRATIONS, &number.key())? else { continue };
        if registration.status != Status::Waiting {
            continue; // it was withdrawn in the meantime: another choice of its person was seated
        }
        for (number, why) in passed.drain(..).take(SKIPS_PER_COMMIT) {
            skip_once(tx, number, Skip { why, at: now })?;
        }
        give(tx, activity, &mut registration, terms.starts)?;
        free = free.saturating_sub(seats);
        count.add(&Status::Confirmed, waiter.seats, waiter.share);
        moved += 1;
    }
    going_on(tx, count_key, false)?;
    Ok(moved)
}

/// While the list is still moving up, a free seat is not for who comes now.
fn going_on(tx: &mut Tx, key: (u32, u16), moving_up: bool) -> Result<(), Fault> {
    match tx.get(&SESSION_COUNTS, &key)? {
        Some(count) if count.moving_up != moving_up => {
            tx.put(&SESSION_COUNTS, &key, &SessionCount { moving_up, ..count })
        }
        _ => Ok(()),
    }
}

fn give(
    tx: &mut Tx,
    activity: &Activity,
    registration: &mut Registration,
    starts: Time,
) -> Result<(), Fault> {
    let number = registration.number;
    let (status, notice) = match activity.terms.settings.waiting {
        WaitingBy::Automatic => (Status::Confirmed, Telling::Promoted { number }),
        WaitingBy::Offer { hours, last_day_hours } => {
            let until = offer_ends(tx.moment().now, starts, hours, last_day_hours);
            timers::set(tx, until, Timer::OfferLapses { registration: number, until })?;
            (Status::Offered { until }, Telling::SeatOffered { number, until })
        }
    };
    registration.promoted = (status == Status::Confirmed).then(|| tx.moment().now);
    move_to(tx, activity, registration, status)?;
    holder::tell(tx, registration, notice)
}

/// Until when an offer of `now` holds: never past the start.
fn offer_ends(now: Time, starts: Time, hours: u16, last_day_hours: u16) -> Time {
    let hours = if starts.since(now) <= LAST_DAY { last_day_hours } else { hours };
    now.plus(Duration::from_secs(3600 * u64::from(hours))).min(starts)
}

/// The session was moved: an offer never holds past its start.
pub(super) fn end_with_start(
    tx: &mut Tx,
    activity: &Activity,
    registration: &mut Registration,
) -> Result<(), Fault> {
    let number = registration.number;
    let starts = activity.terms.session(number.session).map(|session| session.starts);
    let (Status::Offered { until }, Some(starts)) = (&registration.status, starts) else { return Ok(()) };
    let before = *until;
    if starts >= before {
        return Ok(());
    }
    registration.status = Status::Offered { until: starts };
    tx.put(&REGISTRATIONS, &number.key(), registration)?;
    timers::clear(tx, before, Timer::OfferLapses { registration: number, until: before })?;
    timers::set(tx, starts, Timer::OfferLapses { registration: number, until: starts })
}

/// 接受: the offered seat is taken. Said twice, it is taken once.
pub fn accept(
    tx: &mut Tx,
    who: &FollowerId,
    number: RegistrationNumber,
) -> Result<Result<Registration, Refusal>, Fault> {
    let now = tx.moment().now;
    let (activity, mut registration) = match own(tx, who, number)? {
        Ok(own) => own,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let ActivityState::Cancelled { reason } = &activity.state {
        return Ok(Err(Refusal::CalledOff { reason: reason.clone() }));
    }
    // It may have been moved to before the end of the offer.
    let starts = match rules::session(&activity, number.session, now) {
        Ok(session) => session.starts,
        Err(Refusal::SessionStarted { started }) => started,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match registration.status {
        Status::Confirmed => Ok(Ok(registration)),
        Status::Offered { until } if now < until.min(starts) => {
            timers::clear(tx, until, Timer::OfferLapses { registration: number, until })?;
            move_to(tx, &activity, &mut registration, Status::Confirmed)?;
            Ok(Ok(registration))
        }
        Status::Offered { until } => Ok(Err(Refusal::OfferGone { until: until.min(starts) })),
        Status::Cancelled { by: By::Lapsed } => {
            let lapsed = skips(tx, number)?.into_iter().find(|skip| skip.why == SkipReason::Lapsed);
            Ok(Err(Refusal::OfferGone { until: lapsed.map_or(registration.changed, |skip| skip.at) }))
        }
        _ => Ok(Err(Refusal::NoOffer)),
    }
}

/// 放弃: the offered seat goes to the next at once.
pub fn decline(
    tx: &mut Tx,
    who: &FollowerId,
    number: RegistrationNumber,
) -> Result<Result<Registration, Refusal>, Fault> {
    let (activity, mut registration) = match own(tx, who, number)? {
        Ok(own) => own,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match registration.status {
        Status::Offered { until } => {
            timers::clear(tx, until, Timer::OfferLapses { registration: number, until })?;
            let at = tx.moment().now;
            let skip = Skip { why: SkipReason::Declined, at };
            pass_on(tx, &activity, &mut registration, By::Declined, skip)?;
            Ok(Ok(registration))
        }
        Status::Cancelled { by: By::Declined } => Ok(Ok(registration)),
        _ => Ok(Err(Refusal::NoOffer)),
    }
}

/// The time to accept is over.
pub fn lapse(tx: &mut Tx, number: RegistrationNumber, offered_until: Time) -> Result<(), Fault> {
    let (Some(activity), Some(mut registration)) =
        (tx.get(&ACTIVITIES, &number.activity)?, tx.get(&REGISTRATIONS, &number.key())?)
    else {
        return Ok(());
    };
    if registration.status != (Status::Offered { until: offered_until }) {
        return Ok(());
    }
    holder::tell(tx, &registration, Telling::OfferLapsed { number })?;
    let skip = Skip { why: SkipReason::Lapsed, at: offered_until };
    pass_on(tx, &activity, &mut registration, By::Lapsed, skip)
}

fn pass_on(
    tx: &mut Tx,
    activity: &Activity,
    registration: &mut Registration,
    by: By,
    skip: Skip,
) -> Result<(), Fault> {
    move_to(tx, activity, registration, Status::Cancelled { by })?;
    skip_once(tx, registration.number, skip)?;
    promote(tx, activity, registration.number.session).map(drop)
}

/// Goes on with a list that was longer than one commit moves up.
pub fn move_up(tx: &mut Tx, activity: u32, session: u16) -> Result<(), Fault> {
    match tx.get(&ACTIVITIES, &activity)? {
        Some(activity) => promote(tx, &activity, session).map(drop),
        None => Ok(()),
    }
}

/// A reason stands once: that a party was too large again says nothing new.
fn skip_once(tx: &mut Tx, number: RegistrationNumber, skip: Skip) -> Result<(), Fault> {
    let RegistrationNumber { activity, session, number } = number;
    let key = (activity, session, number, skip.why.kind());
    match tx.get(&SKIPS, &key)? {
        Some(_) => Ok(()),
        None => tx.put(&SKIPS, &key, &skip),
    }
}

/// Why this sign-up was passed over, if it was.
pub fn skips(tx: &Tx, number: RegistrationNumber) -> Result<Vec<Skip>, Fault> {
    Ok(tx.scan(&SKIPS, &number.key(), None, 8)?.rows.into_iter().map(|(_, skip)| skip).collect())
}

/// The place in the waiting list, from 1.
pub fn waiting_position(tx: &Tx, number: RegistrationNumber) -> Result<Option<usize>, Fault> {
    let waiting = tx.scan(&WAITING, &(number.activity, number.session), None, usize::from(WAITING_MAX))?;
    let is_it = |(key, waiter): &((u32, u16, u32), Waiter)| waiter.number.unwrap_or(key.2) == number.number;
    Ok(waiting.rows.iter().position(is_it).map(|index| index + 1))
}

/// Seats that this follower is offered now.
pub fn offers(tx: &Tx, who: &FollowerId, limit: usize) -> Result<Vec<Registration>, Fault> {
    let mine = holder::mine(tx, who, limit)?;
    let offered = |registration: &Registration| matches!(registration.status, Status::Offered { .. });
    Ok(mine.into_iter().map(|(_, registration)| registration).filter(offered).collect())
}

fn own(
    tx: &Tx,
    who: &FollowerId,
    number: RegistrationNumber,
) -> Result<Result<(Activity, Registration), Refusal>, Fault> {
    Ok(holder::own(tx, who, number)?.ok_or(Refusal::NotSignedUp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_ends_sooner_on_the_last_day_and_never_after_the_start() {
        let now = Time::from_unix_s(1_796_000_000);
        let hours = |n: u64| Duration::from_secs(n * 3600);
        let ends = |starts_in: u64| offer_ends(now, now.plus(hours(starts_in)), 12, 2).since(now);
        assert_eq!(ends(48), hours(12));
        assert_eq!(ends(24), hours(2));
        assert_eq!(ends(1), hours(1));
    }
}
