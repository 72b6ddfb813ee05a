//! Where cases are found: every index is written with the case's own row, and nowhere else.

use super::record::*;
use super::rules;
use crate::domain::calendar::{self, Calendar};
use crate::domain::contact::record::FollowerId;
use crate::domain::member::standing::{Person, counted_for, person_of};
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::{Fault, Key, Page as Found, Table, Tx};

/// Which cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Queue {
    /// What can't wait first, then what stands there longest.
    Of(Status),
    OfKind(String, Status),
    Assigned(String),
    /// By the last moment for what comes next.
    Due,
    /// The same of what waits for staff and is overdue or due soon. A page may have fewer.
    DueSoon,
}

/// Where a page of a queue goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub rank: u8,
    pub at: Time,
    pub id: CaseId,
}

pub fn get(tx: &Tx, id: CaseId) -> Result<Option<Case>, Fault> {
    tx.get(&CASES, &id)
}

/// Writes a case and whatever finds it. `before`: as it is stored, if it is.
pub fn save(tx: &mut Tx, id: CaseId, before: Option<&Case>, case: &Case) -> Result<(), Fault> {
    tx.put(&CASES, &id, case)?;
    if before.is_none() {
        tx.put(&CASES_OF, &(case.whose.clone(), id), &())?;
    }
    shift(tx, &CASES_BY_STATE, before.and_then(|case| by_state(id, case)), by_state(id, case))?;
    shift(tx, &CASES_BY_KIND, before.and_then(|case| by_kind(id, case)), by_kind(id, case))?;
    shift(tx, &CASES_ASSIGNED, before.and_then(|case| assigned(id, case)), assigned(id, case))?;
    shift(tx, &CASES_DUE, before.and_then(|case| due(id, case)), due(id, case))
}

fn shift<K: Key + PartialEq>(
    tx: &mut Tx,
    index: &Table<K, ()>,
    from: Option<K>,
    to: Option<K>,
) -> Result<(), Fault> {
    if from == to {
        return Ok(());
    }
    if let Some(key) = from {
        tx.delete(index, &key)?;
    }
    to.map_or(Ok(()), |key| tx.put(index, &key, &()))
}

/// A draft is nobody's work yet.
pub(super) fn by_state(id: CaseId, case: &Case) -> Option<(Status, u8, Time, CaseId)> {
    (case.status != Status::Draft).then(|| (case.status, rank(case), case.since, id))
}

pub(super) fn by_kind(id: CaseId, case: &Case) -> Option<(String, Status, u8, Time, CaseId)> {
    let (status, rank, since, id) = by_state(id, case)?;
    Some((case.kind.clone(), status, rank, since, id))
}

pub(super) fn assigned(id: CaseId, case: &Case) -> Option<(String, Time, CaseId)> {
    Some((case.assignee.clone().filter(|_| case.status.is_live())?, case.since, id))
}

pub(super) fn due(id: CaseId, case: &Case) -> Option<(Time, CaseId)> {
    Some((case.clock.due()?, id))
}

fn rank(case: &Case) -> u8 {
    u8::from(!case.urgent)
}

/// A page of a queue, and where it goes on.
pub type Listed = (Vec<(CaseId, Case)>, Option<Cursor>);

/// Is there a case of that kind, in whatever state?
pub fn has_kind(tx: &Tx, kind: &str) -> Result<bool, Fault> {
    Ok(!tx.scan(&CASES_BY_KIND, &(kind.to_owned(),), None, 1)?.rows.is_empty())
}

