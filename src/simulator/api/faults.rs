//! Faults on a switch: what WeChat does on its bad days.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{not_json, refused};
use crate::moment::Time;
use crate::simulator::Simulator;

/// Everything that is switched on. Posting replaces what was.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    pub api: Vec<ApiFault>,
    pub webhook: Vec<WebhookFault>,
}

/// Something that happens to calls of the API.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiFault {
    /// A part of the path, such as `message/custom`; empty for every call.
    #[serde(default)]
    pub path: String,
    pub fault: Kind,
    /// Of `errcode`, such as 40001, -1 or 45009.
    #[serde(default = "busy")]
    pub code: i64,
    /// Of `status`.
    #[serde(default = "bad_gateway")]
    pub status: u16,
    /// Of `slow`.
    #[serde(default)]
    pub ms: u64,
    /// To so many calls; without it, until it is switched off or its time is over.
    #[serde(default)]
    pub calls: Option<u64>,
    /// For so long.
    #[serde(default)]
    pub seconds: Option<u64>,
    /// The call has its effect first.
    #[serde(default)]
    pub after: bool,
    /// Set when it is switched on.
    #[serde(default)]
    until_ms: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Errcode,
    /// An HTTP status with a page of HTML.
    Status,
    Slow,
    /// Half of the answer.
    Truncated,
    /// JSON that says it is HTML.
    WrongType,
    /// The connection breaks.
    Reset,
}

fn busy() -> i64 {
    -1
}

fn bad_gateway() -> u16 {
    502
}

/// Something that happens to what the platform posts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookFault {
    pub fault: Push,
    /// Of `delay`; of `reorder`, how long at most (two seconds, if it doesn't say).
    #[serde(default)]
    pub ms: u64,
    /// To so many posts; without it, until it is switched off.
    #[serde(default)]
    pub calls: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Push {
    /// Posted twice.
    Duplicate,
    /// Posted after `ms`.
    Delay,
    /// Posted after what comes later, which is posted first.
    Reorder,
    /// The answer is lost: WeChat asks again.
    DropReply,
}

#[derive(Default)]
pub struct Switched(Mutex<Faults>);

impl Switched {
    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first that fits, counted.
    pub fn of_call(&self, path: &str, now: Time) -> Option<ApiFault> {
        let mut faults = self.faults();
        faults.api.retain(|fault| fault.until_ms.is_none_or(|until| until > now.unix_ms()));
        let at = faults.api.iter().position(|fault| path.contains(&fault.path))?;
        let fault = faults.api[at].clone();
        if let Some(calls) = &mut faults.api[at].calls {
            *calls = calls.saturating_sub(1);
            if *calls == 0 {
                faults.api.remove(at);
            }
        }
        Some(fault)
    }

    pub fn of_push(&self) -> Option<WebhookFault> {
        let mut faults = self.faults();
        let fault = faults.webhook.first()?.clone();
        if let Some(calls) = &mut faults.webhook[0].calls {
            *calls = calls.saturating_sub(1);
            if *calls == 0 {
                faults.webhook.remove(0);
            }
        }
        Some(fault)
    }
}

/// `GET /simulator/faults`
pub async fn show(State(simulator): State<Simulator>) -> Json<Value> {
    Json(json!(*simulator.faults().faults()))
}

/// `POST /simulator/faults`
pub async fn switch(State(simulator): State<Simulator>, body: bytes::Bytes) -> Response {
    let mut faults: Faults = match serde_json::from_slice(&body) {
        Ok(faults) => faults,
        Err(error) => return (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response(),
    };
    let now = simulator.now();
    for fault in &mut faults.api {
        fault.until_ms = fault.seconds.map(|seconds| now.plus(Duration::from_secs(seconds)).unix_ms());
    }
    *simulator.faults().faults() = faults.clone();
    Json(json!(faults)).into_response()
}

/// What answers in the endpoint's place, if something does.
pub async fn before(fault: Option<&ApiFault>) -> Option<Response> {
    let fault = fault.filter(|fault| !fault.after)?;
    match fault.fault {
        Kind::Slow => {
            tokio::time::sleep(Duration::from_millis(fault.ms)).await;
            None
        }
        Kind::Truncated | Kind::WrongType => None, // what is spoilt is the answer
        _ => Some(spoilt(fault, Response::default()).await),
    }
}

/// The endpoint's answer, spoilt if something does that.
pub async fn after(fault: Option<&ApiFault>, response: Response) -> Response {
    match fault {
        Some(fault) if fault.after || matches!(fault.fault, Kind::Truncated | Kind::WrongType) => {
            spoilt(fault, response).await
        }
        _ => response,
    }
}

pub fn code(fault: Option<&ApiFault>) -> i64 {
    match fault {
        Some(ApiFault { fault: Kind::Errcode, code, .. }) => *code,
        Some(ApiFault { fault: Kind::Status, status, .. }) => i64::from(*status),
        _ => -1,
    }
}

async fn spoilt(fault: &ApiFault, response: Response) -> Response {
    match fault.fault {
        Kind::Errcode => super::json_response(&refused(fault.code, "simulated fault").json()),
        Kind::Status => not_json(StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_GATEWAY)),
        Kind::Slow => {
            tokio::time::sleep(Duration::from_millis(fault.ms)).await;
            response
        }
        Kind::WrongType => ([(header::CONTENT_TYPE, "text/html")], response.into_body()).into_response(),
        Kind::Truncated => {
            let body = response.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            let half = body.slice(..body.len() / 2);
            ([(header::CONTENT_TYPE, "application/json")], half).into_response()
        }
        Kind::Reset => broken(),
    }
}

/// A body that fails makes the server break the connection off.
fn broken() -> Response {
    let body = axum::body::Body::new(Breaks);
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

struct Breaks;

impl hyper::body::Body for Breaks {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<bytes::Bytes>, std::io::Error>>> {
        std::task::Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())))
    }
}
