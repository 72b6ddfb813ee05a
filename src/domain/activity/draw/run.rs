//! The draw itself, in steps that are commits of a bounded size each: list, order, seats.

use super::record::{Draw, Drawn, Entry, Outcome, Stage};
use super::shuffle::{self, Room, Rooms};
use crate::domain::activity::places::move_to;
use crate::domain::activity::record::*;
use crate::domain::activity::{history, holder, quota, rules};
use crate::domain::member::standing::Person;
use crate::domain::outbox::record::Notice as Telling;
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::store::{Fault, Tx};

/// Tickets in one step; seating one writes up to two dozen rows, and several timers share a commit.
const LISTED_PER_STEP: usize = 60;
const SEATED_PER_STEP: usize = 8;

/// The next step of the draw. Whoever calls it too early, too late or twice changes nothing.
pub fn step(tx: &mut Tx, id: u32) -> Result<(), Fault> {
    let (Some(activity), Some(mut draw)) = (tx.get(&ACTIVITIES, &id)?, tx.get(&DRAWS, &id)?) else {
        return Ok(());
    };
    let Some(terms) = activity.terms.mode.draw() else { return Ok(()) };
    let called_off = matches!(activity.state, ActivityState::Cancelled { .. });
    if called_off || tx.moment().now < terms.at || draw.is_done() {
        return Ok(());
    }
    draw.stage = match draw.stage.clone() {
        Stage::Open => begin(tx, &activity, &mut draw)?,
        Stage::Listing { after, hash } => list(tx, id, terms, &mut draw, after, hash)?,
        Stage::Ordering { after } => order(tx, id, &draw, after)?,
        Stage::Seating { after, rank } => seat(tx, &activity, &mut draw, Round::First, (after, rank))?,
        Stage::Rest { after, rank } => seat(tx, &activity, &mut draw, Round::Rest, (after, rank))?,
        Stage::Done => Stage::Done,
    };
    if !draw.is_done() {
        timers::set(tx, tx.moment().now, Timer::Draw { activity: id })?;
    }
    tx.put(&DRAWS, &id, &draw)
}

/// From here on the list stands: what it is drawn for is fixed first.
fn begin(tx: &Tx, activity: &Activity, draw: &mut Draw) -> Result<Stage, Fault> {
    for (index, session) in activity.terms.sessions.iter().enumerate() {
        let count = tx.get(&SESSION_COUNTS, &(activity.id, index as u16 + 1))?.unwrap_or_default();
        draw.seats.push(rules::seats_free(session.capacity, &count));
        if let Some(quota) = &activity.terms.settings.quota {
            draw.shares.push(quota::unused(quota, &count));
        }
    }
    draw.unclaimed.clone_from(&draw.shares);
    draw.waiting_max = activity.terms.waiting_max;
    let hash = shuffle::begin(&shuffle::header(activity.id, &draw.seats, &draw.shares, draw.waiting_max));
    Ok(Stage::Listing { after: None, hash })
}

fn list(
    tx: &mut Tx,
    id: u32,
    terms: &DrawTerms,
    draw: &mut Draw,
    after: Option<(u32, u32)>,
    mut hash: [u8; 32],
) -> Result<Stage, Fault> {
    let page = tx.scan(&DRAW_ENTRIES, &(id,), after.as_ref(), LISTED_PER_STEP)?;
    for (key, mut entry) in page.rows {
        entry.class = earlier(tx, &entry)?.class(terms, terms.at);
        hash = shuffle::extend(&hash, &shuffle::line(key.1, entry.class, &entry.choices, draw.has_shares()));
        draw.entries += 1;
        tx.put(&DRAW_ENTRIES, &key, &entry)?;
    }
    if page.next.is_some() {
        return Ok(Stage::Listing { after: page.next, hash });
    }
    draw.list_hash = Some(hash);
    Ok(Stage::Ordering { after: None })
}

/// What counts for the person of a ticket.
fn earlier(tx: &Tx, entry: &Entry) -> Result<history::History, Fault> {
    match (&entry.person, &entry.follower) {
        (person, Some(who)) | (person @ Person::Follower(who), None) => history::of(tx, person, who),
        (person, None) => Ok(tx.get(&HISTORIES, person)?.unwrap_or_default()),
    }
}

fn order(tx: &mut Tx, id: u32, draw: &Draw, after: Option<(u32, u32)>) -> Result<Stage, Fault> {
    let seed = hex::decode(draw.seed.reveal()).unwrap_or_default();
    let hash = draw.list_hash.unwrap_or_default();
    let page = tx.scan(&DRAW_ENTRIES, &(id,), after.as_ref(), LISTED_PER_STEP)?;
    for ((_, ticket), entry) in page.rows {
        let place = shuffle::place(&seed, &hash, ticket);
        tx.put(&DRAW_ORDER, &(id, entry.class, place), &ticket)?;
    }
    Ok(match page.next {
        Some(next) => Stage::Ordering { after: Some(next) },
        None => Stage::Seating { after: None, rank: 0 },
    })
}

/// Where there are shares, the tickets get their turn twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// What is kept for others is no room.
    First,
    /// Nothing is kept any more.
    Rest,
}

