//! Mass sends (群发): one content to everybody, to a tag, or to a list.
//!
//! A service account's follower gets at most four a calendar month; more fail for that follower alone. The result
//! comes as an event (`MASSSENDJOBFINISH`), perhaps hours later.
//!
//! Source: «群发消息».

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::Nothing;
use super::call::Call;
use super::failure::Failure;
use super::{Client, TEXT_BYTES_MAX, lenient};

const SEND_ALL: Call = Call::change("/cgi-bin/message/mass/sendall");
const SEND: Call = Call::change("/cgi-bin/message/mass/send");
const PREVIEW: Call = Call::change("/cgi-bin/message/mass/preview");
const STATUS: Call = Call::ask("/cgi-bin/message/mass/get");
const DELETE: Call = Call::change("/cgi-bin/message/mass/delete");
const SPEED: Call = Call::ask("/cgi-bin/message/mass/speed/get");
const SET_SPEED: Call = Call::change("/cgi-bin/message/mass/speed/set");
const UPLOAD_VIDEO: Call = Call::change("/cgi-bin/media/uploadvideo");

/// Openids in one send to a list; at least two.
pub const MASS_LIST_MAX: usize = 10_000;
pub const CLIENT_MSG_ID_BYTES_MAX: usize = 64;
const SPEED_MAX: u8 = 4;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MassContent {
    /// A draft.
    MpNews {
        media_id: String,
        /// Sent also if WeChat judges an article a reprint (of one that may be reprinted); else the send stops.
        #[serde(default)]
        as_reprint: bool,
    },
    Text {
        content: String,
    },
    Voice {
        media_id: String,
    },
    Images {
        media_ids: Vec<String>,
        #[serde(default)]
        recommend: Option<String>,
        #[serde(default)]
        open_comment: bool,
        #[serde(default)]
        only_fans_comment: bool,
    },
    /// A film of [`Client::mass_video`].
    MpVideo {
        media_id: String,
        #[serde(default)]
        title: Option<String>,
        #[serde(default)]
        description: Option<String>,
    },
    WxCard {
        card_id: String,
    },
}

/// WeChat took the job. It isn't done yet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MassSent {
    #[serde(deserialize_with = "lenient::text")]
    pub msg_id: String,
    /// Of articles only: under it they are counted in the statistics.
    #[serde(default, deserialize_with = "lenient::text_or_none")]
    pub msg_data_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MassStatus {
    Sending,
    Sent,
    Failed,
    Deleted,
    Other(String),
}

/// How fast WeChat sends: 0 is 800,000 a minute, 1 600,000, 2 450,000, 3 300,000, 4 100,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Speed {
    #[serde(deserialize_with = "lenient::number")]
    pub speed: u8,
    /// In 10,000 a minute.
    #[serde(rename = "realspeed", default, deserialize_with = "lenient::number")]
    pub real: u32,
}

#[derive(Deserialize)]
struct Status {
    #[serde(deserialize_with = "lenient::text")]
    msg_status: String,
}

#[derive(Deserialize)]
struct Video {
    #[serde(deserialize_with = "lenient::text")]
    media_id: String,
}

impl MassContent {
    /// `msgtype`, and the object under that name.
    fn wire(&self) -> (&'static str, &'static str, Value) {
        match self {
            MassContent::MpNews { media_id, .. } => ("mpnews", "mpnews", json!({ "media_id": media_id })),
            MassContent::Text { content } => ("text", "text", json!({ "content": content })),
            MassContent::Voice { media_id } => ("voice", "voice", json!({ "media_id": media_id })),
            MassContent::Images { media_ids, recommend, open_comment, only_fans_comment } => {
                let mut images = json!({
                    "media_ids": media_ids,
                    "need_open_comment": u8::from(*open_comment),
                    "only_fans_can_comment": u8::from(*only_fans_comment),
                });
                set(&mut images, "recommend", recommend.as_deref());
                ("image", "images", images)
            }
            MassContent::MpVideo { media_id, title, description } => {
                let mut video = json!({ "media_id": media_id });
                set(&mut video, "title", title.as_deref());
                set(&mut video, "description", description.as_deref());
                ("mpvideo", "mpvideo", video)
            }
            MassContent::WxCard { card_id } => ("wxcard", "wxcard", json!({ "card_id": card_id })),
        }
    }

    fn check(&self, call: &Call) -> Result<(), Failure> {
        match self {
            MassContent::Text { content } => {
                call.not_empty("text.content", content)?;
                call.at_most("text.content", "bytes", content.len(), TEXT_BYTES_MAX)
            }
            MassContent::Images { media_ids, .. } if media_ids.is_empty() => {
                Err(Failure::refused(call, "images.media_ids is empty"))
            }
            _ => Ok(()),
        }
    }

