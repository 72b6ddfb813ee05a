//! A coupon in its owner's hands: shown, given back, reminded of, expired.

use super::claim::{self, Found, counted_for};
use super::record::*;
use super::rules::{self, Refusal};
use super::{code, queue, stock, wallet};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::{Person, account_of, person_of};
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::{Notice, Welfare};
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// The follower's coupons, the latest first.
pub fn mine(tx: &Tx, who: &FollowerId, limit: usize) -> Result<Vec<(Benefit, Coupon)>, Fault> {
    let person = person_of(tx, who)?;
    let mut places = Vec::new();
    for person in counted_for(&person, who) {
        places.extend(tx.scan_back(&COUPONS_OF, &(person,), None, limit)?.rows);
    }
    let place = |((_, at, benefit, number), ()): &((Person, Time, u32, u32), ())| (*at, *benefit, *number);
    places.sort_by_key(|found| std::cmp::Reverse(place(found)));
    places.dedup_by_key(|found| place(found));
    let mut mine = Vec::new();
    for ((_, _, benefit, number), ()) in places.into_iter().take(limit) {
        let coupon = tx.get(&COUPONS, &(benefit, number))?;
        if let (Some(benefit), Some(coupon)) = (tx.get(&BENEFITS, &benefit)?, coupon) {
            mine.push((benefit, coupon));
        }
    }
    Ok(mine)
}

/// The coupon if it is this follower's; one of somebody else is as good as none.
pub fn own(tx: &Tx, who: &FollowerId, number: CouponNumber) -> Result<Option<(Benefit, Coupon)>, Fault> {
    let (Some(benefit), Some(coupon)) =
        (tx.get(&BENEFITS, &number.benefit)?, tx.get(&COUPONS, &number.key())?)
    else {
        return Ok(None);
    };
    let Some(owner) = &coupon.owner else { return Ok(None) };
    let is_own = match &owner.person {
        Person::Follower(owner) => owner == who,
        // Bound to another account since, it is that one's; but for what was left in this one's hands.
        person => {
            let left = (Person::Follower(who.clone()), owner.at, number.benefit, number.number);
            person_of(tx, who)? == *person || tx.get(&COUPONS_OF, &left)?.is_some()
        }
    };
    Ok(is_own.then_some((benefit, coupon)))
}

/// The follower's coupons that can still be used, of their latest ones.
pub fn usable(tx: &Tx, who: &FollowerId) -> Result<Vec<Coupon>, Fault> {
    let now = tx.moment().now;
    let good = |coupon: &Coupon| {
        coupon.state == CouponState::Given && coupon.owner.as_ref().is_some_and(|owner| now < owner.until)
    };
    let mine = mine(tx, who, USABLE_LOOKED_AT)?.into_iter().map(|(_, coupon)| coupon);
    Ok(mine.filter(good).collect())
}

const USABLE_LOOKED_AT: usize = 100;

/// The account is about to be nobody's, but what was claimed with it is not undone: unused coupons stay in its hands.
pub fn leave_in_hands(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    for Coupon { number, owner, .. } in usable(tx, who)? {
        if let Some(owner) = owner.filter(|owner| owner.person != Person::Follower(who.clone())) {
            let place = (Person::Follower(who.clone()), owner.at, number.benefit, number.number);
            tx.put(&COUPONS_OF, &place, &())?;
        }
    }
    Ok(())
}

/// Coupons of an account that are looked at when it is recognised, the latest first.
const ADOPTED: usize = 100;

/// The account was recognised as the member's: what it claimed before is theirs from here on and counts for them, whatever
/// account they use later.
pub fn adopt(tx: &mut Tx, who: &FollowerId, member: MemberId) -> Result<(), Fault> {
    let (account, person) = (Person::Follower(who.clone()), Person::Member(member));
    let places = tx.scan_back(&COUPONS_OF, &(account.clone(),), None, ADOPTED)?.rows;
    for (key, ()) in places {
        let Some(mut coupon) = tx.get(&COUPONS, &(key.2, key.3))? else { continue };
        let Some(owner) = coupon.owner.as_mut().filter(|owner| owner.person == account) else { continue };
        (owner.person, owner.adopted) = (person.clone(), true);
        let owner = owner.clone();
        tx.delete(&COUPONS_OF, &key)?;
        tx.put(&COUPONS_OF, &(person.clone(), key.1, key.2, key.3), &())?;
        tx.put(&COUPONS, &coupon.number.key(), &coupon)?;
        if owner.instead_of.is_some() {
            continue; // it counts as the one before it does
        }
        let key = (person.clone(), coupon.number.benefit);
        let mut had = tx.get(&HAD, &key)?.unwrap_or_default();
        rules::count(&mut had, owner.release, coupon.number.number, owner.at);
        if came_back(tx, &coupon)? {
            rules::uncount(&mut had, owner.at);
        }
        tx.put(&HAD, &key, &had)?;
    }
    Ok(())
}

