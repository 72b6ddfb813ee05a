//! Cases, as staff work on them.

use super::*;
use crate::domain::case::draft::{answer, begin, own, say, submit};
use crate::domain::case::record::{Answer as Told, CaseId, Limit, Plan, Stage};
use crate::domain::media::commands::{Fetched, settle, want};
use crate::domain::media::record::Look;
use crate::domain::tables::{MEDIA, TRAIL};
use crate::staff::consistency;
use crate::store::{Sealed, Tx};

const AT: Moment = Moment { now: NOW, seed: 1 };
const WORDS: &str = "老板三个月没有发工资";

fn stage(name: &str) -> Stage {
    Stage { name: name.to_owned(), title: name.to_owned(), limit: Limit::Days(5), class: None }
}

fn plan() -> Plan {
    Plan {
        title: "维权".to_owned(),
        version: 1,
        desk: "rights".to_owned(),
        steps: vec![stage("intake"), stage("mediation")],
        classes: vec![stage("plain"), stage("complex")],
        urgent: Limit::Days(1),
        answer_days: 30,
        appeal_days: 30,
        keep_days: 60,
        rating: true,
        pairs: false,
        kept_by_law: false,
        round: None,
    }
}

fn told(title: &str, hidden: bool, value: &str, order: u16) -> Told {
    let (title, value) = (title.to_owned(), Sealed::new(value.to_owned()));
    Told { title, order, hidden, shared: false, value, pictures: Vec::new() }
}

impl Desk {
    /// A case with an open answer, a hidden one and a picture.
    async fn asked(&self, n: u32, urgent: bool) -> String {
        let who = move || FollowerId::new(format!("oAsking{n}"));
        let of = move |tx: &Tx, id: CaseId| own(tx, &who(), id).map(Result::unwrap);
        let id = self.store.submit(AT, move |tx| begin(tx, &who(), "rights", plan())).await.unwrap().unwrap();
        let paper = format!("a contract of {n}");
        let (document, bytes) = (self.documents.put(paper.as_bytes()).unwrap(), paper.len() as u64);
        self.store
            .submit(AT, move |tx| {
                let case = of(tx, id)?;
                answer(tx, &case, "matter", &told("什么事", false, "欠薪", 0))?.unwrap();
                let case = of(tx, id)?;
                answer(tx, &case, "words", &told("经过", true, WORDS, 1))?.unwrap();
                let case = of(tx, id)?;
                submit(tx, &case, plan(), urgent.then_some(jiff::civil::date(2027, 12, 1)))?.unwrap();
                let picture = want(tx, &who(), &format!("contract-{n}"))?.unwrap();
                let case = of(tx, id)?;
                say(tx, &case, "", Some(picture))?.unwrap();
                let (document, content_type) = (document.clone(), "image/jpeg".to_owned());
                settle(tx, picture, &Fetched::Kept { document, bytes, content_type, look: Look::default() })
            })
            .await
            .unwrap();
        id.to_string()
    }

    async fn works(&self, token: &str, id: &str, body: Value) -> Answer {
        self.call(Method::POST, &format!("/cases/{id}/acts"), token, body.to_string(), &[]).await
    }

