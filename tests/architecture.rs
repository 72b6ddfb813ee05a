//! The walls between the rooms, which in one crate no compiler guards: who may use whom, and no file too long to
//! be read in one go. See `docs/ARCHITECTURE.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gonghui::domain::activity::rules::Refusal;
use gonghui::domain::benefit::rules as benefit;
use gonghui::domain::eligibility::Ineligible;
use gonghui::domain::member::binding;

/// A room, and what it may use besides itself, [`LEAFS`] and nothing else: a room, or a part of one.
const ARROWS: &[(&str, &[&str])] = &[
    ("privacy", &[]),
    ("moment", &[]),
    ("drawing", &[]),
    ("wechat", &[]),
    ("store", &[]),
    ("content", &["wechat"]),
    ("domain", &["store"]),
    ("flows", &["domain", "content", "wechat::message", "wechat::reply", "store"]),
    ("dispatch", &["flows", "domain", "content", "wechat", "store"]),
    ("staff", &["domain", "store"]),
    ("outbox", &["domain", "store", "wechat::api"]),
    ("server", &["dispatch", "staff", "domain", "content", "wechat", "store"]),
    ("simulator", &["wechat", "specimens"]),
    ("specimens", &[]),
    (
        "replay",
        &[
            "server",
            "dispatch",
            "staff",
            "outbox",
            "domain",
            "content",
            "wechat",
            "store",
            "specimens",
            "app::ContentWords",
        ],
    ),
    ("samples", &["staff", "domain"]),
    ("config", &["wechat", "domain", "outbox", "server", "staff", "dispatch::memory"]),
    ("app", &EVERYTHING),
    ("cli", &EVERYTHING),
    ("lib", &EVERYTHING),
    ("main", &EVERYTHING),
];

const EVERYTHING: [&str; 1] = ["*"];

/// Small, without dependencies: everybody may use them.
const LEAFS: &[&str] = &["privacy", "moment", "drawing"];

const LINES_MAX: usize = 700;

#[test]
fn rooms_use_only_what_they_may() {
    let mut broken = Vec::new();
    for file in rust_files("src") {
        let room = room(&file);
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
            broken.push(format!("{}: the room {room:?} has no row in ARROWS", file.display()));
            continue;
        };
        for (line, path) in uses(&fs::read_to_string(&file).unwrap(), is_root(&file)) {
            if !may_use(&room, allowed, &path) {
                broken.push(format!("{}:{line}: {room} -> {path} is not drawn", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn no_file_is_too_long_to_read() {
    let files = ["src", "tests", "benches", "fuzz/fuzz_targets"].into_iter().flat_map(rust_files);
    let length = |file: PathBuf| (fs::read_to_string(&file).unwrap().lines().count(), file);
    let long: Vec<_> = files.map(length).filter(|(lines, _)| *lines > LINES_MAX).collect();
    assert!(long.is_empty(), "over {LINES_MAX} lines: {long:?}");
}

#[test]
fn every_refusal_has_its_sentence_and_its_reason() {
    let texts: toml::Table = fs::read_to_string("menus/texts.toml").unwrap().parse().unwrap();
    let rooms = [
        (["refusal", "why"], Refusal::CODES),
        (["ineligible", "ineligible_why"], Ineligible::CODES),
        (["welfare_refusal", "welfare_why"], benefit::Refusal::CODES),
        (["membership_refusal", "membership_why"], binding::Refusal::CODES),
    ];
    for (sections, codes) in rooms {
        for section in sections {
            let said: BTreeSet<&str> =
                texts[section].as_table().unwrap().keys().map(String::as_str).collect();
            let known: BTreeSet<&str> = codes.iter().copied().collect();
            assert_eq!(said, known, "[{section}] of menus/texts.toml against the codes of refusals");
        }
    }
}

/// `src/store/engine/mod.rs` is of the room `store`, `src/app.rs` of `app`.
fn room(file: &Path) -> String {
    let first = file.iter().nth(1).unwrap().to_str().unwrap();
    first.strip_suffix(".rs").unwrap_or(first).to_owned()
}

/// Is `super` there the crate?
fn is_root(file: &Path) -> bool {
    file.iter().count() == 2 || (file.iter().count() == 3 && file.ends_with("mod.rs"))
}

fn may_use(room: &str, allowed: &[&str], path: &str) -> bool {
    let used = path.split("::").next().unwrap_or_default();
    let within = |arrow: &&str| path == *arrow || path.starts_with(&format!("{arrow}::"));
    used == room || LEAFS.contains(&used) || *allowed == EVERYTHING || allowed.iter().any(within)
}

/// Every path into the crate that a file names, with its line: the room and the part below it.
fn uses(text: &str, is_root: bool) -> Vec<(usize, String)> {
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let mut uses = Vec::new();
    for (index, line) in code.iter().enumerate() {
        for (at, _) in line.match_indices("crate::") {
            if is_word_before(line, at) {
                continue; // `my_crate::`
            }
            let rest = format!("{}\n{}", &line[at + "crate::".len()..], code[index + 1..].join("\n"));
            uses.extend(named(&rest).into_iter().map(|path| (index + 1, path)));
        }
        for (at, _) in line.match_indices("super::").filter(|_| is_root) {
            let path = first_names(&line[at + "super::".len()..]);
            let used = path.split("::").next().unwrap_or_default();
            if ARROWS.iter().any(|(room, _)| *room == used) {
                uses.push((index + 1, path));
            }
        }
    }
    uses
}

fn is_word_before(line: &str, at: usize) -> bool {
    line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// The paths behind `crate::`: one, or those of a group in braces.
fn named(rest: &str) -> Vec<String> {
    let Some(group) = rest.strip_prefix('{') else { return vec![first_names(rest)] };
    let (mut depth, mut start, mut paths) = (1, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            let path = first_names(group[start..at].trim());
            paths.extend(Some(path).filter(|path| !path.is_empty()));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    paths
}

/// `store::engine` of `store::engine::Engine;`
fn first_names(path: &str) -> String {
    let end = path.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(path.len());
    path[..end].split("::").take(2).filter(|name| !name.is_empty()).collect::<Vec<_>>().join("::")
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn what_a_file_uses_is_found() {
    let text = "use crate::{domain::outbox::{commands, record}, store::Tx,\n    moment::Time};\n\
                let x = crate::wechat::reply::Reply::new(); // crate::server\nuse not_crate::cli;\nsuper::flows::x";
    let found = |is_root| uses(text, is_root).into_iter().map(|(line, path)| format!("{line} {path}"));
    let inside = ["1 domain::outbox", "1 store::Tx", "1 moment::Time", "3 wechat::reply"];
    assert_eq!(found(false).collect::<Vec<_>>(), inside);
    assert_eq!(found(true).next_back().unwrap(), "5 flows::x");
}
