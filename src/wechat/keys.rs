use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::envelope::AesKey;

/// Which account this is and what it shares with WeChat.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The account's original id, `gh_…`: `ToUserName` of every push.
    pub account: String,
    /// `wx…`: stands at the end of every sealed text.
    pub app_id: String,
    /// The current token and, while it is being changed, the previous one.
    pub tokens: Vec<SecretString>,
    /// The current key and, while it is being changed, the previous one. May be empty in plain mode.
    pub aes_keys: Vec<AesKey>,
    pub mode: Mode,
    /// How far a request's timestamp may be from now; `None` for any distance.
    pub window: Option<Duration>,
}

/// How pushes come, as set in the account's console (消息加解密方式).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// 明文: the signature covers no byte of the body.
    Plain,
    /// 兼容: the body holds the plain fields beside the envelope; only the envelope is believed.
    Compatible,
    /// 安全: the envelope alone.
    Safe,
}
