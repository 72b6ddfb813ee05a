//! Staff give a sign-up back for its follower, who called, say: also when the follower can't any more.

use super::manage::ManageRefusal;
use super::places::move_to;
use super::record::*;
use super::{draw, holder, rules, waiting};
use crate::domain::outbox::record::Notice as Telling;
use crate::domain::tables::{ACTIVITIES, REGISTRATIONS};
use crate::domain::timers::{self, Timer};
use crate::store::{Fault, Tx};

/// Nobody's absence: whoever waits and fits moves up in the same commit, and the follower is told the reason. Said twice,
/// it is done once.
pub fn take_back(
    tx: &mut Tx,
    number: RegistrationNumber,
    reason: &str,
) -> Result<Result<(), ManageRefusal>, Fault> {
    let not_held = || ManageRefusal::NotHeld { number: number.to_string() };
    let (Some(activity), Some(mut registration)) =
        (tx.get(&ACTIVITIES, &number.activity)?, tx.get(&REGISTRATIONS, &number.key())?)
    else {
        return Ok(Err(not_held()));
    };
    match registration.status {
        Status::Cancelled { by: By::Staff } => return Ok(Ok(())),
        _ if !registration.status.is_live() || registration.attendance.is_some() => {
            return Ok(Err(not_held()));
        }
        // Everybody is told of it, one after the other.
        _ if matches!(activity.state, ActivityState::Cancelled { .. }) => return Ok(Err(not_held())),
        _ if rules::session(&activity, number.session, tx.moment().now).is_err() => {
            return Ok(Err(ManageRefusal::SessionBegun { number: number.to_string() }));
        }
        Status::Applied if draw::apply::withdraw(tx, &registration)?.is_err() => {
            return Ok(Err(ManageRefusal::Drawn));
        }
        Status::Offered { until } => {
            timers::clear(tx, until, Timer::OfferLapses { registration: number, until })?;
        }
        _ => {}
    }
    registration.refused = Some(reason.to_owned());
    move_to(tx, &activity, &mut registration, Status::Cancelled { by: By::Staff })?;
    holder::tell(tx, &registration, Telling::TakenBack { number })?;
    waiting::promote(tx, &activity, number.session)?;
    Ok(Ok(()))
}
