//! What happened to a case and what was said in it, oldest first.

use super::record::*;
use crate::domain::tables::{CASE_ANSWERS, CASE_ENTRIES};
use crate::store::{Fault, Sealed, Tx};

const SHOWN_MAX: usize = 400;
const ANSWERS_MAX: usize = 60;

/// Writes down the next; the case counts it, and is to be saved.
pub fn write(tx: &mut Tx, id: CaseId, case: &mut Case, by: By, what: What, words: &str) -> Result<(), Fault> {
    write_with(
        tx,
        id,
        case,
        Entry { at: tx.moment().now, by, what, words: Sealed::new(words.to_owned()), picture: None },
    )
}

pub fn write_with(tx: &mut Tx, id: CaseId, case: &mut Case, entry: Entry) -> Result<(), Fault> {
    case.entries += 1;
    tx.put(&CASE_ENTRIES, &(id, case.entries), &entry)
}

pub fn of(tx: &Tx, id: CaseId) -> Result<Vec<(u32, Entry)>, Fault> {
    let page = tx.scan(&CASE_ENTRIES, &(id,), None, SHOWN_MAX)?;
    Ok(page.rows.into_iter().map(|((_, number), entry)| (number, entry)).collect())
}

/// The answers in the order of the form, by the names of their questions.
pub fn answers(tx: &Tx, id: CaseId) -> Result<Vec<(String, Answer)>, Fault> {
    let page = tx.scan(&CASE_ANSWERS, &(id,), None, ANSWERS_MAX)?;
    let mut all: Vec<_> = page.rows.into_iter().map(|((_, name), answer)| (name, answer)).collect();
    all.sort_by_key(|(_, answer)| answer.order);
    Ok(all)
}

/// Every picture of the case: of its answers, then of its messages.
pub fn pictures(tx: &Tx, id: CaseId) -> Result<Vec<u64>, Fault> {
    let of_answers = answers(tx, id)?.into_iter().flat_map(|(_, answer)| answer.pictures);
    let of_messages = of(tx, id)?.into_iter().filter_map(|(_, entry)| entry.picture);
    Ok(of_answers.chain(of_messages).collect())
}
