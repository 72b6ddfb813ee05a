//! What of a follower's words is kept.

use std::collections::HashSet;

/// A question has no more; the rest of a longer text is dropped.
const TEXT_CHARS_MAX: usize = 60;
/// Fewer different characters are no question: «嗯嗯», «??».
const LETTERS_MIN: usize = 3;
/// A run of letters and digits with so many digits is a number that may name somebody: identity, phone, card, plate.
const DIGITS_MAX: usize = 4;
/// Digits as words: «一三八…».
const SPOKEN: &str = "零〇一二三四五六七八九幺";
const SPOKEN_MAX: usize = 6;

/// Who says who they are asks no question, and is to be forgotten when they want to be.
const INTRODUCING: [&str; 4] = ["我是", "我叫", "姓名", "名字"];

/// What is kept of a normalised text, and found again by. `None`: it is no question, or it may name somebody.
pub fn kept(folded: &str) -> Option<String> {
    let mut rest = folded;
    while let Some(first) = rest.chars().next() {
        let class = class(first);
        let end = rest.find(|c| self::class(c) != class).unwrap_or(rest.len());
        if names_somebody(class, &rest[..end]) {
            return None;
        }
        rest = &rest[end..];
    }
    let kept: String = folded.chars().take(TEXT_CHARS_MAX).collect();
    let letters: HashSet<char> = kept.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()).collect();
    let names = INTRODUCING.iter().any(|word| folded.contains(word));
    (letters.len() >= LETTERS_MIN && !names).then_some(kept)
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Ascii,
    Spoken,
    Other,
}

fn class(c: char) -> Class {
    match c {
        c if c.is_ascii_alphanumeric() => Class::Ascii,
        c if SPOKEN.contains(c) => Class::Spoken,
        _ => Class::Other,
    }
}

fn names_somebody(class: Class, run: &str) -> bool {
    match class {
        Class::Ascii => run.bytes().filter(u8::is_ascii_digit).count() > DIGITS_MAX,
        Class::Spoken => run.chars().count() > SPOKEN_MAX,
        Class::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_may_name_somebody_are_not_kept() {
        let check = |text, expected| assert_eq!(kept(text).as_deref(), expected, "{text}");
        check("食堂几点开门", Some("食堂几点开门"));
        check("我身份证33020119900101123x能查吗", None);
        check("电话13800001234打给我吧", None);
        check("我是林样例食堂几点开门", None);
        check("电话一三八零零零零一二三四打给我", None);
        check("2026年51服务卡几号发", Some("2026年51服务卡几号发"));
        check("13800001234", None);
        check("嗯嗯嗯嗯", None);
        check("asdfasdf", None);
        check("", None);
    }

    #[test]
    fn a_pasted_text_is_cut() {
        let text = "今天天气真好".repeat(80);
        assert_eq!(kept(&text).map(|kept| kept.chars().count()), Some(TEXT_CHARS_MAX));
    }
}
