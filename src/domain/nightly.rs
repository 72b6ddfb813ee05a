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

/// Has its time come since the latest one, or since the service began? One that was missed is made up for.
pub fn is_due(tx: &Tx, began: Time) -> Result<bool, Fault> {
    let last = latest(tx)?.map_or(began, |night| night.began);
    Ok(last < time_before(tx.moment().now))
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
