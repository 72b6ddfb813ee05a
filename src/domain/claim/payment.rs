//! Paying: approved claims are frozen into a batch, a second person releases it to the bank, and the bank's results come
//! back. A claim is in one batch that is under way, and a scheme has one such batch at a time. What was sent to the bank is
//! never forgotten: a line leaves a batch only before its release.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};

use super::moves::{self, Why};
use super::record::*;
use super::review::Reviewer;
use super::rules::{self, Act};
use super::{astray, judge, queue, retain, sample};
use crate::domain::counters::next_number;
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
    /// Approved, and left out: no account, one that was told after a move, held, disputed by a second look, paid by a payment that went astray, or the maker had a part in them.
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
    /// Of them the bank made no payment, which is no fault of the claimants.
    #[serde(default)]
    pub not_made: u32,
    /// Staff who had a part in a claim of it.
    #[serde(default)]
    pub parts: BTreeSet<String>,
    /// How often its file was written.
    #[serde(default)]
    pub exported: u32,
    /// Who says that the bank will make none of the payments that it hasn't told of.
    #[serde(default)]
    pub recall_asked_by: Option<String>,
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

/// What became of a payment. Stored, so a variant is never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum BankResult {
    Paid,
    /// The account can't be paid to: the claimant corrects it.
    Failed,
    /// The bank did nothing, by a fault of its own: the claim is paid by the next batch.
    NotMade,
}

impl BankResult {
    pub fn name(self) -> &'static str {
        match self {
            BankResult::Paid => "paid",
            BankResult::Failed => "failed",
            BankResult::NotMade => "not_made",
        }
    }
}

/// What the bank says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    #[serde(rename = "paid", deserialize_with = "result_or_older")]
    pub result: BankResult,
    #[serde(default)]
    pub reason: Sealed<String>,
    pub at: Time,
    pub by: String,
    /// It was paid before, and the bank sent it back (退票).
    #[serde(default)]
    pub came_back: bool,
}

/// Older rows say whether it was paid.
fn result_or_older<'de, D: Deserializer<'de>>(from: D) -> Result<BankResult, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Older(bool),
        Result(BankResult),
    }
    Ok(match Stored::deserialize(from)? {
        Stored::Older(true) => BankResult::Paid,
        Stored::Older(false) => BankResult::Failed,
        Stored::Result(result) => result,
    })
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
    #[error("you approved or entered something of it, or it is your own: somebody else does this")]
    OwnPart,
    #[error("you asked for it: another person confirms it")]
    AskedYourself,
    #[error("nobody asked for it")]
    NotAsked,
    #[error("this is of batch {0}, not of this one")]
    OtherBatch(u64),
    #[error("the bank's file was written: name the payment as it does, such as 3-L000012")]
    NoReference,
    #[error("the batch has no such claim")]
    UnknownLine,
    #[error("the bank said otherwise of this claim before; a payment that came back is told by `returned`")]
    Changed,
    #[error("the payment came back since: if it arrived after all, say `arrived`")]
    CameBack,
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
            Refusal::SamePerson | Refusal::AskedYourself => "same_person",
            Refusal::OwnPart => "own_part",
            Refusal::NotAsked => "not_asked",
            Refusal::OtherBatch(_) => "other_batch",
            Refusal::NoReference => "no_reference",
            Refusal::UnknownLine => "unknown_line",
            Refusal::Changed => "changed",
            Refusal::CameBack => "came_back",
            Refusal::Moved => "moved",
            Refusal::OtherAmount => "other_amount",
        }
    }
}

pub type Paid<T> = Result<Result<T, Refusal>, Fault>;

pub fn get(tx: &Tx, number: u64) -> Result<Option<Batch>, Fault> {
    tx.get(&PAY_BATCHES, &number)
}

/// Begins a batch of a scheme, or goes on with one that the same person was filling.
pub fn begin(tx: &mut Tx, who: &Reviewer, scheme: &str) -> Paid<u64> {
    let scheme = scheme.to_owned();
    if let Some(number) = tx.get(&PAY_OPEN, &scheme)? {
        let theirs = |batch: Batch| batch.state == BatchState::Filling && batch.made_by == who.name;
        let filling = get(tx, number)?.is_some_and(theirs);
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
        not_made: 0,
        parts: BTreeSet::new(),
        exported: 0,
        recall_asked_by: None,
    };
    tx.put(&PAY_OPEN, &scheme, &number)?;
    tx.put(&PAY_BATCHES, &number, &batch)?;
    Ok(Ok(number))
}

