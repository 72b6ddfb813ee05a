//! Who signed up, as a table on the screen or in a file.

use std::path::Path;

use serde_json::Value;

use super::sheet::Sheet;
use super::{Activity, Done, text_of};
use crate::cli::answer::items;
use crate::cli::client::Client;
use crate::cli::out::{self, Failure};
use crate::cli::{block_on, progress};

const PER_PAGE: usize = 500;
const HEAD: [&str; 14] = [
    "报名号",
    "状态",
    "场次",
    "到场",
    "粉丝",
    "同行",
    "大人年龄",
    "孩子",
    "名额",
    "名额类别",
    "报名时间",
    "候补跳过原因",
    "同意",
    "保险",
];

pub(super) fn show(client: &Client, activity: &Activity, reveal: Option<&str>, csv: bool) -> Done {
    let path = format!("/activities/{}/roster", activity.id);
    let words: Vec<(&str, &str)> = reveal.map(|reason| ("reveal", reason)).into_iter().collect();
    if csv {
        return out::print(&block_on(client.look(&path, &words, "text/csv"))?);
    }
    let text = block_on(client.look(&path, &words, "application/json"))?;
    let roster: Value = serde_json::from_str(&text).map_err(Failure::new)?;
    if activity.common.json {
        return out::print_json(&roster);
    }
    let rows: Vec<[String; 5]> = items(&roster, "registrations").map(row).collect();
    out::print(&out::table(["NUMBER", "STATUS", "SESSION", "SEATS", "ANSWERS"], &rows))?;
    let counts = &roster["counts"];
    let count = |name: &str| text_of(&counts[name]);
    let (taken, capacity) = (count("seats_taken"), count("capacity"));
    out::say(format_args!("{taken} of {capacity} seats taken, {} waiting", count("waiting")));
    for session in items(&roster, "sessions").filter(|session| session["unrecorded"] == true) {
        out::say(format_args!(
            "session {}: attendance not recorded, nobody counted absent; `gonghui activity attendance` settles it",
            text_of(&session["session"])
        ));
    }
    Ok(())
}

fn row(row: &Value) -> [String; 5] {
    let answers = row["answers"].as_object().into_iter().flatten();
    let answers: Vec<String> = answers.map(|(name, answer)| format!("{name}={}", text_of(answer))).collect();
    let [number, status, session] = ["number", "status", "session"].map(|key| text_of(&row[key]));
    [number, status, session, text_of(&row["party"]["seats"]), answers.join("  ")]
}

/// Those who wait for staff to pick, page by page.
pub(super) fn applied(client: &Client, activity: &Activity) -> Done {
    let (mut all, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = block_on(page(client, activity, None, after.as_deref()))?;
        all.extend(items(&page, "registrations").filter(|row| row["status"] == "applied").cloned());
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    if activity.common.json {
        return out::print_json(&serde_json::json!({ "applications": all }));
    }
    let rows: Vec<[String; 5]> = all.iter().map(row).collect();
    out::print(&out::table(["NUMBER", "STATUS", "SESSION", "SEATS", "ANSWERS"], &rows))
}

/// Page by page into a file, with the statistics as a second sheet where the format has one.
pub(super) fn save(client: &Client, activity: &Activity, reveal: Option<&str>, file: &Path) -> Done {
    let shown = block_on(client.get(&format!("/activities/{}", activity.id)))?;
    let questions: Vec<String> =
        items(&shown["activity"], "questions").map(|question| text_of(&question["name"])).collect();
    let mut sheet = Sheet::create(file, "名单")?;
    sheet.row(HEAD.iter().map(|head| (*head).to_owned()).chain(questions.iter().cloned()))?;
    let bar = progress::rows("roster");
    let mut after: Option<String> = None;
    let statistics: Vec<Value> = loop {
        let page = block_on(page(client, activity, reveal, after.as_deref()))?;
        bar.set_length(total(&page));
        for row in items(&page, "registrations") {
            sheet.row(cells(&page, row, &questions))?;
            bar.inc(1);
        }
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break items(&page, "sessions").cloned().collect();
        }
    };
    if sheet.next_table("统计")? {
        write_statistics(&mut sheet, &statistics)?;
    }
    sheet.finish()?;
    bar.finish_and_clear();
    out::say(format_args!("{} sign-ups written to {}", bar.position(), file.display()));
    Ok(())
}

async fn page(
    client: &Client,
    activity: &Activity,
    reveal: Option<&str>,
    after: Option<&str>,
) -> Result<Value, Failure> {
    let limit = PER_PAGE.to_string();
    let mut words = vec![("limit", limit.as_str())];
    words.extend(reveal.map(|reason| ("reveal", reason)));
    words.extend(after.map(|after| ("after", after)));
    let text =
        client.look(&format!("/activities/{}/roster", activity.id), &words, "application/json").await?;
    serde_json::from_str(&text).map_err(Failure::new)
}

const COUNTED: [(&str, &str); 9] = [
    ("capacity", "名额"),
    ("seats_taken", "已占"),
    ("confirmed", "已报名"),
    ("waiting", "候补"),
    ("offered", "待确认"),
    ("applied", "待抽签"),
    ("not_drawn", "未中签"),
    ("cancelled", "已取消"),
    ("present", "到场"),
];

