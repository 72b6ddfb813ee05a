//! Runs broadcasts: asks each what it wants next, makes the calls, writes down what came of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Words;
use super::lanes::{Lane, Lanes};
use super::platform::{Call, Platform};
use super::settle::pace;
use super::stats::{Stats, outcome as outcome_name};
use crate::domain::broadcast::agenda::{Agenda, agenda, open};
use crate::domain::broadcast::build::build;
use crate::domain::broadcast::chunks::{self, ChunkCall, members, settle_chunk, take_chunk};
use crate::domain::broadcast::ledger::{MassEnd, Message, Numbers, Outcome, Reason, Recipient};
use crate::domain::broadcast::reads::count_under;
use crate::domain::broadcast::record::Form;
use crate::domain::broadcast::settle::{interrupted, settle};
use crate::domain::broadcast::take::take;
use crate::domain::broadcast::tidy::tidy;
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::BROADCASTS;
use crate::moment::{Clock, Time};
use crate::store::{Fault, Store, SubmitError, Tx};
use crate::wechat::api::{
    Failure, MassContent, MassStatus, MiniProgram, Reaction, SubscriptionMessage, TemplateMessage,
    Unreachable, advice, is_for_everybody,
};

/// Looked for work this often when there was none.
const IDLE: Duration = Duration::from_millis(200);
/// After the store refused, or while WeChat is out of reach.
const PAUSE: Duration = Duration::from_secs(1);
/// Rows looked at in one command.
const STEP_ROWS: usize = 200;
/// Recipients taken at once are what may be in doubt after a crash.
const TAKEN_MAX: u32 = 100;
/// By then WeChat has counted who read articles on the day before (数据统计: from eight on).
const READS_COUNTED_BY: (i8, i8) = (8, 30);
/// Mass sends whose end WeChat has not told are asked about this often.
const ASK_EVERY: Duration = Duration::from_secs(600);

/// Cheap to clone.
#[derive(Clone)]
pub struct Runs {
    pub store: Store,
    pub platform: Arc<dyn Platform>,
    pub clock: Arc<dyn Clock>,
    pub words: Arc<dyn Words>,
    pub lanes: Lanes,
    pub stats: Stats,
    /// Calls under way at once, of one broadcast.
    pub in_flight_max: usize,
}

type Done = Result<(), SubmitError>;

