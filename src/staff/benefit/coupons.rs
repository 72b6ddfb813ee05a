//! Coupons at the till and at the desk.

use super::acts::{act, said_why};
use super::view::{self, CouponView, Voided};
use crate::domain::benefit::record::{Benefit, Coupon, CouponNumber};
use crate::domain::benefit::redeem::{self, RedeemRefusal, Redeemer};
use crate::domain::benefit::reissue;
use crate::domain::tables::BENEFITS;
use crate::staff::act::{look, see};
use crate::staff::form::wrong;
use crate::staff::{Act, ActError, Call, Caller, Role, perform};
use crate::store::Tx;

const PLACE_CHARS_MAX: usize = 60;
const TYPED_CHARS_MAX: usize = 80;

/// Where a code is taken.
#[derive(Debug, Clone, Default)]
pub struct Till {
    pub place: String,
}

/// Takes a code once. A merchant takes those of its own provider; staff also take a coupon's number, which is how
/// what was granted without a code is marked as done.
pub async fn redeem(call: &Call, typed: &str, till: Till) -> Result<CouponView, ActError> {
    let typed = bounded(typed)?;
    let place = till.place.trim().to_owned();
    if place.chars().count() > PLACE_CHARS_MAX || place.chars().any(char::is_control) {
        return Err(wrong("place", "at most 60 characters, on one line"));
    }
    let role = if call.who.has(Role::Benefit) { Role::Benefit } else { Role::Merchant };
    // The code itself is nothing for a trail.
    let request = format!("{typed} at {place}");
    let act = Act { role, detail: place.clone(), ..act("coupon.redeem", String::new(), &request) };
    let by = Redeemer { name: call.who.name.clone(), provider: provider_of(&call.who), place };
    perform(call, act, move |tx| Ok(redeem::redeem(tx, &typed, &by)?.map(shown))).await
}

/// It was taken by mistake: good again, on the same day.
pub async fn undo(call: &Call, typed: &str, reason: &str) -> Result<CouponView, ActError> {
    let (typed, reason) = (bounded(typed)?, said_why(reason)?);
    let request = format!("{typed} {reason}");
    let act = Act { detail: reason.to_string(), ..act("coupon.undo", String::new(), &request) };
    perform(call, act, move |tx| Ok(redeem::undo(tx, &typed)?.map(shown))).await
}

/// Makes a coupon void for ever; with `again`, its owner gets another.
pub async fn void(call: &Call, typed: &str, reason: &str, again: bool) -> Result<Voided, ActError> {
    let (typed, reason, by) = (bounded(typed)?, said_why(reason)?, call.who.name.clone());
    let request = format!("{typed} {reason} {again}");
    let act = Act { detail: reason.to_string(), ..act("coupon.void", String::new(), &request) };
    perform(call, act, move |tx| {
        let (void, instead) = match reissue::void(tx, &typed, &by, &reason, again)? {
            Ok(done) => done,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let benefit = tx.get(&BENEFITS, &void.number.benefit)?;
        let Some(benefit) = benefit else {
            return Ok(Err(crate::domain::benefit::manage::ManageRefusal::Unknown));
        };
        let instead = instead.map(|coupon| view::coupon(&benefit, &coupon, false));
        let number = void.number.to_string();
        Ok(Ok((number, Voided { void: view::coupon(&benefit, &void, false), instead })))
    })
    .await
}

/// One coupon; a merchant sees its own.
pub async fn coupon(call: &Call, typed: &str) -> Result<CouponView, ActError> {
    let typed = bounded(typed)?;
    let number = typed.parse::<CouponNumber>().map(|number| number.to_string()).unwrap_or_default();
    let role = if call.who.has(Role::Merchant) { Role::Merchant } else { Role::Benefit };
    let (act, provider) = (Act::plain("coupon.show", number, role), provider_of(&call.who));
    let found = see(call, act, move |tx: &Tx| redeem::find(tx, &typed, provider.as_deref())).await?;
    found.map(|(benefit, coupon)| view::coupon(&benefit, &coupon, false)).map_err(|refusal| refused(&refusal))
}

/// As [`coupon`] with the whole code, for a reason that goes onto the trail.
pub async fn reveal(call: &Call, typed: &str, reason: &str) -> Result<CouponView, ActError> {
    let (typed, reason) = (bounded(typed)?, said_why(reason)?);
    let (asked, provider) = (typed.clone(), provider_of(&call.who));
    let known = call.read(move |tx| redeem::find(tx, &asked, provider.as_deref())).await?;
    let (_, Coupon { number, .. }) = known.map_err(|refusal| refused(&refusal))?;
    let act = Act { detail: reason.to_string(), ..act("coupon.reveal", number.to_string(), "") };
    let found = look(call, act, move |tx: &mut Tx| redeem::find(tx, &typed, None)).await?;
    found.map(|(benefit, coupon)| view::coupon(&benefit, &coupon, true)).map_err(|refusal| refused(&refusal))
}

fn shown((benefit, coupon): (Benefit, Coupon)) -> (String, CouponView) {
    (coupon.number.to_string(), view::coupon(&benefit, &coupon, false))
}

fn refused(refusal: &RedeemRefusal) -> ActError {
    match refusal {
        RedeemRefusal::Unknown => ActError::NotFound("such coupon".to_owned()),
        other => ActError::Refused { code: other.code(), message: other.to_string() },
    }
}

/// Whose coupons alone this caller may touch; `None`: anybody's.
fn provider_of(who: &Caller) -> Option<String> {
    if who.has(Role::Benefit) || who.has(Role::Auditor) {
        return None;
    }
    Some(who.provider.clone().unwrap_or_default())
}

fn bounded(typed: &str) -> Result<String, ActError> {
    let typed = typed.trim();
    if typed.is_empty() || typed.chars().count() > TYPED_CHARS_MAX {
        return Err(wrong("code", "1 to 80 characters"));
    }
    Ok(typed.to_owned())
}