/// Its owner gave it back, or what staff gave for it, or staff made it void alone.
pub(super) fn came_back(tx: &Tx, coupon: &Coupon) -> Result<bool, Fault> {
    let mut state = coupon.state.clone();
    while let CouponState::Void { instead: Some(number), .. } = state {
        let Some(instead) = tx.get(&COUPONS, &number.key())? else { return Ok(false) };
        state = instead.state;
    }
    Ok(matches!(state, CouponState::Returned { .. } | CouponState::Void { uncounted: true, .. }))
}

/// May it be given back?
pub fn may_return(tx: &Tx, benefit: &Benefit, coupon: &Coupon) -> Result<(), Refusal> {
    if coupon.state != CouponState::Given {
        return Err(Refusal::NoLongerYours { state: coupon.state.name() });
    }
    if coupon.owner.as_ref().is_none_or(|owner| owner.until <= tx.moment().now) {
        return Err(Refusal::NoLongerYours { state: "expired" });
    }
    if benefit.terms.back.returns { Ok(()) } else { Err(Refusal::NotReturnable) }
}

/// The coupon itself, or what staff gave for it since.
pub(super) fn in_its_place(tx: &Tx, mut number: CouponNumber) -> Result<CouponNumber, Fault> {
    while let Some(Coupon { state: CouponState::Void { instead: Some(instead), .. }, .. }) =
        tx.get(&COUPONS, &number.key())?
    {
        number = instead;
    }
    Ok(number)
}

/// Gives it back: it is void, and if so configured one more is in stock.
pub fn give_back(
    tx: &mut Tx,
    who: &FollowerId,
    number: CouponNumber,
) -> Result<Result<Coupon, Refusal>, Fault> {
    let Some((benefit, mut coupon)) = own(tx, who, number)? else { return Ok(Err(Refusal::UnknownCoupon)) };
    if let Err(refusal) = may_return(tx, &benefit, &coupon) {
        return Ok(Err(refusal));
    }
    let Some(mut found) = claim::find(tx, number.benefit)? else { return Ok(Err(Refusal::UnknownBenefit)) };
    coupon.state = CouponState::Returned { at: tx.moment().now };
    stock::void_taken(&mut found.stock);
    if found.benefit.terms.back.returned_to_stock {
        restock(tx, &mut found, &coupon)?;
    }
    if let Some(owner) = &coupon.owner {
        uncount(tx, number.benefit, owner)?;
    }
    tx.put(&COUPONS, &number.key(), &coupon)?;
    claim::save(tx, &found)?;
    Ok(Ok(coupon))
}

/// Whoever has nothing of it any more may claim another, as far as its release lets them.
pub(super) fn uncount(tx: &mut Tx, benefit: u32, owner: &Owner) -> Result<(), Fault> {
    let claimed = claimed_at(tx, owner)?;
    for person in counted_for(&owner.person, &owner.follower) {
        let key = (person, benefit);
        let mut had = tx.get(&HAD, &key)?.unwrap_or_default();
        rules::uncount(&mut had, claimed);
        tx.put(&HAD, &key, &had)?;
    }
    Ok(())
}

/// When it was claimed: what staff gave for another counts as that one did.
fn claimed_at(tx: &Tx, owner: &Owner) -> Result<Time, Fault> {
    let (mut at, mut before) = (owner.at, owner.instead_of);
    while let Some(number) = before {
        let Some(owner) = tx.get(&COUPONS, &number.key())?.and_then(|coupon| coupon.owner) else { break };
        (at, before) = (owner.at, owner.instead_of);
    }
    Ok(at)
}

/// One more may be given for a coupon that came back.
fn restock(tx: &mut Tx, found: &mut Found, coupon: &Coupon) -> Result<(), Fault> {
    let (terms, given_in) = (&found.benefit.terms, coupon.owner.as_ref().map(|owner| owner.release));
    stock::come_back(&mut found.stock, terms, given_in.unwrap_or_default());
    let ended = queue::has_ended(coupon, tx.moment().now); // at its provider's: nobody could use it
    if terms.way != Way::Imported || !terms.back.same_code || ended {
        return Ok(());
    }
    let Some(text) = &coupon.code else { return Ok(()) };
    let number = CouponNumber { benefit: found.benefit.id, number: stock::load(&mut found.stock) };
    let key = code::index_key(tx)?;
    code::enter(tx, &key, text.reveal(), number, code::case_matters(terms))?;
    let again = Coupon { number, state: CouponState::Left, owner: None, ..coupon.clone() };
    tx.put(&COUPONS, &number.key(), &again)
}

