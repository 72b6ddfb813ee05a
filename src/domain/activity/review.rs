//! 审核: staff pick among those who applied.

use std::collections::BTreeMap;

use super::manage::ManageRefusal;
use super::places::move_to;
use super::record::*;
use super::{holder, quota, rules};
use crate::domain::outbox::record::Notice as Telling;
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::store::{Fault, Tx};

/// Applications ended in one commit.
const LAPSED_PER_STEP: usize = 12;

/// Does each of them wait for a decision, or was it decided so already; and is there a seat for everybody to accept?
pub fn may_decide(
    tx: &Tx,
    accept: &[RegistrationNumber],
    refuse: &[RegistrationNumber],
) -> Result<Result<(), ManageRefusal>, Fault> {
    let now = tx.moment().now;
    let mut counts: BTreeMap<(u32, u16), SessionCount> = BTreeMap::new();
    for (number, is_accepted) in accept.iter().map(|n| (n, true)).chain(refuse.iter().map(|n| (n, false))) {
        let Some((activity, registration)) = found(tx, *number)? else {
            return Ok(Err(ManageRefusal::NotApplied { number: number.to_string() }));
        };
        let seats = registration.party.seats();
        match (&registration.status, is_accepted) {
            (Status::Confirmed, true) | (Status::Cancelled { by: By::Refused }, false) => {}
            (Status::Applied, false) => {}
            (Status::Applied, true) => {
                if rules::session(&activity, number.session, now).is_err() {
                    return Ok(Err(ManageRefusal::SessionBegun { number: number.to_string() }));
                }
                let key = (number.activity, number.session);
                let mut count = match counts.get(&key) {
                    Some(count) => *count,
                    None => tx.get(&SESSION_COUNTS, &key)?.unwrap_or_default(),
                };
                let capacity = activity.terms.session(number.session).map_or(0, |session| session.capacity);
                let free = rules::seats_free(capacity, &count);
                let kept = quota::kept_for_others(activity.terms.kept(), &count, registration.share, now);
                let left = free.saturating_sub(kept);
                if u32::from(seats) > left {
                    let (number, kept) = (number.to_string(), free - left);
                    return Ok(Err(ManageRefusal::NoRoom { number, seats, left, kept }));
                }
                count.add(&Status::Confirmed, seats, registration.share);
                counts.insert(key, count);
            }
            _ => return Ok(Err(ManageRefusal::NotApplied { number: number.to_string() })),
        }
    }
    Ok(Ok(()))
}

/// Gives the seat, and tells. Said twice, it is done once.
pub fn accept(tx: &mut Tx, number: RegistrationNumber) -> Result<(), Fault> {
    decide(tx, number, Status::Confirmed, None)
}

/// Says no, with a reason that the follower reads. Said twice, it is done once.
pub fn refuse(tx: &mut Tx, number: RegistrationNumber, reason: &str) -> Result<(), Fault> {
    decide(tx, number, Status::Cancelled { by: By::Refused }, Some(reason))
}

fn decide(
    tx: &mut Tx,
    number: RegistrationNumber,
    status: Status,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let Some((activity, mut registration)) = found(tx, number)? else { return Ok(()) };
    if registration.status != Status::Applied {
        return Ok(());
    }
    registration.refused = reason.map(str::to_owned);
    move_to(tx, &activity, &mut registration, status)?;
    holder::tell(tx, &registration, Telling::Reviewed { number })
}

/// The session begins: who was not decided has no seat in it, and is told. A timer goes on with what is more than one
/// commit does.
pub fn lapse(tx: &mut Tx, id: u32, session: u16, after: Option<u32>) -> Result<(), Fault> {
    let Some(activity) = tx.get(&ACTIVITIES, &id)? else { return Ok(()) };
    let now = tx.moment().now;
    let to_come = rules::session(&activity, session, now).is_ok();
    let called_off = matches!(activity.state, ActivityState::Cancelled { .. });
    if activity.terms.mode != Mode::Review || to_come || called_off {
        return Ok(());
    }
    let cursor = after.map(|number| (id, session, number));
    let page = tx.scan(&REGISTRATIONS, &(id, session), cursor.as_ref(), LAPSED_PER_STEP)?;
    for (_, mut registration) in page.rows {
        if registration.status == Status::Applied {
            move_to(tx, &activity, &mut registration, Status::Cancelled { by: By::Undecided })?;
            holder::tell(tx, &registration, Telling::Reviewed { number: registration.number })?;
        }
    }
    let Some((_, _, last)) = page.next else { return Ok(()) };
    timers::set(tx, now, Timer::Undecided { activity: id, session, after: Some(last) })
}

/// A sign-up for an activity whose seats staff give.
fn found(tx: &Tx, number: RegistrationNumber) -> Result<Option<(Activity, Registration)>, Fault> {
    let found = (tx.get(&ACTIVITIES, &number.activity)?, tx.get(&REGISTRATIONS, &number.key())?);
    Ok(match found {
        (Some(activity), Some(registration)) if activity.terms.mode == Mode::Review => {
            Some((activity, registration))
        }
        _ => None,
    })
}
