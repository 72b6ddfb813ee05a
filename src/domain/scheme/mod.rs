//! Schemes of the medical mutual aid (职工医疗互助保障): what a city's programmes are, who is in them, and what they pay.
//!
//! A scheme is a file, one version of one city's rules ([`file`], `docs/SCHEMES.md`), and everything a city may change
//! is in it. It is adopted into the store and never edited there, so that a claim is judged for ever by what was in
//! force at its event. [`rules`] is pure: the same facts give the same sum, line by line.

pub mod commands;
pub mod count;
pub mod enrol;
pub mod file;
pub mod join;
pub mod money;
pub mod record;
pub mod refund;
#[cfg(test)]
mod rule_tests;
pub mod rules;
#[cfg(test)]
mod tests;
