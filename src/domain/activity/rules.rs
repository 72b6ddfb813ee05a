//! Pure decisions about signing up. Nothing here reads or writes.

use std::time::Duration;

use super::answers::{self, BadAnswer};
use super::quota;
use super::record::*;
use crate::domain::eligibility::Ineligible;
use crate::moment::Time;

/// Why a rule says no: the rule, the fact, and what would change it. `code()` is stable: texts, API and
/// metrics use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    UnknownActivity,
    CalledOff {
        reason: String,
    },
    NotYetOpen {
        opens: Time,
    },
    Closed {
        closed: Time,
    },
    UnknownSession,
    SessionStarted {
        started: Time,
    },
    AlreadyHolds {
        number: RegistrationNumber,
        status: Status,
    },
    /// Signed up for by this account, and another account's since its member went there.
    HeldElsewhere,
    /// What is free is kept for others for now.
    KeptForOthers {
        needed: u16,
        left: u32,
        opens: Option<Time>,
    },
    /// Enough sign-ups for this activity.
    PersonLimit {
        max: u16,
    },
    NotTagged,
    WrongAdultAge {
        min: u8,
        max: u8,
    },
    ConsentMissing {
        kind: ConsentKind,
    },
    /// Came to too little of the round before.
    AttendedTooLittle {
        series: String,
        came: u32,
        of: u32,
        min: u8,
    },
    Full {
        needed: u16,
        left: u32,
    },
    WaitingListFull {
        waiting: u32,
    },
    NotEligible(Ineligible),
    SeriesLimit {
        series: String,
        max: u16,
    },
    PartyTooLarge {
        companions_max: u8,
        children_max: u8,
    },
    TooFewChildren {
        min: u8,
    },
    WrongChildAge {
        min: u8,
        max: u8,
    },
    AnswerMissing {
        name: String,
    },
    AnswerWrong {
        name: String,
        why: BadAnswer,
    },
    NoticeNotAgreed,
    NotSignedUp,
    DeadlinePassed {
        deadline: Time,
    },
    TooManyChoices {
        max: u8,
    },
    /// Nothing on the list may change while it is drawn.
    DrawRunning,
    OfferGone {
        until: Time,
    },
    NoOffer,
    /// Too many absences.
    Barred {
        until: Time,
        /// Halves of absences.
        halves: u32,
        days: u16,
    },
    PeriodLimit {
        series: String,
        max: u16,
        period: Period,
    },
    CoolingDown {
        series: String,
        days: u16,
        from: Time,
    },
    RoundsToWait {
        series: String,
        rounds: u16,
        left: u32,
    },
    NothingToCheckIn,
    CheckInNotYet {
        from: Time,
    },
    CheckInOver {
        until: Time,
    },
    WrongCode {
        left: u8,
    },
    /// They are there: the seat is used.
    CheckedIn,
    NoKit,
    KitSent {
        tracking: String,
    },
    NothingToAppeal,
    AlreadyAppealed,
}

