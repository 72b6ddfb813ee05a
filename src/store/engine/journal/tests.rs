//! What becomes of the journal's files.

use std::cell::Cell;
use std::fs;
use std::ops::Bound;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use super::*;

const CACHE_BYTES: u64 = 8 << 20;

/// Each commit makes a run of what was before, and waits until sled has it.
const SMALL: Limits =
    Limits { table_bytes: 1, runs_memory_bytes: 0, runs_file_bytes: 0, close_within: CLOSE_WITHIN };

fn open(folder: &Path) -> Result<Journal, EngineError> {
    let mut engine = Journal::new(folder, CACHE_BYTES);
    engine.open()?;
    Ok(engine)
}

fn commit(engine: &mut Journal, seq: u64) {
    let writes = vec![(vec![1, seq as u8], Some(vec![seq as u8; 50])), (vec![2], Some(vec![seq as u8]))];
    engine.commit(&Batch { seq, writes }, Durability::Durable).unwrap();
}

/// The commits that are there: all up to the returned one.
fn last(engine: &Journal) -> u64 {
    let rows = engine.scan((Bound::Included(&[1]), Bound::Excluded(&[2])), Direction::Forward, 1000).unwrap();
    let seqs: Vec<u64> = rows.iter().map(|(key, _)| u64::from(key[1])).collect();
    let last = engine.get(&[2]).unwrap().map_or(0, |value| u64::from(value[0]));
    assert_eq!(seqs, (1..=last).collect::<Vec<u64>>());
    last
}

fn journal(folder: &Path) -> Vec<PathBuf> {
    files::list(folder).unwrap().into_iter().map(|(_, path)| path).collect()
}

/// Commits 1 to 3 in one file and 4 to 6 in another, the process killed.
fn two_files(folder: &Path) -> Vec<PathBuf> {
    for seqs in [1..=3, 4..=6] {
        let mut engine = open(folder).unwrap();
        seqs.for_each(|seq| commit(&mut engine, seq));
    }
    let files = journal(folder);
    assert_eq!(files.len(), 2);
    files
}

fn damaged(folder: &Path) -> bool {
    matches!(open(folder), Err(EngineError::Damaged(_)))
}

#[test]
fn a_closed_store_is_all_in_sled() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    (1..=5).for_each(|seq| commit(&mut engine, seq));
    assert_eq!(journal(folder.path()).len(), 1);
    engine.close().unwrap();
    assert_eq!(journal(folder.path()), Vec::<PathBuf>::new());
    let engine = open(folder.path()).unwrap();
    assert!(engine.memory.runs.is_empty());
    assert_eq!(last(&engine), 5);
}

#[test]
fn closing_leaves_what_would_take_too_long_in_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    engine.limits.close_within = Duration::ZERO;
    (1..=5).for_each(|seq| commit(&mut engine, seq));
    engine.close().unwrap();
    assert_eq!(journal(folder.path()).len(), 1);
    let mut engine = open(folder.path()).unwrap();
    assert_eq!(last(&engine), 5);
    commit(&mut engine, 6);
    engine.close().unwrap();
    assert_eq!(journal(folder.path()), Vec::<PathBuf>::new());
    assert_eq!(last(&open(folder.path()).unwrap()), 6);
}

#[test]
fn a_store_at_rest_moves_its_rows_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    (1..=5).for_each(|seq| commit(&mut engine, seq));
    let rested = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        engine.rest()
    });
    assert!(rested && journal(folder.path()).is_empty());
    commit(&mut engine, 6);
    assert_eq!(last(&engine), 6);
}

#[test]
fn a_torn_end_that_nobody_was_told_of_is_forgotten_and_commits_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let files = two_files(folder.path());
    let bytes = fs::read(&files[1]).unwrap();
    fs::write(&files[1], &bytes[..bytes.len() - 1]).unwrap();
    for seq in 6..9 {
        let mut engine = open(folder.path()).unwrap();
        assert_eq!(last(&engine), seq - 1);
        commit(&mut engine, seq);
    }
    assert_eq!(last(&open(folder.path()).unwrap()), 8);
}

#[test]
fn what_is_missing_before_another_file_is_damage() {
    for harm in [
        |file: &Path| fs::remove_file(file).unwrap(),
        |file: &Path| fs::write(file, "").unwrap(),
        |file: &Path| {
            let bytes = fs::read(file).unwrap();
            fs::write(file, &bytes[..bytes.len() - 1]).unwrap();
        },
        |file: &Path| {
            let mut bytes = fs::read(file).unwrap();
            bytes[60] ^= 1;
            fs::write(file, &bytes).unwrap();
        },
    ] {
        let folder = tempfile::tempdir().unwrap();
        let files = two_files(folder.path());
        harm(&files[0]);
        assert!(damaged(folder.path()));
    }
}

