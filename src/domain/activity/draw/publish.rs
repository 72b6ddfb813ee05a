//! The promise made with an activity's publication, and the timer that keeps it.

use super::record::{Draw, Stage};
use super::{secret, shuffle};
use crate::domain::activity::record::*;
use crate::domain::tables::DRAWS;
use crate::domain::timers::{self, Timer};
use crate::store::{Fault, Sealed, Tx};

pub use super::secret::{fresh, stir};

/// Chooses the seed and promises it; once promised it stays. Called whenever the activity is published or changed.
pub fn promise(tx: &mut Tx, activity: &Activity) -> Result<(), Fault> {
    let Some(terms) = activity.terms.mode.draw() else { return Ok(()) };
    let draw = match tx.get(&DRAWS, &activity.id)? {
        Some(draw) => draw,
        None if activity.state != ActivityState::Published => return Ok(()),
        None => {
            let seed = secret::fresh(tx, &format!("draw of A{}", activity.id))?;
            let draw = Draw {
                commitment: hex::encode(shuffle::commitment(&seed)),
                seed: Sealed::new(hex::encode(seed)),
                tickets: 0,
                entries: 0,
                stage: Stage::Open,
                list_hash: None,
                seats: Vec::new(),
                shares: Vec::new(),
                unclaimed: Vec::new(),
                waiting_max: 0,
                done: None,
                promised: Some(tx.moment().now),
            };
            tx.put(&DRAWS, &activity.id, &draw)?;
            draw
        }
    };
    if draw.is_open() {
        timers::set(tx, terms.at, Timer::Draw { activity: activity.id })?;
    }
    Ok(())
}

/// The draw of an activity that has one.
pub fn of(tx: &Tx, activity: u32) -> Result<Option<Draw>, Fault> {
    tx.get(&DRAWS, &activity)
}
