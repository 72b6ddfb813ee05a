//! Which door a request goes to.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::Either;
use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::sync::SetOnce;
use tower::ServiceExt;

use super::body::Body;
use super::{Ops, Webhook};

/// Everything that one listener answers.
pub struct Front {
    /// The webhook's path: matched first and by hand, since nearly all requests go there.
    path: String,
    /// `None` when health and metrics have a listener of their own.
    ops: Option<Ops>,
    /// What needs the store; requests that come before it is open wait for it.
    doors: SetOnce<Doors>,
}

pub struct Doors {
    pub webhook: Webhook,
    pub rest: axum::Router,
}

impl Front {
    pub fn new(path: String, ops: Option<Ops>) -> Front {
        Front { path, ops, doors: SetOnce::new() }
    }

    /// Lets in who waits; doors opened once stay as they are.
    pub fn open(&self, doors: Doors) {
        let _ = self.doors.set(doors);
    }

    pub async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path();
        if path == self.path {
            return self.doors.wait().await.webhook.answer(request).await;
        }
        if let Some(answer) = self.ops.as_ref().and_then(|ops| ops.answer(request.method(), path)) {
            return answer;
        }
        let rest = self.doors.wait().await.rest.clone();
        let answered: Result<_, Infallible> = rest.oneshot(request).await;
        answered.unwrap_or_else(|never| match never {}).map(Either::Right)
    }
}
