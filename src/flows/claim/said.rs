//! What people write: days and account numbers.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::content::normalise;

/// Nobody claims for what was longer ago.
const YEARS_BACK: i16 = 10;
const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 12..=19;

/// A day that is over or today: `2026年8月5日`, `2026.8.5`, `20260805`, `8月5日`, `8/5`, `5号`, `昨天`. Without a year
/// it is the latest such day.
pub fn day(words: &str, today: Date) -> Option<Date> {
    let ago = |days: i64| today.checked_sub(days.days()).ok();
    match normalise(words).as_str() {
        "今天" | "今日" | "当天" => return Some(today),
        "昨天" | "昨日" => return ago(1),
        "前天" => return ago(2),
        "大前天" => return ago(3),
        _ => {}
    }
    let numbers = numbers(words)?;
    let found = match numbers.as_slice() {
        [whole] if (19_000_000..=99_999_999).contains(whole) => {
            date(whole / 10_000, whole / 100 % 100, whole % 100)
        }
        [year, month, day] if *year >= 1900 => date(*year, *month, *day),
        // 26年8月5日
        [year, month, day] if *year < 100 => date(2000 + *year, *month, *day),
        [month, day] => latest(today, *month, *day),
        [day] if words.contains(['号', '日']) => this_or_last_month(today, *day),
        _ => None,
    }?;
    (found <= today && found.year() >= today.year() - YEARS_BACK).then_some(found)
}

/// `None` if there is more than numbers and what stands between them in a day.
pub fn numbers(words: &str) -> Option<Vec<u32>> {
    let half: String = words.chars().map(half_width).collect();
    let between = |c: char| c.is_whitespace() || "年月日号.-/、．。—–".contains(c);
    let parts: Vec<&str> = half.split(between).filter(|part| !part.is_empty()).collect();
    parts.into_iter().map(|part| part.parse().ok()).collect()
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        c => c,
    }
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let (year, month, day) = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
    Date::new(year.ok()?, month.ok()?, day.ok()?).ok()
}

fn latest(today: Date, month: u32, day: u32) -> Option<Date> {
    let year = u32::from(today.year().unsigned_abs());
    // The 29th of February is four years apart.
    (0..=4).filter_map(|back| date(year - back, month, day)).find(|found| *found <= today)
}

fn this_or_last_month(today: Date, day: u32) -> Option<Date> {
    let last = today.first_of_month().checked_sub(1.day()).ok()?;
    [today, last]
        .into_iter()
        .filter_map(|of| date(u32::from(of.year().unsigned_abs()), u32::from(of.month().unsigned_abs()), day))
        .find(|found| *found <= today)
}

/// `2026年8月5日`
pub fn written(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// The digits of a bank account, if they are so many and add up (Luhn).
pub fn account(words: &str) -> Option<String> {
    let clean: String = words.chars().map(half_width).filter(|c| !c.is_whitespace() && *c != '-').collect();
    let fits = ACCOUNT_DIGITS.contains(&clean.len()) && clean.bytes().all(|b| b.is_ascii_digit());
    (fits && adds_up(&clean)).then_some(clean)
}

fn adds_up(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (u32::from(digit - b'0'), place % 2) {
            (digit, 0) => digit,
            (digit, _) if digit > 4 => digit * 2 - 9,
            (digit, _) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_understood_as_people_write_them() {
        let today = date(2026, 11, 27);
        for (words, expected) in [
            ("2026年8月5日", date(2026, 8, 5)),
            ("2026.8.5", date(2026, 8, 5)),
            ("2026-08-05", date(2026, 8, 5)),
            ("20260805", date(2026, 8, 5)),
            ("26年8月5号", date(2026, 8, 5)),
            ("８月５日", date(2026, 8, 5)),
            ("8.5", date(2026, 8, 5)),
            ("8/5", date(2026, 8, 5)),
            ("12月31日", date(2025, 12, 31)),
            ("2月29日", date(2024, 2, 29)),
            ("5号", date(2026, 11, 5)),
            ("30号", date(2026, 10, 30)),
            ("昨天", date(2026, 11, 26)),
            ("今天", today),
        ] {
            assert_eq!(day(words, today), Some(expected), "{words}");
        }
        for words in [
            "",
            "明天",
            "2026年12月1日",
            "8月32日",
            "1900.1.1",
            "13月1日",
            "去年",
            "宁波市第一医院",
            "8",
            "8月初",
        ] {
            assert_eq!(day(words, today), None, "{words}");
        }
    }

    #[test]
    fn an_account_with_a_slip_is_none() {
        assert_eq!(account("6222 0200 0000 0000 000").as_deref(), Some("6222020000000000000"));
        assert_eq!(account("6222020000000000001"), None);
        assert_eq!(account("7"), None);
        assert_eq!(account("农行"), None);
    }

    proptest! {
        #[test]
        fn any_words_are_read_without_a_panic(words in ".{0,30}") {
            _ = day(&words, date(2026, 2, 28));
            _ = account(&words);
        }

        #[test]
        fn one_wrong_digit_is_found(at in 0usize..19, off in 1u8..10) {
            let mut digits = b"6222020000000000000".to_vec();
            digits[at] = b'0' + (digits[at] - b'0' + off) % 10;
            prop_assert_eq!(account(std::str::from_utf8(&digits).unwrap()), None);
        }
    }
}
