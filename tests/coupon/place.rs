//! A store with one published benefit, in memory or on disk, and a clock that is moved by hand.

use std::time::Duration;

use gonghui::domain::benefit::manage;
use gonghui::domain::benefit::record::*;
use gonghui::domain::contact::record::FollowerId;
use gonghui::domain::eligibility::Eligibility;
use gonghui::domain::member::list::{Entered, Listed, enter};
use gonghui::domain::member::record::MemberId;
use gonghui::domain::tables::CATALOG;
use gonghui::domain::timers::fire_due;
use gonghui::moment::{Moment, Time};
use gonghui::store::engine::Engine;
use gonghui::store::engine::journal::Journal;
use gonghui::store::engine::memory::Memory;
use gonghui::store::{KeyBook, Options, Sealer, Store};
use tempfile::TempDir;

pub const BENEFIT: u32 = 1;
/// 2026-12-01 10:00, when the first release begins; there is one every day.
pub const START: Time = Time::from_unix_s(1_796_090_400);

/// What kind of benefit it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Variant {
    pub imported: bool,
    pub stock: u32,
    pub carry_over: bool,
    pub per_release: u16,
    pub per_month: Option<u16>,
    pub per_week: Option<u16>,
    pub per_day: Option<u16>,
    pub in_all: Option<u16>,
    pub cool_down_days: u16,
    pub valid_days: u16,
    /// Expired ones until a pause of five days; 0 is none.
    pub unused: u16,
    /// The provider tells within so many days what was used; of imported codes alone.
    pub reported_days: u16,
    pub returned_to_stock: bool,
    pub expired_to_stock: bool,
    pub same_code: bool,
    pub on_disk: bool,
}

pub const PAUSE_DAYS: u16 = 5;

/// Members that any follower may be recognised as.
pub const MEMBERS: u16 = 3;

pub struct Place {
    pub store: Store,
    pub members: Vec<MemberId>,
    kept: Kept,
    book: KeyBook,
    now: Time,
}

enum Kept {
    InMemory(Memory),
    OnDisk(TempDir),
}

impl Place {
    pub async fn open(variant: Variant) -> Place {
        let kept = match variant.on_disk {
            true => Kept::OnDisk(tempfile::tempdir().unwrap()),
            false => Kept::InMemory(Memory::default()),
        };
        let book = KeyBook::in_memory();
        let store = kept.open(&book);
        let enlist = |tx: &mut gonghui::store::Tx| (0..MEMBERS).map(|number| enlisted(tx, number)).collect();
        let members = store.submit(Moment { now: START, seed: 1 }, enlist).await.unwrap();
        let place = Place { store, members, kept, book, now: START };
        let publish = move |tx: &mut gonghui::store::Tx| {
            let benefit = manage::create(tx, terms(variant))?;
            assert_eq!(benefit.id, BENEFIT);
            Ok(manage::publish(tx, benefit.id)?.is_ok())
        };
        assert!(place.store.submit(place.moment(), publish).await.unwrap());
        place
    }

    pub fn moment(&self) -> Moment {
        Moment { now: self.now, seed: 1 }
    }

    pub async fn later(&mut self, hours: u64) {
        self.now = self.now.plus(Duration::from_secs(3600 * hours));
        fire_due(&self.store, || self.moment()).await.unwrap();
    }

    pub async fn restart(&mut self) {
        self.store.close().await.unwrap();
        self.store = self.kept.open(&self.book);
    }
}

impl Kept {
    fn open(&self, book: &KeyBook) -> Store {
        let engine: Box<dyn Engine> = match self {
            Kept::InMemory(memory) => Box::new(memory.clone()),
            Kept::OnDisk(folder) => Box::new(Journal::new(folder.path().join("store"), 8 << 20)),
        };
        let sealer = Sealer::new(&[7; 32], &[]).with_book(book.clone());
        let options = Options { run_twice: true, ..Options::new(sealer, CATALOG) };
        Store::open(engine, options).unwrap()
    }
}

fn enlisted(tx: &mut gonghui::store::Tx, number: u16) -> Result<MemberId, gonghui::store::Fault> {
    let row = Listed {
        name: format!("样例{number}"),
        identity: format!("33029919900101{number:04}"),
        union: "样例厂工会".to_owned(),
        ..Listed::default()
    };
    match enter(tx, &row, false)? {
        Entered::Added(id) => Ok(id),
        other => panic!("{other:?}"),
    }
}

pub fn follower(number: u16) -> FollowerId {
    FollowerId::new(format!("oFollower{number:019}"))
}

fn terms(variant: Variant) -> Terms {
    let daily = When::Weekly { days: (1..=7).collect(), hour: 10, minute: 0, from: Some(START), until: None };
    Terms {
        title: "公交一分钱".to_owned(),
        provider: "宁波公交".to_owned(),
        description: String::new(),
        how_to_use: String::new(),
        eligibility: Eligibility::default(),
        listed_only: false,
        tags: Vec::new(),
        releases: vec![Rule { when: daily, stock: variant.stock }],
        open_minutes: None,
        ends: None,
        carry_over: variant.carry_over,
        per_person: Limits {
            release: Some(variant.per_release),
            day: variant.per_day,
            week: variant.per_week,
            month: variant.per_month,
            in_all: variant.in_all,
        },
        cool_down_days: variant.cool_down_days,
        mode: Mode::FirstCome,
        newcomers: None,
        validity: Validity { days: variant.valid_days, not_before: None, remind_days: 1 },
        unused: Unused { expired: variant.unused, within_days: 365, pause_days: PAUSE_DAYS },
        price: None,
        way: if variant.imported { Way::Imported } else { Way::Own },
        quiz: None,
        codes_ignore_case: false,
        use_reported_days: Some(variant.reported_days),
        back: Back {
            returns: true,
            returned_to_stock: variant.returned_to_stock,
            expired_to_stock: variant.expired_to_stock,
            same_code: variant.same_code && variant.imported,
        },
        alarm_below: 2,
    }
}
