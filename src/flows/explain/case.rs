use super::{Explained, Facts};
use crate::content::Content;
use crate::domain::case::rules::Refusal;
use crate::flows::texts::{self, RefusalTexts, service};
use crate::moment::Time;

impl Explained for Refusal {
    fn texts(&self) -> RefusalTexts {
        texts::refusal(service::REFUSALS, self.code())
    }

    fn facts(&self, _: &Content) -> Facts<'_> {
        match self {
            Refusal::TooManyOpen { max }
            | Refusal::TooManyMessages { max }
            | Refusal::TooManyPictures { max } => vec![("max", (*max).into())],
            Refusal::RoundToCome { opens, closes } | Refusal::RoundOver { opens, closes } => {
                // It may be of a year ago.
                let written = |at: Time| at.chinese_with_year().into();
                vec![("opens", written(*opens)), ("closes", written(*closes))]
            }
            Refusal::RoundFull { quota } => vec![("quota", (*quota).into())],
            Refusal::OpenAlready { case } | Refusal::OncePerRound { case } => {
                vec![("case", case.to_string().into())]
            }
            Refusal::AppealOver { until } => vec![("until", (*until).into())],
            _ => Vec::new(),
        }
    }
}
