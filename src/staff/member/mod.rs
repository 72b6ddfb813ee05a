//! Staff's work on members: the list, cards, accounts, and what followers ask for. What names a member is masked; a
//! full look takes a reason, and the member sees it.

mod acts;
mod applications;
mod form;
mod view;

pub use acts::{add, find, get, import, look, set_card, set_state, start_import, unbind};
pub use applications::{ApproveForm, approve, list, look as look_at_application, refuse};
pub use form::{CardForm, CardStateName, RowForm, StateName};
pub use view::{ApplicationList, ApplicationView, BadRowView, FullView, ImportView, MemberView};

use super::{FieldError, Refuse};
use crate::domain::member::application::NotDecided;
use crate::domain::member::binding;
use crate::domain::member::list::{BadRow, OutOfTurn};

/// Why staff are told no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such member")]
    Unknown,
    #[error("the member was erased at their own wish")]
    Erased,
    #[error("the member has no card")]
    NoCard,
    #[error("nobody's account is bound to this member, and no move keeps one from it")]
    NotBound,
    #[error("the member never moved from another account: there is none to go back to")]
    NeverMoved,
    #[error("there is no such application")]
    UnknownApplication,
    #[error("the application is decided")]
    Decided,
    #[error("the identity number is that of a member with another account: unbind that one first")]
    Taken,
    #[error("{0} rows of this file are done: go on from there")]
    OutOfTurn(u64),
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::Unknown => "unknown_member",
            Refusal::Erased => "erased",
            Refusal::NoCard => "no_card",
            Refusal::NotBound => "not_bound",
            Refusal::NeverMoved => "never_moved",
            Refusal::UnknownApplication => "unknown_application",
            Refusal::Decided => "decided",
            Refusal::Taken => "taken",
            Refusal::OutOfTurn(_) => "out_of_turn",
        }
    }

    fn missing(&self) -> Option<&'static str> {
        match self {
            Refusal::Unknown => Some("such member"),
            Refusal::UnknownApplication => Some("such application"),
            _ => None,
        }
    }
}

impl From<OutOfTurn> for Refusal {
    fn from(OutOfTurn(done): OutOfTurn) -> Refusal {
        Refusal::OutOfTurn(done)
    }
}

impl From<NotDecided> for Refusal {
    fn from(why: NotDecided) -> Refusal {
        match why {
            NotDecided::Unknown => Refusal::UnknownApplication,
            NotDecided::Decided => Refusal::Decided,
            NotDecided::Taken => Refusal::Taken,
        }
    }
}

impl From<binding::Refusal> for Refusal {
    fn from(_: binding::Refusal) -> Refusal {
        Refusal::NotBound
    }
}

/// A bad row as a wrong field.
fn field(why: &BadRow) -> FieldError {
    let text = why.to_string();
    let (field, message) = text.split_once(": ").unwrap_or(("row", &text));
    FieldError { field: field.to_owned(), message: message.to_owned() }
}
