//! `gonghui menu diff`, `push` and `pull`: files and account brought together, and back.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::Deployment;
use super::platform::refusal;
use crate::site::{Ran, feed};

fn with_menus() -> Deployment {
    let deployment = Deployment::new();
    gonghui::content::write_embedded(&deployment.path("menus")).unwrap();
    deployment.configure("[menus]\npath = \"menus\"\n");
    deployment
}

fn replace(deployment: &Deployment, file: &str, from: &str, to: &str) {
    let path = deployment.path(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

fn drivers(name: &str) -> String {
    json!({ "button": [{ "type": "click", "name": name, "key": "activity.list" }], "matchrule": { "tag_id": 2 } })
        .to_string()
}

/// The one folder of menus that were kept.
fn kept(deployment: &Deployment) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(deployment.path("menus.previous")) else { return vec![] };
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn names(value: &Value) -> Vec<&str> {
    value["button"].as_array().unwrap().iter().map(|button| button["name"].as_str().unwrap()).collect()
}

#[test]
fn an_empty_account_gets_the_files_menu_and_then_equals_it() {
    let deployment = with_menus();
    let diff = deployment.run(&["menu", "diff"]).done();
    assert!(
        diff.starts_with(
            "everybody's menu\n  + 福利活动\n    福利活动\n  +   活动报名  click; key activity.list\n"
        ),
        "{diff}"
    );
    deployment.run(&["menu", "push", "--yes"]).done();
    assert_eq!(deployment.platform.changes(), ["/menu/create"]);
    assert_eq!(
        names(&deployment.platform.state(|state| state.menu.clone()).unwrap()),
        ["福利活动", "服务大厅", "我的"]
    );
    for command in [&["menu", "diff"][..], &["menu", "push"]] {
        let ran = deployment.run(command);
        assert_eq!((ran.code, ran.out.as_str()), (0, ""));
        assert_eq!(ran.err, "the account's menus equal the files\n");
    }
    assert!(deployment.platform.changes().is_empty());
    assert!(kept(&deployment).is_empty(), "there was nothing to keep");
}

#[test]
fn a_change_is_shown_button_by_button_and_pushed_only_after_a_yes() {
    let deployment = with_menus();
    deployment.run(&["menu", "push", "--yes"]).done();
    replace(&deployment, "menus/default.json", "活动报名", "报名活动");
    replace(&deployment, "menus/default.json", "\"key\": \"claim.status\"", "\"key\": \"claim.home\"");
    let shown = "\
everybody's menu
    福利活动
  ~   活动报名  name 活动报名 → 报名活动
    我的
  ~   理赔进度  key claim.status → claim.home
";
    assert_eq!(deployment.run(&["menu", "diff"]).done(), shown);
    let changes = deployment.run(&["menu", "diff", "--json"]).json();
    assert_eq!(changes[1]["button"], "理赔进度");
    assert_eq!((&changes[1]["change"], &changes[1]["under"]), (&json!("changed"), &json!("我的")));

    deployment.platform.changes();
    let asked = deployment.run(&["menu", "push"]);
    assert_eq!((asked.code, asked.out.as_str()), (2, shown));
    assert!(asked.err.contains("give --yes"), "{}", asked.err);
    assert!(deployment.platform.changes().is_empty());

    assert_eq!(deployment.run(&["menu", "push", "--yes"]).done(), shown);
    assert_eq!(deployment.platform.changes(), ["/menu/create"]);
}

/// Pushes as a person at a terminal does, which `script` stands for.
fn push_and_answer(deployment: &Deployment, answer: &str) -> Ran {
    let command = format!("{} menu push", env!("CARGO_BIN_EXE_gonghui"));
    let mut terminal = Command::new("script");
    terminal
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(deployment.path("."));
    feed(&mut terminal, answer)
}

#[test]
fn at_a_terminal_only_a_yes_pushes() {
    let deployment = with_menus();
    for no in ["\n", "n\n", "what?\n"] {
        let ran = push_and_answer(&deployment, no);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.out.contains("push this to the account? [y/N]"), "{}", ran.out);
        assert!(ran.out.contains("nothing was changed"), "{}", ran.out);
    }
    assert!(deployment.platform.changes().is_empty());
    assert_eq!(push_and_answer(&deployment, "yes\n").code, 0);
    assert_eq!(deployment.platform.changes(), ["/menu/create"]);
}

#[test]
fn what_the_account_had_is_kept_and_can_be_brought_back() {
    let deployment = with_menus();
    fs::write(deployment.path("menus/drivers.json"), drivers("司机")).unwrap();
    deployment.run(&["menu", "push", "--yes"]).done();
    replace(&deployment, "menus/default.json", "活动报名", "报名活动");
    fs::remove_file(deployment.path("menus/drivers.json")).unwrap();
    let ran = deployment.run(&["menu", "push", "--yes"]);
    assert!(ran.err.contains("go back by --from"), "{}", ran.err);
    let kept = kept(&deployment);
    assert_eq!(kept.len(), 1);
    let name = kept[0].file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.len() == 19 && name.starts_with("20") && name.contains('T'), "{name}");

    let from = format!("menus.previous/{name}");
    let back = deployment.run(&["menu", "push", "--yes", "--from", &from]).done();
    assert!(back.contains("报名活动 → 活动报名") && back.contains("menu tag-2, for tag_id 2"), "{back}");
    let (menu, conditional) =
        deployment.platform.state(|state| (state.menu.clone(), state.conditional.clone()));
    assert!(menu.unwrap().to_string().contains("活动报名"));
    assert_eq!(names(&conditional[0]), ["司机"]);
}

