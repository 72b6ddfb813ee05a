//! The resident identity number (公民身份号码, GB 11643-1999): 17 digits and a check character.

use jiff::civil::{Date, date};

use super::record::Sex;

/// Years of life beyond which a birthday is taken for a slip.
const AGE_MAX: i16 = 120;
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnIdentity {
    #[error("an identity number has 18 characters")]
    Length,
    /// The first generation's, not valid since 2013.
    #[error("a 15-digit identity number is no longer valid; the 18-character one is needed")]
    FirstGeneration,
    #[error("an identity number is digits, and perhaps an X at its end")]
    Characters,
    #[error("there is no such birthday")]
    Birthday,
    #[error("a digit is wrong: the check character doesn't fit")]
    Check,
}

/// Checks what was typed (spaces, full width and a small x are fine) and returns it in one form.
pub fn parse(typed: &str, today: Date) -> Result<String, NotAnIdentity> {
    let clean: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(half_width).collect();
    let bytes = clean.as_bytes();
    match bytes.len() {
        18 => {}
        15 if bytes.iter().all(u8::is_ascii_digit) => return Err(NotAnIdentity::FirstGeneration),
        _ => return Err(NotAnIdentity::Length),
    }
    let (digits, last) = bytes.split_at(17);
    if !digits.iter().all(u8::is_ascii_digit) || !(last[0].is_ascii_digit() || last[0] == b'X') {
        return Err(NotAnIdentity::Characters);
    }
    let born = birthday(&clean).ok_or(NotAnIdentity::Birthday)?;
    if born > today || born.year() < today.year() - AGE_MAX {
        return Err(NotAnIdentity::Birthday);
    }
    if check(digits) != last[0] {
        return Err(NotAnIdentity::Check);
    }
    Ok(clean)
}

/// The check character (GB 11643, MOD 11-2) of 17 digits.
pub fn check(digits: &[u8]) -> u8 {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    CHECKS[(sum % 11) as usize]
}

/// Of a checked number.
pub fn birthday(identity: &str) -> Option<Date> {
    let part = |from: usize, to: usize| identity.get(from..to)?.parse::<i16>().ok();
    let (year, month, day) = (part(6, 10)?, part(10, 12)?, part(12, 14)?);
    Date::new(year, month as i8, day as i8).ok().filter(|born| *born >= date(1850, 1, 1))
}

/// The 17th digit is odd for men.
pub fn sex(identity: &str) -> Option<Sex> {
    let digit = identity.as_bytes().get(16).filter(|byte| byte.is_ascii_digit())?;
    Some(if digit % 2 == 1 { Sex::Male } else { Sex::Female })
}

/// A name in one form: without spaces, and with one kind of middle dot (少数民族姓名).
pub fn name(typed: &str) -> String {
    let dot = |c: char| if matches!(c, '•' | '・' | '∙' | '⋅' | '.' | '．') { '·' } else { c };
    typed.chars().filter(|c| !c.is_whitespace()).map(dot).collect()
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        'x' | 'ｘ' | 'Ｘ' => 'X',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 11, 24);

    #[test]
    fn the_standard_s_own_examples_hold() {
        // GB 11643-1999, 5.
        assert_eq!(parse("11010519491231002X", TODAY).unwrap(), "11010519491231002X");
        assert_eq!(parse("440524188001010014", TODAY), Err(NotAnIdentity::Birthday), "born in 1880");
        assert_eq!(check(b"44052418800101001"), b'4');
    }

    #[test]
    fn what_people_type_is_understood_and_what_is_wrong_is_named() {
        assert_eq!(parse(" １１0105 19491231 002x ", TODAY).unwrap(), "11010519491231002X");
        assert_eq!(parse("110105491231002", TODAY), Err(NotAnIdentity::FirstGeneration));
        assert_eq!(parse("1101051949123100", TODAY), Err(NotAnIdentity::Length));
        assert_eq!(parse("身份证号码写在这里十八个字一二三四", TODAY), Err(NotAnIdentity::Length));
        assert_eq!(parse("11010519491231X02X", TODAY), Err(NotAnIdentity::Characters));
        assert_eq!(parse("110105194902300021", TODAY), Err(NotAnIdentity::Birthday));
        assert_eq!(parse("110105194912310021", TODAY), Err(NotAnIdentity::Check));
        assert_eq!(
            (birthday("11010519491231002X"), sex("11010519491231002X")),
            (Some(date(1949, 12, 31)), Some(Sex::Female))
        );
        assert_eq!(name(" 买买提 • 艾力 "), "买买提·艾力");
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_found(at in 0usize..17, by in 1u8..10, number in 0u32..1000) {
            let body = format!("33029919900101{number:03}");
            let right = format!("{body}{}", char::from(check(body.as_bytes())));
            prop_assert_eq!(parse(&right, TODAY).unwrap(), right.clone());
            let mut wrong = right.into_bytes();
            wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
            prop_assert!(parse(std::str::from_utf8(&wrong).unwrap(), TODAY).is_err());
        }

        #[test]
        fn nothing_that_is_typed_panics(typed in ".{0,40}") {
            _ = parse(&typed, TODAY);
        }
    }
}
