//! A key is exchanged and, once nothing needs it, left out.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::Bytes;
use super::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
    phone: Sealed<String>,
    cards: Vec<Sealed<u64>>,
}

const PEOPLE: Table<u64, Person> = Table::durable(9, "people");
const NOTES: Table<u64, Option<Sealed<String>>> = Table::relaxed(10, "notes");
const RAW: Table<u64, Bytes> = Table::durable(11, "raw");
const PEOPLE_CATALOG: &[TableInfo] = &[PEOPLE.info(), NOTES.info(), RAW.info()];
const ROWS: u64 = 25;

fn person(number: u64) -> Person {
    let cards = (0..number % 4).map(|card| Sealed::new(card + number)).collect();
    Person { name: format!("梅{number}"), phone: Sealed::new(format!("138{number:08}")), cards }
}

fn sealer_of(current: u8, previous: &[u8]) -> Sealer {
    let previous: Vec<_> = previous.iter().map(|byte| [*byte; 32]).collect();
    Sealer::new(&[current; 32], &previous)
}

fn open(memory: &Memory, current: u8, previous: &[u8]) -> Result<Store, OpenError> {
    let options = Options { run_twice: true, ..Options::new(sealer_of(current, previous), PEOPLE_CATALOG) };
    Store::open(Box::new(memory.clone()), options)
}

async fn fill(store: &Store) {
    let fill = |tx: &mut Tx| {
        (0..ROWS).try_for_each(|number| {
            tx.put(&PEOPLE, &number, &person(number))?;
            tx.put(&NOTES, &number, &(number % 2 == 0).then(|| Sealed::new(format!("note {number}"))))?;
            tx.put(&RAW, &number, &Bytes(tx.seal_apart(b"owner", b"apart")?))
        })
    };
    store.submit(NOW, fill).await.unwrap();
}

/// Rows that are readable, all as they were written.
async fn check(store: &Store) {
    let all = store.read(NOW, |tx| tx.scan(&PEOPLE, &(), None, 1000)).await.unwrap().rows;
    assert_eq!(all, (0..ROWS).map(|number| (number, person(number))).collect::<Vec<_>>());
    let notes = store.read(NOW, |tx| tx.scan(&NOTES, &(), None, 1000)).await.unwrap().rows;
    assert_eq!(notes.iter().filter(|(_, note)| note.is_some()).count(), 13);
    assert!(store.verify().await.unwrap().is_sound());
}

/// Some steps, as far as the rows reach; where the next begins, and how many rows were sealed anew.
async fn steps(store: &Store, from: Option<Vec<u8>>, steps: usize) -> (Option<Vec<u8>>, usize) {
    let (mut at, mut anew) = (from, 0);
    for _ in 0..steps {
        let after = at.clone();
        let done = store.submit(NOW, move |tx| tx.reseal(after.as_deref(), 10)).await.unwrap();
        assert!(done.looked_at <= 10);
        (at, anew) = (done.next, anew + done.anew);
        if at.is_none() {
            break;
        }
    }
    (at, anew)
}

fn restored(file: &Path, current: u8, previous: &[u8]) -> Result<Memory, RestoreError> {
    let memory = Memory::default();
    restore(file, Box::new(memory.clone()), &sealer_of(current, previous), |_, _| {})?;
    Ok(memory)
}

#[tokio::test]
async fn a_key_goes_once_no_row_needs_it_and_what_it_sealed_is_readable() {
    let (memory, folder) = (Memory::default(), tempfile::tempdir().unwrap());
    let store = open(&memory, 1, &[]).unwrap();
    fill(&store).await;
    assert!(store.earlier_keys().await.unwrap().is_empty());
    drop(store);

    let store = open(&memory, 2, &[1]).unwrap();
    let first = sealer_of(1, &[]).names();
    assert_eq!(store.earlier_keys().await.unwrap(), first);
    assert_eq!(keys_of(&memory).unwrap(), sealer_of(1, &[2]).names());
    assert!(!store.retire_earlier_keys().await.unwrap(), "everything is still sealed with it");
    let (half, anew) = steps(&store, None, 2).await;
    assert_eq!(anew, 20);
    store.backup(&folder.path().join("middle")).await.unwrap();
    // Gone without a word, and taken up where it was.
    drop(store);
    assert!(matches!(open(&memory, 2, &[]), Err(OpenError::WrongKey(name)) if name == first[0]));
    let store = open(&memory, 2, &[1]).unwrap();
    check(&store).await;
    let (end, anew) = steps(&store, half, 100).await;
    assert_eq!((end, anew), (None, 5 + 13), "the rest, and what is no sealed field stays as it is");
    assert!(store.retire_earlier_keys().await.unwrap());
    assert!(store.earlier_keys().await.unwrap().is_empty());
    store.backup(&folder.path().join("after")).await.unwrap();
    drop(store);

    check(&open(&memory, 2, &[]).unwrap()).await;
    let middle = folder.path().join("middle");
    assert!(matches!(restored(&middle, 2, &[]), Err(RestoreError::Store(OpenError::WrongKey(_)))));
    let store = open(&restored(&middle, 2, &[1]).unwrap(), 2, &[1]).unwrap();
    check(&store).await;
    assert_eq!(steps(&store, None, 100).await.1, 5 + 13);
    assert!(store.retire_earlier_keys().await.unwrap());
    check(&open(&restored(&folder.path().join("after"), 2, &[]).unwrap(), 2, &[]).unwrap()).await;
}

#[tokio::test]
async fn a_row_that_an_earlier_key_sealed_behind_the_cursor_keeps_the_key() {
    let memory = Memory::default();
    fill(&open(&memory, 1, &[]).unwrap()).await;
    let (half, _) = steps(&open(&memory, 2, &[1]).unwrap(), None, 2).await;
    // Back to the first key for a while.
    let store = open(&memory, 1, &[2]).unwrap();
    store.submit(NOW, |tx| tx.put(&PEOPLE, &0, &person(0))).await.unwrap();
    drop(store);
    let store = open(&memory, 2, &[1]).unwrap();
    assert_eq!(steps(&store, half, 100).await.0, None);
    assert!(!store.retire_earlier_keys().await.unwrap());
    assert!(matches!(open(&memory, 2, &[]), Err(OpenError::WrongKey(_))));
    assert_eq!(steps(&store, None, 100).await.1, 1);
    assert!(store.retire_earlier_keys().await.unwrap());
}

#[tokio::test]
async fn a_row_that_can_not_be_read_keeps_the_key_and_is_named() {
    let memory = Memory::default();
    fill(&open(&memory, 1, &[]).unwrap()).await;
    let store = open(&memory, 2, &[1]).unwrap();
    let mut raw = memory.clone();
    let (key, mut value) = (PEOPLE.key(&3), raw.get(&PEOPLE.key(&3)).unwrap().unwrap());
    value[20] ^= 1;
    let batch = engine::Batch { seq: 99, writes: vec![(key, Some(value))] };
    raw.commit(&batch, Durability::Durable).unwrap();
    let refused = store.submit(NOW, |tx| tx.reseal(None, 10)).await.unwrap_err();
    assert!(refused.to_string().contains("damaged row in table people"), "{refused}");
    assert!(!store.retire_earlier_keys().await.unwrap());
}
