use serde::{Deserialize, Serialize};

use crate::domain::activity::record::RegistrationNumber;
use crate::domain::contact::record::FollowerId;
use crate::moment::Time;
use crate::store::Sealed;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    pub to: FollowerId,
    pub notice: Notice,
    pub created: Time,
    pub state: Delivery,
}

/// What the follower is told, as facts; the sentence is made when the way is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Notice {
    /// A reply that was not ready within WeChat's five seconds, as JSON.
    LateReply { message: u64, reply: Sealed<String> },
    /// A seat came free: the waiting sign-up is confirmed (候补转正).
    Promoted { number: RegistrationNumber },
    /// The whole activity was called off.
    ActivityCancelled { activity: u32, reason: String },
    /// Time or place changed for those who signed up.
    ActivityChanged { activity: u32 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    Pending,
    /// Put before the answer to the follower's next message.
    WithReply {
        at: Time,
    },
    /// The follower left before it could be told.
    Unreachable {
        at: Time,
    },
}
