//! `gonghui doctor`: one line a check, and what to change.

use serde_json::{Value, json};

use super::Deployment;
use super::platform::{SECRET, refusal};
use crate::site::{Ran, program};

/// What is well in every deployment of the tests.
fn line<'a>(out: &'a str, about: &str) -> &'a str {
    let found = out
        .lines()
        .find(|line| line.split_once(' ').is_some_and(|(_, rest)| rest.trim_start().starts_with(about)));
    found.unwrap_or_else(|| panic!("nothing about {about} in\n{out}"))
}

#[test]
fn a_sound_account_has_one_line_for_each_check() {
    let deployment = Deployment::new();
    deployment.run(&["menu", "push", "--yes"]).done();
    let ran = deployment.run(&["doctor", "--config", "gonghui.toml"]);
    let base = &deployment.platform.base;
    let expected = format!(
        "\
ok    configuration      gonghui.toml can be used
look  address            wechat.api_base is {base}, a stand-in for WeChat: leave it out, or set it to \"https://api.weixin.qq.com\"
ok    menus and texts    built in
ok    access token       stable kind, from {base}
ok    pushes             come from 2 addresses
ok    webhook            WeChat reaches it in 23.079ms
ok    menu               3 buttons, 0 personalised
ok    templates          1 of 25
ok    notice templates   0 of 25
ok    followers          1500000
ok    customer messages  3 of 500 used today
ok    template messages  3 of 500 used today
ok    notices            3 of 500 used today
ok    mass sends         3 of 500 used today
ok    sends to lists     3 of 500 used today
ok    follower lists     3 of 500 used today
"
    );
    assert_eq!((ran.code, ran.out, ran.err.as_str()), (0, expected, "nothing is wrong; 1 to look at\n"));
}

#[test]
fn nothing_is_changed_by_looking() {
    let deployment = Deployment::new();
    deployment.run(&["doctor"]).done();
    let changing = ["create", "add", "del", "send", "clear", "upload"];
    let calls = deployment.platform.state(|state| state.calls.clone());
    assert!(!calls.is_empty());
    assert!(calls.iter().all(|call| !changing.iter().any(|word| call.contains(word))), "{calls:?}");
}

#[test]
fn a_wrong_secret_is_told_by_its_setting_and_the_rest_is_not_tried() {
    let deployment = Deployment::new();
    let ran = Ran::from(
        deployment
            .site
            .command(&["doctor"])
            .env("GONGHUI_ACCOUNT__APP_SECRET", "not-the-secret")
            .output()
            .unwrap(),
    );
    assert_eq!((ran.code, ran.err.as_str()), (1, "1 wrong\n"));
    let told = line(&ran.out, "access token");
    assert!(told.starts_with("wrong"), "{told}");
    assert!(told.contains("40125 invalid appsecret") && told.contains("account.app_secret"), "{told}");
    assert!(line(&ran.out, "followers").starts_with("skipped"));
    assert!(!ran.out.contains("not-the-secret"), "{}", ran.out);
}

#[test]
fn each_thing_that_is_wrong_says_where_to_change_it() {
    let deployment = Deployment::new();
    let platform = &deployment.platform;
    platform.answers("/template/get_all_private_template", refusal(48001, "api unauthorized"));
    platform
        .answers("/openapi/quota/get", json!({ "quota": { "daily_limit": 500, "used": 500, "remain": 0 } }));
    platform.answers("/callback/check", json!({ "ping": [{ "ip": "203.0.113.5", "package_loss": "100%" }] }));
    let ran = deployment.run(&["doctor"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, "1 wrong\n"));
    for (about, state, words) in [
        ("templates", "wrong", "接口权限"),
        ("webhook", "look", "WeChat loses 100% on its way to 203.0.113.5"),
        ("menu  ", "look", "`gonghui menu push` makes the one of the files"),
        ("customer messages", "look", "500 of 500 used today: they start anew at midnight"),
        ("followers", "ok", "1500000"),
    ] {
        let told = line(&ran.out, about);
        assert!(told.starts_with(state) && told.contains(words), "{told}");
    }
    platform.answers(
        "/stable_token",
        refusal(40164, "invalid ip 198.51.100.7 ipv6 ::ffff:198.51.100.7, not in whitelist"),
    );
    let told = deployment.run(&["doctor"]).out;
    let told = line(&told, "access token");
    assert!(told.contains("198.51.100.7") && told.contains("IP白名单"), "{told}");
}

