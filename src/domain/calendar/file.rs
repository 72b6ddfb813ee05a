//! `holidays.toml`: the holidays of each year as they were announced, and the weekends that are worked for them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use super::Calendar;
use crate::domain::scheme::file::Problem;

/// The file's name among the scheme files.
pub const NAME: &str = "holidays.toml";
/// The one that the program was built with.
pub const EMBEDDED: (&str, &str) = ("schemes/holidays.toml", include_str!("../../../schemes/holidays.toml"));

/// No holiday is longer; a longer one is a slip of the pen.
const HOLIDAY_DAYS_MAX: usize = 15;
/// Thirty working days, the longest that is promised, end within so many days.
const PROMISED_DAYS: i64 = 45;

/// A file that was read and checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holidays {
    pub calendar: Calendar,
    /// Those that were announced, and not by the regulation alone.
    years: BTreeSet<i16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    years: BTreeMap<i16, Year>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    /// Which notice says so.
    source: String,
    /// What the regulation gives every year: which days are moved for them isn't announced yet.
    #[serde(default)]
    provisional: bool,
    holidays: Vec<Holiday>,
    worked: Vec<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    from: Date,
    until: Date,
}

impl Holidays {
    /// The years of the days that are promised today and that nobody announced: of them weekends are known, and what a
    /// provisional year has.
    pub fn missing(&self, today: Date) -> Vec<i16> {
        let years = BTreeSet::from([today.year(), today.saturating_add(PROMISED_DAYS.days()).year()]);
        years.difference(&self.years).copied().collect()
    }
}

/// Everything that is wrong is told at once.
pub fn read(name: &str, text: &str) -> Result<Holidays, Vec<Problem>> {
    let problem =
        |line, place: String, message: String| Problem { file: name.to_owned(), line, place, message };
    let written: Written = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| before.matches('\n').count() + 1);
        vec![problem(line, String::new(), error.message().to_owned())]
    })?;
    let (mut off, mut worked, mut wrong) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    for (number, year) in &written.years {
        let mut tell = |place: &str, message: String| {
            wrong.push(problem(None, format!("years.{number} {place}").trim_end().to_owned(), message));
        };
        if year.source.trim().is_empty() {
            tell("source", "says which notice announced it".to_owned());
        }
        for holiday in &year.holidays {
            let (name, days) = (&holiday.name, days(holiday));
            if days.is_empty() {
                tell(name, format!("runs from {} to {}", holiday.from, holiday.until));
            }
            for day in days {
                if day.year() != *number {
                    tell(name, format!("{day} is no day of {number}"));
                }
                if let Some(other) = off.insert(day, name) {
                    tell(name, format!("{day} is a holiday already: {other}"));
                }
            }
        }
        for day in &year.worked {
            if day.year() != *number {
                tell("worked", format!("{day} is no day of {number}"));
            }
            if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                tell("worked", format!("{day} is no weekend"));
            }
            if !worked.insert(*day) {
                tell("worked", format!("{day} stands there twice"));
            }
        }
    }
    for (day, name) in off.iter().filter(|(day, _)| worked.contains(*day)) {
        wrong.push(problem(None, format!("years.{} {name}", day.year()), format!("{day} is worked, too")));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let announced = written.years.iter().filter(|(_, year)| !year.provisional);
    let years = announced.map(|(number, _)| *number).collect();
    Ok(Holidays { calendar: Calendar::new(off.into_keys(), worked), years })
}

/// None if it runs backwards or too long.
fn days(holiday: &Holiday) -> Vec<Date> {
    let days: Vec<Date> = holiday
        .from
        .series(1.day())
        .take(HOLIDAY_DAYS_MAX + 1)
        .take_while(|day| *day <= holiday.until)
        .collect();
    if days.len() > HOLIDAY_DAYS_MAX { Vec::new() } else { days }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn shipped() -> Holidays {
        read(EMBEDDED.0, EMBEDDED.1).unwrap()
    }

    #[test]
    fn deadlines_over_the_national_day_count_the_worked_saturday() {
        let calendar = shipped().calendar;
        let check = |from, count, to| assert_eq!(calendar.working_days_after(from, count), to);
        check(date(2026, 9, 24), 2, date(2026, 9, 29)); // over 中秋
        check(date(2026, 9, 29), 2, date(2026, 10, 8)); // over 国庆
        check(date(2026, 9, 30), 3, date(2026, 10, 10)); // a worked Saturday
        check(date(2026, 9, 18), 1, date(2026, 9, 20)); // a worked Sunday
        check(date(2025, 9, 30), 3, date(2025, 10, 11));
        check(date(2026, 2, 13), 2, date(2026, 2, 24)); // 14 February is worked, then 春节
        check(date(2026, 12, 31), 1, date(2027, 1, 4)); // 元旦 is one before anybody announces it
    }

    #[test]
    fn a_year_that_nobody_announced_is_missed_before_it_begins() {
        let holidays = shipped();
        assert!(holidays.missing(date(2026, 6, 1)).is_empty());
        assert_eq!(holidays.missing(date(2026, 11, 17)), [2027]);
        assert_eq!(holidays.missing(date(2027, 3, 1)), [2027]);
        assert_eq!(Holidays::default().missing(date(2026, 12, 31)), [2026, 2027]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let text = r#"
[years.2026]
source = " "
holidays = [
  { name = "元旦", from = "2026-01-01", until = "2026-01-03" },
  { name = "新年", from = "2026-01-03", until = "2026-01-03" },
  { name = "春节", from = "2026-02-20", until = "2026-02-15" },
  { name = "国庆节", from = "2025-10-01", until = "2025-10-01" },
]
worked = ["2026-01-03", "2026-01-05", "2026-01-03"]
"#;
        let told: Vec<String> =
            read("h.toml", text).unwrap_err().iter().map(|p| format!("{} {}", p.place, p.message)).collect();
        assert_eq!(
            told,
            [
                "years.2026 source says which notice announced it",
                "years.2026 新年 2026-01-03 is a holiday already: 元旦",
                "years.2026 春节 runs from 2026-02-20 to 2026-02-15",
                "years.2026 国庆节 2025-10-01 is no day of 2026",
                "years.2026 worked 2026-01-05 is no weekend",
                "years.2026 worked 2026-01-03 stands there twice",
                "years.2026 新年 2026-01-03 is worked, too",
            ]
        );
        let malformed =
            read("h.toml", "[years.2026]\nsource = \"x\"\nholidays = []\nworked = [\"2026-02-30\"]\n");
        assert_eq!(malformed.unwrap_err()[0].line, Some(4));
        assert!(read("h.toml", "[years.2026]\nsorce = \"x\"\n").is_err());
    }
}
