//! The chat page and what it calls.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Simulator;
use super::phone::{Bubble, Shown};
use crate::specimens;
use crate::wechat::event::{Consent, ConsentEntry, Event, SubscribeKey};
use crate::wechat::message::{Kind, Place};

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                   connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
/// A JPEG of one grey pixel: what a phone sends when the page has no picture of its own.
const SAMPLE_PICTURE: &[u8] = include_bytes!("page/sample.jpg");
/// How every JPEG begins.
const JPEG: &[u8] = &[0xff, 0xd8, 0xff];
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const PICTURES: [(&[u8], &str); 2] = [(JPEG, "image/jpeg"), (PNG, "image/png")];
const NAME_CHARS_MAX: usize = 12;
const FOLLOWERS_MAX: usize = 200;
const FORWARD_S_MAX: u64 = 366 * 86_400;
const CROWD_MAX: usize = 100_000;

pub async fn redirect() -> Redirect {
    Redirect::permanent("/simulator/")
}

pub async fn html() -> Response {
    asset("text/html; charset=utf-8", include_str!("page/index.html"))
}

pub async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("page/app.js"))
}

pub async fn tools() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("page/tools.js"))
}

pub async fn wall() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("page/wall.js"))
}

pub async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("page/app.css"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}

/// The account, its menu and the followers.
pub async fn state(State(simulator): State<Simulator>) -> Json<Value> {
    let settings = &simulator.0.settings;
    let phones = simulator.phones();
    let follower = |openid: &String| {
        let phone = phones.by_openid.get(openid)?;
        Some(json!({"openid": openid, "name": phone.name, "subscribed": phone.subscribed}))
    };
    let followers: Vec<Value> = phones.openids.iter().filter_map(follower).take(FOLLOWERS_MAX).collect();
    let menu = simulator.account().menu.clone().unwrap_or_else(|| json!({"button": []}));
    let notices: Vec<Value> =
        simulator.account().notices.iter().map(|n| json!({"id": n.id, "title": n.title})).collect();
    let day = simulator.begun_on();
    let samples: Vec<Value> = specimens::SPECIMENS
        .iter()
        .map(|sample| json!({"key": sample.key, "label": sample.label(day)}))
        .collect();
    Json(json!({
        "account": settings.account_name, "menu": menu, "followers": followers, "notices": notices,
        "samples": samples,
    }))
}

#[derive(Deserialize)]
pub struct NewFollower {
    name: String,
}

pub async fn add_follower(State(simulator): State<Simulator>, Json(new): Json<NewFollower>) -> Response {
    let name: String = new.name.trim().chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
    if name.is_empty() {
        return (StatusCode::UNPROCESSABLE_ENTITY, "没有名字").into_response();
    }
    if simulator.phones().openids.len() >= FOLLOWERS_MAX {
        return (StatusCode::CONFLICT, "粉丝够多了").into_response();
    }
    Json(json!({"openid": simulator.add(&name, false)})).into_response()
}

/// What time it is here.
pub async fn clock(State(simulator): State<Simulator>) -> Json<Value> {
    let ahead = simulator.0.settings.travel.as_ref().map(|clock| clock.ahead().as_secs());
    Json(json!({"now_ms": simulator.now().unix_ms(), "ahead_s": ahead}))
}

#[derive(Deserialize)]
pub struct Forward {
    seconds: u64,
}

/// It is later by so much, for the service as well; there is no way back.
pub async fn forward(State(simulator): State<Simulator>, Json(forward): Json<Forward>) -> Response {
    match &simulator.0.settings.travel {
        Some(clock) if forward.seconds <= FORWARD_S_MAX => {
            match clock.forward(Duration::from_secs(forward.seconds)) {
                Ok(()) => self::clock(State(simulator)).await.into_response(),
                Err(error) => {
                    (StatusCode::INTERNAL_SERVER_ERROR, format!("时钟没有拨动：{error}")).into_response()
                }
            }
        }
        Some(_) => (StatusCode::UNPROCESSABLE_ENTITY, "最多往后一年").into_response(),
        None => (StatusCode::CONFLICT, "这里的时钟拨不动").into_response(),
    }
}

#[derive(Deserialize)]
pub struct Crowd {
    count: usize,
}

