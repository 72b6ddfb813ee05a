//! What people write: amounts with 万 and 元, and days that come.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::content::normalise;
use crate::domain::activity::answers::half_width;
use crate::flows::Input;
use crate::flows::claim::words::{day, numbers};

/// A whole number: `36000`, `36,000元`, `3.6万`, `三口`.
pub fn number(words: &str) -> Option<i64> {
    let half = half_width(words.trim()).replace([',', '，', ' '], "");
    let bare = half.trim_end_matches(['元', '块', '个', '人', '口', '月']);
    let (digits, unit) = match bare.strip_suffix('万') {
        Some(digits) => (digits, 10_000.0),
        None => (bare, 1.0),
    };
    match digits.parse::<f64>() {
        Ok(value) if digits.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-') => {
            let value = (value * unit).round();
            // Beyond 2^53 not every number has a place of its own.
            (value.abs() < 9e15).then_some(value as i64)
        }
        _ => Input::said(bare, None).number().and_then(|number| i64::try_from(number).ok()),
    }
}

/// Several numbers in one message: `3 60000 20000`, `3口，6万，2万`.
pub fn several(words: &str) -> Vec<Option<i64>> {
    let parts = words.split(|c: char| c.is_whitespace() || "，、；;/".contains(c));
    parts.filter(|part| !part.is_empty()).map(number).collect()
}

/// A day that is over or today, or one from today on: `8月5日`, `明天`. Without a year it is the nearest such day.
pub fn day_of(words: &str, today: Date, past: bool, future: bool) -> Option<Date> {
    let before = || day(words, today).filter(|_| past);
    before().or_else(|| coming(words, today).filter(|_| future))
}

fn coming(words: &str, today: Date) -> Option<Date> {
    const YEARS_AHEAD: i16 = 5;
    let ahead = |days: i64| today.checked_add(days.days()).ok();
    match normalise(words).as_str() {
        "今天" | "今日" => return Some(today),
        "明天" | "明日" => return ahead(1),
        "后天" => return ahead(2),
        "大后天" => return ahead(3),
        _ => {}
    }
    let date = |year: u32, month: u32, day: u32| {
        Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    let year = u32::from(today.year().unsigned_abs());
    let found = match numbers(words)?.as_slice() {
        [whole] if (19_000_000..=99_999_999).contains(whole) => {
            date(whole / 10_000, whole / 100 % 100, whole % 100)
        }
        [year, month, day] if *year >= 1900 => date(*year, *month, *day),
        [year, month, day] if *year < 100 => date(2000 + *year, *month, *day),
        // The 29th of February is four years apart.
        [month, day] => (0..=4).filter_map(|on| date(year + on, *month, *day)).find(|found| *found >= today),
        [day] if words.contains(['号', '日']) => {
            let next = today.last_of_month().checked_add(1.day()).ok()?;
            let on = |of: Date| {
                date(u32::from(of.year().unsigned_abs()), u32::from(of.month().unsigned_abs()), *day)
            };
            [today, next].into_iter().filter_map(on).find(|found| *found >= today)
        }
        _ => None,
    }?;
    (found >= today && found.year() <= today.year() + YEARS_AHEAD).then_some(found)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_understood_as_people_write_them() {
        for (words, expected) in [
            ("36000", Some(36_000)),
            ("３６，０００元", Some(36_000)),
            ("3.6万", Some(36_000)),
            ("三口", Some(3)),
            ("0", Some(0)),
            ("很多", None),
            ("", None),
            ("inf", None),
            ("1e9", None),
        ] {
            assert_eq!(number(words), expected, "{words}");
        }
        assert_eq!(several("3口 6万，20000"), [Some(3), Some(60_000), Some(20_000)]);
    }

    #[test]
    fn a_day_that_comes_is_the_nearest() {
        let today = date(2026, 11, 28);
        let at = |words| day_of(words, today, false, true);
        assert_eq!(at("12月5日"), Some(date(2026, 12, 5)));
        assert_eq!(at("1月5号"), Some(date(2027, 1, 5)));
        assert_eq!(at("5号"), Some(date(2026, 12, 5)));
        assert_eq!(at("明天"), Some(date(2026, 11, 29)));
        assert_eq!(at("2026-12-05"), Some(date(2026, 12, 5)));
        assert_eq!(at("昨天"), None);
        assert_eq!(at("2026-11-27"), None);
        assert_eq!(day_of("昨天", today, true, false), Some(date(2026, 11, 27)));
        assert_eq!(day_of("12月5日", today, true, true), Some(date(2025, 12, 5)));
    }

    proptest! {
        #[test]
        fn any_words_are_read_without_a_panic(words in ".{0,30}") {
            _ = day_of(&words, date(2026, 2, 28), true, true);
            _ = number(&words);
            _ = several(&words);
        }
    }
}
