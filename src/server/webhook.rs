//! WeChat's door: what it posts is bounded, verified and made a turn, and answered in time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use hyper::{Method, Request, Response, StatusCode, header};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Metrics;
use super::body::{self, Body, TEXT, answer};
use crate::content::{Content, TextSpec};
use crate::dispatch::{Dispatch, Outcome, Turned, is_waited_for, texts};
use crate::moment::{Clock, Moment};
use crate::privacy::Short;
use crate::store::SubmitError;
use crate::wechat::message::{Inbound, MessageKey};
use crate::wechat::reply::{Reply, SUCCESS};
use crate::wechat::{self, Keys, Opened, Query, Refused, ReplayGuard, Sealing};

/// WeChat's queries have about 200 bytes.
const QUERY_BYTES_MAX: usize = 2 << 10;
const XML: &str = "text/xml; charset=utf-8";

/// What a deployment decides about the webhook.
#[derive(Debug, Clone)]
pub struct Settings {
    pub keys: Keys,
    pub body_max: usize,
    pub body_timeout: Duration,
    /// WeChat gives up after 5 seconds; what takes longer than this is answered through the outbox.
    pub reply_deadline: Duration,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Webhook(Arc<Shared>);

struct Shared {
    settings: Settings,
    guard: Option<ReplayGuard>,
    dispatch: Dispatch,
    content: Arc<ArcSwap<Content>>,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    late: Mutex<Late>,
}

/// Turns that missed their deadline and go on.
#[derive(Default)]
struct Late {
    turns: JoinSet<()>,
    /// The messages whose replies they owe: of WeChat's tries of one, the first that is late owes it.
    owed: HashSet<Owed>,
}

/// Who sent a message, and its key.
type Owed = (String, MessageKey);

/// A verified message on its way to an answer.
struct Turn {
    message: Arc<Inbound>,
    sealing: Sealing,
    moment: Moment,
    arrived: Instant,
}

impl Webhook {
    pub fn new(
        settings: Settings,
        dispatch: Dispatch,
        content: Arc<ArcSwap<Content>>,
        clock: Arc<dyn Clock>,
        metrics: Metrics,
    ) -> Webhook {
        let guard = settings.keys.window.map(ReplayGuard::new);
        let late = Mutex::default();
        Webhook(Arc::new(Shared { settings, guard, dispatch, content, clock, metrics, late }))
    }

    /// `arrived`: since when WeChat waits.
    pub async fn answer<B>(&self, request: Request<B>, arrived: Instant) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let query = request.uri().query().unwrap_or_default();
        if query.len() > QUERY_BYTES_MAX {
            return self.refuse(&Refused::Malformed("the query is too long".to_owned()));
        }
        match *request.method() {
            Method::GET => self.verify(query),
            Method::POST => self.push(request, arrived).await,
            _ => {
                let mut response = body::status(StatusCode::METHOD_NOT_ALLOWED);
                response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, POST"));
                response
            }
        }
    }

    /// Waits until the turns that missed their deadline have come to an end.
    pub async fn settle(&self) {
        let mut turns = std::mem::take(&mut self.late().turns);
        while turns.join_next().await.is_some() {}
    }

    fn late(&self) -> MutexGuard<'_, Late> {
        self.0.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// WeChat's question whether this address knows the token.
    fn verify(&self, query: &str) -> Response<Body> {
        match wechat::verify_url(&Query::parse(query), &self.0.settings.keys) {
            Ok(echo) => {
                let mut response = answer(StatusCode::OK, TEXT, echo);
                let nosniff = header::HeaderValue::from_static("nosniff");
                response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
                response
            }
            Err(refused) => self.refuse(&refused),
        }
    }

