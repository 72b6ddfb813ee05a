//! What followers do: sign up, cancel; and what follows from it.

use std::sync::Arc;

use super::places::{self, move_to};
use super::record::*;
use super::rules::{self, Refusal, Seating};
use super::waiting::{self, promote};
use super::{draw, history, holder, quota};
use crate::domain::contact::record::FollowerId;
use crate::domain::eligibility::eligible;
use crate::domain::member::standing::{Standing, standing};
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::{Fault, Tx};

pub use super::waiting::waiting_position;

/// Everything a follower has said by the time they confirm.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Application {
    pub activity: u32,
    pub session: u16,
    pub party: Companions,
    /// (question's name, answer)
    pub answers: Vec<(String, String)>,
    /// The version of the notice that was agreed to.
    pub agreed: Option<u16>,
    /// What was said to each other consent: kind, version, yes or no.
    pub consents: Vec<(ConsentKind, u16, bool)>,
}

/// How a sign-up ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    Confirmed {
        number: RegistrationNumber,
    },
    Waiting {
        number: RegistrationNumber,
        position: usize,
    },
    /// On the list of a draw, with this ticket.
    Applied {
        number: RegistrationNumber,
        ticket: u32,
    },
    /// Among those from whom staff pick.
    UnderReview {
        number: RegistrationNumber,
    },
}

/// All that can be decided before the follower has filled in anything.
pub fn may_apply(
    tx: &Tx,
    who: &FollowerId,
    activity: &Activity,
    session: u16,
) -> Result<Result<(), Refusal>, Fault> {
    may_apply_as(tx, who, &standing(tx, who)?, activity, session)
}

fn may_apply_as(
    tx: &Tx,
    who: &FollowerId,
    standing: &Standing,
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
    if let Err(why) = eligible(&terms.eligibility, standing, starts, now) {
        return Ok(Err(Refusal::NotEligible(why)));
    }
    if !terms.settings.tags.is_empty() {
        let tags = tx.get(&CONTACTS, who)?.map(|contact| contact.reach.tags).unwrap_or_default();
        if !terms.settings.tags.iter().any(|tag| tags.contains(tag)) {
            return Ok(Err(Refusal::NotTagged));
        }
    }
    if let Some((min, max)) = terms.settings.adult_age
        && standing.age(starts).is_some_and(|age| !(min..=max).contains(&age))
    {
        return Ok(Err(Refusal::WrongAdultAge { min, max }));
    }
    if let Some(held) = places::live_in_session(tx, who, activity.id, session)?.into_iter().next() {
        return Ok(Err(match holder::is_held_by(tx, who, &held)? {
            true => Refusal::AlreadyHolds { number: held.number, status: held.status },
            false => Refusal::HeldElsewhere,
        }));
    }
    let max = terms.settings.per_person;
    // Of an only session it is known by now.
    let may_hold_others = terms.sessions.len() > 1;
    if max > 0 && may_hold_others {
        // Who waited for a session that has begun waited in vain.
        let counts = |held: &&Registration| {
            held.status == Status::Confirmed || rules::session(activity, held.number.session, now).is_ok()
        };
        let held = places::live_of(tx, who, standing.member, activity.id)?;
        if held.iter().filter(counts).count() >= usize::from(max) {
            return Ok(Err(Refusal::PersonLimit { max }));
        }
    }
    if let Some(series) = &terms.series
        && places::in_series(tx, series, who, standing)? >= series.max_per_person
    {
        let (series, max) = (series.name.clone(), series.max_per_person);
        return Ok(Err(Refusal::SeriesLimit { series, max }));
    }
    if terms.asks_for_history() {
        let history = history::of(tx, &standing.person(who), who)?;
        if let Err(refusal) = history::may_have_another(&history, terms, now) {
            return Ok(Err(refusal));
        }
    }
    if terms.mode.draw().is_some() {
        let choices = places::live_of(tx, who, standing.member, activity.id)?.len();
        return draw::apply::open(tx, activity, choices);
    }
    Ok(Ok(()))
}

