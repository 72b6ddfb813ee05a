//! Members (会员) of the union: the federation's list, whose account is whose, what they agreed to, and their going.

pub mod application;
pub mod binding;
pub mod consent;
pub mod erase;
pub mod identity;
pub mod list;
pub mod looks;
pub mod parted;
pub mod quality;
pub mod record;
pub mod standing;
#[cfg(test)]
mod tests;
