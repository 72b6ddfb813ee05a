//! Cases (办件), as staff work on them.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hyper::header;

use super::access::{Called, Once};
use super::claims::without_values;
use super::error::ApiError;
use super::input::{Form, Id, Object, Path, ReasonForm, Words};
use super::{Answered, Api};
use crate::domain::case::record::CaseId;
use crate::staff::Role;
use crate::staff::case::{self, CaseAct, CaseBrief, CaseFull, CaseList, CaseView, ListWords};

pub async fn list_cases(
    State(api): State<Api>,
    Called(call): Called,
    Words(words): Words<ListWords>,
) -> Answered<CaseList> {
    let kinds: Vec<String> = api.content.load().services.forms.iter().map(|form| form.kind.clone()).collect();
    Ok(Json(case::list(&call, words, &kinds).await?))
}

pub async fn get_case(Called(call): Called, Id(id): Id<CaseId>) -> Answered<CaseView> {
    Ok(Json(case::get(&call, id).await?))
}

pub async fn look_at_case(
    Called(call): Called,
    Id(id): Id<CaseId>,
    Form(form): Form<ReasonForm>,
) -> Answered<CaseFull> {
    Ok(Json(case::look(&call, id, &form.reason).await?))
}

/// One act: `{"act": "take"}`.
pub async fn act_on_case(
    State(api): State<Api>,
    Once(call): Once,
    Id(id): Id<CaseId>,
    Object(text): Object,
) -> Answered<CaseBrief> {
    let act: CaseAct = serde_json::from_str(&text)
        .map_err(|error| ApiError::invalid("", without_values(&error.to_string())))?;
    if let CaseAct::Hand { to, desk, .. } = &act {
        if to.as_ref().is_some_and(|to| !api.access.knows(to, Role::Case)) {
            return Err(ApiError::invalid("to", "is nobody of the staff who works on cases"));
        }
        let is_desk = |desk: &str| api.content.load().services.has_desk(desk) || api.access.has_desk(desk);
        if desk.as_ref().is_some_and(|desk| !is_desk(desk)) {
            return Err(ApiError::invalid("desk", "is no desk of a form or of anybody of the staff"));
        }
        let then = match desk {
            None if call.who.has(Role::Case) => case::desk_of(&call, id).await?,
            desk => desk.clone(),
        };
        if let (Some(to), Some(desk)) = (to, then)
            && !api.access.works_at(to, &desk)
        {
            return Err(ApiError::invalid(
                "to",
                "does not see the cases of its desk: name a desk of theirs besides",
            ));
        }
    }
    Ok(Json(case::act(&call, id, act).await?))
}

pub async fn get_case_picture(
    State(api): State<Api>,
    Called(call): Called,
    Path((id, picture)): Path<(String, String)>,
    Words(words): Words<super::pictures::LookWords>,
) -> Result<Response, ApiError> {
    let id: CaseId = id.parse().map_err(|()| ApiError::not_found("such case"))?;
    let number: u64 = picture.parse().map_err(|_| ApiError::not_found("such picture"))?;
    let picture = case::picture(&call, &api.documents, id, number, &words.reason).await?;
    let ending = picture.content_type.rsplit('/').next().unwrap_or("bin").to_owned();
    let headers = [
        (header::CONTENT_TYPE, picture.content_type),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"picture-{number}.{ending}\"")),
    ];
    Ok((headers, Body::from(picture.content.to_vec())).into_response())
}
