//! What staff do with activities, and what they see of them.

mod acts;
pub mod attendance;
mod csv;
pub mod draw;
mod form;
pub mod kits;
mod people_form;
pub mod review;
mod settings_form;
mod view;

pub use acts::{call_off, change, close, create, get, list, publish, roster, roster_page};
pub use csv::{inert, roster_csv};
pub use form::{ActivityForm, ELSEWHERE, parse};
pub use view::{ActivityBrief, ActivityList, ActivityView, RegistrationView, Roster, status_name};
