//! The account (公众号) that the service answers for, and what it shares with WeChat.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::reader::Section;
use super::value::{Raw, Setting, word};

/// Replays are refused in plain mode after this long, since there the signature doesn't cover the body.
const PLAIN_REPLAY_WINDOW: Duration = Duration::from_secs(600);
const AES_KEY_CHARS: usize = 43;

#[derive(Debug, Clone)]
pub struct Account {
    /// The account's original id, `gh_…`: every message's ToUserName.
    pub id: String,
    /// `wx…`; empty only in plain mode.
    pub app_id: String,
    pub app_secret: Option<SecretString>,
    pub mode: Mode,
    pub token: SecretString,
    pub token_previous: Option<SecretString>,
    pub encoding_aes_key: Option<SecretString>,
    pub encoding_aes_key_previous: Option<SecretString>,
    /// How far a request's timestamp may be from now; `None`: any distance.
    pub replay_window: Option<Duration>,
}

/// How messages travel (消息加解密方式): 明文, 兼容 or 安全模式.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    Plain,
    Compatible,
    #[default]
    Safe,
}

impl Account {
    pub(super) fn read(section: &mut Section<'_>) -> Account {
        let mode = section.or("mode", Mode::default());
        let window = section.optional::<Window>("replay_window");
        let account = Account {
            id: section.required("id"),
            app_id: section.or("app_id", String::new()),
            app_secret: section.secret("app_secret"),
            mode,
            token: section.required_secret("token"),
            token_previous: section.secret("token_previous"),
            encoding_aes_key: section.secret("encoding_aes_key"),
            encoding_aes_key_previous: section.secret("encoding_aes_key_previous"),
            replay_window: window.map_or((mode == Mode::Plain).then_some(PLAIN_REPLAY_WINDOW), |w| w.0),
        };
        account.check(section);
        account
    }

    fn check(&self, section: &mut Section<'_>) {
        if section.is_given("id") && !is_name(&self.id, "gh_") {
            section.problem("id", "must be the account's original id, like \"gh_3c884a361561\"");
        }
        if !self.app_id.is_empty() && !is_name(&self.app_id, "wx") {
            section.problem("app_id", "must be the account's AppID, like \"wx5823bf96d3bd56c7\"");
        }
        if self.mode != Mode::Plain {
            for key in ["app_id", "encoding_aes_key"] {
                if !section.is_given(key) {
                    section.problem(key, "is missing; only mode = \"plain\" works without it");
                }
            }
        }
        for (key, token) in [("token", Some(&self.token)), ("token_previous", self.token_previous.as_ref())] {
            let token = token.map(|token| token.expose_secret()).filter(|token| !token.is_empty());
            if token.is_some_and(|token| !is_token(token)) {
                section.problem(key, "must be 3 to 32 letters and digits, as WeChat's console asks");
            }
        }
        let keys = [
            ("encoding_aes_key", &self.encoding_aes_key),
            ("encoding_aes_key_previous", &self.encoding_aes_key_previous),
        ];
        for (key, value) in keys {
            if value.as_ref().is_some_and(|value| !is_aes_key(value.expose_secret())) {
                section.problem(key, "must be the 43 letters and digits of WeChat's console");
            }
        }
    }
}

fn is_name(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).unwrap_or("");
    (1..=64).contains(&rest.len())
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_token(text: &str) -> bool {
    (3..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_aes_key(text: &str) -> bool {
    text.len() == AES_KEY_CHARS && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl Setting for Mode {
    const EXPECTED: &'static str = "\"plain\", \"compatible\" or \"safe\"";
    fn from_raw(raw: &Raw) -> Option<Mode> {
        word(raw, &[("plain", Mode::Plain), ("compatible", Mode::Compatible), ("safe", Mode::Safe)])
    }
}

struct Window(Option<Duration>);

impl Setting for Window {
    const EXPECTED: &'static str = "a time like \"10m\", or \"off\"";
    fn from_raw(raw: &Raw) -> Option<Window> {
        match raw.text()?.trim() {
            "off" => Some(Window(None)),
            _ => Duration::from_raw(raw).map(|window| Window(Some(window))),
        }
    }
}
