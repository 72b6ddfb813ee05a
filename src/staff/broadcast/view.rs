use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::form::BroadcastForm;
use crate::domain::broadcast::chunks;
use crate::domain::broadcast::ledger::{Counts, Run};
use crate::domain::broadcast::preview::Preview;
use crate::domain::broadcast::record::*;
use crate::domain::tables::*;
use crate::moment::{Time, rfc3339};
use crate::privacy::Short;
use crate::store::{Fault, Tx};

/// What every act answers: enough to go on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BroadcastBrief {
    pub id: String,
    pub title: String,
    /// `draft`, `previewed`, `approved`, `scheduled`, `building`, `running`, `paused`, `stopped`, `done` or `cancelled`.
    pub state: String,
    /// Why it stopped or was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    pub audience: String,
    pub way: String,
    /// Everybody who wrote or changed it.
    pub authors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// Once it was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BroadcastList {
    pub broadcasts: Vec<BroadcastBrief>,
    /// To be given as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A broadcast with all that staff wrote, in the shape in which they wrote it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BroadcastView {
    #[serde(flatten)]
    pub brief: BroadcastBrief,
    #[serde(with = "rfc3339")]
    pub created: Time,
    #[serde(with = "rfc3339")]
    pub changed: Time,
    /// Followers on its list.
    pub listed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<PreviewView>,
    pub broadcast: BroadcastForm,
}

/// Where a started broadcast stands. Every recipient is counted once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub state: String,
    pub recipients: u32,
    /// Whose result is known.
    pub ended: u32,
    pub pending: u32,
    /// Of those pending.
    pub in_flight: u32,
    pub sent: u32,
    /// Of those sent, known to have arrived.
    pub delivered: u32,
    pub maybe_sent: u32,
    pub failed: u32,
    pub skipped: u32,
    /// How long the rest takes, quiet hours left out: messages at the rate that was asked for, mass sends a chunk every
    /// second.
    pub seconds_left: u64,
    /// It waits until then: its time, quiet hours, or WeChat asked to slow down.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Time>,
    #[serde(with = "rfc3339")]
    pub at: Time,
}

/// What came of a broadcast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub id: String,
    pub title: String,
    pub state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    pub authors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    #[serde(with = "rfc3339")]
    pub started: Time,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
    pub recipients: u32,
    /// Not sent; of a cancelled broadcast, those whom it did not come to.
    pub pending: u32,
    /// By way.
    pub sent: BTreeMap<String, u32>,
    pub delivered: u32,
    pub maybe_sent: u32,
    /// By reason.
    pub failed: BTreeMap<String, u32>,
    /// By reason.
    pub skipped: BTreeMap<String, u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mass: Option<MassView>,
    /// Times it was read, where WeChat's statistics know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
}

/// What WeChat told of mass sends, in recipients; its numbers come when a send has finished, maybe hours later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MassView {
    pub sends: u32,
    pub finished: u32,
    pub total: u64,
    /// Taken out by WeChat: over their quota, or they refuse.
    pub filtered_out: u64,
    pub sent: u64,
    pub errors: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewView {
    pub id: String,
    /// If not, the same call goes on counting.
    pub done: bool,
    pub looked_at: u64,
    /// Followers whom the condition fits.
    pub matched: u64,
    /// Of those, who would be reached now, by way.
    pub reachable: u64,
    pub ways: BTreeMap<String, u64>,
    /// And who would be skipped, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// How many of those matched may still get 0, 1, 2 … mass sends this month, as far as was counted.
    pub mass_left: Vec<u64>,
    /// A few of those matched, masked.
    pub sample: Vec<String>,
    /// How long sending would take, quiet hours left out.
    pub seconds: u64,
    /// When it would be over if it were started now.
    #[serde(with = "rfc3339")]
    pub ends: Time,
    /// A preview message of this wording went to somebody.
    pub shown: bool,
}

/// What came of putting followers onto a broadcast's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedView {
    pub id: String,
    pub added: u64,
    /// Were on it before.
    pub known: u64,
    /// Of whom the account knows nothing; they are not on it.
    pub unknown: u64,
    /// On it now.
    pub total: u64,
}

pub fn brief(tx: &Tx, broadcast: &Broadcast) -> Result<BroadcastBrief, Fault> {
    let run = tx.get(&RUNS, &broadcast.id)?;
    Ok(BroadcastBrief {
        id: BroadcastCode(broadcast.id).to_string(),
        title: broadcast.plan.title.clone(),
        state: broadcast.state.name().to_owned(),
        why: why(&broadcast.state),
        audience: broadcast.plan.audience.to_string(),
        way: way_name(broadcast.plan.way).to_owned(),
        authors: broadcast.authors.clone(),
        approved_by: broadcast.approved.as_ref().map(|approval| approval.by.clone()),
        progress: run.map(|run| progress(tx, broadcast, &run)).transpose()?,
    })
}

