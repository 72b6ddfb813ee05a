//! Coupons (券) at the till and at the desk, by code or, for staff, by number.

use axum::Json;
use serde::Deserialize;

use super::Answered;
use super::access::{Called, Once};
use super::input::{Form, Path, ReasonForm, Words};
use crate::staff::benefit::{self, CouponView, Till, Voided};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevealWords {
    /// Why the whole code is needed; goes onto the audit trail.
    reveal: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedeemForm {
    /// The shop or till.
    #[serde(default)]
    place: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoidForm {
    #[serde(default)]
    reason: String,
    /// Its owner gets another one.
    #[serde(default)]
    reissue: bool,
}

pub async fn get_coupon(
    Called(call): Called,
    Path(code): Path<String>,
    Words(words): Words<RevealWords>,
) -> Answered<CouponView> {
    Ok(Json(match &words.reveal {
        Some(reason) => benefit::reveal(&call, &code, reason).await?,
        None => benefit::coupon(&call, &code).await?,
    }))
}

pub async fn redeem_coupon(
    Once(call): Once,
    Path(code): Path<String>,
    Form(form): Form<RedeemForm>,
) -> Answered<CouponView> {
    let till = Till { place: form.place };
    Ok(Json(benefit::redeem(&call, &code, till).await?))
}

pub async fn undo_coupon(
    Once(call): Once,
    Path(code): Path<String>,
    Form(form): Form<ReasonForm>,
) -> Answered<CouponView> {
    Ok(Json(benefit::undo(&call, &code, &form.reason).await?))
}

pub async fn void_coupon(
    Once(call): Once,
    Path(code): Path<String>,
    Form(form): Form<VoidForm>,
) -> Answered<Voided> {
    let VoidForm { reason, reissue } = form;
    Ok(Json(benefit::void(&call, &code, &reason, reissue).await?))
}
