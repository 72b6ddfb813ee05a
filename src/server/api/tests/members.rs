//! Members (会员), as staff see them: who may, what is masked, and what is on the trail.

use super::*;
use crate::domain::activity::kit::{self, Recipient};
use crate::domain::activity::record::RegistrationNumber;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::application::ask_to_join;
use crate::domain::member::binding::attach;
use crate::domain::member::identity::check;
use crate::domain::member::record::{MemberId, Named};
use crate::domain::tables::{LOOKS, MEMBERS, TRAIL};
use crate::store::{Fault, Sealed, Tx};

const NAME: &str = "欧阳样例";
const PHONE: &str = "13900000001";
const CARD: &str = "6200000000000001";
const MEI: &str = "oMei000000000000000000000001";

/// What changes nothing.
const LOOKS_AT: [&str; 5] =
    ["member.get", "member.find", "member.look", "member.applications", "member.application_look"];

fn identity(serial: u32) -> String {
    let body = format!("33029919900101{serial:03}");
    format!("{body}{}", char::from(check(body.as_bytes())))
}

fn row() -> Value {
    json!({
        "name": NAME, "identity": identity(1), "phone": PHONE, "union": "样例厂工会", "district": "鄞州",
        "card": { "number": CARD, "bank": "样例银行", "until": "2026-11-30" },
    })
}

impl Desk {
    async fn registrar(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, MEMBERS_TOKEN, body.to_string(), &[]).await
    }

    async fn write<T: Send + 'static>(
        &self,
        command: impl Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
    ) -> T {
        self.store.submit(Standing.moment(), command).await.unwrap()
    }

    async fn trail(&self, act: &'static str) -> Vec<(String, String, bool)> {
        let rows = self.write(|tx| tx.scan(&TRAIL, &(), None, 500)).await.rows;
        let of = rows.into_iter().filter(|(_, entry)| entry.act == act);
        of.map(|(_, entry)| (entry.who, entry.detail, entry.done)).collect()
    }

    /// A member whose account is Mei's, and what she asks of staff.
    async fn has_a_member(&self) {
        assert_eq!(self.registrar("/members", row()).await.status, 200);
        self.write(|tx| {
            let (id, mei) = (MemberId(1), FollowerId::new(MEI));
            let member = tx.get(&MEMBERS, &id)?.unwrap();
            attach(tx, id, member, &mei)?;
            crate::domain::member::application::ask_to_transfer(tx, &mei, "新厂工会").map(drop)
        })
        .await;
    }
}

fn holds_nothing_whole(answer: &Answer) {
    let text = String::from_utf8_lossy(&answer.body);
    for whole in [NAME, &identity(1), PHONE, CARD, MEI] {
        assert!(!text.contains(whole), "{whole} is in {text}");
    }
}

#[tokio::test]
async fn who_lacks_the_role_is_refused_everywhere_and_that_is_on_the_trail() {
    let desk = desk();
    desk.has_a_member().await;
    let why = json!({ "reason": "核对领奖人" });
    let calls = [
        (Method::POST, "/members", row(), "member.add"),
        (Method::POST, "/members/find", json!({ "identity": identity(1) }), "member.find"),
        (Method::GET, "/members/M000001", Value::Null, "member.get"),
        (Method::POST, "/members/M000001/look", why.clone(), "member.look"),
        (Method::POST, "/members/M000001/unbind", why.clone(), "member.unbind"),
        (Method::POST, "/members/M000001/card", json!({ "state": "lost" }), "member.card"),
        (
            Method::POST,
            "/members/M000001/state",
            json!({ "state": "left", "reason": "转走" }),
            "member.state",
        ),
        (Method::POST, "/members/imports", json!({ "file": "abc" }), "member.import"),
        (
            Method::POST,
            "/members/imports/abc/rows",
            json!({ "first": 0, "rows": [row()] }),
            "member.import_rows",
        ),
        (Method::GET, "/members/applications", Value::Null, "member.applications"),
        (Method::POST, "/members/applications/1/look", why.clone(), "member.application_look"),
        (Method::POST, "/members/applications/1/approve", json!({}), "member.approve"),
        (Method::POST, "/members/applications/1/refuse", why, "member.refuse"),
    ];
    let routes = ROUTES.iter().filter(|route| route.path.starts_with("/members"));
    assert_eq!(routes.count(), calls.len(), "every route is tried");
    for (method, path, body, act) in calls {
        for (token, who) in [(STAFF, "wang"), (WRITER, "sun"), (BUS, "bus-till"), (AUDITOR, "li")] {
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let answer = desk.call(method.clone(), path, token, body, &[]).await;
            if who == "li" && LOOKS_AT.contains(&act) {
                assert!([200, 404].contains(&answer.status), "an auditor may look: {act}");
                continue;
            }
            holds_nothing_whole(&answer);
            assert_eq!(answer.code(), (403, "not_allowed".to_owned()), "{act}");
            let refused = desk.trail(act).await;
            assert!(refused.iter().any(|(by, _, done)| by == who && !done), "{act} by {who}: {refused:?}");
        }
        assert_eq!(desk.call(method, path, "", String::new(), &[]).await.status, 401, "{path}");
    }
    let kept = desk.registrar("/members/M000001/card", json!({ "state": "active" })).await.json();
    assert_eq!((&kept["state"], kept["account"].is_string()), (&json!("active"), true), "nothing was done");
}

