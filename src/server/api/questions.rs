//! Questions that nothing answered.

use axum::Json;
use axum::extract::State;

use super::access::{Once, Who};
use super::input::Path;
use super::{Answered, Api};
use crate::staff::question::{self, MissedList};

pub async fn list_missed(State(api): State<Api>, Who(who): Who) -> Answered<MissedList> {
    Ok(Json(question::list(&api.store, api.clock.moment(), &who).await?))
}

pub async fn settle_missed(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(id): Path<String>,
) -> Answered<()> {
    Ok(Json(question::settle(&api.store, api.clock.moment(), &who, key, &id).await?))
}
