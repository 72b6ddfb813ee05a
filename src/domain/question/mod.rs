//! What followers asked and nothing answered, for staff to write answers to.

pub mod commands;
pub mod record;
pub mod rules;
#[cfg(test)]
mod tests;