impl Runs {
    /// Works until told to stop; then the calls that are under way finish.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while let Err(error) = self.recover().await {
            tracing::warn!(%error, "broadcasts could not be taken up yet");
            tokio::time::sleep(PAUSE).await;
            if *stop.borrow() {
                return;
            }
        }
        let asking = tokio::spawn(self.clone().ask_now_and_then());
        let (mut driven, mut at_work) = (JoinSet::new(), BTreeSet::new());
        while !*stop.borrow() {
            match self.open().await {
                Ok(ids) => {
                    for id in ids.into_iter().filter(|id| at_work.insert(*id)) {
                        let (runs, stop) = (self.clone(), stop.clone());
                        driven.spawn(async move { (id, runs.drive(id, &stop).await) });
                    }
                }
                Err(error) => tracing::warn!(%error, "broadcasts could not be looked for"),
            }
            tokio::select! {
                _ = stop.changed() => {}
                Some(ended) = driven.join_next(), if !driven.is_empty() => {
                    if let Ok((id, driven)) = ended {
                        at_work.remove(&id);
                        if let Err(error) = driven {
                            tracing::warn!(broadcast = id, %error, "a broadcast waits for the store");
                        }
                    }
                    tokio::time::sleep(IDLE).await;
                }
                () = tokio::time::sleep(IDLE) => {}
            }
        }
        asking.abort();
        while driven.join_next().await.is_some() {}
    }

    /// Everything that broadcasts ask for now. For replays and tests, which move the clock themselves.
    pub async fn step(&self) -> Done {
        let (_going_on, stop) = watch::channel(false);
        for id in self.open().await? {
            self.drive(id, &stop).await?;
        }
        Ok(())
    }

    /// What was in flight when the service stopped.
    pub async fn recover(&self) -> Done {
        for id in self.open().await? {
            while self.submit(move |tx| interrupted(tx, id, STEP_ROWS)).await? {}
        }
        Ok(())
    }

    async fn open(&self) -> Result<Vec<u32>, SubmitError> {
        self.store.read(self.clock.moment(), |tx| open(tx)).await
    }

    /// Goes on with one broadcast until it has to wait for something.
    async fn drive(&self, id: u32, stop: &watch::Receiver<bool>) -> Done {
        while !*stop.borrow() {
            match self.store.read(self.clock.moment(), move |tx| agenda(tx, id)).await? {
                Agenda::Build => drop(self.submit(move |tx| build(tx, id, STEP_ROWS)).await?),
                Agenda::Take | Agenda::Chunk if self.lanes.out_of_reach(self.now()).is_some() => {
                    return Ok(());
                }
                Agenda::Take => self.take(id).await?,
                Agenda::Chunk => self.chunk(id).await?,
                Agenda::Tidy => drop(self.submit(move |tx| tidy(tx, id, STEP_ROWS)).await?),
                Agenda::Wait(_) | Agenda::Idle | Agenda::Over => return Ok(()),
            }
        }
        Ok(())
    }

    async fn take(&self, id: u32) -> Done {
        let rate = self.store.read(self.clock.moment(), move |tx| rate(tx, id)).await?;
        let limit = (rate / 4).clamp(1, TAKEN_MAX) as usize;
        let online = self.words.online();
        let recipients = self.submit(move |tx| take(tx, id, limit, &online)).await?;
        let (began, distance) = (Instant::now(), Duration::from_secs(1) / rate.max(1));
        let room = Arc::new(Semaphore::new(self.in_flight_max.max(1)));
        let mut sending = JoinSet::new();
        for (index, recipient) in (0u32..).zip(recipients) {
            let (runs, room) = (self.clone(), Arc::clone(&room));
            sending.spawn(async move {
                tokio::time::sleep_until(began + distance * index).await;
                let _permit = room.acquire().await;
                let outcome = runs.send(id, &recipient).await;
                (recipient, outcome)
            });
        }
        let mut outcomes = Vec::new();
        while let Some(sent) = sending.join_next().await {
            outcomes.extend(sent.inspect_err(|panic| tracing::error!(%panic, "a call panicked")));
        }
        let settled = outcomes.len() as u32;
        if settled > 0 {
            self.settle_patiently(move |tx| settle(tx, id, &outcomes)).await;
            tokio::time::sleep_until(began + distance * settled).await;
        }
        Ok(())
    }

    async fn send(&self, id: u32, recipient: &Recipient) -> Outcome {
        let call = call(recipient);
        self.lanes.slot(call.lane()).await;
        if is_late(recipient.not_after, self.now()) {
            return Outcome::Retry;
        }
        let answer = self.platform.send(&call).await;
        self.heard(id, &call, &answer);
        outcome(answer, self.now())
    }

    async fn chunk(&self, id: u32) -> Done {
        let Some(chunk) = self.submit(move |tx| take_chunk(tx, id)).await? else { return Ok(()) };
        let (number, not_after) = (chunk.number, chunk.not_after);
        let Some(to) = self.members(id, number).await else { return Ok(()) };
        let call = Call::Mass { to, content: content(&chunk), client_msg_id: chunk.client_id };
        self.lanes.slot(Lane::Mass).await;
        let (outcome, data_id) = match is_late(not_after, self.now()) {
            true => (Outcome::Retry, None),
            false => {
                let answer = self.platform.send(&call).await;
                self.heard(id, &call, &answer);
                let data_id = answer.as_ref().ok().and_then(|taken| taken.data_id.clone());
                (outcome(answer, self.now()), data_id)
            }
        };
        self.settle_patiently(move |tx| {
            settle_chunk(tx, id, number, &outcome)?;
            data_id.as_ref().map_or(Ok(()), |data_id| count_under(tx, id, number, data_id))
        })
        .await;
        Ok(())
    }

    /// The chunk is marked by now: a store that is busy is waited for. `None` if it was closed.
    pub(super) async fn members(&self, id: u32, number: u32) -> Option<Vec<String>> {
        let (mut openids, mut after): (Vec<String>, Option<FollowerId>) = (Vec::new(), None);
        loop {
            let from = after.clone();
            let page = move |tx: &mut Tx| members(tx, id, number, from.clone(), STEP_ROWS);
            match self.store.read(self.clock.moment(), page).await {
                Ok((found, next)) => {
                    openids.extend(found.iter().map(|who| who.as_str().to_owned()));
                    after = match next {
                        Some(next) => Some(next),
                        None => return Some(openids),
                    };
                }
                Err(SubmitError::Closed) => return None,
                Err(error) => {
                    tracing::warn!(broadcast = id, %error, "a mass send waits for the store");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn heard(&self, id: u32, call: &Call, answer: &super::settle::Answer) {
        pace(&self.lanes, call, answer, self.now());
        let reaction = answer.as_ref().err().map(|failure| &failure.reaction);
        self.stats.count(call.lane().name(), reaction);
        let Err(failure) = answer else { return };
        let (lane, outcome) = (call.lane().name(), outcome_name(&failure.reaction));
        tracing::warn!(broadcast = id, lane, outcome, %failure, "a broadcast's call failed");
    }

    /// What came of calls must not be lost because the store is busy or full for a while.
    async fn settle_patiently(
        &self,
        command: impl Fn(&mut Tx) -> Result<(), Fault> + Clone + Send + Sync + 'static,
    ) {
        loop {
            match self.submit(command.clone()).await {
                Ok(()) | Err(SubmitError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "what came of a broadcast's calls can't be written down yet")
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn ask_now_and_then(self) {
        let mut asked_on = None;
        loop {
            tokio::time::sleep(ASK_EVERY).await;
            if let Err(error) = self.ask().await {
                tracing::warn!(%error, "the ends of mass sends could not be asked for");
            }
            let now = self.now();
            let counted = Time::at(now.date(), READS_COUNTED_BY.0, READS_COUNTED_BY.1);
            if asked_on == Some(now.date()) || counted.is_none_or(|counted| now < counted) {
                continue;
            }
            match self.ask_reads().await {
                Ok(()) => asked_on = Some(now.date()),
                Err(error) => tracing::warn!(%error, "how often articles were read could not be asked for"),
            }
        }
    }

    /// Asks WeChat how mass sends ended whose end it has not told.
    pub async fn ask(&self) -> Done {
        let unfinished = |tx: &mut Tx| {
            let mut all = Vec::new();
            for (id, _) in tx.scan_back(&crate::domain::tables::OPEN_BROADCASTS, &(), None, STEP_ROWS)?.rows {
                all.extend(chunks::unfinished(tx, id)?);
            }
            Ok(all)
        };
        for msg_id in self.store.read(self.clock.moment(), unfinished).await? {
            let failed = match self.platform.mass_status(&msg_id).await {
                Ok(MassStatus::Failed | MassStatus::Deleted) => true,
                Ok(MassStatus::Sent) => false,
                _ => continue,
            };
            let end = MassEnd { failed, numbers: Numbers::default() };
            self.submit(move |tx| chunks::mass_finished(tx, &msg_id, end)).await?;
        }
        Ok(())
    }

    async fn submit<T: Send + 'static>(
        &self,
        command: impl Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> Result<T, SubmitError> {
        self.store.submit(self.clock.moment(), command).await
    }

    fn now(&self) -> Time {
        self.clock.moment().now
    }
}

fn rate(tx: &Tx, id: u32) -> Result<u32, Fault> {
    Ok(tx.get(&BROADCASTS, &id)?.map_or(1, |broadcast| broadcast.plan.rate_per_second.max(1)))
}

/// A lane may have stood still so long that WeChat would take a repeat for another message.
fn is_late(not_after: Option<Time>, now: Time) -> bool {
    not_after.is_some_and(|until| now > until)
}

fn call(recipient: &Recipient) -> Call {
    let to = recipient.follower.as_str().to_owned();
    match &recipient.message {
        Message::Custom { text } => {
            Call::Custom { to, message: crate::wechat::api::CustomMessage::Text { content: text.clone() } }
        }
        Message::Template { form, client_id } => Call::Template(TemplateMessage {
            touser: to,
            template_id: form.template_id.clone(),
            url: form.url.clone(),
            miniprogram: mini_program(form),
            data: form.fields.clone(),
            client_msg_id: Some(client_id.clone()),
        }),
        Message::Subscription { form } => Call::Subscription(SubscriptionMessage {
            touser: to,
            template_id: form.template_id.clone(),
            page: form.url.clone(),
            miniprogram: mini_program(form),
            data: form.fields.clone(),
        }),
    }
}

fn mini_program(form: &Form) -> Option<MiniProgram> {
    let to = |program: &crate::domain::broadcast::record::MiniProgram| MiniProgram {
        appid: program.app_id.clone(),
        pagepath: Some(program.page.clone()),
    };
    form.mini_program.as_ref().map(to)
}

fn content(chunk: &ChunkCall) -> MassContent {
    match &chunk.content {
        chunks::MassContent::Article(media_id) => {
            MassContent::MpNews { media_id: media_id.clone(), as_reprint: true }
        }
        chunks::MassContent::Text(text) => MassContent::Text { content: text.clone() },
    }
}

fn outcome(answer: super::settle::Answer, now: Time) -> Outcome {
    let Failure { code, message, reaction, .. } = match answer {
        Ok(taken) => return Outcome::Sent { msg_id: taken.msg_id },
        Err(failure) => failure,
    };
    match reaction {
        Reaction::Retry => Outcome::Retry,
        Reaction::Uncertain => Outcome::Uncertain,
        Reaction::SlowDown(pause) => Outcome::SlowDown { until: pause.ends(now) },
        Reaction::AlreadyDone { msg_id } => Outcome::Sent { msg_id },
        Reaction::Unreachable(why) => Outcome::Shut(reason(why)),
        Reaction::Permanent if code.is_some_and(is_for_everybody) => {
            let advice = code.and_then(advice).unwrap_or_default();
            Outcome::Misconfigured { what: format!("{advice} ({message})") }
        }
        Reaction::Permanent => {
            Outcome::Rejected { code: code.and_then(|code| code.try_into().ok()).unwrap_or(-1) }
        }
        Reaction::Misconfigured(advice) => Outcome::Misconfigured { what: format!("{advice} ({message})") },
    }
}

fn reason(why: Unreachable) -> Reason {
    match why {
        Unreachable::NotFollowing => Reason::NotFollowing,
        Unreachable::WindowClosed => Reason::WindowShut,
        Unreachable::QuotaUsed => Reason::QuotaUsed,
        Unreachable::Refused => Reason::Refused,
        Unreachable::UnknownId => Reason::UnknownId,
        Unreachable::Limited => Reason::Limited,
    }
}
