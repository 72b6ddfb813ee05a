//! Answers to staff calls, under their idempotency keys for as long as a call may be repeated. They tell of people, if masked,
//! so they don't stay.

use std::time::Duration;

use super::record::StoredAnswer;
use crate::domain::tables::ANSWERS;
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Longer than anybody repeats a call of which no answer came.
const KEPT_FOR: Duration = Duration::from_secs(7 * 86_400);
const DAY: Duration = Duration::from_secs(86_400);
const PER_STEP: usize = 100;

/// (name of the staff, idempotency key)
pub type AnswerKey = (String, String);

/// Keeps it; those of one day have one timer.
pub fn keep(tx: &mut Tx, key: &AnswerKey, answer: &StoredAnswer) -> Result<(), Fault> {
    let today = Time::at(answer.at.date(), 0, 0).unwrap_or(answer.at);
    timers::set(tx, today.plus(DAY + KEPT_FOR), Timer::ForgetAnswers { after: None })?;
    tx.put(&ANSWERS, key, answer)
}

/// Forgets those of the next few whose time is over, an earlier version's too.
pub fn forget(tx: &mut Tx, after: Option<&AnswerKey>) -> Result<(), Fault> {
    let now = tx.moment().now;
    let page = tx.scan(&ANSWERS, &(), after, PER_STEP)?;
    for (key, _) in page.rows.iter().filter(|(_, answer)| answer.at.plus(KEPT_FOR) <= now) {
        tx.delete(&ANSWERS, key)?;
    }
    match page.next {
        Some(after) => timers::set(tx, now, Timer::ForgetAnswers { after: Some(after) }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tables::{CATALOG, TIMERS};
    use crate::domain::timers::fire;
    use crate::store::testing::Bench;

    #[test]
    fn an_answer_is_found_for_a_week_and_then_gone() {
        let mut bench = Bench::new(CATALOG);
        for n in 0..250 {
            bench
                .run(|tx| {
                    let at = tx.moment().now;
                    let answer = StoredAnswer { request: String::new(), at, answer: "{}".to_owned() };
                    keep(tx, &("wang".to_owned(), format!("{n:03}")), &answer)
                })
                .unwrap();
        }
        let rows = |bench: &mut Bench| {
            let rows = |tx: &mut Tx| {
                Ok((
                    tx.scan(&ANSWERS, &(), None, 300)?.rows.len(),
                    tx.scan(&TIMERS, &(), None, 9)?.rows.len(),
                ))
            };
            bench.run(rows).unwrap()
        };
        bench.moment.now = bench.moment.now.plus(KEPT_FOR);
        while bench.run(fire).unwrap() {}
        assert_eq!(rows(&mut bench), (250, 1));
        bench.moment.now = bench.moment.now.plus(DAY);
        while bench.run(fire).unwrap() {}
        assert_eq!(rows(&mut bench), (0, 0));
    }
}
