//! Whom a broadcast would reach, counted before anybody approves it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::build::{fits, followers};
use super::ledger::Limits;
use super::manage::Managed;
use super::record::*;
use super::rules::{self, Refusal};
use crate::domain::contact::record::{Contact, FollowerId};
use crate::domain::tables::*;
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// What is known so far; `done` when everybody was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub begun: Time,
    pub done: bool,
    /// The last follower that was looked at.
    pub looked_to: Option<FollowerId>,
    pub looked_at: u64,
    /// Followers whom the condition fits.
    pub matched: u64,
    /// Of those, who would be reached, by way.
    pub ways: BTreeMap<Way, u64>,
    /// And who would be skipped, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// How many of those matched may still get 0, 1, 2 … mass sends this month.
    pub mass_left: Vec<u64>,
    pub sample: Vec<FollowerId>,
    limits: Limits,
}

const SAMPLE: usize = 5;

/// Begins to count, or begins anew.
pub fn begin(tx: &mut Tx, id: u32, policy: &Policy) -> Managed<Preview> {
    let Some(mut broadcast) = tx.get(&BROADCASTS, &id)? else { return Ok(Err(Refusal::Unknown)) };
    if !matches!(broadcast.state, State::Draft | State::Previewed) {
        return Ok(Err(Refusal::WrongState { now: broadcast.state.name(), wanted: "previewed" }));
    }
    if broadcast.plan.audience.only_listed() && broadcast.listed == 0 {
        return Ok(Err(Refusal::EmptyList));
    }
    let limits = Limits::of(policy);
    let preview = Preview {
        begun: tx.moment().now,
        done: false,
        looked_to: None,
        looked_at: 0,
        matched: 0,
        ways: BTreeMap::new(),
        skipped: BTreeMap::new(),
        mass_left: vec![0; usize::from(limits.mass_a_month) + 1],
        sample: Vec::new(),
        limits,
    };
    tx.put(&PREVIEWS, &id, &preview)?;
    if broadcast.state == State::Previewed {
        broadcast.state = State::Draft;
        tx.put(&BROADCASTS, &id, &broadcast)?;
    }
    Ok(Ok(preview))
}

/// Looks at the next followers; `false` when there is nothing more to count.
pub fn step(tx: &mut Tx, id: u32, limit: usize) -> Result<bool, Fault> {
    let (Some(mut broadcast), Some(mut preview)) = (tx.get(&BROADCASTS, &id)?, tx.get(&PREVIEWS, &id)?)
    else {
        return Ok(false);
    };
    if preview.done {
        return Ok(false);
    }
    let plan = &broadcast.plan;
    let page = followers(tx, id, &plan.audience, preview.looked_to.as_ref(), limit)?;
    for (who, contact) in page.rows {
        preview.looked_at += 1;
        if contact.subscribed && fits(tx, &who, &contact, &plan.audience, id)? {
            preview.count(plan, &who, &contact, tx.moment().now);
        }
    }
    preview.done = page.next.is_none();
    preview.looked_to = page.next;
    tx.put(&PREVIEWS, &id, &preview)?;
    if preview.done && broadcast.state == State::Draft {
        broadcast.state = State::Previewed;
        broadcast.changed = tx.moment().now;
        tx.put(&BROADCASTS, &id, &broadcast)?;
    }
    Ok(!preview.done)
}

impl Preview {
    fn count(&mut self, plan: &Plan, who: &FollowerId, contact: &Contact, now: Time) {
        self.matched += 1;
        match rules::way_to(plan, contact, now, &self.limits, 0) {
            Ok(way) => *self.ways.entry(way).or_default() += 1,
            Err(skip) => *self.skipped.entry(skip.code().to_owned()).or_default() += 1,
        }
        let left = contact.reach.mass_left(now, &self.limits.quotas());
        if let Some(count) = self.mass_left.get_mut(usize::from(left)) {
            *count += 1;
        }
        self.draw(who);
    }

    /// Keeps those with the smallest hash: a sample in which everybody is as likely, without a second pass.
    fn draw(&mut self, who: &FollowerId) {
        let seed = self.begun.unix_ms().cast_unsigned();
        self.sample.push(who.clone());
        self.sample.sort_by_key(|who| xxh3_64_with_seed(who.as_str().as_bytes(), seed));
        self.sample.truncate(SAMPLE);
    }

    pub fn reachable(&self) -> u64 {
        self.ways.values().sum()
    }

    /// How long sending takes, quiet hours left out: messages at the plan's rate, mass sends a chunk every second.
    pub fn sending(&self, plan: &Plan) -> Duration {
        self.left(plan, self.reachable())
    }

    /// How long it takes for so many of them who are left, whose ways are as those of all.
    pub fn left(&self, plan: &Plan, left: impl Into<u64>) -> Duration {
        let (left, all) = (left.into(), self.reachable().max(1));
        let mass = self.ways.get(&Way::Mass).copied().unwrap_or_default();
        let mass = (u128::from(left) * u128::from(mass)).div_ceil(u128::from(all)) as u64;
        let single = left.saturating_sub(mass);
        let chunks = mass.div_ceil(u64::from(self.limits.chunk_max).max(1));
        Duration::from_secs(single.div_ceil(u64::from(plan.rate_per_second).max(1)) + chunks)
    }

    /// When it would be over if it were started at `now`.
    pub fn ends(&self, plan: &Plan, now: Time) -> Time {
        let start = plan.not_before.map_or(now, |at| at.max(now));
        rules::ends(start, self.sending(plan), plan.quiet)
    }
}
