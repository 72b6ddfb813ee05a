//! What WeChat, and what stands between, can answer; and what each asks of the caller.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::*;
use super::stub::{SECRET, Stub, Told};

async fn sends(stub: &Stub) -> Failure {
    stub.client().send_custom("oUnion0000000000000000000001", &CustomMessage::text("好")).await.unwrap_err()
}

async fn reads(stub: &Stub) -> Failure {
    stub.client().user_info("oUnion0000000000000000000001").await.unwrap_err()
}

#[tokio::test]
async fn codes_reach_the_caller_as_what_to_do() {
    let stub = Stub::start().await;
    let cases = [
        (-1, Reaction::Retry),
        (45009, Reaction::SlowDown(Pause::NextDay)),
        (45011, Reaction::SlowDown(Pause::NextMinute)),
        (45015, Reaction::Unreachable(Unreachable::WindowClosed)),
        (45047, Reaction::Unreachable(Unreachable::QuotaUsed)),
        (43101, Reaction::Unreachable(Unreachable::Refused)),
        (43004, Reaction::Unreachable(Unreachable::NotFollowing)),
        (40003, Reaction::Unreachable(Unreachable::UnknownId)),
        (45002, Reaction::Permanent),
        (99999, Reaction::Permanent),
    ];
    for (code, reaction) in cases {
        stub.says(Told::error(code, "some words, rid: 65a0"));
        let failed = sends(&stub).await;
        assert_eq!((failed.code, failed.reaction), (Some(code), reaction), "{code}");
        assert_eq!(failed.call, "/cgi-bin/message/custom/send");
        assert_eq!(failed.message, "some words, rid: 65a0");
    }
    stub.says(Told::error(48001, "api unauthorized"));
    assert!(
        matches!(sends(&stub).await.reaction, Reaction::Misconfigured(advice) if advice.contains("接口权限"))
    );
}

#[tokio::test]
async fn a_repeated_mass_send_gives_the_first_ones_id() {
    let stub = Stub::start().await;
    for id in [json!(1_000_001_625_u64), json!("1000001625")] {
        stub.says(Told::json(json!({ "errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": id })));
        let content = MassContent::Text { content: "好".to_owned() };
        let failed = stub.client().mass_send_all(&content, "b1-0").await.unwrap_err();
        assert_eq!(failed.reaction, Reaction::AlreadyDone { msg_id: Some("1000001625".to_owned()) });
    }
}

#[tokio::test]
async fn an_answer_that_is_none_leaves_a_send_uncertain_and_a_question_to_be_asked_again() {
    let stub = Stub::start().await;
    let broken = Told { status: 502, ..Told::raw("text/html", "<html>Bad Gateway</html>") };
    let answers = [
        broken,
        Told { status: 500, ..Told::raw("application/json", "{}") },
        Told::raw("text/html", "<html>busy</html>"),
        Told::raw("application/json", "{\"errcode\":0,\"errm"),
        Told::raw("application/json", ""),
        Told::raw("application/json", "[]"),
    ];
    for told in answers {
        stub.says(told);
        let failed = sends(&stub).await;
        assert_eq!((failed.code, failed.reaction), (None, Reaction::Uncertain), "{}", failed.message);
        assert_eq!(reads(&stub).await.reaction, Reaction::Retry);
    }
}

#[tokio::test]
async fn an_address_that_is_not_wechats_is_told_by_the_name_of_its_setting() {
    let stub = Stub::start().await;
    for status in [301, 302, 401, 403, 404, 405] {
        let headers = vec![("location", "http://127.0.0.1:1/stolen".to_owned())];
        stub.says(Told { status, headers, ..Told::raw("text/html", "no") });
        let failed = sends(&stub).await;
        assert!(
            matches!(failed.reaction, Reaction::Misconfigured(advice) if advice.contains("wechat.api_base")),
            "{status}: {failed}"
        );
    }
    stub.says(Told { status: 429, ..Told::raw("text/plain", "") });
    assert_eq!(sends(&stub).await.reaction, Reaction::Retry);
}

#[tokio::test]
async fn a_late_answer_is_waited_for_no_longer_than_told() {
    let stub = Stub::start().await;
    stub.says(Told { after: Duration::from_secs(60), ..Told::error(0, "ok") });
    let settings = Settings { timeout: Duration::from_millis(200), ..stub.settings() };
    let client = stub.client_with(settings, std::sync::Arc::new(NotKept));
    let failed = client.send_custom("o1", &CustomMessage::text("好")).await.unwrap_err();
    assert_eq!((failed.message.as_str(), failed.reaction), ("no answer in time", Reaction::Uncertain));
    assert_eq!(client.callback_ips().await.unwrap_err().reaction, Reaction::Retry);
}

