use super::{Explained, Facts};
use crate::content::Content;
use crate::domain::case::rules::Refusal;
use crate::flows::texts::{self, RefusalTexts, service};

impl Explained for Refusal {
    fn texts(&self) -> RefusalTexts {
        texts::refusal(service::REFUSALS, self.code())
    }

    fn facts(&self, _: &Content) -> Facts<'_> {
        match self {
            Refusal::TooManyOpen { max }
            | Refusal::TooManyMessages { max }
            | Refusal::TooManyPictures { max } => vec![("max", (*max).into())],
            Refusal::OpenAlready { case } => vec![("case", case.to_string().into())],
            Refusal::AppealOver { until } => vec![("until", (*until).into())],
            _ => Vec::new(),
        }
    }
}
