//! The mutual-aid fund: a double-entry ledger in fen, one book for each scheme, programme and policy year.
//!
//! What the fund's rules forbid (fees, investments) has no kind of entry: 专款专用, 独立核算. Entries are never changed;
//! what was wrong is taken back by a counter-entry.

pub mod audit;
pub mod correct;
pub mod ledger;
pub mod record;
pub mod report;
#[cfg(test)]
mod tests;
