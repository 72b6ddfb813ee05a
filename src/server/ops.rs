//! For operators: is it alive, is it ready, how is it doing.

use std::sync::{Arc, OnceLock};

use hyper::{Method, Request, Response, StatusCode, header};
use prometheus_client::registry::Registry;

use super::body::{self, Body, TEXT, answer};

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The older format, which reads the same text; for whoever doesn't ask for the newer one.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What the three paths know of the service. It answers from the first moment on, so that one can see the
/// service start.
#[derive(Clone)]
pub struct Ops {
    registry: Arc<OnceLock<Registry>>,
    ready: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl Ops {
    /// `ready` is asked anew by each request: whether the store is open and the service isn't stopping.
    pub fn new(ready: impl Fn() -> bool + Send + Sync + 'static) -> Ops {
        Ops { registry: Arc::default(), ready: Arc::new(ready) }
    }

    /// What `/metrics` shows from now on; the first one given stays.
    pub fn show(&self, registry: Registry) {
        let _ = self.registry.set(registry);
    }

    /// The answer if the path is one of ours.
    pub fn answer<B>(&self, request: &Request<B>) -> Option<Response<Body>> {
        let path = request.uri().path();
        if !matches!(path, "/healthz" | "/readyz" | "/metrics") {
            return None;
        }
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return Some(body::status(StatusCode::METHOD_NOT_ALLOWED));
        }
        Some(match path {
            "/healthz" => answer(StatusCode::OK, TEXT, "ok\n"),
            "/readyz" => self.readiness(),
            _ => {
                let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
                let is_newer = accept.is_some_and(|accept| accept.contains("application/openmetrics-text"));
                self.metrics(if is_newer { OPENMETRICS } else { PROMETHEUS })
            }
        })
    }

    fn readiness(&self) -> Response<Body> {
        match (self.ready)() {
            true => answer(StatusCode::OK, TEXT, "ready\n"),
            false => answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, "not ready\n"),
        }
    }

    fn metrics(&self, format: &'static str) -> Response<Body> {
        let Some(registry) = self.registry.get() else {
            return answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, "starting\n");
        };
        let mut text = String::new();
        match prometheus_client::encoding::text::encode(&mut text, registry) {
            Ok(()) => answer(StatusCode::OK, format, text),
            Err(std::fmt::Error) => body::status(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::metrics::{self, Metrics};
    use http_body_util::BodyExt;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    fn ask(ops: &Ops, method: Method, path: &str, accept: &str) -> Option<Response<Body>> {
        let request = Request::builder().method(method).uri(path).header(header::ACCEPT, accept);
        ops.answer(&request.body(()).unwrap())
    }

    async fn get(ops: &Ops, path: &str) -> (u16, String) {
        let response = ask(ops, Method::GET, path, "*/*").expect("one of ours");
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn readiness_follows_the_service_and_health_does_not() {
        let ready = Arc::new(AtomicBool::new(true));
        let seen = Arc::clone(&ready);
        let ops = Ops::new(move || seen.load(Ordering::Relaxed));
        assert_eq!(get(&ops, "/readyz").await.0, 200);
        ready.store(false, Ordering::Relaxed);
        assert_eq!(get(&ops, "/readyz").await.0, 503);
        assert_eq!(get(&ops, "/healthz").await.0, 200);
        assert_eq!(get(&ops, "/metrics").await.0, 503);
        assert!(ask(&ops, Method::GET, "/", "").is_none());
        assert_eq!(ask(&ops, Method::POST, "/metrics", "").map(|r| r.status().as_u16()), Some(405));
    }

    #[tokio::test]
    async fn what_is_counted_is_shown() {
        let mut registry = metrics::registry();
        let metrics = Metrics::register(&mut registry);
        metrics.turn("activity.list", "answered", Duration::from_millis(3));
        metrics.refused("signature");
        let ops = Ops::new(|| true);
        ops.show(registry);
        for (accept, format) in
            [("text/plain", PROMETHEUS), ("application/openmetrics-text;q=0.5", OPENMETRICS)]
        {
            let told = ask(&ops, Method::GET, "/metrics", accept).unwrap();
            assert_eq!(told.headers()[header::CONTENT_TYPE], format);
        }
        let (_, text) = get(&ops, "/metrics").await;
        for line in [
            "gonghui_turns_total{flow=\"activity.list\",outcome=\"answered\"} 1",
            "gonghui_turn_seconds_bucket{le=\"0.005\"} 1",
            "gonghui_refused_requests_total{reason=\"signature\"} 1",
            "gonghui_connections 0",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
        }
    }
}