impl Refusal {
    /// Every code of its own, for the test that finds a sentence for each.
    pub const CODES: &'static [&'static str] = &[
        "unknown_activity",
        "called_off",
        "not_yet_open",
        "closed",
        "unknown_session",
        "session_started",
        "already_holds",
        "held_elsewhere",
        "kept_for_others",
        "kept_for_good",
        "person_limit",
        "not_tagged",
        "wrong_adult_age",
        "consent_missing",
        "attended_too_little",
        "full",
        "waiting_list_full",
        "series_limit",
        "party_too_large",
        "too_few_children",
        "wrong_child_age",
        "answer_missing",
        "answer_wrong",
        "notice_not_agreed",
        "not_signed_up",
        "deadline_passed",
        "too_many_choices",
        "draw_running",
        "offer_gone",
        "no_offer",
        "barred",
        "period_limit",
        "cooling_down",
        "rounds_to_wait",
        "nothing_to_check_in",
        "check_in_not_yet",
        "check_in_over",
        "wrong_code",
        "checked_in",
        "no_kit",
        "kit_sent",
        "nothing_to_appeal",
        "already_appealed",
    ];

    pub fn code(&self) -> &'static str {
        match self {
            Refusal::UnknownActivity => "unknown_activity",
            Refusal::CalledOff { .. } => "called_off",
            Refusal::NotYetOpen { .. } => "not_yet_open",
            Refusal::Closed { .. } => "closed",
            Refusal::UnknownSession => "unknown_session",
            Refusal::SessionStarted { .. } => "session_started",
            Refusal::AlreadyHolds { .. } => "already_holds",
            Refusal::HeldElsewhere => "held_elsewhere",
            Refusal::KeptForOthers { opens: Some(_), .. } => "kept_for_others",
            Refusal::KeptForOthers { opens: None, .. } => "kept_for_good",
            Refusal::PersonLimit { .. } => "person_limit",
            Refusal::NotTagged => "not_tagged",
            Refusal::WrongAdultAge { .. } => "wrong_adult_age",
            Refusal::ConsentMissing { .. } => "consent_missing",
            Refusal::AttendedTooLittle { .. } => "attended_too_little",
            Refusal::Full { .. } => "full",
            Refusal::WaitingListFull { .. } => "waiting_list_full",
            Refusal::NotEligible(why) => why.code(),
            Refusal::SeriesLimit { .. } => "series_limit",
            Refusal::PartyTooLarge { .. } => "party_too_large",
            Refusal::TooFewChildren { .. } => "too_few_children",
            Refusal::WrongChildAge { .. } => "wrong_child_age",
            Refusal::AnswerMissing { .. } => "answer_missing",
            Refusal::AnswerWrong { .. } => "answer_wrong",
            Refusal::NoticeNotAgreed => "notice_not_agreed",
            Refusal::NotSignedUp => "not_signed_up",
            Refusal::DeadlinePassed { .. } => "deadline_passed",
            Refusal::TooManyChoices { .. } => "too_many_choices",
            Refusal::DrawRunning => "draw_running",
            Refusal::OfferGone { .. } => "offer_gone",
            Refusal::NoOffer => "no_offer",
            Refusal::Barred { .. } => "barred",
            Refusal::PeriodLimit { .. } => "period_limit",
            Refusal::CoolingDown { .. } => "cooling_down",
            Refusal::RoundsToWait { .. } => "rounds_to_wait",
            Refusal::NothingToCheckIn => "nothing_to_check_in",
            Refusal::CheckInNotYet { .. } => "check_in_not_yet",
            Refusal::CheckInOver { .. } => "check_in_over",
            Refusal::WrongCode { .. } => "wrong_code",
            Refusal::CheckedIn => "checked_in",
            Refusal::NoKit => "no_kit",
            Refusal::KitSent { .. } => "kit_sent",
            Refusal::NothingToAppeal => "nothing_to_appeal",
            Refusal::AlreadyAppealed => "already_appealed",
        }
    }
}

/// The deadline of a session for which none was set (domain rules, 2.2).
const CANCEL_BEFORE_DEFAULT: Duration = Duration::from_secs(24 * 3600);

/// Until when a seat in this session (from 1) may be given back freely; never after it has begun, and until then where
/// giving it back late would cost nothing.
pub fn cancel_deadline(terms: &Terms, session: u16) -> Time {
    let starts = terms.session(session).map_or(terms.sign_up.closes, |session| session.starts);
    if terms.settings.late_cancel && terms.settings.absence.is_none() {
        return starts;
    }
    terms.sign_up.cancel_before.unwrap_or(starts.minus(CANCEL_BEFORE_DEFAULT)).min(starts)
}

/// So long before the deadline a seat from the waiting list comes too late for its follower to have planned with it.
pub const GRACE: Duration = Duration::from_secs(12 * 3600);

