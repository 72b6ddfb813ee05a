//! Who is excluded because papers were false (`domain.md` 1.9), from the day on which that was found. Found after the payment
//! two people say so, and it holds before the money is back; an appeal suspends it, and another than they decides.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::judge;
use super::moves::Why;
use super::record::*;
use super::refuse::note_refuser;
use super::review::{self, Decided, Desk, Refusal, Reviewer};
use super::rules::Act;
use super::sample;
use crate::domain::answer::or_refused;
use crate::store::{Fault, Tx};

/// Nothing is paid to the person of what happens in these days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    pub from: Date,
    /// The last day.
    pub until: Date,
}

pub const FALSE_PAPERS: &str = "false_papers";
/// Reasons of moves: the appeal against what was found after the payment is decided, in vain or granted.
pub const UPHELD: &str = "upheld";
pub const CLEARED: &str = "cleared";

/// As long as the claim stands refused, claimed back, or found false after it was paid.
fn holds(excluded: Option<Exclusion>, status: Status, sampled: bool) -> Option<Exclusion> {
    let is_open = if status == Status::Paid { sampled } else { status.holds_papers() };
    excluded.filter(|_| !is_open)
}

impl Outline {
    /// As [`Claim::exclusion`].
    pub fn exclusion(&self) -> Option<Exclusion> {
        holds(self.excluded, self.status, self.sampled)
    }
}

impl Claim {
    /// The days of which nothing is paid to the person. An appeal suspends it until it is decided.
    pub fn exclusion(&self) -> Option<Exclusion> {
        holds(self.excluded, self.status, self.sampled)
    }

    /// Its papers were found false after it was paid, and the claimant appealed: it is on the list for a second look.
    pub fn is_contested(&self) -> bool {
        self.status == Status::Paid && self.excluded.is_some() && self.sampled
    }

    /// Does the promised time run?
    pub fn is_timed(&self) -> bool {
        self.status.is_timed() || self.is_contested()
    }
}

/// The days from today, or those from when it was first found, which an appeal in vain doesn't put off. `None`: the programme
/// excludes nobody.
pub(super) fn days(tx: &Tx, claim: &Claim) -> Result<Option<Exclusion>, Fault> {
    let days = judge::times(tx, claim)?.excluded_days;
    let from = tx.moment().now.date();
    let last = |days: u16| from.saturating_add(i64::from(days - 1).days());
    let begins = || (days > 0).then(|| Exclusion { from, until: last(days) });
    Ok(claim.excluded.or_else(begins))
}

/// The second of two people agrees that the papers of what was paid were false.
pub(super) fn find(tx: &mut Tx, who: &Reviewer, mut desk: Desk, found: &Proposal) -> Decided {
    let claim = &mut desk.claim;
    sample::put_back(claim);
    for decided in [&found.by, &who.name] {
        note_refuser(claim, decided);
    }
    (claim.excluded, claim.proposed) = (days(tx, claim)?, None);
    let by = By::Staff(format!("{}, {}", found.by, who.name));
    desk.go(tx, Act::Find, Why::because(by, FALSE_PAPERS, found.words.reveal()))
}

/// Somebody of the staff who found nothing of it decides what the claimant appealed against.
pub fn decide(tx: &mut Tx, who: &Reviewer, id: ClaimId, grants: bool, words: &str) -> Decided {
    let mut desk = or_refused!(review::open(tx, who, id));
    if !desk.claim.is_contested() {
        return Ok(Err(Refusal::NotContested));
    }
    if let Err(refusal) = sample::had_no_part(who, &desk.claim) {
        return Ok(Err(refusal));
    }
    sample::put_back(&mut desk.claim);
    if grants {
        desk.claim.excluded = None;
    } else {
        note_refuser(&mut desk.claim, &who.name);
    }
    let reason = if grants { CLEARED } else { UPHELD };
    desk.go(tx, Act::Decide, Why::because(review::by(who), reason, words))
}
