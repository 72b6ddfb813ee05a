//! The store as its users see it.

mod backups;
mod disk;
mod model;
mod resealing;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::engine::journal::Journal;
use super::engine::memory::Memory;
use super::testing::{Faulty, Switches, sealer};
use super::*;
use crate::moment::Time;

const SEATS: Table<(u64, String), u32> = Table::durable(1, "seats");
const DIALOGUES: Table<String, String> = Table::relaxed(2, "dialogues");
const STRANGE: Table<String, String> = Table::relaxed(3, "strange");
const CATALOG: &[TableInfo] = &[SEATS.info(), DIALOGUES.info()];

const NOW: Moment = Moment { now: Time::from_unix_s(1_796_090_400), seed: 1 };

const LONG: Duration = Duration::from_secs(60);

fn seat(number: u64, who: &str) -> (u64, String) {
    (number, who.to_owned())
}

fn faulty() -> (Store, Switches) {
    let (engine, switches) = Faulty::new(Memory::default());
    (Store::open(Box::new(engine), Options::new(sealer(), CATALOG)).unwrap(), switches)
}

async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..1000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it does not come to pass");
}

async fn count(store: &Store) -> Result<usize, SubmitError> {
    store.read(NOW, |tx| Ok(tx.scan(&SEATS, &(), None, 1000)?.rows.len())).await
}

#[tokio::test]
async fn a_command_reads_what_was_committed_and_what_it_wrote() {
    let store = Store::in_memory(CATALOG);
    store.submit(NOW, |tx| tx.put(&SEATS, &seat(1, "mei"), &3)).await.unwrap();
    let sum = store.submit(NOW, |tx| {
        tx.put(&SEATS, &seat(1, "wang"), &4)?;
        tx.delete(&SEATS, &seat(2, "nobody"))?;
        Ok(tx.scan(&SEATS, &1u64, None, 10)?.rows.iter().map(|(_, seats)| seats).sum::<u32>())
    });
    assert_eq!(sum.await.unwrap(), 7);
    assert!(store.is_ready());
    store.close().await.unwrap();
    assert!(matches!(count(&store).await, Err(SubmitError::Closed)));
}

#[tokio::test]
async fn a_fault_a_panic_and_a_changing_mind_leave_nothing_and_fail_no_neighbour() {
    let store = Store::in_memory(CATALOG);
    let fault = store.submit(NOW, |tx| -> Result<(), Fault> {
        tx.put(&SEATS, &seat(1, "a"), &1)?;
        Err(Fault::Contradiction("seats".to_owned()))
    });
    let panic = store.submit(NOW, |tx| -> Result<(), Fault> {
        tx.put(&SEATS, &seat(2, "b"), &1)?;
        panic!("a bug of the test")
    });
    let good = store.submit(NOW, |tx| tx.put(&SEATS, &seat(3, "c"), &1));
    let turns = AtomicU64::new(0);
    let changing = store.submit(NOW, move |tx| {
        tx.put(&SEATS, &seat(4, "d"), &(turns.fetch_add(1, Ordering::Relaxed) as u32))
    });
    let unknown = store.submit(NOW, |tx| tx.put(&STRANGE, &"x".to_owned(), &"y".to_owned()));
    let (fault, panic, good, changing, unknown) = tokio::join!(fault, panic, good, changing, unknown);
    assert!(matches!(fault, Err(SubmitError::Fault(Fault::Contradiction(_)))));
    let told = panic.as_ref().unwrap_err().to_string();
    assert!(!told.contains("of the test"), "what it says may be a follower's words: {told}");
    assert!(matches!(panic, Err(SubmitError::Bug(text)) if text == "a bug of the test"));
    assert!(matches!(changing, Err(SubmitError::Bug(_))));
    assert!(matches!(unknown, Err(SubmitError::Fault(Fault::UnknownTable("strange")))));
    good.unwrap();
    assert_eq!(count(&store).await.unwrap(), 1);
}

#[tokio::test]
async fn a_read_that_writes_is_a_fault() {
    let store = Store::in_memory(CATALOG);
    let wrote = store.read(NOW, |tx| tx.put(&SEATS, &seat(1, "a"), &1)).await;
    assert!(matches!(wrote, Err(SubmitError::Fault(Fault::ReadWrote("seats")))));
    assert_eq!(count(&store).await.unwrap(), 0);
}

