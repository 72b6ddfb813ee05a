//! The parts of the sign-up's model test.

pub mod model;
pub mod place;
