//! Who calls: a bearer token, known by its hash alone.

use axum::extract::FromRequestParts;
use hyper::header::{self, HeaderMap};
use hyper::http::request::Parts;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Api;
use super::error::ApiError;
use crate::moment::Time;
use crate::staff::{Call, Caller, IdempotencyKey, Role};

/// Everybody who has a token.
#[derive(Debug, Clone, Default)]
pub struct Access(Vec<Bearer>);

/// One member of the staff, and the SHA-256 of the token that is theirs.
#[derive(Debug, Clone)]
pub struct Bearer {
    pub caller: Caller,
    pub token_sha256: [u8; 32],
    /// From when on it is taken no more.
    pub until: Option<Time>,
}

impl Access {
    pub fn new(staff: Vec<Bearer>) -> Access {
        Access(staff)
    }

    /// Is it the name of one of them who has that role?
    pub fn knows(&self, name: &str, role: Role) -> bool {
        self.0.iter().any(|bearer| bearer.caller.name == name && bearer.caller.has(role))
    }

    /// Does somebody of that name see that desk's cases? Who is bound to no desk sees all.
    pub fn works_at(&self, name: &str, desk: &str) -> bool {
        let works = |caller: &Caller| {
            let at = caller.desks.is_empty() || caller.desks.iter().any(|own| own == desk);
            caller.name == name && caller.has(Role::Case) && at
        };
        self.0.iter().any(|bearer| works(&bearer.caller))
    }

    /// Does one of them work at that desk?
    pub fn has_desk(&self, desk: &str) -> bool {
        self.0.iter().any(|bearer| bearer.caller.desks.iter().any(|own| own == desk))
    }

    /// Whose token a request carries, if it is somebody's at that time.
    pub(super) fn caller(&self, headers: &HeaderMap, now: Time) -> Option<&Caller> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") { self.who_has(token.trim(), now) } else { None }
    }

    /// Compares with every hash, however early one fits, so that time tells nothing.
    fn who_has(&self, token: &str, now: Time) -> Option<&Caller> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let mut found = None;
        for bearer in &self.0 {
            if bool::from(hash.ct_eq(&bearer.token_sha256)) {
                found = Some(bearer);
            }
        }
        found.filter(|bearer| bearer.until.is_none_or(|until| now < until)).map(|bearer| &bearer.caller)
    }
}

/// A call by the member of staff whose token the request carries.
pub struct Called(pub Call);

impl FromRequestParts<Api> for Called {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Called, ApiError> {
        let at = api.clock.moment();
        let caller = api.access.caller(&parts.headers, at.now).ok_or_else(ApiError::unauthorized)?;
        Ok(Called(Call::new(&api.store, at, caller.clone())))
    }
}

/// A call that is done once however often it comes, if the request has an `Idempotency-Key`.
pub struct Once(pub Call);

impl FromRequestParts<Api> for Once {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Once, ApiError> {
        let Called(call) = Called::from_request_parts(parts, api).await?;
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Once(call)) };
        let key = value.to_str().ok().and_then(IdempotencyKey::new);
        let wrong = || ApiError::invalid("Idempotency-Key", "must be 1 to 128 visible ASCII characters");
        Ok(Once(Call { key: Some(key.ok_or_else(wrong)?), ..call }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_unix_s(1_796_090_400);

    fn bearer(name: &str, token: &str, until: Option<Time>) -> Bearer {
        Bearer {
            caller: Caller::new(name, vec![Role::Activity]),
            token_sha256: Sha256::digest(token).into(),
            until,
        }
    }

    #[test]
    fn a_token_is_its_bearers_alone() {
        let access = Access::new(vec![bearer("wang", "one", None), bearer("li", "two", None)]);
        let who_has = |token| access.who_has(token, NOW).map(|who| who.name.as_str());
        assert_eq!(who_has("two"), Some("li"));
        assert_eq!(who_has("one"), Some("wang"));
        for wrong in ["", "three", "One", "one "] {
            assert_eq!(who_has(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_token_is_taken_until_it_expires() {
        let access = Access::new(vec![bearer("wang", "one", Some(NOW))]);
        let minute = std::time::Duration::from_secs(60);
        assert!(access.who_has("one", NOW.minus(minute)).is_some());
        assert!(access.who_has("one", NOW).is_none());
    }
}
