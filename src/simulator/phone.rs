use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::account::count_in_month;
use super::api::{Refused, refused};
use crate::moment::Time;
use crate::wechat::event::{Event, SubscribeKey};
use crate::wechat::message::Kind;

/// Bubbles kept on one phone.
const BUBBLES_MAX: usize = 300;

/// One follower's chat with the account.
#[derive(Debug)]
pub struct Phone {
    pub name: String,
    pub subscribed: bool,
    /// When they began to follow.
    pub followed: Time,
    /// The code by which they came.
    pub scene: Option<String>,
    /// In the order in which they were put on: a menu for some goes by the last.
    pub tags: Vec<u32>,
    pub remark: String,
    pub consents: Consents,
    /// Everything that the account sent by itself.
    pub delivered: Vec<Delivered>,
    reach: Reach,
    typing_until: Option<Time>,
    bubbles: VecDeque<Bubble>,
    next_id: u64,
}

/// A message that arrived, for tests that count.
#[derive(Debug, Clone, Serialize)]
pub struct Delivered {
    /// `custom`, `template`, `subscription` or `mass`.
    pub by: &'static str,
    /// The text, or the template's id.
    pub what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

/// Template → notices agreed to.
#[derive(Debug, Default)]
pub struct Consents(BTreeMap<String, u32>);

/// What customer-service messages and mass sends are still open.
#[derive(Debug, Default)]
struct Reach {
    message: Option<(u8, Time)>,
    tap: Option<(u8, Time)>,
    /// Month, and mass sends that arrived in it.
    mass: (i32, u8),
}

/// One thing on the screen.
#[derive(Debug, Clone, Serialize)]
pub struct Bubble {
    /// Grows from 1 on each phone.
    pub id: u64,
    pub at_ms: i64,
    #[serde(flatten)]
    pub shown: Shown,
    /// The page is told only whether there is one, and asks for it when somebody wants to see it.
    #[serde(rename = "raw", serialize_with = "is_there")]
    pub exchange: Option<Arc<Exchange>>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shown {
    /// What the follower did.
    Mine {
        text: String,
    },
    /// A picture that the follower sent.
    Photo {
        media_id: String,
    },
    /// What the account said; links in it are links.
    Text {
        text: String,
    },
    News {
        articles: Vec<Article>,
    },
    /// A picture, a voice, a video: what kind, and its media id.
    Media {
        what: String,
        media_id: String,
    },
    /// A template message or a subscription notice.
    Card {
        title: String,
        lines: Vec<(String, String)>,
        url: Option<String>,
    },
    /// Sent to many at once: words, or articles.
    Mass {
        text: String,
        articles: Vec<Article>,
    },
    /// What WeChat itself writes in the middle of the chat.
    Notice {
        text: String,
    },
}

#[derive(Debug, Clone, Serialize)]
pub struct Article {
    pub title: String,
    pub description: String,
    pub url: String,
}

/// What went over the wire for one thing that a follower did, or that the service sent by itself. The
/// follower's bubble and the answer's share it.
#[derive(Debug)]
pub struct Exchange {
    sent: Wire,
    answer: OnceLock<Wire>,
}

/// One message: what it says, and what really went over the wire.
#[derive(Debug, Clone, Serialize)]
pub struct Wire {
    pub way: Way,
    /// Decrypted; or, of an answer that was none, why.
    pub inner: String,
    pub outer: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// WeChat's post to the service.
    Push,
    /// The service's answer to it.
    Answer,
    /// The service's own call of WeChat's API.
    Call,
}

impl Exchange {
    pub fn new(sent: Wire) -> Arc<Exchange> {
        Arc::new(Exchange { sent, answer: OnceLock::new() })
    }

    /// The first answer counts.
    pub fn answered(&self, answer: Wire) {
        let _ = self.answer.set(answer);
    }

    pub fn wires(&self) -> Vec<Wire> {
        [Some(&self.sent), self.answer.get()].into_iter().flatten().cloned().collect()
    }
}

impl Phone {
    pub fn new(name: &str, subscribed: bool, now: Time) -> Phone {
        Phone {
            name: name.to_owned(),
            subscribed,
            followed: now,
            scene: None,
            tags: Vec::new(),
            remark: String::new(),
            consents: Consents::default(),
            delivered: Vec::new(),
            reach: Reach::default(),
            typing_until: None,
            bubbles: VecDeque::new(),
            next_id: 1,
        }
    }

