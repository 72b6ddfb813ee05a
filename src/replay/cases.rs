//! What staff do with cases while a story goes on: through the staff's own door.

use super::acts::{Done, settled};
use super::service::Service;
use crate::domain::case::record::CaseId;
use crate::staff::case::{self, CaseAct};
use crate::staff::{Caller, Role};

/// Who works on it, if a story names nobody.
const FIRST: &str = "desk";

/// `by`: who, and the one desk that is theirs. `refused`: the code with which the act is to be refused.
pub async fn act(
    service: &Service,
    id: CaseId,
    (by, desk): (Option<&str>, &Option<String>),
    act: &CaseAct,
    refused: Option<&str>,
) -> Done {
    let mut who = Caller::new(by.unwrap_or(FIRST), vec![Role::Case]);
    who.desks.extend(desk.clone());
    let done = case::act(&service.call(who), id, act.clone()).await;
    settled(done.map(drop), act.name(), refused)
}
