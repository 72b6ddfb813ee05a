//! QR codes that carry a scene (带参数的二维码).
//!
//! Source: «生成带参数的二维码».

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::failure::Failure;
use super::{Client, lenient};

const CREATE: Call = Call::change("/cgi-bin/qrcode/create");
const PICTURE: &str = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=";

/// A temporary code lasts 30 days at most.
const LASTS_MAX: Duration = Duration::from_secs(2_592_000);
const NAME_CHARS_MAX: usize = 64;
const PERMANENT_ID_MAX: u32 = 100_000;

/// What comes back when the code is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scene {
    /// From 1; in a permanent code to 100,000.
    Id(u32),
    /// 1 to 64 characters.
    Name(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QrCode {
    /// For [`picture_url`].
    #[serde(deserialize_with = "lenient::text")]
    pub ticket: String,
    /// What the code says; draw it, or let WeChat do it.
    #[serde(deserialize_with = "lenient::text")]
    pub url: String,
    /// In seconds; `None` for a permanent one.
    #[serde(default, deserialize_with = "lenient::number_or_none")]
    pub expire_seconds: Option<u64>,
}

impl Client {
    /// A code for up to 30 days. 100,000 calls a day.
    pub async fn create_qr(&self, scene: &Scene, lasts: Duration) -> Result<QrCode, Failure> {
        scene.check(u32::MAX)?;
        if lasts > LASTS_MAX || lasts.as_secs() == 0 {
            return Err(Failure::refused(&CREATE, "a temporary code lasts from a second to 30 days"));
        }
        let action = if matches!(scene, Scene::Id(_)) { "QR_SCENE" } else { "QR_STR_SCENE" };
        let mut body = scene.body(action);
        body["expire_seconds"] = json!(lasts.as_secs());
        self.post(&CREATE, &body).await
    }

    /// A code for ever; an account has 100,000 (45029).
    pub async fn create_permanent_qr(&self, scene: &Scene) -> Result<QrCode, Failure> {
        scene.check(PERMANENT_ID_MAX)?;
        let action = if matches!(scene, Scene::Id(_)) { "QR_LIMIT_SCENE" } else { "QR_LIMIT_STR_SCENE" };
        self.post(&CREATE, &scene.body(action)).await
    }
}

impl Scene {
    fn check(&self, id_max: u32) -> Result<(), Failure> {
        match self {
            Scene::Id(id) if *id == 0 || *id > id_max => {
                Err(Failure::refused(&CREATE, format!("the scene {id} is not from 1 to {id_max}")))
            }
            Scene::Id(_) => Ok(()),
            Scene::Name(name) => {
                CREATE.not_empty("scene_str", name)?;
                CREATE.at_most("scene_str", "characters", name.chars().count(), NAME_CHARS_MAX)
            }
        }
    }

    fn body(&self, action: &str) -> Value {
        let scene = match self {
            Scene::Id(id) => json!({ "scene_id": id }),
            Scene::Name(name) => json!({ "scene_str": name }),
        };
        json!({ "action_name": action, "action_info": { "scene": scene } })
    }
}

/// Where WeChat shows a code as a picture (jpg); needs no token.
pub fn picture_url(ticket: &str) -> String {
    format!("{PICTURE}{}", utf8_percent_encode(ticket, NON_ALPHANUMERIC))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_encoded_in_the_pictures_address() {
        assert_eq!(
            picture_url("gQH47joAAAA/x=="),
            "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQH47joAAAA%2Fx%3D%3D"
        );
    }
}
