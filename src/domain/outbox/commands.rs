//! Moves of outbox rows. Of one follower's rows at most one is due or in flight, so that they arrive in order; see
//! [`advance`].

use std::mem;

use super::record::{Delivery, Heard, Notice, Outgoing, Way};
use super::rules::{AfterDoubt, GIVE_UP_AFTER, MENDED_WITHIN, after_doubt, next_attempt};
use crate::domain::contact::record::FollowerId;
use crate::domain::counters::next_number;
use crate::domain::tables::{MAILBOXES, OUTBOX, OUTBOX_DUE, OUTBOX_IN_FLIGHT, OUTBOX_PENDING};
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// Notices kept for one follower's next tap; a row of the store holds no more, so the oldest gives way.
const MAILBOX_MAX: usize = 100;
const WHY_CHARS_MAX: usize = 200;

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Sent {
        msg_id: Option<String>,
    },
    /// Surely not done: again after a pause, or at `at` if WeChat said when.
    Again {
        at: Option<Time>,
    },
    /// This way is shut for this follower.
    Shut,
    /// Nobody knows.
    Doubtful,
    /// This content can't go this way; it is told with the next answer.
    Impossible,
}

/// Writes the row, in the place of an older one if there is no more to that one; it is told by the follower's next answer
/// at the latest.
pub fn enqueue(tx: &mut Tx, to: &FollowerId, notice: Notice) -> Result<u64, Fault> {
    let mut waiting = tx.get(&MAILBOXES, to)?.unwrap_or_default();
    if let Some((id, mut row)) = replaced(tx, &waiting, &notice)? {
        row.notice = notice;
        row.state = Delivery::Pending; // and a way may be open to it that wasn't
        row.shut.clear();
        tx.put(&OUTBOX, &id, &row)?;
        advance(tx, &waiting)?;
        return Ok(id);
    }
    let id = next_number(tx, "outbox")?;
    let created = tx.moment().now;
    let row = Outgoing {
        to: to.clone(),
        notice,
        created,
        state: Delivery::Pending,
        due: None,
        attempts: 0,
        shut: Vec::new(),
    };
    tx.put(&OUTBOX, &id, &row)?;
    tx.put(&OUTBOX_PENDING, &id, to)?;
    waiting.push(id);
    if waiting.len() > MAILBOX_MAX {
        let oldest = waiting.remove(0);
        if let Some(row) = tx.get(&OUTBOX, &oldest)? {
            close(tx, oldest, row, Delivery::Dropped { at: created })?;
        }
    }
    tx.put(&MAILBOXES, to, &waiting)?;
    advance(tx, &waiting)?;
    Ok(id)
}

/// The row that waits and says no more than the notice does; what is in flight may have arrived.
fn replaced(tx: &Tx, waiting: &[u64], notice: &Notice) -> Result<Option<(u64, Outgoing)>, Fault> {
    if !matches!(notice, Notice::Claim(_)) {
        return Ok(None);
    }
    for id in waiting {
        let waits = |row: &Outgoing| matches!(row.state, Delivery::Pending | Delivery::Waiting);
        let row = waiting_row(tx, *id)?.filter(|row| waits(row) && notice.takes_place_of(&row.notice));
        if let Some(row) = row {
            return Ok(Some((*id, row)));
        }
    }
    Ok(None)
}

/// The notices that wait for this follower, oldest first, at most `limit`; they are marked as told.
pub fn take(tx: &mut Tx, follower: &FollowerId, limit: usize) -> Result<Vec<Notice>, Fault> {
    let Some(waiting) = tx.get(&MAILBOXES, follower)? else { return Ok(Vec::new()) };
    let now = tx.moment().now;
    let (mut notices, mut left, mut is_over) = (Vec::new(), Vec::new(), false);
    for id in waiting {
        let Some(row) = waiting_row(tx, id)? else {
            left.push(id);
            continue;
        };
        is_over |= matches!(row.state, Delivery::InFlight { .. }); // it may be arriving at this moment
        if is_over || notices.len() == limit || row.notice.is_picture() {
            left.push(id);
            continue;
        }
        notices.push(row.notice.clone());
        close(tx, id, row, Delivery::WithReply { at: now })?;
    }
    for id in &left {
        if let Some(mut row) = waiting_row(tx, *id)?.filter(|row| row.state == Delivery::Waiting) {
            row.state = Delivery::Pending; // whatever the follower did opened a way
            tx.put(&OUTBOX, id, &row)?;
        }
    }
    keep(tx, follower, &left)?;
    Ok(notices)
}

