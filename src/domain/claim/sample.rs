//! A second look (复查) at a share of what was approved, by somebody who had no part in it. Nobody can tell beforehand
//! which claims are drawn, and nobody can have one drawn anew.

use super::notes::{self, NoteKind};
use super::payment;
use super::record::*;
use super::review::{self, Decided, Refusal, Reviewer};
use crate::domain::answer::or_refused;
use crate::domain::scheme::record::Rate;
use crate::store::Tx;

/// Draws the claim with that chance, as it is approved.
pub(super) fn draw(tx: &Tx, id: ClaimId, claim: &mut Claim, share: Rate) {
    let drawn = tx.unguessable(&[b"claim sample", &id.0.to_be_bytes()]);
    claim.sampled = false;
    if u32::from_be_bytes([drawn[0], drawn[1], drawn[2], drawn[3]]) % Rate::WHOLE.0 < share.0 {
        list(claim);
    }
}

pub(super) fn list(claim: &mut Claim) {
    claim.sampled = true;
    if !claim.flags.contains(&Flag::Sampled) {
        claim.flags.push(Flag::Sampled);
    }
}

/// No longer drawn: looked at, or not approved any more.
pub(super) fn put_back(claim: &mut Claim) {
    claim.sampled = false;
    claim.flags.retain(|flag| !matches!(flag, Flag::Sampled | Flag::LookedOtherwise));
}

/// Did somebody who looked again not agree, after something of it had gone to the bank, and has nobody settled that?
pub(super) fn is_disputed(claim: &Claim) -> bool {
    let has = |flag| claim.flags.contains(&flag);
    // Drawn anew, it was approved anew.
    claim.sampled && has(Flag::LookedOtherwise) && !has(Flag::Sampled)
}

/// The second look is done. One that doesn't agree sends the claim back to its first step as long as nothing of it went to
/// the bank, also out of a batch, and is flagged and stays on the list afterwards: claiming it back is for others to decide.
pub fn look_again(tx: &mut Tx, who: &Reviewer, id: ClaimId, agrees: bool, words: &str) -> Decided {
    let mut desk = or_refused!(review::open(tx, who, id));
    if let Err(refusal) = may_look(who, &desk.claim) {
        return Ok(Err(refusal));
    }
    if !agrees && payment::take_out(tx, who, id, &desk.claim)? {
        desk = or_refused!(review::open(tx, who, id));
    }
    let claim = &mut desk.claim;
    if agrees {
        put_back(claim);
        notes::write(tx, id, &who.name, NoteKind::LookedAgain, words)?;
        return desk.save(tx);
    }
    let goes_back = claim.status == Status::Approved;
    claim.sampled = !goes_back;
    claim.flags.retain(|flag| !matches!(flag, Flag::Sampled | Flag::LookedOtherwise));
    claim.flags.push(Flag::LookedOtherwise);
    if goes_back {
        return desk.back_to_first(tx, who, (NoteKind::LookedOtherwise, words));
    }
    notes::write(tx, id, &who.name, NoteKind::LookedOtherwise, words)?;
    desk.save(tx)
}

fn may_look(who: &Reviewer, claim: &Claim) -> Result<(), Refusal> {
    match () {
        () if claim.is_contested() => Err(Refusal::Contested),
        () if !claim.sampled => Err(Refusal::NotSampled),
        () => had_no_part(who, claim),
    }
}

/// They neither entered nor approved anything of it.
pub(super) fn had_no_part(who: &Reviewer, claim: &Claim) -> Result<(), Refusal> {
    let approved = claim.approvals.iter().any(|approval| approval.who == who.name);
    match () {
        () if claim.entered_by.contains(&who.name) => Err(Refusal::OwnEntry),
        () if approved => Err(Refusal::ApprovedAlready),
        () => Ok(()),
    }
}
