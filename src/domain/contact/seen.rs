//! What a follower's latest messages were, and the answers to the very latest. Every turn reads and writes this, so
//! it is stored as plain bytes: a list of records would be taken apart and put together again each time.

use std::fmt;

use bytes::{Buf, BufMut, Bytes};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::record::FollowerId;
use super::shared::SharedKey;
use crate::moment::Time;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    pub messages: Messages,
    pub answers: Vec<GivenAnswer>,
    /// Messages created before this second and not in the list were forgotten: they count as seen.
    pub forgotten_s: i64,
}

/// Messages, oldest first, as they are stored: each one's key, then its CreateTime in Unix seconds, big-endian.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Messages(Vec<[u8; MESSAGE_BYTES]>);

impl Messages {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, key: u64) -> bool {
        let key = key.to_be_bytes();
        self.0.iter().any(|message| message.starts_with(&key))
    }

    pub fn push(&mut self, key: u64, created_s: i64) {
        self.0.push(((u128::from(key) << 64) | u128::from(created_s as u64)).to_be_bytes());
    }

    /// Forgets what was created before that second.
    pub fn drop_before(&mut self, created_s: i64) {
        self.0.retain(|message| created(message) >= created_s);
    }

    /// Forgets the oldest and says when it was created.
    pub fn drop_oldest(&mut self) -> Option<i64> {
        if self.0.is_empty() { None } else { Some(created(&self.0.remove(0))) }
    }
}

fn created(message: &[u8; MESSAGE_BYTES]) -> i64 {
    u128::from_be_bytes(*message) as u64 as i64
}

impl FromIterator<(u64, i64)> for Messages {
    fn from_iter<I: IntoIterator<Item = (u64, i64)>>(all: I) -> Messages {
        let mut messages = Messages::default();
        all.into_iter().for_each(|(key, created_s)| messages.push(key, created_s));
        messages
    }
}

/// An answer as it was given, so that a retried message gets the same one.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenAnswer {
    pub key: u64,
    pub at: Time,
    pub given: Given,
}

/// The reply as MessagePack.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// `success`
    Nothing,
    Public(Bytes),
    /// It holds what is the follower's own (personal data, codes): sealed for this message.
    Private(Bytes),
    /// It names the follower: sealed for the contact's slot.
    Own(Bytes),
    /// Many get it: it stands once, under this key.
    Shared(SharedKey),
}

impl Given {
    /// Whose a private answer is: this follower's, to this message.
    pub fn owner(who: &FollowerId, key: u64) -> Vec<u8> {
        [&key.to_be_bytes()[..], who.as_str().as_bytes()].concat()
    }

    fn kind(&self) -> u8 {
        match self {
            Given::Nothing => 0,
            Given::Public(_) => 1,
            Given::Private(_) => 2,
            Given::Own(_) => 3,
            Given::Shared(_) => 4,
        }
    }

    /// Bytes of what follows its kind and length.
    fn len(&self) -> usize {
        match self {
            Given::Nothing => 0,
            Given::Public(bytes) | Given::Private(bytes) | Given::Own(bytes) => bytes.len(),
            Given::Shared(_) => SHARED_BYTES,
        }
    }

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Given::Nothing => {}
            Given::Public(bytes) | Given::Private(bytes) | Given::Own(bytes) => out.put_slice(bytes),
            Given::Shared((span, hash)) => {
                out.put_u32(*span);
                out.put_u128(*hash);
            }
        }
    }

    fn from_kind(kind: u8, mut bytes: &[u8]) -> Option<Given> {
        let copied = Bytes::copy_from_slice;
        match kind {
            0 => Some(Given::Nothing),
            1 => Some(Given::Public(copied(bytes))),
            2 => Some(Given::Private(copied(bytes))),
            3 => Some(Given::Own(copied(bytes))),
            4 if bytes.len() == SHARED_BYTES => Some(Given::Shared((bytes.get_u32(), bytes.get_u128()))),
            _ => None,
        }
    }
}

const MESSAGE_BYTES: usize = 16;
const ANSWER_HEAD_BYTES: usize = 8 + 8 + 1 + 4;
const SHARED_BYTES: usize = 4 + 16;

impl GivenAnswer {
    /// What it takes in the row.
    pub fn bytes(&self) -> usize {
        ANSWER_HEAD_BYTES + self.given.len()
    }
}

