//! Paying: approved claims are frozen into a batch, a second person releases it to the bank, and the bank's results come
//! back. A claim is in one batch that is under way, and a scheme has one such batch at a time.

use serde::{Deserialize, Serialize};

use super::moves::{self, Why};
use super::record::*;
use super::review::Reviewer;
use super::rules::{self, Act};
use super::{judge, queue};
use crate::domain::counters::next_number;
use crate::domain::member::record::MemberId;
use crate::domain::scheme::record::Fen;
use crate::domain::tables::{CLAIMS_BY_AGE, PAY_BATCHES, PAY_LINES, PAY_OPEN};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

/// Claims that one commit moves into a batch, or out of it.
pub const STEP: usize = 40;
/// More go into the next batch.
pub const LINES_MAX: u32 = 20_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    pub scheme: String,
    pub state: BatchState,
    pub made_by: String,
    pub made: Time,
    pub count: u32,
    pub total: Fen,
    /// Approved, and left out: no account, held, or the maker had a part in them.
    #[serde(default)]
    pub skipped: u32,
    /// How far the approved claims were gone through.
    #[serde(default)]
    pub cursor: Option<(Time, ClaimId)>,
    #[serde(default)]
    pub released_by: Option<String>,
    #[serde(default)]
    pub released: Option<Time>,
    #[serde(default)]
    pub paid: u32,
    #[serde(default)]
    pub failed: u32,
}

/// Stored, so a variant is never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BatchState {
    /// Claims are being put into it.
    Filling,
    /// Nothing is put in any more; it waits for its release.
    Frozen,
    /// It may go to the bank.
    Released,
    /// The bank told of every claim.
    Closed,
    /// Its claims are being taken out.
    Dropping,
    Dropped,
}

impl BatchState {
    pub fn name(self) -> &'static str {
        match self {
            BatchState::Filling => "filling",
            BatchState::Frozen => "frozen",
            BatchState::Released => "released",
            BatchState::Closed => "closed",
            BatchState::Dropping => "dropping",
            BatchState::Dropped => "dropped",
        }
    }
}

/// One claim of a batch, as it was frozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub amount: Fen,
    pub account: Sealed<BankAccount>,
    #[serde(default)]
    pub outcome: Option<Outcome>,
}

/// What the bank says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub paid: bool,
    #[serde(default)]
    pub reason: Sealed<String>,
    pub at: Time,
    pub by: String,
}

/// Why staff are told no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such batch")]
    Unknown,
    #[error("batch {0} of this scheme isn't over")]
    OneIsOpen(u64),
    #[error("the batch is `{}`: it allows this no more, or not yet", .0.name())]
    NotNow(BatchState),
    #[error("you made the batch: another person releases it")]
    SamePerson,
    #[error("the batch has no such claim")]
    UnknownLine,
    #[error("the bank said otherwise of this claim before; a payment that came back is told by `returned`")]
    Changed,
    #[error("the claim was moved since by other ways: it isn't `paying` in this batch")]
    Moved,
    #[error("the amount isn't that of the batch")]
    OtherAmount,
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Unknown => "unknown_batch",
            Refusal::OneIsOpen(_) => "batch_open",
            Refusal::NotNow(_) => "not_now",
            Refusal::SamePerson => "same_person",
            Refusal::UnknownLine => "unknown_line",
            Refusal::Changed => "changed",
            Refusal::Moved => "moved",
            Refusal::OtherAmount => "other_amount",
        }
    }
}

pub type Paid<T> = Result<Result<T, Refusal>, Fault>;

pub fn get(tx: &Tx, number: u64) -> Result<Option<Batch>, Fault> {
    tx.get(&PAY_BATCHES, &number)
}

/// Begins a batch of a scheme, or goes on with one that is being filled.
pub fn begin(tx: &mut Tx, who: &Reviewer, scheme: &str) -> Paid<u64> {
    let scheme = scheme.to_owned();
    if let Some(number) = tx.get(&PAY_OPEN, &scheme)? {
        let filling = get(tx, number)?.is_some_and(|batch| batch.state == BatchState::Filling);
        return Ok(if filling { Ok(number) } else { Err(Refusal::OneIsOpen(number)) });
    }
    let number = next_number(tx, "payments")?;
    let batch = Batch {
        scheme: scheme.clone(),
        state: BatchState::Filling,
        made_by: who.name.clone(),
        made: tx.moment().now,
        count: 0,
        total: Fen::ZERO,
        skipped: 0,
        cursor: None,
        released_by: None,
        released: None,
        paid: 0,
        failed: 0,
    };
    tx.put(&PAY_OPEN, &scheme, &number)?;
    tx.put(&PAY_BATCHES, &number, &batch)?;
    Ok(Ok(number))
}

