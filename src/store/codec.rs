//! How a value is stored: a checksum over its row, then MessagePack with field names, so that a later release
//! may add fields (with `#[serde(default)]`).

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::Fault;
use super::key_book::KeyBook;
use super::seal::{self, Sealer, Unopenable};
use super::table::TableInfo;

/// The longest key, with its table's prefix.
pub const KEY_BYTES_MAX: usize = 512;

/// The longest value as stored. A leaf of the sled engine holds up to 16 rows; above 131,052 bytes it moves to
/// a file of its own that sled never syncs. Documents are files beside the store.
pub const VALUE_BYTES_MAX: usize = 7 * 1024;

/// Reads and writes rows.
#[derive(Debug, Clone)]
pub struct Codec {
    sealer: Sealer,
}

/// Why a stored row can't be read. Says nothing of what is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    #[error("its key can't be read")]
    Key,
    #[error("its checksum is wrong")]
    Checksum,
    #[error("its value has another shape: {0}")]
    Shape(String),
    #[error(transparent)]
    Sealed(#[from] Unopenable),
}

const CHECKSUM_BYTES: usize = 4;

impl Codec {
    pub(crate) fn book(&self) -> &KeyBook {
        self.sealer.book()
    }

    pub(crate) fn new(sealer: Sealer) -> Codec {
        Codec { sealer }
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    pub(crate) fn encode<V: Serialize>(
        &self,
        table: TableInfo,
        key: &[u8],
        value: &V,
    ) -> Result<Vec<u8>, Fault> {
        let table = table.name;
        if key.len() > KEY_BYTES_MAX {
            return Err(Fault::KeyTooLong { table, bytes: key.len(), limit: KEY_BYTES_MAX });
        }
        let mut stored = Vec::with_capacity(256);
        stored.extend_from_slice(&[0; CHECKSUM_BYTES]);
        let mut serializer = rmp_serde::Serializer::new(&mut stored).with_struct_map();
        let (written, _) = seal::within_row(&self.sealer, key, || value.serialize(&mut serializer));
        written.map_err(|error| Fault::Unencodable { table, detail: error.to_string() })?;
        if stored.len() > VALUE_BYTES_MAX {
            return Err(Fault::ValueTooLong { table, bytes: stored.len(), limit: VALUE_BYTES_MAX });
        }
        if let Some((sum, payload)) = stored.split_first_chunk_mut::<CHECKSUM_BYTES>() {
            *sum = checksum(key, payload);
        }
        Ok(stored)
    }

    pub(crate) fn decode<V: DeserializeOwned>(&self, key: &[u8], stored: &[u8]) -> Result<V, Undecodable> {
        let payload = checked(key, stored)?;
        let (read, unopenable) = seal::within_row(&self.sealer, key, || rmp_serde::from_slice::<V>(payload));
        read.map_err(|error| match unopenable {
            Some(reason) => Undecodable::Sealed(reason),
            None => Undecodable::Shape(shape(&error)),
        })
    }
}

/// Bytes of the store's own rows, with the checksum of a value.
pub(crate) fn summed(key: &[u8], payload: &[u8]) -> Vec<u8> {
    [&checksum(key, payload)[..], payload].concat()
}

/// The value's bytes if they are those that were written for this key.
pub(crate) fn checked<'a>(key: &[u8], stored: &'a [u8]) -> Result<&'a [u8], Undecodable> {
    let (sum, payload) = stored.split_first_chunk::<CHECKSUM_BYTES>().ok_or(Undecodable::Checksum)?;
    if *sum == checksum(key, payload) { Ok(payload) } else { Err(Undecodable::Checksum) }
}

/// Covers the key too: a value under another row's key is found.
fn checksum(key: &[u8], payload: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut sum = crc32fast::Hasher::new();
    sum.update(key);
    sum.update(payload);
    sum.finalize().to_le_bytes()
}

/// Serde's words only where they can't quote a value.
fn shape(error: &rmp_serde::decode::Error) -> String {
    let said = error.to_string();
    if said.starts_with("missing field") { said } else { "another type than the table's".to_owned() }
}

