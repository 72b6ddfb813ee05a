//! Pulling the account's followers from WeChat.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::access::{Once, Who};
use super::input::Form;
use super::{Answered, Api};
use crate::staff::sync::{self, SyncView};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncForm {
    /// Tags and the time of following, too; a call for every hundred followers.
    #[serde(default)]
    details: bool,
}

pub async fn start_sync(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Form(form): Form<SyncForm>,
) -> Answered<SyncView> {
    Ok(Json(sync::start(&api.store, api.clock.moment(), &who, key, form.details).await?))
}

pub async fn get_sync(State(api): State<Api>, Who(who): Who) -> Answered<SyncView> {
    Ok(Json(sync::progress(&api.store, api.clock.moment(), &who).await?))
}
