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
