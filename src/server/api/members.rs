//! Members (会员): the list, cards and accounts, and what followers ask for.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::access::{Once, Who};
use super::input::{Form, Id, Path, Words};
use super::{Answered, Api};
use crate::domain::member::record::MemberId;
use crate::staff::member::{
    self, ApplicationList, ApplicationView, ApproveForm, CardStateName, FullView, ImportView, MemberView,
    RowForm, StateName,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindForm {
    identity: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonForm {
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardStateForm {
    state: CardStateName,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateForm {
    state: StateName,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportForm {
    file: String,
    #[serde(default)]
    rows: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowsForm {
    /// Rows of the file before these.
    first: u64,
    rows: Vec<RowForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListWords {
    after: Option<u64>,
    limit: Option<usize>,
}

pub async fn add_member(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Form(form): Form<RowForm>,
) -> Answered<MemberView> {
    Ok(Json(member::add(&api.store, api.clock.moment(), &who, key, form).await?))
}

/// By identity number, in the body: addresses are logged on the way.
pub async fn find_member(
    State(api): State<Api>,
    Who(who): Who,
    Form(form): Form<FindForm>,
) -> Answered<MemberView> {
    Ok(Json(member::find(&api.store, api.clock.moment(), &who, form.identity).await?))
}

pub async fn get_member(State(api): State<Api>, Who(who): Who, Id(id): Id<MemberId>) -> Answered<MemberView> {
    Ok(Json(member::get(&api.store, api.clock.moment(), &who, id).await?))
}

pub async fn look_at_member(
    State(api): State<Api>,
    Who(who): Who,
    Id(id): Id<MemberId>,
    Form(form): Form<ReasonForm>,
) -> Answered<FullView> {
    Ok(Json(member::look(&api.store, api.clock.moment(), &who, id, form.reason).await?))
}

pub async fn unbind_member(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<MemberId>,
    Form(form): Form<ReasonForm>,
) -> Answered<MemberView> {
    let at = api.clock.moment();
    Ok(Json(member::unbind(&api.store, at, &who, key, id, form.reason).await?))
}

pub async fn set_card(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<MemberId>,
    Form(form): Form<CardStateForm>,
) -> Answered<MemberView> {
    let at = api.clock.moment();
    Ok(Json(member::set_card(&api.store, at, &who, key, id, form.state).await?))
}

pub async fn set_member_state(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Id(id): Id<MemberId>,
    Form(form): Form<StateForm>,
) -> Answered<MemberView> {
    let (at, id) = (api.clock.moment(), id);
    Ok(Json(member::set_state(&api.store, at, &who, key, id, form.state, form.reason).await?))
}

pub async fn start_import(
    State(api): State<Api>,
    Who(who): Who,
    Form(form): Form<ImportForm>,
) -> Answered<ImportView> {
    Ok(Json(member::start_import(&api.store, api.clock.moment(), &who, form.file, form.rows).await?))
}

pub async fn import_rows(
    State(api): State<Api>,
    Who(who): Who,
    Path(file): Path<String>,
    Form(form): Form<RowsForm>,
) -> Answered<ImportView> {
    let at = api.clock.moment();
    Ok(Json(member::import(&api.store, at, &who, file, form.first, form.rows).await?))
}

pub async fn list_applications(
    State(api): State<Api>,
    Who(who): Who,
    Words(words): Words<ListWords>,
) -> Answered<ApplicationList> {
    let (at, limit) = (api.clock.moment(), words.limit.unwrap_or(50));
    Ok(Json(member::list(&api.store, at, &who, words.after, limit).await?))
}

pub async fn look_at_application(
    State(api): State<Api>,
    Who(who): Who,
    Path(id): Path<u64>,
    Form(form): Form<ReasonForm>,
) -> Answered<FullView> {
    Ok(Json(member::look_at_application(&api.store, api.clock.moment(), &who, id, form.reason).await?))
}

pub async fn approve_application(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(id): Path<u64>,
    Form(form): Form<ApproveForm>,
) -> Answered<ApplicationView> {
    Ok(Json(member::approve(&api.store, api.clock.moment(), &who, key, id, form).await?))
}

pub async fn refuse_application(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(id): Path<u64>,
    Form(form): Form<ReasonForm>,
) -> Answered<ApplicationView> {
    Ok(Json(member::refuse(&api.store, api.clock.moment(), &who, key, id, form.reason).await?))
}
