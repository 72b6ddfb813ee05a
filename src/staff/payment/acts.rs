use std::collections::{BTreeMap, BTreeSet};

use super::sheet;
use super::view::{self, BatchList, BatchView, ImportedView, LinesView, ProblemView};
use crate::domain::claim::payment::{self, BankRow, Line, Recorded, Refusal};
use crate::domain::claim::record::ClaimId;
use crate::domain::claim::review::Reviewer;
use crate::staff::act as door;
use crate::staff::form::wrong;
use crate::staff::{Act, ActError, Call, Role, perform};
use crate::store::{Fault, Tx};

type Acted<T> = Result<T, ActError>;

const LISTED_MAX: usize = 100;
const PAGE: usize = 200;
/// Rows of a bank's file that one commit books: each may touch every page of a claim.
const ROWS: usize = 4;
/// Rows of one call; longer files come in several.
const ROWS_MAX: usize = 2_000;

/// Freezes the approved claims of a scheme into a batch. Broken off, the next call goes on with it.
pub async fn create(call: &Call, scheme: String) -> Acted<BatchView> {
    let reviewer = call.who.reviewer();
    let done = act("payment.create", scheme.clone(), String::new());
    let number: u64 = perform(call, done, move |tx| {
        let begun = payment::begin(tx, &reviewer, &scheme)?;
        Ok(begun.map(|number| (number.to_string(), number)))
    })
    .await?;
    loop {
        let reviewer = call.who.reviewer();
        if !decided(call.submit(move |tx| payment::fill(tx, number, &reviewer)).await?)? {
            break;
        }
    }
    batch(call, number).await
}

/// Batches, the latest first.
pub async fn list(call: &Call, after: Option<u64>, limit: usize) -> Acted<BatchList> {
    let seen = act("payment.list", String::new(), String::new());
    door::look(call, seen, move |tx| {
        let (rows, next) = payment::batches(tx, after, limit.clamp(1, LISTED_MAX))?;
        Ok(BatchList { batches: rows.iter().map(|(number, row)| view::batch(*number, row)).collect(), next })
    })
    .await
}

/// A batch with a page of its claims, accounts masked.
pub async fn show(call: &Call, number: u64, after: Option<ClaimId>) -> Acted<LinesView> {
    let seen = act("payment.show", number.to_string(), String::new());
    let found = door::look(call, seen, move |tx| {
        let Some(batch) = payment::get(tx, number)? else { return Ok(None) };
        let (lines, next) = payment::lines(tx, number, after, LISTED_MAX)?;
        let lines = lines.iter().map(|(id, line)| view::line(*id, line)).collect();
        let batch = view::batch(number, &batch);
        Ok(Some(LinesView { batch, lines, next: next.map(|id| id.to_string()) }))
    });
    found.await?.ok_or_else(|| ActError::NotFound("such batch".to_owned()))
}

/// The file of a released batch for the bank, account numbers in full: for who pays, and for nobody else.
pub async fn export(call: &Call, number: u64) -> Acted<String> {
    perform(call, act("payment.export", number.to_string(), String::new()), move |tx| {
        Ok(payment::export(tx, number)?.map(|()| (number.to_string(), ())))
    })
    .await?;
    let mut all: Vec<(ClaimId, Line)> = Vec::new();
    let mut after = None;
    loop {
        let (lines, next) = call.read(move |tx| payment::lines(tx, number, after, PAGE)).await?;
        // Written again, it pays nothing again that the bank has told of.
        all.extend(lines.into_iter().filter(|(_, line)| line.outcome.is_none()));
        after = next;
        if after.is_none() {
            break;
        }
    }
    sheet::write(number, &all).map_err(|error| {
        ActError::Store(Fault::Unencodable { table: "pay_lines", detail: error.to_string() }.into())
    })
}

/// The second person lets it go to the bank.
pub async fn release(call: &Call, number: u64) -> Acted<BatchView> {
    let done = act("payment.release", number.to_string(), String::new());
    step(call, done, number, payment::release).await
}

/// Gives up a batch that wasn't released: its claims wait for the next one.
pub async fn drop_batch(call: &Call, number: u64) -> Acted<BatchView> {
    let done = act("payment.drop", number.to_string(), String::new());
    perform(call, done, move |tx| Ok(payment::give_up(tx, number)?.map(|()| (number.to_string(), ()))))
        .await?;
    let reviewer = call.who.reviewer();
    loop {
        let reviewer = reviewer.clone();
        if !decided(call.submit(move |tx| payment::empty(tx, &reviewer, number)).await?)? {
            return batch(call, number).await;
        }
    }
}

/// Says that the bank will make none of the payments of a released batch that it hasn't told of; once a second person says
/// so, too, those claims wait for the next batch, and their claimants are told nothing.
pub async fn recall(call: &Call, number: u64, reason: String) -> Acted<BatchView> {
    if !(4..=100).contains(&reason.trim().chars().count()) {
        return Err(wrong("reason", "4 to 100 characters; it is on the trail"));
    }
    let mut done = act("payment.recall", number.to_string(), reason.clone());
    done.detail = reason;
    let reviewer = call.who.reviewer();
    let agreed: bool = perform(call, done, move |tx| {
        let agreed = payment::recall(tx, &reviewer, number)?;
        Ok(agreed.map(|agreed| (number.to_string(), agreed)))
    })
    .await?;
    let mut after = None;
    let mut goes_on = agreed;
    while goes_on {
        let reviewer = call.who.reviewer();
        let some = call.submit(move |tx| payment::recall_some(tx, &reviewer, number, after));
        after = decided(some.await?)?;
        goes_on = after.is_some();
    }
    batch(call, number).await
}

