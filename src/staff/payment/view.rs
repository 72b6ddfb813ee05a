use serde::{Deserialize, Serialize};

use crate::domain::claim::payment::{Batch, Line};
use crate::domain::claim::record::ClaimId;
use crate::domain::scheme::record::Fen;
use crate::moment::{Time, rfc3339};
use crate::privacy::{mask_card, mask_name, mask_numbers};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchView {
    pub number: u64,
    pub scheme: String,
    /// `filling`, `frozen`, `released`, `closed`, `dropping` or `dropped`.
    pub state: String,
    pub made_by: String,
    #[serde(with = "rfc3339")]
    pub made: Time,
    pub count: u32,
    pub total: Fen,
    /// Approved, and left out: no account, held, paid by a payment that went astray, or the maker had a part in them.
    pub skipped: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_by: Option<String>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub released: Option<Time>,
    pub paid: u32,
    pub failed: u32,
    /// Of them the bank made no payment, by a fault of its own.
    #[serde(default)]
    pub not_made: u32,
    /// How often its file was written.
    #[serde(default)]
    pub exported: u32,
    /// Who says that the bank will make none of the payments that it hasn't told of: another person has yet to say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall_asked_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchList {
    pub batches: Vec<BatchView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// A batch with a page of its claims, masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinesView {
    #[serde(flatten)]
    pub batch: BatchView,
    pub lines: Vec<LineView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineView {
    pub claim: String,
    pub amount: Fen,
    pub holder: String,
    pub account: String,
    pub bank: String,
    /// `paid`, `failed` or `not_made`, once the bank told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What became of the rows of the bank's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportedView {
    /// Rows that were booked now, those that went astray among them.
    pub booked: u32,
    /// Rows that were booked before.
    pub known: u32,
    pub problems: Vec<ProblemView>,
    pub batch: BatchView,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemView {
    /// Of the file, the head being line 1.
    pub line: u64,
    pub code: String,
    pub message: String,
}

impl ProblemView {
    /// Booked, and for people to look at.
    pub fn astray(line: u64) -> ProblemView {
        let message = "booked, but the claim had moved on: no batch pays it until it is approved for the same sum, or the money is back by `returned`";
        ProblemView { line, code: "astray".to_owned(), message: message.to_owned() }
    }
}

pub fn batch(number: u64, batch: &Batch) -> BatchView {
    BatchView {
        number,
        scheme: batch.scheme.clone(),
        state: batch.state.name().to_owned(),
        made_by: batch.made_by.clone(),
        made: batch.made,
        count: batch.count,
        total: batch.total,
        skipped: batch.skipped,
        released_by: batch.released_by.clone(),
        released: batch.released,
        paid: batch.paid,
        failed: batch.failed,
        not_made: batch.not_made,
        exported: batch.exported,
        recall_asked_by: batch.recall_asked_by.clone(),
    }
}

pub fn line(id: ClaimId, line: &Line) -> LineView {
    let account = line.account.reveal();
    let outcome = line.outcome.as_ref();
    let result = outcome.map(|outcome| outcome.result.name().to_owned());
    LineView {
        claim: id.to_string(),
        amount: line.amount,
        holder: mask_name(&account.holder),
        account: mask_card(&account.number),
        bank: account.bank.clone(),
        result,
        // Banks write the account into it.
        reason: outcome.map(|outcome| mask_numbers(outcome.reason.reveal())).unwrap_or_default(),
    }
}