/// Big-endian: `forgotten_s`, the number of messages, each one's key and second; then up to the end each answer's
/// key, Unix milliseconds, kind, length and bytes.
impl Seen {
    /// What it takes in the row.
    pub fn bytes(&self) -> usize {
        12 + self.messages.len() * MESSAGE_BYTES + self.answers.iter().map(GivenAnswer::bytes).sum::<usize>()
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes());
        out.put_i64(self.forgotten_s);
        out.put_u32(self.messages.len() as u32);
        out.put_slice(self.messages.0.as_flattened());
        for GivenAnswer { key, at, given } in &self.answers {
            out.put_u64(*key);
            out.put_i64(at.unix_ms());
            out.put_u8(given.kind());
            out.put_u32(given.len() as u32);
            given.put(&mut out);
        }
        out
    }

    fn decode(mut from: &[u8]) -> Option<Seen> {
        let forgotten_s = from.try_get_i64().ok()?;
        let count = from.try_get_u32().ok()? as usize;
        let (stored, mut from) = from.split_at_checked(count.checked_mul(MESSAGE_BYTES)?)?;
        let mut messages = Vec::with_capacity(count + 1); // with room for this one
        messages.extend_from_slice(stored.as_chunks().0);
        let mut answers = Vec::new();
        while !from.is_empty() {
            let key = from.try_get_u64().ok()?;
            let at = Time::from_unix_ms(from.try_get_i64().ok()?);
            let kind = from.try_get_u8().ok()?;
            let length = from.try_get_u32().ok()? as usize;
            let (given, rest) = from.split_at_checked(length)?;
            answers.push(GivenAnswer { key, at, given: Given::from_kind(kind, given)? });
            from = rest;
        }
        Some(Seen { messages: Messages(messages), answers, forgotten_s })
    }
}

impl Serialize for Seen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.encode())
    }
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Seen, D::Error> {
        deserializer.deserialize_any(BytesOrRecord)
    }
}

struct BytesOrRecord;

impl<'de> Visitor<'de> for BytesOrRecord {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was seen, as bytes or as the record of an earlier release")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Seen, E> {
        Seen::decode(bytes).ok_or_else(|| E::custom("not what was seen"))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Seen, A::Error> {
        let older = Older::deserialize(MapAccessDeserializer::new(map)).map_err(A::Error::custom)?;
        let messages = older.messages.into_iter().collect();
        Ok(Seen { messages, answers: Vec::new(), forgotten_s: older.forgotten_s })
    }
}

/// Its answers are left: they served a retry within seconds of an upgrade, which now gets `success`.
#[derive(Deserialize)]
struct Older {
    #[serde(rename = "m", alias = "messages")]
    messages: Vec<(u64, i64)>,
    #[serde(rename = "f", alias = "forgotten_s", default)]
    forgotten_s: i64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer() -> impl Strategy<Value = GivenAnswer> {
        let bytes = (0u8..4, prop::collection::vec(any::<u8>(), 0..50))
            .prop_map(|(kind, bytes)| Given::from_kind(kind, if kind == 0 { &[] } else { &bytes }).unwrap());
        let given = prop_oneof![bytes, any::<SharedKey>().prop_map(Given::Shared)];
        (any::<u64>(), any::<i64>(), given).prop_map(|(key, at, given)| GivenAnswer {
            key,
            at: Time::from_unix_ms(at),
            given,
        })
    }

    fn seen() -> impl Strategy<Value = Seen> {
        let messages = prop::collection::vec((any::<u64>(), any::<i64>()), 0..70);
        (messages, prop::collection::vec(answer(), 0..9), any::<i64>()).prop_map(
            |(messages, answers, forgotten_s)| Seen {
                messages: messages.into_iter().collect(),
                answers,
                forgotten_s,
            },
        )
    }

    proptest! {
        #[test]
        fn it_comes_back(seen in seen()) {
            let stored = seen.encode();
            prop_assert_eq!(stored.len(), seen.bytes());
            prop_assert_eq!(Seen::decode(&stored), Some(seen));
        }

        #[test]
        fn no_bytes_are_too_strange(seen in seen(), cut in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut stored = seen.encode();
            let at = cut.index(stored.len());
            stored[at] = byte;
            Seen::decode(&stored);
            stored.truncate(at);
            let decoded = Seen::decode(&stored);
            prop_assert!(decoded.is_none_or(|decoded| decoded.messages.len() <= seen.messages.len()));
        }
    }
}
