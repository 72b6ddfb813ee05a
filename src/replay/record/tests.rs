use std::fs;

use serde_json::{Value, json};

use super::*;

const START_MS: i64 = 1_796_540_000_000; // 2026-12-06, in the second week after the fixtures' own

fn push(openid: &str, after_s: i64, fields: &str) -> Value {
    let at_ms = START_MS + after_s * 1000;
    let message = format!(
        "<xml><ToUserName>gh_other</ToUserName><FromUserName>{openid}</FromUserName>\
         <CreateTime>{}</CreateTime>{fields}</xml>",
        at_ms / 1000
    );
    json!({"openid": openid, "at_ms": at_ms, "message": message, "answer": ""})
}

fn says(openid: &str, after_s: i64, words: &str) -> Value {
    push(openid, after_s, &format!("<MsgType>text</MsgType><Content>{words}</Content><MsgId>1</MsgId>"))
}

/// The demo ran a week after the one that the fixtures are written for.
fn tape(pushes: Vec<Value>) -> Tape {
    let activity = |name: &str| {
        let text = fs::read_to_string(format!("fixtures/activities/{name}.json")).unwrap();
        let form = same::moved(&serde_json::from_str(&text).unwrap(), -7 * 24 * 3600 * 1000);
        json!({"state": "published", "created": "2026-12-06T10:00:00+08:00", "activity": form})
    };
    let activities = [activity("hike"), activity("tea")];
    let followers = json!([{"openid": "oMei", "name": "小梅"}, {"openid": "oWang", "name": "老王"}]);
    serde_json::from_value(json!({"activities": activities, "followers": followers, "pushes": pushes}))
        .unwrap()
}

fn wanted(folder: &std::path::Path, followers: &[&str]) -> Wanted {
    Wanted {
        about: "测试".to_owned(),
        followers: followers.iter().map(|name| (*name).to_owned()).collect(),
        folder: folder.join("story"),
    }
}

fn all(folder: &std::path::Path) -> String {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| format!("== {}\n{}", file.display(), fs::read_to_string(file).unwrap())).collect()
}

fn taps(openid: &str, after_s: i64, words: &str, id: &str) -> Value {
    let fields = format!(
        "<MsgType>text</MsgType><Content>{words}</Content><MsgId>1</MsgId><bizmsgmenuid>{id}</bizmsgmenuid>"
    );
    push(openid, after_s, &fields)
}

fn answered(mut push: Value, says: &str) -> Value {
    let openid = push["openid"].as_str().unwrap();
    push["answer"] = Value::from(format!(
        "<xml><ToUserName>{openid}</ToUserName><FromUserName>gh_other</FromUserName><CreateTime>1</CreateTime>\
         <MsgType>text</MsgType><Content><![CDATA[{says}]]></Content></xml>"
    ));
    push
}

/// The whole sign-up for the tea; the demo gives it the number 3, since two others were there before.
fn sign_up() -> Vec<Value> {
    vec![
        taps("oMei", 0, "报名", "apply-2"),
        answered(says("oMei", 10, "+86 139 8765 4321"), "确认报名吗？手机：139****4321"),
        answered(taps("oMei", 20, "确认", "answer-2-0"), "报名成功！编号：A2-1-0003"),
        says("oWang", 25, "你好"),
        taps("oMei", 2 * 86_400, "取消报名", "cancel-2-1-3"),
        answered(taps("oMei", 2 * 86_400 + 10, "确定取消", "give_back-2-1-3"), "已取消 A2-1-0003"),
    ]
}

#[tokio::test]
async fn a_recorded_sign_up_replays_with_nothing_of_the_person_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = wanted(folder.path(), &[]);
    let recorded = record(&tape(sign_up()), &wanted).await.unwrap();
    let story = all(&wanted.folder);
    assert!(recorded.report.is_fine(), "{:?}\n{story}", recorded.report.failures);
    assert_eq!((recorded.steps, recorded.masked, recorded.report.posts), (6, 1, 6));
    for private in ["8765", "4321", "oMei", "oWang", "gh_other"] {
        assert!(!story.contains(private), "{private} in\n{story}");
    }
    assert!(story.contains("<Content><![CDATA[13800001001]]></Content>"), "{story}");
    assert!(story.contains("oUnion_mei_0000000000000001a"), "{story}");
    assert!(story.contains("报名成功"), "the number is taken\n{story}");
}

#[tokio::test]
async fn taps_follow_the_numbers_that_sign_ups_get_in_the_replay() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = wanted(folder.path(), &["小梅"]);
    let recorded = record(&tape(sign_up()), &wanted).await.unwrap();
    let story = all(&wanted.folder);
    assert!(recorded.report.is_fine(), "{:?}", recorded.report.failures);
    assert_eq!(recorded.steps, 5, "老王 was left out");
    assert!(story.contains("<![CDATA[give_back-2-1-1]]>") && !story.contains("A2-1-0003"), "{story}");
    let last = fs::read_to_string(wanted.folder.join("05-tap.reply.xml")).unwrap();
    assert!(last.contains("取消"), "{last}");
    assert!(!last.contains("不是您的") && !last.contains("没有这"), "{last}");
}

#[tokio::test]
async fn time_is_the_fixtures_own_and_pauses_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = wanted(folder.path(), &["小梅"]);
    record(&tape(sign_up()), &wanted).await.unwrap();
    let toml = fs::read_to_string(wanted.folder.join("story.toml")).unwrap();
    assert!(toml.contains("starts = \"2026-11-29T"), "a week back\n{toml}");
    assert!(toml.contains("step = 4\ndo = \"wait\"\nfor = \"2d\""), "{toml}");
    assert!(toml.contains("with = {"), "no fixtures are near\n{toml}");
}

#[tokio::test]
async fn activities_that_stand_in_a_file_are_named_by_it() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("activities")).unwrap();
    for name in ["hike", "tea"] {
        let file = format!("activities/{name}.json");
        fs::copy(format!("fixtures/{file}"), root.path().join(file)).unwrap();
    }
    let wanted = wanted(&root.path().join("stories/sign_up"), &[]);
    let recorded = record(&tape(sign_up()), &wanted).await.unwrap();
    assert!(recorded.report.is_fine(), "{:?}", recorded.report.failures);
    let toml = fs::read_to_string(wanted.folder.join("story.toml")).unwrap();
    assert!(toml.contains("file = \"../../../activities/tea.json\""), "{toml}");
}

#[tokio::test]
async fn what_can_not_become_a_story_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = record(&tape(sign_up()), &wanted(folder.path(), &["李四"])).await.unwrap_err();
    assert_eq!(nobody.to_string(), "nobody is called 李四; there are 小梅, 老王");
    let nothing = record(&tape(Vec::new()), &wanted(folder.path(), &[])).await.unwrap_err();
    assert!(matches!(nothing, RecordError::Nothing));
    fs::create_dir(folder.path().join("story")).unwrap();
    let there = record(&tape(sign_up()), &wanted(folder.path(), &[])).await.unwrap_err();
    assert!(matches!(there, RecordError::Exists(_)), "{there}");
}
