use std::fmt;
use std::iter::Sum;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Money in fen (分). Written in yuan everywhere: `"3000.00"`; files may also say `3000.5` or `3000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fen(pub i64);

/// More than there is: a slip. Far from where sums would overflow.
const YUAN_BELOW: i64 = 1_000_000_000_000_000;
const FEN: i64 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount is yuan with at most two decimals, such as 3000.00")]
pub struct NotMoney;

impl Fen {
    pub const ZERO: Fen = Fen(0);

    pub const fn yuan(yuan: i64) -> Fen {
        Fen(yuan.saturating_mul(FEN))
    }

    pub fn plus(self, other: Fen) -> Fen {
        Fen(self.0.saturating_add(other.0))
    }

    pub fn minus(self, other: Fen) -> Fen {
        Fen(self.0.saturating_sub(other.0))
    }

    pub fn times(self, count: u32) -> Fen {
        Fen(self.0.saturating_mul(i64::from(count)))
    }

    /// Nothing if it would be less.
    pub fn at_least_zero(self) -> Fen {
        self.max(Fen::ZERO)
    }
}

impl Sum for Fen {
    fn sum<I: Iterator<Item = Fen>>(amounts: I) -> Fen {
        amounts.fold(Fen::ZERO, Fen::plus)
    }
}

impl fmt::Display for Fen {
    /// Yuan with two decimals: `2900.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / FEN.unsigned_abs(), fen % FEN.unsigned_abs())
    }
}

impl FromStr for Fen {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Fen, NotMoney> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        scaled(digits, 2, YUAN_BELOW).map(|fen| Fen(sign * fen)).ok_or(NotMoney)
    }
}

/// A share of something, in hundredths of a percent. A file writes `0.8` or `"0.1234"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rate(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rate is 0 to 1 with at most four decimals, such as 0.8")]
pub struct NotARate;

impl Rate {
    pub const WHOLE: Rate = Rate(10_000);

    /// In percent, as short as it goes: `80`, `12.5`.
    pub fn percent(self) -> String {
        let text = format!("{}.{:02}", self.0 / 100, self.0 % 100);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

impl fmt::Display for Rate {
    /// As a fraction: `0.8000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:04}", self.0 / Rate::WHOLE.0, self.0 % Rate::WHOLE.0)
    }
}

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Rate, NotARate> {
        let parts = scaled(text, 4, 2).and_then(|parts| u32::try_from(parts).ok());
        parts.map(Rate).filter(|rate| *rate <= Rate::WHOLE).ok_or(NotARate)
    }
}

/// What is done with a part of a fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// 四舍五入
    #[default]
    HalfUp,
    Down,
    Up,
    HalfEven,
}

impl Rounding {
    /// `rate` of an amount that isn't negative, as a multiple of `unit`.
    pub fn of(self, amount: Fen, rate: Rate, unit: Fen) -> Fen {
        let unit = i128::from(unit.0.max(1));
        let whole = unit * i128::from(Rate::WHOLE.0);
        let product = i128::from(amount.0.max(0)) * i128::from(rate.0);
        let (units, rest) = (product / whole, product % whole);
        let up = match self {
            Rounding::HalfUp => rest * 2 >= whole,
            Rounding::Down => false,
            Rounding::Up => rest > 0,
            Rounding::HalfEven => rest * 2 > whole || (rest * 2 == whole && units % 2 == 1),
        };
        Fen(i64::try_from((units + i128::from(up)) * unit).unwrap_or(i64::MAX))
    }
}

/// Plain digits with at most `decimals` of them behind the point, as a whole number of the smallest unit.
fn scaled(text: &str, decimals: usize, below: i64) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let fits = !whole.is_empty() && whole.len() <= 15 && part.len() <= decimals && !text.ends_with('.');
    if !fits || !digits(whole) || !digits(part) {
        return None;
    }
    let whole = whole.parse::<i64>().ok().filter(|whole| *whole < below)?;
    format!("{whole}{part:0<decimals$}").parse().ok()
}

/// A number of a file, written out as it is there.
struct Written<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Written<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a number, as such or as a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        // The shortest decimal that is this float: what was written, unless that had more digits than a float holds.
        self.visit_str(&number.to_string())
    }
}

impl Serialize for Fen {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fen {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Fen, D::Error> {
        from.deserialize_any(Written(PhantomData))
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Rate, D::Error> {
        from.deserialize_any(Written(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        fee: Fen,
        rate: Rate,
    }

    fn check(text: &str, expected: Result<(i64, u32), &str>) {
        let read: Result<Row, _> = toml::from_str(text);
        match (read, expected) {
            (Ok(row), Ok((fen, rate))) => assert_eq!(row, Row { fee: Fen(fen), rate: Rate(rate) }, "{text}"),
            (Err(error), Err(why)) => assert!(error.to_string().contains(why), "{text}: {error}"),
            (read, _) => panic!("{text}: {read:?}"),
        }
    }

    #[test]
    fn yuan_with_two_decimals_and_rates_with_four_are_read_and_more_is_refused() {
        check("fee = \"3000.00\"\nrate = 0.8", Ok((300_000, 8_000)));
        check("fee = 0.1\nrate = \"0.0825\"", Ok((10, 825)));
        check("fee = 60\nrate = 1", Ok((6_000, 10_000)));
        check("fee = 60.125\nrate = 1", Err("at most two decimals"));
        check("fee = \"6O\"\nrate = 1", Err("at most two decimals"));
        check("fee = 60\nrate = 1.1", Err("0 to 1"));
        check("fee = 60\nrate = 0.12345", Err("four decimals"));
        assert_eq!(
            (Fen(-5).to_string(), Fen(290_000).to_string()),
            ("-0.05".to_owned(), "2900.00".to_owned())
        );
        assert_eq!([Rate(8_000), Rate(1_250), Rate(10_000)].map(Rate::percent), ["80", "12.5", "100"]);
    }

    #[test]
    fn half_a_fen_goes_where_the_file_says() {
        let half = |rounding: Rounding, fen| rounding.of(Fen(fen), Rate(5_000), Fen(1)).0;
        assert_eq!([1, 3].map(|fen| half(Rounding::HalfUp, fen)), [1, 2]);
        assert_eq!([1, 3].map(|fen| half(Rounding::HalfEven, fen)), [0, 2]);
        assert_eq!([1, 3].map(|fen| half(Rounding::Down, fen)), [0, 1]);
        assert_eq!([1, 3].map(|fen| half(Rounding::Up, fen)), [1, 2]);
        assert_eq!(Rounding::HalfUp.of(Fen(12_345), Rate(10_000), Fen::yuan(1)), Fen::yuan(123));
    }

    proptest! {
        #[test]
        fn an_amount_is_read_as_it_was_written(fen in -9_000_000_000_000_000i64..9_000_000_000_000_000) {
            prop_assert_eq!(Fen(fen).to_string().parse(), Ok(Fen(fen)));
            let stored = rmp_serde::to_vec(&Fen(fen)).unwrap();
            prop_assert_eq!(rmp_serde::from_slice::<Fen>(&stored).unwrap(), Fen(fen));
        }

        #[test]
        fn no_text_panics(text in ".{0,20}") {
            _ = text.parse::<Fen>();
            _ = text.parse::<Rate>();
        }
    }
}
