//! The follower (粉丝) as the account knows them.

pub mod choice;
pub mod reach;
pub mod record;
pub mod rules;
mod seen;
pub mod shared;
