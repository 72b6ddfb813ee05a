//! The one place where a sign-up changes its status: its row, the counts, the waiting list and what its person
//! holds move together.

use std::collections::BTreeSet;

use super::forget::forget_told;
use super::record::*;
use super::{draw, history};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::Standing;
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::store::{Fault, Tx};

/// More sessions than an activity has.
pub const SESSIONS_LOOKED_AT: usize = 50;

/// Writes a new sign-up down.
pub(super) fn enter(tx: &mut Tx, activity: &Activity, registration: &Registration) -> Result<(), Fault> {
    let number = registration.number;
    let (who, place) = (&registration.follower, (number.activity, number.session));
    let mut count = tx.get(&SESSION_COUNTS, &place)?.unwrap_or_default();
    count.last_number = number.number;
    count.add(&registration.status, registration.party.seats(), registration.share);
    tx.put(&SESSION_COUNTS, &place, &count)?;
    tx.put(&REGISTRATIONS, &number.key(), registration)?;
    forget_earlier(tx, registration)?;
    tx.put(&PLACES, &(who.clone(), place.0, place.1), &number.number)?;
    if let Some(member) = registration.member {
        tx.put(&HELD, &(member, place.0, place.1), &number.number)?;
    }
    count_in_series(tx, activity, registration, 1)?;
    came_to(tx, activity, registration)
}

/// Nothing leads to an earlier sign-up for the same session any more; what was told for it has been told again.
fn forget_earlier(tx: &mut Tx, registration: &Registration) -> Result<(), Fault> {
    let RegistrationNumber { activity, session, .. } = registration.number;
    let mut numbers: BTreeSet<u32> =
        tx.get(&PLACES, &(registration.follower.clone(), activity, session))?.into_iter().collect();
    if let Some(member) = registration.member {
        numbers.extend(tx.get(&HELD, &(member, activity, session))?);
    }
    for number in numbers {
        let Some(mut earlier) = tx.get(&REGISTRATIONS, &(activity, session, number))? else { continue };
        if forget_told(&mut earlier, tx.moment().now) {
            tx.put(&REGISTRATIONS, &earlier.number.key(), &earlier)?;
        }
    }
    Ok(())
}

/// Moves a sign-up from the status it has to another one.
pub fn move_to(
    tx: &mut Tx,
    activity: &Activity,
    registration: &mut Registration,
    status: Status,
) -> Result<(), Fault> {
    let number = registration.number;
    let key = (number.activity, number.session);
    let seats = registration.party.seats();
    let mut count = tx.get(&SESSION_COUNTS, &key)?.unwrap_or_default();
    count.remove(&registration.status, seats, registration.share);
    count.add(&status, seats, registration.share);
    tx.put(&SESSION_COUNTS, &key, &count)?;
    if registration.status == Status::Waiting {
        tx.delete(&WAITING, &registration.waits_at())?;
    }
    let before = std::mem::replace(&mut registration.status, status);
    registration.changed = tx.moment().now;
    tx.put(&REGISTRATIONS, &number.key(), registration)?;
    if before.is_live() && !registration.status.is_live() {
        let in_time = !matches!(registration.status, Status::Cancelled { by: By::Late });
        if before == Status::Confirmed && in_time {
            history::unwon(tx, activity, registration)?;
        }
        tx.delete(&KITS, &number.key())?;
        return count_in_series(tx, activity, registration, -1);
    }
    came_to(tx, activity, registration)
}

/// What a status brings with it.
fn came_to(tx: &mut Tx, activity: &Activity, registration: &Registration) -> Result<(), Fault> {
    match registration.status {
        Status::Waiting => {
            let number = registration.place.map(|_| registration.number.number);
            let waiter = Waiter { seats: registration.party.seats(), number, share: registration.share };
            tx.put(&WAITING, &registration.waits_at(), &waiter)
        }
        Status::Confirmed => {
            history::won(tx, activity, registration)?;
            withdraw_other_choices(tx, activity, registration)
        }
        _ => Ok(()),
    }
}

/// A draw gives one seat a person: who has one waits nowhere else in it.
fn withdraw_other_choices(tx: &mut Tx, activity: &Activity, won: &Registration) -> Result<(), Fault> {
    if activity.terms.mode.draw().is_none() {
        return Ok(());
    }
    for mut other in live_of(tx, &won.follower, won.member, activity.id)? {
        if other.number == won.number {
            continue;
        }
        if other.status.holds_seats() {
            let (activity, session) = (other.number.activity, other.number.session);
            timers::set(tx, tx.moment().now, Timer::MoveUp { activity, session })?;
        }
        move_to(tx, activity, &mut other, Status::Cancelled { by: By::WonOther })?;
    }
    Ok(())
}

/// The live sign-ups for this session that count for this person: those of the account, and of its member by whatever
/// account.
pub fn live_in_session(
    tx: &Tx,
    who: &FollowerId,
    activity: u32,
    session: u16,
) -> Result<Vec<Registration>, Fault> {
    let mut numbers: BTreeSet<u32> =
        tx.get(&PLACES, &(who.clone(), activity, session))?.into_iter().collect();
    if let Some(member) = tx.get(&BINDINGS, who)? {
        numbers.extend(tx.get(&HELD, &(member, activity, session))?);
    }
    let mut live = Vec::new();
    for number in numbers {
        let registration = tx.get(&REGISTRATIONS, &(activity, session, number))?;
        live.extend(registration.filter(|row| row.status.is_live()));
    }
    Ok(live)
}

