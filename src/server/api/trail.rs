//! The trail of what staff did and looked at.

use axum::Json;

use super::Answered;
use super::access::Called;
use super::input::Words;
use crate::staff::trail::{self, TrailList, TrailWords};

pub async fn list_trail(Called(call): Called, Words(words): Words<TrailWords>) -> Answered<TrailList> {
    Ok(Json(trail::list(&call, words).await?))
}
