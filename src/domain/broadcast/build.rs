//! Whom it goes to, fixed when it starts.

use super::ledger::{Entry, Run};
use super::record::{Broadcast, State};
use crate::domain::audience::{Condition, Facts};
use crate::domain::contact::record::{Contact, FollowerId};
use crate::domain::tables::*;
use crate::store::{Fault, Page, Tx};

/// Followers looked at in one step, whatever is asked for.
pub const STEP_MAX: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Built {
    More,
    Done,
}

/// Looks at the next followers and writes a ledger row for each whom the condition fits. Who begins to follow later, or
/// has left already, is no recipient. A broadcast whose time has come begins with this.
pub fn build(tx: &mut Tx, id: u32, limit: usize) -> Result<Built, Fault> {
    let Some((mut broadcast, mut run)) = building(tx, id)? else { return Ok(Built::Done) };
    let page = followers(tx, id, &broadcast.plan.audience, run.looked_to.as_ref(), limit)?;
    for (who, contact) in page.rows {
        if contact.subscribed && fits(tx, &who, &contact, &broadcast.plan.audience, id)? {
            tx.put(&LEDGER, &(id, who.clone()), &Entry::Pending)?;
            run.counts.recipients += 1;
            run.counts.pending += 1;
        }
    }
    if page.next.is_some() {
        run.looked_to = page.next;
        tx.put(&RUNS, &id, &run)?;
        return Ok(Built::More);
    }
    run.built = true;
    tx.put(&RUNS, &id, &run)?;
    broadcast.state = State::Running;
    broadcast.changed = tx.moment().now;
    tx.put(&BROADCASTS, &id, &broadcast)?;
    Ok(Built::Done)
}

fn building(tx: &mut Tx, id: u32) -> Result<Option<(Broadcast, Run)>, Fault> {
    let (Some(mut broadcast), Some(run)) = (tx.get(&BROADCASTS, &id)?, tx.get(&RUNS, &id)?) else {
        return Ok(None);
    };
    match broadcast.state {
        State::Building => Ok(Some((broadcast, run))),
        State::Scheduled { at } if at <= tx.moment().now => {
            broadcast.state = State::Building;
            tx.put(&BROADCASTS, &id, &broadcast)?;
            Ok(Some((broadcast, run)))
        }
        _ => Ok(None),
    }
}

/// The next followers whom the condition may fit, in the order of their ids; `next` is where to go on.
pub(super) fn followers(
    tx: &Tx,
    list: u32,
    condition: &Condition,
    after: Option<&FollowerId>,
    limit: usize,
) -> Result<Page<FollowerId, Contact>, Fault> {
    let limit = limit.clamp(1, STEP_MAX);
    if !condition.only_listed() {
        return tx.scan(&CONTACTS, &(), after, limit);
    }
    let after = after.map(|who| (list, who.clone()));
    let page = tx.scan(&LISTS, &(list,), after.as_ref(), limit)?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for ((_, who), ()) in page.rows {
        if let Some(contact) = tx.get(&CONTACTS, &who)? {
            rows.push((who, contact));
        }
    }
    Ok(Page { rows, next: page.next.map(|(_, who)| who) })
}

pub(super) fn fits(
    tx: &Tx,
    who: &FollowerId,
    contact: &Contact,
    condition: &Condition,
    list: u32,
) -> Result<bool, Fault> {
    Ok(condition.holds(&Facts::load(tx, who, contact, condition, list)?))
}