#[test]
fn a_file_that_sled_has_already_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = two_files(folder.path());
    let kept = fs::read(&files[0]).unwrap();
    let mut engine = open(folder.path()).unwrap();
    commit(&mut engine, 7);
    engine.close().unwrap();
    // As if its deletion had not reached the disk.
    fs::write(&files[0], kept).unwrap();
    let mut engine = open(folder.path()).unwrap();
    assert_eq!(last(&engine), 7);
    commit(&mut engine, 8);
    engine.close().unwrap();
    assert!(journal(folder.path()).is_empty());
}

#[test]
fn sled_that_lost_what_it_said_it_had_is_damage() {
    let (folder, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut engine = open(folder.path()).unwrap();
    commit(&mut engine, 1);
    engine.close().unwrap();
    beside::copy_folder(folder.path(), old.path()).unwrap();
    let mut engine = open(folder.path()).unwrap();
    commit(&mut engine, 2);
    engine.close().unwrap();
    let mut engine = open(folder.path()).unwrap();
    commit(&mut engine, 3);
    drop(engine);
    for name in journal(folder.path()).iter().filter_map(|path| path.file_name()) {
        fs::copy(folder.path().join(name), old.path().join(name)).unwrap();
    }
    assert!(damaged(old.path()));
}

#[test]
fn a_file_is_written_to_again_and_what_it_held_before_is_not_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    (1..=5).for_each(|seq| commit(&mut engine, seq));
    let first = fs::metadata(&journal(folder.path())[0]).unwrap();
    engine.limits = SMALL;
    commit(&mut engine, 6);
    // As if killed with two commits in the file that held five.
    engine.limits = Limits::default();
    commit(&mut engine, 7);
    let last_file = journal(folder.path()).pop().unwrap();
    let again = fs::metadata(&last_file).unwrap();
    assert_eq!((again.ino(), again.len()), (first.ino(), first.len()));
    drop(engine);
    assert_eq!(
        Records::of(&fs::read(last_file).unwrap()).map(|record| record.number).collect::<Vec<_>>(),
        [6, 7]
    );
    let mut engine = open(folder.path()).unwrap();
    assert_eq!(last(&engine), 7);
    engine.close().unwrap();
    assert!(journal(folder.path()).is_empty());
}

#[test]
fn a_file_in_which_few_rows_change_does_not_grow_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    let value = vec![7; FILE_BYTES as usize / 8];
    for seq in 1..=40 {
        let writes = vec![(vec![1], Some(value.clone()))];
        engine.commit(&Batch { seq, writes }, Durability::Relaxed).unwrap();
        engine.wait_for_drain().unwrap();
    }
    let bytes: u64 = journal(folder.path()).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(bytes <= 4 * FILE_BYTES, "{bytes}");
    assert_eq!(engine.get(&[1]).unwrap(), Some(value));
}

#[test]
fn what_was_only_applied_is_synced_aside_and_told_of_up_to_where_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    let batch = |seq| Batch { seq, writes: vec![(vec![1], Some(vec![seq as u8]))] };
    engine.commit(&batch(1), Durability::Relaxed).unwrap();
    assert_eq!(engine.sync().unwrap(), None);
    engine.commit(&batch(2), Durability::Relaxed).unwrap();
    assert_eq!(told(&mut engine), 1);
    assert_eq!(Watermark::open(folder.path()).unwrap().read().unwrap(), 1);
    assert_eq!(engine.sync().unwrap(), None);
    assert_eq!(told(&mut engine), 2);
    // A durable one waits for what is under way, and there is nothing left to tell.
    engine.commit(&batch(3), Durability::Relaxed).unwrap();
    assert_eq!(engine.sync().unwrap(), None);
    engine.commit(&batch(4), Durability::Durable).unwrap();
    assert_eq!(engine.sync().unwrap(), Some(4));
}

#[test]
fn what_is_taken_back_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    commit(&mut engine, 1);
    let writes = vec![(vec![1, 2], Some(vec![2; 50])), (vec![2], Some(vec![2]))];
    engine.commit(&Batch { seq: 2, writes }, Durability::Relaxed).unwrap();
    assert_eq!(last(&engine), 2);
    engine.failed = Some(EngineError::Io("the disk refuses".to_owned()));
    engine.take_back(&[(vec![1, 2], None), (vec![2], Some(vec![1]))]);
    assert_eq!(last(&engine), 1);
    assert_eq!(engine.reopen().unwrap(), 1);
    assert_eq!(last(&engine), 1);
    commit(&mut engine, 2);
    drop(engine);
    assert_eq!(last(&open(folder.path()).unwrap()), 2);
}