/// Puts some claims in; true if there may be more. The last step freezes it, and drops one that nothing is in.
pub fn fill(tx: &mut Tx, number: u64, member: Option<MemberId>) -> Paid<bool> {
    let Some(mut batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    if batch.state != BatchState::Filling {
        return Ok(Ok(false));
    }
    let after = batch.cursor.map(|(since, id)| (Status::Approved, since, id));
    let page = tx.scan(&CLAIMS_BY_AGE, &(Status::Approved,), after.as_ref(), STEP)?;
    let mut more = page.next.is_some();
    for ((_, since, id), ()) in page.rows {
        if since > batch.made || batch.count >= LINES_MAX {
            more = false;
            break;
        }
        batch.cursor = Some((since, id));
        let Some(before) = queue::get(tx, id)? else { continue };
        if before.ruling.as_ref().is_none_or(|ruling| ruling.scheme != batch.scheme) {
            continue;
        }
        let Some((amount, account)) = payable(tx, &before, &batch.made_by, member)? else {
            batch.skipped += 1;
            continue;
        };
        let mut claim = before.clone();
        claim.batch = Some(number);
        if moves::go(tx, id, &before, &mut claim, Act::Pay, staff(&batch.made_by))?.is_err() {
            batch.skipped += 1;
            continue;
        }
        tx.put(&PAY_LINES, &(number, id), &Line { amount, account: Sealed::new(account), outcome: None })?;
        batch.count += 1;
        batch.total = batch.total.plus(amount);
    }
    if !more {
        batch.state = if batch.count == 0 { BatchState::Dropped } else { BatchState::Frozen };
        if batch.count == 0 {
            tx.delete(&PAY_OPEN, &batch.scheme)?;
        }
    }
    tx.put(&PAY_BATCHES, &number, &batch)?;
    Ok(Ok(more))
}

/// Reviewer, approver and payer are three people; nobody pays their own claim.
fn payable(
    tx: &Tx,
    claim: &Claim,
    maker: &str,
    member: Option<MemberId>,
) -> Result<Option<(Fen, BankAccount)>, Fault> {
    let apart = !claim.approvals.iter().any(|approval| approval.who == maker)
        && !claim.entered_by.iter().any(|by| by == maker)
        && !judge::concerns(tx, claim, member)?;
    let amount = claim.amount.filter(|amount| amount.0 > 0);
    let whole = amount.zip(claim.details.reveal().account.clone());
    Ok(whole.filter(|_| apart && claim.held.is_none() && claim.batch.is_none()))
}

fn staff(name: &str) -> Why {
    Why::none(By::Staff(name.to_owned()))
}

/// Another person than who made it lets it go to the bank.
pub fn release(tx: &mut Tx, who: &Reviewer, number: u64) -> Paid<()> {
    let Some(mut batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    if batch.state != BatchState::Frozen {
        return Ok(Err(Refusal::NotNow(batch.state)));
    }
    if batch.made_by == who.name {
        return Ok(Err(Refusal::SamePerson));
    }
    batch.state = BatchState::Released;
    (batch.released_by, batch.released) = (Some(who.name.clone()), Some(tx.moment().now));
    tx.put(&PAY_BATCHES, &number, &batch)?;
    Ok(Ok(()))
}

/// Gives up a batch that wasn't released.
pub fn give_up(tx: &mut Tx, number: u64) -> Paid<()> {
    let Some(mut batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    if !matches!(batch.state, BatchState::Filling | BatchState::Frozen | BatchState::Dropping) {
        return Ok(Err(Refusal::NotNow(batch.state)));
    }
    batch.state = BatchState::Dropping;
    tx.put(&PAY_BATCHES, &number, &batch)?;
    Ok(Ok(()))
}

/// Takes some claims out of a batch that is given up; true if there are more.
pub fn empty(tx: &mut Tx, who: &Reviewer, number: u64) -> Paid<bool> {
    let Some(mut batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    if batch.state != BatchState::Dropping {
        return Ok(Ok(false));
    }
    let page = tx.scan(&PAY_LINES, &(number,), None, STEP)?;
    for (key, line) in page.rows {
        if let Some(before) = queue::get(tx, key.1)?.filter(|claim| claim.batch == Some(number)) {
            let mut claim = before.clone();
            claim.batch = None;
            _ = moves::go(tx, key.1, &before, &mut claim, Act::Unbatch, staff(&who.name))?;
        }
        tx.delete(&PAY_LINES, &key)?;
        batch.count -= 1;
        batch.total = batch.total.minus(line.amount);
    }
    let more = batch.count > 0;
    if !more {
        batch.state = BatchState::Dropped;
        tx.delete(&PAY_OPEN, &batch.scheme)?;
    }
    tx.put(&PAY_BATCHES, &number, &batch)?;
    Ok(Ok(more))
}

/// What the bank says of one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankRow {
    pub claim: ClaimId,
    pub paid: bool,
    pub reason: String,
    /// As the bank has it, if it says.
    pub amount: Option<Fen>,
}

/// Books one result; false if it was known already.
pub fn record(tx: &mut Tx, who: &str, number: u64, row: &BankRow) -> Paid<bool> {
    let Some(mut batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    if !matches!(batch.state, BatchState::Released | BatchState::Closed) {
        return Ok(Err(Refusal::NotNow(batch.state)));
    }
    let key = (number, row.claim);
    let Some(mut line) = tx.get(&PAY_LINES, &key)? else { return Ok(Err(Refusal::UnknownLine)) };
    if row.amount.is_some_and(|amount| amount != line.amount) {
        return Ok(Err(Refusal::OtherAmount));
    }
    if let Some(known) = &line.outcome {
        return Ok(if known.paid == row.paid { Ok(false) } else { Err(Refusal::Changed) });
    }
    let Some(before) = queue::get(tx, row.claim)?.filter(|claim| claim.batch == Some(number)) else {
        return Ok(Err(Refusal::Moved));
    };
    let mut claim = before.clone();
    let (act, why) = outcome(row, who);
    if moves::go(tx, row.claim, &before, &mut claim, act, why)?.is_err() {
        return Ok(Err(Refusal::Moved));
    }
    let (reason, by) = (Sealed::new(row.reason.clone()), who.to_owned());
    line.outcome = Some(Outcome { paid: row.paid, reason, at: tx.moment().now, by });
    tx.put(&PAY_LINES, &key, &line)?;
    if row.paid {
        batch.paid += 1
    } else {
        batch.failed += 1
    }
    if batch.paid + batch.failed == batch.count {
        batch.state = BatchState::Closed;
        tx.delete(&PAY_OPEN, &batch.scheme)?;
    }
    tx.put(&PAY_BATCHES, &number, &batch)?;
    Ok(Ok(true))
}

fn outcome(row: &BankRow, who: &str) -> (Act, Why) {
    let by = By::Staff(who.to_owned());
    if row.paid {
        (Act::Settle, Why::none(by))
    } else {
        (Act::Bounce, Why::because(by, rules::bank_reason(&row.reason), &row.reason))
    }
}

/// What the bank first said was paid came back (退票).
pub fn returned(tx: &mut Tx, who: &str, number: u64, id: ClaimId, reason: &str) -> Paid<()> {
    let Some(mut batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    let Some(mut line) = tx.get(&PAY_LINES, &(number, id))? else { return Ok(Err(Refusal::UnknownLine)) };
    let was_paid = line.outcome.as_ref().is_some_and(|outcome| outcome.paid);
    let Some(before) = queue::get(tx, id)?.filter(|claim| was_paid && claim.batch == Some(number)) else {
        return Ok(Err(Refusal::Moved));
    };
    let row = BankRow { claim: id, paid: false, reason: reason.to_owned(), amount: None };
    let mut claim = before.clone();
    let (act, why) = outcome(&row, who);
    if let Err(rules::Refusal::NotNow { .. }) = moves::go(tx, id, &before, &mut claim, act, why)? {
        return Ok(Err(Refusal::Moved));
    }
    let reason = Sealed::new(row.reason);
    line.outcome = Some(Outcome { paid: false, reason, at: tx.moment().now, by: who.to_owned() });
    tx.put(&PAY_LINES, &(number, id), &line)?;
    (batch.paid, batch.failed) = (batch.paid - 1, batch.failed + 1);
    tx.put(&PAY_BATCHES, &number, &batch)?;
    Ok(Ok(()))
}

/// A page of claims, and where to go on.
pub type Lines = (Vec<(ClaimId, Line)>, Option<ClaimId>);
/// A page of batches, and where to go on.
pub type Batches = (Vec<(u64, Batch)>, Option<u64>);

/// A page of a batch's claims.
pub fn lines(tx: &Tx, number: u64, after: Option<ClaimId>, limit: usize) -> Result<Lines, Fault> {
    let after = after.map(|id| (number, id));
    let page = tx.scan(&PAY_LINES, &(number,), after.as_ref(), limit)?;
    let rows = page.rows.into_iter().map(|((_, id), line)| (id, line)).collect();
    Ok((rows, page.next.map(|(_, id)| id)))
}

/// Batches, the latest first.
pub fn batches(tx: &Tx, after: Option<u64>, limit: usize) -> Result<Batches, Fault> {
    let page = tx.scan_back(&PAY_BATCHES, &(), after.as_ref(), limit)?;
    Ok((page.rows, page.next))
}
