use super::record::{Delivery, Notice, Outgoing};
use crate::domain::contact::record::FollowerId;
use crate::domain::counters::next_number;
use crate::domain::tables::{MAILBOXES, OUTBOX, OUTBOX_PENDING};
use crate::store::{Fault, Tx};

/// Notices kept for one follower's next tap; a row of the store holds no more, so the oldest gives way.
const MAILBOX_MAX: usize = 500;

/// Writes the row; it is told by the follower's next answer at the latest.
pub fn enqueue(tx: &mut Tx, to: &FollowerId, notice: Notice) -> Result<u64, Fault> {
    let id = next_number(tx, "outbox")?;
    let created = tx.moment().now;
    tx.put(&OUTBOX, &id, &Outgoing { to: to.clone(), notice, created, state: Delivery::Pending })?;
    tx.put(&OUTBOX_PENDING, &id, to)?;
    let mut waiting = tx.get(&MAILBOXES, to)?.unwrap_or_default();
    waiting.push(id);
    if waiting.len() > MAILBOX_MAX {
        waiting.remove(0);
    }
    tx.put(&MAILBOXES, to, &waiting)?;
    Ok(id)
}

/// The notices that wait for this follower, oldest first, at most `limit`; they are marked as told.
pub fn take(tx: &mut Tx, follower: &FollowerId, limit: usize) -> Result<Vec<Notice>, Fault> {
    let now = tx.moment().now;
    settle(tx, follower, limit, Delivery::WithReply { at: now })
}

/// The follower left: nothing that waits can be told any more.
pub fn give_up(tx: &mut Tx, follower: &FollowerId) -> Result<(), Fault> {
    let now = tx.moment().now;
    settle(tx, follower, usize::MAX, Delivery::Unreachable { at: now }).map(drop)
}

fn settle(tx: &mut Tx, follower: &FollowerId, limit: usize, state: Delivery) -> Result<Vec<Notice>, Fault> {
    let Some(waiting) = tx.get(&MAILBOXES, follower)? else { return Ok(Vec::new()) };
    let (now, later) = waiting.split_at(limit.min(waiting.len()));
    let mut notices = Vec::new();
    for id in now {
        if let Some(mut row) = tx.get(&OUTBOX, id)? {
            row.state = state.clone();
            tx.put(&OUTBOX, id, &row)?;
            tx.delete(&OUTBOX_PENDING, id)?;
            notices.push(row.notice);
        }
    }
    match later {
        [] => tx.delete(&MAILBOXES, follower)?,
        rest => tx.put(&MAILBOXES, follower, &rest.to_vec())?,
    }
    Ok(notices)
}
