use std::time::Duration;

use super::record::{Look, Media, MediaState, OF_ONE_FOLLOWER_MAX, UNASKED_DAYS, WECHAT_KEEPS};
use crate::domain::claim::pages;
use crate::domain::contact::record::FollowerId;
use crate::domain::counters::next_number;
use crate::domain::outbox;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{DOCUMENTS, DOCUMENTS_UNUSED, MEDIA, MEDIA_DUE, MEDIA_OF, MEDIA_UNTIL};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

const WHY_CHARS_MAX: usize = 200;
/// Rows that can't be read, looked at besides those that can.
const PASSED_OVER_MAX: usize = 50;

/// What fetching came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    Kept {
        document: String,
        bytes: u64,
        content_type: String,
        look: Look,
    },
    /// Not now: again then, unless WeChat will have dropped it.
    Again {
        at: Time,
    },
    Gone {
        why: String,
    },
}

/// A follower sent a picture: it is to be fetched. `None` if they sent too many.
pub fn want(tx: &mut Tx, from: &FollowerId, media_id: &str) -> Result<Option<u64>, Fault> {
    if tx.scan(&MEDIA_OF, &(from.clone(),), None, OF_ONE_FOLLOWER_MAX)?.rows.len() >= OF_ONE_FOLLOWER_MAX {
        return Ok(None);
    }
    let id = next_number(tx, "media")?;
    let now = tx.moment().now;
    let media = Media {
        from: from.clone(),
        media_id: Sealed::new(media_id.to_owned()),
        received: now,
        state: MediaState::Wanted { due: now },
        attempts: 0,
        until: now.plus(Duration::from_secs(u64::from(UNASKED_DAYS) * 86_400)),
        owned: false,
    };
    tx.put(&MEDIA, &id, &media)?;
    tx.put(&MEDIA_DUE, &(now, id), &())?;
    tx.put(&MEDIA_OF, &(from.clone(), id), &())?;
    tx.put(&MEDIA_UNTIL, &(media.until, id), &())?;
    Ok(Some(id))
}

/// What is to be fetched now, at most `limit`.
pub fn due(tx: &Tx, limit: usize) -> Result<Vec<(u64, Media)>, Fault> {
    let now = tx.moment().now;
    let mut found = Vec::new();
    for ((due, id), ()) in tx.scan(&MEDIA_DUE, &(), None, limit + PASSED_OVER_MAX)?.rows {
        match tx.get(&MEDIA, &id) {
            Ok(Some(media)) if due <= now => found.push((id, media)),
            // A row that can't be read keeps no other waiting; the nightly check tells of it.
            Ok(_) | Err(Fault::Damaged { .. }) => {}
            Err(fault) => return Err(fault),
        }
    }
    found.truncate(limit);
    Ok(found)
}

/// What became of it can't be written down: it waits, and keeps no other waiting.
pub fn put_off(tx: &mut Tx, id: u64, until: Time) -> Result<(), Fault> {
    let Some(mut media) = tx.get(&MEDIA, &id)? else { return Ok(()) };
    let MediaState::Wanted { due } = media.state else { return Ok(()) };
    tx.delete(&MEDIA_DUE, &(due, id))?;
    tx.put(&MEDIA_DUE, &(until, id), &())?;
    media.state = MediaState::Wanted { due: until };
    tx.put(&MEDIA, &id, &media)
}

