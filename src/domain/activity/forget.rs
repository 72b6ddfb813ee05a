//! What a follower told for their sign-ups goes with 注销, once no seat needs it any more. What is counted stays: that
//! somebody signed up, came or didn't.

use super::holder;
use super::record::*;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::Person;
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::store::{Fault, Tx};

/// Sign-ups looked at in one step.
const PER_STEP: usize = 10;

/// Begins; the rest goes in steps of a few rows each.
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
    let index = usize::from(number.session).saturating_sub(1);
    let activity = tx.get(&ACTIVITIES, &number.activity)?;
    let ends = activity.and_then(|activity| activity.terms.sessions.get(index).map(|session| session.ends));
    if let Some(ends) = ends.filter(|ends| registration.status.is_live() && *ends > tx.moment().now) {
        return timers::set(tx, ends, Timer::ForgetSignUp { registration: number });
    }
    if forget_told(&mut registration) {
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

/// Takes out what was told freely, and how old everybody is; false if there was nothing. Choices and numbers are no
/// personal data by their kind.
pub(super) fn forget_told(registration: &mut Registration) -> bool {
    let before = registration.clone();
    registration.answers.retain(|answer| matches!(answer.value, AnswerValue::Plain(_)));
    registration.party.children.fill(0);
    registration.party.adult_ages.clear();
    *registration != before
}
