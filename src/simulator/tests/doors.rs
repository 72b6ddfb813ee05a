//! What the page and the service ask of the platform, over HTTP.

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::*;

/// A platform before an echoing webhook, and its first follower.
async fn platform() -> (Router, String) {
    let (simulator, _) = webhook(Behaves::Well).await;
    let mei = mei(&simulator);
    (router(simulator), mei)
}

async fn send(router: &Router, request: Request<Body>) -> Response<Body> {
    router.clone().oneshot(request).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.into()).unwrap()
}

async fn get_json(router: &Router, path: &str) -> Value {
    let request = Request::get(format!("/simulator/{path}")).body(Body::empty()).unwrap();
    serde_json::from_str(&text(send(router, request).await).await).unwrap()
}

async fn act(router: &Router, openid: &str, act: Value) -> StatusCode {
    let request = Request::post(format!("/simulator/followers/{openid}/act"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(act.to_string()));
    send(router, request.unwrap()).await.status()
}

/// What the chat's bubbles say, after the one with the given id.
async fn chat(router: &Router, openid: &str, after: u64) -> Vec<String> {
    let history = get_json(router, &format!("followers/{openid}?after={after}")).await;
    let said = |bubble: &Value| bubble["text"].as_str().unwrap_or_default().to_owned();
    history["bubbles"].as_array().unwrap().iter().map(said).collect()
}

/// A call of WeChat's API, as clients make it: without a content type.
async fn call(router: &Router, path: &str, body: &str) -> Value {
    let request = Request::post(format!("/simulator/api/cgi-bin/{path}"));
    let answer = send(router, request.body(Body::from(body.to_owned())).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK, "WeChat tells of errors in the body");
    serde_json::from_str(&text(answer).await).unwrap()
}

async fn code(router: &Router, path: &str, body: &str) -> i64 {
    call(router, path, body).await["errcode"].as_i64().unwrap()
}

async fn token(router: &Router) -> String {
    let body = json!({"grant_type": "client_credential", "appid": keys().app_id, "secret": "secret"});
    let granted = call(router, "stable_token", &body.to_string()).await;
    assert_eq!(granted["expires_in"], 7200);
    granted["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_page_runs_no_script_but_its_own() {
    let (router, _) = platform().await;
    for path in ["", "app.js", "app.css"] {
        let request = Request::get(format!("/simulator/{path}")).body(Body::empty()).unwrap();
        let response = send(&router, request).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let text = text(response).await;
        assert!(!text.contains("innerHTML") && !text.contains(" onclick=\""), "{path}");
        assert!(!text.contains("https://") && !text.contains("url("), "{path} asks another host");
    }
}

#[tokio::test]
async fn every_act_reaches_the_service_as_its_message() {
    let (router, mei) = platform().await;
    let acts = [
        (json!({"do": "say", "text": "你好"}), "听到：你好"),
        (json!({"do": "tap", "text": "1", "id": "activity-7"}), "听到：1"),
        (
            json!({"do": "menu", "key": "activity.list", "name": "活动报名"}),
            "Click { key: \"activity.list\" }",
        ),
        (json!({"do": "open", "url": "https://example.cn/"}), "View { url: \"https://example.cn/\""),
        (json!({"do": "scan", "scene": "unit_1"}), "Scan { scene: \"unit_1\""),
        (json!({"do": "picture"}), "Image {"),
        (json!({"do": "place"}), "Location("),
        (json!({"do": "speak", "text": "我要报名"}), "recognition: Some(\"我要报名\")"),
        (json!({"do": "unfollow"}), "Unsubscribe"),
        (json!({"do": "follow", "scene": null}), "Subscribe { key: None"),
    ];
    for (what, expected) in acts {
        assert_eq!(act(&router, &mei, what.clone()).await, StatusCode::NO_CONTENT, "{what}");
        let chat = chat(&router, &mei, 0).await;
        assert!(chat.last().unwrap().contains(expected), "{what}: {chat:?}");
    }
    let raw = get_json(&router, &format!("followers/{mei}/raw/3")).await;
    assert!(raw[0]["inner"].as_str().unwrap().contains("<bizmsgmenuid>"), "{raw}");
}

#[tokio::test]
async fn who_does_not_follow_can_only_follow_and_scanning_a_code_is_a_way() {
    let (router, mei) = platform().await;
    assert_eq!(act(&router, &mei, json!({"do": "follow"})).await, StatusCode::CONFLICT);
    act(&router, &mei, json!({"do": "unfollow"})).await;
    assert_eq!(act(&router, &mei, json!({"do": "say", "text": "在吗"})).await, StatusCode::CONFLICT);
    assert_eq!(act(&router, &mei, json!({"do": "scan", "scene": "unit_1"})).await, StatusCode::NO_CONTENT);
    let chat = chat(&router, &mei, 2).await;
    assert!(chat[1].contains("Subscribe { key: Scene(\"unit_1\")"), "{chat:?}");
    assert_eq!(act(&router, "oNobody", json!({"do": "follow"})).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_gets_only_what_is_new() {
    let (router, mei) = platform().await;
    act(&router, &mei, json!({"do": "say", "text": "一"})).await;
    act(&router, &mei, json!({"do": "say", "text": "二"})).await;
    assert_eq!(chat(&router, &mei, 2).await, ["二", "听到：二"]);
    assert_eq!(chat(&router, &mei, 4).await, [""; 0]);
}

#[tokio::test]
async fn a_customer_service_message_appears_in_the_chat() {
    let (router, mei) = platform().await;
    let path = format!("message/custom/send?access_token={}", token(&router).await);
    let to = |openid: &str| json!({"touser": openid, "msgtype": "text", "text": {"content": "候补转正"}});
    act(&router, &mei, json!({"do": "say", "text": "在吗"})).await;
    assert_eq!(code(&router, &path, &to(&mei).to_string()).await, 0);
    assert_eq!(chat(&router, &mei, 2).await, ["候补转正"]);
    let raw = get_json(&router, &format!("followers/{mei}/raw/3")).await;
    assert_eq!(raw[0]["way"], "call");

    assert_eq!(code(&router, &path, &to("oNobody").to_string()).await, 40003);
    act(&router, &mei, json!({"do": "unfollow"})).await;
    assert_eq!(code(&router, &path, &to(&mei).to_string()).await, 45015);
}

#[tokio::test]
async fn the_api_refuses_as_wechat_does() {
    let (router, _) = platform().await;
    let app_id = keys().app_id;
    let asking = |app_id: &str, secret: &str| {
        json!({"grant_type": "client_credential", "appid": app_id, "secret": secret}).to_string()
    };
    assert_eq!(code(&router, "stable_token", &asking("wx0", "secret")).await, 40013);
    assert_eq!(code(&router, "stable_token", &asking(&app_id, "?")).await, 40125);
    assert_eq!(code(&router, "message/custom/send", "{}").await, 41001);
    assert_eq!(code(&router, "message/custom/send?access_token=x", "{}").await, 40014);
    let path = format!("message/custom/send?access_token={}", token(&router).await);
    assert_eq!(code(&router, &path, "").await, 44002);
    assert_eq!(code(&router, &path, "{").await, 47001);
    let ips = get_json(&router, "api/cgi-bin/getcallbackip?access_token=x").await;
    assert_eq!(ips["errcode"], 40014);
}
