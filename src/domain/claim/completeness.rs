//! What a claim needs before it can be decided: facts, circumstances, papers.

use super::judge::ruled_by;
use super::record::*;
use super::rules::Refusal;
use super::{moves, pages};
use crate::domain::scheme::record::{Benefit, DocumentRule, Shape, When};
use crate::domain::scheme::rules::{self as scheme, EventKind};
use crate::store::{Fault, Tx};

/// Everything that is missing, at once (一次性告知). What wasn't asked before a claim was handed in is for staff.
pub fn is_whole(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Result<(), Refusal>, Fault> {
    let mut facts = missing_facts(claim);
    if claim.status == Status::Draft {
        let open = circumstances(tx, claim)?.into_iter();
        let open = open.filter(|what| !is_answered_of(claim.details.reveal(), *what));
        facts.extend(open.map(|what| what.name().to_owned()));
    }
    if !facts.is_empty() {
        return Ok(Err(Refusal::FactsMissing { facts }));
    }
    let empty = checklist(tx, id, claim)?.into_iter().filter(|(_, pages)| *pages == 0);
    let slots: Vec<String> = empty.map(|(rule, _)| rule.slot).collect();
    Ok(if slots.is_empty() { Ok(()) } else { Err(Refusal::PapersMissing { slots }) })
}

/// Facts without which nothing can be said.
pub(super) fn missing_facts(claim: &Claim) -> Vec<String> {
    let details = claim.details.reveal();
    let facts = &details.facts;
    let mut missing = Vec::new();
    let mut need = |name: &str, known: bool| {
        if !known {
            missing.push(name.to_owned());
        }
    };
    match claim.kind {
        EventKind::Inpatient => {
            need("admitted", facts.admitted.is_some());
            need("discharged", facts.discharged.is_some());
            need("hospital", !facts.hospital.is_empty());
        }
        EventKind::Disease | EventKind::Outpatient => need("diagnosed", facts.diagnosed.is_some()),
        EventKind::Accident | EventKind::Death => need("happened", facts.happened.is_some()),
    }
    if claim.kind == EventKind::Accident && details.stayed() {
        need("admitted", facts.admitted.is_some());
        need("discharged", facts.discharged.is_some());
        need("hospital", !facts.hospital.is_empty());
    }
    need("diagnosis", !details.diagnosis.is_empty() || claim.kind == EventKind::Death);
    need("account", details.account.is_some());
    missing
}

/// The papers that the claim needs, with how many pages of each are there and count.
pub fn checklist(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Vec<(DocumentRule, usize)>, Fault> {
    let Some(programme) = ruled_by(tx, claim)? else { return Ok(Vec::new()) };
    let all = pages::of(tx, id)?;
    let there = |slot: &str| all.iter().filter(|(of, _, page)| of == slot && page.state.counts()).count();
    let required = scheme::required_documents(&programme, &claim.details.reveal().facts);
    Ok(required.into_iter().map(|rule| (rule.clone(), there(&rule.slot))).collect())
}

/// Is what was asked for there? A page sent since answers, and so does saying why there can be none; the original of a
/// paper comes by another way.
pub fn is_answered(claim: &Claim, asked: &Asked, pages: &pages::Pages) -> bool {
    asked.reason == "original_needed"
        || is_out_of_reach(claim, &asked.slot)
        || has_fresh(claim, &asked.slot, pages)
}

/// Has a page that counts come since the claim waits for its claimant?
pub fn has_fresh(claim: &Claim, slot: &str, pages: &pages::Pages) -> bool {
    let fresh = |page: &Page| page.added > claim.since && page.state.counts();
    pages.iter().any(|(of, _, page)| of == slot && fresh(page))
}

pub fn is_out_of_reach(claim: &Claim, slot: &str) -> bool {
    claim.details.reveal().out_of_reach.iter().any(|known| known.slot == slot)
}

/// What staff asked for and nothing answers yet.
pub fn unanswered(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Vec<String>, Fault> {
    let (asked, _) = moves::asked(tx, id, claim)?;
    let pages = pages::of(tx, id)?;
    let open = asked.into_iter().filter(|asked| !is_answered(claim, asked, &pages));
    Ok(open.map(|asked| asked.slot).collect())
}

/// What its programme's papers and benefits depend on and only the claimant can say, in the order in which it is asked.
pub fn circumstances(tx: &Tx, claim: &Claim) -> Result<Vec<Circumstance>, Fault> {
    let Some(programme) = ruled_by(tx, claim)? else { return Ok(Vec::new()) };
    let (kind, facts) = (claim.kind, &claim.details.reveal().facts);
    let of_kind = |rule: &&DocumentRule| rule.events.is_empty() || rule.events.contains(&kind);
    let papers = programme.documents.iter().filter(of_kind).map(|rule| &rule.when);
    let benefits = || programme.benefits.iter().filter(|benefit| benefit.events.contains(&kind));
    // What a benefit for other circumstances makes exceptions for is not asked.
    let excepted = benefits().filter(|benefit| benefit.when.holds(facts)).flat_map(Benefit::exceptions);
    let rules: Vec<&When> = papers.chain(benefits().map(|benefit| &benefit.when)).chain(excepted).collect();
    let depend = |on: fn(&When) -> Option<bool>| rules.iter().any(|when| on(when).is_some());
    let by_the_day = benefits().any(|benefit| matches!(benefit.pays, Shape::Daily(_)));
    let asked = [
        (Circumstance::Disease, kind == EventKind::Disease && !programme.diseases.is_empty()),
        (Circumstance::Operated, depend(|when| when.operated)),
        (Circumstance::Cause, kind == EventKind::Death && depend(|when| when.of_illness)),
        (Circumstance::Stay, kind == EventKind::Accident && by_the_day),
        (Circumstance::Grade, kind == EventKind::Accident && !programme.grades_of(kind).is_empty()),
        (Circumstance::HasUnit, depend(|when| when.has_unit)),
        (Circumstance::Insured, depend(|when| when.insured)),
        (Circumstance::OutOfTown, depend(|when| when.out_of_town)),
    ];
    Ok(asked.into_iter().filter(|(_, matters)| *matters).map(|(what, _)| what).collect())
}

pub fn is_answered_of(details: &Details, what: Circumstance) -> bool {
    details.answered.contains(&what) || what == Circumstance::Disease && details.facts.disease.is_some()
}
