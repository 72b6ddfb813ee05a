//! Who calls: a bearer token, known by its hash alone.

use axum::extract::FromRequestParts;
use hyper::header;
use hyper::http::request::Parts;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Api;
use super::error::ApiError;
use crate::staff::{Caller, IdempotencyKey};

/// Everybody who has a token.
#[derive(Debug, Clone, Default)]
pub struct Access(Vec<Bearer>);

/// One member of the staff, and the SHA-256 of the token that is theirs.
#[derive(Debug, Clone)]
pub struct Bearer {
    pub caller: Caller,
    pub token_sha256: [u8; 32],
}

impl Access {
    pub fn new(staff: Vec<Bearer>) -> Access {
        Access(staff)
    }

    /// Is it the name of one of them?
    pub fn knows(&self, name: &str) -> bool {
        self.0.iter().any(|bearer| bearer.caller.name == name)
    }

    /// Compares with every hash, however early one fits, so that time tells nothing.
    fn who_has(&self, token: &str) -> Option<&Caller> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let mut found = None;
        for bearer in &self.0 {
            if bool::from(hash.ct_eq(&bearer.token_sha256)) {
                found = Some(&bearer.caller);
            }
        }
        found
    }
}

/// The staff member whose token the request carries.
pub struct Who(pub Caller);

impl FromRequestParts<Api> for Who {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Who, ApiError> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
        let caller = token.and_then(|token| api.access.who_has(token.trim()));
        caller.cloned().map(Who).ok_or_else(ApiError::unauthorized)
    }
}

/// The request's `Idempotency-Key`, if it has one.
pub struct Once(pub Option<IdempotencyKey>);

impl FromRequestParts<Api> for Once {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Once, ApiError> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Once(None)) };
        let key = value.to_str().ok().and_then(IdempotencyKey::new);
        let wrong = || ApiError::invalid("Idempotency-Key", "must be 1 to 128 visible ASCII characters");
        key.map(|key| Once(Some(key))).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::Role;

    #[test]
    fn a_token_is_its_bearers_alone() {
        let bearer = |name: &str, token: &str| Bearer {
            caller: Caller::new(name, vec![Role::Activity]),
            token_sha256: Sha256::digest(token).into(),
        };
        let access = Access::new(vec![bearer("wang", "one"), bearer("li", "two")]);
        assert_eq!(access.who_has("two").map(|who| who.name.as_str()), Some("li"));
        assert_eq!(access.who_has("one").map(|who| who.name.as_str()), Some("wang"));
        for wrong in ["", "three", "One", "one "] {
            assert_eq!(access.who_has(wrong), None, "{wrong:?}");
        }
    }
}
