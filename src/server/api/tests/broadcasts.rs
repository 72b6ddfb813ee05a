use super::*;

use crate::domain::broadcast::build::build;
use crate::domain::broadcast::ledger::Outcome;
use crate::domain::broadcast::settle::settle;
use crate::domain::broadcast::take::take;
use crate::domain::contact::record::{Contact, FollowerId, Quotas};
use crate::domain::tables::{CONTACTS, TRAIL};
use crate::store::{Fault, Tx};

fn at() -> Moment {
    Moment { now: NOW, seed: 1 }
}

impl Desk {
    async fn as_(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        self.call(method, path, token, body.to_string(), &[]).await
    }

    async fn writes(&self, path: &str, body: Value) -> Answer {
        self.as_(WRITER, Method::POST, path, body).await
    }

    async fn looks(&self, path: &str) -> Answer {
        self.call(Method::GET, path, WRITER, String::new(), &[]).await
    }

    async fn does<T: Send + 'static>(
        &self,
        command: impl Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> T {
        self.store.submit(at(), command).await.unwrap()
    }

    /// Followers who may all be written to; every third has tag 101.
    async fn has_followers(&self, count: u32) {
        self.does(move |tx| {
            for number in 0..count {
                let mut contact = Contact::new(NOW);
                contact.followed = Some(NOW);
                contact.reach.messaged(NOW, &Quotas::default());
                if number % 3 == 0 {
                    contact.reach.tags.push(101);
                }
                tx.put(&CONTACTS, &FollowerId::new(format!("oFollower{number:05}")), &contact)?;
            }
            Ok(())
        })
        .await
    }

    async fn started(&self, form: Value) -> String {
        let id = self.writes("/broadcasts", form).await.json()["id"].as_str().unwrap().to_owned();
        self.writes(&format!("/broadcasts/{id}/preview"), json!({"to": "oFollower00000"})).await;
        let approved =
            self.as_(APPROVER, Method::POST, &format!("/broadcasts/{id}/approve"), json!({})).await;
        assert_eq!(approved.json()["state"], "approved");
        assert_eq!(
            self.writes(&format!("/broadcasts/{id}/start"), json!({})).await.json()["state"],
            "building"
        );
        id
    }
}

fn notice() -> Value {
    json!({"title": "健步走报名", "text": "周末健步走，欢迎报名", "way": "custom"})
}

