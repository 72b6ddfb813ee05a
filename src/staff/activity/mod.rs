//! What staff do with activities, and what they see of them.

mod acts;
mod csv;
mod form;
mod settings_form;
mod view;

pub use acts::{call_off, change, close, create, get, list, publish, roster};
pub use csv::roster_csv;
pub use form::parse;
pub use view::{ActivityBrief, ActivityList, ActivityView, Roster, status_name};
