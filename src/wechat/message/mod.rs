//! What followers send and what WeChat tells about them, as values.

mod fields;
mod key;
mod parse;
mod write;

use std::time::Duration;

use serde::Serialize;

use super::event::{self, Event};
use crate::moment::Time;

pub use fields::{Field, Fields};
pub use key::MessageKey;
pub use parse::{Malformed, OPENID_BYTES_MAX};

/// One message or event, opened and parsed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inbound {
    /// The account's original id (`gh_…`).
    pub to: String,
    /// The follower's OpenID; for job results and authorisation events an id of the platform's.
    pub from: String,
    /// `CreateTime`, Unix seconds.
    pub created: i64,
    #[serde(flatten)]
    pub kind: Kind,
    /// A 64-bit number in practice, kept as text: it exceeds what JSON's numbers hold. Events have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<String>,
    /// The article that the message was sent from, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg_data_id: Option<String>,
    /// Which article of several, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idx: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub union_id: Option<String>,
    /// Elements that this version has no place for. An empty element counts as absent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<Field>,
    /// xxh3 of the inner XML; 0 for a message that was not parsed.
    #[serde(skip)]
    pub raw_hash: u64,
}

/// What kind of message it is, with the fields of that kind. Texts that are absent are empty.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Kind {
    Text {
        content: String,
        /// The id of the tapped entry when the text came from a tap on a menu message or menu link.
        #[serde(skip_serializing_if = "Option::is_none")]
        menu_id: Option<String>,
    },
    Image {
        pic_url: String,
        /// Lives three days.
        media_id: String,
    },
    Voice {
        media_id: String,
        format: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        media_id_16k: Option<String>,
        /// What WeChat understood, if the account has speech recognition on.
        #[serde(skip_serializing_if = "Option::is_none")]
        recognition: Option<String>,
    },
    Video {
        media_id: String,
        thumb_media_id: String,
    },
    ShortVideo {
        media_id: String,
        thumb_media_id: String,
    },
    Location(Place),
    Link {
        title: String,
        description: String,
        url: String,
    },
    /// A file's name and size; its content can't be fetched.
    File {
        title: String,
        description: String,
        file_key: String,
        file_md5: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        bytes: Option<u64>,
    },
    MiniProgramPage {
        app_id: String,
        title: String,
        page_path: String,
        thumb_url: String,
        thumb_media_id: String,
    },
    Event(Event),
    /// A type that this version doesn't know; its fields are in [`Inbound::extra`].
    Unknown {
        msg_type: String,
    },
}

/// A point on the map, degrees.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Place {
    /// `Location_X`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// `Location_Y`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    pub label: String,
    /// Only in the event of a `location_select` button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poi_name: Option<String>,
}

impl Inbound {
    /// A message made here rather than received, for simulators and tests.
    pub fn new(to: impl Into<String>, from: impl Into<String>, created: i64, kind: Kind) -> Inbound {
        Inbound {
            to: to.into(),
            from: from.into(),
            created,
            kind,
            msg_id: None,
            msg_data_id: None,
            idx: None,
            business_id: None,
            union_id: None,
            extra: Vec::new(),
            raw_hash: 0,
        }
    }

    /// How long ago the message was made by its own word; zero if that is in the future.
    pub fn age(&self, now: Time) -> Duration {
        now.since(Time::from_unix_s(self.created))
    }

    /// A short name for metrics and logs: `text`, `image`, …, `event.CLICK`, `event.unknown`, `unknown`.
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Event(event) => event.label(),
            kind => kind.msg_type().unwrap_or("unknown"),
        }
    }

    /// Every name that [`kind_name`](Self::kind_name) can give.
    pub fn kind_names() -> impl Iterator<Item = &'static str> {
        MSG_TYPES.into_iter().chain(["unknown"]).chain(event::LABELS.iter().copied())
    }

    /// The event, if it is one.
    pub fn event(&self) -> Option<&Event> {
        match &self.kind {
            Kind::Event(event) => Some(event),
            _ => None,
        }
    }
}

/// Types of messages that are not events.
const MSG_TYPES: [&str; 9] =
    ["text", "image", "voice", "video", "shortvideo", "location", "link", "file", "miniprogrampage"];

impl Kind {
    /// `MsgType` as WeChat spells it; `None` for an unknown one.
    fn msg_type(&self) -> Option<&'static str> {
        Some(match self {
            Kind::Text { .. } => "text",
            Kind::Image { .. } => "image",
            Kind::Voice { .. } => "voice",
            Kind::Video { .. } => "video",
            Kind::ShortVideo { .. } => "shortvideo",
            Kind::Location(_) => "location",
            Kind::Link { .. } => "link",
            Kind::File { .. } => "file",
            Kind::MiniProgramPage { .. } => "miniprogrampage",
            Kind::Event(_) => "event",
            Kind::Unknown { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests;
