//! Rows as the version before wrote them are read as they were meant.

use gonghui::domain::activity::commands::cancel;
use gonghui::domain::activity::record::*;
use gonghui::domain::activity::waiting::waiting_position;
use gonghui::domain::activity::{forget, history};
use gonghui::domain::benefit::claim::{Account, claim};
use gonghui::domain::benefit::manage::{create as create_benefit, publish as publish_benefit};
use gonghui::domain::benefit::rules::Refusal;
use gonghui::domain::contact::record::FollowerId;
use gonghui::domain::member::standing::Person;
use gonghui::domain::tables::{self, CATALOG, REGISTRATIONS};
use gonghui::domain::timers::fire_due;
use gonghui::moment::{Moment, Time};
use gonghui::store::engine::memory::Memory;
use gonghui::store::{Options, Sealer, Store, Table, TableInfo};
use serde_json::{Value, json};

const NOW: Time = Time::from_unix_s(1_796_090_400);
// Any JSON is a row: the codec writes names.
const ACTIVITIES: Table<u32, Value> = Table::durable(0x20, "activities");
const COUNTS: Table<(u32, u16), Value> = Table::durable(0x21, "session_counts");
const SIGN_UPS: Table<(u32, u16, u32), Value> = Table::durable(0x22, "registrations");
const PLACES: Table<(FollowerId, u32, u16), u32> = Table::durable(0x23, "places");
const WAITING: Table<(u32, u16, u32), u16> = Table::durable(0x24, "waiting");
const LISTED: Table<(Time, u32), ()> = Table::durable(0x25, "listed");
const SERIES: Table<(String, FollowerId), u16> = Table::durable(0x26, "series_places");
const WALLETS: Table<Person, Value> = Table::durable(0x87, "wallets");
const HISTORIES: Table<Person, Value> = Table::durable(0x28, "histories");
const OLDER: &[TableInfo] = &[
    ACTIVITIES.info(),
    COUNTS.info(),
    SIGN_UPS.info(),
    PLACES.info(),
    WAITING.info(),
    LISTED.info(),
    SERIES.info(),
    WALLETS.info(),
    HISTORIES.info(),
];

fn open(memory: &Memory, catalog: &'static [TableInfo]) -> Store {
    let options = Options { run_twice: true, ..Options::new(Sealer::new(&[7; 32], &[]), catalog) };
    Store::open(Box::new(memory.clone()), options).unwrap()
}

fn follower(number: u32) -> FollowerId {
    FollowerId::new(format!("oFollower{number}"))
}

fn activity() -> Value {
    let at = |hours: i64| NOW.unix_ms() + hours * 3_600_000;
    json!({
        "id": 1, "state": "Published", "created": at(0), "changed": at(0),
        "terms": {
            "title": "茶", "category": "", "description": "", "place": { "At": "三江口" },
            "sessions": [{ "starts": at(48), "ends": at(50), "capacity": 1 }],
            "sign_up": { "opens": at(-1), "closes": at(24), "cancel_before": at(24) },
            "waiting_max": 5, "party": { "max_companions": 0, "max_children": 0 }, "questions": [],
            "eligibility": { "who": "Anyone", "districts": [], "age": null },
            "series": { "name": "茶会", "max_per_person": 2 }, "notice": null, "mode": "FirstCome",
        },
    })
}

fn sign_up(number: u32, status: &str) -> Value {
    json!({
        "number": { "activity": 1, "session": 1, "number": number },
        "follower": format!("oFollower{number}"), "status": status,
        "party": { "companions": 0, "children": [] }, "answers": [], "agreed": null,
        "created": NOW.unix_ms(), "changed": NOW.unix_ms(),
    })
}

