//! What staff do with broadcasts, and what they see of them.

mod acts;
mod form;
mod view;

pub use acts::{
    add_to_list, approve, cancel, change, create, get, list, pause, preview, progress, report, resume, start,
};
pub use form::parse;
pub use view::{BroadcastBrief, BroadcastList, BroadcastView, ListedView, PreviewView, Progress, Report};

pub use crate::domain::broadcast::record::Policy;
