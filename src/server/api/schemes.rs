//! Schemes of the medical mutual aid, enrolment lists, and what a person is covered for.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::access::{Once, Who};
use super::input::{Form, Path};
use super::{Answered, Api};
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

pub async fn list_schemes(State(api): State<Api>, Who(who): Who) -> Answered<SchemeList> {
    Ok(Json(scheme::list(&api.store, api.clock.moment(), &who).await?))
}

pub async fn get_scheme(
    State(api): State<Api>,
    Who(who): Who,
    Path(name): Path<String>,
) -> Answered<SchemeView> {
    Ok(Json(scheme::show(&api.store, api.clock.moment(), &who, &name).await?))
}

pub async fn start_enrolment(
    State(api): State<Api>,
    Who(who): Who,
    Path(name): Path<String>,
    Form(form): Form<ListForm>,
) -> Answered<EnrolmentView> {
    Ok(Json(scheme::begin(&api.store, api.clock.moment(), &who, &name, form).await?))
}

pub async fn enrol_rows(
    State(api): State<Api>,
    Who(who): Who,
    Path((name, file)): Path<(String, String)>,
    Form(form): Form<RowsForm>,
) -> Answered<EnrolmentView> {
    let at = api.clock.moment();
    Ok(Json(scheme::enrol(&api.store, at, &who, &name, &file, form.first, form.rows).await?))
}

pub async fn ask_refund(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(name): Path<String>,
    Form(form): Form<RefundForm>,
) -> Answered<RefundView> {
    Ok(Json(scheme::ask_refund(&api.store, api.clock.moment(), &who, key, &name, form).await?))
}

pub async fn list_refunds(
    State(api): State<Api>,
    Who(who): Who,
    Path(name): Path<String>,
) -> Answered<RefundList> {
    Ok(Json(scheme::list_refunds(&api.store, api.clock.moment(), &who, &name).await?))
}

pub async fn confirm_refund(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(name): Path<String>,
    Form(form): Form<RefundConfirmForm>,
) -> Answered<RefundView> {
    Ok(Json(scheme::confirm_refund(&api.store, api.clock.moment(), &who, key, &name, form).await?))
}

pub async fn dismiss_refund(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(name): Path<String>,
    Form(form): Form<RefundDismissForm>,
) -> Answered<Dismissed> {
    scheme::dismiss_refund(&api.store, api.clock.moment(), &who, key, &name, form).await?;
    Ok(Json(Dismissed { state: "dismissed" }))
}

/// By identity number, in the body: addresses are logged on the way.
pub async fn find_policies(
    State(api): State<Api>,
    Who(who): Who,
    Form(form): Form<FindForm>,
) -> Answered<PersonView> {
    Ok(Json(scheme::find(&api.store, api.clock.moment(), &who, form.identity).await?))
}
