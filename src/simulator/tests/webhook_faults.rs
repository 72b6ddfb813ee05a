//! What the platform does to its own posts when a fault is switched on.

use serde_json::json;

use super::api::Place;
use super::*;

fn heard(place: &Place) -> Vec<String> {
    let word = |kind: &String| kind.split('"').nth(1).unwrap_or_default().to_owned();
    place.posted.lock().unwrap().iter().map(word).collect()
}

async fn says(place: &Place, text: &'static str) {
    place.simulator.deliver(&place.mei(), said(text), None).await;
}

#[tokio::test]
async fn a_message_comes_twice() {
    let place = Place::new().await;
    place.switch(json!({"webhook": [{"fault": "duplicate", "calls": 1}]})).await;
    says(&place, "一").await;
    says(&place, "二").await;
    assert_eq!(heard(&place), ["一", "一", "二"]);
}

#[tokio::test]
async fn the_reply_is_lost_and_asked_for_again() {
    let place = Place::new().await;
    place.switch(json!({"webhook": [{"fault": "drop_reply", "calls": 1}]})).await;
    says(&place, "一").await;
    says(&place, "二").await;
    assert_eq!(heard(&place), ["一", "一", "二"]);
}

#[tokio::test]
async fn a_message_comes_late() {
    let place = Place::new().await;
    place.switch(json!({"webhook": [{"fault": "delay", "ms": 200, "calls": 1}]})).await;
    tokio::join!(says(&place, "一"), says(&place, "二"));
    assert_eq!(heard(&place), ["二", "一"]);
}

#[tokio::test]
async fn a_message_comes_after_the_next() {
    let place = Place::new().await;
    place.switch(json!({"webhook": [{"fault": "reorder", "calls": 1}]})).await;
    tokio::join!(says(&place, "一"), says(&place, "二"));
    assert_eq!(heard(&place), ["二", "一"]);
}

#[tokio::test]
async fn with_none_to_come_before_it_a_message_comes_after_a_while() {
    let place = Place::new().await;
    place.switch(json!({"webhook": [{"fault": "reorder", "ms": 50, "calls": 1}]})).await;
    says(&place, "一").await;
    assert_eq!(heard(&place), ["一"]);
}

#[tokio::test]
async fn the_platform_asks_no_more_than_three_times_and_says_what_is_switched_on() {
    let place = Place::new().await;
    place.switch(json!({"webhook": [{"fault": "duplicate"}]})).await;
    let url = format!("{}/simulator/faults", place.base);
    let shown = reqwest::get(&url).await.unwrap().text().await.unwrap();
    assert!(shown.contains("\"duplicate\""), "{shown}");
    says(&place, "一").await;
    says(&place, "二").await;
    assert_eq!(heard(&place), ["一", "一", "二", "二"]);
    place.switch(json!({})).await;
    says(&place, "三").await;
    assert_eq!(heard(&place).len(), 5);
    let wrong =
        reqwest::Client::new().post(url).body(r#"{"webhook":[{"fault":"smoke"}]}"#).send().await.unwrap();
    assert_eq!(wrong.status(), 422);
}
