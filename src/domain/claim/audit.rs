//! What must hold of claims and payments, recounted a page at a time.

use super::astray::Astray;
use super::payment::{self, BankResult, BatchState};
use super::record::*;
use super::{judge, money, papers, queue};
use crate::domain::fund::ledger::EntryId;
use crate::domain::fund::record::{About, Kind};
use crate::domain::scheme::record::Fen;
use crate::domain::tables::*;
use crate::store::{Fault, Tx};

const PAGE: usize = 100;

/// A page of claims: what does not hold, how many there are, and where to go on.
pub fn claims(tx: &Tx, after: Option<ClaimId>) -> Result<(Vec<String>, usize, Option<ClaimId>), Fault> {
    let page = tx.scan(&CLAIMS, &(), after.as_ref(), PAGE)?;
    let mut broken = Vec::new();
    for (id, claim) in &page.rows {
        let mut say = |what: &str| broken.push(format!("{id} ({}): {what}", claim.status.name()));
        found(tx, *id, claim, &mut say)?;
        booked(tx, *id, claim, &mut say)?;
        counted(tx, *id, claim, &mut say)?;
        batched(tx, *id, claim, &mut say)?;
        if claim.moves > 0 {
            let last = tx.get(&CLAIM_MOVES, &(*id, claim.moves))?;
            if last.is_none_or(|row| row.to != claim.status) {
                say("its last move leads elsewhere");
            }
        }
        if claim.status.is_granted()
            && let Some(other) = papers::granted_twice(tx, *id, claim)?
        {
            say(&format!("was granted for a paper that {other} was granted for"));
        }
    }
    Ok((broken, page.rows.len(), page.next))
}

/// Every index has the claim where it stands.
fn found(tx: &Tx, id: ClaimId, claim: &Claim, say: &mut impl FnMut(&str)) -> Result<(), Fault> {
    let falling = u64::MAX - claim.amount.map_or(0, |amount| amount.0.max(0).unsigned_abs());
    let due = claim.clock.due.map(|due| tx.get(&CLAIMS_DUE, &(due, id))).transpose()?;
    let whose = claim.insured.map(|whose| tx.get(&CLAIMS_FOR, &(whose, id))).transpose()?;
    let listed = tx.get(&CLAIMS_OF, &(claim.claimant, id))?;
    let indexes = [
        ("age", tx.get(&CLAIMS_BY_AGE, &(claim.status, claim.since, id))?.is_some()),
        ("amount", tx.get(&CLAIMS_BY_AMOUNT, &(claim.status, falling, id))?.is_some()),
        ("member", listed.is_some_and(|listed| listed.is_none_or(|listed| listed == queue::summary(claim)))),
        ("due", due.is_none_or(|row| row.is_some())),
        ("insured", whose.is_none_or(|row| row.is_some())),
        ("sampled", tx.get(&CLAIMS_SAMPLED, &id)?.is_some() == claim.sampled),
    ];
    for (index, _) in indexes.iter().filter(|(_, there)| !there) {
        say(&format!("the index by {index} disagrees"));
    }
    Ok(())
}

/// What would be paid is what it was last counted to, and the lines of that add up to it.
fn counted(tx: &Tx, id: ClaimId, claim: &Claim, say: &mut impl FnMut(&str)) -> Result<(), Fault> {
    let Some(amount) = claim.amount else { return Ok(()) };
    let Some(sum) = judge::sum(tx, id, claim)? else {
        say("nothing tells how it was counted");
        return Ok(());
    };
    let lines = sum.lines.reveal().iter().map(|line| line.amount.0);
    let adjusted = sum.adjustments.reveal().iter().map(|adjustment| adjustment.amount.0);
    let whole = Fen(lines.chain(adjusted).fold(0, i64::saturating_add).max(0));
    if sum.total != amount || sum.total != whole {
        say("it was counted otherwise");
    }
    Ok(())
}

