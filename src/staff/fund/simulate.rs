//! What a change of rules would have paid: past claims counted again, under a scheme file that isn't adopted. Nothing is
//! written. Each person's claims are played again in the order of their events, so that caps and deductibles over a year
//! or a life go by what the new rules would have paid before; who was refused by a rule is among them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::claim::record::{By, Claim, ClaimId, Status, Sum};
use crate::domain::claim::rules::BY_THE_RULES;
use crate::domain::claim::{judge, money, queue};
use crate::domain::fund::ledger::standing;
use crate::domain::scheme::commands::{self, policies};
use crate::domain::scheme::file::{self, SchemeFile};
use crate::domain::scheme::join;
use crate::domain::scheme::record::{Fen, Policy, Programme};
use crate::domain::scheme::rules::{Before, Cover, Facts, benefit};
use crate::domain::tables::{CLAIM_MOVES, CLAIMS, CLAIMS_FOR};
use crate::staff::act as door;
use crate::staff::{Act, ActError, Call, FieldError, Role};
use crate::store::{Fault, Sealed, Tx};

/// Claims that one call counts again.
const PAGE: usize = 200;
/// Claims of one person; nobody has so many.
const HISTORY_MAX: usize = 300;
/// What is wrong with a file is told so far.
const PROBLEMS_TOLD: usize = 10;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulateForm {
    /// The scheme file's text.
    pub file: String,
    /// As the page before gave it.
    #[serde(default)]
    pub after: Option<String>,
}

/// A page of claims, counted again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Simulated {
    /// Claims that were looked at.
    pub seen: u64,
    /// Of the scheme, and granted, paid or refused by its rules.
    pub counted: u64,
    pub now: Fen,
    pub then: Fen,
    /// Claims whose sum would be another one.
    pub changed: Vec<Change>,
    /// Worked examples of the file that don't hold by its own rules; with the first page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// What the books of these claims hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub balances: Vec<Balance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub claim: String,
    pub programme: String,
    pub year: u16,
    pub now: Fen,
    pub then: Fen,
    /// Why nothing would be paid, if that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    pub programme: String,
    pub year: u16,
    pub income: Fen,
    /// Granted so far, less what came back.
    pub granted: Fen,
}

/// Counts a page of past claims by the file's rules.
pub async fn simulate(call: &Call, form: SimulateForm) -> Result<Simulated, ActError> {
    let wrong = |field: &str, message: String| {
        ActError::Invalid(vec![FieldError { field: field.to_owned(), message }])
    };
    // Of a change the old examples may not hold: that is told, and `check` and the adoption want them mended.
    let (scheme, broken) = file::read_trial("scheme", &form.file).map_err(|problems| {
        let told = problems.iter().take(PROBLEMS_TOLD).map(ToString::to_string).collect::<Vec<_>>();
        wrong("file", told.join("; "))
    })?;
    let after = form.after.map(|after| after.parse::<ClaimId>()).transpose();
    let after = after.map_err(|()| wrong("after", "must be the `next` of the page before".to_owned()))?;
    let act = Act {
        detail: format!("version {}", scheme.version),
        ..Act::plain("fund.simulate", scheme.scheme.clone(), Role::Payment)
    };
    let of = scheme.scheme.clone();
    if call.read(move |tx| commands::versions(tx, &of)).await?.is_empty() {
        return Err(wrong(
            "file",
            format!("no scheme `{}` is adopted: see `scheme` in the file", scheme.scheme),
        ));
    }
    let is_first = after.is_none();
    if is_first {
        // The first page alone is on the trail: the others are of the same question.
        door::look(call, act.clone(), |_| Ok(())).await?;
    } else if !call.who.has(Role::Payment) && !call.who.has(Role::Auditor) {
        return Err(ActError::NotAllowed(Role::Payment.name()));
    }
    let mut counted = call.read(move |tx| page(tx, &scheme, after)).await?;
    if is_first {
        counted.examples = broken.iter().map(ToString::to_string).collect();
    }
    Ok(counted)
}