fn why(state: &State) -> Option<String> {
    match state {
        State::Stopped { why } => Some(why.clone()),
        State::Cancelled { reason, .. } => Some(reason.clone()),
        _ => None,
    }
}

fn way_name(way: WayChoice) -> &'static str {
    match way {
        WayChoice::Mass => "mass",
        WayChoice::Template => "template",
        WayChoice::Subscription => "subscription",
        WayChoice::Custom => "custom",
        WayChoice::Best => "best",
    }
}

pub fn full(tx: &Tx, broadcast: &Broadcast) -> Result<BroadcastView, Fault> {
    let counted = tx.get(&PREVIEWS, &broadcast.id)?;
    Ok(BroadcastView {
        brief: brief(tx, broadcast)?,
        created: broadcast.created,
        changed: broadcast.changed,
        listed: broadcast.listed,
        preview: counted.map(|counted| preview(broadcast, &counted, tx.moment().now)),
        broadcast: BroadcastForm::from(&broadcast.plan),
    })
}

pub fn progress(tx: &Tx, broadcast: &Broadcast, run: &Run) -> Result<Progress, Fault> {
    let now = tx.moment().now;
    let Counts { recipients, pending, in_flight, delivered, maybe_sent, .. } = run.counts;
    let quiet = broadcast.plan.quiet.filter(|_| broadcast.state == State::Running);
    let waits_until = match broadcast.state {
        State::Scheduled { at } => Some(at),
        _ => quiet.and_then(|quiet| quiet.until(now)).max(run.hold_until.filter(|until| *until > now)),
    };
    let counted = tx.get(&PREVIEWS, &broadcast.id)?;
    Ok(Progress {
        state: broadcast.state.name().to_owned(),
        recipients,
        ended: recipients.saturating_sub(pending),
        pending,
        in_flight,
        sent: run.counts.sent_total(),
        delivered,
        maybe_sent,
        failed: run.counts.failed_total(),
        skipped: run.counts.skipped_total(),
        seconds_left: counted.map_or(0, |counted| counted.left(&broadcast.plan, pending).as_secs()),
        waits_until,
        at: now,
    })
}

pub fn report(tx: &Tx, broadcast: &Broadcast, run: &Run) -> Result<Report, Fault> {
    let mass = chunks::report(tx, broadcast.id)?;
    let numbers = mass.numbers;
    Ok(Report {
        id: BroadcastCode(broadcast.id).to_string(),
        title: broadcast.plan.title.clone(),
        state: broadcast.state.name().to_owned(),
        why: why(&broadcast.state),
        authors: broadcast.authors.clone(),
        approved_by: broadcast.approved.as_ref().map(|approval| approval.by.clone()),
        started: run.started,
        ended: match broadcast.state {
            State::Done { at } | State::Cancelled { at, .. } => Some(at),
            _ => None,
        },
        recipients: run.counts.recipients,
        pending: run.counts.pending,
        sent: run.counts.sent.iter().map(|(way, count)| (way.name().to_owned(), *count)).collect(),
        delivered: run.counts.delivered,
        maybe_sent: run.counts.maybe_sent,
        failed: run.counts.failed.clone(),
        skipped: run.counts.skipped.clone(),
        mass: (mass.chunks > 0).then_some(MassView {
            sends: mass.chunks,
            finished: mass.finished,
            total: numbers.total,
            filtered_out: numbers.total.saturating_sub(numbers.filtered),
            sent: numbers.sent,
            errors: numbers.errors,
        }),
        read: run.read,
    })
}

pub fn preview(broadcast: &Broadcast, preview: &Preview, now: Time) -> PreviewView {
    let plan = &broadcast.plan;
    PreviewView {
        id: BroadcastCode(broadcast.id).to_string(),
        done: preview.done,
        looked_at: preview.looked_at,
        matched: preview.matched,
        reachable: preview.reachable(),
        ways: preview.ways.iter().map(|(way, count)| (way.name().to_owned(), *count)).collect(),
        skipped: preview.skipped.clone(),
        mass_left: preview.mass_left.clone(),
        sample: preview.sample.iter().map(|who| Short(who.as_str()).to_string()).collect(),
        seconds: preview.sending(plan).as_secs(),
        ends: preview.ends(plan, now),
        shown: broadcast.shown,
    }
}
