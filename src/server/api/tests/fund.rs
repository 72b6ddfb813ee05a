//! The fund's books: what staff read of them, and how they are corrected.

use super::*;
use crate::domain::fund::ledger::book;
use crate::domain::fund::record::{About, Book, Entry, Kind};
use crate::domain::scheme::file::{EMBEDDED, read};
use crate::domain::scheme::record::{Fen, Shape};
use crate::staff::fund::{SimulateForm, simulate, simulated};

const BOOK: &str = "scheme=ningbo&programme=inpatient_active&year=2026";

fn premium() -> Entry {
    let (scheme, programme) = ("ningbo".to_owned(), "inpatient_active".to_owned());
    Entry {
        at: NOW,
        book: Book { scheme, programme, year: 2026 },
        kind: Kind::Premium,
        amount: Fen::yuan(6_000),
        about: About::Enrolments { file: "list".to_owned(), first: 1 },
        district: "鄞州".to_owned(),
        union: "一中工会".to_owned(),
        count: 100,
        counters: None,
        by: "enrolment".to_owned(),
        reason: String::new(),
    }
}

impl Desk {
    async fn premiums(&self) {
        let at = Moment { now: NOW, seed: 1 };
        self.store.submit(at, |tx| book(tx, &premium())).await.unwrap();
    }
}

#[tokio::test]
async fn the_report_tells_what_came_in_and_what_is_owed() {
    let desk = desk();
    desk.premiums().await;
    desk.approved(1).await;
    let report = desk.sees(AUDITOR, "/fund/report?year=2026").await.json();
    assert_eq!(
        (&report["all"]["premiums"], &report["all"]["benefits"]),
        (&json!("6000.00"), &json!("1800.00"))
    );
    assert_eq!(report["all"]["ratio"], "0.3000");
    let book = &report["books"][0];
    assert_eq!((&book["bank"], &book["owed"]), (&json!("6000.00"), &json!("1800.00")));
    let outlook = &book["outlook"];
    assert_eq!(outlook["by_last_year"], false, "214 of 365 days are gone: {outlook}");
    assert_eq!(
        (&report["months"][0]["name"], &report["districts"][0]["name"]),
        (&json!("2026-12"), &json!("鄞州"))
    );
    assert_eq!(desk.sees(AUDITOR, "/fund/report?year=2020").await.json()["books"], json!([]));
    assert_eq!(desk.sees(CLAIMS, "/fund/report").await.code(), (403, "not_allowed".into()));
}

#[tokio::test]
async fn an_entry_is_taken_back_by_two_people_and_a_claims_by_none() {
    let desk = desk();
    desk.premiums().await;
    desk.approved(1).await;
    let post = async |token, path: &str, number: u64| {
        let body = json!({
            "scheme": "ningbo", "programme": "inpatient_active", "year": 2026, "number": number,
            "reason": "名单重复入账",
        });
        desk.call(Method::POST, &format!("/fund/corrections{path}"), token, body.to_string(), &[]).await
    };
    assert_eq!(post(PAYER, "", 2).await.code(), (409, "of_claim".into()));
    assert_eq!(post(PAYER, "", 9).await.code(), (404, "not_found".into()));
    assert_eq!(post(RELEASER, "/confirm", 1).await.code(), (409, "not_asked".into()));
    assert_eq!(post(PAYER, "", 1).await.status, 200);
    assert_eq!(post(PAYER, "/confirm", 1).await.code(), (409, "same_person".into()));
    assert_eq!(post(RELEASER, "/confirm", 1).await.json()["counter"], 3);
    assert_eq!(post(PAYER, "", 1).await.code(), (409, "already_taken_back".into()));
    let entries = desk.sees(AUDITOR, &format!("/fund/entries?{BOOK}")).await.json();
    let last = &entries["entries"][2];
    assert_eq!(
        (&last["takes_back"], &last["by"], &last["debit"]),
        (&json!(1), &json!("feng, wei"), &json!("premiums"))
    );
    let next = desk.sees(AUDITOR, &format!("/fund/entries?{BOOK}&limit=2")).await.json();
    assert_eq!((next["entries"].as_array().unwrap().len(), &next["next"]), (2, &json!(2)));
    desk.books_balance().await;
}

#[tokio::test]
async fn a_change_of_rules_is_tried_on_past_claims_and_writes_nothing() {
    let desk = desk();
    desk.premiums().await;
    let id = desk.approved(1).await;
    let (_, ningbo) = EMBEDDED.iter().find(|(name, _)| name.contains("ningbo")).unwrap();
    let (at, payer) = (Moment { now: NOW, seed: 1 }, Caller::new("feng", vec![Role::Payment]));
    let same = SimulateForm { file: (*ningbo).to_owned(), after: None };
    let same = simulate(&desk.store, at, &payer, same).await.unwrap();
    assert_eq!(
        (same.counted, same.now, same.then, same.changed.len()),
        (1, Fen::yuan(1_800), Fen::yuan(1_800), 0)
    );
    let mut file = read("scheme", ningbo).unwrap();
    let programme = file.programmes.iter_mut().find(|one| one.key == "inpatient_active").unwrap();
    let Shape::Tiers(tiers) = &mut programme.benefits[0].pays else { panic!("tiers") };
    tiers.first_stay_bonus = Some(Fen::yuan(500));
    let more = desk.store.read(at, move |tx| simulated(tx, &file, None)).await.unwrap();
    assert_eq!(
        (more.then, more.changed[0].claim.as_str()),
        (Fen::yuan(2_000), id.as_str()),
        "no more than was paid"
    );
    assert_eq!((more.balances[0].income, more.balances[0].granted), (Fen::yuan(6_000), Fen::yuan(1_800)));
    let broken = SimulateForm { file: "scheme = 1".to_owned(), after: None };
    assert!(simulate(&desk.store, at, &payer, broken).await.is_err());
    let nobody = Caller::new("wu", vec![Role::Claim]);
    let form = SimulateForm { file: (*ningbo).to_owned(), after: None };
    assert!(simulate(&desk.store, at, &nobody, form).await.is_err());
    assert_eq!(desk.sees(CLAIMS, &format!("/claims/{id}")).await.json()["amount"], "1800.00");
}
