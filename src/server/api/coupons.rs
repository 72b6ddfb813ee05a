//! Coupons (券) at the till and at the desk, by code or, for staff, by number.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::access::{Once, Who};
use super::input::{Form, Path, Words};
use super::{Answered, Api};
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
pub struct ReasonForm {
    #[serde(default)]
    reason: String,
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
    State(api): State<Api>,
    Who(who): Who,
    Path(code): Path<String>,
    Words(words): Words<RevealWords>,
) -> Answered<CouponView> {
    let (store, at) = (&api.store, api.clock.moment());
    Ok(Json(match &words.reveal {
        Some(reason) => benefit::reveal(store, at, &who, &code, reason).await?,
        None => benefit::coupon(store, at, &who, &code).await?,
    }))
}

pub async fn redeem_coupon(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(code): Path<String>,
    Form(form): Form<RedeemForm>,
) -> Answered<CouponView> {
    let till = Till { place: form.place };
    Ok(Json(benefit::redeem(&api.store, api.clock.moment(), &who, key, &code, till).await?))
}

pub async fn undo_coupon(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(code): Path<String>,
    Form(form): Form<ReasonForm>,
) -> Answered<CouponView> {
    Ok(Json(benefit::undo(&api.store, api.clock.moment(), &who, key, &code, &form.reason).await?))
}

pub async fn void_coupon(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(code): Path<String>,
    Form(form): Form<VoidForm>,
) -> Answered<Voided> {
    let VoidForm { reason, reissue } = form;
    Ok(Json(benefit::void(&api.store, api.clock.moment(), &who, key, &code, &reason, reissue).await?))
}
