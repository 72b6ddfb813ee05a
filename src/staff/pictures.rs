//! Pictures that followers sent. Every look is on the trail, with its reason.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::act::look;
use super::form::said_why;
use super::{Act, ActError, Call, Role};
use crate::domain::contact::record::FollowerId;
use crate::domain::media::commands::of_follower;
use crate::domain::media::record::{Media, MediaState};
use crate::domain::tables::MEDIA;
use crate::moment::{Time, rfc3339};
use crate::privacy::Short;
use crate::store::SealedFiles;

const LISTED_MAX: usize = 100;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureView {
    pub id: u64,
    /// `wanted`, `kept` or `lost`.
    pub state: String,
    #[serde(with = "rfc3339")]
    pub received: Time,
    /// When it is deleted.
    #[serde(with = "rfc3339")]
    pub until: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureList {
    pub pictures: Vec<PictureView>,
}

/// A picture as it was sent.
pub struct Picture {
    pub content_type: String,
    pub content: Zeroizing<Vec<u8>>,
}

/// Newest first.
pub async fn list(call: &Call, openid: &str) -> Result<PictureList, ActError> {
    let of = FollowerId::new(openid);
    let act = act("picture.list", Short(openid).to_string(), String::new());
    let found = look(call, act, move |tx| of_follower(tx, &of, LISTED_MAX)).await?;
    Ok(PictureList { pictures: found.iter().map(|(id, media)| view(*id, media)).collect() })
}

/// The picture itself. The reason goes onto the trail before anything is read.
pub async fn show(call: &Call, files: &SealedFiles, id: u64, reason: &str) -> Result<Picture, ActError> {
    let reason = said_why(reason, "it goes onto the trail")?;
    let act = act("picture.look", id.to_string(), reason);
    let found = look(call, act, move |tx| tx.get(&MEDIA, &id)).await?;
    if found.is_some_and(|media| media.owned) {
        let message = "the picture is a paper of something else: look at it there".to_owned();
        return Err(ActError::Refused { code: "owned", message });
    }
    read(call, files, id).await
}

/// What of a picture is kept, for who noted the look before.
pub(super) async fn read(call: &Call, files: &SealedFiles, id: u64) -> Result<Picture, ActError> {
    let found = call.read(move |tx| tx.get(&MEDIA, &id)).await?;
    let missing = || ActError::NotFound("such picture".to_owned());
    let MediaState::Kept { document, content_type, .. } = found.ok_or_else(missing)?.state else {
        return Err(missing());
    };
    let files = files.clone();
    let read = tokio::task::spawn_blocking(move || files.get(&document)).await;
    let error = match read {
        Ok(Ok(content)) => return Ok(Picture { content_type, content }),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => panic.to_string(),
    };
    tracing::error!(id, error, "a picture can't be read");
    let message = "the picture can't be read; the log says why".to_owned();
    Err(ActError::Refused { code: "unreadable", message })
}

fn act(name: &'static str, subject: String, detail: String) -> Act {
    Act { name, subject, role: Role::Case, detail, request: String::new() }
}

fn view(id: u64, media: &Media) -> PictureView {
    let (bytes, why) = match &media.state {
        MediaState::Kept { bytes, .. } => (Some(*bytes), None),
        MediaState::Lost { why } => (None, Some(why.clone())),
        MediaState::Wanted { .. } => (None, None),
    };
    PictureView {
        id,
        state: media.state.name().to_owned(),
        received: media.received,
        until: media.until,
        bytes,
        why,
    }
}
