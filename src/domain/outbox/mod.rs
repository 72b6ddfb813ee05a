//! What is to be told to followers, as rows written by the commit that is its reason.

pub mod commands;
pub mod record;
pub mod rules;
#[cfg(test)]
mod tests;