    /// The body with whom it goes to (`filter` or `touser`).
    fn body(&self, call: &Call, to: (&str, Value), client_msg_id: Option<&str>) -> Result<Value, Failure> {
        self.check(call)?;
        let (msgtype, name, content) = self.wire();
        let mut body = json!({ "msgtype": msgtype, name: content, to.0: to.1 });
        if let MassContent::MpNews { as_reprint, .. } = self {
            body["send_ignore_reprint"] = json!(u8::from(*as_reprint));
        }
        if let Some(id) = client_msg_id {
            call.not_empty("clientmsgid", id)?;
            call.at_most("clientmsgid", "bytes", id.len(), CLIENT_MSG_ID_BYTES_MAX)?;
            set(&mut body, "clientmsgid", Some(id));
        }
        Ok(body)
    }
}

impl Client {
    /// To everybody. Repeating it with the same `client_msg_id` (at most 64 bytes) is harmless: it gives
    /// [`AlreadyDone`](super::Reaction::AlreadyDone) with the first one's id.
    pub async fn mass_send_all(
        &self,
        content: &MassContent,
        client_msg_id: &str,
    ) -> Result<MassSent, Failure> {
        let to = ("filter", json!({ "is_to_all": true }));
        self.post(&SEND_ALL, &content.body(&SEND_ALL, to, Some(client_msg_id))?).await
    }

    /// To who has a tag; otherwise as [`Client::mass_send_all`].
    pub async fn mass_send_tag(
        &self,
        tag_id: u32,
        content: &MassContent,
        client_msg_id: &str,
    ) -> Result<MassSent, Failure> {
        let to = ("filter", json!({ "is_to_all": false, "tag_id": tag_id }));
        self.post(&SEND_ALL, &content.body(&SEND_ALL, to, Some(client_msg_id))?).await
    }

    /// To 2 to 10,000 openids; otherwise as [`Client::mass_send_all`].
    pub async fn mass_send(
        &self,
        to: &[String],
        content: &MassContent,
        client_msg_id: &str,
    ) -> Result<MassSent, Failure> {
        if to.len() < 2 {
            return Err(Failure::refused(
                &SEND,
                format!("touser has {} openids; WeChat wants two", to.len()),
            ));
        }
        SEND.at_most("touser", "openids", to.len(), MASS_LIST_MAX)?;
        self.post(&SEND, &content.body(&SEND, ("touser", json!(to)), Some(client_msg_id))?).await
    }

    /// Shows the content to one follower only; 100 a day.
    pub async fn mass_preview(&self, to: &str, content: &MassContent) -> Result<(), Failure> {
        let body = content.body(&PREVIEW, ("touser", json!(to)), None)?;
        self.post::<Nothing>(&PREVIEW, &body).await.map(|_| ())
    }

    /// How far a job is. WeChat may not know a fresh id yet: that is [`Retry`](super::Reaction::Retry).
    pub async fn mass_status(&self, msg_id: &str) -> Result<MassStatus, Failure> {
        let status: Status = self.post(&STATUS, &json!({ "msg_id": msg_id })).await?;
        Ok(match status.msg_status.as_str() {
            "SENDING" => MassStatus::Sending,
            "SEND_SUCCESS" => MassStatus::Sent,
            "SEND_FAIL" => MassStatus::Failed,
            "DELETE" => MassStatus::Deleted,
            _ => MassStatus::Other(status.msg_status),
        })
    }

    /// Closes the page of articles or a film that were sent; the cards in the chats stay. `article`: from 1, all if
    /// left out. The same draft in other sends is closed with it.
    pub async fn mass_delete(&self, msg_id: &str, article: Option<u32>) -> Result<(), Failure> {
        let mut body = json!({ "msg_id": msg_id });
        if let Some(index) = article {
            body["article_idx"] = json!(index);
        }
        self.post::<Nothing>(&DELETE, &body).await.map(|_| ())
    }

    pub async fn mass_speed(&self) -> Result<Speed, Failure> {
        self.post(&SPEED, &json!({})).await
    }

    /// From 0, the fastest, to 4.
    pub async fn set_mass_speed(&self, speed: u8) -> Result<(), Failure> {
        SET_SPEED.at_most("speed", "(a step)", speed.into(), SPEED_MAX.into())?;
        self.post::<Nothing>(&SET_SPEED, &json!({ "speed": speed })).await.map(|_| ())
    }

    /// Makes an uploaded film one that can be mass-sent; gives its new media id.
    pub async fn mass_video(
        &self,
        media_id: &str,
        title: &str,
        description: &str,
    ) -> Result<String, Failure> {
        let body = json!({ "media_id": media_id, "title": title, "description": description });
        self.post::<Video>(&UPLOAD_VIDEO, &body).await.map(|video| video.media_id)
    }
}

fn set(body: &mut Value, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        body[key] = json!(value);
    }
}
