//! Whom a broadcast is for: conditions over what is known of a follower.
//!
//! Written as staff think: `district:鄞州 and not signed_up:A12`. What isn't known of a follower (their district before
//! 会员认证, when an old follower came) is neither true nor false: a condition that turns on it does not hold, and
//! neither does its opposite. So `not district:鄞州` reaches those of whom we know that they live elsewhere, and
//! nobody of whom we know nothing.

mod facts;
mod parse;
mod record;

pub use facts::{Facts, SignUps};
pub use parse::BadCondition;
pub use record::{Atom, Condition};
