//! Operators' work on the store of a running service.

use axum::Json;
use axum::extract::State;

use super::access::Who;
use super::{Answered, Api};
use crate::staff::Role;
use crate::staff::consistency::{self, Audit};

/// Recounts what must hold between rows. Takes as long as the store is large, in small steps.
pub async fn audit_store(State(api): State<Api>, who: Who) -> Answered<Audit> {
    who.must_be_one_of(&[Role::Admin, Role::Auditor])?;
    Ok(Json(consistency::audit(&api.store, api.clock.moment()).await?))
}
