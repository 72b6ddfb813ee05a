//! The rows of a running broadcast. What there is one of for each recipient is small: 1.5 million are written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::{Form, Policy, StopRule, Way};
use crate::domain::contact::record::{FollowerId, Quotas};
use crate::moment::Time;

/// What became of one recipient. Stored as three small numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(u8, u16, i32)", try_from = "(u8, u16, i32)")]
pub enum Entry {
    /// Not sent yet, or in flight ([`Flight`]).
    Pending,
    /// Part of a mass send: what became of the chunk became of it.
    InChunk(u32),
    /// WeChat took it; `delivered` once it said that it arrived.
    Sent {
        way: Way,
        delivered: bool,
    },
    /// Nobody knows, and repeating it might send it twice.
    MaybeSent {
        way: Way,
    },
    Failed(Reason),
    Skipped(Skip),
}

/// Why a message could not be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reason {
    NotFollowing,
    WindowShut,
    QuotaUsed,
    /// The follower doesn't want messages of this kind, or has used up the consent.
    Refused,
    UnknownId,
    /// WeChat limits this follower's account.
    Limited,
    /// It did not go out however often it was tried.
    GaveUp,
    /// The only recipient of a mass send, which needs two.
    Alone,
    /// Told afterwards: the follower blocks the account.
    Blocked,
    /// Told afterwards: WeChat could not deliver it.
    Undelivered,
    /// WeChat refused this content with this code.
    Rejected(i32),
}

/// Why a recipient was not written to at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Skip {
    /// Doesn't follow any more.
    Left,
    /// 退订通知
    Stopped,
    /// Chose other topics.
    Topic,
    /// Had as many broadcasts this month as anybody gets.
    Capped,
    /// No way that may be used is open to this follower.
    NoWay,
    /// A placeholder has no value for this follower.
    NothingToSay,
}

impl Reason {
    pub const PLAIN: [Reason; 10] = [
        Reason::NotFollowing,
        Reason::WindowShut,
        Reason::QuotaUsed,
        Reason::Refused,
        Reason::UnknownId,
        Reason::Limited,
        Reason::GaveUp,
        Reason::Alone,
        Reason::Blocked,
        Reason::Undelivered,
    ];

    /// Stable: reports and the API use it.
    pub fn code(self) -> String {
        let plain = match self {
            Reason::NotFollowing => "not_following",
            Reason::WindowShut => "window_shut",
            Reason::QuotaUsed => "quota_used",
            Reason::Refused => "refused",
            Reason::UnknownId => "unknown_id",
            Reason::Limited => "limited",
            Reason::GaveUp => "gave_up",
            Reason::Alone => "alone",
            Reason::Blocked => "blocked",
            Reason::Undelivered => "undelivered",
            Reason::Rejected(code) => return format!("rejected_{code}"),
        };
        plain.to_owned()
    }
}

impl Skip {
    pub const ALL: [Skip; 6] =
        [Skip::Left, Skip::Stopped, Skip::Topic, Skip::Capped, Skip::NoWay, Skip::NothingToSay];

    pub fn code(self) -> &'static str {
        match self {
            Skip::Left => "left",
            Skip::Stopped => "stopped",
            Skip::Topic => "topic",
            Skip::Capped => "capped",
            Skip::NoWay => "no_way",
            Skip::NothingToSay => "nothing_to_say",
        }
    }
}

const REJECTED: u16 = 100;

impl From<Entry> for (u8, u16, i32) {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Pending => (0, 0, 0),
            Entry::InChunk(number) => (1, 0, number.cast_signed()),
            Entry::Sent { way, delivered } => (2, way as u16, i32::from(delivered)),
            Entry::MaybeSent { way } => (3, way as u16, 0),
            Entry::Failed(Reason::Rejected(code)) => (4, REJECTED, code),
            Entry::Failed(reason) => (4, position(&Reason::PLAIN, reason), 0),
            Entry::Skipped(skip) => (5, position(&Skip::ALL, skip), 0),
        }
    }
}

