//! At the provider's till: a code is taken once.

use super::calendar;
use super::code;
use super::record::*;
use crate::domain::tables::{BENEFITS, COUPONS};
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Who takes a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemer {
    pub name: String,
    /// A merchant takes its own coupons alone; staff take any.
    pub provider: Option<String>,
    /// The shop or till, in the redeemer's words.
    pub place: String,
}

/// Why a code is not taken, or not given back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedeemRefusal {
    #[error("there is no such code")]
    Unknown,
    #[error("the code is mistyped: its check letter does not fit")]
    Mistyped,
    #[error("the code has not been given to anybody")]
    NotGiven,
    #[error("this coupon is for {provider}, not for you")]
    OtherProvider { provider: String },
    #[error("the coupon is good from {from} on")]
    NotYetValid { from: Time },
    #[error("the coupon expired at {until}")]
    Expired { until: Time },
    #[error("the coupon was redeemed at {at} by {by}{place}")]
    AlreadyRedeemed { at: Time, by: String, place: String },
    #[error("its owner gave the coupon back at {at}")]
    Returned { at: Time },
    #[error("staff made the coupon void at {at}")]
    Void { at: Time },
    #[error("the coupon has not been redeemed")]
    NotRedeemed,
    #[error("it was redeemed at {at}; that can be undone on the same day alone")]
    TooLate { at: Time },
}

impl RedeemRefusal {
    pub fn code(&self) -> &'static str {
        match self {
            RedeemRefusal::Unknown => "unknown_code",
            RedeemRefusal::Mistyped => "mistyped",
            RedeemRefusal::NotGiven => "not_given",
            RedeemRefusal::OtherProvider { .. } => "other_provider",
            RedeemRefusal::NotYetValid { .. } => "not_yet_valid",
            RedeemRefusal::Expired { .. } => "expired",
            RedeemRefusal::AlreadyRedeemed { .. } => "already_redeemed",
            RedeemRefusal::Returned { .. } => "returned",
            RedeemRefusal::Void { .. } => "void",
            RedeemRefusal::NotRedeemed => "not_redeemed",
            RedeemRefusal::TooLate { .. } => "too_late",
        }
    }
}

type Moved = Result<Result<(Benefit, Coupon), RedeemRefusal>, Fault>;

/// Takes a code, or for staff a coupon's number: what was granted has no code.
pub fn redeem(tx: &mut Tx, typed: &str, by: &Redeemer) -> Moved {
    let (benefit, mut coupon) = match find(tx, typed, by.provider.as_deref())? {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let now = tx.moment().now;
    if let Err(refusal) = good(&coupon, now) {
        return Ok(Err(refusal));
    }
    let redemption = Redemption { at: now, by: by.name.clone(), place: by.place.clone() };
    coupon.state = CouponState::Redeemed(redemption);
    tx.put(&COUPONS, &coupon.number.key(), &coupon)?;
    Ok(Ok((benefit, coupon)))
}

/// Staff: it was taken by mistake. On the same day alone, as tills are counted then.
pub fn undo(tx: &mut Tx, typed: &str) -> Moved {
    let (benefit, mut coupon) = match find(tx, typed, None)? {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let now = tx.moment().now;
    let at = match &coupon.state {
        CouponState::Redeemed(redemption) => redemption.at,
        _ => return Ok(Err(RedeemRefusal::NotRedeemed)),
    };
    if calendar::day(at) != calendar::day(now) {
        return Ok(Err(RedeemRefusal::TooLate { at }));
    }
    coupon.state = CouponState::Given;
    tx.put(&COUPONS, &coupon.number.key(), &coupon)?;
    if let Some(owner) = &coupon.owner {
        let CouponNumber { benefit, number } = coupon.number;
        timers::set(tx, owner.until, Timer::CouponExpires { benefit, number })?;
    }
    Ok(Ok((benefit, coupon)))
}

/// The coupon that was typed. A merchant is told nothing of coupons that are not its own.
pub fn find(tx: &Tx, typed: &str, provider: Option<&str>) -> Moved {
    let number = typed.trim().parse::<CouponNumber>().ok().filter(|_| provider.is_none());
    let by_number = match number {
        Some(number) => tx.get(&COUPONS, &number.key())?,
        None => None,
    };
    let coupon = match by_number {
        Some(coupon) => Some(coupon),
        None => code::find(tx, typed)?,
    };
    let Some(coupon) = coupon else {
        let mistyped = code::looks_mistyped(typed);
        return Ok(Err(if mistyped { RedeemRefusal::Mistyped } else { RedeemRefusal::Unknown }));
    };
    let Some(benefit) = tx.get(&BENEFITS, &coupon.number.benefit)? else {
        return Ok(Err(RedeemRefusal::Unknown));
    };
    if provider.is_some_and(|provider| provider != benefit.terms.provider) {
        return Ok(Err(RedeemRefusal::OtherProvider { provider: benefit.terms.provider.clone() }));
    }
    Ok(Ok((benefit, coupon)))
}

/// Can it be taken now?
fn good(coupon: &Coupon, now: Time) -> Result<(), RedeemRefusal> {
    match (&coupon.state, &coupon.owner) {
        (CouponState::Left, _) | (CouponState::Given, None) => Err(RedeemRefusal::NotGiven),
        (CouponState::Redeemed(Redemption { at, by, place }), _) => {
            let place = if place.is_empty() { String::new() } else { format!(" ({place})") };
            Err(RedeemRefusal::AlreadyRedeemed { at: *at, by: by.clone(), place })
        }
        (CouponState::Returned { at }, _) => Err(RedeemRefusal::Returned { at: *at }),
        (CouponState::Void { at, .. }, _) => Err(RedeemRefusal::Void { at: *at }),
        (CouponState::Expired { at, .. }, _) => Err(RedeemRefusal::Expired { until: *at }),
        (CouponState::Given, Some(owner)) if now >= owner.until => {
            Err(RedeemRefusal::Expired { until: owner.until })
        }
        (CouponState::Given, Some(owner)) if now < owner.valid_from => {
            Err(RedeemRefusal::NotYetValid { from: owner.valid_from })
        }
        (CouponState::Given, Some(_)) => Ok(()),
    }
}
