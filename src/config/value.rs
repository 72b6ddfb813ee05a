//! How a setting's text becomes a value.

use std::net::SocketAddr;
use std::time::Duration;

/// A setting as it was given. The environment has only text, so its words may stand for any kind.
#[derive(Debug, Clone)]
pub(super) enum Raw {
    Text(String),
    Number(String),
    List(Vec<String>),
    YesNo(bool),
    Environment(String),
    /// A date, a float, a table where a value should be…
    Other,
}

impl Raw {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Raw::Text(text) | Raw::Environment(text) => Some(text),
            _ => None,
        }
    }

    fn number(&self) -> Option<u64> {
        match self {
            Raw::Number(digits) | Raw::Environment(digits) => digits.trim().parse().ok(),
            _ => None,
        }
    }
}

/// A kind of value that a key can have.
pub(super) trait Setting: Sized {
    /// What is expected, in words that follow "must be".
    const EXPECTED: &'static str;
    fn from_raw(raw: &Raw) -> Option<Self>;
}

impl Setting for String {
    const EXPECTED: &'static str = "a text in quotes";
    fn from_raw(raw: &Raw) -> Option<String> {
        raw.text().map(str::to_owned)
    }
}

impl Setting for usize {
    const EXPECTED: &'static str = "a whole number above 0";
    fn from_raw(raw: &Raw) -> Option<usize> {
        raw.number().and_then(|number| usize::try_from(number).ok()).filter(|number| *number > 0)
    }
}

impl Setting for u32 {
    const EXPECTED: &'static str = usize::EXPECTED;
    fn from_raw(raw: &Raw) -> Option<u32> {
        usize::from_raw(raw).and_then(|number| number.try_into().ok())
    }
}

impl Setting for u8 {
    const EXPECTED: &'static str = "a whole number from 1 to 255";
    fn from_raw(raw: &Raw) -> Option<u8> {
        usize::from_raw(raw).and_then(|number| number.try_into().ok())
    }
}

impl Setting for bool {
    const EXPECTED: &'static str = "true or false";
    fn from_raw(raw: &Raw) -> Option<bool> {
        match raw {
            Raw::YesNo(yes) => Some(*yes),
            Raw::Environment(word) => word.trim().parse().ok(),
            _ => None,
        }
    }
}

impl Setting for jiff::civil::Date {
    const EXPECTED: &'static str = "a day in quotes, such as \"2027-06-30\"";
    fn from_raw(raw: &Raw) -> Option<jiff::civil::Date> {
        raw.text().and_then(|text| text.trim().parse().ok())
    }
}

impl Setting for SocketAddr {
    const EXPECTED: &'static str = "an address and port like \"127.0.0.1:8080\"";
    fn from_raw(raw: &Raw) -> Option<SocketAddr> {
        raw.text()?.trim().parse().ok()
    }
}

impl Setting for Vec<String> {
    const EXPECTED: &'static str = "a list of texts like [\"activity\"]";
    fn from_raw(raw: &Raw) -> Option<Vec<String>> {
        match raw {
            Raw::List(list) => Some(list.clone()),
            Raw::Environment(words) => {
                Some(words.split(',').map(|word| word.trim().to_owned()).filter(|w| !w.is_empty()).collect())
            }
            _ => None,
        }
    }
}

impl Setting for Duration {
    const EXPECTED: &'static str = "a time like \"4.5s\", \"500ms\" or \"10m\"";
    fn from_raw(raw: &Raw) -> Option<Duration> {
        const UNITS: &[(&str, f64)] =
            &[("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3_600.0), ("d", 86_400.0)];
        let (number, seconds) = split_unit(raw.text()?, UNITS)?;
        let number: f64 = number.parse().ok().filter(|n: &f64| n.is_finite() && *n > 0.0)?;
        Duration::try_from_secs_f64(number * seconds).ok()
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size(pub usize);

impl Setting for Size {
    const EXPECTED: &'static str = "a size like \"64KiB\" or \"1MiB\"";
    fn from_raw(raw: &Raw) -> Option<Size> {
        const UNITS: &[(&str, usize)] = &[("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)];
        let bytes = match raw.number() {
            Some(bytes) => usize::try_from(bytes).ok()?,
            None => {
                let (number, unit) = split_unit(raw.text()?, UNITS)?;
                number.parse::<usize>().ok()?.checked_mul(unit)?
            }
        };
        Some(Size(bytes)).filter(|size| size.0 > 0)
    }
}

/// One of a few words.
pub(super) fn word<T: Copy>(raw: &Raw, words: &[(&str, T)]) -> Option<T> {
    let text = raw.text()?.trim();
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
}

fn split_unit<'a, T: Copy>(text: &'a str, units: &[(&str, T)]) -> Option<(&'a str, T)> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(digits);
    units.iter().find(|(name, _)| *name == unit.trim()).map(|(_, value)| (number, *value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Setting>(text: &str) -> Option<T> {
        T::from_raw(&Raw::Text(text.to_owned()))
    }

    #[test]
    fn durations_need_a_unit_and_are_never_zero() {
        assert_eq!(read::<Duration>("4.5s"), Some(Duration::from_millis(4_500)));
        assert_eq!(read::<Duration>("500 ms"), Some(Duration::from_millis(500)));
        assert_eq!(read::<Duration>("10m"), Some(Duration::from_secs(600)));
        for wrong in ["", "10", "0s", "-1s", "1.2.3s", "9999999999999999999d", "s", "1 week"] {
            assert_eq!(read::<Duration>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_are_bytes_or_have_a_binary_unit() {
        assert_eq!(read::<Size>("64KiB").map(|s| s.0), Some(65_536));
        assert_eq!(Size::from_raw(&Raw::Number("100".to_owned())).map(|s| s.0), Some(100));
        for wrong in ["64KB", "1.5MiB", "0KiB", "99999999999999999999GiB", "64"] {
            assert!(read::<Size>(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_environment_gives_numbers_and_lists_as_words() {
        assert_eq!(usize::from_raw(&Raw::Environment("12".to_owned())), Some(12));
        assert_eq!(usize::from_raw(&Raw::Text("12".to_owned())), None);
        let words = Vec::<String>::from_raw(&Raw::Environment("activity, auditor".to_owned()));
        assert_eq!(words, Some(vec!["activity".to_owned(), "auditor".to_owned()]));
    }
}
