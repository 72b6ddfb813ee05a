//! The public pages of draws: `/draws/A12.txt`, numbers and no names, for anybody.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::{StatusCode, header};
use tokio::sync::Semaphore;

use crate::domain::activity::record::ActivityCode;
use crate::moment::{Clock, Moment};
use crate::staff::activity::draw::{from_the_start, record};
use crate::store::{Store, SubmitError};

/// Records that are read at the same time: anybody may ask, so who comes on top of these is told to come back.
const READERS_MAX: usize = 4;

#[derive(Clone)]
struct Pages {
    store: Store,
    clock: Arc<dyn Clock>,
    readers: Arc<Semaphore>,
}

pub fn router(store: Store, clock: Arc<dyn Clock>) -> Router {
    let pages = Pages { store, clock, readers: Arc::new(Semaphore::new(READERS_MAX)) };
    Router::new().route("/draws/{file}", get(page)).with_state(pages)
}

async fn page(State(pages): State<Pages>, Path(file): Path<String>) -> Response {
    let Some(id) = file.strip_suffix(".txt").and_then(|id| id.parse::<ActivityCode>().ok()) else {
        return (StatusCode::NOT_FOUND, "there is no such draw\n").into_response();
    };
    let Ok(_reading) = pages.readers.try_acquire() else {
        let later = [(header::RETRY_AFTER, "2")];
        return (StatusCode::SERVICE_UNAVAILABLE, later, "busy, please try again\n").into_response();
    };
    match whole(&pages.store, pages.clock.moment(), id).await {
        Ok(Some(text)) => {
            let headers = [
                (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::CACHE_CONTROL, "public, max-age=5"),
            ];
            (headers, text).into_response()
        }
        Ok(None) => (StatusCode::NOT_FOUND, "there is no such draw\n").into_response(),
        Err(error) => {
            tracing::error!(%error, "the record of a draw can't be read");
            (StatusCode::SERVICE_UNAVAILABLE, "please try again later\n").into_response()
        }
    }
}

/// The whole record; about forty bytes for each who applied. `None`: there is no such draw.
pub async fn whole(store: &Store, at: Moment, id: ActivityCode) -> Result<Option<String>, SubmitError> {
    let mut text = String::new();
    let mut cursor = Some(from_the_start());
    while let Some(here) = cursor {
        let Some((piece, next)) = record(store, at, id, here).await? else { return Ok(None) };
        text.push_str(&piece);
        cursor = next;
    }
    Ok(Some(text))
}
