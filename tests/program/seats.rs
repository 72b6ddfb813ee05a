//! Draws, check-in, parcels and rosters as staff handle them: with the real binary, its files, and anybody's browser.

use std::path::Path;
use std::time::Duration;

use crate::follower::{Follower, Link};
use crate::site::{Site, activity, contents, http, now};
use gonghui::moment::Time;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

fn seconds(from_now: i64) -> String {
    Time::from_unix_s(now().unix_s() + from_now).to_string()
}

/// The cells of a workbook's sheet.
fn cells(file: &Path, sheet: usize) -> Vec<Vec<String>> {
    use calamine::Reader;
    let mut book = calamine::open_workbook_auto(file).unwrap();
    let range = book.worksheet_range_at(sheet).unwrap().unwrap();
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anybody_reads_the_draw_and_the_command_line_verifies_it() {
    let site = Site::new();
    let service = site.serve();
    let mut form = activity("亲子手工", 2, 3, json!([]));
    form["sign_up"]["closes"] = seconds(20).into();
    form["mode"] = json!({ "draw": { "at": seconds(20) } });
    let id = service.open_activity(&form).await;
    let page = format!("{}/draws/{id}.txt", service.base);
    let read = async || http().get(&page).send().await.unwrap().text().await.unwrap();
    assert!(read().await.contains("\ncommitment "));
    for number in 1..=4 {
        let answer = Follower::new(number).sign_up(&service.base, &id, &[]).await;
        assert!(answer.text.contains("等抽签"), "{}", answer.text);
    }
    let shown = service.staff("GET", &format!("/activities/{id}"), None).await;
    assert_eq!((&shown["draw"]["stage"], &shown["draw"]["applications"]), (&json!("open"), &json!(4)));
    assert_eq!(shown["draw"]["seed"], Value::Null, "it is a secret yet");
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let record = loop {
        let record = read().await;
        if record.ends_with("end\n") {
            break record;
        }
        assert!(tokio::time::Instant::now() < deadline, "{record}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let file = site.write("record.txt", &record);
    let file = file.to_str().unwrap();
    assert!(site.run(&["activity", "verify-draw", file]).out.starts_with("VERIFIED: the draw of A1"));
    let seat = record.lines().find(|line| line.starts_with("result 1 ")).unwrap();
    site.write("record.txt", &record.replace(seat, &seat.replace(":seat", ":lost")));
    assert_eq!(site.run(&["activity", "verify-draw", file]).code, 1);
    let counts = service.roster(&id).await["counts"].clone();
    assert_eq!((&counts["confirmed"], &counts["waiting"]), (&json!(2), &json!(2)));
    let unknown = format!("{}/draws/A99.txt", service.base);
    assert_eq!(http().get(unknown).send().await.unwrap().status(), 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parcels_go_out_as_a_workbook_and_tracking_numbers_come_back() {
    let site = Site::new();
    let service = site.serve();
    let mut form = activity("扎染", 3, 3, json!([]));
    form["kit"] = json!({ "what": "扎染材料包" });
    let id = service.open_activity(&form).await;
    let mei = Follower::new(1);
    let signed_up = mei.sign_up(&service.base, &id, &[]).await;
    let ask = signed_up.link("kit-").expect("the address is asked once the seat is certain");
    mei.send(&service.base, &mei.tap(&ask)).await.unwrap();
    for said in ["李梅", "13812345678", "宁波市海曙区解放北路91号3幢202室", "1"] {
        mei.send(&service.base, &mei.say(said)).await.unwrap();
    }
    Follower::new(2).sign_up(&service.base, &id, &[]).await;

    let masked = service.staff("GET", &format!("/activities/{id}/kits"), None).await;
    assert_eq!(masked["parcels"][0]["address"], "宁波市海曙区****");
    let book = site.path("kits.xlsx");
    let path = book.to_str().unwrap();
    service.run(&["activity", "kits", &id, "-o", path, "--reason", "寄材料包"]).done();
    let rows = cells(&book, 0);
    assert_eq!(rows.len(), 2, "who said no address has no parcel: {rows:?}");
    assert_eq!(rows[1][..4], ["A1-1-0001", "李梅", "13812345678", "宁波市海曙区解放北路91号3幢202室"]);

    let sent = site.path("sent.csv");
    let list = "客户订单号,运单号\r\nA1-1-0001,SF1234567890123\r\n";
    std::fs::write(&sent, encoding_rs::GB18030.encode(list).0).unwrap();
    let sent = sent.to_str().unwrap();
    service.run(&["activity", "track", &id, sent, "--courier", "顺丰"]).done();
    service.run(&["activity", "track", &id, sent, "--courier", "顺丰"]).done();
    let told = mei.send(&service.base, &mei.say("你好")).await.unwrap();
    assert_eq!(told.text.matches("SF1234567890123").count(), 1, "told once: {}", told.text);
    let wrong = site.write("wrong.csv", "number,tracking\nA1-1-0002,SF1234567890124\n");
    let args = ["activity", "track", &id, wrong.to_str().unwrap(), "--courier", "顺丰"];
    assert!(service.run(&args).err.contains("unknown: A1-1-0002"));
    let long = site.path("long.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (name, cell)) in (0..).zip([("客户订单号", "A1-1-0001"), ("运单号", "")]) {
        sheet.write_string(0, column, name).unwrap().write_string(1, column, cell).unwrap();
    }
    sheet.write_number(1, 1, 432_112_345_678_901_234_f64).unwrap();
    book.save(&long).unwrap();
    let args = ["activity", "track", &id, long.to_str().unwrap(), "--courier", "顺丰"];
    let said = service.run(&args).err;
    assert!(said.contains("line 2: A1-1-0001: the tracking number must be"), "not another number: {said}");
    let back = site
        .write("back.csv", "客户订单号,运单号,状态\nA1-1-0001,?,已寄\nA1-1-0001,,退回\nA1-1-0001,,丢了\n");
    let args = ["activity", "track", &id, back.to_str().unwrap(), "--courier", "顺丰"];
    let said = service.run(&args).err;
    assert!(said.contains("line 2: A1-1-0001: the tracking number must be"), "{said}");
    assert!(said.contains("line 4: A1-1-0001: \"丢了\" is no state") && said.contains("1 told"), "{said}");
    let told = mei.send(&service.base, &mei.say("你好")).await.unwrap();
    assert!(told.text.contains("被快递退回了（顺丰 SF1234567890123）"), "{}", told.text);
    let other = site.write("other.csv", "客户订单号,运单号,重量\nA1-1-0001,SF1234567890123,1kg\n");
    let args = ["activity", "track", &id, other.to_str().unwrap(), "--courier", "顺丰"];
    assert!(service.run(&args).err.contains("unknown column \"重量\""));

    let roster = site.path("roster.xlsx");
    service.run(&["activity", "roster", &id, "-o", roster.to_str().unwrap()]).done();
    assert_eq!(cells(&roster, 0).len(), 3);
    assert_eq!(cells(&roster, 1)[1][2..5], ["3", "2", "2"], "capacity, taken, confirmed");
    let csv = site.path("roster.csv");
    service.run(&["activity", "roster", &id, "-o", csv.to_str().unwrap()]).done();
    let written = std::fs::read_to_string(csv).unwrap();
    assert_eq!(written.lines().count(), 3);
    assert_eq!(service.run(&["activity", "roster", &id, "--csv"]).done(), written);
    let trail = service.staff("POST", "/store/audit", None).await;
    assert_eq!(trail["broken"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_there_checks_in_by_the_code_that_staff_show() {
    let site = Site::new();
    let service = site.serve();
    let mut form = activity("讲座", 5, 0, json!([]));
    form["sessions"][0]["starts"] = seconds(600).into();
    form["sessions"][0]["ends"] = seconds(7200).into();
    form["sign_up"] = json!({ "opens": seconds(-3600), "closes": seconds(500) });
    let id = service.open_activity(&form).await;
    let (mei, lan) = (Follower::new(1), Follower::new(2));
    for follower in [&mei, &lan] {
        follower.sign_up(&service.base, &id, &[]).await;
    }
    let code = service.run(&["activity", "check-in", &id]).done();
    let said = mei.send(&service.base, &mei.say(&format!("签到{}", code.trim()))).await.unwrap();
    assert!(said.text.contains("签到成功"), "{}", said.text);
    let came = site.write("came.csv", "number,state,reason\nA1-1-0002,excused,病假\n");
    service.run(&["activity", "attendance", &id, came.to_str().unwrap()]).done();
    let roster = service.roster(&id).await;
    let attendance = |index: usize| roster["registrations"][index]["attendance"].clone();
    assert_eq!((attendance(0), attendance(1)), (json!("present"), json!("excused")));
    let absent = site.write("absent.csv", "number,state\nA1-1-0001,absent\n");
    for (list, more) in [(&came, &["--rest-absent", "1"][..]), (&absent, &[])] {
        let args = ["activity", "attendance", &id, list.to_str().unwrap()];
        let early = service.run(&[&args, more].concat());
        assert!(early.err.contains("who did not is known from"), "{}", early.err);
    }
    let taps = Link { content: "我的报名".to_owned(), id: "mine-1-1-2".to_owned() };
    assert!(lan.send(&service.base, &lan.tap(&taps)).await.unwrap().text.contains("状态：请假"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_absent_by_the_mistyped_number_of_another() {
    let site = Site::new();
    let service = site.serve();
    let mut form = activity("讲座", 5, 0, json!([]));
    form["check_in"] = "staff".into();
    let id = service.open_activity(&form).await;
    for number in 1..=2 {
        Follower::new(number).sign_up(&service.base, &id, &[]).await;
    }
    let list = |numbers: &str| site.write("came.csv", &format!("number\n{numbers}\n"));
    let rest_absent = |file: std::path::PathBuf| {
        let file = file.to_str().unwrap().to_owned();
        let args = ["activity", "attendance", &id, &file, "--rest-absent", "1"];
        service.run(&args)
    };
    let attendance = async || {
        let roster = service.roster(&id).await;
        [0, 1].map(|index| roster["registrations"][index]["attendance"].clone())
    };
    assert!(rest_absent(list("A1-1-0001")).failed(1).contains("(too_early)"));
    let yesterday = site.write("came.csv", "number,state\nA1-1-0001,present\n");
    let args = ["activity", "attendance", &id, yesterday.to_str().unwrap(), "--server", &service.base];
    assert!(site.run(&args).failed(1).contains("(too_early)"), "another session's list");

    form["sessions"][0]["starts"] = seconds(-600).into();
    service.staff("PUT", &format!("/activities/{id}"), Some(&form)).await;
    assert!(rest_absent(list("A1-1-0001\nA1-1-0020")).failed(1).contains("unknown: A1-1-0020"));
    assert_eq!(attendance().await, [json!("present"), Value::Null]);
    let sheet = site.path("sheet.csv");
    let marks = "报名号,到场\r\nA1-1-0001,到\r\nA1-1-0002,\r\n";
    std::fs::write(&sheet, encoding_rs::GB18030.encode(marks).0).unwrap();
    let said = rest_absent(sheet);
    assert!(said.code == 0 && said.err.contains("1 lines say nothing of who came"), "{said:?}");
    assert_eq!(attendance().await, [json!("present"), json!("absent")], "who has no mark did not come");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_series_makes_its_rounds_until_it_is_stopped() {
    let site = Site::new();
    let service = site.serve();
    let mut first = activity("周二手工课 第{round}期", 5, 0, json!([]));
    first["series"] = json!({ "name": "周二手工课" });
    let file = site.write("series.json", &json!({ "first": first, "every_weeks": 1 }).to_string());
    service.run(&["activity", "series", "create", file.to_str().unwrap()]).done();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let shown = service.staff("GET", "/series/S1", None).await;
        if shown["rounds"] == json!([{ "round": 1, "activity": "A1" }]) {
            assert_eq!(shown["next"], 2);
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{shown}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(service.roster("A1").await["title"], "周二手工课 第1期");
    assert!(service.run(&["activity", "series", "stop", "S1"]).done().contains("stopped"));
    let wrong = site.write("wrong.json", &json!({ "first": first, "every_week": 1 }).to_string());
    let ran = service.run(&["activity", "series", "create", wrong.to_str().unwrap()]);
    assert!(ran.err.contains("every_week"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_in_a_sign_up_stands_nowhere_in_clear() {
    let site = Site::new();
    let service = site.serve();
    let questions = json!([
        { "name": "child", "ask": "孩子姓名和过敏史", "kind": "text" },
        { "name": "home", "ask": "材料包寄到哪里", "kind": "address" },
        { "name": "phone", "ask": "手机号", "kind": "phone" },
    ]);
    let id = service.open_activity(&activity("亲子营", 3, 3, questions)).await;
    let told = ["种小明青霉素过敏", "播种市解放路91号", "13912345678"];
    let answer = Follower::new(1).sign_up(&service.base, &id, &told).await;
    assert!(answer.text.contains("报名成功"), "{}", answer.text);
    let undecided = Follower::new(2);
    let apply = Link { content: "报名".to_owned(), id: format!("apply-{}", id.trim_start_matches('A')) };
    undecided.send(&service.base, &undecided.tap(&apply)).await.unwrap();
    for words in told {
        undecided.send(&service.base, &undecided.say(words)).await.unwrap();
    }
    let summary = undecided.send(&service.base, &undecided.say("让我想想")).await.unwrap();
    assert!(summary.text.contains(told[0]) && summary.text.contains("播种市"), "{}", summary.text);
    service.kill();
    for (file, bytes) in contents(&site.path("data/store")) {
        for planted in ["种小明", "播种市", "13912345678", "139****5678"] {
            let found = bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
            assert!(!found, "{planted} stands in {}", file.display());
        }
    }
}
