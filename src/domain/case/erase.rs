//! What was told in a case goes when it is no longer needed: some days after its end, at once where the form promises so,
//! and with 注销.

use std::time::Duration;

use super::moves::{self, DAY, Why};
use super::record::*;
use super::rules::Act;
use super::{entries, pairs, queue};
use crate::domain::contact::record::FollowerId;
use crate::domain::media::commands::own_until;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::Person;
use crate::domain::tables::{CASE_ANSWERS, CASE_ENTRIES, CASES_OF};
use crate::domain::timers::{self, Timer};
use crate::store::{Fault, Sealed, Tx};

/// For pictures of a case that isn't over: longer than any takes.
pub(super) const KEPT_WHILE_LIVE: Duration = Duration::from_secs(10 * 366 * 86_400);
/// Cases of one person looked at by one 注销; there are few.
const OF_ONE_PERSON: usize = 200;

/// It is over: when is what was told erased? A case that comes to life again meanwhile is left alone.
pub(super) fn when_over(tx: &mut Tx, id: CaseId, case: &Case) -> Result<(), Fault> {
    let kept = if case.submitted.is_none() { 0 } else { u32::from(case.plan.keep_days) };
    let over = case.since.plus(DAY * kept);
    for picture in entries::pictures(tx, id)? {
        own_until(tx, picture, over)?;
    }
    timers::set(tx, over, Timer::CaseErase { case: id, number: case.moves })
}

/// It goes on: so does what was sent.
pub(super) fn keep(tx: &mut Tx, id: CaseId) -> Result<(), Fault> {
    let until = tx.moment().now.plus(KEPT_WHILE_LIVE);
    for picture in entries::pictures(tx, id)? {
        own_until(tx, picture, until)?;
    }
    Ok(())
}

/// Erases what was told, if the case did not move since. What happened when stays, for the figures.
pub fn erase(tx: &mut Tx, id: CaseId, number: u32) -> Result<(), Fault> {
    let Some(before) = queue::get(tx, id)?.filter(|case| case.moves == number && case.status.is_over())
    else {
        return Ok(());
    };
    let now = tx.moment().now;
    for picture in entries::pictures(tx, id)? {
        own_until(tx, picture, now)?;
    }
    for (name, _) in entries::answers(tx, id)? {
        tx.delete(&CASE_ANSWERS, &(id, name))?;
    }
    for (number, entry) in entries::of(tx, id)? {
        if !entry.words.reveal().is_empty() || entry.picture.is_some() {
            let bare = Entry { words: Sealed::default(), picture: None, ..entry };
            tx.put(&CASE_ENTRIES, &(id, number), &bare)?;
        }
    }
    pairs::forget(tx, id)?;
    let case = Case { erased: true, unread: false, changed: now, ..before.clone() };
    queue::save(tx, id, Some(&before), &case)
}

/// 注销: what is open is taken back, and what no law keeps is erased at once.
pub fn of_person(tx: &mut Tx, who: &FollowerId, member: Option<MemberId>) -> Result<(), Fault> {
    let persons = member.map(Person::Member).into_iter().chain([Person::Follower(who.clone())]);
    leave(tx, persons.collect(), |_| true)
}

/// Who leaves the account, or takes their consents back, takes drafts and what pairs people along; what staff owe an
/// answer to stays.
pub fn of_leaver(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    let persons = queue::persons(tx, who)?;
    leave(tx, persons, |case| case.status == Status::Draft || case.plan.pairs)
}

fn leave(tx: &mut Tx, persons: Vec<Person>, goes: impl Fn(&Case) -> bool) -> Result<(), Fault> {
    let now = tx.moment().now;
    for whose in persons {
        for ((_, id), ()) in tx.scan(&CASES_OF, &(whose,), None, OF_ONE_PERSON)?.rows {
            let Some(before) = queue::get(tx, id)?.filter(|case| !case.erased && goes(case)) else {
                continue;
            };
            let mut case = before.clone();
            let act = if case.status == Status::Draft { Act::Drop } else { Act::Withdraw };
            if !case.status.is_over() {
                _ = moves::go(tx, id, &before, &mut case, act, Why::none(By::Follower))?;
            }
            if !case.plan.kept_by_law {
                timers::set(tx, now, Timer::CaseErase { case: id, number: case.moves })?;
            }
        }
    }
    Ok(())
}
