//! Staff's work on claims (理赔): the queue, one claim, and every act on it. What tells of the person is masked; a full
//! look takes a reason, and the member sees it.

mod acts;
mod form;
mod view;

pub use acts::{act, get, list, look, page_picture};
pub use form::{AccountForm, AskedForm, ClaimAct, FactsForm, InvoiceForm, ListWords};
pub use view::{ClaimBrief, ClaimFull, ClaimList, ClaimView};

use super::Caller;
use super::refuse::refuse;
use crate::domain::claim::review::{Refusal, Reviewer};

refuse! { Refusal { Unknown => "such claim", UnknownPage => "such page" } }

impl Caller {
    /// As whom the caller handles claims.
    pub(super) fn reviewer(&self) -> Reviewer {
        Reviewer { name: self.name.clone(), member: self.member, levels: self.levels.clone() }
    }
}
