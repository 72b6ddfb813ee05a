//! Questions that nothing answered.

use axum::Json;

use super::Answered;
use super::access::{Called, Once};
use super::input::Path;
use crate::staff::question::{self, MissedList};

pub async fn list_missed(Called(call): Called) -> Answered<MissedList> {
    Ok(Json(question::list(&call).await?))
}

pub async fn settle_missed(Once(call): Once, Path(id): Path<String>) -> Answered<()> {
    Ok(Json(question::settle(&call, &id).await?))
}
