//! Strikes and pauses: what holds for a person whatever the benefit.
//!
//! They count for the member and for the account that is used, and are written down for both, so that neither a new
//! account nor a new binding sheds them.

use super::claim::counted_for;
use super::record::*;
use super::rules::{Refusal, days_of};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::binding::member_of;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::Person;
use crate::domain::tables::{MEMBERS, WALLETS};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// What counts for this person with this account.
pub fn of(tx: &Tx, person: &Person, who: &FollowerId) -> Result<Wallet, Fault> {
    together(tx, &counted_for(person, who))
}

/// One coupon was not used. `Some`: that was one too many, and until then the person claims nothing.
pub fn strike(tx: &mut Tx, owner: &Owner, rule: &Unused, at: Time) -> Result<Option<Time>, Fault> {
    if rule.expired == 0 {
        return Ok(None);
    }
    let rows = counted_for(&owner.person, &owner.follower);
    let mut wallet = together(tx, &rows)?;
    let paused = expired(&mut wallet, rule, at).map(|pause| pause.until);
    write(tx, &rows, &wallet)?;
    Ok(paused)
}

/// The provider told late that the coupon was used after all.
pub fn forgive(tx: &mut Tx, owner: &Owner, at: Time) -> Result<(), Fault> {
    let rows = counted_for(&owner.person, &owner.follower);
    let mut wallet = together(tx, &rows)?;
    let Some(index) = wallet.expired.iter().position(|expired| *expired == at) else { return Ok(()) };
    wallet.expired.remove(index);
    write(tx, &rows, &wallet)
}

/// Staff: this person claims nothing until then.
pub fn pause(tx: &mut Tx, person: &Person, until: Time, reason: &str) -> Result<(), Fault> {
    let rows = known_as(tx, person)?;
    let mut wallet = together(tx, &rows)?;
    let why = PauseReason::Staff { reason: reason.to_owned() };
    wallet.pause = Some(Pause { until, why, since: tx.moment().now });
    write(tx, &rows, &wallet)
}

/// Staff: ends a person's pause, whatever it was for; what expired before no longer counts. False: there was none.
pub fn lift(tx: &mut Tx, person: &Person) -> Result<bool, Fault> {
    let (now, rows) = (tx.moment().now, known_as(tx, person)?);
    let wallet = together(tx, &rows)?;
    if wallet.pause.is_none_or(|pause| pause.until <= now) {
        return Ok(false);
    }
    write(tx, &rows, &Wallet { lifted: Some(now), ..Wallet::default() })?;
    Ok(true)
}

/// The account is the member's from now on: what holds for either holds for both, whichever the member uses later.
pub fn carry(tx: &mut Tx, member: MemberId, who: &FollowerId) -> Result<(), Fault> {
    let rows = counted_for(&Person::Member(member), who);
    match together(tx, &rows)? {
        nothing if nothing == Wallet::default() => Ok(()),
        wallet => write(tx, &rows, &wallet),
    }
}

/// Is the person paused, for a benefit with these terms?
pub fn may_claim(wallet: &Wallet, terms: &Terms, now: Time) -> Result<(), Refusal> {
    match wallet.pause.as_ref().filter(|pause| now < pause.until) {
        Some(Pause { until, why: PauseReason::Staff { reason }, .. }) => {
            Err(Refusal::PausedByStaff { reason: reason.clone(), until: *until })
        }
        Some(Pause { until, why: PauseReason::Unused { expired }, .. }) if terms.unused.expired > 0 => {
            Err(Refusal::PausedForUnused { expired: *expired, until: *until })
        }
        _ => Ok(()),
    }
}

/// The member and the account that are one person now.
fn known_as(tx: &Tx, person: &Person) -> Result<Vec<Person>, Fault> {
    Ok(match person {
        Person::Member(id) => {
            let account = tx.get(&MEMBERS, id)?.and_then(|member| member.account);
            account.map_or_else(|| vec![person.clone()], |account| counted_for(person, &account.follower))
        }
        Person::Follower(who) => {
            let member = member_of(tx, who)?.map(|(id, _)| Person::Member(id));
            counted_for(&member.unwrap_or_else(|| person.clone()), who)
        }
    })
}

fn together(tx: &Tx, rows: &[Person]) -> Result<Wallet, Fault> {
    let mut wallet = Wallet::default();
    for person in rows {
        wallet = merged(wallet, tx.get(&WALLETS, person)?.unwrap_or_default());
    }
    Ok(wallet)
}

fn write(tx: &mut Tx, rows: &[Person], wallet: &Wallet) -> Result<(), Fault> {
    rows.iter().try_for_each(|person| tx.put(&WALLETS, person, wallet))
}

/// The longer pause, every strike once, and of both only what was not lifted since.
fn merged(a: Wallet, b: Wallet) -> Wallet {
    let lifted = a.lifted.max(b.lifted);
    let mut expired = a.expired.clone();
    let mut known = a.expired;
    for at in b.expired {
        match known.iter().position(|known| *known == at) {
            Some(index) => drop(known.swap_remove(index)),
            None => expired.push(at),
        }
    }
    expired.retain(|at| lifted.is_none_or(|lifted| *at > lifted));
    expired.sort();
    let counts = |pause: &Pause| lifted.is_none_or(|lifted| pause.since > lifted);
    let pause = [a.pause, b.pause].into_iter().flatten().filter(counts).max_by_key(|pause| pause.until);
    Wallet { expired, pause, lifted }
}

/// Another one expired: is the person paused, until when?
fn expired(wallet: &mut Wallet, rule: &Unused, at: Time) -> Option<Pause> {
    let since = at.minus(days_of(rule.within_days));
    wallet.expired.retain(|at| *at > since);
    wallet.expired.push(at);
    let count = u16::try_from(wallet.expired.len()).unwrap_or(u16::MAX);
    if count < rule.expired || rule.pause_days == 0 {
        return None;
    }
    wallet.expired.clear(); // paid for by the pause
    let why = PauseReason::Unused { expired: count };
    let pause = Pause { until: at.plus(days_of(rule.pause_days)), why, since: at };
    let longer = wallet.pause.as_ref().is_none_or(|old| old.until < pause.until);
    longer.then(|| wallet.pause.insert(pause).clone())
}
