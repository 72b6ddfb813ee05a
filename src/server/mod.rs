//! HTTP: connections, the webhook, the staff's API, health and metrics.

pub mod api;
pub mod body;
pub mod draws;
pub mod front;
pub mod listen;
pub mod log;
pub mod metrics;
pub mod ops;
pub mod webhook;

pub use listen::{Drained, Limits, answer_late, serve};
pub use metrics::Metrics;
pub use ops::Ops;
pub use webhook::Webhook;
