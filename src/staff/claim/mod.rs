//! Staff's work on claims (理赔): the queue, one claim, and every act on it. What tells of the person is masked; a full
//! look takes a reason, and the member sees it.

mod acts;
mod form;
mod view;

pub use acts::{act, get, list, look, page_picture};
pub use form::{AccountForm, AskedForm, ClaimAct, FactsForm, InvoiceForm, ListWords};
pub use view::{ClaimBrief, ClaimFull, ClaimList, ClaimView};

use super::{Caller, Refuse};
use crate::domain::claim::review::{Refusal, Reviewer};

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        self.code()
    }

    fn missing(&self) -> Option<&'static str> {
        match self {
            Refusal::Unknown => Some("such claim"),
            Refusal::UnknownPage => Some("such page"),
            _ => None,
        }
    }
}

impl Caller {
    /// As whom the caller handles claims.
    pub(super) fn reviewer(&self) -> Reviewer {
        Reviewer { name: self.name.clone(), member: self.member, levels: self.levels.clone() }
    }
}
