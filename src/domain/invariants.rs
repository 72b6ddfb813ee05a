//! What must hold between rows, recounted from the rows: `gonghui audit`.

use std::collections::BTreeMap;

use crate::domain::broadcast::ledger::{Counts, Entry, Run};
use crate::domain::broadcast::record::BroadcastCode;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::list::{find, named};
use crate::domain::member::record::{MemberId, MemberState};
use crate::domain::outbox::record::Delivery;
use crate::domain::tables::*;
use crate::domain::trail::commands::hash;
use crate::store::{Fault, Tx};

const PAGE: usize = 500;

/// What does not hold in a page of mailboxes and outbox rows.
pub fn mailboxes(tx: &Tx, after: Option<FollowerId>) -> Result<(Vec<String>, Option<FollowerId>), Fault> {
    let page = tx.scan(&MAILBOXES, &(), after.as_ref(), PAGE)?;
    let mut broken = Vec::new();
    for (follower, ids) in &page.rows {
        let mut moving = 0;
        for id in ids {
            let row = tx.get(&OUTBOX, id)?.filter(|row| row.to == *follower && row.state.is_open());
            if row.is_none() || tx.get(&OUTBOX_PENDING, id)?.as_ref() != Some(follower) {
                broken.push(format!("mailbox of {follower:?}: row {id} is not pending for them"));
            }
            let Some(row) = row else { continue };
            let flies = matches!(row.state, Delivery::InFlight { .. });
            moving += usize::from(flies || row.due.is_some());
            let listed = match row.due {
                Some(due) => tx.get(&OUTBOX_DUE, &(due, *id))?.is_some(),
                None => true,
            };
            if !listed || flies != tx.get(&OUTBOX_IN_FLIGHT, id)?.is_some() {
                broken.push(format!("outbox row {id}: what is to be done next is not listed"));
            }
        }
        if moving > 1 {
            broken.push(format!("mailbox of {follower:?}: {moving} rows are sent at once"));
        }
    }
    Ok((broken, page.next))
}

/// Members whose account isn't theirs, or whose key fails, of one page; and where to go on.
pub fn members(tx: &Tx, after: Option<MemberId>) -> Result<(Vec<String>, Option<MemberId>), Fault> {
    let page = tx.scan(&MEMBERS, &(), after.as_ref(), PAGE)?;
    let mut broken = Vec::new();
    for (id, member) in &page.rows {
        if let Some(account) = &member.account
            && tx.get(&BINDINGS, &account.follower)? != Some(*id)
        {
            broken.push(format!("{id}: its account is another's, or nobody's"));
        }
        let is_erased = matches!(member.state, MemberState::Erased { .. });
        match named(tx, member)? {
            None if !is_erased => broken.push(format!("{id}: its key was destroyed")),
            Some(named) if find(tx, &named.identity)? != Some(*id) => {
                broken.push(format!("{id}: its identity number leads elsewhere"));
            }
            _ => {}
        }
    }
    Ok((broken, page.next))
}

/// Accounts that are taken for a member's who has another, of one page; and where to go on.
pub fn bindings(tx: &Tx, after: Option<FollowerId>) -> Result<(Vec<String>, Option<FollowerId>), Fault> {
    let page = tx.scan(&BINDINGS, &(), after.as_ref(), PAGE)?;
    let mut broken = Vec::new();
    for (who, id) in &page.rows {
        let account = tx.get(&MEMBERS, id)?.and_then(|member| member.account);
        if account.is_none_or(|account| account.follower != *who) {
            broken.push(format!("{who:?} is taken for {id}, who has another account"));
        }
    }
    Ok((broken, page.next))
}

/// The broadcasts there are, for [`recount`] to be called with each.
pub fn broadcasts(tx: &Tx, after: Option<u32>) -> Result<Vec<u32>, Fault> {
    Ok(tx.scan(&RUNS, &(), after.as_ref(), PAGE)?.rows.into_iter().map(|(id, _)| id).collect())
}

