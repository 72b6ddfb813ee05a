//! 退互助费: who was entered into a programme by mistake is taken out of it, and the premium goes back, in one commit.
//! One person asks for it, another confirms; neither for themselves.

use serde::{Deserialize, Serialize};

use super::commands::{day_of, programme, versions};
use super::record::{Fen, Policy};
use crate::domain::claim::queue;
use crate::domain::claim::record::ClaimId;
use crate::domain::counters::next_number;
use crate::domain::fund::ledger;
use crate::domain::fund::record::{About, Book, Entry, Kind};
use crate::domain::member::list::{index, named};
use crate::domain::member::record::MemberId;
use crate::domain::tables::{CLAIMS_FOR, ENDED_PLACES, MEMBERS, POLICIES, REFUNDS};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

/// Claims of one person, of whom nobody has so many; and places at a time.
const LOOKED_AT: usize = 300;

/// A person's place in a programme: the key of its policy.
pub type Place = ([u8; 16], String, String, u32);

/// A place that somebody wants to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// What goes back; nothing where nothing was paid.
    pub amount: Fen,
    /// It may tell of the person. An early row's is gone.
    #[serde(default)]
    pub why: Sealed<String>,
    pub by: String,
    pub at: Time,
}

/// A place that was ended; of several at the same place the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Among those that were ended: the fund's entry names it.
    pub number: u64,
    pub policy: Policy,
    pub amount: Fen,
    pub why: Sealed<String>,
    /// Who asked, and who confirmed.
    pub by: String,
    pub at: Time,
}

/// Who of the staff acts, and which member they are themselves.
pub type Staff<'a> = (&'a str, Option<MemberId>);

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
    #[error("this is your own place: somebody else handles it")]
    OwnPlace,
    #[error("{0} yuan is what was asked for")]
    OtherAmount(Fen),
}

impl Refusal {
    pub fn code(self) -> &'static str {
        match self {
            Refusal::Unknown => "unknown_place",
            Refusal::TooMuch(_) => "too_much",
            Refusal::Claimed(_) => "claimed",
            Refusal::NotAsked => "not_asked",
            Refusal::SamePerson => "same_person",
            Refusal::OwnPlace => "own_place",
            Refusal::OtherAmount(_) => "other_amount",
        }
    }
}

/// Asks for a place to end and its premium to go back; asked again, the later amount and reason hold.
pub fn ask(
    tx: &mut Tx,
    place: &Place,
    amount: Fen,
    reason: &str,
    who: Staff,
) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = ending(tx, place, amount, who)? {
        return Ok(Err(refusal));
    }
    let (why, by) = (Sealed::new(reason.to_owned()), who.0.to_owned());
    tx.put(&REFUNDS, place, &Refund { amount, why, by, at: tx.moment().now }).map(Ok)
}

/// Another person agrees, naming what goes back: the place covers nothing any more, and the book says what went back. A
/// place that continued it keeps its days.
pub fn confirm(tx: &mut Tx, place: &Place, amount: Fen, who: Staff) -> Result<Result<Done, Refusal>, Fault> {
    let Some(asked) = tx.get(&REFUNDS, place)? else { return Ok(Err(Refusal::NotAsked)) };
    if asked.by == who.0 {
        return Ok(Err(Refusal::SamePerson));
    }
    if asked.amount != amount {
        return Ok(Err(Refusal::OtherAmount(asked.amount)));
    }
    let policy = match ending(tx, place, amount, who)? {
        Ok(policy) => policy,
        Err(refusal) => return Ok(Err(refusal)),
    };
    tx.delete(&POLICIES, place)?;
    tx.delete(&REFUNDS, place)?;
    let (number, at) = (next_number(tx, "refunds")?, tx.moment().now);
    let by = format!("{}, {}", asked.by, who.0);
    let entry = Entry {
        at,
        book: book_of(place),
        kind: Kind::PremiumReturned,
        amount,
        about: About::Policy { number },
        district: policy.district.clone(),
        union: policy.unit.clone(),
        count: 1,
        counters: None,
        by: by.clone(),
        reason: String::new(),
    };
    let entry = if amount > Fen::ZERO { Some(ledger::book(tx, &entry)?.1) } else { None };
    tx.put(&ENDED_PLACES, place, &Ended { number, policy, amount, why: asked.why, by, at })?;
    Ok(Ok(Done { number, amount, entry }))
}