fn position<T: PartialEq>(all: &[T], one: T) -> u16 {
    all.iter().position(|known| *known == one).unwrap_or_default() as u16
}

impl TryFrom<(u8, u16, i32)> for Entry {
    type Error = &'static str;

    fn try_from((kind, detail, number): (u8, u16, i32)) -> Result<Entry, &'static str> {
        let unknown = "a ledger row of a newer release";
        let way = || Way::from_number(detail).ok_or(unknown);
        Ok(match kind {
            0 => Entry::Pending,
            1 => Entry::InChunk(number.cast_unsigned()),
            2 => Entry::Sent { way: way()?, delivered: number != 0 },
            3 => Entry::MaybeSent { way: way()? },
            4 if detail == REJECTED => Entry::Failed(Reason::Rejected(number)),
            4 => Entry::Failed(*Reason::PLAIN.get(usize::from(detail)).ok_or(unknown)?),
            5 => Entry::Skipped(*Skip::ALL.get(usize::from(detail)).ok_or(unknown)?),
            _ => return Err(unknown),
        })
    }
}

/// An attempt that was begun and not settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    #[serde(rename = "w")]
    pub way: Way,
    /// Names the attempt within its broadcast.
    #[serde(rename = "s")]
    pub serial: u32,
    /// Attempts by this way, from 1.
    #[serde(rename = "n")]
    pub tries: u8,
    /// Ways that are shut to this follower, as bits.
    #[serde(rename = "t", default)]
    pub shut: u8,
    /// When the first attempt with this client id began.
    #[serde(rename = "f")]
    pub first: Time,
    /// An earlier attempt with the same id may have been sent.
    #[serde(rename = "m", default, skip_serializing_if = "std::ops::Not::not")]
    pub maybe: bool,
    /// WeChat told the result before the call was answered: the message's id, and how it ended.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<(String, Finish)>,
}

/// To be tried again, from its time on (the key has it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Queued {
    /// Attempts made by the way that is next.
    #[serde(rename = "n")]
    pub tries: u8,
    #[serde(rename = "t")]
    pub shut: u8,
    /// It may have been sent: only this way, and only while the client id of that first attempt makes it harmless.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<(Way, Time)>,
}

/// How WeChat says a template message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finish {
    Delivered,
    Blocked,
    Failed,
}

/// One mass send of a broadcast: a stretch of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    pub state: ChunkState,
    /// Its recipients.
    pub count: u32,
    /// The first and the last of them, in the ledger's order; those between have the chunk's number.
    pub first: FollowerId,
    pub last: FollowerId,
    /// Attempts made.
    pub attempts: u8,
    /// When the first attempt began.
    pub begun: Option<Time>,
    /// An attempt got no usable answer: it may have been sent.
    #[serde(default)]
    pub maybe: bool,
    /// Under which WeChat counts how often its articles are read, and how often that was, when it told last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChunkState {
    /// Recipients are still put into it.
    Open,
    /// To be sent, from then on.
    Due {
        at: Time,
    },
    InFlight,
    /// WeChat took it; it says later how it went.
    Accepted {
        msg_id: String,
    },
    Finished {
        msg_id: String,
        numbers: Numbers,
    },
    MaybeSent,
    /// Not sent to anybody, for that reason or because the broadcast was cancelled. `owed` tells whose quotas are
    /// still to be given back; `None` is nobody's.
    Unsent {
        reason: Option<Reason>,
        owed: Option<Owed>,
    },
}

impl ChunkState {
    /// What each of its recipients counts as.
    pub(crate) fn entry(&self) -> Entry {
        let sent = Entry::Sent { way: Way::Mass, delivered: false };
        match self {
            ChunkState::Open | ChunkState::Due { .. } | ChunkState::InFlight => Entry::Pending,
            ChunkState::Accepted { .. } | ChunkState::Finished { .. } => sent,
            ChunkState::MaybeSent => Entry::MaybeSent { way: Way::Mass },
            ChunkState::Unsent { reason: Some(reason), .. } => Entry::Failed(*reason),
            // The broadcast was cancelled before its turn came.
            ChunkState::Unsent { reason: None, .. } => Entry::Pending,
        }
    }
}

