//! How a claim was counted, line by line, with what staff adjusted of it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::record::{By, Ruling};
use crate::domain::scheme::record::Fen;
use crate::domain::scheme::rules::{Before, Facts, Line};
use crate::moment::Time;
use crate::store::Sealed;

/// How a claim was counted: by which rules, line by line. Never changed; another one follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sum {
    pub at: Time,
    pub by: By,
    pub ruling: Ruling,
    pub lines: Sealed<Vec<Line>>,
    /// Changes that staff made to it, each with its reason.
    #[serde(default)]
    pub adjustments: Sealed<Vec<Adjustment>>,
    pub total: Fen,
}

impl Ruling {
    /// Is it by a place of these days? Two places may begin in one year; an early row says no more than the year.
    pub fn is_within(&self, from: Date, until: Date) -> bool {
        self.day.map_or(self.year == from.year().unsigned_abs(), |day| (from..=until).contains(&day))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    pub amount: Fen,
    /// The step of the calculation that it is about, as it was then; none: the whole.
    #[serde(default)]
    pub line: Option<Line>,
    pub reason: String,
    pub by: String,
}

impl Adjustment {
    /// The benefit that it counts as: what is about the whole is the first one's.
    pub fn benefit<'a>(&'a self, lines: &'a [Line]) -> Option<&'a str> {
        self.line.as_ref().or(lines.first()).map(|line| line.benefit.as_str())
    }
}

impl Sum {
    /// With an adjustment more.
    pub fn add(&mut self, one: Adjustment) {
        self.total = self.total.plus(one.amount);
        let mut all = std::mem::take(&mut self.adjustments).into_revealed();
        all.push(one);
        self.adjustments = Sealed::new(all);
    }

    /// Counts it among what the same person had before a later claim; `recovered`: what of it came back.
    pub fn count_in(&self, before: &mut Before, facts: &Facts, recovered: Fen, in_period: bool) {
        let lines = self.lines.reveal();
        before.add(facts, lines, self.total.minus(recovered), in_period);
        for adjusted in self.adjustments.reveal() {
            let benefit = adjusted.benefit(lines);
            benefit.into_iter().for_each(|benefit| before.adjust(benefit, adjusted.amount, in_period));
        }
        // What came back is used up no more: of one benefit after the other, in the order in which they were counted.
        let mut back = recovered;
        for (benefit, paid) in self.by_benefit() {
            let off = back.min(paid.at_least_zero());
            before.adjust(benefit, Fen::ZERO.minus(off), in_period);
            back = back.minus(off);
        }
    }

    /// What each benefit came to, with what staff adjusted of it, in the order in which they were counted.
    pub fn by_benefit(&self) -> Vec<(&str, Fen)> {
        let lines = self.lines.reveal();
        let counted = lines.iter().map(|line| (line.benefit.as_str(), line.amount));
        let adjusted = self.adjustments.reveal().iter();
        let adjusted = adjusted.filter_map(|one| Some((one.benefit(lines)?, one.amount)));
        let mut sums: Vec<(&str, Fen)> = Vec::new();
        for (benefit, amount) in counted.chain(adjusted) {
            match sums.iter_mut().find(|(known, _)| *known == benefit) {
                Some((_, sum)) => *sum = sum.plus(amount),
                None => sums.push((benefit, amount)),
            }
        }
        sums
    }
}