/// A page of claims, counted by rules that were read already.
pub fn page(tx: &Tx, scheme: &SchemeFile, after: Option<ClaimId>) -> Result<Simulated, Fault> {
    let found = tx.scan(&CLAIMS, &(), after.as_ref(), PAGE)?;
    let mut done = Simulated { next: found.next.map(|id| id.to_string()), ..Simulated::default() };
    let mut people: BTreeMap<[u8; 16], BTreeMap<ClaimId, Recounted>> = BTreeMap::new();
    for (id, claim) in &found.rows {
        done.seen += 1;
        let Some(person) = claim.insured else { continue };
        let played = match people.entry(person) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unread) => unread.insert(play(tx, scheme, &person)?),
        };
        let Some((now, then)) = played.remove(id) else { continue };
        done.counted += 1;
        done.now = done.now.plus(now);
        let sum = then.as_ref().copied().unwrap_or_default();
        done.then = done.then.plus(sum);
        let Some(ruling) = claim.ruling.as_ref().filter(|_| sum != now) else { continue };
        done.changed.push(Change {
            claim: id.to_string(),
            programme: ruling.programme.clone(),
            year: ruling.year,
            now,
            then: sum,
            why: then.err().map(str::to_owned),
        });
        let Some(book) = money::book_of(claim) else { continue };
        if !done.balances.iter().any(|known| (&known.programme, known.year) == (&book.programme, book.year)) {
            let kept = standing(tx, &book)?;
            let (income, granted) = (Fen(-kept.premiums.0), kept.benefits);
            done.balances.push(Balance { programme: book.programme, year: book.year, income, granted });
        }
    }
    Ok(done)
}