pub fn list(tx: &Tx, queue: &Queue, after: Option<&Cursor>, limit: usize) -> Result<Listed, Fault> {
    let (ids, next) = match queue {
        Queue::Of(status) => {
            let after = after.map(|cursor| (*status, cursor.rank, cursor.at, cursor.id));
            let page = tx.scan(&CASES_BY_STATE, &(*status,), after.as_ref(), limit)?;
            places(page, |(_, rank, at, id)| Cursor { rank, at, id })
        }
        Queue::OfKind(kind, status) => {
            let after = after.map(|cursor| (kind.clone(), *status, cursor.rank, cursor.at, cursor.id));
            let page = tx.scan(&CASES_BY_KIND, &(kind.clone(), *status), after.as_ref(), limit)?;
            places(page, |(_, _, rank, at, id)| Cursor { rank, at, id })
        }
        Queue::Assigned(who) => {
            let after = after.map(|cursor| (who.clone(), cursor.at, cursor.id));
            let page = tx.scan(&CASES_ASSIGNED, &(who.clone(),), after.as_ref(), limit)?;
            places(page, |(_, at, id)| Cursor { rank: 0, at, id })
        }
        Queue::Due => {
            let after = after.map(|cursor| (cursor.at, cursor.id));
            let page = tx.scan(&CASES_DUE, &(), after.as_ref(), limit)?;
            places(page, |(at, id)| Cursor { rank: 0, at, id })
        }
        Queue::DueSoon => {
            let end = calendar::soon_at_most(&calendar::of(tx)?, tx.moment().now);
            let after = after.map(|cursor| (cursor.at, cursor.id));
            let mut page = tx.scan(&CASES_DUE, &(), after.as_ref(), limit)?;
            page.rows.retain(|((due, _), ())| *due <= end);
            page.next = page.next.filter(|(due, _)| *due <= end);
            places(page, |(at, id)| Cursor { rank: 0, at, id })
        }
    };
    let mut cases = Vec::with_capacity(ids.len());
    for id in ids {
        cases.extend(get(tx, id)?.map(|case| (id, case)));
    }
    if matches!(queue, Queue::DueSoon) {
        let (now, calendar) = (tx.moment().now, calendar::of(tx)?);
        cases.retain(|(_, case)| is_pressing(case, now, &calendar));
    }
    Ok((cases, next))
}

/// Does it wait for staff, and is its step or the whole due soon or overdue?
pub fn is_pressing(case: &Case, now: Time, calendar: &Calendar) -> bool {
    let within = |due: Option<Time>, limit| due.is_some_and(|due| due <= rules::soon(limit, now, calendar));
    let (step, whole) = case.limits();
    case.status == Status::Open && (within(case.clock.step, step) || within(case.clock.promised, whole))
}

/// How many wait for staff beyond their last moment, and how many more are due soon; no more than `limit` are looked at.
pub fn pressing(tx: &Tx, limit: usize) -> Result<(usize, usize), Fault> {
    let (now, calendar) = (tx.moment().now, calendar::of(tx)?);
    let end = calendar::soon_at_most(&calendar, now);
    let (mut overdue, mut due_soon) = (0, 0);
    for ((due, id), ()) in tx.scan(&CASES_DUE, &(), None, limit)?.rows {
        if due > end {
            break;
        }
        if get(tx, id)?.is_some_and(|case| is_pressing(&case, now, &calendar)) {
            *if due < now { &mut overdue } else { &mut due_soon } += 1;
        }
    }
    Ok((overdue, due_soon))
}

fn places<K>(page: Found<K, ()>, place: impl Fn(K) -> Cursor) -> (Vec<CaseId>, Option<Cursor>) {
    let next = page.next.map(&place);
    (page.rows.into_iter().map(|(key, ())| place(key).id).collect(), next)
}

/// Whose cases the follower sees: their own as the member they are and as the account they use.
pub fn persons(tx: &Tx, who: &FollowerId) -> Result<Vec<Person>, Fault> {
    Ok(counted_for(&person_of(tx, who)?, who))
}

/// The follower's cases, the latest first.
pub fn of_follower(tx: &Tx, who: &FollowerId, limit: usize) -> Result<Vec<(CaseId, Case)>, Fault> {
    let mut ids = Vec::new();
    for whose in persons(tx, who)? {
        let page = tx.scan_back(&CASES_OF, &(whose,), None, limit)?;
        ids.extend(page.rows.into_iter().map(|((_, id), ())| id));
    }
    ids.sort_unstable_by(|a, b| b.cmp(a));
    ids.truncate(limit);
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(get(tx, id)?.map(|case| (id, case)));
    }
    Ok(found)
}
