//! Activities (活动) and signing up for them (报名).

pub mod answers;
pub mod attendance;
pub mod audit;
pub mod bar;
#[cfg(test)]
mod changes_tests;
pub mod commands;
pub mod draw;
pub mod forget;
#[cfg(test)]
mod forget_tests;
pub mod history;
pub mod holder;
#[cfg(test)]
mod identity_tests;
pub mod kit;
pub mod manage;
pub mod places;
pub mod quota;
#[cfg(test)]
mod quota_tests;
pub mod record;
pub mod remind;
pub mod review;
pub mod rules;
pub mod settings;
pub mod take_back;
#[cfg(test)]
mod tests;
pub mod waiting;
