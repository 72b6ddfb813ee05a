//! Random commands, with faults and panics among them, against plain maps.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::core::Core;
use super::super::engine::Engine;
use super::super::engine::journal::Journal;
use super::super::verify::compare_tally;
use super::*;

#[derive(Debug, Clone)]
enum Act {
    Put(u8, u8, u32),
    Delete(u8, u8),
    Say(u8, u32),
    Look(u8, u8),
    Scan { row: Option<u8>, after: Option<(u8, u8)>, limit: usize, back: bool },
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Good,
    Fault,
    Panic,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    seats: BTreeMap<(u64, String), u32>,
    said: BTreeMap<String, String>,
}

fn act() -> impl Strategy<Value = Act> {
    let key = || (0u8..4, 0u8..5);
    prop_oneof![
        3 => (key(), any::<u32>()).prop_map(|((a, b), value)| Act::Put(a, b, value)),
        2 => key().prop_map(|(a, b)| Act::Delete(a, b)),
        1 => (0u8..3, any::<u32>()).prop_map(|(who, what)| Act::Say(who, what)),
        2 => key().prop_map(|(a, b)| Act::Look(a, b)),
        3 => (prop::option::of(0u8..4), prop::option::of(key()), 0usize..8, any::<bool>())
            .prop_map(|(row, after, limit, back)| Act::Scan { row, after, limit, back }),
    ]
}

fn command() -> impl Strategy<Value = (Vec<Act>, End)> {
    let end = prop_oneof![4 => Just(End::Good), 1 => Just(End::Fault), 1 => Just(End::Panic)];
    (prop::collection::vec(act(), 0..8), end)
}

fn key(a: u8, b: u8) -> (u64, String) {
    seat(u64::from(a), &"x\0".repeat(usize::from(b)))
}

/// Does the acts on both and compares what they say on the way.
fn perform(tx: &mut Tx, model: &mut Model, acts: &[Act]) -> Result<(), Fault> {
    for act in acts {
        match act {
            Act::Put(a, b, value) => {
                tx.put(&SEATS, &key(*a, *b), value)?;
                model.seats.insert(key(*a, *b), *value);
            }
            Act::Delete(a, b) => {
                assert_eq!(tx.get(&SEATS, &key(*a, *b))?.as_ref(), model.seats.get(&key(*a, *b)));
                tx.delete(&SEATS, &key(*a, *b))?;
                model.seats.remove(&key(*a, *b));
            }
            Act::Say(who, what) => {
                tx.put(&DIALOGUES, &who.to_string(), &what.to_string())?;
                model.said.insert(who.to_string(), what.to_string());
            }
            Act::Look(a, b) => {
                let seen = tx.get_shared(&SEATS, &key(*a, *b))?;
                assert_eq!(seen.as_deref(), model.seats.get(&key(*a, *b)));
            }
            Act::Scan { row, after, limit, back } => {
                let after = after.map(|(a, b)| key(row.unwrap_or(a), b));
                assert_eq!(
                    page(tx, *row, after.as_ref(), *limit, *back)?,
                    model.page(*row, after, *limit, *back)
                );
            }
        }
    }
    Ok(())
}

fn page(
    tx: &Tx,
    row: Option<u8>,
    after: Option<&(u64, String)>,
    limit: usize,
    back: bool,
) -> Result<Page<(u64, String), u32>, Fault> {
    match (row.map(u64::from), back) {
        (None, false) => {
            let page = tx.scan(&SEATS, &(), after, limit)?;
            assert_eq!(*tx.scan_shared(&SEATS, &(), after, limit)?, page);
            Ok(page)
        }
        (None, true) => tx.scan_back(&SEATS, &(), after, limit),
        (Some(row), false) => {
            let page = tx.scan(&SEATS, &row, after, limit)?;
            assert_eq!(*tx.scan_shared(&SEATS, &row, after, limit)?, page);
            Ok(page)
        }
        (Some(row), true) => tx.scan_back(&SEATS, &row, after, limit),
    }
}

impl Model {
    fn page(
        &self,
        row: Option<u8>,
        after: Option<(u64, String)>,
        limit: usize,
        back: bool,
    ) -> Page<(u64, String), u32> {
        let mut rows: Vec<_> = self.seats.iter().map(|(key, value)| (key.clone(), *value)).collect();
        rows.retain(|(key, _)| row.is_none_or(|row| key.0 == u64::from(row)));
        if back {
            rows.reverse();
        }
        rows.retain(|(key, _)| {
            after.as_ref().is_none_or(|after| if back { key < after } else { key > after })
        });
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|(key, _)| key.clone());
        Page { rows, next }
    }
}

fn check(engine: Box<dyn Engine>, groups: &[Vec<(Vec<Act>, End)>]) {
    let mut core = Core::open(engine, sealer(), CATALOG, false).unwrap();
    let mut model = Model::default();
    for group in groups {
        for (acts, end) in group {
            let mut after = model.clone();
            let ran = core.run(NOW, true, &mut |tx| {
                perform(tx, &mut after, acts)?;
                match end {
                    End::Good => Ok(()),
                    End::Fault => Err(Fault::Contradiction("on purpose".to_owned())),
                    // Without the hook's words on the terminal.
                    End::Panic => std::panic::resume_unwind(Box::new("on purpose")),
                }
            });
            match end {
                End::Good => {
                    ran.unwrap();
                    model = after;
                }
                End::Fault => assert!(matches!(ran, Err(SubmitError::Fault(Fault::Contradiction(_))))),
                End::Panic => assert!(matches!(ran, Err(SubmitError::Bug(text)) if text == "on purpose")),
            }
        }
        core.commit(NOW.now, Durability::Durable).unwrap();
        compare_tally(&*core.engine, &core.head.rows).unwrap();
    }
    let seats = core.head.rows.counts[usize::from(SEATS.info().prefix)];
    assert_eq!(seats, model.seats.len() as u64);
    core.run(NOW, true, &mut |tx| {
        assert_eq!(page(tx, None, None, 1000, false)?, model.page(None, None, 1000, false));
        for (who, what) in &model.said {
            assert_eq!(tx.get(&DIALOGUES, who)?.as_ref(), Some(what));
        }
        Ok(())
    })
    .unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn commands_do_what_maps_do(groups in prop::collection::vec(prop::collection::vec(command(), 0..6), 0..6)) {
        check(Box::new(Memory::default()), &groups);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn commands_do_so_on_disk(groups in prop::collection::vec(prop::collection::vec(command(), 0..6), 0..6)) {
        let folder = tempfile::tempdir().unwrap();
        check(Box::new(Journal::new(folder.path(), 8 << 20)), &groups);
    }
}
