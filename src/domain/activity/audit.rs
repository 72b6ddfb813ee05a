//! What must hold between rows of activities, recounted from the rows.

use std::collections::BTreeMap;

use super::draw::Choice;
use super::draw::apply::ticket;
use super::draw::shuffle::commitment;
use super::record::*;
use crate::domain::tables::*;
use crate::store::{Fault, Tx};

const PAGE: usize = 500;

/// The activities there are, for [`recount`] to be called with each.
pub fn activities(tx: &Tx, after: Option<u32>) -> Result<Vec<u32>, Fault> {
    Ok(tx.scan(&ACTIVITIES, &(), after.as_ref(), PAGE)?.rows.into_iter().map(|(id, _)| id).collect())
}

/// What was counted of one activity's sign-ups so far. There may be many, and others work meanwhile, so it is done by
/// pages; what it holds grows with the sessions alone.
#[derive(Debug, Clone, Default)]
pub struct Recount {
    /// As they were when counting began.
    began: BTreeMap<u16, SessionCount>,
    counts: BTreeMap<u16, SessionCount>,
    /// Rows of the waiting list.
    listed: BTreeMap<u16, u32>,
    broken: Vec<String>,
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum At {
    #[default]
    Beginning,
    SignUps((u32, u16, u32)),
    WaitingList(Option<(u32, u16, u32)>),
    End,
}

impl Recount {
    pub fn is_done(&self) -> bool {
        self.at == At::End
    }
}

/// Counts the next page.
pub fn recount(tx: &Tx, id: u32, mut so_far: Recount) -> Result<Recount, Fault> {
    so_far.at = match so_far.at {
        At::Beginning => {
            so_far.began = kept(tx, id)?;
            sign_ups(tx, id, None, &mut so_far)?
        }
        At::SignUps(after) => sign_ups(tx, id, Some(after), &mut so_far)?,
        At::WaitingList(after) => {
            let page = tx.scan(&WAITING, &(id,), after.as_ref(), PAGE)?;
            for ((_, session, _), _) in page.rows {
                *so_far.listed.entry(session).or_default() += 1;
            }
            page.next.map_or(At::End, |next| At::WaitingList(Some(next)))
        }
        At::End => At::End,
    };
    Ok(so_far)
}

fn kept(tx: &Tx, id: u32) -> Result<BTreeMap<u16, SessionCount>, Fault> {
    let rows = tx.scan(&SESSION_COUNTS, &(id,), None, PAGE)?.rows;
    Ok(rows.into_iter().map(|((_, session), count)| (session, count)).collect())
}

fn sign_ups(tx: &Tx, id: u32, after: Option<(u32, u16, u32)>, so_far: &mut Recount) -> Result<At, Fault> {
    let Some(activity) = tx.get(&ACTIVITIES, &id)? else { return Ok(At::End) };
    let draws = activity.terms.mode.draw().is_some();
    let page = tx.scan(&REGISTRATIONS, &(id,), after.as_ref(), PAGE)?;
    for ((_, session, number), row) in page.rows {
        let count = so_far.counts.entry(session).or_default();
        count.last_number = count.last_number.max(number);
        count.add(&row.status, row.party.seats(), row.share);
        count.present += u32::from(matches!(row.attendance, Some(Attendance::Present { .. })));
        let mut says = |what: &str| so_far.broken.push(format!("{}: {what}", row.number));
        if row.status == Status::Waiting {
            let listed = tx.get(&WAITING, &row.waits_at())?;
            let leads_back = |waiter: &Waiter| waiter.number.unwrap_or(row.waits_at().2) == number;
            if !listed.as_ref().is_some_and(leads_back) {
                says("waits, and the waiting list does not lead to it");
            }
        }
        if draws && row.status == Status::Applied && !is_on_its_ticket(tx, &row)? {
            says("waits for a draw and is on no ticket");
        }
        // One place holds one number, so nobody has two for a session.
        let place = tx.get(&PLACES, &(row.follower.clone(), id, session))?;
        if row.status.is_live() && place != Some(number) {
            says("its follower's list does not lead to it");
        }
    }
    Ok(page.next.map_or(At::WaitingList(None), At::SignUps))
}

fn is_on_its_ticket(tx: &Tx, registration: &Registration) -> Result<bool, Fault> {
    let RegistrationNumber { activity, session, number } = registration.number;
    let Some(ticket) = ticket(tx, registration)? else { return Ok(false) };
    let entry = tx.get(&DRAW_ENTRIES, &(activity, ticket))?;
    let is_it = |choice: &Choice| (choice.session, choice.number) == (session, number);
    Ok(entry.is_some_and(|entry| entry.choices.iter().any(is_it)))
}

/// What does not hold for an activity whose sign-ups were counted, a sentence each. Of counts that moved meanwhile nothing
/// can be told.
pub fn activity(tx: &Tx, id: u32, counted: &Recount) -> Result<Vec<String>, Fault> {
    let Some(activity) = tx.get(&ACTIVITIES, &id)? else { return Ok(Vec::new()) };
    let code = ActivityCode(id);
    let mut broken = counted.broken.clone();
    let kept = kept(tx, id)?;
    let is_unmoved = kept == counted.began;
    for (session, number) in activity.terms.sessions.iter().zip(1u16..) {
        let kept = kept.get(&number).copied().unwrap_or_default();
        let rows = counted.counts.get(&number).copied().unwrap_or_default();
        let rows = SessionCount { moving_up: kept.moving_up, unrecorded: kept.unrecorded, ..rows };
        if is_unmoved && kept != rows {
            broken.push(format!("{code} session {number}: counts say {kept:?}, rows say {rows:?}"));
        }
        let listed = counted.listed.get(&number).copied().unwrap_or_default();
        if is_unmoved && listed != rows.waiting {
            broken.push(format!("{code} session {number}: {} wait, {listed} are on the list", rows.waiting));
        }
        if kept.seats_taken > session.capacity {
            let (taken, capacity) = (kept.seats_taken, session.capacity);
            broken.push(format!("{code} session {number}: {taken} seats taken of {capacity}"));
        }
    }
    broken.extend(draw(tx, code, &kept)?);
    let shown = tx.get(&LISTED, &(activity.terms.sign_up.closes, id))?.is_some();
    if shown != (activity.state == ActivityState::Published) {
        broken.push(format!("{code}: the public list and its state differ"));
    }
    Ok(broken)
}

/// The promise that was published is that of the seed, and nobody who was on the list of a finished draw still waits
/// for it.
fn draw(tx: &Tx, code: ActivityCode, kept: &BTreeMap<u16, SessionCount>) -> Result<Vec<String>, Fault> {
    let mut broken = Vec::new();
    let Some(draw) = tx.get(&DRAWS, &code.0)? else { return Ok(broken) };
    let seed = hex::decode(draw.seed.reveal()).unwrap_or_default();
    if hex::encode(commitment(&seed)) != draw.commitment {
        broken.push(format!("{code}: the seed of its draw is not the one that was promised"));
    }
    for (session, count) in kept.iter().filter(|(_, count)| draw.is_done() && count.applied > 0) {
        broken.push(format!("{code} session {session}: {} were not drawn", count.applied));
    }
    Ok(broken)
}

/// All of it at once, as the tests see it.
#[cfg(test)]
pub fn whole(tx: &Tx, id: u32) -> Result<Vec<String>, Fault> {
    let mut counted = Recount::default();
    while !counted.is_done() {
        counted = recount(tx, id, counted)?;
    }
    activity(tx, id, &counted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::commands::{Application, cancel, register};
    use crate::domain::activity::manage::{create, publish};
    use crate::domain::contact::record::FollowerId;
    use crate::store::testing::Bench;

    const WAITING_EACH: u32 = 300;

    fn who(number: u32) -> FollowerId {
        FollowerId::new(format!("oFollower{number}"))
    }

    /// Two sessions of one seat and a long waiting list each.
    fn crowded() -> (Bench, u32) {
        let mut bench = Bench::new(CATALOG);
        let mut terms = sample_terms();
        bench.moment.now = terms.sign_up.opens;
        terms.waiting_max = 400;
        terms.sessions = vec![Session { capacity: 1, ..terms.sessions[0].clone() }; 2];
        let id = bench.run(|tx| create(tx, terms.clone())).unwrap().id;
        bench.run(|tx| publish(tx, id)).unwrap().unwrap();
        for (session, number) in [1, 2].into_iter().flat_map(|s| (0..=WAITING_EACH).map(move |n| (s, n))) {
            let application = Application { activity: id, session, ..Application::default() };
            bench.run(|tx| register(tx, &who(number), &application)).unwrap().unwrap();
        }
        (bench, id)
    }

    fn counted_in_pages(bench: &mut Bench, id: u32, meanwhile: impl Fn(&mut Bench)) -> (usize, Vec<String>) {
        let (mut counted, mut pages) = (Recount::default(), 0);
        while !counted.is_done() {
            let so_far = counted.clone();
            counted = bench.run(|tx| recount(tx, id, so_far.clone())).unwrap();
            pages += 1;
            if pages == 1 {
                meanwhile(bench);
            }
        }
        (pages, bench.run(|tx| activity(tx, id, &counted)).unwrap())
    }

    #[test]
    fn long_lists_are_counted_a_page_at_a_time_and_what_moves_meanwhile_is_no_fault() {
        let (mut bench, id) = crowded();
        assert_eq!(counted_in_pages(&mut bench, id, |_| ()), (4, Vec::new()));
        let give_back = |bench: &mut Bench| {
            let number = RegistrationNumber { activity: id, session: 1, number: 1 };
            bench.run(|tx| cancel(tx, &who(0), number)).unwrap().unwrap();
        };
        assert_eq!(counted_in_pages(&mut bench, id, give_back), (4, Vec::new()));
    }

    #[test]
    fn what_differs_on_any_page_is_found() {
        let (mut bench, id) = crowded();
        let found = |bench: &mut Bench| counted_in_pages(bench, id, |_| ()).1;
        let late = (id, 2u16, 200u32);
        let kept = bench.run(|tx| tx.get(&REGISTRATIONS, &late)).unwrap().unwrap();

        // Of two sign-ups of one follower for a session their place leads to one.
        let twice = Registration { follower: who(7), ..kept.clone() };
        bench.run(|tx| tx.put(&REGISTRATIONS, &late, &twice)).unwrap();
        assert_eq!(found(&mut bench), ["A1-2-0200: its follower's list does not lead to it"]);
        bench.run(|tx| tx.put(&REGISTRATIONS, &late, &kept)).unwrap();

        bench.run(|tx| tx.delete(&WAITING, &kept.waits_at())).unwrap();
        let missing = found(&mut bench);
        assert_eq!(missing[0], "A1-2-0200: waits, and the waiting list does not lead to it");
        assert_eq!(missing[1], "A1 session 2: 300 wait, 299 are on the list");

        let waiter = Waiter { seats: 1, number: None, share: None };
        bench.run(|tx| tx.put(&WAITING, &kept.waits_at(), &waiter)).unwrap();
        bench.run(|tx| tx.put(&WAITING, &(id, 2, 999), &waiter)).unwrap();
        assert_eq!(found(&mut bench), ["A1 session 2: 300 wait, 301 are on the list"]);
        bench.run(|tx| tx.delete(&WAITING, &(id, 2, 999))).unwrap();

        bench
            .run(|tx| {
                let count = tx.get(&SESSION_COUNTS, &(id, 2))?.unwrap_or_default();
                tx.put(&SESSION_COUNTS, &(id, 2), &SessionCount { seats_taken: 2, ..count })
            })
            .unwrap();
        let found = found(&mut bench);
        assert!(
            found[0].starts_with("A1 session 2: counts say") && found[1].ends_with("2 seats taken of 1"),
            "{found:?}"
        );
    }
}
