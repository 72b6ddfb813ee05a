//! Enrolment lists, as staff send them: who may, what is told of rows, and what is on the trail.

use super::claims::identity_of;
use super::*;
use crate::domain::claim::moves::DAY;
use crate::domain::member::list::{Listed, enter, find};
use crate::domain::member::record::MemberId;
use crate::domain::scheme::commands::adopt;
use crate::domain::scheme::file::{EMBEDDED, read};
use crate::domain::tables::TRAIL;
use crate::staff::scheme::begin;

const AT: Moment = Moment { now: NOW, seed: 1 };
const ROWS: &str = "/schemes/ningbo/enrolments/list1/rows";
const IDENTITY: &str = "330299199001010017";

impl Desk {
    async fn has_schemes(&self) {
        let files: Vec<_> = EMBEDDED.iter().map(|(name, text)| read(name, text).unwrap()).collect();
        self.store.submit(AT, move |tx| adopt(tx, &files)).await.unwrap().unwrap();
    }

    async fn posts(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, token, body.to_string(), &[]).await
    }

    async fn listed(&self, name: &str, identity: &str) -> MemberId {
        let row = Listed { name: name.to_owned(), identity: identity.to_owned(), ..Listed::default() };
        let number = identity.to_owned();
        let entered = move |tx: &mut crate::store::Tx| {
            enter(tx, &row, false)?;
            find(tx, &number)
        };
        self.store.submit(AT, entered).await.unwrap().unwrap()
    }

    /// (who, act, subject, detail, done) of every entry about schemes, oldest first.
    async fn noted(&self) -> Vec<(String, String, String, String, bool)> {
        let rows = self.store.read(AT, |tx| Ok(tx.scan(&TRAIL, &(), None, 100)?.rows)).await.unwrap();
        let of = rows.into_iter().filter(|(_, entry)| entry.act.starts_with("scheme."));
        of.map(|(_, e)| (e.who, e.act, e.subject, e.detail, e.done)).collect()
    }
}

fn a_list() -> Value {
    json!({"file": "list1", "programme": "inpatient_active", "unit": "样例纺织厂工会", "entered": "2026-04-10"})
}

fn rows() -> Value {
    json!({"first": 0, "rows": [
        {"name": "林样例", "identity": IDENTITY},
        {"name": "林样例", "identity": IDENTITY},
        {"name": "周样例", "identity": "330299198505120021"},
    ]})
}