/// Writes down what fetching came to. One that can't be fetched any more is asked for again.
pub fn settle(tx: &mut Tx, id: u64, fetched: &Fetched) -> Result<(), Fault> {
    let Some(mut media) = tx.get(&MEDIA, &id)? else { return keep_nothing(tx, fetched) };
    let MediaState::Wanted { due } = media.state else { return Ok(()) };
    tx.delete(&MEDIA_DUE, &(due, id))?;
    media.attempts = media.attempts.saturating_add(1);
    media.state = match fetched {
        Fetched::Kept { document, bytes, content_type, look } => {
            let uses = tx.get(&DOCUMENTS, document)?.unwrap_or(0);
            tx.put(&DOCUMENTS, document, &(uses + 1))?;
            tx.delete(&DOCUMENTS_UNUSED, document)?;
            MediaState::Kept {
                document: document.clone(),
                bytes: *bytes,
                content_type: content_type.clone(),
                look: Some(look.clone()),
            }
        }
        Fetched::Again { at } if at.since(media.received) < WECHAT_KEEPS => MediaState::Wanted { due: *at },
        Fetched::Again { .. } => lose(tx, &media, "WeChat could not be reached for three days")?,
        Fetched::Gone { why } => lose(tx, &media, why)?,
    };
    fetch_if_kept(tx, id, &media)?;
    tx.put(&MEDIA, &id, &media)?;
    pages::look(tx, id)
}

/// Nobody fetches what is over: it was taken out, or its follower wants to be forgotten.
fn fetch_if_kept(tx: &mut Tx, id: u64, media: &Media) -> Result<(), Fault> {
    let MediaState::Wanted { due } = media.state else { return Ok(()) };
    match media.until > tx.moment().now {
        true => tx.put(&MEDIA_DUE, &(due, id), &()),
        false => tx.delete(&MEDIA_DUE, &(due, id)),
    }
}

/// It was forgotten while it was fetched: so is the file.
fn keep_nothing(tx: &mut Tx, fetched: &Fetched) -> Result<(), Fault> {
    match fetched {
        Fetched::Kept { document, .. } if tx.get(&DOCUMENTS, document)?.is_none() => {
            tx.put(&DOCUMENTS_UNUSED, document, &())
        }
        _ => Ok(()),
    }
}

/// What is known of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    Lost,
    Kept { document: String, look: Look },
}

impl Seen {
    /// Has it that content?
    pub fn is(&self, content: &str) -> bool {
        matches!(self, Seen::Kept { document, .. } if document == content)
    }
}

/// `None` while it is being fetched.
pub fn seen(tx: &Tx, id: u64) -> Result<Option<Seen>, Fault> {
    Ok(tx.get(&MEDIA, &id)?.and_then(|media| match media.state {
        MediaState::Wanted { .. } => None,
        MediaState::Lost { .. } => Some(Seen::Lost),
        MediaState::Kept { document, look, .. } => {
            Some(Seen::Kept { document, look: look.unwrap_or_default() })
        }
    }))
}

