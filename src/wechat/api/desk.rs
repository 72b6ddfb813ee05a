//! The customer-service desk (客服): its accounts, its sessions, and what was said.
//!
//! Source: «客服管理», «会话控制», «获取聊天记录».

use serde::Deserialize;
use serde_json::json;

use super::answer::Nothing;
use super::call::Call;
use super::failure::Failure;
use super::transport::{Body, Request};
use super::upload::{MediaKind, Upload};
use super::{Client, lenient};
use crate::moment::Time;

const ACCOUNTS: Call = Call::get("/cgi-bin/customservice/getkflist");
const ONLINE: Call = Call::get("/cgi-bin/customservice/getonlinekflist");
const ADD: Call = Call::change("/customservice/kfaccount/add");
const UPDATE: Call = Call::change("/customservice/kfaccount/update");
const INVITE: Call = Call::change("/customservice/kfaccount/inviteworker");
const DELETE: Call = Call::change("/customservice/kfaccount/del");
const PICTURE: Call = Call::change("/customservice/kfaccount/uploadheadimg");
const OPEN: Call = Call::change("/customservice/kfsession/create");
const CLOSE: Call = Call::change("/customservice/kfsession/close");
const SESSION: Call = Call::get("/customservice/kfsession/getsession");
const SESSIONS: Call = Call::get("/customservice/kfsession/getsessionlist");
const WAITING: Call = Call::get("/customservice/kfsession/getwaitcase");
const RECORDS: Call = Call::ask("/customservice/msgrecord/getmsglist");

