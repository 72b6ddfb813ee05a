//! Every fixture, replayed as `gonghui replay fixtures/stories fixtures/messages` does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gonghui::replay::{Options, run};
use gonghui::staff::activity::parse;

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder)
}

async fn replay(folder: &str) -> gonghui::replay::Report {
    let report = run(&[fixtures(folder)], &Options::default()).await.unwrap();
    let shown: Vec<_> =
        report.failures.iter().map(|fail| format!("{}:\n{}", fail.place, fail.what)).collect();
    assert!(report.is_fine(), "{}", shown.join("\n\n"));
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn every_story_is_answered_as_it_stands() {
    let report = replay("stories").await;
    assert!(report.stories >= 20 && report.posts > report.stories, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_is_answered() {
    let report = replay("messages").await;
    assert_eq!(report.posts, report.messages);
    assert!(report.messages >= 60, "{report:?}");
}

#[test]
fn every_activity_is_one_that_staff_could_send() {
    for entry in fs::read_dir(fixtures("activities")).unwrap() {
        let path = entry.unwrap().path();
        let parsed = parse(&fs::read_to_string(&path).unwrap());
        assert!(parsed.is_ok(), "{}: {:?}", path.display(), parsed.err());
    }
}

/// Reasons («为什么») that no story asks for, and why.
const UNASKED: &[(&str, &[&str])] = &[
    (
        "only where staff change an activity, or a draw runs, between two messages of a follower",
        &[
            "why.unknown_session",
            "why.consent_missing",
            "why.notice_not_agreed",
            "why.answer_missing",
            "why.answer_wrong",
            "why.party_too_large",
            "why.too_few_children",
            "why.draw_running",
        ],
    ),
    (
        "the chat doesn't lead there: it offers an appeal of a case once, and says of an estimate that isn't known yet \
         that it will be",
        &[
            "claim_why.no_scheme",
            "case_why.appealed_already",
            "claim_why.day_unknown",
            "claim_why.amount_unknown",
            "claim_why.days_unknown",
            "claim_why.disease_unknown",
            "claim_why.grade_unknown",
        ],
    ),
    ("staff alone approve, and are told so", &["claim_why.held", "claim_why.nothing_to_pay"]),
    (
        "only after dozens of claims, cases or messages, or thousands of applicants",
        &[
            "claim_why.too_many_open",
            "case_why.too_many_open",
            "case_why.too_many_messages",
            "case_why.round_full",
        ],
    ),
];

#[test]
fn every_reason_is_asked_for_in_some_story() {
    let texts = fs::read_to_string(fixtures("../menus/texts.toml")).unwrap();
    let texts: BTreeMap<String, toml::Value> = toml::from_str(&texts).unwrap();
    let mut replies = Vec::new();
    for flow in fs::read_dir(fixtures("stories")).unwrap() {
        for story in fs::read_dir(flow.unwrap().path()).unwrap() {
            for file in fs::read_dir(story.unwrap().path()).unwrap() {
                let path = file.unwrap().path();
                if path.to_string_lossy().ends_with(".reply.xml") {
                    replies.push(fs::read_to_string(path).unwrap());
                }
            }
        }
    }
    let excused: Vec<&str> = UNASKED.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let (mut silent, mut asked_after_all) = (Vec::new(), Vec::new());
    let reasons = texts.iter().filter(|(section, _)| *section == "why" || section.ends_with("_why"));
    let mut known = Vec::new();
    for (section, whys) in reasons {
        for (name, why) in whys.as_table().unwrap() {
            let name = format!("{section}.{name}");
            let asked = replies.iter().any(|reply| says(reply, why.as_str().unwrap()));
            match (asked, excused.contains(&name.as_str())) {
                (false, false) => silent.push(name.clone()),
                (true, true) => asked_after_all.push(name.clone()),
                _ => {}
            }
            known.push(name);
        }
    }
    assert_eq!(silent, Vec::<String>::new(), "no story asks why");
    assert_eq!(asked_after_all, Vec::<String>::new(), "no exceptions any more");
    let gone: Vec<_> = excused.iter().filter(|name| !known.contains(&(**name).to_owned())).collect();
    assert!(gone.is_empty() && known.len() > 100, "{gone:?} of {}", known.len());
}

/// Do the words stand there, with anything in the place of what is filled in?
fn says(reply: &str, words: &str) -> bool {
    let mut rest = reply;
    words.trim().split('{').enumerate().all(|(index, piece)| {
        let fixed = if index == 0 { piece } else { piece.split_once('}').map_or(piece, |(_, fixed)| fixed) };
        match rest.find(fixed) {
            Some(at) => {
                rest = &rest[at + fixed.len()..];
                true
            }
            None => false,
        }
    })
}
