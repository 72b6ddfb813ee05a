//! What the scheme's rules say of a claim: which programme, and how it is counted. The rules that estimate are the rules
//! that decide.

use jiff::civil::Date;

use super::notes::{self, NoteKind};
use super::record::*;
use super::rules::Refusal;
use super::{completeness, moves, queue};
use crate::domain::calendar;
use crate::domain::member::list::{index, named};
use crate::domain::member::record::MemberId;
use crate::domain::scheme::commands::{PolicyKey, covers, is_called, latest, policies, programme, schemes};
use crate::domain::scheme::record::{Fen, Policy, Programme, Times};
use crate::domain::scheme::rules::{
    self as scheme, Before, Computation, Cover, EventKind, NotCovered, Timeliness, What,
};
use crate::domain::tables::{CLAIM_OUTLINES, CLAIM_SUMS, CLAIMS_FOR, MEMBERS};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

/// Earlier claims of one person that count; nobody has so many.
pub(super) const BEFORE_MAX: usize = 300;

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

/// The programme whose papers are spoken of: the one that judges the claim or, while no cover is known, one that pays for
/// such events, so that what may be sent and asked for has its names. `None`: the event isn't known yet.
pub fn papers_by(tx: &Tx, claim: &Claim) -> Result<Option<Programme>, Fault> {
    if let Some(known) = ruled_by(tx, claim)? {
        return Ok(Some(known));
    }
    match cover(tx, claim)? {
        // A list has come since.
        Ok(Some(cover)) => programme(tx, &cover.scheme, cover.version, &cover.programme),
        Err(Refusal::NotCovered(_)) => usual(tx, claim.kind),
        _ => Ok(None),
    }
}

/// The first programme of the latest rules that pays for such an event; where none does, the first of all.
fn usual(tx: &Tx, kind: EventKind) -> Result<Option<Programme>, Fault> {
    let mut first = None;
    for (scheme, version, header) in latest(tx)? {
        for head in header.programmes {
            if head.kinds.contains(&kind) {
                return programme(tx, &scheme, version, &head.key);
            }
            first.get_or_insert((scheme.clone(), version, head.key));
        }
    }
    match first {
        Some((scheme, version, key)) => programme(tx, &scheme, version, &key),
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
    let mut of_person = match covers_for(tx, &identity, relative_name(claim))? {
        Ok(of_person) => of_person,
        Err(no) => return Ok(Err(Refusal::NotCovered(no))),
    };
    if !of_person.is_empty()
        && let Some(Exclusion { until, .. }) = exclusion(tx, &index(tx, &identity)?, day)?
    {
        return Ok(Err(Refusal::NotCovered(NotCovered::Excluded { until })));
    }
    let named = &claim.details.reveal().programme;
    of_person.retain(|cover| named.is_empty() || cover.programme == *named);
    let ruling = claim.ruling.as_ref().filter(|_| claim.submitted.is_some());
    if let Some(cover) = ruling.and_then(|ruling| fixed(&of_person, ruling, day)) {
        return Ok(Ok(Some(cover)));
    }
    match scheme::choices(&of_person, claim.kind, day) {
        Ok(choices) => Ok(Ok(fitting(tx, claim, &choices)?.cloned())),
        Err(no) => Ok(Err(Refusal::NotCovered(no))),
    }
}

/// The days for which the person is excluded because papers were false, if that day is one of them.
pub fn exclusion(tx: &Tx, person: &[u8; 16], day: Date) -> Result<Option<Exclusion>, Fault> {
    for ((_, id), ()) in tx.scan(&CLAIMS_FOR, &(*person,), None, BEFORE_MAX)?.rows {
        let found = tx.get(&CLAIM_OUTLINES, &id)?.and_then(|claim| claim.exclusion());
        if let Some(found) = found.filter(|found| (found.from..=found.until).contains(&day)) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Where several programmes may pay: the one whose list has the disease that was told, or that the diagnosis hints at;
/// of several such the first.
fn fitting<'c>(tx: &Tx, claim: &Claim, choices: &[&'c Cover]) -> Result<Option<&'c Cover>, Fault> {
    let Some((first, others)) = choices.split_first() else { return Ok(None) };
    let same = |cover: &&Cover| (&cover.scheme, &cover.programme) == (&first.scheme, &first.programme);
    if others.iter().all(same) {
        return Ok(Some(first));
    }
    let details = claim.details.reveal();
    let mut best = (*first, (false, false));
    for cover in choices {
        let Some(of) = programme(tx, &cover.scheme, cover.version, &cover.programme)? else { continue };
        let listed = details.facts.disease.as_ref().is_some_and(|code| of.disease(code).is_some());
        let fits = (listed, !scheme::hints(&of, &details.diagnosis).is_empty());
        if fits > best.1 {
            best = (cover, fits);
        }
    }
    Ok(Some(best.0))
}

