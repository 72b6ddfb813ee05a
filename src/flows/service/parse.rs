//! What people write: numbers, several of them, and days that come.

use jiff::civil::Date;

use crate::content::narrowed;
use crate::flows::days::{coming, day};
use crate::flows::sums;

/// What people say before a number that they only know roughly, or of how few they are.
const BEFORE: [&str; 8] = ["大概", "大约", "差不多", "一共", "总共", "就我", "只有我", "我"];

/// A whole number, if only roughly: `36000`, `36,000元`, `3.6万`, `三口`, `一万八千六`, `3万多`, `就我一个`.
pub fn number(words: &str) -> Option<i64> {
    let half = narrowed(words.trim());
    let bare = BEFORE.iter().fold(&half[..], |bare, before| bare.strip_prefix(before).unwrap_or(bare));
    let bare = bare.trim_end_matches("左右").trim_end_matches("块钱").trim_end_matches('元');
    let bare = bare.trim_end_matches(['个', '人', '口', '月', '多']);
    sums::hundredths(bare).map(|hundredths| (hundredths + 50) / 100)
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
            ("1万8", Some(18_000)),
            ("两千三", Some(2_300)),
            ("199.5", Some(200)),
            ("3万多", Some(30_000)),
            ("大概两万块钱左右", Some(20_000)),
            ("一共3万多元", Some(30_000)),
            ("就我一个", Some(1)),
            ("我一个人", Some(1)),
            ("就我", None),
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
    fn a_day_is_one_that_is_over_before_it_is_one_that_comes() {
        let today = date(2026, 11, 28);
        assert_eq!(day_of("明天", today, false, true), Some(date(2026, 11, 29)));
        assert_eq!(day_of("昨天", today, true, false), Some(date(2026, 11, 27)));
        assert_eq!(day_of("昨天", today, false, true), None);
        assert_eq!(day_of("十二月五日", today, true, true), Some(date(2025, 12, 5)));
        assert_eq!(day_of("十二月五日", today, false, true), Some(date(2026, 12, 5)));
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
