//! The same paper twice: an invoice, a stay or a picture belongs to one open or paid claim.
//!
//! What finds them are keyed hashes, so that the rows tell nothing of anybody. A claim that was refused, withdrawn or
//! lapsed frees its papers, unless a bank paid it all the same.

use jiff::civil::Date;

use super::queue;
use super::record::*;
use crate::domain::tables::{PAPERS, PAPERS_OF};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Claims that may name one paper; more of them tell nothing new.
const LOOKED_AT: usize = 20;
const OF_ONE_CLAIM: usize = 200;

/// What finds a paper.
pub type PaperKey = [u8; 16];

/// By code and number, and by the number alone: who types an invoice is not asked for its code.
pub fn invoice(tx: &Tx, code: &str, number: &str) -> Result<[PaperKey; 2], Fault> {
    let key = |code: &str| tx.index_of("invoice", &format!("{code}/{}", bare(number)));
    Ok([key(&bare(code))?, key("")?])
}

/// Have they an invoice in common? Of the same number; two codes that differ tell two invoices.
fn share_invoice(one: &Claim, other: &Claim) -> bool {
    let codes = |a: &str, b: &str| a.is_empty() || b.is_empty() || a == b;
    let same = |a: &Invoice, b: &Invoice| {
        !a.number.is_empty() && bare(&a.number) == bare(&b.number) && codes(&bare(&a.code), &bare(&b.code))
    };
    let others = &other.details.reveal().invoices;
    one.details.reveal().invoices.iter().any(|a| others.iter().any(|b| same(a, b)))
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

/// Claims that go before this one by one of its papers: they were granted for it, or had it first. The first submission
/// goes on; the later one waits for it (`domain.md` 1.9).
pub fn taken_before(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Vec<(Paper, ClaimId)>, Fault> {
    let mut found = Vec::new();
    for what in [Paper::Invoice, Paper::Stay, Paper::Picture] {
        for ((.., key), ()) in tx.scan(&PAPERS_OF, &(id, place(what)), None, OF_ONE_CLAIM)?.rows {
            found.extend(ahead(tx, what, key, id, claim)?.into_iter().map(|other| (what, other)));
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Those of them that have that paper.
pub fn ahead(tx: &Tx, what: Paper, key: PaperKey, id: ClaimId, claim: &Claim) -> Result<Vec<ClaimId>, Fault> {
    let paper = (place(what), key);
    let (mut found, mine) = (Vec::new(), (since(tx, paper, id, claim)?, id));
    for (other, known) in clashing(tx, paper, id, claim)? {
        if known.status.is_granted() || (since(tx, paper, other, &known)?, other) < mine {
            found.push(other);
        }
    }
    Ok(found)
}

fn since(tx: &Tx, (place, key): (u8, PaperKey), id: ClaimId, claim: &Claim) -> Result<Time, Fault> {
    let noted = tx.get(&PAPERS, &(place, key, id))?.flatten();
    Ok(noted.or(claim.submitted).unwrap_or(claim.created))
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

/// Others that have the paper, still hold it, and may not: those of the same programme, or for somebody else. Several
/// programmes may pay for one illness, each by a claim of its own.
fn clashing(
    tx: &Tx,
    paper: (u8, PaperKey),
    id: ClaimId,
    claim: &Claim,
) -> Result<Vec<(ClaimId, Claim)>, Fault> {
    let mut found = Vec::new();
    for ((_, _, other), _) in tx.scan(&PAPERS, &paper, None, LOOKED_AT)?.rows {
        let is_invoice = paper.0 == place(Paper::Invoice);
        let has_it = |known: &Claim| !is_invoice || share_invoice(claim, known);
        let others =
            queue::get(tx, other)?.filter(|known| other != id && clash(claim, known) && has_it(known));
        found.extend(others.map(|known| (other, known)));
    }
    Ok(found)
}

fn clash(claim: &Claim, other: &Claim) -> bool {
    let programme =
        |claim: &Claim| claim.ruling.as_ref().map(|ruling| (ruling.scheme.clone(), ruling.programme.clone()));
    let holds = other.holds_papers() && other.status != Status::Draft;
    holds && (claim.insured != other.insured || programme(claim) == programme(other))
}

/// Notes that the claim has it, from now on if it hadn't.
pub fn note(tx: &mut Tx, what: Paper, key: PaperKey, claim: ClaimId) -> Result<(), Fault> {
    let row = (place(what), key, claim);
    if tx.get(&PAPERS, &row)?.is_some() {
        return Ok(());
    }
    let now = tx.moment().now;
    tx.put(&PAPERS, &row, &Some(now))?;
    tx.put(&PAPERS_OF, &(claim, row.0, key), &())
}

/// Notes all that the claim has, and forgets what it has no more. `anew`: as of now, because it held nothing so far.
pub fn take(tx: &mut Tx, claim: ClaimId, all: &[(Paper, PaperKey)], anew: bool) -> Result<(), Fault> {
    for ((_, of, key), ()) in tx.scan(&PAPERS_OF, &(claim,), None, OF_ONE_CLAIM)?.rows {
        if anew || !all.iter().any(|(what, known)| (place(*what), *known) == (of, key)) {
            tx.delete(&PAPERS, &(of, key, claim))?;
            tx.delete(&PAPERS_OF, &(claim, of, key))?;
        }
    }
    for (what, key) in all {
        note(tx, *what, *key, claim)?;
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