/// The ledger of a broadcast as far as it was counted: it may be long, and others work meanwhile.
#[derive(Debug, Clone, Default)]
pub struct Recount {
    counts: Counts,
    chunks: BTreeMap<u32, u32>,
    cursor: Option<(u32, FollowerId)>,
    /// As it was when counting began.
    run: Option<Run>,
    done: bool,
}

impl Recount {
    pub fn is_done(&self) -> bool {
        self.done
    }
}

/// Counts the next page of a ledger; `None` if there is none to be counted.
pub fn recount(tx: &Tx, id: u32, so_far: Recount) -> Result<Option<Recount>, Fault> {
    let Some(run) = tx.get(&RUNS, &id)?.filter(|run| !run.cleaned && run.built) else { return Ok(None) };
    let mut so_far = Recount { run: so_far.run.or(Some(run)), ..so_far };
    let page = tx.scan(&LEDGER, &(id,), so_far.cursor.as_ref(), PAGE)?;
    for (_, entry) in page.rows {
        so_far.counts.recipients += 1;
        match entry {
            Entry::InChunk(number) => *so_far.chunks.entry(number).or_default() += 1,
            entry => so_far.counts.add(entry, 1),
        }
    }
    so_far.done = page.next.is_none();
    so_far.cursor = page.next;
    Ok(Some(so_far))
}

/// What does not hold for one broadcast whose ledger was counted. One that moved meanwhile can't be told.
pub fn broadcast(tx: &Tx, id: u32, recount: &Recount) -> Result<Vec<String>, Fault> {
    let Some(run) = tx.get(&RUNS, &id)?.filter(|run| Some(run) == recount.run.as_ref()) else {
        return Ok(Vec::new());
    };
    let code = BroadcastCode(id);
    let mut counted = recount.counts.clone();
    let mut broken = Vec::new();
    for (number, count) in &recount.chunks {
        let Some(chunk) = tx.get(&CHUNKS, &(id, *number))? else {
            broken.push(format!("{code}: {count} recipients are in a chunk {number} that there isn't"));
            continue;
        };
        if chunk.count != *count {
            broken.push(format!("{code} chunk {number}: counts {}, its recipients are {count}", chunk.count));
        }
        counted.add(chunk.state.entry(), *count);
    }
    let mut flights = 0;
    let mut page = tx.scan(&FLIGHTS, &(id,), None, PAGE)?;
    loop {
        flights += page.rows.len();
        match page.next {
            Some(next) => page = tx.scan(&FLIGHTS, &(id,), Some(&next), PAGE)?,
            None => break,
        }
    }
    counted.in_flight = flights as u32;
    if !alike(&run.counts, &counted) {
        broken.push(format!("{code}: counts say {:?}, rows say {counted:?}", run.counts));
    }
    Ok(broken)
}

/// Rare codes of WeChat's are counted together, so failures are compared as a whole.
fn alike(kept: &Counts, counted: &Counts) -> bool {
    let plain = |counts: &Counts| Counts { failed: BTreeMap::new(), ..counts.clone() };
    plain(kept) == plain(counted) && kept.failed_total() == counted.failed_total()
}

/// Where the chain of the staff trail is broken, from entry `after` on.
pub fn trail(tx: &Tx, after: Option<u64>) -> Result<(Vec<String>, Option<u64>), Fault> {
    let page = tx.scan(&TRAIL, &(), after.as_ref(), PAGE)?;
    let mut broken = Vec::new();
    let mut previous = match after {
        Some(number) => tx.get(&TRAIL, &number)?.map(|entry| (number, hash(&entry))),
        None => None,
    };
    for (number, entry) in page.rows {
        let (before, expected) = previous.unwrap_or((0, String::new()));
        if number != before + 1 || entry.previous != expected {
            broken.push(format!("trail entry {number} does not follow entry {before}"));
        }
        previous = Some((number, hash(&entry)));
    }
    Ok((broken, page.next))
}
