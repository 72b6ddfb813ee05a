//! What a change of rules would have paid: past claims counted again, under a scheme file that isn't adopted. Nothing is
//! written.

use serde::{Deserialize, Serialize};

use crate::domain::claim::record::{Claim, ClaimId, Status};
use crate::domain::claim::{judge, money};
use crate::domain::fund::ledger::standing;
use crate::domain::scheme::file::{self, SchemeFile};
use crate::domain::scheme::record::Fen;
use crate::domain::scheme::rules::{Cover, benefit};
use crate::domain::tables::CLAIMS;
use crate::moment::Moment;
use crate::staff::act as door;
use crate::staff::{Act, ActError, Caller, FieldError, Role};
use crate::store::{Fault, Store, Tx};

/// Claims that one call counts again.
const PAGE: usize = 200;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulateForm {
    /// The scheme file's text.
    pub file: String,
    /// As the page before gave it.
    #[serde(default)]
    pub after: Option<String>,
}

/// A page of claims, counted again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Simulated {
    /// Claims that were looked at.
    pub seen: u64,
    /// Of the scheme, and granted or paid.
    pub counted: u64,
    pub now: Fen,
    pub then: Fen,
    /// Claims whose sum would be another one.
    pub changed: Vec<Change>,
    /// What the books of these claims hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub balances: Vec<Balance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub claim: String,
    pub programme: String,
    pub year: u16,
    pub now: Fen,
    pub then: Fen,
    /// Why nothing would be paid, if that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    pub programme: String,
    pub year: u16,
    pub income: Fen,
    /// Granted so far, less what came back.
    pub granted: Fen,
}

/// Counts a page of past claims by the file's rules.
pub async fn simulate(
    store: &Store,
    at: Moment,
    who: &Caller,
    form: SimulateForm,
) -> Result<Simulated, ActError> {
    let wrong = |field: &str, message: String| {
        ActError::Invalid(vec![FieldError { field: field.to_owned(), message }])
    };
    let scheme = file::read("scheme", &form.file).map_err(|problems| {
        let told = problems.iter().take(10).map(ToString::to_string).collect::<Vec<_>>();
        wrong("file", told.join("; "))
    })?;
    let after = form.after.map(|after| after.parse::<ClaimId>()).transpose();
    let after = after.map_err(|()| wrong("after", "must be the `next` of the page before".to_owned()))?;
    let act = Act {
        name: "fund.simulate",
        subject: scheme.scheme.clone(),
        role: Role::Payment,
        detail: format!("version {}", scheme.version),
        key: None,
        request: String::new(),
    };
    if after.is_none() {
        // The first page alone is on the trail: the others are of the same question.
        door::look(store, at, who, act.clone(), |_| Ok(())).await?;
    } else if !who.has(Role::Payment) && !who.has(Role::Auditor) {
        return Err(ActError::NotAllowed(Role::Payment.name()));
    }
    Ok(store.read(at, move |tx| page(tx, &scheme, after)).await?)
}

/// A page of claims, counted by rules that were read already.
pub fn page(tx: &Tx, scheme: &SchemeFile, after: Option<ClaimId>) -> Result<Simulated, Fault> {
    let found = tx.scan(&CLAIMS, &(), after.as_ref(), PAGE)?;
    let mut done = Simulated { next: found.next.map(|id| id.to_string()), ..Simulated::default() };
    for (id, claim) in &found.rows {
        done.seen += 1;
        let Some((now, then)) = again(tx, scheme, *id, claim)? else { continue };
        done.counted += 1;
        done.now = done.now.plus(now);
        let sum = then.as_ref().copied().unwrap_or_default();
        done.then = done.then.plus(sum);
        let Some(ruling) = claim.ruling.as_ref().filter(|_| sum != now) else { continue };
        done.changed.push(Change {
            claim: id.to_string(),
            programme: ruling.programme.clone(),
            year: ruling.year,
            now,
            then: sum,
            why: then.err().map(str::to_owned),
        });
        let Some(book) = money::book_of(claim) else { continue };
        if !done.balances.iter().any(|known| (&known.programme, known.year) == (&book.programme, book.year)) {
            let kept = standing(tx, &book)?;
            let (income, granted) = (Fen(-kept.premiums.0), kept.benefits);
            done.balances.push(Balance { programme: book.programme, year: book.year, income, granted });
        }
    }
    Ok(done)
}

/// What a claim came to, and what it would come to, or why to nothing.
type Recounted = (Fen, Result<Fen, &'static str>);

/// Counts one claim again; `None`: it isn't the scheme's, or nothing was granted.
fn again(tx: &Tx, scheme: &SchemeFile, id: ClaimId, claim: &Claim) -> Result<Option<Recounted>, Fault> {
    let granted =
        matches!(claim.status, Status::Approved | Status::Paying | Status::PayFailed | Status::Paid);
    let Some(ruling) = claim.ruling.as_ref().filter(|ruling| granted && ruling.scheme == scheme.scheme)
    else {
        return Ok(None);
    };
    let Some(now) = claim.amount else { return Ok(None) };
    let Some(programme) = scheme.programmes.iter().find(|programme| programme.key == ruling.programme) else {
        return Ok(Some((now, Err("no_cover"))));
    };
    let Ok(Some(cover)) = judge::cover(tx, claim)? else { return Ok(Some((now, Err("no_cover")))) };
    let cover = Cover { version: scheme.version, kinds: programme.kinds(), ..cover };
    let before = judge::before(tx, id, claim)?;
    let counted = benefit(programme, &cover, &claim.details.reveal().facts, &before);
    // What staff adjusted stays adjusted.
    let adjusted: i64 = judge::sum(tx, id, claim)?
        .map_or(0, |sum| sum.adjustments.reveal().iter().map(|adjustment| adjustment.amount.0).sum());
    let then = counted.map(|counted| Fen((counted.total.0 + adjusted).max(0))).map_err(|why| why.code());
    Ok(Some((now, then)))
}
