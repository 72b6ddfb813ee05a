//! A stand-in for WeChat: it signs and posts what a follower does as WeChat would (safe mode, five seconds,
//! three attempts), shows the answers on a chat page, and takes a few calls of WeChat's API. It knows the
//! service only by its address.

mod api;
mod page;
mod phone;
mod platform;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy as client;
use hyper_util::rt::TokioExecutor;
use secrecy::SecretString;

use crate::moment::{Clock, Time};
use crate::wechat::Keys;
use crate::wechat::menu::Menu;
use phone::{Exchange, Phone, Shown};

/// What the platform knows of the account.
#[derive(Clone)]
pub struct Settings {
    /// Without a path: `http://127.0.0.1:8080`.
    pub service_url: String,
    /// The webhook's path: `/wechat`.
    pub webhook_path: String,
    pub keys: Keys,
    pub app_secret: Option<SecretString>,
    pub menu: Menu,
    pub account_name: String,
    /// How long an answer may take; WeChat: 5 seconds.
    pub patience: Duration,
}

/// Plain HTTP, since the service is in the same process: no proxy of the environment stands between, and no
/// root certificates are needed on the machine.
type Http = client::Client<client::connect::HttpConnector, Full<Bytes>>;

/// WeChat's patience with a webhook.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Followers that are there from the start, and follow already.
const READY_MADE: &[&str] = &["小梅", "老王", "阿强"];

/// Cheap to clone.
#[derive(Clone)]
pub struct Simulator(Arc<Shared>);

struct Shared {
    settings: Settings,
    clock: Arc<dyn Clock>,
    http: Http,
    phones: Mutex<Phones>,
    message_ids: AtomicU64,
    /// Tells an open page that this is another start, whose chats begin anew.
    started_ms: i64,
}

#[derive(Default)]
struct Phones {
    /// In the order in which they were added.
    openids: Vec<String>,
    by_openid: HashMap<String, Phone>,
}

impl Simulator {
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Simulator {
        let now = clock.moment().now;
        let shared = Shared {
            settings,
            clock,
            http: client::Client::builder(TokioExecutor::new()).build_http(),
            phones: Mutex::default(),
            // Above those of an earlier start on the same data.
            message_ids: AtomicU64::new(7_000_000_000_000_000_000 + now.unix_ms().unsigned_abs() * 1000),
            started_ms: now.unix_ms(),
        };
        let simulator = Simulator(Arc::new(shared));
        for name in READY_MADE {
            simulator.add(name, true);
        }
        simulator
    }

    /// A new person with a phone. The same name gets the same openid at every start.
    fn add(&self, name: &str, subscribed: bool) -> String {
        let mut phones = self.phones();
        let openid = openid(name, &self.0.settings.keys.account);
        if !phones.by_openid.contains_key(&openid) {
            phones.openids.push(openid.clone());
            phones.by_openid.insert(openid.clone(), Phone::new(name, subscribed));
        }
        openid
    }

    fn phones(&self) -> MutexGuard<'_, Phones> {
        self.0.phones.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` for nobody's openid.
    fn with_phone<T>(&self, openid: &str, act: impl FnOnce(&mut Phone) -> T) -> Option<T> {
        self.phones().by_openid.get_mut(openid).map(act)
    }

    fn show(&self, openid: &str, shown: Shown, exchange: Option<&Arc<Exchange>>) {
        let now = self.now();
        self.with_phone(openid, |phone| phone.show(shown, now, exchange.cloned()));
    }

    fn now(&self) -> Time {
        self.0.clock.moment().now
    }

    fn next_message_id(&self) -> u64 {
        self.0.message_ids.fetch_add(1, Ordering::Relaxed)
    }
}

/// 28 characters, as WeChat's: an `o`, and a hash of the name and the account.
fn openid(name: &str, account: &str) -> String {
    use sha2::{Digest, Sha256};
    let hash = hex::encode(Sha256::digest(format!("{account} {name}")));
    format!("o{}", &hash[..27])
}

/// Everything under `/simulator`.
pub fn router(simulator: Simulator) -> Router {
    Router::new()
        .route("/simulator", get(page::redirect))
        .route("/simulator/", get(page::html))
        .route("/simulator/app.js", get(page::script))
        .route("/simulator/app.css", get(page::style))
        .route("/simulator/state", get(page::state))
        .route("/simulator/followers", post(page::add_follower))
        .route("/simulator/followers/{openid}", get(page::history))
        .route("/simulator/followers/{openid}/act", post(page::act))
        .route("/simulator/followers/{openid}/raw/{bubble}", get(page::raw))
        .nest("/simulator/api/cgi-bin", api::router())
        .with_state(simulator)
}

#[cfg(test)]
mod tests;
