//! What a follower told for their sign-ups goes some time after the session (domain rules, 5.2), and with 注销 once no seat
//! needs it any more. What is counted stays: that somebody signed up, came or didn't.

use std::collections::BTreeSet;
use std::time::Duration;

use super::holder;
use super::record::*;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::Person;
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// What was told is kept so many days after the session where the activity doesn't say; never longer.
pub const KEPT_DAYS: u16 = 365;
/// The same of who brings children, whatever the activity says.
pub const CHILDREN_KEPT_DAYS: u16 = 90;

/// Sign-ups looked at in one step.
const PER_STEP: usize = 10;
/// Sign-ups among which one is looked for that still tells a phone or an address, the latest activities first.
const LOOKED_AT: usize = 20;
/// Activities of an earlier version whose timers are set in one step.
const ACTIVITIES_PER_STEP: usize = 5;

/// The mark of a store whose activities all have their timers.
const MARK: &str = "sign-ups are forgotten";

/// How many days it is kept by these settings, of who brings no children.
pub fn keep_days(settings: &Settings) -> u16 {
    if settings.keep_days == 0 { KEPT_DAYS } else { settings.keep_days }
}

/// How long what a sign-up told is kept after its session.
fn kept_for(activity: &Activity, brings_children: bool) -> Duration {
    let days = keep_days(&activity.terms.settings);
    let days = if brings_children { days.min(CHILDREN_KEPT_DAYS) } else { days };
    Duration::from_secs(86_400 * u64::from(days))
}

fn kept_for_one(activity: &Activity, registration: &Registration) -> Duration {
    kept_for(activity, !registration.party.children.is_empty())
}

/// Until when what was told for this sign-up is kept.
pub fn kept_until(activity: &Activity, registration: &Registration) -> Time {
    let session = activity.terms.session(registration.number.session);
    let ends = session.map_or(registration.created, |session| session.ends);
    ends.plus(kept_for_one(activity, registration))
}

/// Sets the timers of an activity's sessions; called whenever it is published or changed.
pub(super) fn prepare(tx: &mut Tx, activity: &Activity) -> Result<(), Fault> {
    for (session, number) in activity.terms.sessions.iter().zip(1..) {
        let timer = Timer::ForgetSession { activity: activity.id, session: number, after: None };
        timers::set(tx, session.ends.plus(kept_for(activity, true)), timer)?;
    }
    Ok(())
}

/// Forgets the next few sign-ups of a session whose time is over, and comes back for those that are kept longer.
pub fn session(tx: &mut Tx, id: u32, session: u16, after: Option<u32>) -> Result<(), Fault> {
    let Some(activity) = tx.get(&ACTIVITIES, &id)? else { return Ok(()) };
    let Some(ends) = activity.terms.session(session).map(|session| session.ends) else { return Ok(()) };
    let now = tx.moment().now;
    let ends_of = [true, false].map(|children| ends.plus(kept_for(&activity, children)));
    let mut next = ends_of.into_iter().find(|end| now < *end).map(|end| (end, None));
    // It may have been moved since the timer was set.
    if ends_of[0] <= now {
        let after = after.map(|number| (id, session, number));
        let page = tx.scan(&REGISTRATIONS, &(id, session), after.as_ref(), PER_STEP)?;
        for (_, registration) in page.rows {
            if kept_until(&activity, &registration) <= now {
                forget_roll(tx, &activity, registration)?;
            }
        }
        if let Some((_, _, last)) = page.next {
            next = Some((now, Some(last)));
        }
    }
    let Some((at, after)) = next else { return Ok(()) };
    timers::set(tx, at, Timer::ForgetSession { activity: id, session, after })
}

/// One sign-up of the roll. A parcel's address has a time of its own, and so has an appeal, which may be made later.
fn forget_roll(tx: &mut Tx, activity: &Activity, mut registration: Registration) -> Result<(), Fault> {
    let (number, now) = (registration.number, tx.moment().now);
    if forget_told(&mut registration, now) {
        tx.put(&REGISTRATIONS, &number.key(), &registration)?;
    }
    if let Some(appeal) = tx.get(&APPEALS, &number.key())? {
        let until = appeal.at.plus(kept_for_one(activity, &registration));
        match until <= now {
            true => tx.delete(&APPEALS, &number.key())?,
            false => timers::set(tx, until, Timer::ForgetSignUp { registration: number })?,
        }
    }
    forget_profile(tx, &registration.follower)
}

/// An appeal that was made when the rest had been forgotten goes after the same time.
pub(super) fn forget_appeal_later(
    tx: &mut Tx,
    activity: &Activity,
    registration: &Registration,
) -> Result<(), Fault> {
    let now = tx.moment().now;
    if now < kept_until(activity, registration) {
        return Ok(());
    }
    let at = now.plus(kept_for_one(activity, registration));
    timers::set(tx, at, Timer::ForgetSignUp { registration: registration.number })
}

