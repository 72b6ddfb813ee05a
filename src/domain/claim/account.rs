//! Where the money goes, once the bank refused the account: the claimant tells another, or staff enter it for one who
//! can't, such as the heirs'; somebody else says that it is right.

use super::judge;
use super::notes::{self, NoteKind};
use super::record::*;
use super::review::{self, Decided, Refusal, Reviewer};
use crate::domain::answer::or_refused;
use crate::store::{Sealed, Tx};

/// Enters the account for the claimant; another person confirms it. `words`: why, for the staff.
pub fn enter(tx: &mut Tx, who: &Reviewer, id: ClaimId, account: &BankAccount, words: &str) -> Decided {
    let mut desk = or_refused!(review::open(tx, who, id));
    if desk.claim.status != Status::PayFailed {
        return Ok(Err(Refusal::NotNow(desk.claim.status)));
    }
    let mut details = desk.claim.details.reveal().clone();
    details.account = Some(account.clone());
    desk.claim.details = Sealed::new(details);
    desk.claim.account_told = Some(tx.moment().now);
    desk.claim.account_entered_by = Some(who.name.clone());
    judge::look_at_holder(tx, &mut desk.claim)?;
    notes::write(tx, id, &who.name, NoteKind::Entered, words)?;
    desk.save(tx)
}
