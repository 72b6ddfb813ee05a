//! What an answer of WeChat means for a row, its follower and its lane.

use super::lanes::Lanes;
use super::platform::{Call, Taken};
use crate::domain::contact::record::{Contact, FollowerId, Origin};
use crate::domain::outbox::commands::{self, Outcome, give_up};
use crate::domain::tables::{CONTACTS, OUTBOX};
use crate::moment::Time;
use crate::store::{Fault, Tx};
use crate::wechat::api::{Failure, Reaction, Unreachable};

/// A setting that is wrong is mended by a person: asked again this often.
const MENDING: std::time::Duration = std::time::Duration::from_secs(300);

pub type Answer = Result<Taken, Failure>;

/// For the lanes: who has to wait after this answer.
pub fn pace(lanes: &Lanes, call: &Call, answer: &Answer, now: Time) {
    match answer.as_ref().map_err(|failure| &failure.reaction) {
        Err(Reaction::Retry | Reaction::Uncertain) => lanes.troubled(now),
        Err(Reaction::SlowDown(pause)) => {
            lanes.answered();
            lanes.hold(call.lane(), pause.ends(now));
        }
        Err(Reaction::Misconfigured(_)) => {
            lanes.answered();
            lanes.hold(call.lane(), now.plus(MENDING));
        }
        _ => lanes.answered(),
    }
}

/// For the row and its follower: what is true now.
pub fn settle(tx: &mut Tx, id: u64, call: &Call, answer: &Answer) -> Result<(), Fault> {
    let now = tx.moment().now;
    let who = FollowerId::new(call.to());
    let outcome = outcome(answer, now);
    let mut contact = tx.get(&CONTACTS, &who)?;
    if let Some(contact) = &mut contact {
        learn(contact, id, call, &outcome, answer, now);
        if is_news(tx, id, &outcome)? {
            contact.why = None;
        }
        tx.put(&CONTACTS, &who, contact)?;
    }
    commands::settle(tx, id, &outcome)?;
    if contact.is_some_and(|contact| !contact.subscribed) {
        give_up(tx, &who)?;
    }
    Ok(())
}

/// Has the follower read by now of something else than the answer that said no?
fn is_news(tx: &Tx, id: u64, outcome: &Outcome) -> Result<bool, Fault> {
    let is_told = matches!(outcome, Outcome::Sent { .. } | Outcome::Doubtful);
    let row = tx.get(&OUTBOX, &id)?.filter(|_| is_told);
    Ok(row.is_some_and(|row| row.notice.is_news()))
}

fn outcome(answer: &Answer, now: Time) -> Outcome {
    match answer {
        Ok(taken) => Outcome::Sent { msg_id: taken.msg_id.clone() },
        Err(failure) => match &failure.reaction {
            Reaction::Retry => Outcome::Again { at: None },
            Reaction::Uncertain => Outcome::Doubtful,
            // Its lane is held by now: when the row's turn comes, that counts.
            Reaction::SlowDown(_) | Reaction::Misconfigured(_) => Outcome::Again { at: Some(now) },
            Reaction::Unreachable(_) => Outcome::Shut,
            Reaction::AlreadyDone { msg_id } => Outcome::Sent { msg_id: msg_id.clone() },
            Reaction::Permanent => Outcome::Impossible,
        },
    }
}

/// What the answer tells about the follower.
fn learn(contact: &mut Contact, id: u64, call: &Call, outcome: &Outcome, answer: &Answer, now: Time) {
    let reach = &mut contact.reach;
    if matches!(outcome, Outcome::Sent { .. } | Outcome::Doubtful) {
        match call {
            Call::Custom { .. } | Call::Picture { .. } => reach.spend_custom(now),
            Call::Subscription(message) => reach.spend_consent(&message.template_id),
            Call::Template(_) | Call::Preview { .. } | Call::Mass { .. } => {}
        }
    }
    if let Outcome::Sent { msg_id: Some(msg_id) } = outcome {
        reach.await_result(msg_id, Origin::Outbox(id));
    }
    let Err(Failure { reaction: Reaction::Unreachable(why), .. }) = answer else { return };
    match (why, call) {
        (Unreachable::NotFollowing | Unreachable::UnknownId, _) => contact.subscribed = false,
        (Unreachable::WindowClosed | Unreachable::QuotaUsed, _) => reach.shut_custom(),
        (Unreachable::Refused, Call::Subscription(message)) => reach.refuse(&message.template_id),
        (Unreachable::Refused | Unreachable::Limited, Call::Custom { .. } | Call::Picture { .. }) => {
            reach.shut_custom()
        }
        (Unreachable::Refused | Unreachable::Limited, _) => {}
    }
}
