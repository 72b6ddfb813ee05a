//! Disks that refuse: the n-th write or sync fails, for every n of a short run, in the engine and in the system's
//! calls, also while commands run on top of the commit that is being synced; and a disk that is full for a while.
//! Nothing is acknowledged without being there, what isn't acknowledged doesn't show, and the store goes on by itself
//! when the disk does.

mod child;
mod numbers;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use child::{Asked, CATALOG, NOW, ROWS, STEPS, put, sealer, value};
use gonghui::store::engine::memory::Memory;
use gonghui::store::testing::Faulty;
use gonghui::store::{Options, Store, SubmitError};

/// Set for a process that writes: the folder of its store.
const CHILD_FOLDER: &str = "GONGHUI_TEST_FAULTS_CHILD";
/// What it is to do: a name of [`Asked`].
const CHILD_ASKED: &str = "GONGHUI_TEST_FAULTS_ASKED";

const CHILDREN_AT_ONCE: usize = 6;
const PATIENCE: Duration = Duration::from_secs(60);

/// The entrance of the processes that the other tests start; by itself it has nothing to do.
#[test]
fn child_process() {
    if let (Some(folder), Some(asked)) = (std::env::var_os(CHILD_FOLDER), std::env::var_os(CHILD_ASKED)) {
        match Asked::parse(asked.to_str().unwrap()) {
            Asked::Numbers => numbers::write(Path::new(&folder)),
            asked => child::write(Path::new(&folder), asked),
        }
    }
}

#[tokio::test]
async fn the_nth_commit_fails() {
    for applied in [false, true] {
        // The commits of six commands, and those that come after healing.
        for nth in 1..=6 {
            fail_commit(nth, applied).await;
        }
    }
}