/// Its end has come. A coupon that was used or given back meanwhile stays as it is.
pub fn expire(tx: &mut Tx, number: CouponNumber) -> Result<(), Fault> {
    let now = tx.moment().now;
    let Some(mut coupon) = tx.get(&COUPONS, &number.key())? else { return Ok(()) };
    let Some(owner) = coupon.owner.clone().filter(|_| coupon.state == CouponState::Given) else {
        return Ok(());
    };
    if owner.until > now {
        let timer = Timer::CouponExpires { benefit: number.benefit, number: number.number };
        return timers::set(tx, owner.until, timer);
    }
    let Some(mut found) = claim::find(tx, number.benefit)? else { return Ok(()) };
    let back = found.benefit.terms.back.expired_to_stock;
    coupon.state = CouponState::Expired { at: owner.until, back };
    if back {
        stock::void_taken(&mut found.stock);
        restock(tx, &mut found, &coupon)?;
    }
    tx.put(&COUPONS, &number.key(), &coupon)?;
    claim::save(tx, &found)?;
    let terms = &found.benefit.terms;
    let paused = match terms.unused_known_after() {
        Some(0) => wallet::strike(tx, &coupon, &terms.unused, owner.until)?,
        Some(days) => {
            let at = owner.until.plus(rules::days_of(days));
            timers::set(tx, at, Timer::CouponUnused { benefit: number.benefit, number: number.number })?;
            None
        }
        None => None,
    };
    tell(tx, number, &owner, Welfare::Expired { coupon: number, paused })
}

/// Tells the owner, by the account that is theirs now, or that it was left with.
pub(super) fn tell(tx: &mut Tx, number: CouponNumber, owner: &Owner, what: Welfare) -> Result<(), Fault> {
    let who = match account_of(tx, &owner.person)? {
        None if tx.get(&COUPONS_OF, &left_with(number, owner))?.is_some() => Some(owner.follower.clone()),
        account => account,
    };
    who.map_or(Ok(()), |who| enqueue(tx, &who, Notice::Welfare(what)).map(drop))
}

/// Where it stands if it was left in the hands of the account that claimed it.
pub(super) fn left_with(number: CouponNumber, owner: &Owner) -> (Person, Time, u32, u32) {
    (Person::Follower(owner.follower.clone()), owner.at, number.benefit, number.number)
}

/// The days are over in which the provider tells what was used: this one was not.
pub fn unused(tx: &mut Tx, number: CouponNumber) -> Result<(), Fault> {
    let Some(coupon) = tx.get(&COUPONS, &number.key())? else { return Ok(()) };
    let (CouponState::Expired { .. }, Some(owner)) = (&coupon.state, &coupon.owner) else { return Ok(()) };
    let Some(terms) = tx.get(&BENEFITS, &number.benefit)?.map(|benefit| benefit.terms) else { return Ok(()) };
    if terms.unused_known_after().is_none() {
        return Ok(()); // the provider no longer tells
    }
    match wallet::strike(tx, &coupon, &terms.unused, tx.moment().now)? {
        Some(until) => tell(tx, number, owner, Welfare::Expired { coupon: number, paused: Some(until) }),
        None => Ok(()),
    }
}

/// Its end is near.
pub fn remind(tx: &mut Tx, number: CouponNumber) -> Result<(), Fault> {
    let Some(coupon) = tx.get(&COUPONS, &number.key())? else { return Ok(()) };
    let Some(owner) = coupon.owner.filter(|_| coupon.state == CouponState::Given) else { return Ok(()) };
    let timer = Timer::CouponExpires { benefit: number.benefit, number: number.number };
    timers::set(tx, owner.until, timer)?;
    tell(tx, number, &owner, Welfare::Expiring { coupon: number })
}

/// Sends the picture of the code once more.
pub fn send_picture(tx: &mut Tx, who: &FollowerId, number: CouponNumber) -> Result<(), Fault> {
    enqueue(tx, who, Notice::Welfare(Welfare::Picture { coupon: number })).map(drop)
}
