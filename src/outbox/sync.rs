//! Pulls the account's followers when staff ask for it, and tells WeChat which tags they are to have.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::lanes::{Lane, Lanes};
use super::stats::Stats;
use crate::domain::followers::{Details, Known, Pull, PullState, advance, fail, get, write_down};
use crate::domain::tags::{self, Change};
use crate::moment::{Clock, Time};
use crate::store::{Fault, Store, SubmitError, Tx};
use crate::wechat::api::{Boxed, Client, Failure, INFOS_AT_ONCE_MAX, Reaction, UserInfo, UserPage};

const IDLE: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_secs(5);
/// Tried so often in a row, with that pause between; then it waits for staff to ask again.
const TRIES_MAX: u32 = 60;
/// Followers that one call tags (WeChat, batchtagging).
const TAGGED_AT_ONCE_MAX: usize = 50;
/// Contacts written in one commit.
const WRITTEN_AT_ONCE: usize = 200;

/// Where followers are listed.
pub trait Directory: Send + Sync + 'static {
    fn page<'a>(&'a self, next: Option<&'a str>) -> Boxed<'a, Result<UserPage, Failure>>;
    fn infos<'a>(&'a self, openids: &'a [String]) -> Boxed<'a, Result<Vec<UserInfo>, Failure>>;
    /// Puts a tag on these followers, or takes it off them.
    fn tag<'a>(&'a self, tag: u32, add: bool, openids: &'a [String]) -> Boxed<'a, Result<(), Failure>>;
}

impl Directory for Client {
    fn page<'a>(&'a self, next: Option<&'a str>) -> Boxed<'a, Result<UserPage, Failure>> {
        Box::pin(self.users(next))
    }

    fn infos<'a>(&'a self, openids: &'a [String]) -> Boxed<'a, Result<Vec<UserInfo>, Failure>> {
        Box::pin(self.user_infos(openids))
    }

