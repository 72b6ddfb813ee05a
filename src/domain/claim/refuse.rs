//! What staff refuse: 不予受理, 不予给付; and for how long somebody is excluded, because papers were false (`domain.md` 1.9).

use jiff::ToSpan;

use super::judge;
use super::moves::Why;
use super::record::*;
use super::review::{self, Decided, Refusal, Reviewer, by};
use super::rules::{Act, REASONS};
use crate::domain::answer::or_refused;
use crate::store::{Fault, Tx};

pub(super) const FALSE_PAPERS: &str = "false_papers";

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
    let exclusion = if excludes && reason == FALSE_PAPERS { exclusion(tx, &desk.claim)? } else { None };
    if excludes && exclusion.is_none() {
        return Ok(Err(Refusal::NoExclusion));
    }
    desk.claim.excluded = exclusion;
    desk.claim.forget_approvals();
    desk.claim.held = None;
    note_refuser(&mut desk.claim, &who.name);
    desk.go(tx, act, Why::because(by(who), reason, words))
}

/// The days from today, or those from when it was first found, which an appeal in vain doesn't put off. `None`: the programme
/// excludes nobody.
pub(super) fn exclusion(tx: &Tx, claim: &Claim) -> Result<Option<Exclusion>, Fault> {
    let days = judge::times(tx, claim)?.excluded_days;
    let from = tx.moment().now.date();
    let last = |days: u16| from.saturating_add(i64::from(days - 1).days());
    let begins = || (days > 0).then(|| Exclusion { from, until: last(days) });
    Ok(claim.excluded.or_else(begins))
}

/// An appeal goes to another.
pub(super) fn note_refuser(claim: &mut Claim, name: &str) {
    if !claim.refused_by.iter().any(|known| known == name) {
        claim.refused_by.push(name.to_owned());
    }
}