/// Did the waiting list give the seat when it was too late to give it back in time? Then nobody is blamed for it.
pub fn promoted_late(terms: &Terms, registration: &Registration) -> bool {
    let late_from = cancel_deadline(terms, registration.number.session).minus(GRACE);
    registration.promoted.is_some_and(|promoted| promoted >= late_from)
}

/// Is the sign-up open at `now`?
pub fn open(activity: &Activity, now: Time) -> Result<(), Refusal> {
    let window = &activity.terms.sign_up;
    match &activity.state {
        ActivityState::Draft => Err(Refusal::UnknownActivity),
        ActivityState::Cancelled { reason } => Err(Refusal::CalledOff { reason: reason.clone() }),
        ActivityState::Closed { at } => Err(Refusal::Closed { closed: *at }),
        ActivityState::Published if now < window.opens => Err(Refusal::NotYetOpen { opens: window.opens }),
        ActivityState::Published if now >= window.closes => Err(Refusal::Closed { closed: window.closes }),
        ActivityState::Published => Ok(()),
    }
}

/// The session of that number (from 1), if it exists and has not begun.
pub fn session(activity: &Activity, number: u16, now: Time) -> Result<&Session, Refusal> {
    let session = activity.terms.session(number).ok_or(Refusal::UnknownSession)?;
    if now >= session.starts {
        return Err(Refusal::SessionStarted { started: session.starts });
    }
    Ok(session)
}

pub fn party(allowed: &Party, party: &Companions) -> Result<(), Refusal> {
    let children = party.children.len();
    if party.companions > allowed.max_companions || children > usize::from(allowed.max_children) {
        let (companions_max, children_max) = (allowed.max_companions, allowed.max_children);
        return Err(Refusal::PartyTooLarge { companions_max, children_max });
    }
    if children < usize::from(allowed.min_children) {
        return Err(Refusal::TooFewChildren { min: allowed.min_children });
    }
    match allowed.child_age {
        Some((min, max)) if !party.children.iter().all(|age| (min..=max).contains(age)) => {
            Err(Refusal::WrongChildAge { min, max })
        }
        _ => Ok(()),
    }
}

/// Everybody's age on the session's day, as far as the activity asks.
pub fn adults(allowed: Option<(u8, u8)>, party: &Companions) -> Result<(), Refusal> {
    let Some((min, max)) = allowed else { return Ok(()) };
    let known = party.adult_ages.len() == 1 + usize::from(party.companions);
    match known && party.adult_ages.iter().all(|age| (min..=max).contains(age)) {
        true => Ok(()),
        false => Err(Refusal::WrongAdultAge { min, max }),
    }
}

/// What was said to each consent that concerns this party.
pub fn consented(
    asked: &[ConsentTerms],
    party: &Companions,
    said: &[(ConsentKind, u16, bool)],
    at: Time,
) -> Result<Vec<Consented>, Refusal> {
    let mut consents = Vec::new();
    for ConsentTerms { kind, version, .. } in asked.iter().filter(|terms| concerns(terms, party)) {
        let given = said.iter().any(|(k, v, given)| (k, v, *given) == (kind, version, true));
        if kind.is_required() && !given {
            return Err(Refusal::ConsentMissing { kind: *kind });
        }
        consents.push(Consented { kind: *kind, version: *version, at, given });
    }
    Ok(consents)
}

/// A guardian is who brings children.
pub fn concerns(terms: &ConsentTerms, party: &Companions) -> bool {
    terms.kind != ConsentKind::Guardian || !party.children.is_empty()
}

/// The answers in the order of the questions, checked.
pub fn answered(questions: &[Question], given: &[(String, String)]) -> Result<Vec<Answer>, Refusal> {
    let mut answers = Vec::new();
    for question in questions {
        let name = question.name.clone();
        match given.iter().find(|(given, _)| *given == name) {
            Some((_, text)) => {
                let value = answers::check(question, text)
                    .map_err(|why| Refusal::AnswerWrong { name: name.clone(), why })?;
                answers.push(Answer { name, value: answers::store(question, value) });
            }
            None if question.required => return Err(Refusal::AnswerMissing { name }),
            None => {}
        }
    }
    Ok(answers)
}

