//! The same paper twice: an invoice, a stay or a picture belongs to one open or paid claim.
//!
//! What finds them are keyed hashes, so that the rows tell nothing of anybody. A claim that was refused, withdrawn or
//! lapsed frees its papers.

use jiff::civil::Date;

use super::queue;
use super::record::*;
use crate::domain::tables::{PAPERS, PAPERS_OF};
use crate::store::{Fault, Tx};

/// Claims that may name one paper; more of them tell nothing new.
const LOOKED_AT: usize = 20;
const OF_ONE_CLAIM: usize = 200;

/// What finds a paper.
pub type PaperKey = [u8; 16];

pub fn invoice(tx: &Tx, code: &str, number: &str) -> Result<PaperKey, Fault> {
    tx.index_of("invoice", &format!("{}/{}", bare(code), bare(number)))
}

/// One person was admitted to one hospital on one day.
pub fn stay(tx: &Tx, identity: &str, hospital: &str, admitted: Date) -> Result<PaperKey, Fault> {
    tx.index_of("stay", &format!("{identity}/{}/{admitted}", bare(hospital)))
}

/// `document`: the picture's name among the sealed documents, which is one for one content.
pub fn picture(tx: &Tx, document: &str) -> Result<PaperKey, Fault> {
    tx.index_of("picture", document)
}

/// As people write it: without spaces, in capitals.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_uppercase).collect()
}

/// Another claim that has the paper, still holds it, and may not: one of the same programme, or for somebody else.
/// Several programmes may pay for one illness, each by a claim of its own.
pub fn held_by(
    tx: &Tx,
    what: Paper,
    key: PaperKey,
    id: ClaimId,
    claim: &Claim,
) -> Result<Option<ClaimId>, Fault> {
    Ok(clashing(tx, (place(what), key), id, claim)?.first().map(|(other, _)| *other))
}

/// Another claim that was granted for one of this one's papers, and may not have been. For `audit`: it asks the rows
/// of papers themselves, whatever the claims' flags say.
pub fn granted_twice(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Option<ClaimId>, Fault> {
    for ((_, place, key), ()) in tx.scan(&PAPERS_OF, &(id,), None, OF_ONE_CLAIM)?.rows {
        let all = clashing(tx, (place, key), id, claim)?;
        if let Some((other, _)) = all.into_iter().find(|(_, other)| other.status.is_granted()) {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

fn clashing(
    tx: &Tx,
    paper: (u8, PaperKey),
    id: ClaimId,
    claim: &Claim,
) -> Result<Vec<(ClaimId, Claim)>, Fault> {
    let mut found = Vec::new();
    for ((_, _, other), ()) in tx.scan(&PAPERS, &paper, None, LOOKED_AT)?.rows {
        let others = queue::get(tx, other)?.filter(|known| other != id && clash(claim, known));
        found.extend(others.map(|known| (other, known)));
    }
    Ok(found)
}

fn clash(claim: &Claim, other: &Claim) -> bool {
    let programme =
        |claim: &Claim| claim.ruling.as_ref().map(|ruling| (ruling.scheme.clone(), ruling.programme.clone()));
    let holds = other.status.holds_papers() && other.status != Status::Draft;
    holds && (claim.insured != other.insured || programme(claim) == programme(other))
}

/// Notes that the claim has it.
pub fn note(tx: &mut Tx, what: Paper, key: PaperKey, claim: ClaimId) -> Result<(), Fault> {
    tx.put(&PAPERS, &(place(what), key, claim), &())?;
    tx.put(&PAPERS_OF, &(claim, place(what), key), &())
}

/// Forgets all that the claim has of one kind, before it is noted anew.
pub fn forget(tx: &mut Tx, what: Paper, claim: ClaimId) -> Result<(), Fault> {
    for ((_, place, key), ()) in tx.scan(&PAPERS_OF, &(claim, place(what)), None, OF_ONE_CLAIM)?.rows {
        tx.delete(&PAPERS, &(place, key, claim))?;
        tx.delete(&PAPERS_OF, &(claim, place, key))?;
    }
    Ok(())
}

fn place(what: Paper) -> u8 {
    match what {
        Paper::Invoice => 0,
        Paper::Stay => 1,
        Paper::Picture => 2,
    }
}
