//! The parts of the tests of signing up.

pub mod model;
pub mod place;
mod storm;
