//! Payments (拨付): batches of approved claims.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hyper::header;
use serde::Deserialize;

use super::access::{Once, Who};
use super::error::ApiError;
use super::input::{Form, Path, Text, Words, after};
use super::{Answered, Api};
use crate::domain::claim::record::ClaimId;
use crate::staff::payment::{self, BatchList, BatchView, ImportedView, LinesView};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateForm {
    scheme: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnedForm {
    claim: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecallForm {
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListWords {
    after: Option<u64>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineWords {
    after: Option<String>,
}

fn number(text: &str) -> Result<u64, ApiError> {
    text.parse().map_err(|_| ApiError::not_found("such batch"))
}

pub async fn create_payment(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Form(form): Form<CreateForm>,
) -> Answered<BatchView> {
    Ok(Json(payment::create(&api.store, api.clock.moment(), &who, key, form.scheme).await?))
}

pub async fn list_payments(
    State(api): State<Api>,
    Who(who): Who,
    Words(words): Words<ListWords>,
) -> Answered<BatchList> {
    let (at, limit) = (api.clock.moment(), words.limit.unwrap_or(50));
    Ok(Json(payment::list(&api.store, at, &who, words.after, limit).await?))
}

pub async fn get_payment(
    State(api): State<Api>,
    Who(who): Who,
    Path(id): Path<String>,
    Words(words): Words<LineWords>,
) -> Answered<LinesView> {
    let (at, after) = (api.clock.moment(), after::<ClaimId>(words.after)?);
    Ok(Json(payment::show(&api.store, at, &who, number(&id)?, after).await?))
}

/// The bank's file. It is a change, since it is noted who has it.
pub async fn export_payment(
    State(api): State<Api>,
    Who(who): Who,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let file = payment::export(&api.store, api.clock.moment(), &who, number(&id)?).await?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], file).into_response())
}

pub async fn release_payment(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(id): Path<String>,
) -> Answered<BatchView> {
    Ok(Json(payment::release(&api.store, api.clock.moment(), &who, key, number(&id)?).await?))
}

pub async fn drop_payment(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(id): Path<String>,
) -> Answered<BatchView> {
    Ok(Json(payment::drop_batch(&api.store, api.clock.moment(), &who, key, number(&id)?).await?))
}

pub async fn recall_payment(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(id): Path<String>,
    Form(form): Form<RecallForm>,
) -> Answered<BatchView> {
    let (at, number) = (api.clock.moment(), number(&id)?);
    Ok(Json(payment::recall(&api.store, at, &who, key, number, form.reason).await?))
}

pub async fn dismiss_recall(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(id): Path<String>,
) -> Answered<BatchView> {
    Ok(Json(payment::dismiss_recall(&api.store, api.clock.moment(), &who, key, number(&id)?).await?))
}

pub async fn import_results(
    State(api): State<Api>,
    Who(who): Who,
    Path(id): Path<String>,
    Text(text): Text,
) -> Answered<ImportedView> {
    Ok(Json(payment::import(&api.store, api.clock.moment(), &who, number(&id)?, &text).await?))
}

pub async fn return_payment(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(id): Path<String>,
    Form(form): Form<ReturnedForm>,
) -> Answered<BatchView> {
    let claim = form.claim.parse().map_err(|()| ApiError::invalid("claim", "must be like L000012"))?;
    let (at, of) = (api.clock.moment(), (number(&id)?, claim));
    Ok(Json(payment::returned(&api.store, at, &who, key, of, form.reason).await?))
}
