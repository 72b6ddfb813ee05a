//! Time and chance as values: nothing but `app.rs` asks the world for them.

pub mod calendar;

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Weekday;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};
use serde::{Deserialize, Deserializer, Serialize};

/// What a command may know of the world: the time of its submission and a seed for its choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub now: Time,
    pub seed: u64,
}

/// Where moments come from: the machine's clock in the service, a hand-moved one in tests and replays.
pub trait Clock: Send + Sync + 'static {
    fn moment(&self) -> Moment;
}

/// Writes down how far a clock was moved in all.
pub type KeepAhead = Box<dyn Fn(Duration) -> io::Result<()> + Send>;

/// A clock that can be moved forward: for demonstrations of what comes days later.
pub struct Shifted {
    clock: Arc<dyn Clock>,
    ahead_ms: AtomicI64,
    keep: Mutex<KeepAhead>,
}

impl Shifted {
    /// Moved so far already, at an earlier start: what was stored then isn't to come.
    pub fn new(clock: Arc<dyn Clock>, ahead: Duration, keep: KeepAhead) -> Shifted {
        Shifted { clock, ahead_ms: AtomicI64::new(whole_ms(ahead)), keep: Mutex::new(keep) }
    }

    /// From now on it is so much later.
    ///
    /// Errors: it can't be written down, and the clock stays: at the next start it would go back.
    pub fn forward(&self, span: Duration) -> io::Result<()> {
        let keep = self.keep.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = self.ahead().saturating_add(span);
        keep(ahead)?;
        self.ahead_ms.store(whole_ms(ahead), Ordering::Relaxed);
        Ok(())
    }

    /// How far it was moved in all.
    pub fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead_ms.load(Ordering::Relaxed).unsigned_abs())
    }
}

impl Clock for Shifted {
    fn moment(&self) -> Moment {
        let Moment { now, seed } = self.clock.moment();
        Moment { now: now.plus(self.ahead()), seed }
    }
}

fn whole_ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// A length of time, written `"31m"` (s, m, h or d).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unit = |text: &str| {
            let (count, seconds) = match text.char_indices().last()? {
                (at, 's') => (text.get(..at)?, 1),
                (at, 'm') => (text.get(..at)?, 60),
                (at, 'h') => (text.get(..at)?, 3_600),
                (at, 'd') => (text.get(..at)?, 86_400),
                _ => return None,
            };
            Some(Span(Duration::from_secs(u64::from(count.parse::<u32>().ok()?) * seconds)))
        };
        unit(&text).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a span like \"31m\"")))
    }
}

impl fmt::Display for Span {
    /// In the largest unit that fits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
        let (size, unit) = units
            .into_iter()
            .find(|(size, _)| seconds != 0 && seconds.is_multiple_of(*size))
            .unwrap_or((1, 's'));
        write!(f, "{}{unit}", seconds / size)
    }
}

/// A point in time, in milliseconds since 1970-01-01 UTC. Shown in Asia/Shanghai (UTC+8, no summer time).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(i64);

/// A text that is no time of RFC 3339, such as `2026-12-05T09:00:00+08:00`.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a time like 2026-12-05T09:00:00+08:00")]
pub struct NotATime(String);

const RANGE_MS: std::ops::RangeInclusive<i64> = 0..=253_402_214_400_000; // to the end of 9999-12-30 UTC

impl Time {
    pub const fn from_unix_ms(ms: i64) -> Time {
        Time(ms)
    }

    pub const fn from_unix_s(seconds: i64) -> Time {
        Time(seconds.saturating_mul(1000))
    }

    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    pub const fn unix_s(self) -> i64 {
        self.0.div_euclid(1000)
    }

    pub fn parse(text: &str) -> Result<Time, NotATime> {
        let time = text.parse::<Timestamp>().map_err(|_| NotATime(text.to_owned()))?;
        Some(Time(time.as_millisecond())).filter(|t| RANGE_MS.contains(&t.0)).ok_or(NotATime(text.to_owned()))
    }

    pub fn plus(self, span: Duration) -> Time {
        Time(self.0.saturating_add(span.as_millis() as i64))
    }

