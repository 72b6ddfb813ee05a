//! Tags (标签) on followers.
//!
//! Source: «标签管理».

use serde::Deserialize;
use serde_json::json;

use super::answer::Nothing;
use super::call::Call;
use super::failure::Failure;
use super::user::{Listed, UserPage};
use super::{Client, lenient};

const CREATE: Call = Call::change("/cgi-bin/tags/create");
const LIST: Call = Call::get("/cgi-bin/tags/get");
const UPDATE: Call = Call::change("/cgi-bin/tags/update");
const DELETE: Call = Call::change("/cgi-bin/tags/delete");
const TAG: Call = Call::change("/cgi-bin/tags/members/batchtagging");
const UNTAG: Call = Call::change("/cgi-bin/tags/members/batchuntagging");
const OF_USER: Call = Call::ask("/cgi-bin/tags/getidlist");
const TAGGED: Call = Call::ask("/cgi-bin/user/tag/get");

/// Openids in one call that tags or untags.
pub const TAGGED_AT_ONCE_MAX: usize = 50;
/// The documentation says characters in one place and bytes in another.
const NAME_BYTES_MAX: usize = 30;

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Tag {
    #[serde(deserialize_with = "lenient::number")]
    pub id: u32,
    #[serde(deserialize_with = "lenient::text")]
    pub name: String,
    /// How many followers have it, where WeChat tells.
    #[serde(deserialize_with = "lenient::number")]
    pub count: u64,
}

#[derive(Deserialize)]
struct Created {
    tag: Tag,
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default, deserialize_with = "lenient::list")]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct TagIds {
    #[serde(default, deserialize_with = "lenient::list")]
    tagid_list: Vec<u32>,
}

impl Client {
    /// A new tag, of 100; its name has up to 30 bytes.
    pub async fn create_tag(&self, name: &str) -> Result<Tag, Failure> {
        check_name(&CREATE, name)?;
        self.post::<Created>(&CREATE, &json!({ "tag": { "name": name } })).await.map(|created| created.tag)
    }

    pub async fn tags(&self) -> Result<Vec<Tag>, Failure> {
        self.get::<Tags>(&LIST, &[]).await.map(|listed| listed.tags)
    }

    pub async fn rename_tag(&self, id: u32, name: &str) -> Result<(), Failure> {
        check_name(&UPDATE, name)?;
        self.post::<Nothing>(&UPDATE, &json!({ "tag": { "id": id, "name": name } })).await.map(|_| ())
    }

    /// Errors: 45057 if more than 100,000 have it: untag them first. WeChat's own (0, 1, 2) stay.
    pub async fn delete_tag(&self, id: u32) -> Result<(), Failure> {
        self.post::<Nothing>(&DELETE, &json!({ "tag": { "id": id } })).await.map(|_| ())
    }

    /// Up to 50 followers at once, each with up to 20 tags; nothing is asked for none.
    pub async fn tag_users(&self, id: u32, openids: &[String]) -> Result<(), Failure> {
        self.change_tagged(&TAG, id, openids).await
    }

    pub async fn untag_users(&self, id: u32, openids: &[String]) -> Result<(), Failure> {
        self.change_tagged(&UNTAG, id, openids).await
    }

    async fn change_tagged(&self, call: &'static Call, id: u32, openids: &[String]) -> Result<(), Failure> {
        if openids.is_empty() {
            return Ok(());
        }
        call.at_most("openid_list", "openids", openids.len(), TAGGED_AT_ONCE_MAX)?;
        self.post::<Nothing>(call, &json!({ "openid_list": openids, "tagid": id })).await.map(|_| ())
    }

    /// The ids of a follower's tags.
    pub async fn tags_of(&self, openid: &str) -> Result<Vec<u32>, Failure> {
        self.post::<TagIds>(&OF_USER, &json!({ "openid": openid })).await.map(|ids| ids.tagid_list)
    }

    /// A page of who has a tag; the first without `next`.
    pub async fn tagged_users(&self, id: u32, next: Option<&str>) -> Result<UserPage, Failure> {
        let body = json!({ "tagid": id, "next_openid": next.unwrap_or_default() });
        self.post::<Listed>(&TAGGED, &body).await.map(UserPage::from)
    }
}

fn check_name(call: &Call, name: &str) -> Result<(), Failure> {
    call.not_empty("tag.name", name)?;
    call.at_most("tag.name", "bytes", name.len(), NAME_BYTES_MAX)
}
