use super::{Explained, Facts};
use crate::content::Content;
use crate::domain::claim::rules::Refusal;
use crate::domain::scheme::rules::NotCovered;
use crate::flows::claim::words::{kind as kind_word, not_told};
use crate::flows::days::written;
use crate::flows::texts::{self, RefusalTexts, claiming};

impl Explained for Refusal {
    fn texts(&self) -> RefusalTexts {
        texts::refusal(claiming::REFUSALS, self.code())
    }

    fn facts(&self, content: &Content) -> Facts<'_> {
        match self {
            Refusal::NotCovered(why) => why.facts(content),
            Refusal::FactsMissing { facts } => {
                let word = |fact: &String| content.texts.render(not_told(fact), &[]);
                let words: Vec<String> = facts.iter().map(word).collect();
                vec![("facts", words.join("、").into())]
            }
            Refusal::BankNotAllowed { banks } => vec![("banks", banks.join("、").into())],
            Refusal::AppealOver { until } => vec![("until", (*until).into())],
            Refusal::TooManyPages { max } | Refusal::TooManyOpen { max } => vec![("max", (*max).into())],
            _ => Vec::new(),
        }
    }
}

impl Explained for NotCovered {
    fn texts(&self) -> RefusalTexts {
        texts::refusal(claiming::REFUSALS, self.code())
    }

    fn facts(&self, content: &Content) -> Facts<'_> {
        match self {
            NotCovered::KindNotCovered { kind } => {
                vec![("kind", content.texts.render(kind_word(*kind), &[]).into())]
            }
            NotCovered::OutsideCover { from, until } => {
                vec![("from", written(*from).into()), ("until", written(*until).into())]
            }
            NotCovered::Waiting { until } | NotCovered::Excluded { until } => {
                vec![("until", written(*until).into())]
            }
            NotCovered::GradeNotListed { grade } => vec![("grade", (*grade).into())],
            NotCovered::BelowDeductible { deductible } => vec![("deductible", deductible.to_string().into())],
            NotCovered::TooFewDays { from_day } => vec![("from_day", (*from_day).into())],
            NotCovered::CapReached { cap } => vec![("cap", cap.to_string().into())],
            _ => Vec::new(),
        }
    }
}