/// What was granted and paid stands in its book as the claim's, with its amount.
fn booked(tx: &Tx, id: ClaimId, claim: &Claim, say: &mut impl FnMut(&str)) -> Result<(), Fault> {
    let was_paid = matches!(claim.status, Status::Paid | Status::Reversed);
    let expected = [
        ("granted", claim.granted, claim.status.is_granted() || was_paid, money::kind(claim)),
        ("paid", claim.paid, was_paid, Kind::Payout),
    ];
    for (what, number, expected, kind) in expected {
        let Some((number, book)) = number.zip(money::book_of(claim)) else {
            if expected {
                say(&format!("no entry says that it was {what}"));
            }
            continue;
        };
        let entry = tx.get(&FUND_ENTRIES, &(book.clone(), number))?;
        let stands = tx.get(&FUND_TAKEN_BACK, &(book, number))?.is_none();
        let told = entry.map(|entry| (entry.kind, entry.about, Some(entry.amount)));
        if !expected || !stands || told != Some((kind, About::Claim(id), claim.amount)) {
            say(&format!("the entry that says that it was {what} doesn't fit"));
        }
    }
    for one in &claim.undone {
        let told = |number| -> Result<_, Fault> {
            let place = (one.book.clone(), number);
            let stands = tx.get(&FUND_TAKEN_BACK, &place)?.is_none();
            let entry = tx.get(&FUND_ENTRIES, &place)?.filter(|_| stands);
            Ok(entry.map(|entry| (entry.kind == Kind::Payout, entry.about, entry.amount)))
        };
        let about = Some(About::Claim(id));
        let paid = told(one.paid)?;
        let granted = told(one.granted)?.map(|(is_payout, about, amount)| (!is_payout, about, amount));
        if paid != granted || paid.map(|(_, of, _)| of) != about {
            say("what was paid and came back before an appeal isn't in the books");
        }
    }
    for one in &claim.astray {
        let place = (one.book.clone(), one.entry);
        let line = tx.get(&PAY_LINES, &(one.batch, id))?;
        let told = line.and_then(|line| line.outcome).map(|outcome| outcome.result);
        let stands = tx.get(&FUND_ENTRIES, &place)?.is_some() && tx.get(&FUND_TAKEN_BACK, &place)?.is_none();
        if !stands || told != Some(BankResult::Paid) {
            say("a payment that went astray isn't in the books, or its batch says otherwise");
        }
    }
    Ok(())
}

/// A page of the books: entries about a claim which the claim doesn't stand behind, in the book that pays it. With
/// [`booked`] every claim nets out over all of them.
pub fn entries(tx: &Tx, after: Option<&EntryId>) -> Result<(Vec<String>, Option<EntryId>), Fault> {
    let page = tx.scan(&FUND_ENTRIES, &(), after, PAGE)?;
    let mut broken = Vec::new();
    for (place, entry) in page.rows {
        let About::Claim(id) = entry.about else { continue };
        if entry.counters.is_some() || tx.get(&FUND_TAKEN_BACK, &place)?.is_some() {
            continue;
        }
        let stands_behind = |claim: &Claim| {
            let is_astray =
                |one: &Astray| (&one.book, one.entry, one.amount) == (&place.0, place.1, entry.amount);
            if entry.kind == Kind::Payout && claim.astray.iter().any(is_astray) {
                return true;
            }
            let is_undone = |one: &Undone| {
                one.book == place.0
                    && (entry.kind == Kind::Recovery || [one.paid, one.granted].contains(&place.1))
            };
            if claim.undone.iter().any(is_undone) {
                return true;
            }
            let number = match entry.kind {
                Kind::Payout => claim.paid,
                Kind::Recovery => Some(place.1),
                _ => claim.granted,
            };
            number == Some(place.1) && money::book_of(claim).as_ref() == Some(&place.0)
        };
        if !queue::get(tx, id)?.as_ref().is_some_and(stands_behind) {
            let (book, number) = &place;
            broken.push(format!("{book} entry {number} is about {id}, which knows nothing of it"));
        }
    }
    Ok((broken, page.next))
}

