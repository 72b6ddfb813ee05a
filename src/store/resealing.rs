//! Bringing what earlier keys sealed under the current one, so that an earlier key can go.
//!
//! Rows are rewritten some at a time by commands. An earlier key leaves the label, which names every key that the
//! store needs, only after a walk over all rows found none that it sealed: where the commands got to is no proof.

use std::ops::{Bound, Range};

use super::backup::on_thread;
use super::codec::{Codec, Undecodable, checked, summed};
use super::core::Core;
use super::engine::{Direction, Engine};
use super::error::{Fault, OpenError, SubmitError};
use super::label::Label;
use super::seal::{KeyName, key_name};
use super::table::{OWN_PREFIX, TableInfo};
use super::tx::damaged;
use super::{Store, Tx};

/// What one command looked at and sealed anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resealed {
    pub looked_at: usize,
    pub anew: usize,
    /// Give this as `after` to go on; `None` if these were the last rows.
    pub next: Option<Vec<u8>>,
}

impl Tx<'_> {
    /// The key that seals what is written.
    pub fn seal_key(&self) -> KeyName {
        self.codec.sealer().current().as_ref().map(key_name).unwrap_or_default()
    }

    /// Looks at the next rows of the store, whatever their table, at most `limit`, and rewrites those that have fields
    /// sealed with an earlier key. A row that can't be read is a fault.
    pub fn reseal(&mut self, after: Option<&[u8]>, limit: usize) -> Result<Resealed, Fault> {
        const FIRST: &[u8] = &[OWN_PREFIX, u8::MAX];
        let after = after.unwrap_or(FIRST);
        let range = (Bound::Excluded(after), Bound::Unbounded);
        let rows = self.asked(self.overlay.borrow().scan(self.engine, range, Direction::Forward, limit))?;
        let looked_at = rows.len();
        let next = rows.last().filter(|_| looked_at == limit).map(|(last, _)| last.clone());
        let mut anew = 0;
        for (key, stored) in rows {
            let table = self.table_of(&key)?;
            let resealed =
                self.codec.resealed(&key, &stored).map_err(|problem| damaged(table, &key, &problem))?;
            if let Some(resealed) = resealed {
                self.write(table, key, Some(resealed))?;
                anew += 1;
            }
        }
        Ok(Resealed { looked_at, anew, next })
    }

    fn table_of(&self, key: &[u8]) -> Result<TableInfo, Fault> {
        let table = key.first().and_then(|prefix| self.catalog.table(*prefix));
        table.ok_or(Fault::UnknownTable("of another version"))
    }
}

impl Store {
    /// The keys but the current one that something in the store may be sealed with.
    pub async fn earlier_keys(&self) -> Result<Vec<KeyName>, SubmitError> {
        self.errand(|core| Ok(label(core)?.earlier_keys(core.codec.sealer()).iter().map(key_name).collect()))
            .await
    }

    /// Takes the earlier keys off the label if no row is sealed with one; says whether that is so. Reads every row.
    pub async fn retire_earlier_keys(&self) -> Result<bool, SubmitError> {
        let walk = self.walk().await?;
        // A row that can't be read may hold anything.
        let is_earlier =
            |codec: &Codec, key: &[u8], value: &[u8]| !matches!(codec.resealed(key, value), Ok(None));
        if on_thread(move || walk.any(is_earlier)).await?? {
            return Ok(false);
        }
        self.errand(retire).await.map(|()| true)
    }
}

/// The keys that a store names in its label, the latest last, whether or not a service runs on it.
pub fn keys_of(engine: &dyn Engine) -> Result<Vec<KeyName>, OpenError> {
    let label = engine.label()?.map(|bytes| Label::decode(&bytes)).transpose()?;
    Ok(label.iter().flat_map(|label| &label.keys).map(key_name).collect())
}

fn retire(core: &mut Core) -> Result<(), SubmitError> {
    let kept = Label { keys: core.codec.sealer().current().into_iter().collect(), ..label(core)? };
    core.engine.set_label(&kept.encode()).map_err(|error| SubmitError::Unavailable(error.to_string()))
}

fn label(core: &Core) -> Result<Label, SubmitError> {
    let unavailable = |error: OpenError| SubmitError::Unavailable(error.to_string());
    let bytes = core.engine.label().map_err(|error| unavailable(error.into()))?;
    Label::decode(&bytes.unwrap_or_default()).map_err(unavailable)
}

impl Codec {
    /// The row with its sealed fields under the current key; `None` if none is under an earlier one. Nothing else in it
    /// changes, whatever its type.
    fn resealed(&self, key: &[u8], stored: &[u8]) -> Result<Option<Vec<u8>>, Undecodable> {
        let payload = checked(key, stored)?;
        let mut anew = Vec::new();
        let mut copied = 0;
        for field in binaries(payload).ok_or_else(|| Undecodable::Shape("not MessagePack".to_owned()))? {
            let sealed = payload.get(field.clone()).unwrap_or_default();
            if let Some(resealed) = self.sealer().resealed(key, sealed) {
                anew.extend_from_slice(payload.get(copied..field.start).unwrap_or_default());
                anew.extend(resealed);
                copied = field.end;
            }
        }
        if copied == 0 {
            return Ok(None);
        }
        anew.extend_from_slice(payload.get(copied..).unwrap_or_default());
        Ok(Some(summed(key, &anew)))
    }
}

