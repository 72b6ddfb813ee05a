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

/// The latest release that has begun by `now`. None begins at the end or after it.
pub fn latest(terms: &Terms, now: Time) -> Option<Slot> {
    let now = terms.ends.map_or(now, |ends| now.min(ends.minus(Duration::from_millis(1))));
    let latest = terms.releases.iter().filter_map(|rule| at_or_before(&rule.when, now)).max()?;
    slot(terms, latest)
}

/// The latest release by `now` that has a date of its own, rather than one of a rule that repeats.
pub fn latest_dated(terms: &Terms, now: Time) -> Option<Slot> {
    let dated = terms.releases.iter().filter_map(|rule| match rule.when {
        When::At(at) => Some(at).filter(|at| *at <= now),
        When::Weekly { .. } => None,
    });
    slot(terms, dated.max()?)
}

/// The first release after `after`.
pub fn next(terms: &Terms, after: Time) -> Option<Slot> {
    let next = terms.releases.iter().filter_map(|rule| later_than(&rule.when, after)).min()?;
    slot(terms, next)
}

/// Until when a release that began at `at` is on. The next one ends it, if rules of that time hold: since `since`.
pub fn closes(terms: &Terms, at: Time, since: Option<Time>) -> Option<Time> {
    let counted = since.map_or(at, |since| at.max(since.minus(Duration::from_millis(1))));
    let open = terms.open_minutes.map(|minutes| at.plus(Duration::from_secs(u64::from(minutes) * 60)));
    [open, terms.ends, next(terms, counted).map(|next| next.at)].into_iter().flatten().min()
}

/// Is there no time at all that the rule names, such as a Tuesday between a Wednesday and a Friday?
pub fn is_empty(when: &When) -> bool {
    later_than(when, Time::default()).is_none()
}

/// How long the shortest release is on; `None` if none ends.
pub fn shortest(terms: &Terms) -> Option<Duration> {
    let week = Duration::from_secs(8 * 86_400);
    let mut begin: Vec<Time> = vec![Time::default()];
    let mut before: Vec<Time> = terms.ends.into_iter().collect();
    for rule in &terms.releases {
        match &rule.when {
            When::At(at) => before.extend([*at, at.plus(Duration::from_millis(1))]),
            When::Weekly { from, .. } => begin.extend(*from),
        }
    }
    // The week after a rule begins is like every other; single times may cut one short anywhere.
    let weekly = begin.into_iter().flat_map(|begin| {
        let first = next(terms, begin.minus(Duration::from_millis(1)));
        std::iter::successors(first, |slot| next(terms, slot.at))
            .take_while(move |slot| slot.at.since(begin) < week)
    });
    let single = before.into_iter().filter_map(|at| latest(terms, at.minus(Duration::from_millis(1))));
    let open = |slot: Slot| closes(terms, slot.at, None).map(|closes| closes.since(slot.at));
    weekly.chain(single).filter_map(open).min()
}

/// How many the releases after `after` and before `before` have in all, however many of them there are.
pub fn stock_between(terms: &Terms, after: Time, before: Time) -> u32 {
    let of = |rule: &Rule| u64::from(rule.stock).saturating_mul(times_between(&rule.when, after, before));
    let all = terms.releases.iter().map(of).fold(0u64, u64::saturating_add);
    u32::try_from(all).unwrap_or(u32::MAX)
}

fn times_between(when: &When, after: Time, before: Time) -> u64 {
    let last = at_or_before(when, before.minus(Duration::from_millis(1)));
    let (Some(first), Some(last)) = (later_than(when, after), last.filter(|last| *last > after)) else {
        return 0;
    };
    let When::Weekly { days, .. } = when else { return 1 };
    let a_week = (1..=7).filter(|day| days.contains(day)).count() as u64;
    let weeks = (day(last) - day(first)).div_euclid(7);
    let rest = (day(first) + weeks * 7..=day(last)).filter(|day| days.contains(&weekday(*day))).count();
    u64::try_from(weeks).unwrap_or(0) * a_week + rest as u64
}

/// Of a day since 1970-01-01, a Thursday; 1 is Monday.
fn weekday(day: i64) -> i8 {
    i8::try_from((day + 3).rem_euclid(7) + 1).unwrap_or(1)
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
        assert_eq!(closes(&terms, ten, None), Some(time("2026-12-02T10:00:00")));
        terms.open_minutes = Some(30);
        assert_eq!(closes(&terms, ten, None), Some(time("2026-12-01T10:30:00")));
        terms.ends = Some(time("2026-12-01T10:10:00"));
        assert_eq!((closes(&terms, ten, None), at(next(&terms, ten))), (terms.ends, None));
    }

    #[test]
    fn what_lies_between_is_counted_as_if_gone_through_one_by_one() {
        let mut terms = sample_terms();
        let some = |days: &[i8], hour, from, until| When::Weekly {
            days: days.to_vec(),
            hour,
            minute: 0,
            from,
            until,
        };
        terms.releases = vec![
            Rule { when: some(&[2, 6], 10, None, None), stock: 3 },
            Rule {
                when: some(
                    &[6, 7, 1],
                    20,
                    Some(time("2026-12-03T00:00:00")),
                    Some(time("2027-02-01T00:00:00")),
                ),
                stock: 5,
            },
            Rule { when: When::At(time("2026-12-05T10:00:00")), stock: 7 },
        ];
        for (ends, days) in
            [(None, 0), (None, 1), (None, 9), (None, 100), (Some(time("2027-01-10T10:00:00")), 300)]
        {
            terms.ends = ends;
            for hour in 0..48 {
                let after = time("2026-12-01T09:00:00").plus(Duration::from_secs(hour * 3600));
                let before = latest(&terms, after.plus(Duration::from_secs(days * 86_400 + hour * 1800)));
                let Some(before) = before.map(|slot| slot.at).filter(|before| *before > after) else {
                    continue;
                };
                let (mut one_by_one, mut at) = (0, after);
                while let Some(slot) = super::next(&terms, at).filter(|slot| slot.at < before) {
                    (one_by_one, at) = (one_by_one + slot.stock, slot.at);
                }
                assert_eq!(stock_between(&terms, after, before), one_by_one, "{after} to {before}");
            }
        }
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
