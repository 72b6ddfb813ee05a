//! Web authorisation (网页授权): who opened a page inside WeChat.
//!
//! Source: «网页授权».

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::call::Call;
use super::failure::Failure;
use super::transport::{Body, Request};
use super::{Client, lenient};
use crate::moment::Time;

// A code is used up by the first call, so an answer that got lost can't be asked for again.
const EXCHANGE: Call = Call::get_change("/sns/oauth2/access_token");
const REFRESH: Call = Call::get("/sns/oauth2/refresh_token");
const USER: Call = Call::get("/sns/userinfo");
const CHECK: Call = Call::get("/sns/auth");

const AUTHORISE: &str = "https://open.weixin.qq.com/connect/oauth2/authorize";
const STATE_BYTES_MAX: usize = 128;

/// How much a page asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The openid, without asking the person.
    Base,
    /// What WeChat still tells of a person, after asking them.
    UserInfo,
}

/// A person who opened a page. The tokens are for the two calls about this person, not for the API.
#[derive(Debug, Clone)]
pub struct Authorised {
    pub openid: String,
    pub unionid: Option<String>,
    pub access_token: SecretString,
    pub refresh_token: SecretString,
    pub expires: Time,
    pub scope: String,
    /// The page was opened as a snapshot (快照页) by a virtual visitor: bind nothing to it.
    pub is_snapshot: bool,
}

/// What WeChat tells of a person who agreed; sex and place are no longer among it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct PageUser {
    #[serde(deserialize_with = "lenient::text")]
    pub openid: String,
    #[serde(deserialize_with = "lenient::text_or_none")]
    pub unionid: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub nickname: String,
    #[serde(deserialize_with = "lenient::text_or_none")]
    pub headimgurl: Option<String>,
}

#[derive(Deserialize)]
struct Granted {
    #[serde(deserialize_with = "lenient::text")]
    openid: String,
    #[serde(default, deserialize_with = "lenient::text_or_none")]
    unionid: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    access_token: String,
    #[serde(default, deserialize_with = "lenient::text")]
    refresh_token: String,
    #[serde(default, deserialize_with = "lenient::number")]
    expires_in: u32,
    #[serde(default, deserialize_with = "lenient::text")]
    scope: String,
    #[serde(default, deserialize_with = "lenient::flag")]
    is_snapshotuser: bool,
}

/// Where to send a person's browser. Back comes `redirect` with `code` and `state`. `None` if `state` is not up to
/// 128 letters and digits.
pub fn authorise_url(app_id: &str, redirect: &str, scope: Scope, state: &str) -> Option<String> {
    let is_plain = state.len() <= STATE_BYTES_MAX && state.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let scope = match scope {
        Scope::Base => "snsapi_base",
        Scope::UserInfo => "snsapi_userinfo",
    };
    let redirect = utf8_percent_encode(redirect, NON_ALPHANUMERIC);
    // WeChat wants this order.
    is_plain.then(|| {
        format!(
            "{AUTHORISE}?appid={app_id}&redirect_uri={redirect}&response_type=code&scope={scope}&state={state}#wechat_redirect"
        )
    })
}

impl Client {
    /// Who brought this code. A code works once, for five minutes.
    ///
    /// Errors: permanent with 40029 or 40163 for a code that is wrong or was used: send the browser again.
    pub async fn authorised_by(&self, code: &str) -> Result<Authorised, Failure> {
        let settings = &self.0.settings;
        let query = [
            ("appid", settings.app_id.as_str()),
            ("secret", settings.app_secret.expose_secret()),
            ("code", code),
            ("grant_type", "authorization_code"),
        ];
        self.ask_about_page(&EXCHANGE, &query).await
    }

    /// The same person with fresh tokens.
    pub async fn authorised_again(&self, refresh_token: &SecretString) -> Result<Authorised, Failure> {
        let query = [
            ("appid", self.0.settings.app_id.as_str()),
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose_secret()),
        ];
        self.ask_about_page(&REFRESH, &query).await
    }

    async fn ask_about_page(
        &self,
        call: &'static Call,
        query: &[(&str, &str)],
    ) -> Result<Authorised, Failure> {
        let asked = self.now();
        let granted: Granted = self.open(&Request { call, query, body: Body::Empty }).await?;
        Ok(Authorised {
            openid: granted.openid,
            unionid: granted.unionid,
            access_token: granted.access_token.into(),
            refresh_token: granted.refresh_token.into(),
            expires: asked.plus(std::time::Duration::from_secs(granted.expires_in.into())),
            scope: granted.scope,
            is_snapshot: granted.is_snapshotuser,
        })
    }

    /// For who agreed to [`Scope::UserInfo`].
    pub async fn page_user(&self, person: &Authorised) -> Result<PageUser, Failure> {
        let token = person.access_token.expose_secret();
        let query = [("access_token", token), ("openid", person.openid.as_str()), ("lang", "zh_CN")];
        self.open(&Request { call: &USER, query: &query, body: Body::Empty }).await
    }

    /// Whether a person's token still works.
    pub async fn is_still_authorised(&self, person: &Authorised) -> Result<bool, Failure> {
        let query =
            [("access_token", person.access_token.expose_secret()), ("openid", person.openid.as_str())];
        let request = Request { call: &CHECK, query: &query, body: Body::Empty };
        match self.open::<super::answer::Nothing>(&request).await {
            Ok(_) => Ok(true),
            Err(failure) if failure.code.is_some_and(|code| code > 0) => Ok(false),
            Err(failure) => Err(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_sent_with_the_parameters_in_wechats_order() {
        let url = authorise_url("wx1", "https://gh.example.cn/m?a=1", Scope::Base, "s1");
        assert_eq!(
            url.as_deref(),
            Some(
                "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx1&redirect_uri=https%3A%2F%2Fgh%2Eexample%2Ecn%2Fm%3Fa%3D1\
                 &response_type=code&scope=snsapi_base&state=s1#wechat_redirect"
            )
        );
        assert_eq!(authorise_url("wx1", "https://a", Scope::UserInfo, "a b"), None);
        assert_eq!(authorise_url("wx1", "https://a", Scope::UserInfo, &"s".repeat(129)), None);
    }
}
