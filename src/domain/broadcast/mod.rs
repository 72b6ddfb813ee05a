//! Broadcasts (群发, 通知): one message to all whom a condition fits, each of them once.
//!
//! A broadcast is written, previewed, approved by a second person and started. Starting fixes the audience: [`build`]
//! writes a ledger row for each recipient. [`take`] hands out the next ones, each attempt recorded before it is made;
//! [`settle`] writes what came of it. A row that has its final state is never taken again, and one that was in
//! flight when the service died is repeated only where WeChat makes that harmless ([`interrupted`]). Mass sends go
//! out in chunks, each with an id of its own ([`chunks`]). Every command here is bounded, and goes on from a cursor.
//!
//! [`build`]: build::build
//! [`take`]: take::take
//! [`settle`]: settle::settle
//! [`interrupted`]: settle::interrupted

pub mod agenda;
pub mod build;
pub mod chunks;
pub mod fill;
pub mod ledger;
pub mod manage;
pub mod preview;
pub mod reads;
pub mod record;
pub mod rules;
pub mod settle;
pub mod take;
#[cfg(test)]
mod tests;
pub mod tidy;
pub mod timeline;
