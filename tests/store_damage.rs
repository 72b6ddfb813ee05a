//! Flips bits of a store's files and cuts them short: each such damage is harmless, or it is found when the store
//! is opened, read or verified. No row is missing without a word, and the process never ends by itself.
//!
//! Each case runs in a process of its own, since sled may panic in threads that nobody can catch.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use gonghui::moment::{Moment, Time};
use gonghui::store::engine::journal::Journal;
use gonghui::store::{OpenError, Options, Sealed, Sealer, Store, Table, TableInfo, Tx};

const MEMBERS: Table<(u64, String), (u64, Sealed<String>, String)> = Table::durable(1, "members");
const VISITS: Table<String, u64> = Table::relaxed(2, "visits");
const CATALOG: &[TableInfo] = &[MEMBERS.info(), VISITS.info()];
const NOW: Moment = Moment { now: Time::from_unix_s(1_796_090_400), seed: 1 };

/// More than a table may have to be counted whenever it is opened.
const MEMBERS_COUNT: u64 = 1200;
const CASES: u64 = 60;
/// More cases, for a long run by hand.
const CASES_VARIABLE: &str = "GONGHUI_DAMAGE_CASES";
/// Set for the process of one case: the folder of its store.
const CASE_FOLDER: &str = "GONGHUI_TEST_DAMAGE_CASE";
/// And up to what size it is tried out on a copy.
const REHEARSED_BYTES: &str = "GONGHUI_TEST_DAMAGE_REHEARSED_BYTES";
const CASE_PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn damage_is_harmless_or_found() {
    if let Some(folder) = std::env::var_os(CASE_FOLDER) {
        let rehearsed =
            std::env::var_os(REHEARSED_BYTES).map(|bytes| bytes.to_str().unwrap().parse().unwrap());
        return println!("outcome: {}", examine(Path::new(&folder), rehearsed.unwrap()));
    }
    let cases =
        std::env::var_os(CASES_VARIABLE).map_or(CASES, |cases| cases.to_str().unwrap().parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let bases = make_stores(folder.path());
    let (mut counts, mut failures) = (BTreeMap::<String, u32>::new(), Vec::new());
    for seed in 1..=cases {
        let case = Case::draw(seed, &bases);
        match case.run(&folder.path().join("case")) {
            Ok(outcome) => *counts.entry(outcome).or_default() += 1,
            Err(failure) => failures.push(format!("{case:?}: {failure}")),
        }
    }
    println!("{counts:?}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(counts.keys().any(|outcome| outcome.starts_with("refused")), "{counts:?}");
}

fn open(folder: &Path, rehearsed_bytes: u64) -> Result<Store, OpenError> {
    Store::open(Box::new(Journal::new(folder, 16 << 20).rehearse_up_to(rehearsed_bytes)), options())
}

fn options() -> Options {
    Options::new(Sealer::new(&[1; 32], &[]), CATALOG)
}

/// What every sound copy holds.
fn member(number: u64) -> ((u64, String), (u64, Sealed<String>, String)) {
    let words = "工会会员 ".repeat((number % 40) as usize);
    ((number % 7, format!("oUnion{number:022}")), (number, Sealed::new(format!("138{number:08}")), words))
}

/// A store that was closed, and the files of two whose processes were killed: of one all rows are in the journal,
/// of the other most have moved on to sled.
fn make_stores(folder: &Path) -> [PathBuf; 3] {
    let [closed, killed, moved] = ["closed", "killed", "moved"].map(|name| folder.join(name));
    make_store(&closed, &killed, usize::MAX);
    make_store(&folder.join("moving"), &moved, 60_000);
    [closed, killed, moved]
}

fn make_store(closed: &Path, killed: &Path, table_bytes: usize) {
    let engine = Journal::new(closed, 16 << 20).rehearse_up_to(0).drain_above(table_bytes, table_bytes);
    let store = Store::open(Box::new(engine), options()).unwrap();
    for first in 0..MEMBERS_COUNT / 3 {
        let put = move |tx: &mut Tx| {
            for number in [first, first + MEMBERS_COUNT / 3, first + 2 * MEMBERS_COUNT / 3] {
                let (key, value) = member(number);
                tx.put(&MEMBERS, &key, &value)?;
                tx.put(&VISITS, &key.1, &number)?;
            }
            Ok(())
        };
        store.submit_blocking(NOW, put).unwrap();
    }
    copy(closed, killed);
    close(&store);
    drop(store);
    // Once more, so that there is a snapshot of sled's.
    close(&open(closed, 0).unwrap());
}

fn close(store: &Store) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    _ = runtime.block_on(store.close());
}

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        let to = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, bytes).unwrap();
    }
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => found.extend(files(&path)),
            path => _ = found.insert(path.clone(), fs::read(path).unwrap()),
        }
    }
    found
}

