//! The audit trail of what staff did and looked at: append-only, each entry holding the hash of the one before.

pub mod answers;
pub mod commands;
pub mod record;
