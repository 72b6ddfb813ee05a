//! Which session is meant.

use crate::domain::activity::record::Terms;
use crate::flows::spoken::{BEFORE_SESSION, BEHIND_SESSION};
use crate::flows::{Input, Turn, days};

/// By its number, or by the day that only one of them has: `周日那场`, `12月6号`.
pub fn meant(turn: &Turn, terms: &Terms, input: &Input) -> Option<u16> {
    let number = input.number().and_then(|n| u16::try_from(n).ok());
    match number.filter(|n| terms.session_numbers().contains(n)) {
        Some(number) => Some(number),
        None => on_day(turn, terms, input.words()?),
    }
}

fn on_day(turn: &Turn, terms: &Terms, words: &str) -> Option<u16> {
    let bare =
        BEFORE_SESSION.iter().fold(words.trim(), |bare, begin| bare.strip_prefix(begin).unwrap_or(bare));
    let bare = BEHIND_SESSION.iter().fold(bare, |bare, end| bare.strip_suffix(end).unwrap_or(bare));
    let day = days::coming(bare, turn.now.date())?;
    // 周日 is that of the session, however many weeks off.
    let is_meant = |of: jiff::civil::Date| match days::names_only_the_weekday(bare) {
        true => of.weekday() == day.weekday(),
        false => of == day,
    };
    let mut on = terms
        .sessions
        .iter()
        .zip(terms.session_numbers())
        .filter(|(session, _)| is_meant(session.starts.date()));
    on.next().filter(|_| on.next().is_none()).map(|(_, number)| number)
}
