//! Telephone, identity and bank card numbers in a text, and fictitious ones in their place.

use std::sync::LazyLock;

use regex::Regex;

/// A number of a person's, found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    pub kind: Kind,
    /// Half-width, without blanks and hyphens; a mobile number without +86.
    pub digits: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Mobile,
    Landline,
    /// Of 18 characters, as GB 11643 has it; `true`: its check character is right.
    Identity(bool),
    /// Of 15, from before 1999.
    OldIdentity,
    BankCard,
    /// So long that it may be somebody's.
    Other,
}

/// Digits of either width, with blanks and hyphens between; not the end of a word such as `A1-1-0003`.
static RUNS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^0-9A-Za-z０-９])(\+?[0-9０-９](?:[-—  \u{3000}]?[0-9０-９])*[XxＸｘ]?)").ok()
});
const OTHER_DIGITS_MIN: usize = 9;
/// WeChat's own ids and our openids have no blanks and are not typed; beyond this nobody's number is.
const DIGITS_MAX: usize = 40;
/// 海曙区.
const REGION: &str = "330203";

/// The text with such numbers replaced; those stay for which there is nothing else.
pub fn replaced(text: &str, mut replace: impl FnMut(Personal) -> Option<String>) -> String {
    let (mut out, mut end) = (String::with_capacity(text.len()), 0);
    let runs = RUNS.as_ref().into_iter().flat_map(|runs| runs.captures_iter(text));
    for run in runs.filter_map(|found| found.get(1)) {
        out.push_str(text.get(end..run.start()).unwrap_or_default());
        out.push_str(&in_run(run.as_str(), &mut replace));
        end = run.end();
    }
    out.push_str(text.get(end..).unwrap_or_default());
    out
}

pub fn holds_any(text: &str) -> bool {
    let mut found = false;
    replaced(text, |_| {
        found = true;
        None
    });
    found
}

/// The whole run is a number, or its parts between blanks may be.
fn in_run(run: &str, replace: &mut impl FnMut(Personal) -> Option<String>) -> String {
    if let Some(personal) = classified(run, run.contains([' ', '-', '—', '\u{3000}'])) {
        return replace(personal).unwrap_or_else(|| run.to_owned());
    }
    let mut part = |part: &str| {
        let personal = classified(part, part.contains(['-', '—']));
        personal.and_then(&mut *replace).unwrap_or_else(|| part.to_owned())
    };
    run.split(' ').map(&mut part).collect::<Vec<_>>().join(" ")
}

fn classified(run: &str, is_spaced: bool) -> Option<Personal> {
    let digits: String = half_width(run).to_uppercase();
    let digits: String = digits.chars().filter(|c| c.is_ascii_digit() || *c == 'X').collect();
    let digits = match digits.strip_prefix("86") {
        Some(rest) if is_mobile(rest) => rest.to_owned(),
        _ => digits,
    };
    let kind = match digits.len() {
        _ if is_mobile(&digits) => Kind::Mobile,
        18 if is_born(&digits, 6, 4) => Kind::Identity(check_character(&digits) == digits.chars().last()),
        16..=19 if is_luhn(&digits) => Kind::BankCard,
        15 if is_born(&digits, 6, 2) => Kind::OldIdentity,
        10..=12 if digits.starts_with('0') => Kind::Landline,
        OTHER_DIGITS_MIN..=DIGITS_MAX if !is_spaced => Kind::Other,
        _ => return None,
    };
    Some(Personal { kind, digits })
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Mobile => "mobile",
            Kind::Landline => "landline",
            Kind::Identity(_) => "identity",
            Kind::OldIdentity => "old identity",
            Kind::BankCard => "bank card",
            Kind::Other => "other",
        }
    }
}

