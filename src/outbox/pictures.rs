//! Fetches the pictures that followers sent, before WeChat drops them, and keeps them sealed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::lanes::{Lane, Lanes};
use super::looking::{self, NoPicture};
use super::stats::Stats;
use crate::domain::media::commands::{Fetched, due, expire, put_off, removed, settle, unused};
use crate::domain::media::record::{Look, Media};
use crate::domain::outbox::rules::next_attempt;
use crate::moment::{Clock, Moment};
use crate::store::{SealedFiles, Store, SubmitError, Tx};
use crate::wechat::api::{Boxed, Client, Failure, Reaction};

/// WeChat's pictures have at most 10 MB.
const PICTURE_BYTES_MAX: usize = 10 << 20;
const AT_ONCE: usize = 4;
const IDLE: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_secs(5);
/// What failed by a fault of the store's keeps no other waiting.
const AGAIN_AFTER: Duration = Duration::from_secs(600);
const EXPIRED_AT_ONCE: usize = 100;
const EXPIRE_EVERY: Duration = Duration::from_secs(3600);

/// Where pictures come from.
pub trait Gallery: Send + Sync + 'static {
    fn fetch<'a>(&'a self, media_id: &'a str) -> Boxed<'a, Result<Vec<u8>, Failure>>;
}

