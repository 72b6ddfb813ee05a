//! How the service reaches WeChat.

use std::time::Duration;

use super::Account;
use super::reader::Section;
use super::value::{Raw, Setting, word};
use crate::wechat::api::{self, TokenKind};

/// A call that takes longer than this is none.
const TIMEOUT_MAX: Duration = Duration::from_secs(600);

#[derive(Debug, Clone)]
pub struct Wechat {
    /// Where API calls go, without a slash at its end.
    pub api_base: String,
    /// Which of WeChat's two kinds of access token is used.
    pub token_kind: TokenKind,
    pub connect_timeout: Duration,
    /// From sending a call to the end of its answer.
    pub timeout: Duration,
    /// The same for pictures, recordings and films.
    pub media_timeout: Duration,
}

impl Wechat {
    pub(super) fn read(section: &mut Section<'_>) -> Wechat {
        let defaults = api::Settings::new(api::BASE, "", "".into());
        let api_base: String = section.or("api_base", defaults.base);
        let uri = api_base.parse::<http::Uri>().ok();
        let is_http = uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
        if !is_http {
            section.problem("api_base", "must be an address like \"https://api.weixin.qq.com\"");
        }
        let mut timeout = |key: &str, default| {
            let timeout = section.or(key, default);
            if timeout > TIMEOUT_MAX {
                section.problem(key, "must be at most 10m");
            }
            timeout
        };
        Wechat {
            api_base: api_base.trim_end_matches('/').to_owned(),
            connect_timeout: timeout("connect_timeout", defaults.connect_timeout),
            timeout: timeout("timeout", defaults.timeout),
            media_timeout: timeout("media_timeout", defaults.media_timeout),
            token_kind: section.or("token_kind", defaults.token_kind),
        }
    }

    /// What a client for the account needs; `None` without `account.app_id` and `account.app_secret`.
    pub fn api(&self, account: &Account) -> Option<api::Settings> {
        let app_id = Some(account.keys.app_id.as_str()).filter(|app_id| !app_id.is_empty())?;
        let app_secret = account.app_secret.clone()?;
        Some(api::Settings {
            token_kind: self.token_kind,
            connect_timeout: self.connect_timeout,
            timeout: self.timeout,
            media_timeout: self.media_timeout,
            ..api::Settings::new(&self.api_base, app_id, app_secret)
        })
    }
}

impl Setting for TokenKind {
    const EXPECTED: &'static str = "\"stable\" or \"plain\"";
    fn from_raw(raw: &Raw) -> Option<TokenKind> {
        word(raw, &[("stable", TokenKind::Stable), ("plain", TokenKind::Plain)])
    }
}