/// Gives some tickets their turn, in the draw's order. `after`, `rank`: the last that had it.
fn seat(
    tx: &mut Tx,
    activity: &Activity,
    draw: &mut Draw,
    round: Round,
    (after, mut rank): (Option<(u32, u8, [u8; 32])>, u32),
) -> Result<Stage, Fault> {
    let page = tx.scan(&DRAW_ORDER, &(activity.id,), after.as_ref(), SEATED_PER_STEP)?;
    let mut rooms = rooms(tx, activity.id, draw)?;
    for (_, ticket) in page.rows {
        rank += 1;
        let key = (activity.id, ticket);
        let entry = tx.get(&DRAW_ENTRIES, &key)?.filter(|entry| entry.result.is_none());
        let Some(entry) = entry else { continue };
        let outcomes = match round {
            Round::First if draw.has_shares() => rooms.seat_first(&entry.choices),
            Round::First | Round::Rest => Some(rooms.seat(&entry.choices)),
        };
        if let Some(outcomes) = outcomes {
            drawn(tx, activity, key, entry, Drawn { rank, outcomes })?;
        }
    }
    if round == Round::First {
        let kept = rooms.rooms.into_iter().map(|room| room.kept);
        draw.unclaimed = kept.filter(|kept| !kept.is_empty()).collect();
    }
    match (page.next, round) {
        (Some(next), Round::First) => Ok(Stage::Seating { after: Some(next), rank }),
        (Some(next), Round::Rest) => Ok(Stage::Rest { after: Some(next), rank }),
        (None, Round::First) if draw.has_shares() => Ok(Stage::Rest { after: None, rank: 0 }),
        (None, _) => end(tx, activity, draw),
    }
}

fn drawn(
    tx: &mut Tx,
    activity: &Activity,
    key: (u32, u32),
    mut entry: Entry,
    drawn: Drawn,
) -> Result<(), Fault> {
    settle(tx, activity, &entry, &drawn.outcomes)?;
    entry.result = Some(drawn);
    tx.put(&DRAW_ENTRIES, &key, &entry)
}

fn end(tx: &mut Tx, activity: &Activity, draw: &mut Draw) -> Result<Stage, Fault> {
    let now = tx.moment().now;
    draw.done = Some(now);
    // Seats given back while it ran are for who waits.
    for session in 1..=draw.seats.len() as u16 {
        timers::set(tx, now, Timer::MoveUp { activity: activity.id, session })?;
    }
    Ok(Stage::Done)
}

/// Where the draw stands, from the counts: nobody else gives seats while it runs.
fn rooms(tx: &Tx, id: u32, draw: &Draw) -> Result<Rooms, Fault> {
    let mut rooms = Vec::new();
    for (index, seats) in draw.seats.iter().enumerate() {
        let given = tx.get(&DRAW_GIVEN, &(id, index as u16 + 1))?.unwrap_or((0, 0));
        let kept = draw.unclaimed.get(index).cloned().unwrap_or_default();
        rooms.push(Room { free: seats.saturating_sub(given.0), waiting: given.1, kept });
    }
    Ok(Rooms { rooms, waiting_max: draw.waiting_max })
}

fn settle(tx: &mut Tx, activity: &Activity, entry: &Entry, outcomes: &[Outcome]) -> Result<(), Fault> {
    let mut rows = Vec::new();
    for (choice, outcome) in entry.choices.iter().zip(outcomes) {
        let key = (activity.id, choice.session, choice.number);
        given(tx, (activity.id, choice.session), choice.seats, *outcome)?;
        if let Some(row) = tx.get(&REGISTRATIONS, &key)?.filter(|row| row.status == Status::Applied) {
            rows.push((row, *outcome));
        }
    }
    // What isn't a seat goes first, so that who is seated waits nowhere else.
    rows.sort_by_key(|(_, outcome)| *outcome == Outcome::Seat);
    if !outcomes.contains(&Outcome::Seat)
        && let Some((row, _)) = rows.first()
    {
        history::lost(tx, row)?;
    }
    let mut telling = None;
    for (mut row, outcome) in rows {
        let number = row.number;
        row.place = if let Outcome::Waits(place) = outcome { Some(place) } else { row.place };
        let (status, notice) = match outcome {
            Outcome::Seat => (Status::Confirmed, Telling::DrawWon { number }),
            Outcome::Waits(_) => (Status::Waiting, Telling::DrawLost { number }),
            Outcome::Lost => (Status::Lost, Telling::DrawLost { number }),
        };
        move_to(tx, activity, &mut row, status)?;
        let better = outcome != Outcome::Lost || telling.is_none();
        let first_waits = outcome != Outcome::Seat && matches!(telling, Some((_, _, Outcome::Waits(_))));
        if better && !first_waits {
            telling = Some((row, notice, outcome));
        }
    }
    match telling {
        Some((row, notice, _)) => holder::tell(tx, &row, notice),
        None => Ok(()),
    }
}

/// Counts what the draw itself gave: who waits may be moved up by others before it ends.
fn given(tx: &mut Tx, key: (u32, u16), seats: u16, outcome: Outcome) -> Result<(), Fault> {
    let (mut taken, mut waiting) = tx.get(&DRAW_GIVEN, &key)?.unwrap_or((0, 0));
    match outcome {
        Outcome::Seat => taken += u32::from(seats),
        Outcome::Waits(place) => waiting = place,
        Outcome::Lost => return Ok(()),
    }
    tx.put(&DRAW_GIVEN, &key, &(taken, waiting))
}
