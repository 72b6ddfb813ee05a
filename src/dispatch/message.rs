//! What a message is to the dispatcher.

use crate::wechat::event::{Event, SubscribeKey};
use crate::wechat::message::{Inbound, Kind};

/// What WeChat writes in place of a sticker that it can't show.
const UNSUPPORTED: &str = "【收到不支持的消息类型";

/// A message by what it asks of us.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked<'a> {
    /// Typed, spoken (and recognised), or sent by a tap on one of our links.
    Said {
        words: &'a str,
        tap: Option<&'a str>,
    },
    Menu {
        key: &'a str,
    },
    Followed {
        key: &'a SubscribeKey,
    },
    Left,
    Scanned {
        scene: &'a str,
    },
    /// The phone shows a wheel until an answer comes.
    ScannedForUs,
    /// Something that is no words; the name of the text that answers it outside a dialogue.
    Wordless(Wordless),
    /// Nobody waits for an answer.
    Told,
    /// What became of something that we sent; the follower did nothing.
    Reported,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wordless {
    Picture,
    Voice,
    Video,
    Place,
    Link,
    MiniProgram,
    Sticker,
    File,
    Unknown,
}

/// Whose message it is: `None` for what the platform tells of itself.
pub fn follower(message: &Inbound) -> Option<&str> {
    let Kind::Event(event) = &message.kind else { return Some(&message.from) };
    match event {
        Event::UserAuthorizationCancellation(change) | Event::UserAuthorizationRevoke(change) => {
            change.open_id.as_deref()
        }
        Event::MassSendJobFinish { .. }
        | Event::PublishJobFinish { .. }
        | Event::UserInfoModified(_)
        | Event::QualificationVerifySuccess { .. }
        | Event::QualificationVerifyFail { .. }
        | Event::NamingVerifySuccess { .. }
        | Event::NamingVerifyFail { .. }
        | Event::AnnualRenew { .. }
        | Event::VerifyExpired { .. }
        | Event::WxVerify { .. }
        | Event::DebugDemo { .. }
        | Event::OtherProduct { .. }
        | Event::Unknown { .. } => None,
        _ => Some(&message.from),
    }
}

pub fn asked(message: &Inbound) -> Asked<'_> {
    match &message.kind {
        Kind::Text { content, .. } if content.starts_with(UNSUPPORTED) => Asked::Wordless(Wordless::Sticker),
        Kind::Text { content, menu_id } => Asked::Said { words: content, tap: menu_id.as_deref() },
        Kind::Voice { recognition: Some(words), .. } if !words.trim().is_empty() => {
            Asked::Said { words, tap: None }
        }
        Kind::Voice { .. } => Asked::Wordless(Wordless::Voice),
        Kind::Image { .. } => Asked::Wordless(Wordless::Picture),
        Kind::Video { .. } | Kind::ShortVideo { .. } => Asked::Wordless(Wordless::Video),
        Kind::Location(_) => Asked::Wordless(Wordless::Place),
        Kind::Link { .. } => Asked::Wordless(Wordless::Link),
        Kind::MiniProgramPage { .. } => Asked::Wordless(Wordless::MiniProgram),
        Kind::File { .. } => Asked::Wordless(Wordless::File),
        Kind::Unknown { .. } => Asked::Wordless(Wordless::Unknown),
        Kind::Event(event) => match event {
            Event::Subscribe { key, .. } => Asked::Followed { key },
            Event::Unsubscribe | Event::UserAuthorizationCancellation(_) => Asked::Left,
            Event::Scan { scene, .. } => Asked::Scanned { scene },
            Event::Click { key } => Asked::Menu { key },
            Event::ScanCodeWait { .. } => Asked::ScannedForUs,
            Event::TemplateSendJobFinish { .. } | Event::SubscribeMsgSent { .. } => Asked::Reported,
            _ => Asked::Told,
        },
    }
}

/// Does a follower look at their phone for an answer to it? If not, a message that could not be taken in is refused:
/// WeChat sends it again.
pub fn is_waited_for(message: &Inbound) -> bool {
    let asked = asked(message);
    follower(message).is_some() && !matches!(asked, Asked::Left | Asked::Told | Asked::Reported)
}

/// What a message allows us to send afterwards (WeChat, 客服消息).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opens {
    /// For 48 hours.
    Window,
    /// For a minute. A tap on a link of ours is one too, though it comes as a text.
    Minute,
    Nothing,
}

pub fn opens(message: &Inbound) -> Opens {
    match &message.kind {
        Kind::Text { menu_id: Some(_), .. } => Opens::Minute,
        Kind::Event(event) => match event {
            Event::Subscribe { .. }
            | Event::Scan { .. }
            | Event::Click { .. }
            | Event::ScanCodePush { .. }
            | Event::ScanCodeWait { .. } => Opens::Minute,
            _ => Opens::Nothing,
        },
        _ => Opens::Window,
    }
}
