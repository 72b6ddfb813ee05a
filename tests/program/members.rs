//! The federation's list of members over the real command line, and what is left of a member who had themselves erased.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use gonghui::domain::member::identity::check;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::site::{Service, Site, wait};

const HEAD: &str = "姓名,身份证号,手机号,工会,区县,卡号,银行,卡有效期";
const MEI: &str = "oUnionMei0000000000000000001";
const BO: &str = "oUnionBo00000000000000000002";

fn identity(n: usize) -> String {
    let body = format!(
        "330299{}{:02}{:02}{:03}",
        1960 + n / 336_000,
        n / 28_000 % 12 + 1,
        n / 1000 % 28 + 1,
        n % 1000
    );
    format!("{body}{}", char::from(check(body.as_bytes())))
}

fn name(n: usize) -> String {
    let last = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'][n % 10];
    format!("样例{last}")
}

fn phone(n: usize) -> String {
    format!("139{n:08}")
}

fn row(n: usize) -> String {
    let (name, identity, phone) = (name(n), identity(n), phone(n));
    format!("{name},{identity},{phone},样例第{}工会,鄞州,62000000{n:08},样例银行,2099-12-31", n % 7)
}

fn write_list(path: &Path, rows: impl Iterator<Item = String>) {
    let lines: Vec<String> = std::iter::once(HEAD.to_owned()).chain(rows).collect();
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// How far the import of a file is, as the service has it.
fn done(service: &Service, list: &Path) -> u64 {
    let file = hex::encode(Sha256::digest(fs::read(list).unwrap()));
    wait(service.staff("POST", "/members/imports", Some(&json!({ "file": file }))))["done"].as_u64().unwrap()
}

/// 会员认证, from the first word to the last.
fn verify(service: &Service, follower: &str, name: &str, identity: &str, phone: &str) -> String {
    for words in ["会员认证", "同意", name, identity, phone, "跳过"] {
        service.say(follower, words);
    }
    service.say(follower, "确认")
}

#[test]
fn a_list_is_entered_bad_rows_are_told_by_line_and_the_same_file_changes_nothing() {
    let site = Site::new();
    let service = site.serve();
    let wrong_digit = row(3).replace(&identity(3), &identity(3).replace("33029919600101", "33029919600102"));
    let rows = [
        row(1),
        row(2),
        wrong_digit,
        row(4).replace("样例第4工会", ""),
        row(5),
        row(1).replace("鄞州", "海曙"),
    ];
    write_list(&site.path("list.csv"), rows.into_iter());
    let ran = service.run(&["member", "import", "list.csv"]);
    let expected = "\
line 4: identity: a digit is wrong: the check character doesn't fit
line 5: union: 1 to 80 characters
6 rows: 3 new, 1 changed, 0 as they were, 2 bad
";
    assert_eq!((ran.out.as_str(), ran.err.as_str(), ran.code), (expected, "", 1));
    let again = service.run(&["member", "import", "list.csv"]);
    let last = again.out.lines().last().unwrap();
    assert_eq!(last, "6 rows: 0 new, 2 changed, 2 as they were, 2 bad", "entered again, row by row");
    let shown: Value = serde_json::from_str(&service.run(&["member", "show", "M000001"]).out).unwrap();
    assert_eq!((&shown["district"], &shown["card"]["number"]), (&json!("海曙"), &json!("****0001")));
    assert_eq!(service.run(&["member", "show", "M000004"]).code, 1, "nobody more");

    let sheet = site.path("list.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let page = book.add_worksheet();
    for (y, line) in
        [HEAD.to_owned(), row(2), row(5).replace("鄞州", "江北"), row(6), row(7).replace(&name(7), "")]
            .iter()
            .enumerate()
    {
        for (x, cell) in line.split(',').enumerate() {
            page.write(y as u32, x as u16, cell).unwrap();
        }
    }
    book.save(&sheet).unwrap();
    let told: Value =
        serde_json::from_str(&service.run(&["member", "import", "list.xlsx", "--json"]).out).unwrap();
    let bad = json!([{ "line": 5, "why": "name: 1 to 40 characters" }]);
    assert_eq!(told["bad_rows"], bad, "{told}");
    let counts =
        ["done", "added", "changed", "unchanged", "bad"].map(|name| told["counts"][name].as_u64().unwrap());
    assert_eq!(counts, [4, 1, 1, 1, 1]);

    for (name, text, why) in [
        ("no_column.csv", "姓名,工会\n样例,厂\n", "names no column for `identity`"),
        ("unknown.csv", "姓名,身份证号,工会,星座\n", "unknown column \"星座\""),
        ("broken.xlsx", "no sheet", "broken.xlsx"),
    ] {
        fs::write(site.path(name), text).unwrap();
        let ran = service.run(&["member", "import", name]);
        assert!(ran.code == 1 && ran.err.contains(why) && !ran.err.contains("panicked"), "{ran:?}");
    }
    let missing = service.run(&["member", "import", "nowhere.csv"]);
    assert!(missing.code == 1 && missing.err.contains("nowhere.csv"), "{missing:?}");
    assert_eq!(service.run(&["audit"]).code, 0);
    assert_eq!(service.stop(), 0);
}

#[test]
fn an_import_that_broke_off_is_taken_up_whoever_broke() {
    const ROWS: usize = 2400;
    let site = Site::new();
    let list = site.path("list.csv");
    write_list(&list, (0..ROWS).map(|n| if n == 0 { row(n).replace(&name(n), "") } else { row(n) }));
    let service = site.serve();

    let mut command = service.command(&["member", "import", "list.csv"]);
    let mut importing = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut told = String::new();
    BufReader::new(importing.stdout.take().unwrap()).read_line(&mut told).unwrap();
    assert_eq!(told, "line 2: name: 1 to 40 characters\n", "told before the run ended");
    importing.kill().unwrap();
    importing.wait().unwrap();
    let first = done(&service, &list);
    assert!(0 < first && first < ROWS as u64, "killed in the middle: {first}");

    let command = service
        .command(&["member", "import", "list.csv", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let importing = command.unwrap();
    while done(&service, &list) <= first {
        std::thread::sleep(Duration::from_millis(5));
    }
    service.kill();
    let told = importing.wait_with_output().unwrap();
    let said = String::from_utf8(told.stderr).unwrap();
    // Killed between two calls, or in the middle of one.
    let broke_off = ["error: can't reach the service", "gave no whole answer"];
    assert!(told.status.code() == Some(1) && broke_off.iter().any(|way| said.contains(way)), "{said}");
    let counted: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&counted["earlier"], &counted["counts"]["bad"]), (&json!(first), &json!(0)), "{counted}");

    let service = site.serve();
    let second = done(&service, &list);
    assert!(first < second && second < ROWS as u64, "{first} {second}");
    let ran = service.run(&["member", "import", "list.csv"]);
    let rest = ROWS as u64 - second;
    assert_eq!(
        ran.out,
        format!(
            "{second} rows had been entered by a run that broke off\n\
             {rest} rows: {rest} new, 0 changed, 0 as they were, 0 bad\n"
        )
    );
    assert_eq!(service.stop(), 0);
}

#[test]
fn an_earlier_list_that_comes_back_is_entered_again() {
    let site = Site::new();
    let service = site.serve();
    let (a, b) = (row(1), row(1).replace("鄞州", "海曙"));
    for (name, row) in [("a.csv", a), ("b.csv", b)] {
        write_list(&site.path(name), std::iter::once(row));
    }
    let district = || {
        let shown: Value = serde_json::from_str(&service.run(&["member", "show", "M000001"]).out).unwrap();
        shown["district"].as_str().unwrap().to_owned()
    };
    for (name, told, then) in [
        ("a.csv", "1 rows: 1 new, 0 changed, 0 as they were, 0 bad\n", "鄞州"),
        ("b.csv", "1 rows: 0 new, 1 changed, 0 as they were, 0 bad\n", "海曙"),
        ("a.csv", "1 rows: 0 new, 1 changed, 0 as they were, 0 bad\n", "鄞州"),
    ] {
        assert_eq!(
            (service.run(&["member", "import", name]).out.as_str(), district().as_str()),
            (told, then)
        );
    }
    assert_eq!(service.stop(), 0);
}

#[test]
fn the_line_of_a_bad_row_is_the_one_on_which_it_begins_in_the_file() {
    let site = Site::new();
    let service = site.serve();
    let bad = |n: usize| row(n).replace(&name(n), "");
    let quoted = row(2).replace("鄞州", "\"鄞\r\n州\"");
    let text = [HEAD, "", &row(1), "", &quoted, ",,,,,,,", &bad(3), &row(4), &bad(5)].join("\r\n");
    fs::write(site.path("lines.csv"), text).unwrap();
    let ran = service.run(&["member", "import", "lines.csv"]);
    let expected = "\
line 8: name: 1 to 40 characters
line 10: name: 1 to 40 characters
5 rows: 3 new, 0 changed, 0 as they were, 2 bad
";
    assert_eq!(ran.out, expected);

    assert_eq!(service.stop(), 0);
}

#[test]
fn who_stops_reading_the_bad_rows_has_the_list_entered_all_the_same() {
    let site = Site::new();
    let service = site.serve();
    write_list(
        &site.path("list.csv"),
        (0..50).map(|n| row(n).replace("样例第", "\u{3000}").replace("工会", "")),
    );
    for args in [&["member", "import", "list.csv"][..], &["member", "import", "list.csv", "--json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = service.command(args).stdout(writer).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && !err.contains("panicked"), "{err}");
    }
    assert_eq!(done(&service, &site.path("list.csv")), 50);
    assert_eq!(service.stop(), 0);
}

#[test]
fn guesses_are_answered_alike_and_a_member_is_found_by_a_broadcast_and_sees_who_looked() {
    let site = Site::new();
    let service = site.serve();
    write_list(&site.path("list.csv"), (1..4).map(row));
    assert_eq!(service.run(&["member", "import", "list.csv"]).code, 0);

    let guesses = [
        ("oGuess000000000000000000001", "别人", identity(1), phone(1)),
        ("oGuess000000000000000000002", "样例乙", identity(9), phone(1)),
        ("oGuess000000000000000000003", "样例乙", identity(1), phone(9)),
        ("oGuess000000000000000000004", "样例乙", identity(2), phone(2)),
    ];
    let answers =
        guesses.map(|(follower, name, identity, phone)| verify(&service, follower, name, &identity, &phone));
    assert!(answers[0].contains("没有对上"), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");

    assert!(verify(&service, MEI, "样例乙", &identity(1), &phone(1)).contains("认证成功"));
    let looked = service.run(&["member", "look", "M000001", "--reason", "核对领奖人"]);
    assert!(looked.out.contains(&identity(1)), "{looked:?}");
    let data = service.say(MEI, "我的资料");
    assert!(data.contains("工会工作人员（wang）：核对领奖人"), "{data}");
    assert!(!data.contains(&identity(1)) && !data.contains(&phone(1)), "{data}");

    let notice = json!({ "title": "福利", "text": "来领券", "way": "custom", "audience": "listed" });
    fs::write(site.path("notice.json"), notice.to_string()).unwrap();
    let mut list = fs::File::create(site.path("list.txt")).unwrap();
    writeln!(list, "M000001\nM000002\nM999999").unwrap();
    let created = service.run(&["broadcast", "create", "notice.json", "--list", "list.txt"]);
    assert!(created.err.contains("2 of 3 are no followers that the account knows"), "{created:?}");
    let preview = service.run(&["broadcast", "preview", "B1"]);
    let matched = preview.out.lines().find(|line| line.starts_with("matched")).unwrap_or_default();
    assert!(matched.ends_with(" 1"), "{preview:?}");
    assert_eq!(service.stop(), 0);
}

/// What names Mei, as it might stand somewhere.
struct Planted {
    name: &'static str,
    identity: String,
    phone: String,
    card: String,
}

impl Planted {
    fn assert_absent(&self, text: &[u8], place: &str) {
        for value in [self.name, &self.identity, &self.phone, &self.card] {
            let found = text.windows(value.len()).any(|window| window == value.as_bytes());
            assert!(!found, "{value} is in {place}");
        }
    }
}

#[test]
fn an_old_backup_with_the_latest_keys_tells_nothing_of_who_was_erased_and_all_of_the_others() {
    let site = Site::new();
    let service = site.serve();
    write_list(&site.path("list.csv"), (1..4).map(row));
    assert_eq!(service.run(&["member", "import", "list.csv"]).code, 0);
    assert!(verify(&service, MEI, "样例乙", &identity(1), &phone(1)).contains("认证成功"));
    assert!(verify(&service, BO, "样例丙", &identity(2), &phone(2)).contains("认证成功"));
    service.say(MEI, "我的资料");
    assert!(
        service.say(MEI, "1").contains(&identity(1)),
        "the export, in full, is in the backup as an answer kept"
    );
    fs::create_dir(site.path("backups")).unwrap();
    assert_eq!(service.run(&["backup", "backups/old"]).code, 0);

    service.say(MEI, "注销");
    assert!(service.say(MEI, "确认注销").contains("已经注销"));
    let planted = Planted {
        name: "样例乙",
        identity: identity(1),
        phone: phone(1),
        card: "6200000000000001".to_owned(),
    };
    // The key goes a minute after it is on disk that it should.
    let keys = site.path("data/store.keys");
    let before = fs::read(&keys).unwrap();
    let patience = std::time::Duration::from_secs(100);
    let mut waited = Duration::ZERO;
    while fs::read(&keys).unwrap() == before {
        assert!(waited < patience, "the key was not destroyed");
        std::thread::sleep(Duration::from_secs(1));
        waited += Duration::from_secs(1);
    }
    assert_eq!(service.run(&["backup", "backups/new"]).code, 0);
    assert_eq!(service.stop(), 0);

    fs::rename(site.path("data"), site.path("before")).unwrap();
    let restored = site.run(&["restore", "backups/old"]);
    assert_eq!(restored.code, 0, "{restored:?}");
    assert!(
        restored.err.contains("1 members asked to be erased since, and are erased again"),
        "{restored:?}"
    );
    let service = site.serve();
    assert!(service.say(MEI, "我的").contains("状态：未认证"), "the account is nobody's");
    let shown = service.run(&["member", "show", "M000001"]).out;
    assert!(shown.contains("\"erased\""), "{shown}");
    planted.assert_absent(shown.as_bytes(), "the member's view");
    let bo = service.run(&["member", "look", "M000002", "--reason", "核对领奖人"]).out;
    assert!(bo.contains(&identity(2)) && bo.contains("样例丙"), "{bo}");
    assert!(service.say(BO, "我的").contains("样例丙，您好"));
    fs::write(site.path("more.csv"), format!("{HEAD}\n{}\n{}\n", row(1), row(8))).unwrap();
    let ran = service.run(&["member", "import", "more.csv"]);
    let told = "2 rows: 1 new, 0 changed, 0 as they were, 0 bad, 1 left out since they asked to be erased\n";
    assert_eq!(ran.out, told, "{ran:?}");
    assert_eq!(service.run(&["audit"]).code, 0);
    assert_eq!(service.stop(), 0);
}

/// Only the store is damaged, and moved away: its keys stand in their place, and know more than the last backup's.
#[test]
fn the_keys_in_place_tell_a_restore_who_was_erased_since_the_last_backup() {
    let site = Site::new();
    let service = site.serve();
    write_list(&site.path("list.csv"), (1..4).map(row));
    assert_eq!(service.run(&["member", "import", "list.csv"]).code, 0);
    assert_eq!(service.run(&["backup", "last"]).code, 0);
    assert_eq!(service.stop(), 0);
    let keys = site.path("data/store.keys");
    let mut book = fs::read(&keys).unwrap();
    book[32..64].fill(0); // the first member's
    fs::write(&keys, &book).unwrap();
    fs::rename(site.path("data/store"), site.path("damaged")).unwrap();
    let restored = site.run(&["restore", "last"]);
    assert_eq!(restored.code, 0, "{restored:?}");
    assert!(restored.err.contains("1 members asked to be erased since"), "{restored:?}");
    assert!(fs::read(&keys).unwrap() == book, "their key is as gone as it was");
}

#[test]
fn another_stores_keys_are_not_overwritten_by_a_backup_or_a_restore() {
    let (site, other) = (Site::new(), Site::new());
    for site in [&site, &other] {
        assert_eq!(site.serve().stop(), 0);
    }
    let stopped = ["--config", "gonghui.toml"];
    let backup = |site: &Site, file: &str| site.run(&[&["backup", file], &stopped[..]].concat());
    assert_eq!(backup(&site, "mine").code, 0);
    let keys = fs::read(site.path("member-keys")).unwrap();
    let into = site.path("theirs");
    let refused = backup(&other, into.to_str().unwrap());
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("member-keys holds the members' keys of another store"), "{refused:?}");
    assert!(!into.exists() && fs::read(site.path("member-keys")).unwrap() == keys);

    fs::rename(other.path("data/store"), other.path("away")).unwrap();
    let mine = site.path("mine");
    let refused = other.run(&["restore", mine.to_str().unwrap()]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("store.keys holds the members' keys of another store"), "{refused:?}");
    assert!(!other.path("data/store").exists(), "nothing was restored");
}
