//! Passive replies: the answer to a push, in the same HTTP exchange.

mod render;
mod words;

use serde::{Deserialize, Serialize};

pub use words::{menu_link, neutral, split_text};

/// The answer that says nothing, sent as it is in every mode; WeChat then doesn't repeat the push.
pub const SUCCESS: &str = "success";
/// UTF-8 bytes of a text that WeChat is known to take; a longer one is cut when rendered.
pub const TEXT_BYTES_MAX: usize = 2048;
/// What a text should keep to: the limit above is nowhere promised. About 600 Chinese characters.
pub const TEXT_BYTES_TARGET: usize = 1800;
/// The most articles of a reply to a tap, a scan or a new follower. WeChat shows one in answer to a message.
pub const ARTICLES_MAX: usize = 8;

/// One passive reply. Optional texts that are empty count as absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// `\n` breaks a line; links are `<a href="…">…</a>`.
    Text {
        content: String,
    },
    Image {
        media_id: String,
    },
    Voice {
        media_id: String,
    },
    Video {
        media_id: String,
        title: Option<String>,
        description: Option<String>,
    },
    Music {
        title: Option<String>,
        description: Option<String>,
        url: Option<String>,
        /// Preferred on Wi-Fi.
        hq_url: Option<String>,
        thumb_media_id: String,
    },
    News {
        articles: Vec<Article>,
    },
    /// Hands the message to the customer-service desk, or to one account of it. Not for events.
    TransferCustomerService {
        kf_account: Option<String>,
    },
}

/// An article of a [`Reply::News`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    pub title: String,
    pub description: String,
    /// 360×200 for the first, 200×200 for the others.
    pub pic_url: String,
    pub url: String,
}

impl Reply {
    pub fn text(content: impl Into<String>) -> Reply {
        Reply::Text { content: content.into() }
    }
}
