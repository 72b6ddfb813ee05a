//! What staff may see of a follower: what the account knows, and what was said and done.

mod acts;
mod view;

pub use acts::{find, get, timeline};
pub use view::{FollowerList, FollowerView, Happening, Timeline};
