//! The fund's books: what staff read of them, and how they are corrected.

use super::claims::identity_of;
use super::*;
use crate::domain::claim::record::{Claim, ClaimId, Details};
use crate::domain::fund::ledger::book;
use crate::domain::fund::record::{About, Book, Entry, Kind};
use crate::domain::member::list::index;
use crate::domain::scheme::commands::adopt;
use crate::domain::scheme::file::{EMBEDDED, SchemeFile, read};
use crate::domain::scheme::record::{Fen, Policy, Scope, Shape, Tiers};
use crate::domain::scheme::rules::Facts;
use crate::domain::tables::{self, ENTERED_TERMS, POLICIES};
use crate::staff::fund::{SimulateForm, simulate, simulated};
use crate::store::{Sealed, Tx};
use jiff::civil::date;

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
async fn next_years_file_with_other_days_leaves_this_years_outlook_as_it_is() {
    let desk = desk();
    desk.premiums().await;
    desk.approved(1).await;
    let outlook =
        async || desk.sees(AUDITOR, "/fund/report?year=2026").await.json()["books"][0]["outlook"].take();
    let before = outlook().await;
    let mut next = ningbo();
    next.version = 2027;
    next.in_force.from = date(2027, 7, 1);
    for programme in &mut next.programmes {
        programme.windows.truncate(1);
        let window = &mut programme.windows[0];
        (window.from, window.until) = (date(2027, 6, 1), date(2027, 6, 30));
        (window.cover_from, window.cover_until) = (Some(date(2027, 7, 1)), Some(date(2028, 6, 30)));
    }
    desk.store
        .submit(Moment { now: NOW, seed: 1 }, move |tx| adopt(tx, &[next.clone()]))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(outlook().await, before);
}

#[tokio::test]
async fn a_book_whose_covers_begin_with_their_entries_has_an_outlook_over_their_terms() {
    let desk = desk();
    desk.approved(1).await; // a claim, so that the schemes are adopted
    let of = |programme: &str, kind, amount, count| {
        let book = Book { programme: programme.to_owned(), ..premium().book };
        Entry { book, kind, amount: Fen::yuan(amount), count, ..premium() }
    };
    let years = |years: u8| ("ningbo".to_owned(), "women".to_owned(), 2026, years);
    let at = Moment { now: NOW, seed: 1 };
    let entries = [
        of("women", Kind::Premium, 150, 10),
        of("women", Kind::Benefit, 100, 1),
        of("critical", Kind::Premium, 200, 10),
        of("critical", Kind::SpecialBenefit, 100, 1),
    ];
    let all = move |tx: &mut Tx| {
        for entry in &entries {
            book(tx, entry)?;
        }
        tx.put(&ENTERED_TERMS, &years(1), &4)?;
        tx.put(&ENTERED_TERMS, &years(4), &6)
    };
    desk.store.submit(at, all).await.unwrap();
    let report = desk.sees(AUDITOR, "/fund/report?year=2026").await.json();
    let of = |name: &str| report["books"].as_array().unwrap().iter().find(|book| book["programme"] == name);
    let (women, critical) = (of("women").unwrap(), of("critical").unwrap());
    assert_eq!(critical.get("outlook"), None, "whether for one year or three nobody knows: no guess");
    let granted: f64 = women["outlook"]["granted"].as_str().unwrap().parse().unwrap();
    assert!((300.0..600.0).contains(&granted), "most of the days are those of four years: {granted}");
}

#[tokio::test]
async fn what_came_back_of_a_claim_is_granted_neither_now_nor_by_other_rules() {
    let desk = desk();
    desk.premiums().await;
    let id: ClaimId = desk.approved(1).await.parse().unwrap();
    let at = Moment { now: NOW, seed: 1 };
    let came_back = move |tx: &mut Tx| {
        let claim = tx.get(&tables::CLAIMS, &id)?.unwrap();
        tx.put(&tables::CLAIMS, &id, &Claim { recovered: Fen::yuan(100), ..claim })
    };
    desk.store.submit(at, came_back).await.unwrap();
    let same = desk.store.read(at, |tx| simulated(tx, &ningbo(), None)).await.unwrap();
    assert_eq!((same.now, same.then, same.changed.len()), (Fen::yuan(1_700), Fen::yuan(1_700), 0));
}

