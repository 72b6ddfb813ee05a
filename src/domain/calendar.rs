//! The calendar of working days as the store has it, so that commands promise days without reading files.

pub mod file;

pub use crate::moment::calendar::Calendar;

use crate::domain::tables::CALENDAR;
use crate::moment::Time;
use crate::store::{Fault, Tx};

const ONLY: u8 = 0;

/// What staff have to do within so many working days is marked as due soon: time to ask a colleague and to look once more.
/// It is above the two days of a first look, since a new claim can't wait longer than that.
pub const WARNED_DAYS: u16 = 3;

/// What is due before this is due soon, or overdue.
pub fn soon(tx: &Tx) -> Result<Time, Fault> {
    Ok(of(tx)?.due(tx.moment().now, WARNED_DAYS))
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
