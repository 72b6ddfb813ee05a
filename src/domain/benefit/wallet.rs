//! Strikes and bans: what holds for a person whatever the benefit.
//!
//! A strike says which coupon expired unused, and pauses are worked out from the strikes whenever they are asked for: a
//! coupon that turns out to be used, or that staff make void, is none from then on, and what it led to is gone with it.
//!
//! They count for the member and for the account that is used, and are written down for both, so that neither a new
//! account nor a new binding sheds them.

use serde::{Deserialize, Serialize};

use super::claim::counted_for;
use super::record::*;
use super::rules::{Refusal, days_of};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::binding::member_of;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::Person;
use crate::domain::tables::{COUPONS, MEMBERS, WALLETS};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// A row stays small, and no rule can ask for more.
pub const STRIKES_MAX: usize = 50;

/// Kept per person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Wallet {
    /// Oldest first.
    strikes: Vec<Strike>,
    ban: Option<Ban>,
    /// What was from before this counts no longer: staff said so.
    lifted: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Strike {
    /// `None`: written by a version that did not say which.
    coupon: Option<CouponNumber>,
    /// Since when it is known to be unused.
    at: Time,
    /// The benefit's rule as it was then.
    rule: Unused,
}

/// By staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ban {
    until: Time,
    reason: String,
    since: Time,
}

/// What strikes came to: so many, and no claim until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pause {
    expired: u16,
    until: Time,
}

/// What counts for this person with this account.
pub fn of(tx: &Tx, person: &Person, who: &FollowerId) -> Result<Wallet, Fault> {
    together(tx, &counted_for(person, who))
}

/// The coupon expired and was not used. `Some`: that was one too many, and until then its owner claims nothing.
pub fn strike(tx: &mut Tx, coupon: &Coupon, rule: &Unused, at: Time) -> Result<Option<Time>, Fault> {
    let Some(owner) = coupon.owner.as_ref().filter(|_| rule.expired > 0) else { return Ok(None) };
    let mut rows = known_as(tx, &owner.person)?;
    let account = Person::Follower(owner.follower.clone());
    if !rows.contains(&account) {
        rows.push(account);
    }
    let mut wallet = together(tx, &rows)?;
    if wallet.lifted.is_some_and(|lifted| owner.until <= lifted) {
        return Ok(None); // what expired before that is forgiven, however late it is known
    }
    let before = wallet.ends();
    wallet.add(Strike { coupon: Some(coupon.number), at, rule: *rule });
    write(tx, &rows, &wallet)?;
    Ok(wallet.ends().filter(|until| Some(*until) > before))
}

/// Staff: this person claims nothing until then. Their latest word holds; what unused coupons led to stays beside it.
pub fn ban(tx: &mut Tx, person: &Person, until: Time, reason: &str) -> Result<(), Fault> {
    let rows = known_as(tx, person)?;
    let mut wallet = together(tx, &rows)?;
    wallet.ban = Some(Ban { until, reason: reason.to_owned(), since: tx.moment().now });
    write(tx, &rows, &wallet)
}

