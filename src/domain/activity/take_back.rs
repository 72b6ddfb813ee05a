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
    if registration.status == (Status::Cancelled { by: By::Staff }) {
        return Ok(Ok(()));
    }
    // Of what is called off everybody is told, one after the other.
    let called_off = matches!(activity.state, ActivityState::Cancelled { .. });
    if !registration.status.is_live() || registration.attendance.is_some() || called_off {
        return Ok(Err(not_held()));
    }
    if rules::session(&activity, number.session, tx.moment().now).is_err() {
        return Ok(Err(ManageRefusal::SessionBegun { number: number.to_string() }));
    }
    if registration.status == Status::Applied && draw::apply::withdraw(tx, &registration)?.is_err() {
        return Ok(Err(ManageRefusal::Drawn));
    }
    if let Status::Offered { until } = registration.status {
        timers::clear(tx, until, Timer::OfferLapses { registration: number, until })?;
    }
    registration.refused = Some(reason.to_owned());
    move_to(tx, &activity, &mut registration, Status::Cancelled { by: By::Staff })?;
    holder::tell(tx, &registration, Telling::TakenBack { number })?;
    waiting::promote(tx, &activity, number.session)?;
    Ok(Ok(()))
}
