//! 即时赔付: what is whole, small and agrees with itself is approved by rule, marked so, and sampled.

use jiff::civil::Date;

use super::moves::{self, Why};
use super::record::*;
use super::rules::Act;
use super::{completeness, judge, pages, queue, sample};
use crate::domain::scheme::record::Rate;
use crate::domain::scheme::rules::{EventKind, Facts};
use crate::domain::tables::MEMBERS;
use crate::store::{Fault, Tx};

/// Approves the claim if the rule allows it. Called when it is handed in, when its last picture has come, and when staff
/// have entered what its papers say, which two of them have to do alike.
pub fn settle(tx: &mut Tx, id: ClaimId) -> Result<(), Fault> {
    let Some(before) = queue::get(tx, id)?.filter(|claim| claim.status == Status::Submitted) else {
        return Ok(());
    };
    let mut claim = before.clone();
    let counted_anew = judge::recount(tx, id, &mut claim, By::Rule)?;
    let Some(share) = allowed(tx, id, &claim)? else {
        return if counted_anew { queue::save(tx, id, Some(&before), &claim) } else { Ok(()) };
    };
    claim.instant = true;
    sample::draw(tx, id, &mut claim, share);
    if moves::go(tx, id, &before, &mut claim, Act::Accept, Why::none(By::Rule))?.is_ok() {
        let accepted = claim.clone();
        _ = moves::go(tx, id, &accepted, &mut claim, Act::Approve, Why::none(By::Rule))?;
    }
    Ok(())
}

/// The share of such claims that are looked at afterwards; `None`: staff decide.
fn allowed(tx: &Tx, id: ClaimId, claim: &Claim) -> Result<Option<Rate>, Fault> {
    let decided = claim.appeals > 0 || claim.round > 0 || !claim.refused_by.is_empty();
    // What one person alone entered, one person alone would have approved.
    let by_one = !claim.entered_by.is_empty() && !claim.agreed;
    // Whether people are related is for people to see.
    let for_another = claim.details.reveal().relative.is_some();
    let looked_at = by_one || for_another || !claim.flags.is_empty() || claim.held.is_some() || decided;
    if looked_at || claim.kind == EventKind::Death {
        return Ok(None);
    }
    let instant = judge::ruled_by(tx, claim)?.map(|programme| programme.instant);
    let Some(instant) = instant.filter(|instant| instant.on) else { return Ok(None) };
    let within = claim.amount.is_some_and(|amount| amount.0 > 0 && amount <= instant.limit);
    let settled = match judge::estimate(tx, id, claim)? {
        Ok(computed) => judge::unsettled(tx, claim, &computed)?.is_empty(),
        Err(_) => false,
    };
    let kept = pages::of(tx, id)?.iter().all(|(_, _, page)| is_seen(&page.state));
    let fits = within && settled && kept && papers_agree(claim);
    let fits = fits && tx.get(&MEMBERS, &claim.claimant)?.is_some();
    Ok(if fits && completeness::is_whole(tx, id, claim)?.is_ok() { Some(instant.sample) } else { None })
}

fn is_seen(state: &PageState) -> bool {
    matches!(state, PageState::Kept | PageState::Accepted { .. })
}

/// Every invoice was read from its code and confirmed, together they are the bill that was told, and none is of before
/// the stay was over; what else is known of the bill fits into it.
fn papers_agree(claim: &Claim) -> bool {
    let details = claim.details.reveal();
    let facts = &details.facts;
    let read = details.invoices.iter().all(|invoice| invoice.read && invoice.confirmed);
    let sum = details.invoices.iter().map(|invoice| invoice.amount).sum();
    let over = |day: Date| facts.discharged.is_none_or(|discharged| discharged <= day);
    let after = details.invoices.iter().all(|invoice| invoice.issued.is_none_or(over));
    !details.invoices.is_empty() && read && facts.total == Some(sum) && after && adds_up(facts)
}

/// The parts of the bill, which is known, are no more than it; and the self-borne part, which pays, is told by a second sum as well.
fn adds_up(facts: &Facts) -> bool {
    let told_twice =
        facts.self_borne.is_none() || facts.personal_amount.is_some() || facts.fund_paid.is_some();
    let within =
        facts.self_borne.zip(facts.personal_amount).is_none_or(|(borne, personal)| borne <= personal);
    facts.total.is_some() && facts.fits_the_bill() && told_twice && within
}
