//! Staff work on activities (活动).

use axum::Json;
use axum::response::{IntoResponse, Response};
use hyper::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::Answered;
use super::access::{Called, Once};
use super::error::ApiError;
use super::input::{AsOfForm, Form, Id, Object, Page, ReasonForm, Words, after};
use super::seats::number;
use crate::domain::activity::record::ActivityCode;
use crate::staff::activity::{self, ActivityBrief, ActivityList, ActivityView};
use crate::staff::form::why;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterWords {
    /// Why whole phones and addresses are needed; goes onto the audit trail.
    reveal: Option<String>,
    /// For a page: what came before it.
    after: Option<String>,
    /// So many sign-ups, at most 500; without it all of them come at once.
    limit: Option<usize>,
}

pub async fn create_activity(
    Once(call): Once,
    Object(body): Object,
) -> Result<(StatusCode, Json<ActivityBrief>), ApiError> {
    let created = activity::create(&call, &body).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

pub async fn list_activities(
    Called(call): Called,
    Words(page): Words<Page<String>>,
) -> Answered<ActivityList> {
    let limit = page.limit();
    let after = after(page.after)?;
    Ok(Json(activity::list(&call, after, limit).await?))
}

pub async fn get_activity(Called(call): Called, Id(id): Id<ActivityCode>) -> Answered<ActivityView> {
    Ok(Json(activity::get(&call, id).await?))
}

pub async fn change_activity(
    Once(call): Once,
    Id(id): Id<ActivityCode>,
    Words(words): Words<AsOfForm>,
    Object(body): Object,
) -> Answered<ActivityBrief> {
    Ok(Json(activity::change(&call, id, words.as_of(), &body).await?))
}

pub async fn publish_activity(Once(call): Once, Id(id): Id<ActivityCode>) -> Answered<ActivityBrief> {
    Ok(Json(activity::publish(&call, id).await?))
}

pub async fn close_activity(Once(call): Once, Id(id): Id<ActivityCode>) -> Answered<ActivityBrief> {
    Ok(Json(activity::close(&call, id).await?))
}

pub async fn cancel_activity(
    Once(call): Once,
    Id(id): Id<ActivityCode>,
    Form(form): Form<ReasonForm>,
) -> Answered<ActivityBrief> {
    Ok(Json(activity::call_off(&call, id, &form.reason).await?))
}

/// JSON, or CSV for who accepts `text/csv`.
pub async fn get_roster(
    Called(call): Called,
    Id(id): Id<ActivityCode>,
    Words(words): Words<RosterWords>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let reveal = words.reveal.as_deref().map(|text| why("reveal", text, "it goes onto the trail"));
    let reveal = reveal.transpose()?;
    let after = number(words.after)?;
    let roster = match words.limit {
        Some(limit) => activity::roster_page(&call, id, reveal.as_deref(), after, limit).await?,
        None if after.is_some() => return Err(ApiError::invalid("limit", "a page needs its size")),
        None => activity::roster(&call, id, reveal.as_deref()).await?,
    };
    if !accepts_csv(&headers) {
        return Ok(Json(roster).into_response());
    }
    let csv = activity::roster_csv(&roster).map_err(|error| {
        tracing::error!(%error, "a roster can't be written as CSV");
        ApiError::internal()
    })?;
    let name = format!("attachment; filename=\"roster-{id}.csv\"");
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, &name)];
    Ok((headers, csv).into_response())
}

fn accepts_csv(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split([',', ';']).any(|kind| kind.trim().eq_ignore_ascii_case("text/csv"))
}
