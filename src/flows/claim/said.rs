//! Account numbers, banks and papers as people write them.

use super::spoken::{BANK_END, NATIONAL, OF_BANKS, RURAL_BANK};
use crate::content::normalise;
use crate::flows::Input;
use crate::flows::input::after_label;
use crate::flows::membership::chosen;

const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 12..=19;

fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        c => c,
    }
}

/// The digits of a bank account, if they are so many and add up (Luhn).
pub fn account(words: &str) -> Option<String> {
    let clean: String =
        after_label(words).chars().map(half_width).filter(|c| !c.is_whitespace() && *c != '-').collect();
    let fits = ACCOUNT_DIGITS.contains(&clean.len()) && clean.bytes().all(|b| b.is_ascii_digit());
    (fits && adds_up(&clean)).then_some(clean)
}

/// Which of the banks: 中国工商银行宁波某某支行 and 工行 are the 工商银行 of the list.
pub fn bank(words: &str, banks: &[String]) -> Option<usize> {
    let folded = normalise(words).replace(RURAL_BANK[0], RURAL_BANK[1]);
    let names: Vec<String> = banks.iter().map(|bank| normalise(bank)).collect();
    let named = names.iter().position(|bank| folded.contains(bank));
    // 建行鄞州支行, 中国农行
    let head = folded.split_inclusive(BANK_END).next().unwrap_or(&folded);
    let head = head.strip_prefix(NATIONAL).unwrap_or(head);
    named.or_else(|| names.iter().position(|bank| is_short_for(head, bank)))
}

/// Some bank or a branch of one, and nobody's name.
pub fn is_a_bank(words: &str, banks: &[String]) -> bool {
    bank(words, banks).is_some() || OF_BANKS.iter().any(|of| words.contains(of))
}

/// Its first sign and some of the others, in their order.
fn is_short_for(words: &str, bank: &str) -> bool {
    let mut of_bank = bank.chars();
    words.chars().count() > 1
        && words.chars().next() == bank.chars().next()
        && words.chars().all(|c| of_bank.any(|of| of == c))
}

/// Which of the papers: by its number or its name, or by the only one that the words are a part of or name: `结算单`,
/// `这是出院小结` of 出院小结（出院记录）.
pub fn paper(input: &Input, titles: &[&str]) -> Option<usize> {
    const PART_CHARS_MIN: usize = 2;
    let said = normalise(input.words().filter(|_| input.is_written()).unwrap_or_default());
    let is_meant = |title: &str| {
        let mut names = title.split(['（', '）']).map(normalise).filter(|name| !name.is_empty());
        names.any(|name| said.contains(&name) || name.contains(&said))
    };
    let by_part = || {
        let mut meant = titles.iter().enumerate().filter(|(_, title)| is_meant(title));
        meant.next().filter(|_| meant.next().is_none()).map(|(at, _)| at)
    };
    chosen(input, titles).or_else(|| by_part().filter(|_| said.chars().count() >= PART_CHARS_MIN))
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_account_with_a_slip_is_none() {
        assert_eq!(account("6222 0200 0000 0000 000").as_deref(), Some("6222020000000000000"));
        assert_eq!(account("6222020000000000001"), None);
        assert_eq!(account("卡号：6222 0200 0000 0000 000").as_deref(), Some("6222020000000000000"));
        assert_eq!(account("7"), None);
        assert_eq!(account("农行"), None);
    }

    #[test]
    fn a_paper_is_known_by_a_part_of_its_name() {
        let titles = ["住院收费票据", "医保结算单", "出院小结（出院记录）", "身份证", "本人银行卡"];
        for (said, at) in [
            ("出院小结", Some(2)),
            ("这是出院记录", Some(2)),
            ("结算单", Some(1)),
            ("银行卡", Some(4)),
            ("3", Some(2)),
            ("身份证和医保结算单", None),
            ("院", None),
            ("住院和出院的", None),
            ("在吗", None),
            ("", None),
        ] {
            assert_eq!(paper(&Input::said(said, None), &titles), at, "{said}");
        }
    }

    #[test]
    fn a_bank_is_known_by_what_people_call_it() {
        let banks = ["中国银行", "农业银行", "工商银行", "建设银行", "宁波银行", "农商银行", "农村信用社"];
        let banks = banks.map(str::to_owned);
        for (words, expected) in [
            ("工商银行", Some("工商银行")),
            ("中国工商银行宁波某某支行", Some("工商银行")),
            ("工行", Some("工商银行")),
            ("建行", Some("建设银行")),
            ("中行", Some("中国银行")),
            ("宁波鄞州农村商业银行", Some("农商银行")),
            ("农商行", Some("农商银行")),
            ("农信社", Some("农村信用社")),
            ("农行", Some("农业银行")),
            ("建行鄞州支行", Some("建设银行")),
            ("中国农行", Some("农业银行")),
            ("招商银行", None),
            ("中国民生银行", None),
            ("商行", None),
            ("工", None),
            ("", None),
        ] {
            let found = bank(words, &banks).and_then(|at| banks.get(at)).map(String::as_str);
            assert_eq!(found, expected, "{words}");
        }
    }

    proptest! {
        #[test]
        fn any_words_are_read_without_a_panic(words in ".{0,30}") {
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
