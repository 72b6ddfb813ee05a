//! Staff work on series (系列活动).

use axum::Json;
use hyper::StatusCode;
use serde::Deserialize;

use super::Answered;
use super::access::{Called, Once};
use super::error::ApiError;
use super::input::{AsOfForm, Id, Object, Words, after};
use crate::domain::series::record::SeriesCode;
use crate::staff::series::{self, SeriesList, SeriesView};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListWords {
    after: Option<String>,
}

pub async fn create_series(
    Once(call): Once,
    Object(body): Object,
) -> Result<(StatusCode, Json<SeriesView>), ApiError> {
    let created = series::create(&call, &body).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

pub async fn list_series(Called(call): Called, Words(words): Words<ListWords>) -> Answered<SeriesList> {
    let after = after(words.after)?;
    Ok(Json(series::list(&call, after).await?))
}

pub async fn get_series(Called(call): Called, Id(id): Id<SeriesCode>) -> Answered<SeriesView> {
    Ok(Json(series::get(&call, id).await?))
}

pub async fn change_series(
    Once(call): Once,
    Id(id): Id<SeriesCode>,
    Words(words): Words<AsOfForm>,
    Object(body): Object,
) -> Answered<SeriesView> {
    Ok(Json(series::change(&call, id, words.as_of(), &body).await?))
}

pub async fn stop_series(Once(call): Once, Id(id): Id<SeriesCode>) -> Answered<SeriesView> {
    Ok(Json(series::stop(&call, id).await?))
}
