//! Claims (理赔), as staff work on them.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hyper::header;

use super::access::{Called, Once};
use super::error::ApiError;
use super::input::{Form, Id, Object, Path, ReasonForm, Words};
use super::{Answered, Api};
use crate::domain::claim::record::ClaimId;
use crate::staff::claim::{self, ClaimAct, ClaimBrief, ClaimFull, ClaimList, ClaimView, ListWords};

pub async fn list_claims(Called(call): Called, Words(words): Words<ListWords>) -> Answered<ClaimList> {
    Ok(Json(claim::list(&call, words).await?))
}

pub async fn get_claim(Called(call): Called, Id(id): Id<ClaimId>) -> Answered<ClaimView> {
    Ok(Json(claim::get(&call, id).await?))
}

pub async fn look_at_claim(
    Called(call): Called,
    Id(id): Id<ClaimId>,
    Form(form): Form<ReasonForm>,
) -> Answered<ClaimFull> {
    Ok(Json(claim::look(&call, id, &form.reason).await?))
}

/// One act: `{"act": "approve"}`.
pub async fn act_on_claim(
    Once(call): Once,
    Id(id): Id<ClaimId>,
    Object(text): Object,
) -> Answered<ClaimBrief> {
    let act: ClaimAct = serde_json::from_str(&text)
        .map_err(|error| ApiError::invalid("", without_values(&error.to_string())))?;
    Ok(Json(claim::act(&call, id, act).await?))
}

pub async fn get_claim_page(
    State(api): State<Api>,
    Called(call): Called,
    Path((id, slot, page)): Path<(String, String, String)>,
    Words(words): Words<super::pictures::LookWords>,
) -> Result<Response, ApiError> {
    let id: ClaimId = id.parse().map_err(|()| ApiError::not_found("such claim"))?;
    let page: u16 = page.parse().map_err(|_| ApiError::not_found("such page"))?;
    let (number, picture) = claim::page_picture(&call, &api.documents, id, slot, page, &words.reason).await?;
    let ending = picture.content_type.rsplit('/').next().unwrap_or("bin").to_owned();
    let headers = [
        (header::CONTENT_TYPE, picture.content_type),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"picture-{number}.{ending}\"")),
    ];
    Ok((headers, Body::from(picture.content.to_vec())).into_response())
}

/// What serde says without what was typed: that may be somebody's account.
pub(super) fn without_values(message: &str) -> String {
    let parts = message.split('"').enumerate();
    parts.map(|(at, part)| if at % 2 == 0 { part } else { "…" }).collect()
}
