//! Whose a sign-up is: it goes with its member to whatever account is theirs.

use std::collections::BTreeSet;

use super::places;
use super::record::*;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::account_of;
use crate::domain::outbox::commands::{self as outbox, enqueue};
use crate::domain::outbox::record::Notice as Telling;
use crate::domain::tables::*;
use crate::store::{Fault, Tx};

/// The account that has it and is told of it: its member's now; while they have none, the one that signed up, unless
/// that is another member's by now.
pub fn holder(tx: &Tx, registration: &Registration) -> Result<Option<FollowerId>, Fault> {
    let signed_up = &registration.follower;
    match account_of(tx, &registration.person())? {
        Some(now) => Ok(Some(now)),
        None => Ok(tx.get(&BINDINGS, signed_up)?.is_none().then(|| signed_up.clone())),
    }
}

pub fn is_held_by(tx: &Tx, who: &FollowerId, registration: &Registration) -> Result<bool, Fault> {
    Ok(holder(tx, registration)?.as_ref() == Some(who))
}

/// Tells whoever has it.
pub fn tell(tx: &mut Tx, registration: &Registration, what: Telling) -> Result<(), Fault> {
    match holder(tx, registration)? {
        Some(who) => enqueue(tx, &who, what).map(drop),
        None => Ok(()),
    }
}

/// The member has another account: what `from` was not told yet of their seats is told to whoever has them now.
pub fn hand_over(tx: &mut Tx, member: MemberId, from: &FollowerId) -> Result<(), Fault> {
    for notice in outbox::take_back(tx, from, |notice| notice.seat().is_some())? {
        let held = match notice.seat() {
            Some((_, Some(number))) => tx.get(&REGISTRATIONS, &number.key())?,
            Some((activity, None)) => {
                let held = tx.scan(&HELD, &(member, activity), None, 1)?.rows.into_iter().next();
                held.map(|((_, _, session), n)| tx.get(&REGISTRATIONS, &(activity, session, n)))
                    .transpose()?
                    .flatten()
            }
            None => None,
        };
        match held {
            Some(registration) => tell(tx, &registration, notice)?,
            None => enqueue(tx, from, notice).map(drop)?,
        }
    }
    Ok(())
}

/// The sign-up of that number if it is this follower's; one of somebody else is as good as none.
pub fn own(
    tx: &Tx,
    who: &FollowerId,
    number: RegistrationNumber,
) -> Result<Option<(Activity, Registration)>, Fault> {
    let (Some(activity), Some(registration)) =
        (tx.get(&ACTIVITIES, &number.activity)?, tx.get(&REGISTRATIONS, &number.key())?)
    else {
        return Ok(None);
    };
    Ok(is_held_by(tx, who, &registration)?.then_some((activity, registration)))
}

/// The follower's live sign-up for this session.
pub fn live_registration(
    tx: &Tx,
    who: &FollowerId,
    activity: u32,
    session: u16,
) -> Result<Option<Registration>, Fault> {
    for registration in places::live_in_session(tx, who, activity, session)? {
        if is_held_by(tx, who, &registration)? {
            return Ok(Some(registration));
        }
    }
    Ok(None)
}

/// The follower's live sign-ups for this activity, by session.
pub fn live_in(tx: &Tx, who: &FollowerId, activity: u32) -> Result<Vec<Registration>, Fault> {
    let member = tx.get(&BINDINGS, who)?;
    let mut live = Vec::new();
    for registration in places::live_of(tx, who, member, activity)? {
        if is_held_by(tx, who, &registration)? {
            live.push(registration);
        }
    }
    live.sort_by_key(|registration| registration.number.session);
    Ok(live)
}

/// A follower's sign-ups with their activities, the latest activity first.
pub fn mine(tx: &Tx, who: &FollowerId, limit: usize) -> Result<Vec<(Activity, Registration)>, Fault> {
    let (mut mine, mut below) = (Vec::new(), None);
    loop {
        let (found, next) = mine_below(tx, who, below, limit)?;
        mine.extend(found);
        if mine.len() >= limit || next.is_none() {
            mine.truncate(limit);
            return Ok(mine);
        }
        below = next;
    }
}

/// An activity and one of its sessions.
pub type SessionKey = (u32, u16);

/// Some sign-ups, and below which session there are more.
type Found = (Vec<(Activity, Registration)>, Option<SessionKey>);

/// As [`mine`], those below a session. A page may hold fewer than there are.
pub fn mine_below(
    tx: &Tx,
    who: &FollowerId,
    below: Option<SessionKey>,
    limit: usize,
) -> Result<Found, Fault> {
    let after = below.map(|(activity, session)| (who.clone(), activity, session));
    let places = tx.scan_back(&PLACES, &(who.clone(),), after.as_ref(), limit)?;
    let mut more = places.next.is_some();
    let mut found: BTreeSet<_> = places.rows.into_iter().map(|((_, a, s), number)| (a, s, number)).collect();
    if let Some(member) = tx.get(&BINDINGS, who)? {
        let after = below.map(|(activity, session)| (member, activity, session));
        let held = tx.scan_back(&HELD, &(member,), after.as_ref(), limit)?;
        more |= held.next.is_some();
        found.extend(held.rows.into_iter().map(|((_, a, s), number)| (a, s, number)));
    }
    let sessions: BTreeSet<SessionKey> = found.iter().map(|(a, s, _)| (*a, *s)).collect();
    let last = sessions.iter().rev().take(limit).next_back().copied();
    more |= sessions.len() > limit;
    let mut mine = Vec::new();
    for key in found.into_iter().rev().filter(|(a, s, _)| last.is_some_and(|last| (*a, *s) >= last)) {
        let (activity, session, number) = key;
        mine.extend(own(tx, who, RegistrationNumber { activity, session, number })?);
    }
    Ok((mine, last.filter(|_| more)))
}
