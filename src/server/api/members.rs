//! Members (会员): the list, cards and accounts, and what followers ask for.

use axum::Json;
use serde::Deserialize;

use super::Answered;
use super::access::{Called, Once};
use super::input::{Form, Id, Page, Path, ReasonForm, Words};
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

pub async fn add_member(Once(call): Once, Form(form): Form<RowForm>) -> Answered<MemberView> {
    Ok(Json(member::add(&call, form).await?))
}

/// By identity number, in the body: addresses are logged on the way.
pub async fn find_member(Called(call): Called, Form(form): Form<FindForm>) -> Answered<MemberView> {
    Ok(Json(member::find(&call, form.identity).await?))
}

pub async fn get_member(Called(call): Called, Id(id): Id<MemberId>) -> Answered<MemberView> {
    Ok(Json(member::get(&call, id).await?))
}

pub async fn look_at_member(
    Called(call): Called,
    Id(id): Id<MemberId>,
    Form(form): Form<ReasonForm>,
) -> Answered<FullView> {
    Ok(Json(member::look(&call, id, form.reason).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnbindForm {
    reason: String,
    /// Somebody else had moved the member to that account.
    #[serde(default)]
    back: bool,
}

pub async fn unbind_member(
    Once(call): Once,
    Id(id): Id<MemberId>,
    Form(form): Form<UnbindForm>,
) -> Answered<MemberView> {
    Ok(Json(member::unbind(&call, id, form.reason, form.back).await?))
}

pub async fn set_card(
    Once(call): Once,
    Id(id): Id<MemberId>,
    Form(form): Form<CardStateForm>,
) -> Answered<MemberView> {
    Ok(Json(member::set_card(&call, id, form.state).await?))
}

pub async fn set_member_state(
    Once(call): Once,
    Id(id): Id<MemberId>,
    Form(form): Form<StateForm>,
) -> Answered<MemberView> {
    Ok(Json(member::set_state(&call, id, form.state, form.reason).await?))
}

pub async fn start_import(Called(call): Called, Form(form): Form<ImportForm>) -> Answered<ImportView> {
    Ok(Json(member::start_import(&call, form.file, form.rows).await?))
}

pub async fn import_rows(
    Called(call): Called,
    Path(file): Path<String>,
    Form(form): Form<RowsForm>,
) -> Answered<ImportView> {
    Ok(Json(member::import(&call, file, form.first, form.rows).await?))
}

pub async fn list_applications(
    Called(call): Called,
    Words(page): Words<Page<u64>>,
) -> Answered<ApplicationList> {
    let limit = page.limit();
    Ok(Json(member::list(&call, page.after, limit).await?))
}

pub async fn look_at_application(
    Called(call): Called,
    Path(id): Path<u64>,
    Form(form): Form<ReasonForm>,
) -> Answered<FullView> {
    Ok(Json(member::look_at_application(&call, id, form.reason).await?))
}

pub async fn approve_application(
    Once(call): Once,
    Path(id): Path<u64>,
    Form(form): Form<ApproveForm>,
) -> Answered<ApplicationView> {
    Ok(Json(member::approve(&call, id, form).await?))
}

pub async fn refuse_application(
    Once(call): Once,
    Path(id): Path<u64>,
    Form(form): Form<ReasonForm>,
) -> Answered<ApplicationView> {
    Ok(Json(member::refuse(&call, id, form.reason).await?))
}
