//! The worker: claims what is due, makes the calls, settles them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Words;
use super::claim::{Claim, Claimed, claim};
use super::lanes::{Lanes, Rates};
use super::platform::Platform;
use super::settle::{Answer, pace, settle};
use super::stats::{Stats, outcome};
use crate::domain::outbox::commands::{recover, sweep};
use crate::moment::Clock;
use crate::privacy::Short;
use crate::store::{Store, SubmitError};
use crate::wechat::api::Reaction;

#[derive(Debug, Clone)]
pub struct Settings {
    pub rates: Rates,
    /// Calls under way at once.
    pub in_flight_max: usize,
    /// Settled rows are deleted after this.
    pub keep: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { rates: Rates::default(), in_flight_max: 64, keep: Duration::from_secs(90 * 86_400) }
    }
}

/// Looked for what is due this often when there was nothing.
const IDLE: Duration = Duration::from_millis(200);
/// After the store refused, or while WeChat is out of reach.
const PAUSE: Duration = Duration::from_secs(1);
const RECOVERED_AT_ONCE: usize = 50;
const SWEPT_AT_ONCE: usize = 200;
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// Tried so often to write down what became of a call, if it isn't the store that is busy or full; then it counts as
/// interrupted at the next start.
const SETTLE_TRIES: u32 = 60;

/// Cheap to clone.
#[derive(Clone)]
pub struct Outbox(Arc<Shared>);

struct Shared {
    store: Store,
    platform: Arc<dyn Platform>,
    words: Arc<dyn Words>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    lanes: Lanes,
    stats: Stats,
}

impl Outbox {
    pub fn new(
        store: Store,
        platform: Arc<dyn Platform>,
        words: Arc<dyn Words>,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Outbox {
        let lanes = Lanes::new(&settings.rates);
        Outbox(Arc::new(Shared { store, platform, words, clock, settings, lanes, stats: Stats::default() }))
    }

    pub fn stats(&self) -> &Stats {
        &self.0.stats
    }

    /// Shared with whatever else calls WeChat.
    pub fn lanes(&self) -> &Lanes {
        &self.0.lanes
    }

    /// Works until told to stop; then finishes the calls that are under way.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        self.recover_patiently(&stop).await;
        let sweeper = tokio::spawn(self.clone().sweep_now_and_then());
        let mut running = JoinSet::new();
        while !*stop.borrow() {
            let room = self.0.settings.in_flight_max.saturating_sub(running.len());
            let claimed = self.claim(room).await;
            let pause = match &claimed {
                Ok(claim) if claim.is_last => IDLE,
                Ok(_) => Duration::ZERO,
                Err(_) => PAUSE,
            };
            for claimed in claimed.unwrap_or_default().calls {
                let outbox = self.clone();
                running.spawn(async move { outbox.deliver(claimed).await });
            }
            let is_full = running.len() >= self.0.settings.in_flight_max;
            tokio::select! {
                _ = stop.changed() => {}
                _ = running.join_next(), if !running.is_empty() => {}
                () = tokio::time::sleep(pause), if !is_full => {}
            }
        }
        sweeper.abort();
        while running.join_next().await.is_some() {}
    }

    /// One round of what is due. Returns whether there was anything. For replays and tests, which move the clock
    /// themselves.
    pub async fn step(&self) -> Result<bool, SubmitError> {
        let claim = self.claim(self.0.settings.in_flight_max).await?;
        let mut running = JoinSet::new();
        for claimed in claim.calls {
            let outbox = self.clone();
            running.spawn(async move { outbox.deliver(claimed).await });
        }
        while running.join_next().await.is_some() {}
        Ok(!claim.is_last)
    }

    /// Rows that were in flight when the service stopped; none after a stop in order.
    pub async fn recover(&self) -> Result<(), SubmitError> {
        loop {
            let moment = self.0.clock.moment();
            if self.0.store.submit(moment, |tx| recover(tx, RECOVERED_AT_ONCE)).await? < RECOVERED_AT_ONCE {
                return Ok(());
            }
        }
    }

    async fn recover_patiently(&self, stop: &watch::Receiver<bool>) {
        while let Err(error) = self.recover().await {
            tracing::warn!(%error, "what was in flight could not be taken up yet");
            tokio::time::sleep(PAUSE).await;
            if *stop.borrow() {
                return;
            }
        }
    }

    async fn claim(&self, limit: usize) -> Result<Claim, SubmitError> {
        let moment = self.0.clock.moment();
        if limit == 0 || self.0.lanes.out_of_reach(moment.now).is_some() {
            return Ok(Claim { calls: Vec::new(), is_last: true });
        }
        let (words, lanes) = (Arc::clone(&self.0.words), self.0.lanes.clone());
        self.0.store.submit(moment, move |tx| claim(tx, &*words, &lanes, limit)).await
    }

    async fn deliver(&self, claimed: Claimed) {
        let Claimed { id, call } = claimed;
        self.0.lanes.slot(call.lane()).await;
        let answer = self.0.platform.send(&call).await;
        pace(&self.0.lanes, &call, &answer, self.0.clock.moment().now);
        self.tell(id, &call, &answer);
        let call = Arc::new(call);
        let mut tries = 0;
        while tries < SETTLE_TRIES {
            let (call, answer) = (Arc::clone(&call), answer.clone());
            let settled = move |tx: &mut crate::store::Tx| settle(tx, id, &call, &answer);
            match self.0.store.submit(self.0.clock.moment(), settled).await {
                Ok(()) | Err(SubmitError::Closed) => return,
                Err(error) => {
                    tries += u32::from(!error.passes());
                    tracing::warn!(%error, id, "what became of a message could not be written down yet");
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn tell(&self, id: u64, call: &super::Call, answer: &Answer) {
        let (lane, to) = (call.lane().name(), Short(call.to()));
        let reaction = answer.as_ref().err().map(|failure| &failure.reaction);
        self.0.stats.count(lane, reaction);
        match answer {
            Ok(_) => tracing::info!(id, lane, %to, "told"),
            Err(failure) => {
                let outcome = outcome(&failure.reaction);
                match failure.reaction {
                    Reaction::Misconfigured(advice) => {
                        tracing::error!(id, lane, outcome, %failure, advice, "WeChat refuses calls of this kind");
                    }
                    _ => tracing::warn!(id, lane, %to, outcome, %failure, "not told"),
                }
            }
        }
    }

    async fn sweep_now_and_then(self) {
        loop {
            if let Err(error) = self.sweep().await {
                tracing::warn!(%error, "old outbox rows could not be deleted");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    }

    /// Deletes settled rows that are old enough, a few at a time.
    pub async fn sweep(&self) -> Result<(), SubmitError> {
        let mut after = None;
        loop {
            let moment = self.0.clock.moment();
            let before = moment.now.minus(self.0.settings.keep);
            let swept = move |tx: &mut crate::store::Tx| sweep(tx, before, after, SWEPT_AT_ONCE);
            after = self.0.store.submit(moment, swept).await?;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}
