//! The queue of a provider's codes: what is no good any more is put aside before it is anybody's.

use super::claim::{Found, find, save};
use super::record::*;
use super::stock;
use crate::domain::tables::COUPONS;
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Codes that one claim passes over; the next one goes on behind them.
const PASSED_BY_CLAIM: u32 = 200;
/// Codes looked at in one commit once some have ended.
const ENDED_PER_COMMIT: usize = 200;

/// Brings the queue to a code that is good: whoever got one that its provider takes no longer would have got nothing.
/// False if there are too many before it for one claim; the queue is further on by them, to be saved.
pub(super) fn to_a_good_one(tx: &mut Tx, found: &mut Found) -> Result<bool, Fault> {
    if found.benefit.terms.way != Way::Imported {
        return Ok(true);
    }
    let now = tx.moment().now;
    for _ in 0..PASSED_BY_CLAIM {
        let key = CouponNumber { benefit: found.benefit.id, number: found.stock.given + 1 }.key();
        let Some(coupon) = tx.get(&COUPONS, &key)?.filter(|_| found.stock.pool.left > 0) else {
            return Ok(true);
        };
        if coupon.state == CouponState::Left {
            if !has_ended(&coupon, now) {
                return Ok(true);
            }
            put_aside(tx, &mut found.stock, coupon, "gonghui", ENDED)?;
        }
        found.stock.given += 1;
    }
    Ok(false)
}

const HOUR: i64 = 3600;

/// When the provider's own end of a code has come, it is none of those that are left. That is seen to at the full hour, so
/// that codes which each have another end are not gone through for each.
pub(super) fn end_at(tx: &mut Tx, benefit: u32, until: Time) -> Result<(), Fault> {
    let hours = (until.unix_ms() + HOUR * 1000 - 1).div_euclid(HOUR * 1000);
    timers::set(tx, Time::from_unix_s(hours * HOUR), Timer::CodesEnd { benefit, after: None })
}

/// Puts aside the next few that have ended, and comes back for the rest.
pub fn end(tx: &mut Tx, benefit: u32, after: Option<u32>) -> Result<(), Fault> {
    let Some(mut found) = find(tx, benefit)? else { return Ok(()) };
    let now = tx.moment().now;
    let from = (benefit, after.unwrap_or(0).max(found.stock.given));
    let page = tx.scan(&COUPONS, &(benefit,), Some(&from), ENDED_PER_COMMIT)?;
    for (_, coupon) in page.rows {
        if coupon.state == CouponState::Left && has_ended(&coupon, now) {
            put_aside(tx, &mut found.stock, coupon, "gonghui", ENDED)?;
        }
    }
    save(tx, &found)?;
    let Some((_, last)) = page.next else { return Ok(()) };
    timers::set(tx, now, Timer::CodesEnd { benefit, after: Some(last) })
}

const ENDED: &str = "the code ended before it was given";

pub(super) fn has_ended(coupon: &Coupon, now: Time) -> bool {
    coupon.code_until.is_some_and(|until| until <= now)
}

/// Makes a code void that nobody has: it will be given to nobody.
pub(super) fn put_aside(
    tx: &mut Tx,
    stock: &mut Stock,
    mut coupon: Coupon,
    by: &str,
    reason: &str,
) -> Result<Coupon, Fault> {
    let (at, by, reason) = (tx.moment().now, by.to_owned(), reason.to_owned());
    coupon.state = CouponState::Void { at, by, reason, instead: None, uncounted: false };
    stock::void_left(stock);
    tx.put(&COUPONS, &coupon.number.key(), &coupon)?;
    Ok(coupon)
}
