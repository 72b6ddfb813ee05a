//! The WeChat Official Account protocol: signatures, the encrypted envelope, what comes in, what goes back,
//! and the menu's JSON. Knows nothing of unions, stores or HTTP servers.
//!
//! [`open`] is the whole way in: query, body, keys and time give a message or a refusal. A [`reply::Reply`]
//! rendered and passed through [`Opened::answer`] is the way back. Accounts whose pushes are switched to JSON
//! are not supported.

pub mod api;
pub mod envelope;
pub mod event;
pub mod menu;
pub mod message;
pub mod platform;
pub mod reply;
pub mod signature;
pub mod xml;

mod keys;
mod opening;
mod query;
mod refused;
mod replay;
mod sealing;

pub use keys::{Keys, Mode};
pub use opening::{BODY_BYTES_MAX, Opened, open, verify_url};
pub use query::Query;
pub use refused::Refused;
pub use replay::{ReplayGuard, ReplayKey};
pub use sealing::Sealing;
