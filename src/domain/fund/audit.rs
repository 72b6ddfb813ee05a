//! What must hold of the fund, recounted from its entries: a book at a time, a page at a time.

use std::collections::BTreeMap;

use super::ledger::{standing, total_key};
use super::record::*;
use crate::domain::tables::{FUND_BOOKS, FUND_ENTRIES, FUND_TAKEN_BACK, FUND_TOTALS};
use crate::store::{Fault, Tx};

const PAGE: usize = 500;

/// The books there are.
pub fn books(tx: &Tx, after: Option<&Book>) -> Result<Vec<Book>, Fault> {
    Ok(tx.scan(&FUND_BOOKS, &(), after, PAGE)?.rows.into_iter().map(|(book, _)| book).collect())
}

type TotalKey = (Book, u32, Kind, String, String);

/// A book as far as it was counted.
#[derive(Debug, Clone, Default)]
pub struct Recount {
    counted: Standing,
    totals: BTreeMap<TotalKey, Total>,
    broken: Vec<String>,
    pub done: bool,
}

/// Counts the next page of a book's entries.
pub fn recount(tx: &Tx, book: &Book, mut so_far: Recount) -> Result<Recount, Fault> {
    let after = (book.clone(), so_far.counted.last);
    let page = tx.scan(&FUND_ENTRIES, &(book.clone(),), Some(&after), PAGE)?;
    for ((_, number), entry) in &page.rows {
        if entry.amount.0 <= 0 {
            so_far.broken.push(format!("{book} entry {number} is of {} fen", entry.amount.0));
        }
        if *number != so_far.counted.last + 1 {
            so_far.broken.push(format!("{book} has no entry {}", so_far.counted.last + 1));
        }
        if let Some(countered) = entry.counters
            && tx.get(&FUND_TAKEN_BACK, &(book.clone(), countered))? != Some(*number)
        {
            so_far
                .broken
                .push(format!("{book} entry {number} takes back {countered}, which knows nothing of it"));
        }
        so_far.counted.last = *number;
        so_far.counted.add(entry);
        so_far.totals.entry(total_key(entry)).or_default().add(entry);
    }
    so_far.done = page.next.is_none();
    Ok(so_far)
}

/// What does not hold for a book that was counted to its end. What was booked since leaves nothing to say.
pub fn problems(tx: &Tx, book: &Book, counted: Recount) -> Result<Vec<String>, Fault> {
    let Recount { counted, totals, mut broken, .. } = counted;
    let kept = standing(tx, book)?;
    if kept.sum() != 0 {
        broken.push(format!("{book}: the accounts sum to {} fen", kept.sum()));
    }
    if kept.last != counted.last {
        return Ok(broken);
    }
    if kept != counted {
        broken.push(format!("{book}: the balances say {kept:?}, the entries say {counted:?}"));
    }
    for (key, total) in totals {
        let kept = tx.get(&FUND_TOTALS, &key)?.unwrap_or_default();
        if kept != total {
            broken.push(format!(
                "{book}: {} in {} is summed up as {kept:?}, not {total:?}",
                key.2.name(),
                key.1
            ));
        }
    }
    Ok(broken)
}