/// The follower left: nothing that waits can be told any more.
pub fn give_up(tx: &mut Tx, follower: &FollowerId) -> Result<(), Fault> {
    let now = tx.moment().now;
    let Some(waiting) = tx.get(&MAILBOXES, follower)? else { return Ok(()) };
    for id in waiting {
        if let Some(row) = tx.get(&OUTBOX, &id)? {
            close(tx, id, row, Delivery::Unreachable { at: now })?;
        }
    }
    keep(tx, follower, &[])
}

/// What waits for this follower and isn't theirs to read any more: taken back, oldest first. What is in flight may have
/// arrived.
pub fn take_back(
    tx: &mut Tx,
    follower: &FollowerId,
    is: impl Fn(&Notice) -> bool,
) -> Result<Vec<Notice>, Fault> {
    let now = tx.moment().now;
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for id in tx.get(&MAILBOXES, follower)?.unwrap_or_default() {
        let waits = |row: &Outgoing| matches!(row.state, Delivery::Pending | Delivery::Waiting);
        match tx.get(&OUTBOX, &id)?.filter(|row| waits(row) && is(&row.notice)) {
            Some(row) => {
                taken.push(row.notice.clone());
                close(tx, id, row, Delivery::Unreachable { at: now })?;
            }
            None => left.push(id),
        }
    }
    keep(tx, follower, &left)?;
    Ok(taken)
}

/// The follower was erased: words that wait for them are not told, nor kept.
pub fn forget_words(tx: &mut Tx, follower: &FollowerId) -> Result<(), Fault> {
    let now = tx.moment().now;
    for id in tx.get(&MAILBOXES, follower)?.unwrap_or_default() {
        if let Some(mut row) = tx.get(&OUTBOX, &id)?.filter(|row| row.notice.has_words()) {
            row.notice.forget_words();
            tx.delete(&OUTBOX_IN_FLIGHT, &id)?;
            finish(tx, id, row, Delivery::Dropped { at: now })?;
        }
    }
    Ok(())
}

/// What has come due.
#[derive(Debug, Default)]
pub struct Due {
    /// What was due first coming first.
    pub rows: Vec<(u64, Outgoing)>,
    /// These can't be read; they are due again after [`MENDED_WITHIN`], so that nothing else waits for them.
    pub unreadable: Vec<u64>,
}

