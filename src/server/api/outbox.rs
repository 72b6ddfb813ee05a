//! What goes out to followers, row by row.

use axum::Json;
use serde::Deserialize;

use super::Answered;
use super::access::{Called, Once};
use super::error::ApiError;
use super::input::{LIST_DEFAULT, Path, Words};
use crate::staff::outbox::{self, Narrowed, OutboxList, OutboxRow};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListWords {
    state: Option<String>,
    follower: Option<String>,
    after: Option<u64>,
    limit: Option<usize>,
}

pub async fn list_outbox(Called(call): Called, Words(words): Words<ListWords>) -> Answered<OutboxList> {
    let narrowed = Narrowed { state: words.state, follower: words.follower };
    let limit = words.limit.unwrap_or(LIST_DEFAULT);
    Ok(Json(outbox::list(&call, narrowed, words.after, limit).await?))
}

pub async fn retry_row(Once(call): Once, Path(id): Path<String>) -> Answered<OutboxRow> {
    Ok(Json(outbox::retry(&call, number(&id)?).await?))
}

pub async fn drop_row(Once(call): Once, Path(id): Path<String>) -> Answered<OutboxRow> {
    Ok(Json(outbox::drop_row(&call, number(&id)?).await?))
}

/// What can't be a row's number is no row.
fn number(id: &str) -> Result<u64, ApiError> {
    id.parse().map_err(|_| ApiError::not_found("such outbox row"))
}
