//! HTTP: connections, the webhook, the staff's API, health and metrics.

pub mod body;
pub mod listen;
pub mod log;
pub mod metrics;
pub mod ops;

pub use listen::{Drained, Limits, serve};
pub use metrics::Metrics;
pub use ops::Ops;
