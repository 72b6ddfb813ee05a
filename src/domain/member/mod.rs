//! Members (会员) of the union, and whose account is whose.

pub mod record;
pub mod standing;
