//! What staff may see of a follower: what the account knows, and what was said and done.

mod acts;
mod view;

mod tag;

pub use acts::{find, get, timeline};
pub use tag::{TagForm, tag};
pub use view::{FollowerList, FollowerView, Happening, Timeline};
