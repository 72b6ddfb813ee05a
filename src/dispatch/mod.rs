//! One turn: an inbound message and everything it causes, as one commit.

mod desk;
mod dialogue;
mod expired;
mod late;
mod length;
mod load;
#[cfg(test)]
mod meanwhile_tests;
pub mod memory;
mod message;
mod own;
mod route;
#[cfg(test)]
mod shipped;
#[cfg(test)]
mod testing;
pub mod texts;
mod told;
mod turn;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

pub use load::load_content;
pub use memory::Memory;
pub use message::is_waited_for;

use crate::content::Content;
use crate::domain::benefit::claim::holders;
use crate::domain::contact::record::Quotas;
use crate::flows::welfare::Told;
use crate::moment::Moment;
use crate::store::{Store, SubmitError, Tx};
use crate::wechat::message::Inbound;
use crate::wechat::reply::Reply;

/// How often a late reply asks for a place in a full queue, and how long it rests between: a minute in all.
const LATE_TRIES_MAX: u32 = 600;
const LATE_PAUSE: Duration = Duration::from_millis(100);

/// The door for followers' messages. Cheap to clone.
#[derive(Clone)]
pub struct Dispatch {
    store: Store,
    content: Arc<ArcSwap<Content>>,
    quotas: Quotas,
    memory: Memory,
    /// 人工 hands the follower to WeChat's desk.
    desk_on: bool,
    /// Where followers reach this service.
    public_url: Option<Arc<str>>,
}

/// What a turn came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Turned {
    pub follower: String,
    /// `None`: nothing to say, the webhook answers `success`.
    pub reply: Option<Reply>,
    /// The reply's CreateTime, Unix seconds; a retried message gets the one it was first given.
    pub reply_created: i64,
    /// For metrics and logs.
    pub flow: &'static str,
    pub outcome: Outcome,
    /// The message's key, half of what makes it unique (the follower is the other).
    pub key: u64,
    /// How a claim ended, if there was one.
    pub told: Option<Told>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Answered,
    /// Had its effect, with nothing to say.
    Silent,
    /// A retry: the answer it was given before.
    Duplicate,
    /// Created more than 24 hours ago: no effect.
    Stale,
    /// A rule said no, and the follower was told why.
    Refused,
    /// Nothing understood it.
    Missed,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Answered => "answered",
            Outcome::Silent => "silent",
            Outcome::Duplicate => "duplicate",
            Outcome::Stale => "stale",
            Outcome::Refused => "refused",
            Outcome::Missed => "missed",
        }
    }
}

impl Dispatch {
    /// `content` may be exchanged under us when staff edit it; a turn uses the one it began with.
    pub fn new(store: Store, content: Arc<ArcSwap<Content>>, quotas: Quotas) -> Dispatch {
        let memory = Memory::new(memory::Settings::default());
        Dispatch { store, content, quotas, memory, desk_on: false, public_url: None }
    }

    /// With what is answered without a commit.
    pub fn with_memory(self, memory: Memory) -> Dispatch {
        Dispatch { memory, ..self }
    }

    /// With somebody at WeChat's customer-service desk, or with nobody.
    pub fn with_desk(self, desk_on: bool) -> Dispatch {
        Dispatch { desk_on, ..self }
    }

    /// Reached by followers there: what is public is a link in the chat.
    pub fn with_public_url(self, public_url: Option<&str>) -> Dispatch {
        Dispatch { public_url: public_url.map(Arc::from), ..self }
    }

    /// Runs one turn. Returns when its commit is acknowledged; a caller that can't wait so long must not
    /// drop the future but let it finish elsewhere, and hand a reply that came too late to
    /// [`Dispatch::deliver_late`].
    pub async fn turn(&self, message: Arc<Inbound>, moment: Moment) -> Result<Turned, SubmitError> {
        let (content, quotas) = (self.content.load_full(), self.quotas);
        let message = self.memory.in_context(message, moment.now);
        if let Some(turned) = self.memory.answer(&content, &message, moment.now) {
            return Ok(turned);
        }
        let held_back = self.memory.held_back(&message, moment.now);
        let (desk_on, public_url) = (self.desk_on, self.public_url.clone());
        let ran = move |tx: &mut Tx| {
            let public_url = public_url.as_deref();
            let context =
                turn::Context { content: &content, quotas: &quotas, held_back, desk_on, public_url };
            turn::run(tx, context, &message)
        };
        let turned = self.store.submit(moment, ran).await?;
        if turned.told.is_some() {
            self.memory.count_try(&turned.follower, turned.key, moment.now);
        }
        if let Some(load) = turned.told.as_ref().and_then(|told| self.memory.learn(told, moment.now)) {
            tokio::spawn(remember(self.store.clone(), self.memory.clone(), load, moment));
        }
        Ok(turned)
    }

    /// Puts a reply that WeChat no longer waits for into the outbox. What made it late may fill the queue: it waits for a
    /// place.
    pub async fn deliver_late(&self, turned: Turned, moment: Moment) -> Result<(), SubmitError> {
        let (turned, content) = (Arc::new(turned), self.content.load_full());
        let mut tries = 0;
        loop {
            let (turned, content) = (Arc::clone(&turned), Arc::clone(&content));
            match self.store.submit(moment, move |tx| late::deliver(tx, &content, &turned)).await {
                Err(SubmitError::Busy) if tries < LATE_TRIES_MAX => tries += 1,
                delivered => return delivered,
            }
            tokio::time::sleep(LATE_PAUSE).await;
        }
    }
}

/// Asks the store who has one of what is gone, a page at a time, so that they are not told that it is.
async fn remember(store: Store, memory: Memory, mut load: memory::Load, moment: Moment) {
    let (benefit, release, mut after) = (load.benefit, load.release(), None);
    loop {
        let page = store.read(moment, move |tx| holders(tx, benefit, release, after)).await;
        let Ok(Some(page)) = page else { return memory.loaded(load, false, moment.now) };
        after = load.add(&page);
        if after.is_none() {
            return memory.loaded(load, true, moment.now);
        }
    }
}