/// Whose month's quota was spent on a chunk that was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owed {
    ToAll,
    /// To those after this one.
    After(FollowerId),
}

/// What WeChat's id of a mass send is to us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MassJob {
    Chunk {
        broadcast: u32,
        number: u32,
    },
    /// Its end was told before our call was answered.
    Early(MassEnd),
}

/// How WeChat says a mass send ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MassEnd {
    /// Reviewers or the administrator stopped it, or it failed: nobody got it.
    pub failed: bool,
    pub numbers: Numbers,
}

/// What WeChat tells at the end of a mass send, in recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Numbers {
    pub total: u64,
    /// Left after those who refuse or are over their quota.
    pub filtered: u64,
    pub sent: u64,
    pub errors: u64,
}

/// Where a started broadcast stands. Small, since it changes with every step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub started: Time,
    /// When the first recipient was taken.
    #[serde(default)]
    pub sending_since: Option<Time>,
    /// The last of those looked at for the audience.
    #[serde(default)]
    pub looked_to: Option<FollowerId>,
    #[serde(default)]
    pub built: bool,
    /// The last ledger row that was taken for the first time.
    #[serde(default)]
    pub taken_to: Option<FollowerId>,
    /// Every ledger row was taken once.
    #[serde(default)]
    pub taken_all: bool,
    /// Attempts there were, of chunks none.
    #[serde(default)]
    pub serial: u32,
    /// Chunks there are, numbered from 1.
    #[serde(default)]
    pub chunks: u32,
    /// Not before then: WeChat asked us to slow down.
    #[serde(default)]
    pub hold_until: Option<Time>,
    pub counts: Counts,
    /// Attempts and errors since it was started or resumed.
    #[serde(default)]
    pub attempts: u32,
    #[serde(default)]
    pub errors: u32,
    pub limits: Limits,
    /// Its ledger was deleted, its time being over.
    #[serde(default)]
    pub cleaned: bool,
    /// Times it was read, where WeChat's statistics know.
    #[serde(default)]
    pub read: Option<u64>,
}

/// The operators' policy as it was at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub monthly_cap: u8,
    pub mass_a_month: u8,
    pub stop: StopRule,
    pub keep_s: u64,
    pub chunk_max: u32,
}

impl Limits {
    pub fn of(policy: &Policy) -> Limits {
        Limits {
            monthly_cap: policy.monthly_cap,
            mass_a_month: policy.quotas.mass_a_month,
            stop: policy.stop,
            keep_s: policy.keep.as_secs(),
            chunk_max: policy.chunk_max,
        }
    }

    pub fn quotas(&self) -> Quotas {
        Quotas { mass_a_month: self.mass_a_month, ..Quotas::default() }
    }
}

/// Recipients by what became of them; each is counted once. `audit` recounts them from the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub recipients: u32,
    /// Not sent yet, those in flight and in unsent chunks included.
    pub pending: u32,
    pub in_flight: u32,
    /// Taken by WeChat, by way.
    pub sent: BTreeMap<Way, u32>,
    /// Of those sent, known to have arrived.
    pub delivered: u32,
    pub maybe_sent: u32,
    pub failed: BTreeMap<String, u32>,
    pub skipped: BTreeMap<String, u32>,
}

impl Counts {
    pub fn sent_total(&self) -> u32 {
        self.sent.values().sum()
    }

    pub fn failed_total(&self) -> u32 {
        self.failed.values().sum()
    }

    pub fn skipped_total(&self) -> u32 {
        self.skipped.values().sum()
    }

    /// `count` recipients that were pending have this final state.
    pub(super) fn end(&mut self, entry: Entry, count: u32) {
        self.pending = self.pending.saturating_sub(count);
        self.add(entry, count);
    }