    pub fn minus(self, span: Duration) -> Time {
        Time(self.0.saturating_sub(span.as_millis() as i64))
    }

    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0).max(0) as u64)
    }

    fn zoned(self) -> ZonedDateTime {
        let clamped = self.0.clamp(*RANGE_MS.start(), *RANGE_MS.end());
        let time = Timestamp::from_millisecond(clamped).unwrap_or(Timestamp::UNIX_EPOCH);
        time.to_zoned_datetime(TimeZone::fixed(Offset::constant(8)))
    }

    /// The calendar day in Asia/Shanghai.
    pub fn date(self) -> jiff::civil::Date {
        self.zoned().date()
    }

    /// `hour:minute` in Asia/Shanghai on the given day.
    pub fn at(date: jiff::civil::Date, hour: i8, minute: i8) -> Option<Time> {
        let zoned =
            date.at(hour, minute, 0, 0).to_zoned_datetime(TimeZone::fixed(Offset::constant(8))).ok()?;
        Some(Time(zoned.timestamp().as_millisecond()))
    }

    /// As followers read it: `12月5日(周六) 09:00`.
    pub fn chinese(self) -> String {
        let t = self.zoned();
        let day = match t.weekday() {
            Weekday::Monday => '一',
            Weekday::Tuesday => '二',
            Weekday::Wednesday => '三',
            Weekday::Thursday => '四',
            Weekday::Friday => '五',
            Weekday::Saturday => '六',
            Weekday::Sunday => '日',
        };
        // Lists are full of these, and formatting takes four times as long.
        let mut text = String::with_capacity(28);
        push_number(&mut text, t.month());
        text.push('月');
        push_number(&mut text, t.day());
        text.push_str("日(周");
        text.push(day);
        text.push_str(") ");
        push_two_digits(&mut text, t.hour());
        text.push(':');
        push_two_digits(&mut text, t.minute());
        text
    }

    /// The same with the seconds, unless it is a whole minute: for moments at which something begins.
    pub fn chinese_to_the_second(self) -> String {
        match self.zoned().second() {
            0 => self.chinese(),
            second => format!("{}:{second:02}", self.chinese()),
        }
    }

    /// With the year, as WeChat's templates take it: `2026年12月5日 09:00`.
    pub fn chinese_with_year(self) -> String {
        let t = self.zoned();
        format!("{}年{}月{}日 {:02}:{:02}", t.year(), t.month(), t.day(), t.hour(), t.minute())
    }

    /// As followers read it at another moment: with the year if that is another one, `2027年2月19日(周五) 17:00`.
    pub fn chinese_from(self, now: Time) -> String {
        let year = self.zoned().year();
        if year == now.zoned().year() { self.chinese() } else { format!("{year}年{}", self.chinese()) }
    }

    /// From here to a time of another day.
    pub fn chinese_until(self, end: Time) -> String {
        format!("{} 至 {}", self.chinese(), end.chinese())
    }

    /// The clock alone: `09:00`.
    pub fn clock(self) -> String {
        let t = self.zoned();
        format!("{:02}:{:02}", t.hour(), t.minute())
    }
}

/// Of a month, a day, an hour or a minute.
fn push_number(text: &mut String, number: i8) {
    if number >= 10 {
        text.push(digit(number / 10));
    }
    text.push(digit(number % 10));
}

fn push_two_digits(text: &mut String, number: i8) {
    text.push(digit(number / 10));
    text.push(digit(number % 10));
}

fn digit(number: i8) -> char {
    char::from(b'0' + number.unsigned_abs())
}

impl fmt::Display for Time {
    /// RFC 3339 with the offset of Asia/Shanghai, to the second unless there are milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.zoned();
        write!(f, "{:04}-{:02}-{:02}T", t.year(), t.month(), t.day())?;
        write!(f, "{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second())?;
        if t.millisecond() != 0 {
            write!(f, ".{:03}", t.millisecond())?;
        }
        f.write_str("+08:00")
    }
}

/// For `#[serde(with = "crate::moment::rfc3339")]` on wire types.
pub mod rfc3339 {
    use super::Time;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(time: &Time, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(time)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Time, D::Error> {
        Time::parse(&String::deserialize(d)?).map_err(D::Error::custom)
    }

    /// The same for a time that may be absent.
    pub mod option {
        use super::*;

        pub fn serialize<S: Serializer>(time: &Option<Time>, s: S) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => s.collect_str(time),
                None => s.serialize_none(),
            }
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Time>, D::Error> {
            let text = Option::<String>::deserialize(d)?;
            text.map(|text| Time::parse(&text).map_err(D::Error::custom)).transpose()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_clock_goes_on_from_where_it_was_moved_to() {
        struct Still;
        impl Clock for Still {
            fn moment(&self) -> Moment {
                Moment { now: Time::from_unix_s(100), seed: 7 }
            }
        }
        let kept = Arc::new(AtomicI64::new(0));
        let keep = |kept: &Arc<AtomicI64>| -> KeepAhead {
            let kept = Arc::clone(kept);
            Box::new(move |ahead| {
                kept.store(whole_ms(ahead), Ordering::Relaxed);
                Ok(())
            })
        };
        let clock = Shifted::new(Arc::new(Still), Duration::ZERO, keep(&kept));
        clock.forward(Duration::from_secs(3600)).unwrap();
        clock.forward(Duration::from_secs(60)).unwrap();
        assert_eq!(clock.moment(), Moment { now: Time::from_unix_s(3760), seed: 7 });
        let ahead = Duration::from_millis(kept.load(Ordering::Relaxed).unsigned_abs());
        let again = Shifted::new(Arc::new(Still), ahead, keep(&kept));
        assert_eq!(again.moment().now, Time::from_unix_s(3760));
        let full: KeepAhead = Box::new(|_| Err(io::ErrorKind::StorageFull.into()));
        let stuck = Shifted::new(Arc::new(Still), ahead, full);
        assert!(stuck.forward(Duration::from_secs(1)).is_err());
        assert_eq!(stuck.moment().now, Time::from_unix_s(3760));
    }

    #[test]
    fn a_time_reads_and_prints_as_it_was_written() {
        let time = Time::parse("2026-12-05T09:00:00+08:00").unwrap();
        assert_eq!(time.to_string(), "2026-12-05T09:00:00+08:00");
        assert_eq!(time, Time::parse("2026-12-05T01:00:00Z").unwrap());
        assert_eq!(time.chinese(), "12月5日(周六) 09:00");
        assert_eq!(time.chinese_to_the_second(), "12月5日(周六) 09:00");
        assert_eq!(time.chinese_from(time), "12月5日(周六) 09:00");
        let next_year = Time::parse("2027-02-19T17:00:00+08:00").unwrap();
        assert_eq!(next_year.chinese_from(time), "2027年2月19日(周五) 17:00");
        let later = time.plus(Duration::from_secs(30));
        assert_eq!(later.chinese_to_the_second(), "12月5日(周六) 09:00:30");
        assert!(Time::parse("tomorrow").is_err());
        assert!(Time::parse("-000001-01-01T00:00:00Z").is_err());
    }
}