/// The phone for the next time goes with the last sign-up that tells one, and so does the address.
fn forget_profile(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    let Some(mut profile) = tx.get(&PROFILES, who)? else { return Ok(()) };
    let mut told = BTreeSet::new();
    for ((_, activity, session), number) in tx.scan_back(&PLACES, &(who.clone(),), None, LOOKED_AT)?.rows {
        if let Some(row) = tx.get(&REGISTRATIONS, &(activity, session, number))? {
            told.extend(row.answers.iter().filter_map(|answer| Some(answer.value.for_next_time()?.0)));
        }
    }
    profile.answers.retain(|kind, _| told.contains(kind.as_str()));
    match profile.answers.is_empty() {
        true => tx.delete(&PROFILES, who),
        false => tx.put(&PROFILES, who, &profile),
    }
}

/// At the start of a service: activities of an earlier version have no timers yet.
pub fn begin_with_older(tx: &mut Tx) -> Result<(), Fault> {
    timers::set_once(tx, MARK, Timer::ForgetOlder { after: None })
}

/// Sets the timers of the next few.
pub fn older(tx: &mut Tx, after: Option<u32>) -> Result<(), Fault> {
    let page = tx.scan(&ACTIVITIES, &(), after.as_ref(), ACTIVITIES_PER_STEP)?;
    for (_, activity) in &page.rows {
        prepare(tx, activity)?;
    }
    match page.next {
        Some(after) => timers::set(tx, tx.moment().now, Timer::ForgetOlder { after: Some(after) }),
        None => Ok(()),
    }
}

/// 注销 begins; the rest goes in steps of a few rows each.
pub fn begin(tx: &mut Tx, who: &FollowerId, member: Option<MemberId>) -> Result<(), Fault> {
    let now = tx.moment().now;
    let account = Person::Follower(who.clone());
    for whose in std::iter::once(account).chain(member.map(Person::Member)) {
        timers::set(tx, now, Timer::Forget { whose, after: None })?;
    }
    Ok(())
}

/// The next few sign-ups of an account, or of a member by whatever account.
pub fn step(tx: &mut Tx, whose: &Person, after: Option<(u32, u16)>) -> Result<(), Fault> {
    let (found, next) = match whose {
        Person::Follower(who) => {
            let after = after.map(|(activity, session)| (who.clone(), activity, session));
            let page = tx.scan(&PLACES, &(who.clone(),), after.as_ref(), PER_STEP)?;
            let found: Vec<_> = page.rows.into_iter().map(|((_, a, s), number)| (a, s, number)).collect();
            (found, page.next.map(|(_, activity, session)| (activity, session)))
        }
        Person::Member(member) => {
            let after = after.map(|(activity, session)| (*member, activity, session));
            let page = tx.scan(&HELD, &(*member,), after.as_ref(), PER_STEP)?;
            let found: Vec<_> = page.rows.into_iter().map(|((_, a, s), number)| (a, s, number)).collect();
            (found, page.next.map(|(_, activity, session)| (activity, session)))
        }
    };
    for (activity, session, number) in found {
        let number = RegistrationNumber { activity, session, number };
        let elsewhere = match whose {
            Person::Follower(who) => holder::own(tx, who, number)?.is_none(),
            Person::Member(_) => false,
        };
        if !elsewhere {
            sign_up(tx, number)?;
        }
    }
    match next {
        Some(after) => {
            let whose = whose.clone();
            timers::set(tx, tx.moment().now, Timer::Forget { whose, after: Some(after) })
        }
        None => Ok(()),
    }
}

/// One sign-up: what was told for it goes now, or when its session is over.
pub fn sign_up(tx: &mut Tx, number: RegistrationNumber) -> Result<(), Fault> {
    let Some(mut registration) = tx.get(&REGISTRATIONS, &number.key())? else { return Ok(()) };
    let activity = tx.get(&ACTIVITIES, &number.activity)?;
    let ends =
        activity.and_then(|activity| activity.terms.session(number.session).map(|session| session.ends));
    if let Some(ends) = ends.filter(|ends| registration.status.is_live() && *ends > tx.moment().now) {
        return timers::set(tx, ends, Timer::ForgetSignUp { registration: number });
    }
    if forget_told(&mut registration, tx.moment().now) {
        tx.put(&REGISTRATIONS, &number.key(), &registration)?;
    }
    tx.delete(&APPEALS, &number.key())?;
    match tx.get(&KITS, &number.key())? {
        Some(mut kit) if kit.state.parcel().is_some() => {
            kit.to = None;
            tx.put(&KITS, &number.key(), &kit)
        }
        Some(_) => tx.delete(&KITS, &number.key()),
        None => Ok(()),
    }
}

/// Is there anything that [`forget_told`] takes out?
pub fn has_told(registration: &Registration) -> bool {
    let Companions { children, adult_ages, .. } = &registration.party;
    !registration.answers.is_empty() || adult_ages.iter().chain(children).any(|age| *age > 0)
}

/// Takes out what was told, and how old everybody is; false if there was nothing.
pub(super) fn forget_told(registration: &mut Registration, now: Time) -> bool {
    let told = has_told(registration);
    if told {
        registration.answers.clear();
        registration.party.children.fill(0);
        registration.party.adult_ages.clear();
        registration.forgotten = Some(now);
    }
    told
}
