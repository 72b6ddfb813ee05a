//! What is kept stays its user's alone, and readable as long as its keys are given.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::process::Folder;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn what_it_writes_is_its_users_alone() {
    let folder = Folder::new();
    folder.configure("");
    let service = folder.serve();
    service.greeting("oUnion1");
    assert_eq!(service.run(&["backup", "today"]).code, 0);
    assert_eq!(service.stop(), 0);
    let mut seen = 0;
    let copies = ["today", "member-keys"].map(|name| folder.path().join(name));
    for file in files(&folder.path().join("data")).into_iter().chain(copies) {
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} {mode:o}", file.display());
        seen += 1;
    }
    assert!(seen >= 5, "{seen} files");
}

/// A key that is left out while something is still sealed with it is asked for at the start, not missed later.
#[test]
fn each_earlier_key_is_needed_and_named() {
    let folder = Folder::new();
    folder.configure("");
    assert_eq!(folder.serve().stop(), 0);
    let first = fs::read_to_string(folder.path().join("seal")).unwrap();
    let keys = ["", "", ""].map(|_| folder.run(&["keys", "new"]).out.trim().to_owned());
    let mut previous = first;
    for key in &keys {
        let environment = [("GONGHUI_KEYS__SEAL", &key[..]), ("GONGHUI_KEYS__SEAL_PREVIOUS", &previous[..])];
        assert_eq!(folder.serve_with(&environment).stop(), 0);
        previous = format!("{key}\n{previous}");
    }
    let latest = [("GONGHUI_KEYS__SEAL", &keys[2][..])];
    let refused = folder.run_with(&["serve"], &latest);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("as keys.seal_previous"), "{}", refused.err);
    let whole = [latest[0], ("GONGHUI_KEYS__SEAL_PREVIOUS", &previous[..])];
    let verified = folder.run_with(&["verify", "--config", "gonghui.toml"], &whole);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn stories_that_need_no_store_of_their_own_replay_against_a_service() {
    let folder = Folder::new();
    folder.configure("");
    let service = folder.serve();
    let replayed = service.replay(&format!("{FIXTURES}/stories"));
    assert_eq!(replayed.code, 0, "{}\n{}", replayed.out, replayed.err);
    assert!(replayed.err.contains("skipped "), "{}", replayed.err);
    assert_eq!(service.stop(), 0);
}
