//! What staff write down of a claim for each other: who took it, why it is held, what was entered. The claimant reads
//! none of it.

use super::record::*;
use crate::domain::tables::CLAIM_NOTES;
use crate::store::{Fault, Sealed, Tx};

const SHOWN_MAX: usize = 300;

pub fn write(tx: &mut Tx, id: ClaimId, by: &str, kind: NoteKind, words: &str) -> Result<(), Fault> {
    let last =
        tx.scan_back(&CLAIM_NOTES, &(id,), None, 1)?.rows.first().map_or(0, |((_, number), _)| *number);
    let note = Note { at: tx.moment().now, by: by.to_owned(), kind, words: Sealed::new(words.to_owned()) };
    tx.put(&CLAIM_NOTES, &(id, last + 1), &note)
}

/// Oldest first.
pub fn of(tx: &Tx, id: ClaimId) -> Result<Vec<Note>, Fault> {
    let page = tx.scan(&CLAIM_NOTES, &(id,), None, SHOWN_MAX)?;
    Ok(page.rows.into_iter().map(|(_, note)| note).collect())
}
