//! The JS-SDK's ticket and signature: what a page needs to use the phone through WeChat.
//!
//! Source: «JS-SDK 使用权限签名算法».

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::call::Call;
use super::failure::Failure;
use super::{Client, StoredToken, lenient};

const TICKET: Call = Call::get("/cgi-bin/ticket/getticket");

/// A ticket is fetched anew this long before its end.
const AHEAD: Duration = Duration::from_secs(300);

/// The ticket, kept until shortly before its end: WeChat counts how often it is fetched.
pub(super) type Kept = tokio::sync::Mutex<Option<StoredToken>>;

/// What a page gives to `wx.config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JsConfig {
    #[serde(rename = "appId")]
    pub app_id: String,
    /// In seconds since 1970.
    pub timestamp: i64,
    #[serde(rename = "nonceStr")]
    pub nonce: String,
    pub signature: String,
}

#[derive(Deserialize)]
struct Granted {
    #[serde(deserialize_with = "lenient::text")]
    ticket: String,
    #[serde(default, deserialize_with = "lenient::number")]
    expires_in: u32,
}

impl Client {
    /// For the page at `url`, which is what the browser shows; what follows `#` doesn't count.
    pub async fn js_config(&self, url: &str) -> Result<JsConfig, Failure> {
        let ticket = self.js_ticket().await?;
        let moment = self.0.clock.moment();
        let (timestamp, nonce) = (moment.now.unix_s(), format!("{:016x}", moment.seed));
        let signature = js_signature(ticket.expose_secret(), &nonce, timestamp, url);
        Ok(JsConfig { app_id: self.0.settings.app_id.clone(), timestamp, nonce, signature })
    }

    async fn js_ticket(&self) -> Result<SecretString, Failure> {
        let mut kept = self.0.js_ticket.lock().await;
        let now = self.now();
        if let Some(ticket) = kept.as_ref().filter(|ticket| ticket.expires.since(now) > AHEAD) {
            return Ok(ticket.token.clone());
        }
        let granted: Granted = self.get(&TICKET, &[("type", "jsapi")]).await?;
        let token = SecretString::from(granted.ticket);
        let expires = now.plus(Duration::from_secs(granted.expires_in.into()));
        *kept = Some(StoredToken { token: token.clone(), expires });
        Ok(token)
    }
}

/// Lower-case hexadecimal SHA-1 over the four in this order, not encoded.
pub fn js_signature(ticket: &str, nonce: &str, timestamp: i64, url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let text = format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}");
    hex::encode(Sha1::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_values_give_the_published_signature() {
        let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
        let signed =
            js_signature(ticket, "Wm3WZYTPz0wzccnW", 1_414_587_457, "http://mp.weixin.qq.com?params=value");
        assert_eq!(signed, "0f9de62fce790f9a083d5c99e95740ceb90c27ed");
        let url = "https://gh.example.cn/m?a=1&b=%E4%BA%8C#part";
        assert_eq!(
            js_signature("TICKET-1_x", "n0nce", 1_795_400_000, url),
            "0f2115c0dafc6a11b739a63d65bb7ed40581cf28"
        );
    }
}
