//! One tap: a coupon, or why not. Every step reads and writes a fixed number of rows.

use std::sync::Arc;
use std::time::Duration;

use super::record::*;
use super::rules::{self, Refusal};
use super::{code, draw, keep, queue, quiz, stock, wallet};
use crate::domain::contact::record::FollowerId;
use crate::domain::eligibility::eligible;
pub use crate::domain::member::standing::counted_for;
use crate::domain::member::standing::{Person, standing};
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::domain::trail::commands::{Note, append};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

/// What the account tells of who claims.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    pub who: &'a FollowerId,
    /// Since when they follow, if that is known.
    pub followed: Option<Time>,
    /// The account's tags that they have.
    pub tags: &'a [u32],
}

#[derive(Debug, Clone, PartialEq)]
pub enum Claimed {
    Coupon(Box<Coupon>),
    /// Takes part in the draw.
    Entered {
        draws: Time,
    },
}

/// A benefit with its stock as it is now.
pub struct Found {
    pub benefit: Arc<Benefit>,
    pub stock: Stock,
    /// The release before, if that it is over is not written down yet.
    pub over: Option<Release>,
}

/// Claims one. Durable: acknowledged when it is on disk.
pub fn claim(tx: &mut Tx, account: Account, id: u32) -> Result<Result<Claimed, Refusal>, Fault> {
    let Some(mut found) = find(tx, id)? else { return Ok(Err(Refusal::UnknownBenefit)) };
    let person = match may_claim(tx, account, &found)? {
        Ok(person) => person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let now = tx.moment().now;
    let release = found.stock.release.as_ref().map_or(now, |release| release.at);
    let new_since = rules::new_since(&found.benefit.terms, account.followed, release);
    let newcomer = new_since.is_some();
    if draw::lacks_codes(&found, now) {
        return Ok(Err(rules::gone(&found.benefit.terms, &found.stock, now)));
    }
    if let Some(draws) = drawn_at(&found.stock, now) {
        let one = Try { person, follower: account.who.clone(), newcomer, at: now };
        return Ok(draw::enter(tx, &mut found, one, draws)?.map(|()| Claimed::Entered { draws }));
    }
    if let Err(refusal) = rules::in_stock(&found.benefit.terms, &found.stock, new_since, now) {
        return Ok(Err(refusal));
    }
    if let Err(refusal) = quiz::passed(tx, &found, &person, account.who)? {
        return Ok(Err(refusal));
    }
    let given = give(tx, &mut found, &person, account.who, newcomer)?;
    save(tx, &found)?;
    Ok(match given {
        Some(coupon) => Ok(Claimed::Coupon(Box::new(coupon))),
        None => Err(rules::gone(&found.benefit.terms, &found.stock, now)),
    })
}

/// The benefit and its stock, with the release that has begun since it was last written.
pub fn find(tx: &Tx, id: u32) -> Result<Option<Found>, Fault> {
    let Some(benefit) = tx.get_shared(&BENEFITS, &id)? else { return Ok(None) };
    let kept = tx.get(&STOCKS, &id)?.unwrap_or_default();
    let now = match benefit.state {
        BenefitState::Closed { at } => at.min(tx.moment().now), // no release begins any more
        _ => tx.moment().now,
    };
    let (stock, over) = stock::roll(kept, &benefit.terms, now);
    Ok(Some(Found { benefit, stock, over }))
}

/// Writes the stock; a release that is over goes into its own row. Staff are told when little is left.
pub fn save(tx: &mut Tx, found: &Found) -> Result<(), Fault> {
    let id = found.benefit.id;
    if let Some(release) = &found.over {
        tx.put(&RELEASES, &(id, release.at), release)?;
    }
    let mut stock = found.stock.clone();
    if stock::alarm(&mut stock, &found.benefit.terms) {
        let (subject, left) = (BenefitCode(id).to_string(), format!("{} left", stock.pool.left));
        append(
            tx,
            Note { who: "service", act: "benefit.low", subject: &subject, detail: &left, done: true },
        )?;
    }
    tx.put(&STOCKS, &id, &stock)
}

/// All that can be decided but for the stock itself; whose limits count.
pub fn may_claim(tx: &Tx, account: Account, found: &Found) -> Result<Result<Person, Refusal>, Fault> {
    let (now, benefit) = (tx.moment().now, &found.benefit);
    match rules::on(benefit, now) {
        Err(Refusal::Suspended { reason }) if draw::takes_part(tx, found, account.who)? => {
            return Ok(Err(Refusal::DrawWaits { reason }));
        }
        Err(refusal) => return Ok(Err(refusal)),
        Ok(()) if draw::lacks_codes(found, now) && draw::takes_part(tx, found, account.who)? => {
            return Ok(Err(Refusal::DrawLacksCodes));
        }
        Ok(()) => {}
    }
    match rules::release(&benefit.terms, &found.stock, now) {
        Ok(release) => entitled(tx, account, found, release.at),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// May this person have one of the release, whether it is on or not?
pub fn entitled(
    tx: &Tx,
    account: Account,
    found: &Found,
    release: Time,
) -> Result<Result<Person, Refusal>, Fault> {
    let (now, benefit) = (tx.moment().now, &found.benefit);
    let terms = &benefit.terms;
    let standing = standing(tx, account.who)?;
    let person = standing.person(account.who);
    // Who has it already is told so, whatever else holds.
    let had = had(tx, benefit.id, &person, account.who)?;
    if let Err(Refusal::AlreadyHad { coupon, next }) =
        rules::within_limits(benefit.id, terms, &had, release, now)
    {
        return Ok(Err(Refusal::AlreadyHad { coupon: keep::in_its_place(tx, coupon)?, next }));
    }
    if let Err(why) = eligible(&terms.eligibility, &standing, now, now) {
        return Ok(Err(Refusal::NotEligible(why)));
    }
    if terms.listed_only && !is_listed(tx, benefit.id, &person, account.who)? {
        return Ok(Err(Refusal::NotListed));
    }
    if !terms.tags.is_empty() && !terms.tags.iter().any(|tag| account.tags.contains(tag)) {
        return Ok(Err(Refusal::NotTagged));
    }
    let wallet = wallet::of(tx, &person, account.who)?;
    let allowed = wallet::may_claim(&wallet, terms, now)
        .and_then(|()| rules::within_limits(benefit.id, terms, &had, release, now));
    Ok(allowed.map(|()| person))
}

/// What counts for this person: as the member they are, and as the account they use, whichever is more, so that
/// neither a new account nor a new binding begins anew.
pub fn had(tx: &Tx, id: u32, person: &Person, who: &FollowerId) -> Result<Had, Fault> {
    let own = tx.get(&HAD, &(person.clone(), id))?.unwrap_or_default();
    let account = Person::Follower(who.clone());
    if *person == account {
        return Ok(own);
    }
    let other = tx.get(&HAD, &(account, id))?.unwrap_or_default();
    let later = |a: (i64, u16), b: (i64, u16)| a.max(b);
    Ok(Had {
        release: own.release.max(other.release),
        day: later(own.day, other.day),
        week: later(own.week, other.week),
        month: later(own.month, other.month),
        in_all: own.in_all.max(other.in_all),
        latest: own.latest.max(other.latest),
    })
}

fn is_listed(tx: &Tx, id: u32, person: &Person, who: &FollowerId) -> Result<bool, Fault> {
    for key in counted_for(person, who) {
        if tx.get(&BENEFIT_LISTS, &(id, key))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The draw that a claim takes part in rather than taking one at once.
fn drawn_at(stock: &Stock, now: Time) -> Option<Time> {
    let draw = stock.release.as_ref()?.draw?;
    (!draw.done).then_some(draw.at.max(now))
}

/// Gives the next one. `None`: there is none, or none within reach; what moved in `found` is to be saved all the same.
pub fn give(
    tx: &mut Tx,
    found: &mut Found,
    person: &Person,
    who: &FollowerId,
    newcomer: bool,
) -> Result<Option<Coupon>, Fault> {
    let now = tx.moment().now;
    let Some(release) = found.stock.release.as_ref().map(|release| release.at) else { return Ok(None) };
    if !queue::to_a_good_one(tx, found)? {
        return Ok(None);
    }
    let Some(number) = stock::take(&mut found.stock, &found.benefit.terms, newcomer, now) else {
        return Ok(None);
    };
    for key in counted_for(person, who) {
        let mut had = tx.get(&HAD, &(key.clone(), found.benefit.id))?.unwrap_or_default();
        rules::count(&mut had, release, number, now);
        tx.put(&HAD, &(key, found.benefit.id), &had)?;
    }
    let owner = (person.clone(), who.clone(), release);
    hand_over(tx, &found.benefit, number, owner, None).map(Some)
}

/// Makes coupon `number` somebody's.
pub fn hand_over(
    tx: &mut Tx,
    benefit: &Benefit,
    number: u32,
    (person, follower, release): (Person, FollowerId, Time),
    instead_of: Option<CouponNumber>,
) -> Result<Coupon, Fault> {
    let (now, terms) = (tx.moment().now, &benefit.terms);
    let number = CouponNumber { benefit: benefit.id, number };
    let mut coupon = match terms.way {
        Way::Imported => tx.get(&COUPONS, &number.key())?.unwrap_or_else(|| blank(number)),
        Way::Own | Way::Link { .. } => with_own_code(tx, number)?,
        Way::Grant => blank(number),
    };
    let (valid_from, until) = rules::validity(terms, coupon.code_until, now);
    coupon.state = CouponState::Given;
    let due = terms.price.map(|price| Due {
        fen: price.fen,
        hold_until: now.plus(Duration::from_secs(u64::from(price.hold_minutes) * 60)),
    });
    let owner =
        Owner { person, follower, release, at: now, valid_from, until, instead_of, due, adopted: false };
    tx.put(&COUPONS_OF, &(owner.person.clone(), now, number.benefit, number.number), &())?;
    coupon.owner = Some(owner);
    tx.put(&COUPONS, &number.key(), &coupon)?;
    let (at, timer) = match rules::remind_at(terms, until, now) {
        Some(at) => (at, Timer::CouponReminder { benefit: number.benefit, number: number.number }),
        None => (until, Timer::CouponExpires { benefit: number.benefit, number: number.number }),
    };
    timers::set(tx, at, timer)?;
    Ok(coupon)
}

fn blank(number: CouponNumber) -> Coupon {
    Coupon { number, code: None, lot: None, code_until: None, state: CouponState::Left, owner: None }
}

fn with_own_code(tx: &mut Tx, number: CouponNumber) -> Result<Coupon, Fault> {
    let key = code::index_key(tx)?;
    let text = code::own(tx, number);
    tx.put(&CODES, &code::folded_hash(&key, &text), &number.key())?;
    Ok(Coupon { code: Some(Sealed::new(text)), ..blank(number) })
}

/// Some of those who had one of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holders {
    pub holders: Vec<FollowerId>,
    /// Where to go on.
    pub next: Option<u32>,
}

const HOLDERS_PER_READ: usize = 200;

/// Who had one of the release that is on; `None` if that is another by now.
pub fn holders(tx: &Tx, id: u32, release: Time, after: Option<u32>) -> Result<Option<Holders>, Fault> {
    let stock = tx.get(&STOCKS, &id)?.unwrap_or_default();
    let Some(running) = stock.release.filter(|running| running.at == release) else { return Ok(None) };
    let after = (id, after.unwrap_or(running.first.saturating_sub(1)));
    let page = tx.scan(&COUPONS, &(id,), Some(&after), HOLDERS_PER_READ)?;
    let given = page.rows.into_iter().filter(|((_, number), _)| *number <= stock.given);
    let holders: Vec<_> = given.filter_map(|(_, coupon)| coupon.owner).map(|owner| owner.follower).collect();
    let next = page.next.map(|(_, number)| number).filter(|number| *number < stock.given);
    Ok(Some(Holders { holders, next }))
}