/// Is the person covered by that programme, some time? Empty is any.
pub fn may_be(tx: &Tx, claim: &Claim, programme: &str) -> Result<bool, Fault> {
    if programme.is_empty() {
        return Ok(true);
    }
    let Some(identity) = insured(tx, claim)? else { return Ok(false) };
    let covers = covers_for(tx, &identity, relative_name(claim))?.unwrap_or_default();
    Ok(covers.iter().any(|cover| cover.programme == programme))
}

pub(super) fn relative_name(claim: &Claim) -> Option<&str> {
    claim.details.reveal().relative.as_ref().map(|relative| relative.name.as_str())
}

/// What somebody may claim for. `relative`: the name of whom another claims for; then only programmes that allow it
/// count, and none at all if the person is called otherwise, so that a number alone tells nobody anything.
pub fn covers_for(
    tx: &Tx,
    identity: &str,
    relative: Option<&str>,
) -> Result<Result<Vec<Cover>, NotCovered>, Fault> {
    let person = index(tx, identity)?;
    let Some(name) = relative else { return Ok(Ok(covers(tx, &person)?)) };
    // Of whom no list has a name every name is taken; the account that it goes to is looked at.
    if is_called(tx, identity, name)? == Some(false) {
        return Ok(Ok(Vec::new()));
    }
    let (mut open, mut closed) = (Vec::new(), false);
    for cover in covers(tx, &person)? {
        match programme(tx, &cover.scheme, cover.version, &cover.programme)? {
            Some(programme) if programme.relatives => open.push(cover),
            _ => closed = true,
        }
    }
    Ok(if open.is_empty() && closed { Err(NotCovered::NoRelatives) } else { Ok(open) })
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
    let found = ruling(tx, claim)?;
    claim.ruling = found.clone().unwrap_or_default();
    Ok(found.map(drop))
}

/// Whose rules decide by what is known today; `None`: the event isn't known.
pub fn ruling(tx: &Tx, claim: &Claim) -> Result<Result<Option<Ruling>, Refusal>, Fault> {
    let day = claim.details.reveal().facts.day();
    let of_cover = |cover: Cover| Ruling {
        year: cover.year(),
        day,
        scheme: cover.scheme,
        version: cover.version,
        programme: cover.programme,
    };
    Ok(cover(tx, claim)?.map(|cover| cover.map(of_cover)))
}

/// Whose rules decide, for a claim that was handed in when no cover was known: a list may have come since.
pub fn find_ruling(tx: &Tx, claim: &mut Claim) -> Result<Result<(), Refusal>, Fault> {
    if claim.ruling.is_some() { Ok(Ok(())) } else { settle_ruling(tx, claim) }
}