#[tokio::test]
async fn every_view_is_masked_and_a_full_look_takes_a_reason_that_the_member_sees() {
    let desk = desk();
    desk.has_a_member().await;
    for (path, body) in [
        ("/members", row()),
        ("/members/find", json!({ "identity": identity(1) })),
        ("/members/M000001/card", json!({ "state": "active" })),
        ("/members/M000001/state", json!({ "state": "active", "reason": "核对" })),
        (
            "/members/imports/abc/rows",
            json!({ "first": 0, "rows": [row(), { "name": NAME, "identity": "1" }] }),
        ),
    ] {
        let answer = desk.registrar(path, body).await;
        assert_eq!(answer.status, 200, "{path}: {:?}", answer.json());
        holds_nothing_whole(&answer);
    }
    for path in ["/members/M000001", "/members/applications"] {
        let answer = desk.call(Method::GET, path, MEMBERS_TOKEN, String::new(), &[]).await;
        assert_eq!(answer.status, 200);
        holds_nothing_whole(&answer);
    }
    let shown = desk.call(Method::GET, "/members/M000001", MEMBERS_TOKEN, String::new(), &[]).await.json();
    let card = (&shown["card"]["number"], &shown["card"]["state"]);
    assert_eq!(card, (&json!("****0001"), &json!("expired")), "it ended yesterday");

    for reason in [json!({}), json!({ "reason": "" }), json!({ "reason": " 看 " })] {
        assert_eq!(desk.registrar("/members/M000001/look", reason).await.status, 422);
    }
    let full = desk.registrar("/members/M000001/look", json!({ "reason": "核对领奖人" })).await.json();
    assert_eq!(
        (&full["name"], &full["identity"], &full["card"]),
        (&json!(NAME), &json!(identity(1)), &json!(CARD))
    );
    assert_eq!(desk.trail("member.look").await, [("he".to_owned(), "核对领奖人".to_owned(), true)]);
    let looks = desk.write(|tx| tx.scan(&LOOKS, &(MemberId(1),), None, 9)).await.rows;
    let seen: Vec<_> = looks.into_iter().map(|(_, look)| (look.by, look.why)).collect();
    assert_eq!(seen, [("he".to_owned(), "核对领奖人".to_owned())]);
    for (entry, _, _) in [desk.trail("member.find").await, desk.trail("member.add").await].concat() {
        assert_eq!(entry, "he");
    }
    let trail = desk.write(|tx| tx.scan(&TRAIL, &(), None, 500)).await.rows;
    let told = format!("{trail:?}");
    assert!([NAME, &identity(1), PHONE, CARD].iter().all(|whole| !told.contains(whole)), "{told}");
}

#[tokio::test]
async fn whom_somebody_was_found_to_be_is_on_the_trail_and_their_number_is_not() {
    let desk = desk();
    desk.has_a_member().await;
    for n in [1, 2] {
        desk.registrar("/members/find", json!({ "identity": identity(n) })).await;
    }
    let trail = desk.write(|tx| tx.scan(&TRAIL, &(), None, 500)).await.rows;
    let found = trail.iter().filter(|(_, entry)| entry.act == "member.find");
    let subjects: Vec<_> = found.map(|(_, entry)| entry.subject.as_str()).collect();
    assert_eq!(subjects, ["M000001", ""], "and that somebody is no member");
    assert!(!format!("{trail:?}").contains(&identity(1)));
}

