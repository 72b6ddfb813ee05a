//! 退互助费: who was entered into a programme by mistake is taken out of it, and the premium goes back, in one commit.
//! One person asks for it, another confirms.

use serde::{Deserialize, Serialize};

use super::commands::{programme, versions};
use super::record::{Fen, Policy};
use crate::domain::claim::queue;
use crate::domain::claim::record::ClaimId;
use crate::domain::counters::next_number;
use crate::domain::fund::ledger;
use crate::domain::fund::record::{About, Book, Entry, Kind};
use crate::domain::tables::{CLAIMS_FOR, POLICIES, REFUNDS};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Claims of one person, of whom nobody has so many; and places at a time.
const LOOKED_AT: usize = 300;

/// A person's place in a programme: the key of its policy.
pub type Place = ([u8; 16], String, String, u32);

/// A place that somebody wants to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// What goes back; nothing where nothing was paid.
    pub amount: Fen,
    pub reason: String,
    pub by: String,
    pub at: Time,
}

/// What became of a confirmed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub number: u64,
    pub amount: Fen,
    /// Of the place's book; none if nothing went back.
    pub entry: Option<u64>,
}

/// Why staff are told no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the person has no place in this programme from that day on")]
    Unknown,
    #[error("no more than {0} yuan was paid for it")]
    TooMuch(Fen),
    #[error("{0} goes by this cover: decide it first")]
    Claimed(ClaimId),
    #[error("nobody asked for this place to end")]
    NotAsked,
    #[error("you asked for it: another person confirms it")]
    SamePerson,
}

impl Refusal {
    pub fn code(self) -> &'static str {
        match self {
            Refusal::Unknown => "unknown_place",
            Refusal::TooMuch(_) => "too_much",
            Refusal::Claimed(_) => "claimed",
            Refusal::NotAsked => "not_asked",
            Refusal::SamePerson => "same_person",
        }
    }
}

/// Asks for a place to end and its premium to go back; asked again, the later amount and reason hold.
pub fn ask(
    tx: &mut Tx,
    place: &Place,
    amount: Fen,
    reason: &str,
    by: &str,
) -> Result<Result<(), Refusal>, Fault> {
    let policy = match ending(tx, place)? {
        Ok(policy) => policy,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let most = dearest(tx, place)?.times(u32::from(policy.shares));
    if amount > most {
        return Ok(Err(Refusal::TooMuch(most)));
    }
    let row = Refund { amount, reason: reason.to_owned(), by: by.to_owned(), at: tx.moment().now };
    tx.put(&REFUNDS, place, &row).map(Ok)
}

/// Another person agrees: the place is gone, as if it had never been, and the book says what went back.
pub fn confirm(tx: &mut Tx, place: &Place, by: &str) -> Result<Result<Done, Refusal>, Fault> {
    let Some(asked) = tx.get(&REFUNDS, place)? else { return Ok(Err(Refusal::NotAsked)) };
    if asked.by == by {
        return Ok(Err(Refusal::SamePerson));
    }
    let policy = match ending(tx, place)? {
        Ok(policy) => policy,
        Err(refusal) => return Ok(Err(refusal)),
    };
    tx.delete(&POLICIES, place)?;
    tx.delete(&REFUNDS, place)?;
    let number = next_number(tx, "refunds")?;
    let (_, scheme, programme, from) = place.clone();
    let entry = Entry {
        at: tx.moment().now,
        book: Book { scheme, programme, year: u16::try_from(from / 10_000).unwrap_or_default() },
        kind: Kind::PremiumReturned,
        amount: asked.amount,
        about: About::Policy { number },
        district: policy.district,
        union: policy.unit,
        count: 1,
        counters: None,
        by: format!("{}, {by}", asked.by),
        reason: asked.reason,
    };
    let entry = if asked.amount > Fen::ZERO { Some(ledger::book(tx, &entry)?.1) } else { None };
    Ok(Ok(Done { number, amount: asked.amount, entry }))
}

/// The places of a scheme that somebody wants to end and nobody has confirmed, the longest-waiting first.
pub fn waiting(tx: &Tx, scheme: &str) -> Result<Vec<(Place, Policy, Refund)>, Fault> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = tx.scan(&REFUNDS, &(), after.as_ref(), LOOKED_AT)?;
        for (place, asked) in page.rows {
            let policy = if place.1 == scheme { tx.get(&POLICIES, &place)? } else { None };
            found.extend(policy.map(|policy| (place, policy, asked)));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    found.sort_by_key(|(_, _, asked)| asked.at);
    Ok(found)
}

/// The policy of the place, if nothing goes by it.
fn ending(tx: &Tx, place: &Place) -> Result<Result<Policy, Refusal>, Fault> {
    let Some(policy) = tx.get(&POLICIES, place)? else { return Ok(Err(Refusal::Unknown)) };
    let (person, scheme, programme, from) = place;
    for ((_, id), ()) in tx.scan(&CLAIMS_FOR, &(*person,), None, LOOKED_AT)?.rows {
        let Some(claim) = queue::get(tx, id)?.filter(|claim| claim.submitted.is_some()) else { continue };
        let lives =
            claim.status.is_granted() || claim.status.waits_for_staff() || claim.status.waits_for_claimant();
        let by_it = claim.ruling.as_ref().is_some_and(|ruling| {
            (&ruling.scheme, &ruling.programme, u32::from(ruling.year)) == (scheme, programme, from / 10_000)
        });
        if lives && by_it {
            return Ok(Err(Refusal::Claimed(id)));
        }
    }
    Ok(Ok(policy))
}

/// The highest premium that a share of the programme ever had.
fn dearest(tx: &Tx, (_, scheme, key, _): &Place) -> Result<Fen, Fault> {
    let mut dearest = Fen::ZERO;
    for (version, _) in versions(tx, scheme)? {
        let premiums = programme(tx, scheme, version, key)?.map(|known| known.premiums).unwrap_or_default();
        dearest = premiums.iter().map(|premium| premium.fee).fold(dearest, Fen::max);
    }
    Ok(dearest)
}