/// Signs up, onto a seat, the waiting list or the list of a draw. Durable: acknowledged when it is on disk.
pub fn register(
    tx: &mut Tx,
    who: &FollowerId,
    application: &Application,
) -> Result<Result<Registered, Refusal>, Fault> {
    let Some(activity) = tx.get_shared(&ACTIVITIES, &application.activity)? else {
        return Ok(Err(Refusal::UnknownActivity));
    };
    let standing = standing(tx, who)?;
    if let Err(refusal) = may_apply_as(tx, who, &standing, &activity, application.session)? {
        return Ok(Err(refusal));
    }
    let count = tx.get(&SESSION_COUNTS, &(activity.id, application.session))?.unwrap_or_default();
    let application = &as_known(tx, &activity, &standing, application);
    let decided = decide(tx, &activity, &standing, application, &count);
    let Decided { answers, agreed, consents, share, seating } = match decided {
        Ok(decided) => decided,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let number = RegistrationNumber {
        activity: activity.id,
        session: application.session,
        number: count.last_number + 1,
    };
    let now = tx.moment().now;
    let registration = Registration {
        number,
        follower: who.clone(),
        status: match seating {
            Seating::Seated => Status::Confirmed,
            Seating::Waits => Status::Waiting,
            Seating::Applies => Status::Applied,
        },
        party: application.party.clone(),
        answers,
        agreed: agreed.map(|version| (version, now)),
        created: now,
        changed: now,
        member: standing.member,
        place: None,
        attendance: None,
        wrong_codes: 0,
        moved: false,
        promoted: None,
        share,
        consents,
        refused: None,
        forgotten: None,
    };
    places::enter(tx, &activity, &registration)?;
    keep_for_next_time(tx, who, &activity.terms, &registration.answers)?;
    Ok(Ok(match seating {
        Seating::Seated => Registered::Confirmed { number },
        Seating::Waits => Registered::Waiting { number, position: count.waiting as usize + 1 },
        Seating::Applies if activity.terms.mode == Mode::Review => Registered::UnderReview { number },
        Seating::Applies => {
            let ticket = draw::apply::enter(tx, &registration)?;
            Registered::Applied { number, ticket }
        }
    }))
}

struct Decided {
    answers: Vec<Answer>,
    agreed: Option<u16>,
    consents: Vec<Consented>,
    share: Option<u8>,
    seating: Seating,
}

/// The application with what is known besides: the follower's own age, and what a party takes.
fn as_known(tx: &Tx, activity: &Activity, standing: &Standing, given: &Application) -> Application {
    let mut application = given.clone();
    application.party.takes_one = activity.terms.settings.party_takes_one;
    let session = rules::session(activity, given.session, tx.moment().now);
    if let (Some(_), Ok(session)) = (activity.terms.settings.adult_age, session)
        && let Some(age) = standing.age(session.starts)
    {
        application.party.adult_ages.insert(0, age);
    }
    application
}

/// The share of the seats that this follower counts in.
pub fn share_of(tx: &Tx, who: &FollowerId, activity: &Activity, session: u16) -> Result<Option<u8>, Fault> {
    let quota = activity.terms.settings.quota.as_ref();
    let now = tx.moment().now;
    match (quota, rules::session(activity, session, now)) {
        (Some(_), Ok(terms)) => Ok(quota::share_of(quota, &standing(tx, who)?, terms.starts, now)),
        _ => Ok(None),
    }
}

fn decide(
    tx: &Tx,
    activity: &Activity,
    standing: &Standing,
    application: &Application,
    count: &SessionCount,
) -> Result<Decided, Refusal> {
    let (terms, now) = (&activity.terms, tx.moment().now);
    let session = rules::session(activity, application.session, now)?;
    rules::party(&terms.party, &application.party)?;
    rules::adults(terms.settings.adult_age, &application.party)?;
    let answers = rules::answered(&terms.questions, &application.answers)?;
    let agreed = match &terms.notice {
        Some(notice) if application.agreed != Some(notice.version) => {
            return Err(Refusal::NoticeNotAgreed);
        }
        Some(notice) => Some(notice.version),
        None => None,
    };
    let asked = &terms.settings.consents;
    let consents = rules::consented(asked, &application.party, &application.consents, now)?;
    let share = quota::share_of(terms.settings.quota.as_ref(), standing, session.starts, now);
    let needs = (application.party.seats(), share);
    let seating = rules::seat(terms, session.capacity, count, needs, now)?;
    Ok(Decided { answers, agreed, consents, share, seating })
}

/// Gives the place back; whoever waits and fits moves up in the same commit.
pub fn cancel(
    tx: &mut Tx,
    who: &FollowerId,
    number: RegistrationNumber,
) -> Result<Result<Registration, Refusal>, Fault> {
    let own = holder::own(tx, who, number)?.filter(|(_, registration)| is_live(registration));
    let Some((activity, mut registration)) = own else { return Ok(Err(Refusal::NotSignedUp)) };
    if let Status::Offered { .. } = registration.status {
        return waiting::decline(tx, who, number);
    }
    let by = match how_cancelled(&activity, &registration, tx.moment().now) {
        Ok(by) => by,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if registration.status == Status::Applied
        && let Err(refusal) = draw::apply::withdraw(tx, &registration)?
    {
        return Ok(Err(refusal));
    }
    move_to(tx, &activity, &mut registration, Status::Cancelled { by })?;
    if let (By::Late, Some(rule)) = (by, activity.terms.settings.absence) {
        history::strike(tx, &registration, 1, rule)?;
    }
    promote(tx, &activity, number.session)?;
    Ok(Ok(registration))
}

/// Places in waiting lists that one leaves behind, at most.
const WAITED_FOR_MAX: usize = 100;

/// Who stops following can't be told of a seat any more: they wait for none and are on no list of a draw or a review, and
/// what is offered to them goes to the next. The seats that they have stay theirs, and their place in a draw that runs.
pub fn wait_no_more(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    for (_, registration) in holder::mine(tx, who, WAITED_FOR_MAX)? {
        if matches!(registration.status, Status::Applied | Status::Waiting | Status::Offered { .. }) {
            _ = cancel(tx, who, registration.number)?;
        }
    }
    Ok(())
}

/// What giving it back now would be, for the question before it as well.
pub fn how_cancelled(activity: &Activity, registration: &Registration, now: Time) -> Result<By, Refusal> {
    // Those who signed up are told one after the other; nobody is blamed for being quicker.
    if let ActivityState::Cancelled { reason } = &activity.state {
        return Err(Refusal::CalledOff { reason: reason.clone() });
    }
    if let Some(Attendance::Present { .. }) = registration.attendance {
        return Err(Refusal::CheckedIn);
    }
    let deadline = rules::cancel_deadline(&activity.terms, registration.number.session);
    if registration.status != Status::Confirmed || now < deadline {
        return Ok(By::Follower);
    }
    let begun = rules::session(activity, registration.number.session, now).is_err();
    match () {
        () if begun => Err(Refusal::DeadlinePassed { deadline }),
        () if registration.moved => Ok(By::Moved),
        () if rules::promoted_late(&activity.terms, registration) => Ok(By::PromotedLate),
        () if activity.terms.settings.late_cancel => Ok(By::Late),
        () => Err(Refusal::DeadlinePassed { deadline }),
    }
}

/// A place in the list that followers see: the end of the sign-up, and the activity.
pub type ListedPlace = (Time, u32);

/// What followers are shown: published activities whose sign-up has not ended, what ends first coming first.
pub fn listed(
    tx: &Tx,
    after: Option<ListedPlace>,
    limit: usize,
) -> Result<(Vec<Arc<Activity>>, Option<ListedPlace>), Fault> {
    let start = after.unwrap_or((tx.moment().now, u32::MAX));
    let page = tx.scan_shared(&LISTED, &(), Some(&start), limit)?;
    let mut activities = Vec::new();
    for ((_, id), ()) in &page.rows {
        activities.extend(tx.get_shared(&ACTIVITIES, id)?);
    }
    Ok((activities, page.next))
}

pub fn is_live(registration: &Registration) -> bool {
    registration.status.is_live()
}

/// The follower's phone and address are kept, so that the next sign-up need not ask; they may be corrected there.
fn keep_for_next_time(tx: &mut Tx, who: &FollowerId, terms: &Terms, answers: &[Answer]) -> Result<(), Fault> {
    let known = |question: &Question| {
        let answer = answers.iter().find(|answer| answer.name == question.name)?;
        answer.value.for_next_time().map(|(kind, value)| (kind.to_owned(), value.clone()))
    };
    let known: Vec<_> = terms.own_questions().filter_map(|(_, question)| known(question)).collect();
    if known.is_empty() {
        return Ok(());
    }
    let before = tx.get(&PROFILES, who)?.unwrap_or_default();
    let mut profile = before.clone();
    profile.answers.extend(known);
    if profile == before { Ok(()) } else { tx.put(&PROFILES, who, &profile) }
}