/// Puts some claims in; true if there may be more. The last step freezes it, and drops one that nothing is in.
pub fn fill(tx: &mut Tx, number: u64, who: &Reviewer) -> Paid<bool> {
    let Some(mut batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    if batch.state != BatchState::Filling {
        return Ok(Ok(false));
    }
    if batch.made_by != who.name {
        return Ok(Err(Refusal::OneIsOpen(number)));
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
        let Some((amount, account)) = payable(tx, &before, who)? else {
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
        batch.parts.extend(had_part(&claim).map(str::to_owned));
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

/// Reviewer, approver and payer are three people; nobody pays their own claim, nor to an account that may be a thief's.
fn payable(tx: &Tx, claim: &Claim, who: &Reviewer) -> Result<Option<(Fen, BankAccount)>, Fault> {
    let is_open = !claim.astray.is_empty() || claim.is_told_after_move() || sample::is_disputed(claim);
    let apart = !is_own(tx, claim, who)? && !is_open;
    let amount = claim.amount.filter(|amount| amount.0 > 0);
    let whole = amount.zip(claim.details.reveal().account.clone());
    Ok(whole.filter(|_| apart && claim.held.is_none() && claim.batch.is_none()))
}

/// Staff who approved the claim, or entered or confirmed something of it.
fn had_part(claim: &Claim) -> impl Iterator<Item = &str> {
    let approved = claim.approvals.iter().map(|approval| &approval.who);
    let account = claim.account_entered_by.iter().chain(&claim.account_confirmed_by);
    approved.chain(&claim.entered_by).chain(account).map(String::as_str)
}

/// Did they have a part in the claim, or is it for them?
fn is_own(tx: &Tx, claim: &Claim, who: &Reviewer) -> Result<bool, Fault> {
    Ok(had_part(claim).any(|name| name == who.name) || judge::concerns(tx, claim, who.member)?)
}

fn staff(name: &str) -> Why {
    Why::none(By::Staff(name.to_owned()))
}

/// Did they have a part in anything that the batch pays, or is any of it for them?
fn has_part(tx: &Tx, who: &Reviewer, number: u64, batch: &Batch) -> Result<bool, Fault> {
    let mut own = batch.parts.contains(&who.name);
    for id in queue::concerning(tx, who.member)? {
        own |= tx.get(&PAY_LINES, &(number, id))?.is_some();
    }
    Ok(own)
}

/// Another person than who made it, who had no part in what it pays, lets it go to the bank.
pub fn release(tx: &mut Tx, who: &Reviewer, number: u64) -> Paid<()> {
    let Some(mut batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    if batch.state != BatchState::Frozen {
        return Ok(Err(Refusal::NotNow(batch.state)));
    }
    if batch.made_by == who.name {
        return Ok(Err(Refusal::SamePerson));
    }
    if has_part(tx, who, number, &batch)? {
        return Ok(Err(Refusal::OwnPart));
    }
    batch.state = BatchState::Released;
    (batch.released_by, batch.released) = (Some(who.name.clone()), Some(tx.moment().now));
    tx.put(&PAY_BATCHES, &number, &batch)?;
    Ok(Ok(()))
}

/// Notes that the bank's file is written: of a released batch alone, so that what the bank may have stays as it is.
pub fn export(tx: &mut Tx, number: u64) -> Paid<()> {
    let Some(mut batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    if batch.state != BatchState::Released {
        return Ok(Err(Refusal::NotNow(batch.state)));
    }
    batch.exported += 1;
    tx.put(&PAY_BATCHES, &number, &batch).map(Ok)
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

/// Takes a claim out of its batch, if that wasn't released: true if so.
pub fn take_out(tx: &mut Tx, who: &Reviewer, id: ClaimId, before: &Claim) -> Result<bool, Fault> {
    let Some(number) = before.batch else { return Ok(false) };
    let Some(mut batch) = get(tx, number)? else { return Ok(false) };
    if !matches!(batch.state, BatchState::Filling | BatchState::Frozen) {
        return Ok(false);
    }
    let Some(line) = tx.get(&PAY_LINES, &(number, id))? else { return Ok(false) };
    let mut claim = before.clone();
    claim.batch = None;
    if moves::go(tx, id, before, &mut claim, Act::Unbatch, staff(&who.name))?.is_err() {
        return Ok(false);
    }
    tx.delete(&PAY_LINES, &(number, id))?;
    (batch.count, batch.total) = (batch.count - 1, batch.total.minus(line.amount));
    if batch.count == 0 && batch.state == BatchState::Frozen {
        batch.state = BatchState::Dropped;
        tx.delete(&PAY_OPEN, &batch.scheme)?;
    }
    tx.put(&PAY_BATCHES, &number, &batch)?;
    Ok(true)
}

/// Says that the bank will make none of the payments of a released batch that it hasn't told of. False: it waits for
/// another person who says so, too.
pub fn recall(tx: &mut Tx, who: &Reviewer, number: u64) -> Paid<bool> {
    let Some(mut batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    if batch.state != BatchState::Released {
        return Ok(Err(Refusal::NotNow(batch.state)));
    }
    if has_part(tx, who, number, &batch)? {
        return Ok(Err(Refusal::OwnPart));
    }
    match &batch.recall_asked_by {
        Some(by) if *by == who.name => Ok(Err(Refusal::AskedYourself)),
        Some(_) => Ok(Ok(true)),
        None => {
            batch.recall_asked_by = Some(who.name.clone());
            tx.put(&PAY_BATCHES, &number, &batch)?;
            Ok(Ok(false))
        }
    }
}

/// It isn't said any more, by who said so or another: the bank may make them after all.
pub fn forget_recall(tx: &mut Tx, who: &Reviewer, number: u64) -> Paid<()> {
    let Some(mut batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    if batch.state != BatchState::Released || batch.recall_asked_by.is_none() {
        return Ok(Err(Refusal::NotAsked));
    }
    if has_part(tx, who, number, &batch)? {
        return Ok(Err(Refusal::OwnPart));
    }
    batch.recall_asked_by = None;
    tx.put(&PAY_BATCHES, &number, &batch).map(Ok)
}

/// Does it for some claims; where to go on, if there are more.
pub fn recall_some(
    tx: &mut Tx,
    who: &Reviewer,
    number: u64,
    after: Option<ClaimId>,
) -> Paid<Option<ClaimId>> {
    let (page, next) = lines(tx, number, after, STEP)?;
    for (claim, line) in page {
        if line.outcome.is_some() {
            continue;
        }
        let (reason, amount) = (String::new(), None);
        let (result, batch) = (BankResult::NotMade, Some(number));
        let row = BankRow { claim, result, arrived: false, reason, amount, batch };
        match book(tx, &who.name, number, &row, line)? {
            // The claim isn't in it any more: the rest is gone through all the same.
            Ok(()) | Err(Refusal::Moved) => {}
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    Ok(Ok(next))
}

/// What the bank says of one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankRow {
    pub claim: ClaimId,
    pub result: BankResult,
    /// Paid, although it was told to have come back.
    pub arrived: bool,
    pub reason: String,
    /// As the bank has it, if it says.
    pub amount: Option<Fen>,
    /// Of which batch the payment is, by its reference.
    pub batch: Option<u64>,
}

/// What became of what the bank says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    Booked,
    /// It was known already.
    Known,
    /// The money left the account when the claim had moved on: see [`astray`].
    Astray,
}

/// Books one result.
pub fn record(tx: &mut Tx, who: &Reviewer, number: u64, row: &BankRow) -> Paid<Recorded> {
    let Some(batch) = get(tx, number)? else { return Ok(Err(Refusal::Unknown)) };
    if !matches!(batch.state, BatchState::Released | BatchState::Closed) {
        return Ok(Err(Refusal::NotNow(batch.state)));
    }
    match row.batch {
        Some(of) if of != number => return Ok(Err(Refusal::OtherBatch(of))),
        None if batch.exported > 0 => return Ok(Err(Refusal::NoReference)),
        _ => {}
    }
    let Some(line) = tx.get(&PAY_LINES, &(number, row.claim))? else { return Ok(Err(Refusal::UnknownLine)) };
    if row.amount.is_some_and(|amount| amount != line.amount) {
        return Ok(Err(Refusal::OtherAmount));
    }
    match line.outcome.as_ref().map(|known| known.result) {
        Some(known) if known == row.result => return Ok(Ok(Recorded::Known)),
        // What was said to have failed may turn out to have been paid, and nothing else may change.
        Some(BankResult::Paid) => return Ok(Err(Refusal::Changed)),
        Some(_) if row.result != BankResult::Paid => return Ok(Err(Refusal::Changed)),
        _ => {}
    }
    // A file of before the return says nothing of it.
    if line.outcome.as_ref().is_some_and(|known| known.came_back) && !row.arrived {
        return Ok(Err(Refusal::CameBack));
    }
    let Some(claim) = queue::get(tx, row.claim)? else { return Ok(Err(Refusal::Moved)) };
    if is_own(tx, &claim, who)? {
        return Ok(Err(Refusal::OwnPart));
    }
    let after_all = line.outcome.is_some();
    if after_all && claim.batch != Some(number) {
        // Paid already, it isn't to be paid by a batch that wasn't released.
        take_out(tx, who, row.claim, &claim)?;
    }
    match book(tx, &who.name, number, row, line.clone())? {
        Err(Refusal::Moved) if after_all => went_astray(tx, &who.name, number, row, line),
        booked => Ok(booked.map(|()| Recorded::Booked)),
    }
}

/// The bank paid after all, and the claim is elsewhere by now.
fn went_astray(tx: &mut Tx, who: &str, number: u64, row: &BankRow, line: Line) -> Paid<Recorded> {
    let Some(claim) = queue::get(tx, row.claim)? else { return Ok(Err(Refusal::Moved)) };
    if !astray::book(tx, row.claim, &claim, (number, line.amount), who)? {
        return Ok(Err(Refusal::Moved));
    }
    note_outcome(tx, who, number, row, line).map(|()| Ok(Recorded::Astray))
}

/// Books what became of a line.
fn book(tx: &mut Tx, who: &str, number: u64, row: &BankRow, line: Line) -> Paid<()> {
    let before_it = line.outcome.as_ref().map(|known| known.result);
    // One that another batch took up since is that batch's, and one that comes to another sum by now isn't what was paid.
    let its = |claim: &Claim| match before_it {
        None => claim.batch == Some(number),
        Some(_) => claim.batch.is_none_or(|of| of == number) && claim.amount == Some(line.amount),
    };
    let Some(before) = queue::get(tx, row.claim)?.filter(its) else { return Ok(Err(Refusal::Moved)) };
    let mut claim = before.clone();
    claim.batch = (row.result != BankResult::NotMade).then_some(number);
    let (act, why) = outcome(row, who);
    if moves::go(tx, row.claim, &before, &mut claim, act, why)?.is_err() {
        return Ok(Err(Refusal::Moved));
    }
    note_outcome(tx, who, number, row, line).map(Ok)
}

/// Writes it on the line and counts it; a batch of which the bank told everything is over.
fn note_outcome(tx: &mut Tx, who: &str, number: u64, row: &BankRow, mut line: Line) -> Result<(), Fault> {
    let Some(mut batch) = get(tx, number)? else { return Ok(()) };
    let before_it = line.outcome.as_ref().map(|known| known.result);
    let (reason, by) = (Sealed::new(row.reason.clone()), who.to_owned());
    let came_back = before_it == Some(BankResult::Paid);
    line.outcome = Some(Outcome { result: row.result, reason, at: tx.moment().now, by, came_back });
    tx.put(&PAY_LINES, &(number, row.claim), &line)?;
    if let Some(before_it) = before_it {
        *batch.told(before_it) -= 1;
    }
    *batch.told(row.result) += 1;
    if batch.state == BatchState::Released && batch.paid + batch.failed + batch.not_made == batch.count {
        batch.state = BatchState::Closed;
        retain::batch_closed(tx, number)?;
        tx.delete(&PAY_OPEN, &batch.scheme)?;
    }
    tx.put(&PAY_BATCHES, &number, &batch)
}

impl Batch {
    /// How many lines came to that.
    fn told(&mut self, result: BankResult) -> &mut u32 {
        match result {
            BankResult::Paid => &mut self.paid,
            BankResult::Failed => &mut self.failed,
            BankResult::NotMade => &mut self.not_made,
        }
    }
}

fn outcome(row: &BankRow, who: &str) -> (Act, Why) {
    let by = By::Staff(who.to_owned());
    match row.result {
        BankResult::Paid => (Act::Settle, Why::none(by)),
        BankResult::Failed => (Act::Bounce, Why::because(by, rules::bank_reason(&row.reason), &row.reason)),
        BankResult::NotMade => (Act::Unbatch, Why::none(by)),
    }
}

/// What the bank first said was paid came back (退票).
pub fn returned(tx: &mut Tx, who: &Reviewer, number: u64, id: ClaimId, reason: &str) -> Paid<()> {
    let Some(line) = tx.get(&PAY_LINES, &(number, id))? else { return Ok(Err(Refusal::UnknownLine)) };
    let Some(claim) = queue::get(tx, id)? else { return Ok(Err(Refusal::Moved)) };
    if is_own(tx, &claim, who)? {
        return Ok(Err(Refusal::OwnPart));
    }
    let (result, reason) = (BankResult::Failed, reason.to_owned());
    let row = BankRow { claim: id, result, arrived: false, reason, amount: None, batch: Some(number) };
    if astray::came_back(tx, id, &claim, number, &who.name)? {
        return note_outcome(tx, &who.name, number, &row, line).map(Ok);
    }
    let was_paid = line.outcome.as_ref().is_some_and(|known| known.result == BankResult::Paid);
    // What was claimed back in part did arrive, and what was found false isn't paid again: it is claimed back.
    let is_theirs = claim.recovered != Fen::ZERO || claim.excluded.is_some();
    if !was_paid || claim.batch != Some(number) || is_theirs {
        return Ok(Err(Refusal::Moved));
    }
    book(tx, &who.name, number, &row, line)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_older_row_says_was_paid_is_read_as_it_was_meant() {
        for (stored, result) in [
            (json!(true), BankResult::Paid),
            (json!(false), BankResult::Failed),
            (json!("NotMade"), BankResult::NotMade),
        ] {
            assert_eq!(result_or_older(stored).unwrap(), result);
        }
    }
}
