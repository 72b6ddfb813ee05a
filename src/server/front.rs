//! Which door a request goes to.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::Either;
use hyper::body::Incoming;
use hyper::{Request, Response};
use tower::ServiceExt;

use super::body::Body;
use super::{Ops, Webhook};

/// Everything that one listener answers.
pub struct Front {
    /// The webhook's path: matched first and by hand, since nearly all requests go there.
    pub path: String,
    pub webhook: Webhook,
    /// `None` when health and metrics have a listener of their own.
    pub ops: Option<Ops>,
    pub rest: axum::Router,
}

impl Front {
    pub async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path();
        if path == self.path {
            return self.webhook.answer(request).await;
        }
        if let Some(answer) = self.ops.as_ref().and_then(|ops| ops.answer(request.method(), path)) {
            return answer;
        }
        let answered: Result<_, Infallible> = self.rest.clone().oneshot(request).await;
        answered.unwrap_or_else(|never| match never {}).map(Either::Right)
    }
}
