use serde::{Deserialize, Serialize};

pub use super::reach::{Origin, Quotas, Reach};
use crate::moment::Time;
use crate::privacy::Short;
use crate::store::{Key, Sealed};

/// A follower's OpenID: 28 characters in practice, case-sensitive, one per account and person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FollowerId(String);

impl FollowerId {
    pub fn new(openid: impl Into<String>) -> FollowerId {
        FollowerId(openid.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for FollowerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", Short(&self.0))
    }
}

impl Key for FollowerId {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        String::decode(from).map(FollowerId)
    }
}

/// Everything that changes with each message stands in this one row, so that a turn costs one write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    pub subscribed: bool,
    pub first_seen: Time,
    pub last_seen: Time,
    pub came: Came,
    /// Since when they follow, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed: Option<Time>,
    #[serde(default)]
    pub reach: Reach,
    /// Messages in a row that nothing answered.
    #[serde(default)]
    pub misses: u8,
    #[serde(default)]
    pub dialogue: Option<StoredDialogue>,
    /// Why the last refusal was given, for «为什么».
    #[serde(default)]
    pub why: Option<String>,
    /// The rest of an answer too long for one message, for «更多».
    #[serde(default)]
    pub rest: Option<String>,
    #[serde(default)]
    pub seen: Seen,
}

/// How a follower came to the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Came {
    /// Seen before any follow event: an old follower, or the event was lost.
    Unknown,
    Followed,
    /// By a QR code with this scene.
    Scanned(String),
    /// After a payment with this trade number.
    Paid(String),
}

/// A dialogue between two turns. The state is the flows' own, as JSON; its version lets it outlive a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredDialogue {
    pub version: u16,
    pub state: StoredState,
    pub expires: Time,
    pub turns: u16,
}

/// A state that holds nothing personal is stored as it is; a draft with answers in it is sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum StoredState {
    Open(String),
    Sealed(Sealed<String>),
}

/// What this follower's latest messages were, and the answers to the very latest.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// (key, CreateTime in Unix seconds), oldest first.
    pub messages: Vec<(u64, i64)>,
    pub answers: Vec<GivenAnswer>,
    /// Messages created before this second and not in the list were forgotten: they count as seen.
    #[serde(default)]
    pub forgotten_s: i64,
}

/// An answer as it was given, so that a retried message gets the same one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GivenAnswer {
    pub key: u64,
    pub at: Time,
    /// The reply as JSON; `None` is `success`.
    pub reply: Option<String>,
}
