//! The outbox, pictures and the pull of followers, as staff see them.

use super::*;
use crate::domain::contact::record::{Contact, FollowerId};
use crate::domain::media::commands::{Fetched, settle, want};
use crate::domain::media::record::Look;
use crate::domain::outbox::commands::{begin, due, enqueue, settle as settle_row};
use crate::domain::outbox::record::{Notice, Way};
use crate::domain::tables::{CONTACTS, TRAIL};
use crate::store::Sealed;

const MEI: &str = "oMei000000000000000000000001";
const PHOTO: &[u8] = b"\xff\xd8\xff a discharge letter";

impl Desk {
    async fn as_staff(&self, token: &str, method: Method, path: &str) -> Answer {
        self.call(method, path, token, "{}".to_owned(), &[]).await
    }

    async fn run<T: Send + 'static>(
        &self,
        command: impl Fn(&mut crate::store::Tx) -> Result<T, crate::store::Fault> + Send + Sync + 'static,
    ) -> T {
        self.store.submit(Standing.moment(), command).await.unwrap()
    }

    /// Three notices; the first was sent and nobody knows whether it arrived.
    async fn has_notices(&self) {
        self.run(|tx| {
            for text in ["一", "二", "三"] {
                enqueue(tx, &FollowerId::new(MEI), Notice::Said { text: Sealed::new(text.to_owned()) })?;
            }
            let (id, row) = due(tx, 1)?.rows.remove(0);
            begin(tx, id, row, Way::Custom)?;
            settle_row(tx, id, &crate::domain::outbox::commands::Outcome::Doubtful)
        })
        .await;
    }

    async fn has_picture(&self) -> u64 {
        let document = self.documents.put(PHOTO).unwrap();
        self.run(move |tx| {
            let id = want(tx, &FollowerId::new(MEI), "m1")?.unwrap();
            let (bytes, content_type) = (PHOTO.len() as u64, "image/jpeg".to_owned());
            settle(
                tx,
                id,
                &Fetched::Kept { document: document.clone(), bytes, content_type, look: Look::default() },
            )?;
            Ok(id)
        })
        .await
    }
}

