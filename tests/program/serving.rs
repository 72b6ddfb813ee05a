//! A service that is configured, started, asked and stopped.

use std::fs;
use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::site::{Ran, Site};

const ACTIVITY: &str = r#"{"title":"周末健步走","place":"三江口",
  "sessions":[{"starts":"2099-12-05T09:00:00+08:00","ends":"2099-12-05T11:00:00+08:00","capacity":30}],
  "sign_up":{"opens":"2020-01-01T10:00:00+08:00","closes":"2099-12-04T18:00:00+08:00"}}"#;

fn said(out: &str, err: &str, code: i32) -> Ran {
    Ran { out: out.to_owned(), err: err.to_owned(), code }
}

#[test]
fn check_tells_every_problem_and_nothing_else() {
    let site = Site::empty();
    fs::write(site.path("gonghui.toml"), "[account]\nid = \"gh_1\"\nmode = \"plain\"\ntokn = \"abc\"\n")
        .unwrap();
    let out = "\
gonghui.toml    keys.seal      is missing; set it here, as `seal_file`, or as GONGHUI_KEYS__SEAL
gonghui.toml    store.path     is missing; name a folder on a local disk, like \"data/store\"
gonghui.toml:1  account.token  is missing; set it here, as `token_file`, or as GONGHUI_ACCOUNT__TOKEN
gonghui.toml:4  account.tokn   unknown key; did you mean `token`?
";
    assert_eq!(site.run(&["check"]), said(out, "4 problems\n", 1));
    let json: Value = serde_json::from_str(&site.run(&["check", "--json"]).out).unwrap();
    assert_eq!(json[3]["what"], "account.tokn");
}

#[test]
fn a_closed_pipe_is_a_quiet_success() {
    let site = Site::empty();
    for args in [&["keys", "new"][..], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = site.command(args).stdout(writer).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && !err.contains("panicked"), "{args:?}: {err}");
    }
}

#[test]
fn health_and_metrics_may_have_a_listener_of_their_own() {
    let site = Site::new();
    let ops = [("GONGHUI_SERVER__OPS_LISTEN", "127.0.0.1:0")];
    let service = site.serve_with("gonghui.toml", &ops);
    assert_eq!(service.get("/readyz").0, 404);
    assert_eq!(service.get_ops("/readyz"), (200, "ready\n".to_owned()));
    service.greeting("oUnion1");
    let (status, metrics) = service.get_ops("/metrics");
    assert_eq!(status, 200);
    assert!(metrics.contains("gonghui_turns_total{flow=\"follow\",outcome=\"answered\"} 1"), "{metrics}");
    assert!(metrics.contains("gonghui_outbox_depth 0"), "{metrics}");
    assert!(!metrics.contains("oUnion"));
    assert_eq!(service.stop(), 0);
}

#[test]
fn a_service_that_stops_says_so_until_what_is_in_flight_has_ended() {
    let site = Site::new();
    let service = site.serve();
    let mut post = service.unfinished_post();
    service.begin_to_stop();
    assert_eq!(service.get("/readyz"), (503, "not ready\n".to_owned()));
    assert_eq!(service.get("/api/v1/activities").0, 503);
    post.write_all(b"x").unwrap();
    let mut answer = String::new();
    post.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 403"), "an answer to the end: {answer}");
    assert_eq!(service.ended(), 0);
}

#[test]
fn a_second_service_on_the_same_store_says_why_it_does_not_start() {
    let site = Site::new();
    let service = site.serve();
    let second = site.run(&["serve"]);
    assert_eq!(second.code, 1);
    assert!(second.err.contains("in use by another process"), "{second:?}");
    assert_eq!(service.stop(), 0);
}

