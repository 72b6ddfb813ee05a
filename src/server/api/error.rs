//! What a staff call is told when it gets nothing else: one shape, stable codes, no inside of ours.

use axum::Json;
use axum::response::{IntoResponse, Response};
use hyper::{StatusCode, header};
use serde::Serialize;

use crate::server::body::Unread;
use crate::staff::{ActError, FieldError};
use crate::store::{Fault, SubmitError};

/// A refusal or failure on its way out. `code` is part of the contract; `message` is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    fields: Vec<FieldError>,
}

/// On the wire: RFC 9457.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError { status, code, message: message.into(), fields: Vec::new() }
    }

    pub fn unauthorized() -> ApiError {
        ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", "send a token: Authorization: Bearer …")
    }

    pub fn not_allowed(role: &str) -> ApiError {
        ApiError::new(StatusCode::FORBIDDEN, "not_allowed", format!("this needs the role `{role}`"))
    }

    pub fn not_found(what: &str) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, "not_found", format!("there is no {what}"))
    }

    pub fn method_not_allowed() -> ApiError {
        ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path has no such method")
    }

    /// The body can't be read at all.
    pub fn malformed(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, "malformed", message)
    }

    pub fn invalid(field: &str, message: impl Into<String>) -> ApiError {
        let wrong = FieldError { field: field.to_owned(), message: message.into() };
        ApiError::from(ActError::Invalid(vec![wrong]))
    }

    pub fn unread(unread: Unread) -> ApiError {
        let message = match unread {
            Unread::TooLarge => "the body is too large",
            Unread::TooSlow => "the body took too long to arrive",
            Unread::Broken => "the body broke off",
        };
        ApiError::new(unread.status(), unread.reason(), message)
    }

    /// A rule says no.
    pub fn refused(code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::CONFLICT, code, message)
    }

    /// Something of ours failed; the log has said what.
    pub fn internal() -> ApiError {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the service failed; its log says why")
    }
}

impl From<ActError> for ApiError {
    fn from(error: ActError) -> ApiError {
        let message = error.to_string();
        match error {
            ActError::NotAllowed(role) => ApiError::not_allowed(role),
            ActError::NotFound(_) => ApiError::new(StatusCode::NOT_FOUND, "not_found", message),
            ActError::Invalid(fields) => {
                let first = fields.first().map_or(message, |first| first.message.clone());
                let error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", first);
                // What is wrong with the whole is said as the detail: no field has that name.
                let fields = fields.into_iter().filter(|wrong| !wrong.field.is_empty()).collect();
                ApiError { fields, ..error }
            }
            ActError::Refused { code, message } => ApiError::refused(code, message),
            ActError::KeyReused => ApiError::refused("idempotency_key_reused", message),
            ActError::Store(error) => ApiError::from(error),
        }
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> ApiError {
        let later = |code, message: &str| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, message);
        match error {
            SubmitError::Busy => later("busy", "too much at once; try again in a second"),
            SubmitError::Full => later("disk_full", "the disk is full; try again later"),
            SubmitError::Occupied => {
                later("occupied", "a backup or a verification is under way: try again when it is done")
            }
            SubmitError::Closed => later("stopping", "the service is stopping; try again in a minute"),
            SubmitError::Unavailable(_) | SubmitError::Damaged(_) => {
                tracing::error!(%error, "a staff call failed");
                later("unavailable", "the store takes nothing now; the service's log says why")
            }
            // Each field is within its limits, and together they are more than a row takes.
            SubmitError::Fault(Fault::ValueTooLong { bytes, limit, .. }) => {
                let message = format!(
                    "all of it together takes {bytes} bytes where {limit} fit (a Chinese character takes three): shorten it"
                );
                ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "too_long", message)
            }
            SubmitError::Fault(_) | SubmitError::Bug(_) => {
                tracing::error!(%error, "a staff call failed");
                ApiError::internal()
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: &self.message,
            code: self.code,
            errors: &self.fields,
        };
        let mut response = (self.status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/problem+json"));
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}
