//! Sums and numbers as people write them.

use crate::content::narrowed;

/// Sums are reckoned in millionths: 1.2345万 is a whole number.
const ONE: i128 = 1_000_000;
const HUNDREDTH: i128 = ONE / 100;
/// What no sum reaches.
const MAX: i128 = 10_000_000_000_000 * ONE;

/// In hundredths: `36000`, `36,000.50元`, `¥1.8万`, `1万8`, `一万八千六`, `两千三百块`, `五百块零五毛`. Of what has no whole
/// hundredths, nothing.
pub fn hundredths(words: &str) -> Option<i64> {
    let clean: String =
        narrowed(words).chars().filter(|c| !c.is_whitespace() && !",，¥￥".contains(*c)).collect();
    let clean =
        ["钱", "整", "正"].iter().fold(&clean[..], |text, end| text.strip_suffix(end).unwrap_or(text));
    let (yuan, rest) = clean.split_once(['元', '块', '圆']).unwrap_or((clean, ""));
    // 五百块五
    let of_jiao = || if rest.ends_with('分') { ("", rest) } else { (rest, "") };
    let (jiao, rest) = rest.split_once(['角', '毛']).unwrap_or_else(of_jiao);
    let part = |text: &str| match text.trim_start_matches('零') {
        "" => Some(0),
        text => numeral(text.strip_suffix('分').unwrap_or(text)),
    };
    let sum = number(yuan)? + (part(jiao)? * 10 + part(rest)?) * HUNDREDTH;
    let is_whole = sum % HUNDREDTH == 0 && sum <= MAX;
    i64::try_from(sum / HUNDREDTH).ok().filter(|_| is_whole)
}

/// Numerals, and 万, 千, 百, 十 behind them.
fn number(text: &str) -> Option<i128> {
    let (mut rest, mut sum, mut last) = (text, 0, None);
    for (name, unit) in [('万', 10_000), ('千', 1_000), ('百', 100), ('十', 10)] {
        let Some((count, behind)) = rest.split_once(name) else { continue };
        let count = match count.trim_start_matches('零') {
            // 十五
            "" if name == '十' => ONE,
            count if name == '万' => number(count)?,
            count => plain(count)?,
        };
        let value = count.checked_mul(unit)?;
        // What is said of a smaller unit is less than one of the larger.
        if last.is_some_and(|last| value >= last * ONE) {
            return None;
        }
        (rest, sum, last) = (behind, sum + value, Some(unit));
    }
    let ones = match (rest.trim_start_matches('零'), last) {
        ("", Some(_)) => 0,
        // 三百五
        (ones, Some(unit)) if ones == rest && ones.chars().count() == 1 => plain(ones)? * unit / 10,
        (ones, _) => plain(ones)?,
    };
    Some(sum + ones).filter(|sum| *sum <= MAX)
}

/// `1234.5`, `八`
fn plain(text: &str) -> Option<i128> {
    if let Some(numeral) = numeral(text) {
        return Some(numeral * ONE);
    }
    let (whole, behind) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(behind) || whole.len() > 15 || behind.len() > 6 {
        return None;
    }
    Some(whole.parse::<i128>().ok()? * ONE + format!("{behind:0<6}").parse::<i128>().ok()?)
}

/// One of them alone.
fn numeral(text: &str) -> Option<i128> {
    let mut chars = text.chars();
    let (Some(one), None) = (chars.next(), chars.next()) else { return None };
    match one {
        '〇' | '零' => Some(0),
        '两' | '兩' => Some(2),
        '0'..='9' => one.to_digit(10).map(i128::from),
        _ => "一二三四五六七八九".chars().zip(1..).find_map(|(known, value)| (known == one).then_some(value)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sums_are_understood_as_people_say_them() {
        for (words, expected) in [
            ("36000", 3_600_000),
            ("３６，０００元", 3_600_000),
            ("1,234.50元", 123_450),
            ("¥1234.5", 123_450),
            ("1.8万", 1_800_000),
            ("1.85万元", 1_850_000),
            ("1.2345万", 1_234_500),
            ("1万5000", 1_500_000),
            ("1万8", 1_800_000),
            ("1万8千6", 1_860_000),
            ("一万八", 1_800_000),
            ("一万八千六", 1_860_000),
            ("一万八千六百元", 1_860_000),
            ("一万零五十", 1_005_000),
            ("一万零五", 1_000_500),
            ("十二万", 12_000_000),
            ("一百二十万", 120_000_000),
            ("两千三百块", 230_000),
            ("3千5", 350_000),
            ("三百五", 35_000),
            ("三百零五", 30_500),
            ("三百五十六块八", 35_680),
            ("五百块五毛", 50_050),
            ("500元5角3分", 50_053),
            ("500元零3分", 50_003),
            ("五百块钱", 50_000),
            ("一万元整", 1_000_000),
            ("一千", 100_000),
            ("十五", 1_500),
            ("二十", 2_000),
            ("八", 800),
            ("0", 0),
        ] {
            assert_eq!(hundredths(words), Some(expected), "{words}");
        }
        for words in [
            "",
            "元",
            "很多",
            "-5",
            "1.234",
            "1e9",
            "inf",
            "人工",
            "万",
            "百八千",
            "三十百",
            "一二三",
            "五毛五毛",
            "1.2.3",
            "99999999999999999999",
            "九千九百万万万",
            "块五",
        ] {
            assert_eq!(hundredths(words), None, "{words}");
        }
    }

    /// As it is read out.
    fn said(n: i64) -> String {
        let digit = |n: i64| "零一二三四五六七八九".chars().nth(n as usize).unwrap();
        let (mut text, mut gap) = (String::new(), false);
        for (unit, name) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
            match n / unit % 10 {
                0 => gap = !text.is_empty(),
                of => {
                    if std::mem::take(&mut gap) {
                        text.push('零');
                    }
                    text.push(digit(of));
                    text.push_str(name);
                }
            }
        }
        text
    }

    proptest! {
        #[test]
        fn what_is_read_out_is_understood(thousands in 1i64..10_000, rest in 1i64..10_000) {
            prop_assert_eq!(hundredths(&said(rest)), Some(rest * 100));
            let between = if rest < 1_000 { "零" } else { "" };
            let both = format!("{}万{between}{}元", said(thousands), said(rest));
            prop_assert_eq!(hundredths(&both), Some((thousands * 10_000 + rest) * 100));
        }

        #[test]
        fn any_words_are_read_without_a_panic(words in ".{0,30}", han in "[一二两十百千万零块毛分元0-9.]{0,20}") {
            _ = (hundredths(&words), hundredths(&han));
        }
    }
}
