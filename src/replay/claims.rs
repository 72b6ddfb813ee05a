//! What staff do with claims while a story goes on: through the staff's own door.

use super::acts::{Done, said};
use super::service::Service;
use crate::domain::claim::record::ClaimId;
use crate::staff::claim::{self, ClaimAct};
use crate::staff::{Caller, Role};

/// Who looks first, if a story names nobody.
const FIRST: &str = "reviewer";

pub async fn act(service: &Service, id: ClaimId, by: Option<&str>, act: &ClaimAct) -> Done {
    let who = Caller::new(by.unwrap_or(FIRST), vec![Role::Claim, Role::Payment]);
    let done = claim::act(&service.store, service.moment(), &who, None, id, act.clone()).await;
    done.map(drop).map_err(|error| said(&error))
}
