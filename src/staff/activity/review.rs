//! Staff pick among those who applied (审核).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::acts::act;
use crate::domain::activity::manage::ManageRefusal;
use crate::domain::activity::record::*;
use crate::domain::activity::review;
use crate::domain::tables::ACTIVITIES;
use crate::staff::form::{self, Problems};
use crate::staff::{ActError, Call, perform, permit};
use crate::store::{Fault, Tx};

/// Decided by one call: each is a notice as well.
pub const DECISIONS_MAX: usize = 100;

/// Sign-up numbers to accept, and to refuse with a reason that the follower reads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewForm {
    pub accept: Vec<String>,
    pub refuse: Vec<RefusedForm>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedForm {
    pub number: String,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    pub accepted: usize,
    pub refused: usize,
}

/// All of it or nothing: who has no seat left, or waits for no decision, is named.
pub async fn decide(call: &Call, id: ActivityCode, body: &str) -> Result<Reviewed, ActError> {
    let act = act("activity.review", id.to_string(), body);
    permit(call, &act).await?;
    let form: ReviewForm = form::read(body).map_err(ActError::Invalid)?;
    let mut problems = Problems::default();
    let count = form.accept.len() + form.refuse.len();
    problems.unless((1..=DECISIONS_MAX).contains(&count), "accept", "decide 1 to 100 at a time");
    let refused = form.refuse.iter().map(|refused| &refused.number);
    let parsed = |number: &String| number.parse::<RegistrationNumber>().map_err(|()| number.clone());
    let decided: BTreeSet<_> = form.accept.iter().chain(refused).map(parsed).collect();
    problems.unless(decided.len() == count, "accept", "decide of each sign-up once");
    for (index, refused) in form.refuse.iter().enumerate() {
        problems.words(format!("refuse[{index}].reason"), &refused.reason, 1..=100);
    }
    if !problems.0.is_empty() {
        return Err(ActError::Invalid(problems.0));
    }
    perform(call, act, move |tx| {
        if tx.get(&ACTIVITIES, &id.0)?.is_none() {
            return Ok(Err(ManageRefusal::Unknown));
        }
        // Seats are counted before anything is written: a refusal leaves nothing behind.
        Ok(match decide_all(tx, id, &form)? {
            Ok(()) => {
                let done = Reviewed { accepted: form.accept.len(), refused: form.refuse.len() };
                Ok((id.to_string(), done))
            }
            Err(refusal) => Err(refusal),
        })
    })
    .await
}

fn decide_all(tx: &mut Tx, id: ActivityCode, form: &ReviewForm) -> Result<Result<(), ManageRefusal>, Fault> {
    let mut numbers = Vec::new();
    for number in form.accept.iter().chain(form.refuse.iter().map(|refused| &refused.number)) {
        match number.parse::<RegistrationNumber>() {
            Ok(parsed) if parsed.activity == id.0 => numbers.push(parsed),
            _ => return Ok(Err(ManageRefusal::NotApplied { number: number.clone() })),
        }
    }
    let (accept, refuse) = numbers.split_at(form.accept.len());
    if let Err(refusal) = review::may_decide(tx, accept, refuse)? {
        return Ok(Err(refusal));
    }
    for number in accept {
        review::accept(tx, *number)?;
    }
    for (number, refused) in refuse.iter().zip(&form.refuse) {
        review::refuse(tx, *number, refused.reason.trim())?;
    }
    Ok(Ok(()))
}
