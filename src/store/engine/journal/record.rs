//! How a commit stands in a journal file.
//!
//! A file is [`FILE_HEAD`] and records, one after the other. A record is the length of its body, a checksum over
//! all else of it, its number, and the body: the rows, each as two lengths, its key and its value.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::store::engine::Write;

/// Says what the file is, and the format of its records.
pub(super) const FILE_HEAD: &[u8; 16] = b"gonghui journal1";

/// Length, checksum, number.
pub(super) const HEAD_BYTES: usize = 4 + 8 + 8;

/// A row's two lengths.
const ROW_HEAD_BYTES: usize = 4 + 4;

/// Stands for the length of a value that is deleted.
pub(super) const DELETED: u32 = u32::MAX;

/// A commit. Each has the number above the last one's; after a gap something is missing.
#[derive(Debug, PartialEq)]
pub(super) struct Record {
    pub number: u64,
    pub writes: Vec<Write>,
    /// Where it begins in its file.
    pub at: usize,
}

/// How far from a record's beginning each of its values stands.
pub(super) fn offsets(writes: &[Write]) -> impl Iterator<Item = usize> {
    writes.iter().scan(HEAD_BYTES, |end, (key, value)| {
        let at = *end + ROW_HEAD_BYTES + key.len();
        *end = at + value.as_ref().map_or(0, Vec::len);
        Some(at)
    })
}

/// Puts a record's bytes into `record`, whatever was there.
pub(super) fn encode(number: u64, writes: &[Write], record: &mut Vec<u8>) {
    record.clear();
    record.extend_from_slice(&[0; HEAD_BYTES]);
    for (key, value) in writes {
        record.extend_from_slice(&length(key).to_le_bytes());
        record.extend_from_slice(&value.as_deref().map_or(DELETED, length).to_le_bytes());
        record.extend_from_slice(key);
        record.extend_from_slice(value.as_deref().unwrap_or_default());
    }
    let (head, body) = record.split_at_mut(HEAD_BYTES);
    let sum = checksum(number, body).to_le_bytes();
    let fields = [&length(body).to_le_bytes()[..], &sum, &number.to_le_bytes()];
    head.copy_from_slice(&fields.concat());
}

/// Keys and values are bounded by the store, far below this.
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(DELETED)
}

fn checksum(number: u64, body: &[u8]) -> u64 {
    xxh3_64_with_seed(body, number ^ ((body.len() as u64) << 40))
}

/// The whole records of a file, up to the first that isn't or that doesn't follow the one before it: a file that is
/// written to again holds older ones behind the new.
pub(super) struct Records<'a> {
    file: &'a [u8],
    rest: &'a [u8],
    last: Option<u64>,
}

impl<'a> Records<'a> {
    pub fn of(file: &'a [u8]) -> Records<'a> {
        Records { file, rest: file.strip_prefix(FILE_HEAD).unwrap_or_default(), last: None }
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let (number, writes, rest) = decode(self.rest)?;
        if self.last.is_some_and(|last| number != last + 1) {
            return None;
        }
        let at = self.file.len() - self.rest.len();
        (self.rest, self.last) = (rest, Some(number));
        Some(Record { number, writes, at })
    }
}

fn decode(bytes: &[u8]) -> Option<(u64, Vec<Write>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (sum, rest) = rest.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let (body, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let number = u64::from_le_bytes(*number);
    if checksum(number, body) != u64::from_le_bytes(*sum) {
        return None;
    }
    Some((number, writes(body)?, rest))
}

fn writes(mut body: &[u8]) -> Option<Vec<Write>> {
    let mut writes = Vec::new();
    while !body.is_empty() {
        let (key_bytes, rest) = body.split_first_chunk()?;
        let (value_bytes, rest) = rest.split_first_chunk()?;
        let (key, rest) = rest.split_at_checked(u32::from_le_bytes(*key_bytes) as usize)?;
        let value_bytes = u32::from_le_bytes(*value_bytes);
        if value_bytes == DELETED {
            writes.push((key.to_vec(), None));
            body = rest;
            continue;
        }
        let (value, rest) = rest.split_at_checked(value_bytes as usize)?;
        writes.push((key.to_vec(), Some(value.to_vec())));
        body = rest;
    }
    Some(writes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records() -> impl Strategy<Value = Vec<Record>> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..30);
        let writes = prop::collection::vec((bytes(), prop::option::of(bytes())), 0..4);
        prop::collection::vec(writes, 1..5)
            .prop_map(|all| (1..).zip(all).map(|(number, writes)| Record { number, writes, at: 0 }).collect())
    }

    /// A file, and where its records end.
    fn file(records: &mut [Record]) -> (Vec<u8>, Vec<usize>) {
        let (mut file, mut ends, mut bytes) = (FILE_HEAD.to_vec(), Vec::new(), Vec::new());
        for record in records {
            record.at = file.len();
            encode(record.number, &record.writes, &mut bytes);
            file.extend_from_slice(&bytes);
            ends.push(file.len());
        }
        (file, ends)
    }

    proptest! {
        #[test]
        fn records_come_back_and_a_torn_tail_ends_them(mut records in records(), cut in any::<prop::sample::Index>()) {
            let (file, ends) = file(&mut records);
            for record in &records {
                for ((_, value), at) in record.writes.iter().zip(offsets(&record.writes)) {
                    let value = value.as_deref().unwrap_or_default();
                    prop_assert_eq!(&file[record.at + at..][..value.len()], value);
                }
            }
            let cut = cut.index(file.len() + 1);
            let found: Vec<Record> = Records::of(&file[..cut]).collect();
            prop_assert_eq!(&found[..], &records[..ends.iter().filter(|end| **end <= cut).count()]);
        }

        #[test]
        fn a_flipped_bit_ends_them_before_its_record(mut records in records(), bit in any::<prop::sample::Index>()) {
            let (mut file, ends) = file(&mut records);
            let bit = bit.index(file.len() * 8);
            file[bit / 8] ^= 1 << (bit % 8);
            let found: Vec<Record> = Records::of(&file).collect();
            let is_head = bit / 8 < FILE_HEAD.len();
            let whole = ends.iter().filter(|end| !is_head && **end <= bit / 8).count();
            prop_assert_eq!(&found[..], &records[..whole]);
        }
    }
}
