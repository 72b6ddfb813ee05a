//! The access token: fetched once however many calls wait for it, renewed ahead of its end, kept over a restart.
//!
//! Source: «获取稳定版接口调用凭据» and «获取接口调用凭据».

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::call::Call;
use super::failure::{Failure, Reaction};
use super::transport::{Body, Request};
use super::{Client, lenient};
use crate::moment::Time;

const STABLE: Call = Call::ask("/cgi-bin/stable_token");
const PLAIN: Call = Call::get("/cgi-bin/token");

/// Renewed this long before its end. WeChat's stable token gets a successor five minutes before it ends; asking
/// sooner would only bring the same one.
const AHEAD: Duration = Duration::from_secs(240);
/// Renewing ahead of the end is tried no more often than this.
const AHEAD_PAUSE: Duration = Duration::from_secs(10);
/// After a token that was just renewed is refused too, renewing doesn't help for this long.
const RENEWAL_PAUSE: Duration = Duration::from_secs(10);
/// WeChat takes `force_refresh` 20 times a day, 30 seconds apart.
const FORCE_PAUSE: Duration = Duration::from_secs(30);
/// Keeping a token must not hold up the calls that wait for it.
const KEEP_LIMIT: Duration = Duration::from_secs(5);
/// WeChat asks for room for this much.
const TOKEN_BYTES_MAX: usize = 512;

const WRONG_SECRET: &str =
    "account.app_secret is wrong: copy or reset it in the console (设置与开发 › 开发接口管理)";

pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where a token survives a restart, so that it isn't fetched anew.
pub trait Tokens: Send + Sync + 'static {
    /// The token last saved; also one that has ended since.
    fn load(&self) -> Boxed<'_, Option<StoredToken>>;
    fn save<'a>(&'a self, token: &'a StoredToken) -> Boxed<'a, ()>;
}

/// Nowhere: for programs that make a few calls and end.
#[derive(Debug, Default)]
pub struct NotKept;

impl Tokens for NotKept {
    fn load(&self) -> Boxed<'_, Option<StoredToken>> {
        Box::pin(std::future::ready(None))
    }

    fn save<'a>(&'a self, _: &'a StoredToken) -> Boxed<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// An access token and when it ends. Printing it doesn't show it.
#[derive(Debug, Clone)]
pub struct StoredToken {
    pub token: SecretString,
    pub expires: Time,
}

/// Which of WeChat's two kinds of token is fetched. They don't disturb each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenKind {
    /// Several programs may fetch it and get the same one.
    #[default]
    Stable,
    /// Whoever fetches one ends the one before.
    Plain,
}

/// The current token and what is known of the attempts to renew it.
pub(super) struct Keeper {
    tokens: Arc<dyn Tokens>,
    current: Mutex<Option<StoredToken>>,
    /// Held by the one call that fetches.
    fetching: tokio::sync::Mutex<Fetching>,
    /// How many fetches have ended: who waited for one shares its outcome.
    ended: AtomicU64,
}

#[derive(Default)]
struct Fetching {
    is_loaded: bool,
    failed: Option<Failure>,
    tried_ahead: Option<Time>,
    renewed: Option<Time>,
    forced: Option<Time>,
}

#[derive(Deserialize)]
struct Granted {
    #[serde(default, deserialize_with = "lenient::text")]
    access_token: String,
    #[serde(default, deserialize_with = "lenient::number")]
    expires_in: u32,
}

impl Keeper {
    pub(super) fn new(tokens: Arc<dyn Tokens>) -> Keeper {
        let fetching = tokio::sync::Mutex::default();
        Keeper { tokens, current: Mutex::default(), fetching, ended: AtomicU64::new(0) }
    }

    /// The current token, if it hasn't ended.
    fn current(&self, now: Time) -> Option<StoredToken> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().filter(|token| token.expires > now).cloned()
    }

    fn take(&self, token: StoredToken) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }

    fn ended(&self) -> u64 {
        self.ended.load(Ordering::Acquire)
    }
}

impl Client {
    /// Whether WeChat gives the account a token at all; a token that is still good counts.
    pub async fn check_credentials(&self) -> Result<(), Failure> {
        self.token().await.map(|_| ())
    }

    /// A token for one call.
    pub(super) async fn token(&self) -> Result<SecretString, Failure> {
        let now = self.now();
        match self.0.keeper.current(now) {
            Some(token) if token.expires.since(now) > AHEAD => Ok(token.token),
            Some(token) => Ok(self.renewed_ahead(token.token).await),
            None => self.first_token().await,
        }
    }

    /// A successor, if it can be had at once; else the token that still works. One caller asks, and the others go on.
    async fn renewed_ahead(&self, token: SecretString) -> SecretString {
        let Ok(mut fetching) = self.0.keeper.fetching.try_lock() else { return token };
        let now = self.now();
        if fetching.tried_ahead.is_some_and(|last| now.since(last) < AHEAD_PAUSE) {
            return token;
        }
        fetching.tried_ahead = Some(now);
        self.fetch(&mut fetching, false).await.unwrap_or(token)
    }

