use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::audience::Condition;
use crate::domain::contact::record::Quotas;
use crate::domain::number::written_number;
use crate::moment::Time;

written_number! {
    /// A broadcast's number as people write it: `B12`.
    BroadcastCode(u32), 'B', 1 digits
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Broadcast {
    pub id: u32,
    pub state: State,
    pub plan: Plan,
    /// Everybody who wrote or changed it: none of them may approve it.
    pub authors: Vec<String>,
    #[serde(default)]
    pub approved: Option<Approval>,
    /// Followers on its list.
    #[serde(default)]
    pub listed: u64,
    /// A preview message of this wording went to somebody.
    #[serde(default)]
    pub shown: bool,
    pub created: Time,
    pub changed: Time,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub by: String,
    pub at: Time,
}

/// draft → previewed → approved → (scheduled →) building → running ⇄ paused → done; or cancelled, or stopped by
/// itself, from where staff may resume it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Draft,
    Previewed,
    Approved,
    /// Started; its time has not come.
    Scheduled {
        at: Time,
    },
    /// The audience is being fixed.
    Building,
    Running,
    Paused,
    /// Too many errors, or a setting is wrong.
    Stopped {
        why: String,
    },
    Done {
        at: Time,
    },
    Cancelled {
        at: Time,
        reason: String,
    },
}

impl State {
    pub fn name(&self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Previewed => "previewed",
            State::Approved => "approved",
            State::Scheduled { .. } => "scheduled",
            State::Building => "building",
            State::Running => "running",
            State::Paused => "paused",
            State::Stopped { .. } => "stopped",
            State::Done { .. } => "done",
            State::Cancelled { .. } => "cancelled",
        }
    }

    /// Followers may have it, or never will.
    pub fn is_started(&self) -> bool {
        !matches!(self, State::Draft | State::Previewed | State::Approved)
    }

    /// Nothing more is sent.
    pub fn is_over(&self) -> bool {
        matches!(self, State::Done { .. } | State::Cancelled { .. })
    }
}

/// What staff decide about a broadcast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub title: String,
    pub audience: Condition,
    pub content: Content,
    pub way: WayChoice,
    /// Followers who chose other topics don't get it.
    #[serde(default)]
    pub topic: Option<String>,
    /// The activity that the placeholders speak of.
    #[serde(default)]
    pub about: Option<u32>,
    /// Not sent before.
    #[serde(default)]
    pub not_before: Option<Time>,
    #[serde(default)]
    pub quiet: Option<Quiet>,
    /// Messages a second; mass sends are not counted.
    pub rate_per_second: u32,
}

/// What followers may choose to hear of (通知设置).
pub const TOPICS: &[&str] = &["活动", "福利", "互保", "培训", "帮扶", "交友"];

/// Hours in which nothing is sent, as minutes of the day in Asia/Shanghai; `from` may be later than `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    pub from: u16,
    pub to: u16,
}

/// What is sent, a wording for each way that it may go; which must be there depends on [`WayChoice`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// For a customer-service message or a mass send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The media id of a draft (草稿), for a mass send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<Form>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Form>,
}

/// A template message (模板消息) or a subscription notice (订阅通知): an approved form with fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    pub template_id: String,
    /// By the template's keys, such as `thing1`; values may have placeholders.
    pub fields: BTreeMap<String, String>,
    /// Where a tap leads.
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub mini_program: Option<MiniProgram>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MiniProgram {
    pub app_id: String,
    pub page: String,
}

/// One way to reach a follower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Customer-service message (客服消息), within the window.
    Custom,
    Subscription,
    Template,
    /// Mass send (群发), in chunks.
    Mass,
}

impl Way {
    /// Also the order in which the best is looked for: what costs the follower's quotas least comes first.
    pub const ALL: [Way; 4] = [Way::Custom, Way::Subscription, Way::Template, Way::Mass];

    pub fn name(self) -> &'static str {
        match self {
            Way::Custom => "custom",
            Way::Subscription => "subscription",
            Way::Template => "template",
            Way::Mass => "mass",
        }
    }

    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }

    pub(super) fn from_number(number: u16) -> Option<Way> {
        Way::ALL.into_iter().find(|way| *way as u16 == number)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayChoice {
    Mass,
    Template,
    Subscription,
    Custom,
    /// The first way that is open to the follower and that there is a wording for, in the order of [`Way::ALL`].
    Best,
}

/// What the account's operators decide for all broadcasts.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Whoever wrote it may not approve it.
    pub two_persons: bool,
    /// A preview message must have gone to somebody before it is approved.
    pub preview_message: bool,
    /// Broadcasts that one follower gets in a calendar month.
    pub monthly_cap: u8,
    pub stop: StopRule,
    /// How long the ledger is kept after the end; the counts stay.
    pub keep: Duration,
    /// Recipients of one mass send (WeChat, 群发: 2 to 10,000).
    pub chunk_max: u32,
    pub quotas: Quotas,
}

/// When a broadcast stops itself: this share of errors in this many attempts since it was started or resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopRule {
    pub attempts_min: u32,
    pub percent: u8,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            two_persons: true,
            preview_message: true,
            monthly_cap: 4, // as many as WeChat lets a mass send reach
            stop: StopRule { attempts_min: 50, percent: 20 },
            keep: Duration::from_secs(90 * 24 * 3600),
            chunk_max: 10_000,
            quotas: Quotas::default(),
        }
    }
}
