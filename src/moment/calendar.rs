//! Working days (工作日): Monday to Friday without the holidays, and the weekends that are worked for them (调休).

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use super::Time;

/// When an office closes: what is promised for a day is promised until then.
const CLOSES: (i8, i8) = (17, 0);

/// Which days are worked. An empty one knows weekends alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Calendar {
    holidays: BTreeSet<Date>,
    worked: BTreeSet<Date>,
}

impl Calendar {
    /// `worked`: days at a weekend that are worked all the same.
    pub fn new(holidays: impl IntoIterator<Item = Date>, worked: impl IntoIterator<Item = Date>) -> Calendar {
        Calendar { holidays: holidays.into_iter().collect(), worked: worked.into_iter().collect() }
    }

    pub fn is_working_day(&self, date: Date) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.worked.contains(&date) || !(weekend || self.holidays.contains(&date))
    }

    /// The `count`-th working day after this day, which itself doesn't count.
    pub fn working_days_after(&self, date: Date, count: u16) -> Date {
        let mut day = date;
        for _ in 0..count {
            day = self.next_working_day(day);
        }
        day
    }

    /// The first working day after this one.
    pub fn next_working_day(&self, date: Date) -> Date {
        let mut day = date;
        loop {
            let Ok(next) = day.checked_add(1.day()) else { return day }; // the last day there is
            day = next;
            if self.is_working_day(day) {
                return day;
            }
        }
    }

    /// The end of the office hours of the `count`-th working day after a moment's day.
    pub fn due(&self, from: Time, count: u16) -> Time {
        let day = self.working_days_after(from.date(), count);
        Calendar::closing(day).unwrap_or(from)
    }

    /// The end of the office hours of a day, worked or not.
    pub fn closing(day: Date) -> Option<Time> {
        Time::at(day, CLOSES.0, CLOSES.1)
    }

    /// Working days after the first moment's day, up to and with the second's.
    pub fn working_days_between(&self, from: Time, to: Time) -> u16 {
        let (mut day, last, mut count) = (from.date(), to.date(), 0);
        while day < last && count < u16::MAX {
            day = self.next_working_day(day);
            count += u16::from(day <= last);
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// 国庆 2026: from 1 to 7 October; 20 September (Sunday) and 10 October (Saturday) are worked.
    fn calendar() -> Calendar {
        let holidays = (1..=7).map(|day| date(2026, 10, day));
        Calendar::new(holidays, [date(2026, 9, 20), date(2026, 10, 10)])
    }

    #[test]
    fn weekends_and_holidays_are_passed_over_and_worked_weekends_count() {
        let calendar = calendar();
        let check = |from, count, to| assert_eq!(calendar.working_days_after(from, count), to);
        check(date(2026, 11, 25), 2, date(2026, 11, 27));
        check(date(2026, 11, 27), 1, date(2026, 11, 30)); // over a weekend
        check(date(2026, 11, 28), 1, date(2026, 11, 30)); // from a Saturday
        check(date(2026, 9, 30), 1, date(2026, 10, 8)); // over the holidays
        check(date(2026, 9, 30), 3, date(2026, 10, 10)); // a worked Saturday
        check(date(2026, 9, 19), 1, date(2026, 9, 20)); // a worked Sunday
        check(date(2026, 11, 28), 0, date(2026, 11, 28));
    }

    #[test]
    fn a_promise_holds_until_the_office_closes() {
        let friday_evening = Time::at(date(2026, 11, 27), 20, 15).unwrap();
        assert_eq!(calendar().due(friday_evening, 1), Time::at(date(2026, 11, 30), 17, 0).unwrap());
    }

    proptest! {
        #[test]
        fn counting_is_the_same_in_one_go_and_day_by_day(days in 0i64..700, n in 0u16..40, m in 0u16..40) {
            let from = date(2026, 1, 1).saturating_add(days.days());
            let calendar = calendar();
            let whole = calendar.working_days_after(from, n + m);
            prop_assert_eq!(calendar.working_days_after(calendar.working_days_after(from, n), m), whole);
            prop_assert!(n + m == 0 || calendar.is_working_day(whole));
            let at = |day| Time::at(day, 12, 0).unwrap();
            prop_assert_eq!(calendar.working_days_between(at(from), at(whole)), n + m);
        }
    }
}
