//! Staff work on series (系列活动).

use axum::extract::{FromRequestParts, Path, State};
use axum::{Json, RequestPartsExt};
use hyper::StatusCode;
use hyper::http::request::Parts;
use serde::Deserialize;

use super::access::{Once, Who};
use super::error::ApiError;
use super::input::{Text, Words};
use super::{Answered, Api};
use crate::domain::series::record::SeriesCode;
use crate::staff::series::{self, SeriesList, SeriesView};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListWords {
    after: Option<String>,
}

/// The series that the path names.
pub struct Id(SeriesCode);

impl FromRequestParts<Api> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Id, ApiError> {
        let id = parts.extract::<Path<String>>().await.ok();
        let code = id.and_then(|Path(id)| id.parse().ok());
        code.map(Id).ok_or_else(|| ApiError::not_found("such series"))
    }
}

pub async fn create_series(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Text(body): Text,
) -> Result<(StatusCode, Json<SeriesView>), ApiError> {
    let created = series::create(&api.store, api.clock.moment(), &who, key, &body).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

pub async fn list_series(
    State(api): State<Api>,
    Who(who): Who,
    Words(words): Words<ListWords>,
) -> Answered<SeriesList> {
    let wrong = || ApiError::invalid("after", "must be a series' id, like S3");
    let after = words.after.map(|after| after.parse().map_err(|()| wrong())).transpose()?;
    Ok(Json(series::list(&api.store, api.clock.moment(), &who, after).await?))
}

pub async fn get_series(State(api): State<Api>, Who(who): Who, Id(id): Id) -> Answered<SeriesView> {
    Ok(Json(series::get(&api.store, api.clock.moment(), &who, id).await?))
}

pub async fn change_series(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id,
    Text(body): Text,
) -> Answered<SeriesView> {
    Ok(Json(series::change(&api.store, api.clock.moment(), &who, key, id, &body).await?))
}

pub async fn stop_series(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id,
) -> Answered<SeriesView> {
    Ok(Json(series::stop(&api.store, api.clock.moment(), &who, key, id).await?))
}
