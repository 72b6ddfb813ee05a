//! One token for all, fetched as seldom as may be.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;

use super::super::*;
use super::stub::{STARTS, Stub, Told};

const CALLERS: usize = 1_000;

async fn call_at_once(client: &Client, callers: usize) -> Vec<Result<Vec<String>, Failure>> {
    let calls: Vec<_> = (0..callers)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.callback_ips().await })
        })
        .collect();
    let mut done = Vec::new();
    for call in calls {
        done.push(call.await.unwrap());
    }
    done
}

fn used(stub: &Stub, path: &str) -> Vec<String> {
    stub.asked(path).iter().map(|asked| asked.query["access_token"].clone()).collect()
}

const IPS: &str = "/cgi-bin/getcallbackip";

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_callers_wait_for_one_fetch() {
    let stub = Stub::start().await;
    stub.answers(|asked| {
        asked.path.contains("stable_token").then(|| Told {
            after: Duration::from_millis(100),
            ..Told::json(json!({ "access_token": "SLOW", "expires_in": 7200 }))
        })
    });
    let done = call_at_once(&stub.client(), CALLERS).await;
    assert!(done.iter().all(Result::is_ok), "{:?}", done.iter().find(|done| done.is_err()));
    assert_eq!(stub.fetches(), 1);
    assert_eq!(used(&stub, IPS).len(), CALLERS);
    assert!(used(&stub, IPS).iter().all(|token| token == "SLOW"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_fails_fails_for_all_who_waited_and_is_made_once() {
    let stub = Stub::start().await;
    stub.answers(|asked| {
        asked.path.contains("stable_token").then(|| Told {
            after: Duration::from_secs(1),
            ..Told::error(40164, "invalid ip 192.0.2.7, not in whitelist")
        })
    });
    let done = call_at_once(&stub.client(), 100).await;
    assert_eq!(stub.fetches(), 1);
    assert_eq!(used(&stub, IPS).len(), 0);
    for failed in done {
        let failed = failed.unwrap_err();
        assert_eq!(failed.call, "/cgi-bin/stable_token");
        assert!(matches!(failed.reaction, Reaction::Misconfigured(advice) if advice.contains("IP白名单")));
        assert!(failed.message.contains("192.0.2.7"), "{failed}");
    }
}

#[tokio::test]
async fn the_stable_kind_is_asked_for_in_the_body_and_the_plain_one_in_the_address() {
    let stub = Stub::start().await;
    stub.client().callback_ips().await.unwrap();
    let asked = &stub.asked("/cgi-bin/stable_token")[0];
    let body = json!({
        "grant_type": "client_credential", "appid": "wx5823bf96d3bd56c7", "secret": "the-app-secret",
        "force_refresh": false,
    });
    assert_eq!((asked.method.as_str(), asked.json(), asked.query.len()), ("POST", body, 0));

    let settings = Settings { token_kind: TokenKind::Plain, ..stub.settings() };
    stub.client_with(settings, Arc::new(NotKept)).callback_ips().await.unwrap();
    let asked = &stub.asked("/cgi-bin/token")[0];
    assert_eq!((asked.method.as_str(), asked.body.len()), ("GET", 0));
    assert_eq!(asked.query["grant_type"], "client_credential");
    assert_eq!(
        (asked.query["appid"].as_str(), asked.query["secret"].as_str()),
        ("wx5823bf96d3bd56c7", "the-app-secret")
    );
}

#[tokio::test]
async fn a_token_is_renewed_ahead_of_its_end_and_the_old_one_serves_while_that_fails() {
    let stub = Stub::start().await;
    let client = stub.client();
    client.callback_ips().await.unwrap();
    stub.clock.advance(7200 - 300);
    client.callback_ips().await.unwrap();
    assert_eq!(stub.fetches(), 1, "five minutes before the end it is too early");

    stub.answers(|asked| asked.path.contains("stable_token").then(|| Told::error(-1, "system error")));
    stub.clock.advance(100);
    for _ in 0..5 {
        client.callback_ips().await.unwrap();
    }
    assert_eq!(stub.fetches(), 2, "a renewal that failed is not repeated at once");
    stub.answers(|_| None);
    stub.clock.advance(60);
    client.callback_ips().await.unwrap();
    assert_eq!(used(&stub, IPS).last().unwrap(), "TOKEN-2");
    assert_eq!(stub.fetches(), 3);

    stub.answers(|asked| asked.path.contains("stable_token").then(|| Told::error(-1, "system error")));
    stub.clock.advance(7200);
    let failed = client.callback_ips().await.unwrap_err();
    assert_eq!(
        (failed.code, failed.reaction),
        (Some(-1), Reaction::Retry),
        "an ended token is no longer used"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_caller_renews_ahead_and_the_others_do_not_wait() {
    let stub = Stub::start().await;
    let client = stub.client();
    client.callback_ips().await.unwrap();
    stub.clock.advance(7200 - 100);
    stub.answers(|asked| {
        asked.path.contains("stable_token").then(|| Told {
            after: Duration::from_secs(3),
            ..Told::json(json!({ "access_token": "NEXT", "expires_in": 7200 }))
        })
    });
    let renewing = tokio::spawn({
        let client = client.clone();
        async move { client.callback_ips().await }
    });
    while stub.fetches() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let others = tokio::time::timeout(Duration::from_secs(2), call_at_once(&client, 50)).await.unwrap();
    assert!(others.iter().all(Result::is_ok));
    renewing.await.unwrap().unwrap();
    assert_eq!(stub.fetches(), 2);
    assert_eq!(used(&stub, IPS).last().unwrap(), "NEXT");
}

/// Refuses every token but one.
fn accepts_only(stub: &Stub, good: &'static str, code: i64) {
    stub.answers(move |asked| {
        let refused = asked.path == IPS && asked.query["access_token"] != good;
        refused.then(|| Told::error(code, "access_token is invalid or not latest"))
    });
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_call_repeated_once() {
    for code in [40001, 40014, 42001] {
        let stub = Stub::start().await;
        accepts_only(&stub, "TOKEN-2", code);
        stub.client().callback_ips().await.unwrap();
        assert_eq!(used(&stub, IPS), ["TOKEN-1", "TOKEN-2"]);
        assert_eq!(stub.fetches(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_refused_after_somebody_renewed_takes_the_new_token() {
    let stub = Stub::start().await;
    let client = stub.client();
    accepts_only(&stub, "TOKEN-2", 40001);
    let done = call_at_once(&client, 200).await;
    assert!(done.iter().all(Result::is_ok), "{:?}", done.iter().find(|done| done.is_err()));
    assert_eq!(stub.fetches(), 2, "one for all at the start, one for all who were refused");
}

#[tokio::test]
async fn a_token_that_is_refused_again_and_again_is_no_loop() {
    let stub = Stub::start().await;
    let client = stub.client();
    accepts_only(&stub, "none", 40001);
    let failed = client.callback_ips().await.unwrap_err();
    assert_eq!((failed.code, failed.reaction), (Some(40001), Reaction::Retry));
    assert_eq!((used(&stub, IPS).len(), stub.fetches()), (2, 2));
    for _ in 0..20 {
        assert_eq!(client.callback_ips().await.unwrap_err().reaction, Reaction::Retry);
    }
    assert_eq!(stub.fetches(), 2, "the token that was just given is not renewed at once");
    accepts_only(&stub, "TOKEN-3", 40001);
    stub.clock.advance(11);
    client.callback_ips().await.unwrap();
}

#[tokio::test]
async fn the_same_stable_token_given_again_is_forced_to_change_and_not_too_often() {
    let stub = Stub::start().await;
    let client = stub.client();
    let answer = |forced: &'static str| {
        move |asked: &super::stub::Asked| match asked.path.as_str() {
            "/cgi-bin/stable_token" => {
                let is_forced = asked.json()["force_refresh"] == true;
                let token = if is_forced { forced } else { "SAME" };
                Some(Told::json(json!({ "access_token": token, "expires_in": 7200 })))
            }
            _ => (asked.query["access_token"] != "FORCED").then(|| Told::error(40001, "not latest")),
        }
    };
    stub.answers(answer("SAME"));
    client.callback_ips().await.unwrap_err();
    stub.clock.advance(11);
    client.callback_ips().await.unwrap_err();
    let forced = |stub: &Stub| {
        stub.asked("/cgi-bin/stable_token")
            .iter()
            .filter(|asked| asked.json()["force_refresh"] == true)
            .count()
    };
    assert_eq!((forced(&stub), stub.fetches()), (1, 4), "30 seconds apart");
    stub.answers(answer("FORCED"));
    stub.clock.advance(31);
    client.callback_ips().await.unwrap();
    assert_eq!(forced(&stub), 2);
}

#[derive(Default)]
struct Drawer(Mutex<Option<StoredToken>>);

impl Tokens for Drawer {
    fn load(&self) -> Boxed<'_, Option<StoredToken>> {
        Box::pin(std::future::ready(self.0.lock().unwrap().clone()))
    }

    fn save<'a>(&'a self, token: &'a StoredToken) -> Boxed<'a, ()> {
        *self.0.lock().unwrap() = Some(token.clone());
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_restart_goes_on_with_the_kept_token_while_it_lasts() {
    let stub = Stub::start().await;
    let drawer = Arc::new(Drawer::default());
    let restarted = || stub.client_with(stub.settings(), drawer.clone());
    restarted().callback_ips().await.unwrap();
    let kept = drawer.0.lock().unwrap().clone().unwrap();
    assert_eq!(kept.token.expose_secret(), "TOKEN-1");
    assert_eq!(kept.expires, STARTS.plus(Duration::from_secs(7200)));

    restarted().callback_ips().await.unwrap();
    assert_eq!((stub.fetches(), used(&stub, IPS)), (1, vec!["TOKEN-1".to_owned(); 2]));
    stub.clock.advance(7201);
    restarted().callback_ips().await.unwrap();
    assert_eq!((stub.fetches(), used(&stub, IPS)[2].as_str()), (2, "TOKEN-2"));
}

#[tokio::test]
async fn a_wrong_secret_is_told_by_the_name_of_its_setting() {
    let stub = Stub::start().await;
    for code in [40001, 40125] {
        stub.answers(move |_| Some(Told::error(code, "invalid appsecret, rid: 1")));
        let failed = stub.client().callback_ips().await.unwrap_err();
        assert!(
            matches!(failed.reaction, Reaction::Misconfigured(advice) if advice.contains("account.app_secret"))
        );
        assert!(failed.to_string().contains("account.app_secret"), "{failed}");
    }
    assert_eq!(stub.asked(IPS).len(), 0);
}

#[tokio::test]
async fn a_grant_without_a_token_or_an_end_is_none() {
    let stub = Stub::start().await;
    for grant in [json!({}), json!({"access_token": "", "expires_in": 7200}), json!({"access_token": "T"})] {
        stub.answers(move |asked| asked.path.contains("token").then(|| Told::json(grant.clone())));
        assert_eq!(stub.client().callback_ips().await.unwrap_err().reaction, Reaction::Retry);
    }
}
