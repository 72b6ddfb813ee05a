//! What staff refuse: 不予受理, 不予给付.

use super::exclusion::{self, FALSE_PAPERS};
use super::moves::Why;
use super::record::*;
use super::review::{self, Decided, Refusal, Reviewer, by};
use super::rules::{Act, REASONS};
use crate::domain::answer::or_refused;
use crate::store::Tx;

/// 不予受理
pub fn decline(tx: &mut Tx, who: &Reviewer, id: ClaimId, reason: &str, words: &str) -> Decided {
    refuse(tx, who, id, (Act::Decline, false), reason, words)
}

/// 不予给付. `excludes`: the papers were false, and the person is paid nothing of what happens from now on, for as long as
/// the programme says.
pub fn reject(
    tx: &mut Tx,
    who: &Reviewer,
    id: ClaimId,
    reason: &str,
    words: &str,
    excludes: bool,
) -> Decided {
    refuse(tx, who, id, (Act::Reject, excludes), reason, words)
}

fn refuse(
    tx: &mut Tx,
    who: &Reviewer,
    id: ClaimId,
    (act, excludes): (Act, bool),
    reason: &str,
    words: &str,
) -> Decided {
    if !REASONS.contains(&reason) {
        return Ok(Err(Refusal::UnknownReason(reason.to_owned())));
    }
    let mut desk = or_refused!(review::open(tx, who, id));
    let exclusion = if excludes && reason == FALSE_PAPERS { exclusion::days(tx, &desk.claim)? } else { None };
    if excludes && exclusion.is_none() {
        return Ok(Err(Refusal::NoExclusion));
    }
    desk.claim.excluded = exclusion;
    desk.claim.forget_approvals();
    desk.claim.held = None;
    note_refuser(&mut desk.claim, &who.name);
    desk.go(tx, act, Why::because(by(who), reason, words))
}

/// An appeal goes to another.
pub(super) fn note_refuser(claim: &mut Claim, name: &str) {
    if !claim.refused_by.iter().any(|known| known == name) {
        claim.refused_by.push(name.to_owned());
    }
}
