use serde::{Deserialize, Serialize};

pub use super::reach::{Origin, Quotas, Reach};
pub use super::seen::{Given, GivenAnswer, Seen};
use crate::moment::Time;
use crate::privacy::Short;
use crate::store::{Bytes, Key, Sealed};

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

/// Everything that changes with each message stands in this one row, so that a turn costs one write. There is one
/// for each follower, so its names are short where it is stored, and what is as it began is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    #[serde(rename = "s", alias = "subscribed")]
    pub subscribed: bool,
    #[serde(rename = "f", alias = "first_seen")]
    pub first_seen: Time,
    /// The beginning of time, where nothing was heard: see [`heard`](Contact::heard).
    #[serde(rename = "l", alias = "last_seen")]
    pub last_seen: Time,
    #[serde(rename = "c", alias = "came", default, skip_serializing_if = "is_default")]
    pub came: Came,
    /// Since when they follow, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed: Option<Time>,
    #[serde(rename = "r", alias = "reach", default, skip_serializing_if = "is_default")]
    pub reach: Reach,
    /// Messages in a row that nothing answered.
    #[serde(rename = "m", alias = "misses", default, skip_serializing_if = "is_default")]
    pub misses: u8,
    #[serde(rename = "d", alias = "dialogue", default, skip_serializing_if = "Option::is_none")]
    pub dialogue: Option<StoredDialogue>,
    /// Why the last refusal was given, for «为什么».
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The rest of an answer too long for one message, for «更多».
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<Sealed<String>>,
    /// Of the key book: what names them is sealed for it here, so that no backup tells it once they are forgotten.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<u64>,
    /// The rest of an answer that names them, sealed for the slot.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub own_rest: Option<Sealed<Bytes>>,
    /// With WeChat's customer-service desk until then, if nothing more is heard.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<Time>,
    #[serde(rename = "n", alias = "seen", default, skip_serializing_if = "is_default")]
    pub seen: Seen,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How a follower came to the account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Came {
    /// Seen before any follow event: an old follower, or the event was lost.
    #[default]
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
    #[serde(rename = "v", alias = "version")]
    pub version: u16,
    #[serde(rename = "s", alias = "state")]
    pub state: StoredState,
    #[serde(rename = "e", alias = "expires")]
    pub expires: Time,
    #[serde(rename = "t", alias = "turns")]
    pub turns: u16,
    /// The name of a service that was no answer here, as made alike, and that the follower may go to: said once more, it
    /// is meant.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<String>,
}

/// A state that holds nothing personal is stored as it is; a draft with answers in it is sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum StoredState {
    Open(String),
    Sealed(Sealed<String>),
    /// It names the follower: sealed for the contact's slot.
    Own(Sealed<Bytes>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Table;
    use crate::store::testing::Bench;

    /// The row with the names that were stored before.
    #[derive(Clone, Serialize, Deserialize)]
    struct Before {
        subscribed: bool,
        first_seen: Time,
        last_seen: Time,
        came: Came,
        misses: u8,
        seen: SeenBefore,
    }

    #[derive(Clone, Serialize, Deserialize)]
    struct SeenBefore {
        messages: Vec<(u64, i64)>,
        answers: Vec<AnswerBefore>,
        forgotten_s: i64,
    }

    #[derive(Clone, Serialize, Deserialize)]
    struct AnswerBefore {
        key: u64,
        at: Time,
        reply: Option<String>,
    }

    #[test]
    fn a_row_with_the_long_names_is_read() {
        const OLD: Table<u64, Before> = Table::durable(0x21, "contacts");
        const NEW: Table<u64, Contact> = Table::durable(0x21, "contacts");
        let now = Time::from_unix_s(1_796_090_400);
        let answers = vec![AnswerBefore { key: 7, at: now, reply: Some("{}".to_owned()) }];
        let seen = SeenBefore { messages: vec![(7, 1)], answers, forgotten_s: 5 };
        let came = Came::Scanned("a".to_owned());
        let before =
            Before { subscribed: true, first_seen: now, last_seen: now, came: came.clone(), misses: 3, seen };
        let mut bench = Bench::new(&[OLD.info()]);
        bench.run(|tx| tx.put(&OLD, &1, &before)).unwrap();
        let read = bench.run(|tx| tx.get(&NEW, &1)).unwrap().unwrap();
        let seen = Seen { messages: [(7, 1)].into_iter().collect(), answers: Vec::new(), forgotten_s: 5 };
        assert_eq!(read, Contact { subscribed: true, came, misses: 3, seen, ..Contact::new(now) });
    }
}
