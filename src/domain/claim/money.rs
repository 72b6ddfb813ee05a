//! What a claim's moves mean for the fund: each is an entry of its book in the same commit.

use super::astray;
use super::record::*;
use super::rules::{Act, Refusal};
use crate::domain::fund::ledger::{self, EntryId, counter};
use crate::domain::fund::record::{About, Book, Entry, Kind};
use crate::domain::scheme::commands::{PolicyKey, policies};
use crate::domain::scheme::record::{Fen, Policy};
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::FUND_ENTRIES;
use crate::store::{Fault, Tx};

pub(super) const SENT_BACK: &str = "sent back by the bank";

/// Books what the act means. Refuses to grant what is nothing; every act that books nothing is fine.
pub fn book(
    tx: &mut Tx,
    id: ClaimId,
    claim: &mut Claim,
    act: Act,
    by: &str,
) -> Result<Result<(), Refusal>, Fault> {
    match act {
        Act::Approve => {
            let Some(amount) = claim.amount.filter(|amount| amount.0 > 0) else {
                return Ok(Err(Refusal::NothingToPay));
            };
            claim.granted = enter(tx, id, claim, kind(claim), amount, by)?.map(|(_, entry)| entry);
        }
        Act::SendBack => {
            if let Some(granted) = claim.granted.take() {
                take_back(tx, claim, granted, by, "sent back")?;
            }
        }
        Act::Settle => {
            // What was asked for before was about another payment.
            claim.proposed = None;
            let amount = claim.amount.unwrap_or_default();
            claim.paid = match astray::claimed(claim) {
                Some(entry) => Some(entry),
                None => pay_out(tx, id, claim, amount, by)?.map(|(_, entry)| entry),
            };
        }
        Act::Bounce => {
            claim.proposed = None;
            if let Some(paid) = claim.paid.take() {
                take_back(tx, claim, paid, by, SENT_BACK)?;
            }
        }
        Act::Recover | Act::Reverse => {
            let amount = claim.proposed.take().map(|agreed| agreed.amount).unwrap_or_default();
            claim.recovered = claim.recovered.plus(amount);
            enter(tx, id, claim, Kind::Recovery, amount, by)?;
        }
        // What was found after the payment leaves it in the books, whoever is right.
        Act::Appeal if claim.status == Status::Paid => {}
        Act::Appeal => {
            let was_paid = book_of(claim).zip(claim.granted.take()).zip(claim.paid.take());
            claim.undone.extend(was_paid.map(|((book, granted), paid)| Undone { book, granted, paid }));
            (claim.recovered, claim.batch) = (Fen::ZERO, None);
        }
        Act::WriteOff => {
            (claim.proposed, claim.batch) = (None, None);
            if let Some(granted) = claim.granted.take() {
                take_back(tx, claim, granted, by, "written off")?;
            }
        }
        _ => {}
    }
    Ok(Ok(()))
}

/// What granting it is booked as.
pub fn kind(claim: &Claim) -> Kind {
    match claim.kind {
        EventKind::Disease => Kind::SpecialBenefit,
        _ => Kind::Benefit,
    }
}

/// The book that pays; `None` while it isn't known whose rules decide.
pub fn book_of(claim: &Claim) -> Option<Book> {
    let ruling = claim.ruling.as_ref()?;
    let (scheme, programme) = (ruling.scheme.clone(), ruling.programme.clone());
    Some(Book { scheme, programme, year: ruling.year })
}

/// Says that so much went to the claimant. `None`: no book pays the claim.
pub(super) fn pay_out(
    tx: &mut Tx,
    id: ClaimId,
    claim: &Claim,
    amount: Fen,
    by: &str,
) -> Result<Option<EntryId>, Fault> {
    enter(tx, id, claim, Kind::Payout, amount, by)
}

fn enter(
    tx: &mut Tx,
    id: ClaimId,
    claim: &Claim,
    kind: Kind,
    amount: Fen,
    by: &str,
) -> Result<Option<EntryId>, Fault> {
    let Some(book) = book_of(claim) else { return Ok(None) };
    let (district, union) = reported_under(tx, claim, &book)?;
    let entry = Entry {
        at: tx.moment().now,
        book,
        kind,
        amount,
        about: About::Claim(id),
        district,
        union,
        count: 1,
        counters: None,
        by: by.to_owned(),
        reason: String::new(),
    };
    ledger::book(tx, &entry).map(Some)
}

/// Whose benefit it is in reports: of the district and unit whose premium covers it, and not of the claimant's own. What
/// follows a grant goes where that went, whoever employs the person by then.
fn reported_under(tx: &Tx, claim: &Claim, book: &Book) -> Result<(String, String), Fault> {
    if let Some(number) = claim.granted
        && let Some(granted) = tx.get(&FUND_ENTRIES, &(book.clone(), number))?
    {
        return Ok((granted.district, granted.union));
    }
    let Some((person, ruling)) = claim.insured.zip(claim.ruling.as_ref()) else {
        return Ok(Default::default());
    };
    let of_book = |(key, policy): &(PolicyKey, Policy)| {
        (&key.scheme, &key.programme) == (&book.scheme, &book.programme)
            && ruling.day.is_some_and(|day| (key.from..=policy.until).contains(&day))
    };
    let place = policies(tx, &person)?.into_iter().find(of_book);
    Ok(place.map(|(_, policy)| (policy.district, policy.unit)).unwrap_or_default())
}

fn take_back(tx: &mut Tx, claim: &Claim, number: u64, by: &str, reason: &str) -> Result<(), Fault> {
    let Some(book) = book_of(claim) else { return Ok(()) };
    counter(tx, &(book, number), by, reason).map(drop)
}
