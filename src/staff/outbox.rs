//! What staff see and do of the outbox: what waits, what was sent, what failed; never the words of a sealed notice.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::act::look;
use super::form::wrong;
use super::{Act, ActError, Call, Refuse, Role, perform};
use crate::domain::outbox::commands;
use crate::domain::outbox::record::{Delivery, Outgoing, Way};
use crate::domain::tables::OUTBOX;
use crate::moment::{Time, rfc3339};
use crate::privacy::Short;
use crate::store::{Fault, Tx};

/// Rows on one page.
const LIST_MAX: usize = 100;
/// Rows looked at for one page, in several turns of the writer.
const LOOKED_AT_PER_STEP: usize = 200;
const STEPS_PER_CALL: usize = 25;
/// Of one that there isn't.
const STATE_CHARS_SHOWN: usize = 20;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxRow {
    pub id: u64,
    pub follower: String,
    /// `promoted`, `late_reply` and so on.
    pub notice: String,
    /// `pending`, `in_flight`, `waiting`, `sent`, `maybe_sent`, `told`, `unreachable`, `failed` or `dropped`.
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    pub attempts: u16,
    #[serde(with = "rfc3339")]
    pub created: Time,
    /// When it is tried next.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// When it came into its state.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxList {
    pub rows: Vec<OutboxRow>,
    /// Where the next page goes on; there may be more though this page has fewer rows than asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    pub state: Option<String>,
    pub follower: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxRefusal {
    Unknown,
    TooLate { now: &'static str, wanted: &'static str },
}

/// Newest first. The look is on the trail.
pub async fn list(
    call: &Call,
    narrowed: Narrowed,
    after: Option<u64>,
    limit: usize,
) -> Result<OutboxList, ActError> {
    let follower = narrowed.follower.as_deref().map(|openid| Short(openid).to_string());
    let act = Act { subject: follower.unwrap_or_default(), ..act("outbox.list") };
    look(call, act, |_| Ok(())).await?;
    if let Some(state) = narrowed.state.as_deref().filter(|state| !Delivery::NAMES.contains(state)) {
        let shown: String = state.chars().take(STATE_CHARS_SHOWN).collect();
        let names = Delivery::NAMES.join(", ");
        return Err(wrong("state", format!("no row is ever {shown}; it is one of {names}")));
    }
    let limit = limit.clamp(1, LIST_MAX);
    let (mut rows, mut next) = (Vec::new(), after);
    for _ in 0..STEPS_PER_CALL {
        let (from, room, narrowed) = (next, limit - rows.len(), narrowed.clone());
        let (found, on) = call.read(move |tx| page(tx, &narrowed, from, room)).await?;
        rows.extend(found);
        next = on;
        if next.is_none() || rows.len() >= limit {
            break;
        }
    }
    Ok(OutboxList { rows, next })
}

fn page(
    tx: &Tx,
    narrowed: &Narrowed,
    after: Option<u64>,
    room: usize,
) -> Result<(Vec<OutboxRow>, Option<u64>), Fault> {
    let page = tx.scan_back(&OUTBOX, &(), after.as_ref(), LOOKED_AT_PER_STEP)?;
    let mut found = Vec::new();
    for (id, row) in page.rows {
        let fits = narrowed.state.as_deref().is_none_or(|state| row.state.name() == state)
            && narrowed.follower.as_deref().is_none_or(|openid| row.to.as_str() == openid);
        if fits {
            found.push(view(id, &row));
        }
        if found.len() == room {
            return Ok((found, Some(id)));
        }
    }
    Ok((found, page.next))
}

/// Sends a row again, or at once.
pub async fn retry(call: &Call, id: u64) -> Result<OutboxRow, ActError> {
    change(call, act("outbox.retry"), id, "sent again", commands::retry).await
}

/// Takes a row out that was not sent.
pub async fn drop_row(call: &Call, id: u64) -> Result<OutboxRow, ActError> {
    change(call, act("outbox.drop"), id, "dropped", commands::drop_row).await
}

async fn change(
    call: &Call,
    act: Act,
    id: u64,
    wanted: &'static str,
    command: fn(&mut Tx, u64) -> Result<bool, Fault>,
) -> Result<OutboxRow, ActError> {
    let act = Act { subject: id.to_string(), ..act };
    perform(call, act, move |tx| {
        let Some(row) = tx.get(&OUTBOX, &id)? else { return Ok(Err(OutboxRefusal::Unknown)) };
        if !command(tx, id)? {
            return Ok(Err(OutboxRefusal::TooLate { now: row.state.name(), wanted }));
        }
        let row = tx.get(&OUTBOX, &id)?;
        Ok(row.map(|row| (id.to_string(), view(id, &row))).ok_or(OutboxRefusal::Unknown))
    })
    .await
}

fn act(name: &'static str) -> Act {
    let (subject, detail, request) = (String::new(), String::new(), String::new());
    Act { name, subject, role: Role::Broadcast, detail, request }
}

fn view(id: u64, row: &Outgoing) -> OutboxRow {
    let (way, at, why): (Option<Way>, Option<Time>, Option<&String>) = match &row.state {
        Delivery::Pending | Delivery::Waiting => (None, None, None),
        Delivery::InFlight { way, at, .. }
        | Delivery::Sent { way, at, .. }
        | Delivery::MaybeSent { way, at } => (Some(*way), Some(*at), None),
        Delivery::WithReply { at } | Delivery::Unreachable { at } | Delivery::Dropped { at } => {
            (None, Some(*at), None)
        }
        Delivery::Failed { at, why } => (None, Some(*at), Some(why)),
    };
    OutboxRow {
        id,
        follower: row.to.as_str().to_owned(),
        notice: row.notice.name().to_owned(),
        state: row.state.name().to_owned(),
        way: way.map(|way| way.name().to_owned()),
        why: why.cloned(),
        attempts: row.attempts,
        created: row.created,
        due: row.due,
        at,
    }
}

impl Refuse for OutboxRefusal {
    fn code(&self) -> &'static str {
        match self {
            OutboxRefusal::Unknown => "unknown_row",
            OutboxRefusal::TooLate { .. } => "too_late",
        }
    }

    fn missing(&self) -> Option<&'static str> {
        (*self == OutboxRefusal::Unknown).then_some("such outbox row")
    }
}

impl fmt::Display for OutboxRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutboxRefusal::Unknown => f.write_str("there is no such outbox row"),
            OutboxRefusal::TooLate { now, wanted } => {
                write!(f, "the row is {now}, so it can't be {wanted}")
            }
        }
    }
}