const NAME_CHARS_MAX: usize = 10;
const NICKNAME_CHARS_MAX: usize = 16;
/// Entries in one call of [`Client::desk_records`].
const RECORDS_MAX: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct DeskAccount {
    /// `name@wechatid`
    #[serde(deserialize_with = "lenient::text")]
    pub kf_account: String,
    #[serde(deserialize_with = "lenient::text")]
    pub kf_nick: String,
    #[serde(deserialize_with = "lenient::text")]
    pub kf_id: String,
    /// The person's WeChat name, once they took the invitation.
    #[serde(deserialize_with = "lenient::text_or_none")]
    pub kf_wx: Option<String>,
    /// `waiting`, `rejected` or `expired` while they have not.
    #[serde(deserialize_with = "lenient::text_or_none")]
    pub invite_status: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct OnlineWorker {
    #[serde(deserialize_with = "lenient::text")]
    pub kf_account: String,
    /// 1: on the web.
    #[serde(deserialize_with = "lenient::number")]
    pub status: u32,
    /// How many sessions they have now.
    #[serde(deserialize_with = "lenient::number")]
    pub accepted_case: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct DeskSession {
    /// Who serves; empty in lists of one account's sessions.
    #[serde(deserialize_with = "lenient::text")]
    pub kf_account: String,
    /// Who is served; empty if that was the question.
    #[serde(deserialize_with = "lenient::text")]
    pub openid: String,
    /// In seconds since 1970.
    #[serde(deserialize_with = "lenient::number")]
    pub createtime: i64,
}

/// Who waits for a session: how many, and the 100 who wait longest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct WaitingCases {
    #[serde(deserialize_with = "lenient::number")]
    pub count: u64,
    #[serde(rename = "waitcaselist", deserialize_with = "lenient::list")]
    pub longest: Vec<WaitingCase>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct WaitingCase {
    #[serde(deserialize_with = "lenient::text")]
    pub openid: String,
    /// When they last wrote, in seconds since 1970.
    #[serde(deserialize_with = "lenient::number")]
    pub latest_time: i64,
}

/// Something said at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Record {
    #[serde(deserialize_with = "lenient::text")]
    pub openid: String,
    /// 2002: by the desk; 2003: by the follower.
    #[serde(deserialize_with = "lenient::number")]
    pub opercode: u32,
    #[serde(deserialize_with = "lenient::text")]
    pub text: String,
    /// In seconds since 1970.
    #[serde(deserialize_with = "lenient::number")]
    pub time: i64,
    #[serde(deserialize_with = "lenient::text")]
    pub worker: String,
}

#[derive(Deserialize)]
struct Accounts {
    #[serde(default, deserialize_with = "lenient::list")]
    kf_list: Vec<DeskAccount>,
}

#[derive(Deserialize)]
struct Online {
    #[serde(default, deserialize_with = "lenient::list")]
    kf_online_list: Vec<OnlineWorker>,
}

#[derive(Deserialize)]
struct Sessions {
    #[serde(default, deserialize_with = "lenient::list")]
    sessionlist: Vec<DeskSession>,
}

#[derive(Deserialize)]
struct Records {
    #[serde(default, deserialize_with = "lenient::list")]
    recordlist: Vec<Record>,
    #[serde(default, deserialize_with = "lenient::number")]
    msgid: u64,
}

impl Client {
    pub async fn desk_accounts(&self) -> Result<Vec<DeskAccount>, Failure> {
        self.get::<Accounts>(&ACCOUNTS, &[]).await.map(|listed| listed.kf_list)
    }

    pub async fn desk_online(&self) -> Result<Vec<OnlineWorker>, Failure> {
        self.get::<Online>(&ONLINE, &[]).await.map(|listed| listed.kf_online_list)
    }

    /// A new account `name@wechatid`; the name has up to ten letters and digits.
    pub async fn add_desk_account(&self, account: &str, nickname: &str) -> Result<(), Failure> {
        check_account(&ADD, account, nickname)?;
        self.change_desk(&ADD, json!({ "kf_account": account, "nickname": nickname })).await
    }

    pub async fn update_desk_account(&self, account: &str, nickname: &str) -> Result<(), Failure> {
        check_account(&UPDATE, account, nickname)?;
        self.change_desk(&UPDATE, json!({ "kf_account": account, "nickname": nickname })).await
    }

    /// Asks a person, by their WeChat name, to serve under the account.
    pub async fn invite_desk_worker(&self, account: &str, wechat_name: &str) -> Result<(), Failure> {
        self.change_desk(&INVITE, json!({ "kf_account": account, "invite_wx": wechat_name })).await
    }

    pub async fn delete_desk_account(&self, account: &str) -> Result<(), Failure> {
        self.change_desk(&DELETE, json!({ "kf_account": account })).await
    }

    /// The account's picture: jpg, up to 10 MB.
    pub async fn set_desk_picture(&self, account: &str, picture: &Upload) -> Result<(), Failure> {
        picture.check(&PICTURE, &MediaKind::Image.takes_for_days())?;
        let form = self.form(picture);
        let request = Request { call: &PICTURE, query: &[("kf_account", account)], body: Body::Form(&form) };
        self.json::<Nothing>(&request).await.map(|_| ())
    }

    /// Gives a follower to a worker who is online. While a session is open, what they write doesn't come to the
    /// webhook.
    pub async fn open_session(&self, account: &str, openid: &str) -> Result<(), Failure> {
        self.change_desk(&OPEN, json!({ "kf_account": account, "openid": openid })).await
    }

    pub async fn close_session(&self, account: &str, openid: &str) -> Result<(), Failure> {
        self.change_desk(&CLOSE, json!({ "kf_account": account, "openid": openid })).await
    }

    /// Who serves a follower now.
    pub async fn session_of(&self, openid: &str) -> Result<Option<DeskSession>, Failure> {
        let session: DeskSession = self.get(&SESSION, &[("openid", openid)]).await?;
        Ok(Some(session).filter(|session| !session.kf_account.is_empty()))
    }

    pub async fn sessions_of_worker(&self, account: &str) -> Result<Vec<DeskSession>, Failure> {
        self.get::<Sessions>(&SESSIONS, &[("kf_account", account)]).await.map(|listed| listed.sessionlist)
    }

    pub async fn waiting_cases(&self) -> Result<WaitingCases, Failure> {
        self.get(&WAITING, &[]).await
    }

    /// What was said from `start` to `end` (of one day), up to 10,000 entries after `after` (0 to begin). Gives them
    /// and what to continue after.
    pub async fn desk_records(
        &self,
        start: Time,
        end: Time,
        after: u64,
        number: usize,
    ) -> Result<(Vec<Record>, u64), Failure> {
        RECORDS.at_most("a page", "records", number, RECORDS_MAX)?;
        let (start, end) = (start.unix_s(), end.unix_s());
        let body = json!({ "starttime": start, "endtime": end, "msgid": after, "number": number });
        self.post::<Records>(&RECORDS, &body).await.map(|found| (found.recordlist, found.msgid))
    }

    async fn change_desk(&self, call: &'static Call, body: serde_json::Value) -> Result<(), Failure> {
        self.post::<Nothing>(call, &body).await.map(|_| ())
    }
}

fn check_account(call: &Call, account: &str, nickname: &str) -> Result<(), Failure> {
    let name = account.split('@').next().unwrap_or_default();
    call.not_empty("the account's name", name)?;
    call.at_most("the account's name", "characters", name.chars().count(), NAME_CHARS_MAX)?;
    call.at_most("nickname", "characters", nickname.chars().count(), NICKNAME_CHARS_MAX)
}
