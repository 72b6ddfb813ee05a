//! Why a rule says no, in words: which rule, which fact, what would change it.

pub mod activity;
mod benefit;
mod case;
mod claim;
pub mod eligibility;
mod membership;

use super::texts::RefusalTexts;
use crate::content::{Content, Value};

/// Facts by the names of the slots in the two texts.
pub type Facts<'a> = Vec<(&'static str, Value<'a>)>;

/// A domain room's refusals, put into words.
pub trait Explained {
    fn texts(&self) -> RefusalTexts;
    fn facts(&self, content: &Content) -> Facts<'_>;
}

/// A refusal in one sentence, and the whole of it.
pub fn words(content: &Content, refusal: &impl Explained) -> (String, String) {
    let (RefusalTexts { sentence, why, .. }, facts) = (refusal.texts(), refusal.facts(content));
    (content.texts.render(sentence, &facts), content.texts.render(why, &facts))
}
