//! When releases begin, and the days, weeks and months that limits count by. All in Asia/Shanghai.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;

use super::record::{Rule, Terms, When};
use crate::moment::Time;

/// A release that the rules make: when, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub at: Time,
    pub stock: u32,
}

/// A week has every day that a rule can name.
const DAYS_LOOKED_AT: i64 = 8;

/// The latest release that has begun by `now`.
pub fn latest(terms: &Terms, now: Time) -> Option<Slot> {
    let latest = terms.releases.iter().filter_map(|rule| at_or_before(&rule.when, now)).max()?;
    slot(terms, latest)
}

/// The first release after `after`.
pub fn next(terms: &Terms, after: Time) -> Option<Slot> {
    let next = terms.releases.iter().filter_map(|rule| later_than(&rule.when, after)).min()?;
    slot(terms, next)
}

/// Until when a release that began at `at` is on.
pub fn closes(terms: &Terms, at: Time) -> Option<Time> {
    let open = terms.open_minutes.map(|minutes| at.plus(Duration::from_secs(u64::from(minutes) * 60)));
    [open, terms.ends, next(terms, at).map(|next| next.at)].into_iter().flatten().min()
}

/// Rules that meet at one moment make one release.
fn slot(terms: &Terms, at: Time) -> Option<Slot> {
    let here = |rule: &&Rule| at_or_before(&rule.when, at) == Some(at);
    let stock = terms.releases.iter().filter(here).fold(0u32, |sum, rule| sum.saturating_add(rule.stock));
    Some(Slot { at, stock }).filter(|slot| terms.ends.is_none_or(|ends| slot.at < ends))
}

fn at_or_before(when: &When, now: Time) -> Option<Time> {
    let (days, from, until) = match when {
        When::At(at) => return Some(*at).filter(|at| *at <= now),
        When::Weekly { days, from, until, .. } => (days, from, until),
    };
    let last = until.map_or(now, |until| until.min(now));
    let on = |back: i64| last.date().checked_sub(back.days()).ok();
    let found = (0..DAYS_LOOKED_AT).filter_map(on).filter(|date| is_on(days, *date));
    found
        .filter_map(|date| minute_of(when, date))
        .find(|at| *at <= last && from.is_none_or(|from| *at >= from))
}

fn later_than(when: &When, after: Time) -> Option<Time> {
    let (days, from, until) = match when {
        When::At(at) => return Some(*at).filter(|at| *at > after),
        When::Weekly { days, from, until, .. } => (days, from, until),
    };
    let first = from.map_or(after, |from| from.max(after));
    let on = |ahead: i64| first.date().checked_add(ahead.days()).ok();
    let found = (0..DAYS_LOOKED_AT).filter_map(on).filter(|date| is_on(days, *date));
    let fits = |at: &Time| *at > after && *at >= first && until.is_none_or(|until| *at <= until);
    found.filter_map(|date| minute_of(when, date)).find(fits)
}

fn is_on(days: &[i8], date: Date) -> bool {
    days.contains(&date.weekday().to_monday_one_offset())
}

fn minute_of(when: &When, date: Date) -> Option<Time> {
    match when {
        When::At(at) => Some(*at),
        When::Weekly { hour, minute, .. } => Time::at(date, *hour, *minute),
    }
}

/// Days since 1970-01-01.
pub fn day(time: Time) -> i64 {
    (time.unix_s() + 8 * 3600).div_euclid(86_400)
}

/// Weeks from Monday to Sunday.
pub fn week(time: Time) -> i64 {
    (day(time) + 3).div_euclid(7) // 1970-01-01 was a Thursday
}

/// Months since the year 0.
pub fn month(time: Time) -> i64 {
    let date = time.date();
    i64::from(date.year()) * 12 + i64::from(date.month())
}

/// 00:00 of the day `days` after that of `time`.
pub fn midnight(time: Time, days: u16) -> Time {
    let date = time.date().saturating_add(i64::from(days).days());
    Time::at(date, 0, 0).unwrap_or(time)
}

