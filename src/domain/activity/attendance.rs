//! Who came: check-in by a code that changes, or staff's word; and what comes of not coming.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::record::*;
use super::rules::{self, Refusal};
use super::{draw, forget, history, holder};
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox::record::Notice as Telling;
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::domain::trail::commands::{Note, append};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

/// Checking in begins so long before the start and ends so long after it.
pub const CHECK_IN_AROUND: Duration = Duration::from_secs(30 * 60);
/// A code is shown so long, and taken for as long again.
pub const CODE_LASTS: Duration = Duration::from_secs(120);
const WRONG_CODES_MAX: u8 = 5;
/// Sign-ups among which the one that begins now is looked for.
const LOOKED_AT: usize = 20;
const ROLLED_PER_STEP: usize = 12;

/// What a code came to.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckedIn {
    Present {
        title: String,
        number: RegistrationNumber,
    },
    /// Counted: there are so many tries left.
    Wrong {
        left: u8,
    },
}

/// What its follower says to an absence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Appeal {
    pub number: RegistrationNumber,
    pub follower: FollowerId,
    pub says: Sealed<String>,
    pub at: Time,
    #[serde(default)]
    pub answer: Option<AppealAnswer>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppealAnswer {
    pub lifted: bool,
    pub reason: String,
    pub at: Time,
}

/// The code that is shown for a session at a time; `None` where staff say who came.
pub fn code(tx: &Tx, activity: &Activity, session: u16, at: Time) -> Result<Option<String>, Fault> {
    if activity.terms.settings.check_in != CheckIn::Code {
        return Ok(None);
    }
    let secret: Option<Sealed<String>> = tx.get(&SECRETS, &secret_name(activity.id))?;
    Ok(secret.map(|secret| six_digits(secret.reveal(), session, window(at))))
}

/// Until when the code that is shown at a time stays.
pub fn code_stays_until(at: Time) -> Time {
    Time::from_unix_s((window(at) + 1) * CODE_LASTS.as_secs() as i64)
}

fn window(at: Time) -> i64 {
    at.unix_s().div_euclid(CODE_LASTS.as_secs() as i64)
}

/// What a check-in code's QR scene begins with; the code follows.
const SCENE: &str = "checkin-";

/// The scene that a QR code of a session's code carries.
pub fn scene(code: &str) -> String {
    format!("{SCENE}{code}")
}

/// `None`: the scene is no session's.
pub fn code_of_scene(scene: &str) -> Option<&str> {
    scene.strip_prefix(SCENE)
}

