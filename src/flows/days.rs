//! Days as people write them.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::content::{narrowed, normalise};

/// Nobody tells of what was longer ago, or is further off.
const YEARS_BACK: i16 = 10;
const YEARS_AHEAD: i16 = 5;
/// What stands between the numbers of a day.
const BETWEEN: &str = "年月日号號.-/、．。—–";
/// What stands between two days.
const BETWEEN_DAYS: &str = "到至-~～—–,，;；、。";
/// Who tells of two days in more words tells of something else besides.
const STAY_CHARS_MAX: usize = 40;
/// What may stand before a day, and behind it.
const BEFORE: &[&str] = &[
    "从",
    "我是",
    "就是",
    "是",
    "在",
    // Who isn't sure has a day in mind all the same; it is told back to them.
    "大概",
    "大约",
    "约",
    "好像",
    "应该",
    "可能",
    "差不多",
    "估计",
    "我记得",
    "记得",
];
const BEHIND: &[&str] = &[
    "的",
    "了",
    "吧",
    "左右",
    "前后",
    "那天",
    "当天",
    "早上",
    "上午",
    "中午",
    "下午",
    "傍晚",
    "晚上",
    "夜里",
    "凌晨",
    "入院",
    "出院",
    "住院",
    "住的院",
    "出的院",
    "确诊",
];
const WEEK: &[&str] = &["周", "星期", "礼拜"];

/// What is told of a day; whether there is such a day is another question.
enum Told {
    /// So many days from today: 昨天.
    FromToday(i64),
    /// 上周三: so many weeks from this one, so many days after Monday; 周三 says no week.
    Weekday(Option<i64>, i64),
    /// 2026年11月6日, 十一月六号, 6号
    Date(Option<u32>, Option<u32>, u32),
}

/// A day that is over or today: `2026年8月5日`, `二〇二六年八月五日`, `2026.8.5`, `20260805`, `8月5日`, `八月五号`, `8/5`,
/// `5号`, `上个月5号`, `昨天`, `三天前`, `上周三`. What the words leave open is the latest such day.
pub fn day(words: &str, today: Date) -> Option<Date> {
    let found = match told(words, today)? {
        Told::FromToday(days) => from(today, days)?,
        Told::Weekday(Some(weeks), at) => from(monday(today), weeks * 7 + at)?,
        Told::Weekday(None, at) => {
            let this = from(monday(today), at)?;
            if this > today { from(this, -7)? } else { this }
        }
        Told::Date(Some(year), Some(month), day) => date(year, month, day)?,
        // The 29th of February is four years apart.
        Told::Date(_, Some(month), day) => (0..=4)
            .filter_map(|back| date(year_of(today) - back, month, day))
            .find(|found| *found <= today)?,
        Told::Date(_, None, day) => {
            let last = from(today.first_of_month(), -1)?;
            [today, last].into_iter().filter_map(|of| on(of, day)).find(|found| *found <= today)?
        }
    };
    (found <= today && found.year() >= today.year() - YEARS_BACK).then_some(found)
}

/// A stay, from day to day, if it is over: `8月5日到8月12日`, `8.5-8.12`, `8月5号至12号`, `8月5日入院，12日出院`.
pub fn stay(words: &str, today: Date) -> Option<(Date, Date)> {
    let half = narrowed(words);
    if day(&half, today).is_some() || half.chars().count() > STAY_CHARS_MAX {
        return None;
    }
    half.char_indices().skip(1).find_map(|(at, _)| {
        let (first, last) = half.split_at_checked(at)?;
        // Within a number no day ends.
        let is_within = first.ends_with(is_of_number) && last.starts_with(is_of_number);
        if is_within {
            return None;
        }
        let first = day(first, today)?;
        let last = last.trim_start_matches(|c: char| c.is_whitespace() || BETWEEN_DAYS.contains(c));
        let last = match told(last, today) {
            Some(Told::FromToday(_)) => day(last, today)?,
            Some(_) => coming(last, first)?,
            None if is_number(last) => coming(&format!("{last}日"), first)?,
            None => return None,
        };
        (first <= last && last <= today).then_some((first, last))
    })
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || digit(c).is_some() || "十廿".contains(c)
}

