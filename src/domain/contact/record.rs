use serde::{Deserialize, Serialize};

pub use super::reach::{Origin, Quotas, Reach};
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
}

/// A state that holds nothing personal is stored as it is; a draft with answers in it is sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum StoredState {
    Open(String),
    Sealed(Sealed<String>),
    /// It names the follower: sealed for the contact's slot.
    Own(Sealed<Bytes>),
}

/// What this follower's latest messages were, and the answers to the very latest.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// (key, CreateTime in Unix seconds), oldest first.
    #[serde(rename = "m", alias = "messages")]
    pub messages: Vec<(u64, i64)>,
    #[serde(rename = "a", alias = "answers")]
    pub answers: Vec<GivenAnswer>,
    /// Messages created before this second and not in the list were forgotten: they count as seen.
    #[serde(rename = "f", alias = "forgotten_s", default, skip_serializing_if = "is_default")]
    pub forgotten_s: i64,
}

/// An answer as it was given, so that a retried message gets the same one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredAnswer", into = "StoredAnswer")]
pub struct GivenAnswer {
    pub key: u64,
    pub at: Time,
    pub given: Given,
}

/// The reply as JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// `success`
    Nothing,
    Public(String),
    /// It holds what is the follower's own: personal data, codes.
    Private(Sealed<String>),
    /// It names the follower: sealed for the contact's slot.
    Own(Sealed<Bytes>),
}

impl Given {
    /// What it takes in the row, about.
    pub fn bytes(&self) -> usize {
        match self {
            Given::Nothing => 0,
            Given::Public(json) => json.len(),
            Given::Private(json) => json.reveal().len(),
            Given::Own(sealed) => sealed.reveal().0.len(),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredAnswer {
    #[serde(rename = "k", alias = "key")]
    key: u64,
    #[serde(rename = "t", alias = "at")]
    at: Time,
    #[serde(rename = "r", alias = "reply", default, skip_serializing_if = "Option::is_none")]
    public: Option<String>,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    private: Option<Sealed<String>>,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    own: Option<Sealed<Bytes>>,
}

impl From<StoredAnswer> for GivenAnswer {
    fn from(StoredAnswer { key, at, public, private, own }: StoredAnswer) -> GivenAnswer {
        let given = match (own, private, public) {
            (Some(sealed), _, _) => Given::Own(sealed),
            (None, Some(json), _) => Given::Private(json),
            (None, None, Some(json)) => Given::Public(json),
            (None, None, None) => Given::Nothing,
        };
        GivenAnswer { key, at, given }
    }
}

impl From<GivenAnswer> for StoredAnswer {
    fn from(GivenAnswer { key, at, given }: GivenAnswer) -> StoredAnswer {
        let (public, private, own) = match given {
            Given::Nothing => (None, None, None),
            Given::Public(json) => (Some(json), None, None),
            Given::Private(json) => (None, Some(json), None),
            Given::Own(sealed) => (None, None, Some(sealed)),
        };
        StoredAnswer { key, at, public, private, own }
    }
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
        let answers = vec![GivenAnswer { key: 7, at: now, given: Given::Public("{}".to_owned()) }];
        let seen = Seen { messages: vec![(7, 1)], answers, forgotten_s: 5 };
        assert_eq!(read, Contact { subscribed: true, came, misses: 3, seen, ..Contact::new(now) });
    }

    #[tokio::test]
    async fn what_was_answered_privately_is_sealed_where_it_is_kept_for_retries() {
        use crate::domain::tables::{CATALOG, CONTACTS};
        use crate::store::engine::memory::Memory;
        use crate::store::engine::{Direction, Engine};
        use crate::store::testing::sealer;
        use crate::store::{Options, Store};

        let memory = Memory::default();
        let store = Store::open(Box::new(memory.clone()), Options::new(sealer(), CATALOG)).unwrap();
        let now = Time::from_unix_s(1_795_400_000);
        let mut contact = Contact::new(now);
        contact.rest = Some(Sealed::new("330299199001010017".to_owned()));
        for (key, given) in [
            (1, Given::Private(Sealed::new("330299199001010017".to_owned()))),
            (2, Given::Public("福利领取".to_owned())),
            (3, Given::Nothing),
        ] {
            contact.seen.answers.push(GivenAnswer { key, at: now, given });
        }
        let at = crate::moment::Moment { now, seed: 1 };
        let (who, kept) = (FollowerId::new("oMei"), contact.clone());
        store.submit(at, move |tx| tx.put(&CONTACTS, &who, &kept)).await.unwrap();
        let back = store.read(at, |tx| tx.get(&CONTACTS, &FollowerId::new("oMei"))).await.unwrap();
        assert_eq!(back, Some(contact));
        let all = (std::ops::Bound::Unbounded, std::ops::Bound::Unbounded);
        let rows = memory.scan(all, Direction::Forward, 1000).unwrap();
        let holds = |words: &str| {
            rows.iter().any(|(_, row)| row.windows(words.len()).any(|window| window == words.as_bytes()))
        };
        assert!(holds("福利领取") && !holds("330299199001010017"));
    }
}
