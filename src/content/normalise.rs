//! One spelling for what followers type: half width, lower case, simplified, nothing but letters and digits.
//!
//! Every character is folded by itself, so folding two texts put together is putting the two folded texts
//! together. That is why a word found in the folded text has a place in what was typed (see [`after`]).

use std::iter::once;
use std::sync::LazyLock;

/// What lies beyond this many characters of a text is not looked at; no keyword is that long.
pub const NORMALISED_CHARS_MAX: usize = 512;

/// Folds full-width to half-width, capitals to small letters, traditional to simplified and `①` to `1`; drops
/// whatever is neither letter nor digit (spaces, punctuation, emoji). At most [`NORMALISED_CHARS_MAX`] characters.
pub fn normalise(text: &str) -> String {
    text.chars().flat_map(fold).take(NORMALISED_CHARS_MAX).collect()
}

/// The text in half width, as it was typed otherwise.
pub fn narrowed(text: &str) -> String {
    text.chars().map(half_width).flat_map(|(first, second)| once(first).chain(second)).collect()
}

/// What follows the first `folded_chars` characters of the normalised text, as it was typed.
pub(super) fn after(text: &str, folded_chars: usize) -> &str {
    let mut left = folded_chars;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return text[at..].trim_start_matches(is_separator).trim_end();
        }
        left = left.saturating_sub(fold(c).count());
    }
    ""
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || c.is_ascii_punctuation()
        || matches!(c, '，' | '。' | '：' | '；' | '、' | '！' | '？' | '～')
}

fn fold(c: char) -> impl Iterator<Item = char> {
    let (first, second) = half_width(c);
    once(first).chain(second).flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).map(simplified)
}

/// The plain form of a full-width or enclosed character: one character, or two for `⑩` to `⑳`.
fn half_width(c: char) -> (char, Option<char>) {
    match c {
        '！'..='～' => (shifted(c, '！', '!'), None),
        '①'..='⑨' => (shifted(c, '①', '1'), None),
        '⑩'..='⑲' => ('1', Some(shifted(c, '⑩', '0'))),
        '⑳' => ('2', Some('0')),
        '⑴'..='⑼' => (shifted(c, '⑴', '1'), None),
        '⒈'..='⒐' => (shifted(c, '⒈', '1'), None),
        _ => (c, None),
    }
}

/// The character as far above `to` as `c` is above `from`.
fn shifted(c: char, from: char, to: char) -> char {
    char::from_u32((c as u32).saturating_sub(from as u32) + to as u32).unwrap_or(c)
}

const HAN: std::ops::RangeInclusive<char> = '\u{4E00}'..='\u{9FFF}';

/// Character by character: the dictionary's exceptions for pairs («乾坤») would make a word's spelling depend on
/// what stands beside it.
fn simplified(c: char) -> char {
    static TABLE: LazyLock<Vec<char>> = LazyLock::new(|| {
        let one = |c: char| fast2s::convert(c.encode_utf8(&mut [0; 4])).chars().next().unwrap_or(c);
        HAN.map(one).collect()
    });
    let index = (c as usize).wrapping_sub(*HAN.start() as usize);
    TABLE.get(index).copied().unwrap_or(c)
}

/// Is something asked: `公司改名了要不要重新认证`, `去年摔伤能报吗`?
pub fn asks(text: &str) -> bool {
    const ENDS: [char; 3] = ['吗', '么', '?'];
    const WITHIN: [&str; 7] = ["怎么", "为什么", "要不要", "能不能", "可不可以", "有没有", "是不是"];
    let text = narrowed(text);
    text.trim_end().ends_with(ENDS) || WITHIN.iter().any(|asks| text.contains(asks))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_word_fold_to_one() {
        let check = |typed: &str, folded: &str| assert_eq!(normalise(typed), folded, "{typed:?}");
        check("報名", "报名");
        check("ＤＩＹ", "diy");
        check(" 报 名！", "报名");
        check("「我要，報名」…", "我要报名");
        check("醫療互助　理賠進度", "医疗互助理赔进度");
        check("①", "1");
        check("⑫", "12");
        check("1️⃣", "1");
        check("１２３５１", "12351");
        check("取\u{200b}消\u{feff}", "取消");
        check("😀？！~", "");
        check("5·1服务卡", "51服务卡");
        check("二〇二六", "二〇二六");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(normalise(&"长".repeat(20_000)).chars().count(), NORMALISED_CHARS_MAX);
    }

    #[test]
    fn what_follows_a_word_is_given_as_typed() {
        assert_eq!(after("報名：游泳 DIY\n", 2), "游泳 DIY");
        assert_eq!(after("报名", 2), "");
        assert_eq!(after("⑫班", 2), "班");
        assert_eq!(after("报", 9), "");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn folding_joins(a in ".{0,40}", b in ".{0,40}") {
            prop_assert_eq!(normalise(&format!("{a}{b}")), normalise(&a) + &normalise(&b));
        }

        #[test]
        fn any_tail_is_part_of_the_text(text in any::<String>(), n in 0usize..40) {
            prop_assert!(text.contains(after(&text, n)));
        }
    }
}