fn total(page: &Value) -> u64 {
    let counts = &page["counts"];
    let count = |name: &str| counts[name].as_u64().unwrap_or(0);
    ["confirmed", "waiting", "offered", "applied", "not_drawn", "cancelled"].iter().map(|n| count(n)).sum()
}

fn write_statistics(sheet: &mut Sheet, sessions: &[Value]) -> Done {
    sheet.row(["场次", "开始"].into_iter().chain(COUNTED.iter().map(|(_, head)| *head)).chain(["签到"]))?;
    for session in sessions {
        let mut cells = vec![text_of(&session["session"]), text_of(&session["starts"])];
        cells.extend(COUNTED.iter().map(|(name, _)| text_of(&session[*name])));
        cells.push(unrecorded(session).to_owned());
        sheet.row(cells)?;
    }
    Ok(())
}

/// Nobody checked in: nothing is known of who came.
fn unrecorded(session: &Value) -> &'static str {
    if session["unrecorded"] == true { "未记录，没有人记缺席" } else { "" }
}

/// Every session of every activity in numbers, page by page into a file.
pub(super) fn statistics(client: &Client, file: &Path) -> Done {
    let mut sheet = Sheet::create(file, "统计")?;
    let head = ["活动", "标题", "状态", "场次", "开始"];
    sheet.row(head.into_iter().chain(COUNTED.iter().map(|(_, head)| *head)).chain(["签到"]))?;
    let bar = progress::rows("activities");
    let mut path = "/activities?limit=100".to_owned();
    loop {
        let found = block_on(client.get(&path))?;
        for activity in items(&found, "activities") {
            for session in items(activity, "sessions") {
                let mut cells = ["id", "title", "state"].map(|key| text_of(&activity[key])).to_vec();
                cells.extend(["session", "starts"].map(|key| text_of(&session[key])));
                cells.extend(COUNTED.iter().map(|(name, _)| text_of(&session[*name])));
                cells.push(unrecorded(session).to_owned());
                sheet.row(cells)?;
            }
            bar.inc(1);
        }
        match found["next"].as_str() {
            Some(next) => path = format!("/activities?limit=100&after={next}"),
            None => break,
        }
    }
    sheet.finish()?;
    let count = bar.position();
    bar.finish_and_clear();
    out::say(format_args!("{count} activities in {}", file.display()));
    Ok(())
}

fn cells(page: &Value, row: &Value, questions: &[String]) -> Vec<String> {
    let ages: Vec<String> =
        items(&row["party"], "children").map(|age| format!("{}岁", text_of(age))).collect();
    let adults: Vec<String> =
        items(&row["party"], "adults").map(|age| format!("{}岁", text_of(age))).collect();
    let passed: Vec<String> = items(row, "passed_over").map(|skip| text_of(&skip["why"])).collect();
    let mut cells = vec![
        text_of(&row["number"]),
        status(row),
        text_of(&row["session"]),
        attendance(&text_of(&row["attendance"])).to_owned(),
        text_of(&row["follower"]),
        text_of(&row["party"]["companions"]),
        adults.join("、"),
        ages.join("、"),
        text_of(&row["party"]["seats"]),
        text_of(&row["share"]),
        text_of(&row["created"]),
        passed.join("; "),
        agreed(row),
        match (page["insurance"].is_object(), row["status"].as_str()) {
            (true, Some("confirmed")) => {
                let [by, number] = ["by", "number"].map(|key| text_of(&page["insurance"][key]));
                format!("{by} {number}")
            }
            _ => String::new(),
        },
    ];
    cells.extend(questions.iter().map(|name| text_of(&row["answers"][name])));
    cells
}

/// What was agreed to, with version and time.
fn agreed(row: &Value) -> String {
    let name = |kind: &str| match kind {
        "notice" => "须知",
        "guardian" => "监护人",
        "health" => "健康",
        "photo" => "肖像",
        _ => "其他",
    };
    let one = |(kind, said): (&String, &Value)| match said["given"].as_bool() {
        Some(true) => format!("{} v{} {}", name(kind), text_of(&said["version"]), text_of(&said["at"])),
        _ => format!("{} 不同意", name(kind)),
    };
    row["consents"].as_object().into_iter().flatten().map(one).collect::<Vec<_>>().join("；")
}

fn status(row: &Value) -> String {
    let known = match (row["status"].as_str().unwrap_or_default(), row["ended_by"].as_str()) {
        ("applied", _) => "待抽签或审核",
        ("cancelled", Some("refused")) => "未通过审核",
        ("confirmed", _) => "已报名",
        ("waiting", _) => "候补",
        ("offered", _) => "候补转正待确认",
        ("not_drawn", _) => "未中签",
        ("late_cancel", _) => "过时取消",
        ("cancelled", Some("declined")) => "放弃候补",
        ("cancelled", Some("lapsed")) => "候补过时",
        ("cancelled", _) => "已取消",
        (other, _) => other,
    };
    known.to_owned()
}

fn attendance(known: &str) -> &str {
    match known {
        "present" => "已签到",
        "absent" => "缺席",
        "excused" => "请假",
        other => other,
    }
}