/// So many followers at once, who follow already; nothing is posted of them.
pub async fn add_many(State(simulator): State<Simulator>, Json(crowd): Json<Crowd>) -> Response {
    if crowd.count > CROWD_MAX {
        return (StatusCode::CONFLICT, "粉丝够多了").into_response();
    }
    let first = simulator.phones().openids.len();
    let openids: Vec<String> =
        (first..first + crowd.count).map(|n| simulator.add(&format!("粉丝{n}"), true)).collect();
    Json(json!({"openids": openids})).into_response()
}

#[derive(Deserialize)]
pub struct Seen {
    #[serde(default)]
    after: u64,
}

/// What is new in a follower's chat. `start` tells one start from another.
pub async fn history(
    State(simulator): State<Simulator>,
    Path(openid): Path<String>,
    Query(seen): Query<Seen>,
) -> Response {
    let (start, now) = (simulator.0.started_ms, simulator.now());
    let history = simulator.with_phone(&openid, |phone| {
        let bubbles: Vec<&Bubble> = phone.bubbles(seen.after).collect();
        let typing = phone.is_typing(now);
        json!({"start": start, "subscribed": phone.subscribed, "typing": typing, "bubbles": bubbles})
    });
    history.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |history| Json(history).into_response())
}

/// What went over the wire for one bubble.
pub async fn raw(
    State(simulator): State<Simulator>,
    Path((openid, bubble)): Path<(String, u64)>,
) -> Response {
    let wires = simulator.with_phone(&openid, |phone| phone.wires(bubble));
    wires.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |wires| Json(wires).into_response())
}