impl Gallery for Client {
    fn fetch<'a>(&'a self, media_id: &'a str) -> Boxed<'a, Result<Vec<u8>, Failure>> {
        Box::pin(async move { self.media_get(media_id).await?.whole(PICTURE_BYTES_MAX).await })
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Pictures {
    pub store: Store,
    pub gallery: Arc<dyn Gallery>,
    pub files: SealedFiles,
    pub clock: Arc<dyn Clock>,
    pub lanes: Lanes,
    pub stats: Stats,
    /// Held from storing a document to the row that needs it, so that none is deleted in between as unused.
    pub storing: Arc<tokio::sync::Mutex<()>>,
}

impl Pictures {
    /// Works until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let expiring = tokio::spawn(self.clone().expire_now_and_then());
        while !*stop.borrow() {
            let pause = match self.step().await {
                Ok(true) => Duration::ZERO,
                Ok(false) => IDLE,
                Err(error) => {
                    tracing::warn!(%error, "pictures could not be fetched or written down");
                    PAUSE
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        expiring.abort();
    }

    /// Fetches a few of those that are due. Returns whether there were any.
    pub async fn step(&self) -> Result<bool, SubmitError> {
        let now = self.clock.moment().now;
        if self.lanes.out_of_reach(now).or(self.lanes.held(Lane::Media, now)).is_some() {
            return Ok(false);
        }
        let wanted = self.store.read(self.clock.moment(), |tx| due(tx, AT_ONCE)).await?;
        let any = !wanted.is_empty();
        for (id, media) in wanted {
            let _storing = self.storing.lock().await;
            let fetched = self.fetch(id, &media).await;
            let settled = self.store.submit(self.clock.moment(), move |tx| settle(tx, id, &fetched)).await;
            match settled {
                // Something that it belongs to can't be read.
                Err(error @ (SubmitError::Fault(_) | SubmitError::Bug(_))) => {
                    tracing::error!(id, %error, "what became of a picture can't be written down");
                    let until = now.plus(AGAIN_AFTER);
                    self.store.submit(self.clock.moment(), move |tx| put_off(tx, id, until)).await?;
                }
                settled => settled?,
            }
        }
        Ok(any)
    }

    async fn fetch(&self, id: u64, media: &Media) -> Fetched {
        self.lanes.slot(Lane::Media).await;
        let answer = self.gallery.fetch(media.media_id.reveal()).await;
        let reaction = answer.as_ref().err().map(|failure| &failure.reaction);
        self.stats.count(Lane::Media.name(), reaction);
        let moment = self.clock.moment();
        match answer {
            Ok(picture) => {
                self.lanes.answered();
                self.keep(id, picture, media, moment).await
            }
            Err(failure) => {
                tracing::warn!(id, %failure, "a picture was not fetched");
                self.later(&failure, media, moment)
            }
        }
    }

    fn later(&self, failure: &Failure, media: &Media, moment: Moment) -> Fetched {
        let backed_off = next_attempt(media.attempts.saturating_add(1), moment);
        match &failure.reaction {
            Reaction::Retry | Reaction::Uncertain => {
                self.lanes.troubled(moment.now);
                Fetched::Again { at: backed_off }
            }
            Reaction::SlowDown(pause) => {
                let until = pause.ends(moment.now);
                self.lanes.hold(Lane::Media, until);
                Fetched::Again { at: until }
            }
            Reaction::Misconfigured(advice) => {
                tracing::error!(advice, "WeChat gives no pictures");
                Fetched::Again { at: backed_off }
            }
            Reaction::Permanent | Reaction::Unreachable(_) | Reaction::AlreadyDone { .. } => {
                Fetched::Gone { why: failure.to_string() }
            }
        }
    }

    /// On disk before a row says so.
    async fn keep(&self, id: u64, picture: Vec<u8>, media: &Media, moment: Moment) -> Fetched {
        let Some(content_type) = picture_type(&picture) else {
            return Fetched::Gone { why: "what came is no picture".to_owned() };
        };
        let (files, bytes, picture) = (self.files.clone(), picture.len() as u64, Arc::new(picture));
        let look = match looked_at(Arc::clone(&picture)).await {
            Ok(look) => look,
            Err(no_picture) => return Fetched::Gone { why: no_picture.to_string() },
        };
        let stored = tokio::task::spawn_blocking(move || files.put(&picture)).await;
        match stored {
            Ok(Ok(document)) => {
                let content_type = content_type.to_owned();
                Fetched::Kept { document, bytes, content_type, look }
            }
            other => {
                let error = other.map_or_else(
                    |panic| panic.to_string(),
                    |stored| match stored {
                        Err(error) => error.to_string(),
                        Ok(_) => String::new(),
                    },
                );
                tracing::error!(id, error, "a picture could not be stored; it is fetched again");
                Fetched::Again { at: next_attempt(media.attempts.saturating_add(1), moment) }
            }
        }
    }

    async fn expire_now_and_then(self) {
        loop {
            if let Err(error) = self.expire().await {
                tracing::warn!(error, "old pictures could not be deleted");
            }
            tokio::time::sleep(EXPIRE_EVERY).await;
        }
    }

    /// Deletes pictures whose time is over.
    pub async fn expire(&self) -> Result<(), String> {
        loop {
            let _storing = self.storing.lock().await;
            let expired = |tx: &mut Tx| expire(tx, EXPIRED_AT_ONCE);
            let (_, more) =
                self.store.submit(self.clock.moment(), expired).await.map_err(|error| error.to_string())?;
            let all = self.remove_unused().await?;
            if !more && all {
                return Ok(());
            }
        }
    }

    /// Also what was to be deleted before a crash, or when the disk refused it. Whether these were all.
    async fn remove_unused(&self) -> Result<bool, String> {
        let found = self.store.read(self.clock.moment(), |tx| unused(tx, EXPIRED_AT_ONCE)).await;
        let found = found.map_err(|error| error.to_string())?;
        let (all, mut refused) = (found.len() < EXPIRED_AT_ONCE, Ok(()));
        let mut gone = Vec::new();
        for document in found {
            match self.files.remove(&document) {
                Ok(()) => gone.push(document),
                Err(error) => refused = Err(error.to_string()),
            }
        }
        let noted = self.store.submit(self.clock.moment(), move |tx| removed(tx, &gone)).await;
        noted.map_err(|error| error.to_string())?;
        refused.map(|()| all)
    }
}

/// A decoder that trips over a picture is no reason to lose it: it is kept, and people look.
async fn looked_at(picture: Arc<Vec<u8>>) -> Result<Look, NoPicture> {
    tokio::task::spawn_blocking(move || looking::look(&picture)).await.unwrap_or_else(|panic| {
        tracing::error!(%panic, "a picture could not be looked at");
        Ok(Look::default())
    })
}

/// By the first bytes, for what is announced may be wrong.
fn picture_type(content: &[u8]) -> Option<&'static str> {
    const KINDS: &[(&[u8], &str)] = &[
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF8", "image/gif"),
        (b"BM", "image/bmp"),
    ];
    let webp = content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP");
    let kind = KINDS.iter().find(|(head, _)| content.starts_with(head)).map(|(_, kind)| *kind);
    kind.or(webp.then_some("image/webp"))
}
