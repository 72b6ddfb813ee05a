//! Where claims are found: every index is written with the claim's own row, and nowhere else.

use super::record::*;
use crate::domain::calendar::{self, Calendar};
use crate::domain::member::list::{index, named};
use crate::domain::member::record::MemberId;
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::{Fault, Page as Found, Tx};

/// Claims that concern one person; nobody has so many.
const CONCERNING_MAX: usize = 1_000;

/// In what order staff see a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// What stands there longest first.
    Age,
    /// The largest amount first.
    Amount,
}

/// Whose claims, or which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Queue {
    Of(Status, Order),
    Assigned(String),
    /// By the last day of what comes next.
    Due,
    /// The same of what the service promised, overdue or due soon. A page may have fewer.
    DueSoon,
    /// Drawn for a second look.
    Sampled,
}

/// Where a page of a queue goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub place: u64,
    pub id: ClaimId,
}

pub fn get(tx: &Tx, id: ClaimId) -> Result<Option<Claim>, Fault> {
    tx.get(&CLAIMS, &id)
}

/// Writes a claim and whatever finds it. `before`: as it is stored, if it is.
pub fn save(tx: &mut Tx, id: ClaimId, before: Option<&Claim>, claim: &Claim) -> Result<(), Fault> {
    tx.put(&CLAIMS, &id, claim)?;
    let insured = before.and_then(|before| before.insured);
    if insured != claim.insured {
        if let Some(insured) = insured {
            tx.delete(&CLAIMS_FOR, &(insured, id))?;
        }
        if let Some(insured) = claim.insured {
            tx.put(&CLAIMS_FOR, &(insured, id), &())?;
        }
    }
    match (before.is_some_and(|before| before.sampled), claim.sampled) {
        (false, true) => tx.put(&CLAIMS_SAMPLED, &id, &())?,
        (true, false) => tx.delete(&CLAIMS_SAMPLED, &id)?,
        _ => {}
    }
    let amount = |claim: &Claim| (claim.status, falling(claim), id);
    let since = |claim: &Claim| (claim.status, claim.since, id);
    let assigned = |claim: &Claim| Some((assigned_to(claim)?, claim.since, id));
    let due = |claim: &Claim| Some((claim.clock.due?, id));
    if before.map(summary) != Some(summary(claim)) {
        tx.put(&CLAIMS_OF, &(claim.claimant, id), &Some(summary(claim)))?;
    }
    if let Some(before) = before {
        if amount(before) != amount(claim) {
            tx.delete(&CLAIMS_BY_AMOUNT, &amount(before))?;
        }
        if since(before) != since(claim) {
            tx.delete(&CLAIMS_BY_AGE, &since(before))?;
        }
        if let Some(key) = assigned(before).filter(|key| assigned(claim).as_ref() != Some(key)) {
            tx.delete(&CLAIMS_ASSIGNED, &key)?;
        }
        if let Some(key) = due(before).filter(|key| due(claim).as_ref() != Some(key)) {
            tx.delete(&CLAIMS_DUE, &key)?;
        }
    }
    if before.map(amount) != Some(amount(claim)) {
        tx.put(&CLAIMS_BY_AMOUNT, &amount(claim), &())?;
    }
    if before.map(since) != Some(since(claim)) {
        tx.put(&CLAIMS_BY_AGE, &since(claim), &())?;
    }
    if let Some(key) = assigned(claim).filter(|key| before.and_then(assigned).as_ref() != Some(key)) {
        tx.put(&CLAIMS_ASSIGNED, &key, &())?;
    }
    if let Some(key) = due(claim).filter(|key| before.and_then(due).as_ref() != Some(key)) {
        tx.put(&CLAIMS_DUE, &key, &())?;
    }
    Ok(())
}

/// What lists show of it.
pub(super) fn summary(claim: &Claim) -> Summary {
    Summary { kind: claim.kind, status: claim.status, ruling: claim.ruling.clone() }
}

/// Larger amounts have smaller keys.
fn falling(claim: &Claim) -> u64 {
    u64::MAX - claim.amount.map_or(0, |amount| amount.0.max(0).unsigned_abs())
}

/// A claim that nobody is to move stands on nobody's list.
fn assigned_to(claim: &Claim) -> Option<String> {
    claim.assignee.clone().filter(|_| claim.status.waits_for_staff() || claim.status.waits_for_claimant())
}

/// A page of a queue, and where it goes on.
pub type Listed = (Vec<(ClaimId, Claim)>, Option<Cursor>);