#[tokio::test]
async fn a_broadcast_is_written_previewed_approved_and_watched_to_its_end() {
    let desk = desk();
    desk.has_followers(12).await;
    let created = desk.writes("/broadcasts", notice()).await;
    assert_eq!((created.status, created.json()["state"].as_str()), (201, Some("draft")));
    let id = created.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(id, "B1");

    let early = desk.as_(APPROVER, Method::POST, "/broadcasts/B1/approve", json!({})).await;
    assert_eq!(early.code(), (409, "wrong_state".into()));
    let preview = desk.writes("/broadcasts/B1/preview", json!({"to": "oFollower00000"})).await.json();
    assert_eq!(
        (&preview["done"], &preview["matched"], &preview["ways"]),
        (&json!(true), &json!(12), &json!({"custom": 12}))
    );
    assert_eq!((&preview["shown"], &preview["seconds"]), (&json!(true), &json!(1)));
    assert_eq!(preview["mass_left"], json!([0, 0, 0, 0, 12]));
    let sample = preview["sample"].as_array().unwrap();
    assert!(
        sample.len() == 5 && sample.iter().all(|who| who.as_str().unwrap().starts_with("oFol…")),
        "{sample:?}"
    );

    let own = desk.writes("/broadcasts/B1/approve", json!({})).await;
    assert_eq!(own.code(), (409, "own_broadcast".into()));
    let before = json!({"changed": "2026-11-01T10:00:00+08:00"});
    let other = desk.as_(APPROVER, Method::POST, "/broadcasts/B1/approve", before).await;
    assert_eq!(other.code(), (409, "changed_since".into()), "its author changed it while somebody read it");
    let seen = json!({"changed": desk.as_(APPROVER, Method::GET, "/broadcasts/B1", json!({})).await.json()["changed"]});
    let approved = desk.as_(APPROVER, Method::POST, "/broadcasts/B1/approve", seen).await.json();
    assert_eq!(
        (&approved["state"], &approved["approved_by"], &approved["authors"]),
        (&json!("approved"), &json!("qian"), &json!(["sun"]))
    );
    assert_eq!(desk.looks("/broadcasts/B1/progress").await.code(), (409, "not_started".into()));
    assert_eq!(desk.writes("/broadcasts/B1/start", json!({})).await.json()["state"], "building");

    desk.does(|tx| build(tx, 1, 100)).await;
    let recipients = desk.does(|tx| take(tx, 1, 8, "线上")).await;
    let outcomes: Vec<_> = recipients.iter().map(|to| (to.clone(), Outcome::Sent { msg_id: None })).collect();
    desk.does(move |tx| settle(tx, 1, &outcomes[..7])).await;
    let progress = desk.looks("/broadcasts/B1/progress").await.json();
    let figure = |name: &str| progress[name].as_u64().unwrap();
    assert_eq!(
        (figure("recipients"), figure("ended"), figure("pending"), figure("in_flight")),
        (12, 7, 5, 1)
    );

    assert_eq!(desk.writes("/broadcasts/B1/pause", json!({})).await.json()["state"], "paused");
    assert_eq!(desk.writes("/broadcasts/B1/resume", json!({})).await.json()["state"], "running");
    let untold = desk.writes("/broadcasts/B1/cancel", json!({})).await;
    assert_eq!(
        (untold.code(), &untold.json()["errors"][0]["field"]),
        ((422, "invalid".into()), &json!("reason"))
    );
    let cancelled = desk.writes("/broadcasts/B1/cancel", json!({"reason": "活动改期"})).await.json();
    assert_eq!((&cancelled["state"], &cancelled["why"]), (&json!("cancelled"), &json!("活动改期")));
    let report = desk.looks("/broadcasts/B1/report").await.json();
    assert_eq!(
        (&report["sent"], &report["pending"], &report["failed"]),
        (&json!({"custom": 7}), &json!(5), &json!({}))
    );
}

#[tokio::test]
async fn to_whom_a_preview_went_is_on_the_trail() {
    let desk = desk();
    desk.has_followers(1).await;
    desk.writes("/broadcasts", notice()).await;
    desk.writes("/broadcasts/B1/preview", json!({"to": "oFollower00000"})).await;
    let trail = desk.does(|tx| tx.scan(&TRAIL, &(), None, 9)).await.rows;
    let previews = trail.iter().filter(|(_, entry)| entry.act == "broadcast.preview");
    let told: Vec<_> = previews.map(|(_, entry)| entry.detail.as_str()).collect();
    assert_eq!(told, ["to oFol…0000"]);
}

#[tokio::test]
async fn a_large_account_is_counted_in_several_calls() {
    let desk = desk();
    for _ in 0..6 {
        // A command writes 2,000 rows at most.
        desk.has_followers(1).await;
    }
    desk.does(|tx| {
        (0..1_900)
            .try_for_each(|n| tx.put(&CONTACTS, &FollowerId::new(format!("oA{n:05}")), &Contact::new(NOW)))
    })
    .await;
    for letter in ["B", "C", "D", "E", "F", "G"] {
        desk.does(move |tx| {
            (0..1_900).try_for_each(|n| {
                tx.put(&CONTACTS, &FollowerId::new(format!("o{letter}{n:05}")), &Contact::new(NOW))
            })
        })
        .await;
    }
    desk.writes("/broadcasts", notice()).await;
    let first = desk.writes("/broadcasts/B1/preview", json!({})).await.json();
    assert_eq!((&first["done"], &first["looked_at"]), (&json!(false), &json!(10_000)));
    assert_eq!(desk.looks("/broadcasts/B1").await.json()["state"], "draft");
    let second = desk.writes("/broadcasts/B1/preview", json!({})).await.json();
    assert_eq!((&second["done"], &second["looked_at"]), (&json!(true), &json!(13_301)));
    assert_eq!((&second["skipped"], &second["reachable"]), (&json!({"no_way": 13_300}), &json!(1)));
    assert_eq!(desk.looks("/broadcasts/B1").await.json()["state"], "previewed");
}