    /// What the follower does opens customer-service messages: a message five for 48 hours, a tap, a scan or following
    /// three for a minute (WeChat, 客服消息).
    pub fn did(&mut self, kind: &Kind, now: Time) {
        if let Kind::Event(Event::Subscribe { key, .. }) = kind {
            self.followed = now;
            self.scene = if let SubscribeKey::Scene(scene) = key { Some(scene.clone()) } else { None };
        }
        match kind {
            Kind::Text { menu_id: Some(_), .. } => self.reach.tap = Some((3, now.plus(MINUTE))),
            Kind::Event(
                Event::Click { .. }
                | Event::Subscribe { .. }
                | Event::Scan { .. }
                | Event::ScanCodePush { .. }
                | Event::ScanCodeWait { .. },
            ) => self.reach.tap = Some((3, now.plus(MINUTE))),
            Kind::Event(_) => {}
            _ => self.reach.message = Some((5, now.plus(TWO_DAYS))),
        }
    }

    /// One customer-service message, from what ends first.
    pub fn spend(&mut self, now: Time) -> Result<(), Refused> {
        let open = [&mut self.reach.tap, &mut self.reach.message]
            .into_iter()
            .flatten()
            .filter(|(_, until)| now < *until);
        let mut open: Vec<&mut (u8, Time)> = open.collect();
        if open.is_empty() {
            return Err(refused(45015, "response out of time limit or subscription is canceled"));
        }
        open.sort_by_key(|(_, until)| *until);
        match open.into_iter().find(|(left, _)| *left > 0) {
            Some((left, _)) => *left -= 1,
            None => return Err(refused(45047, "out of response count limit")),
        }
        self.typing_until = None;
        Ok(())
    }

    /// `false` when the month's mass sends are used up.
    pub fn count_mass(&mut self, now: Time, a_month: u8) -> bool {
        count_in_month(&mut self.reach.mass, now, a_month)
    }

    /// The typing sign lasts 15 seconds; it is shown to who wrote within the last 30.
    pub fn typing(&mut self, is_typing: bool, now: Time) -> Result<(), Refused> {
        let wrote = self.reach.message.is_some_and(|(_, until)| now.plus(TWO_DAYS - THIRTY_SECONDS) < until);
        match (is_typing, wrote) {
            (true, false) => Err(refused(45080, "客服在30秒内没有收到用户消息")),
            (true, true) if self.is_typing(now) => Err(refused(45081, "已经在输入状态，不可重复下发")),
            _ => {
                self.typing_until = is_typing.then(|| now.plus(Duration::from_secs(15)));
                Ok(())
            }
        }
    }

    pub fn is_typing(&self, now: Time) -> bool {
        self.typing_until.is_some_and(|until| now < until)
    }

    pub fn show(&mut self, shown: Shown, at: Time, exchange: Option<Arc<Exchange>>) {
        self.bubbles.push_back(Bubble { id: self.next_id, at_ms: at.unix_ms(), shown, exchange });
        self.next_id += 1;
        if self.bubbles.len() > BUBBLES_MAX {
            self.bubbles.pop_front();
        }
    }

    /// Bubbles with an id above `after`, oldest first.
    pub fn bubbles(&self, after: u64) -> impl Iterator<Item = &Bubble> {
        self.bubbles.iter().filter(move |bubble| bubble.id > after)
    }

    /// What went over the wire for a bubble; nothing for one that isn't there.
    pub fn wires(&self, bubble: u64) -> Vec<Wire> {
        let bubble = self.bubbles.iter().find(|there| there.id == bubble);
        bubble.and_then(|bubble| bubble.exchange.as_ref()).map_or_else(Vec::new, |exchange| exchange.wires())
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const THIRTY_SECONDS: Duration = Duration::from_secs(30);
const TWO_DAYS: Duration = Duration::from_secs(48 * 3600);

impl Consents {
    pub fn add(&mut self, template: &str) {
        *self.0.entry(template.to_owned()).or_default() += 1;
    }

    pub fn spend(&mut self, template: &str) -> bool {
        match self.0.get_mut(template) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
}

fn is_there<S: Serializer>(exchange: &Option<Arc<Exchange>>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_bool(exchange.is_some())
}
