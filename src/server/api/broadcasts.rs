//! Staff work on broadcasts (群发, 通知).

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hyper::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::access::{Called, Once};
use super::error::ApiError;
use super::events::{self, Sender};
use super::input::{AsOfForm, Form, Id, Object, Page, ReasonForm, Words, after};
use super::{Answered, Api};
use crate::domain::broadcast::record::BroadcastCode;
use crate::staff::Call;
use crate::staff::broadcast::{
    self, BroadcastBrief, BroadcastList, BroadcastView, ListedView, PreviewView, Progress, Report,
};

/// How often a watcher hears of a broadcast's progress, and for how long before they have to ask again.
const EVENT_EVERY: Duration = Duration::from_secs(1);
const EVENTS_END_AFTER: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListForm {
    openids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewForm {
    /// The staff's own follower, who gets the message first.
    #[serde(default)]
    to: Option<String>,
}

pub async fn create_broadcast(
    Once(call): Once,
    Object(body): Object,
) -> Result<(StatusCode, Json<BroadcastBrief>), ApiError> {
    let created = broadcast::create(&call, &body).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

pub async fn list_broadcasts(
    Called(call): Called,
    Words(page): Words<Page<String>>,
) -> Answered<BroadcastList> {
    let limit = page.limit();
    let after = after(page.after)?;
    Ok(Json(broadcast::list(&call, after, limit).await?))
}

pub async fn get_broadcast(Called(call): Called, Id(id): Id<BroadcastCode>) -> Answered<BroadcastView> {
    Ok(Json(broadcast::get(&call, id).await?))
}

pub async fn change_broadcast(
    Once(call): Once,
    Id(id): Id<BroadcastCode>,
    Words(words): Words<AsOfForm>,
    Object(body): Object,
) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::change(&call, id, words.as_of(), &body).await?))
}

pub async fn add_to_list(
    Once(call): Once,
    Id(id): Id<BroadcastCode>,
    Form(form): Form<ListForm>,
) -> Answered<ListedView> {
    Ok(Json(broadcast::add_to_list(&call, id, form.openids).await?))
}

pub async fn preview_broadcast(
    State(api): State<Api>,
    Once(call): Once,
    Id(id): Id<BroadcastCode>,
    Form(form): Form<PreviewForm>,
) -> Answered<PreviewView> {
    Ok(Json(broadcast::preview(&call, id, form.to, &api.broadcasts).await?))
}

pub async fn approve_broadcast(
    State(api): State<Api>,
    Once(call): Once,
    Id(id): Id<BroadcastCode>,
    Form(form): Form<AsOfForm>,
) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::approve(&call, id, form.as_of(), &api.broadcasts).await?))
}

pub async fn start_broadcast(
    State(api): State<Api>,
    Once(call): Once,
    Id(id): Id<BroadcastCode>,
) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::start(&call, id, &api.broadcasts).await?))
}

pub async fn pause_broadcast(Once(call): Once, Id(id): Id<BroadcastCode>) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::pause(&call, id).await?))
}

pub async fn resume_broadcast(Once(call): Once, Id(id): Id<BroadcastCode>) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::resume(&call, id).await?))
}

pub async fn cancel_broadcast(
    Once(call): Once,
    Id(id): Id<BroadcastCode>,
    Form(form): Form<ReasonForm>,
) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::cancel(&call, id, &form.reason).await?))
}

pub async fn get_report(Called(call): Called, Id(id): Id<BroadcastCode>) -> Answered<Report> {
    Ok(Json(broadcast::report(&call, id).await?))
}

/// JSON, or a stream of server-sent events for who accepts `text/event-stream`.
pub async fn get_progress(
    State(api): State<Api>,
    Called(call): Called,
    Id(id): Id<BroadcastCode>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let progress = broadcast::progress(&call, id).await?;
    if !accepts_events(&headers) {
        return Ok(Json(progress).into_response());
    }
    Ok(events::stream(move |sender| watch(api, call, id, progress, sender)))
}

fn accepts_events(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split([',', ';']).any(|kind| kind.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// Tells of the progress until the broadcast is over, the watcher has gone, or it is time to ask again.
async fn watch(api: Api, mut call: Call, id: BroadcastCode, first: Progress, sender: Sender) {
    let began = Instant::now();
    let mut progress = first;
    while sender.send("progress", &progress).await && began.elapsed() < EVENTS_END_AFTER {
        if matches!(progress.state.as_str(), "done" | "cancelled") {
            return;
        }
        sleep(EVENT_EVERY).await;
        call.at = api.clock.moment();
        match broadcast::progress(&call, id).await {
            Ok(next) => progress = next,
            Err(_) => return,
        }
    }
}
