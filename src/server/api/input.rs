//! What a staff call brings: a bounded body, an id in its path, a few words in its query.

use axum::RequestPartsExt;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use hyper::http::request::Parts;
use serde::de::DeserializeOwned;

use super::Api;
use super::error::ApiError;
use crate::domain::activity::record::ActivityCode;
use crate::server::body;

/// The whole body as text, within the API's limits.
pub struct Text(pub String);

impl FromRequest<Api> for Text {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Text, ApiError> {
        let read = body::read(request.into_body(), api.limits.body_max, api.limits.body_timeout).await;
        let text = String::from_utf8(read.map_err(ApiError::unread)?.into());
        text.map(Text).map_err(|_| ApiError::invalid("", "the body must be UTF-8"))
    }
}

/// A small JSON body whose fields are all known; an empty one is `{}`.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Api> for Form<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Form<T>, ApiError> {
        let Text(text) = Text::from_request(request, api).await?;
        let text = if text.trim().is_empty() { "{}" } else { &text };
        serde_json::from_str(text).map(Form).map_err(|error| ApiError::invalid("", error.to_string()))
    }
}

/// The activity that the path names; what can't be one doesn't exist.
pub struct Id(pub ActivityCode);

impl FromRequestParts<Api> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Id, ApiError> {
        let id = parts.extract::<Path<String>>().await.ok();
        let code = id.and_then(|Path(id)| id.parse().ok());
        code.map(Id).ok_or_else(|| ApiError::not_found("such activity"))
    }
}

/// The query, all of whose words are known.
pub struct Words<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Api> for Words<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Words<T>, ApiError> {
        let query = Query::<T>::try_from_uri(&parts.uri);
        query.map(|Query(words)| Words(words)).map_err(|error| ApiError::invalid("", error.body_text()))
    }
}