/// Where the binary values of a MessagePack value lie, as which sealed fields are stored; `None` if it is none.
fn binaries(value: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut values_left = 1u64;
    while values_left > 0 {
        let head = *value.get(at)?;
        at += 1;
        let mut number = |bytes: usize| {
            let digits = value.get(at..at + bytes)?;
            at += bytes;
            Some(digits.iter().fold(0u64, |number, digit| number << 8 | u64::from(*digit)))
        };
        // Bytes that follow, and values within.
        let (bytes, values) = match head {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => (0, 0),
            0x80..=0x8f => (0, 2 * u64::from(head & 0xf)),
            0x90..=0x9f => (0, u64::from(head & 0xf)),
            0xa0..=0xbf => (u64::from(head & 0x1f), 0),
            0xc4..=0xc6 => (number(1 << (head - 0xc4))?, 0),
            0xc7..=0xc9 => (number(1 << (head - 0xc7))? + 1, 0),
            0xca => (4, 0),
            0xcb => (8, 0),
            0xcc..=0xcf => (1 << (head - 0xcc), 0),
            0xd0..=0xd3 => (1 << (head - 0xd0), 0),
            0xd4..=0xd8 => (1 + (1 << (head - 0xd4)), 0),
            0xd9..=0xdb => (number(1 << (head - 0xd9))?, 0),
            0xdc..=0xdd => (0, number(2 << (head - 0xdc))?),
            0xde..=0xdf => (0, 2 * number(2 << (head - 0xde))?),
            0xc1 => return None,
        };
        let end = at.checked_add(usize::try_from(bytes).ok()?).filter(|end| *end <= value.len())?;
        if matches!(head, 0xc4..=0xc6) {
            found.push(at..end);
        }
        at = end;
        values_left += values;
        values_left -= 1;
    }
    (at == value.len()).then_some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Serialize;

    use super::*;

    #[derive(Debug, Clone)]
    struct Bytes(Vec<u8>);

    impl Serialize for Bytes {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&self.0)
        }
    }

    #[derive(Debug, Clone, Serialize)]
    enum Node {
        Nothing,
        Truth(bool),
        Number(i64),
        Unsigned(u64),
        Real(f64),
        Small(f32),
        Text(String),
        Bytes(Bytes),
        Optional(Option<Bytes>),
        List(Vec<Node>),
        Named { first: Box<Node>, second: Box<Node> },
        Map(std::collections::BTreeMap<String, Node>),
    }

    fn node() -> impl Strategy<Value = Node> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..400).prop_map(Bytes);
        let leaf = prop_oneof![
            Just(Node::Nothing),
            any::<bool>().prop_map(Node::Truth),
            any::<i64>().prop_map(Node::Number),
            any::<u64>().prop_map(Node::Unsigned),
            any::<f64>().prop_map(Node::Real),
            any::<f32>().prop_map(Node::Small),
            ".{0,300}".prop_map(Node::Text),
            bytes().prop_map(Node::Bytes),
            prop::option::of(bytes()).prop_map(Node::Optional),
        ];
        leaf.prop_recursive(4, 64, 20, |inner| {
            let boxed = || inner.clone().prop_map(Box::new);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..20).prop_map(Node::List),
                (boxed(), boxed()).prop_map(|(first, second)| Node::Named { first, second }),
                prop::collection::btree_map("[a-z]{1,40}", inner, 0..20).prop_map(Node::Map),
            ]
        })
    }

    fn bytes_in(node: &Node, found: &mut Vec<Vec<u8>>) {
        match node {
            Node::Bytes(Bytes(bytes)) | Node::Optional(Some(Bytes(bytes))) => found.push(bytes.clone()),
            Node::List(nodes) => nodes.iter().for_each(|node| bytes_in(node, found)),
            Node::Named { first, second } => {
                [first, second].into_iter().for_each(|node| bytes_in(node, found))
            }
            Node::Map(nodes) => nodes.values().for_each(|node| bytes_in(node, found)),
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn every_binary_value_is_found_and_nothing_else(node in node()) {
            let stored = rmp_serde::to_vec_named(&node).unwrap();
            let mut expected = Vec::new();
            bytes_in(&node, &mut expected);
            let found = binaries(&stored).unwrap().into_iter().map(|field| stored[field].to_vec());
            prop_assert_eq!(found.collect::<Vec<_>>(), expected);
            prop_assert_eq!(binaries(&stored[..stored.len() - 1]), None);
        }

        #[test]
        fn garbage_is_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            binaries(&bytes);
        }
    }
}
