//! Where the money goes, where that takes a second person: once the bank refused the account the claimant tells another, or
//! staff enter it for one who can't, such as the heirs'; and who told it may have taken the claimant's place in WeChat.

use std::time::Duration;

use super::moves::Why;
use super::notes::{self, NoteKind};
use super::record::*;
use super::review::{self, Decided, Refusal, Reviewer};
use super::rules::Act;
use super::{flags, instant};
use crate::domain::answer::or_refused;
use crate::domain::tables::MEMBERS;
use crate::privacy::mask_card;
use crate::store::{Fault, Sealed, Tx};

/// Name, number and phone stand on a unit's lists, and whoever has them moves the member to a WeChat account of their own: so
/// long an account that is told is paid to only when staff say that it is right (A). The one that lost the member is told at
/// once, and has as long to say so.
pub const AFTER_MOVE: Duration = Duration::from_secs(7 * 86_400);

/// Another account is told: marks it if its claimant moved lately. The mark stays until staff have looked, or have taken the
/// move back and another is told.
pub(super) fn look_at_move(tx: &Tx, claim: &mut Claim) -> Result<(), Fault> {
    let Some(member) = tx.get(&MEMBERS, &claim.claimant)? else { return Ok(()) };
    let Some(moved) = member.moved.filter(|_| member.moved_from.is_some()) else {
        claim.forget_move();
        return Ok(());
    };
    if tx.moment().now < moved.plus(AFTER_MOVE) {
        claim.forget_move();
        claim.flags.push(Flag::ToldAfterMove { moved: moved.date() });
    }
    Ok(())
}

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
    desk.claim.forget_move();
    flags::look_at_holder(tx, &mut desk.claim)?;
    notes::write(tx, id, &who.name, NoteKind::Entered, words)?;
    desk.save(tx)
}

/// Is it the account that staff saw, or did the claimant tell another since? `ends`: the end of its number.
pub fn is_as_seen(tx: &Tx, who: &Reviewer, id: ClaimId, ends: &str) -> Decided {
    let desk = or_refused!(review::open(tx, who, id));
    let Some(account) = &desk.claim.details.reveal().account else { return Ok(Err(Refusal::NoAccount)) };
    let is = account.number.ends_with(ends);
    Ok(if is { Ok(()) } else { Err(Refusal::OtherAccount(mask_card(&account.number))) })
}

/// The account is right: one that the bank could not pay to was corrected, and the next batch pays the claim; or one that was
/// told after a move is the claimant's, and a batch may pay to it. `words`: why, where it is somebody else's than the insured's,
/// the one that the bank refused, or told after a move.
pub fn confirm(tx: &mut Tx, who: &Reviewer, id: ClaimId, words: &str) -> Decided {
    let mut desk = or_refused!(review::open(tx, who, id));
    let told_after_move = desk.claim.is_told_after_move();
    let bounced = desk.claim.status == Status::PayFailed;
    let goes_on = desk.claim.status.waits_for_staff() || desk.claim.status == Status::NeedsMore;
    let is_asked = bounced || told_after_move && goes_on;
    if !is_asked {
        return Ok(Err(Refusal::NotNow(desk.claim.status)));
    }
    if desk.claim.details.reveal().account.is_none() {
        return Ok(Err(Refusal::NoAccount));
    }
    let entered = desk.claim.entered.iter().any(|name| name == "account");
    let entered_here = !bounced && entered && desk.claim.entered_by.contains(&who.name);
    if entered_here || desk.claim.account_entered_by.as_ref() == Some(&who.name) {
        return Ok(Err(Refusal::OwnEntry));
    }
    if bounced && desk.claim.account_told.is_none_or(|told| told < desk.claim.since) && words.is_empty() {
        return Ok(Err(Refusal::SameAccount));
    }
    flags::look_at_holder(tx, &mut desk.claim)?;
    if desk.claim.flags.contains(&Flag::OtherHolder) && words.is_empty() {
        return Ok(Err(Refusal::ReasonNeeded("the account isn't the insured person's".to_owned())));
    }
    if told_after_move && words.is_empty() {
        return Ok(Err(Refusal::ReasonNeeded(
            "it was told after a move to another WeChat account".to_owned(),
        )));
    }
    desk.claim.forget_move();
    if !words.is_empty() {
        notes::write(tx, id, &who.name, NoteKind::Excused, words)?;
    }
    desk.claim.account_confirmed_by = Some(who.name.clone());
    if bounced {
        desk.claim.batch = None;
        return desk.go(tx, Act::Correct, Why::none(review::by(who)));
    }
    if let Err(refusal) = desk.save(tx)? {
        return Ok(Err(refusal));
    }
    // Where that is all that was still wanted, nobody has to decide.
    instant::settle(tx, id)?;
    Ok(Ok(()))
}