#[tokio::test]
async fn a_place_that_was_a_mistake_is_ended_by_two_people_and_its_premium_goes_back() {
    let desk = desk();
    desk.has_schemes().await;
    desk.posts(CLAIMS, "/schemes/ningbo/enrolments", a_list()).await;
    desk.posts(CLAIMS, ROWS, rows()).await;
    let place = json!({"identity": IDENTITY, "programme": "inpatient_active", "from": "2026-05-01"});
    let asks = async |token, amount: &str| {
        let mut body = place.clone();
        (body["amount"], body["reason"]) = (json!(amount), json!("外地医保，单位书面说明"));
        desk.posts(token, "/schemes/ningbo/refunds", body).await
    };
    let confirm = async |token, amount: &str| {
        let mut body = place.clone();
        body["amount"] = json!(amount);
        desk.posts(token, "/schemes/ningbo/refunds/confirm", body).await
    };
    let confirms = async |token| confirm(token, "60.00").await;
    assert_eq!(asks(CLAIMS, "60.00").await.code(), (403, "not_allowed".into()));
    assert_eq!(confirms(PAYER).await.code(), (409, "not_asked".into()));
    assert_eq!(asks(PAYER, "60.01").await.code(), (409, "too_much".into()));
    assert_eq!(asks(PAYER, "60.00").await.json()["state"], "asked");
    let covers = async || {
        let found = desk.posts(AUDITOR, "/policies/find", json!({"identity": IDENTITY})).await.json();
        found["covers"].as_array().unwrap().len()
    };
    assert_eq!(covers().await, 1, "nothing has happened yet");
    assert_eq!(confirms(PAYER).await.code(), (409, "same_person".into()));
    assert_eq!(confirm(RELEASER, "20.00").await.code(), (409, "other_amount".into()));
    let dismiss = async || desk.posts(PAYER, "/schemes/ningbo/refunds/dismiss", place.clone()).await;
    assert_eq!(dismiss().await.json()["state"], "dismissed");
    assert_eq!(confirms(RELEASER).await.code(), (409, "not_asked".into()));
    assert_eq!(dismiss().await.code(), (409, "not_asked".into()));
    assert_eq!(asks(PAYER, "60.00").await.json()["state"], "asked");
    let waiting =
        async |token| desk.call(Method::GET, "/schemes/ningbo/refunds", token, String::new(), &[]).await;
    assert_eq!(waiting(CLAIMS).await.code(), (403, "not_allowed".into()));
    let listed = waiting(RELEASER).await;
    assert!(!String::from_utf8_lossy(&listed.body).contains(IDENTITY));
    let listed = listed.json()["refunds"].take();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let row = ["unit", "programme", "from", "until", "amount", "reason", "by"].map(|name| &listed[0][name]);
    let expected =
        ["样例纺织厂工会", "inpatient_active", "2026-05-01", "2027-04-30", "60.00", "外地医保，单位书面说明"];
    assert_eq!(row[..6], expected.map(|text| json!(text)).iter().collect::<Vec<_>>());
    assert_ne!(row[6], "", "who asked");
    let done = confirms(RELEASER).await.json();
    assert_eq!((&done["state"], &done["entry"]), (&json!("done"), &json!(2)));
    assert_eq!(covers().await, 0);
    assert_eq!(waiting(AUDITOR).await.json()["refunds"], json!([]));
    assert_eq!(confirms(RELEASER).await.code(), (409, "not_asked".into()));
    assert_eq!(asks(PAYER, "60.00").await.code(), (404, "not_found".into()));
    let report = desk.call(Method::GET, "/fund/report", PAYER, String::new(), &[]).await.json();
    let book = ["premiums", "premiums_returned", "bank"].map(|name| report["books"][0][name].clone());
    assert_eq!(book, ["60.00", "60.00", "0.00"].map(|sum| json!(sum)));
    let noted = format!("{:?}", desk.noted().await);
    assert!(noted.contains("scheme.confirm_refund") && !noted.contains(IDENTITY), "{noted}");
    assert!(noted.contains("P-") && !noted.contains("外地医保"), "whose it was, and no word of why: {noted}");
    let found = desk.posts(AUDITOR, "/policies/find", json!({"identity": IDENTITY})).await.json();
    let ended = ["number", "amount", "reason"].map(|name| found["ended"][0][name].clone());
    assert_eq!(ended, [json!(1), json!("60.00"), json!("外地医保，单位书面说明")]);
    let entries = "/fund/entries?scheme=ningbo&programme=inpatient_active&year=2026";
    let entries = desk.sees(AUDITOR, entries).await.json();
    assert_eq!(
        (&entries["entries"][1]["about"], &entries["entries"][1]["reason"]),
        (&json!("policy 1"), &Value::Null)
    );
    // The premium is gone: neither its entry nor the return is taken back, and the list enters them no more.
    let correct = async |number: u64| {
        let body = json!({
            "scheme": "ningbo", "programme": "inpatient_active", "year": 2026, "number": number,
            "reason": "名单重复入账",
        });
        desk.posts(PAYER, "/fund/corrections", body).await.code()
    };
    assert_eq!(correct(1).await, (409, "not_left".into()));
    assert_eq!(correct(2).await, (409, "of_refund".into()));
    let mut list = a_list();
    (list["rows"], list["file"]) = (json!(1), json!("list2"));
    let row = json!({"first": 0, "rows": [{"name": "林样例", "identity": IDENTITY}]});
    let enrol = async |list: Value, row: Value| {
        let rows = format!("/schemes/ningbo/enrolments/{}/rows", list["file"].as_str().unwrap());
        desk.posts(CLAIMS, "/schemes/ningbo/enrolments", list).await;
        desk.posts(CLAIMS, &rows, row).await.json()
    };
    let again = enrol(list.clone(), row.clone()).await;
    assert_eq!((&again["bad"], &again["premium"]), (&json!(1), &json!("0.00")), "{again}");
    (list["file"], list["again"]) = (json!("list3"), json!(true));
    let again = enrol(list, row).await;
    assert_eq!((&again["entered"], &again["premium"]), (&json!(1), &json!("60.00")), "{again}");
    assert_eq!(covers().await, 1);
    desk.books_balance().await;
}

