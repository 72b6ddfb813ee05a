//! Staff work on benefits (福利).

use axum::Json;
use axum::extract::State;
use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use super::access::{Called, Once};
use super::error::ApiError;
use super::input::{AsOfForm, Form, Id, Object, Page, Path, ReasonForm, Text, Words, after};
use super::{Answered, Api};
use crate::dispatch::memory::ClaimCounts;
use crate::domain::benefit::record::BenefitCode;
use crate::domain::benefit::used::Reported;
use crate::staff::benefit::{self, BenefitBrief, BenefitList, BenefitView, LoadedCodes, ReleaseView};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockForm {
    stock: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleForm {
    /// Members' numbers or OpenIDs.
    people: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseForm {
    days: u16,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotWords {
    lot: String,
    #[serde(default)]
    supplier: String,
}

#[derive(Serialize)]
pub struct Shown {
    #[serde(flatten)]
    view: BenefitView,
    since_start: ClaimCounts,
}

#[derive(Serialize)]
pub struct Listed {
    added: u32,
}

#[derive(Serialize)]
pub struct Releases {
    releases: Vec<ReleaseView>,
}

pub async fn create_benefit(
    Once(call): Once,
    Object(body): Object,
) -> Result<(StatusCode, Json<BenefitBrief>), ApiError> {
    let created = benefit::create(&call, &body).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

pub async fn list_benefits(Called(call): Called, Words(page): Words<Page<String>>) -> Answered<BenefitList> {
    let limit = page.limit();
    let after = after(page.after)?;
    Ok(Json(benefit::list(&call, after, limit).await?))
}

/// As staff wrote it, how it stands, and what claims were told since the service started.
pub async fn get_benefit(
    State(api): State<Api>,
    Called(call): Called,
    Id(id): Id<BenefitCode>,
) -> Answered<Shown> {
    let view = benefit::get(&call, id).await?;
    Ok(Json(Shown { view, since_start: api.claims.of(id.0) }))
}

pub async fn change_benefit(
    Once(call): Once,
    Id(id): Id<BenefitCode>,
    Words(words): Words<AsOfForm>,
    Object(body): Object,
) -> Answered<BenefitBrief> {
    Ok(Json(benefit::change(&call, id, words.as_of(), &body).await?))
}

pub async fn publish_benefit(Once(call): Once, Id(id): Id<BenefitCode>) -> Answered<BenefitBrief> {
    Ok(Json(benefit::publish(&call, id).await?))
}

pub async fn pause_benefit(
    Once(call): Once,
    Id(id): Id<BenefitCode>,
    Form(form): Form<ReasonForm>,
) -> Answered<BenefitBrief> {
    Ok(Json(benefit::pause(&call, id, &form.reason).await?))
}

pub async fn close_benefit(Once(call): Once, Id(id): Id<BenefitCode>) -> Answered<BenefitBrief> {
    Ok(Json(benefit::close(&call, id).await?))
}

pub async fn top_up_benefit(
    Once(call): Once,
    Id(id): Id<BenefitCode>,
    Form(form): Form<StockForm>,
) -> Answered<BenefitBrief> {
    Ok(Json(benefit::top_up(&call, id, form.stock).await?))
}

pub async fn list_people(
    Once(call): Once,
    Id(id): Id<BenefitCode>,
    Form(form): Form<PeopleForm>,
) -> Answered<Listed> {
    let added = benefit::add_to_list(&call, id, &form.people).await?;
    Ok(Json(Listed { added }))
}

/// A CSV with the column `code`, and perhaps `until`.
pub async fn load_codes(
    Once(call): Once,
    Id(id): Id<BenefitCode>,
    Words(words): Words<LotWords>,
    Text(csv): Text,
) -> Answered<LoadedCodes> {
    Ok(Json(benefit::load(&call, id, &words.lot, &words.supplier, &csv).await?))
}

/// A CSV with the column `code`, and perhaps `at`: the provider's codes that were used.
pub async fn report_used(Once(call): Once, Id(id): Id<BenefitCode>, Text(csv): Text) -> Answered<Reported> {
    Ok(Json(benefit::report_used(&call, id, &csv).await?))
}

pub async fn list_releases(Called(call): Called, Id(id): Id<BenefitCode>) -> Answered<Releases> {
    let releases = benefit::releases(&call, id).await?;
    Ok(Json(Releases { releases }))
}

pub async fn pause_person(
    Once(call): Once,
    Path(person): Path<String>,
    Form(form): Form<PauseForm>,
) -> Result<StatusCode, ApiError> {
    let PauseForm { days, reason } = form;
    benefit::pause_person(&call, &person, days, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn lift_pause(
    Once(call): Once,
    Path(person): Path<String>,
    Form(form): Form<ReasonForm>,
) -> Result<StatusCode, ApiError> {
    benefit::lift(&call, &person, &form.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
