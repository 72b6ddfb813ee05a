//! Staff's work on cases (办件): the queue, one case, and every act on it. What tells of the person is masked; a full look
//! takes a reason, and the member sees it.

mod acts;
mod form;
mod view;

pub use acts::{act, desk_of, get, list, look, picture};
pub use form::{CaseAct, ListWords};
pub use view::{CaseBrief, CaseFull, CaseList, CaseView};

use super::Caller;
use super::refuse::refuse;
use crate::domain::case::work::{Refusal, Worker};

refuse! { Refusal { Unknown => "such case" } }

impl Caller {
    /// As whom the caller handles cases.
    pub(super) fn worker(&self) -> Worker {
        Worker { name: self.name.clone(), member: self.member, desks: self.desks.clone() }
    }
}
