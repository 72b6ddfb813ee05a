//! What a bank paid of a batch after it had said otherwise, and after the claim had moved on. The money has left the account:
//! it is booked, and no batch pays the claim until that payment settles it, or comes back.

use serde::{Deserialize, Serialize};

use super::notes::{self, NoteKind};
use super::record::{Claim, ClaimId, Status};
use super::{money, queue};
use crate::domain::fund::ledger::counter;
use crate::domain::fund::record::Book;
use crate::domain::scheme::record::Fen;
use crate::store::{Fault, Tx};

/// Such a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Astray {
    pub batch: u64,
    pub amount: Fen,
    /// The entry that says so, and its book.
    pub book: Book,
    pub entry: u64,
}

/// Books it. False: no book is known that the claim would be paid of.
pub(super) fn book(
    tx: &mut Tx,
    id: ClaimId,
    before: &Claim,
    (batch, amount): (u64, Fen),
    by: &str,
) -> Result<bool, Fault> {
    let Some((book, entry)) = money::pay_out(tx, id, before, amount, by)? else { return Ok(false) };
    let mut claim = before.clone();
    claim.astray.push(Astray { batch, amount, book, entry });
    notes::write(tx, id, by, NoteKind::PaidAstray, &format!("{batch}: {amount}"))?;
    claim.changed = tx.moment().now;
    queue::save(tx, id, Some(before), &claim).map(|()| true)
}

/// The bank has it back: the entry is taken back. False: there is no such payment.
pub(super) fn came_back(
    tx: &mut Tx,
    id: ClaimId,
    before: &Claim,
    batch: u64,
    by: &str,
) -> Result<bool, Fault> {
    let mut claim = before.clone();
    let Some(at) = claim.astray.iter().position(|one| one.batch == batch) else { return Ok(false) };
    let one = claim.astray.remove(at);
    counter(tx, &(one.book, one.entry), by, money::SENT_BACK)?.ok();
    notes::write(tx, id, by, NoteKind::AstrayBack, &format!("{batch}: {}", one.amount))?;
    claim.changed = tx.moment().now;
    queue::save(tx, id, Some(before), &claim).map(|()| true)
}

/// The batch whose payment is just what the claim is owed now.
pub(super) fn settled_by(claim: &Claim) -> Option<u64> {
    let is_owed = matches!(claim.status, Status::Approved | Status::PayFailed);
    let fits =
        |one: &&Astray| Some(one.amount) == claim.amount && money::book_of(claim).as_ref() == Some(&one.book);
    claim.astray.iter().find(fits).filter(|_| is_owed).map(|one| one.batch)
}

/// The entry of such a payment of the claim's batch, which is the claim's own from now on.
pub(super) fn claimed(claim: &mut Claim) -> Option<u64> {
    let at = claim.astray.iter().position(|one| Some(one.batch) == claim.batch)?;
    Some(claim.astray.remove(at).entry)
}
