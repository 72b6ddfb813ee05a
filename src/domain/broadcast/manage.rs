//! What staff do with broadcasts.

use super::ledger::{Counts, Limits, Run};
use super::record::*;
use super::rules::Refusal;
use crate::domain::contact::record::FollowerId;
use crate::domain::counters::next_number;
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::*;
use crate::store::{Fault, Tx};

pub type Managed<T> = Result<Result<T, Refusal>, Fault>;

/// Followers that one command puts onto a list.
pub const LISTED_PER_COMMAND: usize = 500;
/// Followers on one list.
pub const LISTED_MAX: u64 = 2_000_000;

pub fn create(tx: &mut Tx, who: &str, plan: Plan) -> Managed<Broadcast> {
    if let Some(id) = unknown_activity(tx, &plan)? {
        return Ok(Err(Refusal::UnknownActivity { id }));
    }
    let id = next_number(tx, "broadcast")? as u32;
    let now = tx.moment().now;
    let broadcast = Broadcast {
        id,
        state: State::Draft,
        plan,
        authors: vec![who.to_owned()],
        approved: None,
        listed: 0,
        shown: false,
        created: now,
        changed: now,
    };
    tx.put(&BROADCASTS, &id, &broadcast)?;
    Ok(Ok(broadcast))
}

/// Replaces the plan of one that nobody has approved; it has to be previewed again.
pub fn change(tx: &mut Tx, id: u32, who: &str, plan: Plan) -> Managed<Broadcast> {
    let mut broadcast = match unapproved(tx, id, "changed")? {
        Ok(broadcast) => broadcast,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(id) = unknown_activity(tx, &plan)? {
        return Ok(Err(Refusal::UnknownActivity { id }));
    }
    broadcast.plan = plan;
    redraft(tx, &mut broadcast, who)?;
    Ok(Ok(broadcast))
}

/// What came of putting followers onto a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listed {
    pub added: u64,
    /// Were on it before.
    pub known: u64,
    /// Followers of whom the account knows nothing.
    pub unknown: u64,
    /// On the list now.
    pub total: u64,
}

