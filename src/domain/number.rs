//! Numbers as people write them: a letter that says what is numbered, and digits.

use std::str::FromStr;

/// The number behind its letter, which may be small. `None` if the text is something else.
pub(super) fn read<N: FromStr>(letter: char, text: &str) -> Option<N> {
    let mut rest = text.chars();
    let first = rest.next()?;
    let digits = rest.as_str();
    let is_written = first.eq_ignore_ascii_case(&letter) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_written { digits.parse().ok() } else { None }
}

/// A number with its letter and the digits that are at least written: `ClaimId(u64), 'L', 6 digits` is read and
/// shown as `L000123`, stored as its number, and a key.
macro_rules! written_number {
    ($(#[$doc:meta])* $name:ident($number:ty), $letter:literal, $digits:literal digits) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub $number);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($letter, "{:0", $digits, "}"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                crate::domain::number::read($letter, text).map($name).ok_or(())
            }
        }

        impl crate::store::Key for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                self.0.encode(out);
            }

            fn decode(from: &mut &[u8]) -> Option<Self> {
                <$number as crate::store::Key>::decode(from).map($name)
            }
        }
    };
}

pub(super) use written_number;

#[cfg(test)]
mod tests {

    written_number! { Example(u32), 'X', 6 digits }

    #[test]
    fn it_is_read_as_it_is_written_and_nothing_else_is() {
        assert_eq!(Example(12).to_string(), "X000012");
        for (text, number) in [("X000012", 12), ("x12", 12), ("X1234567", 1_234_567)] {
            assert_eq!(text.parse(), Ok(Example(number)), "{text}");
        }
        for text in ["", "X", "12", "Y12", "X+12", "X-1", "X12a", "X4294967296", "Ｘ12"] {
            assert_eq!(text.parse::<Example>(), Err(()), "{text}");
        }
    }
}
