//! The trail of what staff did and looked at.

use axum::Json;
use axum::extract::State;

use super::access::Who;
use super::input::Words;
use super::{Answered, Api};
use crate::staff::trail::{self, TrailList, TrailWords};

pub async fn list_trail(
    State(api): State<Api>,
    Who(who): Who,
    Words(words): Words<TrailWords>,
) -> Answered<TrailList> {
    Ok(Json(trail::list(&api.store, api.clock.moment(), &who, words).await?))
}