fn six_digits(secret: &str, session: u16, window: i64) -> String {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    let mac = mac.chain_update(session.to_be_bytes()).chain_update(window.to_be_bytes());
    let bytes: [u8; 32] = mac.finalize().into_bytes().into();
    let number = bytes.iter().take(4).fold(0u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", number % 1_000_000)
}

fn secret_name(activity: u32) -> String {
    format!("check-in A{activity}")
}

/// Makes the secret of the codes and sets the roll call; called whenever the activity is published or changed.
pub fn prepare(tx: &mut Tx, activity: &Activity) -> Result<(), Fault> {
    if activity.terms.settings.check_in != CheckIn::Code {
        return Ok(());
    }
    let name = secret_name(activity.id);
    if tx.get(&SECRETS, &name)?.is_none() {
        let secret = draw::publish::fresh(tx, &name)?;
        tx.put(&SECRETS, &name, &Sealed::new(hex::encode(secret)))?;
    }
    for (index, session) in activity.terms.sessions.iter().enumerate() {
        let timer = Timer::Roll { activity: activity.id, session: index as u16 + 1, after: None };
        timers::set(tx, session.ends, timer)?;
    }
    Ok(())
}

/// The follower says the code. Of their sign-ups the one is meant whose session is about to begin.
pub fn check_in(tx: &mut Tx, who: &FollowerId, said: &str) -> Result<Result<CheckedIn, Refusal>, Fault> {
    let now = tx.moment().now;
    let mut refusal = Refusal::NothingToCheckIn;
    let mut candidates = Vec::new();
    for (activity, registration) in holder::mine(tx, who, LOOKED_AT)? {
        let asks = activity.terms.settings.check_in == CheckIn::Code;
        if registration.status != Status::Confirmed || !asks || called_off(&activity) {
            continue;
        }
        let Some(session) = activity.terms.session(registration.number.session) else { continue };
        let (from, until) = (session.starts.minus(CHECK_IN_AROUND), session.starts.plus(CHECK_IN_AROUND));
        match () {
            () if now < from => refusal = nearer(refusal, Refusal::CheckInNotYet { from }),
            () if now > until && now < session.ends.plus(CHECK_IN_AROUND) => {
                refusal = nearer(refusal, Refusal::CheckInOver { until });
            }
            () if now > until => {}
            () => candidates.push((activity, registration)),
        }
    }
    // Before any code is compared: six digits are guessed by who may go on trying.
    if candidates.iter().any(|(_, registration)| registration.wrong_codes >= WRONG_CODES_MAX) {
        return Ok(Err(Refusal::WrongCode { left: 0 }));
    }
    for (activity, registration) in &candidates {
        if is_code(tx, activity, registration.number.session, said, now)? {
            let mut registration = registration.clone();
            mark(tx, activity, &mut registration, Attendance::Present { at: now })?;
            let (title, number) = (activity.terms.title.clone(), registration.number);
            return Ok(Ok(CheckedIn::Present { title, number }));
        }
    }
    let Some((_, mut registration)) = candidates.into_iter().next() else { return Ok(Err(refusal)) };
    registration.wrong_codes += 1;
    tx.put(&REGISTRATIONS, &registration.number.key(), &registration)?;
    Ok(Ok(CheckedIn::Wrong { left: WRONG_CODES_MAX - registration.wrong_codes }))
}

fn called_off(activity: &Activity) -> bool {
    matches!(activity.state, ActivityState::Cancelled { .. })
}

/// What says more: of two times to come the sooner one.
fn nearer(known: Refusal, found: Refusal) -> Refusal {
    match (&known, &found) {
        (Refusal::CheckInNotYet { from: a }, Refusal::CheckInNotYet { from: b }) if a <= b => known,
        (Refusal::CheckInOver { .. }, Refusal::CheckInNotYet { .. }) => known,
        _ => found,
    }
}

fn is_code(tx: &Tx, activity: &Activity, session: u16, said: &str, now: Time) -> Result<bool, Fault> {
    let mut is = false;
    for at in [now, now.minus(CODE_LASTS)] {
        let code = code(tx, activity, session, at)?.unwrap_or_default();
        is |= !code.is_empty() && bool::from(code.as_bytes().ct_eq(said.as_bytes()));
    }
    Ok(is)
}

/// Writes down who came. An absence counts, and one that is taken back counts no more.
pub fn mark(
    tx: &mut Tx,
    activity: &Activity,
    registration: &mut Registration,
    attendance: Attendance,
) -> Result<(), Fault> {
    let is_present = |attendance: &Attendance| matches!(attendance, Attendance::Present { .. });
    let is_absent = |attendance: &Attendance| matches!(attendance, Attendance::Absent { .. });
    let before = registration.attendance.replace(attendance.clone());
    if before.as_ref().map(std::mem::discriminant) == Some(std::mem::discriminant(&attendance)) {
        registration.attendance = before;
        return Ok(()); // said twice
    }
    let key = (registration.number.activity, registration.number.session);
    let mut count = tx.get(&SESSION_COUNTS, &key)?.unwrap_or_default();
    count.present += u32::from(is_present(&attendance));
    count.present = count.present.saturating_sub(u32::from(before.as_ref().is_some_and(is_present)));
    count.unrecorded = false;
    tx.put(&SESSION_COUNTS, &key, &count)?;
    tx.put(&REGISTRATIONS, &registration.number.key(), registration)?;
    // It was moved, or the seat came too late to be given back in time.
    let excusable = registration.moved || rules::promoted_late(&activity.terms, registration);
    let blameless = is_absent(&attendance) && excusable;
    let came = match &attendance {
        Attendance::Present { .. } => Some(true),
        Attendance::Absent { .. } if !blameless => Some(false),
        _ => None,
    };
    history::attended(tx, &activity.terms, registration, came)?;
    let Some(rule) = activity.terms.settings.absence.filter(|_| !blameless) else { return Ok(()) };
    if is_absent(&attendance) {
        let struck = history::strike(tx, registration, 2, rule)?;
        if let Some(history::Struck { halves, barred }) = struck {
            let number = registration.number;
            holder::tell(tx, registration, Telling::Absent { number, halves, barred })?;
        }
    } else if before.as_ref().is_some_and(is_absent) {
        let reason = match &attendance {
            Attendance::Excused { reason } => reason.as_str(),
            _ => "came",
        };
        history::lift(tx, registration, reason)?;
    }
    Ok(())
}

/// Nobody's fault any more: an absence, or a half one, is taken back, and an appeal to it that waits is answered so.
pub(super) fn excuse(
    tx: &mut Tx,
    activity: &Activity,
    registration: &mut Registration,
    reason: &str,
) -> Result<(), Fault> {
    if matches!(registration.attendance, Some(Attendance::Absent { .. })) {
        mark(tx, activity, registration, Attendance::Excused { reason: reason.to_owned() })?;
    }
    history::lift(tx, registration, reason)?;
    let key = registration.number.key();
    if let Some(appeal) = tx.get(&APPEALS, &key)?.filter(|appeal| appeal.answer.is_none()) {
        let answer = AppealAnswer { lifted: true, reason: reason.to_owned(), at: tx.moment().now };
        tx.put(&APPEALS, &key, &Appeal { answer: Some(answer), ..appeal })?;
    }
    Ok(())
}

/// The session is still to come after all: nothing is known of who comes.
pub(super) fn begin_anew(
    tx: &mut Tx,
    activity: &Activity,
    registration: &mut Registration,
) -> Result<(), Fault> {
    excuse(tx, activity, registration, "moved")?;
    let key = (registration.number.activity, registration.number.session);
    if let Some(Attendance::Present { .. }) = registration.attendance.take()
        && let Some(mut count) = tx.get(&SESSION_COUNTS, &key)?
    {
        count.present = count.present.saturating_sub(1);
        tx.put(&SESSION_COUNTS, &key, &count)?;
    }
    registration.wrong_codes = 0;
    tx.put(&REGISTRATIONS, &registration.number.key(), registration)?;
    history::attended(tx, &activity.terms, registration, None)
}

/// Did the session come to its end, with people who came?
pub(super) fn took_place(tx: &Tx, activity: &Activity, session: u16) -> Result<bool, Fault> {
    let now = tx.moment().now;
    let over = activity.terms.session(session).is_some_and(|session| session.ends <= now);
    Ok(over && tx.get(&SESSION_COUNTS, &(activity.id, session))?.is_some_and(|count| count.present > 0))
}

/// After the session: who is confirmed and isn't known to have come was absent. Where nobody checked in at all the code
/// was not shown: nobody is blamed, and staff are told, who may say who came.
pub fn roll(tx: &mut Tx, id: u32, session: u16, after: Option<u32>) -> Result<(), Fault> {
    let Some(activity) = tx.get(&ACTIVITIES, &id)? else { return Ok(()) };
    let mut count = tx.get(&SESSION_COUNTS, &(id, session))?.unwrap_or_default();
    // Since it was set, staff may have said that they take the roll themselves.
    if after.is_none() && activity.terms.settings.check_in != CheckIn::Code {
        return Ok(());
    }
    if after.is_some() || count.present > 0 {
        return rest_absent(tx, &activity, session, after);
    }
    if count.confirmed > 0 && may_roll(&activity, session, tx.moment().now) && !count.unrecorded {
        count.unrecorded = true;
        tx.put(&SESSION_COUNTS, &(id, session), &count)?;
        let detail =
            format!("session {session}: nobody checked in, so attendance is not recorded and nobody absent");
        let subject = ActivityCode(id).to_string();
        let note = Note {
            who: "service",
            act: "activity.unrecorded",
            subject: &subject,
            detail: &detail,
            done: true,
        };
        append(tx, note)?;
    }
    Ok(())
}

/// Is it over, so that who came is known?
fn may_roll(activity: &Activity, session: u16, now: Time) -> bool {
    rest_known_from(activity, session).is_some_and(|from| from <= now) && !called_off(activity)
}

/// From when on who has not checked in, or isn't on staff's list, was absent; `None`: there is no such session.
pub fn rest_known_from(activity: &Activity, session: u16) -> Option<Time> {
    let session = activity.terms.session(session)?;
    let by_code = activity.terms.settings.check_in == CheckIn::Code;
    Some(if by_code { session.ends } else { session.starts })
}

/// Those of whom nothing is known were absent, as staff say or since others checked in. A timer goes on with what is
/// more than one commit does.
pub fn rest_absent(tx: &mut Tx, activity: &Activity, session: u16, after: Option<u32>) -> Result<(), Fault> {
    let id = activity.id;
    if !may_roll(activity, session, tx.moment().now) {
        return Ok(());
    }
    let cursor = after.map(|number| (id, session, number));
    let page = tx.scan(&REGISTRATIONS, &(id, session), cursor.as_ref(), ROLLED_PER_STEP)?;
    let at = tx.moment().now;
    for (_, mut registration) in page.rows {
        if registration.status == Status::Confirmed && registration.attendance.is_none() {
            mark(tx, activity, &mut registration, Attendance::Absent { at })?;
        }
    }
    let Some((_, _, last)) = page.next else { return Ok(()) };
    timers::set(tx, at, Timer::Roll { activity: id, session, after: Some(last) })
}

/// 申诉: the follower says why; staff answer. One a sign-up.
pub fn appeal(
    tx: &mut Tx,
    who: &FollowerId,
    number: RegistrationNumber,
    says: &str,
) -> Result<Result<(), Refusal>, Fault> {
    let (activity, registration) = match may_appeal(tx, who, number)? {
        Ok(of) => of,
        Err(refusal) => return Ok(Err(refusal)),
    };
    forget::forget_appeal_later(tx, &activity, &registration)?;
    let says: String = says.trim().chars().take(APPEAL_CHARS_MAX).collect();
    let at = tx.moment().now;
    let appeal = Appeal { number, follower: who.clone(), says: Sealed::new(says), at, answer: None };
    tx.put(&APPEALS, &number.key(), &appeal)?;
    Ok(Ok(()))
}

pub const APPEAL_CHARS_MAX: usize = 200;

pub fn may_appeal(
    tx: &Tx,
    who: &FollowerId,
    number: RegistrationNumber,
) -> Result<Result<(Activity, Registration), Refusal>, Fault> {
    let Some((activity, registration)) = holder::own(tx, who, number)? else {
        return Ok(Err(Refusal::NothingToAppeal));
    };
    let history = history::of_holder(tx, &registration)?;
    let struck = history.strikes.iter().any(|strike| strike.number == number && strike.lifted.is_none());
    if !struck {
        return Ok(Err(Refusal::NothingToAppeal));
    }
    match tx.get(&APPEALS, &number.key())? {
        Some(_) => Ok(Err(Refusal::AlreadyAppealed)),
        None => Ok(Ok((activity, registration))),
    }
}

/// The latest absence of this follower that still counts.
pub fn latest_strike(tx: &Tx, who: &FollowerId) -> Result<Option<RegistrationNumber>, Fault> {
    let standing = crate::domain::member::standing::standing(tx, who)?;
    let history = history::of(tx, &standing.person(who), who)?;
    Ok(history.strikes.iter().rev().find(|strike| strike.lifted.is_none()).map(|strike| strike.number))
}

/// Staff take an absence back, or say why not; who appealed is told. False if there was none.
pub fn answer(tx: &mut Tx, number: RegistrationNumber, lifted: bool, reason: &str) -> Result<bool, Fault> {
    let (Some(activity), Some(mut registration)) =
        (tx.get(&ACTIVITIES, &number.activity)?, tx.get(&REGISTRATIONS, &number.key())?)
    else {
        return Ok(false);
    };
    let appeal = tx.get(&APPEALS, &number.key())?;
    if lifted {
        let excused = Attendance::Excused { reason: reason.to_owned() };
        let absent = matches!(registration.attendance, Some(Attendance::Absent { .. }));
        let done = history::lift(tx, &registration, reason)?;
        if !done {
            return Ok(false);
        }
        if absent {
            mark(tx, &activity, &mut registration, excused)?;
        }
    } else if appeal.as_ref().is_none_or(|appeal| appeal.answer.is_some()) {
        return Ok(false);
    }
    if let Some(mut appeal) = appeal {
        let (reason, at) = (reason.to_owned(), tx.moment().now);
        appeal.answer = Some(AppealAnswer { lifted, reason, at });
        tx.put(&APPEALS, &number.key(), &appeal)?;
    }
    let reason = reason.to_owned();
    holder::tell(tx, &registration, Telling::AppealAnswered { number, lifted, reason })?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_change_with_time_and_session() {
        let at = Time::from_unix_s(1_796_000_040);
        let code = |session, at| six_digits("secret", session, window(at));
        assert_eq!(code(1, at).len(), 6);
        assert_eq!(code(1, at), code(1, at.plus(Duration::from_secs(30))));
        assert_ne!(code(1, at), code(1, at.plus(CODE_LASTS)));
        assert_ne!(code(1, at), code(2, at));
    }
}
