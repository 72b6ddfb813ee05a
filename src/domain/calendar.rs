//! The calendar of working days as the store has it, so that commands promise days without reading files.

pub mod file;

pub use crate::moment::calendar::Calendar;

use crate::domain::tables::CALENDAR;
use crate::moment::Time;
use crate::store::{Fault, Tx};

const ONLY: u8 = 0;

/// What staff have to do within so many working days is due soon: time to ask a colleague and to look once more.
const WARNED_DAYS: u16 = 3;

/// What is due by then is due soon, or overdue, if it was promised within so many working days: of a short promise only
/// the second half is soon, so that nothing is from its beginning.
pub fn soon(calendar: &Calendar, now: Time, promised: u16) -> Time {
    calendar.due(now, WARNED_DAYS.min(promised.div_ceil(2)))
}

/// Nothing that is due later is due soon, whatever was promised.
pub fn soon_at_most(calendar: &Calendar, now: Time) -> Time {
    soon(calendar, now, u16::MAX)
}

/// Weekends alone until a calendar was adopted.
pub fn of(tx: &Tx) -> Result<Calendar, Fault> {
    Ok(tx.get(&CALENDAR, &ONLY)?.unwrap_or_default())
}

/// Takes the files' calendar; promises already made keep their days.
pub fn adopt(tx: &mut Tx, calendar: &Calendar) -> Result<(), Fault> {
    if of(tx)? != *calendar {
        tx.put(&CALENDAR, &ONLY, calendar)?;
    }
    Ok(())
}
