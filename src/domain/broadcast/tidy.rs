//! What is left to do for a broadcast that is over: quotas to give back, rows to delete.

use std::time::Duration;

use super::chunks::give_back;
use super::ledger::*;
use super::record::*;
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::*;
use crate::store::{Fault, Tx};

/// Rows looked at in one step, whatever is asked for.
const STEP_MAX: usize = 200;

/// The next step; `true` if there is more at once. First what was never sent is taken off the books, then, when the time
/// for which ledgers are kept is over, the ledger is deleted. The counts stay.
pub fn tidy(tx: &mut Tx, id: u32, limit: usize) -> Result<bool, Fault> {
    let limit = limit.clamp(1, STEP_MAX);
    let Some(broadcast) = tx.get(&BROADCASTS, &id)?.filter(|broadcast| broadcast.state.is_over()) else {
        return Ok(false);
    };
    let Some(mut run) = tx.get(&RUNS, &id)? else { return sweep_unstarted(tx, id, limit) };
    let cancelled = matches!(broadcast.state, State::Cancelled { .. });
    if cancelled && (unqueue(tx, id, &mut run, limit)? || drop_chunks(tx, id, &mut run)?) {
        tx.put(&RUNS, &id, &run)?;
        return Ok(true);
    }
    if pay_back(tx, id, limit)? {
        return Ok(true);
    }
    let kept_until = ended(&broadcast).plus(Duration::from_secs(run.limits.keep_s));
    if tx.moment().now < kept_until {
        tx.put(&OPEN_BROADCASTS, &id, &kept_until)?;
        return Ok(false);
    }
    if sweep(tx, id, limit)? {
        return Ok(true);
    }
    run.cleaned = true;
    tx.put(&RUNS, &id, &run)?;
    tx.delete(&OPEN_BROADCASTS, &id)?;
    Ok(false)
}

fn ended(broadcast: &Broadcast) -> crate::moment::Time {
    match broadcast.state {
        State::Done { at } | State::Cancelled { at, .. } => at,
        _ => broadcast.changed,
    }
}

/// What waited to be tried again won't be; where it may have been sent, that is what is written down.
fn unqueue(tx: &mut Tx, id: u32, run: &mut Run, limit: usize) -> Result<bool, Fault> {
    let page = tx.scan(&QUEUED, &(id,), None, limit)?;
    for (key, queued) in &page.rows {
        tx.delete(&QUEUED, key)?;
        if let Some((way, _)) = queued.repeat {
            let entry = Entry::MaybeSent { way };
            run.counts.end(entry, 1);
            tx.put(&LEDGER, &(id, key.2.clone()), &entry)?;
        }
    }
    Ok(!page.rows.is_empty())
}

/// The chunks that were cut and not sent.
fn drop_chunks(tx: &mut Tx, id: u32, run: &mut Run) -> Result<bool, Fault> {
    for (number, mut chunk) in super::chunks::all(tx, id)? {
        if !matches!(chunk.state, ChunkState::Open | ChunkState::Due { .. }) {
            continue;
        }
        chunk.state = match chunk.maybe {
            true => {
                run.counts.end(Entry::MaybeSent { way: Way::Mass }, chunk.count);
                ChunkState::MaybeSent
            }
            false => ChunkState::Unsent { reason: None, owed: Some(Owed::ToAll) },
        };
        tx.put(&CHUNKS, &(id, number), &chunk)?;
        return Ok(true);
    }
    Ok(false)
}

/// Recipients of a chunk that was not sent get their month's quota back.
fn pay_back(tx: &mut Tx, id: u32, limit: usize) -> Result<bool, Fault> {
    for (number, mut chunk) in super::chunks::all(tx, id)? {
        let ChunkState::Unsent { reason, owed: Some(owed) } = chunk.state.clone() else { continue };
        let after: Option<FollowerId> = match owed {
            Owed::ToAll => None,
            Owed::After(who) => Some(who),
        };
        let (members, next) = super::chunks::members(tx, id, number, after, limit)?;
        for who in &members {
            give_back(tx, who)?;
        }
        chunk.state = ChunkState::Unsent { reason, owed: next.map(Owed::After) };
        tx.put(&CHUNKS, &(id, number), &chunk)?;
        return Ok(true);
    }
    Ok(false)
}

/// Deletes the next rows; `false` when none are left.
fn sweep(tx: &mut Tx, id: u32, limit: usize) -> Result<bool, Fault> {
    let ledger = tx.scan(&LEDGER, &(id,), None, limit)?.rows;
    for (key, _) in &ledger {
        tx.delete(&LEDGER, key)?;
    }
    let flights = tx.scan(&FLIGHTS, &(id,), None, limit)?.rows;
    for (key, _) in &flights {
        tx.delete(&FLIGHTS, key)?;
    }
    let chunks = tx.scan(&CHUNKS, &(id,), None, limit)?.rows;
    for (key, chunk) in chunks.iter().filter(|_| ledger.is_empty()) {
        if let ChunkState::Accepted { msg_id } | ChunkState::Finished { msg_id, .. } = &chunk.state {
            tx.delete(&MASS_JOBS, msg_id)?;
        }
        tx.delete(&CHUNKS, key)?;
    }
    let listed = sweep_unstarted(tx, id, limit)?;
    Ok(!(ledger.is_empty() && flights.is_empty() && chunks.is_empty()) || listed)
}

/// All that a broadcast has that never ran.
fn sweep_unstarted(tx: &mut Tx, id: u32, limit: usize) -> Result<bool, Fault> {
    let listed = tx.scan(&LISTS, &(id,), None, limit)?.rows;
    for (key, ()) in &listed {
        tx.delete(&LISTS, key)?;
    }
    if tx.get(&PREVIEWS, &id)?.is_some() {
        tx.delete(&PREVIEWS, &id)?;
    }
    if listed.is_empty() && tx.get(&RUNS, &id)?.is_none() {
        tx.delete(&OPEN_BROADCASTS, &id)?;
    }
    Ok(!listed.is_empty())
}
