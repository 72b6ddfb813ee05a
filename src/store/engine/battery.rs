//! What every engine must do, tried on each of them against a plain map.

use std::collections::BTreeMap;
use std::ops::Bound;

use proptest::prelude::*;

use super::journal::Journal;
use super::memory::Memory;
use super::{Batch, Direction, Durability, Engine, Range};

const CACHE_BYTES: u64 = 8 << 20;

#[derive(Debug, Clone)]
enum Step {
    Commit(Vec<(Vec<u8>, Option<Vec<u8>>)>, bool),
    Rest,
    Reopen,
    /// The process ends and another begins.
    Kill,
    Close,
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0u8, 1, 7, 255]), 0..4)
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop::option::weighted(0.8, prop::collection::vec(any::<u8>(), 0..40));
    let writes = prop::collection::btree_map(key(), value, 0..6);
    prop_oneof![
        8 => (writes, any::<bool>()).prop_map(|(writes, durable)| Step::Commit(writes.into_iter().collect(), durable)),
        1 => prop_oneof![Just(Step::Rest), Just(Step::Reopen), Just(Step::Kill), Just(Step::Close)],
    ]
}

fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    prop_oneof![key().prop_map(Bound::Included), key().prop_map(Bound::Excluded), Just(Bound::Unbounded)]
}

/// From, to, and at most so many rows.
type Scan = (Bound<Vec<u8>>, Bound<Vec<u8>>, usize);

/// The engine gives the rows of the model.
fn compare(
    engine: &dyn Engine,
    model: &BTreeMap<Vec<u8>, Vec<u8>>,
    scans: &[Scan],
) -> Result<(), TestCaseError> {
    for (key, value) in model {
        let found = engine.get(key).unwrap();
        prop_assert_eq!(found.as_ref(), Some(value));
    }
    prop_assert_eq!(engine.get(b"no such key").unwrap(), None);
    for (start, end, limit) in scans {
        let range: Range = (start.as_ref().map(Vec::as_slice), end.as_ref().map(Vec::as_slice));
        let mut expected: Vec<_> = if super::is_empty(range) {
            Vec::new()
        } else {
            model.range::<[u8], _>(range).map(|(k, v)| (k.clone(), v.clone())).collect()
        };
        let forward = engine.scan(range, Direction::Forward, *limit).unwrap();
        prop_assert_eq!(&forward[..], &expected[..expected.len().min(*limit)]);
        expected.reverse();
        let back = engine.scan(range, Direction::Back, *limit).unwrap();
        prop_assert_eq!(&back[..], &expected[..expected.len().min(*limit)]);
    }
    Ok(())
}

/// `make` gives an engine on the same files each time.
fn check(make: impl Fn() -> Box<dyn Engine>, steps: Vec<Step>, scans: &[Scan]) -> Result<(), TestCaseError> {
    let mut model = BTreeMap::new();
    let mut durable = 0;
    let mut engine = make();
    engine.open().unwrap();
    for (seq, step) in (1..).zip(steps) {
        match step {
            Step::Commit(writes, is_durable) => {
                let durability = if is_durable { Durability::Durable } else { Durability::Relaxed };
                engine.commit(&Batch { seq, writes: writes.clone() }, durability).unwrap();
                durable = if is_durable { seq } else { durable };
                for (key, value) in writes {
                    match value {
                        Some(value) => model.insert(key, value),
                        None => model.remove(&key),
                    };
                }
            }
            Step::Rest => _ = engine.rest(),
            Step::Reopen => prop_assert!(engine.reopen().unwrap() >= durable),
            Step::Kill | Step::Close => {
                if matches!(step, Step::Close) {
                    engine.close().unwrap();
                }
                drop(engine);
                engine = make();
                prop_assert!(engine.open().unwrap() >= durable);
            }
        }
        compare(&*engine, &model, scans)?;
    }
    engine.close().unwrap();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn engines_do_what_a_map_does(
        steps in prop::collection::vec(step(), 0..24),
        scans in prop::collection::vec((bound(), bound(), 0usize..20), 1..8),
        table_bytes in prop::sample::select(vec![0, 60, 10_000]),
        runs_bytes in prop::sample::select(vec![0, 500, 10_000]),
    ) {
        let memory = Memory::default();
        check(|| Box::new(memory.clone()), steps.clone(), &scans)?;
        let folder = tempfile::tempdir().unwrap();
        let journal = || Journal::new(folder.path(), CACHE_BYTES).drain_above(table_bytes, runs_bytes);
        check(|| Box::new(journal()), steps, &scans)?;
    }
}

#[test]
fn labels_are_kept_apart_from_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let engines: [Box<dyn Engine>; 2] =
        [Box::new(Memory::default()), Box::new(Journal::new(folder.path().join("a/b"), CACHE_BYTES))];
    for mut engine in engines {
        assert_eq!(engine.label().unwrap(), None);
        engine.set_label(b"one").unwrap();
        engine.set_label(b"two").unwrap();
        assert_eq!(engine.label().unwrap().as_deref(), Some(&b"two"[..]));
        engine.open().unwrap();
        assert_eq!(engine.get(b"").unwrap(), None);
    }
}
