//! Which door a request goes to.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http_body_util::Either;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use tokio::sync::SetOnce;
use tokio::time::{Duration, Instant, timeout};
use tower::ServiceExt;

use super::body::{self, Body};
use super::{Ops, Webhook};

/// For the store to open, before a request is told to come again: WeChat waits for 5 seconds, and repeats what was
/// refused.
const PATIENCE: Duration = Duration::from_secs(4);

/// Everything that one listener answers.
pub struct Front {
    /// The webhook's path: matched first and by hand, since nearly all requests go there.
    path: String,
    /// `None` when health and metrics have a listener of their own.
    ops: Option<Ops>,
    /// What needs the store; requests that come before it is open wait for it.
    doors: SetOnce<Doors>,
    closed: AtomicBool,
}

pub struct Doors {
    pub webhook: Webhook,
    pub rest: axum::Router,
}

impl Front {
    pub fn new(path: String, ops: Option<Ops>) -> Front {
        Front { path, ops, doors: SetOnce::new(), closed: AtomicBool::new(false) }
    }

    /// Lets in who waits; doors opened once stay as they are.
    pub fn open(&self, doors: Doors) {
        let _ = self.doors.set(doors);
    }

    /// Lets nobody in any more: the service stops.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Body> {
        let (path, arrived) = (request.uri().path(), Instant::now());
        let closed = self.closed.load(Ordering::Relaxed);
        if path == self.path && !closed {
            return match self.opened().await {
                Some(doors) => doors.webhook.answer(request, arrived).await,
                None => body::status(StatusCode::SERVICE_UNAVAILABLE),
            };
        }
        // Apart, so that a webhook's request doesn't carry the room for it.
        Box::pin(self.answer_rest(request, closed)).await
    }

    /// The doors, at once or when the store is open; `None` if that takes too long.
    async fn opened(&self) -> Option<&Doors> {
        match self.doors.get() {
            Some(doors) => Some(doors),
            None => Box::pin(timeout(PATIENCE, self.doors.wait())).await.ok(),
        }
    }

    async fn answer_rest(&self, request: Request<Incoming>, closed: bool) -> Response<Body> {
        if let Some(answer) = self.ops.as_ref().and_then(|ops| ops.answer(&request)) {
            return answer;
        }
        if closed {
            return body::status(StatusCode::SERVICE_UNAVAILABLE);
        }
        let rest = self.doors.wait().await.rest.clone();
        let answered: Result<_, Infallible> = rest.oneshot(request).await;
        answered.unwrap_or_else(|never| match never {}).map(Either::Right)
    }
}
