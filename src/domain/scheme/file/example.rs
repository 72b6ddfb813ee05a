use jiff::civil::Date;
use serde::Deserialize;

use super::super::join;
use super::super::record::{Fen, How, Programme};
use super::super::rules::{self, Before, Computation, Cover, Facts, NotCovered, What};

/// A worked example of a programme: facts, and what they come to. It is counted at every check.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    pub title: String,
    pub facts: Facts,
    #[serde(default = "one")]
    pub shares: u8,
    /// The day of the entry; without it the first day of the first window.
    #[serde(default)]
    pub entered: Option<Date>,
    /// Entered as one who began to work for the unit after its window.
    #[serde(default)]
    pub new_hire: bool,
    /// The last day of the cover before.
    #[serde(default)]
    pub previous_until: Option<Date>,
    /// Events of the same term that were claimed before, in their order.
    #[serde(default)]
    pub earlier: Vec<Facts>,
    /// What it comes to,
    #[serde(default)]
    pub pays: Option<Fen>,
    /// the lines that add something to it,
    #[serde(default)]
    pub lines: Vec<ExampleLine>,
    /// or why it comes to nothing.
    #[serde(default)]
    pub not_covered: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleLine {
    pub what: What,
    pub amount: Fen,
}

fn one() -> u8 {
    1
}

impl Example {
    /// What is wrong with it, if something is.
    pub fn wrong(&self, programme: &Programme) -> Option<String> {
        let counted = match self.count(programme) {
            Ok(counted) => counted,
            Err(wrong) => return Some(wrong),
        };
        match (counted, &self.not_covered, self.pays) {
            (Ok(got), None, Some(pays)) => self.differs(&got, pays),
            (Err(no), Some(expected), None) if no.code() == expected => None,
            (Err(no), Some(expected), None) => {
                Some(format!("expected `{expected}`, got `{}` ({no:?})", no.code()))
            }
            (Ok(got), Some(expected), None) => Some(format!("expected `{expected}`, got {}", got.total)),
            (Err(no), None, Some(pays)) => Some(format!("expected {pays}, got `{}` ({no:?})", no.code())),
            _ => Some("says either `pays` or `not_covered`".to_owned()),
        }
    }

    fn differs(&self, got: &Computation, pays: Fen) -> Option<String> {
        if got.total != pays {
            return Some(format!("expected {pays}, got {}", got.total));
        }
        let of = |what: What, amount: Fen| format!("{} {amount}", what.name());
        let adding = got.lines.iter().filter(|line| line.amount != Fen::ZERO);
        let got: Vec<String> = adding.map(|line| of(line.what, line.amount)).collect();
        let expected: Vec<String> = self.lines.iter().map(|line| of(line.what, line.amount)).collect();
        (!expected.is_empty() && expected != got)
            .then(|| format!("expected the lines {}; got {}", expected.join(", "), got.join(", ")))
    }

    /// As the service would count it.
    pub fn count(&self, programme: &Programme) -> Result<Result<Computation, NotCovered>, String> {
        let cover = self.cover(programme)?;
        let mut before = Before::default();
        for facts in &self.earlier {
            match rules::benefit(programme, &cover, facts, &before) {
                Ok(computation) => before.add(facts, &computation.lines, computation.total, true),
                Err(no) => return Err(format!("an earlier event isn't covered: `{}`", no.code())),
            }
        }
        Ok(rules::benefit(programme, &cover, &self.facts, &before))
    }

    fn cover(&self, programme: &Programme) -> Result<Cover, String> {
        let premium = programme.premiums.first().ok_or("the programme has no premium")?;
        let entered = self.entered.or(programme.windows.first().map(|window| window.from));
        let entered = entered.ok_or("the programme has no window")?;
        let how = programme.join.how.first().copied().unwrap_or(How::Unit);
        let entry = join::Entry { on: entered, how, new_hire: self.new_hire };
        let days = join::days(programme, premium, entry, self.previous_until);
        let days = days.map_err(|no| format!("entered {entered}: {no}"))?;
        Ok(Cover {
            scheme: String::new(),
            version: 0,
            programme: programme.key.clone(),
            kinds: programme.kinds(),
            shares: self.shares,
            from: days.from,
            until: days.until,
            rules_from: days.from,
            rules_until: None,
            first_or_broken: days.first_or_broken,
            waiting_until: days.waiting_until,
            unit: String::new(),
        })
    }
}
