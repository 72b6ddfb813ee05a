//! The demo used over HTTP as its chat page does, and made into a story.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::site::{Site, ask, http};

/// A running demo; killed at the end.
struct Demo {
    child: Child,
    base: String,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Demo {
    fn start(site: &Site) -> Demo {
        let mut command = site.command(&["demo", "--listen", "127.0.0.1:0", "--data", "demo"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let base = lines.into_iter().find_map(|line| {
            let page = line.split_whitespace().find(|word| word.ends_with("/simulator/"))?.to_owned();
            Some(page.trim_end_matches("/simulator/").to_owned())
        });
        Demo { child, base: base.expect("where the demo listens") }
    }

    fn ask(&self, path: &str) -> Value {
        let (status, text) = ask(http().get(format!("{}/simulator/{path}", self.base)));
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    fn send(&self, path: &str, body: &Value) -> (u16, String) {
        ask(http().post(format!("{}/simulator/{path}", self.base)).json(body))
    }

    fn openid(&self, name: &str) -> String {
        let followers = self.ask("state")["followers"].clone();
        let found = followers.as_array().unwrap().iter().find(|follower| follower["name"] == name).cloned();
        found.unwrap()["openid"].as_str().unwrap().to_owned()
    }

    fn act(&self, openid: &str, act: Value) {
        let (status, text) = self.send(&format!("followers/{openid}/act"), &act);
        assert_eq!(status, 204, "{act}: {text}");
    }

    fn last(&self, openid: &str) -> String {
        let chat = self.ask(&format!("followers/{openid}"));
        let bubbles = chat["bubbles"].as_array().unwrap();
        bubbles.last().unwrap()["text"].as_str().unwrap_or_default().to_owned()
    }

    fn tap(&self, openid: &str, text: &str, id: &str) {
        self.act(openid, json!({"do": "tap", "text": text, "id": id}));
    }

    /// For the tea, which is activity 3.
    fn sign_up(&self, openid: &str, phone: &str) {
        self.act(openid, json!({"do": "menu", "key": "activity.list", "name": "活动报名"}));
        self.tap(openid, "报名", "apply-3");
        self.act(openid, json!({"do": "say", "text": phone}));
        self.tap(openid, "确认", "answer-3-0");
        assert!(self.last(openid).contains("报名成功"), "{}", self.last(openid));
    }
}

fn all(folder: &Path) -> String {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| format!("== {}\n{}", file.display(), fs::read_to_string(file).unwrap())).collect()
}

#[test]
fn what_was_tapped_becomes_a_story_that_replays() {
    let site = Site::empty();
    let demo = Demo::start(&site);
    let (wang, mei) = (demo.openid("老王"), demo.openid("小梅"));
    demo.sign_up(&wang, "13711112222");
    demo.sign_up(&mei, "139 8765 4321");
    let (status, text) = demo.send("clock", &json!({"seconds": 86_400}));
    assert_eq!(status, 200, "{text}");
    demo.act(&mei, json!({"do": "menu", "key": "activity.mine", "name": "我的报名"}));

    let args = ["record", "sign_up/by_mei", "--from", &demo.base, "--followers", "小梅", "-o", "stories"];
    let said = site.run(&args);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.out, "stories/sign_up/by_mei\n");
    assert!(
        said.err.contains("5 steps recorded, 1 personal values replaced\nthe story replays\n"),
        "{}",
        said.err
    );
    let story = all(&site.path("stories/sign_up/by_mei"));
    for private in ["8765", "4321", "13711112222", &mei, &wang] {
        assert!(!story.contains(private), "{private} in\n{story}");
    }
    assert!(story.contains("do = \"wait\"\nfor = \"1d\""), "{story}");
    assert!(story.contains("A3-1-0001") && !story.contains("A3-1-0002"), "{story}");

    let replayed = site.run(&["replay", "stories"]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    assert!(
        replayed.err.contains("1 stories and 0 messages, 5 posts answered, 0 failures"),
        "{}",
        replayed.err
    );
    let again = site.run(&args);
    assert_eq!((again.code, again.err.as_str()), (1, "error: stories/sign_up/by_mei is there already\n"));
}

#[test]
fn a_record_of_nothing_says_what_to_do() {
    let site = Site::empty();
    let nobody = site.run(&["record", "a", "--from", "http://127.0.0.1:1"]);
    assert!(nobody.err.contains("hint: is `gonghui demo` running there?"), "{nobody:?}");
    assert_eq!(site.run(&["record", "../a"]).code, 2);
    let demo = Demo::start(&site);
    let nothing = site.run(&["record", "a", "--from", &demo.base]);
    assert!(nothing.err.contains("nothing was tapped"), "{nothing:?}");
}

#[test]
fn the_demos_clock_goes_forward_and_the_service_goes_with_it() {
    let site = Site::empty();
    let demo = Demo::start(&site);
    let mei = demo.openid("小梅");
    let before = demo.ask("clock");
    assert_eq!(before["ahead_s"], 0);
    let (status, after) = demo.send("clock", &json!({"seconds": 60 * 86_400}));
    let after: Value = serde_json::from_str(&after).unwrap();
    assert_eq!((status, after["ahead_s"].as_i64()), (200, Some(60 * 86_400)));
    let ahead = after["now_ms"].as_i64().unwrap() - before["now_ms"].as_i64().unwrap();
    assert!((0..60_000).contains(&(ahead - 60 * 86_400_000)), "{ahead}");
    // The webhook takes what is signed at that time, and no activity is open any more.
    demo.act(&mei, json!({"do": "menu", "key": "activity.list", "name": "活动报名"}));
    assert!(!demo.last(&mei).contains("健步走"), "{}", demo.last(&mei));
    assert!(!demo.last(&mei).contains("故障"), "{}", demo.last(&mei));
    for wrong in [json!({"seconds": -1}), json!({"seconds": "soon"}), json!({"seconds": 90_000 * 86_400_i64})]
    {
        assert!(demo.send("clock", &wrong).0 >= 400, "{wrong}");
    }
}

#[test]
fn a_demo_that_is_started_again_is_as_late_as_its_clock_was_moved() {
    const AHEAD_S: i64 = 60 * 86_400;
    let site = Site::empty();
    let demo = Demo::start(&site);
    let mei = demo.openid("小梅");
    demo.sign_up(&mei, "13711112222");
    let (status, text) = demo.send("clock", &json!({"seconds": AHEAD_S}));
    assert_eq!(status, 200, "{text}");
    demo.act(&mei, json!({"do": "menu", "key": "claim.home", "name": "医疗互保"}));
    let before = demo.ask("clock")["now_ms"].as_i64().unwrap();
    drop(demo);

    let again = Demo::start(&site);
    let clock = again.ask("clock");
    assert_eq!(clock["ahead_s"], AHEAD_S, "{clock}");
    assert!(clock["now_ms"].as_i64().unwrap() >= before, "{clock}");
    // The session was weeks ago, and so it is still.
    again.act(&mei, json!({"do": "menu", "key": "activity.list", "name": "活动报名"}));
    assert!(!again.last(&mei).contains("茶艺"), "{}", again.last(&mei));
    let (status, text) = again.send("clock", &json!({"seconds": 86_400}));
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, told["ahead_s"].as_i64()), (200, Some(AHEAD_S + 86_400)), "{text}");
}
