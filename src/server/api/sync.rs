//! Pulling the account's followers from WeChat.

use axum::Json;
use serde::Deserialize;

use super::Answered;
use super::access::{Called, Once};
use super::input::Form;
use crate::staff::sync::{self, SyncView};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncForm {
    /// Tags and the time of following, too; a call for every hundred followers.
    #[serde(default)]
    details: bool,
}

pub async fn start_sync(Once(call): Once, Form(form): Form<SyncForm>) -> Answered<SyncView> {
    Ok(Json(sync::start(&call, form.details).await?))
}

pub async fn get_sync(Called(call): Called) -> Answered<SyncView> {
    Ok(Json(sync::progress(&call).await?))
}
