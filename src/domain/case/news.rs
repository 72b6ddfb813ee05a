//! What a follower is told of a case: facts for the outbox, without a word of what it is about.

use serde::{Deserialize, Serialize};

use super::record::*;
use crate::domain::member::standing::{Person, account_of};
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::Notice;
use crate::store::{Fault, Tx};

/// Stored, so a variant is never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// The entry of that number.
    Entry { case: CaseId, number: u32 },
    /// What was asked for is not there yet.
    StillAsked { case: CaseId },
    /// Somebody is proposed to the follower.
    Proposed { case: CaseId, proposal: u64 },
    /// What became of it.
    Answered { case: CaseId, proposal: u64 },
    /// Two that agreed are asked whether they wish to go on.
    GoesOn { case: CaseId },
}

impl News {
    pub fn name(&self) -> &'static str {
        match self {
            News::Entry { .. } => "case_entry",
            News::StillAsked { .. } => "case_still_asked",
            News::Proposed { .. } => "case_proposed",
            News::Answered { .. } => "case_answered",
            News::GoesOn { .. } => "case_goes_on",
        }
    }

    pub fn case(&self) -> CaseId {
        match self {
            News::Entry { case, .. }
            | News::StillAsked { case }
            | News::GoesOn { case }
            | News::Proposed { case, .. }
            | News::Answered { case, .. } => *case,
        }
    }
}

/// A member who has no account now is told when they look.
pub fn tell(tx: &mut Tx, whose: &Person, news: News) -> Result<(), Fault> {
    match account_of(tx, whose)? {
        Some(who) => enqueue(tx, &who, Notice::Case(news)).map(drop),
        None => Ok(()),
    }
}
