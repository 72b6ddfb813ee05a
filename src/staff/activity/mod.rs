//! What staff do with activities, and what they see of them.

mod acts;
pub mod attendance;
mod csv;
pub mod draw;
mod elsewhere;
mod form;
pub mod kits;
mod people_form;
pub mod review;
mod settings_form;
mod view;

pub use acts::{call_off, change, close, create, get, list, publish, roster, roster_page, take_back};
pub use csv::{ROSTER_HEAD, inert, roster_csv, roster_row};
pub use elsewhere::ELSEWHERE;
pub use form::{ActivityForm, parse};
pub use view::{
    ActivityBrief, ActivityList, ActivityView, Counts, RegistrationView, Roster, SessionBrief, status_name,
};
