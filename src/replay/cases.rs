//! What staff do with cases while a story goes on: through the staff's own door.

use super::acts::{Done, said};
use super::service::Service;
use crate::domain::case::record::CaseId;
use crate::staff::case::{self, CaseAct};
use crate::staff::{Caller, Role};

/// Who works on it, if a story names nobody.
const FIRST: &str = "desk";

pub async fn act(service: &Service, id: CaseId, by: Option<&str>, act: &CaseAct) -> Done {
    let who = Caller::new(by.unwrap_or(FIRST), vec![Role::Case]);
    let done = case::act(&service.store, service.moment(), &who, None, id, act.clone()).await;
    done.map(drop).map_err(|error| said(&error))
}
