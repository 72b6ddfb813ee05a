//! The account (公众号) that the service answers for, and what it shares with WeChat.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::reader::Section;
use super::value::{Raw, Setting, word};
use crate::wechat::envelope::AesKey;
use crate::wechat::{self, Mode};

/// Replays are refused in plain mode after this long, since there the signature doesn't cover the body.
const PLAIN_REPLAY_WINDOW: Duration = Duration::from_secs(600);

#[derive(Debug, Clone)]
pub struct Account {
    /// What pushes are verified and opened with.
    pub keys: wechat::Keys,
    /// For calls to WeChat's API.
    pub app_secret: Option<SecretString>,
}

impl Account {
    pub(super) fn read(section: &mut Section<'_>) -> Account {
        let mode = section.or("mode", Mode::Safe);
        let window = section.optional::<Window>("replay_window");
        let keys = wechat::Keys {
            account: account_id(section),
            app_id: app_id(section, mode),
            tokens: tokens(section),
            aes_keys: aes_keys(section, mode),
            mode,
            window: window.map_or((mode == Mode::Plain).then_some(PLAIN_REPLAY_WINDOW), |w| w.0),
        };
        Account { keys, app_secret: section.secret("app_secret") }
    }
}

fn account_id(section: &mut Section<'_>) -> String {
    let id: String = section.required("id");
    if section.is_given("id") && !is_name(&id, "gh_") {
        section.problem("id", "must be the account's original id, like \"gh_3c884a361561\"");
    }
    id
}

fn app_id(section: &mut Section<'_>, mode: Mode) -> String {
    let app_id: Option<String> = section.optional("app_id");
    match &app_id {
        Some(app_id) if !is_name(app_id, "wx") => {
            section.problem("app_id", "must be the account's AppID, like \"wx5823bf96d3bd56c7\"");
        }
        None => needed_unless_plain(section, "app_id", mode),
        _ => {}
    }
    app_id.unwrap_or_default()
}

/// The current one, then the previous one if it is still taken.
fn tokens(section: &mut Section<'_>) -> Vec<SecretString> {
    let current = section.required_secret("token");
    let given = [("token", Some(current)), ("token_previous", section.secret("token_previous"))];
    let mut tokens = Vec::new();
    for (key, token) in given {
        let Some(token) = token.filter(|token| !token.expose_secret().is_empty()) else { continue };
        if !is_token(token.expose_secret()) {
            section.problem(key, "must be 3 to 32 letters and digits, as WeChat's console asks");
        }
        tokens.push(token);
    }
    tokens
}

fn aes_keys(section: &mut Section<'_>, mode: Mode) -> Vec<AesKey> {
    let mut keys = Vec::new();
    for key in ["encoding_aes_key", "encoding_aes_key_previous"] {
        let Some(text) = section.secret(key) else { continue };
        match AesKey::parse(text.expose_secret()) {
            Ok(aes_key) => keys.push(aes_key),
            Err(_) => section.problem(key, "must be the 43 letters and digits of WeChat's console"),
        }
    }
    needed_unless_plain(section, "encoding_aes_key", mode);
    keys
}

fn needed_unless_plain(section: &mut Section<'_>, key: &str, mode: Mode) {
    if mode != Mode::Plain && !section.is_given(key) {
        section.problem(key, "is missing; only mode = \"plain\" works without it");
    }
}

fn is_name(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).unwrap_or("");
    (1..=64).contains(&rest.len())
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_token(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (3..=32).contains(&text.len()) && text.bytes().all(plain)
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
