//! Temporary and permanent media (素材), uploaded and downloaded.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Answer, Answered, Endpoint, Part, Refused, Request, get, number, ok, post, refused, text, told};
use crate::simulator::Simulator;
use crate::simulator::account::Stored;

const KEPT: Duration = Duration::from_secs(3 * 86_400);
const KINDS: [&str; 4] = ["image", "voice", "video", "thumb"];

pub const ENDPOINTS: &[Endpoint] = &[
    post("/cgi-bin/media/upload", upload),
    get("/cgi-bin/media/get", download),
    get("/cgi-bin/media/get/jssdk", download),
    post("/cgi-bin/media/uploadimg", upload_picture),
    post("/cgi-bin/media/uploadvideo", video),
    post("/cgi-bin/material/add_material", add),
    post("/cgi-bin/material/get_material", material),
    get("/cgi-bin/material/get_materialcount", count),
    post("/cgi-bin/material/batchget_material", list),
    post("/cgi-bin/material/del_material", delete),
];

/// The parts of an upload; none of anything else.
pub async fn parts(headers: &HeaderMap, body: &Bytes) -> Vec<Part> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Ok(boundary) = multer::parse_boundary(content_type.unwrap_or_default()) else { return Vec::new() };
    let mut multipart = multer::Multipart::with_reader(&body[..], boundary);
    let mut parts = Vec::new();
    while let Ok(Some(field)) = multipart.next_field().await {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let Ok(content) = field.bytes().await else { break };
        parts.push(Part { name, file_name, content });
    }
    parts
}

/// `GET /simulator/media/{media_id}`: where `video_url` leads.
pub async fn film(State(simulator): State<Simulator>, Path(media_id): Path<String>) -> Response {
    let kept = simulator.account().media.get(&media_id).cloned();
    let film = kept.filter(|stored| stored.kind == "video");
    film.map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |film| ([(header::CONTENT_TYPE, "video/mp4")], film.content).into_response(),
    )
}

/// Uploaded by the account, or sent by a follower, and not too long ago.
pub fn is_known(request: &Request, media_id: &str) -> bool {
    stored(request, media_id).is_ok()
}

fn stored(request: &Request, media_id: &str) -> Result<Stored, Refused> {
    let invalid = || refused(40007, "invalid media_id");
    request.with_account(|account| {
        let temporary = account.media.get(media_id).filter(|stored| request.now.since(stored.created) < KEPT);
        temporary.or_else(|| account.materials.get(media_id)).cloned().ok_or_else(invalid)
    })
}

/// The uploaded file, within what WeChat takes of its kind.
fn file(request: &Request, kind: &str) -> Result<Stored, Refused> {
    if !KINDS.contains(&kind) {
        return Err(refused(40004, "invalid media type"));
    }
    let part = request.parts.iter().find(|part| part.name == "media");
    let part = part.ok_or_else(|| refused(41005, "media data missing"))?;
    let name = part.file_name.clone().ok_or_else(|| refused(41005, "media data missing"))?;
    if !extensions(kind).iter().any(|extension| has_extension(&name, extension)) {
        return Err(refused(40005, "invalid file type"));
    }
    let bytes_max = match kind {
        "image" | "video" => 10 << 20,
        "voice" => 2 << 20,
        _ => 64 << 10,
    };
    if part.content.is_empty() {
        return Err(refused(44001, "empty media data"));
    }
    if part.content.len() > bytes_max {
        let code = match kind {
            "voice" => 40010,
            "video" => 40011,
            "thumb" => 40012,
            _ => 40009,
        };
        return Err(refused(code, "invalid media size"));
    }
    Ok(Stored { kind: kind.to_owned(), content: part.content.clone(), name, created: request.now })
}

fn extensions(kind: &str) -> &'static [&'static str] {
    match kind {
        "image" => &["jpg", "jpeg", "png", "gif"],
        "voice" => &["amr", "mp3"],
        "video" => &["mp4"],
        _ => &["jpg", "jpeg"],
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(extension))
}

fn content_type(stored: &Stored) -> &'static str {
    const TYPES: [(&str, &str); 4] =
        [("png", "image/png"), ("gif", "image/gif"), ("amr", "voice/amr"), ("mp3", "audio/mpeg")];
    let known = TYPES.iter().find(|(extension, _)| has_extension(&stored.name, extension));
    known.map_or("image/jpeg", |(_, content_type)| content_type)
}