/// Where a sign-up that needs `seats` goes.
#[derive(Debug, PartialEq, Eq)]
pub enum Seating {
    Seated,
    Waits,
    /// Onto the list of a draw, or of those among whom staff pick.
    Applies,
}

/// Seats that are nobody's, which is 0 and not less if the capacity was ever above what is taken.
pub fn seats_free(capacity: u32, count: &SessionCount) -> u32 {
    capacity.saturating_sub(count.seats_taken)
}

/// Seats that who comes now may have: none while the waiting list is still moving up, and none of those that are kept for
/// others.
pub fn seats_left(terms: &Terms, capacity: u32, count: &SessionCount, share: Option<u8>, now: Time) -> u32 {
    let quota = terms.kept();
    if count.moving_up || quota::is_settling(quota, count, now) {
        return 0;
    }
    seats_free(capacity, count).saturating_sub(quota::kept_for_others(quota, count, share, now))
}

/// A free seat is nobody's but those who wait only while one of them fits into it; the commands give such
/// seats away at once, so whatever is free here may be taken.
pub fn seat(
    terms: &Terms,
    capacity: u32,
    count: &SessionCount,
    (seats, share): (u16, Option<u8>),
    now: Time,
) -> Result<Seating, Refusal> {
    let left = seats_left(terms, capacity, count, share, now);
    let could_ever_fit = u32::from(seats) <= capacity;
    if terms.mode != Mode::FirstCome {
        return if could_ever_fit {
            Ok(Seating::Applies)
        } else {
            Err(Refusal::Full { needed: seats, left })
        };
    }
    if u32::from(seats) <= left {
        return Ok(Seating::Seated);
    }
    let free = seats_free(capacity, count);
    if terms.waiting_max == 0 && u32::from(seats) <= free && !count.moving_up {
        let opens = terms.settings.quota.as_ref().and_then(|quota| quota.opens);
        return Err(Refusal::KeptForOthers { needed: seats, left: free, opens });
    }
    if terms.waiting_max == 0 || !could_ever_fit {
        return Err(Refusal::Full { needed: seats, left });
    }
    if count.waiting >= u32::from(terms.waiting_max) {
        return Err(Refusal::WaitingListFull { waiting: count.waiting });
    }
    Ok(Seating::Waits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_party_may_wait_while_single_seats_are_free() {
        let count = SessionCount { seats_taken: 8, ..SessionCount::default() };
        let now = Time::default();
        let seat = |terms: &Terms, capacity, count: &SessionCount, seats| {
            seat(terms, capacity, count, (seats, None), now)
        };
        let terms = |waiting_max| Terms { waiting_max, ..crate::domain::activity::record::sample_terms() };
        assert_eq!(seat(&terms(5), 10, &count, 2), Ok(Seating::Seated));
        assert_eq!(seat(&terms(5), 10, &count, 3), Ok(Seating::Waits));
        assert_eq!(seat(&terms(0), 10, &count, 3), Err(Refusal::Full { needed: 3, left: 2 }));
        assert_eq!(seat(&terms(5), 10, &count, 11), Err(Refusal::Full { needed: 11, left: 2 }));
    }

    #[test]
    fn children_are_counted_and_their_ages_looked_at() {
        let allowed = Party { max_companions: 1, max_children: 2, min_children: 1, child_age: Some((6, 12)) };
        let with = |companions, children: &[u8]| Companions {
            companions,
            children: children.to_vec(),
            ..Companions::default()
        };
        assert_eq!(party(&allowed, &with(1, &[6, 12])), Ok(()));
        assert_eq!(party(&allowed, &with(0, &[])), Err(Refusal::TooFewChildren { min: 1 }));
        assert_eq!(party(&allowed, &with(0, &[5])), Err(Refusal::WrongChildAge { min: 6, max: 12 }));
        assert!(matches!(party(&allowed, &with(2, &[7])), Err(Refusal::PartyTooLarge { .. })));
    }
}