/// Puts followers onto the list that `listed` asks for, at most [`LISTED_PER_COMMAND`]; those whom the account doesn't
/// know are only counted.
pub fn add_to_list(tx: &mut Tx, id: u32, who: &str, openids: &[FollowerId]) -> Managed<Listed> {
    let mut broadcast = match unapproved(tx, id, "changed")? {
        Ok(broadcast) => broadcast,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut listed = Listed::default();
    let mut fresh = Vec::new();
    for openid in openids.iter().take(LISTED_PER_COMMAND) {
        let key = (id, openid.clone());
        if tx.get(&CONTACTS, openid)?.is_none() {
            listed.unknown += 1;
        } else if tx.get(&LISTS, &key)?.is_some() || fresh.contains(&key) {
            listed.known += 1;
        } else {
            fresh.push(key);
        }
    }
    listed.added = fresh.len() as u64;
    listed.total = broadcast.listed + listed.added;
    if listed.total > LISTED_MAX {
        return Ok(Err(Refusal::ListFull { count: broadcast.listed, max: LISTED_MAX }));
    }
    for key in fresh {
        tx.put(&LISTS, &key, &())?;
    }
    broadcast.listed = listed.total;
    redraft(tx, &mut broadcast, who)?;
    Ok(Ok(listed))
}

fn unapproved(tx: &Tx, id: u32, wanted: &'static str) -> Managed<Broadcast> {
    let Some(broadcast) = tx.get(&BROADCASTS, &id)? else { return Ok(Err(Refusal::Unknown)) };
    Ok(match broadcast.state {
        State::Draft | State::Previewed => Ok(broadcast),
        _ => Err(Refusal::WrongState { now: broadcast.state.name(), wanted }),
    })
}

fn redraft(tx: &mut Tx, broadcast: &mut Broadcast, who: &str) -> Result<(), Fault> {
    broadcast.state = State::Draft;
    broadcast.shown = false;
    if !broadcast.authors.iter().any(|author| author == who) {
        broadcast.authors.push(who.to_owned());
    }
    tx.delete(&PREVIEWS, &broadcast.id)?;
    save(tx, broadcast)
}

/// Sends the message as a preview to one follower, the staff's own.
pub fn show(tx: &mut Tx, id: u32, to: &FollowerId) -> Managed<Broadcast> {
    let mut broadcast = match unapproved(tx, id, "previewed")? {
        Ok(broadcast) => broadcast,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if tx.get(&CONTACTS, to)?.is_none_or(|contact| !contact.subscribed) {
        return Ok(Err(Refusal::UnknownFollower));
    }
    enqueue(tx, to, Notice::BroadcastPreview { broadcast: id })?;
    broadcast.shown = true;
    save(tx, &mut broadcast)?;
    Ok(Ok(broadcast))
}

/// Somebody else than its authors says that it may go out.
pub fn approve(tx: &mut Tx, id: u32, who: &str, policy: &Policy) -> Managed<Broadcast> {
    let Some(mut broadcast) = tx.get(&BROADCASTS, &id)? else { return Ok(Err(Refusal::Unknown)) };
    if broadcast.state != State::Previewed {
        return Ok(Err(Refusal::WrongState { now: broadcast.state.name(), wanted: "approved" }));
    }
    if policy.two_persons && broadcast.authors.iter().any(|author| author == who) {
        return Ok(Err(Refusal::OwnBroadcast));
    }
    if policy.preview_message && !broadcast.shown {
        return Ok(Err(Refusal::NotShown));
    }
    broadcast.approved = Some(Approval { by: who.to_owned(), at: tx.moment().now });
    broadcast.state = State::Approved;
    save(tx, &mut broadcast)?;
    Ok(Ok(broadcast))
}

/// From here on it goes by itself. The policy is kept as it is now.
pub fn start(tx: &mut Tx, id: u32, policy: &Policy) -> Managed<Broadcast> {
    let Some(mut broadcast) = tx.get(&BROADCASTS, &id)? else { return Ok(Err(Refusal::Unknown)) };
    if broadcast.state != State::Approved {
        return Ok(Err(Refusal::WrongState { now: broadcast.state.name(), wanted: "started" }));
    }
    let now = tx.moment().now;
    broadcast.state = begin(&broadcast, now);
    let run = Run {
        started: now,
        sending_since: None,
        looked_to: None,
        built: false,
        taken_to: None,
        taken_all: false,
        serial: 0,
        chunks: 0,
        hold_until: None,
        counts: Counts::default(),
        attempts: 0,
        errors: 0,
        limits: Limits::of(policy),
        cleaned: false,
        read: None,
    };
    tx.put(&RUNS, &id, &run)?;
    wake(tx, &mut broadcast)?;
    Ok(Ok(broadcast))
}

fn begin(broadcast: &Broadcast, now: crate::moment::Time) -> State {
    match broadcast.plan.not_before {
        Some(at) if at > now => State::Scheduled { at },
        _ => State::Building,
    }
}

/// No more is taken; what is in flight is settled.
pub fn pause(tx: &mut Tx, id: u32) -> Managed<Broadcast> {
    let Some(mut broadcast) = tx.get(&BROADCASTS, &id)? else { return Ok(Err(Refusal::Unknown)) };
    match broadcast.state {
        State::Paused => return Ok(Ok(broadcast)), // said twice, done once
        State::Scheduled { .. } | State::Building | State::Running => {}
        _ => return Ok(Err(Refusal::WrongState { now: broadcast.state.name(), wanted: "paused" })),
    }
    broadcast.state = State::Paused;
    save(tx, &mut broadcast)?;
    Ok(Ok(broadcast))
}

/// Goes on where it was paused or stopped; errors are counted anew.
pub fn resume(tx: &mut Tx, id: u32) -> Managed<Broadcast> {
    let Some(mut broadcast) = tx.get(&BROADCASTS, &id)? else { return Ok(Err(Refusal::Unknown)) };
    match broadcast.state {
        State::Scheduled { .. } | State::Building | State::Running => return Ok(Ok(broadcast)),
        State::Paused | State::Stopped { .. } => {}
        _ => return Ok(Err(Refusal::WrongState { now: broadcast.state.name(), wanted: "resumed" })),
    }
    let Some(mut run) = tx.get(&RUNS, &id)? else { return Ok(Err(Refusal::Unknown)) };
    (run.attempts, run.errors, run.hold_until) = (0, 0, None);
    tx.put(&RUNS, &id, &run)?;
    broadcast.state = if run.built { State::Running } else { begin(&broadcast, tx.moment().now) };
    wake(tx, &mut broadcast)?;
    Ok(Ok(broadcast))
}

/// Ends it for good: who has not got it won't.
pub fn cancel(tx: &mut Tx, id: u32, reason: &str) -> Managed<Broadcast> {
    let Some(mut broadcast) = tx.get(&BROADCASTS, &id)? else { return Ok(Err(Refusal::Unknown)) };
    if broadcast.state.is_over() {
        return Ok(Err(Refusal::WrongState { now: broadcast.state.name(), wanted: "cancelled" }));
    }
    broadcast.state = State::Cancelled { at: tx.moment().now, reason: reason.to_owned() };
    wake(tx, &mut broadcast)?;
    Ok(Ok(broadcast))
}

fn unknown_activity(tx: &Tx, plan: &Plan) -> Result<Option<u32>, Fault> {
    for id in plan.audience.activities().into_iter().chain(plan.about) {
        if tx.get(&ACTIVITIES, &id)?.is_none() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn wake(tx: &mut Tx, broadcast: &mut Broadcast) -> Result<(), Fault> {
    tx.put(&OPEN_BROADCASTS, &broadcast.id, &tx.moment().now)?;
    save(tx, broadcast)
}

fn save(tx: &mut Tx, broadcast: &mut Broadcast) -> Result<(), Fault> {
    broadcast.changed = tx.moment().now;
    tx.put(&BROADCASTS, &broadcast.id, broadcast)
}