pub fn list(tx: &Tx, queue: &Queue, after: Option<&Cursor>, limit: usize) -> Result<Listed, Fault> {
    let time = |cursor: &Cursor| Time::from_unix_ms(i64::try_from(cursor.place).unwrap_or(i64::MAX));
    let ms = |at: Time| at.unix_ms().max(0).unsigned_abs();
    let (ids, next) = match queue {
        Queue::Of(status, Order::Age) => {
            let after = after.map(|cursor| (*status, time(cursor), cursor.id));
            let page = tx.scan(&CLAIMS_BY_AGE, &(*status,), after.as_ref(), limit)?;
            places(page, |(_, since, id)| (ms(since), id))
        }
        Queue::Of(status, Order::Amount) => {
            let after = after.map(|cursor| (*status, cursor.place, cursor.id));
            let page = tx.scan(&CLAIMS_BY_AMOUNT, &(*status,), after.as_ref(), limit)?;
            places(page, |(_, falling, id)| (falling, id))
        }
        Queue::Assigned(who) => {
            let after = after.map(|cursor| (who.clone(), time(cursor), cursor.id));
            let page = tx.scan(&CLAIMS_ASSIGNED, &(who.clone(),), after.as_ref(), limit)?;
            places(page, |(_, since, id)| (ms(since), id))
        }
        Queue::Due => {
            let after = after.map(|cursor| (time(cursor), cursor.id));
            let page = tx.scan(&CLAIMS_DUE, &(), after.as_ref(), limit)?;
            places(page, |(due, id)| (ms(due), id))
        }
        Queue::DueSoon => {
            let end = calendar::soon_at_most(&calendar::of(tx)?, tx.moment().now);
            let after = after.map(|cursor| (time(cursor), cursor.id));
            let mut page = tx.scan(&CLAIMS_DUE, &(), after.as_ref(), limit)?;
            page.rows.retain(|((due, _), ())| *due <= end);
            page.next = page.next.filter(|(due, _)| *due <= end);
            places(page, |(due, id)| (ms(due), id))
        }
        Queue::Sampled => {
            let after = after.map(|cursor| cursor.id);
            let page = tx.scan(&CLAIMS_SAMPLED, &(), after.as_ref(), limit)?;
            places(page, |id| (0, id))
        }
    };
    let mut claims = Vec::with_capacity(ids.len());
    for id in ids {
        claims.extend(get(tx, id)?.map(|claim| (id, claim)));
    }
    if matches!(queue, Queue::DueSoon) {
        let (now, calendar) = (tx.moment().now, calendar::of(tx)?);
        claims.retain(|(_, claim)| is_pressing(claim, now, &calendar));
    }
    Ok((claims, next))
}

fn places<K>(page: Found<K, ()>, place: impl Fn(K) -> (u64, ClaimId)) -> (Vec<ClaimId>, Option<Cursor>) {
    let next = page.next.map(|key| {
        let (place, id) = place(key);
        Cursor { place, id }
    });
    (page.rows.into_iter().map(|(key, ())| place(key).1).collect(), next)
}

/// Does the promised time run, and is it over or nearly so?
pub fn is_pressing(claim: &Claim, now: Time, calendar: &Calendar) -> bool {
    let soon = calendar::soon(calendar, now, claim.clock.promised.unwrap_or(u16::MAX));
    claim.is_timed() && claim.clock.due.is_some_and(|due| due <= soon)
}

/// How many are beyond their last day, and how many more are due soon; no more than `limit` are counted. Those that wait
/// for their claimants stand on the same list and aren't.
pub fn pressing(tx: &Tx, limit: usize) -> Result<(usize, usize), Fault> {
    let (now, calendar) = (tx.moment().now, calendar::of(tx)?);
    let end = calendar::soon_at_most(&calendar, now);
    let (mut overdue, mut due_soon, mut after) = (0, 0, None);
    loop {
        let page = tx.scan(&CLAIMS_DUE, &(), after.as_ref(), limit)?;
        for ((due, id), ()) in page.rows {
            if due > end || overdue + due_soon >= limit {
                return Ok((overdue, due_soon));
            }
            if get(tx, id)?.is_some_and(|claim| is_pressing(&claim, now, &calendar)) {
                *if due < now { &mut overdue } else { &mut due_soon } += 1;
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok((overdue, due_soon)),
        }
    }
}

/// The claims of a member as lists show them, the latest first, and whether there are more. `after`: those before that one.
pub fn summaries_of_member(
    tx: &Tx,
    member: MemberId,
    after: Option<ClaimId>,
    limit: usize,
) -> Result<(Vec<(ClaimId, Summary)>, bool), Fault> {
    let mut found = Vec::new();
    let page = tx.scan_back(&CLAIMS_OF, &(member,), after.map(|id| (member, id)).as_ref(), limit)?;
    for ((_, id), summary) in page.rows {
        let summary = match summary {
            None => tx.get(&CLAIM_OUTLINES, &id)?.map(|Outline { kind, status, ruling, .. }| Summary {
                kind,
                status,
                ruling,
            }),
            known => known,
        };
        found.extend(summary.map(|summary| (id, summary)));
    }
    Ok((found, page.next.is_some()))
}

/// The claims that are the member's own: made by them, or for them by a relative.
pub fn concerning(tx: &Tx, member: Option<MemberId>) -> Result<Vec<ClaimId>, Fault> {
    let Some(id) = member else { return Ok(Vec::new()) };
    let made = tx.scan(&CLAIMS_OF, &(id,), None, CONCERNING_MAX)?.rows;
    let mut found: Vec<ClaimId> = made.into_iter().map(|((_, claim), _)| claim).collect();
    let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(found) };
    if let Some(person) = named(tx, &member)? {
        let person = index(tx, &person.identity)?;
        let for_them = tx.scan(&CLAIMS_FOR, &(person,), None, CONCERNING_MAX)?.rows;
        found.extend(for_them.into_iter().map(|((_, claim), ())| claim));
    }
    Ok(found)
}

/// The claims of a member, the latest first.
pub fn of_member(tx: &Tx, member: MemberId, limit: usize) -> Result<Vec<(ClaimId, Claim)>, Fault> {
    let mut found = Vec::new();
    for ((_, id), _) in tx.scan_back(&CLAIMS_OF, &(member,), None, limit)?.rows {
        found.extend(get(tx, id)?.map(|claim| (id, claim)));
    }
    Ok(found)
}