/// A server that reads a request and then writes this and hangs up.
async fn hangs_up_after(answer: &'static str) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            let is_token = request[..read].windows(12).any(|window| window == b"stable_token");
            let token = "HTTP/1.1 200 OK\r\nContent-Length: 38\r\nConnection: close\r\n\r\n{\"access_token\":\"T\",\"expires_in\":7200}";
            let answer = if is_token { token } else { answer };
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            if !is_token {
                stream.set_zero_linger().unwrap(); // dropping it now sends a reset
            }
        }
    });
    address
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_a_send_uncertain() {
    let stub = Stub::start().await;
    for answer in ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"errcode\":0"] {
        let base = format!("http://{}", hangs_up_after(answer).await);
        let client = stub.client_with(Settings { base, ..stub.settings() }, std::sync::Arc::new(NotKept));
        let failed = client.send_custom("o1", &CustomMessage::text("好")).await.unwrap_err();
        assert_eq!(failed.reaction, Reaction::Uncertain, "{failed}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_surely_nothing_done() {
    let stub = Stub::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = stub.client_with(Settings { base, ..stub.settings() }, std::sync::Arc::new(NotKept));
    let failed = client.send_custom("o1", &CustomMessage::text("好")).await.unwrap_err();
    assert_eq!(failed.reaction, Reaction::Retry);
    assert!(failed.message.starts_with("can't connect: "), "{failed}");
}

#[tokio::test]
async fn control_characters_text_plain_and_numbers_as_text_are_read() {
    let stub = Stub::start().await;
    let body = b"{\"subscribe\":\"1\",\"openid\":\"o1\",\"subscribe_time\":\"1795400000\",\"remark\":\"\x14\xe6\xa2\x85\x08\xff\",\"tagid_list\":\"\"}";
    stub.says(Told::raw("text/plain", &body[..]));
    let info = stub.client().user_info("o1").await.unwrap();
    assert!(info.follows);
    assert_eq!(info.subscribe_time, Some(1_795_400_000));
    assert_eq!((info.remark.as_str(), info.tags.as_slice()), (" 梅 \u{fffd}", &[][..]));
}

#[tokio::test]
async fn neither_token_nor_secret_is_in_any_message() {
    let stub = Stub::start().await;
    let quoting = |asked: &super::stub::Asked| match asked.path.as_str() {
        "/cgi-bin/stable_token" => None,
        _ => Some(Told::error(-1, &format!("{:?} {SECRET} {}", asked.query, "长".repeat(280)))),
    };
    stub.answers(quoting);
    let client = stub.client();
    let mut printed = format!("{:?}", stub.settings());
    let mut failures = vec![
        client.send_custom("o1", &CustomMessage::text("好")).await.unwrap_err(),
        client.authorised_by("THE-CODE").await.unwrap_err(),
        client.clear_quota_by_secret().await.unwrap_err(),
    ];
    stub.answers(|asked| Some(Told::error(40125, &format!("{} {:?}", asked.text(), asked.query))));
    failures.push(stub.client().callback_ips().await.unwrap_err());
    let plain = Settings { token_kind: TokenKind::Plain, ..stub.settings() };
    failures.push(stub.client_with(plain, std::sync::Arc::new(NotKept)).callback_ips().await.unwrap_err());
    let nowhere =
        Settings { base: "http://127.0.0.1:1".to_owned(), token_kind: TokenKind::Plain, ..stub.settings() };
    failures.push(stub.client_with(nowhere, std::sync::Arc::new(NotKept)).callback_ips().await.unwrap_err());
    for failure in &failures {
        printed.push_str(&format!("\n{failure} {failure:?}"));
    }
    let stored = StoredToken { token: "TOKEN-1".into(), expires: super::stub::STARTS };
    printed.push_str(&format!("{stored:?}"));
    for secret in ["TOKEN-1", SECRET, "THE-CODE"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

#[tokio::test]
async fn connections_are_used_again() {
    let stub = Stub::start().await;
    let client = stub.client();
    for _ in 0..5 {
        client.callback_ips().await.unwrap();
    }
    let counted = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", counted.local_addr().unwrap());
    let connections = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = connections.clone();
    let upstream = stub.address;
    tokio::spawn(async move {
        loop {
            let (mut near, _) = counted.accept().await.unwrap();
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut far = tokio::net::TcpStream::connect(upstream).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
        }
    });
    let client = stub.client_with(Settings { base, ..stub.settings() }, std::sync::Arc::new(NotKept));
    for _ in 0..20 {
        client.callback_ips().await.unwrap();
    }
    assert_eq!(connections.load(std::sync::atomic::Ordering::Relaxed), 1);
}
