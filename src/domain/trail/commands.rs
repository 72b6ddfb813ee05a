use sha2::{Digest, Sha256};

use super::record::TrailEntry;
use crate::domain::counters::next_number;
use crate::domain::tables::TRAIL;
use crate::store::{Fault, Tx};

/// One line of the trail, before it is chained.
#[derive(Debug, Clone, Copy)]
pub struct Note<'a> {
    pub who: &'a str,
    pub act: &'a str,
    pub subject: &'a str,
    pub detail: &'a str,
    pub done: bool,
}

pub fn append(tx: &mut Tx, note: Note) -> Result<(), Fault> {
    let number = next_number(tx, "trail")?;
    let previous = match tx.get(&TRAIL, &(number - 1))? {
        Some(entry) => hash(&entry),
        None => String::new(),
    };
    let entry = TrailEntry {
        at: tx.moment().now,
        who: note.who.to_owned(),
        act: note.act.to_owned(),
        subject: note.subject.to_owned(),
        detail: note.detail.to_owned(),
        done: note.done,
        previous,
    };
    tx.put(&TRAIL, &number, &entry)
}

/// Entries that are looked at for one page of those that fit.
const LOOKED_AT: usize = 2_000;

/// A page of numbered entries, and where to go on.
pub type Latest = (Vec<(u64, TrailEntry)>, Option<u64>);

/// Entries that fit, the latest first, and where to go on: from before `after`, if that is given.
pub fn latest(
    tx: &Tx,
    after: Option<u64>,
    limit: usize,
    fits: impl Fn(&TrailEntry) -> bool,
) -> Result<Latest, Fault> {
    let page = tx.scan_back(&TRAIL, &(), after.as_ref(), LOOKED_AT)?;
    let mut found = Vec::new();
    for (number, entry) in page.rows {
        if fits(&entry) {
            found.push((number, entry));
        }
        if found.len() == limit {
            return Ok((found, (number > 1).then_some(number)));
        }
    }
    Ok((found, page.next))
}

/// What the next entry says of this one.
pub fn hash(entry: &TrailEntry) -> String {
    let mut sha = Sha256::new();
    let done = if entry.done { "done" } else { "refused" };
    let at = entry.at.unix_ms().to_string();
    for part in [&at, &entry.who, &entry.act, &entry.subject, &entry.detail, done, &entry.previous] {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part.as_bytes());
    }
    hex::encode(sha.finalize())
}
