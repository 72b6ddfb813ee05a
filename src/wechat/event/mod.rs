//! Events: what WeChat tells the account without a follower having written.

mod name;
mod parse;
mod parts;
mod write;

use serde::Serialize;

use super::message::Place;

pub(super) use name::LABELS;
pub use parts::{
    AccessChange, ArticleUrl, ArticleUrls, Consent, ConsentEntry, CopyrightCheck, CopyrightItem,
    DeliveryEntry, MassSend, MassStatus, Pictures, Publication, ScanCode, SubscribeKey, TemplateStatus,
    VerifyStep,
};

/// One event with its fields. Texts that are absent are empty; times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Somebody follows the account (关注).
    Subscribe {
        key: SubscribeKey,
        /// Of the QR code that was scanned.
        #[serde(skip_serializing_if = "Option::is_none")]
        ticket: Option<String>,
    },
    /// A follower left (取消关注). No reply reaches them.
    Unsubscribe,
    /// A follower scanned one of the account's QR codes.
    Scan {
        scene: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        ticket: Option<String>,
    },
    /// Where a follower who agreed to tell is. Degrees; precision as WeChat gives it.
    Location {
        #[serde(skip_serializing_if = "Option::is_none")]
        latitude: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        longitude: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        precision: Option<f64>,
    },

    /// A menu button was tapped.
    Click {
        key: String,
    },
    /// A menu button opened a page.
    View {
        url: String,
        /// Which personalised menu it was.
        #[serde(skip_serializing_if = "Option::is_none")]
        menu_id: Option<String>,
    },
    ViewMiniProgram {
        path: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        menu_id: Option<String>,
    },
    /// A code was scanned; the phone acts on the result itself.
    ScanCodePush {
        key: String,
        scan: ScanCode,
    },
    /// A code was scanned; the phone waits for an answer.
    ScanCodeWait {
        key: String,
        scan: ScanCode,
    },
    /// Pictures were taken or chosen; they come as messages of their own.
    PicSysPhoto {
        key: String,
        pictures: Pictures,
    },
    PicPhotoOrAlbum {
        key: String,
        pictures: Pictures,
    },
    PicWeixin {
        key: String,
        pictures: Pictures,
    },
    /// A place was chosen; a location message follows.
    LocationSelect {
        key: String,
        place: Place,
    },

    /// The end of a mass send (群发).
    MassSendJobFinish(MassSend),
    /// A template message was delivered or not.
    TemplateSendJobFinish {
        #[serde(rename = "job_id")]
        msg_id: String,
        status: TemplateStatus,
    },
    /// The end of a publication (发布).
    PublishJobFinish(Publication),

    /// A follower answered a request for consent to notifications (订阅通知).
    SubscribeMsgPopup {
        entries: Vec<ConsentEntry>,
    },
    /// A follower changed consent in the settings.
    SubscribeMsgChange {
        entries: Vec<ConsentEntry>,
    },
    /// A notification was delivered or not.
    SubscribeMsgSent {
        entries: Vec<DeliveryEntry>,
    },

    /// Staff took the follower over in the customer-service desk (客服).
    KfCreateSession {
        account: String,
    },
    KfCloseSession {
        account: String,
    },
    KfSwitchSession {
        from_account: String,
        to_account: String,
    },

    /// Verification of the account itself (微信认证) and of its name.
    QualificationVerifySuccess {
        #[serde(skip_serializing_if = "Option::is_none")]
        expires: Option<i64>,
    },
    QualificationVerifyFail {
        #[serde(skip_serializing_if = "Option::is_none")]
        failed: Option<i64>,
        reason: String,
    },
    NamingVerifySuccess {
        #[serde(skip_serializing_if = "Option::is_none")]
        expires: Option<i64>,
    },
    NamingVerifyFail {
        #[serde(skip_serializing_if = "Option::is_none")]
        failed: Option<i64>,
        reason: String,
    },
    AnnualRenew {
        #[serde(skip_serializing_if = "Option::is_none")]
        expires: Option<i64>,
    },
    VerifyExpired {
        #[serde(skip_serializing_if = "Option::is_none")]
        expires: Option<i64>,
    },
    /// The newer verification steps (`wx_verify_…`).
    WxVerify {
        step: VerifyStep,
        #[serde(skip_serializing_if = "Option::is_none")]
        refill_time: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        refill_reason: Option<String>,
    },

    /// The platform cleaned a person's profile. In this and the next two the person is in the change, not in
    /// `FromUserName`.
    UserInfoModified(AccessChange),
    /// A person withdrew consent: their data must go.
    UserAuthorizationRevoke(AccessChange),
    /// A person deleted their WeChat account.
    UserAuthorizationCancellation(AccessChange),

    UserEnterTempSession {
        #[serde(skip_serializing_if = "Option::is_none")]
        session_from: Option<String>,
    },
    /// Sent by the official push test tool.
    DebugDemo {
        text: String,
    },
    /// An event of a product that this service has no part in (cards, shops, Wi-Fi …): acknowledged, no more.
    OtherProduct {
        name: String,
    },
    /// An event that this version doesn't know; its fields are in the message's `extra`.
    Unknown {
        name: String,
    },
}

impl Event {
    /// `EventKey`: the button's key or address, or the scene of a code; `None` for events without one.
    pub fn key(&self) -> Option<&str> {
        match self {
            Event::Scan { scene: key, .. }
            | Event::Click { key }
            | Event::View { url: key, .. }
            | Event::ViewMiniProgram { path: key, .. }
            | Event::ScanCodePush { key, .. }
            | Event::ScanCodeWait { key, .. }
            | Event::PicSysPhoto { key, .. }
            | Event::PicPhotoOrAlbum { key, .. }
            | Event::PicWeixin { key, .. }
            | Event::LocationSelect { key, .. } => Some(key),
            Event::Subscribe { key, .. } => key.text(),
            _ => None,
        }
    }

    /// `MsgID` of the job whose end this is.
    pub fn msg_id(&self) -> Option<&str> {
        match self {
            Event::MassSendJobFinish(MassSend { msg_id, .. })
            | Event::TemplateSendJobFinish { msg_id, .. } => Some(msg_id),
            _ => None,
        }
    }
}
