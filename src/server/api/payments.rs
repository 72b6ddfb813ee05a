//! Payments (拨付): batches of approved claims.

use axum::Json;
use axum::response::{IntoResponse, Response};
use hyper::header;
use serde::Deserialize;

use super::Answered;
use super::access::{Called, Once};
use super::error::ApiError;
use super::input::{Form, Page, Path, Text, Words, after};
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
pub struct LineWords {
    after: Option<String>,
}

fn number(text: &str) -> Result<u64, ApiError> {
    text.parse().map_err(|_| ApiError::not_found("such batch"))
}

pub async fn create_payment(Once(call): Once, Form(form): Form<CreateForm>) -> Answered<BatchView> {
    Ok(Json(payment::create(&call, form.scheme).await?))
}

pub async fn list_payments(Called(call): Called, Words(page): Words<Page<u64>>) -> Answered<BatchList> {
    let limit = page.limit();
    Ok(Json(payment::list(&call, page.after, limit).await?))
}

pub async fn get_payment(
    Called(call): Called,
    Path(id): Path<String>,
    Words(words): Words<LineWords>,
) -> Answered<LinesView> {
    let after = after::<ClaimId>(words.after)?;
    Ok(Json(payment::show(&call, number(&id)?, after).await?))
}

/// The bank's file. It is a change, since it is noted who has it.
pub async fn export_payment(Called(call): Called, Path(id): Path<String>) -> Result<Response, ApiError> {
    let file = payment::export(&call, number(&id)?).await?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], file).into_response())
}

pub async fn release_payment(Once(call): Once, Path(id): Path<String>) -> Answered<BatchView> {
    Ok(Json(payment::release(&call, number(&id)?).await?))
}

pub async fn drop_payment(Once(call): Once, Path(id): Path<String>) -> Answered<BatchView> {
    Ok(Json(payment::drop_batch(&call, number(&id)?).await?))
}

pub async fn recall_payment(
    Once(call): Once,
    Path(id): Path<String>,
    Form(form): Form<RecallForm>,
) -> Answered<BatchView> {
    let number = number(&id)?;
    Ok(Json(payment::recall(&call, number, form.reason).await?))
}

pub async fn dismiss_recall(Once(call): Once, Path(id): Path<String>) -> Answered<BatchView> {
    Ok(Json(payment::dismiss_recall(&call, number(&id)?).await?))
}

pub async fn import_results(
    Called(call): Called,
    Path(id): Path<String>,
    Text(text): Text,
) -> Answered<ImportedView> {
    Ok(Json(payment::import(&call, number(&id)?, &text).await?))
}

pub async fn return_payment(
    Once(call): Once,
    Path(id): Path<String>,
    Form(form): Form<ReturnedForm>,
) -> Answered<BatchView> {
    let claim = form.claim.parse().map_err(|()| ApiError::invalid("claim", "must be like L000012"))?;
    let number = number(&id)?;
    Ok(Json(payment::returned(&call, number, claim, form.reason).await?))
}
