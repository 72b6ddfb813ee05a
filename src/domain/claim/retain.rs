//! How long what was told and sent for a claim is kept (`domain.md` 5.2). What was granted is kept whole with the accounts;
//! what was never paid only while it can be taken up again. Figures stay, and what finds a person whom nothing more may be
//! paid to.

use std::time::Duration;

use super::moves::{self, DAY, Why};
use super::payment::{self, BatchState};
use super::record::*;
use super::rules::Act;
use super::{judge, notes, pages, papers, queue};
use crate::domain::member::record::{MemberId, MemberState};
use crate::domain::scheme::rules::{EventKind, Facts};
use crate::domain::tables::*;
use crate::domain::timers::{self, Timer};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

/// With the accounts that it proves, from the payment (A).
pub const WITH_ACCOUNTS: Duration = Duration::from_secs(10 * 366 * 86_400);
/// What was never paid: so long after nobody can appeal, nor is excluded by it (A).
pub const WITHOUT: Duration = Duration::from_secs(30 * 86_400);

/// Claims of one person looked at by one 注销; there are few.
const OF_ONE_PERSON: usize = 200;
/// Claims of an earlier version, or lines of a batch, looked at in one step.
const PER_STEP: usize = 20;
const BATCHES_PER_STEP: usize = 200;
/// The mark of a store whose claims all have their timers.
const MARK: &str = "claims are erased";

/// Until when it is kept whole. `None`: it isn't over, or erased already.
pub fn ends(tx: &Tx, claim: &Claim) -> Result<Option<Time>, Fault> {
    let is_over = is_over(claim.status) && !claim.is_contested();
    if claim.erased || !is_over {
        return Ok(None);
    }
    if is_in_accounts(claim) {
        return Ok(Some(claim.since.plus(WITH_ACCOUNTS)));
    }
    if let Some(Exclusion { until, .. }) = claim.exclusion() {
        return Ok(Some(Time::at(until, 0, 0).unwrap_or(claim.since).plus(DAY).plus(WITHOUT)));
    }
    if is_erased(tx, claim.claimant)? {
        return Ok(Some(tx.moment().now));
    }
    Ok(Some(match claim.status {
        Status::Rejected | Status::NotAccepted => judge::appeal_ends(tx, claim)?.plus(WITHOUT),
        _ => claim.since.plus(WITHOUT),
    }))
}

/// Does nobody have to move it?
fn is_over(status: Status) -> bool {
    !(status.waits_for_staff() || status.waits_for_claimant() || status == Status::Paying)
}

/// Do the books tell of a grant that was the fund's to pay?
fn is_in_accounts(claim: &Claim) -> bool {
    matches!(claim.status, Status::Paid | Status::Reversed | Status::WrittenOff)
        || !claim.undone.is_empty()
        || !claim.astray.is_empty()
}

fn is_erased(tx: &Tx, member: MemberId) -> Result<bool, Fault> {
    let member = tx.get(&MEMBERS, &member)?;
    Ok(member.is_none_or(|member| matches!(member.state, MemberState::Erased { .. })))
}

/// It moved: what was sent is kept for as long as the claim is now.
pub(super) fn moved(tx: &mut Tx, id: ClaimId, from: Status, claim: &Claim) -> Result<(), Fault> {
    match ends(tx, claim)? {
        Some(until) => over(tx, id, claim, until),
        None if is_over(from) => pages::keep(tx, id, tx.moment().now.plus(WITH_ACCOUNTS)),
        None => Ok(()),
    }
}

fn over(tx: &mut Tx, id: ClaimId, claim: &Claim, until: Time) -> Result<(), Fault> {
    if is_in_accounts(claim) {
        pages::keep(tx, id, until)?;
    } else {
        pages::let_go(tx, id, until)?;
    }
    timers::set(tx, until, Timer::ClaimErase { claim: id, number: claim.moves })
}

/// Erases what was told and sent, if the claim did not move since.
pub fn erase(tx: &mut Tx, id: ClaimId, number: u32) -> Result<(), Fault> {
    let Some(before) = queue::get(tx, id)?.filter(|claim| claim.moves == number) else { return Ok(()) };
    match ends(tx, &before)? {
        None => return Ok(()),
        Some(end) if tx.moment().now < end => {
            return timers::set(tx, end, Timer::ClaimErase { claim: id, number });
        }
        Some(_) => {}
    }
    for (slot, page, _) in pages::of(tx, id)? {
        pages::remove(tx, id, &slot, page)?;
    }
    papers::take(tx, id, &[], true)?;
    for (number, row) in moves::of(tx, id)? {
        if !row.words.reveal().is_empty() {
            tx.put(&CLAIM_MOVES, &(id, number), &Move { words: Sealed::default(), ..row })?;
        }
    }
    notes::forget(tx, id)?;
    let mut claim = Claim { erased: true, changed: tx.moment().now, ..before.clone() };
    claim.flags.clear();
    (claim.held, claim.proposed) = (None, None);
    if is_in_accounts(&before) {
        claim.details = Sealed::new(figures(before.details.reveal()));
    } else {
        claim.details = Sealed::new(bare(before.kind));
        (claim.insured, claim.amount) = (None, None);
        for number in 1..=std::mem::take(&mut claim.sums) {
            tx.delete(&CLAIM_SUMS, &(id, number))?;
        }
    }
    queue::save(tx, id, Some(&before), &claim)
}

