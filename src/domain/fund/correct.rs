//! Corrections by counter-entry: one person says what is wrong, another books it.

use serde::{Deserialize, Serialize};

use super::ledger::{EntryId, NotCountered, counter};
use super::record::About;
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
            Refusal::NotAsked => "not_asked",
            Refusal::SamePerson => "same_person",
        }
    }
}

/// Asks for an entry to be taken back.
pub fn ask(tx: &mut Tx, id: &EntryId, by: &str, reason: &str) -> Result<Result<(), Refusal>, Fault> {
    let Some(entry) = tx.get(&FUND_ENTRIES, id)? else { return Ok(Err(Refusal::Unknown)) };
    if matches!(entry.about, About::Claim(_)) {
        return Ok(Err(Refusal::OfClaim));
    }
    if entry.counters.is_some() || tx.get(&FUND_TAKEN_BACK, id)?.is_some() {
        return Ok(Err(Refusal::Already));
    }
    let row = Correction { by: by.to_owned(), at: tx.moment().now, reason: reason.to_owned() };
    tx.put(&FUND_CORRECTIONS, id, &row).map(Ok)
}

/// Another person agrees: it is taken back now, by an entry of its own.
pub fn confirm(tx: &mut Tx, id: &EntryId, by: &str) -> Result<Result<EntryId, Refusal>, Fault> {
    let Some(asked) = tx.get(&FUND_CORRECTIONS, id)? else { return Ok(Err(Refusal::NotAsked)) };
    if asked.by == by {
        return Ok(Err(Refusal::SamePerson));
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
