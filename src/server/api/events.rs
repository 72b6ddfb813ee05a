//! Server-sent events: an answer that goes on.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::Frame;
use hyper::header;
use serde::Serialize;
use tokio::sync::mpsc;

/// Where events are put; one waits at most, so that a slow reader holds up nobody else.
pub struct Sender(mpsc::Sender<Bytes>);

impl Sender {
    /// `false` once nobody listens.
    pub async fn send(&self, event: &str, data: &impl Serialize) -> bool {
        let Ok(data) = serde_json::to_string(data) else { return false };
        self.0.send(Bytes::from(format!("event: {event}\ndata: {data}\n\n"))).await.is_ok()
    }
}

/// An answer whose events `tell` sends; it ends when `tell` does.
pub fn stream<F>(tell: impl FnOnce(Sender) -> F) -> Response
where
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, events) = mpsc::channel(1);
    tokio::spawn(tell(Sender(sender)));
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    (kind, Body::new(Events(events))).into_response()
}

struct Events(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.get_mut().0.poll_recv(context).map(|event| event.map(|event| Ok(Frame::data(event))))
    }
}
