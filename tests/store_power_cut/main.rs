//! Pulls the plug: a writer's system calls are recorded, the disk is rebuilt as it would be after a power cut at
//! an acknowledgement, with all that was not synced by then gone, and the store is opened on it.

mod disk;
mod trace;
mod writer;

use std::path::Path;
use std::process::{Command, Stdio};

use disk::{Disk, Loss};
use trace::{Call, Trace};
use writer::Ack;

const CUTS: usize = 25;

/// Set for the process that writes: the folder of its store.
const WRITER_FOLDER: &str = "GONGHUI_TEST_POWER_CUT_WRITER";

#[test]
fn a_power_cut_takes_nothing_that_was_acknowledged() {
    if let Some(folder) = std::env::var_os(WRITER_FOLDER) {
        return writer::write(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let trace = record(&store, &folder.path().join("trace"));
    let acks = trace.acks();
    assert_eq!(acks.len(), writer::ACKS, "the writer did not get to its end");

    let rebuilt = folder.path().join("rebuilt");
    let check = |at: usize, told: &[Ack], loss: Loss| {
        Disk::as_of(&trace, &store, at, loss).write_to(&rebuilt);
        let lost =
            writer::lost(&rebuilt, told).unwrap_or_else(|error| panic!("cut at {at}, {loss:?}: {error}"));
        assert_eq!(lost, Vec::<String>::new(), "cut at {at}, {loss:?}");
        std::fs::remove_dir_all(&rebuilt).unwrap();
    };
    let JournalFiles { made, reused, deleted } = trace.journal_files(&store);
    let counts = (made.len(), reused.len(), deleted.len());
    assert!(reused.len() >= 10 && deleted.len() == made.len(), "made, reused, deleted: {counts:?}");
    // Just after a file was begun or deleted, and after the first syncs that follow.
    let syncs = trace.syncs();
    let first_after =
        |begun: &usize| syncs.iter().copied().filter(|at| at > begun).take(2).collect::<Vec<_>>();
    let begun = || made.iter().chain(&reused);
    let steps = begun().chain(&deleted).copied().chain(begun().flat_map(first_after));
    for at in steps {
        let told = acks.partition_point(|ack| ack.at <= at);
        check(at, &acks[..told], Loss::AllUnsynced);
        check(at, &acks[..told], Loss::SomeUnsynced { seed: at as u64 });
    }

    let mut lost_unsynced = 0;
    for cut in 1..=CUTS {
        let cut = acks.len() * cut / CUTS - 1;
        let (at, told) = (acks[cut].at, &acks[..=cut]);
        check(at, told, Loss::AllUnsynced);
        check(at, told, Loss::SomeUnsynced { seed: cut as u64 });
        // The same without our own syncs, as a test of this test.
        let rebuilt = folder.path().join("unsynced");
        Disk::as_of(&trace, &store, at, Loss::EvenDataSynced).write_to(&rebuilt);
        lost_unsynced += usize::from(!writer::lost(&rebuilt, told).is_ok_and(|lost| lost.is_empty()));
        std::fs::remove_dir_all(&rebuilt).unwrap();
    }
    assert!(
        lost_unsynced > CUTS / 2,
        "only {lost_unsynced} of {CUTS} cuts would have lost anything without syncs"
    );
}

/// Runs this test's own program as the writer, under strace.
fn record(store: &Path, trace: &Path) -> Trace {
    let calls =
        "trace=openat,fcntl,close,write,pwrite64,ftruncate,fallocate,fsync,fdatasync,rename,unlink,mkdir";
    let status = Command::new("strace")
        .args(["-f", "-q", "-xx", "-s", "10000000", "-e", "signal=none", "-e", calls, "-o"])
        .arg(trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "a_power_cut_takes_nothing_that_was_acknowledged", "--nocapture"])
        .env(WRITER_FOLDER, store)
        .stdout(Stdio::null())
        .status()
        .expect("strace records what is synced: install it (apt install strace)");
    assert!(status.success(), "the writer failed, or strace may not trace here: {status}");
    Trace::parse(&std::fs::read_to_string(trace).unwrap())
}

/// Lines after which a file of the journal was just made, begun anew under another name, and deleted.
struct JournalFiles {
    made: Vec<usize>,
    reused: Vec<usize>,
    deleted: Vec<usize>,
}

impl Trace {
    /// What the writer said was acknowledged, in order.
    fn acks(&self) -> Vec<Ack> {
        self.calls.iter().filter_map(|call| Ack::parse(call.entered, call.written()?)).collect()
    }

    /// Lines after which a file was synced.
    fn syncs(&self) -> Vec<usize> {
        self.calls.iter().filter(|call| call.name == "fdatasync").map(|call| call.left).collect()
    }

    fn journal_files(&self, store: &Path) -> JournalFiles {
        let begins = |call: &Call, index| {
            let journal = store.join("gonghui.journal.");
            call.bytes(index).starts_with(journal.as_os_str().as_encoded_bytes())
        };
        let made = |call: &&Call| call.name == "openat" && begins(call, 1) && call.word(2).contains("O_EXCL");
        let reused = |call: &&Call| call.name == "rename" && begins(call, 0);
        let deleted = |call: &&Call| call.name == "unlink" && begins(call, 0);
        JournalFiles {
            made: self.calls.iter().filter(made).map(|call| call.left).collect(),
            reused: self.calls.iter().filter(reused).map(|call| call.left).collect(),
            deleted: self.calls.iter().filter(deleted).map(|call| call.left).collect(),
        }
    }
}
