//! What must hold of cases, recounted from their rows: `gonghui audit`.

use super::record::*;
use super::{entries, queue};
use crate::domain::tables::*;
use crate::store::{Fault, Tx};

const PAGE: usize = 50;

/// What does not hold in a page of cases, and where it goes on.
pub fn page(tx: &Tx, after: Option<CaseId>) -> Result<(Vec<String>, usize, Option<CaseId>), Fault> {
    let page = tx.scan(&CASES, &(), after.as_ref(), PAGE)?;
    let (mut broken, count) = (Vec::new(), page.rows.len());
    for (id, case) in page.rows {
        let mut say = |what: &str| broken.push(format!("{id} ({}): {what}", case.status.name()));
        found(tx, id, &case, &mut say)?;
        stands(&case, &mut say);
        let written = entries::of(tx, id)?;
        if u32::try_from(written.len()) != Ok(case.entries) {
            say("its entries and their count disagree");
        }
        let last = written.iter().rev().find_map(|(_, entry)| match &entry.what {
            What::Moved { to, .. } => Some(*to),
            What::Stepped { .. } => Some(Status::Open),
            _ => None,
        });
        if last.unwrap_or(Status::Draft) != case.status {
            say("its last entry leads elsewhere");
        }
        let told =
            written.iter().any(|(_, entry)| !entry.words.reveal().is_empty() || entry.picture.is_some());
        if case.erased && (told || !entries::answers(tx, id)?.is_empty()) {
            say("it is erased, and something that was told is there");
        }
    }
    Ok((broken, count, page.next))
}

/// Every index has the case where it stands.
fn found(tx: &Tx, id: CaseId, case: &Case, say: &mut impl FnMut(&str)) -> Result<(), Fault> {
    let by_state = listed(queue::by_state(id, case), |key| tx.get(&CASES_BY_STATE, key))?;
    let by_kind = listed(queue::by_kind(id, case), |key| tx.get(&CASES_BY_KIND, key))?;
    let assigned = listed(queue::assigned(id, case), |key| tx.get(&CASES_ASSIGNED, key))?;
    let due = listed(queue::due(id, case), |key| tx.get(&CASES_DUE, key))?;
    let whose = listed(Some((case.whose.clone(), id)), |key| tx.get(&CASES_OF, key))?;
    let indexes =
        [("state", by_state), ("kind", by_kind), ("assignee", assigned), ("day", due), ("person", whose)];
    for (index, _) in indexes.iter().filter(|(_, there)| !there) {
        say(&format!("the index by {index} disagrees"));
    }
    Ok(())
}

fn listed<K>(key: Option<K>, look: impl Fn(&K) -> Result<Option<()>, Fault>) -> Result<bool, Fault> {
    key.map_or(Ok(true), |key| Ok(look(&key)?.is_some()))
}

/// Somebody's clock runs exactly while somebody must act.
fn stands(case: &Case, say: &mut impl FnMut(&str)) {
    let clock = &case.clock;
    let fits = match case.status {
        Status::Open => clock.step.is_some() && clock.promised.is_some() && clock.answer.is_none(),
        Status::Asked => clock.step.is_none() && clock.answer.is_some() && clock.left.is_some(),
        _ => clock.due().is_none(),
    };
    if !fits {
        say("its clock doesn't fit");
    }
    if case.stage().is_none() || case.class().is_none() {
        say("its step or class is none of its plan");
    }
    if (case.status == Status::Closed) != case.outcome.is_some() {
        say("what came of it doesn't fit");
    }
    if case.rating.is_some() && case.status != Status::Closed {
        say("it has stars and isn't closed");
    }
}

/// A page of the queue's index: rows that no case stands behind.
pub fn strays(tx: &Tx, after: Option<Place>) -> Result<(Vec<String>, Option<Place>), Fault> {
    let page = tx.scan(&CASES_BY_STATE, &(), after.as_ref(), PAGE)?;
    let mut broken = Vec::new();
    for (key, ()) in page.rows {
        if queue::get(tx, key.3)?.and_then(|case| queue::by_state(key.3, &case)) != Some(key) {
            broken.push(format!("{} is listed as `{}`, and isn't", key.3, key.0.name()));
        }
    }
    Ok((broken, page.next))
}

pub type Place = (Status, u8, crate::moment::Time, CaseId);