#[tokio::test]
async fn who_waited_before_the_upgrade_moves_up_after_it() {
    let (memory, at) = (Memory::default(), Moment { now: NOW, seed: 1 });
    let older = open(&memory, OLDER);
    let write = move |tx: &mut gonghui::store::Tx| {
        tx.put(&ACTIVITIES, &1, &activity())?;
        let count = json!({ "seats_taken": 1, "confirmed": 1, "waiting": 1, "last_number": 2 });
        tx.put(&COUNTS, &(1, 1), &count)?;
        for (number, status) in [(1, "Confirmed"), (2, "Waiting")] {
            tx.put(&SIGN_UPS, &(1, 1, number), &sign_up(number, status))?;
            tx.put(&PLACES, &(follower(number), 1, 1), &number)?;
            tx.put(&SERIES, &("茶会".to_owned(), follower(number)), &1)?;
        }
        tx.put(&WAITING, &(1, 1, 2), &1)?;
        tx.put(&LISTED, &(NOW.plus(std::time::Duration::from_secs(24 * 3600)), 1), &())
    };
    older.submit(at, write).await.unwrap();
    older.close().await.unwrap();

    let store = open(&memory, CATALOG);
    let second = RegistrationNumber { activity: 1, session: 1, number: 2 };
    assert_eq!(store.read(at, move |tx| waiting_position(tx, second)).await.unwrap(), Some(1));
    let first = RegistrationNumber { number: 1, ..second };
    let gave_back = store.submit(at, move |tx| cancel(tx, &follower(1), first)).await.unwrap();
    assert!(gave_back.is_ok(), "{gave_back:?}");
    let moved_up = store.read(at, move |tx| tx.get(&REGISTRATIONS, &second.key())).await.unwrap().unwrap();
    assert_eq!(moved_up.status, Status::Confirmed, "at once, as its follower was told");
    let terms = store.read(at, |tx| tx.get(&tables::ACTIVITIES, &1)).await.unwrap().unwrap().terms;
    assert_eq!(terms.settings, Settings::default(), "with none of the rules that nobody was told of");
    let audit = gonghui::staff::consistency::audit(&store, at).await.unwrap();
    assert_eq!(audit.broken, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_told_before_the_upgrade_is_forgotten_after_it() {
    let (memory, at) = (Memory::default(), Moment { now: NOW, seed: 1 });
    let older = open(&memory, OLDER);
    let write = move |tx: &mut gonghui::store::Tx| {
        tx.put(&ACTIVITIES, &1, &activity())?;
        tx.put(
            &COUNTS,
            &(1, 1),
            &json!({ "seats_taken": 2, "confirmed": 1, "waiting": 0, "last_number": 1 }),
        )?;
        let mut row = sign_up(1, "Confirmed");
        row["party"]["children"] = json!([7]);
        row["answers"] = json!([{ "name": "size", "value": { "Plain": "4" } }]);
        tx.put(&SIGN_UPS, &(1, 1, 1), &row)?;
        tx.put(&PLACES, &(follower(1), 1, 1), &1)
    };
    older.submit(at, write).await.unwrap();
    older.close().await.unwrap();

    let store = open(&memory, CATALOG);
    store.submit(at, forget::begin_with_older).await.unwrap();
    let told = async |days: u32| {
        let now = NOW.plus(50 * std::time::Duration::from_secs(3600)).plus(days * DAY);
        fire_due(&store, || Moment { now, seed: 1 }).await.unwrap();
        let row = store.read(at, |tx| tx.get(&REGISTRATIONS, &(1, 1, 1))).await.unwrap().unwrap();
        (row.answers.len(), row.party.children)
    };
    assert_eq!(told(89).await, (1, vec![7]));
    assert_eq!(told(90).await, (0, vec![0]));
}

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// One coupon too many is the second, and pauses for 30 days.
const BENEFIT: &str = r#"{ "title": "公交", "provider": "公交", "eligibility": { "who": "anyone" },
    "releases": [{ "daily": "10:00", "stock": 9 }], "newcomers": null,
    "valid": { "days": 1, "reminder_days": 0 }, "way": "own" }"#;

#[tokio::test]
async fn who_was_paused_before_the_upgrade_is_so_after_it_and_what_expired_counts() {
    let (memory, at) = (Memory::default(), Moment { now: NOW, seed: 1 });
    let older = open(&memory, OLDER);
    let until = NOW.plus(30 * DAY);
    let pause = |why: Value| {
        let pause = json!({ "until": until.unix_ms(), "why": why, "since": NOW.unix_ms() });
        json!({ "expired": [], "pause": pause, "lifted": null })
    };
    let rows = [
        pause(json!({ "Unused": { "expired": 2 } })),
        pause(json!({ "Staff": { "reason": "转卖" } })),
        json!({ "expired": [NOW.unix_ms()], "pause": null }),
    ];
    let write = move |tx: &mut gonghui::store::Tx| {
        let row = |(number, row)| tx.put(&WALLETS, &Person::Follower(follower(number)), row);
        (1..).zip(&rows).try_for_each(row)
    };
    older.submit(at, write).await.unwrap();
    older.close().await.unwrap();

    let store = open(&memory, CATALOG);
    let terms = gonghui::staff::benefit::parse(BENEFIT).unwrap();
    let publish = move |tx: &mut gonghui::store::Tx| {
        let id = create_benefit(tx, terms.clone())?.id;
        Ok(publish_benefit(tx, id)?.is_ok())
    };
    assert!(store.submit(at, publish).await.unwrap());
    let claims = async |number, days: u32| {
        let at = Moment { now: NOW.plus(days * DAY), seed: 1 };
        fire_due(&store, || at).await.unwrap();
        let run = move |tx: &mut gonghui::store::Tx| {
            claim(tx, Account { who: &follower(number), followed: None, tags: &[] }, 1)
        };
        store.submit(at, run).await.unwrap().map(drop)
    };
    assert_eq!(claims(1, 0).await, Err(Refusal::PausedForUnused { expired: 2, until }));
    let reason = "转卖".to_owned();
    assert_eq!(claims(2, 0).await, Err(Refusal::PausedByStaff { reason, until }));
    assert_eq!(claims(3, 0).await, Ok(()));
    assert!(matches!(claims(3, 3).await, Err(Refusal::PausedForUnused { expired: 2, .. })));
    for number in [1, 2] {
        assert_eq!(claims(number, 30).await, Ok(()));
    }
}

#[tokio::test]
async fn who_was_barred_before_the_upgrade_is_barred_until_the_absence_is_taken_back() {
    let (memory, at) = (Memory::default(), Moment { now: NOW, seed: 1 });
    let older = open(&memory, OLDER);
    let until = NOW.plus(std::time::Duration::from_secs(86_400));
    let write = move |tx: &mut gonghui::store::Tx| {
        tx.put(&ACTIVITIES, &1, &activity())?;
        tx.put(&SIGN_UPS, &(1, 1, 1), &sign_up(1, "Confirmed"))?;
        let number = json!({ "activity": 1, "session": 1, "number": 1 });
        let strikes = json!([{ "at": NOW.unix_ms(), "number": number, "halves": 2 }]);
        let history = json!({ "strikes": strikes, "barred": until.unix_ms(), "lost": null, "wins": [] });
        tx.put(&HISTORIES, &Person::Follower(follower(1)), &history)
    };
    older.submit(at, write).await.unwrap();
    older.close().await.unwrap();

    let store = open(&memory, CATALOG);
    let barred = || async {
        let history = |tx: &mut gonghui::store::Tx| {
            let row = tx.get(&REGISTRATIONS, &(1, 1, 1))?.unwrap();
            Ok((history::of_holder(tx, &row)?, row))
        };
        let (history, row) = store.read(at, history).await.unwrap();
        (history.bar(NOW).map(|bar| (bar.until, bar.halves())), row)
    };
    let (before, row) = barred().await;
    assert_eq!(before, Some((until, 2)));
    store.submit(at, move |tx| history::lift(tx, &row, "来了")).await.unwrap();
    assert_eq!(barred().await.0, None);
}