/// Nobody says so any more: the batch waits for the bank's word as before.
pub async fn dismiss_recall(call: &Call, number: u64) -> Acted<BatchView> {
    let done = act("payment.dismiss_recall", number.to_string(), String::new());
    step(call, done, number, payment::forget_recall).await
}

/// Books what the bank says, row by row. A file that comes again changes nothing.
pub async fn import(call: &Call, number: u64, text: &str) -> Acted<ImportedView> {
    let rows = sheet::read(text).map_err(|message| wrong("", message))?;
    if rows.len() > ROWS_MAX {
        return Err(wrong("", format!("at most {ROWS_MAX} rows at once")));
    }
    let mut done = act("payment.import", number.to_string(), String::new());
    done.detail = format!("{} rows", rows.len());
    perform(call, done, move |tx| {
        let known = payment::get(tx, number)?.is_some();
        Ok(if known { Ok((number.to_string(), ())) } else { Err(Refusal::Unknown) })
    })
    .await?;
    let (mut booked, mut known, mut problems) = (0, 0, Vec::new());
    let mut readable: Vec<(u64, BankRow)> = Vec::new();
    for (line, row) in rows {
        match row {
            Ok(row) => readable.push((line, row)),
            Err(problem) => problems.push(problem),
        }
    }
    problems.extend(contradictions(&mut readable));
    for rows in readable.chunks(ROWS) {
        let (rows, by) = (rows.to_vec(), call.who.reviewer());
        let outcomes = call.submit(move |tx| {
            rows.iter().map(|(line, row)| Ok((*line, payment::record(tx, &by, number, row)?))).collect()
        });
        let outcomes: Vec<(u64, Result<Recorded, Refusal>)> = outcomes.await?;
        for (line, outcome) in outcomes {
            match outcome {
                Ok(Recorded::Booked) => booked += 1,
                Ok(Recorded::Known) => known += 1,
                Ok(Recorded::Astray) => {
                    booked += 1;
                    problems.push(ProblemView::astray(line));
                }
                Err(why) => {
                    let (code, message) = (why.code().to_owned(), why.to_string());
                    problems.push(ProblemView { line, code, message });
                }
            }
        }
    }
    problems.sort_by_key(|problem| problem.line);
    Ok(ImportedView { booked, known, problems, batch: batch(call, number).await? })
}

/// Takes out the rows of payments of which the file says one thing and another: which is true it doesn't tell.
fn contradictions(rows: &mut Vec<(u64, BankRow)>) -> Vec<ProblemView> {
    let said = |row: &BankRow| (row.batch, row.claim);
    let mut results: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (_, row) in rows.iter() {
        results.entry(said(row)).or_default().insert(row.result);
    }
    let (clear, torn): (Vec<_>, Vec<_>) =
        rows.drain(..).partition(|(_, row)| results.get(&said(row)).is_none_or(|of| of.len() == 1));
    *rows = clear;
    let problem = |(line, row): (u64, BankRow)| ProblemView {
        line,
        code: "contradiction".to_owned(),
        message: format!("the file has {} with another result as well: nothing of it is booked", row.claim),
    };
    torn.into_iter().map(problem).collect()
}

/// The bank sends back what it first said was paid (退票).
pub async fn returned(call: &Call, number: u64, id: ClaimId, reason: String) -> Acted<BatchView> {
    if !(2..=100).contains(&reason.trim().chars().count()) {
        return Err(wrong("reason", "2 to 100 characters; the claimant reads it"));
    }
    let by = call.who.reviewer();
    let done = act("payment.returned", format!("{number} {id}"), reason.clone());
    perform(call, done, move |tx| match payment::returned(tx, &by, number, id, &reason)? {
        Ok(()) => shown(tx, number),
        Err(refusal) => Ok(Err(refusal)),
    })
    .await
}

type Step = fn(&mut Tx, &Reviewer, u64) -> Result<Result<(), Refusal>, Fault>;

/// One person's step with a batch, in one commit.
async fn step(call: &Call, done: Act, number: u64, step: Step) -> Acted<BatchView> {
    let reviewer = call.who.reviewer();
    perform(call, done, move |tx| match step(tx, &reviewer, number)? {
        Ok(()) => shown(tx, number),
        Err(refusal) => Ok(Err(refusal)),
    })
    .await
}

fn act(name: &'static str, subject: String, request: String) -> Act {
    Act { name, subject, role: Role::Payment, detail: String::new(), request }
}

fn shown(tx: &Tx, number: u64) -> Result<Result<(String, BatchView), Refusal>, Fault> {
    let batch = payment::get(tx, number)?;
    Ok(batch.map(|batch| (number.to_string(), view::batch(number, &batch))).ok_or(Refusal::Unknown))
}

async fn batch(call: &Call, number: u64) -> Acted<BatchView> {
    let found = call.read(move |tx| payment::get(tx, number)).await?;
    let found = found.ok_or_else(|| ActError::NotFound("such batch".to_owned()))?;
    Ok(view::batch(number, &found))
}

fn decided<T>(decided: Result<T, Refusal>) -> Acted<T> {
    decided.map_err(|refusal| ActError::Refused { code: refusal.code(), message: refusal.to_string() })
}
