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
    /// A picture can't be read or is a page already; it is asked for again.
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

impl News {
    /// Is what the older says over once this is said? Where a claim stood, and what was waited for there.
    pub fn takes_place_of(&self, older: &News) -> bool {
        let says_where_it_stands = |news: &News| {
            matches!(news, News::Moved { .. } | News::StillMissing { .. } | News::DraftEnds { .. })
        };
        let is_read = |news: &News| matches!(news, News::InvoiceRead { .. });
        self.claim() == older.claim()
            && (says_where_it_stands(self) && says_where_it_stands(older) || is_read(self) && is_read(older))
    }
}

pub fn tell(tx: &mut Tx, who: &FollowerId, news: News) -> Result<(), Fault> {
    enqueue(tx, who, Notice::Claim(news)).map(drop)
}

/// Every change of its status is news, and that a part of what was paid came back.
pub fn is_told(from: Status, to: Status) -> bool {
    match (from, to) {
        // A batch that was taken back goes out again, and nobody waits for less.
        (Status::Paying, Status::Approved) => false,
        (Status::Paid, Status::Paid) => true,
        _ => from != to,
    }
}
