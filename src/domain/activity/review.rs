//! 审核: staff pick among those who applied.

use std::collections::BTreeMap;

use super::holder;
use super::manage::ManageRefusal;
use super::places::move_to;
use super::record::*;
use super::rules;
use crate::domain::outbox::record::Notice as Telling;
use crate::domain::tables::*;
use crate::store::{Fault, Tx};

/// Does each of them wait for a decision, or was it decided so already; and is there a seat for everybody to accept?
pub fn may_decide(
    tx: &Tx,
    accept: &[RegistrationNumber],
    refuse: &[RegistrationNumber],
) -> Result<Result<(), ManageRefusal>, Fault> {
    let mut left: BTreeMap<(u32, u16), u32> = BTreeMap::new();
    for (number, is_accepted) in accept.iter().map(|n| (n, true)).chain(refuse.iter().map(|n| (n, false))) {
        let Some((activity, registration)) = found(tx, *number)? else {
            return Ok(Err(ManageRefusal::NotApplied { number: number.to_string() }));
        };
        let seats = registration.party.seats();
        match (&registration.status, is_accepted) {
            (Status::Confirmed, true) | (Status::Cancelled { by: By::Refused }, false) => {}
            (Status::Applied, false) => {}
            (Status::Applied, true) => {
                let left = match left.entry((number.activity, number.session)) {
                    std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                    std::collections::btree_map::Entry::Vacant(new) => {
                        let count = tx.get(&SESSION_COUNTS, new.key())?.unwrap_or_default();
                        let index = usize::from(number.session).saturating_sub(1);
                        let capacity = activity.terms.sessions.get(index).map_or(0, |s| s.capacity);
                        new.insert(rules::seats_free(capacity, &count))
                    }
                };
                let Some(rest) = left.checked_sub(u32::from(seats)) else {
                    let (number, left) = (number.to_string(), *left);
                    return Ok(Err(ManageRefusal::NoRoom { number, seats, left }));
                };
                *left = rest;
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
