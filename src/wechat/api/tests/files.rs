//! Media, streamed up and down.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use serde_json::json;

use super::super::*;
use super::stub::{Stub, Told};

const PICTURE: &[u8] = b"\xff\xd8\xff\xe0 not really a picture {\"errcode\":40007} \x00\x01";

fn picture(name: &str) -> Upload {
    Upload::from_bytes(name, Bytes::from_static(PICTURE))
}

/// The parts of a form: head and content.
fn parts(asked: &super::stub::Asked) -> Vec<(String, Vec<u8>)> {
    let content_type = asked.header("content-type");
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let separator = format!("--{boundary}");
    let body = &asked.body[..];
    let mut starts = vec![];
    for at in 0..=body.len() - separator.len() {
        if body[at..].starts_with(separator.as_bytes()) {
            starts.push(at);
        }
    }
    assert_eq!(&body[*starts.last().unwrap()..], format!("{separator}--\r\n").as_bytes());
    let mut found = vec![];
    for pair in starts.windows(2) {
        let part = &body[pair[0] + separator.len() + 2..pair[1] - 2];
        let split = part.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        found.push((String::from_utf8(part[..split].to_vec()).unwrap(), part[split + 4..].to_vec()));
    }
    found
}

#[tokio::test]
async fn a_file_is_sent_as_a_form_of_known_length_with_its_name_in_utf8() {
    let stub = Stub::start().await;
    stub.says(Told::json(json!({ "type": "image", "media_id": "M1", "created_at": "1795400000" })));
    let sent = stub.client().upload_media(MediaKind::Image, &picture("海报.JPG")).await.unwrap();
    assert_eq!(sent, Uploaded { media_id: "M1".to_owned(), created_at: 1_795_400_000 });
    let asked = stub.last();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/cgi-bin/media/upload"));
    assert_eq!((asked.query["type"].as_str(), asked.query["access_token"].as_str()), ("image", "TOKEN-1"));
    assert_eq!(asked.header("content-length"), asked.body.len().to_string());
    assert_eq!(asked.header("transfer-encoding"), "");
    let head =
        "Content-Disposition: form-data; name=\"media\"; filename=\"海报.JPG\"\r\nContent-Type: image/jpeg";
    assert_eq!(parts(&asked), [(head.to_owned(), PICTURE.to_vec())]);
}

#[tokio::test]
async fn a_file_on_disk_is_streamed_and_sent_again_after_a_refused_token() {
    let stub = Stub::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("课程.mp4");
    let film: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(&path, &film).unwrap();
    stub.answers(|asked| match asked.path.as_str() {
        "/cgi-bin/stable_token" => None,
        _ if asked.query["access_token"] == "TOKEN-1" => Some(Told::error(42001, "access_token expired")),
        _ => Some(Told::json(json!({ "media_id": "V1" }))),
    });
    let upload = Upload::from_file(&path).await.unwrap();
    let sent = stub.client().add_video(&upload, "第一课", "简介").await.unwrap();
    assert_eq!(sent.media_id, "V1");
    let asked = stub.asked("/cgi-bin/material/add_material");
    assert_eq!(asked.len(), 2);
    for asked in &asked {
        let parts = parts(asked);
        assert_eq!(parts[0].0, "Content-Disposition: form-data; name=\"description\"");
        let description: serde_json::Value = serde_json::from_slice(&parts[0].1).unwrap();
        assert_eq!(description, json!({ "title": "第一课", "introduction": "简介" }));
        assert!(parts[1].1 == film, "the film arrived changed");
        assert_eq!(asked.query["type"], "video");
    }
}

#[tokio::test]
async fn what_wechat_would_not_take_is_not_sent() {
    let stub = Stub::start().await;
    let client = stub.client();
    let large = |name: &str, bytes: usize| Upload::from_bytes(name, Bytes::from(vec![0; bytes]));
    let cases = [
        (MediaKind::Image, picture("poster.webp"), "the file is no png, jpeg, jpg, gif by its name"),
        (
            MediaKind::Image,
            large("a.png", 10 << 20 | 1),
            "the file has 10485761 bytes; WeChat takes 10485760",
        ),
        (MediaKind::Voice, large("a.amr", 2 << 20 | 1), "the file has 2097153 bytes; WeChat takes 2097152"),
        (MediaKind::Video, picture("a.avi"), "the file is no mp4 by its name"),
        (MediaKind::Thumb, large("a.jpg", 65_537), "the file has 65537 bytes; WeChat takes 65536"),
        (MediaKind::Image, large("a.png", 0), "the file is empty"),
    ];
    for (kind, file, message) in cases {
        let refused = client.upload_media(kind, &file).await.unwrap_err();
        assert_eq!((refused.message.as_str(), &refused.reaction), (message, &Reaction::Permanent));
    }
    assert!(client.upload_picture(&large("a.png", 1 << 20)).await.is_err());
    assert!(client.add_material(MediaKind::Video, &picture("a.mp4")).await.is_err());
    assert!(stub.asked("/cgi-bin/media/upload").is_empty());
}

