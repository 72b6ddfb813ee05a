//! When a benefit is released, as staff write it.

use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::benefit::record::{Rule, When};
use crate::moment::{Time, rfc3339};
use crate::staff::form::Problems;

const STOCK_MAX: u32 = 1_000_000;

/// `{"at": …}`, `{"daily": "10:00"}` or `{"weekly": ["tue"], "time": "10:00"}`, each with a stock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseForm {
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily: Option<Clock>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekly: Vec<DayForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Clock>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    pub stock: u32,
}

/// `10:00` in Asia/Shanghai.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(i8, i8);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayForm {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Serialize for Clock {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:02}:{:02}", self.0, self.1))
    }
}

impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Clock, D::Error> {
        let text = String::deserialize(deserializer)?;
        let clock = text.split_once(':').and_then(|(hour, minute)| {
            let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
            ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(Clock(hour, minute))
        });
        clock.ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a time of day like \"10:00\"")))
    }
}

impl ReleaseForm {
    pub fn check(&self, path: &str, problems: &mut Problems) {
        let ways = [self.at.is_some(), self.daily.is_some(), !self.weekly.is_empty()];
        let one = ways.iter().filter(|given| **given).count() == 1;
        problems.unless(one, path, "names one of `at`, `daily` and `weekly`");
        let timed = self.weekly.is_empty() == self.time.is_none();
        problems.unless(timed, format!("{path}.time"), "belongs to `weekly`, which needs it");
        let plain = self.at.is_none() || (self.from.is_none() && self.until.is_none());
        problems.unless(plain, path, "a single time has no `from` and `until`");
        let stock = (1..=STOCK_MAX).contains(&self.stock);
        problems.unless(stock, format!("{path}.stock"), format!("must be 1 to {STOCK_MAX}"));
    }

    pub fn rule(self) -> Rule {
        let when = match (self.at, self.daily.or(self.time)) {
            (Some(at), _) => When::At(at),
            (None, clock) => {
                let Clock(hour, minute) = clock.unwrap_or(Clock(0, 0));
                let days = match self.daily {
                    Some(_) => (1..=7).collect(),
                    None => self.weekly.iter().map(|day| *day as i8 + 1).collect(),
                };
                When::Weekly { days, hour, minute, from: self.from, until: self.until }
            }
        };
        Rule { when, stock: self.stock }
    }
}

const DAYS: [DayForm; 7] =
    [DayForm::Mon, DayForm::Tue, DayForm::Wed, DayForm::Thu, DayForm::Fri, DayForm::Sat, DayForm::Sun];

impl From<&Rule> for ReleaseForm {
    fn from(rule: &Rule) -> ReleaseForm {
        let none = ReleaseForm {
            at: None,
            daily: None,
            weekly: Vec::new(),
            time: None,
            from: None,
            until: None,
            stock: rule.stock,
        };
        match &rule.when {
            When::At(at) => ReleaseForm { at: Some(*at), ..none },
            When::Weekly { days, hour, minute, from, until } => {
                let clock = Some(Clock(*hour, *minute));
                let timed = ReleaseForm { from: *from, until: *until, ..none };
                if days.len() == 7 {
                    return ReleaseForm { daily: clock, ..timed };
                }
                let named = DAYS.into_iter().filter(|day| days.contains(&(*day as i8 + 1)));
                ReleaseForm { weekly: named.collect(), time: clock, ..timed }
            }
        }
    }
}
