//! What a claimant is told of a claim: facts for the outbox, without illness, amount or full name.

use serde::{Deserialize, Serialize};

use super::record::*;
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::Notice;
use crate::store::{Fault, Tx};

/// Stored, so a variant is never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// The claim's move of that number.
    Moved { claim: ClaimId, number: u32 },
    /// What the move of that number asked for is not there yet.
    StillMissing { claim: ClaimId, number: u32 },
    /// A picture can't be read or was lost; it is asked for again.
    PageUnclear { claim: ClaimId, slot: String, page: u16 },
    /// An invoice's code was read from a picture; the claimant is to say whether it is right.
    InvoiceRead { claim: ClaimId },
    /// The picture or the invoice is another claim's already.
    PaperUsed { claim: ClaimId, slot: String },
    /// A draft that nobody goes on with is dropped in a few days.
    DraftEnds { claim: ClaimId },
}

impl News {
    pub fn name(&self) -> &'static str {
        match self {
            News::Moved { .. } => "claim_moved",
            News::StillMissing { .. } => "claim_still_missing",
            News::PageUnclear { .. } => "claim_page_unclear",
            News::InvoiceRead { .. } => "claim_invoice_read",
            News::PaperUsed { .. } => "claim_paper_used",
            News::DraftEnds { .. } => "claim_draft_ends",
        }
    }

    pub fn claim(&self) -> ClaimId {
        match self {
            News::Moved { claim, .. }
            | News::StillMissing { claim, .. }
            | News::PageUnclear { claim, .. }
            | News::InvoiceRead { claim }
            | News::DraftEnds { claim }
            | News::PaperUsed { claim, .. } => *claim,
        }
    }
}

pub fn tell(tx: &mut Tx, who: &FollowerId, news: News) -> Result<(), Fault> {
    enqueue(tx, who, Notice::Claim(news)).map(drop)
}

/// Steps among the staff are no news; what they come to is.
pub fn is_told(from: Status, to: Status) -> bool {
    match to {
        Status::Reviewed | Status::Draft | Status::Paying => false,
        Status::Accepted => matches!(from, Status::Submitted | Status::Rejected | Status::WrittenOff),
        Status::Submitted => matches!(from, Status::NotAccepted | Status::NeedsMore),
        Status::Approved => from != Status::Paying,
        Status::NeedsMore
        | Status::NotAccepted
        | Status::Paid
        | Status::WrittenOff
        | Status::PayFailed
        | Status::Reversed
        | Status::Rejected
        | Status::Withdrawn
        | Status::Expired => true,
    }
}
