//! What is remembered for a while, with a bound on how much.

use std::collections::HashMap;
use std::time::Duration;

use crate::moment::Time;

/// Entries live for one to two spans; more than the bound in one span are not taken.
pub struct Recent<V> {
    span_ms: i64,
    max: usize,
    period: i64,
    current: HashMap<u64, V>,
    before: HashMap<u64, V>,
}

impl<V: Clone> Recent<V> {
    pub fn new(span: Duration, max: usize) -> Recent<V> {
        let span_ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX).max(1);
        Recent { span_ms, max, period: 0, current: HashMap::new(), before: HashMap::new() }
    }

    pub fn get(&mut self, key: u64, now: Time) -> Option<V> {
        self.turn(now);
        self.find(key)
    }

    pub fn find(&self, key: u64) -> Option<V> {
        self.current.get(&key).or_else(|| self.before.get(&key)).cloned()
    }

    /// `false`: there is no room.
    pub fn keep(&mut self, key: u64, value: V, now: Time) -> bool {
        self.turn(now);
        let fits = self.current.len() < self.max || self.current.contains_key(&key);
        if fits {
            self.current.insert(key, value);
        }
        fits
    }

    pub fn forget(&mut self, key: u64) -> Option<V> {
        let before = self.before.remove(&key);
        self.current.remove(&key).or(before)
    }

    fn turn(&mut self, now: Time) {
        let period = now.unix_ms().div_euclid(self.span_ms);
        if period == self.period {
            return;
        }
        let last = std::mem::take(&mut self.current);
        self.before = if period == self.period + 1 { last } else { HashMap::new() };
        self.period = period;
    }
}

/// Followers counted in one minute; more of them are not held back.
const PACED_MAX: usize = 500_000;
const MINUTE_MS: i64 = 60_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paced {
    New,
    /// WeChat sent it again: the same try.
    Again,
    TooFast,
}

/// How often each follower tried in the running minute.
#[derive(Default)]
pub struct Pace {
    minute: i64,
    tries: HashMap<u64, Vec<u64>>,
}

impl Pace {
    /// Counts a try.
    pub fn count(&mut self, who: u64, message: u64, max: u8, now: Time) -> Paced {
        let minute = now.unix_ms().div_euclid(MINUTE_MS);
        if minute != self.minute {
            (self.minute, self.tries) = (minute, HashMap::new());
        }
        if self.tries.len() >= PACED_MAX && !self.tries.contains_key(&who) {
            return Paced::New;
        }
        let tries = self.tries.entry(who).or_default();
        if tries.contains(&message) {
            return Paced::Again;
        }
        if tries.len() >= usize::from(max) {
            return Paced::TooFast;
        }
        tries.push(message);
        Paced::New
    }
}

impl Pace {
    /// Would another try than those be one too many?
    pub fn is_full(&self, who: u64, message: u64, max: u8, now: Time) -> bool {
        let tries = self.tries.get(&who).filter(|_| now.unix_ms().div_euclid(MINUTE_MS) == self.minute);
        tries.is_some_and(|tries| tries.len() >= usize::from(max) && !tries.contains(&message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_unix_s(1_796_090_400);

    fn after(seconds: u64) -> Time {
        NOW.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn what_is_kept_lasts_a_span_and_no_more_than_two() {
        let mut recent = Recent::new(Duration::from_secs(60), 2);
        assert!(recent.keep(1, 'a', NOW));
        assert_eq!(recent.get(1, after(60)), Some('a'));
        assert_eq!(recent.get(1, after(121)), None);
        assert!(recent.keep(2, 'b', after(121)) && recent.keep(3, 'c', after(121)));
        assert!(!recent.keep(4, 'd', after(121)), "bounded");
        assert!(recent.keep(3, 'e', after(121)));
        assert_eq!(recent.forget(3), Some('e'));
    }

    #[test]
    fn so_many_tries_a_minute_and_a_retry_is_none() {
        let mut pace = Pace::default();
        assert!((0..3).all(|message| pace.count(7, message, 3, NOW) == Paced::New));
        assert_eq!(pace.count(7, 3, 3, after(10)), Paced::TooFast);
        assert_eq!(pace.count(7, 2, 3, after(10)), Paced::Again);
        assert_eq!(pace.count(8, 1, 3, after(10)), Paced::New, "somebody else");
        assert_eq!(pace.count(7, 4, 3, after(60)), Paced::New);
    }
}
