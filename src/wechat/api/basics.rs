//! Addresses, counters of calls, and what WeChat knows of a failed one.
//!
//! Source: «获取微信 API 服务器 IP», «获取微信推送服务器 IP», «网络通信检测», «API 调用额度», «查询 rid 信息».

use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Nothing;
use super::call::Call;
use super::failure::Failure;
use super::transport::{Body, Request};
use super::{Client, lenient};

const CALLBACK_IPS: Call = Call::get("/cgi-bin/getcallbackip");
const API_IPS: Call = Call::get("/cgi-bin/get_api_domain_ip");
const CHECK: Call = Call::ask("/cgi-bin/callback/check");
const QUOTA: Call = Call::ask("/cgi-bin/openapi/quota/get");
const CLEAR_ONE: Call = Call::change("/cgi-bin/openapi/quota/clear");
const CLEAR: Call = Call::change("/cgi-bin/clear_quota");
const CLEAR_BY_SECRET: Call = Call::change("/cgi-bin/clear_quota/v2");
const RID: Call = Call::ask("/cgi-bin/openapi/rid/get");

/// How often an endpoint may be called and was called today. 0 in all: WeChat sets no daily limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Quota {
    #[serde(deserialize_with = "lenient::number")]
    pub daily_limit: u64,
    #[serde(deserialize_with = "lenient::number")]
    pub used: u64,
    #[serde(deserialize_with = "lenient::number")]
    pub remain: u64,
}

/// What the way to the webhook is tested for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Dns,
    Ping,
    All,
}

/// Whose network it is tested from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    Telecom,
    Unicom,
    Tencent,
    Any,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct CallbackCheck {
    #[serde(deserialize_with = "lenient::list")]
    pub dns: Vec<Resolved>,
    #[serde(deserialize_with = "lenient::list")]
    pub ping: Vec<Ping>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Resolved {
    #[serde(deserialize_with = "lenient::text")]
    pub ip: String,
    #[serde(deserialize_with = "lenient::text")]
    pub real_operator: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Ping {
    #[serde(deserialize_with = "lenient::text")]
    pub ip: String,
    #[serde(deserialize_with = "lenient::text")]
    pub from_operator: String,
    /// Such as `0%`.
    #[serde(deserialize_with = "lenient::text")]
    pub package_loss: String,
    /// Such as `23.079ms`.
    #[serde(deserialize_with = "lenient::text")]
    pub time: String,
}

#[derive(Deserialize)]
struct Ips {
    #[serde(default, deserialize_with = "lenient::list")]
    ip_list: Vec<String>,
}

#[derive(Deserialize)]
struct Counted {
    #[serde(default, deserialize_with = "lenient::object")]
    quota: Quota,
}

impl Client {
    /// Where pushes come from: addresses and ranges (CIDR). They change: WeChat asks to look daily.
    pub async fn callback_ips(&self) -> Result<Vec<String>, Failure> {
        self.get::<Ips>(&CALLBACK_IPS, &[]).await.map(|ips| ips.ip_list)
    }

    /// Where WeChat's API answers.
    pub async fn api_ips(&self) -> Result<Vec<String>, Failure> {
        self.get::<Ips>(&API_IPS, &[]).await.map(|ips| ips.ip_list)
    }

    /// Lets WeChat test the way to the webhook that is set in its console.
    pub async fn check_callback(&self, what: What, carrier: Carrier) -> Result<CallbackCheck, Failure> {
        let action = match what {
            What::Dns => "dns",
            What::Ping => "ping",
            What::All => "all",
        };
        let operator = match carrier {
            Carrier::Telecom => "CHINANET",
            Carrier::Unicom => "UNICOM",
            Carrier::Tencent => "CAP",
            Carrier::Any => "DEFAULT",
        };
        self.post(&CHECK, &json!({ "action": action, "check_operator": operator })).await
    }

    /// The counter of an endpoint, such as `/cgi-bin/message/custom/send`.
    pub async fn quota(&self, path: &str) -> Result<Quota, Failure> {
        self.post::<Counted>(&QUOTA, &json!({ "cgi_path": path })).await.map(|counted| counted.quota)
    }

    /// Sets one endpoint's counter to 0; 50 times a month.
    pub async fn clear_quota_of(&self, path: &str) -> Result<(), Failure> {
        self.post::<Nothing>(&CLEAR_ONE, &json!({ "cgi_path": path })).await.map(|_| ())
    }

    /// Sets all of the account's counters to 0; ten times a month, with [`Client::clear_quota_by_secret`].
    pub async fn clear_quota(&self) -> Result<(), Failure> {
        let body = json!({ "appid": self.0.settings.app_id });
        self.post::<Nothing>(&CLEAR, &body).await.map(|_| ())
    }

    /// As [`Client::clear_quota`] when even the token's counter is used up. WeChat's page says both that the secret
    /// goes into the body and into the address; it goes into both.
    pub async fn clear_quota_by_secret(&self) -> Result<(), Failure> {
        let settings = &self.0.settings;
        let query = [("appid", settings.app_id.as_str()), ("appsecret", settings.app_secret.expose_secret())];
        let body = Body::json(
            &CLEAR_BY_SECRET,
            &serde_json::Map::from_iter(query.map(|(key, value)| (key.to_owned(), Value::from(value)))),
        )?;
        self.open::<Nothing>(&Request { call: &CLEAR_BY_SECRET, query: &query, body }).await.map(|_| ())
    }

    /// What WeChat kept of a call, by the `rid` of its error message, for seven days. It may hold personal data.
    pub async fn explain_rid(&self, rid: &str) -> Result<Value, Failure> {
        self.post(&RID, &json!({ "rid": rid })).await
    }
}
