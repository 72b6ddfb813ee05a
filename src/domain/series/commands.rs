//! Made by staff, gone on with by a timer.

use super::record::{Recurrence, Rule};
use crate::domain::activity::manage;
use crate::domain::counters::next_number;
use crate::domain::tables::{SERIES_ROUNDS, SERIES_RULES};
use crate::domain::timers::{self, Timer};
use crate::store::{Fault, Tx};

/// Why staff are told no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeriesRefusal {
    #[error("there is no such series")]
    Unknown,
    #[error("the series was stopped")]
    Stopped,
}

impl SeriesRefusal {
    pub fn code(&self) -> &'static str {
        match self {
            SeriesRefusal::Unknown => "unknown_series",
            SeriesRefusal::Stopped => "stopped",
        }
    }
}

/// Rounds whose time was over before they could be made, left out in one step.
const PASSED_PER_STEP: u32 = 60;

pub fn create(tx: &mut Tx, rule: Rule) -> Result<Recurrence, Fault> {
    let id = next_number(tx, "series")? as u32;
    let now = tx.moment().now;
    let recurrence = Recurrence { id, rule, next: 1, stopped: None, created: now, changed: now };
    wait_for_next(tx, &recurrence)?;
    tx.put(&SERIES_RULES, &id, &recurrence)?;
    Ok(recurrence)
}

/// No more rounds are made; those that are made stay. Said twice, it is done once.
pub fn stop(tx: &mut Tx, id: u32) -> Result<Result<Recurrence, SeriesRefusal>, Fault> {
    let Some(mut recurrence) = tx.get(&SERIES_RULES, &id)? else { return Ok(Err(SeriesRefusal::Unknown)) };
    if recurrence.stopped.is_none() {
        let now = tx.moment().now;
        recurrence.stopped = Some(now);
        recurrence.changed = now;
        tx.put(&SERIES_RULES, &id, &recurrence)?;
    }
    Ok(Ok(recurrence))
}

/// Replaces the rule for the rounds that are still to be made.
pub fn change(tx: &mut Tx, id: u32, rule: Rule) -> Result<Result<Recurrence, SeriesRefusal>, Fault> {
    let Some(mut recurrence) = tx.get(&SERIES_RULES, &id)? else { return Ok(Err(SeriesRefusal::Unknown)) };
    if recurrence.stopped.is_some() {
        return Ok(Err(SeriesRefusal::Stopped));
    }
    recurrence.rule = rule;
    recurrence.changed = tx.moment().now;
    wait_for_next(tx, &recurrence)?;
    tx.put(&SERIES_RULES, &id, &recurrence)?;
    Ok(Ok(recurrence))
}

fn wait_for_next(tx: &mut Tx, recurrence: &Recurrence) -> Result<(), Fault> {
    if recurrence.rule.is_over(recurrence.next) {
        return Ok(());
    }
    let at = recurrence.rule.made_at(recurrence.next);
    timers::set(tx, at, Timer::Round { series: recurrence.id, round: recurrence.next })
}

/// Makes and publishes a round, and waits for the next. A round whose sign-up is over already, or that falls on a day
/// to skip, is left out.
pub fn make_round(tx: &mut Tx, id: u32, round: u32) -> Result<(), Fault> {
    let Some(mut recurrence) = tx.get(&SERIES_RULES, &id)? else { return Ok(()) };
    let now = tx.moment().now;
    let stale = recurrence.next != round || recurrence.stopped.is_some();
    if stale || recurrence.rule.is_over(round) || now < recurrence.rule.made_at(round) {
        return Ok(());
    }
    for _ in 0..PASSED_PER_STEP {
        let terms = recurrence.rule.round(recurrence.next);
        let falls_out = recurrence.rule.skip.contains(&terms.sign_up.opens.date().to_string());
        if recurrence.rule.is_over(recurrence.next) {
            break;
        }
        if !falls_out && terms.sign_up.closes > now {
            let activity = manage::create(tx, terms)?;
            if manage::publish(tx, activity.id)?.is_ok() {
                tx.put(&SERIES_ROUNDS, &(id, recurrence.next), &activity.id)?;
            }
            recurrence.next += 1;
            break;
        }
        recurrence.next += 1;
        if recurrence.rule.made_at(recurrence.next) > now {
            break;
        }
    }
    wait_for_next(tx, &recurrence)?;
    tx.put(&SERIES_RULES, &id, &recurrence)
}

/// The latest rounds that were made, newest first: (round, activity).
pub fn rounds(tx: &Tx, id: u32, limit: usize) -> Result<Vec<(u32, u32)>, Fault> {
    let page = tx.scan_back(&SERIES_ROUNDS, &(id,), None, limit)?;
    Ok(page.rows.into_iter().map(|((_, round), activity)| (round, activity)).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::activity::record::{ActivityState, sample_terms};
    use crate::domain::tables::{ACTIVITIES, CATALOG};
    use crate::store::testing::Bench;

    const WEEK: Duration = Duration::from_secs(7 * 86_400);

    fn rule() -> Rule {
        let first = sample_terms();
        let skip = vec![first.sign_up.opens.plus(WEEK).date().to_string()];
        Rule { first, every_weeks: 1, ahead_hours: 24, rounds: Some(4), skip }
    }

    #[test]
    fn rounds_are_made_in_their_time_but_on_days_to_skip() {
        let mut bench = Bench::new(CATALOG);
        bench.moment.now = rule().made_at(1);
        let id = bench.run(|tx| create(tx, rule())).unwrap().id;
        for round in [1, 1, 2, 3, 4, 5] {
            bench.moment.now = bench.moment.now.max(rule().made_at(round));
            bench.run(|tx| make_round(tx, id, round)).unwrap();
        }
        let made = bench.run(|tx| rounds(tx, id, 10)).unwrap();
        assert_eq!(made.iter().map(|(round, _)| *round).collect::<Vec<_>>(), [4, 3, 1]);
        let activity = bench.run(|tx| tx.get(&ACTIVITIES, &made[0].1)).unwrap().unwrap();
        assert_eq!(activity.state, ActivityState::Published);
        assert_eq!(activity.terms.sign_up.opens, rule().first.sign_up.opens.plus(WEEK * 3));
    }

    #[test]
    fn what_was_missed_is_left_out_and_a_stopped_series_makes_nothing() {
        let mut bench = Bench::new(CATALOG);
        bench.moment.now = rule().made_at(4);
        let id = bench.run(|tx| create(tx, Rule { skip: Vec::new(), ..rule() })).unwrap().id;
        bench.run(|tx| make_round(tx, id, 1)).unwrap();
        assert_eq!(bench.run(|tx| rounds(tx, id, 10)).unwrap().len(), 1, "only the one that is still open");
        let other = bench.run(|tx| create(tx, rule())).unwrap().id;
        bench.run(|tx| stop(tx, other)).unwrap().unwrap();
        bench.run(|tx| make_round(tx, other, 1)).unwrap();
        assert_eq!(bench.run(|tx| rounds(tx, other, 10)).unwrap(), []);
    }
}