pub fn next_week(time: Time) -> Time {
    let ahead = 8 - time.date().weekday().to_monday_one_offset();
    midnight(time, u16::try_from(ahead).unwrap_or(7))
}

pub fn next_month(time: Time) -> Time {
    let date = time.date().first_of_month().saturating_add(1.months());
    Time::at(date, 0, 0).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::super::record::sample_terms;
    use super::*;

    fn time(text: &str) -> Time {
        Time::parse(&format!("{text}+08:00")).unwrap()
    }

    fn at(found: Option<Slot>) -> Option<String> {
        found.map(|slot| format!("{} {}", slot.at, slot.stock))
    }

    #[test]
    fn daily_at_ten_is_today_from_ten_on() {
        let terms = sample_terms();
        assert_eq!(at(latest(&terms, time("2026-12-02T09:59:59"))).unwrap(), "2026-12-01T10:00:00+08:00 10");
        assert_eq!(at(latest(&terms, time("2026-12-02T10:00:00"))).unwrap(), "2026-12-02T10:00:00+08:00 10");
        assert_eq!(at(next(&terms, time("2026-12-02T10:00:00"))).unwrap(), "2026-12-03T10:00:00+08:00 10");
        assert_eq!(at(next(&terms, time("2026-12-31T10:00:00"))).unwrap(), "2027-01-01T10:00:00+08:00 10");
    }

    #[test]
    fn tuesdays_and_single_times_together() {
        let mut terms = sample_terms();
        let tuesday = |from, until| When::Weekly { days: vec![2], hour: 20, minute: 30, from, until };
        terms.releases = vec![
            Rule { when: tuesday(None, Some(time("2026-12-15T23:59:59"))), stock: 5 },
            Rule { when: When::At(time("2026-12-08T20:30:00")), stock: 7 },
        ];
        assert_eq!(at(next(&terms, time("2026-12-02T00:00:00"))).unwrap(), "2026-12-08T20:30:00+08:00 12");
        assert_eq!(at(next(&terms, time("2026-12-08T20:30:00"))).unwrap(), "2026-12-15T20:30:00+08:00 5");
        assert_eq!(at(next(&terms, time("2026-12-15T20:30:00"))), None);
        assert_eq!(at(latest(&terms, time("2027-12-15T20:30:00"))).unwrap(), "2026-12-15T20:30:00+08:00 5");
        terms.releases = vec![Rule { when: tuesday(Some(time("2026-12-09T00:00:00")), None), stock: 5 }];
        assert_eq!(at(latest(&terms, time("2026-12-09T00:00:00"))), None);
        assert_eq!(at(next(&terms, time("2026-12-01T00:00:00"))).unwrap(), "2026-12-15T20:30:00+08:00 5");
    }

    #[test]
    fn nothing_begins_after_the_end_and_a_release_closes_before_the_next() {
        let mut terms = sample_terms();
        let ten = time("2026-12-01T10:00:00");
        assert_eq!(closes(&terms, ten), Some(time("2026-12-02T10:00:00")));
        terms.open_minutes = Some(30);
        assert_eq!(closes(&terms, ten), Some(time("2026-12-01T10:30:00")));
        terms.ends = Some(time("2026-12-01T10:10:00"));
        assert_eq!((closes(&terms, ten), at(next(&terms, ten))), (terms.ends, None));
    }

    #[test]
    fn periods_end_at_midnight_in_shanghai() {
        let (before, after) = (time("2026-11-30T23:59:59"), time("2026-12-01T00:00:00"));
        assert_eq!((day(after) - day(before), month(after) - month(before)), (1, 1));
        assert_eq!(week(after), week(before), "a Monday and a Tuesday");
        assert_eq!(week(time("2026-12-07T00:00:00")) - week(time("2026-12-06T23:59:59")), 1);
        assert_eq!(next_week(time("2026-12-06T23:59:59")), time("2026-12-07T00:00:00"));
        assert_eq!(next_week(time("2026-12-07T00:00:00")), time("2026-12-14T00:00:00"));
        assert_eq!(next_month(before), after);
        assert_eq!(midnight(before, 1), after);
    }
}
