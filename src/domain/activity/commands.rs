//! What followers do: sign up, cancel; and what follows from it.

use super::record::*;
use super::rules::{self, Refusal, Seating};
use crate::domain::contact::record::FollowerId;
use crate::domain::eligibility::eligible;
use crate::domain::member::standing::standing;
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::Notice as Telling;
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Everything a follower has said by the time they confirm.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    pub activity: u32,
    pub session: u16,
    pub party: Companions,
    /// (question's name, answer)
    pub answers: Vec<(String, String)>,
    /// The version of the notice that was agreed to.
    pub agreed: Option<u16>,
}

/// How a sign-up ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    Confirmed { number: RegistrationNumber },
    Waiting { number: RegistrationNumber, position: usize },
}

/// Rows looked at to place one party: waiting lists are bounded by their activity's `waiting_max`.
pub const WAITING_MAX: u16 = 500;

/// All that can be decided before the follower has filled in anything.
pub fn may_apply(
    tx: &Tx,
    who: &FollowerId,
    activity: &Activity,
    session: u16,
) -> Result<Result<(), Refusal>, Fault> {
    let now = tx.moment().now;
    let terms = &activity.terms;
    let checks = rules::open(activity, now)
        .and_then(|()| rules::session(activity, session, now).map(|session| session.starts));
    let starts = match checks {
        Ok(starts) => starts,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Err(why) = eligible(&terms.eligibility, &standing(tx, who)?, starts, now) {
        return Ok(Err(Refusal::NotEligible(why)));
    }
    if let Some(held) = live_registration(tx, who, activity.id, session)? {
        let waiting = held.status == Status::Waiting;
        return Ok(Err(Refusal::AlreadyHolds { number: held.number, waiting }));
    }
    if let Some(series) = &terms.series {
        let taken = tx.get(&SERIES_PLACES, &(series.name.clone(), who.clone()))?.unwrap_or(0);
        if taken >= series.max_per_person {
            let (series, max) = (series.name.clone(), series.max_per_person);
            return Ok(Err(Refusal::SeriesLimit { series, max }));
        }
    }
    Ok(Ok(()))
}

/// Signs up, onto a seat or the waiting list. Durable: acknowledged when it is on disk.
pub fn register(
    tx: &mut Tx,
    who: &FollowerId,
    application: &Application,
) -> Result<Result<Registered, Refusal>, Fault> {
    let Some(activity) = tx.get(&ACTIVITIES, &application.activity)? else {
        return Ok(Err(Refusal::UnknownActivity));
    };
    if let Err(refusal) = may_apply(tx, who, &activity, application.session)? {
        return Ok(Err(refusal));
    }
    let decided = decide(tx, &activity, application)?;
    let (answers, agreed, seating) = match decided {
        Ok(decided) => decided,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let count_key = (activity.id, application.session);
    let mut count = tx.get(&SESSION_COUNTS, &count_key)?.unwrap_or_default();
    count.last_number += 1;
    let number =
        RegistrationNumber { activity: activity.id, session: application.session, number: count.last_number };
    let seats = application.party.seats();
    let status = match seating {
        Seating::Seated => {
            count.seats_taken += u32::from(seats);
            count.confirmed += 1;
            Status::Confirmed
        }
        Seating::Waits => {
            count.waiting += 1;
            tx.put(&WAITING, &number.key(), &seats)?;
            Status::Waiting
        }
    };
    let position = count.waiting as usize;
    tx.put(&SESSION_COUNTS, &count_key, &count)?;
    let now = tx.moment().now;
    let registration = Registration {
        number,
        follower: who.clone(),
        status,
        party: application.party.clone(),
        answers,
        agreed: agreed.map(|version| (version, now)),
        created: now,
        changed: now,
    };
    tx.put(&REGISTRATIONS, &number.key(), &registration)?;
    tx.put(&PLACES, &(who.clone(), activity.id, application.session), &number.number)?;
    count_in_series(tx, &activity.terms, who, 1)?;
    keep_for_next_time(tx, who, &registration.answers)?;
    Ok(Ok(match seating {
        Seating::Seated => Registered::Confirmed { number },
        Seating::Waits => Registered::Waiting { number, position },
    }))
}

type Decided = (Vec<Answer>, Option<u16>, Seating);

fn decide(
    tx: &Tx,
    activity: &Activity,
    application: &Application,
) -> Result<Result<Decided, Refusal>, Fault> {
    let terms = &activity.terms;
    let count = tx.get(&SESSION_COUNTS, &(activity.id, application.session))?.unwrap_or_default();
    let decide = || {
        let session = rules::session(activity, application.session, tx.moment().now)?;
        rules::party(&terms.party, &application.party)?;
        let answers = rules::answered(&terms.questions, &application.answers)?;
        let agreed = match &terms.notice {
            Some(notice) if application.agreed != Some(notice.version) => {
                return Err(Refusal::NoticeNotAgreed);
            }
            Some(notice) => Some(notice.version),
            None => None,
        };
        let seating = rules::seat(terms, session.capacity, &count, application.party.seats())?;
        Ok((answers, agreed, seating))
    };
    Ok(decide())
}

/// Gives the place back; whoever waits and fits moves up in the same commit.
pub fn cancel(
    tx: &mut Tx,
    who: &FollowerId,
    number: RegistrationNumber,
) -> Result<Result<Registration, Refusal>, Fault> {
    let (Some(activity), Some(mut registration)) =
        (tx.get(&ACTIVITIES, &number.activity)?, tx.get(&REGISTRATIONS, &number.key())?)
    else {
        return Ok(Err(Refusal::NotSignedUp));
    };
    if registration.follower != *who || !is_live(&registration) {
        return Ok(Err(Refusal::NotSignedUp));
    }
    let now = tx.moment().now;
    let deadline = activity.terms.sign_up.cancel_before;
    if registration.status == Status::Confirmed && now >= deadline {
        return Ok(Err(Refusal::DeadlinePassed { deadline }));
    }
    release(tx, &activity, &mut registration, By::Follower)?;
    promote(tx, &activity, number.session)?;
    Ok(Ok(registration))
}

/// Takes a live sign-up off its seat or off the waiting list.
pub fn release(
    tx: &mut Tx,
    activity: &Activity,
    registration: &mut Registration,
    by: By,
) -> Result<(), Fault> {
    let number = registration.number;
    let count_key = (number.activity, number.session);
    let mut count = tx.get(&SESSION_COUNTS, &count_key)?.unwrap_or_default();
    match registration.status {
        Status::Confirmed => {
            count.seats_taken = count.seats_taken.saturating_sub(u32::from(registration.party.seats()));
            count.confirmed = count.confirmed.saturating_sub(1);
        }
        Status::Waiting => {
            count.waiting = count.waiting.saturating_sub(1);
            tx.delete(&WAITING, &number.key())?;
        }
        Status::Cancelled { .. } => return Ok(()),
    }
    registration.status = Status::Cancelled { by };
    registration.changed = tx.moment().now;
    tx.put(&SESSION_COUNTS, &count_key, &count)?;
    tx.put(&REGISTRATIONS, &number.key(), registration)?;
    let follower = registration.follower.clone();
    count_in_series(tx, &activity.terms, &follower, -1)
}

/// Seats those who wait, in order, as long as somebody fits; a party too large for what is free keeps its
/// place in the list and is passed over, so that no seat stays empty.
pub fn promote(tx: &mut Tx, activity: &Activity, session: u16) -> Result<u32, Fault> {
    let now = tx.moment().now;
    let lively = matches!(activity.state, ActivityState::Published | ActivityState::Closed { .. });
    let Ok(terms) = rules::session(activity, session, now) else { return Ok(0) };
    let count_key = (activity.id, session);
    let mut count = tx.get(&SESSION_COUNTS, &count_key)?.unwrap_or_default();
    if !lively || count.waiting == 0 || rules::seats_left(terms.capacity, &count) == 0 {
        return Ok(0);
    }
    let waiting = tx.scan(&WAITING, &count_key, None, usize::from(WAITING_MAX))?;
    let mut promoted = 0;
    for (key, seats) in waiting.rows {
        if u32::from(seats) > rules::seats_left(terms.capacity, &count) {
            continue;
        }
        let Some(mut registration) = tx.get(&REGISTRATIONS, &key)? else { continue };
        registration.status = Status::Confirmed;
        registration.changed = now;
        count.waiting = count.waiting.saturating_sub(1);
        count.confirmed += 1;
        count.seats_taken += u32::from(seats);
        tx.delete(&WAITING, &key)?;
        tx.put(&REGISTRATIONS, &key, &registration)?;
        enqueue(tx, &registration.follower, Telling::Promoted { number: registration.number })?;
        promoted += 1;
    }
    if promoted > 0 {
        tx.put(&SESSION_COUNTS, &count_key, &count)?;
    }
    Ok(promoted)
}

/// The place in the waiting list, from 1.
pub fn waiting_position(tx: &Tx, number: RegistrationNumber) -> Result<Option<usize>, Fault> {
    let waiting = tx.scan(&WAITING, &(number.activity, number.session), None, usize::from(WAITING_MAX))?;
    Ok(waiting.rows.iter().position(|(key, _)| *key == number.key()).map(|index| index + 1))
}

/// A follower's sign-ups with their activities, the latest activity first.
pub fn mine(tx: &Tx, who: &FollowerId, limit: usize) -> Result<Vec<(Activity, Registration)>, Fault> {
    let places = tx.scan_back(&PLACES, &(who.clone(),), None, limit)?;
    let mut mine = Vec::new();
    for ((_, activity, session), number) in places.rows {
        let registration = tx.get(&REGISTRATIONS, &(activity, session, number))?;
        if let (Some(activity), Some(registration)) = (tx.get(&ACTIVITIES, &activity)?, registration) {
            mine.push((activity, registration));
        }
    }
    Ok(mine)
}

/// The follower's live sign-up for this activity; of several, that for the first session.
pub fn mine_in(tx: &Tx, who: &FollowerId, activity: u32) -> Result<Option<Registration>, Fault> {
    let places = tx.scan(&PLACES, &(who.clone(), activity), None, SESSIONS_LOOKED_AT)?;
    for ((_, _, session), number) in places.rows {
        let registration = tx.get(&REGISTRATIONS, &(activity, session, number))?;
        if let Some(registration) = registration.filter(is_live) {
            return Ok(Some(registration));
        }
    }
    Ok(None)
}

/// More than an activity has.
const SESSIONS_LOOKED_AT: usize = 50;

/// A place in the list that followers see: the end of the sign-up, and the activity.
pub type ListedPlace = (Time, u32);

/// What followers are shown: published activities whose sign-up has not ended, what ends first coming first.
pub fn listed(
    tx: &Tx,
    after: Option<ListedPlace>,
    limit: usize,
) -> Result<(Vec<Activity>, Option<ListedPlace>), Fault> {
    let start = after.unwrap_or((tx.moment().now, u32::MAX));
    let page = tx.scan(&LISTED, &(), Some(&start), limit)?;
    let mut activities = Vec::new();
    for ((_, id), ()) in &page.rows {
        activities.extend(tx.get(&ACTIVITIES, id)?);
    }
    Ok((activities, page.next))
}

/// The follower's sign-up for this session, unless it was cancelled.
pub fn live_registration(
    tx: &Tx,
    who: &FollowerId,
    activity: u32,
    session: u16,
) -> Result<Option<Registration>, Fault> {
    let Some(number) = tx.get(&PLACES, &(who.clone(), activity, session))? else { return Ok(None) };
    Ok(tx.get(&REGISTRATIONS, &(activity, session, number))?.filter(is_live))
}

pub fn is_live(registration: &Registration) -> bool {
    !matches!(registration.status, Status::Cancelled { .. })
}

fn count_in_series(tx: &mut Tx, terms: &Terms, who: &FollowerId, change: i16) -> Result<(), Fault> {
    let Some(series) = &terms.series else { return Ok(()) };
    let key = (series.name.clone(), who.clone());
    let count = tx.get(&SERIES_PLACES, &key)?.unwrap_or(0).saturating_add_signed(change);
    if count == 0 { tx.delete(&SERIES_PLACES, &key) } else { tx.put(&SERIES_PLACES, &key, &count) }
}

/// Phone and address are kept, so that the next sign-up need not ask; the follower may correct them there.
fn keep_for_next_time(tx: &mut Tx, who: &FollowerId, answers: &[Answer]) -> Result<(), Fault> {
    let known = |answer: &Answer| match &answer.value {
        AnswerValue::Phone(value) => Some(("phone".to_owned(), value.clone())),
        AnswerValue::Address(value) => Some(("address".to_owned(), value.clone())),
        AnswerValue::Plain(_) | AnswerValue::Text(_) => None,
    };
    let known: Vec<_> = answers.iter().filter_map(known).collect();
    if known.is_empty() {
        return Ok(());
    }
    let before = tx.get(&PROFILES, who)?.unwrap_or_default();
    let mut profile = before.clone();
    profile.answers.extend(known);
    if profile == before { Ok(()) } else { tx.put(&PROFILES, who, &profile) }
}