#[tokio::test]
async fn a_full_queue_answers_at_once() {
    let (engine, switches) = Faulty::new(Memory::default());
    let options = Options { queue_commands_max: 3, group_commands_max: 1, ..Options::new(sealer(), CATALOG) };
    let store = Store::open(Box::new(engine), options).unwrap();
    switches.stall(true);
    let submit = |number| {
        let store = store.clone();
        tokio::spawn(async move { store.submit(NOW, move |tx| tx.put(&SEATS, &seat(number, "a"), &1)).await })
    };
    // The writer holds one, the queue three.
    let begun = switches.commits_begun();
    let mut waiting = vec![submit(0)];
    until(|| switches.commits_begun() > begun).await;
    waiting.extend((1..=3).map(submit));
    until(|| store.handle.shared.queue.is_full()).await;
    assert!(matches!(submit(4).await.unwrap(), Err(SubmitError::Busy)));
    switches.stall(false);
    for command in waiting {
        command.await.unwrap().unwrap();
    }
    assert_eq!(count(&store).await.unwrap(), 4);
}

#[tokio::test]
async fn a_full_disk_refuses_writes_answers_reads_and_is_forgotten_when_there_is_room() {
    let (store, switches) = faulty();
    store.submit(NOW, |tx| tx.put(&SEATS, &seat(1, "a"), &1)).await.unwrap();
    switches.full(true);
    for _ in 0..2 {
        let refused = store.submit(NOW, |tx| tx.put(&SEATS, &seat(2, "b"), &1)).await;
        assert!(matches!(refused, Err(SubmitError::Full)));
        assert_eq!(count(&store).await.unwrap(), 1);
        assert!(!store.is_ready());
    }
    switches.full(false);
    until(|| store.is_ready()).await;
    store.submit(NOW, |tx| tx.put(&SEATS, &seat(2, "b"), &1)).await.unwrap();
    assert_eq!(count(&store).await.unwrap(), 2);
}

/// A commit that failed and the one after it have the same number.
#[tokio::test]
async fn what_is_shared_is_not_stale_after_a_commit_that_failed() {
    let (store, switches) = faulty();
    let put = |value: u32| move |tx: &mut Tx| tx.put(&SEATS, &seat(1, "a"), &value);
    let seen = |tx: &mut Tx| Ok(tx.get_shared(&SEATS, &seat(1, "a"))?.as_deref().copied());
    store.submit(NOW, put(1)).await.unwrap();
    switches.full(true);
    assert!(matches!(store.submit(NOW, put(2)).await, Err(SubmitError::Full)));
    switches.full(false);
    until(|| store.is_ready()).await;
    assert_eq!(store.submit(NOW, seen).await.unwrap(), Some(1));
    store.submit(NOW, put(2)).await.unwrap();
    assert_eq!(store.submit(NOW, seen).await.unwrap(), Some(2));
}

#[tokio::test]
async fn what_a_failed_sync_left_in_the_engine_is_not_shown() {
    let (store, switches) = faulty();
    store.submit(NOW, |tx| tx.put(&SEATS, &seat(1, "a"), &1)).await.unwrap();
    switches.fail_commit(1, true);
    let refused = store.submit(NOW, |tx| {
        tx.put(&SEATS, &seat(2, "b"), &1)?;
        tx.delete(&SEATS, &seat(1, "a"))
    });
    assert!(matches!(refused.await, Err(SubmitError::Unavailable(_))));
    let seen = store.read(NOW, |tx| {
        let rows = tx.scan_back(&SEATS, &(), None, 10)?.rows;
        Ok((rows, tx.get(&SEATS, &seat(1, "a"))?, tx.get(&SEATS, &seat(2, "b"))?))
    });
    assert_eq!(seen.await.unwrap(), (vec![(seat(1, "a"), 1)], Some(1), None));
}