impl Personal {
    /// The n-th of its kind, from 1. An identity number keeps its year of birth and its sex, which rules ask for.
    pub fn fictitious(&self, n: usize) -> String {
        let at = |from: usize, to: usize| self.digits.get(from..to).unwrap_or_default();
        let length = self.digits.len();
        match self.kind {
            Kind::Mobile => format!("1380000{:04}", (1000 + n) % 10_000),
            Kind::Landline => format!("0574{n:0width$}", width = length.saturating_sub(4)),
            Kind::Identity(is_right) => {
                let sex = at(16, 17).parse::<usize>().unwrap_or_default() % 2;
                let body = format!("{REGION}{}0101{:03}", at(6, 10), (2 * n + sex) % 1000);
                let check = check_character(&body).unwrap_or('0');
                let check = if is_right { check } else { other_than(check) };
                format!("{body}{check}")
            }
            Kind::OldIdentity => format!("{REGION}{}0101{n:03}", at(6, 8)),
            Kind::BankCard => {
                let body = format!("622848{n:0width$}", width = length.saturating_sub(7));
                (0..10).map(|check| format!("{body}{check}")).find(|card| is_luhn(card)).unwrap_or(body)
            }
            Kind::Other => format!("9{n:0width$}", width = length.saturating_sub(1)),
        }
    }
}

fn other_than(check: char) -> char {
    if check == '0' { '1' } else { '0' }
}

/// As a sign-up takes it: 11 digits from 1, the second 3 to 9.
fn is_mobile(digits: &str) -> bool {
    digits.len() == 11
        && digits.starts_with('1')
        && digits.bytes().all(|b| b.is_ascii_digit())
        && matches!(digits.as_bytes().get(1), Some(b'3'..=b'9'))
}

/// A date of birth stands at `at`, its year in so many digits.
fn is_born(digits: &str, at: usize, year: usize) -> bool {
    let part = |from: usize, count: usize| digits.get(from..from + count)?.parse::<u32>().ok();
    let in_time = year == 2 || part(at, 4).is_some_and(|year| (1900..2100).contains(&year));
    let month = part(at + year, 2).is_some_and(|month| (1..=12).contains(&month));
    let day = part(at + year + 2, 2).is_some_and(|day| (1..=31).contains(&day));
    let body = digits.len().saturating_sub(1);
    let all_digits = digits.bytes().take(body).all(|b| b.is_ascii_digit());
    in_time && month && day && all_digits
}

/// GB 11643 (ISO 7064, MOD 11-2), of the first 17 digits.
fn check_character(digits: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let values = digits.chars().take(17).map(|c| c.to_digit(10)).collect::<Option<Vec<u32>>>()?;
    if values.len() < WEIGHTS.len() {
        return None;
    }
    let sum: u32 = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    "10X98765432".chars().nth(sum as usize % 11)
}

fn is_luhn(digits: &str) -> bool {
    let Some(values) = digits.chars().rev().map(|c| c.to_digit(10)).collect::<Option<Vec<u32>>>() else {
        return false;
    };
    let doubled = |value: u32| if value > 4 { 2 * value - 9 } else { 2 * value };
    let sum: u32 =
        values.iter().enumerate().map(|(n, value)| if n % 2 == 1 { doubled(*value) } else { *value }).sum();
    sum.is_multiple_of(10)
}

pub fn half_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    };
    text.chars().map(narrow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let mut n = 0;
        replaced(text, |personal| {
            n += 1;
            Some(personal.fictitious(n))
        })
    }

    #[test]
    fn each_kind_is_replaced_by_its_own() {
        assert_eq!(masked("电话+86 139-1234-5678。"), "电话13800001001。");
        assert_eq!(masked("１３９１２３４５６７８"), "13800001001");
        assert_eq!(masked("0574-87654321"), "057400000001");
        let identity = masked("11010519491231002X");
        assert_eq!((&identity[..14], identity.len()), ("33020319490101", 18));
        assert_eq!(check_character(&identity), identity.chars().last(), "{identity}");
        let card = masked("4111111111111111");
        assert!(card.starts_with("622848") && card.len() == 16 && is_luhn(&card), "{card}");
    }

    #[test]
    fn what_a_check_refuses_it_refuses_still() {
        let wrong = masked("110105194912310021");
        assert_ne!(check_character(&wrong), wrong.chars().last());
        assert_eq!(masked("12345"), "12345");
    }

    #[test]
    fn two_numbers_side_by_side_are_two() {
        assert_eq!(masked("13912345678 13987654321"), "13800001001 13800001002");
    }

    #[test]
    fn dates_small_numbers_and_registrations_stay() {
        for text in ["2026-12-05 09:00", "12月5日", "A12-1-0007", "3", "170"] {
            assert_eq!(masked(text), text);
        }
    }
}
