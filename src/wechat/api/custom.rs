//! Customer-service messages (客服消息): to a follower who did something lately.
//!
//! Source: «发送客服消息», «客服输入状态».

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Client;
use super::answer::Nothing;
use super::call::Call;
use super::failure::Failure;

const SEND: Call = Call::change("/cgi-bin/message/custom/send");
const TYPING: Call = Call::change("/cgi-bin/message/custom/typing");

/// UTF-8 bytes of a text message; measured, the documentation names no figure.
pub const TEXT_BYTES_MAX: usize = 2_048;

/// The typing sign can't be shown now: no reason to bother anybody.
const TYPING_CODES: std::ops::RangeInclusive<i64> = 45072..=45081;

/// What can be sent. As JSON it is WeChat's own object under the name of its `msgtype`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CustomMessage {
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
        thumb_media_id: String,
        title: String,
        description: String,
    },
    Music {
        title: String,
        description: String,
        musicurl: String,
        hqmusicurl: String,
        thumb_media_id: String,
    },
    /// One article that leads to a page.
    News {
        #[serde(with = "one")]
        articles: NewsArticle,
    },
    /// A draft; WeChat withdraws this kind.
    MpNews {
        media_id: String,
    },
    /// A published article.
    MpNewsArticle {
        article_id: String,
    },
    /// Choices to tap; a tap comes back as a text with the choice's id.
    MsgMenu {
        #[serde(rename = "head_content")]
        head: String,
        list: Vec<MenuChoice>,
        #[serde(rename = "tail_content")]
        tail: String,
    },
    WxCard {
        card_id: String,
    },
    MiniProgramPage {
        title: String,
        appid: String,
        pagepath: String,
        thumb_media_id: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewsArticle {
    pub title: String,
    pub description: String,
    pub url: String,
    pub picurl: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuChoice {
    pub id: String,
    pub content: String,
}

impl CustomMessage {
    pub fn text(content: impl Into<String>) -> CustomMessage {
        CustomMessage::Text { content: content.into() }
    }

    fn kind(&self) -> &'static str {
        match self {
            CustomMessage::Text { .. } => "text",
            CustomMessage::Image { .. } => "image",
            CustomMessage::Voice { .. } => "voice",
            CustomMessage::Video { .. } => "video",
            CustomMessage::Music { .. } => "music",
            CustomMessage::News { .. } => "news",
            CustomMessage::MpNews { .. } => "mpnews",
            CustomMessage::MpNewsArticle { .. } => "mpnewsarticle",
            CustomMessage::MsgMenu { .. } => "msgmenu",
            CustomMessage::WxCard { .. } => "wxcard",
            CustomMessage::MiniProgramPage { .. } => "miniprogrampage",
        }
    }

    fn check(&self) -> Result<(), Failure> {
        match self {
            CustomMessage::Text { content } => {
                SEND.not_empty("text.content", content)?;
                SEND.at_most("text.content", "bytes", content.len(), TEXT_BYTES_MAX)
            }
            CustomMessage::MsgMenu { list, .. } if list.is_empty() => {
                Err(Failure::refused(&SEND, "msgmenu.list is empty"))
            }
            _ => Ok(()),
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    touser: &'a str,
    msgtype: &'static str,
    #[serde(flatten)]
    message: &'a CustomMessage,
    #[serde(skip_serializing_if = "Option::is_none")]
    customservice: Option<Value>,
}

impl Client {
    /// Sends a message to a follower. WeChat gives it no id, so what came of an [`Uncertain`] call can't be asked.
    ///
    /// Errors: [`WindowClosed`] after 48 hours, [`QuotaUsed`] after five messages to one of theirs.
    ///
    /// [`Uncertain`]: super::Reaction::Uncertain
    /// [`WindowClosed`]: super::Unreachable::WindowClosed
    /// [`QuotaUsed`]: super::Unreachable::QuotaUsed
    pub async fn send_custom(&self, to: &str, message: &CustomMessage) -> Result<(), Failure> {
        self.send_envelope(to, message, None).await
    }

    /// As [`Client::send_custom`], in the name and with the picture of a customer-service account.
    pub async fn send_custom_as(
        &self,
        kf_account: &str,
        to: &str,
        message: &CustomMessage,
    ) -> Result<(), Failure> {
        self.send_envelope(to, message, Some(json!({ "kf_account": kf_account }))).await
    }

    async fn send_envelope(
        &self,
        touser: &str,
        message: &CustomMessage,
        customservice: Option<Value>,
    ) -> Result<(), Failure> {
        message.check()?;
        let envelope = Envelope { touser, msgtype: message.kind(), message, customservice };
        self.post::<Nothing>(&SEND, &envelope).await.map(|_| ())
    }

    /// Shows or takes away «对方正在输入». It ends by itself after 15 seconds or with the next message, and needs a
    /// message of the follower's within the last 30; where it can't be shown, nothing happens.
    pub async fn typing(&self, to: &str, is_typing: bool) -> Result<(), Failure> {
        let command = if is_typing { "Typing" } else { "CancelTyping" };
        let done = self.post::<Nothing>(&TYPING, &json!({ "touser": to, "command": command })).await;
        match done {
            Err(failure) if failure.code.is_some_and(|code| TYPING_CODES.contains(&code)) => Ok(()),
            done => done.map(|_| ()),
        }
    }
}

/// WeChat's list that must have exactly one entry.
mod one {
    use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};
    use serde::{Serialize, Serializer};

    pub fn serialize<T: Serialize, S: Serializer>(value: &T, s: S) -> Result<S::Ok, S::Error> {
        [value].serialize(s)
    }

    pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(d: D) -> Result<T, D::Error> {
        <[T; 1]>::deserialize(d).map(|[value]| value).map_err(D::Error::custom)
    }
}
