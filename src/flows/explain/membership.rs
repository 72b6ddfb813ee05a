use super::{Explained, Facts, eligibility};
use crate::content::Content;
use crate::domain::member::binding::Refusal;
use crate::flows::texts::{self, RefusalTexts, membership};

impl Explained for Refusal {
    fn texts(&self) -> RefusalTexts {
        texts::refusal(membership::REFUSALS, self.code())
    }

    fn facts(&self, content: &Content) -> Facts<'_> {
        match self {
            Refusal::NoMatch { left } => vec![("left", (*left).into())],
            Refusal::TriesOver { from } | Refusal::MovedLately { from } => vec![("from", (*from).into())],
            Refusal::Bound { member } => vec![("member", member.to_string().into())],
            Refusal::NotActive { state } => vec![("state", eligibility::out(content, *state).into())],
            Refusal::Taken { .. } | Refusal::NotBound => Vec::new(),
        }
    }
}