    async fn first_token(&self) -> Result<SecretString, Failure> {
        let keeper = &self.0.keeper;
        let ended = keeper.ended();
        let mut fetching = keeper.fetching.lock().await;
        if let Some(token) = keeper.current(self.now()) {
            return Ok(token.token);
        }
        if let Some(failure) = fetching.failed_meanwhile(keeper.ended() != ended) {
            return Err(failure);
        }
        if let Some(kept) = self.load_once(&mut fetching).await {
            return Ok(kept);
        }
        self.fetch(&mut fetching, false).await
    }

    /// Another token than the one that WeChat refused: one that somebody fetched meanwhile, else a fresh one.
    pub(super) async fn renewed(&self, refused: &SecretString) -> Result<SecretString, Failure> {
        let keeper = &self.0.keeper;
        let ended = keeper.ended();
        let mut fetching = keeper.fetching.lock().await;
        let now = self.now();
        if let Some(current) = keeper.current(now).filter(|current| !same(&current.token, refused)) {
            return Ok(current.token);
        }
        if let Some(failure) = fetching.failed_meanwhile(keeper.ended() != ended) {
            return Err(failure);
        }
        if fetching.renewed.is_some_and(|last| now.since(last) < RENEWAL_PAUSE) {
            return Err(Failure::not_done(self.token_call(), "WeChat refuses the token that it just gave"));
        }
        fetching.renewed = Some(now);
        let fresh = self.fetch(&mut fetching, false).await?;
        let may_force = fetching.forced.is_none_or(|last| now.since(last) >= FORCE_PAUSE);
        if same(&fresh, refused) && self.0.settings.token_kind == TokenKind::Stable && may_force {
            fetching.forced = Some(now);
            return self.fetch(&mut fetching, true).await;
        }
        Ok(fresh)
    }

    async fn load_once(&self, fetching: &mut Fetching) -> Option<SecretString> {
        if std::mem::replace(&mut fetching.is_loaded, true) {
            return None;
        }
        let kept = timeout(KEEP_LIMIT, self.0.keeper.tokens.load()).await.ok().flatten()?;
        let token = Some(kept).filter(|kept| kept.expires > self.now())?;
        self.0.keeper.take(token.clone());
        Some(token.token)
    }

    /// One fetch, by who holds the lock. If it fails, the current token stays.
    async fn fetch(&self, fetching: &mut Fetching, force: bool) -> Result<SecretString, Failure> {
        let keeper = &self.0.keeper;
        let granted = self.ask_for_token(force).await;
        fetching.failed = granted.as_ref().err().cloned();
        if let Ok(token) = &granted {
            keeper.take(token.clone());
        }
        keeper.ended.fetch_add(1, Ordering::Release);
        let token = granted?;
        if timeout(KEEP_LIMIT, keeper.tokens.save(&token)).await.is_err() {
            tracing::warn!("the access token could not be kept in time; a restart will fetch another");
        }
        Ok(token.token)
    }

    async fn ask_for_token(&self, force: bool) -> Result<StoredToken, Failure> {
        let asked = self.now();
        let granted: Granted = match self.0.settings.token_kind {
            TokenKind::Stable => self.ask_for_stable(force).await,
            TokenKind::Plain => self.ask_for_plain().await,
        }
        .map_err(of_the_fetch)?;
        let (bytes, lasts) = (granted.access_token.len(), granted.expires_in);
        if bytes == 0 || bytes > TOKEN_BYTES_MAX || lasts == 0 {
            let message = format!("the answer holds a token of {bytes} bytes for {lasts} seconds");
            return Err(Failure::not_done(self.token_call(), message));
        }
        let expires = asked.plus(Duration::from_secs(lasts.into()));
        Ok(StoredToken { token: granted.access_token.into(), expires })
    }

    async fn ask_for_stable(&self, force: bool) -> Result<Granted, Failure> {
        let settings = &self.0.settings;
        let body = json!({
            "grant_type": "client_credential",
            "appid": settings.app_id,
            "secret": settings.app_secret.expose_secret(),
            "force_refresh": force,
        });
        self.open(&Request { call: &STABLE, query: &[], body: Body::json(&STABLE, &body)? }).await
    }

    async fn ask_for_plain(&self) -> Result<Granted, Failure> {
        let settings = &self.0.settings;
        let query = [
            ("grant_type", "client_credential"),
            ("appid", settings.app_id.as_str()),
            ("secret", settings.app_secret.expose_secret()),
        ];
        self.open(&Request { call: &PLAIN, query: &query, body: Body::Empty }).await
    }

    fn token_call(&self) -> &'static Call {
        match self.0.settings.token_kind {
            TokenKind::Stable => &STABLE,
            TokenKind::Plain => &PLAIN,
        }
    }

    pub(super) fn now(&self) -> Time {
        self.0.clock.moment().now
    }
}

impl Fetching {
    fn failed_meanwhile(&self, has_ended: bool) -> Option<Failure> {
        self.failed.clone().filter(|_| has_ended)
    }
}

/// Without a token nothing was sent, so the call that wanted one was surely not done. Here, unlike in other calls,
/// 40001 speaks of the secret.
fn of_the_fetch(failure: Failure) -> Failure {
    let reaction = match failure.code {
        Some(40001) => Reaction::Misconfigured(WRONG_SECRET),
        _ => failure.reaction,
    };
    Failure { reaction, ..failure }
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
