//! Staff: a coupon that is no good is made void, and its owner gets another one.

use super::claim::{Found, find, hand_over, save};
use super::manage::ManageRefusal;
use super::record::*;
use super::{keep, queue, redeem, stock};
use crate::domain::outbox::record::Welfare;
use crate::domain::tables::{COUPONS, COUPONS_OF};
use crate::store::{Fault, Tx};

/// Makes a coupon void for ever; with `again`, its owner gets another of the same benefit. They are told; neither of
/// the two counts for a limit beside the other, nor one that is void alone. A provider's code that nobody has yet is given to nobody from here on.
pub fn void(
    tx: &mut Tx,
    typed: &str,
    by: &str,
    reason: &str,
    again: bool,
) -> Result<Result<(Coupon, Option<Coupon>), ManageRefusal>, Fault> {
    let Ok((_, mut coupon)) = redeem::find(tx, typed, None)? else {
        return Ok(Err(ManageRefusal::UnknownCoupon));
    };
    let Some(mut found) = find(tx, coupon.number.benefit)? else { return Ok(Err(ManageRefusal::Unknown)) };
    if coupon.state == CouponState::Left {
        if again {
            return Ok(Err(ManageRefusal::Nobodys));
        }
        let coupon = queue::put_aside(tx, &mut found.stock, coupon, by, reason)?;
        save(tx, &found)?;
        return Ok(Ok((coupon, None)));
    }
    let Some(owner) = coupon.owner.clone().filter(|_| may_void(&coupon.state)) else {
        return Ok(Err(ManageRefusal::CouponState { now: coupon.state.name() }));
    };
    if again && !is_another(tx, &mut found)? {
        save(tx, &found)?;
        return Ok(Err(ManageRefusal::NothingLeft));
    }
    let is_left = tx.get(&COUPONS_OF, &keep::left_with(coupon.number, &owner))?.is_some();
    stock::void_taken(&mut found.stock);
    let number = if again { stock::take_beside(&mut found.stock, &found.benefit.terms) } else { None };
    let instead = match number {
        Some(number) => {
            let whose = (owner.person.clone(), owner.follower.clone(), owner.release);
            let given = hand_over(tx, &found.benefit, number, whose, Some(coupon.number))?;
            if let Some(owner) = given.owner.as_ref().filter(|_| is_left) {
                tx.put(&COUPONS_OF, &keep::left_with(given.number, owner), &())?;
            }
            Some(given)
        }
        None => {
            keep::uncount(tx, coupon.number.benefit, &owner)?;
            None
        }
    };
    let (at, number) = (tx.moment().now, instead.as_ref().map(|coupon| coupon.number));
    let (by, reason, uncounted) = (by.to_owned(), reason.to_owned(), number.is_none());
    coupon.state = CouponState::Void { at, by, reason, instead: number, uncounted };
    tx.put(&COUPONS, &coupon.number.key(), &coupon)?;
    save(tx, &found)?;
    let told = match number {
        Some(number) => Welfare::Replaced { coupon: number, old: coupon.number },
        None => Welfare::Voided { coupon: coupon.number },
    };
    keep::tell(tx, coupon.number, &owner, told)?;
    Ok(Ok((coupon, instead)))
}

/// Is there one to be given in its place? Of our own there always is.
fn is_another(tx: &mut Tx, found: &mut Found) -> Result<bool, Fault> {
    let imported = found.benefit.terms.way == Way::Imported;
    Ok(queue::to_a_good_one(tx, found)? && (!imported || found.stock.pool.left > 0))
}

/// What was redeemed has to be undone first.
fn may_void(state: &CouponState) -> bool {
    matches!(state, CouponState::Given | CouponState::Expired { back: false, .. })
}
