//! Reminders before a session begins.

use std::time::Duration;

use super::holder;
use super::record::*;
use crate::domain::outbox::record::Notice as Telling;
use crate::domain::tables::{ACTIVITIES, REGISTRATIONS};
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Sign-ups looked at in one step.
const PER_STEP: usize = 14;

/// A session as it stood when the reminder was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub activity: u32,
    pub session: u16,
    pub starts: Time,
}

/// Sets what is still to come; setting it again changes nothing.
pub fn set(tx: &mut Tx, activity: &Activity) -> Result<(), Fault> {
    let now = tx.moment().now;
    for (index, session) in activity.terms.sessions.iter().enumerate() {
        for hours in &activity.terms.settings.remind_hours {
            let at = session.starts.minus(Duration::from_secs(3600 * u64::from(*hours)));
            if at > now {
                let (starts, hours, session) = (session.starts, *hours, index as u16 + 1);
                let timer = Timer::Remind { activity: activity.id, session, starts, hours, after: None };
                timers::set(tx, at, timer)?;
            }
        }
    }
    Ok(())
}

/// Reminds the next few and comes back for the rest. A session that was moved or called off since reminds nobody.
pub fn remind(tx: &mut Tx, due: Due, hours: u16, after: Option<u32>) -> Result<(), Fault> {
    let Some(activity) = tx.get(&ACTIVITIES, &due.activity)? else { return Ok(()) };
    let stands = activity.terms.session(due.session).is_some_and(|session| session.starts == due.starts);
    let alive = matches!(activity.state, ActivityState::Published | ActivityState::Closed { .. });
    let late = tx.moment().now >= due.starts;
    if !stands || !alive || late || !activity.terms.settings.remind_hours.contains(&hours) {
        return Ok(());
    }
    let key = (due.activity, due.session);
    let after = after.map(|number| (key.0, key.1, number));
    let page = tx.scan(&REGISTRATIONS, &key, after.as_ref(), PER_STEP)?;
    for (_, registration) in page.rows {
        if registration.status == Status::Confirmed {
            let number = registration.number;
            holder::tell(tx, &registration, Telling::Reminder { number, hours })?;
        }
    }
    let Some((_, _, last)) = page.next else { return Ok(()) };
    let Due { activity, session, starts } = due;
    let timer = Timer::Remind { activity, session, starts, hours, after: Some(last) };
    timers::set(tx, tx.moment().now, timer)
}
