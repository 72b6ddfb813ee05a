use serde::Deserialize;

use super::Refusal;
use super::acts::act;
use super::view::{self, ApplicationList, ApplicationView, FullView};
use crate::domain::member::application::{self, Seen};
use crate::domain::member::list;
use crate::domain::member::record::Wish;
use crate::domain::tables::{APPLICATIONS, APPLICATIONS_OPEN};
use crate::staff::act as staff_act;
use crate::staff::form::reason;
use crate::staff::{ActError, Call, perform};
use crate::store::{Fault, Tx};

const LIST_MAX: usize = 100;

/// What staff saw of an applicant's union; what is left out is as the applicant wrote it, or as it was.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApproveForm {
    /// As the federation writes it.
    pub union: String,
    pub district: String,
}

/// What waits for staff, oldest first.
pub async fn list(call: &Call, after: Option<u64>, limit: usize) -> Result<ApplicationList, ActError> {
    let seen = act("member.applications", String::new(), String::new());
    staff_act::look(call, seen, move |tx| {
        let page = tx.scan(&APPLICATIONS_OPEN, &(), after.as_ref(), limit.clamp(1, LIST_MAX))?;
        let mut applications = Vec::new();
        for (id, ()) in page.rows {
            applications.extend(tx.get(&APPLICATIONS, &id)?.map(|row| view::application(id, &row)));
        }
        Ok(ApplicationList { applications, next: page.next })
    })
    .await
}

/// Who asks, in full, and the numbers of the photos that came with it.
pub async fn look(call: &Call, id: u64, why: String) -> Result<FullView, ActError> {
    let why = reason(&why)?;
    let mut seen = act("member.application_look", id.to_string(), String::new());
    seen.detail = why;
    let found = staff_act::look(call, seen, move |tx| {
        let Some(application) = tx.get(&APPLICATIONS, &id)? else { return Ok(None) };
        let pictures = match &application.wish {
            Wish::Join { pictures, .. } => pictures.clone(),
            Wish::Transfer { .. } | Wish::Leave { .. } => Vec::new(),
        };
        let Some(named) = application::named(tx, &application)? else { return Ok(None) };
        let listed = list::find(tx, &named.identity)?.map(|member| member.to_string());
        Ok(Some(FullView { listed, ..view::full(id.to_string(), named, pictures) }))
    });
    found.await?.ok_or_else(|| ActError::NotFound("such application".to_owned()))
}

pub async fn approve(call: &Call, id: u64, form: ApproveForm) -> Result<ApplicationView, ActError> {
    let ApproveForm { union, district } = form;
    let done = act("member.approve", id.to_string(), format!("{union}, {district}"));
    let seen = move |tx: &mut Tx| {
        application::approve(tx, id, Seen { union: union.trim(), district: district.trim() })
    };
    perform(call, done, move |tx| match seen(tx)? {
        Ok(_) => decided(tx, id),
        Err(why) => Ok(Err(why.into())),
    })
    .await
}

pub async fn refuse(call: &Call, id: u64, why: String) -> Result<ApplicationView, ActError> {
    let why = reason(&why)?;
    let mut done = act("member.refuse", id.to_string(), why.clone());
    done.detail.clone_from(&why);
    perform(call, done, move |tx| match application::refuse(tx, id, &why)? {
        Ok(()) => decided(tx, id),
        Err(why) => Ok(Err(why.into())),
    })
    .await
}

fn decided(tx: &mut Tx, id: u64) -> Result<Result<(String, ApplicationView), Refusal>, Fault> {
    let row = tx.get(&APPLICATIONS, &id)?;
    Ok(row.map(|row| (id.to_string(), view::application(id, &row))).ok_or(Refusal::UnknownApplication))
}
