//! Verification, backups and the way back.

use std::path::Path;

use super::super::core::Core;
use super::super::engine::{Batch, Engine};
use super::super::label::Label;
use super::super::migrate::{FORMAT, MIGRATIONS, Migration, migrate};
use super::super::table::OWN_PREFIX;
use super::disk::in_folder;
use super::*;

async fn filled(store: &Store, rows: u64) {
    for first in (0..rows).step_by(500) {
        let fill = move |tx: &mut Tx| {
            (first..rows.min(first + 500)).try_for_each(|n| tx.put(&SEATS, &seat(n, "a"), &100))
        };
        store.submit(NOW, fill).await.unwrap();
    }
}

async fn sum(store: &Store) -> u64 {
    let mut sum = 0;
    let mut after = None;
    loop {
        let from = after.clone();
        let page = store.read(NOW, move |tx| tx.scan(&SEATS, &(), from.as_ref(), 1000)).await.unwrap();
        sum += page.rows.iter().map(|(_, value)| u64::from(*value)).sum::<u64>();
        after = page.next;
        if after.is_none() {
            return sum;
        }
    }
}

fn restored(file: &Path) -> Result<(Memory, Restored), RestoreError> {
    let memory = Memory::default();
    let done = restore(file, Box::new(memory.clone()), &sealer(), |_, _| {})?;
    Ok((memory, done))
}

fn open(memory: &Memory) -> Store {
    Store::open(Box::new(memory.clone()), Options::new(sealer(), CATALOG)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_while_seats_change_hands_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(&folder.path().join("store"), sealer()).unwrap();
    filled(&store, 3000).await;
    let moving = store.clone();
    let mover = tokio::spawn(async move {
        for turn in 0.. {
            let (from, to) = (turn * 7919 % 3000, turn * 104_729 % 3000 + 3000 * (turn % 2));
            let moved = moving.submit(NOW, move |tx| {
                let (from, to) = (seat(from, "a"), seat(to, "a"));
                let has = tx.get(&SEATS, &from)?.unwrap_or(0);
                if has == 0 || from == to {
                    return Ok(());
                }
                let gets = tx.get(&SEATS, &to)?.unwrap_or(0);
                if has == 1 {
                    tx.delete(&SEATS, &from)?
                } else {
                    tx.put(&SEATS, &from, &(has - 1))?
                }
                tx.put(&SEATS, &to, &(gets + 1))
            });
            if moved.await.is_err() {
                return turn;
            }
        }
        0
    });
    let mut seqs = Vec::new();
    for name in ["one", "two", "three"] {
        let file = folder.path().join(name);
        let backup = store.backup(&file).await.unwrap();
        assert!(backup.report.is_sound(), "{:?}", backup.report);
        assert_eq!(backup.bytes, std::fs::metadata(&file).unwrap().len());
        let (memory, done) = restored(&file).unwrap();
        seqs.push(done.seq);
        let copy = open(&memory);
        assert_eq!(sum(&copy).await, 300_000);
        assert!(copy.verify().await.unwrap().is_sound());
    }
    assert!(seqs.is_sorted() && seqs[0] < seqs[2], "rows changed meanwhile: {seqs:?}");
    let report = store.verify().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    store.close().await.unwrap();
    assert!(mover.await.unwrap() > 0);
}

#[tokio::test]
async fn a_second_walk_over_the_rows_is_told_of_the_first() {
    let store = Store::in_memory(CATALOG);
    filled(&store, 10_000).await;
    let first = store.walk().await.unwrap();
    assert!(matches!(store.verify().await, Err(SubmitError::Occupied)));
    drop(first);
    while matches!(store.verify().await, Err(SubmitError::Occupied)) {
        tokio::task::yield_now().await;
    }
    assert!(store.verify().await.unwrap().is_sound());
}

#[tokio::test]
async fn a_backup_goes_only_where_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_memory(CATALOG);
    filled(&store, 10).await;
    let file = folder.path().join("backup");
    store.backup(&file).await.unwrap();
    assert!(matches!(store.backup(&file).await, Err(BackupError::Exists(_))));
    let nowhere = store.backup(&folder.path().join("no/such/folder")).await;
    assert!(matches!(nowhere, Err(BackupError::File { .. })));
    let full = restore(&file, Box::new(restored(&file).unwrap().0), &sealer(), |_, _| {});
    assert!(matches!(full, Err(RestoreError::NotEmpty)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_damaged_backup_or_one_for_another_key_makes_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::in_memory(CATALOG);
    filled(&store, 2000).await;
    let file = folder.path().join("backup");
    store.backup(&file).await.unwrap();
    let memory = Memory::default();
    let other = Sealer::new(&[9; 32], &[]);
    let refused = restore(&file, Box::new(memory.clone()), &other, |_, _| {});
    assert!(matches!(refused, Err(RestoreError::Store(OpenError::WrongKey(_)))));

    let whole = std::fs::read(&file).unwrap();
    for at in (20..whole.len()).step_by(whole.len() / 7) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        for bytes in [&flipped[..], &whole[..at]] {
            std::fs::write(&file, bytes).unwrap();
            let refused = restore(&file, Box::new(memory.clone()), &sealer(), |_, _| {});
            assert!(matches!(refused, Err(RestoreError::Unreadable { .. })), "{at}: {refused:?}");
        }
    }
    assert_eq!(memory.label().unwrap(), None);
}

/// Changes a row behind the store's back.
fn tamper(memory: &Memory, change: impl Fn(&mut Vec<(Vec<u8>, Option<Vec<u8>>)>)) {
    let mut memory = memory.clone();
    let range = (std::ops::Bound::Excluded(&[OWN_PREFIX, 255][..]), std::ops::Bound::Unbounded);
    let rows = memory.scan(range, super::super::engine::Direction::Forward, 10).unwrap();
    let mut writes = rows.into_iter().map(|(key, value)| (key, Some(value))).collect();
    change(&mut writes);
    memory.commit(&Batch { seq: 0, writes }, Durability::Relaxed).unwrap();
}

#[tokio::test]
async fn verify_finds_what_is_missing_added_or_changed() {
    let memory = Memory::default();
    let store = open(&memory);
    filled(&store, 1500).await;
    assert!(store.verify().await.unwrap().is_sound());

    tamper(&memory, |rows| rows[3].1 = None);
    let report = store.verify().await.unwrap();
    assert_eq!(
        report.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "table seats should have 1500 rows and has 1499",
            "the rows are not those that were written: their hash differs"
        ]
    );
    let backup = store.backup(&std::env::temp_dir().join("gonghui-no-such-backup")).await;
    assert!(matches!(backup, Err(BackupError::Unsound(_))));

    tamper(&memory, |rows| rows[1].1 = rows[0].1.clone());
    let report = store.verify().await.unwrap();
    assert_eq!(report.problems_total, 3);
    let row = report.problems[0].to_string();
    assert_eq!(row, "table seats, key 000000000000… (11 bytes): its checksum is wrong");
}

