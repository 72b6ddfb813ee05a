use std::cmp::Reverse;
use std::time::Duration;

use super::record::*;
use super::rules;
use crate::domain::tables::{MISSED, MISSED_COUNT};
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

const ONLY: u8 = 0;

/// Counts a normalised text that nothing answered, if it is a question. A new one needs room.
pub fn missed(tx: &mut Tx, folded: &str) -> Result<(), Fault> {
    let Some(text) = rules::kept(folded) else { return Ok(()) };
    let now = tx.moment().now;
    let id = tx.index_of("missed question", &text)?;
    if let Some(missed) = tx.get(&MISSED, &id)? {
        let count = missed.count.saturating_add(1);
        return tx.put(&MISSED, &id, &Missed { count, last: now, ..missed });
    }
    let count = tx.get(&MISSED_COUNT, &ONLY)?.unwrap_or(0);
    if usize::from(count) >= MISSED_MAX {
        return Ok(());
    }
    tx.put(&MISSED_COUNT, &ONLY, &(count + 1))?;
    timers::set(tx, forgotten(now), Timer::ForgetMissed { question: id })?;
    tx.put(&MISSED, &id, &Missed { text: Sealed::new(text), count: 1, first: now, last: now })
}

/// All that is kept, what was asked most often first.
pub fn list(tx: &Tx) -> Result<Vec<(MissedId, Missed)>, Fault> {
    let mut rows = tx.scan(&MISSED, &(), None, MISSED_MAX)?.rows;
    rows.sort_by_key(|(_, missed)| Reverse((missed.count, missed.last)));
    Ok(rows.into_iter().map(|(id, missed)| (MissedId(id), missed)).collect())
}

/// Takes a question off the list: it has an answer now, or needs none.
pub fn settle(tx: &mut Tx, id: MissedId) -> Result<Result<(), NotSettled>, Fault> {
    if tx.get(&MISSED, &id.0)?.is_none() {
        return Ok(Err(NotSettled::Unknown));
    }
    forget(tx, id)?; // its timer will find nothing
    Ok(Ok(()))
}

/// The time of a question is over, unless it was asked again since.
pub fn expire(tx: &mut Tx, id: [u8; 16]) -> Result<(), Fault> {
    let Some(missed) = tx.get(&MISSED, &id)? else { return Ok(()) };
    let until = forgotten(missed.last);
    match until > tx.moment().now {
        true => timers::set(tx, until, Timer::ForgetMissed { question: id }),
        false => forget(tx, MissedId(id)),
    }
}

/// What does not hold.
pub fn audit(tx: &Tx) -> Result<Vec<String>, Fault> {
    let counted = tx.scan(&MISSED, &(), None, MISSED_MAX + 1)?.rows.len();
    let kept = usize::from(tx.get(&MISSED_COUNT, &ONLY)?.unwrap_or(0));
    let differ = format!("questions that nobody answered: {kept} counted, {counted} rows");
    Ok((counted != kept).then_some(differ).into_iter().collect())
}

fn forget(tx: &mut Tx, id: MissedId) -> Result<(), Fault> {
    let count = tx.get(&MISSED_COUNT, &ONLY)?.unwrap_or(0);
    tx.put(&MISSED_COUNT, &ONLY, &count.saturating_sub(1))?;
    tx.delete(&MISSED, &id.0)
}

fn forgotten(last: Time) -> Time {
    last.plus(Duration::from_secs(u64::from(MISSED_DAYS) * 86_400))
}
