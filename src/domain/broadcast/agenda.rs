//! What a broadcast asks for next, so that whoever runs it needs to know no more than this.

use super::chunks;
use super::ledger::*;
use super::record::*;
use super::take::resting;
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::{Fault, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agenda {
    /// [`build`](super::build::build)
    Build,
    /// [`take`](super::take::take), send, [`settle`](super::settle::settle)
    Take,
    /// [`take_chunk`](super::chunks::take_chunk), send, [`settle_chunk`](super::chunks::settle_chunk)
    Chunk,
    /// [`tidy`](super::tidy::tidy)
    Tidy,
    /// Nothing before then, unless staff act.
    Wait(Time),
    /// What is in flight has to be settled first, or staff have to resume it.
    Idle,
    /// Nothing any more.
    Over,
}

/// Rows read at once; those of what was sent stay until their ledgers go.
const PER_PAGE: usize = 500;

/// Broadcasts that ask for something at this moment.
pub fn open(tx: &Tx) -> Result<Vec<u32>, Fault> {
    let now = tx.moment().now;
    let (mut open, mut after) = (Vec::new(), None);
    loop {
        let page = tx.scan(&OPEN_BROADCASTS, &(), after.as_ref(), PER_PAGE)?;
        open.extend(page.rows.into_iter().filter(|(_, not_before)| *not_before <= now).map(|(id, _)| id));
        after = page.next;
        if after.is_none() {
            return Ok(open);
        }
    }
}

pub fn agenda(tx: &Tx, id: u32) -> Result<Agenda, Fault> {
    let Some(broadcast) = tx.get(&BROADCASTS, &id)? else { return Ok(Agenda::Over) };
    let Some(run) = tx.get(&RUNS, &id)? else {
        let open = tx.get(&OPEN_BROADCASTS, &id)?.is_some();
        return Ok(if open { Agenda::Tidy } else { Agenda::Over });
    };
    let now = tx.moment().now;
    match broadcast.state {
        State::Draft | State::Previewed | State::Approved => Ok(Agenda::Over),
        State::Scheduled { at } if at > now => Ok(Agenda::Wait(at)),
        State::Scheduled { .. } | State::Building => Ok(Agenda::Build),
        State::Running => running(tx, &broadcast, &run, now),
        State::Paused | State::Stopped { .. } => Ok(Agenda::Idle),
        State::Done { .. } | State::Cancelled { .. } if run.cleaned => Ok(Agenda::Over),
        State::Done { .. } | State::Cancelled { .. } => {
            Ok(match tx.get(&OPEN_BROADCASTS, &id)?.filter(|at| *at > now) {
                Some(at) => Agenda::Wait(at),
                None => Agenda::Tidy,
            })
        }
    }
}

fn running(tx: &Tx, broadcast: &Broadcast, run: &Run, now: Time) -> Result<Agenda, Fault> {
    if let Some(until) = resting(broadcast, run, now) {
        return Ok(Agenda::Wait(until));
    }
    let chunks = if run.chunks > 0 { chunks::all(tx, broadcast.id)? } else { Vec::new() };
    let chunk_due = chunks.iter().filter_map(|(_, chunk)| match chunk.state {
        ChunkState::Due { at } => Some(at),
        _ => None,
    });
    let chunk_due = chunk_due.min();
    let queued =
        tx.scan(&QUEUED, &(broadcast.id,), None, 1)?.rows.into_iter().map(|((_, at, _), _)| at).next();
    let open = chunks.iter().any(|(_, chunk)| chunk.state == ChunkState::Open);
    let closable = open && run.counts.in_flight == 0 && queued.is_none();
    Ok(match (chunk_due, queued) {
        (Some(at), _) if at <= now => Agenda::Chunk,
        (_, Some(at)) if at <= now => Agenda::Take,
        _ if !run.taken_all || closable || run.counts.pending == 0 => Agenda::Take,
        (Some(at), None) | (None, Some(at)) => Agenda::Wait(at),
        (Some(chunk), Some(queued)) => Agenda::Wait(chunk.min(queued)),
        (None, None) => Agenda::Idle,
    })
}