#[tokio::test]
async fn an_entry_is_taken_back_by_two_people_and_a_claims_by_none() {
    let desk = desk();
    desk.premiums().await;
    desk.approved(1).await;
    let post = async |token, path: &str, number: u64| {
        let mut body = json!({
            "scheme": "ningbo", "programme": "inpatient_active", "year": 2026, "number": number,
        });
        match path {
            "" => body["reason"] = json!("名单重复入账"),
            "/confirm" => body["amount"] = json!("6000.00"),
            _ => {}
        }
        desk.call(Method::POST, &format!("/fund/corrections{path}"), token, body.to_string(), &[]).await
    };
    assert_eq!(post(PAYER, "", 2).await.code(), (409, "of_claim".into()));
    assert_eq!(post(PAYER, "", 9).await.code(), (404, "not_found".into()));
    assert_eq!(post(RELEASER, "/confirm", 1).await.code(), (409, "not_asked".into()));
    assert_eq!(post(PAYER, "", 1).await.status, 200);
    assert_eq!(post(PAYER, "/confirm", 1).await.code(), (409, "same_person".into()));
    let waiting = desk.sees(AUDITOR, "/fund/corrections").await.json()["corrections"].take();
    let row = (&waiting[0]["entry"]["amount"], &waiting[0]["asked_by"], &waiting[0]["reason"]);
    assert_eq!(row, (&json!("6000.00"), &json!("feng"), &json!("名单重复入账")));
    let behind = desk.sees(AUDITOR, "/fund/corrections?after=ningbo/inpatient_active/2026/1").await.json();
    assert_eq!(behind, json!({ "corrections": [] }), "a page goes on behind the last of the one before");
    assert_eq!(desk.sees(AUDITOR, "/fund/corrections?after=1").await.status, 422);
    let other = json!({
        "scheme": "ningbo", "programme": "inpatient_active", "year": 2026, "number": 1, "amount": "60.00",
    });
    let other = desk.call(Method::POST, "/fund/corrections/confirm", RELEASER, other.to_string(), &[]).await;
    assert_eq!(other.code(), (409, "other_amount".into()));
    assert_eq!(post(RELEASER, "/dismiss", 1).await.status, 200);
    assert_eq!(post(RELEASER, "/confirm", 1).await.code(), (409, "not_asked".into()));
    assert_eq!(post(PAYER, "", 1).await.status, 200);
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

fn ningbo() -> SchemeFile {
    let (_, text) = EMBEDDED.iter().find(|(name, _)| name.contains("ningbo")).unwrap();
    read("scheme", text).unwrap()
}

fn tiers(file: &mut SchemeFile) -> &mut Tiers {
    let programme = file.programmes.iter_mut().find(|one| one.key == "inpatient_active").unwrap();
    let Shape::Tiers(tiers) = &mut programme.benefits[0].pays else { panic!("tiers") };
    tiers
}

/// A stay from that day of October on.
fn stay(details: &mut Details, day: i8, borne: i64) {
    details.facts.admitted = Some(date(2026, 10, day));
    details.facts.discharged = Some(date(2026, 10, day + 5));
    details.facts.self_borne = Some(Fen::yuan(borne));
    details.facts.personal_amount = Some(Fen::yuan(borne));
    details.invoices[0].number = format!("77{day}");
}

#[tokio::test]
async fn a_persons_claims_are_tried_in_the_order_of_their_events_each_after_what_the_rules_gave_before() {
    let desk = desk();
    // The later stay is claimed and approved first.
    let later = desk.handed_in_by(1, str::to_owned, |details| stay(details, 20, 3_500)).await;
    desk.is_approved(&later).await;
    let first = desk.handed_in_by(1, str::to_owned, |details| stay(details, 2, 6_000)).await;
    desk.is_approved(&first).await;
    let at = Moment { now: NOW, seed: 1 };
    let same = desk.store.read(at, |tx| simulated(tx, &ningbo(), None)).await.unwrap();
    assert_eq!((same.now, same.then), (Fen::yuan(2_650 + 2_700), Fen::yuan(2_900 + 2_450)), "the same sum");
    let mut file = ningbo();
    tiers(&mut file).scope = Scope::Period;
    let tried = desk.store.read(at, move |tx| simulated(tx, &file, None)).await.unwrap();
    assert_eq!(tried.then, Fen::yuan(2_900 + 350), "the tiers go on where the first stay left them");
    let of = |id: &str| tried.changed.iter().find(|change| change.claim == id).unwrap().then;
    assert_eq!((of(&first), of(&later)), (Fen::yuan(2_900), Fen::yuan(350)));
}

#[tokio::test]
async fn of_a_claim_that_was_erased_no_rules_give_less() {
    let desk = desk();
    let id: ClaimId = desk.approved(1).await.parse().unwrap();
    let at = Moment { now: NOW, seed: 1 };
    let erased = move |tx: &mut Tx| {
        let claim = tx.get(&tables::CLAIMS, &id)?.unwrap();
        let facts = Facts { kind: claim.kind, ..Facts::default() };
        let details = Sealed::new(Details { facts, ..Details::default() });
        tx.put(&tables::CLAIMS, &id, &Claim { erased: true, details, ..claim })
    };
    desk.store.submit(at, erased).await.unwrap();
    let same = desk.store.read(at, |tx| simulated(tx, &ningbo(), None)).await.unwrap();
    assert_eq!((same.seen, same.counted, same.changed), (1, 0, Vec::new()), "its days are gone");
}

fn capped(text: &str) -> String {
    let says = "within_personal_amount = true\n";
    text.replacen(says, &format!("{says}caps = [{{ per = \"period\", amount = 5000 }}]\n"), 1)
}

#[tokio::test]
async fn the_rules_as_they_are_change_nothing_though_something_came_back_of_an_earlier_claim() {
    let desk = desk();
    let first = desk.handed_in_by(1, capped, |details| stay(details, 2, 6_000)).await;
    desk.is_approved(&first).await;
    let id: ClaimId = first.parse().unwrap();
    let at = Moment { now: NOW, seed: 1 };
    let came_back = move |tx: &mut Tx| {
        let claim = tx.get(&tables::CLAIMS, &id)?.unwrap();
        tx.put(&tables::CLAIMS, &id, &Claim { recovered: Fen::yuan(1_000), ..claim })
    };
    desk.store.submit(at, came_back).await.unwrap();
    let later = desk.handed_in_by(1, capped, |details| stay(details, 20, 20_000)).await;
    desk.is_approved(&later).await;
    let (_, text) = EMBEDDED.iter().find(|(name, _)| name.contains("ningbo")).unwrap();
    let file = read("scheme", &capped(text)).unwrap();
    let same = desk.store.read(at, move |tx| simulated(tx, &file, None)).await.unwrap();
    let (now, then) = (Fen::yuan(1_900 + 3_100), Fen::yuan(1_900 + 3_100));
    assert_eq!((same.now, same.then, same.changed), (now, then, Vec::new()), "the year's 5,000 are used up");
}

#[tokio::test]
async fn who_was_refused_by_a_rule_wins_when_it_changes() {
    let desk = desk();
    let id = desk.handed_in(1).await;
    let (person, from) = (identity_of(1), 20_260_501);
    let at = Moment { now: NOW, seed: 1 };
    let waits = move |tx: &mut Tx| {
        let key = (index(tx, &person)?, "ningbo".to_owned(), "inpatient_active".to_owned(), from);
        let policy = tx.get(&POLICIES, &key)?.unwrap();
        let waiting_until = Some(date(2026, 11, 16));
        tx.put(&POLICIES, &key, &Policy { first_or_broken: true, waiting_until, ..policy })
    };
    desk.store.submit(at, waits).await.unwrap();
    desk.acts(CLAIMS, &id, json!({"act": "accept"})).await;
    let no = json!({"act": "reject", "reason": "waiting_period", "words": "出院时还在等待期内"});
    assert_eq!(desk.acts(CLAIMS, &id, no).await.status, 200);
    let tried = desk.store.read(at, |tx| simulated(tx, &ningbo(), None)).await.unwrap();
    assert_eq!((tried.counted, tried.now, tried.then), (1, Fen::ZERO, Fen::yuan(1_800)));
}

#[tokio::test]
async fn what_was_refused_and_claimed_again_is_tried_once() {
    let desk = desk();
    let at = Moment { now: NOW, seed: 1 };
    let refused = async |n| {
        let id = desk.handed_in(n).await;
        desk.acts(CLAIMS, &id, json!({"act": "accept"})).await;
        let no = json!({"act": "reject", "reason": "waiting_period", "words": "出院时还在等待期内"});
        assert_eq!(desk.acts(CLAIMS, &id, no).await.status, 200);
    };
    refused(1).await;
    desk.approved(1).await;
    let paid = desk.store.read(at, |tx| simulated(tx, &ningbo(), None)).await.unwrap();
    assert_eq!((paid.counted, paid.now, paid.then), (1, Fen::yuan(1_800), Fen::yuan(1_800)));
    assert_eq!(paid.changed, Vec::new(), "the stay was paid in the end");
    refused(2).await;
    refused(2).await;
    let twice = desk.store.read(at, |tx| simulated(tx, &ningbo(), None)).await.unwrap();
    assert_eq!((twice.counted, twice.then), (2, Fen::yuan(1_800 + 1_800)), "one stay is paid once");
}

#[tokio::test]
async fn the_unions_of_a_report_add_up_to_all_however_many_there_are() {
    let desk = desk();
    let at = Moment { now: NOW, seed: 1 };
    for tens in 0..21 {
        let entries = move |tx: &mut Tx| {
            for n in tens * 10..tens * 10 + 10 {
                book(
                    tx,
                    &Entry { union: format!("第{n}工会"), amount: Fen::yuan(60), count: 1, ..premium() },
                )?;
            }
            Ok(())
        };
        desk.store.submit(at, entries).await.unwrap();
    }
    let report = desk.sees(AUDITOR, "/fund/report").await.json();
    let listed = report["unions"].as_array().unwrap().len();
    assert_eq!((listed, &report["unions_left_out"]), (200, &json!(10)));
    let others = &report["unions_others"];
    assert_eq!((&others["premiums"], &others["premium_count"]), (&json!("600.00"), &json!(10)));
    assert_eq!(report["all"]["premiums"], "12600.00", "60 of each of the 210");
}

#[tokio::test]
async fn covers_of_a_year_from_their_entry_go_by_the_course_of_the_year_before() {
    let desk = desk();
    desk.approved(1).await; // a claim, so that the schemes are adopted
    let of = |day: &str, year, kind, amount| {
        let book = Book { programme: "women".to_owned(), year, ..premium().book };
        let at = Time::parse(&format!("{day}T10:00:00+08:00")).unwrap();
        Entry { at, book, kind, amount: Fen::yuan(amount), count: 10, ..premium() }
    };
    let entries = [
        of("2025-04-10", 2025, Kind::Premium, 1_500),
        of("2025-08-01", 2025, Kind::SpecialBenefit, 250),
        of("2026-02-01", 2025, Kind::SpecialBenefit, 750),
        of("2026-04-10", 2026, Kind::Premium, 1_500),
        of("2026-08-01", 2026, Kind::SpecialBenefit, 300),
    ];
    let all = move |tx: &mut Tx| {
        for entry in &entries {
            book(tx, entry)?;
        }
        tx.put(&ENTERED_TERMS, &("ningbo".to_owned(), "women".to_owned(), 2026, 1), &10)
    };
    desk.store.submit(Moment { now: NOW, seed: 1 }, all).await.unwrap();
    let report = desk.sees(AUDITOR, "/fund/report?year=2026").await.json();
    let book = report["books"].as_array().unwrap().iter().find(|book| book["programme"] == "women").unwrap();
    let expected = json!({ "granted": "1200.00", "balance": "300.00", "by_last_year": true });
    assert_eq!(book["outlook"], expected, "by now the year before had granted a quarter");
}

#[tokio::test]
async fn a_change_of_rules_is_tried_on_past_claims_and_writes_nothing() {
    let desk = desk();
    desk.premiums().await;
    let id = desk.approved(1).await;
    let (_, ningbo) = EMBEDDED.iter().find(|(name, _)| name.contains("ningbo")).unwrap();
    let at = Moment { now: NOW, seed: 1 };
    let payer = Call::new(&desk.store, at, Caller::new("feng", vec![Role::Payment]));
    let same = SimulateForm { file: (*ningbo).to_owned(), after: None };
    let same = simulate(&payer, same).await.unwrap();
    assert_eq!(
        (same.counted, same.now, same.then, same.changed.len()),
        (1, Fen::yuan(1_800), Fen::yuan(1_800), 0)
    );
    let mut file = self::ningbo();
    tiers(&mut file).first_stay_bonus = Some(Fen::yuan(500));
    let more = desk.store.read(at, move |tx| simulated(tx, &file, None)).await.unwrap();
    assert_eq!(
        (more.then, more.changed[0].claim.as_str()),
        (Fen::yuan(2_000), id.as_str()),
        "no more than was paid"
    );
    assert_eq!((more.balances[0].income, more.balances[0].granted), (Fen::yuan(6_000), Fen::yuan(1_800)));
    let trial = ningbo.replacen("first_stay_bonus = 200\n", "first_stay_bonus = 500\n", 1);
    let tried = SimulateForm { file: trial, after: None };
    let tried = simulate(&payer, tried).await.unwrap();
    assert_eq!(tried.then, Fen::yuan(2_000), "though worked examples are those of the old rules");
    assert!(tried.examples[0].contains("«本年度第一次住院"), "{:?}", tried.examples);
    let nowhere = ningbo.replacen("scheme = \"ningbo\"", "scheme = \"nowhere\"", 1);
    let untold = simulate(&payer, SimulateForm { file: nowhere, after: None }).await;
    assert!(format!("{untold:?}").contains("`nowhere`"), "a slip is no change that costs nothing");
    assert_eq!(desk.sees(PAYER, "/fund/report?scheme=nowhere").await.code(), (404, "not_found".into()));
    let broken = SimulateForm { file: "scheme = 1".to_owned(), after: None };
    assert!(simulate(&payer, broken).await.is_err());
    let nobody = Call::new(&desk.store, at, Caller::new("wu", vec![Role::Claim]));
    let form = SimulateForm { file: (*ningbo).to_owned(), after: None };
    assert!(simulate(&nobody, form).await.is_err());
    assert_eq!(desk.sees(CLAIMS, &format!("/claims/{id}")).await.json()["amount"], "1800.00");
}
