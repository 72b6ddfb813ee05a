//! Claims, as staff work on them.

use jiff::civil::date;

use super::*;
use crate::domain::claim::draft::{begin, own, submit, tell, tell_account};
use crate::domain::claim::pages;
use crate::domain::claim::record::{BankAccount, Details, Invoice};
use crate::domain::contact::record::FollowerId;
use crate::domain::media::commands::{Fetched, settle, want};
use crate::domain::media::record::Look;
use crate::domain::member::binding::{Claim as Verified, bind};
use crate::domain::member::identity;
use crate::domain::member::list::{Listed, enter, index};
use crate::domain::scheme::commands::{adopt, key_of};
use crate::domain::scheme::file::{EMBEDDED, read};
use crate::domain::scheme::record::{Fen, Policy};
use crate::domain::scheme::rules::EventKind;
use crate::domain::tables::{MEDIA, POLICIES};
use crate::staff::consistency;
use crate::store::Tx;

const AT: Moment = Moment { now: NOW, seed: 1 };
pub(super) const ACCOUNT: &str = "6222020000000000018";

pub(super) fn identity_of(n: u32) -> String {
    let body = format!("33029919800101{n:03}");
    format!("{body}{}", char::from(identity::check(body.as_bytes())))
}

impl Desk {
    async fn claims_run<T: Send + 'static>(
        &self,
        command: impl Fn(&mut Tx) -> Result<T, crate::store::Fault> + Send + Sync + 'static,
    ) -> T {
        self.store.submit(AT, command).await.unwrap()
    }

    /// A member with cover, and a claim of theirs that is handed in; its invoice was typed, so that staff decide.
    pub(super) async fn handed_in(&self, n: u32) -> String {
        self.handed_in_by(n, str::to_owned, |_| ()).await
    }

    /// By the shipped scheme, changed, and with other details.
    pub(super) async fn handed_in_by(
        &self,
        n: u32,
        change: fn(&str) -> String,
        edit: fn(&mut Details),
    ) -> String {
        let files: Vec<_> = EMBEDDED.iter().map(|(name, text)| read(name, &change(text)).unwrap()).collect();
        self.claims_run(move |tx| adopt(tx, &files)).await.unwrap();
        let who = FollowerId::new(format!("oClaimant{n}").as_str());
        let (name, phone) = (format!("李梅{n}"), format!("138000000{n:02}"));
        let row = Listed {
            name: name.clone(),
            identity: identity_of(n),
            phone: Some(phone.clone()),
            district: "鄞州".to_owned(),
            union: "一中工会".to_owned(),
            ..Listed::default()
        };
        self.claims_run(move |tx| enter(tx, &row, false)).await;
        let union = String::new();
        let said = Verified { name: name.clone(), identity: identity_of(n), phone, union };
        let of = who.clone();
        // Theirs already, if it is their second claim.
        _ = self.claims_run(move |tx| bind(tx, &of, &said, false)).await;
        self.claims_run(move |tx| {
            let policy = Policy {
                district: "鄞州".to_owned(),
                ..Policy::of_unit("一中工会", date(2026, 4, 10), date(2027, 4, 30))
            };
            let programme = "inpatient_active".to_owned();
            let key = (index(tx, &identity_of(n))?, "ningbo".to_owned(), programme, key_of(date(2026, 5, 1)));
            tx.put(&POLICIES, &key, &policy)
        })
        .await;
        let of = who.clone();
        let id = self.claims_run(move |tx| begin(tx, &of, EventKind::Inpatient)).await.unwrap();
        let of = who.clone();
        self.claims_run(move |tx| {
            let own = own(tx, &of, id)?.unwrap();
            tell(tx, &own, |details| {
                details.facts.admitted = Some(date(2026, 10, 20));
                details.facts.discharged = Some(date(2026, 10, 28));
                details.facts.hospital = "秘密医院".to_owned();
                details.facts.self_borne = Some(Fen::yuan(2_000));
                details.facts.personal_amount = Some(Fen::yuan(2_000));
                details.diagnosis = "肺炎".to_owned();
                let (holder, bank) = (name.clone(), "宁波银行".to_owned());
                details.account = Some(BankAccount { holder, number: ACCOUNT.to_owned(), bank });
                details.invoices = vec![Invoice {
                    code: "33060126".to_owned(),
                    number: format!("00123456{n:02}"),
                    check: String::new(),
                    issued: None,
                    amount: Fen::yuan(9_000),
                    read: false,
                    corrects: None,
                    confirmed: true,
                }];
                edit(details);
            })
        })
        .await
        .unwrap();
        for slot in ["invoice", "settlement", "discharge", "id_card", "bank_card"] {
            let paper = format!("a picture of {slot} of {n} for {id}");
            let (document, bytes) = (self.documents.put(paper.as_bytes()).unwrap(), paper.len() as u64);
            let of = who.clone();
            self.claims_run(move |tx| {
                let picture = want(tx, &of, &format!("{slot}-{id}"))?.unwrap();
                pages::add(tx, id, slot, picture, 9)?.unwrap();
                let (document, content_type) = (document.clone(), "image/jpeg".to_owned());
                settle(tx, picture, &Fetched::Kept { document, bytes, content_type, look: Look::default() })
            })
            .await;
        }
        self.claims_run(move |tx| {
            let own = own(tx, &who, id)?.unwrap();
            submit(tx, &own)
        })
        .await
        .unwrap();
        id.to_string()
    }

    /// The claimant tells another account.
    pub(super) async fn corrects(&self, n: u32, id: &str, holder: &str) {
        let (id, holder) = (id.parse().unwrap(), holder.to_owned());
        self.claims_run(move |tx| {
            let own = own(tx, &FollowerId::new(format!("oClaimant{n}").as_str()), id)?.unwrap();
            let (number, bank) = (ACCOUNT.to_owned(), "宁波银行".to_owned());
            tell_account(tx, &own, &BankAccount { holder: holder.clone(), number, bank })
        })
        .await
        .unwrap();
    }

    pub(super) async fn acts(&self, token: &str, id: &str, body: Value) -> Answer {
        self.call(Method::POST, &format!("/claims/{id}/acts"), token, body.to_string(), &[]).await
    }

    pub(super) async fn sees(&self, token: &str, path: &str) -> Answer {
        self.call(Method::GET, path, token, String::new(), &[]).await
    }

    /// Through both steps of its chain.
    pub(super) async fn approved(&self, n: u32) -> String {
        let id = self.handed_in(n).await;
        self.is_approved(&id).await;
        id
    }

    pub(super) async fn is_approved(&self, id: &str) {
        for (token, act) in [(CLAIMS, "accept"), (CLAIMS, "approve"), (CHECKER, "approve")] {
            let done = self.acts(token, id, json!({ "act": act })).await;
            assert_eq!(done.status, 200, "{act}: {}", done.json());
        }
    }

    pub(super) async fn books_balance(&self) {
        let audit = consistency::audit(&self.store, AT).await.unwrap();
        assert_eq!(audit.broken, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_claim_goes_from_the_queue_to_approved() {
    let desk = desk();
    let id = desk.handed_in(1).await;
    let waiting = desk.sees(CLAIMS, "/claims").await.json();
    assert_eq!((&waiting["claims"][0]["id"], &waiting["claims"][0]["name"]), (&json!(id), &json!("李**")));
    assert_eq!(desk.acts(CLAIMS, &id, json!({"act": "take"})).await.json()["assignee"], "wu");
    assert_eq!(desk.acts(CHECKER, &id, json!({"act": "take"})).await.code(), (409, "taken".into()));
    assert_eq!(desk.sees(CLAIMS, "/claims?assignee=wu").await.json()["claims"][0]["id"], json!(id));
    assert_eq!(desk.acts(CLAIMS, &id, json!({"act": "accept"})).await.json()["status"], "accepted");
    assert_eq!(desk.acts(CLAIMS, &id, json!({"act": "approve"})).await.json()["status"], "reviewed");
    let again = desk.acts(CLAIMS, &id, json!({"act": "approve"})).await;
    assert_eq!(again.code(), (409, "approved_already".into()));
    assert_eq!(desk.acts(CHECKER, &id, json!({"act": "approve"})).await.json()["status"], "approved");
    let shown = desk.sees(AUDITOR, &format!("/claims/{id}")).await.json();
    assert_eq!((&shown["amount"], &shown["sum"]["total"]), (&json!("1800.00"), &json!("1800.00")));
    assert_eq!(shown["steps"][1]["who"], "zheng");
    desk.books_balance().await;
}

#[tokio::test]
async fn a_claim_that_agrees_is_approved_when_its_settlement_is_entered_and_looked_at_again() {
    let desk = desk();
    let all = |text: &str| text.replace("sample = 0.05", "sample = 1");
    let as_the_chat_has_it = |details: &mut Details| {
        (details.facts.self_borne, details.facts.personal_amount) = (None, None);
        (details.facts.total, details.invoices[0].read) = (Some(Fen::yuan(9_000)), true);
    };
    let id = desk.handed_in_by(1, all, as_the_chat_has_it).await;
    let settlement = json!({"act": "enter", "fund_paid": "7000.00", "self_borne": "2000.00"});
    let alone = desk.acts(CLAIMS, &id, settlement.clone()).await.json();
    assert_eq!(alone["status"], "submitted", "one person alone settles nothing");
    let entered = desk.acts(CHECKER, &id, settlement).await.json();
    let marks = ["status", "instant", "sampled", "amount"].map(|name| entered[name].clone());
    assert_eq!(marks, [json!("approved"), json!(true), json!(true), json!("1800.00")]);
    let drawn = desk.sees(AUDITOR, "/claims?sampled=true").await.json();
    assert_eq!(drawn["claims"][0]["id"], json!(id));
    let shown = desk.sees(AUDITOR, &format!("/claims/{id}")).await.json();
    let by: Vec<&str> =
        shown["timeline"].as_array().unwrap().iter().map(|e| e["by"].as_str().unwrap()).collect();
    assert_eq!(by, ["claimant", "rule", "rule", "wu", "zheng"], "{shown}");
    let look = json!({"act": "look_again", "agrees": false, "reason": "结算单是另一次住院的"});
    assert_eq!(desk.acts(CLAIMS, &id, look.clone()).await.code(), (409, "own_entry".into()));
    let back = desk.acts(LOOKER, &id, look).await.json();
    let marks = ["status", "instant", "sampled"].map(|name| back[name].clone());
    assert_eq!(marks, [json!("accepted"), json!(false), json!(false)]);
    let flags = desk.sees(AUDITOR, &format!("/claims/{id}")).await.json()["flags"].clone();
    assert_eq!(flags, json!([{"flag": "looked_otherwise"}]));
    desk.books_balance().await;
}

#[tokio::test]
async fn what_tells_of_the_person_is_shown_for_a_reason_alone() {
    let desk = desk();
    let id = desk.handed_in(2).await;
    let shown = desk.sees(CLAIMS, &format!("/claims/{id}")).await;
    let text = String::from_utf8(shown.body).unwrap();
    for secret in ["秘密医院", "肺炎", ACCOUNT, "李梅2", &identity_of(2)] {
        assert!(!text.contains(secret), "{secret}");
    }
    let look = format!("/claims/{id}/look");
    let post = async |token, body: Value| desk.call(Method::POST, &look, token, body.to_string(), &[]).await;
    assert_eq!(post(CLAIMS, json!({"reason": ""})).await.code(), (422, "invalid".into()));
    assert_eq!(post(CASE, json!({"reason": "核对"})).await.code(), (403, "not_allowed".into()));
    let full = post(CLAIMS, json!({"reason": "核对结算单"})).await.json();
    assert_eq!(
        (&full["details"]["facts"]["hospital"], &full["identity"]),
        (&json!("秘密医院"), &json!(identity_of(2)))
    );
    let member: crate::domain::member::record::MemberId = full["member"].as_str().unwrap().parse().unwrap();
    let looks =
        desk.claims_run(move |tx| tx.scan(&crate::domain::tables::LOOKS, &(member,), None, 9)).await.rows;
    assert_eq!(looks[0].1.why, "核对结算单", "the member reads who looked, and why");
}

#[tokio::test]
async fn a_page_is_shown_with_the_claim_and_nowhere_else() {
    let desk = desk();
    let id = desk.handed_in(3).await;
    let page = format!("/claims/{id}/pages/discharge/1");
    assert_eq!(desk.sees(CLAIMS, &page).await.code(), (422, "invalid".into()));
    let reason = "reason=%E5%88%9D%E5%AE%A1";
    let picture = desk.sees(CLAIMS, &format!("{page}?{reason}")).await;
    assert_eq!(
        (picture.status, picture.body),
        (200, format!("a picture of discharge of 3 for {id}").into_bytes())
    );
    assert_eq!(desk.sees(CASE, &format!("{page}?{reason}")).await.status, 403);
    assert_eq!(desk.sees(CLAIMS, &format!("/claims/{id}/pages/discharge/9?{reason}")).await.status, 404);
    let number = desk.claims_run(|tx| tx.scan(&MEDIA, &(), None, 1)).await.rows[0].0;
    let elsewhere = desk.sees(CASE, &format!("/pictures/{number}?{reason}")).await;
    assert_eq!(elsewhere.code(), (409, "owned".into()));
}

#[tokio::test]
async fn an_act_is_checked_done_once_and_for_its_role_alone() {
    let desk = desk();
    let id = desk.handed_in(4).await;
    let wrong = desk.acts(CLAIMS, &id, json!({"act": "reject", "reason": "other", "words": ""})).await;
    assert_eq!(wrong.json()["errors"][0]["field"], "words");
    assert_eq!(desk.acts(CLAIMS, &id, json!({"act": "approve", "why": "x"})).await.status, 422);
    assert_eq!(desk.acts(CLAIMS, &id, json!({"act": "bribe"})).await.status, 422);
    assert_eq!(desk.acts(AUDITOR, &id, json!({"act": "take"})).await.code(), (403, "not_allowed".into()));
    assert_eq!(desk.acts(CLAIMS, "L000999", json!({"act": "take"})).await.code(), (404, "not_found".into()));
    let path = format!("/claims/{id}/acts");
    let entry = json!({"act": "enter", "self_borne": "1000.00"}).to_string();
    for _ in 0..2 {
        let done =
            desk.call(Method::POST, &path, CLAIMS, entry.clone(), &[("idempotency-key", "once")]).await;
        assert_eq!((done.status, &done.json()["amount"]), (200, &json!("1000.00")));
    }
    let shown = desk.sees(CLAIMS, &format!("/claims/{id}")).await.json();
    let entered = shown["timeline"].as_array().unwrap().iter().filter(|row| row["what"] == "entered").count();
    assert_eq!((entered, &shown["entered_by"]), (1, &json!(["wu"])));
    desk.acts(CHECKER, &id, json!({"act": "accept"})).await;
    let own = desk.acts(CLAIMS, &id, json!({"act": "approve"})).await;
    assert_eq!(own.code(), (409, "own_entry".into()));
    let more = desk.acts(CLAIMS, &id, json!({"act": "take", "foo": 1})).await;
    assert_eq!(more.code(), (422, "invalid".into()), "as of an act that takes something");
    let amount = desk.acts(CLAIMS, &id, json!({"act": "adjust", "amount": "12,5", "reason": "改错"})).await;
    assert!(amount.json()["detail"].as_str().unwrap().ends_with("such as 3000.00"), "{}", amount.json());
    let reverse = desk.acts(CLAIMS, &id, json!({"act": "reverse", "reason": "追回"})).await;
    assert_eq!(reverse.code(), (403, "not_allowed".into()), "that is for who pays");
}

#[tokio::test]
async fn a_list_goes_on_where_its_page_ended() {
    let desk = desk();
    for n in 1..=3 {
        desk.handed_in(n).await;
    }
    let first = desk.sees(CLAIMS, "/claims?limit=2&order=amount").await.json();
    assert_eq!(first["claims"].as_array().unwrap().len(), 2);
    let next = first["next"].as_str().unwrap();
    let second = desk.sees(CLAIMS, &format!("/claims?limit=2&order=amount&after={next}")).await.json();
    assert_eq!((second["claims"].as_array().unwrap().len(), &second["next"]), (1, &Value::Null));
    assert_eq!(desk.sees(CLAIMS, "/claims?state=lost").await.code(), (422, "invalid".into()));
    for both in ["due=true&state=submitted", "assignee=wu&state=paid", "sampled=true&order=amount"] {
        let told = desk.sees(CLAIMS, &format!("/claims?{both}")).await;
        assert_eq!(told.code(), (422, "invalid".into()), "{both} are two queues");
    }
    assert_eq!(desk.sees(CLAIMS, "/claims?due=true").await.json()["claims"].as_array().unwrap().len(), 3);
    let soon = desk.sees(CLAIMS, "/claims?due_soon=true").await.json();
    assert_eq!(soon["claims"], json!([]), "nothing is due soon from its beginning");
}
