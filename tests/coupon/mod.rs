//! What the tests of coupons share: a place with one benefit, and a model of it.

pub mod model;
pub mod place;