/// Rows whose time has come, at most `limit`.
pub fn due(tx: &mut Tx, limit: usize) -> Result<Due, Fault> {
    let now = tx.moment().now;
    let mut found = Due::default();
    for ((at, id), ()) in tx.scan(&OUTBOX_DUE, &(), None, limit)?.rows {
        if at > now {
            break;
        }
        match tx.get(&OUTBOX, &id) {
            Ok(Some(row)) if row.state == Delivery::Pending => {
                found.rows.push((id, Outgoing { due: Some(at), ..row }));
            }
            // Mended: its call was begun before it couldn't be read.
            Ok(Some(Outgoing { state: Delivery::InFlight { .. }, .. })) => {
                tx.delete(&OUTBOX_DUE, &(at, id))?;
                settle(tx, id, &Outcome::Doubtful)?;
            }
            Ok(_) => tx.delete(&OUTBOX_DUE, &(at, id))?,
            Err(Fault::Damaged { .. }) => {
                tx.delete(&OUTBOX_DUE, &(at, id))?;
                tx.put(&OUTBOX_DUE, &(now.plus(MENDED_WITHIN), id), &())?;
                found.unreadable.push(id);
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(found)
}

/// A row that waits, unless it can't be read: nobody's turn fails for it, and it keeps its place.
fn waiting_row(tx: &Tx, id: u64) -> Result<Option<Outgoing>, Fault> {
    match tx.get(&OUTBOX, &id) {
        Err(Fault::Damaged { .. }) => Ok(None),
        read => read,
    }
}

/// Not now: the way is held up until then. No attempt is counted.
pub fn postpone(tx: &mut Tx, id: u64, row: Outgoing, until: Time) -> Result<(), Fault> {
    make_due(tx, id, row, until)
}

/// Marks the row before its call is begun.
pub fn begin(tx: &mut Tx, id: u64, mut row: Outgoing, way: Way) -> Result<(), Fault> {
    let now = tx.moment().now;
    not_due(tx, id, &mut row)?;
    row.attempts = row.attempts.saturating_add(1);
    row.state = Delivery::InFlight { way, at: now, heard: None };
    tx.put(&OUTBOX_IN_FLIGHT, &id, &())?;
    tx.put(&OUTBOX, &id, &row)
}

/// No way is open: it waits for the follower's next message.
pub fn wait(tx: &mut Tx, id: u64, mut row: Outgoing) -> Result<(), Fault> {
    not_due(tx, id, &mut row)?;
    tx.delete(&OUTBOX_IN_FLIGHT, &id)?;
    row.state = Delivery::Waiting;
    row.shut.clear();
    let to = row.to.clone();
    tx.put(&OUTBOX, &id, &row)?;
    let waiting = tx.get(&MAILBOXES, &to)?.unwrap_or_default();
    advance(tx, &waiting)
}

/// Writes down what became of a call. A row that is no longer in flight stays as it is.
pub fn settle(tx: &mut Tx, id: u64, outcome: &Outcome) -> Result<(), Fault> {
    let moment = tx.moment();
    tx.delete(&OUTBOX_IN_FLIGHT, &id)?;
    let Some(mut row) = tx.get(&OUTBOX, &id)? else { return Ok(()) };
    let Delivery::InFlight { way, at: begun, heard } = mem::replace(&mut row.state, Delivery::Pending) else {
        return Ok(());
    };
    let is_old = moment.now.since(row.created) > GIVE_UP_AFTER;
    match outcome {
        Outcome::Sent { msg_id } => {
            let at = moment.now;
            match heard.filter(|heard| Some(&heard.msg_id) == msg_id.as_ref()) {
                Some(_) if can_wait(&row.notice) => wait(tx, id, row),
                Some(Heard { why, .. }) => finish(tx, id, row, Delivery::Failed { at, why }),
                None => finish(tx, id, row, Delivery::Sent { way, at, msg_id: msg_id.clone() }),
            }
        }
        Outcome::Again { .. } if is_old => wait(tx, id, row),
        Outcome::Again { at } => {
            let again = at.unwrap_or_else(|| next_attempt(row.attempts, moment));
            make_due(tx, id, row, again)
        }
        Outcome::Shut | Outcome::Impossible => {
            row.shut.push(way);
            make_due(tx, id, row, moment.now)
        }
        Outcome::Doubtful => match after_doubt(&row.notice, way, begun, row.attempts, moment.now) {
            AfterDoubt::Repeat => {
                let again = next_attempt(row.attempts, moment);
                make_due(tx, id, row, again)
            }
            AfterDoubt::Ask => finish(tx, id, row, Delivery::MaybeSent { way, at: moment.now }),
        },
    }
}

/// After a restart: rows that were in flight when the service stopped, at most `limit`; returns how many.
pub fn recover(tx: &mut Tx, limit: usize) -> Result<usize, Fault> {
    let flying = tx.scan(&OUTBOX_IN_FLIGHT, &(), None, limit)?.rows;
    for (id, ()) in &flying {
        match settle(tx, *id, &Outcome::Doubtful) {
            Err(Fault::Damaged { .. }) => {
                let again = tx.moment().now.plus(MENDED_WITHIN);
                tx.put(&OUTBOX_DUE, &(again, *id), &())?;
            }
            settled => settled?,
        }
    }
    Ok(flying.len())
}

/// WeChat's later word: a message that it took didn't arrive. It is told with the follower's next answer.
pub fn fail(tx: &mut Tx, id: u64, why: &str) -> Result<(), Fault> {
    let Some(mut row) = tx.get(&OUTBOX, &id)?.filter(|row| matches!(row.state, Delivery::Sent { .. })) else {
        return Ok(());
    };
    let mut waiting = tx.get(&MAILBOXES, &row.to)?.unwrap_or_default();
    if !can_wait(&row.notice) || waiting.len() >= MAILBOX_MAX {
        row.state = Delivery::Failed { at: tx.moment().now, why: short(why) };
        return tx.put(&OUTBOX, &id, &row);
    }
    waiting.push(id);
    waiting.sort_unstable();
    tx.put(&MAILBOXES, &row.to, &waiting)?;
    tx.put(&OUTBOX_PENDING, &id, &row.to)?;
    wait(tx, id, row)
}

/// Can it be put before an answer, even after it was sent? Words of its own are gone then.
fn can_wait(notice: &Notice) -> bool {
    !notice.is_picture() && !notice.has_words()
}

/// The same of a message that no answered call knows: it waits with the one that is in flight to this follower.
pub fn fail_early(tx: &mut Tx, to: &FollowerId, msg_id: &str, why: &str) -> Result<(), Fault> {
    for id in tx.get(&MAILBOXES, to)?.unwrap_or_default() {
        let Some(mut row) = waiting_row(tx, id)? else { continue };
        if let Delivery::InFlight { heard, .. } = &mut row.state {
            *heard = Some(Heard { msg_id: msg_id.to_owned(), why: short(why) });
            return tx.put(&OUTBOX, &id, &row);
        }
    }
    Ok(())
}

fn short(why: &str) -> String {
    why.chars().take(WHY_CHARS_MAX).collect()
}

/// Staff: send it again, or for the first time, as if it were new. `false` for what is in flight or was told.
pub fn retry(tx: &mut Tx, id: u64) -> Result<bool, Fault> {
    let Some(mut row) = tx.get(&OUTBOX, &id)? else { return Ok(false) };
    let mut waiting = tx.get(&MAILBOXES, &row.to)?.unwrap_or_default();
    match row.state {
        Delivery::Pending | Delivery::Waiting => {}
        Delivery::MaybeSent { .. } | Delivery::Failed { .. } | Delivery::Dropped { .. } => {
            if waiting.len() >= MAILBOX_MAX {
                return Ok(false);
            }
            waiting.push(id);
            waiting.sort_unstable();
            tx.put(&MAILBOXES, &row.to, &waiting)?;
            tx.put(&OUTBOX_PENDING, &id, &row.to)?;
        }
        _ => return Ok(false),
    }
    not_due(tx, id, &mut row)?;
    (row.state, row.attempts) = (Delivery::Pending, 0);
    row.shut.clear();
    tx.put(&OUTBOX, &id, &row)?;
    advance(tx, &waiting)?;
    Ok(true)
}

/// Staff: don't send it. `false` for what is in flight or settled.
pub fn drop_row(tx: &mut Tx, id: u64) -> Result<bool, Fault> {
    let now = tx.moment().now;
    match tx.get(&OUTBOX, &id)? {
        Some(row) if matches!(row.state, Delivery::Pending | Delivery::Waiting) => {
            finish(tx, id, row, Delivery::Dropped { at: now })?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Deletes settled rows created before `before`, looking at `limit` of them from `after` on; returns where to go on.
pub fn sweep(tx: &mut Tx, before: Time, after: Option<u64>, limit: usize) -> Result<Option<u64>, Fault> {
    let page = tx.scan(&OUTBOX, &(), after.as_ref(), limit)?;
    for (id, row) in &page.rows {
        if row.created >= before {
            return Ok(None); // numbers grow with time
        }
        if !row.state.is_open() {
            tx.delete(&OUTBOX, id)?;
        }
    }
    Ok(page.next)
}

/// The row is settled; whoever stands behind it is next.
fn finish(tx: &mut Tx, id: u64, row: Outgoing, state: Delivery) -> Result<(), Fault> {
    let to = row.to.clone();
    close(tx, id, row, state)?;
    let mut waiting = tx.get(&MAILBOXES, &to)?.unwrap_or_default();
    waiting.retain(|other| *other != id);
    keep(tx, &to, &waiting)
}

fn close(tx: &mut Tx, id: u64, mut row: Outgoing, state: Delivery) -> Result<(), Fault> {
    not_due(tx, id, &mut row)?;
    tx.delete(&OUTBOX_PENDING, &id)?;
    row.state = state;
    if row.state.is_told() {
        row.notice.forget_words();
    }
    tx.put(&OUTBOX, &id, &row)
}

fn keep(tx: &mut Tx, follower: &FollowerId, waiting: &[u64]) -> Result<(), Fault> {
    if waiting.is_empty() {
        return tx.delete(&MAILBOXES, follower);
    }
    tx.put(&MAILBOXES, follower, &waiting.to_vec())?;
    advance(tx, waiting)
}

/// If none of a follower's rows is due or in flight, the first that is to be sent becomes due.
fn advance(tx: &mut Tx, waiting: &[u64]) -> Result<(), Fault> {
    let mut next = None;
    for id in waiting {
        let Some(row) = waiting_row(tx, *id)? else { continue };
        match row.state {
            Delivery::InFlight { .. } => return Ok(()),
            Delivery::Pending if row.due.is_some() => return Ok(()),
            Delivery::Pending if next.is_none() => next = Some((*id, row)),
            _ => {}
        }
    }
    let now = tx.moment().now;
    next.map_or(Ok(()), |(id, row)| make_due(tx, id, row, now))
}

fn make_due(tx: &mut Tx, id: u64, mut row: Outgoing, at: Time) -> Result<(), Fault> {
    not_due(tx, id, &mut row)?;
    row.due = Some(at);
    tx.put(&OUTBOX_DUE, &(at, id), &())?;
    tx.put(&OUTBOX, &id, &row)
}

fn not_due(tx: &mut Tx, id: u64, row: &mut Outgoing) -> Result<(), Fault> {
    match row.due.take() {
        Some(due) => tx.delete(&OUTBOX_DUE, &(due, id)),
        None => Ok(()),
    }
}