/// One way to damage a store.
#[derive(Debug)]
struct Case {
    base: PathBuf,
    file: PathBuf,
    damage: Damage,
    /// Whether the store is small enough to be tried out on a copy first.
    is_small: bool,
}

#[derive(Debug)]
enum Damage {
    Flip { byte: usize, bit: u8 },
    CutTo(usize),
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % end.max(1) as u64) as usize
    }
}

impl Case {
    /// Mostly the data of sled or of the journal, sometimes one of the small files; where there is something else
    /// than zeros.
    fn draw(seed: u64, bases: &[PathBuf]) -> Case {
        let mut dice = Dice(seed);
        let base = bases[dice.below(bases.len())].clone();
        let files: Vec<_> = files(&base).into_iter().filter(|(_, bytes)| !bytes.is_empty()).collect();
        let is_data =
            |path: &Path| path.ends_with("db") || path.to_string_lossy().contains("gonghui.journal.");
        let data: Vec<_> = (0..files.len()).filter(|at| is_data(&files[*at].0)).collect();
        let chosen = if dice.below(4) > 0 { data[dice.below(data.len())] } else { dice.below(files.len()) };
        let (path, bytes) = &files[chosen];
        let used = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |last| last + 1);
        let damage = match dice.below(5) {
            0 => Damage::CutTo(dice.below(used)),
            _ => Damage::Flip { byte: dice.below(used), bit: dice.below(8) as u8 },
        };
        let is_small = seed.is_multiple_of(2);
        Case { file: path.strip_prefix(&base).unwrap().to_owned(), base, damage, is_small }
    }

    fn run(&self, folder: &Path) -> Result<String, String> {
        _ = fs::remove_dir_all(folder);
        copy(&self.base, folder);
        let path = folder.join(&self.file);
        let mut bytes = fs::read(&path).unwrap();
        match self.damage {
            Damage::Flip { byte, bit } => bytes[byte] ^= 1 << bit,
            Damage::CutTo(length) => bytes.truncate(length),
        }
        fs::write(&path, bytes).unwrap();
        let before = files(folder);
        let said = examine_in_process(folder, self.is_small)?;
        if self.is_small && said.starts_with("refused") && files(folder) != before {
            return Err(format!("{said}, but its files were changed"));
        }
        match said.split_once(':').map_or(&said[..], |(outcome, _)| outcome) {
            outcome @ ("harmless" | "refused at open" | "found by verify" | "found by reading") => {
                Ok(outcome.to_owned())
            }
            _ => Err(said),
        }
    }
}

/// Runs [`examine`] in another process, which must end by itself, in time, and without a panic's words.
fn examine_in_process(folder: &Path, is_small: bool) -> Result<String, String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "damage_is_harmless_or_found", "--nocapture"])
        .env(CASE_FOLDER, folder)
        .env(REHEARSED_BYTES, if is_small { "1000000000" } else { "0" })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut waited = Duration::ZERO;
    while child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(10));
        waited += Duration::from_millis(10);
        if waited > CASE_PATIENCE {
            child.kill().unwrap();
            return Err("it hangs".to_owned());
        }
    }
    let output = child.wait_with_output().unwrap();
    let (told, noise) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() || noise.contains("panicked") {
        return Err(format!("{}: {told} {noise}", output.status));
    }
    let outcome = told.split_once("outcome: ").and_then(|(_, told)| told.lines().next());
    outcome.map(str::to_owned).ok_or_else(|| format!("it said nothing: {told} {noise}"))
}

/// What becomes of somebody who uses the store.
fn examine(folder: &Path, rehearsed_bytes: u64) -> String {
    let store = match open(folder, rehearsed_bytes) {
        Ok(store) => store,
        Err(error) => return format!("refused at open: {error}"),
    };
    let outcome = examine_open(&store);
    close(&store);
    outcome
}

fn examine_open(store: &Store) -> String {
    let missing = store.submit_blocking(NOW, |tx| {
        let mut missing = 0;
        for number in 0..MEMBERS_COUNT {
            let (key, value) = member(number);
            missing += u32::from(tx.get(&MEMBERS, &key)?.as_ref() != Some(&value));
            missing += u32::from(tx.get(&VISITS, &key.1)? != Some(number));
        }
        Ok(missing)
    });
    let missing = match missing {
        Ok(missing) => missing,
        Err(error) => return format!("found by reading: {error}"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let sound = match runtime.block_on(store.verify()) {
        Err(error) => return format!("found by verify: {error}"),
        Ok(report) if !report.is_sound() => return format!("found by verify: {:?}", report.problems),
        Ok(_) => missing == 0,
    };
    if !sound {
        return format!("{missing} rows are missing or other, and verify found nothing");
    }
    // A harmless damage must stay so when the store is written to.
    for number in 0..20 {
        let written =
            store.submit_blocking(NOW, move |tx| tx.put(&VISITS, &format!("new {number}"), &number));
        if let Err(error) = written {
            return format!("found by reading: {error}");
        }
    }
    "harmless".to_owned()
}