/// The live sign-ups for this activity of the account, and of the member by whatever account.
pub fn live_of(
    tx: &Tx,
    who: &FollowerId,
    member: Option<MemberId>,
    activity: u32,
) -> Result<Vec<Registration>, Fault> {
    let places = tx.scan(&PLACES, &(who.clone(), activity), None, SESSIONS_LOOKED_AT)?.rows;
    let mut found: BTreeSet<_> = places.into_iter().map(|((_, _, session), n)| (session, n)).collect();
    if let Some(member) = member {
        let held = tx.scan(&HELD, &(member, activity), None, SESSIONS_LOOKED_AT)?.rows;
        found.extend(held.into_iter().map(|((_, _, session), n)| (session, n)));
    }
    let mut live = Vec::new();
    for (session, number) in found {
        let registration = tx.get(&REGISTRATIONS, &(activity, session, number))?;
        live.extend(registration.filter(|row| row.status.is_live()));
    }
    Ok(live)
}

/// Live sign-ups in the series: a member's by identity, so that a second account is no second person. One that counts
/// for both is counted twice at first.
pub(super) fn in_series(
    tx: &Tx,
    series: &Series,
    who: &FollowerId,
    standing: &Standing,
) -> Result<u16, Fault> {
    let own = tx.get(&SERIES_PLACES, &(series.name.clone(), who.clone()))?.unwrap_or(0);
    let of_member = match standing.member {
        Some(member) => tx.get(&SERIES_HELD, &(series.name.clone(), member))?.unwrap_or(0),
        None => 0,
    };
    let counted = own.saturating_add(of_member);
    // The counts know of no clock: what is over is left out only where it would matter.
    if counted < series.max_per_person { Ok(counted) } else { still_to_come(tx, series, who, standing) }
}

/// Sign-ups looked through, the latest activities first.
const LOOKED_THROUGH: usize = 100;

fn still_to_come(tx: &Tx, series: &Series, who: &FollowerId, standing: &Standing) -> Result<u16, Fault> {
    let own = tx.scan_back(&PLACES, &(who.clone(),), None, LOOKED_THROUGH)?.rows;
    let mut found: BTreeSet<_> =
        own.into_iter().map(|((_, a, session), number)| (a, session, number)).collect();
    if let Some(member) = standing.member {
        let held = tx.scan_back(&HELD, &(member,), None, LOOKED_THROUGH)?.rows;
        found.extend(held.into_iter().map(|((_, activity, session), number)| (activity, session, number)));
    }
    let mut count = 0;
    for key in found {
        let Some(activity) = tx.get(&ACTIVITIES, &key.0)? else { continue };
        let of_series = activity.terms.series.as_ref().is_some_and(|other| other.name == series.name);
        let session = activity.terms.sessions.get(usize::from(key.1).saturating_sub(1));
        if of_series && session.is_some_and(|session| session.ends > tx.moment().now) {
            let registration = tx.get(&REGISTRATIONS, &key)?;
            count += u16::from(registration.is_some_and(|row| row.status.is_live()));
        }
    }
    Ok(count)
}

fn count_in_series(
    tx: &mut Tx,
    activity: &Activity,
    registration: &Registration,
    change: i16,
) -> Result<(), Fault> {
    let Some(series) = &activity.terms.series else { return Ok(()) };
    if let Some(member) = registration.member {
        counted(tx, &SERIES_HELD, (series.name.clone(), member), change)?;
    }
    counted(tx, &SERIES_PLACES, (series.name.clone(), registration.follower.clone()), change)
}

/// Sign-ups looked through when an account is recognised, the latest activities first.
const ADOPTED: usize = 20;

/// The account was recognised as the member's: its live sign-ups, its absences and its tickets are the member's from here
/// on, so that a later account of theirs begins nothing anew.
pub fn adopt(tx: &mut Tx, who: &FollowerId, member: MemberId) -> Result<(), Fault> {
    history::carry(tx, who, member)?;
    for ((_, id, session), number) in tx.scan_back(&PLACES, &(who.clone(),), None, ADOPTED)?.rows {
        let (Some(activity), Some(mut registration)) =
            (tx.get(&ACTIVITIES, &id)?, tx.get(&REGISTRATIONS, &(id, session, number))?)
        else {
            continue;
        };
        let held = match tx.get(&HELD, &(member, id, session))? {
            Some(other) => tx.get(&REGISTRATIONS, &(id, session, other))?,
            None => None,
        };
        let is_theirs = held.is_some_and(|held| held.status.is_live());
        if registration.member.is_some() || !registration.status.is_live() || is_theirs {
            continue;
        }
        draw::apply::adopt(tx, &registration, member)?;
        registration.member = Some(member);
        tx.put(&REGISTRATIONS, &registration.number.key(), &registration)?;
        tx.put(&HELD, &(member, id, session), &number)?;
        if let Some(series) = &activity.terms.series {
            counted(tx, &SERIES_HELD, (series.name.clone(), member), 1)?;
        }
    }
    Ok(())
}

fn counted<K: crate::store::Key>(
    tx: &mut Tx,
    table: &crate::store::Table<K, u16>,
    key: K,
    change: i16,
) -> Result<(), Fault> {
    let count = tx.get(table, &key)?.unwrap_or(0).saturating_add_signed(change);
    if count == 0 { tx.delete(table, &key) } else { tx.put(table, &key, &count) }
}
