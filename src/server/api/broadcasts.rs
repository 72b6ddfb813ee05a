//! Staff work on broadcasts (群发, 通知).

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hyper::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::access::{Once, Who};
use super::error::ApiError;
use super::events::{self, Sender};
use super::input::{Form, Id, Object, Words, after};
use super::{Answered, Api};
use crate::domain::broadcast::record::BroadcastCode;
use crate::staff::Caller;
use crate::staff::broadcast::{
    self, BroadcastBrief, BroadcastList, BroadcastView, ListedView, PreviewView, Progress, Report,
};

const LIST_DEFAULT: usize = 50;
/// How often a watcher hears of a broadcast's progress, and for how long before they have to ask again.
const EVENT_EVERY: Duration = Duration::from_secs(1);
const EVENTS_END_AFTER: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListWords {
    after: Option<String>,
    limit: Option<usize>,
}

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelForm {
    #[serde(default)]
    reason: String,
}

pub async fn create_broadcast(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Object(body): Object,
) -> Result<(StatusCode, Json<BroadcastBrief>), ApiError> {
    let created = broadcast::create(&api.store, api.clock.moment(), &who, key, &body).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

pub async fn list_broadcasts(
    State(api): State<Api>,
    Who(who): Who,
    Words(words): Words<ListWords>,
) -> Answered<BroadcastList> {
    let after = after(words.after)?;
    let limit = words.limit.unwrap_or(LIST_DEFAULT);
    Ok(Json(broadcast::list(&api.store, api.clock.moment(), &who, after, limit).await?))
}

pub async fn get_broadcast(
    State(api): State<Api>,
    Who(who): Who,
    Id(id): Id<BroadcastCode>,
) -> Answered<BroadcastView> {
    Ok(Json(broadcast::get(&api.store, api.clock.moment(), &who, id).await?))
}

pub async fn change_broadcast(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BroadcastCode>,
    Object(body): Object,
) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::change(&api.store, api.clock.moment(), &who, key, id, &body).await?))
}

pub async fn add_to_list(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BroadcastCode>,
    Form(form): Form<ListForm>,
) -> Answered<ListedView> {
    Ok(Json(broadcast::add_to_list(&api.store, api.clock.moment(), &who, key, id, form.openids).await?))
}

pub async fn preview_broadcast(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BroadcastCode>,
    Form(form): Form<PreviewForm>,
) -> Answered<PreviewView> {
    let (at, policy) = (api.clock.moment(), &api.broadcasts);
    Ok(Json(broadcast::preview(&api.store, at, &who, key, id, form.to, policy).await?))
}

pub async fn approve_broadcast(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BroadcastCode>,
) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::approve(&api.store, api.clock.moment(), &who, key, id, &api.broadcasts).await?))
}

pub async fn start_broadcast(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BroadcastCode>,
) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::start(&api.store, api.clock.moment(), &who, key, id, &api.broadcasts).await?))
}

pub async fn pause_broadcast(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BroadcastCode>,
) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::pause(&api.store, api.clock.moment(), &who, key, id).await?))
}

pub async fn resume_broadcast(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BroadcastCode>,
) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::resume(&api.store, api.clock.moment(), &who, key, id).await?))
}

pub async fn cancel_broadcast(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BroadcastCode>,
    Form(form): Form<CancelForm>,
) -> Answered<BroadcastBrief> {
    Ok(Json(broadcast::cancel(&api.store, api.clock.moment(), &who, key, id, &form.reason).await?))
}

pub async fn get_report(
    State(api): State<Api>,
    Who(who): Who,
    Id(id): Id<BroadcastCode>,
) -> Answered<Report> {
    Ok(Json(broadcast::report(&api.store, api.clock.moment(), &who, id).await?))
}

/// JSON, or a stream of server-sent events for who accepts `text/event-stream`.
pub async fn get_progress(
    State(api): State<Api>,
    Who(who): Who,
    Id(id): Id<BroadcastCode>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let progress = broadcast::progress(&api.store, api.clock.moment(), &who, id).await?;
    if !accepts_events(&headers) {
        return Ok(Json(progress).into_response());
    }
    Ok(events::stream(move |sender| watch(api, who, id, progress, sender)))
}

fn accepts_events(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split([',', ';']).any(|kind| kind.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// Tells of the progress until the broadcast is over, the watcher has gone, or it is time to ask again.
async fn watch(api: Api, who: Caller, id: BroadcastCode, first: Progress, sender: Sender) {
    let began = Instant::now();
    let mut progress = first;
    while sender.send("progress", &progress).await && began.elapsed() < EVENTS_END_AFTER {
        if matches!(progress.state.as_str(), "done" | "cancelled") {
            return;
        }
        sleep(EVENT_EVERY).await;
        match broadcast::progress(&api.store, api.clock.moment(), &who, id).await {
            Ok(next) => progress = next,
            Err(_) => return,
        }
    }
}