/// Three commits, of which the second is on its way to the disk, or would be, and the third ran on top of it.
async fn one_on_top_of_another(
    engine: impl Engine + 'static,
    rest_after: Duration,
) -> (Store, Switches, [tokio::task::JoinHandle<Result<usize, SubmitError>>; 3]) {
    let (engine, switches) = Faulty::new(engine);
    let options = Options { group_commands_max: 1, rest_after, ..Options::new(sealer(), CATALOG) };
    let store = Store::open(Box::new(engine), options).unwrap();
    let runs = Arc::new(AtomicU64::new(0));
    let submit = |who: &'static str| {
        let (store, runs) = (store.clone(), Arc::clone(&runs));
        tokio::spawn(async move {
            let took = store.submit(NOW, move |tx| {
                tx.put(&SEATS, &seat(1, who), &1)?;
                runs.fetch_add(1, Ordering::SeqCst);
                Ok(tx.scan(&SEATS, &1u64, None, 10)?.rows.len())
            });
            took.await
        })
    };
    switches.stall_syncs(true);
    switches.stall(true);
    let begun = switches.commits_begun();
    let first = submit("a");
    until(|| switches.commits_begun() > begun).await;
    let (second, third) = (submit("b"), submit("c"));
    until(|| store.handle.shared.queue.depth() == 2).await;
    switches.stall(false);
    until(|| runs.load(Ordering::SeqCst) == 3).await;
    (store, switches, [first, second, third])
}

#[tokio::test]
async fn commands_run_while_a_commit_goes_to_disk_and_nobody_is_told_before_it_is_there() {
    let (store, switches, [first, second, third]) = one_on_top_of_another(Memory::default(), LONG).await;
    assert_eq!(first.await.unwrap().unwrap(), 1);
    assert!(!second.is_finished() && !third.is_finished());
    switches.stall_syncs(false);
    assert_eq!(second.await.unwrap().unwrap(), 2);
    assert_eq!(third.await.unwrap().unwrap(), 3);
    assert_eq!(count(&store).await.unwrap(), 3);
}

#[tokio::test]
async fn a_commit_that_does_not_get_to_disk_takes_those_with_it_that_ran_on_top_of_it() {
    let (store, switches, [first, second, third]) = one_on_top_of_another(Memory::default(), LONG).await;
    switches.fail_syncs(true);
    switches.stall_syncs(false);
    assert_eq!(first.await.unwrap().unwrap(), 1);
    for refused in [second, third] {
        assert!(matches!(refused.await.unwrap(), Err(SubmitError::Unavailable(_))));
    }
    assert_eq!(count(&store).await.unwrap(), 1);
    switches.fail_syncs(false);
    until(|| store.is_ready()).await;
    assert_eq!(count(&store).await.unwrap(), 1);
    store.submit(NOW, |tx| tx.put(&SEATS, &seat(1, "d"), &1)).await.unwrap();
    assert_eq!(count(&store).await.unwrap(), 2);
    assert!(store.verify().await.unwrap().is_sound());
}

/// The engine takes back the last commit where it wrote it: it must not have moved on since.
#[tokio::test]
async fn nothing_moves_on_while_a_commit_goes_to_disk() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(folder.path(), 8 << 20);
    let (store, switches, [_, second, _]) = one_on_top_of_another(journal, Duration::ZERO).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    switches.fail_syncs(true);
    switches.stall_syncs(false);
    assert!(matches!(second.await.unwrap(), Err(SubmitError::Unavailable(_))));
    switches.fail_syncs(false);
    until(|| store.is_ready()).await;
    store.close().await.unwrap();
    let store = disk::in_folder(folder.path(), sealer()).unwrap();
    assert_eq!(count(&store).await.unwrap(), 1);
    assert!(store.verify().await.unwrap().is_sound());
}