/// A picture that a follower sent or got, for the chat.
pub async fn picture(State(simulator): State<Simulator>, Path(media_id): Path<String>) -> Response {
    let stored = simulator.account().media.get(&media_id).cloned();
    let picture = stored.and_then(|stored| {
        let (_, kind) = PICTURES.into_iter().find(|(begin, _)| stored.content.starts_with(begin))?;
        Some((kind, stored.content))
    });
    let Some((kind, content)) = picture else { return StatusCode::NOT_FOUND.into_response() };
    ([(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], content).into_response()
}

/// A picture that the page offers.
pub async fn sample(State(simulator): State<Simulator>, Path(key): Path<String>) -> Response {
    let Some(content) = specimens::jpeg(&key, simulator.begun_on()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    ([(header::CONTENT_TYPE, "image/jpeg"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], content)
        .into_response()
}

/// What a follower can do.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Act {
    Say {
        text: String,
    },
    /// A tap on a link of ours sends its words, with the link's id.
    Tap {
        text: String,
        id: String,
    },
    Menu {
        key: String,
        name: String,
    },
    Open {
        url: String,
    },
    Follow {
        scene: Option<String>,
    },
    Unfollow,
    Scan {
        scene: String,
    },
    Picture {
        /// A JPEG in base64.
        jpeg: Option<String>,
        /// The key of one of the [`specimens`]. Without either, a grey dot.
        sample: Option<String>,
    },
    Place {
        place: Option<Spot>,
    },
    /// Answers a request for consent to a notice (订阅通知).
    Consent {
        template: String,
        accept: bool,
    },
    Speak {
        text: String,
    },
}

/// Where a follower says they are.
#[derive(Debug, Deserialize)]
pub struct Spot {
    latitude: f64,
    longitude: f64,
    label: String,
}

impl Default for Spot {
    fn default() -> Spot {
        Spot { latitude: 29.8683, longitude: 121.544, label: "宁波市海曙区".to_owned() }
    }
}

/// Answers when the service has answered, so that a page that waits sees the reply.
pub async fn act(
    State(simulator): State<Simulator>,
    Path(openid): Path<String>,
    Json(act): Json<Act>,
) -> Response {
    let Some(subscribed) = simulator.with_phone(&openid, |phone| phone.subscribed) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let act = match act {
        // Who scans a code without following is asked to, and then follows by that code.
        Act::Scan { scene } if !subscribed => Act::Follow { scene: Some(scene) },
        act => act,
    };
    let wants_in = matches!(act, Act::Follow { .. });
    if subscribed == wants_in {
        return (StatusCode::CONFLICT, if subscribed { "已经关注" } else { "请先关注" }).into_response();
    }
    let picture = match &act {
        Act::Picture { sample: Some(key), .. } => match specimens::jpeg(key, simulator.begun_on()) {
            Some(bytes) => bytes,
            None => return (StatusCode::UNPROCESSABLE_ENTITY, "没有这张样张").into_response(),
        },
        Act::Picture { jpeg: Some(jpeg), .. } => match STANDARD.decode(jpeg) {
            Ok(bytes) if bytes.starts_with(JPEG) => Bytes::from(bytes),
            _ => return (StatusCode::UNPROCESSABLE_ENTITY, "不是 JPEG 图片").into_response(),
        },
        _ => Bytes::from_static(SAMPLE_PICTURE),
    };
    if wants_in || matches!(act, Act::Unfollow) {
        simulator.with_phone(&openid, |phone| phone.subscribed = wants_in);
    }
    if let Act::Consent { template, accept: true } = &act {
        simulator.with_phone(&openid, |phone| phone.consents.add(template));
    }
    let (kind, shown) = act.message(&simulator, picture);
    simulator.deliver(&openid, kind, shown).await;
    StatusCode::NO_CONTENT.into_response()
}

impl Act {
    /// What WeChat posts for it, and what the chat shows of it.
    fn message(self, simulator: &Simulator, picture: Bytes) -> (Kind, Option<Shown>) {
        let media_id = || format!("media{}", simulator.next_message_id());
        let ticket = || Some("gQSIMULATED".to_owned());
        let mine = |text: String| Some(Shown::Mine { text });
        let notice = |text: &str| Some(Shown::Notice { text: text.to_owned() });
        match self {
            Act::Say { text } => (Kind::Text { content: text.clone(), menu_id: None }, mine(text)),
            Act::Tap { text, id } => (Kind::Text { content: text.clone(), menu_id: Some(id) }, mine(text)),
            // WeChat shows nothing for a menu tap; the page does, so that one can follow the talk.
            Act::Menu { key, name } => (Kind::Event(Event::Click { key }), mine(format!("〔菜单〕{name}"))),
            Act::Open { url } => {
                let shown = notice(&format!("打开网页 {url}"));
                (Kind::Event(Event::View { url, menu_id: None }), shown)
            }
            Act::Follow { scene: None } => {
                let subscribe = Event::Subscribe { key: SubscribeKey::None, ticket: None };
                (Kind::Event(subscribe), notice("你已关注该公众号"))
            }
            Act::Follow { scene: Some(scene) } => {
                let shown = notice(&format!("你已扫码（{scene}）关注该公众号"));
                let subscribe = Event::Subscribe { key: SubscribeKey::Scene(scene), ticket: ticket() };
                (Kind::Event(subscribe), shown)
            }
            Act::Unfollow => (Kind::Event(Event::Unsubscribe), notice("你已取消关注")),
            Act::Scan { scene } => {
                let shown = mine(format!("〔扫码〕{scene}"));
                (Kind::Event(Event::Scan { scene, ticket: ticket() }), shown)
            }
            Act::Consent { template, accept } => {
                let shown = notice(&format!("{}订阅通知 {template}", if accept { "同意" } else { "拒绝" }));
                let consent = if accept { Consent::Accept } else { Consent::Reject };
                let entry = ConsentEntry { template_id: template, consent, scene: Some(1) };
                (Kind::Event(Event::SubscribeMsgPopup { entries: vec![entry] }), shown)
            }
            Act::Picture { .. } => {
                let pic_url = "http://mmbiz.qpic.cn/simulated/0".to_owned();
                let media_id = simulator.keep_picture(picture);
                (Kind::Image { pic_url, media_id: media_id.clone() }, Some(Shown::Photo { media_id }))
            }
            Act::Place { place } => {
                let Spot { latitude, longitude, label } = place.unwrap_or_default();
                let shown = mine(format!("〔位置〕{label}"));
                let (latitude, longitude, scale) = (Some(latitude), Some(longitude), Some(16));
                (Kind::Location(Place { latitude, longitude, scale, label, poi_name: None }), shown)
            }
            Act::Speak { text } => {
                let shown = mine(format!("〔语音〕{text}"));
                let (format, media_id_16k) = ("amr".to_owned(), None);
                (Kind::Voice { media_id: media_id(), format, media_id_16k, recognition: Some(text) }, shown)
            }
        }
    }
}