    fn tag<'a>(&'a self, tag: u32, add: bool, openids: &'a [String]) -> Boxed<'a, Result<(), Failure>> {
        Box::pin(async move {
            match add {
                true => self.tag_users(tag, openids).await,
                false => self.untag_users(tag, openids).await,
            }
        })
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct FollowerSync {
    pub store: Store,
    pub directory: Arc<dyn Directory>,
    pub clock: Arc<dyn Clock>,
    pub lanes: Lanes,
    pub stats: Stats,
}

/// Why a page was not pulled.
enum Trouble {
    Store(SubmitError),
    /// Worth trying again, when there is a time at that.
    Later(Failure, Option<Time>),
    GiveUp(Failure),
}

impl FollowerSync {
    /// Works until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut tries = 0;
        while !*stop.borrow() {
            let pause = match self.work().await {
                Ok(true) => {
                    tries = 0;
                    Duration::ZERO
                }
                Ok(false) => IDLE,
                Err(trouble) => {
                    tries = if tries < TRIES_MAX { tries + 1 } else { 1 };
                    self.bear(trouble, tries).await
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// The next page, if a pull runs. Returns whether one did. For tests: troubles are told as text.
    pub async fn pull(&self) -> Result<bool, String> {
        self.work().await.map_err(|trouble| match trouble {
            Trouble::Store(error) => error.to_string(),
            Trouble::Later(failure, _) | Trouble::GiveUp(failure) => failure.to_string(),
        })
    }

    /// A page, or a tag for some; false if there is neither to do.
    async fn work(&self) -> Result<bool, Trouble> {
        Ok(self.step().await? || self.tag_some().await?)
    }

    /// Tells WeChat of the next tag that staff changed.
    async fn tag_some(&self) -> Result<bool, Trouble> {
        let Some(change) = self.read(|tx| tags::next(tx, TAGGED_AT_ONCE_MAX)).await? else {
            return Ok(false);
        };
        if !self.tag(&change).await? && change.followers.len() > 1 {
            // One whom WeChat refuses costs the others nothing.
            for who in &change.followers {
                self.tag(&Change { followers: vec![who.clone()], ..change }).await?;
            }
        }
        Ok(true)
    }

    /// Whether WeChat did it. What it will never do for a follower is dropped, and said in the log.
    async fn tag(&self, change: &Change) -> Result<bool, Trouble> {
        self.lanes.slot(Lane::Lookup).await;
        let openids: Vec<String> = change.followers.iter().map(|who| who.as_str().to_owned()).collect();
        let done = match self.answer(self.directory.tag(change.tag, change.add, &openids).await) {
            Ok(()) => true,
            Err(Trouble::GiveUp(failure)) if matches!(failure.reaction, Reaction::Misconfigured(_)) => {
                return Err(Trouble::Later(failure, None)); // a person mends it
            }
            Err(Trouble::GiveUp(failure)) => {
                tracing::error!(%failure, tag = change.tag, followers = openids.len(), "a tag was not changed");
                false
            }
            Err(trouble) => return Err(trouble),
        };
        if done || openids.len() == 1 {
            let change = change.clone();
            self.submit(move |tx| tags::settle(tx, &change, done)).await?;
        }
        Ok(done)
    }

    async fn step(&self) -> Result<bool, Trouble> {
        let running = self.read(get).await?.filter(|sync| sync.state == PullState::Running);
        let Some(Pull { next, details, .. }) = running else { return Ok(false) };
        self.lanes.slot(Lane::Lookup).await;
        let page = self.answer(self.directory.page(next.as_deref()).await)?;
        let mut new = 0;
        for openids in page.openids.chunks(INFOS_AT_ONCE_MAX.min(WRITTEN_AT_ONCE)) {
            let known = self.known(openids, details).await?;
            new += self.submit(move |tx| write_down(tx, &known)).await?;
        }
        let (count, total) = (page.openids.len() as u64, page.total);
        let next = page.next.filter(|_| count > 0);
        self.submit(move |tx| advance(tx, count, new, total, next.as_deref())).await?;
        Ok(true)
    }

    async fn known(&self, openids: &[String], details: bool) -> Result<Vec<Known>, Trouble> {
        if !details {
            let known = |openid: &String| Known { openid: openid.clone(), details: None };
            return Ok(openids.iter().map(known).collect());
        }
        self.lanes.slot(Lane::Lookup).await;
        let infos = self.answer(self.directory.infos(openids).await)?;
        Ok(infos.into_iter().filter(|info| info.follows).map(told).collect())
    }

    fn answer<T>(&self, answer: Result<T, Failure>) -> Result<T, Trouble> {
        let now = self.clock.moment().now;
        self.stats.count(Lane::Lookup.name(), answer.as_ref().err().map(|failure| &failure.reaction));
        answer.map_err(|failure| match &failure.reaction {
            Reaction::Retry | Reaction::Uncertain => Trouble::Later(failure, None),
            Reaction::SlowDown(pause) => {
                let until = pause.ends(now);
                Trouble::Later(failure, Some(until))
            }
            _ => Trouble::GiveUp(failure),
        })
    }

    /// How long to wait after it.
    async fn bear(&self, trouble: Trouble, tries: u32) -> Duration {
        let why = match trouble {
            Trouble::Store(error) => {
                tracing::warn!(%error, "followers can't be written down now");
                return PAUSE;
            }
            Trouble::Later(failure, until) if tries < TRIES_MAX => {
                tracing::warn!(%failure, "followers were not pulled or tagged; it is tried again");
                let wait = until.map_or(PAUSE, |until| until.since(self.clock.moment().now));
                return wait.max(PAUSE).min(Duration::from_secs(60)); // the clock may be moved meanwhile
            }
            Trouble::Later(failure, _) | Trouble::GiveUp(failure) => failure.to_string(),
        };
        tracing::error!(why, "followers were not pulled or tagged; a pull is given up");
        _ = self.submit(move |tx| fail(tx, &why)).await;
        PAUSE
    }

    async fn read<T: Send + 'static>(
        &self,
        query: impl Fn(&Tx) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> Result<T, Trouble> {
        self.store.read(self.clock.moment(), move |tx| query(tx)).await.map_err(Trouble::Store)
    }

    async fn submit<T: Send + 'static>(
        &self,
        command: impl Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> Result<T, Trouble> {
        self.store.submit(self.clock.moment(), command).await.map_err(Trouble::Store)
    }
}

fn told(info: UserInfo) -> Known {
    let scene =
        [info.qr_scene_str, info.qr_scene].into_iter().find(|scene| !scene.is_empty() && scene != "0");
    let followed = info.subscribe_time.map(Time::from_unix_s);
    Known { openid: info.openid, details: Some(Details { tags: info.tags, followed, scene }) }
}
