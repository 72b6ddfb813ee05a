//! The trail, as auditors read it.

use super::*;

#[tokio::test]
async fn auditors_read_the_trail_and_that_is_on_it() {
    let desk = desk();
    let id = desk.handed_in(1).await;
    desk.acts(CLAIMS, &id, json!({"act": "take"})).await;
    desk.acts(CLAIMS, &id, json!({"act": "accept"})).await;
    assert_eq!(desk.acts(AUDITOR, &id, json!({"act": "take"})).await.status, 403);
    for token in [CLAIMS, PAYER, STAFF] {
        assert_eq!(desk.sees(token, "/trail").await.code(), (403, "not_allowed".into()));
    }
    let of = async |words: &str| {
        let list = desk.sees(AUDITOR, &format!("/trail?{words}")).await.json();
        let told = |row: &Value| (row["who"].clone(), row["act"].clone(), row["done"].clone());
        list["entries"].as_array().unwrap().iter().map(told).collect::<Vec<_>>()
    };
    let expected = [("li", "claim.take", false), ("wu", "claim.accept", true), ("wu", "claim.take", true)]
        .map(|(who, act, done)| (json!(who), json!(act), json!(done)));
    assert_eq!(of(&format!("subject={id}")).await, expected, "the latest first");
    assert_eq!(of("who=wu&act=claim.").await.len(), 2);
    assert_eq!(of("act=trail.&who=li").await.len(), 3, "the looks before this one, and this one");
    let first = desk.sees(ADMIN, "/trail?limit=2").await.json();
    let next = first["next"].as_u64().unwrap();
    assert_eq!(first["entries"][1]["number"], next);
    let second = desk.sees(ADMIN, &format!("/trail?limit=1&after={next}")).await.json();
    assert_eq!(second["entries"][0]["number"], next - 1);
    let refused = desk.sees(AUDITOR, "/trail?act=claim.take&who=li").await.json();
    assert_eq!(refused["entries"][0]["detail"], "lacks the role claim");
}

#[tokio::test]
async fn looks_at_benefits_coupons_and_series_are_on_the_trail() {
    let desk = desk();
    let looks = [
        ("/benefits", "benefit.list "),
        ("/benefits/W1", "benefit.show W1"),
        ("/benefits/W1/releases", "benefit.releases W1"),
        ("/coupons/W1-000007", "coupon.show W1-000007"),
        ("/series", "series.list "),
        ("/series/S1", "series.show S1"),
        ("/activities/A1/check-in", "activity.check_in_code A1"),
    ];
    for (path, _) in looks {
        desk.sees(ADMIN, path).await;
    }
    let list = desk.sees(ADMIN, "/trail").await.json();
    let told =
        |row: &Value| format!("{} {}", row["act"].as_str().unwrap(), row["subject"].as_str().unwrap_or(""));
    let told: Vec<String> = list["entries"].as_array().unwrap().iter().rev().map(told).collect();
    assert_eq!(told[..looks.len()], looks.map(|(_, entry)| entry));
}

#[tokio::test]
async fn looks_at_activities_and_calls_with_wrong_input_are_on_the_trail() {
    let desk = desk();
    assert_eq!(desk.sees(STAFF, "/activities").await.status, 200);
    assert_eq!(desk.sees(STAFF, "/activities/A1").await.status, 404);
    assert_eq!(desk.post("/activities", &json!({"titel": "茶"})).await.status, 422);
    assert_eq!(desk.post("/activities/A1/cancel", &json!({"reason": " "})).await.status, 422);
    let list = desk.sees(ADMIN, "/trail").await.json();
    let told = |row: &Value| format!("{} {} {}", row["act"], row["subject"], row["done"]).replace('"', "");
    let told: Vec<String> = list["entries"].as_array().unwrap().iter().rev().map(told).collect();
    let expected = [
        "activity.list null true",
        "activity.show A1 true",
        "call POST /activities false",
        "call POST /activities/{id}/cancel false",
    ];
    assert_eq!(told[..4], expected);
    assert!(!list.to_string().contains("titel"), "what was sent isn't on it");
}
