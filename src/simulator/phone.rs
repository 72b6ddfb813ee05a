use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};

use crate::moment::Time;

/// Bubbles kept on one phone.
const BUBBLES_MAX: usize = 300;

/// One follower's chat with the account.
#[derive(Debug)]
pub struct Phone {
    pub name: String,
    pub subscribed: bool,
    bubbles: VecDeque<Bubble>,
    next_id: u64,
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
    pub fn new(name: &str, subscribed: bool) -> Phone {
        Phone { name: name.to_owned(), subscribed, bubbles: VecDeque::new(), next_id: 1 }
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

fn is_there<S: Serializer>(exchange: &Option<Arc<Exchange>>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_bool(exchange.is_some())
}
