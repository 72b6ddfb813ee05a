//! What is true: of followers and members, activities, benefits, the mutual aid and its fund, cases, broadcasts; what is
//! to be told, and what staff did.
//!
//! Most parts have three files: `record` (what is stored), `rules` (pure decisions on values), `commands` (load, decide,
//! write); a large part has its commands by what they are about. A rule that says no answers with a refusal; it has written nothing, but for an approval that finds
//! another sum ([`claim::review::approve`]), which is kept.

pub mod access;
pub mod activity;
pub(crate) mod answer;
mod assignee;
pub mod audience;
pub mod benefit;
pub mod broadcast;
pub mod calendar;
pub mod case;
pub mod claim;
pub mod contact;
pub mod counters;
pub mod eligibility;
pub mod followers;
pub mod fund;
pub mod invariants;
pub mod media;
pub mod member;
pub mod nightly;
mod number;
pub mod outbox;
pub mod question;
pub mod resealing;
pub mod scheme;
pub mod series;
mod status;
pub mod tables;
pub mod tags;
pub mod timers;
pub mod trail;