fn bare(kind: EventKind) -> Details {
    Details { facts: Facts { kind, ..Facts::default() }, ..Details::default() }
}

/// What a sum paid once in a life goes by: see `scheme::rules::Counted`.
fn figures(details: &Details) -> Details {
    let Facts { kind, ref disease, .. } = details.facts;
    Details { facts: Facts { kind, disease: disease.clone(), ..Facts::default() }, ..Details::default() }
}

/// 注销: what isn't granted is taken back, and what was never paid is erased at once. Nobody could be asked for a paper
/// any more, nor found among the covered.
pub(in crate::domain) fn leave(tx: &mut Tx, member: MemberId) -> Result<(), Fault> {
    for (id, before) in queue::of_member(tx, member, OF_ONE_PERSON)? {
        let mut claim = before.clone();
        let acts: &[Act] = match before.status {
            Status::Draft => &[Act::Drop],
            Status::Submitted | Status::NeedsMore | Status::Accepted => &[Act::Withdraw],
            Status::Reviewed => &[Act::SendBack, Act::Withdraw],
            _ => &[],
        };
        for act in acts {
            let before = claim.clone();
            _ = moves::go(tx, id, &before, &mut claim, *act, Why::none(By::Claimant))?;
        }
        if is_over(claim.status) {
            let timer = Timer::ClaimErase { claim: id, number: claim.moves };
            timers::set(tx, tx.moment().now, timer)?;
        }
    }
    Ok(())
}

/// What of a member's claims isn't granted yet, and would be taken back by [`leave`].
pub fn open(tx: &Tx, member: MemberId) -> Result<usize, Fault> {
    let all = queue::of_member(tx, member, OF_ONE_PERSON)?;
    let open = [Status::Submitted, Status::NeedsMore, Status::Accepted, Status::Reviewed];
    Ok(all.iter().filter(|(_, claim)| open.contains(&claim.status)).count())
}

/// The bank told of every claim of a batch: the accounts that it was sent are kept as long as those of the claims.
pub(super) fn batch_closed(tx: &mut Tx, batch: u64) -> Result<(), Fault> {
    let timer = Timer::BatchErase { batch, after: None };
    timers::set(tx, tx.moment().now.plus(WITH_ACCOUNTS), timer)
}

/// Erases the accounts of the next few lines of a batch.
pub fn erase_batch(tx: &mut Tx, batch: u64, after: Option<ClaimId>) -> Result<(), Fault> {
    let (page, next) = payment::lines(tx, batch, after, PER_STEP)?;
    for (id, mut line) in page {
        let empty = BankAccount { holder: String::new(), number: String::new(), bank: String::new() };
        line.account = Sealed::new(empty);
        if let Some(outcome) = &mut line.outcome {
            outcome.reason = Sealed::default();
        }
        tx.put(&PAY_LINES, &(batch, id), &line)?;
    }
    match next {
        Some(after) => timers::set(tx, tx.moment().now, Timer::BatchErase { batch, after: Some(after) }),
        None => Ok(()),
    }
}

/// At the start of a service: what ended under an earlier version has no timers yet.
pub fn begin_with_older(tx: &mut Tx) -> Result<(), Fault> {
    timers::set_once(tx, MARK, Timer::ClaimsOlder { after: None })
}

/// Sets the timers of the next few, and at the end those of the batches.
pub fn older(tx: &mut Tx, after: Option<ClaimId>) -> Result<(), Fault> {
    let page = tx.scan(&CLAIMS, &(), after.as_ref(), PER_STEP)?;
    for (id, claim) in &page.rows {
        if let Some(until) = ends(tx, claim)? {
            over(tx, *id, claim, until)?;
        }
    }
    if let Some(after) = page.next {
        return timers::set(tx, tx.moment().now, Timer::ClaimsOlder { after: Some(after) });
    }
    let mut after = None;
    loop {
        let (page, next) = payment::batches(tx, after, BATCHES_PER_STEP)?;
        for (batch, _) in page.iter().filter(|(_, batch)| batch.state == BatchState::Closed) {
            batch_closed(tx, *batch)?;
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}
