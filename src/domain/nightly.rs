//! The check of the night: when it is due, and what came of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::tables::NIGHTS;
use crate::domain::trail::commands::{Note, append};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// In Asia/Shanghai: nothing is released then.
const HOUR: i8 = 3;
const MINUTE: i8 = 30;
const DAY: Duration = Duration::from_secs(86_400);

const LATEST: u8 = 0;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Night {
    pub began: Time,
    /// Rows that are not as they were written, and what else `verify` finds.
    pub damaged: u64,
    /// What does not hold between rows: `audit`.
    pub broken: u64,
}

impl Night {
    pub fn is_well(&self) -> bool {
        self.damaged == 0 && self.broken == 0
    }
}

pub fn latest(tx: &Tx) -> Result<Option<Night>, Fault> {
    tx.get(&NIGHTS, &LATEST)
}

/// Has its time come since the latest one, or since the service began? One that was missed is made up for; one of a time to come was
/// of a clock that was ahead, and would keep the check from being made until then.
pub fn is_due(tx: &Tx, began: Time) -> Result<bool, Fault> {
    let (last, now) = (latest(tx)?.map_or(began, |night| night.began), tx.moment().now);
    Ok(last > now || last < time_before(now))
}

/// The last time for it by now.
fn time_before(now: Time) -> Time {
    let today = Time::at(now.date(), HOUR, MINUTE).unwrap_or(now);
    if today <= now { today } else { today.minus(DAY) }
}

/// Writes down what came of it; `first`: some of what was found.
pub fn note(tx: &mut Tx, night: &Night, first: &[String]) -> Result<(), Fault> {
    tx.put(&NIGHTS, &LATEST, night)?;
    let detail = match night.is_well() {
        true => "sound and consistent".to_owned(),
        false => format!("{} damaged, {} broken: {}", night.damaged, night.broken, first.join("; ")),
    };
    append(
        tx,
        Note { who: "service", act: "store.nightly", subject: "", detail: &detail, done: night.is_well() },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tables::CATALOG;
    use crate::store::testing::Bench;

    #[test]
    fn a_clock_that_was_ahead_for_a_while_keeps_no_night_from_being_checked() {
        let mut bench = Bench::new(CATALOG);
        let now = bench.moment.now;
        let ahead = Night { began: now.plus(400 * DAY), damaged: 0, broken: 0 };
        bench.run(|tx| note(tx, &ahead, &[])).unwrap();
        assert!(bench.run(|tx| is_due(tx, now)).unwrap());
        bench.run(|tx| note(tx, &Night { began: now, ..ahead.clone() }, &[])).unwrap();
        assert!(!bench.run(|tx| is_due(tx, now)).unwrap());
    }
}
