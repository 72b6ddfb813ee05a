//! A process that writes to a store on a disk that refuses now and then, and tells what was acknowledged; and what
//! must be there afterwards.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;

use gonghui::moment::{Moment, Time};
use gonghui::store::engine::journal::Journal;
use gonghui::store::{Fault, Options, Sealer, Store, SubmitError, Table, TableInfo, Tx};

pub const ROWS: Table<u64, String> = Table::durable(1, "rows");
pub const CATALOG: &[TableInfo] = &[ROWS.info()];
pub const NOW: Moment = Moment { now: Time::from_unix_s(1_796_090_400), seed: 1 };

/// Steps of a run in which something fails once.
pub const STEPS: u64 = 12;

/// How many take steps at once in a crowd.
const CROWD: usize = 4;

/// Steps until a disk that fills must have been full.
const FILL_STEPS_MAX: u64 = 2000;
/// Steps that follow when there is room again.
const STEPS_AFTER: u64 = 30;

const OPEN_TRIES: u32 = 5;
/// In steps of 20 ms: how long a store may take to go on.
const HEAL_TRIES: u32 = 1000;

/// What the process is to do.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    Steps,
    /// The same, while what the journal has moves on to sled again and again.
    Moves,
    /// The same by some at once: a commit is on its way to the disk while the next commands run.
    Crowd,
    Fill,
    /// Opens the store, once.
    Start,
    /// Many take consecutive numbers at once.
    Numbers,
}

impl Asked {
    pub fn name(self) -> &'static str {
        match self {
            Asked::Steps => "steps",
            Asked::Moves => "moves",
            Asked::Crowd => "crowd",
            Asked::Fill => "fill",
            Asked::Start => "start",
            Asked::Numbers => "numbers",
        }
    }

    pub fn parse(name: &str) -> Asked {
        let all = [Asked::Steps, Asked::Moves, Asked::Crowd, Asked::Fill, Asked::Start, Asked::Numbers];
        all.into_iter().find(|asked| asked.name() == name).unwrap()
    }
}

pub fn sealer() -> Sealer {
    Sealer::new(&[1; 32], &[])
}

pub fn value(step: u64) -> String {
    format!("{step} ").repeat(300 + step as usize % 700)
}

pub fn put(step: u64) -> impl Fn(&mut Tx) -> Result<(), Fault> + Send + Sync {
    move |tx| tx.put(&ROWS, &step, &value(step))
}

pub fn open(folder: &Path, asked: Asked) -> Store {
    let options = || Options::new(sealer(), CATALOG);
    let engine = || match asked {
        Asked::Moves => Journal::new(folder, 16 << 20).drain_above(3_000, 0),
        Asked::Steps | Asked::Crowd | Asked::Fill | Asked::Numbers => Journal::new(folder, 16 << 20),
        // Itself at once, with no copy tried out before.
        Asked::Start => Journal::new(folder, 16 << 20).rehearse_up_to(0),
    };
    let tries = if matches!(asked, Asked::Start) { 1 } else { OPEN_TRIES };
    for _ in 0..tries {
        match Store::open(Box::new(engine()), options()) {
            Ok(store) => return store,
            Err(error) => tell(&format!("not opened: {error}")),
        }
    }
    panic!("the store can't be opened");
}

pub fn write(folder: &Path, asked: Asked) {
    let store = open(folder, asked);
    let full_at = match asked {
        Asked::Start => std::process::exit(0),
        Asked::Steps | Asked::Moves | Asked::Crowd | Asked::Numbers => 0,
        Asked::Fill => fill(&store),
    };
    let steps = if full_at > 0 { full_at..full_at + STEPS_AFTER } else { 0..STEPS };
    let at_once = if matches!(asked, Asked::Crowd) { CROWD } else { 1 };
    thread::scope(|scope| {
        for first in 0..at_once {
            let (steps, store) = (steps.clone().skip(first).step_by(at_once), &store);
            scope.spawn(move || steps.for_each(|step| take(store, step)));
        }
    });
    if full_at == 0 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        if let Err(error) = runtime.block_on(store.close()) {
            tell(&format!("not closed: {error}"));
        }
    }
    tell("end");
    // As if it were killed: nothing is written on the way out.
    std::process::exit(0);
}

/// Writes until the disk is full, and looks at the store as it then is.
fn fill(store: &Store) -> u64 {
    for step in 0..FILL_STEPS_MAX {
        match store.submit_blocking(NOW, put(step)) {
            Ok(()) => tell(&format!("ack {step}")),
            Err(SubmitError::Full) => {
                assert!(!store.is_ready());
                assert_eq!(store.submit_blocking(NOW, |tx| tx.get(&ROWS, &0)).unwrap(), Some(value(0)));
                assert_eq!(store.submit_blocking(NOW, move |tx| tx.get(&ROWS, &step)).unwrap(), None);
                assert!(matches!(store.submit_blocking(NOW, put(step)), Err(SubmitError::Full)));
                tell("full");
                wait_until_ready(store);
                return step;
            }
            Err(other) => panic!("{other}"),
        }
    }
    panic!("the disk does not fill");
}

/// Does a step, again and again while the disk refuses.
fn take(store: &Store, step: u64) {
    loop {
        match store.submit_blocking(NOW, put(step)) {
            Ok(()) => return tell(&format!("ack {step}")),
            Err(SubmitError::Full | SubmitError::Unavailable(_)) => {
                tell(&format!("refused {step}"));
                match store.submit_blocking(NOW, move |tx| tx.get(&ROWS, &step)) {
                    Ok(seen) => assert_eq!(seen, None, "what was not acknowledged does not show"),
                    Err(SubmitError::Unavailable(_)) => tell("not readable"),
                    Err(other) => panic!("{other}"),
                }
                wait_until_ready(store);
            }
            Err(other) => panic!("{other}"),
        }
    }
}

pub fn wait_until_ready(store: &Store) {
    for _ in 0..HEAL_TRIES {
        if store.is_ready() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("the store does not heal");
}

pub fn tell(line: &str) {
    _ = std::io::stdout().lock().write_all(format!("> {line}\n").as_bytes());
}

/// Whether all that was acknowledged is in the store.
pub fn check(folder: &Path, told: &[String]) -> Result<(), String> {
    let store = open(folder, Asked::Steps);
    let acknowledged: BTreeSet<u64> =
        told.iter().filter_map(|line| line.strip_prefix("ack ")?.parse().ok()).collect();
    if acknowledged.len() < STEPS as usize {
        return Err(format!("only {} steps were acknowledged", acknowledged.len()));
    }
    for step in acknowledged {
        let there =
            store.submit_blocking(NOW, move |tx| tx.get(&ROWS, &step)).map_err(|error| error.to_string())?;
        if there != Some(value(step)) {
            return Err(format!("step {step} was acknowledged and is lost"));
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let report = runtime.block_on(store.verify()).map_err(|error| error.to_string())?;
    if report.is_sound() { Ok(()) } else { Err(format!("{:?}", report.problems)) }
}