/// What is being paid is in its batch, with its amount, and without an outcome.
fn batched(tx: &Tx, id: ClaimId, claim: &Claim, say: &mut impl FnMut(&str)) -> Result<(), Fault> {
    let line = claim.batch.map(|number| tx.get(&PAY_LINES, &(number, id))).transpose()?.flatten();
    let outcome = line.as_ref().map(|line| line.outcome.as_ref().map(|outcome| outcome.result));
    let fits = match claim.status {
        Status::Paying => outcome == Some(None),
        Status::Paid => outcome == Some(Some(BankResult::Paid)),
        Status::PayFailed => outcome == Some(Some(BankResult::Failed)),
        Status::Approved => claim.batch.is_none(),
        _ => true,
    };
    let amount = line.is_none_or(|line| Some(line.amount) == claim.amount);
    if !fits || !amount {
        say("its batch says otherwise");
    }
    Ok(())
}

/// A page of the queue's index: rows that no claim stands behind.
pub fn strays(tx: &Tx, after: Option<Place>) -> Result<(Vec<String>, Option<Place>), Fault> {
    let page = tx.scan(&CLAIMS_BY_AGE, &(), after.as_ref(), PAGE)?;
    let mut broken = Vec::new();
    for ((status, since, id), ()) in page.rows {
        if queue::get(tx, id)?.is_none_or(|claim| (claim.status, claim.since) != (status, since)) {
            broken.push(format!("{id} is listed as `{}`, and isn't", status.name()));
        }
    }
    Ok((broken, page.next))
}

pub type Place = (Status, crate::moment::Time, ClaimId);

/// A batch as far as it was counted.
#[derive(Debug, Clone, Default)]
pub struct Recount {
    count: u32,
    paid: u32,
    failed: u32,
    not_made: u32,
    total: Fen,
    after: Option<ClaimId>,
    pub done: bool,
}

/// Batches, the latest first.
pub fn batches(tx: &Tx, after: Option<u64>) -> Result<(Vec<u64>, Option<u64>), Fault> {
    let (rows, next) = payment::batches(tx, after, PAGE)?;
    Ok((rows.into_iter().map(|(number, _)| number).collect(), next))
}

/// Counts the next page of a batch.
pub fn recount(tx: &Tx, number: u64, mut so_far: Recount) -> Result<Recount, Fault> {
    let (lines, next) = payment::lines(tx, number, so_far.after, PAGE)?;
    for (_, line) in lines {
        so_far.count += 1;
        so_far.total = so_far.total.plus(line.amount);
        match line.outcome.map(|outcome| outcome.result) {
            Some(BankResult::Paid) => so_far.paid += 1,
            Some(BankResult::Failed) => so_far.failed += 1,
            Some(BankResult::NotMade) => so_far.not_made += 1,
            None => {}
        }
    }
    (so_far.after, so_far.done) = (next, next.is_none());
    Ok(so_far)
}

/// What does not hold of a batch that was counted to its end.
pub fn batch(tx: &Tx, number: u64, counted: &Recount) -> Result<Vec<String>, Fault> {
    let Some(batch) = payment::get(tx, number)? else { return Ok(Vec::new()) };
    let mut broken = Vec::new();
    let kept = (batch.count, batch.paid, batch.failed, batch.not_made, batch.total);
    if kept != (counted.count, counted.paid, counted.failed, counted.not_made, counted.total) {
        broken.push(format!("batch {number} says {kept:?}, its claims say {counted:?}"));
    }
    let under_way = !matches!(batch.state, BatchState::Closed | BatchState::Dropped);
    if under_way != (tx.get(&PAY_OPEN, &batch.scheme)? == Some(number)) {
        broken.push(format!("batch {number} is `{}`, and its scheme says otherwise", batch.state.name()));
    }
    Ok(broken)
}
