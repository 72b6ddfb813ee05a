//! Corrections by counter-entry: one person says what is wrong, another books it.

use serde::{Deserialize, Serialize};

use super::ledger::{EntryId, NotCountered, counter, premiums};
use super::record::{About, Entry, Kind};
use crate::domain::scheme::record::Fen;
use crate::domain::tables::{FUND_CORRECTIONS, FUND_ENTRIES, FUND_TAKEN_BACK};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// An entry that somebody wants to take back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    pub by: String,
    pub at: Time,
    pub reason: String,
}

/// Why staff are told no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such entry")]
    Unknown,
    #[error("the entry was taken back already, or takes one back itself")]
    Already,
    #[error("the entry is a claim's: it is corrected by an act on the claim")]
    OfClaim,
    #[error("the entry returned a premium: who is to be in the programme again is enrolled again")]
    OfRefund,
    #[error("of the unit's premiums only {0} yuan is left in the book: the rest was returned to people")]
    NotLeft(Fen),
    #[error("the entry is of {0} yuan")]
    OtherAmount(Fen),
    #[error("nobody asked for this entry to be taken back")]
    NotAsked,
    #[error("you asked for it: another person confirms it")]
    SamePerson,
}

impl Refusal {
    pub fn code(self) -> &'static str {
        match self {
            Refusal::Unknown => "unknown_entry",
            Refusal::Already => "already_taken_back",
            Refusal::OfClaim => "of_claim",
            Refusal::OfRefund => "of_refund",
            Refusal::NotLeft(_) => "not_left",
            Refusal::OtherAmount(_) => "other_amount",
            Refusal::NotAsked => "not_asked",
            Refusal::SamePerson => "same_person",
        }
    }
}

/// Asks for an entry to be taken back.
pub fn ask(tx: &mut Tx, id: &EntryId, by: &str, reason: &str) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = correctable(tx, id)? {
        return Ok(Err(refusal));
    }
    let row = Correction { by: by.to_owned(), at: tx.moment().now, reason: reason.to_owned() };
    tx.put(&FUND_CORRECTIONS, id, &row).map(Ok)
}

/// Another person agrees, naming its amount: it is taken back now, by an entry of its own.
pub fn confirm(tx: &mut Tx, id: &EntryId, amount: Fen, by: &str) -> Result<Result<EntryId, Refusal>, Fault> {
    let Some(asked) = tx.get(&FUND_CORRECTIONS, id)? else { return Ok(Err(Refusal::NotAsked)) };
    if asked.by == by {
        return Ok(Err(Refusal::SamePerson));
    }
    match correctable(tx, id)? {
        Ok(entry) if entry.amount != amount => return Ok(Err(Refusal::OtherAmount(entry.amount))),
        Ok(_) => {}
        Err(refusal) => return Ok(Err(refusal)),
    }
    let by = format!("{}, {by}", asked.by);
    let done = counter(tx, id, &by, &asked.reason)?;
    if done.is_ok() {
        tx.delete(&FUND_CORRECTIONS, id)?;
    }
    Ok(done.map_err(|why| match why {
        NotCountered::Unknown => Refusal::Unknown,
        NotCountered::Already => Refusal::Already,
    }))
}

/// It isn't asked for any more.
pub fn dismiss(tx: &mut Tx, id: &EntryId) -> Result<Result<(), Refusal>, Fault> {
    if tx.get(&FUND_CORRECTIONS, id)?.is_none() {
        return Ok(Err(Refusal::NotAsked));
    }
    tx.delete(&FUND_CORRECTIONS, id).map(Ok)
}

/// An entry, and who wants it taken back.
pub type Waiting = (EntryId, Entry, Correction);

/// A page of what waits for another person, and where it goes on.
pub fn waiting(
    tx: &Tx,
    after: Option<&EntryId>,
    limit: usize,
) -> Result<(Vec<Waiting>, Option<EntryId>), Fault> {
    let page = tx.scan(&FUND_CORRECTIONS, &(), after, limit)?;
    let mut found = Vec::new();
    for (id, asked) in page.rows {
        found.extend(tx.get(&FUND_ENTRIES, &id)?.map(|entry| (id, entry, asked)));
    }
    Ok((found, page.next))
}

/// The entry, if it may be taken back: one of premiums only as long as the money of its people is still there.
fn correctable(tx: &Tx, id: &EntryId) -> Result<Result<Entry, Refusal>, Fault> {
    let Some(entry) = tx.get(&FUND_ENTRIES, id)? else { return Ok(Err(Refusal::Unknown)) };
    match entry.about {
        About::Claim(_) => return Ok(Err(Refusal::OfClaim)),
        About::Policy { .. } => return Ok(Err(Refusal::OfRefund)),
        About::Enrolments { .. } => {}
    }
    if entry.counters.is_some() || tx.get(&FUND_TAKEN_BACK, id)?.is_some() {
        return Ok(Err(Refusal::Already));
    }
    if entry.kind == Kind::Premium {
        let left = premiums(tx, &entry.book, &entry.district, &entry.union)?;
        if left < entry.amount {
            return Ok(Err(Refusal::NotLeft(left)));
        }
    }
    Ok(Ok(entry))
}
