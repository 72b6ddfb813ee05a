//! HTTP: connections, the webhook, the staff's API, health and metrics.

pub mod body;
pub mod listen;

pub use listen::{Drained, Limits, serve};