    pub(crate) fn add(&mut self, entry: Entry, count: u32) {
        match entry {
            Entry::Pending | Entry::InChunk(_) => self.pending += count,
            Entry::Sent { way, delivered } => {
                *self.sent.entry(way).or_default() += count;
                self.delivered += if delivered { count } else { 0 };
            }
            Entry::MaybeSent { .. } => self.maybe_sent += count,
            Entry::Failed(reason) => add_some(&mut self.failed, reason.code(), count),
            Entry::Skipped(skip) => *self.skipped.entry(skip.code().to_owned()).or_default() += count,
        }
    }

    /// `count` recipients that were counted as sent are something else after all.
    pub(super) fn correct(&mut self, before: Entry, after: Entry, count: u32) {
        if let Entry::Sent { way, delivered } = before {
            let left = self.sent.get(&way).copied().unwrap_or_default().saturating_sub(count);
            match left {
                0 => self.sent.remove(&way),
                left => self.sent.insert(way, left),
            };
            self.delivered = self.delivered.saturating_sub(if delivered { count } else { 0 });
        }
        self.add(after, count);
    }
}

/// Codes of WeChat's that are counted by themselves; a report with more would not be read.
const REASONS_MAX: usize = 40;

fn add_some(counts: &mut BTreeMap<String, u32>, code: String, count: u32) {
    let room = counts.len() < REASONS_MAX || counts.contains_key(&code);
    let code = if room { code } else { "rejected".to_owned() };
    *counts.entry(code).or_default() += count;
}

/// Whom to send to now. Each is to be settled, however it ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipient {
    pub follower: FollowerId,
    /// Names the attempt; every attempt of a broadcast has a number of its own.
    pub attempt: u32,
    /// A repeat, which WeChat knows for one only until then: not begun by then, it is settled as [`Outcome::Retry`].
    pub not_after: Option<Time>,
    pub message: Message,
}

/// What is sent, ready for this follower.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    Custom {
        text: String,
    },
    /// `client_id`: for the same follower and id WeChat delivers one message in ten minutes.
    Template {
        form: Form,
        client_id: String,
    },
    Subscription {
        form: Form,
    },
}

impl Recipient {
    pub fn way(&self) -> Way {
        match &self.message {
            Message::Custom { .. } => Way::Custom,
            Message::Template { .. } => Way::Template,
            Message::Subscription { .. } => Way::Subscription,
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Taken by WeChat, now or by an earlier attempt with the same id.
    Sent { msg_id: Option<String> },
    /// Surely not done; may work later.
    Retry,
    /// Sent, and no usable answer came.
    Uncertain,
    /// Surely not done, and everything waits until then.
    SlowDown { until: Time },
    /// This way is shut to this follower.
    Shut(Reason),
    /// WeChat will never take this for this follower, whatever the way.
    Rejected { code: i32 },
    /// A setting, or the message itself, is wrong: nobody would get it. Surely not done.
    Misconfigured { what: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_stored_in_a_few_bytes_and_reads_as_it_was() {
        let sent = Way::ALL.into_iter().flat_map(|way| {
            [
                Entry::Sent { way, delivered: true },
                Entry::Sent { way, delivered: false },
                Entry::MaybeSent { way },
            ]
        });
        let failed = Reason::PLAIN.into_iter().chain([Reason::Rejected(-1), Reason::Rejected(47003)]);
        let skipped = Skip::ALL.into_iter().map(Entry::Skipped);
        let entries = [Entry::Pending, Entry::InChunk(1), Entry::InChunk(u32::MAX)];
        for entry in entries.into_iter().chain(sent).chain(failed.map(Entry::Failed)).chain(skipped) {
            let packed: (u8, u16, i32) = entry.into();
            assert_eq!(Entry::try_from(packed), Ok(entry));
            assert!(rmp_serde::to_vec_named(&entry).unwrap().len() <= 8, "{entry:?}");
        }
        assert!(Entry::try_from((9, 0, 0)).is_err());
        assert!(Entry::try_from((4, 50, 0)).is_err());
    }
}
