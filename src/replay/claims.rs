//! What staff do with claims while a story goes on: through the staff's own door.

use super::acts::{Done, settled};
use super::service::Service;
use crate::domain::claim::record::ClaimId;
use crate::staff::claim::{self, ClaimAct};
use crate::staff::{Caller, Role, payment};

/// Who looks first, if a story names nobody.
const FIRST: &str = "reviewer";

/// `refused`: the code with which the act is to be refused.
pub async fn act(
    service: &Service,
    id: ClaimId,
    by: Option<&str>,
    act: &ClaimAct,
    refused: Option<&str>,
) -> Done {
    let who = Caller::new(by.unwrap_or(FIRST), vec![Role::Claim, Role::Payment]);
    let done = claim::act(&service.call(who), id, act.clone()).await;
    settled(done.map(drop), act.name(), refused)
}

/// Two people pay, as the rules ask, and the bank answers for every claim.
pub async fn pay(service: &Service, scheme: &str, failed: &[ClaimId], reason: &str) -> Done {
    let (maker, releaser) = (service.call(payer("payer")), service.call(payer("releaser")));
    let batch = payment::create(&maker, scheme.to_owned()).await?;
    payment::release(&releaser, batch.number).await?;
    let shown = payment::show(&maker, batch.number, None).await?;
    let mut results = "number,result,reason\n".to_owned();
    for line in &shown.lines {
        let bounced = failed.iter().any(|id| id.to_string() == line.claim);
        let result = if bounced { format!("failed,{reason}") } else { "paid,".to_owned() };
        results.push_str(&format!("{},{result}\n", line.claim));
    }
    let problems = payment::import(&maker, batch.number, &results).await?.problems;
    match problems.is_empty() {
        true => Ok(()),
        false => {
            Err(problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; ").into())
        }
    }
}

fn payer(name: &str) -> Caller {
    Caller::new(name, vec![Role::Payment])
}
