//! The measured process: fills a store, or runs the broadcast in it to its end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use gonghui::app::{self, Machine};
use gonghui::domain::audience::Condition;
use gonghui::domain::broadcast::record::{Content, Form, Plan, Policy, State, WayChoice};
use gonghui::domain::broadcast::{manage, preview};
use gonghui::domain::contact::record::{Contact, FollowerId};
use gonghui::domain::tables::{BROADCASTS, CATALOG, CONTACTS, RUNS};
use gonghui::moment::Clock;
use gonghui::outbox::{Lanes, Rates, Runs, Stats};
use gonghui::store::engine::journal::Journal;
use gonghui::store::{Fault, Options, Sealer, Store, Tx};

use super::platform::Deliveries;

const CONTACTS_PER_COMMIT: u64 = 200;
const FAST: u32 = 10_000_000;
const BROADCAST: u32 = 1;

pub fn run(args: &[String]) {
    let [what, folder, contacts] = args else { panic!("no such child: {args:?}") };
    let (folder, contacts) = (Path::new(folder), contacts.parse().expect("a number"));
    let runtime = app::runtime().expect("a runtime");
    runtime.block_on(async {
        let store = open(&folder.join("store")).await;
        match what.as_str() {
            "fill" => fill(&store, contacts).await,
            _ => send(&store, folder, contacts).await,
        }
        store.close().await.expect("a store in order");
    });
}

async fn open(path: &Path) -> Store {
    let engine = Box::new(Journal::new(path, 48 << 20));
    let options = Options::new(Sealer::new(&[7; 32], &[]), CATALOG);
    let opened = tokio::task::spawn_blocking(move || Store::open(engine, options)).await;
    opened.expect("no panic").expect("a store")
}

/// Spread over the key space, and with the follower's number at the end.
fn follower(n: u64) -> FollowerId {
    FollowerId::new(format!("oB{:016x}{n:010}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

async fn submit<T: Send + 'static>(
    store: &Store,
    command: impl Fn(&mut Tx) -> Result<T, Fault> + Send + Sync + 'static,
) -> T {
    store.submit(Machine::default().moment(), command).await.expect("a command that is done")
}

async fn fill(store: &Store, contacts: u64) {
    for first in (0..contacts).step_by(CONTACTS_PER_COMMIT as usize) {
        submit(store, move |tx| {
            let now = tx.moment().now.minus(Duration::from_secs(86_400));
            for n in first..(first + CONTACTS_PER_COMMIT).min(contacts) {
                tx.put(&CONTACTS, &follower(n), &Contact::new(now))?;
            }
            Ok(())
        })
        .await;
    }
    let policy = Policy { two_persons: false, preview_message: false, ..Policy::default() };
    let written = plan();
    let created = submit(store, move |tx| manage::create(tx, "wang", written.clone())).await;
    assert_eq!(created.expect("a good plan").id, BROADCAST);
    let previewing = policy.clone();
    submit(store, move |tx| preview::begin(tx, BROADCAST, &previewing)).await.expect("a preview");
    while submit(store, |tx| preview::step(tx, BROADCAST, 200)).await {}
    let approving = policy.clone();
    submit(store, move |tx| manage::approve(tx, BROADCAST, "li", &approving)).await.expect("an approval");
    submit(store, move |tx| manage::start(tx, BROADCAST, &policy)).await.expect("a start");
}

fn plan() -> Plan {
    let form = Form {
        template_id: "tpl".to_owned(),
        fields: BTreeMap::from([("thing1".to_owned(), "周二手工课".to_owned())]),
        url: None,
        mini_program: None,
    };
    Plan {
        title: "手工课".to_owned(),
        audience: Condition::everyone(),
        content: Content { template: Some(form), ..Content::default() },
        way: WayChoice::Template,
        topic: None,
        about: None,
        not_before: None,
        quiet: None,
        rate_per_second: FAST,
    }
}

async fn send(store: &Store, folder: &Path, contacts: u64) {
    let rates =
        Rates { custom: FAST, subscription: FAST, template: FAST, mass: FAST, media: FAST, lookup: FAST };
    let (content, _) =
        gonghui::dispatch::load_content(&gonghui::content::Source::Embedded).expect("the built-in texts");
    let runs = Runs {
        store: store.clone(),
        platform: Arc::new(Deliveries::open(&folder.join("deliveries"), contacts)),
        clock: Arc::new(Machine::default()),
        words: Arc::new(app::ContentWords(Arc::new(ArcSwap::from_pointee(content)))),
        lanes: Lanes::new(&rates),
        stats: Stats::default(),
        in_flight_max: 64,
    };
    runs.recover().await.expect("a store that works");
    loop {
        runs.step().await.expect("a store that works");
        let broadcast = submit(store, |tx| tx.get(&BROADCASTS, &BROADCAST)).await.expect("the broadcast");
        match broadcast.state {
            State::Done { .. } => break,
            State::Building | State::Running => tokio::time::sleep(Duration::from_millis(200)).await,
            other => panic!("the broadcast is {other:?}"),
        }
    }
    let counts = submit(store, |tx| tx.get(&RUNS, &BROADCAST)).await.expect("its run").counts;
    assert_eq!(u64::from(counts.sent_total()), contacts, "{counts:?}");
}
