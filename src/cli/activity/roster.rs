//! Who signed up, as a table on the screen or in a file.

use std::path::Path;

use serde_json::Value;

use super::sheet::Sheet;
use super::{Done, One, text_of};
use crate::cli::answer::items;
use crate::cli::client::Client;
use crate::cli::out::{self, Failure};
use crate::cli::{block_on, progress};
use crate::staff::activity::{
    ActivityList, Counts, ROSTER_HEAD, RegistrationView, Roster, SessionBrief, roster_row,
};

const PER_PAGE: usize = 500;

pub(super) fn show(client: &Client, activity: &One, reveal: Option<&str>, csv: bool) -> Done {
    let path = format!("/activities/{}/roster", activity.id);
    let words: Vec<(&str, &str)> = reveal.map(|reason| ("reveal", reason)).into_iter().collect();
    if csv {
        return out::print(&block_on(client.look(&path, &words, "text/csv"))?);
    }
    let text = block_on(client.look(&path, &words, "application/json"))?;
    if activity.common.json {
        return out::print_json(&serde_json::from_str::<Value>(&text).map_err(Failure::new)?);
    }
    let roster: Roster = serde_json::from_str(&text).map_err(Failure::new)?;
    print_rows(&roster.registrations)?;
    let Counts { seats_taken, capacity, waiting, .. } = roster.counts;
    out::say(format_args!("{seats_taken} of {capacity} seats taken, {waiting} waiting"));
    for session in roster.sessions.iter().filter(|session| session.unrecorded) {
        out::say(format_args!(
            "session {}: attendance not recorded, nobody counted absent; `gonghui activity attendance` settles it",
            session.session
        ));
    }
    Ok(())
}

fn print_rows(rows: &[RegistrationView]) -> Done {
    let row = |row: &RegistrationView| {
        let erased = row.erased.map(|at| format!("erased {at}"));
        let told = row.answers.iter().map(|(name, answer)| format!("{name}={answer}"));
        let answers: Vec<String> = told.chain(erased).collect();
        let (session, seats) = (row.session.to_string(), row.party.seats.to_string());
        [row.number.clone(), row.status.clone(), session, seats, answers.join("  ")]
    };
    let rows: Vec<[String; 5]> = rows.iter().map(row).collect();
    out::print(&out::table(["NUMBER", "STATUS", "SESSION", "SEATS", "ANSWERS"], &rows))
}

/// Those who wait for staff to pick, page by page.
pub(super) fn applied(client: &Client, activity: &One) -> Done {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = block_on(page(client, activity, None, after.as_deref()))?;
        all.extend(page.registrations.into_iter().filter(|row| row.status == "applied"));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    match activity.common.json {
        true => out::print_json(&serde_json::json!({ "applications": all })),
        false => print_rows(&all),
    }
}

/// Page by page into a file, with the statistics as a second sheet where the format has one.
pub(super) fn save(client: &Client, activity: &One, reveal: Option<&str>, file: &Path) -> Done {
    let shown = block_on(client.get(&format!("/activities/{}", activity.id)))?;
    let questions: Vec<String> =
        items(&shown["activity"], "questions").map(|question| text_of(&question["name"])).collect();
    let mut sheet = Sheet::create(file, "名单")?;
    sheet.row(ROSTER_HEAD.into_iter().chain(questions.iter().map(String::as_str)))?;
    let bar = progress::rows("roster");
    let mut after = None;
    let sessions = loop {
        let page = block_on(page(client, activity, reveal, after.as_deref()))?;
        bar.set_length(total(&page.counts));
        for row in &page.registrations {
            sheet.row(roster_row(row, page.insurance.as_ref(), &questions))?;
            bar.inc(1);
        }
        after = page.next;
        if after.is_none() {
            break page.sessions;
        }
    };
    if sheet.next_table("统计")? {
        sheet.row(statistics_head(&[]))?;
        for session in &sessions {
            sheet.row(statistics_row(session, []))?;
        }
    }
    sheet.finish()?;
    bar.finish_and_clear();
    out::say(format_args!("{} sign-ups written to {}", bar.position(), file.display()));
    Ok(())
}

async fn page(
    client: &Client,
    activity: &One,
    reveal: Option<&str>,
    after: Option<&str>,
) -> Result<Roster, Failure> {
    let limit = PER_PAGE.to_string();
    let mut words = vec![("limit", limit.as_str())];
    words.extend(reveal.map(|reason| ("reveal", reason)));
    words.extend(after.map(|after| ("after", after)));
    let text =
        client.look(&format!("/activities/{}/roster", activity.id), &words, "application/json").await?;
    serde_json::from_str(&text).map_err(Failure::new)
}

fn total(counts: &Counts) -> u64 {
    let Counts { confirmed, waiting, offered, applied, not_drawn, cancelled, .. } = *counts;
    [confirmed, waiting, offered, applied, not_drawn, cancelled].into_iter().map(u64::from).sum()
}

/// Every session of every activity in numbers, page by page into a file.
pub(super) fn statistics(client: &Client, file: &Path) -> Done {
    let mut sheet = Sheet::create(file, "统计")?;
    sheet.row(statistics_head(&["活动", "标题", "状态"]))?;
    let bar = progress::rows("activities");
    let mut path = "/activities?limit=100".to_owned();
    loop {
        let found: ActivityList =
            serde_json::from_value(block_on(client.get(&path))?).map_err(Failure::new)?;
        for activity in &found.activities {
            for session in &activity.sessions {
                let of = [&activity.id, &activity.title, &activity.state];
                sheet.row(statistics_row(session, of))?;
            }
            bar.inc(1);
        }
        match found.next {
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

/// `first` are the columns before those of a session.
fn statistics_head(first: &[&'static str]) -> Vec<&'static str> {
    const SESSION: [&str; 12] = [
        "场次",
        "开始",
        "名额",
        "已占",
        "已报名",
        "候补",
        "待确认",
        "待抽签",
        "未中签",
        "已取消",
        "到场",
        "签到",
    ];
    first.iter().copied().chain(SESSION).collect()
}

fn statistics_row<const N: usize>(session: &SessionBrief, first: [&String; N]) -> Vec<String> {
    let c = &session.counts;
    let counted = [
        c.capacity,
        c.seats_taken,
        c.confirmed,
        c.waiting,
        c.offered,
        c.applied,
        c.not_drawn,
        c.cancelled,
        c.present,
    ];
    // Nobody checked in: nothing is known of who came.
    let unrecorded = if session.unrecorded { "未记录，没有人记缺席" } else { "" };
    let mut cells = first.map(String::clone).to_vec();
    cells.extend([session.session.to_string(), session.starts.to_string()]);
    cells.extend(counted.iter().map(ToString::to_string));
    cells.push(unrecorded.to_owned());
    cells
}
