use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes that are stored as bytes. Serde writes a `Vec<u8>` as a list of numbers, half of which take two bytes; what
/// was stored so is read, too.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        deserializer.deserialize_byte_buf(EitherWay).map(Bytes)
    }
}

struct EitherWay;

impl<'de> Visitor<'de> for EitherWay {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes, or numbers from 0 to 255")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Vec<u8>, A::Error> {
        let mut bytes = Vec::new(); // of no length that is only said
        while let Some(byte) = numbers.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_take_a_byte_each_and_a_list_of_numbers_is_read() {
        let bytes: Vec<u8> = (0..=255).collect();
        let stored = rmp_serde::to_vec(&Bytes(bytes.clone())).unwrap();
        assert!(stored.len() < 260);
        assert!(rmp_serde::from_slice::<Bytes>(&stored).unwrap() == Bytes(bytes.clone()));
        let before = rmp_serde::to_vec(&bytes).unwrap();
        assert!(rmp_serde::from_slice::<Bytes>(&before).unwrap() == Bytes(bytes));
    }
}
