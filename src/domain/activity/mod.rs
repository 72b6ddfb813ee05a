//! Activities (活动) and signing up for them (报名).

pub mod answers;
pub mod commands;
pub mod manage;
pub mod record;
pub mod rules;
