//! What must hold between rows, recounted from the rows: `gonghui audit`.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::activity::commands::is_live;
use crate::domain::activity::draw::Choice;
use crate::domain::activity::draw::apply::ticket;
use crate::domain::activity::draw::shuffle::commitment;
use crate::domain::activity::record::*;
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

/// The activities there are, for [`activity`] to be called with each.
pub fn activities(tx: &Tx, after: Option<u32>) -> Result<Vec<u32>, Fault> {
    Ok(tx.scan(&ACTIVITIES, &(), after.as_ref(), PAGE)?.rows.into_iter().map(|(id, _)| id).collect())
}

/// What does not hold for one activity, a sentence each. Reads every sign-up of it.
pub fn activity(tx: &Tx, id: u32) -> Result<Vec<String>, Fault> {
    let Some(activity) = tx.get(&ACTIVITIES, &id)? else { return Ok(Vec::new()) };
    let code = ActivityCode(id);
    let mut broken = Vec::new();
    let mut recount: BTreeMap<u16, SessionCount> = BTreeMap::new();
    let mut holders: BTreeSet<(u16, FollowerId)> = BTreeSet::new();
    let mut waiting: BTreeSet<(u32, u16, u32)> = BTreeSet::new();
    let mut cursor = None;
    loop {
        let page = tx.scan(&REGISTRATIONS, &(id,), cursor.as_ref(), PAGE)?;
        for (key, registration) in page.rows {
            let count = recount.entry(key.1).or_default();
            count.last_number = count.last_number.max(key.2);
            count.add(&registration.status, registration.party.seats(), registration.share);
            count.present += u32::from(matches!(registration.attendance, Some(Attendance::Present { .. })));
            if registration.status == Status::Waiting {
                waiting.insert(registration.waits_at());
            }
            let who = (key.1, registration.follower.clone());
            if is_live(&registration) && !holders.insert(who.clone()) {
                broken.push(format!("{code}: {:?} signed up twice for session {}", who.1, key.1));
            }
            let draws = activity.terms.mode.draw().is_some();
            if draws && registration.status == Status::Applied && !is_on_its_ticket(tx, &registration)? {
                broken.push(format!("{}: waits for a draw and is on no ticket", registration.number));
            }
            let place = tx.get(&PLACES, &(registration.follower.clone(), id, key.1))?;
            if is_live(&registration) && place != Some(key.2) {
                broken.push(format!("{}: its follower's list does not lead to it", registration.number));
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    if listed_as_waiting(tx, id)? != waiting {
        broken.push(format!("{code}: the waiting list and the waiting sign-ups differ"));
    }
    for (index, session) in activity.terms.sessions.iter().enumerate() {
        let number = index as u16 + 1;
        let kept = tx.get(&SESSION_COUNTS, &(id, number))?.unwrap_or_default();
        let counted = recount.get(&number).copied().unwrap_or_default();
        let counted = SessionCount { moving_up: kept.moving_up, ..counted };
        if kept != counted {
            broken.push(format!("{code} session {number}: counts say {kept:?}, rows say {counted:?}"));
        }
        if counted.seats_taken > session.capacity {
            broken.push(format!(
                "{code} session {number}: {} seats taken of {}",
                counted.seats_taken, session.capacity
            ));
        }
    }
    broken.extend(draw(tx, code)?);
    let shown = tx.get(&LISTED, &(activity.terms.sign_up.closes, id))?.is_some();
    if shown != (activity.state == ActivityState::Published) {
        broken.push(format!("{code}: the public list and its state differ"));
    }
    Ok(broken)
}

/// The promise that was published is that of the seed, and nobody who was on the list of a finished draw still waits
/// for it.
fn draw(tx: &Tx, code: ActivityCode) -> Result<Vec<String>, Fault> {
    let mut broken = Vec::new();
    let Some(draw) = tx.get(&DRAWS, &code.0)? else { return Ok(broken) };
    let seed = hex::decode(draw.seed.reveal()).unwrap_or_default();
    if hex::encode(commitment(&seed)) != draw.commitment {
        broken.push(format!("{code}: the seed of its draw is not the one that was promised"));
    }
    for (key, count) in tx.scan(&SESSION_COUNTS, &(code.0,), None, PAGE)?.rows {
        if draw.is_done() && count.applied > 0 {
            broken.push(format!("{code} session {}: {} were not drawn", key.1, count.applied));
        }
    }
    Ok(broken)
}

fn is_on_its_ticket(tx: &Tx, registration: &Registration) -> Result<bool, Fault> {
    let RegistrationNumber { activity, session, number } = registration.number;
    let Some(ticket) = ticket(tx, registration)? else { return Ok(false) };
    let entry = tx.get(&DRAW_ENTRIES, &(activity, ticket))?;
    let is_it = |choice: &Choice| (choice.session, choice.number) == (session, number);
    Ok(entry.is_some_and(|entry| entry.choices.iter().any(is_it)))
}

/// Several sessions may together have more who wait than one page holds.
fn listed_as_waiting(tx: &Tx, id: u32) -> Result<BTreeSet<(u32, u16, u32)>, Fault> {
    let mut listed = BTreeSet::new();
    let mut cursor = None;
    loop {
        let page = tx.scan(&WAITING, &(id,), cursor.as_ref(), PAGE)?;
        listed.extend(page.rows.into_iter().map(|(key, _)| key));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(listed);
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::commands::{Application, register};
    use crate::domain::activity::manage::{create, publish};
    use crate::store::testing::Bench;

    #[test]
    fn long_waiting_lists_of_several_sessions_are_recounted_whole() {
        let mut bench = Bench::new(CATALOG);
        let mut terms = sample_terms();
        bench.moment.now = terms.sign_up.opens;
        terms.waiting_max = 300;
        terms.sessions = vec![Session { capacity: 1, ..terms.sessions[0].clone() }; 2];
        let id = bench.run(|tx| create(tx, terms.clone())).unwrap().id;
        bench.run(|tx| publish(tx, id)).unwrap().unwrap();
        for (session, number) in [1, 2].into_iter().flat_map(|session| (0..300).map(move |n| (session, n))) {
            let who = FollowerId::new(format!("oFollower{number}"));
            let (party, answers) = (Companions::default(), Vec::new());
            let application =
                Application { activity: id, session, party, answers, agreed: None, consents: Vec::new() };
            bench.run(|tx| register(tx, &who, &application)).unwrap().unwrap();
        }
        assert_eq!(bench.run(|tx| activity(tx, id)).unwrap(), Vec::<String>::new());
    }
}
