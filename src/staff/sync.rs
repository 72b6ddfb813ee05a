//! Staff ask for the account's followers to be pulled, and see how far it is.

use std::convert::Infallible;

use serde::{Deserialize, Serialize};

use super::{Act, ActError, Call, Role, perform};
use crate::domain::followers::{self, Pull, PullState};
use crate::moment::{Time, rfc3339};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SyncView {
    /// `running`, `done` or `failed`; `none` before the first.
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Tags and the time of following are asked for as well.
    pub details: bool,
    /// Followers that WeChat says there are, those written down, and of these the unknown ones.
    pub total: u64,
    pub done: u64,
    pub new: u64,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub asked: Option<Time>,
}

/// Asks for a pull; one that runs is answered with.
pub async fn start(call: &Call, details: bool) -> Result<SyncView, ActError> {
    let act = Act {
        name: "follower.sync",
        subject: String::new(),
        role: Role::Broadcast,
        detail: if details { "with details".to_owned() } else { String::new() },
        request: details.to_string(),
    };
    perform(call, act, move |tx| {
        let sync = followers::request(tx, details)?;
        Ok(Ok::<_, Infallible>((String::new(), view(&sync))))
    })
    .await
}

pub async fn progress(call: &Call) -> Result<SyncView, ActError> {
    if !call.who.has(Role::Broadcast) && !call.who.has(Role::Auditor) {
        return Err(ActError::NotAllowed(Role::Broadcast.name()));
    }
    let sync = call.read(|tx| followers::get(tx)).await?;
    Ok(sync.map_or_else(|| SyncView { state: "none".to_owned(), ..SyncView::default() }, |sync| view(&sync)))
}

fn view(sync: &Pull) -> SyncView {
    let (state, why) = match &sync.state {
        PullState::Running => ("running", None),
        PullState::Done { .. } => ("done", None),
        PullState::Failed { why } => ("failed", Some(why.clone())),
    };
    SyncView {
        state: state.to_owned(),
        why,
        details: sync.details,
        total: sync.total,
        done: sync.done,
        new: sync.new,
        asked: Some(sync.asked),
    }
}
