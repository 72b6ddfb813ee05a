//! Every fixture, replayed as `gonghui replay fixtures/stories fixtures/messages` does.

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
