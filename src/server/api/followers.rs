//! What staff see of followers (粉丝). Every look is on the trail.

use axum::Json;
use serde::Deserialize;

use super::Answered;
use super::access::{Called, Once};
use super::error::ApiError;
use super::input::{Form, LIST_DEFAULT, Path, Words};
use crate::staff::follower::{self, FollowerList, FollowerView, TagForm, Timeline};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindWords {
    openid: Option<String>,
    tag: Option<u32>,
    after: Option<String>,
    limit: Option<usize>,
}

/// By openid, by tag, or all.
pub async fn find_followers(Called(call): Called, Words(words): Words<FindWords>) -> Answered<FollowerList> {
    if let Some(openid) = words.openid {
        let found = follower::get(&call, &openid).await?;
        return Ok(Json(FollowerList { followers: vec![found], next: None }));
    }
    let limit = words.limit.unwrap_or(LIST_DEFAULT);
    Ok(Json(follower::find(&call, words.tag, words.after, limit).await?))
}

pub async fn get_follower(Called(call): Called, Path(openid): Path<String>) -> Answered<FollowerView> {
    let found = follower::get(&call, &openid).await;
    Ok(Json(found.map_err(ApiError::from)?))
}

pub async fn get_timeline(Called(call): Called, Path(openid): Path<String>) -> Answered<Timeline> {
    Ok(Json(follower::timeline(&call, &openid).await?))
}

pub async fn tag_follower(
    Once(call): Once,
    Path(openid): Path<String>,
    Form(form): Form<TagForm>,
) -> Answered<TagForm> {
    Ok(Json(follower::tag(&call, &openid, form).await?))
}