async fn fail_commit(nth: u64, applied: bool) {
    let memory = Memory::default();
    let (engine, switches) = Faulty::new(memory.clone());
    let store = Store::open(Box::new(engine), Options::new(sealer(), CATALOG)).unwrap();
    switches.fail_commit(nth, applied);
    let mut acknowledged = Vec::new();
    for step in 0..6 {
        match store.submit(NOW, put(step)).await {
            Ok(()) => acknowledged.push(step),
            Err(SubmitError::Unavailable(_)) => {
                assert_eq!(store.submit(NOW, |_| Ok(5)).await.unwrap(), 5, "what writes nothing goes on");
                let seen = store.read(NOW, move |tx| tx.get(&ROWS, &step)).await.unwrap();
                assert_eq!(seen, None, "commit {nth}: what was not acknowledged does not show");
                wait_until_ready(&store).await;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(acknowledged.len(), 5);
    drop(store);
    let store = Store::open(Box::new(memory), Options::new(sealer(), CATALOG)).unwrap();
    for step in acknowledged {
        let there = store.read(NOW, move |tx| tx.get(&ROWS, &step)).await.unwrap();
        assert_eq!(there, Some(value(step)), "commit {nth}");
    }
    assert!(store.verify().await.unwrap().is_sound());
}

async fn wait_until_ready(store: &Store) {
    for _ in 0..500 {
        if store.is_ready() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the store does not heal");
}

/// strace counts a call for each thread by itself: the n-th of whichever thread comes to it fails, once each.
#[test]
fn the_nth_call_of_the_system_fails() {
    let mut faults: Vec<(String, Asked)> = Vec::new();
    let mut all = |call: &str, error: &str, upto: u64, asked: Asked| {
        faults.extend((1..=upto).map(|n| (format!("{call}:error={error}:when={n}"), asked)));
    };
    // Without moves the writer alone syncs data: once for each durable commit, once to make the store, once or
    // twice to close it. Others share the rest of the calls among them.
    all("fdatasync", "EIO", STEPS + 3, Asked::Steps);
    all("fdatasync", "EIO", STEPS, Asked::Moves);
    for asked in [Asked::Steps, Asked::Moves] {
        all("pwrite64", "ENOSPC", STEPS, asked);
        all("pwrite64", "EIO", 4, asked);
        all("sync_file_range", "EIO", STEPS / 2, asked);
        all("fsync", "EIO", 12, asked);
        all("unlink", "EIO", 3, asked);
    }
    // Of the journal's files alone: tests tell what they do by writing too.
    all("write", "ENOSPC", STEPS, Asked::Steps);
    all("write", "EIO", STEPS / 2, Asked::Moves);
    all("rename", "EIO", 1, Asked::Steps);
    all("rename", "EIO", 4, Asked::Moves);
    all("mkdir", "EIO", 1, Asked::Steps);
    // Calls by which a begun commit gets to disk while the next commands run.
    all("fcntl", "EMFILE", 1, Asked::Crowd);
    all("write", "ENOSPC", 3, Asked::Crowd);
    let next = Mutex::new(faults.iter());
    thread::scope(|scope| {
        for _ in 0..CHILDREN_AT_ONCE {
            scope.spawn(|| {
                while let Some((fault, asked)) = { next.lock().unwrap().next() } {
                    run_with_fault(fault, *asked);
                }
            });
        }
    });
}

fn run_with_fault(fault: &str, asked: Asked) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut command = Command::new("strace");
    let trace = format!("trace={}", fault.split(':').next().unwrap());
    command.args(["-f", "-q", "-o", "/dev/null", "-e", "signal=none", "-e", &trace, "-e"]);
    command.arg(format!("inject={fault}"));
    if fault.starts_with("write:") {
        (1..=20).for_each(|n| _ = command.arg("-P").arg(store.join(format!("gonghui.journal.{n:010}"))));
    }
    command.arg(std::env::current_exe().unwrap());
    let told = told_by(start(command, &store, asked), |_| ());
    if fault.starts_with("write:") {
        assert!(
            told.iter().any(|line| line.starts_with("refused")),
            "{fault}, {asked:?} was not felt: {told:?}"
        );
    }
    let is_refused = told.iter().any(|line| line.starts_with("refused"));
    assert!(!fault.starts_with("fcntl:") || !is_refused, "a handle less is nothing about the disk: {told:?}");
    assert_eq!(told.last().map(String::as_str), Some("end"), "{fault}, {asked:?}: {told:?}");
    child::check(&store, &told).unwrap_or_else(|problem| panic!("{fault}, {asked:?}: {problem}: {told:?}"));
}

/// strace's count is a thread's own, and what is synced aside has a thread each time: a library counts for all of them.
#[test]
fn the_nth_sync_of_any_thread_fails_under_commands_that_went_on() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("failing_sync.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/store_faults/failing_sync.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
    assert!(built.expect("cc (apt install gcc libc6-dev)").success());
    let next = AtomicU32::new(1);
    // How each ended: the thread whose sync failed, and how many were refused with it.
    let felt = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..CHILDREN_AT_ONCE {
            scope.spawn(|| {
                while let Some(one) = fail_sync(&library, next.fetch_add(1, Ordering::Relaxed)) {
                    felt.lock().unwrap().push(one);
                }
            });
        }
    });
    let felt = felt.into_inner().unwrap();
    let aside = felt.iter().filter(|(thread, refused)| thread == "store sync" && *refused > 0).count();
    assert!(aside > 0, "no sync that failed was under way aside: {felt:?}");
}

/// `None`: a run has not so many syncs.
fn fail_sync(library: &Path, nth: u32) -> Option<(String, usize)> {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env("LD_PRELOAD", library).env("GONGHUI_TEST_FAILING_SYNC", nth.to_string());
    let told = told_by(start(command, &store, Asked::Numbers), |_| ());
    assert_eq!(told.last().map(String::as_str), Some("end"), "sync {nth}: {told:?}");
    numbers::check(&store, &told).unwrap_or_else(|problem| panic!("sync {nth}: {problem}: {told:?}"));
    let thread = told.iter().find_map(|line| line.strip_prefix("failed ")?.split_once(" in "))?.1;
    Some((thread.to_owned(), told.iter().filter(|line| line.starts_with("refused")).count()))
}

/// sled writes its snapshot while it opens, if there is more in its log than when it did so last.
#[test]
fn a_start_that_is_cut_off_hurts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (base, copy) = (folder.path().join("base"), folder.path().join("copy"));
    let exe = std::env::current_exe().unwrap();
    let told = told_by(start(Command::new(&exe), &base, Asked::Moves), |_| ());
    copy_to(&base, &copy);
    assert!(start(Command::new(&exe), &copy, Asked::Start).wait_with_output().unwrap().status.success());
    let before = snapshots(&base);
    let snapshot = snapshots(&copy).into_iter().find(|name| !before.contains(name)).expect("a new snapshot");
    let unfinished = copy.join(format!("{snapshot}.generating"));
    let calls = ["write", "write", "write", "fsync"].into_iter().zip([1, 2, 3, 1]);
    for (call, nth) in calls {
        for fault in ["signal=KILL", "error=ENOSPC", "error=EIO"] {
            std::fs::remove_dir_all(&copy).unwrap();
            copy_to(&base, &copy);
            let mut command = Command::new("strace");
            command.args([
                "-f",
                "-q",
                "-o",
                "/dev/null",
                "-e",
                "signal=none",
                "-e",
                &format!("trace={call}"),
            ]);
            command
                .args(["-e", &format!("inject={call}:{fault}:when={nth}"), "-P"])
                .arg(&unfinished)
                .arg(&exe);
            let ended = start(command, &copy, Asked::Start).wait_with_output().unwrap();
            assert!(!ended.status.success() && unfinished.exists(), "{fault} of {call} {nth} was not felt");
            let checked = child::check(&copy, &told);
            checked.unwrap_or_else(|problem| panic!("{fault} of {call} {nth}: {problem}"));
        }
    }
}

