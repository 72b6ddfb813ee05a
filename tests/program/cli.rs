//! The command line as people use it: whole outputs, exit codes, and what is on disk afterwards.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::follower::Follower;
use crate::site::{OTHER_SEAL, Ran, SEAL, Service, Site, TOKEN, activity, contents, feed, program};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn run(args: &[&str]) -> Ran {
    Ran::from(program(args).output().unwrap())
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let mut commands = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(command) = commands.pop() {
        let args: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let ran = run(&args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
        let name = [&["gonghui".to_owned()], &command[..]].concat().join(" ");
        let found = ["\nExample:\n", "\nExamples:\n"].iter().find_map(|head| ran.out.split_once(head));
        let (_, example) = found.unwrap_or_else(|| panic!("{name}: {}", ran.out));
        assert!(example.contains(&name), "{name}: {}", ran.out);
        assert!(!ran.out.contains("[default: \"\"]"), "nothing is no default to tell: {}", ran.out);
        let below = subcommands(&ran.out).into_iter();
        commands.extend(below.map(|sub| [&command[..], &[sub]].concat()));
        seen += 1;
    }
    assert!(seen > 15, "only {seen} commands were found");
    assert!(run(&["--version"]).done().starts_with("gonghui "));
}

/// A bare machine has no CA certificates; plain HTTP needs none, and HTTPS says what is missing.
#[test]
fn certificates_are_asked_for_only_where_they_are_needed() {
    let list = |server: &str| {
        let mut command = program(&["activity", "list", "--server", server]);
        command
            .env("GONGHUI_TOKEN", TOKEN)
            .env("SSL_CERT_FILE", "/dev/null")
            .env("SSL_CERT_DIR", "/nonexistent");
        Ran::from(command.output().unwrap()).failed(1)
    };
    let plain = list("http://127.0.0.1:1");
    assert!(plain.starts_with("error: can't reach the service at http://127.0.0.1:1"), "{plain}");
    let sealed = list("https://127.0.0.1:1");
    assert!(sealed.contains("hint: does the machine have CA certificates"), "{sealed}");
}

/// The names under `Commands:`.
fn subcommands(help: &str) -> Vec<String> {
    let lines =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let name = |line: &str| line.split_whitespace().next().map(str::to_owned);
    lines.filter_map(name).filter(|name| name != "help").collect()
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    let wrong: &[&[&str]] = &[
        &[],
        &["sreve"],
        &["serve", "--confg", "x"],
        &["activity"],
        &["activity", "publish"],
        &["activity", "show", "../../etc"],
        &["activity", "roster", "A1", "--csv", "--json"],
        &["activity", "cancel", "A1"],
        &["activity", "list", "--server", "ftp://example.org"],
        &["verify", "--config", "x", "--server", "http://127.0.0.1:1"],
        &["backup"],
        &["keys", "old"],
    ];
    for args in wrong {
        let ran = Ran::from(program(args).env("GONGHUI_TOKEN", TOKEN).output().unwrap());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {ran:#?}");
        assert!(!ran.err.is_empty(), "{args:?}");
    }
    let told = run(&["replay", "nowhere"]).failed(1);
    assert!(told.starts_with("error: nowhere"), "{told}");
    let told = run(&["replay", "nowhere", "--url", "http://127.0.0.1:1"]).failed(1);
    assert!(told.starts_with("error: the configuration is wrong:\ngonghui.toml"), "{told}");
    assert!(told.contains("\nhint: ") && told.contains("`--config demo/gonghui.toml`"), "{told}");
    let told = run(&["activity", "list"]).failed(1);
    assert_eq!(told, "error: no token: set GONGHUI_TOKEN\nhint: `gonghui staff token` makes one\n");
}

#[test]
fn a_service_that_does_not_run_is_said_to() {
    // A port that was free a moment ago, and that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = format!("http://127.0.0.1:{port}");
    let told = Site::new().run(&["activity", "list", "--server", &server]).failed(1);
    assert!(told.starts_with(&format!("error: can't reach the service at {server}: ")), "{told}");
    assert!(told.ends_with("hint: is it running, and is --server its address?\n"), "{told}");
}

/// A file that was cut off, or is another one, is said to be before the service is asked.
#[test]
fn a_list_of_nothing_is_no_list() {
    let site = Site::new();
    let commands: &[(&[&str], &str)] = &[
        (&["payment", "import", "5"], "number,result\n"),
        (&["benefit", "codes", "W1"], "code\n"),
        (&["benefit", "used", "W1"], "code\n\n"),
        (&["benefit", "people", "W1"], ""),
        (&["member", "import"], "姓名,身份证号,工会\n"),
    ];
    for (command, head) in commands {
        for text in [*head, "\n"] {
            site.write("list.csv", text);
            let told =
                site.run(&[*command, &["list.csv", "--server", "http://127.0.0.1:1"]].concat()).failed(1);
            let expected =
                told.contains("list.csv holds no rows") || told.contains("the first row names no column");
            assert!(expected, "{command:?}: {told}");
        }
    }
    site.write("list.csv", "M000001\nx,y\n");
    let told = site.run(&["benefit", "people", "W1", "list.csv", "--server", "http://127.0.0.1:1"]).failed(1);
    assert_eq!(told, "error: list.csv:2: an id holds letters, digits, - and _ only\n");
}

#[test]
fn check_tells_every_mistake_of_a_configuration_at_once() {
    let site = Site::new();
    let text = std::fs::read_to_string(site.path("gonghui.toml")).unwrap();
    let wrong = text
        .replace("mode = \"safe\"", "mode = \"sfae\"")
        .replace("cache_mib = 8", "cache_mb = 8")
        .replace("\"127.0.0.1:0\"", "\"localhost\"")
        .replace("[\"admin\"]", "[\"boss\"]");
    site.write("wrong.toml", &wrong);
    let ran = site.run(&["check", "--config", "wrong.toml"]);
    let expected = "\
wrong.toml:6   account.mode    must be \"plain\", \"compatible\" or \"safe\"
wrong.toml:8   server.listen   must be an address and port like \"127.0.0.1:8080\"
wrong.toml:12  store.cache_mb  unknown key; did you mean `cache_mib`?
wrong.toml:17  staff.0.roles   no role \"boss\"; there are activity, benefit, merchant, claim, payment, broadcast, case, member, auditor, admin
";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, expected, "4 problems\n"));
    let listed: Value =
        serde_json::from_str(&site.run(&["check", "--config", "wrong.toml", "--json"]).out).unwrap();
    assert_eq!(listed.as_array().map(Vec::len), Some(4), "{listed:#}");
    let told = site.run(&["serve", "--config", "wrong.toml"]).failed(1);
    assert_eq!(told, format!("error: the configuration is wrong:\n{expected}"));

    let fine = site.run(&["check"]);
    assert_eq!(fine.code, 0, "{}", fine.err);
    // Late in a year the next one's holidays may be worth a look.
    assert!(fine.err.starts_with("gonghui.toml: nothing is wrong"), "{}", fine.err);
    assert!(!site.path("data/store").exists(), "check made a store");
}

#[test]
fn check_tells_every_mistake_of_menus_keywords_and_texts() {
    let site = Site::new();
    std::fs::create_dir(site.path("menus")).unwrap();
    let shipped = |name: &str| std::fs::read_to_string(Path::new("menus").join(name)).unwrap();
    let text = std::fs::read_to_string(site.path("gonghui.toml")).unwrap();
    site.write("gonghui.toml", &format!("{text}[menus]\npath = \"menus\"\n"));
    for name in ["keywords.toml", "default.json", "texts.toml"] {
        site.write(&format!("menus/{name}"), &shipped(name));
    }
    site.run(&["check"]).done();

    let texts = shipped("texts.toml")
        .replace("报名号：{number}", "报名号：{nmber}")
        .replace("\nbusy = ", "\nbussy = ");
    site.write("menus/texts.toml", &texts);
    site.write("menus/default.json", &shipped("default.json").replace("activity.craft", "activity.kraft"));
    let ran = site.run(&["check"]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    for wrong in ["nmber", "error.busy", "activity.kraft"] {
        let said = ran.out.lines().any(|line| line.contains(wrong) && !line.ends_with("(info)"));
        assert!(said, "{wrong}: {}", ran.out);
    }
    assert!(ran.err.ends_with("problems\n"), "{}", ran.err);
}

#[test]
fn a_staff_token_comes_with_its_hash() {
    let printed = run(&["staff", "token", "--json"]).json();
    let token = printed["token"].as_str().unwrap();
    assert_eq!(printed["token_sha256"], hex::encode(Sha256::digest(token)));
    let lines = run(&["staff", "token"]).done();
    let words: Vec<&str> = lines.split_whitespace().collect();
    let ["token", token, "token_sha256", hash] = words[..] else { panic!("{lines}") };
    assert_eq!(hash, hex::encode(Sha256::digest(token)));
    assert_ne!(printed["token"], token);
}

#[test]
fn a_new_sealing_key_is_one() {
    let key = || run(&["keys", "new"]).done();
    let (first, second) = (key(), key());
    assert_ne!(first, second);
    let bytes = STANDARD.decode(first.strip_suffix('\n').unwrap()).unwrap();
    assert_eq!(bytes.len(), 32);
    let site = Site::new();
    site.configure("fresh.toml", "fresh", first.trim());
    site.run(&["check", "--config", "fresh.toml"]).done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_lead_an_activity_from_draft_to_roster() {
    let site = Site::new();
    let service = site.serve();
    let question = json!([{ "name": "name", "ask": "请输入姓名", "kind": "text" }]);
    site.write("hike.json", &activity("周末健步走", 1, 5, question).to_string());

    let created = service.run(&["activity", "create", "hike.json"]);
    assert_eq!(created.err, "It is a draft; `gonghui activity publish` shows it to followers.\n");
    let head = "ID  STATE      SEATS  TAKEN  WAITING  TITLE\n";
    assert_eq!(
        created.done(),
        "ID  STATE  SEATS  TAKEN  WAITING  TITLE\nA1  draft  1      0      0        周末健步走\n"
    );
    assert_eq!(
        service.run(&["activity", "publish", "A1"]).done(),
        format!("{head}A1  published  1      0      0        周末健步走\n")
    );

    let (hostile, other) = (Follower::new(1), Follower::new(2));
    let answer = hostile.sign_up(&service.base, "A1", &["=1+1"]).await;
    assert!(
        answer.text.contains("报名成功") && answer.number().as_deref() == Some("A1-1-0001"),
        "{answer:?}"
    );
    let answer = other.sign_up(&service.base, "A1", &["张三"]).await;
    assert!(answer.text.contains("排第1位"), "{answer:?}");

    assert_eq!(
        service.run(&["activity", "list"]).done(),
        format!("{head}A1  published  1      1      1        周末健步走\n")
    );
    let roster = service.run(&["activity", "roster", "A1"]);
    assert_eq!(roster.err, "1 of 1 seats taken, 1 waiting\n");
    let expected = "\
NUMBER     STATUS     SESSION  SEATS  ANSWERS
A1-1-0001  confirmed  1        1      name==1+1
A1-1-0002  waiting    1        1      name=张三
";
    assert_eq!(roster.done(), expected);
    assert_eq!(service.run(&["activity", "roster", "A1", "--json"]).json(), service.roster("A1").await);
    let sheet = service.run(&["activity", "roster", "A1", "--csv"]).done();
    let cells = cells(&sheet);
    assert_eq!(cells[0].first().map(String::as_str), Some("报名号"));
    assert_eq!(cells[1].last().map(String::as_str), Some("'=1+1"));
    assert_eq!(cells[2].last().map(String::as_str), Some("张三"));

    assert_eq!(
        service.run(&["activity", "close", "A1"]).done(),
        "ID  STATE   SEATS  TAKEN  WAITING  TITLE\nA1  closed  1      1      1        周末健步走\n"
    );
    assert_eq!(service.run(&["activity", "publish", "A9"]).failed(1).lines().count(), 1);
}

/// As a spreadsheet opens it.
fn cells(sheet: &str) -> Vec<Vec<String>> {
    let plain = sheet.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(plain.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_activity_is_refused_field_by_field() {
    let site = Site::new();
    let service = site.serve();
    let mut wrong = activity("周末健步走", 10, 0, json!([]));
    wrong["sessions"][0]["capcity"] = json!(3);
    let mut create = service.command(&["activity", "create", "-"]);
    let told = feed(&mut create, &wrong.to_string()).failed(1);
    assert!(told.starts_with("error: sessions[0]") && told.contains("capcity"), "{told}");
    site.write("no.json", "{");
    let told = service.run(&["activity", "create", "no.json"]).failed(1);
    assert!(told.starts_with("error: no.json is not JSON: "), "{told}");
    let mut stranger = service.command(&["activity", "list"]);
    let told = Ran::from(stranger.env("GONGHUI_TOKEN", "guessed").output().unwrap()).failed(1);
    assert!(told.contains("hint: is GONGHUI_TOKEN one whose hash is in the configuration"), "{told}");
}

/// Two of the staff, and a broadcast whose time has not come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_lead_a_broadcast_from_draft_to_report() {
    let site = Site::new();
    let (second, text) = ("second-token", std::fs::read_to_string(site.path("gonghui.toml")).unwrap());
    let hash = hex::encode(Sha256::digest(second));
    let li = format!("[[staff]]\nname = \"li\"\nroles = [\"broadcast\"]\ntoken_sha256 = \"{hash}\"\n");
    site.write("gonghui.toml", &format!("{text}{li}"));
    let service = site.serve();
    let follower = Follower::new(1);
    follower.send(&service.base, &follower.say("你好")).await.unwrap();
    let notice = json!({
        "title": "明天放假", "text": "明天放假一天", "way": "custom", "audience": "listed",
        "not_before": "2099-01-01T09:00:00+08:00",
    });
    site.write("notice.json", &notice.to_string());
    site.write("list.txt", &format!("{}\n\noNobody\n", follower.openid));

    let created = service.run(&["broadcast", "create", "notice.json", "--list", "list.txt"]);
    let talk = "1 of 2 are no followers that the account knows\n\
                It is a draft; `gonghui broadcast preview B1` counts whom it would reach.\n";
    assert_eq!(created.err, talk);
    assert_eq!(created.done(), "ID  STATE  WAY     SENT  OF  TITLE\nB1  draft  custom            明天放假\n");
    let change = ["broadcast", "change", "B1", "notice.json", "--changed", "2026-11-01T10:00:00+08:00"];
    assert!(service.run(&change).failed(1).contains("changed_since"), "it was made after that");
    site.write("wrong.txt", "o Nobody\n");
    let broken = service.run(&["broadcast", "create", "notice.json", "--list", "wrong.txt"]).failed(1);
    assert!(broken.contains("is no OpenID") && broken.contains("B2 was made"), "{broken}");
    let preview = service.run(&["broadcast", "preview", "B1", "--to", &follower.openid]).done();
    for line in ["matched                     1", "  by custom                 1", "1 may get 4", "yes"] {
        assert!(preview.contains(line), "{line:?} is not in\n{preview}");
    }
    assert!(service.run(&["broadcast", "approve", "B1"]).failed(1).contains("own_broadcast"));
    let mut approve = service.command(&["broadcast", "approve", "B1"]);
    let approved = Ran::from(approve.env("GONGHUI_TOKEN", second).output().unwrap()).done();
    assert!(approved.contains("approved"), "{approved}");
    assert!(service.run(&["broadcast", "watch", "B1"]).failed(1).contains("not_started"));
    assert!(service.run(&["broadcast", "start", "B1"]).done().contains("scheduled"));
    assert!(service.run(&["broadcast", "pause", "B1"]).done().contains("paused"));
    assert!(service.run(&["broadcast", "resume", "B1"]).done().contains("scheduled"));

    let mut watch = service.command(&["broadcast", "watch", "B1", "--json"]);
    let watch = watch.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let cancelled = service.run(&["broadcast", "cancel", "B1", "--reason", "不放了"]);
    assert_eq!(cancelled.err, "cancelled: 不放了\n");
    let seen = Ran::from(watch.wait_with_output().unwrap()).done();
    let states: Vec<Value> = seen.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&states[0]["state"], &states[states.len() - 1]["state"]),
        (&json!("scheduled"), &json!("cancelled"))
    );
    assert!(states.len() > 2, "it went on watching: {seen}");

    assert_eq!(
        service.run(&["broadcast", "watch", "B1"]).done(),
        "cancelled: 0 of 0 sent, 0 failed, 0 skipped\n"
    );
    let report = service.run(&["broadcast", "report", "B1"]).done();
    assert_eq!(report, "REPORT      COUNT\nstate              cancelled: 不放了\nrecipients  0\n");
    assert!(service.run(&["broadcast", "list"]).done().contains("B1  cancelled"));
    site.write("wrong.json", r#"{"title":"通知","text":"x","audience":"distrct:鄞州"}"#);
    let told = service.run(&["broadcast", "create", "wrong.json"]).failed(1);
    assert!(told.contains("did you mean `district`?"), "{told}");
}

/// A running service with a few sign-ups, and its roster.
async fn in_use(site: &Site) -> (Service, Value) {
    let service = site.serve();
    let phone = json!([{ "name": "phone", "ask": "请输入手机号", "kind": "phone" }]);
    let id = service.open_activity(&activity("周末健步走", 2, 5, phone)).await;
    for number in 0..3 {
        Follower::new(number).sign_up(&service.base, &id, &["13800001234"]).await;
    }
    let roster = service.roster(&id).await;
    assert_eq!(roster["registrations"].as_array().map(Vec::len), Some(3), "{roster:#}");
    (service, roster)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_service_holds_is_exported_line_by_line_and_masked() {
    let site = Site::new();
    let (service, roster) = in_use(&site).await;
    let on = |args: &[&str]| service.run(&[&["export"], args].concat());
    let activities = on(&["activities"]).done();
    let [activity]: [Value; 1] = lines(&activities).try_into().unwrap();
    assert_eq!(activity["title"], "周末健步走");
    assert_eq!(on(&["sign-ups", "--out", "rows.jsonl"]).done(), "");
    let written = std::fs::read_to_string(site.path("rows.jsonl")).unwrap();
    let numbers: Vec<_> = lines(&written).iter().map(|row| row["number"].clone()).collect();
    let listed: Vec<_> =
        roster["registrations"].as_array().unwrap().iter().map(|row| row["number"].clone()).collect();
    assert_eq!(numbers, listed);
    assert!(lines(&written).iter().all(|row| row["activity"] == "A1") && !written.contains("13800001234"));
    for empty in ["series", "benefits", "broadcasts", "claims", "payments", "cases", "outbox"] {
        assert_eq!(on(&[empty]).done(), "", "{empty}");
    }
    assert!(on(&["nothing"]).failed(2).contains("sign-ups"), "the kinds are named");
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_running_service_becomes_another_one() {
    let site = Site::new();
    let (service, roster) = in_use(&site).await;
    let backup = ["backup", "all.gonghui"];
    let told = service.run(&backup).done();
    let bytes = site.path("all.gonghui").metadata().unwrap().len();
    assert_eq!(told, format!("all.gonghui  {bytes} bytes\n"));
    assert_eq!(
        service.run(&backup).failed(1),
        "error: all.gonghui exists already\nhint: choose another name\n"
    );
    let sound = service.run(&["verify", "--json"]).json();
    assert_eq!((&sound["sound"], &sound["problems"]), (&json!(true), &json!([])));
    drop(service);

    site.configure("second.toml", "second", SEAL);
    let restored = site.run(&["restore", "all.gonghui", "--config", "second.toml", "--json"]).json();
    assert!(restored["rows"].as_u64() > Some(3), "{restored}");
    let told = site.run(&["restore", "all.gonghui", "--config", "second.toml"]).failed(1);
    assert!(told.contains("hint: set another store.path, or move the old store away"), "{told}");
    site.run(&["verify", "--config", "second.toml"]).done();
    assert_eq!(
        site.run(&["audit", "--config", "second.toml"]).err,
        "consistent: 1 activities, 0 benefits, 0 claims and 0 books recounted\n"
    );
    let second = site.serve_with("second.toml", &[]);
    assert_eq!(second.roster("A1").await, roster);
    let answer = Follower::new(9).sign_up(&second.base, "A1", &["13800001234"]).await;
    assert!(answer.text.contains("排第2位"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let site = Site::new();
    let (service, _) = in_use(&site).await;
    service.run(&["backup", "all.gonghui"]).done();
    assert_eq!(service.stop(), 0);
    let whole = std::fs::read(site.path("all.gonghui")).unwrap();
    site.configure("second.toml", "second", SEAL);
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for damaged in [&flipped[..], &whole[..whole.len() - 1], &whole[..whole.len() / 2], b"", b"not a backup"]
    {
        std::fs::write(site.path("damaged.gonghui"), damaged).unwrap();
        let told = site.run(&["restore", "damaged.gonghui", "--config", "second.toml"]).failed(1);
        assert!(told.starts_with("error: ") && told.contains("damaged.gonghui"), "{told}");
        assert!(!site.path("second").exists(), "{told}");
    }
    site.configure("third.toml", "second", OTHER_SEAL);
    let told = site.run(&["restore", "all.gonghui", "--config", "third.toml"]).failed(1);
    assert!(told.contains("hint: give the backup's key as keys.seal_file"), "{told}");
    site.run(&["restore", "all.gonghui", "--config", "second.toml"]).done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_on_the_same_store_is_told_whose_it_is() {
    let site = Site::new();
    let (service, roster) = in_use(&site).await;
    let (config, store) = (site.path("gonghui.toml"), site.path("data/store"));
    for command in ["serve", "verify", "audit"] {
        let told = site.run(&[command, "--config", config.to_str().unwrap()]).failed(1);
        let error = format!("error: the store at {} is in use by another process\n", store.display());
        assert!(told.contains(&error), "{command}: {told}");
    }
    assert_eq!(service.roster("A1").await, roster);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_sealing_key_is_refused_and_nothing_is_overwritten() {
    let site = Site::new();
    let (service, roster) = in_use(&site).await;
    assert_eq!(service.stop(), 0);
    let before = contents(&site.path("data/store"));
    site.configure("wrong.toml", "data/store", OTHER_SEAL);
    for command in ["serve", "verify", "audit"] {
        let told = site.run(&[command, "--config", "wrong.toml"]).failed(1);
        assert!(
            told.contains("error: the store was sealed with other keys than the configured ones"),
            "{told}"
        );
    }
    assert!(contents(&site.path("data/store")) == before, "the store was touched");
    assert_eq!(site.serve().roster("A1").await, roster);
}

#[test]
fn there_is_nothing_to_look_at_where_there_is_no_store() {
    let site = Site::new();
    for command in [&["verify"][..], &["audit"], &["backup", "new.gonghui"]] {
        let told = site.run(&[command, &["--config", "gonghui.toml"]].concat()).failed(1);
        assert!(told.starts_with("error: there is no store at "), "{told}");
    }
    assert!(!site.path("data/store").exists() && !site.path("new.gonghui").exists());
}

#[test]
fn check_counts_the_worked_examples_of_scheme_files() {
    let site = Site::new();
    std::fs::create_dir(site.path("schemes")).unwrap();
    let shipped = std::fs::read_to_string("schemes/zhangzhou.toml").unwrap();
    let text = std::fs::read_to_string(site.path("gonghui.toml")).unwrap();
    site.write("gonghui.toml", &format!("{text}[schemes]\npath = \"schemes\"\n"));
    site.write("schemes/zhangzhou.toml", &shipped);
    site.run(&["check"]).done();
    site.write("schemes/zhangzhou.toml", &shipped.replace("rate = 0.60", "rate = 0.50"));
    let ran = site.run(&["check"]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.out.contains("expected 3000.00, got 2500.00"), "{}", ran.out);
    assert!(site.run(&["serve"]).failed(1).contains("expected 3000.00, got 2500.00"));
    let alone = site.run(&["scheme", "check", "schemes/zhangzhou.toml"]);
    assert_eq!(alone.code, 1, "{alone:#?}");
    // The calendar among them is checked as one.
    let holidays = std::fs::read_to_string("schemes/holidays.toml").unwrap();
    site.write("schemes/zhangzhou.toml", &shipped);
    site.write("schemes/holidays.toml", &holidays);
    let both = ["scheme", "check", "schemes/zhangzhou.toml", "schemes/holidays.toml"];
    site.run(&both).done();
    site.write("schemes/holidays.toml", &holidays.replace("\"2027-01-01\", until", "\"2028-01-01\", until"));
    let ran = site.run(&both);
    assert!(ran.code == 1 && ran.out.contains("元旦"), "{ran:#?}");
}

#[test]
fn an_enrolment_list_comes_in_once_and_its_bad_rows_are_told_by_line() {
    let site = Site::new();
    let service = site.serve();
    let listed = service.run(&["scheme", "list"]).done();
    assert!(listed.contains("ningbo  2024") && listed.contains("inpatient_retired"), "{listed}");
    site.write(
        "list.csv",
        "序号,姓名,身份证号,手机号,份数\n1,林样例,330299199001010017,13900000001,9\n2,王样例,330299199001010018,,1\n",
    );
    let enrol = [
        "scheme",
        "enrol",
        "list.csv",
        "--programme",
        "critical",
        "--unit",
        "样例厂工会",
        "--entered",
        "2026-04-10",
    ];
    let expected = "\
line 2: 9 shares asked for, 3 given; the others are void
line 3: identity: a digit is wrong: the check character doesn't fit
2 rows: 1 entered, 0 covered already, 1 bad; premium 60.00 yuan
";
    let ran = service.run(&enrol);
    assert_eq!((ran.out.as_str(), ran.code), (expected, 1), "a row was bad");
    // Once more, it is read anew, and nobody is in it twice.
    let again = service.run(&[&enrol[..], &["--json"]].concat());
    let again: Value = serde_json::from_str(&again.out).unwrap();
    let counts = ["done", "entered", "twice", "bad"].map(|name| again["counts"][name].as_u64().unwrap());
    assert_eq!((counts, again["counts"]["premium"].as_str()), ([2, 0, 1, 1], Some("0.00")), "{again}");
    let mut find = service.command(&["scheme", "find"]);
    let found = feed(&mut find, "330299199001010017\n").json();
    let cover = &found["covers"][0];
    assert_eq!((cover["from"].as_str(), cover["shares"].as_u64()), (Some("2026-05-01"), Some(3)), "{found}");
}
