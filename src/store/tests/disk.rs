//! Stores in files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::engine::journal::Journal;
use super::*;

pub(super) fn in_folder(folder: &Path, sealer: Sealer) -> Result<Store, OpenError> {
    Store::open(Box::new(Journal::new(folder, 8 << 20)), Options::new(sealer, CATALOG))
}

/// All files of a store with their contents.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => found.extend(files(&path)),
            path => _ = found.insert(path.clone(), std::fs::read(path).unwrap()),
        }
    }
    found
}

#[tokio::test]
async fn a_store_on_disk_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..4 {
        let store = in_folder(folder.path(), sealer()).unwrap();
        assert_eq!(count(&store).await.unwrap(), round);
        store.submit(NOW, move |tx| tx.put(&SEATS, &seat(round as u64, "a"), &1)).await.unwrap();
        if round % 2 == 0 {
            store.close().await.unwrap();
        }
    }
}

#[tokio::test]
async fn rows_move_on_from_the_journal_while_a_store_is_only_read() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { rest_after: Duration::from_millis(50), ..Options::new(sealer(), CATALOG) };
    let store = Store::open(Box::new(Journal::new(folder.path(), 8 << 20)), options).unwrap();
    store.submit(NOW, |tx| tx.put(&SEATS, &seat(1, "a"), &1)).await.unwrap();
    // By their names alone: one may go while it is looked at.
    let has_journal = || {
        let mut entries = std::fs::read_dir(folder.path()).unwrap().flatten();
        entries.any(|entry| entry.file_name().to_string_lossy().contains("journal."))
    };
    for _ in 0..10_000 {
        assert_eq!(count(&store).await.unwrap(), 1);
        if !has_journal() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("the journal stays");
}

#[tokio::test]
async fn a_second_one_on_the_same_files_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path(), sealer()).unwrap();
    let second = in_folder(folder.path(), sealer()).unwrap_err().to_string();
    assert_eq!(second, format!("the store at {} is in use by another process", folder.path().display()));
    assert_eq!(count(&store).await.unwrap(), 0);
}

#[tokio::test]
async fn a_store_that_is_refused_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path(), sealer()).unwrap();
    for number in 0..50 {
        store.submit(NOW, move |tx| tx.put(&SEATS, &seat(number, "a"), &1)).await.unwrap();
    }
    store.close().await.unwrap();

    let before = files(folder.path());
    let wrong = in_folder(folder.path(), Sealer::new(&[9; 32], &[]));
    assert!(matches!(wrong, Err(OpenError::WrongKey(_))));
    assert!(files(folder.path()) == before);

    let data = folder.path().join("db");
    let mut damaged = before[&data].clone();
    let last = damaged.iter().rposition(|byte| *byte != 0).unwrap();
    damaged[last - 100] ^= 4;
    std::fs::write(&data, &damaged).unwrap();
    let before = files(folder.path());
    let refused = in_folder(folder.path(), sealer());
    assert!(matches!(&refused, Err(OpenError::Damaged(_))), "{refused:?}");
    assert!(files(folder.path()) == before);

    std::fs::remove_file(folder.path().join("gonghui.meta")).unwrap();
    let refused = in_folder(folder.path(), sealer()).unwrap_err().to_string();
    assert!(refused.contains("gonghui.meta is missing"), "{refused}");
}

#[tokio::test]
async fn a_store_without_its_data_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path(), sealer()).unwrap();
    store.close().await.unwrap();
    std::fs::remove_file(folder.path().join("db")).unwrap();
    let before = files(folder.path());
    let refused = in_folder(folder.path(), sealer()).unwrap_err().to_string();
    assert!(refused.contains("db is missing"), "{refused}");
    assert!(files(folder.path()) == before);
}