/// Today or a day that comes: `12月5日`, `明天`, `下周三`. What the words leave open is the next such day.
pub fn coming(words: &str, today: Date) -> Option<Date> {
    let found = match told(words, today)? {
        Told::FromToday(days) => from(today, days)?,
        Told::Weekday(Some(weeks), at) => from(monday(today), weeks * 7 + at)?,
        Told::Weekday(None, at) => {
            let this = from(monday(today), at)?;
            if this < today { from(this, 7)? } else { this }
        }
        Told::Date(Some(year), Some(month), day) => date(year, month, day)?,
        Told::Date(_, Some(month), day) => (0..=4)
            .filter_map(|ahead| date(year_of(today) + ahead, month, day))
            .find(|found| *found >= today)?,
        Told::Date(_, None, day) => {
            let next = from(today.last_of_month(), 1)?;
            [today, next].into_iter().filter_map(|of| on(of, day)).find(|found| *found >= today)?
        }
    };
    (found >= today && found.year() <= today.year() + YEARS_AHEAD).then_some(found)
}

/// Do the words tell of a day, whether or not there is such a one? Then they are no name of anything.
pub fn is_day(words: &str, today: Date) -> bool {
    told(words, today).is_some() || numbers(&narrowed(words)).is_some_and(|numbers| numbers.len() > 1)
}

/// Is the day all that the words say, and wholly? Otherwise it is told back what was understood.
pub fn is_plain(words: &str, day: Date, today: Date) -> bool {
    match numbers(&narrowed(words)).as_deref() {
        Some([_, _]) => day.year() == today.year(),
        Some([whole]) => *whole >= 19_000_000,
        Some([_, _, _]) => true,
        _ => false,
    }
}

/// `周日`, of whatever week.
pub fn names_only_the_weekday(words: &str) -> bool {
    WEEK.iter().any(|week| words.starts_with(week))
}

/// A number and nothing else: `12`, `十二`.
pub fn is_number(words: &str) -> bool {
    numbers(&narrowed(words)).is_some_and(|numbers| numbers.len() == 1)
}

