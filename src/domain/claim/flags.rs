//! What staff ought to look at in a claim, by the facts as they are.

use jiff::civil::Date;

use super::judge::{BEFORE_MAX, cover, covers_for, exclusion, insured, relative_name, ruled_by, timeliness};
use super::queue;
use super::record::*;
use super::rules::Refusal;
use crate::domain::member::list::index;
use crate::domain::scheme::commands::{is_called, programme};
use crate::domain::scheme::rules::{self as scheme, Cover, EventKind, Facts, Timeliness};
use crate::domain::tables::CLAIMS_FOR;
use crate::store::{Fault, Tx};

/// What staff ought to look at, by the facts as they are. Raised when the claim is handed in; none of it refuses by
/// itself.
pub fn raise(tx: &Tx, id: ClaimId, claim: &mut Claim) -> Result<(), Fault> {
    let mut flags = Vec::new();
    if let Err(Refusal::NotCovered(no)) = cover(tx, claim)? {
        flags.push(Flag::NotCovered { why: no.code().to_owned() });
    }
    match timeliness(tx, claim)? {
        Some(Timeliness::Late { since }) => flags.push(Flag::Late { since }),
        Some(Timeliness::TooEarly { from }) => flags.push(Flag::TooEarly { from }),
        Some(Timeliness::InTime { .. }) | None => {}
    }
    if let Some(programme) = ruled_by(tx, claim)? {
        let above = programme.paper_above.zip(claim.amount);
        if above.is_some_and(|(above, amount)| amount >= above) {
            flags.push(Flag::OnPaper);
        }
    }
    if let Some(other) = overlapping(tx, id, claim)? {
        flags.push(Flag::OverlappingStay { other });
    }
    flags.extend(extras(tx, claim)?);
    claim.flags.retain(|flag| !is_by_the_facts(flag));
    claim.flags.extend(flags);
    look_at_holder(tx, claim)
}

/// What other facts may take away again.
fn is_by_the_facts(flag: &Flag) -> bool {
    matches!(
        flag,
        Flag::Late { .. }
            | Flag::TooEarly { .. }
            | Flag::OnPaper
            | Flag::OverlappingStay { .. }
            | Flag::Disease { .. }
            | Flag::NotCovered { .. }
    )
}

/// Flags that the account is somebody else's, as long as it is.
pub fn look_at_holder(tx: &Tx, claim: &mut Claim) -> Result<(), Fault> {
    let other = other_holder(tx, claim)?;
    if other != claim.flags.contains(&Flag::OtherHolder) {
        claim.flags.retain(|flag| *flag != Flag::OtherHolder);
        claim.flags.extend(other.then_some(Flag::OtherHolder));
    }
    Ok(())
}

/// Another policy that the person had then pays for a disease that the diagnosis names: the seed's «额外 10000 元»,
/// which nobody has to notice by luck.
pub fn extras(tx: &Tx, claim: &Claim) -> Result<Vec<Flag>, Fault> {
    let Some(identity) = insured(tx, claim)? else { return Ok(Vec::new()) };
    let Details { facts, diagnosis, .. } = claim.details.reveal();
    let Some(day) = facts.day() else { return Ok(Vec::new()) };
    if exclusion(tx, &index(tx, &identity)?, day)?.is_some() {
        return Ok(Vec::new());
    }
    let own = claim.ruling.as_ref().map(|ruling| ruling.programme.as_str());
    let mut found = Vec::new();
    for cover in covers_for(tx, &identity, relative_name(claim))?.unwrap_or_default() {
        if own == Some(cover.programme.as_str()) || !touches(&cover, facts) {
            continue;
        }
        let Some(programme) = programme(tx, &cover.scheme, cover.version, &cover.programme)? else {
            continue;
        };
        for disease in scheme::hints(&programme, diagnosis) {
            let (programme, disease) = (cover.programme.clone(), disease.code.clone());
            let flag = Flag::Disease { programme, disease };
            if !found.contains(&flag) {
                found.push(flag);
            }
        }
    }
    Ok(found)
}

/// Does the cover hold on the day that counts? A stay may have begun under the one that was over when it ended.
pub fn touches(cover: &Cover, facts: &Facts) -> bool {
    let begun = facts.admitted.filter(|admitted| facts.day().is_some_and(|day| *admitted < day));
    [facts.day(), begun].into_iter().flatten().any(|day| cover.holds_on(day))
}

/// Is the money to go to somebody else than the person that the claim is for?
fn other_holder(tx: &Tx, claim: &Claim) -> Result<bool, Fault> {
    let details = claim.details.reveal();
    let Some(account) = &details.account else { return Ok(false) };
    let Some(identity) = insured(tx, claim)? else { return Ok(true) };
    // What the claimant says that a relative is called shows nothing.
    Ok(is_called(tx, &identity, &account.holder)? != Some(true))
}

/// A stay of the same person that this one overlaps with. A discharge on the day of an admission is no overlap.
fn overlapping(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Option<ClaimId>, Fault> {
    let (Some(who), Some((from, to))) = (claim.insured, stay(claim)) else { return Ok(None) };
    for ((_, other), ()) in tx.scan(&CLAIMS_FOR, &(who,), None, BEFORE_MAX)?.rows {
        let Some(earlier) = queue::get(tx, other)?.filter(|earlier| other != id && earlier.holds_papers())
        else {
            continue;
        };
        // One stay after an accident may be paid by two programmes, each for what it pays.
        let same = earlier.kind == claim.kind;
        if same && stay(&earlier).is_some_and(|(begin, end)| from < end && begin < to) {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

fn stay(claim: &Claim) -> Option<(Date, Date)> {
    let facts = &claim.details.reveal().facts;
    let in_hospital = matches!(claim.kind, EventKind::Inpatient | EventKind::Accident);
    facts.admitted.zip(facts.discharged).filter(|_| in_hospital)
}
