//! What the scheme's rules say of a claim: which programme, what is missing, how it is counted, what staff ought to
//! look at. The rules that estimate are the rules that decide.

use jiff::civil::Date;

use super::record::*;
use super::rules::Refusal;
use super::{moves, pages, queue};
use crate::domain::calendar;
use crate::domain::member::list::{index, is_same_name, name_of, named};
use crate::domain::member::record::MemberId;
use crate::domain::scheme::commands::{covers, is_called, programme, schemes};
use crate::domain::scheme::record::{DocumentRule, Fen, Programme, Times};
use crate::domain::scheme::rules::{self as scheme, Before, Computation, Cover, EventKind, Timeliness};
use crate::domain::tables::{CLAIM_SUMS, CLAIMS_FOR, MEMBERS};
use crate::store::{Fault, Sealed, Tx};

/// Earlier claims of one person that count; nobody has so many.
const BEFORE_MAX: usize = 300;

/// What the programme promises and gives in time; the usual while it isn't known which it is.
pub fn times(tx: &Tx, claim: &Claim) -> Result<Times, Fault> {
    Ok(ruled_by(tx, claim)?.map(|programme| programme.times).unwrap_or_default())
}

/// The programme by whose rules the claim is judged.
pub fn ruled_by(tx: &Tx, claim: &Claim) -> Result<Option<Programme>, Fault> {
    match &claim.ruling {
        Some(ruling) => programme(tx, &ruling.scheme, ruling.version, &ruling.programme),
        None => Ok(None),
    }
}