#[test]
fn a_menu_that_differs_from_the_files_deserves_a_look() {
    let deployment = Deployment::new();
    let button = json!({ "type": "view", "name": "官网", "url": "https://a.example", "sub_button": [] });
    deployment.platform.state(|state| state.menu = Some(json!({ "button": [button] })));
    let told = deployment.run(&["doctor"]).done();
    let told = line(&told, "menu  ");
    assert!(told.starts_with("look") && told.contains("`gonghui menu diff`"), "{told}");
}

#[test]
fn an_incomplete_or_wrong_configuration_is_told_before_anything_is_called() {
    let deployment = Deployment::new();
    let text = std::fs::read_to_string(deployment.path("gonghui.toml")).unwrap();
    deployment.site.write("gonghui.toml", &text.replace(&format!("app_secret = \"{SECRET}\"\n"), ""));
    let ran = deployment.run(&["doctor"]);
    assert_eq!(ran.code, 1);
    let told = line(&ran.out, "access token");
    assert!(told.starts_with("wrong") && told.contains("account.app_secret is missing"), "{told}");

    deployment.site.write("gonghui.toml", &text.replace("mode = \"safe\"", "mode = \"safest\""));
    let ran = deployment.run(&["doctor"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, "1 wrong\n"));
    assert!(ran.out.starts_with("wrong  account.mode  gonghui.toml:"), "{}", ran.out);
    assert!(deployment.platform.state(|state| state.calls.is_empty()));

    deployment.configure("[menus]\npath = \"nowhere\"\n");
    let ran = deployment.run(&["doctor"]);
    assert!(line(&ran.out, "menus and texts").contains("`gonghui check` tells them"), "{}", ran.out);
    assert_eq!(deployment.run(&["doctor", "--confg", "x"]).code, 2);
}

#[test]
fn an_address_where_nobody_answers_is_told_with_its_setting() {
    let deployment = Deployment::new();
    let command = |base: &str| {
        let mut command = deployment.site.command(&["doctor"]);
        command
            .env("GONGHUI_WECHAT__API_BASE", base)
            .env("SSL_CERT_FILE", "/dev/null")
            .env("SSL_CERT_DIR", "/nonexistent");
        Ran::from(command.output().unwrap())
    };
    let told = command("http://127.0.0.1:1");
    let told = line(&told.out, "access token");
    assert!(told.contains("can't connect") && told.contains("wechat.api_base"), "{told}");
    let told = command("https://127.0.0.1:1");
    assert!(line(&told.out, "access token").contains("ca-certificates"), "{}", told.out);
}

#[test]
fn a_machine_reads_the_checks_as_json() {
    let deployment = Deployment::new();
    deployment.platform.answers("/user/get", refusal(48001, "api unauthorized"));
    let ran = deployment.run(&["doctor", "--json"]);
    assert_eq!(ran.code, 1);
    let checks: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
    let followers = checks.iter().find(|check| check["check"] == "followers").unwrap();
    assert_eq!(followers["state"], "wrong");
    assert_eq!(followers["found"], "/cgi-bin/user/get: 48001 api unauthorized");
    assert!(followers["advice"].as_str().unwrap().contains("接口权限"));
}

#[test]
fn the_token_is_in_nothing_that_is_printed() {
    let deployment = Deployment::new();
    for path in ["/user/get", "/menu/get", "/openapi/quota/get"] {
        let quoting = format!("the-access-token-of-the-stand-in {SECRET}");
        deployment.platform.answers(path, refusal(-1, &quoting));
    }
    let ran = deployment.run(&["doctor"]);
    let menu = deployment.run(&["menu", "diff"]);
    let help = Ran::from(program(&["doctor", "--help"]).output().unwrap()).done();
    assert!(help.contains("gonghui doctor --config gonghui.toml"));
    for text in [ran.out, ran.err, menu.out, menu.err] {
        assert!(!text.contains("the-access-token") && !text.contains(SECRET), "{text}");
    }
}
