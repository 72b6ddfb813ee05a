//! The mutual-aid fund: its reports, entries and corrections.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::Answered;
use super::access::{Called, Once};
use super::input::{Form, Words};
use crate::domain::fund::record::Book;
use crate::domain::scheme::record::Fen;
use crate::staff::fund::{self, CorrectionList, EntryList, ReportView, SimulateForm, Simulated};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportWords {
    scheme: Option<String>,
    year: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryWords {
    scheme: String,
    programme: String,
    year: u16,
    after: Option<u64>,
    limit: Option<usize>,
}

/// Names an entry.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectForm {
    scheme: String,
    programme: String,
    year: u16,
    number: u64,
    reason: String,
}

/// Names an entry and what it is of.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmForm {
    scheme: String,
    programme: String,
    year: u16,
    number: u64,
    amount: Fen,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DismissForm {
    scheme: String,
    programme: String,
    year: u16,
    number: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionWords {
    after: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
pub struct Corrected {
    /// The counter-entry, once it is booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    counter: Option<u64>,
}

pub async fn get_fund_report(Called(call): Called, Words(words): Words<ReportWords>) -> Answered<ReportView> {
    Ok(Json(fund::report(&call, words.scheme, words.year).await?))
}

pub async fn list_entries(Called(call): Called, Words(words): Words<EntryWords>) -> Answered<EntryList> {
    let EntryWords { scheme, programme, year, after, limit } = words;
    let book = Book { scheme, programme, year };
    Ok(Json(fund::entries(&call, book, after, limit.unwrap_or(100)).await?))
}

pub async fn correct_entry(Once(call): Once, Form(form): Form<CorrectForm>) -> Answered<Corrected> {
    let CorrectForm { scheme, programme, year, number, reason } = form;
    let of = (Book { scheme, programme, year }, number);
    fund::correct(&call, of, reason).await?;
    Ok(Json(Corrected { counter: None }))
}

pub async fn confirm_correction(Once(call): Once, Form(form): Form<ConfirmForm>) -> Answered<Corrected> {
    let ConfirmForm { scheme, programme, year, number, amount } = form;
    let of = (Book { scheme, programme, year }, number);
    let counter = fund::confirm_correction(&call, of, amount).await?;
    Ok(Json(Corrected { counter: Some(counter) }))
}

pub async fn list_corrections(
    Called(call): Called,
    Words(words): Words<CorrectionWords>,
) -> Answered<CorrectionList> {
    let limit = words.limit.unwrap_or(100);
    Ok(Json(fund::corrections(&call, words.after.as_deref(), limit).await?))
}

pub async fn dismiss_correction(Once(call): Once, Form(form): Form<DismissForm>) -> Answered<Corrected> {
    let DismissForm { scheme, programme, year, number } = form;
    let of = (Book { scheme, programme, year }, number);
    fund::dismiss_correction(&call, of).await?;
    Ok(Json(Corrected { counter: None }))
}

/// A page of past claims, counted by the file's rules.
pub async fn simulate_scheme(Called(call): Called, Form(form): Form<SimulateForm>) -> Answered<Simulated> {
    Ok(Json(fund::simulate(&call, form).await?))
}
