//! What the platform keeps of the account, in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use serde_json::Value;

use crate::moment::Time;

/// The account. Numbers and names are given in order, so that two starts behave alike.
#[derive(Default)]
pub struct Account {
    pub tokens: Tokens,
    pub templates: Vec<Template>,
    pub notices: Vec<Template>,
    /// (openid, client id) → when it was sent, and its number.
    pub template_ids: HashMap<(String, String), (Time, u64)>,
    pub jobs: BTreeMap<u64, Job>,
    /// Months since year 0, and mass sends to everybody in that one.
    pub to_all: (i32, u8),
    /// clientmsgid → when, and the job.
    pub job_ids: HashMap<String, (Time, u64)>,
    pub media: HashMap<String, Stored>,
    pub materials: BTreeMap<String, Stored>,
    pub drafts: BTreeMap<String, Value>,
    /// Sent to many: no longer among the drafts, but still named by later sends of the same.
    pub sent_drafts: BTreeMap<String, Value>,
    /// article_id → its draft.
    pub published: BTreeMap<String, Value>,
    /// publish_id → article_id
    pub publications: BTreeMap<u64, String>,
    pub tags: BTreeMap<u32, String>,
    pub menu: Option<Value>,
    /// Oldest first.
    pub conditional: Vec<(u64, Value)>,
    /// ticket → scene
    pub codes: HashMap<String, String>,
    pub permanent_codes: u32,
    /// OAuth codes that were exchanged.
    pub used_codes: BTreeSet<String>,
    pub short: HashMap<String, (String, Time, u64)>,
    pub desk: BTreeMap<String, String>,
    /// openid → desk account, since
    pub sessions: HashMap<String, (String, Time)>,
    pub blocked: Vec<String>,
    pub speed: u64,
    /// Months since year 0, and how often quotas were cleared in that one.
    pub cleared: (i32, u32),
    /// The classes of the account's trade (行业).
    pub industries: Option<(u64, u64)>,
    pub last: u64,
}

#[derive(Default)]
pub struct Tokens {
    pub stable: Option<(String, Time)>,
    pub plain: Option<(String, Time)>,
    /// Good for a while after their successors came.
    pub earlier: Vec<(String, Time)>,
    pub forced: Vec<Time>,
}

/// A template message's or a subscription notice's form.
#[derive(Debug, Clone)]
pub struct Template {
    pub id: String,
    pub title: String,
    /// With `{{thing1.DATA}}` and the like.
    pub content: String,
}

/// A mass send.
#[derive(Debug)]
pub struct Job {
    /// As `msg_status` names it.
    pub status: &'static str,
    /// Articles and videos can be taken back.
    pub can_be_deleted: bool,
    pub begun: Time,
    /// Of articles: whom they were sent to. The stand-in has each of them read.
    pub readers: Option<usize>,
}

#[derive(Debug, Clone)]
pub struct Stored {
    pub kind: String,
    pub content: Bytes,
    pub name: String,
    pub created: Time,
}

impl Account {
    pub fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub fn next_id(&mut self, what: &str) -> String {
        format!("{what}_{:08}", self.next())
    }
}

/// Months since year 0, in Shanghai.
pub fn month(now: Time) -> i32 {
    let date = now.date();
    i32::from(date.year()) * 12 + i32::from(date.month())
}

/// One more in this month, unless there were so many. `false`: there were.
pub fn count_in_month<N>(kept: &mut (i32, N), now: Time, most: N) -> bool
where
    N: Copy + Default + PartialOrd + std::ops::AddAssign + From<u8>,
{
    if kept.0 != month(now) {
        *kept = (month(now), N::default());
    }
    let is_open = kept.1 < most;
    if is_open {
        kept.1 += N::from(1);
    }
    is_open
}

impl Template {
    /// The fields' keys, in order.
    pub fn fields(&self) -> Vec<&str> {
        let starts = self.content.split("{{").skip(1);
        starts.filter_map(|rest| rest.split_once(".DATA}}")).map(|(key, _)| key).collect()
    }

    /// What the follower reads: a line a field, as (label, value).
    pub fn lines(&self, value: impl Fn(&str) -> String) -> Vec<(String, String)> {
        let line = |line: &str| {
            let (label, rest) = line.split_once("{{")?;
            let (key, _) = rest.split_once(".DATA}}")?;
            Some((label.trim_end_matches(['：', ':']).to_owned(), value(key)))
        };
        self.content.lines().filter_map(line).collect()
    }
}
