//! What is kept stays its user's alone, and readable as long as its keys are given.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::site::{SEAL, Site, contents};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

#[test]
fn what_it_writes_is_its_users_alone() {
    let site = Site::new();
    let service = site.serve();
    service.greeting("oUnion1");
    assert_eq!(service.run(&["backup", "today"]).code, 0);
    assert_eq!(service.stop(), 0);
    let mut seen = 0;
    let copies = ["today", "member-keys"].map(|name| site.path(name));
    for file in contents(&site.path("data")).into_iter().map(|(file, _)| file).chain(copies) {
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} {mode:o}", file.display());
        seen += 1;
    }
    assert!(seen >= 5, "{seen} files");
}

/// A key that is left out while something is still sealed with it is asked for at the start, not missed later; the
/// service says when it can go.
#[test]
fn an_earlier_key_is_asked_for_until_the_service_says_that_it_is_no_longer_needed() {
    let site = Site::new();
    let service = site.serve();
    service.greeting("oUnion1");
    assert_eq!(service.stop(), 0);
    let mut previous = SEAL.to_owned();
    for key in [(); 2].map(|()| site.run(&["keys", "new"]).out.trim().to_owned()) {
        let alone = [("GONGHUI_KEYS__SEAL", &key[..])];
        let both = [alone[0], ("GONGHUI_KEYS__SEAL_PREVIOUS", &previous[..])];
        let refused = site.run_with(&["serve"], &alone);
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.err.contains("as keys.seal_previous"), "{}", refused.err);
        let keys = site.run_with(&["keys", "show"], &both).out;
        assert!(keys.contains("keys.seal           not needed"), "it never ran with it: {keys}");
        assert!(keys.contains("keys.seal_previous  needed"), "{keys}");

        let service = site.serve_with("gonghui.toml", &both);
        service.awaits("keys.seal_previous is no longer needed");
        let (_, metrics) = service.get("/metrics");
        assert!(metrics.contains("gonghui_earlier_seal_keys 0\n"), "{metrics}");
        let keys = site.run_with(&["keys", "show", "--json"], &both).out;
        let keys: serde_json::Value = serde_json::from_str(&keys).unwrap();
        assert_eq!((&keys[0]["needed"], &keys[1]["needed"]), (&true.into(), &false.into()), "{keys}");
        service.kill();
        let verified = site.run_with(&["verify", "--config", "gonghui.toml"], &alone);
        assert_eq!(verified.code, 0, "{verified:?}");
        previous = key;
    }
}

#[test]
fn stories_that_need_no_store_of_their_own_replay_against_a_service() {
    let site = Site::new();
    let service = site.serve();
    let stories = format!("{FIXTURES}/stories");
    let replayed = site.run(&["replay", "--url", &service.base, &stories]);
    assert_eq!(replayed.code, 0, "{}\n{}", replayed.out, replayed.err);
    assert!(replayed.err.contains("skipped "), "{}", replayed.err);
    assert_eq!(service.stop(), 0);
}
