//! A bar from signing up, with what it was for: taking an absence back ends the bars that stood by it, and no other.

use serde::{Deserialize, Serialize};

use super::history::{DAY, Strike};
use super::record::{Absence, RegistrationNumber};
use crate::moment::Time;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    pub until: Time,
    /// Of the activity whose absence was one too many.
    pub rule: Absence,
    /// The absences that it counted, oldest first; the last brought it on.
    of: Vec<Counted>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Counted {
    number: RegistrationNumber,
    halves: u8,
}

impl Bar {
    /// The bar that the last of these absences brings on at `now`, if the rule says so.
    pub fn of(strikes: &[Strike], rule: Absence, now: Time) -> Option<Bar> {
        let since = now.minus(DAY * u32::from(rule.within_days));
        let counts = |strike: &&Strike| strike.lifted.is_none() && strike.at > since;
        let counted = |strike: &Strike| Counted { number: strike.number, halves: strike.halves };
        let of: Vec<Counted> = strikes.iter().filter(counts).map(counted).collect();
        let bar = Bar { until: now.plus(DAY * u32::from(rule.bar_days)), rule, of };
        bar.reaches().then_some(bar)
    }

    /// As rows held it before they kept what it was for: taking back any absence ends it.
    pub(super) fn unexplained(until: Time, strikes: &[Strike]) -> Bar {
        let open = strikes.iter().filter(|strike| strike.lifted.is_none());
        let of: Vec<Counted> =
            open.map(|strike| Counted { number: strike.number, halves: strike.halves }).collect();
        let halves: u32 = of.iter().map(|counted| u32::from(counted.halves)).sum();
        let count = u8::try_from(halves / 2).unwrap_or(u8::MAX);
        Bar { until, rule: Absence { count, ..Absence::default() }, of }
    }

    /// Halves of absences that it counts.
    pub fn halves(&self) -> u32 {
        self.of.iter().map(|counted| u32::from(counted.halves)).sum()
    }

    fn reaches(&self) -> bool {
        self.halves() >= 2 * u32::from(self.rule.count)
    }

    /// Counts without what was taken back. False: it doesn't stand any more.
    pub(super) fn stands_without(&mut self, lifted: impl Fn(RegistrationNumber) -> bool) -> bool {
        let brought_on = self.of.last().map(|counted| counted.number);
        self.of.retain(|counted| !lifted(counted.number));
        !brought_on.is_some_and(lifted) && self.reaches()
    }
}
