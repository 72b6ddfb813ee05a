//! What staff refuse: 不予受理, 不予给付; and who is excluded for a time, because papers were false (`domain.md` 1.9).

use jiff::ToSpan;

use super::judge;
use super::moves::Why;
use super::record::*;
use super::review::{self, Decided, Refusal, Reviewer, by};
use super::rules::{Act, REASONS};
use crate::domain::answer::or_refused;
use crate::store::Tx;

const FALSE_PAPERS: &str = "false_papers";

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
    desk.claim.excluded = None;
    if excludes {
        let days = judge::times(tx, &desk.claim)?.excluded_days;
        if reason != FALSE_PAPERS || days == 0 {
            return Ok(Err(Refusal::NoExclusion));
        }
        let from = tx.moment().now.date();
        let until = from.saturating_add(i64::from(days - 1).days());
        desk.claim.excluded = Some(Exclusion { from, until });
    }
    desk.claim.forget_approvals();
    desk.claim.held = None;
    if !desk.claim.refused_by.contains(&who.name) {
        desk.claim.refused_by.push(who.name.clone());
    }
    desk.go(tx, act, Why::because(by(who), reason, words))
}
