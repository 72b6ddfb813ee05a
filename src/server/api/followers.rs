//! What staff see of followers (粉丝). Every look is on the trail.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::access::{Once, Who};
use super::error::ApiError;
use super::input::{Form, Path, Words};
use super::{Answered, Api};
use crate::staff::follower::{self, FollowerList, FollowerView, TagForm, Timeline};

const LIST_DEFAULT: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindWords {
    openid: Option<String>,
    tag: Option<u32>,
    after: Option<String>,
    limit: Option<usize>,
}

/// By openid, by tag, or all.
pub async fn find_followers(
    State(api): State<Api>,
    Who(who): Who,
    Words(words): Words<FindWords>,
) -> Answered<FollowerList> {
    let at = api.clock.moment();
    if let Some(openid) = words.openid {
        let found = follower::get(&api.store, at, &who, &openid).await?;
        return Ok(Json(FollowerList { followers: vec![found], next: None }));
    }
    let limit = words.limit.unwrap_or(LIST_DEFAULT);
    Ok(Json(follower::find(&api.store, at, &who, words.tag, words.after, limit).await?))
}

pub async fn get_follower(
    State(api): State<Api>,
    Who(who): Who,
    Path(openid): Path<String>,
) -> Answered<FollowerView> {
    let found = follower::get(&api.store, api.clock.moment(), &who, &openid).await;
    Ok(Json(found.map_err(ApiError::from)?))
}

pub async fn get_timeline(
    State(api): State<Api>,
    Who(who): Who,
    Path(openid): Path<String>,
) -> Answered<Timeline> {
    Ok(Json(follower::timeline(&api.store, api.clock.moment(), &who, &openid).await?))
}

pub async fn tag_follower(
    State(api): State<Api>,
    Who(who): Who,
    Once(key): Once,
    Path(openid): Path<String>,
    Form(form): Form<TagForm>,
) -> Answered<TagForm> {
    Ok(Json(follower::tag(&api.store, api.clock.moment(), &who, key, &openid, form).await?))
}