#[tokio::test]
async fn staff_see_what_goes_out_without_its_words_and_send_again_or_take_out() {
    let desk = desk();
    desk.has_notices().await;
    let all = desk.as_staff(WRITER, Method::GET, "/outbox").await;
    let states: Vec<String> = all.json()["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["state"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(states, ["pending", "pending", "maybe_sent"], "newest first");
    assert!(!String::from_utf8(all.body).unwrap().contains('一'), "sealed words stay sealed");

    let doubtful = desk.as_staff(WRITER, Method::GET, "/outbox?state=maybe_sent").await.json();
    assert_eq!((&doubtful["rows"][0]["id"], &doubtful["rows"][0]["way"]), (&json!(1), &json!("custom")));
    let page = desk.as_staff(WRITER, Method::GET, "/outbox?limit=2").await.json();
    let next = page["next"].as_u64().unwrap();
    let rest = desk.as_staff(WRITER, Method::GET, &format!("/outbox?limit=2&after={next}")).await.json();
    assert_eq!(rest["rows"].as_array().unwrap().len(), 1);

    assert_eq!(desk.as_staff(WRITER, Method::POST, "/outbox/1/retry").await.json()["state"], "pending");
    assert_eq!(desk.as_staff(WRITER, Method::POST, "/outbox/3/drop").await.json()["state"], "dropped");
    let again = desk.as_staff(WRITER, Method::POST, "/outbox/3/drop").await;
    assert_eq!(again.code(), (409, "too_late".to_owned()));
    assert_eq!(again.json()["detail"], "the row is dropped, so it can't be dropped");
    let mistyped = desk.as_staff(WRITER, Method::GET, "/outbox?state=waits").await;
    assert_eq!((mistyped.status, &mistyped.json()["errors"][0]["field"]), (422, &json!("state")));
    assert_eq!(desk.as_staff(STAFF, Method::GET, "/outbox?state=waits").await.status, 403);
    assert_eq!(desk.as_staff(WRITER, Method::POST, "/outbox/99/drop").await.status, 404);
    assert_eq!(desk.as_staff(WRITER, Method::POST, "/outbox/x/retry").await.status, 404);
    assert_eq!(desk.as_staff(STAFF, Method::GET, "/outbox").await.status, 403);
    assert_eq!(desk.as_staff(AUDITOR, Method::POST, "/outbox/2/drop").await.status, 403);
}

#[tokio::test]
async fn a_picture_is_shown_to_who_has_the_right_and_a_reason() {
    let desk = desk();
    let id = desk.has_picture().await;
    let listed = desk.as_staff(CASE, Method::GET, &format!("/followers/{MEI}/pictures")).await.json();
    assert_eq!((&listed["pictures"][0]["id"], &listed["pictures"][0]["state"]), (&json!(id), &json!("kept")));
    let picture = desk.as_staff(CASE, Method::GET, &format!("/pictures/{id}?reason=claim")).await;
    assert_eq!((picture.status, picture.content_type.as_str()), (200, "image/jpeg"));
    assert_eq!(picture.body, PHOTO);

    assert_eq!(desk.as_staff(CASE, Method::GET, &format!("/pictures/{id}")).await.status, 422);
    for token in [STAFF, WRITER] {
        let refused = desk.as_staff(token, Method::GET, &format!("/pictures/{id}?reason=curious")).await;
        assert_eq!(refused.status, 403);
    }
    for missing in ["99", "..%2F..%2Fetc%2Fpasswd", "%ff"] {
        let path = format!("/pictures/{missing}?reason=x");
        let refused = desk.as_staff(CASE, Method::GET, &path).await;
        assert_eq!(refused.code(), (404, "not_found".to_owned()), "{missing}");
    }
    let trail = desk.run(|tx| tx.scan(&TRAIL, &(), None, 100)).await.rows;
    let looks: Vec<_> = trail.iter().filter(|(_, entry)| entry.act == "picture.look").collect();
    assert!(looks.iter().any(|(_, entry)| entry.detail == "claim" && entry.done));
    assert_eq!(looks.iter().filter(|(_, entry)| !entry.done).count(), 2, "refused looks are on it too");
}

#[tokio::test]
async fn a_pull_of_followers_is_asked_for_once_and_watched() {
    let desk = desk();
    assert_eq!(desk.as_staff(WRITER, Method::GET, "/followers/sync").await.json()["state"], "none");
    let asked =
        desk.call(Method::POST, "/followers/sync", WRITER, json!({"details": true}).to_string(), &[]).await;
    assert_eq!((asked.status, &asked.json()["state"]), (200, &json!("running")));
    let again = desk.as_staff(WRITER, Method::POST, "/followers/sync").await.json();
    assert_eq!(again["details"], true, "the running one is answered");
    assert_eq!(desk.as_staff(STAFF, Method::POST, "/followers/sync").await.status, 403);
    assert_eq!(desk.as_staff(STAFF, Method::GET, "/followers/sync").await.status, 403);
}

#[tokio::test]
async fn tags_are_asked_for_within_what_wechat_allows() {
    let desk = desk();
    let path = format!("/followers/{MEI}/tags");
    let tag = |body: &str| desk.call(Method::POST, &path, WRITER, body.to_owned(), &[]);
    assert_eq!(tag(r#"{"add":[2]}"#).await.status, 404);
    desk.run(|tx| tx.put(&CONTACTS, &FollowerId::new(MEI), &Contact::new(tx.moment().now))).await;
    assert_eq!(tag(r#"{"add":[2],"remove":[3]}"#).await.json(), json!({"add": [2], "remove": [3]}));
    assert_eq!(tag("{}").await.status, 422);
    assert_eq!(tag(r#"{"add":[2],"remove":[2]}"#).await.status, 422);
    let many: Vec<u32> = (100..121).collect();
    let many = tag(&json!({ "add": many }).to_string()).await;
    assert_eq!(many.code(), (409, "too_many_tags".to_owned()));
    let watcher = desk.call(Method::POST, &path, AUDITOR, r#"{"add":[5]}"#.to_owned(), &[]).await;
    assert_eq!(watcher.status, 403);
    let next = desk.run(|tx| crate::domain::tags::next(tx, 50)).await.unwrap();
    assert_eq!((next.tag, next.add), (2, true));
    let noted = desk.run(|tx| Ok(tx.scan_back(&TRAIL, &(), None, 20)?.rows)).await;
    assert!(noted.iter().any(|(_, entry)| entry.act == "follower.tag" && entry.done));
    desk.run(|tx| {
        let contact = Contact { subscribed: false, ..Contact::new(tx.moment().now) };
        tx.put(&CONTACTS, &FollowerId::new(MEI), &contact)
    })
    .await;
    assert_eq!(tag(r#"{"add":[5]}"#).await.code(), (409, "not_following".to_owned()));
}
