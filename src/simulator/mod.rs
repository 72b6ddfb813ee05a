//! A stand-in for WeChat: it signs and posts what a follower does as WeChat would (safe mode, five seconds,
//! three attempts), shows the answers on a chat page, and takes a few calls of WeChat's API. It knows the
//! service only by its address.

mod account;
mod api;
mod page;
mod phone;
mod platform;
mod story;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy as client;
use hyper_util::rt::TokioExecutor;
use secrecy::SecretString;

use crate::moment::{Clock, Shifted, Time};
use crate::wechat::Keys;
use crate::wechat::menu::Menu;
use crate::wechat::message::Kind;
use account::{Account, Stored};
use api::calls::Calls;
use api::faults::Switched;
use phone::{Exchange, Phone, Shown, Way, Wire};
pub use story::Setting;
use story::Tape;

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
    /// From a mass send to its end.
    pub job_takes: Duration,
    /// The clock that service and platform share, if it can be moved.
    pub travel: Option<Arc<Shifted>>,
}

/// Plain HTTP, since the service is in the same process: no proxy of the environment stands between, and no
/// root certificates are needed on the machine.
type Http = client::Client<client::connect::HttpConnector, Full<Bytes>>;

/// WeChat's patience with a webhook.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// Real ones take minutes.
pub const JOB_TAKES: Duration = Duration::from_secs(2);

/// More than WeChat takes of anything.
const UPLOAD_BYTES_MAX: usize = 16 << 20;
/// A result comes a little after the answer to its call.
const TOLD_AFTER: Duration = Duration::from_millis(100);
const TOLD_AT_ONCE: usize = 8;

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
    account: Mutex<Account>,
    calls: Calls,
    faults: Switched,
    tape: Tape,
    /// Woken by every post to the service.
    posted: tokio::sync::Notify,
    /// Results are told a few at a time.
    telling: tokio::sync::Semaphore,
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
        let account = Account {
            templates: api::template::ready(api::template::READY),
            notices: api::template::ready(api::NOTICES),
            menu: serde_json::to_value(&settings.menu).ok(),
            ..Account::default()
        };
        let shared = Shared {
            settings,
            account: Mutex::new(account),
            calls: Calls::default(),
            faults: Switched::default(),
            tape: Tape::default(),
            posted: tokio::sync::Notify::new(),
            telling: tokio::sync::Semaphore::new(TOLD_AT_ONCE),
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

    /// Who runs the service says what a recording of the chats starts from.
    pub fn starts_from(&self, setting: Setting) {
        self.0.tape.starts_from(setting);
    }

    /// The day of its start, for which its sample papers are drawn, however its clock is moved.
    fn begun_on(&self) -> jiff::civil::Date {
        Time::from_unix_ms(self.0.started_ms).date()
    }

    /// The openid of the first follower, to whom staff may send previews.
    pub fn first_openid(&self) -> Option<String> {
        self.phones().openids.first().cloned()
    }

    /// A new person with a phone. The same name gets the same openid at every start.
    fn add(&self, name: &str, subscribed: bool) -> String {
        let mut phones = self.phones();
        let openid = openid(name, &self.0.settings.keys.account);
        if !phones.by_openid.contains_key(&openid) {
            phones.openids.push(openid.clone());
            let now = self.now();
            phones.by_openid.insert(openid.clone(), Phone::new(name, subscribed, now));
        }
        openid
    }

    fn phones(&self) -> MutexGuard<'_, Phones> {
        self.0.phones.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The openid of whom the phone belongs to.
    fn named(&self, name: &str) -> Option<String> {
        let phones = self.phones();
        phones
            .openids
            .iter()
            .find(|id| phones.by_openid.get(*id).is_some_and(|phone| phone.name == name))
            .cloned()
    }

    /// `None` for nobody's openid.
    fn with_phone<T>(&self, openid: &str, act: impl FnOnce(&mut Phone) -> T) -> Option<T> {
        self.phones().by_openid.get_mut(openid).map(act)
    }

    fn show(&self, openid: &str, shown: Shown, exchange: Option<&Arc<Exchange>>) {
        let now = self.now();
        self.with_phone(openid, |phone| phone.show(shown, now, exchange.cloned()));
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.0.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> &Switched {
        &self.0.faults
    }

    /// A picture of a follower's, to be fetched by the account for three days.
    fn keep_picture(&self, content: Bytes) -> String {
        let created = self.now();
        let mut account = self.account();
        let media_id = account.next_id("picture");
        let (kind, name) = ("image".to_owned(), format!("{media_id}.jpg"));
        let stored = Stored { kind, name, content, created };
        account.media.insert(media_id.clone(), stored);
        media_id
    }

    /// Puts what the account sent by itself into the chat.
    fn show_called(&self, openid: &str, shown: Shown, path: &str, body: &Bytes) {
        let body = String::from_utf8_lossy(body);
        let inner = serde_json::from_str::<serde_json::Value>(&body)
            .map_or_else(|_| body.to_string(), |v| format!("{v:#}"));
        let outer = format!("POST {path}?access_token=…\n\n{body}");
        self.show(openid, shown, Some(&Exchange::new(Wire { way: Way::Call, inner, outer })));
    }

    /// Posts what became of something, when the call that it belongs to is answered.
    fn tell_later(&self, openid: &str, kind: Kind) {
        let (simulator, openid) = (self.clone(), openid.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(TOLD_AFTER).await;
            let _few = simulator.0.telling.acquire().await;
            simulator.deliver(&openid, kind, None).await;
        });
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
        .route("/simulator/tools.js", get(page::tools))
        .route("/simulator/wall.js", get(page::wall))
        .route("/simulator/app.css", get(page::style))
        .route("/simulator/state", get(page::state))
        .route("/simulator/followers", post(page::add_follower))
        .route("/simulator/followers/{openid}", get(page::history))
        .route("/simulator/followers/{openid}/act", post(page::act))
        .route("/simulator/followers/{openid}/raw/{bubble}", get(page::raw))
        .route("/simulator/followers/many", post(page::add_many))
        .route("/simulator/clock", get(page::clock).post(page::forward))
        .route("/simulator/pictures/{media_id}", get(page::picture))
        .route("/simulator/samples/{key}", get(page::sample))
        .route("/simulator/story", get(story::story))
        .route("/simulator/calls", get(api::calls::calls))
        .route("/simulator/deliveries", get(api::calls::deliveries))
        .route("/simulator/media/{media_id}", get(api::film))
        .route("/simulator/faults", get(api::faults::show).post(api::faults::switch))
        .route("/simulator/api/{*path}", any(api::call).layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX)))
        .with_state(simulator)
}

#[cfg(test)]
mod tests;
