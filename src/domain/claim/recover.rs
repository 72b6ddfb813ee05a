//! What two people agree on: 追回, of a part or the whole of what was paid, once it is back; giving up what can't be paid to
//! anybody; and that papers of what was paid were false, which excludes their person at once. Neither of them had a part in
//! granting it. Who is claimed back from as a whole, or found false, may appeal, and others decide.

use super::moves::Why;
use super::notes::{self, NoteKind};
use super::record::*;
use super::refuse::note_refuser;
use super::review::{self, Decided, Refusal, Reviewer};
use super::rules::Act;
use super::{draft, exclusion, judge, sample};
use crate::domain::answer::or_refused;
use crate::domain::scheme::record::Fen;
use crate::store::{Sealed, Tx};

/// Asks for it; asked again, the later holds. `amount`: nothing is all that is left. `reason` is for the staff, `words` are
/// what the claimant reads.
pub fn propose(
    tx: &mut Tx,
    who: &Reviewer,
    id: ClaimId,
    (what, amount): (Proposed, Option<Fen>),
    reason: &str,
    words: &str,
) -> Decided {
    ask(tx, who, id, (what, amount, false), reason, words)
}

/// Says that the papers were false: once another agrees, the person is excluded for a time, and is to pay back all that is left.
pub fn propose_with_exclusion(
    tx: &mut Tx,
    who: &Reviewer,
    id: ClaimId,
    reason: &str,
    words: &str,
) -> Decided {
    ask(tx, who, id, (Proposed::Recovery, None, true), reason, words)
}

fn ask(
    tx: &mut Tx,
    who: &Reviewer,
    id: ClaimId,
    (what, amount, excludes): (Proposed, Option<Fen>, bool),
    reason: &str,
    words: &str,
) -> Decided {
    let mut desk = or_refused!(review::open_for_money(tx, who, id));
    let left = match left(who, &desk.claim, what) {
        Ok(left) => left,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let amount = amount.unwrap_or(left);
    if amount <= Fen::ZERO || amount > left {
        return Ok(Err(Refusal::TooMuch(left)));
    }
    if excludes && desk.claim.excluded.is_some() {
        return Ok(Err(Refusal::FoundAlready));
    }
    if excludes && review::refused_before(who, &desk.claim) {
        return Ok(Err(Refusal::RefusedBefore));
    }
    if excludes && exclusion::days(tx, &desk.claim)?.is_none() {
        return Ok(Err(Refusal::NoExclusion));
    }
    // What an appeal may change isn't booked in parts.
    if amount < left && draft::may_appeal(tx, &desk.claim)?.is_ok() {
        return Ok(Err(Refusal::MayAppeal(judge::appeal_ends(tx, &desk.claim)?.date())));
    }
    let (by, words) = (who.name.clone(), Sealed::new(words.to_owned()));
    desk.claim.proposed = Some(Proposal { what, amount, by, words, excludes });
    let besides = if excludes { ", excluded" } else { "" };
    let note = format!("{} {amount}{besides}: {reason}", what.name());
    notes::write(tx, id, &who.name, NoteKind::Proposed, &note)?;
    desk.save(tx)
}

/// Another person agrees with that amount: it is booked, or found so.
pub fn confirm(tx: &mut Tx, who: &Reviewer, id: ClaimId, amount: Fen) -> Decided {
    let mut desk = or_refused!(review::open_for_money(tx, who, id));
    let Some(proposal) = desk.claim.proposed.clone() else { return Ok(Err(Refusal::NotProposed)) };
    if proposal.by == who.name {
        return Ok(Err(Refusal::ProposedYourself));
    }
    let left = match left(who, &desk.claim, proposal.what) {
        Ok(left) => left,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if amount != proposal.amount || amount > left {
        return Ok(Err(Refusal::OtherAmount(proposal.amount)));
    }
    if proposal.excludes && review::refused_before(who, &desk.claim) {
        return Ok(Err(Refusal::RefusedBefore));
    }
    if proposal.excludes {
        return exclusion::find(tx, who, desk, &proposal);
    }
    let act = match proposal.what {
        Proposed::Recovery if amount < left => Act::Recover,
        Proposed::Recovery => Act::Reverse,
        Proposed::WriteOff => Act::WriteOff,
    };
    if act == Act::Reverse {
        sample::put_back(&mut desk.claim);
        for decided in [&proposal.by, &who.name] {
            note_refuser(&mut desk.claim, decided);
        }
    }
    let by = By::Staff(format!("{}, {}", proposal.by, who.name));
    desk.go(tx, act, Why::because(by, "", proposal.words.reveal()))
}

/// It is given up.
pub fn dismiss(tx: &mut Tx, who: &Reviewer, id: ClaimId) -> Decided {
    let mut desk = or_refused!(review::open_for_money(tx, who, id));
    if desk.claim.proposed.take().is_none() {
        return Ok(Err(Refusal::NotProposed));
    }
    notes::write(tx, id, &who.name, NoteKind::Dismissed, "")?;
    desk.save(tx)
}

/// How much of it there is, for somebody who may ask for it or agree.
fn left(who: &Reviewer, claim: &Claim, what: Proposed) -> Result<Fen, Refusal> {
    let amount = claim.amount.unwrap_or_default();
    match what {
        _ if claim.entered_by.contains(&who.name) => Err(Refusal::OwnEntry),
        _ if claim.is_contested() => Err(Refusal::Contested),
        _ if claim.approvals.iter().any(|approval| approval.who == who.name) => Err(Refusal::ApprovedAlready),
        Proposed::Recovery if claim.status == Status::Paid => Ok(amount.minus(claim.recovered)),
        Proposed::WriteOff if claim.status == Status::PayFailed => Ok(amount),
        _ => Err(Refusal::NotNow(claim.status)),
    }
}
