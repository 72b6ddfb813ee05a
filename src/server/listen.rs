//! Connections: accepted up to a limit, served, and let go in order when the service stops.

use std::convert::Infallible;
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use super::body::{self, Body};

/// A request's line and headers together, and a connection's read buffer.
const HEAD_BYTES_MAX: usize = 32 << 10;
/// Connections that are answered at once while the service stops.
const LATE_MAX: usize = 64;
/// How long accepting rests after it failed, at first and at most.
const REST_MIN: Duration = Duration::from_millis(20);
const REST_MAX: Duration = Duration::from_secs(1);

/// What a listener grants.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Open at once; more wait in the system's queue.
    pub connections_max: usize,
    /// For a request's head to arrive whole, and for an idle connection to say something.
    pub header_timeout: Duration,
    /// For requests in flight to finish once the service stops.
    pub drain: Duration,
}

/// How a listener ended: connections that were still busy when the drain limit was over.
#[derive(Debug, PartialEq, Eq)]
pub struct Drained {
    pub cut: usize,
}

/// Serves `listener` until `stop`; then lets requests in flight finish within `limits.drain`, and cuts the rest. Who
/// comes meanwhile is answered as by [`answer_late`]. A panic in the handler costs its request a 500.
pub async fn serve<H, F>(
    listener: &TcpListener,
    handler: H,
    limits: Limits,
    open: Gauge,
    stop: impl Future<Output = ()>,
) -> Drained
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let stopping = watch::Sender::new(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, place) = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = accept(listener, &places) => accepted,
        };
        while connections.try_join_next().is_some() {}
        let seat = Seat::take(&open, place);
        let stopping = Some(stopping.subscribe());
        let connection = connection(stream, handler.clone(), limits.header_timeout, stopping);
        connections.spawn(async move {
            connection.await;
            drop(seat);
        });
    }
    stopping.send_replace(true);
    tokio::select! {
        drained = drain(connections, limits.drain) => drained,
        never = answer_late(listener, handler, limits) => match never {},
    }
}

/// Answers one request of each connection for as long as it is polled; for a handler that says that the service stops,
/// where a closed port would say nothing.
pub async fn answer_late<H, F>(listener: &TcpListener, handler: H, limits: Limits) -> Infallible
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(LATE_MAX));
    let mut connections = JoinSet::new();
    loop {
        let (stream, place) = accept(listener, &places).await;
        while connections.try_join_next().is_some() {}
        let connection = connection(stream, handler.clone(), limits.header_timeout, None);
        connections.spawn(async move {
            connection.await;
            drop(place);
        });
    }
}

async fn drain(mut connections: JoinSet<()>, limit: Duration) -> Drained {
    let all = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(limit, all).await;
    Drained { cut: connections.len() }
}

/// The next connection, once there is a place for it.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let mut rest = REST_MIN;
    loop {
        let Ok(place) = Arc::clone(places).acquire_owned().await else {
            return std::future::pending().await; // never closed
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                // A reply is one write; without this it may wait for the peer's acknowledgement.
                let _ = stream.set_nodelay(true);
                return (stream, place);
            }
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                tracing::warn!(%error, rest_ms = rest.as_millis() as u64, "can't accept connections");
                tokio::time::sleep(rest).await;
                rest = (rest * 2).min(REST_MAX);
            }
        }
    }
}

/// The peer went away before it was accepted; anything else (no file handles, no memory) is ours.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Speaks HTTP/1 on one connection to its end; `stopping` ends it after the request in flight, and without that it is
/// for one request.
async fn connection<I, H, F>(
    stream: I,
    handler: H,
    header_timeout: Duration,
    stopping: Option<watch::Receiver<bool>>,
) where
    I: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<Body>>,
{
    let service = service_fn(|request| {
        let answer = handler(request);
        async move { Ok::<_, Infallible>(or_500(answer).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(stopping.is_some())
        .header_read_timeout(header_timeout)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told_to_stop(stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended early");
    }
}

async fn told_to_stop(stopping: Option<watch::Receiver<bool>>) {
    let Some(mut stopping) = stopping else { return std::future::pending().await };
    let _ = stopping.wait_for(|stopping| *stopping).await; // an error: the listener is gone, so stop too
}

/// The handler's answer, or 500 if it panics; the panic hook has already told where.
async fn or_500<F: Future<Output = Response<Body>>>(answer: F) -> Response<Body> {
    let mut answer = pin!(answer);
    std::future::poll_fn(|context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(body::status(StatusCode::INTERNAL_SERVER_ERROR)))
    })
    .await
}

/// A connection's place among those allowed; counted while it is held.
struct Seat {
    open: Gauge,
    _place: OwnedSemaphorePermit,
}

impl Seat {
    fn take(open: &Gauge, place: OwnedSemaphorePermit) -> Seat {
        open.inc();
        Seat { open: open.clone(), _place: place }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.open.dec();
    }
}

#[cfg(test)]
mod tests;
