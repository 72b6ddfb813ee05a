//! Staff's work on schemes: what is adopted, enrolment lists, and what one person is covered for.

mod acts;
mod form;
mod view;

pub use acts::{begin, enrol, find, list, show};
pub use form::{ListForm, RowForm};
pub use view::{
    CoverView, EnrolmentView, NoteView, PersonView, ProgrammeView, SchemeList, SchemeView, VersionView,
};

use super::Refuse;
use crate::domain::scheme::enrol::NotEnrolled;

impl Refuse for NotEnrolled {
    fn code(&self) -> &'static str {
        self.code()
    }

    fn missing(&self) -> Option<&'static str> {
        match self {
            NotEnrolled::Unknown => Some("such programme"),
            NotEnrolled::NotBegun => Some("such list"),
            _ => None,
        }
    }
}