#[tokio::test]
async fn a_member_reads_who_saw_their_name_and_address_among_others() {
    let desk = desk();
    desk.has_a_member().await;
    let mut form = walk();
    form["kit"] = json!(true);
    form["questions"] = json!([{"name": "address", "ask": "地址", "kind": "address"}]);
    desk.post("/activities", &form).await;
    desk.post("/activities/A1/publish", &json!({})).await;
    desk.write(|tx| {
        let (mei, address) = (FollowerId::new(MEI), "浙江省宁波市海曙区样例路1号".to_owned());
        let answers = vec![("address".to_owned(), address.clone())];
        let application = Application { activity: 1, session: 1, answers, ..Application::default() };
        assert!(register(tx, &mei, &application)?.is_ok());
        let [name, phone, address] = [NAME.to_owned(), PHONE.to_owned(), address].map(Sealed::new);
        let number = RegistrationNumber { activity: 1, session: 1, number: 1 };
        kit::address(tx, &mei, number, Recipient { name, phone, address })
    })
    .await
    .unwrap();
    for path in ["/activities/A1/roster", "/activities/A1/kits"] {
        assert_eq!(desk.get(path).await.status, 200);
        let whole = desk.get(&format!("{path}?reveal=%E6%A0%B8%E5%AF%B9%E5%9C%B0%E5%9D%80")).await;
        assert!(String::from_utf8_lossy(&whole.body).contains("样例路1号"), "{path}");
    }
    let looks = desk.write(|tx| tx.scan(&LOOKS, &(MemberId(1),), None, 9)).await.rows;
    let seen: Vec<_> = looks.into_iter().map(|(_, look)| (look.by, look.why)).collect();
    let look = ("wang".to_owned(), "核对地址".to_owned());
    assert_eq!(seen, [look.clone(), look], "and nothing of masked ones");
}

#[tokio::test]
async fn staff_see_whom_the_list_has_with_an_applicants_number_and_say_their_union() {
    let desk = desk();
    assert_eq!(desk.registrar("/members", row()).await.status, 200);
    desk.write(|tx| {
        let named = Named { name: NAME.to_owned(), identity: identity(1), phone: None, card: None };
        ask_to_join(tx, &FollowerId::new(MEI), &named, "新厂", Vec::new())
    })
    .await;
    let seen = desk.registrar("/members/applications/1/look", json!({ "reason": "核对证明" })).await.json();
    assert_eq!(seen["listed"], "M000001");
    let said = json!({ "union": "新厂工会", "district": "海曙" });
    assert_eq!(desk.registrar("/members/applications/1/approve", said).await.json()["state"], "approved");
    let shown = desk.call(Method::GET, "/members/M000001", MEMBERS_TOKEN, String::new(), &[]).await.json();
    assert_eq!((&shown["union"], &shown["district"]), (&json!("新厂工会"), &json!("海曙")));
}

#[tokio::test]
async fn an_import_is_taken_in_turn_and_a_bad_row_is_named_without_what_is_in_it() {
    let desk = desk();
    let start = || desk.registrar("/members/imports", json!({ "file": "abc" }));
    assert_eq!(start().await.json()["done"], 0);
    let bad = json!({ "name": NAME, "identity": identity(2).replace("1990", "1991"), "union": "x" });
    let rows =
        json!({ "first": 0, "rows": [row(), bad, { "name": NAME, "identity": identity(3), "union": "" }] });
    let answer = desk.registrar("/members/imports/abc/rows", rows.clone()).await;
    holds_nothing_whole(&answer);
    let told = answer.json();
    assert_eq!((&told["added"], &told["bad"]), (&json!(1), &json!(2)));
    let fields: Vec<_> = told["bad_rows"].as_array().unwrap().iter().map(|row| &row["field"]).collect();
    assert_eq!(fields, ["identity", "union"]);
    let again = desk.registrar("/members/imports/abc/rows", rows).await;
    assert_eq!(again.code(), (409, "out_of_turn".to_owned()));
    assert_eq!(start().await.json()["done"], 3);
    for file in ["", "../x", "a b"] {
        assert_eq!(desk.registrar("/members/imports", json!({ "file": file })).await.status, 422);
    }
}
