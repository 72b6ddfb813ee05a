//! The parts that events are made of. In JSON their fields stand beside the message's own, hence some renames.

use serde::Serialize;

/// How a follower came (`EventKey` of `subscribe`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscribeKey {
    /// By search, a friend's card or the like: WeChat gives no key.
    None,
    /// Through a QR code with this scene (`qrscene_` is taken off, once).
    Scene(String),
    /// After a payment (`last_trade_no_` is taken off).
    Trade(String),
    Other(String),
}

const SCENE: &str = "qrscene_";
const TRADE: &str = "last_trade_no_";

impl SubscribeKey {
    pub(super) fn parse(key: String) -> SubscribeKey {
        if key.is_empty() {
            SubscribeKey::None
        } else if let Some(scene) = key.strip_prefix(SCENE) {
            SubscribeKey::Scene(scene.to_owned())
        } else if let Some(trade) = key.strip_prefix(TRADE) {
            SubscribeKey::Trade(trade.to_owned())
        } else {
            SubscribeKey::Other(key)
        }
    }

    /// What stands behind the prefix.
    pub fn text(&self) -> Option<&str> {
        match self {
            SubscribeKey::None => None,
            SubscribeKey::Scene(text) | SubscribeKey::Trade(text) | SubscribeKey::Other(text) => Some(text),
        }
    }

    /// `EventKey` as WeChat writes it.
    pub(super) fn event_key(&self) -> String {
        match self {
            SubscribeKey::None => String::new(),
            SubscribeKey::Scene(scene) => format!("{SCENE}{scene}"),
            SubscribeKey::Trade(trade) => format!("{TRADE}{trade}"),
            SubscribeKey::Other(key) => key.clone(),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ScanCode {
    /// `qrcode`, `barcode` …
    pub scan_type: String,
    pub result: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pictures {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// One MD5 sum (hex) a picture. It is not in the image messages that follow.
    pub md5: Vec<String>,
}

/// The result of a mass send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MassSend {
    #[serde(rename = "job_id")]
    pub msg_id: String,
    pub status: MassStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Left after those who refuse or are over their quota.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filtered: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copyright: Option<CopyrightCheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_urls: Option<ArticleUrls>,
}

/// How a mass send ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MassStatus {
    /// `send success`; for some followers it may have failed.
    Success,
    /// `send fail`
    Fail,
    /// `err(n)`: WeChat's reviewers or the administrator stopped it for reason n.
    Refused(u32),
    Other(String),
}

impl MassStatus {
    pub(super) fn parse(status: &str) -> MassStatus {
        let number = || status.strip_prefix("err(")?.strip_suffix(')')?.parse().ok();
        match status {
            "send success" => MassStatus::Success,
            "send fail" => MassStatus::Fail,
            _ => number().map_or_else(|| MassStatus::Other(status.to_owned()), MassStatus::Refused),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            MassStatus::Success => "send success".to_owned(),
            MassStatus::Fail => "send fail".to_owned(),
            MassStatus::Refused(number) => format!("err({number})"),
            MassStatus::Other(status) => status.clone(),
        }
    }
}

/// How a template message ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateStatus {
    Success,
    /// What stands behind `failed:`, such as `user block`.
    Failed(String),
    Other(String),
}

impl TemplateStatus {
    pub(super) fn parse(status: &str) -> TemplateStatus {
        match (status, status.strip_prefix("failed:")) {
            ("success", _) => TemplateStatus::Success,
            (_, Some(reason)) => TemplateStatus::Failed(reason.trim().to_owned()),
            (other, None) => TemplateStatus::Other(other.to_owned()),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            TemplateStatus::Success => "success".to_owned(),
            TemplateStatus::Failed(reason) => format!("failed:{reason}"),
            TemplateStatus::Other(status) => status.clone(),
        }
    }
}

/// The originality check of a mass send.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CopyrightCheck {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    pub items: Vec<CopyrightItem>,
    /// 1 no reprint, 2 reprint and allowed, 3 reprint and not allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<u32>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CopyrightItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_declare_state: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_state: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_type: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_reprint: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need_replace_content: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need_show_reprint_source: Option<u32>,
}

/// Where sent or published articles are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ArticleUrls {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    pub items: Vec<ArticleUrl>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ArticleUrl {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<u32>,
    pub url: String,
}

/// The result of a publication.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Publication {
    pub publish_id: String,
    /// 0 done, 1 running, 2 originality failed, 3 failed, 4 refused, 5 all deleted, 6 all banned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub articles: Option<ArticleUrls>,
    /// Articles that failed, from 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<u32>,
}

/// A follower's word on one kind of notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentEntry {
    pub template_id: String,
    pub consent: Consent,
    /// Where it was asked: 1 a page, 2 an article, 0 a mini-program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scene: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    Accept,
    Reject,
    /// The template is banned (mini-programs).
    Ban,
    Other(String),
}

impl Consent {
    pub(super) fn parse(word: &str) -> Consent {
        match word {
            "accept" => Consent::Accept,
            "reject" => Consent::Reject,
            "ban" => Consent::Ban,
            other => Consent::Other(other.to_owned()),
        }
    }

    pub(super) fn word(&self) -> &str {
        match self {
            Consent::Accept => "accept",
            Consent::Reject => "reject",
            Consent::Ban => "ban",
            Consent::Other(word) => word,
        }
    }
}

/// Whether one notification arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryEntry {
    pub template_id: String,
    pub msg_id: String,
    /// 0 is success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<i64>,
    pub error_status: String,
}

/// A step of the newer verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerifyStep {
    Paid,
    Dispatched,
    Refill,
    Failed,
}

/// Whose data the account may hold no longer, or not as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AccessChange {
    /// The person; some reports say it may be missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    #[serde(rename = "person_union_id", skip_serializing_if = "Option::is_none")]
    pub union_id: Option<String>,
    /// What was withdrawn: 201 address, 202 invoice, 203 card, 204 microphone, 205 nickname and picture, 206
    /// location, 207 pictures or video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoke_info: Option<String>,
}