#[test]
fn personalised_menus_become_those_of_the_files() {
    let deployment = with_menus();
    let stranger = json!({ "button": [{ "type": "view", "name": "旧", "url": "https://a" }], "matchrule": { "group_id": 9, "sex": "" }, "menuid": 900 });
    deployment.platform.state(|state| state.conditional.push(stranger));
    fs::write(deployment.path("menus/drivers.json"), drivers("司机")).unwrap();
    deployment.platform.answers("/menu/addconditional", refusal(-1, "system error"));
    let failed = deployment.run(&["menu", "push", "--yes"]);
    assert!(failed.err.contains("not all was pushed"), "{}", failed.err);
    assert_eq!(failed.failed(1).matches("-1 system error").count(), 1);

    deployment.platform.state(|state| state.answers.clear());
    deployment.platform.changes();
    let shown = deployment.run(&["menu", "push", "--yes"]).done();
    let expected = "\
menu drivers, for tag_id 2
  + is new
  + 司机  click; key activity.list
menu 900, for tag_id 9
  - goes
";
    assert_eq!(shown, expected);
    assert_eq!(deployment.platform.changes(), ["/menu/addconditional", "/menu/delconditional"]);

    fs::write(deployment.path("menus/drivers.json"), drivers("网约车")).unwrap();
    deployment.run(&["menu", "push", "--yes"]).done();
    assert_eq!(deployment.platform.changes(), ["/menu/addconditional", "/menu/delconditional"]);
    let conditional = deployment.platform.state(|state| state.conditional.clone());
    assert_eq!((conditional.len(), names(&conditional[0])), (1, vec!["网约车"]));
    assert_eq!(deployment.run(&["menu", "diff"]).done(), "");
}

#[test]
fn files_with_problems_are_not_pushed() {
    let deployment = with_menus();
    replace(&deployment, "menus/default.json", "activity.list", "activity.lst");
    let failed = deployment.run(&["menu", "push", "--yes"]).failed(1);
    assert!(failed.contains("`gonghui check` tells them"), "{failed}");
    fs::create_dir(deployment.path("other")).unwrap();
    fs::write(deployment.path("other/default.json"), "{\"button\":[]}").unwrap();
    let failed = deployment.run(&["menu", "push", "--yes", "--from", "other"]).failed(1);
    assert!(failed.contains("has 0 buttons"), "{failed}");
    assert!(deployment.platform.changes().is_empty());
}

#[test]
fn a_menu_made_in_the_console_is_written_down_before_it_is_replaced() {
    let deployment = with_menus();
    let button = json!({ "name": "官网", "type": "view", "url": "https://a" });
    deployment.platform.state(|state| state.console.push(button));
    deployment.run(&["menu", "push", "--yes"]).done();
    let kept = fs::read_to_string(kept(&deployment)[0].join("console-menu.txt")).unwrap();
    assert!(kept.contains("官网"), "{kept}");
}

#[test]
fn pulling_writes_the_accounts_menus_as_they_are_and_keeps_the_old_files() {
    let deployment = with_menus();
    fs::write(deployment.path("menus/drivers.json"), drivers("司机")).unwrap();
    fs::write(deployment.path("menus/gone.json"), drivers("旧").replace("\"tag_id\":2", "\"tag_id\":7"))
        .unwrap();
    let button = json!({ "type": "click", "name": "报名", "key": "activity.list", "new_field": { "a": 1 } });
    let theirs = json!({ "button": [button], "matchrule": { "tag_id": "2" }, "menuid": 41 });
    let phones = json!({ "button": [button], "matchrule": { "client_platform_type": "1" }, "menuid": 42 });
    deployment.platform.state(|state| {
        state.menu = Some(json!({ "button": [button], "menuid": 40 }));
        state.conditional = vec![theirs.clone(), phones];
    });
    let before = fs::read(deployment.path("menus/default.json")).unwrap();
    let asked = deployment.run(&["menu", "pull"]);
    assert_eq!(asked.code, 2);
    assert!(asked.out.contains("menu gone, for tag_id 7\n  - goes\n"), "{}", asked.out);
    assert_eq!(fs::read(deployment.path("menus/default.json")).unwrap(), before);

    deployment.run(&["menu", "pull", "--yes"]).done();
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(deployment.path(name)).unwrap()).unwrap()
    };
    assert_eq!(read("menus/default.json"), json!({ "button": [button], "menuid": 40 }));
    assert_eq!(read("menus/drivers.json"), theirs);
    assert_eq!(names(&read("menus/phone-1.json")), ["报名"]);
    assert!(!deployment.path("menus/gone.json").exists());
    assert!(deployment.path("menus/texts.toml").exists());
    let kept = kept(&deployment);
    assert_eq!(fs::read(kept[0].join("default.json")).unwrap(), before);
    assert!(kept[0].join("gone.json").exists());

    let again = deployment.run(&["menu", "pull"]);
    assert_eq!((again.code, again.err.as_str()), (0, "the files equal the account's menus\n"));
    assert_eq!(deployment.run(&["menu", "diff"]).done(), "");
    assert!(deployment.platform.changes().is_empty(), "pulling changes nothing at the account");
}

#[test]
fn pulling_from_an_account_without_a_menu_or_into_no_folder_says_so() {
    let deployment = Deployment::new();
    let failed = deployment.run(&["menu", "pull", "--yes"]).failed(2);
    assert!(failed.contains("--to"), "{failed}");
    let failed = deployment.run(&["menu", "pull", "--yes", "--to", "fresh"]).failed(1);
    assert!(failed.contains("no menu that was made by the API"), "{failed}");
    deployment.run(&["menu", "push", "--yes"]).done();
    deployment.run(&["menu", "pull", "--yes", "--to", "fresh"]).done();
    assert!(deployment.path("fresh/default.json").exists());
}