/// Pictures that are kept, after that one: their documents, and how many bytes these have.
pub fn kept(tx: &Tx, after: Option<u64>, limit: usize) -> Result<(Vec<KeptAs>, Option<u64>), Fault> {
    let page = tx.scan(&MEDIA, &(), after.as_ref(), limit)?;
    let kept = page.rows.into_iter().filter_map(|(id, media)| match media.state {
        MediaState::Kept { document, bytes, .. } => Some(KeptAs { id, document, bytes }),
        _ => None,
    });
    Ok((kept.collect(), page.next))
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAs {
    pub id: u64,
    pub document: String,
    pub bytes: u64,
}

/// It is a paper of something now, which is kept until then. It is no longer one of those that the follower sent
/// unasked, of which so many are kept.
pub fn own_until(tx: &mut Tx, id: u64, until: Time) -> Result<(), Fault> {
    let Some(mut media) = tx.get(&MEDIA, &id)? else { return Ok(()) };
    tx.delete(&MEDIA_UNTIL, &(media.until, id))?;
    (media.until, media.owned) = (until, true);
    tx.delete(&MEDIA_OF, &(media.from.clone(), id))?;
    tx.put(&MEDIA_UNTIL, &(until, id), &())?;
    fetch_if_kept(tx, id, &media)?;
    tx.put(&MEDIA, &id, &media)
}

/// The pictures of one follower, newest first.
pub fn of_follower(tx: &Tx, follower: &FollowerId, limit: usize) -> Result<Vec<(u64, Media)>, Fault> {
    let mut found = Vec::new();
    for ((_, id), ()) in tx.scan_back(&MEDIA_OF, &(follower.clone(),), None, limit)?.rows {
        found.extend(tx.get(&MEDIA, &id)?.map(|media| (id, media)));
    }
    Ok(found)
}

/// Forgets pictures whose time is over, at most `limit`. Returns the documents that nothing needs any more since, and
/// whether there may be more. Their files go after this is on disk, and are known as [`unused`] until they are gone.
pub fn expire(tx: &mut Tx, limit: usize) -> Result<(Vec<String>, bool), Fault> {
    let now = tx.moment().now;
    let over: Vec<(Time, u64)> =
        tx.scan(&MEDIA_UNTIL, &(), None, limit)?.rows.into_iter().map(|(key, ())| key).collect();
    let mut unused = Vec::new();
    for (until, id) in over.iter().filter(|(until, _)| *until <= now) {
        tx.delete(&MEDIA_UNTIL, &(*until, *id))?;
        unused.extend(forget(tx, *id)?);
    }
    let more = over.len() == limit && over.last().is_some_and(|(until, _)| *until <= now);
    Ok((unused, more))
}

/// Documents that nothing needs, whose files may still be there.
pub fn unused(tx: &Tx, limit: usize) -> Result<Vec<String>, Fault> {
    let page = tx.scan(&DOCUMENTS_UNUSED, &(), None, limit)?;
    Ok(page.rows.into_iter().map(|(document, ())| document).collect())
}

/// Their files are gone.
pub fn removed(tx: &mut Tx, documents: &[String]) -> Result<(), Fault> {
    documents.iter().try_for_each(|document| tx.delete(&DOCUMENTS_UNUSED, document))
}

/// The follower wants to be forgotten: pictures that belong to nothing which has rules of its own are over now.
pub fn forget_unasked(tx: &mut Tx, from: &FollowerId) -> Result<(), Fault> {
    let now = tx.moment().now;
    for (id, mut media) in of_follower(tx, from, OF_ONE_FOLLOWER_MAX)? {
        if media.until > now {
            tx.delete(&MEDIA_UNTIL, &(media.until, id))?;
            media.until = now;
            tx.put(&MEDIA_UNTIL, &(now, id), &())?;
            fetch_if_kept(tx, id, &media)?;
            tx.put(&MEDIA, &id, &media)?;
        }
    }
    Ok(())
}

/// The document, if nothing else is it.
fn forget(tx: &mut Tx, id: u64) -> Result<Option<String>, Fault> {
    let Some(media) = tx.get(&MEDIA, &id)? else { return Ok(None) };
    tx.delete(&MEDIA, &id)?;
    tx.delete(&MEDIA_OF, &(media.from, id))?;
    match media.state {
        MediaState::Wanted { due } => {
            tx.delete(&MEDIA_DUE, &(due, id))?;
            Ok(None)
        }
        MediaState::Lost { .. } => Ok(None),
        MediaState::Kept { document, .. } => match tx.get(&DOCUMENTS, &document)?.unwrap_or(0) {
            0 | 1 => {
                tx.delete(&DOCUMENTS, &document)?;
                tx.put(&DOCUMENTS_UNUSED, &document, &())?;
                Ok(Some(document))
            }
            uses => {
                tx.put(&DOCUMENTS, &document, &(uses - 1))?;
                Ok(None)
            }
        },
    }
}

/// Whoever took it out again is not asked for it.
fn lose(tx: &mut Tx, media: &Media, why: &str) -> Result<MediaState, Fault> {
    if media.until > tx.moment().now {
        outbox::commands::enqueue(tx, &media.from, Notice::PictureLost { received: media.received })?;
    }
    Ok(MediaState::Lost { why: why.chars().take(WHY_CHARS_MAX).collect() })
}
