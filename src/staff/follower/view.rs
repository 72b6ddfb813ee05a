use serde::{Deserialize, Serialize};

use crate::domain::contact::record::{Came, Contact, FollowerId};
use crate::moment::{Time, rfc3339};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowerView {
    pub openid: String,
    pub following: bool,
    /// `followed`, `scanned`, `paid` or `unknown`.
    pub came: String,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub followed: Option<Time>,
    #[serde(with = "rfc3339")]
    pub first_seen: Time,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Time>,
    /// The account's tags, by number.
    pub tags: Vec<u32>,
    /// Topics that the follower chose; none is all.
    pub topics: Vec<String>,
    /// Said 退订通知.
    pub stopped: bool,
    /// May be written to by customer-service message at this moment.
    pub custom_open: bool,
    /// Broadcasts got this month.
    pub broadcasts_this_month: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowerList {
    pub followers: Vec<FollowerView>,
    /// To be given as `after` for the next page; absent on the last. A page may hold fewer than asked for, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    pub openid: String,
    /// Latest first.
    pub happenings: Vec<Happening>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    #[serde(with = "rfc3339")]
    pub at: Time,
    /// `followed`, `sign_up`, `broadcast`, `notice`, `picture` or `last_seen`.
    pub what: String,
    /// Such as `A12-1-0007` or `B3`.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub subject: String,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub title: String,
    /// What became of it: `confirmed`, `waiting`, `sent`, `skipped` …
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub state: String,
    /// Why, where something went wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

pub fn follower(who: &FollowerId, contact: &Contact, now: Time) -> FollowerView {
    let came = match contact.came {
        Came::Unknown => "unknown",
        Came::Followed => "followed",
        Came::Scanned(_) => "scanned",
        Came::Paid(_) => "paid",
    };
    FollowerView {
        openid: who.as_str().to_owned(),
        following: contact.subscribed,
        came: came.to_owned(),
        followed: contact.followed,
        first_seen: contact.first_seen,
        last_seen: contact.heard(),
        tags: contact.reach.tags.clone(),
        topics: contact.reach.topics.clone(),
        stopped: contact.reach.stopped,
        custom_open: contact.reach.custom_is_open(now),
        broadcasts_this_month: contact.reach.notices_this_month(now),
    }
}
