use super::view::{self, CorrectionList, EntryList};
use crate::domain::fund::correct::{self, Refusal};
use crate::domain::fund::ledger::EntryId;
use crate::domain::fund::record::Book;
use crate::domain::scheme::record::Fen;
use crate::domain::tables::FUND_ENTRIES;
use crate::staff::act as door;
use crate::staff::{Act, ActError, Call, FieldError, Role, perform};

const LISTED_MAX: usize = 200;

/// A page of a book's entries.
pub async fn entries(
    call: &Call,
    book: Book,
    after: Option<u64>,
    limit: usize,
) -> Result<EntryList, ActError> {
    let seen = act("fund.entries", book.to_string(), String::new());
    door::look(call, seen, move |tx| {
        let after = after.map(|after| (book.clone(), after));
        let page = tx.scan(&FUND_ENTRIES, &(book.clone(),), after.as_ref(), limit.clamp(1, LISTED_MAX))?;
        let next = page.next.map(|(_, number)| number);
        let entries = page.rows.into_iter().map(|((_, number), entry)| view::entry(number, entry));
        Ok(EntryList { entries: entries.collect(), next })
    })
    .await
}

/// Asks for an entry to be taken back.
pub async fn correct(call: &Call, (book, number): EntryId, reason: String) -> Result<(), ActError> {
    if !(4..=200).contains(&reason.trim().chars().count()) {
        let message = "4 to 200 characters; it stays with the books".to_owned();
        return Err(ActError::Invalid(vec![FieldError { field: "reason".to_owned(), message }]));
    }
    let by = call.who.name.clone();
    let mut done = act("fund.correct", format!("{book} {number}"), reason.clone());
    done.detail.clone_from(&reason);
    perform(call, done, move |tx| {
        let asked = correct::ask(tx, &(book.clone(), number), &by, &reason)?;
        Ok(asked.map(|()| (format!("{book} {number}"), ())))
    })
    .await
}

/// A page of the entries that somebody wants to be taken back and nobody has confirmed.
pub async fn corrections(call: &Call, after: Option<&str>, limit: usize) -> Result<CorrectionList, ActError> {
    let seen = act("fund.corrections", String::new(), String::new());
    let after = after.map(place_of).transpose()?;
    door::look(call, seen, move |tx| {
        let (rows, next) = correct::waiting(tx, after.as_ref(), limit.clamp(1, LISTED_MAX))?;
        let corrections = rows.into_iter().map(view::correction).collect();
        Ok(CorrectionList { corrections, next: next.map(|(book, number)| format!("{book}/{number}")) })
    })
    .await
}

/// `ningbo/critical/2026/12`, as a page names where it goes on.
fn place_of(text: &str) -> Result<EntryId, ActError> {
    let parts: Vec<&str> = text.split('/').collect();
    let place = match parts.as_slice() {
        [scheme, programme, year, number] => {
            year.parse().ok().zip(number.parse().ok()).map(|(year, number)| {
                (Book { scheme: (*scheme).to_owned(), programme: (*programme).to_owned(), year }, number)
            })
        }
        _ => None,
    };
    let message = "must be the `next` of the page before".to_owned();
    place.ok_or_else(|| ActError::Invalid(vec![FieldError { field: "after".to_owned(), message }]))
}

/// It isn't asked for any more.
pub async fn dismiss_correction(call: &Call, (book, number): EntryId) -> Result<(), ActError> {
    let done = act("fund.dismiss_correction", format!("{book} {number}"), String::new());
    perform(call, done, move |tx| {
        let dismissed = correct::dismiss(tx, &(book.clone(), number))?;
        Ok(dismissed.map(|()| (format!("{book} {number}"), ())))
    })
    .await
}

/// Another person agrees, naming its amount: the counter-entry's number.
pub async fn confirm_correction(call: &Call, (book, number): EntryId, amount: Fen) -> Result<u64, ActError> {
    let by = call.who.name.clone();
    let mut done = act("fund.confirm_correction", format!("{book} {number}"), amount.to_string());
    done.detail = amount.to_string();
    perform(call, done, move |tx| {
        let done: Result<_, Refusal> = correct::confirm(tx, &(book.clone(), number), amount, &by)?;
        Ok(done.map(|(_, counter)| (format!("{book} {number}"), counter)))
    })
    .await
}

fn act(name: &'static str, subject: String, request: String) -> Act {
    Act { name, subject, role: Role::Payment, detail: String::new(), request }
}
