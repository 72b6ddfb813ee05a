//! Keys whose bytes sort as the values do, so that a range of rows is a range of bytes.
//!
//! Numbers are big-endian (signed ones with the sign bit turned), texts are escaped and terminated, tuples
//! are their parts one after the other: the bytes of `(a, b)` begin with those of `a`, which is what makes a
//! part of a key a scan's prefix.

use crate::moment::Time;

/// A value that is a key, or a part of one.
pub trait Key: Sized {
    /// Appends bytes that sort as the values do and of which none is the beginning of another's.
    fn encode(&self, out: &mut Vec<u8>);

    /// Takes the value off the front of `from`; `None` if it isn't there.
    fn decode(from: &mut &[u8]) -> Option<Self>;
}

/// Ends a text. A zero byte inside one is followed by [`ESCAPED`], which sorts after the end.
const END: [u8; 2] = [0, 1];
const ESCAPED: u8 = 0xFF;

macro_rules! unsigned_keys {
    ($($number:ty),*) => {$(
        impl Key for $number {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn decode(from: &mut &[u8]) -> Option<Self> {
                take(from).map(<$number>::from_be_bytes)
            }
        }
    )*};
}

unsigned_keys!(u8, u16, u32, u64, u128);

impl Key for i64 {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.cast_unsigned() ^ (1 << 63)).encode(out);
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        u64::decode(from).map(|bits| (bits ^ (1 << 63)).cast_signed())
    }
}

impl Key for bool {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        match u8::decode(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Key for Time {
    fn encode(&self, out: &mut Vec<u8>) {
        self.unix_ms().encode(out);
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        i64::decode(from).map(Time::from_unix_ms)
    }
}

impl<const N: usize> Key for [u8; N] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        take(from)
    }
}

impl Key for String {
    fn encode(&self, out: &mut Vec<u8>) {
        for &byte in self.as_bytes() {
            out.push(byte);
            if byte == 0 {
                out.push(ESCAPED);
            }
        }
        out.extend_from_slice(&END);
    }

    fn decode(from: &mut &[u8]) -> Option<Self> {
        let mut text = Vec::new();
        loop {
            match *take::<1>(from)?.first()? {
                0 => match take::<1>(from)? {
                    [ESCAPED] => text.push(0),
                    [end] if end == END[1] => return String::from_utf8(text).ok(),
                    _ => return None,
                },
                byte => text.push(byte),
            }
        }
    }
}

/// The whole table, where a prefix is asked for.
impl Key for () {
    fn encode(&self, _: &mut Vec<u8>) {}

    fn decode(_: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

macro_rules! tuple_keys {
    ($(($($part:ident),*))*) => {$(
        impl<$($part: Key),*> Key for ($($part,)*) {
            #[expect(non_snake_case, reason = "parts are named by their types")]
            fn encode(&self, out: &mut Vec<u8>) {
                let ($($part,)*) = self;
                $($part.encode(out);)*
            }

            fn decode(from: &mut &[u8]) -> Option<Self> {
                Some(($($part::decode(from)?,)*))
            }
        }
    )*};
}

tuple_keys! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) }

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*head)
}

/// The whole of `bytes` as one key.
pub(crate) fn decode_all<K: Key>(mut bytes: &[u8]) -> Option<K> {
    let key = K::decode(&mut bytes)?;
    bytes.is_empty().then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes<K: Key>(key: &K) -> Vec<u8> {
        let mut out = Vec::new();
        key.encode(&mut out);
        out
    }

    fn check<K: Key + Ord + std::fmt::Debug>(a: K, b: K) -> Result<(), TestCaseError> {
        prop_assert_eq!(bytes(&a).cmp(&bytes(&b)), a.cmp(&b), "{:?} and {:?}", a, b);
        prop_assert_eq!(decode_all::<K>(&bytes(&a)), Some(a));
        Ok(())
    }

    /// Texts that are likely to share beginnings and to hold the bytes that are special here.
    fn text() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(vec!['\0', '\u{1}', 'a', '名', '\u{ff}']), 0..4)
            .prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn numbers_sort_as_their_bytes(a: (u8, u16, u32, u64), b: (u8, u16, u32, u64), c: i64, d: i64) {
            check(a, b)?;
            check(c, d)?;
            check(Time::from_unix_ms(c), Time::from_unix_ms(d))?;
        }

        #[test]
        fn texts_in_tuples_sort_as_their_bytes(a in (text(), text(), any::<bool>()), b in (text(), text(), any::<bool>())) {
            check(a, b)?;
        }

        #[test]
        fn tuples_of_five_sort_as_their_bytes(a: (u8, [u8; 2], i64, String, u64), b: (u8, [u8; 2], i64, String, u64)) {
            check(a, b)?;
        }

        #[test]
        fn garbage_is_refused_without_a_panic(garbage: Vec<u8>) {
            let _ = decode_all::<(String, u32, String)>(&garbage);
            let _ = decode_all::<(bool, [u8; 3])>(&garbage);
        }
    }

    #[test]
    fn the_beginning_of_a_tuple_is_the_beginning_of_its_bytes() {
        let whole = bytes(&(7u64, "openid".to_owned(), 3u8));
        assert!(whole.starts_with(&bytes(&(7u64, "openid".to_owned()))));
        assert!(!whole.starts_with(&bytes(&(7u64, "open".to_owned()))));
        assert!(whole.starts_with(&bytes(&())));
        assert_eq!(decode_all::<u8>(&[1, 2]), None, "bytes left over are damage");
    }
}
