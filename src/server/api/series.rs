//! Staff work on series (系列活动).

use axum::Json;
use axum::extract::State;
use hyper::StatusCode;
use serde::Deserialize;

use super::access::{Once, Who};
use super::error::ApiError;
use super::input::{Id, Object, Words, after};
use super::{Answered, Api};
use crate::domain::series::record::SeriesCode;
use crate::staff::series::{self, SeriesList, SeriesView};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListWords {
    after: Option<String>,
}

pub async fn create_series(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Object(body): Object,
) -> Result<(StatusCode, Json<SeriesView>), ApiError> {
    let created = series::create(&api.store, api.clock.moment(), &who, key, &body).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

pub async fn list_series(
    State(api): State<Api>,
    Who(who): Who,
    Words(words): Words<ListWords>,
) -> Answered<SeriesList> {
    let after = after(words.after)?;
    Ok(Json(series::list(&api.store, api.clock.moment(), &who, after).await?))
}

pub async fn get_series(
    State(api): State<Api>,
    Who(who): Who,
    Id(id): Id<SeriesCode>,
) -> Answered<SeriesView> {
    Ok(Json(series::get(&api.store, api.clock.moment(), &who, id).await?))
}

pub async fn change_series(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<SeriesCode>,
    Object(body): Object,
) -> Answered<SeriesView> {
    Ok(Json(series::change(&api.store, api.clock.moment(), &who, key, id, &body).await?))
}

pub async fn stop_series(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<SeriesCode>,
) -> Answered<SeriesView> {
    Ok(Json(series::stop(&api.store, api.clock.moment(), &who, key, id).await?))
}
