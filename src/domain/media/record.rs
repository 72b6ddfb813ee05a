use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::contact::record::FollowerId;
use crate::moment::Time;
use crate::store::Sealed;

/// WeChat keeps what followers send for three days (获取临时素材).
pub const WECHAT_KEEPS: Duration = Duration::from_secs(3 * 86_400);
/// A picture that nothing asked for is kept this long, for staff to look at.
pub const UNASKED_DAYS: u32 = 30;
/// Kept at once of one follower; more are turned down.
pub const OF_ONE_FOLLOWER_MAX: usize = 100;

/// One picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Media {
    pub from: FollowerId,
    /// WeChat's name of it, good for three days.
    pub media_id: Sealed<String>,
    pub received: Time,
    pub state: MediaState,
    #[serde(default)]
    pub attempts: u16,
    /// When it is deleted.
    pub until: Time,
    /// It is a paper of something that follows rules of its own, and is shown there alone.
    #[serde(default)]
    pub owned: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MediaState {
    /// To be fetched at this time.
    Wanted { due: Time },
    Kept {
        /// Its name among the sealed documents.
        document: String,
        bytes: u64,
        content_type: String,
        /// What is seen on it; `None` for what was kept before anybody looked.
        #[serde(default)]
        look: Option<Look>,
    },
    /// WeChat no longer has it, or it is no picture; the follower is asked for it again.
    Lost { why: String },
}

/// What a look at a picture's dots tells.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    #[serde(default)]
    pub flaw: Option<Flaw>,
    /// What a QR code on it says.
    #[serde(default)]
    pub code: Option<Sealed<String>>,
}

/// Why a picture can hardly be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flaw {
    TooSmall,
    TooDark,
    TooBright,
    Blurred,
}

impl MediaState {
    pub fn name(&self) -> &'static str {
        match self {
            MediaState::Wanted { .. } => "wanted",
            MediaState::Kept { .. } => "kept",
            MediaState::Lost { .. } => "lost",
        }
    }
}
