mod api;
mod doors;
mod webhook_faults;
mod wrong_calls;

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::RawQuery;
use secrecy::SecretString;
use serde_json::json;

use super::phone::{Way, Wire};
use super::*;
use crate::moment::Moment;
use crate::wechat::envelope::AesKey;
use crate::wechat::event::Event;
use crate::wechat::message::Kind;
use crate::wechat::reply::Reply;
use crate::wechat::{Mode, Query, open};

const ACCOUNT: &str = "gh_3c884a361561";
const NOW: Time = Time::from_unix_s(1_795_400_000);

struct Still;

impl Clock for Still {
    fn moment(&self) -> Moment {
        Moment { now: NOW, seed: 42 }
    }
}

fn keys() -> Keys {
    Keys {
        account: ACCOUNT.to_owned(),
        app_id: "wx0f1e2d3c4b5a6978".to_owned(),
        tokens: vec![SecretString::from("gonghui2026")],
        aes_keys: vec![AesKey::parse("h7Kq2ZxVw9LmPcR4tYbN8sJdF6gHaU3eQ1oXi5BvT0d").unwrap()],
        mode: Mode::Safe,
        window: None,
    }
}

/// How a webhook behaves.
#[derive(Clone, Copy)]
enum Behaves {
    /// Echoes text in a sealed answer.
    Well,
    Says(&'static str),
    /// Forgets to seal its answer.
    InPlain,
    /// Answers to a person who isn't the follower.
    ToSomebodyElse,
    Never,
    /// 500 twice, then well.
    ThirdTime,
}

/// A webhook on a free port, and how often it was asked.
async fn webhook(behaves: Behaves) -> (Simulator, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let answer = move |RawQuery(query): RawQuery, body: axum::body::Bytes| async move {
        let nth = count.fetch_add(1, Ordering::Relaxed) + 1;
        let query = query.unwrap_or_default();
        let opened = open(&Query::parse(&query), &body, &keys(), NOW).expect("a signed and sealed message");
        let follower = opened.message.from.clone();
        let written = |to: &str| {
            let content = match &opened.message.kind {
                Kind::Text { content, .. } => format!("听到：{content}"),
                other => format!("{other:?}"),
            };
            Reply::Text { content }.render(to, ACCOUNT, NOW.unix_s())
        };
        let sealed = |to: &str| (axum::http::StatusCode::OK, opened.answer(written(to), &keys(), NOW));
        match behaves {
            Behaves::Well => sealed(&follower),
            Behaves::Says(text) => (axum::http::StatusCode::OK, text.to_owned()),
            Behaves::InPlain => (axum::http::StatusCode::OK, written(&follower)),
            Behaves::ToSomebodyElse => sealed("oSomebodyElse"),
            Behaves::Never => std::future::pending().await,
            Behaves::ThirdTime if nth < 3 => (axum::http::StatusCode::INTERNAL_SERVER_ERROR, String::new()),
            Behaves::ThirdTime => sealed(&follower),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/wechat", post(answer))).await });
    let settings = Settings {
        service_url: format!("http://{address}"),
        webhook_path: "/wechat".to_owned(),
        keys: keys(),
        app_secret: Some(SecretString::from("secret")),
        menu: serde_json::from_value(json!({"button": []})).unwrap(),
        account_name: "甬城工惠".to_owned(),
        // Long enough for a push to arrive on a machine that is busy: how many did is counted.
        patience: if matches!(behaves, Behaves::Never) { Duration::from_millis(400) } else { PATIENCE },
        job_takes: Duration::ZERO,
        travel: None,
    };
    (Simulator::new(settings, Arc::new(Still)), asked)
}

fn mei(simulator: &Simulator) -> String {
    simulator.phones().openids[0].clone()
}

fn said(text: &str) -> Kind {
    Kind::Text { content: text.to_owned(), menu_id: None }
}

fn mine(text: &str) -> Option<Shown> {
    Some(Shown::Mine { text: text.to_owned() })
}

/// What went over the wire for the first bubble.
fn wires(simulator: &Simulator) -> Vec<Wire> {
    simulator.with_phone(&mei(simulator), |phone| phone.wires(1)).unwrap()
}

/// What is on the screen, as JSON without the wire.
fn screen(simulator: &Simulator) -> Vec<(String, String)> {
    let show = |bubble: &phone::Bubble| {
        let json = serde_json::to_value(&bubble.shown).unwrap();
        (json["kind"].as_str().unwrap().to_owned(), json["text"].as_str().unwrap_or_default().to_owned())
    };
    simulator.with_phone(&mei(simulator), |phone| phone.bubbles(0).map(show).collect()).unwrap()
}

async fn says_hello(behaves: Behaves) -> (Vec<(String, String)>, usize) {
    let (simulator, asked) = webhook(behaves).await;
    simulator.deliver(&mei(&simulator), said("你好"), mine("你好")).await;
    let mut screen = screen(&simulator);
    assert_eq!(screen.remove(0), ("mine".to_owned(), "你好".to_owned()));
    (screen, asked.load(Ordering::Relaxed))
}

fn out_of_order() -> Vec<(String, String)> {
    vec![("notice".to_owned(), platform::OUT_OF_ORDER.to_owned())]
}

#[tokio::test]
async fn a_good_answer_is_shown_and_what_went_over_the_wire_both_ways() {
    let (simulator, _) = webhook(Behaves::Well).await;
    simulator.deliver(&mei(&simulator), said("<b>你好]]></b>"), mine("…")).await;
    assert_eq!(screen(&simulator)[1], ("text".to_owned(), "听到：<b>你好]]></b>".to_owned()));
    let [push, answer] = &wires(&simulator)[..] else { panic!("a push and an answer") };
    assert_eq!((push.way, answer.way), (Way::Push, Way::Answer));
    assert!(push.inner.contains("<MsgType>") && push.outer.contains("<Encrypt>"), "{push:?}");
    assert!(answer.inner.contains("听到") && !answer.outer.contains("听到"), "{answer:?}");
}

#[tokio::test]
async fn success_shows_nothing_and_is_not_asked_for_again() {
    assert_eq!(says_hello(Behaves::Says("success")).await, (vec![], 1));
    assert_eq!(says_hello(Behaves::Says("")).await, (vec![], 1));
}

#[tokio::test]
async fn what_is_no_answer_shows_that_the_service_is_out_of_order() {
    assert_eq!(says_hello(Behaves::Says("{\"json\":1}")).await, (out_of_order(), 1));
    assert_eq!(says_hello(Behaves::ToSomebodyElse).await, (out_of_order(), 1));
    assert_eq!(says_hello(Behaves::InPlain).await, (out_of_order(), 1));
}

#[tokio::test]
async fn silence_is_asked_three_times() {
    assert_eq!(says_hello(Behaves::Never).await, (out_of_order(), 3));
    let (shown, asked) = says_hello(Behaves::ThirdTime).await;
    assert_eq!((shown, asked), (vec![("text".to_owned(), "听到：你好".to_owned())], 3));
}

#[tokio::test]
async fn a_push_that_nobody_waits_for_fails_without_a_word() {
    let (simulator, asked) = webhook(Behaves::Never).await;
    simulator.deliver(&mei(&simulator), Kind::Event(Event::Unsubscribe), None).await;
    assert_eq!((screen(&simulator), asked.load(Ordering::Relaxed)), (vec![], 3));
}

#[tokio::test]
async fn the_raw_view_says_why_an_answer_was_none() {
    let why = async |behaves| {
        let (simulator, _) = webhook(behaves).await;
        simulator.deliver(&mei(&simulator), said("你好"), mine("你好")).await;
        wires(&simulator)[1].inner.clone()
    };
    assert!(why(Behaves::Never).await.contains("时限"));
    assert!(why(Behaves::InPlain).await.contains("没有加密"));
    assert!(why(Behaves::ToSomebodyElse).await.contains("ToUserName"));
    assert!(why(Behaves::Says("<html>")).await.contains("不是 XML"));
    assert_eq!(why(Behaves::Says("success")).await, "");
}