/// What a claim came to, and what it would come to, or why to nothing.
type Recounted = (Fen, Result<Fen, &'static str>);

/// A claim as the new rules would have it.
struct Played {
    programme: String,
    facts: Facts,
    sum: Sum,
    recovered: Fen,
}

/// All of a person's past claims by the file's rules, one after the other.
fn play(tx: &Tx, scheme: &SchemeFile, person: &[u8; 16]) -> Result<BTreeMap<ClaimId, Recounted>, Fault> {
    let mut past = Vec::new();
    for ((_, id), ()) in tx.scan(&CLAIMS_FOR, &(*person,), None, HISTORY_MAX)?.rows {
        let Some(claim) = queue::get(tx, id)? else { continue };
        let of_scheme = claim.ruling.as_ref().is_some_and(|ruling| ruling.scheme == scheme.scheme);
        if of_scheme && let Some(now) = decided(tx, id, &claim)? {
            past.push((claim.details.reveal().facts.day(), id, claim, now));
        }
    }
    past.sort_by_key(|(day, id, ..)| (*day, *id));
    // What was refused and claimed again happened once: what was granted of it counts, or else the last refused.
    let of_event = |claim: &Claim| {
        claim.ruling.as_ref().map(|ruling| (claim.kind, ruling.programme.clone(), ruling.day))
    };
    let granted = past.iter().filter(|(_, _, claim, _)| claim.status.is_granted());
    let mut events: BTreeSet<_> = granted.filter_map(|(_, _, claim, _)| of_event(claim)).collect();
    past.reverse();
    past.retain(|(_, _, claim, _)| {
        claim.status.is_granted() || of_event(claim).is_some_and(|event| events.insert(event))
    });
    past.reverse();
    let (mut recounted, mut played) = (BTreeMap::new(), Vec::new());
    for (_, id, claim, now) in past {
        if claim.erased {
            // What it was counted of is gone: it stays as it was counted, and uses up what it did.
            played.extend(as_it_was(tx, id, claim)?);
            continue;
        }
        let then = match again(tx, scheme, person, id, &claim, &played)? {
            Ok(again) => {
                let total = again.sum.total.minus(again.recovered);
                played.push(again);
                Ok(total)
            }
            Err(why) => Err(why),
        };
        recounted.insert(id, (now, then));
    }
    Ok(recounted)
}

fn as_it_was(tx: &Tx, id: ClaimId, claim: Claim) -> Result<Option<Played>, Fault> {
    let kept = judge::sum(tx, id, &claim)?.filter(|_| claim.status.is_granted());
    Ok(kept.map(|sum| Played {
        programme: sum.ruling.programme.clone(),
        facts: claim.details.into_revealed().facts,
        sum,
        recovered: claim.recovered,
    }))
}

/// What the claim came to; `None`: it isn't decided, or was refused for another reason than the rules.
fn decided(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Option<Fen>, Fault> {
    if claim.status.is_granted() {
        return Ok(claim.amount.map(|amount| amount.minus(claim.recovered)));
    }
    if !matches!(claim.status, Status::Rejected | Status::NotAccepted) {
        return Ok(None);
    }
    let last = tx.get(&CLAIM_MOVES, &(id, claim.moves))?;
    let by_rule = last.is_some_and(|last| BY_THE_RULES.contains(&last.reason.as_str()));
    Ok(by_rule.then_some(Fen::ZERO))
}

/// Counts one claim again, after those that were played.
fn again(
    tx: &Tx,
    scheme: &SchemeFile,
    person: &[u8; 16],
    id: ClaimId,
    claim: &Claim,
    played: &[Played],
) -> Result<Result<Played, &'static str>, Fault> {
    let programme = |key: &str| scheme.programmes.iter().find(|programme| programme.key == key);
    let Ok(Some(cover)) = judge::cover(tx, claim)? else { return Ok(Err("no_cover")) };
    let Some(programme) = programme(&cover.programme) else { return Ok(Err("no_cover")) };
    let cover = by_new_rules(tx, scheme.version, programme, person, cover)?;
    let facts = claim.details.reveal().facts.clone();
    let mut before = Before::default();
    for earlier in played.iter().filter(|earlier| earlier.programme == cover.programme) {
        let in_term = earlier.sum.ruling.is_within(cover.from, cover.until);
        earlier.sum.count_in(&mut before, &earlier.facts, earlier.recovered, in_term);
    }
    let counted = match benefit(programme, &cover, &facts, &before) {
        Ok(counted) => counted,
        Err(why) => return Ok(Err(why.code())),
    };
    // What staff adjusted stays adjusted, and what came back stays back: neither leaves later claims another room than it does.
    let Some(ruling) = claim.ruling.clone() else { return Ok(Err("no_cover")) };
    let kept = judge::sum(tx, id, claim)?.filter(|_| claim.status.is_granted());
    let adjustments = kept.map(|sum| sum.adjustments).unwrap_or_default();
    let adjusted: Fen = adjustments.reveal().iter().map(|one| one.amount).sum();
    let total = counted.total.plus(adjusted).at_least_zero();
    let lines = Sealed::new(counted.lines);
    let sum = Sum { at: tx.moment().now, by: By::Rule, ruling, lines, adjustments, total };
    let recovered = claim.recovered.min(total);
    Ok(Ok(Played { programme: cover.programme, facts, sum, recovered }))
}

/// The cover with the waiting days that the new rules give to such an entry.
fn by_new_rules(
    tx: &Tx,
    version: u32,
    programme: &Programme,
    person: &[u8; 16],
    cover: Cover,
) -> Result<Cover, Fault> {
    let entry = policies(tx, person)?.into_iter().find(|(key, _)| {
        (&key.scheme, &key.programme, key.from) == (&cover.scheme, &cover.programme, cover.from)
    });
    let old = commands::programme(tx, &cover.scheme, cover.version, &cover.programme)?;
    let window = |(old, (_, policy)): (Programme, (_, Policy))| {
        let entry = join::Entry { on: policy.entered, how: policy.how, new_hire: false };
        join::window(&old, entry).is_some_and(|window| window.late)
    };
    let late = old.zip(entry).is_some_and(window);
    let waiting_until = if cover.first_or_broken { join::waiting(programme, late, cover.from) } else { None };
    Ok(Cover { version, kinds: programme.kinds(), waiting_until, ..cover })
}
