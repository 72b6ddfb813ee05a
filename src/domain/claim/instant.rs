//! 即时赔付: what is whole, small and agrees with itself is approved by rule, marked so, and sampled.

use super::moves::{self, Why};
use super::record::*;
use super::rules::Act;
use super::{judge, pages, queue};
use crate::domain::scheme::record::Rate;
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::MEMBERS;
use crate::store::{Fault, Tx};

/// Approves the claim if the rule allows it. Called when it is handed in, and when its last picture has come.
pub fn settle(tx: &mut Tx, id: ClaimId) -> Result<(), Fault> {
    let Some(before) = queue::get(tx, id)? else { return Ok(()) };
    let Some(share) = allowed(tx, id, &before)? else { return Ok(()) };
    let mut claim = before.clone();
    claim.instant = true;
    claim.sampled = is_drawn(tx, id, share);
    if claim.sampled {
        claim.flags.push(Flag::Sampled);
    }
    if moves::go(tx, id, &before, &mut claim, Act::Accept, Why::none(By::Rule))?.is_ok() {
        let accepted = claim.clone();
        _ = moves::go(tx, id, &accepted, &mut claim, Act::Approve, Why::none(By::Rule))?;
    }
    Ok(())
}

/// The share of such claims that are looked at afterwards; `None`: staff decide.
fn allowed(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Option<Rate>, Fault> {
    let looked_at = !claim.flags.is_empty() || claim.appeals > 0 || claim.round > 0;
    if claim.status != Status::Submitted || looked_at || claim.kind == EventKind::Death {
        return Ok(None);
    }
    let instant = judge::ruled_by(tx, claim)?.map(|programme| programme.instant);
    let Some(instant) = instant.filter(|instant| instant.on) else { return Ok(None) };
    let within = claim.amount.is_some_and(|amount| amount.0 > 0 && amount <= instant.limit);
    let kept = pages::of(tx, id)?.iter().all(|(_, _, page)| page.state == PageState::Kept);
    let fits = within && kept && papers_agree(claim) && tx.get(&MEMBERS, &claim.claimant)?.is_some();
    Ok(if fits && judge::is_whole(tx, id, claim)?.is_ok() { Some(instant.sample) } else { None })
}

/// Every invoice was read from its code and confirmed, and together they are the bill that was told.
fn papers_agree(claim: &Claim) -> bool {
    let details = claim.details.reveal();
    let sum: i64 = details.invoices.iter().map(|invoice| invoice.amount.0).sum();
    let read = details.invoices.iter().all(|invoice| invoice.read && invoice.confirmed);
    let told = details.facts.total.is_some_and(|total| total.0 == sum);
    !details.invoices.is_empty() && read && told && details.facts.self_borne.is_some()
}

/// Nobody can tell beforehand which claims are drawn.
fn is_drawn(tx: &Tx, id: ClaimId, share: Rate) -> bool {
    let drawn = tx.unguessable(&[b"claim sample", &id.0.to_be_bytes()]);
    u32::from_be_bytes([drawn[0], drawn[1], drawn[2], drawn[3]]) % Rate::WHOLE.0 < share.0
}