/// What was granted to the same person before, by the same programme. What is refused or taken back doesn't count.
pub fn before(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Before, Fault> {
    let (Some(ruling), Some(identity)) = (&claim.ruling, insured(tx, claim)?) else {
        return Ok(Before::default());
    };
    let mut before = Before::default();
    let person = index(tx, &identity)?;
    let place = place_of(tx, &person, ruling)?;
    for ((_, other), ()) in tx.scan(&CLAIMS_FOR, &(person,), None, BEFORE_MAX)?.rows {
        let granted = |claim: &Claim| other != id && claim.status.is_granted();
        let Some(earlier) = queue::get(tx, other)?.filter(granted) else { continue };
        let same = |of: &&Ruling| of.scheme == ruling.scheme && of.programme == ruling.programme;
        let (Some(of), Some(sum)) = (earlier.ruling.as_ref().filter(same), sum(tx, other, &earlier)?) else {
            continue;
        };
        let in_term = place
            .as_ref()
            .map_or(of.year == ruling.year, |(key, policy)| of.is_within(key.from, policy.until));
        sum.count_in(&mut before, &earlier.details.reveal().facts, earlier.recovered, in_term);
    }
    Ok(before)
}

/// The person's place by which a ruling is.
fn place_of(tx: &Tx, person: &[u8; 16], ruling: &Ruling) -> Result<Option<(PolicyKey, Policy)>, Fault> {
    let of_it = |(key, policy): &(PolicyKey, Policy)| {
        (&key.scheme, &key.programme) == (&ruling.scheme, &ruling.programme)
            && ruling.is_within(key.from, policy.until)
    };
    Ok(policies(tx, person)?.into_iter().find(of_it))
}

/// Did what was granted end that place of the person's?
pub fn is_ended(
    tx: &Tx,
    person: &[u8; 16],
    (place, policy): (&PolicyKey, &Policy),
    programme: &Programme,
) -> Result<bool, Fault> {
    let by_it = |of: &Ruling| {
        (&of.scheme, &of.programme) == (&place.scheme, &place.programme)
            && of.is_within(place.from, policy.until)
    };
    if programme.cover.ends_after_payment {
        for ((_, id), ()) in tx.scan(&CLAIMS_FOR, &(*person,), None, BEFORE_MAX)?.rows {
            let granted =
                |claim: &Claim| claim.status.is_granted() && claim.ruling.as_ref().is_some_and(by_it);
            let Some(claim) = queue::get(tx, id)?.filter(granted) else { continue };
            let counted = sum(tx, id, &claim)?.map(|sum| sum.lines.into_revealed()).unwrap_or_default();
            if counted.iter().any(|line| line.what == What::Lump) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// How it was last counted.
pub fn sum(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Option<Sum>, Fault> {
    if claim.sums == 0 { Ok(None) } else { tx.get(&CLAIM_SUMS, &(id, claim.sums)) }
}

/// What the rules give for the facts as they are.
pub fn estimate(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Result<Computation, Refusal>, Fault> {
    let (programme, cover) = match rules(tx, claim)? {
        Ok(rules) => rules,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let facts = &claim.details.reveal().facts;
    let before = before(tx, id, claim)?;
    Ok(scheme::benefit(&programme, &cover, facts, &before).map_err(Refusal::NotCovered))
}

fn rules(tx: &Tx, claim: &Claim) -> Result<Result<(Programme, Cover), Refusal>, Fault> {
    let cover = match cover(tx, claim)? {
        Ok(Some(cover)) => cover,
        Ok(None) => return Ok(Err(Refusal::FactsMissing { facts: completeness::missing_facts(claim) })),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let programme = programme(tx, &cover.scheme, cover.version, &cover.programme)?;
    Ok(programme.map(|programme| (programme, cover)).ok_or(Refusal::NoScheme))
}

/// Facts of the settlement without which what was counted is no more than a guess: what was self-borne, and what the
/// person paid by the bill where that may be less than what was counted.
pub fn unsettled(tx: &Tx, claim: &Claim, computed: &Computation) -> Result<Vec<String>, Fault> {
    let facts = &claim.details.reveal().facts;
    let uncapped = |programme: Programme| scheme::is_uncapped(&programme, facts, computed);
    let mut unknown = Vec::new();
    if computed.guessed {
        unknown.push("self_borne".to_owned());
    } else if ruled_by(tx, claim)?.is_some_and(uncapped) {
        unknown.push("personal_amount".to_owned());
    }
    Ok(unknown)
}

/// Counts the claim and keeps how it was done. What was added and has no room any more is noted.
pub fn count(tx: &mut Tx, id: ClaimId, claim: &mut Claim, by: By) -> Result<Result<(), Refusal>, Fault> {
    let (row, gone) = match reckon(tx, id, claim, by)? {
        Ok(reckoned) => reckoned,
        Err(refusal) => {
            claim.amount = None;
            return Ok(Err(refusal));
        }
    };
    for one in gone {
        let words = format!("{}: {}", one.amount, one.reason);
        notes::write(tx, id, row.by.name(), NoteKind::Unadjusted, &words)?;
    }
    claim.sums += 1;
    claim.amount = Some(row.total);
    tx.put(&CLAIM_SUMS, &(id, claim.sums), &row)?;
    Ok(Ok(()))
}

/// What the rules give now, and which adjustments go: those that the bill and the caps have no room for any more. The others
/// stay.
fn reckon(
    tx: &Tx,
    id: ClaimId,
    claim: &Claim,
    by: By,
) -> Result<Result<(Sum, Vec<Adjustment>), Refusal>, Fault> {
    let computed = match estimate(tx, id, claim)? {
        Ok(computed) => computed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(ruling) = claim.ruling.clone() else { return Ok(Err(Refusal::NoScheme)) };
    let adjustments = sum(tx, id, claim)?.map(|sum| sum.adjustments.into_revealed()).unwrap_or_default();
    let (lines, total) = (Sealed::new(computed.lines), computed.total);
    let mut row = Sum { at: tx.moment().now, by, ruling, lines, adjustments: Sealed::default(), total };
    let mut gone = Vec::new();
    for one in adjustments {
        match room(tx, id, claim, &row, &one)? {
            Some(_) => gone.push(one),
            None => row.add(one),
        }
    }
    row.total = row.total.at_least_zero();
    Ok(Ok((row, gone)))
}

/// Counts it again if the rules now give otherwise than when it was last counted: of claims that are open at once, one
/// was granted or sent back since. True if so.
pub fn recount(tx: &mut Tx, id: ClaimId, claim: &mut Claim, by: By) -> Result<bool, Fault> {
    _ = find_ruling(tx, claim)?;
    let counted = sum(tx, id, claim)?.filter(|_| claim.amount.is_some());
    let same = match (&counted, reckon(tx, id, claim, by.clone())?) {
        (Some(counted), Ok((now, _))) => {
            (counted.lines.reveal(), counted.total) == (now.lines.reveal(), now.total)
        }
        (counted, now) => counted.is_none() && now.is_err(),
    };
    if !same {
        // What the rules give nothing for has no amount: it can't be approved so.
        _ = count(tx, id, claim, by)?;
    }
    Ok(!same)
}

/// Why it can't be adjusted so.
pub enum NotAdjusted {
    /// Less than nothing would be left, or nothing was counted.
    BelowZero,
    /// The bill or a cap allows no more.
    AboveCap(Fen),
}

/// Adds an adjustment to how it was last counted. Caps hold for people, too.
pub fn adjust(
    tx: &mut Tx,
    id: ClaimId,
    claim: &mut Claim,
    by: By,
    more: Adjustment,
) -> Result<Result<(), NotAdjusted>, Fault> {
    let Some(last) = sum(tx, id, claim)? else { return Ok(Err(NotAdjusted::BelowZero)) };
    if last.total.plus(more.amount) < Fen::ZERO {
        return Ok(Err(NotAdjusted::BelowZero));
    }
    if let Some(most) = room(tx, id, claim, &last, &more)? {
        return Ok(Err(NotAdjusted::AboveCap(most)));
    }
    let mut row = Sum { at: tx.moment().now, by, ..last };
    row.add(more);
    claim.sums += 1;
    claim.amount = Some(row.total);
    tx.put(&CLAIM_SUMS, &(id, claim.sums), &row)?;
    Ok(Ok(()))
}

/// The most that its benefit may come to, by the bill and its caps, if that is less than with so much more.
fn room(tx: &Tx, id: ClaimId, claim: &Claim, counted: &Sum, more: &Adjustment) -> Result<Option<Fen>, Fault> {
    let Some(benefit) = more.benefit(counted.lines.reveal()) else { return Ok(None) };
    let Ok((programme, cover)) = rules(tx, claim)? else { return Ok(None) };
    if programme.benefits.iter().all(|known| known.key != benefit) {
        return Ok(Some(Fen::ZERO)); // of another programme, which the claim was judged by before
    }
    if more.amount <= Fen::ZERO {
        return Ok(None);
    }
    let before = before(tx, id, claim)?;
    let most = scheme::most(&programme, &cover, &claim.details.reveal().facts, &before, benefit);
    let known = counted.by_benefit().into_iter().find(|(of, _)| *of == benefit);
    let with_more = known.map_or(Fen::ZERO, |(_, sum)| sum).plus(more.amount);
    Ok(most.filter(|most| with_more > *most))
}

/// Facts that were told otherwise before, by name.
pub fn differing(told: &Details, papers: &Details) -> Vec<&'static str> {
    let (told, papers) = (&told.facts, &papers.facts);
    let money = [
        ("self_borne", told.self_borne, papers.self_borne),
        ("personal_amount", told.personal_amount, papers.personal_amount),
        ("total", told.total, papers.total),
    ];
    let days = [
        ("admitted", told.admitted, papers.admitted),
        ("discharged", told.discharged, papers.discharged),
        ("diagnosed", told.diagnosed, papers.diagnosed),
        ("happened", told.happened, papers.happened),
    ];
    let grade = told.grade.is_some() && told.grade != papers.grade;
    let money = money.into_iter().filter(|(_, a, b)| a.is_some() && a != b).map(|(name, ..)| name);
    let days = days.into_iter().filter(|(_, a, b)| a.is_some() && a != b).map(|(name, ..)| name);
    money.chain(days).chain(grade.then_some("grade")).collect()
}

/// Is it filed when it may be? As late as it was when it was handed in. `None`: not known yet.
pub fn timeliness(tx: &Tx, claim: &Claim) -> Result<Option<Timeliness>, Fault> {
    let (Some(programme), Ok(Some(cover))) = (ruled_by(tx, claim)?, cover(tx, claim)?) else {
        return Ok(None);
    };
    let filed = claim.submitted.unwrap_or(tx.moment().now);
    let facts = &claim.details.reveal().facts;
    Ok(scheme::filing(&programme, &cover, facts, filed.date(), &calendar::of(tx)?))
}

/// Until when the refusal may be appealed against.
pub fn appeal_ends(tx: &Tx, claim: &Claim) -> Result<Time, Fault> {
    let days = u32::from(times(tx, claim)?.appeal_days);
    Ok(claim.since.plus(moves::DAY * days))
}