/// It isn't asked for any more.
pub fn dismiss(tx: &mut Tx, place: &Place, (_, own): Staff) -> Result<Result<(), Refusal>, Fault> {
    if tx.get(&REFUNDS, place)?.is_none() {
        return Ok(Err(Refusal::NotAsked));
    }
    if is_own(tx, place, own)? {
        return Ok(Err(Refusal::OwnPlace));
    }
    tx.delete(&REFUNDS, place).map(Ok)
}

/// The places of a person that were ended.
pub fn ended(tx: &Tx, person: &[u8; 16]) -> Result<Vec<(Place, Ended)>, Fault> {
    Ok(tx.scan(&ENDED_PLACES, &(*person,), None, LOOKED_AT)?.rows)
}

fn book_of((_, scheme, programme, from): &Place) -> Book {
    let year = u16::try_from(from / 10_000).unwrap_or_default();
    Book { scheme: scheme.clone(), programme: programme.clone(), year }
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

fn is_own(tx: &Tx, place: &Place, own: Option<MemberId>) -> Result<bool, Fault> {
    let Some(member) = own.map(|own| tx.get(&MEMBERS, &own)).transpose()?.flatten() else { return Ok(false) };
    let person = named(tx, &member)?;
    Ok(person.map(|person| index(tx, &person.identity)).transpose()?.is_some_and(|index| index == place.0))
}

/// The policy of the place, if nothing goes by it, it isn't the staff's own and so much may go back for it.
fn ending(tx: &Tx, place: &Place, amount: Fen, (_, own): Staff) -> Result<Result<Policy, Refusal>, Fault> {
    let Some(policy) = tx.get(&POLICIES, place)? else { return Ok(Err(Refusal::Unknown)) };
    if is_own(tx, place, own)? {
        return Ok(Err(Refusal::OwnPlace));
    }
    let (person, scheme, programme, from) = place;
    for ((_, id), ()) in tx.scan(&CLAIMS_FOR, &(*person,), None, LOOKED_AT)?.rows {
        let Some(claim) = queue::get(tx, id)?.filter(|claim| claim.submitted.is_some()) else { continue };
        let lives =
            claim.status.is_granted() || claim.status.waits_for_staff() || claim.status.waits_for_claimant();
        let by_it = claim.ruling.as_ref().is_some_and(|ruling| {
            let within = day_of(*from).is_none_or(|from| ruling.is_within(from, policy.until));
            (&ruling.scheme, &ruling.programme) == (scheme, programme) && within
        });
        if lives && by_it {
            return Ok(Err(Refusal::Claimed(id)));
        }
    }
    let most = returnable(tx, place, &policy)?;
    Ok(if amount > most { Err(Refusal::TooMuch(most)) } else { Ok(policy) })
}

/// What may go back: no more than was paid for the place, and than is left of its unit's premiums.
fn returnable(tx: &Tx, place: &Place, policy: &Policy) -> Result<Fen, Fault> {
    let paid = match policy.premium {
        Some(paid) => paid,
        None => dearest(tx, place, policy)?.times(u32::from(policy.shares)),
    };
    let left = ledger::premiums(tx, &book_of(place), &policy.district, &policy.unit)?;
    Ok(paid.min(left).at_least_zero())
}

/// For a place that doesn't say what was paid for it: the highest premium that a share of its term had.
fn dearest(tx: &Tx, (_, scheme, key, from): &Place, policy: &Policy) -> Result<Fen, Fault> {
    let next = policy.until.tomorrow().unwrap_or(policy.until);
    let years = day_of(*from).map_or(1, |from| next.year() - from.year()).max(1);
    let mut dearest = Fen::ZERO;
    for (version, _) in versions(tx, scheme)? {
        let premiums = programme(tx, scheme, version, key)?.map(|known| known.premiums).unwrap_or_default();
        let of_term = premiums.iter().filter(|premium| i16::from(premium.years) == years);
        dearest = of_term.map(|premium| premium.fee).fold(dearest, Fen::max);
    }
    Ok(dearest)
}