#[tokio::test]
async fn what_was_written_comes_back_and_can_be_changed_until_it_is_approved() {
    let desk = desk();
    desk.has_followers(1).await;
    desk.writes("/broadcasts", notice()).await;
    let shown = desk.looks("/broadcasts/B1").await.json();
    assert_eq!(
        (&shown["broadcast"]["text"], &shown["broadcast"]["audience"]),
        (&json!("周末健步走，欢迎报名"), &json!("everyone"))
    );
    let mut other = notice();
    other["title"] = json!("登山报名");
    let changed = desk.as_(APPROVER, Method::PUT, "/broadcasts/B1", other.clone()).await.json();
    assert_eq!((&changed["title"], &changed["authors"]), (&json!("登山报名"), &json!(["sun", "qian"])));
    let id = desk.started(notice()).await;
    let late = desk.as_(WRITER, Method::PUT, &format!("/broadcasts/{id}"), other).await;
    assert_eq!(late.code(), (409, "wrong_state".into()));
}

#[tokio::test]
async fn a_list_of_followers_is_given_in_pieces() {
    let desk = desk();
    desk.has_followers(3).await;
    let mut listed = notice();
    listed["audience"] = json!("listed");
    desk.writes("/broadcasts", listed).await;
    let empty = desk.writes("/broadcasts/B1/preview", json!({})).await;
    assert_eq!(empty.code(), (409, "empty_list".into()));
    let openids = json!({"openids": ["oFollower00001", "oFollower00002", "oNobody"]});
    let added = desk.writes("/broadcasts/B1/list", openids).await.json();
    assert_eq!((&added["added"], &added["unknown"], &added["total"]), (&json!(2), &json!(1), &json!(2)));
    let wrong = desk.writes("/broadcasts/B1/list", json!({"openids": ["oFollower00001", "o 1"]})).await;
    assert_eq!(wrong.json()["errors"][0]["field"], "openids[1]");
    assert_eq!(
        desk.writes("/broadcasts/B1/list", json!({"openids": []})).await.code(),
        (422, "invalid".into())
    );
    assert_eq!(desk.writes("/broadcasts/B1/preview", json!({})).await.json()["matched"], 2);
}

#[tokio::test]
async fn the_list_is_cut_into_pages_latest_first() {
    let desk = desk();
    for _ in 0..3 {
        desk.writes("/broadcasts", notice()).await;
    }
    let page = desk.looks("/broadcasts?limit=2").await.json();
    let ids: Vec<_> = page["broadcasts"].as_array().unwrap().iter().map(|b| b["id"].clone()).collect();
    assert_eq!((ids, &page["next"]), (vec![json!("B3"), json!("B2")], &json!("B2")));
    let rest = desk.looks("/broadcasts?limit=2&after=B2").await.json();
    assert_eq!((&rest["broadcasts"][0]["id"], &rest["next"]), (&json!("B1"), &Value::Null));
    assert_eq!(desk.looks("/broadcasts?after=A2").await.json()["errors"][0]["field"], "after");
    let told = desk.looks("/broadcasts?limit=x").await.json()["detail"].to_string();
    assert!(told.starts_with("\"limit: "), "the word that is wrong, at once: {told}");
}

#[tokio::test]
async fn it_takes_the_role_and_is_done_once() {
    let desk = desk();
    assert_eq!(desk.post("/broadcasts", &notice()).await.code(), (403, "not_allowed".into()));
    assert_eq!(desk.get("/broadcasts").await.code(), (403, "not_allowed".into()));
    assert_eq!(desk.get("/followers").await.code(), (403, "not_allowed".into()));
    let once = async |key: &str, body: Value| {
        let key = [("idempotency-key", key)];
        desk.call(Method::POST, "/broadcasts", WRITER, body.to_string(), &key).await
    };
    assert_eq!(once("k", notice()).await.json(), once("k", notice()).await.json());
    let mut other = notice();
    other["title"] = json!("另一件");
    assert_eq!(once("k", other).await.code(), (409, "idempotency_key_reused".into()));
    let list = desk.call(Method::GET, "/broadcasts", AUDITOR, String::new(), &[]).await;
    assert_eq!(list.json()["broadcasts"].as_array().map(Vec::len), Some(1));
    for path in ["/broadcasts/B9", "/broadcasts/A1", "/broadcasts/B9/report", "/broadcasts/B9/progress"] {
        assert_eq!(desk.looks(path).await.code(), (404, "not_found".into()), "{path}");
    }
    assert_eq!(desk.writes("/broadcasts/B9/pause", json!({})).await.code(), (404, "not_found".into()));
}

