use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

use super::{Inbound, Kind};

/// One half of what tells a repeated delivery from a new message; the follower is the other half, because
/// WeChat has given the same `MsgId` to messages of different followers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageKey(pub u64);

impl Inbound {
    /// From `MsgId` for a message that has one; for events, where WeChat promises none, from everything that
    /// tells two apart which share a second: the event, its key, its job's id and the text itself.
    pub fn key(&self) -> MessageKey {
        let mut hash = Xxh3Default::new();
        let mut add = |part: &str| {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        };
        match (&self.kind, &self.msg_id) {
            (Kind::Event(event), _) => {
                add(event.name());
                add(event.key().unwrap_or_default());
                add(event.msg_id().or(self.msg_id.as_deref()).unwrap_or_default());
            }
            (_, Some(msg_id)) => {
                add("");
                add(msg_id);
                return MessageKey(hash.digest());
            }
            (kind, None) => add(kind.msg_type().unwrap_or_default()),
        }
        hash.update(&self.created.to_le_bytes());
        hash.update(&self.raw_hash.to_le_bytes());
        MessageKey(hash.digest())
    }
}
