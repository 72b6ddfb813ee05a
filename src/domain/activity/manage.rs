//! What staff do with activities.

use serde::{Deserialize, Serialize};

use super::commands::is_live;
use super::places::{self, move_to};
use super::record::*;
use super::waiting::{self, promote_up_to};
use super::{attendance, draw, forget, holder, quota, remind, rules};
use crate::domain::counters::next_number;
use crate::domain::outbox::record::Notice as Telling;
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Why staff are told no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManageRefusal {
    #[error("there is no such activity")]
    Unknown,
    #[error("the activity is {now}, so it can't be {wanted}")]
    WrongState { now: &'static str, wanted: &'static str },
    #[error("session {session} has {seats_taken} seats taken, more than a capacity of {capacity}")]
    CapacityBelowTaken { session: usize, capacity: u32, seats_taken: u32 },
    #[error("session {session} has sign-ups and can't be removed")]
    SessionInUse { session: usize },
    #[error("{what} can't be changed any more: {live} people have signed up under it")]
    InUse { what: &'static str, live: u32 },
    #[error("the sign-up ended at {closed}; move `sign_up.closes` first")]
    SignUpOver { closed: String },
    #[error("the draw has begun: what it is drawn for stays as it is")]
    Drawn,
    #[error("{number} is no application that waits for a decision")]
    NotApplied { number: String },
    #[error(
        "{number} needs {seats} seats, {left} are free for it and {kept} are kept for other shares of `quota_by`"
    )]
    NoRoom { number: String, seats: u16, left: u32, kept: u32 },
    #[error("the session of {number} has begun: its seats stay as they are")]
    SessionBegun { number: String },
    #[error("{number} has no seat and waits for none, or it is known whether they came")]
    NotHeld { number: String },
    #[error("who came to session {session} and who did not is known from {from} on")]
    TooEarly { session: u16, from: String },
    #[error("there is no absence to take back or appeal to answer")]
    NothingToAnswer,
}

impl ManageRefusal {
    pub fn code(&self) -> &'static str {
        match self {
            ManageRefusal::Unknown => "unknown_activity",
            ManageRefusal::WrongState { .. } => "wrong_state",
            ManageRefusal::CapacityBelowTaken { .. } => "capacity_below_taken",
            ManageRefusal::SessionInUse { .. } => "session_in_use",
            ManageRefusal::InUse { .. } => "in_use",
            ManageRefusal::SignUpOver { .. } => "sign_up_over",
            ManageRefusal::Drawn => "drawn",
            ManageRefusal::SessionBegun { .. } => "session_begun",
            ManageRefusal::NotHeld { .. } => "not_held",
            ManageRefusal::TooEarly { .. } => "too_early",
            ManageRefusal::NothingToAnswer => "nothing_to_answer",
            ManageRefusal::NotApplied { .. } => "not_applied",
            ManageRefusal::NoRoom { .. } => "no_room",
        }
    }
}

type Managed<T> = Result<Result<T, ManageRefusal>, Fault>;

/// A telling of everybody who signed up that is under way; it goes on in small commits (see [`announce`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    pub what: Announced,
    #[serde(default = "Moves::unsaid")]
    pub moves: Moves,
    /// The last sign-up that was told.
    pub told: Option<(u32, u16, u32)>,
    /// When it changed: who signed up later did so as it is now. `None`: an earlier version began to tell.
    #[serde(default)]
    pub since: Option<Time>,
}

/// What changed for those who signed up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Moves {
    /// Sessions that are at another time.
    times: Vec<u16>,
    place: bool,
    /// Of a lesson.
    link: bool,
}

impl Moves {
    fn between(old: &Terms, new: &Terms) -> Moves {
        let time = |session: &Session| (session.starts, session.ends);
        let both = old.sessions.iter().zip(&new.sessions).zip(1..);
        let moved = both.filter(|((old, new), _)| time(old) != time(new));
        let link = matches!((&old.place, &new.place), (Place::Online { .. }, Place::Online { .. }));
        let elsewhere = old.place != new.place;
        Moves {
            times: moved.map(|(_, session)| session).collect(),
            place: elsewhere && !link,
            link: elsewhere && link,
        }
    }

    /// Of an announcement that an earlier version began.
    fn unsaid() -> Moves {
        Moves { place: true, ..Moves::default() }
    }

    fn and(mut self, more: &Moves) -> Moves {
        self.times.extend(&more.times);
        Moves { place: self.place || more.place, link: self.link || more.link, ..self }
    }

