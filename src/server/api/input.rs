//! What a staff call brings: a bounded body, an id in its path, a few words in its query.

use std::error::Error;
use std::str::FromStr;

use axum::RequestPartsExt;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, FromRequest, FromRequestParts, Query, Request};
use hyper::http::request::Parts;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::Api;
use super::error::ApiError;
use crate::domain::activity::record::ActivityCode;
use crate::domain::benefit::record::BenefitCode;
use crate::domain::broadcast::record::BroadcastCode;
use crate::domain::case::record::CaseId;
use crate::domain::claim::record::ClaimId;
use crate::domain::member::record::MemberId;
use crate::domain::series::record::SeriesCode;
use crate::moment::{Time, rfc3339};
use crate::server::body;
use crate::staff::{ActError, AsOf, form};

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

/// The whole body, which is one JSON object; what its fields hold is not looked at.
pub struct Object(pub String);

impl FromRequest<Api> for Object {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Object, ApiError> {
        object(Text::from_request(request, api).await?.0)
    }
}

fn object(text: String) -> Result<Object, ApiError> {
    match serde_json::from_str::<IgnoredAny>(&text) {
        Err(error) => Err(ApiError::malformed(format!("the body is no JSON: {error}"))),
        Ok(_) if !text.trim_start().starts_with('{') => {
            Err(ApiError::malformed("the body must be a JSON object"))
        }
        Ok(_) => Ok(Object(text)),
    }
}

/// A small JSON body whose fields are all known; an empty one is `{}`.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Api> for Form<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Form<T>, ApiError> {
        let Text(text) = Text::from_request(request, api).await?;
        let text = if text.trim().is_empty() { "{}".to_owned() } else { text };
        let Object(text) = object(text)?;
        form::read(&text).map(Form).map_err(|wrong| ActError::Invalid(wrong).into())
    }
}

/// What the path names, as text or numbers; one that can't be read leads nowhere.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send + 'static> FromRequestParts<Api> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Path<T>, ApiError> {
        let named = parts.extract::<extract::Path<T>>().await;
        named.map(|extract::Path(named)| Path(named)).map_err(|_| ApiError::not_found("such path"))
    }
}

/// What a path names by a code of its own.
pub trait Subject: FromStr {
    /// As in "there is no such activity".
    const SUCH: &'static str;
    /// Such as `A12`.
    const LIKE: &'static str;
}

impl Subject for ActivityCode {
    const SUCH: &'static str = "such activity";
    const LIKE: &'static str = "A12";
}

impl Subject for BenefitCode {
    const SUCH: &'static str = "such benefit";
    const LIKE: &'static str = "W12";
}

impl Subject for BroadcastCode {
    const SUCH: &'static str = "such broadcast";
    const LIKE: &'static str = "B12";
}

impl Subject for CaseId {
    const SUCH: &'static str = "such case";
    const LIKE: &'static str = "J000012";
}

impl Subject for ClaimId {
    const SUCH: &'static str = "such claim";
    const LIKE: &'static str = "L000012";
}

impl Subject for MemberId {
    const SUCH: &'static str = "such member";
    const LIKE: &'static str = "M000012";
}

impl Subject for SeriesCode {
    const SUCH: &'static str = "such series";
    const LIKE: &'static str = "S12";
}

/// What the path names; what can't be one doesn't exist.
pub struct Id<T>(pub T);

impl<T: Subject> FromRequestParts<Api> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Id<T>, ApiError> {
        let id = parts.extract::<extract::Path<String>>().await.ok();
        let code = id.and_then(|extract::Path(id)| id.parse().ok());
        code.map(Id).ok_or_else(|| ApiError::not_found(T::SUCH))
    }
}

/// The code behind which a page of a list goes on.
pub fn after<T: Subject>(after: Option<String>) -> Result<Option<T>, ApiError> {
    let wrong = |_| ApiError::invalid("after", format!("must be an id like {}", T::LIKE));
    after.map(|after| after.parse().map_err(wrong)).transpose()
}

/// Rows on a page of a list where nobody says how many.
pub const LIST_DEFAULT: usize = 50;

/// Which page of a list: the one behind `after`, and how long it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page<A> {
    pub after: Option<A>,
    limit: Option<usize>,
}

impl<A> Page<A> {
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(LIST_DEFAULT)
    }
}

/// Why it is done. What is no reason is refused where it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonForm {
    #[serde(default)]
    pub reason: String,
}

/// When it was changed last, as whoever acts on it saw it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsOfForm {
    #[serde(default, with = "rfc3339::option")]
    changed: Option<Time>,
}

impl AsOfForm {
    pub fn as_of(&self) -> AsOf {
        AsOf(self.changed)
    }
}

/// The query, all of whose words are known.
pub struct Words<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Api> for Words<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Words<T>, ApiError> {
        // Its source names the word; what stands before it is the library's.
        let why =
            |error: QueryRejection| error.source().map_or_else(|| error.body_text(), ToString::to_string);
        let query = Query::<T>::try_from_uri(&parts.uri);
        query.map(|Query(words)| Words(words)).map_err(|error| ApiError::invalid("", why(error)))
    }
}