    async fn push<B>(&self, request: Request<B>, arrived: Instant) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let settings = &self.0.settings;
        let (head, body) = request.into_parts();
        let body = match body::read(body, settings.body_max, settings.body_timeout).await {
            Ok(body) => body,
            Err(unread) => {
                self.0.metrics.refused(unread.reason());
                return body::status(unread.status());
            }
        };
        let moment = self.0.clock.moment();
        match self.open(head.uri.query().unwrap_or_default(), &body, moment) {
            Ok(Opened { message, sealing, .. }) => {
                self.take(Turn { message: Arc::new(message), sealing, moment, arrived }).await
            }
            Err(refused) => self.refuse(&refused),
        }
    }

    fn open(&self, query: &str, body: &Bytes, moment: Moment) -> Result<Opened, Refused> {
        let opened = wechat::open(&Query::parse(query), body, &self.0.settings.keys, moment.now)?;
        if let (Some(guard), Some(key)) = (&self.0.guard, &opened.replay) {
            guard.check(key, moment.now)?;
        }
        self.0.metrics.skew(opened.skew);
        Ok(opened)
    }

    /// Has the turn done. One that takes too long is not given up: it goes on, and its reply goes through
    /// the outbox, while WeChat is told `success`.
    async fn take(&self, turn: Turn) -> Response<Body> {
        let deadline = turn.arrived + self.0.settings.reply_deadline;
        let dispatch = self.0.dispatch.clone();
        let (message, moment) = (Arc::clone(&turn.message), turn.moment);
        let mut running = Box::pin(async move { dispatch.turn(message, moment).await });
        match tokio::time::timeout_at(deadline, &mut running).await {
            Ok(Ok(turned)) => {
                self.note(&turn, turned.flow, turned.outcome.name());
                self.reply(&turn, turned.reply.as_ref(), turned.reply_created)
            }
            Ok(Err(SubmitError::Busy)) if self.late().owed.contains(&turn.owed()) => {
                self.note(&turn, "none", Outcome::Duplicate.name());
                success()
            }
            Ok(Err(error)) => self.excuse(&turn, &error),
            Err(_) => {
                self.0.metrics.late();
                self.finish_late(turn, running);
                success()
            }
        }
    }

    fn finish_late(
        &self,
        turn: Turn,
        running: impl Future<Output = Result<Turned, SubmitError>> + Send + 'static,
    ) {
        let webhook = self.clone();
        let mut late = self.late();
        while late.turns.try_join_next().is_some() {}
        let owes = late.owed.insert(turn.owed());
        late.turns.spawn(async move {
            let delivered = match running.await {
                Ok(turned) => {
                    webhook.note(&turn, turned.flow, "late");
                    let at = webhook.0.clock.moment();
                    if owes { webhook.0.dispatch.deliver_late(turned, at).await } else { Ok(()) }
                }
                Err(error) => Err(error),
            };
            if owes {
                webhook.late().owed.remove(&turn.owed());
            }
            if let Err(error) = delivered {
                webhook.note(&turn, "none", "lost");
                tracing::error!(turn = turn.id(), %error, "a late turn's reply is lost");
            }
        });
    }

    /// Nothing was done, and the follower is told so at once rather than by WeChat's word of a breakdown. What nobody
    /// waits for (who left, what became of a notice) is refused, so that WeChat sends it again.
    fn excuse(&self, turn: &Turn, error: &SubmitError) -> Response<Body> {
        let (outcome, spec): (&'static str, &TextSpec) = match error {
            SubmitError::Busy => ("busy", &texts::BUSY),
            SubmitError::Full
            | SubmitError::Unavailable(_)
            | SubmitError::Damaged(_)
            | SubmitError::Occupied
            | SubmitError::Closed => ("unavailable", &texts::UNAVAILABLE),
            SubmitError::Fault(_) | SubmitError::Bug(_) => ("trouble", &texts::TROUBLE),
        };
        match error {
            SubmitError::Busy => tracing::debug!(turn = turn.id(), "busy"),
            _ => tracing::error!(turn = turn.id(), %error, "a turn failed"),
        }
        self.note(turn, "none", outcome);
        if !is_waited_for(&turn.message) {
            return body::status(StatusCode::SERVICE_UNAVAILABLE);
        }
        let content = self.0.content.load().texts.render(spec, &[]);
        self.reply(turn, Some(&Reply::Text { content }), turn.moment.now.unix_s())
    }

    fn reply(&self, turn: &Turn, reply: Option<&Reply>, created: i64) -> Response<Body> {
        let Some(reply) = reply else { return success() };
        let keys = &self.0.settings.keys;
        let xml = reply.render(&turn.message.from, &keys.account, created);
        // The reply's own time, so that a message sent again is answered by the same bytes.
        let sealed = turn.sealing.answer(xml, keys, crate::moment::Time::from_unix_s(created));
        answer(StatusCode::OK, XML, sealed)
    }

    fn refuse(&self, refused: &Refused) -> Response<Body> {
        self.0.metrics.refused(refused.reason());
        tracing::info!(reason = refused.reason(), %refused, "refused a request to the webhook");
        body::status(StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::FORBIDDEN))
    }

    fn note(&self, turn: &Turn, flow: &'static str, outcome: &'static str) {
        let took = turn.arrived.elapsed();
        self.0.metrics.turn(flow, outcome, took);
        tracing::info!(
            turn = turn.id(),
            follower = %Short(&turn.message.from),
            kind = turn.message.kind_name(),
            flow,
            outcome,
            took_us = took.as_micros() as u64,
            "turn"
        );
    }
}

impl Turn {
    fn owed(&self) -> Owed {
        (self.message.from.clone(), self.message.key())
    }

    /// Its moment's seed, which the store's trail of this turn can be found by.
    fn id(&self) -> tracing::field::DisplayValue<Hex> {
        tracing::field::display(Hex(self.moment.seed))
    }
}

struct Hex(u64);

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

fn success() -> Response<Body> {
    answer(StatusCode::OK, TEXT, SUCCESS)
}

#[cfg(test)]
mod tests;
