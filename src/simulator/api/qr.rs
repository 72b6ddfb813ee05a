//! QR codes with a scene, and short keys.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Answer, Answered, Endpoint, Request, number, open_get, post, refused, text, told};

const TEMPORARY_S_MAX: u64 = 2_592_000;
const TEMPORARY_S: u64 = 60;
const PERMANENT_MAX: u32 = 100_000;
/// Every code looks alike: nobody holds a phone in front of it.
const PICTURE: &[u8] = include_bytes!("../page/sample.jpg");

pub const ENDPOINTS: &[Endpoint] = &[
    post("/cgi-bin/qrcode/create", create),
    open_get("/cgi-bin/showqrcode", picture),
    post("/cgi-bin/shorten/gen", shorten),
    post("/cgi-bin/shorten/fetch", fetch),
];

fn create(request: &Request) -> Answered {
    let body = request.json()?;
    let scene = &body["action_info"]["scene"];
    let id = number(&scene["scene_id"]).filter(|id| *id > 0 && u32::try_from(*id).is_ok());
    let words = Some(text(scene, "scene_str")).filter(|words| (1..=64).contains(&words.chars().count()));
    let (scene, temporary) = match text(&body, "action_name") {
        "QR_SCENE" => (id.map(|id| id.to_string()), true),
        "QR_STR_SCENE" => (words.map(str::to_owned), true),
        "QR_LIMIT_SCENE" => (id.filter(|id| *id <= 100_000).map(|id| id.to_string()), false),
        "QR_LIMIT_STR_SCENE" => (words.map(str::to_owned), false),
        _ => return Err(refused(40053, "invalid action name")),
    };
    let scene = scene.ok_or_else(|| refused(40054, "invalid scene"))?;
    let seconds = number(&body["expire_seconds"]).unwrap_or(TEMPORARY_S).min(TEMPORARY_S_MAX);
    let ticket = request.with_account(|account| {
        if !temporary {
            if account.permanent_codes >= PERMANENT_MAX {
                return Err(refused(45029, "qrcode count out of limit"));
            }
            account.permanent_codes += 1;
        }
        let ticket = format!("gQ{:08}SIMULATED==", account.next());
        account.codes.insert(ticket.clone(), scene.clone());
        Ok(ticket)
    })?;
    let mut answer = json!({"ticket": ticket, "url": format!("http://weixin.qq.com/q/{scene}")});
    if temporary {
        answer["expire_seconds"] = Value::from(seconds);
    }
    told(answer)
}

/// The picture of a code, for whoever has its ticket.
fn picture(request: &Request) -> Answered {
    let known = request.with_account(|account| account.codes.contains_key(request.query("ticket")));
    let content = Bytes::from_static(PICTURE);
    match known {
        true => Ok(Answer::File { content, content_type: "image/jpg", name: "qrcode.jpg".to_owned() }),
        false => Ok(Answer::NotFound),
    }
}

fn shorten(request: &Request) -> Answered {
    let body = request.json()?;
    let long = text(&body, "long_data").to_owned();
    if long.is_empty() || long.len() > 4096 {
        return Err(refused(45002, "content size out of limit"));
    }
    let seconds = number(&body["expire_seconds"]).unwrap_or(TEMPORARY_S_MAX).min(TEMPORARY_S_MAX);
    request.with_account(|account| {
        let key = account.next_id("short");
        account.short.insert(key.clone(), (long.clone(), request.now, seconds));
        super::done(json!({"short_key": key}))
    })
}

fn fetch(request: &Request) -> Answered {
    let body = request.json()?;
    let found = request.with_account(|account| account.short.get(text(&body, "short_key")).cloned());
    match found {
        Some((long, at, seconds)) if request.now.since(at) < Duration::from_secs(seconds) => {
            super::done(json!({
                "long_data": long, "create_time": at.unix_s(),
                "expire_seconds": seconds - request.now.since(at).as_secs().min(seconds),
            }))
        }
        _ => Err(refused(40060, "invalid short key")),
    }
}