fn copy_to(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_to(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn snapshots(store: &Path) -> Vec<String> {
    let names = std::fs::read_dir(store).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter_map(|name| name.into_string().ok()).filter(|name| name.starts_with("snap.")).collect()
}

/// A file's largest size stands for the room on the disk; it can be raised from outside.
#[test]
fn a_full_disk_is_a_state_that_passes() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let mut command = Command::new("sh");
    let exe = std::env::current_exe().unwrap();
    // In blocks of 512 bytes; without the signal that would end the process.
    command.args(["-c", "trap '' XFSZ; ulimit -S -f 3000; exec \"$0\" \"$@\""]).arg(exe);
    let child = start(command, &store, Asked::Fill);
    let id = child.id().to_string();
    let told = told_by(child, |line| {
        if line == "full" {
            let raised = Command::new("prlimit").args(["--pid", &id, "--fsize=unlimited:"]).status();
            assert!(raised.expect("prlimit of util-linux").success());
        }
    });
    assert!(told.iter().any(|line| line == "full"), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("end"), "{told:?}");
    child::check(&store, &told).unwrap();
}

fn start(mut command: Command, store: &Path, asked: Asked) -> Child {
    command
        .args(["--exact", "child_process", "--nocapture"])
        .env(CHILD_FOLDER, store)
        .env(CHILD_ASKED, asked.name())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("strace makes calls fail: install it (apt install strace)")
}

/// The lines that the child tells, until it ends.
fn told_by(mut child: Child, mut on_line: impl FnMut(&str)) -> Vec<String> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let (teller, lines) = mpsc::channel();
    thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| teller.send(line)));
    let mut told = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                if let Some(line) = line.strip_prefix("> ") {
                    on_line(line);
                    told.push(line.to_owned());
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                _ = child.kill();
                panic!("the child hangs after {told:?}");
            }
        }
    }
    let output = child.wait_with_output().unwrap();
    let noise = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !noise.contains("panicked"), "{}: {noise} {told:?}", output.status);
    told
}
