//! A store with one published activity, in memory or on disk, and a clock that is moved by hand.

use std::time::Duration;

use gonghui::domain::activity::commands::Application;
use gonghui::domain::activity::manage;
use gonghui::domain::activity::record::{
    Companions, Eligibility, Mode, Party, Series, Session, Settings, Terms, WaitingBy, Window,
};
use gonghui::domain::contact::record::FollowerId;
use gonghui::domain::tables::CATALOG;
use gonghui::domain::timers::fire_due;
use gonghui::moment::{Moment, Time};
use gonghui::store::engine::Engine;
use gonghui::store::engine::journal::Journal;
use gonghui::store::engine::memory::Memory;
use gonghui::store::{Options, Sealer, Store};
use tempfile::TempDir;

pub const ACTIVITY: u32 = 1;
pub const START: Time = Time::from_unix_s(1_796_090_400);
/// Hours after the start.
pub const SIGN_UP_CLOSES: u64 = 24;
pub const CANCEL_BEFORE: u64 = 30;
pub const SESSIONS_START: u64 = 48;

/// What kind of activity it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Variant {
    pub capacities: [u32; 2],
    pub waiting_max: u16,
    pub companions_max: u8,
    pub series_max: Option<u16>,
    pub on_disk: bool,
    /// A seat that comes free is offered, not given.
    pub offers: bool,
}

pub struct Place {
    pub store: Store,
    kept: Kept,
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
        let place = Place { store: kept.open(), kept, now: START };
        let publish = move |tx: &mut gonghui::store::Tx| {
            let activity = manage::create(tx, terms(variant))?;
            assert_eq!(activity.id, ACTIVITY);
            Ok(manage::publish(tx, activity.id)?.is_ok())
        };
        assert!(place.store.submit(place.moment(), publish).await.unwrap());
        place
    }

    pub fn moment(&self) -> Moment {
        Moment { now: self.now, seed: 1 }
    }

    pub fn later(&mut self, hours: i64) {
        self.now = self.now.plus(Duration::from_secs(3600 * hours as u64));
    }

    /// What is due by now.
    pub async fn fire(&self) {
        fire_due(&self.store, || self.moment()).await.unwrap();
    }

    pub async fn restart(&mut self) {
        self.store.close().await.unwrap();
        self.store = self.kept.open();
    }
}

impl Kept {
    fn open(&self) -> Store {
        let engine: Box<dyn Engine> = match self {
            Kept::InMemory(memory) => Box::new(memory.clone()),
            Kept::OnDisk(folder) => Box::new(Journal::new(folder.path().join("store"), 8 << 20)),
        };
        let options = Options { run_twice: true, ..Options::new(Sealer::new(&[7; 32], &[]), CATALOG) };
        Store::open(engine, options).unwrap()
    }
}

pub fn follower(number: u16) -> FollowerId {
    FollowerId::new(format!("oFollower{number:019}"))
}

pub fn application(session: u16, party: Companions) -> Application {
    Application {
        activity: ACTIVITY,
        session,
        party,
        answers: Vec::new(),
        agreed: None,
        consents: Vec::new(),
    }
}

pub fn terms(variant: Variant) -> Terms {
    let at = |hours: u64| START.plus(Duration::from_secs(hours * 3600));
    let session = |capacity| Session { starts: at(SESSIONS_START), ends: at(SESSIONS_START + 2), capacity };
    Terms {
        title: "周末健步走".to_owned(),
        category: "健身".to_owned(),
        description: String::new(),
        place: gonghui::domain::activity::record::Place::At("三江口".to_owned()),
        sessions: variant.capacities.map(session).to_vec(),
        sign_up: Window { opens: START, closes: at(SIGN_UP_CLOSES), cancel_before: Some(at(CANCEL_BEFORE)) },
        waiting_max: variant.waiting_max,
        party: Party { max_companions: variant.companions_max, ..Party::default() },
        questions: Vec::new(),
        eligibility: Eligibility::default(),
        series: variant.series_max.map(|max_per_person| Series {
            name: "周末".to_owned(),
            max_per_person,
            ..Series::default()
        }),
        notice: None,
        mode: Mode::FirstCome,
        settings: Settings {
            waiting: match variant.offers {
                true => WaitingBy::Offer { hours: 12, last_day_hours: 2 },
                false => WaitingBy::Automatic,
            },
            ..Settings::default()
        },
    }
}