/// Does any scheme take claims for relatives?
pub fn has_relatives(tx: &Tx) -> Result<bool, Fault> {
    for (scheme, version, header) in schemes(tx)? {
        for head in &header.programmes {
            if programme(tx, &scheme, version, &head.key)?.is_some_and(|programme| programme.relatives) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The identity number of the person that the claim is for.
pub fn insured(tx: &Tx, claim: &Claim) -> Result<Option<String>, Fault> {
    if let Some(relative) = &claim.details.reveal().relative {
        return Ok(Some(relative.identity.clone()));
    }
    let Some(member) = tx.get(&MEMBERS, &claim.claimant)? else { return Ok(None) };
    Ok(named(tx, &member)?.map(|named| named.identity))
}

/// Is the claim the member's own: made by them, or for them by a relative?
pub fn concerns(tx: &Tx, claim: &Claim, member: Option<MemberId>) -> Result<bool, Fault> {
    let Some(id) = member else { return Ok(false) };
    let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(claim.claimant == id) };
    let person = named(tx, &member)?.map(|named| index(tx, &named.identity)).transpose()?;
    Ok(claim.claimant == id || person.is_some() && person == claim.insured)
}

/// The cover that the claim is judged under, once its event is known.
pub fn cover(tx: &Tx, claim: &Claim) -> Result<Result<Option<Cover>, Refusal>, Fault> {
    let Some(day) = claim.details.reveal().facts.day() else { return Ok(Ok(None)) };
    let Some(identity) = insured(tx, claim)? else { return Ok(Err(Refusal::NotMember)) };
    let of_person = match covers_for(tx, &identity, relative_name(claim))? {
        Ok(of_person) => of_person,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let ruling = claim.ruling.as_ref().filter(|_| claim.submitted.is_some());
    if let Some(cover) = ruling.and_then(|ruling| fixed(&of_person, ruling, day)) {
        return Ok(Ok(Some(cover)));
    }
    Ok(scheme::choose(&of_person, claim.kind, day)
        .map(|cover| Some(cover.clone()))
        .map_err(Refusal::NotCovered))
}

fn relative_name(claim: &Claim) -> Option<&str> {
    claim.details.reveal().relative.as_ref().map(|relative| relative.name.as_str())
}

/// What somebody may claim for. `relative`: the name of whom another claims for; then only programmes that allow it
/// count, and none at all if the person is called otherwise, so that a number alone tells nobody anything.
pub fn covers_for(
    tx: &Tx,
    identity: &str,
    relative: Option<&str>,
) -> Result<Result<Vec<Cover>, Refusal>, Fault> {
    let person = index(tx, identity)?;
    let Some(name) = relative else { return Ok(Ok(covers(tx, &person)?)) };
    if !is_called(tx, identity, name)? {
        return Ok(Ok(Vec::new()));
    }
    let (mut open, mut closed) = (Vec::new(), false);
    for cover in covers(tx, &person)? {
        match programme(tx, &cover.scheme, cover.version, &cover.programme)? {
            Some(programme) if programme.relatives => open.push(cover),
            _ => closed = true,
        }
    }
    Ok(if open.is_empty() && closed { Err(Refusal::NoRelatives) } else { Ok(open) })
}

/// The rules by which the claim was handed in are its rules for good, unless the event turns out to be of another day.
fn fixed(covers: &[Cover], ruling: &Ruling, day: Date) -> Option<Cover> {
    let same = |cover: &&Cover| {
        let of = (&cover.scheme, &cover.programme, cover.year(), Some(day));
        of == (&ruling.scheme, &ruling.programme, ruling.year, ruling.day)
            && (cover.from..=cover.until).contains(&day)
    };
    covers.iter().find(same).map(|cover| Cover { version: ruling.version, ..cover.clone() })
}

/// Fixes whose rules decide, or says why none do.
pub fn settle_ruling(tx: &Tx, claim: &mut Claim) -> Result<Result<(), Refusal>, Fault> {
    claim.insured = insured(tx, claim)?.map(|identity| index(tx, &identity)).transpose()?;
    let cover = match cover(tx, claim)? {
        Ok(cover) => cover,
        Err(refusal) => {
            claim.ruling = None;
            return Ok(Err(refusal));
        }
    };
    claim.ruling = cover.map(|cover| Ruling {
        year: cover.year(),
        day: claim.details.reveal().facts.day(),
        scheme: cover.scheme,
        version: cover.version,
        programme: cover.programme,
    });
    Ok(Ok(()))
}

/// What was granted to the same person before, by the same programme. What is refused or taken back doesn't count.
pub fn before(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Before, Fault> {
    let (Some(ruling), Some(identity)) = (&claim.ruling, insured(tx, claim)?) else {
        return Ok(Before::default());
    };
    let mut before = Before::default();
    for ((_, other), ()) in tx.scan(&CLAIMS_FOR, &(index(tx, &identity)?,), None, BEFORE_MAX)?.rows {
        let granted = |claim: &Claim| other != id && claim.status.is_granted();
        let Some(earlier) = queue::get(tx, other)?.filter(granted) else { continue };
        let same = |of: &&Ruling| of.scheme == ruling.scheme && of.programme == ruling.programme;
        let (Some(of), Some(sum)) = (earlier.ruling.as_ref().filter(same), sum(tx, other, &earlier)?) else {
            continue;
        };
        let in_year = of.year == ruling.year;
        before.add(&earlier.details.reveal().facts, sum.lines.reveal(), sum.total, in_year);
    }
    Ok(before)
}

/// How it was last counted.
pub fn sum(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Option<Sum>, Fault> {
    if claim.sums == 0 { Ok(None) } else { tx.get(&CLAIM_SUMS, &(id, claim.sums)) }
}

/// What the rules give for the facts as they are.
pub fn estimate(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Result<Computation, Refusal>, Fault> {
    let cover = match cover(tx, claim)? {
        Ok(Some(cover)) => cover,
        Ok(None) => return Ok(Err(Refusal::FactsMissing { facts: missing_facts(claim) })),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(programme) = programme(tx, &cover.scheme, cover.version, &cover.programme)? else {
        return Ok(Err(Refusal::NoScheme));
    };
    let facts = &claim.details.reveal().facts;
    let before = before(tx, id, claim)?;
    Ok(scheme::benefit(&programme, &cover, facts, &before).map_err(Refusal::NotCovered))
}

/// Counts the claim and keeps how it was done. What staff adjusted stays adjusted.
pub fn count(tx: &mut Tx, id: ClaimId, claim: &mut Claim, by: By) -> Result<Result<(), Refusal>, Fault> {
    let computed = match estimate(tx, id, claim)? {
        Ok(computed) => computed,
        Err(refusal) => {
            claim.amount = None;
            return Ok(Err(refusal));
        }
    };
    let Some(ruling) = claim.ruling.clone() else { return Ok(Err(Refusal::NoScheme)) };
    let adjustments = sum(tx, id, claim)?.map(|sum| sum.adjustments).unwrap_or_default();
    let adjusted: i64 = adjustments.reveal().iter().map(|adjustment| adjustment.amount.0).sum();
    let total = Fen(computed.total.0.saturating_add(adjusted).max(0));
    claim.sums += 1;
    claim.amount = Some(total);
    let lines = Sealed::new(computed.lines);
    let row = Sum { at: tx.moment().now, by, ruling, lines, adjustments, total };
    tx.put(&CLAIM_SUMS, &(id, claim.sums), &row)?;
    Ok(Ok(()))
}

/// Counts it again if the rules now give otherwise than when it was last counted: of claims that are open at once, one
/// was granted or sent back since. True if so.
pub fn recount(tx: &mut Tx, id: ClaimId, claim: &mut Claim, by: By) -> Result<bool, Fault> {
    let counted = sum(tx, id, claim)?.filter(|_| claim.amount.is_some());
    let same = match (&counted, estimate(tx, id, claim)?) {
        (Some(counted), Ok(now)) => *counted.lines.reveal() == now.lines,
        (counted, now) => counted.is_none() && now.is_err(),
    };
    if !same {
        // What the rules give nothing for has no amount: it can't be approved so.
        _ = count(tx, id, claim, by)?;
    }
    Ok(!same)
}

/// Adds an adjustment to how it was last counted; false if less than nothing would be left.
pub fn adjust(tx: &mut Tx, id: ClaimId, claim: &mut Claim, by: By, more: Adjustment) -> Result<bool, Fault> {
    let Some(last) = sum(tx, id, claim)? else { return Ok(false) };
    let total = last.total.plus(more.amount);
    if total.0 < 0 {
        return Ok(false);
    }
    let mut adjustments = last.adjustments.into_revealed();
    adjustments.push(more);
    claim.sums += 1;
    claim.amount = Some(total);
    let row = Sum { at: tx.moment().now, by, adjustments: Sealed::new(adjustments), total, ..last };
    tx.put(&CLAIM_SUMS, &(id, claim.sums), &row)?;
    Ok(true)
}

/// Facts without which nothing can be said.
fn missing_facts(claim: &Claim) -> Vec<String> {
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

/// Everything that is missing, at once (一次性告知).
pub fn is_whole(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Result<(), Refusal>, Fault> {
    let facts = missing_facts(claim);
    if !facts.is_empty() {
        return Ok(Err(Refusal::FactsMissing { facts }));
    }
    let empty = checklist(tx, id, claim)?.into_iter().filter(|(_, pages)| *pages == 0);
    let slots: Vec<String> = empty.map(|(rule, _)| rule.slot).collect();
    Ok(if slots.is_empty() { Ok(()) } else { Err(Refusal::PapersMissing { slots }) })
}

/// What staff ought to look at. Raised when the claim is handed in; none of it refuses by itself.
pub fn raise_flags(tx: &Tx, id: ClaimId, claim: &mut Claim) -> Result<(), Fault> {
    let details = claim.details.reveal().clone();
    let mut flags = Vec::new();
    if let (Some(programme), Ok(Some(cover))) = (ruled_by(tx, claim)?, cover(tx, claim)?) {
        // A claim is as late as it was when it was handed in.
        let filed = claim.submitted.unwrap_or(tx.moment().now);
        let (today, calendar) = (filed.date(), calendar::of(tx)?);
        match scheme::filing(&programme, &cover, &details.facts, today, &calendar) {
            Some(Timeliness::Late { since }) => flags.push(Flag::Late { since }),
            Some(Timeliness::TooEarly { from }) => flags.push(Flag::TooEarly { from }),
            Some(Timeliness::InTime { .. }) | None => {}
        }
        let above = programme.paper_above.zip(claim.amount);
        if above.is_some_and(|(above, amount)| amount >= above) {
            flags.push(Flag::OnPaper);
        }
    }
    if let Some(other) = overlapping(tx, id, claim)? {
        flags.push(Flag::OverlappingStay { other });
    }
    flags.extend(extras(tx, claim)?);
    let fresh = flags.into_iter().filter(|flag| !claim.flags.contains(flag));
    let fresh: Vec<Flag> = fresh.collect();
    claim.flags.extend(fresh);
    look_at_holder(tx, claim)
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

/// Another policy of the person's pays for a disease that the diagnosis names: the seed's «额外 10000 元», which
/// nobody has to notice by luck.
pub fn extras(tx: &Tx, claim: &Claim) -> Result<Vec<Flag>, Fault> {
    let Some(identity) = insured(tx, claim)? else { return Ok(Vec::new()) };
    let diagnosis = &claim.details.reveal().diagnosis;
    let own = claim.ruling.as_ref().map(|ruling| ruling.programme.as_str());
    let mut found = Vec::new();
    for cover in covers_for(tx, &identity, relative_name(claim))?.unwrap_or_default() {
        if own == Some(cover.programme.as_str()) {
            continue;
        }
        let Some(programme) = programme(tx, &cover.scheme, cover.version, &cover.programme)? else {
            continue;
        };
        found.extend(scheme::hints(&programme, diagnosis).into_iter().map(|disease| Flag::Disease {
            programme: cover.programme.clone(),
            disease: disease.code.clone(),
        }));
    }
    Ok(found)
}

/// Is the money to go to somebody else than the person that the claim is for?
fn other_holder(tx: &Tx, claim: &Claim) -> Result<bool, Fault> {
    let details = claim.details.reveal();
    let Some(account) = &details.account else { return Ok(false) };
    let listed = match insured(tx, claim)? {
        Some(identity) => name_of(tx, &index(tx, &identity)?)?,
        None => None,
    };
    // Whoever isn't on the list is called as the claimant says.
    let name = listed.or_else(|| details.relative.as_ref().map(|relative| relative.name.clone()));
    Ok(name.is_none_or(|name| !is_same_name(&name, &account.holder)))
}

/// A stay of the same person that this one overlaps with. A discharge on the day of an admission is no overlap.
fn overlapping(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Option<ClaimId>, Fault> {
    let (Some(who), Some((from, to))) = (claim.insured, stay(claim)) else { return Ok(None) };
    for ((_, other), ()) in tx.scan(&CLAIMS_FOR, &(who,), None, BEFORE_MAX)?.rows {
        let Some(earlier) =
            queue::get(tx, other)?.filter(|earlier| other != id && earlier.status.holds_papers())
        else {
            continue;
        };
        if stay(&earlier).is_some_and(|(begin, end)| from < end && begin < to) {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

fn stay(claim: &Claim) -> Option<(Date, Date)> {
    let facts = &claim.details.reveal().facts;
    facts.admitted.zip(facts.discharged).filter(|_| claim.kind == EventKind::Inpatient)
}
