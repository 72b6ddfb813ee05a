//! What became of one recipient, chunks and cancellations reckoned in.

use super::ledger::*;
use super::record::*;
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::*;
use crate::store::{Fault, Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Pending,
    InFlight,
    Sent {
        way: Way,
        delivered: bool,
    },
    MaybeSent {
        way: Way,
    },
    Failed(Reason),
    Skipped(Skip),
    /// The broadcast was cancelled before it came to them.
    Cancelled,
}

/// `None`: no recipient of this broadcast, or its ledger was deleted.
pub fn standing(tx: &Tx, broadcast: &Broadcast, who: &FollowerId) -> Result<Option<Standing>, Fault> {
    let key = (broadcast.id, who.clone());
    let Some(entry) = tx.get(&LEDGER, &key)? else { return Ok(None) };
    Ok(Some(match entry {
        Entry::Pending if tx.get(&FLIGHTS, &key)?.is_some() => Standing::InFlight,
        Entry::Pending => unsent(broadcast),
        Entry::InChunk(number) => {
            let chunk = tx.get(&CHUNKS, &(broadcast.id, number))?;
            chunk.map_or(Standing::Pending, |chunk| in_chunk(broadcast, &chunk.state))
        }
        Entry::Sent { way, delivered } => Standing::Sent { way, delivered },
        Entry::MaybeSent { way } => Standing::MaybeSent { way },
        Entry::Failed(reason) => Standing::Failed(reason),
        Entry::Skipped(skip) => Standing::Skipped(skip),
    }))
}

fn unsent(broadcast: &Broadcast) -> Standing {
    match broadcast.state {
        State::Cancelled { .. } => Standing::Cancelled,
        _ => Standing::Pending,
    }
}

fn in_chunk(broadcast: &Broadcast, state: &ChunkState) -> Standing {
    match state {
        ChunkState::Open | ChunkState::Due { .. } => unsent(broadcast),
        ChunkState::InFlight => Standing::InFlight,
        ChunkState::Accepted { .. } => Standing::Sent { way: Way::Mass, delivered: false },
        ChunkState::Finished { .. } => Standing::Sent { way: Way::Mass, delivered: false },
        ChunkState::MaybeSent => Standing::MaybeSent { way: Way::Mass },
        ChunkState::Unsent { reason: Some(reason), .. } => Standing::Failed(*reason),
        ChunkState::Unsent { reason: None, .. } => Standing::Cancelled,
    }
}

impl Standing {
    /// Stable: the API uses it.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Pending => "pending",
            Standing::InFlight => "in_flight",
            Standing::Sent { delivered: true, .. } => "delivered",
            Standing::Sent { .. } => "sent",
            Standing::MaybeSent { .. } => "maybe_sent",
            Standing::Failed(_) => "failed",
            Standing::Skipped(_) => "skipped",
            Standing::Cancelled => "cancelled",
        }
    }

    /// Why, where something went wrong.
    pub fn reason(self) -> Option<String> {
        match self {
            Standing::Failed(reason) => Some(reason.code()),
            Standing::Skipped(skip) => Some(skip.code().to_owned()),
            _ => None,
        }
    }
}

/// The broadcasts that this follower is a recipient of, among the latest `looked_at`, newest first.
pub fn of_follower(tx: &Tx, who: &FollowerId, looked_at: usize) -> Result<Vec<(Broadcast, Standing)>, Fault> {
    let mut found = Vec::new();
    for (_, broadcast) in tx.scan_back(&BROADCASTS, &(), None, looked_at)?.rows {
        if let Some(standing) = standing(tx, &broadcast, who)? {
            found.push((broadcast, standing));
        }
    }
    Ok(found)
}