/// Staff: ends every pause of a person, whatever it was for; what expired before no longer counts. False: there was
/// none.
pub fn lift(tx: &mut Tx, person: &Person) -> Result<bool, Fault> {
    let (now, rows) = (tx.moment().now, known_as(tx, person)?);
    if together(tx, &rows)?.ends().is_none_or(|until| until <= now) {
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

/// May the person claim, of a benefit with these terms? Of two pauses they are told the one that ends last.
pub fn may_claim(wallet: &Wallet, terms: &Terms, now: Time) -> Result<(), Refusal> {
    // A benefit without such a rule asks nothing of who let others expire.
    let unused = wallet.pause().filter(|pause| terms.unused.expired > 0 && now < pause.until);
    let ban = wallet.ban.as_ref().filter(|ban| now < ban.until);
    match (ban, unused) {
        (Some(ban), unused) if unused.is_none_or(|unused| unused.until <= ban.until) => {
            Err(Refusal::PausedByStaff { reason: ban.reason.clone(), until: ban.until })
        }
        (_, Some(Pause { expired, until })) => Err(Refusal::PausedForUnused { expired, until }),
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
    let mut unused = Vec::with_capacity(wallet.strikes.len());
    for strike in wallet.strikes {
        if is_unused(tx, &strike)? {
            unused.push(strike);
        }
    }
    Ok(Wallet { strikes: unused, ..wallet })
}

/// Nobody said since that the coupon was used, or made it void.
fn is_unused(tx: &Tx, strike: &Strike) -> Result<bool, Fault> {
    let Some(number) = strike.coupon else { return Ok(true) };
    let coupon = tx.get(&COUPONS, &number.key())?;
    Ok(coupon.is_some_and(|coupon| matches!(coupon.state, CouponState::Expired { .. })))
}

fn write(tx: &mut Tx, rows: &[Person], wallet: &Wallet) -> Result<(), Fault> {
    rows.iter().try_for_each(|person| tx.put(&WALLETS, person, wallet))
}

/// Every strike once, the longer ban, and of both only what was not lifted since.
fn merged(a: Wallet, b: Wallet) -> Wallet {
    let lifted = a.lifted.max(b.lifted);
    let counts = |since: Time| lifted.is_none_or(|lifted| since > lifted);
    let mut strikes = a.strikes.clone();
    let mut known = a.strikes;
    for strike in b.strikes {
        match known.iter().position(|known| known.is_same(&strike)) {
            Some(index) => drop(known.swap_remove(index)),
            None => strikes.push(strike),
        }
    }
    strikes.retain(|strike| counts(strike.at));
    strikes.sort_by_key(|strike| (strike.at, strike.coupon));
    let bans = [a.ban, b.ban].into_iter().flatten();
    let ban = bans.filter(|ban| counts(ban.since)).max_by_key(|ban| ban.until);
    Wallet { strikes, ban, lifted }
}

impl Wallet {
    /// When coupons were found to be unused.
    pub fn unused(&self) -> impl Iterator<Item = Time> {
        self.strikes.iter().map(|strike| strike.at)
    }

    /// Until when nothing is claimed for unused coupons, and for how many.
    pub fn paused(&self) -> Option<(Time, u16)> {
        self.pause().map(|pause| (pause.until, pause.expired))
    }

    /// Until when nothing is claimed by the word of staff, and why.
    pub fn banned(&self) -> Option<(Time, &str)> {
        self.ban.as_ref().map(|ban| (ban.until, ban.reason.as_str()))
    }

    /// What the strikes came to, of several the one that ends last.
    fn pause(&self) -> Option<Pause> {
        pauses(&self.strikes).map(|(_, pause)| pause).max_by_key(|pause| pause.until)
    }

    /// When the last pause ends.
    fn ends(&self) -> Option<Time> {
        self.pause().map(|pause| pause.until).max(self.ban.as_ref().map(|ban| ban.until))
    }

    fn add(&mut self, strike: Strike) {
        if self.strikes.iter().any(|known| known.is_same(&strike)) {
            return;
        }
        self.strikes.push(strike);
        self.strikes.sort_by_key(|strike| (strike.at, strike.coupon));
        while self.strikes.len() > STRIKES_MAX {
            // What one pause was for goes together, so that the rest comes to what it came to before.
            let oldest = pauses(&self.strikes).next().map_or(1, |(strikes, _)| strikes);
            self.strikes.drain(..oldest);
        }
    }
}

impl Strike {
    fn is_same(&self, other: &Strike) -> bool {
        self.coupon == other.coupon && (self.coupon.is_some() || self.at == other.at)
    }
}

/// Every pause, with how many strikes there were by then. What led to one is paid for by it and leads to no other.
fn pauses(strikes: &[Strike]) -> impl Iterator<Item = (usize, Pause)> {
    let mut open: Vec<Time> = Vec::new();
    strikes.iter().enumerate().filter_map(move |(index, Strike { at, rule, .. })| {
        open.push(*at);
        let since = at.minus(days_of(rule.within_days));
        let count = open.iter().filter(|at| **at > since).count();
        if rule.expired == 0 || rule.pause_days == 0 || count < usize::from(rule.expired) {
            return None;
        }
        open.clear();
        let expired = u16::try_from(count).unwrap_or(u16::MAX);
        Some((index + 1, Pause { expired, until: at.plus(days_of(rule.pause_days)) }))
    })
}

/// A row as this version writes it, or as the one before did: with one pause for both reasons, and of strikes the
/// times alone.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Stored {
    strikes: Vec<Strike>,
    ban: Option<Ban>,
    lifted: Option<Time>,
    expired: Vec<Time>,
    pause: Option<StoredPause>,
}

#[derive(Deserialize)]
struct StoredPause {
    until: Time,
    why: StoredReason,
    #[serde(default)]
    since: Time,
}

#[derive(Deserialize)]
enum StoredReason {
    Unused { expired: u16 },
    Staff { reason: String },
}

impl From<Stored> for Wallet {
    fn from(stored: Stored) -> Wallet {
        let Stored { mut strikes, mut ban, lifted, expired, pause } = stored;
        let older = |at, rule| Strike { coupon: None, at, rule };
        // Alone they lead to nothing; the next one brings its rule.
        let waits = Unused { expired: 0, within_days: 0, pause_days: 0 };
        strikes.extend(expired.into_iter().map(|at| older(at, waits)));
        match pause {
            Some(StoredPause { until, why: StoredReason::Staff { reason }, since }) => {
                ban = Some(Ban { until, reason, since });
            }
            Some(StoredPause { until, why: StoredReason::Unused { expired }, since }) => {
                let days = until.since(since).as_secs() / 86_400;
                let pause_days = u16::try_from(days).unwrap_or(u16::MAX);
                let rule = Unused { expired, within_days: 1, pause_days };
                strikes.extend((0..expired).map(|_| older(since, rule)));
            }
            None => {}
        }
        strikes.sort_by_key(|strike| (strike.at, strike.coupon));
        Wallet { strikes, ban, lifted }
    }
}