#[tokio::test]
async fn a_list_that_broke_off_goes_on_the_next_day() {
    let desk = desk();
    desk.has_schemes().await;
    let begins = async |days: u32| {
        let list = json!({"file": "hired", "programme": "women", "unit": "样例纺织厂工会", "new_hires": true, "rows": 2});
        let at = Moment { now: NOW.plus(DAY * days), ..AT };
        let clerk = Call::new(&desk.store, at, Caller::new("wu", vec![Role::Claim]));
        let begun = begin(&clerk, "ningbo", serde_json::from_value(list).unwrap()).await;
        begun.map(|list| (list.done, list.entered_on)).map_err(|error| error.to_string())
    };
    let today = NOW.date();
    assert_eq!(begins(0).await, Ok((0, today)));
    let rows =
        |first: u64| json!({"first": first, "rows": [{"name": "周样例", "identity": "330299198505120021"}]});
    let path = "/schemes/ningbo/enrolments/hired/rows";
    desk.posts(CLAIMS, path, rows(0)).await;
    assert_eq!(begins(1).await, Ok((1, today)), "as of the day on which it began");
    desk.posts(CLAIMS, path, rows(1)).await;
    assert!(begins(1).await.is_err(), "of one that is done nothing goes on: it says its day");
}

#[tokio::test]
async fn a_place_by_which_somebody_claimed_does_not_end() {
    let desk = desk();
    let id = desk.approved(1).await;
    let body = json!({
        "identity": identity_of(1), "programme": "inpatient_active", "from": "2026-05-01",
        "amount": "60.00", "reason": "不符合参保条件",
    });
    let no = desk.posts(PAYER, "/schemes/ningbo/refunds", body).await;
    assert_eq!(no.code(), (409, "claimed".into()), "{id} was granted by it");
}

#[tokio::test]
async fn no_more_goes_back_than_was_paid_and_nobody_handles_their_own_place() {
    let desk = desk();
    desk.has_schemes().await;
    let list = json!({
        "file": "list1", "programme": "critical", "unit": "样例纺织厂工会", "entered": "2026-04-10",
    });
    desk.posts(CLAIMS, "/schemes/ningbo/enrolments", list).await;
    let rows = json!({"first": 0, "rows": [
        {"name": "林样例", "identity": IDENTITY},
        {"name": "王样例", "identity": identity_of(1), "shares": 3},
    ]});
    let taken = desk.posts(CLAIMS, ROWS, rows).await.json();
    assert_eq!((&taken["entered"], &taken["premium"]), (&json!(2), &json!("80.00")), "{taken}");
    assert_eq!(
        (&taken["notes"][0]["row"], &taken["notes"][0]["kind"]),
        (&json!(1), &json!("unlike")),
        "{taken}"
    );
    let from = desk.posts(AUDITOR, "/policies/find", json!({"identity": IDENTITY})).await.json();
    let place = json!({"identity": IDENTITY, "programme": "critical", "from": from["covers"][0]["from"]});
    let mut ask = place.clone();
    (ask["amount"], ask["reason"]) = (json!("60.00"), json!("不符合参保条件"));
    assert_eq!(
        desk.posts(PAYER, "/schemes/ningbo/refunds", ask.clone()).await.code(),
        (409, "too_much".into())
    );
    ask["amount"] = json!("20.00");
    let member = desk.listed("林样例", IDENTITY).await;
    let mut own = Caller::new("lin", vec![Role::Payment]);
    own.member = Some(member);
    let form = serde_json::from_value(ask.clone()).unwrap();
    let refused = crate::staff::scheme::ask_refund(&Call::new(&desk.store, AT, own), "ningbo", form).await;
    assert!(format!("{refused:?}").contains("own_place"), "{refused:?}");
    assert_eq!(desk.posts(PAYER, "/schemes/ningbo/refunds", ask).await.json()["state"], "asked");
}

