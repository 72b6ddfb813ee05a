//! A service of its own for one story: the webhook with everything behind it, and a clock moved by hand.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::Instant;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode};
use secrecy::SecretString;

use super::given::GivenDistrictDesk;
use crate::content::{Content, Severity, Source};
use crate::dispatch::{Dispatch, load_content};
use crate::domain::contact::record::Quotas;
use crate::domain::tables::CATALOG;
use crate::moment::{Clock, Moment, Time};
use crate::server::webhook::{Settings, Webhook};
use crate::server::{Metrics, metrics};
use crate::staff::{Call, Caller};
use crate::store::Store;
use crate::wechat::envelope::AesKey;
use crate::wechat::{Keys, Mode, platform};

/// `ToUserName` of the fixtures.
pub const ACCOUNT: &str = "gh_0123456789ab";
/// An answer takes as long as it takes: a slow machine changes no story.
const PATIENCE: Duration = Duration::from_secs(600);

pub struct Service {
    pub store: Store,
    pub content: Arc<ArcSwap<Content>>,
    pub clock: Arc<StoryClock>,
    webhook: Webhook,
    keys: Keys,
    posts: AtomicU64,
}

/// Stands still until it is moved; its seed never changes.
pub struct StoryClock(AtomicI64);

impl StoryClock {
    pub fn at(now: Time) -> StoryClock {
        StoryClock(AtomicI64::new(now.unix_ms()))
    }

    pub fn set(&self, now: Time) {
        self.0.store(now.unix_ms(), Ordering::SeqCst);
    }

    pub fn advance(&self, span: Duration) {
        self.set(self.moment().now.plus(span));
    }
}

impl Clock for StoryClock {
    fn moment(&self) -> Moment {
        Moment { now: Time::from_unix_ms(self.0.load(Ordering::SeqCst)), seed: 1 }
    }
}

/// What the fixtures' account shares with WeChat; nobody else has it.
pub fn fixture_keys(mode: Mode) -> Keys {
    Keys {
        account: ACCOUNT.to_owned(),
        app_id: "wx0123456789abcdef".to_owned(),
        tokens: vec![SecretString::from("fixtures")],
        aes_keys: AesKey::parse("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG").into_iter().collect(),
        mode,
        window: (mode == Mode::Plain).then_some(Duration::from_secs(600)),
    }
}

impl Service {
    /// `desk`: somebody sits at WeChat's customer-service desk. `public_url`: where followers reach the service.
    pub fn start(mode: Mode, now: Time, desk: bool, public_url: Option<&str>) -> Result<Service, String> {
        let content = embedded_content()?;
        let store = Store::in_memory(CATALOG);
        let clock = Arc::new(StoryClock::at(now));
        let keys = fixture_keys(mode);
        let settings = Settings {
            keys: keys.clone(),
            body_max: 64 << 10,
            body_timeout: PATIENCE,
            reply_deadline: PATIENCE,
        };
        let dispatch = Dispatch::new(store.clone(), Arc::clone(&content), Quotas::default());
        let dispatch = dispatch.with_desk(desk).with_public_url(public_url);
        let metrics = Metrics::register(&mut metrics::registry());
        let machine: Arc<dyn Clock> = Arc::<StoryClock>::clone(&clock);
        let webhook = Webhook::new(settings, dispatch, Arc::clone(&content), machine, metrics);
        Ok(Service { store, content, clock, webhook, keys, posts: AtomicU64::new(0) })
    }

    /// Gives districts desks of their own.
    pub fn give_desks(&self, given: &[GivenDistrictDesk]) -> Result<(), String> {
        if given.is_empty() {
            return Ok(());
        }
        let mut content = read_embedded()?;
        for GivenDistrictDesk { service, district, desk } in given {
            let form = content.services.forms.iter_mut().find(|form| form.kind == *service);
            let form = form.ok_or_else(|| format!("there is no service `{service}`"))?;
            form.district_desks.insert(district.clone(), desk.clone());
        }
        self.content.store(Arc::new(content));
        Ok(())
    }

    pub fn moment(&self) -> Moment {
        self.clock.moment()
    }

    /// A call of that person now.
    pub fn call(&self, who: Caller) -> Call {
        Call::new(&self.store, self.moment(), who)
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::<StoryClock>::clone(&self.clock) as Arc<dyn Clock>
    }

    /// Posts a message as WeChat would; gives the answer as WeChat reads it, or `HTTP 403` and the like.
    pub async fn post(&self, message_xml: &str) -> Result<String, String> {
        let nonce = format!("{}", 1_000_000 + self.posts.fetch_add(1, Ordering::SeqCst));
        let post = platform::post(message_xml, &self.keys, &nonce, self.moment().now);
        let request = Request::post(format!("/wechat?{}", post.query));
        let request = request.body(Full::new(Bytes::from(post.body))).map_err(|error| error.to_string())?;
        let response = self.webhook.answer(request, Instant::now()).await;
        let status = response.status();
        if status != StatusCode::OK {
            return Ok(format!("HTTP {}", status.as_u16()));
        }
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        let body = String::from_utf8(body.to_vec()).map_err(|_| "the answer is not UTF-8".to_owned())?;
        platform::read_answer(&body, &self.keys)
            .map_err(|refused| format!("WeChat could not read the answer: {}", refused.reason()))
    }
}

/// Read and checked once: no story changes it.
///
/// # Errors
/// What is wrong with the embedded files, a line each.
pub fn embedded_content() -> Result<Arc<ArcSwap<Content>>, String> {
    static CONTENT: OnceLock<Result<Arc<Content>, String>> = OnceLock::new();
    let read = || read_embedded().map(Arc::new);
    CONTENT.get_or_init(read).clone().map(|content| Arc::new(ArcSwap::new(content)))
}

fn read_embedded() -> Result<Content, String> {
    load_content(&Source::Embedded).map(|(content, _)| content).map_err(|problems| {
        let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
        errors.map(ToString::to_string).collect::<Vec<_>>().join("\n")
    })
}
