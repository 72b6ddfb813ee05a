//! Payments: batches, the bank's file, its results.

use super::claims::ACCOUNT;
use super::*;

impl Desk {
    async fn pays(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call(Method::POST, &format!("/payments{path}"), token, body.to_string(), &[]).await
    }

    async fn results(&self, number: u64, csv: &str) -> Value {
        let path = format!("/payments/{number}/results");
        let answer = self.call(Method::POST, &path, PAYER, csv.to_owned(), &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        answer.json()
    }
}

#[tokio::test]
async fn a_batch_is_frozen_released_by_a_second_person_and_paid_once() {
    let desk = desk();
    let (first, second) = (desk.approved(1).await, desk.approved(2).await);
    let made = desk.pays(PAYER, "", json!({"scheme": "ningbo"})).await.json();
    assert_eq!(
        (&made["state"], &made["count"], &made["total"]),
        (&json!("frozen"), &json!(2), &json!("3600.00"))
    );
    assert_eq!(desk.pays(PAYER, "", json!({"scheme": "ningbo"})).await.code(), (409, "batch_open".into()));
    assert_eq!(desk.pays(PAYER, "/1/release", json!({})).await.code(), (409, "same_person".into()));
    let early =
        desk.call(Method::POST, "/payments/1/results", PAYER, "number,result\nL1,paid\n".into(), &[]).await;
    assert_eq!(early.json()["problems"][0]["code"], "not_now");
    assert_eq!(desk.pays(RELEASER, "/1/release", json!({})).await.json()["released_by"], "wei");
    assert_eq!(desk.pays(RELEASER, "/1/drop", json!({})).await.code(), (409, "not_now".into()));

    let file = desk.pays(PAYER, "/1/export", json!({})).await;
    let text = String::from_utf8(file.body).unwrap();
    assert!(text.contains(&format!("1-{first},李梅1,{ACCOUNT},宁波银行,1800.00")), "{text}");
    assert_eq!(desk.pays(CLAIMS, "/1/export", json!({})).await.status, 403);
    assert_eq!(desk.pays(AUDITOR, "/1/export", json!({})).await.status, 403);
    let shown = String::from_utf8(desk.sees(AUDITOR, "/payments/1").await.body).unwrap();
    assert!(!shown.contains(ACCOUNT), "{shown}");

    let csv = format!(
        "number,result,reason,amount\n1-{first},paid,,1800.00\n1-{second},failed,户名不符 {ACCOUNT},\n1-L000777,paid,,\n"
    );
    let booked = desk.results(1, &csv).await;
    assert_eq!((&booked["booked"], &booked["problems"][0]["line"]), (&json!(2), &json!(4)));
    for (who, path) in [(AUDITOR, "/payments/1".to_owned()), (CLAIMS, format!("/claims/{second}"))] {
        let shown = String::from_utf8(desk.sees(who, &path).await.body).unwrap();
        assert!(shown.contains("户名不符 ****") && !shown.contains(ACCOUNT), "{shown}");
    }
    let again = desk.results(1, &csv).await;
    assert_eq!((&again["booked"], &again["known"]), (&json!(0), &json!(2)));
    let otherwise = desk.results(1, &format!("number,result\n1-{first},failed\n")).await;
    assert_eq!(otherwise["problems"][0]["code"], "changed");
    assert_eq!(otherwise["batch"]["state"], "closed");
    let status = async |id: &str| desk.sees(CLAIMS, &format!("/claims/{id}")).await.json()["status"].clone();
    assert_eq!((status(&first).await, status(&second).await), (json!("paid"), json!("pay_failed")));
    desk.books_balance().await;

    let confirm = |reason: &str| json!({"act": "confirm_account", "reason": reason});
    assert_eq!(desk.acts(CLAIMS, &second, confirm("")).await.code(), (409, "same_account".into()));
    desk.corrects(2, &second, "李大2").await;
    assert_eq!(desk.sees(CLAIMS, &format!("/claims/{second}")).await.json()["holder"], "other");
    assert_eq!(desk.acts(CLAIMS, &second, confirm("")).await.code(), (409, "reason_needed".into()));
    desk.corrects(2, &second, "李 梅2").await;
    assert_eq!(desk.sees(CLAIMS, &format!("/claims/{second}")).await.json()["holder"], "insured");
    let as_seen = |ends: &str| json!({"act": "confirm_account", "ends": ends});
    assert_eq!(desk.acts(CLAIMS, &second, as_seen("12")).await.status, 422);
    let other = desk.acts(CLAIMS, &second, as_seen("0000")).await;
    assert_eq!(other.code(), (409, "other_account".into()), "told while staff looked at another");
    assert!(!String::from_utf8(other.body).unwrap().contains(ACCOUNT));
    let ends = &ACCOUNT[ACCOUNT.len() - 4..];
    assert_eq!(desk.acts(CLAIMS, &second, as_seen(ends)).await.json()["status"], "approved");
    let next = desk.pays(PAYER, "", json!({"scheme": "ningbo"})).await.json();
    assert_eq!((&next["number"], &next["count"]), (&json!(2), &json!(1)));
    assert_eq!(desk.pays(PAYER, "/2/drop", json!({})).await.json()["state"], "dropped");
    assert_eq!(status(&second).await, json!("approved"));
    let back = json!({"claim": first, "reason": "账户已销户"});
    assert_eq!(desk.pays(PAYER, "/1/returned", back).await.json()["failed"], 2);
    assert_eq!(status(&first).await, json!("pay_failed"));
    desk.books_balance().await;
}

#[tokio::test]
async fn who_had_a_part_in_a_claim_does_not_pay_it() {
    let desk = desk();
    desk.approved(1).await;
    let empty = desk.pays(ADMIN, "", json!({"scheme": "zhangzhou"})).await.json();
    assert_eq!((&empty["state"], &empty["count"]), (&json!("dropped"), &json!(0)));
    assert_eq!(desk.pays(CLAIMS, "", json!({"scheme": "ningbo"})).await.status, 403);
    assert_eq!(desk.sees(CASE, "/payments").await.status, 403);
    assert_eq!(desk.sees(PAYER, "/payments/9").await.code(), (404, "not_found".into()));
}

#[tokio::test]
async fn the_banks_file_is_of_a_released_batch_and_its_results_are_of_no_other() {
    let desk = desk();
    let id = desk.approved(1).await;
    desk.pays(PAYER, "", json!({"scheme": "ningbo"})).await;
    assert_eq!(
        desk.pays(PAYER, "/1/export", json!({})).await.code(),
        (409, "not_now".into()),
        "not released"
    );
    desk.pays(RELEASER, "/1/release", json!({})).await;
    assert_eq!(desk.pays(PAYER, "/1/export", json!({})).await.status, 200);
    assert_eq!(desk.sees(PAYER, "/payments/1").await.json()["exported"], 1);
    for (number, code) in [(id.clone(), "no_reference"), (format!("2-{id}"), "other_batch")] {
        let told = desk.results(1, &format!("number,result\n{number},paid\n")).await;
        assert_eq!(told["problems"][0]["code"], code);
    }
    let torn = desk.results(1, &format!("number,result\n1-{id},failed\n1-{id},paid\n")).await;
    let told: Vec<_> =
        torn["problems"].as_array().unwrap().iter().map(|row| (row["line"].as_u64(), &row["code"])).collect();
    let contradiction = json!("contradiction");
    assert_eq!(told, [(Some(2), &contradiction), (Some(3), &contradiction)]);
    assert_eq!(torn["booked"], 0, "which of them is true the file doesn't tell");
    assert_eq!(desk.results(1, &format!("number,result\n1-{id},paid\n")).await["booked"], 1);
    assert_eq!(desk.pays(PAYER, "/1/export", json!({})).await.code(), (409, "not_now".into()), "it is over");
}

#[tokio::test]
async fn written_again_the_banks_file_has_what_the_bank_has_not_told_of() {
    let desk = desk();
    let (first, second) = (desk.approved(1).await, desk.approved(2).await);
    desk.pays(PAYER, "", json!({"scheme": "ningbo"})).await;
    desk.pays(RELEASER, "/1/release", json!({})).await;
    let file = async || String::from_utf8(desk.pays(PAYER, "/1/export", json!({})).await.body).unwrap();
    let has = |file: &str| [&first, &second].map(|id| file.contains(&format!("1-{id},")));
    assert_eq!(has(&file().await), [true, true]);
    assert_eq!(desk.results(1, &format!("number,result\n1-{first},paid\n")).await["booked"], 1);
    assert_eq!(has(&file().await), [false, true], "nobody is paid a second time by it");
}

#[tokio::test]
async fn two_people_call_back_what_the_bank_did_nothing_with_and_nobody_is_told() {
    let desk = desk();
    let (first, second) = (desk.approved(1).await, desk.approved(2).await);
    desk.pays(PAYER, "", json!({"scheme": "ningbo"})).await;
    let recall =
        async |token| desk.pays(token, "/1/recall", json!({"reason": "银行系统故障，整批未办理"})).await;
    assert_eq!(recall(PAYER).await.code(), (409, "not_now".into()), "it can still be dropped");
    desk.pays(RELEASER, "/1/release", json!({})).await;
    desk.pays(PAYER, "/1/export", json!({})).await;
    assert_eq!(desk.results(1, &format!("number,result\n1-{first},paid\n")).await["booked"], 1);
    assert_eq!(recall(CLAIMS).await.status, 403);
    let asked = recall(PAYER).await.json();
    assert_eq!((&asked["state"], &asked["recall_asked_by"]), (&json!("released"), &json!("feng")));
    assert_eq!(recall(PAYER).await.code(), (409, "same_person".into()));
    let given_up = desk.pays(RELEASER, "/1/recall/dismiss", json!({})).await.json();
    assert_eq!((&given_up["state"], &given_up["recall_asked_by"]), (&json!("released"), &json!(null)));
    let again = desk.pays(PAYER, "/1/recall/dismiss", json!({})).await;
    assert_eq!(again.code(), (409, "not_asked".into()));
    assert_eq!(recall(PAYER).await.json()["recall_asked_by"], "feng", "it is asked for anew");
    let done = recall(RELEASER).await.json();
    assert_eq!((&done["state"], &done["paid"], &done["not_made"]), (&json!("closed"), &json!(1), &json!(1)));
    let shown = desk.sees(CLAIMS, &format!("/claims/{second}")).await.json();
    assert_eq!(shown["status"], "approved");
    let next = desk.pays(PAYER, "", json!({"scheme": "ningbo"})).await.json();
    assert_eq!((&next["number"], &next["count"]), (&json!(2), &json!(1)));
    assert_eq!(desk.sees(PAYER, "/payments/1").await.json()["lines"][1]["result"], "not_made");
    desk.books_balance().await;
}
