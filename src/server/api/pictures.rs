//! Pictures that followers sent, for staff with a reason.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hyper::header;
use serde::Deserialize;

use super::access::Called;
use super::error::ApiError;
use super::input::{Path, Words};
use super::{Answered, Api};
use crate::staff::pictures::{self, PictureList};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookWords {
    /// Why; goes onto the audit trail.
    #[serde(default)]
    pub(super) reason: String,
}

pub async fn list_pictures(Called(call): Called, Path(openid): Path<String>) -> Answered<PictureList> {
    Ok(Json(pictures::list(&call, &openid).await?))
}

pub async fn get_picture(
    State(api): State<Api>,
    Called(call): Called,
    Path(id): Path<String>,
    Words(words): Words<LookWords>,
) -> Result<Response, ApiError> {
    let id: u64 = id.parse().map_err(|_| ApiError::not_found("such picture"))?;
    let picture = pictures::show(&call, &api.documents, id, &words.reason).await?;
    let ending = picture.content_type.rsplit('/').next().unwrap_or("bin").to_owned();
    let headers = [
        (header::CONTENT_TYPE, picture.content_type),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"picture-{id}.{ending}\"")),
    ];
    Ok((headers, Body::from(picture.content.to_vec())).into_response())
}