#[tokio::test]
async fn a_file_comes_in_pieces_with_its_name_and_type() {
    let stub = Stub::start().await;
    let large: Vec<u8> = (0..2_000_000_u32).map(|n| (n % 253) as u8).collect();
    let mut told = Told::raw("image/jpeg", large.clone());
    told.headers.push(("content-disposition", "attachment; filename=\"MEDIA_1.jpg\"".to_owned()));
    stub.says(told);
    let mut download = stub.client().media_get("MEDIA_1").await.unwrap();
    assert_eq!(stub.last().query["media_id"], "MEDIA_1");
    assert_eq!(download.name.as_deref(), Some("MEDIA_1.jpg"));
    assert_eq!((download.content_type.as_deref(), download.bytes), (Some("image/jpeg"), Some(2_000_000)));
    let (mut whole, mut pieces) = (Vec::new(), 0);
    while let Some(chunk) = download.chunk().await.unwrap() {
        whole.extend_from_slice(&chunk);
        pieces += 1;
    }
    assert!(whole == large && pieces > 1);
    let refused = stub.client().media_get("MEDIA_1").await.unwrap().whole(1_000_000).await.unwrap_err();
    assert_eq!(refused.reaction, Reaction::Permanent);
}

#[tokio::test]
async fn an_error_is_recognised_under_any_content_type_and_a_file_too() {
    let stub = Stub::start().await;
    for content_type in
        ["text/plain", "image/jpeg", "application/octet-stream", "application/json; encoding=utf-8"]
    {
        stub.says(Told::raw(content_type, " \n{\"errcode\":40007,\"errmsg\":\"invalid media_id\"}"));
        let failed = stub.client().media_get("old").await.unwrap_err();
        assert_eq!((failed.code, failed.reaction), (Some(40007), Reaction::Permanent));

        for body in [PICTURE, b"{ is how this picture begins", b"{}x"] {
            stub.says(Told::raw(content_type, body));
            let download = stub.client().media_get("good").await.unwrap();
            assert_eq!(download.whole(1_000).await.unwrap(), body);
        }
    }
    stub.says(Told::raw("text/html", "<html>"));
    assert_eq!(stub.client().media_get("m").await.unwrap_err().reaction, Reaction::Retry);
    stub.says(Told::raw("image/jpeg", ""));
    assert_eq!(stub.client().media_get("m").await.unwrap_err().reaction, Reaction::Retry);
}

#[tokio::test]
async fn a_refused_token_is_seen_behind_a_file_too() {
    let stub = Stub::start().await;
    static REFUSED: AtomicBool = AtomicBool::new(false);
    stub.answers(|asked| match asked.path.as_str() {
        "/cgi-bin/media/get" if !REFUSED.swap(true, Ordering::Relaxed) => {
            Some(Told::raw("text/plain", "{\"errcode\":40001,\"errmsg\":\"invalid credential\"}"))
        }
        "/cgi-bin/media/get" => Some(Told::raw("image/jpeg", PICTURE)),
        _ => None,
    });
    let download = stub.client().media_get("M1").await.unwrap();
    assert_eq!(download.whole(1_000).await.unwrap(), PICTURE);
    assert_eq!(stub.fetches(), 2);
}

#[tokio::test]
async fn a_film_is_fetched_by_its_link_without_the_token_and_from_nowhere_else() {
    let stub = Stub::start().await;
    let link = format!("http://{}/film/1?vkey=2", stub.address);
    stub.answers(move |asked| match asked.path.as_str() {
        "/cgi-bin/media/get" if asked.query["media_id"] == "away" => {
            Some(Told::raw("text/plain", json!({ "video_url": "http://127.0.0.1:1/film" }).to_string()))
        }
        "/cgi-bin/media/get" => Some(Told::raw("text/plain", json!({ "video_url": link }).to_string())),
        "/cgi-bin/material/get_material" => {
            Some(Told::json(json!({ "title": "课", "description": "", "down_url": link })))
        }
        "/film/1" => Some(Told::raw("video/mp4", PICTURE)),
        _ => None,
    });
    let client = stub.client();
    let download = client.media_get("V1").await.unwrap();
    assert_eq!(download.content_type.as_deref(), Some("video/mp4"));
    assert_eq!(download.whole(1_000).await.unwrap(), PICTURE);
    let asked = stub.last();
    assert_eq!((asked.path.as_str(), asked.query.get("access_token")), ("/film/1", None));
    assert_eq!(client.media_get("away").await.unwrap_err().reaction, Reaction::Permanent);

    let Material::Video { title, down_url, .. } = client.material("V2").await.unwrap() else {
        panic!("no film")
    };
    assert_eq!(title, "课");
    assert!(client.material_video(&down_url).await.is_ok());
}

#[tokio::test]
async fn permanent_media_come_as_files_or_articles() {
    let stub = Stub::start().await;
    stub.says(Told::raw("image/jpeg", PICTURE));
    assert!(matches!(stub.client().material("P").await.unwrap(), Material::File(_)));
    assert_eq!(stub.last().text(), r#"{"media_id":"P"}"#);
    stub.says(Told::json(json!({ "news_item": [{ "title": "通知" }] })));
    let Material::News(articles) = stub.client().material("N").await.unwrap() else { panic!("no articles") };
    assert_eq!(articles[0]["title"], "通知");
}
