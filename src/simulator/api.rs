//! The beginning of WeChat's API: what makes outgoing messages visible in the chat.

use axum::extract::{Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Simulator;
use super::phone::{Exchange, Shown, Way, Wire};

pub fn router() -> Router<Simulator> {
    Router::new()
        .route("/token", get(token))
        .route("/stable_token", post(stable_token))
        .route("/getcallbackip", get(callback_ips))
        .route("/message/custom/send", post(send))
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    appid: String,
    #[serde(default)]
    secret: String,
}

#[derive(Deserialize)]
struct Authorised {
    #[serde(default)]
    access_token: String,
}

async fn token(State(simulator): State<Simulator>, Query(given): Query<Credentials>) -> Json<Value> {
    Json(simulator.grant(&given))
}

async fn stable_token(State(simulator): State<Simulator>, body: Bytes) -> Json<Value> {
    Json(read(&body).map_or_else(|refused| refused, |given| simulator.grant(&given)))
}

async fn callback_ips(State(simulator): State<Simulator>, Query(given): Query<Authorised>) -> Json<Value> {
    Json(simulator.checked(&given).err().unwrap_or_else(|| json!({"ip_list": ["127.0.0.1"]})))
}

/// Customer-service messages (客服消息): text appears in the follower's chat.
async fn send(
    State(simulator): State<Simulator>,
    Query(given): Query<Authorised>,
    body: Bytes,
) -> Json<Value> {
    let sent = simulator
        .checked(&given)
        .and_then(|()| read(&body))
        .and_then(|message: Value| simulator.take_message(&message, &String::from_utf8_lossy(&body)));
    Json(sent.err().unwrap_or_else(|| json!({"errcode": 0, "errmsg": "ok"})))
}

/// WeChat reads a body as JSON whatever its content type says.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Value> {
    if body.is_empty() {
        return Err(refusal(44002, "empty post data"));
    }
    serde_json::from_slice(body).map_err(|_| refusal(47001, "data format error"))
}

impl Simulator {
    fn grant(&self, given: &Credentials) -> Value {
        let settings = &self.0.settings;
        let secret = settings.app_secret.as_ref().map_or("", |secret| secret.expose_secret());
        match (given.appid == settings.keys.app_id, given.secret == secret) {
            (false, _) => refusal(40013, "invalid appid"),
            (true, false) => refusal(40125, "invalid appsecret"),
            (true, true) => json!({"access_token": self.access_token(), "expires_in": 7200}),
        }
    }

    /// One token for the life of the account: what expires is tried elsewhere.
    fn access_token(&self) -> String {
        let keys = &self.0.settings.keys;
        hex::encode(Sha256::digest(format!("{} {}", keys.account, keys.app_id)))
    }

    fn checked(&self, given: &Authorised) -> Result<(), Value> {
        match given.access_token.as_str() {
            "" => Err(refusal(41001, "access_token missing")),
            token if token == self.access_token() => Ok(()),
            _ => Err(refusal(40001, "invalid credential, access_token is invalid or not latest")),
        }
    }

    fn take_message(&self, message: &Value, body: &str) -> Result<(), Value> {
        let field = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
        let now = self.now();
        let shown = match field("msgtype").as_str() {
            "text" => {
                Shown::Text { text: message["text"]["content"].as_str().unwrap_or_default().to_owned() }
            }
            "" => return Err(refusal(47001, "data format error")),
            other => Shown::Notice { text: format!("[{other}]") },
        };
        let told = self.with_phone(&field("touser"), |phone| {
            if phone.subscribed {
                let outer = format!("POST /cgi-bin/message/custom/send?access_token=…\n\n{body}");
                let inner = format!("{message:#}");
                let call = Exchange::new(Wire { way: Way::Call, inner, outer });
                phone.show(shown, now, Some(call));
            }
            phone.subscribed
        });
        match told {
            Some(true) => Ok(()),
            Some(false) => Err(refusal(45015, "response out of time limit or subscription is canceled")),
            None => Err(refusal(40003, "invalid openid")),
        }
    }
}

fn refusal(code: i32, message: &str) -> Value {
    json!({"errcode": code, "errmsg": message})
}