    async fn is_sound(&self) {
        let audit = consistency::audit(&self.store, AT).await.unwrap();
        assert_eq!(audit.broken, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_case_goes_from_the_queue_to_its_end() {
    let desk = desk();
    let id = desk.asked(1, false).await;
    let urgent = desk.asked(2, true).await;
    let queue = desk.sees(CASE, "/cases?kind=rights").await.json();
    assert_eq!((&queue["cases"][0]["id"], &queue["cases"][1]["id"]), (&json!(urgent), &json!(id)));
    let elsewhere = json!({"act": "hand", "desk": "front", "reason": "先由服务台答复"});
    assert_eq!(desk.works(CASE, &urgent, elsewhere).await.status, 200);
    let of_desk = desk.sees(CASE, "/cases?desk=front").await.json();
    assert_eq!((of_desk["cases"].as_array().unwrap().len(), &of_desk["cases"][0]["id"]), (1, &json!(urgent)));
    assert_eq!(desk.works(CASE, &id, json!({"act": "take"})).await.json()["assignee"], "chen");
    assert_eq!(desk.sees(CASE, "/cases?assignee=chen").await.json()["cases"][0]["id"], json!(id));
    assert_eq!(desk.works(CASE, &id, json!({"act": "step"})).await.json()["step"], "mediation");
    let last = desk.works(CASE, &id, json!({"act": "step"})).await;
    assert_eq!(last.code(), (409, "unknown_step".into()));
    assert_eq!(
        desk.works(CASE, &id, json!({"act": "class", "to": "complex"})).await.json()["class"],
        "complex"
    );
    assert_eq!(
        desk.works(CASE, &id, json!({"act": "ask", "words": "请补合同"})).await.json()["status"],
        "asked"
    );
    let again = desk.works(CASE, &id, json!({"act": "ask", "words": "请补合同"})).await;
    assert_eq!(again.code(), (409, "not_now".into()));
    let supplied = desk.works(CASE, &id, json!({"act": "supply", "reason": "当面交了"})).await;
    assert_eq!(supplied.json()["status"], "open");
    let close = json!({"act": "close", "outcome": "solved", "words": "工资已补发"});
    assert_eq!(desk.works(CASE, &id, close).await.json()["outcome"], "solved");
    assert_eq!(desk.sees(AUDITOR, "/cases?state=closed").await.json()["cases"][0]["id"], json!(id));
    desk.is_sound().await;
}

#[tokio::test]
async fn free_words_are_shown_for_a_reason_alone_and_every_look_is_on_the_trail() {
    let desk = desk();
    let id = desk.asked(1, false).await;
    desk.works(CASE, &id, json!({"act": "message", "words": "请保密的话"})).await;
    let shown = desk.sees(CASE, &format!("/cases/{id}")).await.json();
    assert_eq!(
        (&shown["answers"][0]["value"], &shown["answers"][1]["value"]),
        (&json!("欠薪"), &Value::Null)
    );
    assert!(!shown.to_string().contains(WORDS) && !shown.to_string().contains("请保密的话"));
    let look = format!("/cases/{id}/look");
    let post = async |token, why: &str| {
        desk.call(Method::POST, &look, token, json!({ "reason": why }).to_string(), &[]).await
    };
    assert_eq!(post(CASE, "").await.code(), (422, "invalid".into()));
    assert_eq!(post(CLAIMS, "看看").await.code(), (403, "not_allowed".into()));
    assert_eq!(post(CASE, "受理审查").await.json()["answers"][1]["value"], WORDS);
    let rows = desk.store.read(AT, |tx| tx.scan(&TRAIL, &(), None, 99)).await.unwrap().rows;
    let noted = |act: &str, done| rows.iter().any(|(_, row)| row.act == act && row.done == done);
    assert!(noted("case.get", true) && noted("case.look", true) && noted("case.look", false));
    assert!(rows.iter().all(|(_, row)| !row.detail.contains("请保密的话")), "words aren't on the trail");
}

#[tokio::test]
async fn what_a_follower_said_is_marked_until_somebody_who_works_on_cases_reads_it() {
    let desk = desk();
    let (id, other) = (desk.asked(1, false).await, desk.asked(2, false).await);
    let unread = async |token| {
        let listed = desk.sees(token, "/cases?unread=true").await.json();
        let ids = listed["cases"].as_array().unwrap().iter().map(|case| case["id"].clone());
        ids.collect::<Vec<_>>()
    };
    let look = async |token| {
        let why = json!({ "reason": "受理审查" }).to_string();
        desk.call(Method::POST, &format!("/cases/{id}/look"), token, why, &[]).await.status
    };
    assert_eq!(unread(CASE).await, [json!(id), json!(other)]);
    assert_eq!((look(AUDITOR).await, unread(CASE).await.len()), (200, 2), "an auditor answers nobody");
    assert_eq!((look(CASE).await, unread(CASE).await), (200, vec![json!(other)]));
    let number: CaseId = id.parse().unwrap();
    let says = desk.store.submit(AT, move |tx| {
        let case = own(tx, &FollowerId::new("oAsking1"), number)?.unwrap();
        Ok(say(tx, &case, "老板又来威胁我", None)?.is_ok())
    });
    assert!(says.await.unwrap());
    assert_eq!(unread(CASE).await, [json!(id), json!(other)], "and again with the next word");
    assert_eq!(desk.sees(CASE, "/cases").await.json()["cases"][0]["unread"], json!(true));
    desk.is_sound().await;
}

#[tokio::test]
async fn a_picture_is_shown_with_its_case_and_nowhere_else() {
    let desk = desk();
    let (id, other) = (desk.asked(1, false).await, desk.asked(2, false).await);
    let number = desk.store.read(AT, |tx| tx.scan(&MEDIA, &(), None, 1)).await.unwrap().rows[0].0;
    let reason = "reason=%E5%8F%97%E7%90%86";
    let path = format!("/cases/{id}/pictures/{number}");
    assert_eq!(desk.sees(CASE, &path).await.code(), (422, "invalid".into()));
    let picture = desk.sees(CASE, &format!("{path}?{reason}")).await;
    assert_eq!((picture.status, picture.body), (200, b"a contract of 1".to_vec()));
    assert_eq!(desk.sees(CASE, &format!("/cases/{other}/pictures/{number}?{reason}")).await.status, 404);
    assert_eq!(desk.sees(CASE, &format!("/pictures/{number}?{reason}")).await.code(), (409, "owned".into()));
}

#[tokio::test]
async fn an_act_is_checked_done_once_and_for_its_role_alone() {
    let desk = desk();
    let id = desk.asked(1, false).await;
    let short = desk.works(CASE, &id, json!({"act": "refuse", "reason": "not_ours", "words": "不办"})).await;
    assert_eq!(short.json()["errors"][0]["field"], "words", "a refusal is in writing");
    let unknown = json!({"act": "refuse", "reason": "mood", "words": "写明了原因，请见谅"});
    assert_eq!(desk.works(CASE, &id, unknown).await.code(), (409, "unknown_reason".into()));
    let nobody = desk.works(CASE, &id, json!({"act": "hand", "to": "nobody", "reason": "换人"})).await;
    assert_eq!(nobody.json()["errors"][0]["field"], "to");
    for (field, to) in [("to", "feng"), ("to", "ma"), ("desk", "rigths")] {
        let stray = desk.works(CASE, &id, json!({"act": "hand", field: to, "reason": "换人"})).await;
        assert_eq!(stray.json()["errors"][0]["field"], field, "nobody would find it there");
    }
    let to_jobs = json!({"act": "hand", "to": "ma", "desk": "jobs", "reason": "归就业窗口"});
    assert_eq!(desk.works(CASE, &id, to_jobs).await.json()["assignee"], "ma");
    assert_eq!(desk.sees(JOBS, "/cases?assignee=ma").await.json()["cases"][0]["id"], json!(id));
    assert_eq!(desk.works(CASE, &id, json!({"act": "bribe"})).await.status, 422);
    assert_eq!(desk.works(AUDITOR, &id, json!({"act": "take"})).await.code(), (403, "not_allowed".into()));
    assert_eq!(desk.works(CASE, "J000999", json!({"act": "take"})).await.code(), (404, "not_found".into()));
    let (path, body) =
        (format!("/cases/{id}/acts"), json!({"act": "note", "reason": "已电话联系"}).to_string());
    for _ in 0..2 {
        let done = desk.call(Method::POST, &path, CASE, body.clone(), &[("idempotency-key", "once")]).await;
        assert_eq!(done.status, 200);
    }
    let shown = desk.sees(CASE, &format!("/cases/{id}")).await.json();
    let notes = shown["timeline"].as_array().unwrap().iter().filter(|row| row["what"] == "note").count();
    assert_eq!(notes, 1);
    desk.is_sound().await;
}

#[tokio::test]
async fn a_list_goes_on_where_its_page_ended() {
    let desk = desk();
    for n in 1..=3 {
        desk.asked(n, n == 3).await;
    }
    let first = desk.sees(CASE, "/cases?limit=2").await.json();
    assert_eq!((first["cases"].as_array().unwrap().len(), &first["cases"][0]["urgent"]), (2, &json!(true)));
    let next = first["next"].as_str().unwrap();
    let second = desk.sees(CASE, &format!("/cases?limit=2&after={next}")).await.json();
    assert_eq!((second["cases"].as_array().unwrap().len(), &second["next"]), (1, &Value::Null));
    assert_eq!(desk.sees(CASE, "/cases?state=lost").await.code(), (422, "invalid".into()));
    assert_eq!(desk.sees(CASE, "/cases?after=x").await.code(), (422, "invalid".into()));
    assert_eq!(desk.sees(CASE, "/cases?due=true").await.json()["cases"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_kind_that_there_is_not_is_said_to_be_none() {
    let desk = desk();
    let list = async |kind: &str| {
        desk.call(Method::GET, &format!("/cases?kind={kind}"), CASE, String::new(), &[]).await
    };
    let nothing = list("nope").await;
    assert_eq!(
        (nothing.code(), &nothing.json()["errors"][0]["field"]),
        ((422, "invalid".into()), &json!("kind"))
    );
    assert!(nothing.json()["detail"].as_str().unwrap().contains("rights"), "{}", nothing.json());
    assert_eq!(list("rights").await.json(), json!({"cases": []}));
    // One that can't be begun any more.
    let who = || FollowerId::new("oEarlier");
    let id = desk.store.submit(AT, move |tx| begin(tx, &who(), "earlier", plan())).await.unwrap().unwrap();
    let handed_in = desk.store.submit(AT, move |tx| {
        let case = own(tx, &who(), id)?.unwrap();
        answer(tx, &case, "matter", &told("什么事", false, "欠薪", 0))?.unwrap();
        let case = own(tx, &who(), id)?.unwrap();
        submit(tx, &case, plan(), None)
    });
    handed_in.await.unwrap().unwrap();
    assert_eq!(list("earlier").await.json()["cases"].as_array().map(Vec::len), Some(1));
}
