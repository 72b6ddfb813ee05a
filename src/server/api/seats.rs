//! Staff work around the seats of activities: draws, attendance, parcels.

use std::time::Duration;

use axum::extract::{FromRequestParts, Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Json, RequestPartsExt};
use hyper::http::request::Parts;
use hyper::{StatusCode, header};
use serde::Deserialize;

use super::access::{Called, Once};
use super::error::ApiError;
use super::input::{Form, Id, Object, ReasonForm, Words};
use super::{Answered, Api};
use crate::domain::activity::attendance::CODE_LASTS;
use crate::domain::activity::record::{ActivityCode, RegistrationNumber};
use crate::drawing::qr_png;
use crate::server::draws;
use crate::staff::activity;
use crate::staff::activity::attendance::{self, AppealList, CodeView, Marked};
use crate::staff::activity::kits::{self, ParcelList, TrackingDone};
use crate::staff::activity::review::{self, Reviewed};
use crate::staff::form::why;
use crate::wechat::api::Scene;

/// As long as a code is taken, and no shorter than WeChat has it.
const QR_LASTS: Duration = Duration::from_secs(2 * CODE_LASTS.as_secs());

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionWords {
    #[serde(default = "first")]
    session: u16,
}

fn first() -> u16 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageWords {
    after: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitWords {
    after: Option<String>,
    /// Why whole addresses are needed; goes onto the audit trail.
    reveal: Option<String>,
}

/// The sign-up that the path names.
pub struct Number(RegistrationNumber);

impl FromRequestParts<Api> for Number {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Number, ApiError> {
        let number = parts.extract::<Path<String>>().await.ok();
        let number = number.and_then(|Path(number)| number.parse().ok());
        number.map(Number).ok_or_else(|| ApiError::not_found("such sign-up"))
    }
}

pub(super) fn number(after: Option<String>) -> Result<Option<RegistrationNumber>, ApiError> {
    let wrong = || ApiError::invalid("after", "must be a sign-up's number, like A12-1-0007");
    after.map(|after| after.parse().map_err(|()| wrong())).transpose()
}

/// The public record of a draw, as anybody may read it.
pub async fn get_draw(Called(call): Called, Id(id): Id<ActivityCode>) -> Result<Response, ApiError> {
    let text = draws::whole(&call.store, call.at, id).await?;
    let text = text.ok_or_else(|| ApiError::not_found("such draw"))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

pub async fn get_check_in(
    Called(call): Called,
    Id(id): Id<ActivityCode>,
    Words(words): Words<SessionWords>,
) -> Answered<CodeView> {
    Ok(Json(attendance::code(&call, id, words.session).await?))
}

/// The code as a QR picture: WeChat's own, which checks in who scans it, where there is an account to ask; else the
/// words to send.
pub async fn get_check_in_picture(
    State(api): State<Api>,
    Called(call): Called,
    Id(id): Id<ActivityCode>,
    Words(words): Words<SessionWords>,
) -> Result<Response, ApiError> {
    let code = attendance::code(&call, id, words.session).await?;
    let scanned = match &api.wechat {
        Some(client) => {
            let scene = Scene::Name(code.scene.clone());
            let asked = client.create_qr(&scene, QR_LASTS).await;
            asked.inspect_err(|error| tracing::warn!(%error, "WeChat makes no QR code for a check-in")).ok()
        }
        None => None,
    };
    let says = scanned.map_or_else(|| format!("签到 {}", code.code), |qr| qr.url);
    let picture = qr_png(&says).ok_or_else(ApiError::internal)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], picture).into_response())
}

pub async fn mark_attendance(
    Once(call): Once,
    Id(id): Id<ActivityCode>,
    Object(body): Object,
) -> Answered<Marked> {
    Ok(Json(attendance::mark(&call, id, &body).await?))
}

/// Staff pick among those who applied.
pub async fn review_activity(
    Once(call): Once,
    Id(id): Id<ActivityCode>,
    Object(body): Object,
) -> Answered<Reviewed> {
    Ok(Json(review::decide(&call, id, &body).await?))
}

pub async fn take_back(
    Once(call): Once,
    Number(number): Number,
    Form(form): Form<ReasonForm>,
) -> Result<StatusCode, ApiError> {
    activity::take_back(&call, number, &form.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn list_appeals(Called(call): Called, Words(words): Words<PageWords>) -> Answered<AppealList> {
    let after = number(words.after)?;
    Ok(Json(attendance::appeals(&call, after).await?))
}

pub async fn lift_absence(
    Once(call): Once,
    Number(number): Number,
    Form(form): Form<ReasonForm>,
) -> Result<StatusCode, ApiError> {
    attendance::answer(&call, number, true, &form.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn reject_appeal(
    Once(call): Once,
    Number(number): Number,
    Form(form): Form<ReasonForm>,
) -> Result<StatusCode, ApiError> {
    attendance::answer(&call, number, false, &form.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn list_kits(
    Called(call): Called,
    Id(id): Id<ActivityCode>,
    Words(words): Words<KitWords>,
) -> Answered<ParcelList> {
    let reveal = words.reveal.as_deref().map(|text| why("reveal", text, "it goes onto the trail"));
    let reveal = reveal.transpose()?;
    let after = number(words.after)?;
    Ok(Json(kits::list(&call, id, after, reveal.as_deref()).await?))
}

pub async fn track_kits(
    Once(call): Once,
    Id(id): Id<ActivityCode>,
    Object(body): Object,
) -> Answered<TrackingDone> {
    Ok(Json(kits::track(&call, id, &body).await?))
}
