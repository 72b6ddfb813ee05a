//! The third door: what the service tells the world. Rows that turns and acts wrote are taken in order per follower
//! and in parallel across followers; an attempt is on disk before its call is made, and settled after it.
//!
//! Nothing here decides what is said: [`Words`] makes a message of a notice's facts.

mod claim;
mod lanes;
mod looking;
mod pictures;
mod platform;
mod reads;
mod runs;
mod settle;
mod stats;
mod sync;
#[cfg(test)]
mod tests;
mod worker;

use std::collections::BTreeMap;

use crate::domain::outbox::record::{Notice, Way};
use crate::store::{Fault, Tx};
use crate::wechat::api::CustomMessage;

pub use lanes::{Lane, Lanes, Rates};
pub use looking::look;
pub use pictures::{Gallery, Pictures};
pub use platform::{Call, Platform, Taken};
pub use runs::Runs;
pub use stats::Stats;
pub use sync::{Directory, FollowerSync};
pub use worker::{Outbox, Settings};

/// Makes the message of a notice. Wired to the flows' texts by whoever knows both.
pub trait Words: Send + Sync + 'static {
    /// `None`: what the notice speaks of is gone, or it can't be told outside an answer.
    fn told(&self, tx: &Tx, notice: &Notice) -> Result<Option<Told>, Fault>;

    /// The place of an activity that has none.
    fn online(&self) -> String;
}

/// One notice in the forms that WeChat takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub message: Message,
    /// For followers whose window is shut, if staff named a template for this kind of notice.
    pub form: Option<Form>,
}

/// A customer-service message.
#[derive(Clone, PartialEq)]
pub enum Message {
    Ready(CustomMessage),
    /// A code that is drawn as a QR picture, and uploaded, when it is sent.
    Code(String),
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Message::Ready(message) => message.fmt(f),
            Message::Code(_) => f.write_str("a code"),
        }
    }
}

/// A template message or a subscription notice.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// [`Way::Template`] or [`Way::Subscription`].
    pub way: Way,
    pub template: String,
    /// Field → value, as WeChat takes them.
    pub fields: BTreeMap<String, String>,
    /// Where a tap leads.
    pub url: Option<String>,
}