#[tokio::test]
async fn who_lacks_the_role_enrols_nobody_and_that_is_on_the_trail() {
    let desk = desk();
    desk.has_schemes().await;
    for token in [STAFF, MEMBERS_TOKEN, PAYER, AUDITOR, CASE] {
        for (path, body) in [("/schemes/ningbo/enrolments", a_list()), (ROWS, rows())] {
            assert_eq!(desk.posts(token, path, body).await.code(), (403, "not_allowed".into()), "{path}");
        }
    }
    let noted = desk.noted().await;
    assert_eq!(noted.len(), 10);
    assert!(noted.iter().all(|(.., done)| !done), "{noted:?}");
    assert_eq!(desk.posts(CLAIMS, ROWS, rows()).await.code(), (404, "not_found".into()), "nothing was begun");
}

#[tokio::test]
async fn a_list_is_entered_once_and_the_trail_tells_how_much_and_of_nobody() {
    let desk = desk();
    desk.has_schemes().await;
    assert_eq!(desk.posts(CLAIMS, "/schemes/ningbo/enrolments", a_list()).await.status, 200);
    let taken = desk.posts(CLAIMS, ROWS, rows()).await;
    assert!(!String::from_utf8_lossy(&taken.body).contains(IDENTITY));
    let taken = taken.json();
    let counts = ["done", "entered", "twice", "bad"].map(|name| taken[name].as_u64().unwrap());
    assert_eq!((counts, &taken["premium"]), ([3, 1, 1, 1], &json!("60.00")));
    let kinds: Vec<_> =
        taken["notes"].as_array().unwrap().iter().map(|n| (n["row"].clone(), n["kind"].clone())).collect();
    assert_eq!(kinds, [(json!(1), json!("twice")), (json!(2), json!("bad"))]);
    assert_eq!(desk.posts(CLAIMS, ROWS, rows()).await.code(), (409, "out_of_turn".into()));
    let other = json!({"file": "list1", "programme": "critical", "entered": "2026-04-10"});
    let other = desk.posts(CLAIMS, "/schemes/ningbo/enrolments", other).await;
    assert_eq!(other.code(), (409, "other_terms".into()));

    let found = desk.posts(AUDITOR, "/policies/find", json!({"identity": IDENTITY})).await.json();
    assert_eq!(
        (&found["covers"][0]["from"], &found["covers"][0]["until"]),
        (&json!("2026-05-01"), &json!("2027-04-30"))
    );
    let noted = desk.noted().await;
    let acts: Vec<(&str, &str, bool)> =
        noted.iter().map(|(who, act, _, _, done)| (who.as_str(), act.as_str(), *done)).collect();
    let expected = [
        ("wu", "scheme.enrol", true),
        ("wu", "scheme.enrol_rows", true),
        ("wu", "scheme.enrol_rows", false),
        ("wu", "scheme.enrol", false),
        ("sun", "scheme.find", true),
    ];
    assert_eq!(acts[..4], expected[..4], "{noted:?}");
    assert_eq!(acts[4].1, expected[4].1);
    let told = format!("{noted:?}");
    assert!(told.contains("3 rows from 0") && !told.contains(IDENTITY) && !told.contains("样例"), "{told}");
    desk.books_balance().await;
}
