//! What a claimant is told of a claim: facts for the outbox, without illness, amount or full name.

use serde::{Deserialize, Serialize};

use super::record::*;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::record::{Member, MemberId, MemberState};
use crate::domain::member::standing::{Person, account_of};
use crate::domain::outbox::commands::{self as outbox, enqueue};
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{CLAIM_NEWS, MEMBERS};
use crate::store::{Fault, Tx};

/// Claims of one member of which something is kept; nobody has so many.
const KEPT_MAX: usize = 300;

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
        let is_read = |news: &News| matches!(news, News::InvoiceRead { .. });
        self.claim() == older.claim()
            && (self.says_where_it_stands() && older.says_where_it_stands()
                || is_read(self) && is_read(older))
    }

    fn says_where_it_stands(&self) -> bool {
        matches!(self, News::Moved { .. } | News::StillMissing { .. } | News::DraftEnds { .. })
    }
}

/// Tells the account that is the claimant's by now. Where a claim stands is kept for the next one while they have none.
pub fn tell(tx: &mut Tx, claimant: MemberId, news: News) -> Result<(), Fault> {
    match account_of(tx, &Person::Member(claimant))? {
        Some(who) => enqueue(tx, &who, Notice::Claim(news)).map(drop),
        None => keep(tx, claimant, news),
    }
}

fn keep(tx: &mut Tx, claimant: MemberId, news: News) -> Result<(), Fault> {
    let is_erased = |member: Member| matches!(member.state, MemberState::Erased { .. });
    if tx.get(&MEMBERS, &claimant)?.is_none_or(is_erased) || !news.says_where_it_stands() {
        return Ok(());
    }
    tx.put(&CLAIM_NEWS, &(claimant, news.claim()), &news)
}

/// The account is the claimant's no more: what it wasn't told yet is for their next one.
pub fn take_back(tx: &mut Tx, claimant: MemberId, from: &FollowerId) -> Result<(), Fault> {
    for notice in outbox::take_back(tx, from, |notice| matches!(notice, Notice::Claim(_)))? {
        if let Notice::Claim(news) = notice {
            keep(tx, claimant, news)?;
        }
    }
    Ok(())
}

/// The account is the claimant's from now on: tells it what was kept.
pub fn carry(tx: &mut Tx, claimant: MemberId, to: &FollowerId) -> Result<(), Fault> {
    for (key, news) in tx.scan(&CLAIM_NEWS, &(claimant,), None, KEPT_MAX)?.rows {
        tx.delete(&CLAIM_NEWS, &key)?;
        enqueue(tx, to, Notice::Claim(news))?;
    }
    Ok(())
}

/// The claimant is nobody's any more: nobody will ask.
pub fn forget(tx: &mut Tx, claimant: MemberId) -> Result<(), Fault> {
    for (key, _) in tx.scan(&CLAIM_NEWS, &(claimant,), None, KEPT_MAX)?.rows {
        tx.delete(&CLAIM_NEWS, &key)?;
    }
    Ok(())
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
