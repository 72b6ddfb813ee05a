//! Benefits (福利): stock that is released at set times, one tap to claim a coupon (券), and what becomes of it.

pub mod audit;
pub mod calendar;
pub mod claim;
pub mod code;
pub mod draw;
pub mod import;
pub mod keep;
pub mod manage;
pub mod queue;
pub mod quiz;
pub mod record;
pub mod redeem;
pub mod reissue;
pub mod remind;
pub mod rules;
pub mod stock;
#[cfg(test)]
mod tests;
pub mod used;
pub mod wallet;
