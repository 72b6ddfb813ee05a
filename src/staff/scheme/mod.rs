//! Staff's work on schemes: what is adopted, enrolment lists, what one person is covered for, and places that end because
//! they were a mistake.

mod acts;
mod form;
mod refund;
mod view;

pub use acts::{begin, enrol, find, list, show};
pub use form::{ListForm, RefundConfirmForm, RefundDismissForm, RefundForm, RowForm};
pub use refund::{
    ask as ask_refund, confirm as confirm_refund, dismiss as dismiss_refund, list as list_refunds,
};
pub use view::{
    AskedView, CoverView, EndedView, EnrolmentView, NoteView, PersonView, ProgrammeView, RefundList,
    RefundView, SchemeList, SchemeView, VersionView,
};

use super::refuse::refuse;
use crate::domain::scheme::enrol::NotEnrolled;
use crate::domain::scheme::refund::Refusal;

refuse! { NotEnrolled { Unknown => "such programme", NotBegun => "such list" } }
refuse! { Refusal { Unknown => "such place" } }