/// As if the process had been killed before the store was opened again.
#[test]
fn what_is_taken_back_does_not_come_back_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    commit(&mut engine, 1);
    let writes = vec![(vec![1, 2], Some(vec![2; 50])), (vec![2], Some(vec![2]))];
    engine.commit(&Batch { seq: 2, writes }, Durability::Relaxed).unwrap();
    engine.failed = Some(EngineError::Io("the disk refuses".to_owned()));
    engine.take_back(&[(vec![1, 2], None), (vec![2], Some(vec![1]))]);
    drop(engine);
    let mut engine = open(folder.path()).unwrap();
    assert_eq!(last(&engine), 1);
    commit(&mut engine, 2);
    drop(engine);
    assert_eq!(last(&open(folder.path()).unwrap()), 2);
}

/// Of rows whose file could not be synced a power cut may take any; if sled had got one, it would be there all the same.
#[test]
fn sled_gets_no_rows_whose_file_is_not_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    commit(&mut engine, 1);
    let bytes = fs::read(&journal(folder.path())[0]).unwrap();
    let writes = vec![(vec![1, 2], Some(vec![2; 50])), (vec![2], Some(vec![2]))];
    engine.commit(&Batch { seq: 2, writes }, Durability::Relaxed).unwrap();
    engine.failed = Some(EngineError::Io("the disk refuses".to_owned()));
    // Where the rows would be written to.
    fs::create_dir(folder.path().join("gonghui.journal.new")).unwrap();
    assert!(engine.reopen().is_err() && engine.close().is_err());
    drop(engine);
    fs::write(&journal(folder.path())[0], bytes).unwrap();
    assert_eq!(last(&open(folder.path()).unwrap()), 1);
}

#[test]
fn closing_a_store_that_failed_leaves_its_rows_in_a_file_that_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    (1..=3).for_each(|seq| commit(&mut engine, seq));
    engine.freeze().unwrap();
    (4..=6).for_each(|seq| commit(&mut engine, seq));
    engine.failed = Some(EngineError::Io("the disk refuses".to_owned()));
    engine.limits.close_within = Duration::ZERO;
    engine.close().unwrap();
    let files = journal(folder.path());
    assert_eq!(files.len(), 2);
    let numbers = Records::of(&fs::read(&files[1]).unwrap()).map(|record| record.number).collect::<Vec<_>>();
    assert_eq!(numbers, [4], "one record, written and synced anew");
    let mut engine = open(folder.path()).unwrap();
    assert_eq!(last(&engine), 6);
    commit(&mut engine, 7);
    drop(engine);
    assert_eq!(last(&open(folder.path()).unwrap()), 7);
}

#[test]
fn a_store_that_is_opened_again_goes_on_with_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = Journal::new(folder.path(), CACHE_BYTES).drain_above(1, usize::MAX);
    engine.open().unwrap();
    (1..=5).for_each(|seq| commit(&mut engine, seq));
    engine.failed = Some(EngineError::Io("the disk refuses".to_owned()));
    engine.reopen().unwrap();
    assert_eq!(engine.memory.runs.iter().count(), 4, "one of five was moved, to see that sled takes rows");
    (6..=7).for_each(|seq| commit(&mut engine, seq));
    assert_eq!(last(&engine), 7);
    drop(engine);
    assert_eq!(last(&open(folder.path()).unwrap()), 7);
}

/// An append whose record is in the file, but can't be synced; then the file can't be replaced at once.
#[test]
fn what_a_failed_append_left_is_gone_though_the_disk_refuses_once_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    (1..=2).for_each(|seq| commit(&mut engine, seq));
    record::encode(3, &[(vec![9], Some(vec![9]))], &mut engine.record);
    engine.disk.as_mut().unwrap().tail.as_mut().unwrap().append(&engine.record).unwrap();
    engine.failed = Some(EngineError::Io("the disk refuses".to_owned()));
    let (file, aside) = (journal(folder.path()).remove(0), folder.path().join("aside"));
    fs::rename(&file, &aside).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(engine.reopen().is_err(), "a file can't take a folder's place");
    fs::remove_dir(&file).unwrap();
    fs::rename(&aside, &file).unwrap();
    engine.reopen().unwrap();
    (3..=4).for_each(|seq| commit(&mut engine, seq));
    drop(engine);
    let engine = open(folder.path()).unwrap();
    assert_eq!((last(&engine), engine.get(&[9]).unwrap()), (4, None));
}

fn told(engine: &mut Journal) -> u64 {
    loop {
        match engine.sync().unwrap() {
            Some(seq) => return seq,
            None => std::thread::yield_now(),
        }
    }
}

