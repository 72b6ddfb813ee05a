//! Booking: an entry, its book's balances and the month's sum, in whatever commit asks for it.

use super::record::*;
use crate::domain::scheme::record::Fen;
use crate::domain::tables::{FUND_BOOKS, FUND_ENTRIES, FUND_TAKEN_BACK, FUND_TOTALS};
use crate::store::{Fault, Tx};

/// An entry's name: its book, and its number there.
pub type EntryId = (Book, u64);

/// Books an entry.
pub fn book(tx: &mut Tx, entry: &Entry) -> Result<EntryId, Fault> {
    let mut standing = standing(tx, &entry.book)?;
    standing.last += 1;
    standing.add(entry);
    let id = (entry.book.clone(), standing.last);
    tx.put(&FUND_ENTRIES, &id, entry)?;
    tx.put(&FUND_BOOKS, &entry.book, &standing)?;
    let key = total_key(entry);
    let mut total = tx.get(&FUND_TOTALS, &key)?.unwrap_or_default();
    total.add(entry);
    tx.put(&FUND_TOTALS, &key, &total)?;
    Ok(id)
}

/// Where an entry is summed up: (book, month, kind, district, union).
pub fn total_key(entry: &Entry) -> (Book, u32, Kind, String, String) {
    (entry.book.clone(), month(entry.at.date()), entry.kind, entry.district.clone(), entry.union.clone())
}

/// Why an entry can't be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCountered {
    Unknown,
    /// It was, or it is itself a counter-entry.
    Already,
}

/// Takes an entry back by one of its own, once.
pub fn counter(
    tx: &mut Tx,
    id: &EntryId,
    by: &str,
    reason: &str,
) -> Result<Result<EntryId, NotCountered>, Fault> {
    let Some(entry) = tx.get(&FUND_ENTRIES, id)? else { return Ok(Err(NotCountered::Unknown)) };
    if entry.counters.is_some() || tx.get(&FUND_TAKEN_BACK, id)?.is_some() {
        return Ok(Err(NotCountered::Already));
    }
    let (by, reason) = (by.to_owned(), reason.to_owned());
    let counter = Entry { at: tx.moment().now, counters: Some(id.1), by, reason, ..entry };
    let counter = book(tx, &counter)?;
    tx.put(&FUND_TAKEN_BACK, id, &counter.1)?;
    Ok(Ok(counter))
}

/// What a book has of a unit's premiums: those that came in, less what went back.
pub fn premiums(tx: &Tx, book: &Book, district: &str, union: &str) -> Result<Fen, Fault> {
    let mut left = Fen::ZERO;
    let last = month(tx.moment().now.date());
    // A renewal may be paid for years before it begins.
    let Some(first) = tx.get(&FUND_ENTRIES, &(book.clone(), 1))? else { return Ok(left) };
    let mut month = month(first.at.date());
    while month <= last {
        for (kind, sign) in [(Kind::Premium, 1), (Kind::PremiumReturned, -1)] {
            let key = (book.clone(), month, kind, district.to_owned(), union.to_owned());
            let total = tx.get(&FUND_TOTALS, &key)?.unwrap_or_default();
            left = left.plus(Fen(total.amount * sign));
        }
        month += if month % 100 == 12 { 89 } else { 1 };
    }
    Ok(left)
}

pub fn standing(tx: &Tx, book: &Book) -> Result<Standing, Fault> {
    Ok(tx.get(&FUND_BOOKS, book)?.unwrap_or_default())
}
