//! Staff work on benefits (福利).

use axum::Json;
use axum::extract::State;
use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use super::access::{Once, Who};
use super::error::ApiError;
use super::input::{Form, Id, Object, Path, Text, Words, after};
use super::{Answered, Api};
use crate::dispatch::memory::ClaimCounts;
use crate::domain::benefit::record::BenefitCode;
use crate::domain::benefit::used::Reported;
use crate::staff::benefit::{self, BenefitBrief, BenefitList, BenefitView, LoadedCodes, ReleaseView};

const LIST_DEFAULT: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListWords {
    after: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonForm {
    #[serde(default)]
    reason: String,
}

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
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Object(body): Object,
) -> Result<(StatusCode, Json<BenefitBrief>), ApiError> {
    let created = benefit::create(&api.store, api.clock.moment(), &who, key, &body).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

pub async fn list_benefits(
    State(api): State<Api>,
    Who(who): Who,
    Words(words): Words<ListWords>,
) -> Answered<BenefitList> {
    let after = after(words.after)?;
    let limit = words.limit.unwrap_or(LIST_DEFAULT);
    Ok(Json(benefit::list(&api.store, api.clock.moment(), &who, after, limit).await?))
}

/// As staff wrote it, how it stands, and what claims were told since the service started.
pub async fn get_benefit(State(api): State<Api>, Who(who): Who, Id(id): Id<BenefitCode>) -> Answered<Shown> {
    let view = benefit::get(&api.store, api.clock.moment(), &who, id).await?;
    Ok(Json(Shown { view, since_start: api.claims.of(id.0) }))
}

pub async fn change_benefit(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BenefitCode>,
    Object(body): Object,
) -> Answered<BenefitBrief> {
    Ok(Json(benefit::change(&api.store, api.clock.moment(), &who, key, id, &body).await?))
}

pub async fn publish_benefit(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BenefitCode>,
) -> Answered<BenefitBrief> {
    Ok(Json(benefit::publish(&api.store, api.clock.moment(), &who, key, id).await?))
}

pub async fn pause_benefit(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BenefitCode>,
    Form(form): Form<ReasonForm>,
) -> Answered<BenefitBrief> {
    Ok(Json(benefit::pause(&api.store, api.clock.moment(), &who, key, id, &form.reason).await?))
}

pub async fn close_benefit(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BenefitCode>,
) -> Answered<BenefitBrief> {
    Ok(Json(benefit::close(&api.store, api.clock.moment(), &who, key, id).await?))
}

pub async fn top_up_benefit(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BenefitCode>,
    Form(form): Form<StockForm>,
) -> Answered<BenefitBrief> {
    Ok(Json(benefit::top_up(&api.store, api.clock.moment(), &who, key, id, form.stock).await?))
}

pub async fn list_people(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BenefitCode>,
    Form(form): Form<PeopleForm>,
) -> Answered<Listed> {
    let added = benefit::add_to_list(&api.store, api.clock.moment(), &who, key, id, &form.people).await?;
    Ok(Json(Listed { added }))
}

/// A CSV with the column `code`, and perhaps `until`.
pub async fn load_codes(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BenefitCode>,
    Words(words): Words<LotWords>,
    Text(csv): Text,
) -> Answered<LoadedCodes> {
    let origin = (words.lot.as_str(), words.supplier.as_str());
    Ok(Json(benefit::load(&api.store, api.clock.moment(), &who, key, id, origin, &csv).await?))
}

/// A CSV with the column `code`, and perhaps `at`: the provider's codes that were used.
pub async fn report_used(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<BenefitCode>,
    Text(csv): Text,
) -> Answered<Reported> {
    Ok(Json(benefit::report_used(&api.store, api.clock.moment(), &who, key, id, &csv).await?))
}

pub async fn list_releases(
    State(api): State<Api>,
    Who(who): Who,
    Id(id): Id<BenefitCode>,
) -> Answered<Releases> {
    let releases = benefit::releases(&api.store, api.clock.moment(), &who, id).await?;
    Ok(Json(Releases { releases }))
}

pub async fn pause_person(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(person): Path<String>,
    Form(form): Form<PauseForm>,
) -> Result<StatusCode, ApiError> {
    let PauseForm { days, reason } = form;
    benefit::pause_person(&api.store, api.clock.moment(), &who, key, &person, days, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn lift_pause(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(person): Path<String>,
    Form(form): Form<ReasonForm>,
) -> Result<StatusCode, ApiError> {
    benefit::lift(&api.store, api.clock.moment(), &who, key, &person, &form.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
