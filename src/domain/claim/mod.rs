//! Claims (理赔) of the medical mutual aid: from the first photo to the money received.
//!
//! A claim's own row holds where it stands; pages, moves and how it was counted are rows of their own. [`moves`] is
//! the one place where a claim changes its status.

pub mod account;
#[cfg(test)]
mod account_tests;
#[cfg(test)]
mod adjust_tests;
pub mod astray;
pub mod audit;
pub mod completeness;
mod counted;
pub mod draft;
pub mod exclusion;
#[cfg(test)]
mod exclusion_tests;
pub mod flags;
pub mod instant;
pub mod invoice_code;
pub mod judge;
pub mod money;
pub mod moves;
pub mod news;
pub mod notes;
pub mod pages;
pub mod papers;
#[cfg(test)]
mod papers_tests;
pub mod payment;
#[cfg(test)]
mod payment_tests;
#[cfg(test)]
mod programme_tests;
pub mod queue;
pub mod record;
pub mod recover;
pub mod refuse;
pub mod retain;
#[cfg(test)]
mod retain_tests;
pub mod review;
#[cfg(test)]
mod review_tests;
pub mod rules;
pub mod sample;
pub mod second;
#[cfg(test)]
mod sent_tests;
pub mod slots;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod uncovered_tests;