/// `2026年8月5日`
pub fn written(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

fn told(words: &str, today: Date) -> Option<Told> {
    let half = narrowed(words);
    let mut text = half.trim_matches(|c: char| c.is_whitespace() || ",，。.!！?？~".contains(c));
    loop {
        if let Some(told) = bare(text, today) {
            return Some(told);
        }
        let shorter = BEHIND.iter().find_map(|end| text.strip_suffix(end)).or_else(|| without_hour(text));
        text = shorter.or_else(|| BEFORE.iter().find_map(|begin| text.strip_prefix(begin)))?;
        text = text.trim_matches(|c: char| c.is_whitespace() || ",，".contains(c));
    }
}

/// Where only the day is asked for: without `3点半`, `15:30`, `十五时` at its end.
fn without_hour(text: &str) -> Option<&str> {
    let is_of_clock = |c: char| {
        c.is_ascii_digit() || digit(c).is_some() || c == '十' || "点點时時分秒:半刻整钟鐘多".contains(c)
    };
    let day = text.trim_end_matches(is_of_clock);
    let hour = text.strip_prefix(day)?;
    let (at, _) = hour.split_once(['点', '點', '时', '時', ':'])?;
    number(at).filter(|hour| *hour <= 24).map(|_| day)
}

fn bare(text: &str, today: Date) -> Option<Told> {
    relative(&normalise(text)).or_else(|| numbered(&with_year(text, today)?))
}

fn relative(folded: &str) -> Option<Told> {
    let days = match folded {
        "今天" | "今日" | "当天" | "今早" | "今晚" => 0,
        "昨天" | "昨日" | "昨晚" => -1,
        "前天" | "前日" => -2,
        "大前天" => -3,
        "明天" | "明日" | "明早" | "明晚" => 1,
        "后天" => 2,
        "大后天" => 3,
        _ => return apart(folded).map(Told::FromToday).or_else(|| weekday(folded)),
    };
    Some(Told::FromToday(days))
}

/// 三天前, 3天后
fn apart(folded: &str) -> Option<i64> {
    let ends = [("天以前", -1), ("天之前", -1), ("天前", -1), ("天以后", 1), ("天之后", 1), ("天后", 1)];
    let (count, sign) = ends.iter().find_map(|(end, sign)| Some((folded.strip_suffix(end)?, *sign)))?;
    // What is further off people know by its date.
    number(count).filter(|days| *days <= 31).map(|days| i64::from(days) * sign)
}

/// 周三, 上周三, 这个星期三, 下下礼拜日
fn weekday(folded: &str) -> Option<Told> {
    let week = |(said, weeks): &(&str, Option<i64>)| Some((folded.strip_prefix(said)?, *weeks));
    let which = [
        ("上上", Some(-2)),
        ("上", Some(-1)),
        ("这", Some(0)),
        ("本", Some(0)),
        ("下下", Some(2)),
        ("下", Some(1)),
        ("", None),
    ];
    let (rest, weeks) = which.iter().find_map(week)?;
    let rest = rest.strip_prefix('个').unwrap_or(rest);
    let at = WEEK.iter().find_map(|week| rest.strip_prefix(week))?;
    let days: &[&str] = &["一", "二", "三", "四", "五", "六", "日"];
    let at = if at == "天" { Some(6) } else { days.iter().position(|day| *day == at) }?;
    Some(Told::Weekday(weeks, i64::try_from(at).ok()?))
}

/// With the year, or the year and the month, in the place of 去年 and 上个月.
fn with_year(text: &str, today: Date) -> Option<String> {
    for (said, off) in [("今年", 0), ("去年", -1), ("前年", -2), ("明年", 1)] {
        if let Some(rest) = text.strip_prefix(said) {
            return Some(format!("{}年{rest}", today.year() + off));
        }
    }
    for (said, off) in [("上", -1), ("这", 0), ("這", 0), ("本", 0), ("下", 1)] {
        let rest = text.strip_prefix(said).map(|rest| rest.strip_prefix(['个', '個']).unwrap_or(rest));
        if let Some(rest) = rest.and_then(|rest| rest.strip_prefix('月')) {
            let of = today.first_of_month().checked_add(off.months()).ok()?;
            return Some(format!("{}年{}月{rest}", of.year(), of.month()));
        }
    }
    Some(text.to_owned())
}

/// A date in numbers; 周五 behind it adds nothing.
fn numbered(text: &str) -> Option<Told> {
    let week = WEEK.iter().chain(&["週", "禮拜"]).filter_map(|week| text.rfind(week)).max();
    let text = match week {
        Some(at) => text.get(..at)?.trim_end_matches(|c: char| c.is_whitespace() || c == '('),
        None => text,
    };
    match numbers(text)?.as_slice() {
        [whole] if (19_000_000..=99_999_999).contains(whole) => {
            Some(Told::Date(Some(whole / 10_000), Some(whole / 100 % 100), whole % 100))
        }
        [year, month, day] if *year >= 1900 => Some(Told::Date(Some(*year), Some(*month), *day)),
        // 26年8月5日
        [year, month, day] if *year < 100 => Some(Told::Date(Some(2000 + *year), Some(*month), *day)),
        [month, day] => Some(Told::Date(None, Some(*month), *day)),
        [day] if text.contains(['号', '日', '號']) => Some(Told::Date(None, None, *day)),
        _ => None,
    }
}

/// `None` if there is more than numbers and what stands between them in a day.
fn numbers(half: &str) -> Option<Vec<u32>> {
    let between = |c: char| c.is_whitespace() || BETWEEN.contains(c);
    half.split(between).filter(|part| !part.is_empty()).map(number).collect()
}

/// `11`, `十一`, `二十一`, `二〇二六`
fn number(part: &str) -> Option<u32> {
    if part.bytes().all(|byte| byte.is_ascii_digit()) {
        return part.parse().ok();
    }
    let (tens, ones) = match part.split_once('十') {
        Some(("", ones)) => (1, ones),
        Some((tens, ones)) => (digits(tens).filter(|tens| *tens < 10)?, ones),
        None => match part.strip_prefix('廿') {
            Some(ones) => (2, ones),
            None => return digits(part),
        },
    };
    let ones = if ones.is_empty() { 0 } else { digits(ones).filter(|ones| *ones < 10)? };
    Some(tens * 10 + ones)
}

/// One after the other, as a year is read: at most a year's.
fn digits(han: &str) -> Option<u32> {
    let count = han.chars().count();
    if !(1..=4).contains(&count) {
        return None;
    }
    han.chars().try_fold(0u32, |sum, c| Some(sum * 10 + digit(c)?))
}

fn digit(c: char) -> Option<u32> {
    match c {
        '〇' | '○' | '零' => Some(0),
        '两' | '兩' => Some(2),
        _ => "一二三四五六七八九".chars().zip(1..).find_map(|(known, value)| (known == c).then_some(value)),
    }
}

fn from(day: Date, days: i64) -> Option<Date> {
    day.checked_add(days.days()).ok()
}

fn monday(of: Date) -> Date {
    let since = i64::from(of.weekday().to_monday_zero_offset());
    from(of, -since).unwrap_or(of)
}

fn year_of(day: Date) -> u32 {
    u32::from(day.year().unsigned_abs())
}

/// The day of that number in the same month.
fn on(of: Date, day: u32) -> Option<Date> {
    date(year_of(of), u32::from(of.month().unsigned_abs()), day)
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let (year, month, day) = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
    Date::new(year.ok()?, month.ok()?, day.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// A Friday.
    const TODAY: Date = date(2026, 11, 27);

    #[test]
    fn days_are_understood_as_people_write_them() {
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
            ("今天", TODAY),
        ] {
            assert_eq!(day(words, TODAY), Some(expected), "{words}");
        }
        for words in [
            "",
            "明天",
            "2026年12月1日",
            "8月32日",
            "1900.1.1",
            "13月1日",
            "去年",
            "上个月",
            "宁波市第一医院",
            "8",
            "8月初",
            "天前",
            "下周三",
            "周八",
        ] {
            assert_eq!(day(words, TODAY), None, "{words}");
        }
    }

    #[test]
    fn two_days_are_a_stay() {
        for (words, first, last) in [
            ("8月5日到8月12日", date(2026, 8, 5), date(2026, 8, 12)),
            ("8.5-8.12", date(2026, 8, 5), date(2026, 8, 12)),
            ("8月5日－12日", date(2026, 8, 5), date(2026, 8, 12)),
            ("从8月5号至12号", date(2026, 8, 5), date(2026, 8, 12)),
            ("8.5-12", date(2026, 8, 5), date(2026, 8, 12)),
            ("1.15-20", date(2026, 1, 15), date(2026, 1, 20)),
            ("8月5日入院，8月12日出院", date(2026, 8, 5), date(2026, 8, 12)),
            ("8月5日入院8月12日出院", date(2026, 8, 5), date(2026, 8, 12)),
            ("八月五号 八月十二号", date(2026, 8, 5), date(2026, 8, 12)),
            ("2026-08-05至2026-08-12", date(2026, 8, 5), date(2026, 8, 12)),
            ("2024年8月5日至8月12日", date(2024, 8, 5), date(2024, 8, 12)),
            ("12月30日到1月5日", date(2025, 12, 30), date(2026, 1, 5)),
            ("上周三到昨天", date(2026, 11, 18), date(2026, 11, 26)),
            ("10月28号到今天", date(2026, 10, 28), TODAY),
            ("上周三到周五", date(2026, 11, 18), date(2026, 11, 20)),
        ] {
            assert_eq!(stay(words, TODAY), Some((first, last)), "{words}");
        }
        for words in [
            "",
            "8月5日",
            "2026-08-05",
            "8月5日 15:00",
            "8月15日",
            "2011-8-25",
            "8月5日住了7天",
            "11月20日到12月1日",
            "到8月5日",
            "8月到9月",
            "宁波市第一医院8月5日",
        ] {
            assert_eq!(stay(words, TODAY), None, "{words}");
        }
    }

    #[test]
    fn days_in_chinese_numerals_are_understood() {
        for (words, expected) in [
            ("十一月六日", date(2026, 11, 6)),
            ("十一月六号", date(2026, 11, 6)),
            ("十一月六號", date(2026, 11, 6)),
            ("二〇二六年十一月六日", date(2026, 11, 6)),
            ("二零二五年十二月三十一日", date(2025, 12, 31)),
            ("二六年八月五号", date(2026, 8, 5)),
            ("11月6号", date(2026, 11, 6)),
            ("十月二十", date(2026, 10, 20)),
            ("五月廿三日", date(2026, 5, 23)),
            ("十一月二六号", date(2026, 11, 26)),
            ("六号", date(2026, 11, 6)),
            ("十月十号。", date(2026, 10, 10)),
        ] {
            assert_eq!(day(words, TODAY), Some(expected), "{words}");
        }
        for words in ["十三月一日", "十一月三十一日", "十一", "二〇二六年", "三十十月一日", "一二三四五六"]
        {
            assert_eq!(day(words, TODAY), None, "{words}");
        }
    }

    #[test]
    fn days_are_told_by_today() {
        for (words, expected) in [
            ("昨天", date(2026, 11, 26)),
            ("昨天晚上", date(2026, 11, 26)),
            ("前天", date(2026, 11, 25)),
            ("三天前", date(2026, 11, 24)),
            ("10天以前", date(2026, 11, 17)),
            ("周三", date(2026, 11, 25)),
            ("周五", TODAY),
            ("周六", date(2026, 11, 21)),
            ("上周三", date(2026, 11, 18)),
            ("上週三", date(2026, 11, 18)),
            ("上个星期天", date(2026, 11, 22)),
            ("上上礼拜一", date(2026, 11, 9)),
            ("这周三", date(2026, 11, 25)),
            ("上个月6号", date(2026, 10, 6)),
            ("上月六号", date(2026, 10, 6)),
            ("本月六日", date(2026, 11, 6)),
            ("去年11月6日", date(2025, 11, 6)),
            ("去年十二月一号", date(2025, 12, 1)),
            ("11月6日（周五）", date(2026, 11, 6)),
            ("11月6日 星期五", date(2026, 11, 6)),
            ("是11月6号入院的", date(2026, 11, 6)),
            ("昨天住的院", date(2026, 11, 26)),
            ("大概8月5日", date(2026, 8, 5)),
            ("大概是，8月5号吧", date(2026, 8, 5)),
            ("8月5日左右", date(2026, 8, 5)),
            ("约8月5号", date(2026, 8, 5)),
            ("好像是8月5日", date(2026, 8, 5)),
            ("8月5日下午3点", date(2026, 8, 5)),
            ("8月5日下午三点半左右", date(2026, 8, 5)),
            ("8月5日 15:00", date(2026, 8, 5)),
            ("2026-08-05 15：30：00", date(2026, 8, 5)),
            ("8月5号15时30分入院", date(2026, 8, 5)),
            ("昨晚11点多", date(2026, 11, 26)),
        ] {
            assert_eq!(day(words, TODAY), Some(expected), "{words}");
        }
        for words in [
            "这周六",
            "后天",
            "三天后",
            "上周",
            "大概去年",
            "大概8月",
            "8月底",
            "8月上旬",
            "下午3点",
            "15:00",
            "8月5点",
        ] {
            assert_eq!(day(words, TODAY), None, "{words}");
        }
    }

    #[test]
    fn what_words_leave_open_is_no_plain_day() {
        for words in ["2026年8月5日", "25.12.31", "20260805", "8月5日", "十一月六号"] {
            let day = day(words, TODAY).unwrap();
            assert!(is_plain(words, day, TODAY), "{words}");
        }
        for words in ["12月31日", "大概8月5日", "8月5日 15:00", "5号", "昨天", "上周三", "上个月6号"]
        {
            let day = day(words, TODAY).unwrap();
            assert!(!is_plain(words, day, TODAY), "{words}");
        }
    }

    #[test]
    fn a_day_that_comes_is_the_nearest() {
        let today = date(2026, 11, 28); // a Saturday
        for (words, expected) in [
            ("12月5日", date(2026, 12, 5)),
            ("十二月五日", date(2026, 12, 5)),
            ("1月5号", date(2027, 1, 5)),
            ("5号", date(2026, 12, 5)),
            ("明天", date(2026, 11, 29)),
            ("2026-12-05", date(2026, 12, 5)),
            ("周六", today),
            ("周三", date(2026, 12, 2)),
            ("下周三", date(2026, 12, 2)),
            ("下个月6号", date(2026, 12, 6)),
            ("明年一月三号", date(2027, 1, 3)),
            ("三天后", date(2026, 12, 1)),
        ] {
            assert_eq!(coming(words, today), Some(expected), "{words}");
        }
        for words in ["昨天", "2026-11-27", "上周三", "2040年1月1日"] {
            assert_eq!(coming(words, today), None, "{words}");
        }
    }

    #[test]
    fn what_tells_of_a_day_is_told_from_a_name() {
        for words in [
            "昨天",
            "明天",
            "11月6日",
            "十一月六号",
            "2040年1月1日",
            "13月45日",
            "20261106",
            "上周三",
            "8.5-8.20",
        ] {
            assert!(is_day(words, TODAY), "{words}");
        }
        for words in
            ["宁波市第一医院", "一院", "八一医院", "三〇一", "301", "周三多医院", "日月医院", "的", ""]
        {
            assert!(!is_day(words, TODAY), "{words}");
        }
        for words in ["12", "１２", "十二", "6000"] {
            assert!(is_number(words), "{words}");
        }
        for words in ["一院", "肺炎", "2型糖尿病", "三高", "", "11月6日"] {
            assert!(!is_number(words), "{words}");
        }
    }

    proptest! {
        #[test]
        fn any_words_are_read_without_a_panic(words in ".{0,30}", han in "[一二十〇年月日号周上下个天前约点时:半0-9. ]{0,12}") {
            for words in [&words, &han] {
                _ = day(words, date(2026, 2, 28));
                _ = coming(words, date(2024, 2, 29));
                _ = stay(words, TODAY);
                _ = (is_day(words, TODAY), is_number(words));
            }
        }
    }
}
