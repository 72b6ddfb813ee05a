//! `fixtures/messages`: one push of each kind and what it parses to. `BLESS=1 cargo test --test messages`
//! writes the `.json` files anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gonghui::wechat::message::Inbound;

#[test]
fn every_message_parses_to_what_stands_beside_it() {
    let mut wrong = Vec::new();
    for path in files("xml") {
        let expected = path.with_extension("json");
        let found = serde_json::to_string_pretty(&parse(&path)).unwrap() + "\n";
        if is_blessing() {
            fs::write(&expected, &found).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != found {
            wrong.push(format!("{} should be\n{found}", expected.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_field_hides_another_in_json() {
    for path in files("xml") {
        let message = parse(&path);
        let deduplicated = serde_json::to_value(&message).unwrap().to_string();
        assert_eq!(serde_json::to_string(&message).unwrap().len(), deduplicated.len(), "{}", path.display());
    }
}

#[test]
fn every_expectation_belongs_to_a_message() {
    let lonely: Vec<_> =
        files("json").into_iter().filter(|path| !path.with_extension("xml").exists()).collect();
    assert!(lonely.is_empty(), "{lonely:?}");
}

#[test]
fn every_kind_has_a_message() {
    let present: BTreeSet<_> = files("xml").iter().map(|path| parse(path).kind_name()).collect();
    assert_eq!(present, Inbound::kind_names().collect());
}

#[test]
fn written_and_read_again_a_message_is_the_same() {
    for path in files("xml") {
        let message = parse(&path);
        let again = Inbound::parse(message.to_xml().as_bytes()).unwrap();
        assert_eq!(Inbound { raw_hash: message.raw_hash, ..again }, message, "{}", path.display());
    }
}

#[test]
fn messages_of_one_follower_are_told_apart() {
    let keys: BTreeSet<_> = files("xml").iter().map(|path| parse(path).key()).collect();
    assert_eq!(keys.len(), files("xml").len());
}

fn parse(path: &Path) -> Inbound {
    Inbound::parse(&fs::read(path).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/messages");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    paths.sort();
    paths
}

#[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
fn is_blessing() -> bool {
    std::env::var("BLESS").is_ok()
}
