use std::collections::VecDeque;

use serde::Serialize;

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
    pub id: u64,
    pub at_ms: i64,
    #[serde(flatten)]
    pub shown: Shown,
    /// What went over the wire for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wire: Vec<Wire>,
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

/// One message as it was posted or answered: the inner XML, and what really went over the wire.
#[derive(Debug, Clone, Serialize)]
pub struct Wire {
    /// `去` to the service, `回` from it.
    pub way: &'static str,
    pub inner: String,
    pub outer: String,
}

impl Bubble {
    pub fn new(shown: Shown, at: Time, wire: Vec<Wire>) -> Bubble {
        Bubble { id: 0, at_ms: at.unix_ms(), shown, wire }
    }
}

impl Phone {
    pub fn new(name: &str, subscribed: bool) -> Phone {
        Phone { name: name.to_owned(), subscribed, bubbles: VecDeque::new(), next_id: 1 }
    }

    pub fn show(&mut self, bubble: Bubble) {
        self.bubbles.push_back(Bubble { id: self.next_id, ..bubble });
        self.next_id += 1;
        if self.bubbles.len() > BUBBLES_MAX {
            self.bubbles.pop_front();
        }
    }

    pub fn bubbles(&self) -> impl Iterator<Item = &Bubble> {
        self.bubbles.iter()
    }
}