fn upload(request: &Request) -> Answered {
    let kind = request.query("type").to_owned();
    let stored = file(request, &kind)?;
    let name = if kind == "thumb" { "thumb_media_id" } else { "media_id" };
    request.with_account(|account| {
        let media_id = account.next_id("media");
        account.media.insert(media_id.clone(), stored);
        told(json!({"type": kind, name: media_id, "created_at": request.now.unix_s()}))
    })
}

fn download(request: &Request) -> Answered {
    let stored = stored(request, request.query("media_id"))?;
    let base = &request.simulator.0.settings.service_url;
    match stored.kind.as_str() {
        "video" => {
            let id = request.query("media_id");
            told(json!({"video_url": format!("{base}/simulator/media/{id}")}))
        }
        _ => {
            let content_type = content_type(&stored);
            Ok(Answer::File { content: stored.content, content_type, name: stored.name })
        }
    }
}

fn upload_picture(request: &Request) -> Answered {
    let stored = file(request, "image")?;
    if has_extension(&stored.name, "gif") {
        return Err(refused(40005, "invalid file type"));
    }
    if stored.content.len() >= 1 << 20 {
        return Err(refused(40009, "invalid image size"));
    }
    let id = request.with_account(super::super::account::Account::next);
    told(json!({"url": format!("http://mmbiz.qpic.cn/simulated/{id}/0")}))
}

fn video(request: &Request) -> Answered {
    let body = request.json()?;
    let film = stored(request, text(&body, "media_id"))?;
    let media_id = request.with_account(|account| {
        let media_id = account.next_id("video");
        account.media.insert(media_id.clone(), Stored { created: request.now, ..film });
        media_id
    });
    told(json!({"type": "video", "media_id": media_id, "created_at": request.now.unix_s()}))
}

fn add(request: &Request) -> Answered {
    let kind = request.query("type").to_owned();
    let stored = file(request, &kind)?;
    let describes = |part: &&Part| part.name == "description";
    let description =
        request.parts.iter().find(describes).map(|part| serde_json::from_slice::<Value>(&part.content));
    if kind == "video" && !matches!(description, Some(Ok(_))) {
        return Err(refused(47001, "data format error"));
    }
    request.with_account(|account| {
        let media_id = account.next_id("material");
        account.materials.insert(media_id.clone(), stored);
        match kind.as_str() {
            "image" => {
                told(json!({"url": format!("http://mmbiz.qpic.cn/{media_id}/0"), "media_id": media_id}))
            }
            _ => told(json!({"media_id": media_id})),
        }
    })
}

fn material(request: &Request) -> Answered {
    let body = request.json()?;
    let media_id = text(&body, "media_id");
    let found = request.with_account(|account| account.materials.get(media_id).cloned());
    let stored = found.ok_or_else(|| refused(40007, "invalid media_id"))?;
    match stored.kind.as_str() {
        "video" => {
            told(json!({"title": stored.name, "description": "", "down_url": "http://127.0.0.1/video"}))
        }
        _ => {
            let content_type = content_type(&stored);
            Ok(Answer::File { content: stored.content, content_type, name: stored.name })
        }
    }
}

fn count(request: &Request) -> Answered {
    request.with_account(|account| {
        let of = |kind: &str| account.materials.values().filter(|stored| stored.kind == kind).count();
        told(json!({"voice_count": of("voice"), "video_count": of("video"), "image_count": of("image"),
                    "news_count": account.published.len()}))
    })
}

/// `count` is 1 to 20.
pub fn window(body: &Value) -> Result<(usize, usize), Refused> {
    let offset = number(&body["offset"]).unwrap_or(0) as usize;
    match number(&body["count"]) {
        Some(count @ 1..=20) => Ok((offset, count as usize)),
        _ => Err(refused(40007, "invalid count")),
    }
}

fn list(request: &Request) -> Answered {
    let body = request.json()?;
    let (offset, count) = window(&body)?;
    let kind = text(&body, "type");
    request.with_account(|account| {
        let all: Vec<_> = account.materials.iter().filter(|(_, stored)| stored.kind == kind).collect();
        let item = |(id, stored): &(&String, &Stored)| {
            json!({"media_id": id, "name": stored.name, "update_time": stored.created.unix_s(), "url": ""})
        };
        let items: Vec<Value> = all.iter().skip(offset).take(count).map(item).collect();
        told(json!({"total_count": all.len(), "item_count": items.len(), "item": items}))
    })
}

fn delete(request: &Request) -> Answered {
    let body = request.json()?;
    let removed = request.with_account(|account| account.materials.remove(text(&body, "media_id")));
    match removed {
        Some(_) => ok(),
        None => Err(refused(40007, "invalid media_id")),
    }
}