#[tokio::test]
async fn a_writer_that_panics_leaves_nobody_waiting() {
    let (store, switches) = faulty();
    switches.stall(true);
    let begun = switches.commits_begun();
    let submit = |number| {
        let store = store.clone();
        tokio::spawn(async move { store.submit(NOW, move |tx| tx.put(&SEATS, &seat(number, "a"), &1)).await })
    };
    let mut waiting = vec![submit(0)];
    until(|| switches.commits_begun() > begun).await;
    waiting.extend((1..=3).map(submit));
    until(|| store.handle.shared.queue.depth() == 3).await;
    switches.panic();
    switches.stall(false);
    let all = async {
        for command in waiting {
            assert!(matches!(command.await.unwrap(), Err(SubmitError::Closed)));
        }
        assert!(matches!(submit(4).await.unwrap(), Err(SubmitError::Closed)));
    };
    tokio::time::timeout(Duration::from_secs(10), all).await.expect("nobody waits for ever");
    assert!(!store.is_ready());
    assert!(store.close().await.is_err(), "not all is on disk");
}

#[tokio::test]
async fn what_was_only_applied_is_on_disk_soon_though_no_durable_command_comes() {
    let (engine, switches) = Faulty::new(Memory::default());
    let options = Options { sync_within: Duration::from_millis(1), ..Options::new(sealer(), CATALOG) };
    let store = Store::open(Box::new(engine), options).unwrap();
    let talk = |step: u64| {
        store.submit(NOW, move |tx| tx.put(&DIALOGUES, &"mei".to_owned(), &format!("step {step}")))
    };
    // While others talk on, and when nobody does.
    for step in 0..10_000 {
        talk(step).await.unwrap();
        if switches.syncs() >= 2 {
            break;
        }
    }
    let before = switches.syncs();
    assert!(before >= 2);
    talk(10_000).await.unwrap();
    until(|| switches.syncs() > before).await;

    switches.fail_syncs(true);
    talk(10_001).await.unwrap();
    until(|| !store.is_ready()).await;
    switches.fail_syncs(false);
    until(|| store.is_ready()).await;
}

#[tokio::test]
async fn damage_found_by_a_command_stops_the_store_with_a_word_on_what_to_do() {
    let (store, switches) = faulty();
    store.submit(NOW, |tx| tx.put(&SEATS, &seat(1, "a"), &1)).await.unwrap();
    switches.damage();
    // Even a command that swallows the fault is not believed.
    let read = store.read(NOW, |tx| Ok(tx.get(&SEATS, &seat(1, "a")).is_ok())).await;
    assert!(matches!(&read, Err(SubmitError::Damaged(text)) if text.contains("restore")), "{read:?}");
    assert!(!store.is_ready());
}

#[tokio::test]
async fn a_dropped_future_does_not_take_the_command_back() {
    let (store, switches) = faulty();
    switches.stall(true);
    let submit = store.submit(NOW, |tx| tx.put(&SEATS, &seat(1, "a"), &1));
    assert!(tokio::time::timeout(Duration::from_millis(20), submit).await.is_err());
    switches.stall(false);
    assert_eq!(count(&store).await.unwrap(), 1);
}

#[test]
fn a_reopened_store_goes_on_and_a_wrong_key_is_refused() {
    let memory = Memory::default();
    let open = |sealer| Store::open(Box::new(memory.clone()), Options::new(sealer, CATALOG));
    let store = open(sealer()).unwrap();
    store.submit_blocking(NOW, |tx| tx.put(&SEATS, &seat(1, "a"), &1)).unwrap();
    drop(store);
    let wrong = open(Sealer::new(&[8; 32], &[]));
    assert!(matches!(wrong, Err(OpenError::WrongKey(_))));
    let store = open(Sealer::new(&[8; 32], &[[7; 32]])).unwrap();
    assert_eq!(store.submit_blocking(NOW, |tx| tx.get(&SEATS, &seat(1, "a"))).unwrap(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_serial() {
    let store = Store::in_memory(CATALOG);
    let add = |_| {
        let store = store.clone();
        tokio::spawn(async move {
            let key = seat(1, "all");
            store
                .submit(NOW, move |tx| {
                    let next = tx.get(&SEATS, &key)?.unwrap_or(0) + 1;
                    tx.put(&SEATS, &key, &next)?;
                    Ok(next)
                })
                .await
                .unwrap()
        })
    };
    let tasks: Vec<_> = (0..500).map(add).collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.push(task.await.unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=500).collect::<Vec<u32>>());
    let commits = store.stats().commits.get();
    assert!(commits < 500, "commands that wait share a commit: {commits}");
}
