//! Followers (用户): who they are, and all of them page by page.
//!
//! Source: «获取用户基本信息», «获取关注用户列表», «设置用户备注名».

use serde::Deserialize;
use serde_json::json;

use super::answer::Nothing;
use super::call::Call;
use super::failure::Failure;
use super::{Client, lenient};

const INFO: Call = Call::get("/cgi-bin/user/info");
const INFOS: Call = Call::ask("/cgi-bin/user/info/batchget");
const LIST: Call = Call::get("/cgi-bin/user/get");
const REMARK: Call = Call::change("/cgi-bin/user/info/updateremark");

/// Followers in one call of [`Client::user_infos`].
pub const INFOS_AT_ONCE_MAX: usize = 100;
const REMARK_CHARS_MAX: usize = 29;

/// What WeChat tells of a follower. Names and pictures are no longer among it. Of who doesn't follow, only the
/// openid is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct UserInfo {
    #[serde(rename = "subscribe", deserialize_with = "lenient::flag")]
    pub follows: bool,
    #[serde(deserialize_with = "lenient::text")]
    pub openid: String,
    #[serde(deserialize_with = "lenient::text_or_none")]
    pub unionid: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub language: String,
    /// When they last began to follow, in seconds since 1970.
    #[serde(deserialize_with = "lenient::number_or_none")]
    pub subscribe_time: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    pub remark: String,
    #[serde(rename = "tagid_list", deserialize_with = "lenient::list")]
    pub tags: Vec<u32>,
    /// How they came, such as `ADD_SCENE_QR_CODE`.
    #[serde(deserialize_with = "lenient::text")]
    pub subscribe_scene: String,
    #[serde(deserialize_with = "lenient::text")]
    pub qr_scene: String,
    #[serde(deserialize_with = "lenient::text")]
    pub qr_scene_str: String,
}

/// Up to 10,000 openids, in the order in which they began to follow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserPage {
    /// How many there are in all.
    pub total: u64,
    pub openids: Vec<String>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<String>,
}

#[derive(Deserialize)]
struct Infos {
    #[serde(default, deserialize_with = "lenient::list")]
    user_info_list: Vec<UserInfo>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Listed {
    #[serde(deserialize_with = "lenient::number")]
    total: u64,
    #[serde(deserialize_with = "lenient::object")]
    data: Openids,
    #[serde(deserialize_with = "lenient::text_or_none")]
    next_openid: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Openids {
    #[serde(deserialize_with = "lenient::list")]
    openid: Vec<String>,
}

impl From<Listed> for UserPage {
    /// The page after the last is empty; it may come with or without `data`.
    fn from(listed: Listed) -> UserPage {
        let openids = listed.data.openid;
        let next = listed.next_openid.filter(|_| !openids.is_empty());
        UserPage { total: listed.total, openids, next }
    }
}

impl Client {
    pub async fn user_info(&self, openid: &str) -> Result<UserInfo, Failure> {
        self.get(&INFO, &[("openid", openid), ("lang", "zh_CN")]).await
    }

    /// Of up to 100 at once; nothing is asked for none.
    pub async fn user_infos(&self, openids: &[String]) -> Result<Vec<UserInfo>, Failure> {
        if openids.is_empty() {
            return Ok(Vec::new());
        }
        INFOS.at_most("user_list", "openids", openids.len(), INFOS_AT_ONCE_MAX)?;
        let list: Vec<_> =
            openids.iter().map(|openid| json!({ "openid": openid, "lang": "zh_CN" })).collect();
        self.post::<Infos>(&INFOS, &json!({ "user_list": list })).await.map(|infos| infos.user_info_list)
    }

    /// A page of everybody who follows; the first without `next`. 500 calls a day.
    pub async fn users(&self, next: Option<&str>) -> Result<UserPage, Failure> {
        let query = next.map(|next| ("next_openid", next));
        self.get::<Listed>(&LIST, query.as_slice()).await.map(UserPage::from)
    }

    /// Under 30 characters; an empty one takes it away.
    pub async fn set_remark(&self, openid: &str, remark: &str) -> Result<(), Failure> {
        REMARK.at_most("remark", "characters", remark.chars().count(), REMARK_CHARS_MAX)?;
        self.post::<Nothing>(&REMARK, &json!({ "openid": openid, "remark": remark })).await.map(|_| ())
    }
}