#[tokio::test]
async fn open_finds_small_tables_that_lost_rows() {
    let memory = Memory::default();
    let store = open(&memory);
    filled(&store, 10).await;
    store.close().await.unwrap();
    tamper(&memory, |rows| rows[3].1 = None);
    let refused = Store::open(Box::new(memory), Options::new(sealer(), CATALOG)).unwrap_err();
    assert!(refused.to_string().contains("table seats should have 10 rows and has 9"), "{refused}");
}

#[tokio::test]
async fn a_key_that_something_is_still_sealed_with_is_asked_for() {
    const PHONES: Table<u64, Sealed<String>> = Table::durable(9, "phones");
    const PHONE_CATALOG: &[TableInfo] = &[PHONES.info()];
    let memory = Memory::default();
    let open = |current: u8, previous: &[[u8; 32]]| {
        let sealer = Sealer::new(&[current; 32], previous);
        Store::open(Box::new(memory.clone()), Options::new(sealer, PHONE_CATALOG))
    };
    let store = open(1, &[]).unwrap();
    for number in 0..2 {
        store.submit(NOW, move |tx| tx.put(&PHONES, &number, &Sealed::new("138".to_owned()))).await.unwrap();
    }
    drop(store);
    // The new key seals what is written again; the other row stays under the old one.
    let store = open(2, &[[1; 32]]).unwrap();
    let rewrite = |tx: &mut Tx| {
        let phone = tx.get(&PHONES, &0)?.unwrap_or_default();
        tx.put(&PHONES, &0, &phone)
    };
    store.submit(NOW, rewrite).await.unwrap();
    assert!(store.verify().await.unwrap().is_sound());
    drop(store);
    assert!(matches!(open(2, &[]), Err(OpenError::WrongKey(_))));
}

#[test]
fn migrations_run_once_each_and_are_noted() {
    let memory = Memory::default();
    let mut core = Core::open(Box::new(memory.clone()), sealer(), CATALOG, false).unwrap();
    let label = Label::decode(&memory.label().unwrap().unwrap()).unwrap();
    assert_eq!(label.format, FORMAT);
    let step: fn(&mut Core) -> Result<(), OpenError> = |core| {
        core.run(NOW, true, &mut |tx| tx.put(&SEATS, &seat(1, "migrated"), &1)).unwrap();
        core.commit(NOW.now, Durability::Durable).map(drop).map_err(|error| OpenError::Io(error.to_string()))
    };
    let with = |one: Migration| MIGRATIONS.iter().copied().chain([one]).collect::<Vec<_>>();
    let never: fn(&mut Core) -> Result<(), OpenError> = |_| panic!("was run already");
    let label = migrate(&mut core, label, &with(step)).unwrap();
    assert_eq!(label.format, FORMAT + 1);
    let stored = Label::decode(&memory.label().unwrap().unwrap()).unwrap();
    assert_eq!(migrate(&mut core, stored, &with(never)).unwrap().format, FORMAT + 1);
    let refused = Store::open(Box::new(memory), Options::new(sealer(), CATALOG)).unwrap_err();
    assert!(matches!(refused, OpenError::NewerFormat { found, known: FORMAT } if found == FORMAT + 1));
}