    /// For who is in that session.
    fn of(&self, session: u16) -> Option<Moved> {
        match (self.times.contains(&session), self.place) {
            (true, true) => Some(Moved::TimeAndPlace),
            (true, false) => Some(Moved::Time),
            (false, true) => Some(Moved::Place),
            (false, false) => self.link.then_some(Moved::Link),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Announced {
    Changed,
    Cancelled,
}

/// Moved up at once when staff add seats; a timer goes on with the rest.
const MOVED_UP_BY_CHANGE: u32 = 60;
/// Sign-ups told in one commit, so that no commit grows with an activity.
const TOLD_PER_COMMIT: usize = 16;

pub fn create(tx: &mut Tx, terms: Terms) -> Result<Activity, Fault> {
    let id = next_number(tx, "activity")? as u32;
    let now = tx.moment().now;
    let activity = Activity { id, state: ActivityState::Draft, terms, created: now, changed: now };
    tx.put(&ACTIVITIES, &id, &activity)?;
    if activity.terms.mode.draw().is_some() || activity.terms.settings.check_in == CheckIn::Code {
        draw::publish::stir(tx)?;
    }
    Ok(activity)
}

pub fn publish(tx: &mut Tx, id: u32) -> Managed<Activity> {
    let drawn = tx.get(&DRAWS, &id)?.is_some_and(|draw| !draw.is_open());
    move_state(tx, id, "published", |activity, tx| match activity.state {
        ActivityState::Draft | ActivityState::Closed { .. } => {
            let closes = activity.terms.sign_up.closes;
            if closes <= tx.moment().now {
                return Err(ManageRefusal::SignUpOver { closed: closes.to_string() });
            }
            if drawn {
                return Err(ManageRefusal::Drawn);
            }
            Ok(ActivityState::Published)
        }
        _ => Err(ManageRefusal::WrongState { now: state_name(&activity.state), wanted: "published" }),
    })
}

/// Ends the sign-up; who is confirmed stays, who waits may still move up.
pub fn close(tx: &mut Tx, id: u32) -> Managed<Activity> {
    move_state(tx, id, "closed", |activity, tx| match activity.state {
        ActivityState::Published => Ok(ActivityState::Closed { at: tx.moment().now }),
        _ => Err(ManageRefusal::WrongState { now: state_name(&activity.state), wanted: "closed" }),
    })
}

/// Calls off what has not taken place. Nobody signs up from here on; [`announce`] tells those who had.
pub fn call_off(tx: &mut Tx, id: u32, reason: &str) -> Managed<Activity> {
    if let Some(activity) = tx.get(&ACTIVITIES, &id)? {
        let mut took_place = true;
        for session in activity.terms.session_numbers() {
            took_place &= attendance::took_place(tx, &activity, session)?;
        }
        if took_place {
            return Ok(Err(ManageRefusal::WrongState { now: "over", wanted: "cancelled" }));
        }
    }
    let moved = move_state(tx, id, "cancelled", |activity, _| match activity.state {
        ActivityState::Cancelled { .. } => {
            Err(ManageRefusal::WrongState { now: state_name(&activity.state), wanted: "cancelled" })
        }
        _ => Ok(ActivityState::Cancelled { reason: reason.to_owned() }),
    })?;
    if moved.is_ok() {
        begin_to_announce(tx, id, Announced::Cancelled, Moves::default())?;
    }
    Ok(moved)
}

fn move_state(
    tx: &mut Tx,
    id: u32,
    wanted: &'static str,
    next: impl Fn(&Activity, &Tx) -> Result<ActivityState, ManageRefusal>,
) -> Managed<Activity> {
    let Some(mut activity) = tx.get(&ACTIVITIES, &id)? else { return Ok(Err(ManageRefusal::Unknown)) };
    if state_name(&activity.state) == wanted && wanted != "cancelled" {
        return Ok(Ok(activity)); // said twice, done once
    }
    activity.state = match next(&activity, tx) {
        Ok(state) => state,
        Err(refusal) => return Ok(Err(refusal)),
    };
    activity.changed = tx.moment().now;
    save(tx, &activity, &activity.terms.sign_up)?;
    set_in_motion(tx, &activity)?;
    Ok(Ok(activity))
}

/// Replaces the terms, unless that would harm those who signed up. More seats go to those who wait.
pub fn change(tx: &mut Tx, id: u32, terms: Terms) -> Managed<Activity> {
    let Some(mut activity) = tx.get(&ACTIVITIES, &id)? else { return Ok(Err(ManageRefusal::Unknown)) };
    if let ActivityState::Cancelled { .. } = activity.state {
        return Ok(Err(ManageRefusal::WrongState { now: "cancelled", wanted: "changed" }));
    }
    let counts = counts(tx, &activity)?;
    let draw_begun = tx.get(&DRAWS, &id)?.is_some_and(|draw| !draw.is_open() && !draw.is_done());
    let harmless = match draw_begun {
        true => Err(ManageRefusal::Drawn),
        false => harmless(&activity.terms, &terms, &counts),
    };
    if let Err(refusal) = harmless {
        return Ok(Err(refusal));
    }
    let moves = Moves::between(&activity.terms, &terms);
    let listed_before = activity.terms.sign_up.clone();
    let live: u32 = counts.iter().map(SessionCount::live).sum();
    let now = tx.moment().now;
    activity.terms = terms;
    activity.changed = now;
    save(tx, &activity, &listed_before)?;
    set_in_motion(tx, &activity)?;
    for session in moves.times.iter().filter(|session| is_to_come(&activity, **session, now)) {
        let key = (id, *session);
        if let Some(count) = tx.get(&SESSION_COUNTS, &key)?.filter(|count| count.unrecorded) {
            tx.put(&SESSION_COUNTS, &key, &SessionCount { unrecorded: false, ..count })?;
        }
    }
    let mut left = MOVED_UP_BY_CHANGE;
    for session in 1..=activity.terms.sessions.len() {
        left -= promote_up_to(tx, &activity, session as u16, left)?;
    }
    if moves != Moves::default() && live > 0 {
        begin_to_announce(tx, id, Announced::Changed, moves)?;
    }
    Ok(Ok(activity))
}

fn is_to_come(activity: &Activity, session: u16, now: Time) -> bool {
    rules::session(activity, session, now).is_ok()
}

fn harmless(old: &Terms, new: &Terms, counts: &[SessionCount]) -> Result<(), ManageRefusal> {
    for (index, count) in counts.iter().enumerate() {
        let session = index + 1;
        match new.sessions.get(index) {
            None if count.last_number > 0 => return Err(ManageRefusal::SessionInUse { session }),
            Some(terms) if terms.capacity < count.seats_taken => {
                let (capacity, seats_taken) = (terms.capacity, count.seats_taken);
                return Err(ManageRefusal::CapacityBelowTaken { session, capacity, seats_taken });
            }
            _ => {}
        }
    }
    if let Some(live) = misplaced(old, new, counts) {
        return Err(ManageRefusal::InUse { what: "the order of `sessions` (new ones go to the end)", live });
    }
    let live: u32 = counts.iter().map(SessionCount::live).sum();
    if live > 0 && old.series.as_ref().map(|s| &s.name) != new.series.as_ref().map(|s| &s.name) {
        return Err(ManageRefusal::InUse { what: "`series.name`", live });
    }
    let shares = |terms: &Terms| {
        let quota = terms.settings.quota.iter().flat_map(|quota| quota.shares.clone());
        quota.map(|share| Share { seats: 0, ..share }).collect::<Vec<_>>()
    };
    if live > 0 && shares(old) != shares(new) {
        return Err(ManageRefusal::InUse { what: "who `quota_by` is for", live });
    }
    if live > 0 && std::mem::discriminant(&old.mode) != std::mem::discriminant(&new.mode) {
        return Err(ManageRefusal::InUse { what: "`mode`", live });
    }
    Ok(())
}

/// A session's place in the list is its number: does one stand elsewhere, so that its people would come to another one?
/// Gives how many there are.
fn misplaced(old: &Terms, new: &Terms, counts: &[SessionCount]) -> Option<u32> {
    let time = |session: &Session| (session.starts, session.ends);
    let is_new = |at: usize, found: (Time, Time)| old.sessions.get(at).map(time) != Some(found);
    let mut in_use = old.sessions.iter().map(time).zip(counts).enumerate();
    let (_, (_, count)) = in_use.find(|(at, (then, count))| {
        let stays = new.sessions.get(*at).map(time) == Some(*then);
        let elsewhere = |(at, found): (usize, &Session)| time(found) == *then && is_new(at, *then);
        count.live() > 0 && !stays && new.sessions.iter().enumerate().any(elsewhere)
    })?;
    Some(count.live())
}

/// What is due of itself from here on: the draw, the end of a review, reminders, the roll call.
fn set_in_motion(tx: &mut Tx, activity: &Activity) -> Result<(), Fault> {
    if !matches!(activity.state, ActivityState::Published | ActivityState::Closed { .. }) {
        return Ok(());
    }
    draw::publish::promise(tx, activity)?;
    attendance::prepare(tx, activity)?;
    forget::prepare(tx, activity)?;
    if activity.terms.mode == Mode::Review {
        for (session, number) in activity.terms.sessions.iter().zip(1..) {
            let timer = Timer::Undecided { activity: activity.id, session: number, after: None };
            timers::set(tx, session.starts, timer)?;
        }
    }
    if let Some(opens) = activity.terms.settings.quota.as_ref().and_then(|quota| quota.opens) {
        let now = tx.moment().now;
        for session in activity.terms.session_numbers() {
            for at in [opens, opens.plus(quota::SETTLES)] {
                timers::set(tx, at.max(now), Timer::MoveUp { activity: activity.id, session })?;
            }
        }
    }
    remind::set(tx, activity)
}

/// What is being announced still is announced with it.
fn begin_to_announce(tx: &mut Tx, id: u32, what: Announced, moves: Moves) -> Result<(), Fault> {
    let before = tx.get(&ANNOUNCEMENTS, &id)?;
    let moves = before.map_or(moves.clone(), |before| before.moves.and(&moves));
    let now = tx.moment().now;
    tx.put(&ANNOUNCEMENTS, &id, &Announcement { what, moves, told: None, since: Some(now) })?;
    timers::set(tx, now, Timer::Announce { activity: id })
}

/// Tells the next few of those who signed up, and comes back for the rest: calling off an activity of thousands
/// stalls nobody.
pub fn announce(tx: &mut Tx, id: u32) -> Result<(), Fault> {
    let (Some(mut announcement), Some(activity)) = (tx.get(&ANNOUNCEMENTS, &id)?, tx.get(&ACTIVITIES, &id)?)
    else {
        return Ok(());
    };
    let page = tx.scan(&REGISTRATIONS, &(id,), announcement.told.as_ref(), TOLD_PER_COMMIT)?;
    for (key, mut registration) in page.rows {
        announcement.told = Some(key);
        let number = registration.number;
        if let ActivityState::Cancelled { reason } = &activity.state {
            if attendance::took_place(tx, &activity, number.session)? {
                continue;
            }
            attendance::excuse(tx, &activity, &mut registration, reason)?;
        }
        if !is_live(&registration) {
            continue;
        }
        let notice = match (announcement.what, &activity.state) {
            (Announced::Cancelled, ActivityState::Cancelled { reason }) => {
                let off = Status::Cancelled { by: By::Activity };
                move_to(tx, &activity, &mut registration, off)?;
                // Who had several sessions is told with the last of them.
                let others = places::live_of(tx, &registration.follower, registration.member, id)?;
                let notice = Telling::ActivityCancelled { activity: id, reason: reason.clone() };
                others.is_empty().then_some(notice)
            }
            _ if announcement.since.is_some_and(|since| registration.created > since) => None,
            _ => announcement.moves.of(number.session).map(|moved| Telling::ActivityChanged {
                activity: id,
                number: Some(number),
                moved,
            }),
        };
        if let Some(Telling::ActivityChanged { moved, .. }) = &notice
            && *moved != Moved::Link
        {
            registration.moved = true;
            waiting::end_with_start(tx, &activity, &mut registration)?;
            tx.put(&REGISTRATIONS, &number.key(), &registration)?;
            let now = tx.moment().now;
            if registration.attendance.is_some() && is_to_come(&activity, number.session, now) {
                attendance::begin_anew(tx, &activity, &mut registration)?;
            }
        }
        if let Some(notice) = notice {
            holder::tell(tx, &registration, notice)?;
        }
    }
    if page.next.is_none() {
        return tx.delete(&ANNOUNCEMENTS, &id);
    }
    tx.put(&ANNOUNCEMENTS, &id, &announcement)?;
    timers::set(tx, tx.moment().now, Timer::Announce { activity: id })
}

/// The counts of each session, in order.
pub fn counts(tx: &Tx, activity: &Activity) -> Result<Vec<SessionCount>, Fault> {
    activity.terms.session_numbers().map(|session| count(tx, activity.id, session)).collect()
}

pub fn count(tx: &Tx, activity: u32, session: u16) -> Result<SessionCount, Fault> {
    Ok(tx.get_shared(&SESSION_COUNTS, &(activity, session))?.as_deref().cloned().unwrap_or_default())
}

/// Free seats of a session for who counts in this share; of one that has begun nobody has any.
pub fn seats_left(
    activity: &Activity,
    counts: &[SessionCount],
    session: u16,
    share: Option<u8>,
    now: Time,
) -> u32 {
    let index = usize::from(session).saturating_sub(1);
    match (activity.terms.sessions.get(index), counts.get(index)) {
        (Some(session), Some(count)) if now < session.starts => {
            rules::seats_left(&activity.terms, session.capacity, count, share, now)
        }
        _ => 0,
    }
}

pub fn state_name(state: &ActivityState) -> &'static str {
    match state {
        ActivityState::Draft => "draft",
        ActivityState::Published => "published",
        ActivityState::Closed { .. } => "closed",
        ActivityState::Cancelled { .. } => "cancelled",
    }
}

/// Writes the row and keeps the list that followers see in step with it.
fn save(tx: &mut Tx, activity: &Activity, listed_before: &Window) -> Result<(), Fault> {
    tx.delete(&LISTED, &(listed_before.closes, activity.id))?;
    if activity.state == ActivityState::Published {
        tx.put(&LISTED, &(activity.terms.sign_up.closes, activity.id), &())?;
    }
    tx.put(&ACTIVITIES, &activity.id, activity)
}