#[test]
fn a_service_is_worked_with_backed_up_stopped_and_restored() {
    let site = Site::new();
    fs::write(site.path("walk.json"), ACTIVITY).unwrap();
    let service = site.serve();

    let created = service.run(&["activity", "create", "walk.json", "--json"]);
    let id = serde_json::from_str::<Value>(&created.out).unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(service.run(&["activity", "publish", &id]).code, 0);
    let expected = format!(
        "ID  STATE      SEATS  TAKEN  WAITING  TITLE\n{id}  published  30     0      0        周末健步走\n"
    );
    assert_eq!(service.run(&["activity", "list"]), said(&expected, "", 0));
    let sheet = service.run(&["activity", "roster", &id, "--csv"]);
    assert!(sheet.out.starts_with('\u{feff}'), "{sheet:?}");
    let refused = service.run(&["activity", "create", "gonghui.toml"]);
    assert!(refused.err.starts_with("error: gonghui.toml is not JSON"), "{refused:?}");

    assert_eq!(service.run(&["backup", "copy"]).code, 0);
    assert_eq!(service.run(&["backup", "copy"]).code, 1, "a backup is never overwritten");
    assert_eq!(service.run(&["verify"]).code, 0);
    assert_eq!(service.run(&["audit"]).code, 0);
    let locked = site.run(&["verify", "--config", "gonghui.toml"]);
    assert!(locked.code == 1 && locked.err.contains("in use by another process"), "{locked:?}");
    assert_eq!(service.stop(), 0);

    assert_eq!(site.run(&["verify", "--config", "gonghui.toml"]).code, 0);
    assert_eq!(site.run(&["restore", "copy"]).code, 1, "a store is never overwritten");
    fs::remove_dir_all(site.path("data")).unwrap();
    let gone = site.run(&["verify", "--config", "gonghui.toml"]);
    assert!(gone.err.contains("there is no store at"), "{gone:?}");
    fs::create_dir(site.path("alone")).unwrap();
    fs::copy(site.path("copy"), site.path("alone/copy")).unwrap();
    let alone = site.run(&["restore", "alone/copy"]);
    assert!(alone.code == 1 && alone.err.contains("member-keys is missing"), "{alone:?}");
    assert!(!site.path("data").exists(), "no service would start on it");
    assert_eq!(site.run(&["restore", "copy"]).code, 0);
    let service = site.serve();
    assert!(service.run(&["activity", "list"]).out.contains("周末健步走"));
    assert_eq!(service.stop(), 0);
}

#[test]
fn edited_texts_are_taken_up_on_sighup_unless_they_are_wrong() {
    let site = Site::new();
    let text = fs::read_to_string(site.path("gonghui.toml")).unwrap();
    site.write("gonghui.toml", &format!("{text}[menus]\npath = \"menus\"\n"));
    let texts = site.path("menus/texts.toml");
    gonghui::content::write_embedded(&site.path("menus")).unwrap();
    let service = site.serve();
    assert!(service.greeting("oUnion1").contains("欢迎关注工惠"));

    let shipped = fs::read_to_string(&texts).unwrap();
    fs::write(&texts, shipped.replace("欢迎关注工惠", "新来的你好").replace("[welcome]", "[welcome"))
        .unwrap();
    service.hang_up("stay as they were");
    assert!(service.greeting("oUnion2").contains("欢迎关注工惠"));

    fs::write(&texts, shipped.replace("欢迎关注工惠", "新来的你好")).unwrap();
    service.hang_up("were read again");
    assert!(service.greeting("oUnion3").contains("新来的你好"));
    assert_eq!(service.stop(), 0);
}

#[test]
fn the_log_tells_of_turns_without_naming_anybody() {
    let site = Site::new();
    let service = site.serve();
    service.greeting("oUnion0000000000000000000001");
    let line = service.awaits("\"message\":\"turn\"");
    let turn: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&turn["follower"], &turn["kind"]), (&json!("oUni…0001"), &json!("event.subscribe")));
    assert_eq!((&turn["flow"], &turn["outcome"]), (&json!("follow"), &json!("answered")));
    assert_eq!(turn["turn"].as_str().map(str::len), Some(16));
    assert_eq!(service.stop(), 0);
}
