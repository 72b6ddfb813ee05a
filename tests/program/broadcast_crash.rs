//! Kills the service at random moments while it tells 20,000 followers something: in the end each was told exactly once,
//! by the service's ledger and by WeChat's own count.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::site::{APP_SECRET, Chance, Site, http, keys, rounds};
use gonghui::app::Machine;
use gonghui::simulator::{self, Simulator};
use secrecy::SecretString;
use serde_json::{Value, json};

const FOLLOWERS: usize = 20_000;
const ROUNDS: u64 = 10;
const KILL_WITHIN_MS: u64 = 1_500;
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcast_to_20000_followers_reaches_each_once_though_it_is_killed_ten_times() {
    let rounds = rounds(ROUNDS);
    let port = free_port();
    let platform = platform(port).await;
    let site = Site::new();
    site.connect(port, &format!("{platform}/simulator/api"));
    let there = get(&format!("{platform}/simulator/state")).await["followers"].as_array().unwrap().len();
    let crowd = json!({ "count": FOLLOWERS - there });
    post(&format!("{platform}/simulator/followers/many"), &crowd).await;

    let mut service = site.serve();
    service.staff("POST", "/followers/sync", Some(&json!({}))).await;
    while service.staff("GET", "/followers/sync", None).await["state"] == "running" {
        tokio::time::sleep(Duration::from_millis(50)).await; // until the service has done what was asked
    }
    let id =
        service.staff("POST", "/broadcasts", Some(&broadcast())).await["id"].as_str().unwrap().to_owned();
    for step in ["preview", "approve", "start"] {
        let mut done = service.staff("POST", &format!("/broadcasts/{id}/{step}"), Some(&json!({}))).await;
        while done["done"] == false {
            done = service.staff("POST", &format!("/broadcasts/{id}/{step}"), Some(&json!({}))).await;
        }
    }
    let mut chance = Chance(7);
    let mut killed_at = Vec::new();
    for _ in 0..rounds {
        tokio::time::sleep(Duration::from_millis(100 + chance.below(KILL_WITHIN_MS))).await; // the moment of the kill
        service.kill();
        killed_at.push(arrived(&platform).await.values().sum::<usize>());
        service = site.serve();
    }
    let ended = tokio::time::timeout(PATIENCE, async {
        loop {
            let progress = service.staff("GET", &format!("/broadcasts/{id}/progress"), None).await;
            if progress["state"] == "done" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await; // until it is over
        }
    });
    ended.await.expect("the broadcast comes to its end");

    let arrived = arrived(&platform).await;
    let twice: Vec<_> = arrived.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "{} followers were told more than once", twice.len());
    assert_eq!(arrived.len(), FOLLOWERS, "everybody was told");
    let report = service.staff("GET", &format!("/broadcasts/{id}/report"), None).await;
    assert_eq!(sum(&report["sent"]), FOLLOWERS as u64, "{report}");
    assert_eq!(report["recipients"], FOLLOWERS, "{report}");
    println!("killed after {killed_at:?} were told");
    service.run(&["audit"]).done();
}

/// A stand-in that outlives the service, with the service's address.
async fn platform(service_port: u16) -> String {
    let settings = simulator::Settings {
        service_url: format!("http://127.0.0.1:{service_port}"),
        webhook_path: "/wechat".to_owned(),
        keys: keys(),
        app_secret: Some(SecretString::from(APP_SECRET)),
        menu: serde_json::from_value(json!({"button": []})).unwrap(),
        account_name: "甬城工惠".to_owned(),
        patience: simulator::PATIENCE,
        job_takes: Duration::ZERO,
        travel: None,
    };
    let router = simulator::router(Simulator::new(settings, Arc::new(Machine::default())));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A port that the service can have at every start.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn broadcast() -> Value {
    json!({
        "title": "活动变更", "audience": "everyone", "way": "template", "rate_per_second": 1000,
        "template": {
            "template_id": "activity_changed",
            "fields": {"thing1": "周二手工课", "time2": "2026年12月8日 14:00"},
        },
    })
}

async fn post(url: &str, body: &Value) {
    let answer = http().post(url).json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
}

async fn get(url: &str) -> Value {
    http().get(url).send().await.unwrap().json().await.unwrap()
}

/// Openid → messages that arrived there.
async fn arrived(platform: &str) -> BTreeMap<String, usize> {
    let told = get(&format!("{platform}/simulator/deliveries")).await;
    let followers = told["followers"].as_object().unwrap();
    followers.iter().map(|(who, arrived)| (who.clone(), arrived.as_array().unwrap().len())).collect()
}

/// All ways together.
fn sum(counts: &Value) -> u64 {
    counts.as_object().map_or_else(
        || counts.as_u64().unwrap_or(0),
        |counts| counts.values().filter_map(Value::as_u64).sum(),
    )
}
