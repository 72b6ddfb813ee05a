//! Schemes of the medical mutual aid, enrolment lists, and what a person is covered for.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::Answered;
use super::access::{Called, Once};
use super::input::{Form, Path};
use crate::staff::scheme::{
    self, EnrolmentView, ListForm, PersonView, RefundConfirmForm, RefundDismissForm, RefundForm, RefundList,
    RefundView, RowForm, SchemeList, SchemeView,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowsForm {
    /// Rows of the list before these.
    first: u64,
    rows: Vec<RowForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindForm {
    identity: String,
}

#[derive(Serialize)]
pub struct Dismissed {
    state: &'static str,
}

pub async fn list_schemes(Called(call): Called) -> Answered<SchemeList> {
    Ok(Json(scheme::list(&call).await?))
}

pub async fn get_scheme(Called(call): Called, Path(name): Path<String>) -> Answered<SchemeView> {
    Ok(Json(scheme::show(&call, &name).await?))
}

pub async fn start_enrolment(
    Called(call): Called,
    Path(name): Path<String>,
    Form(form): Form<ListForm>,
) -> Answered<EnrolmentView> {
    Ok(Json(scheme::begin(&call, &name, form).await?))
}

pub async fn enrol_rows(
    Called(call): Called,
    Path((name, file)): Path<(String, String)>,
    Form(form): Form<RowsForm>,
) -> Answered<EnrolmentView> {
    Ok(Json(scheme::enrol(&call, &name, &file, form.first, form.rows).await?))
}

pub async fn ask_refund(
    Once(call): Once,
    Path(name): Path<String>,
    Form(form): Form<RefundForm>,
) -> Answered<RefundView> {
    Ok(Json(scheme::ask_refund(&call, &name, form).await?))
}

pub async fn list_refunds(Called(call): Called, Path(name): Path<String>) -> Answered<RefundList> {
    Ok(Json(scheme::list_refunds(&call, &name).await?))
}

pub async fn confirm_refund(
    Once(call): Once,
    Path(name): Path<String>,
    Form(form): Form<RefundConfirmForm>,
) -> Answered<RefundView> {
    Ok(Json(scheme::confirm_refund(&call, &name, form).await?))
}

pub async fn dismiss_refund(
    Once(call): Once,
    Path(name): Path<String>,
    Form(form): Form<RefundDismissForm>,
) -> Answered<Dismissed> {
    scheme::dismiss_refund(&call, &name, form).await?;
    Ok(Json(Dismissed { state: "dismissed" }))
}

/// By identity number, in the body: addresses are logged on the way.
pub async fn find_policies(Called(call): Called, Form(form): Form<FindForm>) -> Answered<PersonView> {
    Ok(Json(scheme::find(&call, form.identity).await?))
}
