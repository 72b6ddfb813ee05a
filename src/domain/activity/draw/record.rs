use serde::{Deserialize, Serialize};

use crate::domain::contact::record::FollowerId;
use crate::domain::member::standing::Person;
use crate::moment::Time;
use crate::store::Sealed;

/// The draw of one activity, from its publication on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draw {
    /// SHA-256 of the seed, in hex: public from the first day.
    pub commitment: String,
    /// 32 bytes in hex; a secret until the draw is done.
    pub seed: Sealed<String>,
    /// Tickets given out so far.
    pub tickets: u32,
    /// Tickets on the list when it was made.
    #[serde(default)]
    pub entries: u32,
    pub stage: Stage,
    #[serde(default)]
    pub list_hash: Option<[u8; 32]>,
    /// Seats of each session, and how many may wait, as they were when the list was made.
    #[serde(default)]
    pub seats: Vec<u32>,
    /// Of these seats, by session, those that are for each share first; none where there are no shares.
    #[serde(default)]
    pub shares: Vec<Vec<u32>>,
    /// Of those, what the draw has not given yet.
    #[serde(default)]
    pub unclaimed: Vec<Vec<u32>>,
    #[serde(default)]
    pub waiting_max: u16,
    #[serde(default)]
    pub done: Option<Time>,
    /// When the commitment was published.
    #[serde(default)]
    pub promised: Option<Time>,
}

/// How far it is. Each step is a bounded commit; the cursor is in the row, so a restart goes on where it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// Applications come and go.
    Open,
    /// The list is written and hashed, ticket by ticket.
    Listing {
        after: Option<(u32, u32)>,
        hash: [u8; 32],
    },
    /// Each ticket gets its place in the order.
    Ordering {
        after: Option<(u32, u32)>,
    },
    /// Seats are given in that order.
    Seating {
        after: Option<(u32, u8, [u8; 32])>,
        rank: u32,
    },
    /// What the shares left is given, in the same order, to who has no seat yet.
    Rest {
        after: Option<(u32, u8, [u8; 32])>,
        rank: u32,
    },
    Done,
}

impl Draw {
    pub fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    pub fn has_shares(&self) -> bool {
        !self.shares.is_empty()
    }

    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }
}

/// One person's ticket: all that they applied for in this activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub person: Person,
    /// The account that applied first; what was stored before has none.
    #[serde(default)]
    pub follower: Option<FollowerId>,
    /// The wish that comes first stands first.
    pub choices: Vec<Choice>,
    /// 0 goes before 1 before 2; fixed when the list is made.
    #[serde(default)]
    pub class: u8,
    #[serde(default)]
    pub result: Option<Drawn>,
}

/// A sign-up on the list: its session, its number there, and the seats its party needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub session: u16,
    pub number: u32,
    pub seats: u16,
    /// The share that its person counts in, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// Its place in the order, from 1.
    pub rank: u32,
    /// What became of each choice, in their order.
    pub outcomes: Vec<Outcome>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Seat,
    /// At this place of the session's waiting list.
    Waits(u32),
    Lost,
}