/// A stored key as it may be shown: enough to find the row, not who it is about.
pub(crate) fn shown_key(key: &[u8]) -> String {
    const SHOWN_BYTES: usize = 6;
    let own = key.get(1..).unwrap_or_default();
    let head = own.get(..SHOWN_BYTES).unwrap_or(own);
    let more = if own.len() > SHOWN_BYTES { "…" } else { "" };
    format!("{}{more} ({} bytes)", hex::encode(head), own.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Sealed, Table};
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Person {
        name: String,
        phone: Sealed<String>,
        card: Option<Sealed<String>>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct LaterPerson {
        name: String,
        card: Option<Sealed<String>>,
        #[serde(default)]
        visits: u32,
    }

    const PEOPLE: Table<u64, Person> = Table::durable(1, "people");

    fn codec(current: u8, previous: &[u8]) -> Codec {
        let previous: Vec<_> = previous.iter().map(|byte| [*byte; 32]).collect();
        Codec::new(Sealer::new(&[current; 32], &previous))
    }

    fn mei() -> Person {
        let phone = Sealed::new("13800001234".to_owned());
        Person { name: "梅".to_owned(), phone, card: Some(Sealed::new("6222020000000000".to_owned())) }
    }

    fn stored(codec: &Codec, key: u64) -> (Vec<u8>, Vec<u8>) {
        let key = PEOPLE.key(&key);
        let value = codec.encode(PEOPLE.info(), &key, &mei()).unwrap();
        (key, value)
    }

    fn read(codec: &Codec, key: &[u8], value: &[u8]) -> Result<Person, Undecodable> {
        codec.decode(key, value)
    }

    #[test]
    fn a_sealed_field_comes_back_and_its_text_is_not_in_the_row() {
        let codec = codec(1, &[]);
        let (key, value) = stored(&codec, 7);
        assert_eq!(read(&codec, &key, &value), Ok(mei()));
        assert!(!value.windows(11).any(|part| part == b"13800001234"));
        assert_eq!(stored(&codec, 7).1, value, "a command that is run twice writes the same bytes");
        assert_ne!(stored(&codec, 8).1, value);
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let codec = codec(1, &[]);
        let (key, value) = stored(&codec, 7);
        for bit in 0..value.len() * 8 {
            let mut flipped = value.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&codec, &key, &flipped), Err(Undecodable::Checksum));
        }
        for length in 0..value.len() {
            assert_eq!(read(&codec, &key, &value[..length]), Err(Undecodable::Checksum));
        }
        let other = PEOPLE.key(&8);
        assert_eq!(read(&codec, &other, &value), Err(Undecodable::Checksum), "a row moved to another key");
    }

    #[test]
    fn sealed_fields_can_not_be_moved_even_with_the_checksum_made_right() {
        let codec = codec(1, &[]);
        let (key, value) = stored(&codec, 7);
        let other = PEOPLE.key(&8);
        let moved = resummed(&other, &value);
        assert_eq!(read(&codec, &other, &moved), Err(Undecodable::Sealed(Unopenable::Altered)));

        // The two sealed fields of one row, exchanged.
        let raw = value[4..].to_vec();
        let swapped = swap_names(&raw, b"phone", b"\xa4card");
        assert_ne!(swapped, raw);
        let swapped = resummed(&key, &[&value[..4], &swapped].concat());
        assert_eq!(read(&codec, &key, &swapped), Err(Undecodable::Sealed(Unopenable::Altered)));
    }

    fn resummed(key: &[u8], value: &[u8]) -> Vec<u8> {
        summed(key, &value[4..])
    }

    /// Reads the two fields as each other's by exchanging the fields' contents.
    fn swap_names(raw: &[u8], first: &[u8], second: &[u8]) -> Vec<u8> {
        let find = |what: &[u8]| raw.windows(what.len()).position(|part| part == what).unwrap();
        let (a, b) = (find(first) + first.len(), find(second) + second.len());
        let (between, after) = (&raw[a..b - second.len()], &raw[b..]);
        [&raw[..a], after, second, between].concat()
    }

    #[test]
    fn a_previous_key_still_reads_and_an_unknown_one_is_named() {
        let (key, value) = stored(&codec(1, &[]), 7);
        assert_eq!(read(&codec(2, &[1]), &key, &value), Ok(mei()));
        let refused = read(&codec(2, &[]), &key, &value);
        assert!(matches!(refused, Err(Undecodable::Sealed(Unopenable::UnknownKey(_)))), "{refused:?}");
    }

    #[test]
    fn a_later_release_may_add_and_drop_fields() {
        let codec = codec(1, &[]);
        let (key, value) = stored(&codec, 7);
        let later: LaterPerson = codec.decode(&key, &value).unwrap();
        assert_eq!(later, LaterPerson { name: "梅".to_owned(), card: mei().card, visits: 0 });
    }

    #[test]
    fn nothing_but_the_store_serializes_a_sealed_field() {
        assert!(serde_json::to_string(&mei()).is_err());
        assert!(rmp_serde::to_vec(&mei()).is_err());
        assert!(!format!("{:?}", mei()).contains("138"));
    }

    #[test]
    fn a_value_over_the_limit_is_a_fault_that_names_the_table() {
        let table: Table<u64, String> = Table::durable(1, "texts");
        let fault = codec(1, &[]).encode(table.info(), &table.key(&1), &"x".repeat(8000)).unwrap_err();
        assert_eq!(fault.to_string(), "a value of table texts has 8007 bytes; the limit is 7168");
    }

    #[test]
    fn messages_about_a_row_hold_nothing_of_it() {
        let table: Table<u64, String> = Table::durable(1, "texts");
        let codec = codec(1, &[]);
        let key = table.key(&1);
        let value = codec.encode(table.info(), &key, &"张三 13800001234").unwrap();
        let error = codec.decode::<u64>(&key, &value).unwrap_err();
        assert_eq!(error.to_string(), "its value has another shape: another type than the table's");
        assert_eq!(shown_key(b"\x01oUnion0001"), "6f556e696f6e… (10 bytes)");
    }
}