#[tokio::test]
async fn progress_is_told_as_it_happens_until_the_end() {
    let desk = desk();
    desk.has_followers(3).await;
    desk.started(notice()).await;
    let store = desk.store.clone();
    let sends_all = move |tx: &mut Tx| {
        build(tx, 1, 100)?;
        let taken = take(tx, 1, 10, "线上")?;
        let outcomes: Vec<_> = taken.into_iter().map(|to| (to, Outcome::Sent { msg_id: None })).collect();
        settle(tx, 1, &outcomes)
    };
    let accept = [("accept", "text/event-stream")];
    let (answer, sent) = tokio::join!(
        desk.call(Method::GET, "/broadcasts/B1/progress", WRITER, String::new(), &accept),
        async {
            tokio::time::sleep(Duration::from_millis(500)).await; // between two events
            store.submit(at(), sends_all).await
        }
    );
    sent.unwrap();
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "text/event-stream"));
    let text = String::from_utf8(answer.body).unwrap();
    let events: Vec<Value> = text
        .split("\n\n")
        .filter(|event| !event.is_empty())
        .map(|event| serde_json::from_str(event.strip_prefix("event: progress\ndata: ").unwrap()).unwrap())
        .collect();
    let (first, last) = (&events[0], &events[events.len() - 1]);
    assert_eq!((&first["state"], &first["sent"]), (&json!("building"), &json!(0)));
    assert_eq!((&last["state"], &last["sent"]), (&json!("done"), &json!(3)));
}

#[tokio::test]
async fn followers_are_found_and_their_history_is_told() {
    let desk = desk();
    desk.has_followers(7).await;
    let id = desk.started(notice()).await;
    desk.does(|tx| build(tx, 1, 100)).await;
    let recipients = desk.does(|tx| take(tx, 1, 100, "线上")).await;
    let outcomes: Vec<_> = recipients.into_iter().map(|to| (to, Outcome::Rejected { code: 47003 })).collect();
    desk.does(move |tx| settle(tx, 1, &outcomes[..1])).await;

    let tagged = desk.looks("/followers?tag=101&limit=2").await.json();
    let openids = |page: &Value| -> Vec<String> {
        page["followers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["openid"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(openids(&tagged), ["oFollower00000", "oFollower00003"]);
    let after = tagged["next"].as_str().unwrap();
    let rest = desk.looks(&format!("/followers?tag=101&after={after}")).await.json();
    assert_eq!((openids(&rest), &rest["next"]), (vec!["oFollower00006".to_owned()], &Value::Null));
    let all = desk.looks("/followers?limit=5").await.json();
    assert_eq!((openids(&all).len(), &all["next"]), (5, &json!("oFollower00004")));

    let one = desk.looks("/followers?openid=oFollower00003").await.json();
    assert_eq!(
        (&one["followers"][0]["tags"], &one["followers"][0]["custom_open"]),
        (&json!([101]), &json!(true))
    );
    assert_eq!(desk.looks("/followers/oFollower00001").await.json()["following"], true);
    assert_eq!(desk.looks("/followers/oNobody").await.code(), (404, "not_found".into()));

    let timeline = desk.looks("/followers/oFollower00000/timeline").await.json();
    let happenings = timeline["happenings"].as_array().unwrap();
    let sent = happenings.iter().find(|happening| happening["what"] == "broadcast").unwrap();
    assert_eq!(
        (&sent["subject"], &sent["state"], &sent["reason"]),
        (&json!(id), &json!("failed"), &json!("rejected_47003"))
    );
    assert!(happenings.iter().any(|happening| happening["what"] == "followed"));
}
