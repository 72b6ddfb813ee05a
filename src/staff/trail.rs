//! What staff did and looked at, for auditors. Reading it is on the trail, too.

use serde::{Deserialize, Serialize};

use super::act::look;
use super::{Act, ActError, Call, Role};
use crate::domain::trail::commands;
use crate::domain::trail::record::TrailEntry;
use crate::moment::{Time, rfc3339};

const LISTED_MAX: usize = 200;

/// Which entries; what is empty says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrailWords {
    /// A name of the staff, or `service`.
    pub who: String,
    /// Such as `claim.approve`, or the beginning of it: `claim.`.
    pub act: String,
    /// What it was done to, or the beginning of it: `L000012`.
    pub subject: String,
    /// As the page before gave it.
    pub after: Option<u64>,
    pub limit: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrailView {
    pub number: u64,
    #[serde(with = "rfc3339")]
    pub at: Time,
    pub who: String,
    pub act: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// The reason given, or why it was refused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    pub done: bool,
}

/// The latest first. A page may have fewer entries than were asked for, and another behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrailList {
    pub entries: Vec<TrailView>,
    /// For `after`, if there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// A page of the trail, for the roles `auditor` and `admin`.
pub async fn list(call: &Call, words: TrailWords) -> Result<TrailList, ActError> {
    let asked = [("who", &words.who), ("act", &words.act), ("subject", &words.subject)];
    let asked = asked.into_iter().filter(|(_, word)| !word.is_empty());
    let seen = Act {
        name: "trail.list",
        subject: String::new(),
        role: Role::Auditor,
        detail: asked.map(|(name, word)| format!("{name} {word}")).collect::<Vec<_>>().join(", "),
        request: String::new(),
    };
    let limit = words.limit.unwrap_or(100).clamp(1, LISTED_MAX);
    look(call, seen, move |tx| {
        let fits = |entry: &TrailEntry| {
            (words.who.is_empty() || entry.who == words.who)
                && entry.act.starts_with(&words.act)
                && entry.subject.starts_with(&words.subject)
        };
        let (rows, next) = commands::latest(tx, words.after, limit, fits)?;
        Ok(TrailList { entries: rows.into_iter().map(view).collect(), next })
    })
    .await
}

fn view((number, entry): (u64, TrailEntry)) -> TrailView {
    let TrailEntry { at, who, act, subject, detail, done, .. } = entry;
    TrailView { number, at, who, act, subject, detail, done }
}
