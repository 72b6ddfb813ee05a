//! Account numbers as people write them.

const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 12..=19;

fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        c => c,
    }
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
    use proptest::prelude::*;

    use super::*;

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
