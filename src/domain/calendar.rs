//! The calendar of working days as the store has it, so that commands promise days without reading files.

pub mod file;

pub use crate::moment::calendar::Calendar;

use crate::domain::tables::CALENDAR;
use crate::store::{Fault, Tx};

const ONLY: u8 = 0;

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