#[test]
fn what_waits_is_read_from_its_file_and_a_killed_process_leaves_it_there() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let mut engine = Journal::new(folder.path(), CACHE_BYTES).drain_above(1, usize::MAX);
        engine.open().unwrap();
        engine
    };
    let mut engine = open();
    (1..=5).for_each(|seq| commit(&mut engine, seq));
    let writes = vec![(vec![1, 2], None), (vec![1, 3], Some(b"new".to_vec()))];
    engine.commit(&Batch { seq: 6, writes }, Durability::Durable).unwrap();
    assert_eq!(journal(folder.path()).len(), 6);
    let check = |engine: &Journal| {
        assert_eq!(engine.disk().unwrap().sled.get(&[2]).unwrap(), None);
        assert_eq!(engine.get(&[2]).unwrap(), Some(vec![5]));
        assert_eq!(engine.get(&[1, 2]).unwrap(), None);
        let rows = engine.scan((Bound::Included(&[1]), Bound::Excluded(&[2])), Direction::Back, 3).unwrap();
        let old = |seq| vec![seq; 50];
        assert_eq!(rows, [(vec![1, 5], old(5)), (vec![1, 4], old(4)), (vec![1, 3], b"new".to_vec())]);
    };
    check(&engine);
    drop(engine);
    check(&open());
    let mut engine = open();
    engine.close().unwrap();
    assert_eq!((journal(folder.path()), engine.memory.runs.is_empty()), (Vec::new(), true));
}

#[test]
fn of_a_row_that_changed_in_later_files_sled_gets_the_last_value_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = Journal::new(folder.path(), CACHE_BYTES).drain_above(1, usize::MAX);
    engine.open().unwrap();
    (1..=3).for_each(|seq| commit(&mut engine, seq));
    let (oldest, rows) = engine.memory.runs.oldest().unwrap();
    let keys: Vec<&[u8]> = rows.iter().map(|row| oldest.key(*row)).collect();
    assert_eq!(keys, [&[1, 1][..]], "row 2 is in the next file too");
    drop(oldest);
    engine.limits = SMALL;
    commit(&mut engine, 4);
    assert_eq!(engine.disk().unwrap().sled.get(&[2]).unwrap(), Some(vec![3]));
    assert_eq!(last(&engine), 4);
}

#[test]
fn a_record_without_rows_counts_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    engine.commit(&Batch { seq: 1, writes: Vec::new() }, Durability::Durable).unwrap();
    drop(engine);
    for seq in 1..=3 {
        commit(&mut open(folder.path()).unwrap(), seq);
    }
    let mut engine = open(folder.path()).unwrap();
    assert_eq!(last(&engine), 3);
    while !engine.rest() {
        engine.wait_for_drain().unwrap();
    }
    assert_eq!((last(&engine), journal(folder.path())), (3, Vec::new()));
}

#[test]
fn who_takes_from_the_front_of_a_queue_does_not_pass_over_what_was_taken_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = open(folder.path()).unwrap();
    let key = |n: u32| [&[1], &n.to_be_bytes()[..]].concat();
    let row = |n: u32| (key(n), Some(vec![1]));
    let queue = (Bound::Included(&[1][..]), Bound::Excluded(&[2][..]));
    let mut seq = 0;
    let mut commit = |engine: &mut Journal, writes: Vec<Write>| {
        seq += 1;
        engine.commit(&Batch { seq, writes }, Durability::Relaxed).unwrap();
    };
    // Half of the queue lies in sled.
    commit(&mut engine, (0..500).map(row).collect());
    while !engine.rest() {}
    commit(&mut engine, (500..1000).map(row).collect());
    let passed = Cell::new(0);
    for n in 0..1000 {
        let rows = engine.memory.gaps.borrow_mut().scan(queue, 1, |range, limit| {
            let found = engine.look(range, Direction::Forward, limit)?;
            passed.set(passed.get() + found.passed.iter().map(|(_, passed)| passed).sum::<usize>());
            Ok(found)
        });
        assert_eq!(rows.unwrap(), [(key(n), vec![1])]);
        commit(&mut engine, vec![(key(n), None)]);
    }
    assert!(passed.get() < 2_000, "{}", passed.get());
    // What is put in front is found, and so is what comes behind.
    commit(&mut engine, vec![row(2000), row(3)]);
    let rows = |engine: &Journal| engine.scan(queue, Direction::Forward, 5).unwrap();
    assert_eq!(rows(&engine), [(key(3), vec![1]), (key(2000), vec![1])]);
    commit(&mut engine, vec![(key(3), None)]);
    assert_eq!(rows(&engine), [(key(2000), vec![1])]);
}
