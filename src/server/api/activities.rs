//! Staff work on activities (活动).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hyper::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::access::{Once, Who};
use super::error::ApiError;
use super::input::{Form, Id, Object, Words, after};
use super::seats::number;
use super::{Answered, Api};
use crate::domain::activity::record::ActivityCode;
use crate::staff::activity::{self, ActivityBrief, ActivityList, ActivityView};

const LIST_DEFAULT: usize = 50;
const REASON_CHARS_MAX: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListWords {
    after: Option<String>,
    limit: Option<usize>,
}

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelForm {
    #[serde(default)]
    reason: String,
}

pub async fn create_activity(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Object(body): Object,
) -> Result<(StatusCode, Json<ActivityBrief>), ApiError> {
    let created = activity::create(&api.store, api.clock.moment(), &who, key, &body).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

pub async fn list_activities(
    State(api): State<Api>,
    Who(who): Who,
    Words(words): Words<ListWords>,
) -> Answered<ActivityList> {
    let after = after(words.after)?;
    let limit = words.limit.unwrap_or(LIST_DEFAULT);
    Ok(Json(activity::list(&api.store, api.clock.moment(), &who, after, limit).await?))
}

pub async fn get_activity(
    State(api): State<Api>,
    Who(who): Who,
    Id(id): Id<ActivityCode>,
) -> Answered<ActivityView> {
    Ok(Json(activity::get(&api.store, api.clock.moment(), &who, id).await?))
}

pub async fn change_activity(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<ActivityCode>,
    Object(body): Object,
) -> Answered<ActivityBrief> {
    Ok(Json(activity::change(&api.store, api.clock.moment(), &who, key, id, &body).await?))
}

pub async fn publish_activity(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<ActivityCode>,
) -> Answered<ActivityBrief> {
    Ok(Json(activity::publish(&api.store, api.clock.moment(), &who, key, id).await?))
}

pub async fn close_activity(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<ActivityCode>,
) -> Answered<ActivityBrief> {
    Ok(Json(activity::close(&api.store, api.clock.moment(), &who, key, id).await?))
}

pub async fn cancel_activity(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<ActivityCode>,
    Form(form): Form<CancelForm>,
) -> Answered<ActivityBrief> {
    Ok(Json(activity::call_off(&api.store, api.clock.moment(), &who, key, id, &form.reason).await?))
}

/// JSON, or CSV for who accepts `text/csv`.
pub async fn get_roster(
    State(api): State<Api>,
    Who(who): Who,
    Id(id): Id<ActivityCode>,
    Words(words): Words<RosterWords>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let reveal = words.reveal.as_deref().map(str::trim);
    if reveal.is_some_and(|reason| reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX) {
        return Err(ApiError::invalid(
            "reveal",
            "say why, in at most 200 characters; it goes onto the trail",
        ));
    }
    let (after, at) = (number(words.after)?, api.clock.moment());
    let roster = match words.limit {
        Some(limit) => activity::roster_page(&api.store, at, &who, id, reveal, after, limit).await?,
        None if after.is_some() => return Err(ApiError::invalid("limit", "a page needs its size")),
        None => activity::roster(&api.store, at, &who, id, reveal).await?,
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
