//! The service's listeners: followers' and staff's, and that of probes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::StartError;
use crate::config::Config;
use crate::server::body::{self, Body};
use crate::server::front::Front;
use crate::server::{self, Drained, Metrics, Ops};

/// Probes and scrapers need few connections, and little time to ask.
const OPS_LIMITS: server::Limits =
    server::Limits { connections_max: 64, header_timeout: Duration::from_secs(10), drain: Duration::ZERO };

/// A listener's task, and how to tell it to stop. It answers until this is dropped.
pub struct Listening {
    /// Dropped to stop.
    stop: Option<oneshot::Sender<()>>,
    drained: oneshot::Receiver<Drained>,
    task: JoinHandle<()>,
}

impl Listening {
    /// How many connections had to be cut.
    pub async fn drain(&mut self) -> usize {
        self.stop = None;
        (&mut self.drained).await.map_or(0, |drained| drained.cut)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub async fn listen_front(
    config: &Config,
    front: Arc<Front>,
    metrics: &Metrics,
) -> Result<(SocketAddr, Listening), StartError> {
    let limits = server::Limits {
        connections_max: config.server.connections_max,
        header_timeout: config.server.header_timeout,
        drain: config.server.drain,
    };
    let answer = move |request| Arc::clone(&front).answer(request);
    listen(config.server.listen, limits, metrics.connections.clone(), answer).await
}

pub async fn listen_ops(address: SocketAddr, ops: Ops) -> Result<(SocketAddr, Listening), StartError> {
    let answer = move |request: Request<Incoming>| {
        let answer = ops.answer(&request);
        std::future::ready(answer.unwrap_or_else(|| body::status(StatusCode::NOT_FOUND)))
    };
    listen(address, OPS_LIMITS, Gauge::default(), answer).await
}

async fn listen<H, F>(
    address: SocketAddr,
    limits: server::Limits,
    open: Gauge,
    answer: H,
) -> Result<(SocketAddr, Listening), StartError>
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let failed = |error| StartError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let real = listener.local_addr().map_err(failed)?;
    let (stop, stopped) = oneshot::channel();
    let (tell, drained) = oneshot::channel();
    let task = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await; // a dropped sender stops as well
        };
        let _ = tell.send(server::serve(&listener, answer.clone(), limits, open, stopped).await);
        match server::answer_late(&listener, answer, limits).await {}
    });
    Ok((real, Listening { stop: Some(stop), drained, task }))
}
