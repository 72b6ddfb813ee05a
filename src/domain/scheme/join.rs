//! Who may be in a programme, and from when to when an entry covers.

use jiff::ToSpan;
use jiff::civil::Date;

use super::record::{How, Join, Premium, Programme, Window};
use crate::domain::member::record::Sex;

/// The days that an entry gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub from: Date,
    /// The last day.
    pub until: Date,
    pub first_or_broken: bool,
    pub waiting_until: Option<Date>,
}

/// When and how somebody is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub on: Date,
    pub how: How,
    /// Has begun to work for the unit since its window.
    pub new_hire: bool,
}

/// What is known of who joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joiner<'a> {
    pub born: Option<Date>,
    pub sex: Option<Sex>,
    pub district: &'a str,
    pub how: How,
}

/// Why somebody isn't taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotJoined {
    #[error("no window of the programme is open on that day")]
    NoWindow,
    #[error("the programme isn't joined in this way: through a unit, or without one")]
    WrongWay,
    #[error("the programme is for another sex")]
    WrongSex,
    #[error("the age on the first day of cover is not among those of the programme")]
    WrongAge,
    #[error("people of this district can't join")]
    WrongDistrict,
}

/// The window that is open on that day to who joins so.
pub fn window(programme: &Programme, entry: Entry) -> Option<&Window> {
    let open = |window: &&Window| {
        (window.from..=window.until).contains(&entry.on)
            && (window.how.is_empty() || window.how.contains(&entry.how))
            && (!window.new_hires || entry.new_hire)
    };
    programme.windows.iter().find(open)
}

/// The cover that an entry gives. `previous` is the last day of the person's cover before it.
pub fn days(
    programme: &Programme,
    premium: &Premium,
    entry: Entry,
    previous: Option<Date>,
) -> Result<Days, NotJoined> {
    let window = window(programme, entry).ok_or(NotJoined::NoWindow)?;
    let rule = &programme.cover;
    let next = previous.map(|until| until.saturating_add(1.day()));
    let first = window.cover_from.unwrap_or_else(|| entry.on.saturating_add(1.day()));
    // A fixed first day is the day that counts, so that paying early closes no gap; otherwise that of the entry is.
    let renewed = window.cover_from.unwrap_or(entry.on);
    let continuous = previous.is_some_and(|until| is_no_break(programme, until, (first, renewed)));
    // A late entry that goes on covers from that very day.
    let own = if window.late && continuous { renewed } else { first };
    // Cover that goes on isn't given twice.
    let from = match next {
        Some(next) if continuous && (rule.renewal_follows || next > own) => next,
        _ => own,
    };
    let term = last_day(from, premium.years);
    let waits = if continuous { None } else { waiting(programme, window.late, from) };
    Ok(Days {
        from,
        until: window.cover_until.filter(|_| premium.years <= 1).unwrap_or(term),
        first_or_broken: !continuous,
        waiting_until: waits,
    })
}

/// Is cover from the first of these days no break after what ended before it? `renewed`: the day that counts.
fn is_no_break(programme: &Programme, until: Date, (first, renewed): (Date, Date)) -> bool {
    let days = i64::from(programme.cover.continuity_days);
    renewed <= until.saturating_add(days.days()) || first <= until.saturating_add(1.day())
}

/// Does cover from that day, which an entry gave, go on from what ended before it?
pub fn goes_on(programme: &Programme, until: Date, from: Date, entry: Entry) -> bool {
    let renewed = window(programme, entry).map_or(from, |window| window.cover_from.unwrap_or(entry.on));
    is_no_break(programme, until, (from, renewed))
}

/// The last day of a term of years. One that begins on a leap day ends with February.
fn last_day(from: Date, years: u8) -> Date {
    let later = from.saturating_add(i64::from(years).years());
    if later.day() == from.day() { later.saturating_sub(1.day()) } else { later }
}

/// The last of the waiting days of a first or broken entry.
pub fn waiting(programme: &Programme, late: bool, from: Date) -> Option<Date> {
    let rule = &programme.cover;
    let days = if late { rule.late_waiting_days } else { rule.waiting_days };
    (days > 0).then(|| from.saturating_add(i64::from(days - 1).days()))
}

/// Whether somebody is among those whom the programme is for. What isn't known of them is no reason against it.
pub fn may_join(join: &Join, joiner: &Joiner, from: Date) -> Result<(), NotJoined> {
    if !join.how.contains(&joiner.how) {
        return Err(NotJoined::WrongWay);
    }
    if join.sex.is_some_and(|sex| joiner.sex.is_some_and(|is| is != sex)) {
        return Err(NotJoined::WrongSex);
    }
    if let (Some(ages), Some(born)) = (join.ages, joiner.born) {
        let years = born.until((jiff::Unit::Year, from)).map_or(0, |span| span.get_years());
        let max = match (ages.max_female, joiner.sex) {
            (Some(max), Some(Sex::Female)) => max,
            _ => ages.max,
        };
        if !(i16::from(ages.min)..=i16::from(max)).contains(&years) {
            return Err(NotJoined::WrongAge);
        }
    }
    if join.districts_out.iter().any(|out| !joiner.district.is_empty() && joiner.district.contains(out)) {
        return Err(NotJoined::WrongDistrict);
    }
    Ok(())
}

/// How many of a unit's people have to be in it; none if there is no floor.
pub fn at_least(join: &Join, people: u32) -> Option<u32> {
    if join.all_below.is_some_and(|below| people < below) {
        return Some(people);
    }
    let rate = u64::from(join.min_participation?.0);
    let needed = (u64::from(people) * rate).div_ceil(u64::from(super::record::Rate::WHOLE.0));
    u32::try_from(needed).ok()
}
