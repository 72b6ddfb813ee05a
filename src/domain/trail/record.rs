use serde::{Deserialize, Serialize};

use crate::moment::Time;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrailEntry {
    pub at: Time,
    pub who: String,
    /// What was done, such as `activity.publish`.
    pub act: String,
    /// What it was done to, such as `A12`.
    pub subject: String,
    /// The reason given, or why it was refused.
    pub detail: String,
    pub done: bool,
    /// SHA-256 (hex) of the entry before this one; empty for the first.
    pub previous: String,
}

/// The answer to a staff call, kept under its idempotency key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// SHA-256 (hex) of the request, so that a key used for something else is noticed.
    pub request: String,
    pub at: Time,
    /// The answer as JSON.
    pub answer: String,
}
