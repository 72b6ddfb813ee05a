//! Draws, attendance, appeals and parcels from the command line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::sheet::Sheet;
use super::{Common, Done, One, text_of};
use crate::cli::answer::{items, parse_id};
use crate::cli::client::Client;
use crate::cli::list_file::{Row, table};
use crate::cli::out::{self, Failure};
use crate::cli::{block_on, progress};
use crate::domain::activity::draw::protocol;

/// Sent in one call.
const PER_CALL: usize = 100;
const NUMBER: [&str; 4] = ["number", "报名号", "订单号", "客户订单号"];

#[derive(Debug, Subcommand)]
pub(super) enum Appeals {
    /// Show what followers say to absences
    #[command(after_help = "Example:\n  gonghui activity appeals list")]
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Take an absence back; the follower is told
    #[command(
        after_help = "Example:\n  gonghui activity appeals lift A12-1-0007 --reason 现场已签到，系统漏记"
    )]
    Lift {
        #[command(flatten)]
        answer: Answer,
    },
    /// Turn an appeal down; the follower is told
    #[command(after_help = "Example:\n  gonghui activity appeals reject A12-1-0007 --reason 未提前告知")]
    Reject {
        #[command(flatten)]
        answer: Answer,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Answer {
    /// The sign-up's number, as A12-1-0007
    #[arg(value_parser = parse_id)]
    number: String,
    /// Why; the follower reads it
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    pub(super) common: Common,
}

impl Appeals {
    pub(super) fn common(&self) -> &Common {
        match self {
            Appeals::List { common } => common,
            Appeals::Lift { answer } | Appeals::Reject { answer } => &answer.common,
        }
    }
}

/// The record of a draw, on the screen or in a file.
pub(super) fn draw(client: &Client, activity: &One, file: Option<&Path>) -> Done {
    let text = block_on(client.look(&format!("/activities/{}/draw", activity.id), &[], "text/plain"))?;
    match file {
        None => out::print(&text),
        Some(file) => std::fs::write(file, text).map_err(|error| cant(file, &error)),
    }
}

/// Recomputes a draw from its public record, without asking anybody.
pub(super) fn verify_draw(file: &Path, promised: Option<&str>, as_json: bool) -> Done {
    let text = match file == Path::new("-") {
        true => std::io::read_to_string(std::io::stdin()).map_err(|error| cant(file, &error))?,
        false => std::fs::read_to_string(file).map_err(|error| cant(file, &error))?,
    };
    let verified = protocol::verify(&text, promised);
    if as_json {
        out::print_json(&match &verified {
            Ok(v) => json!({ "verified": true, "activity": v.activity, "entries": v.entries,
                "seated": v.seated, "waiting": v.waiting }),
            Err(problems) => json!({ "verified": false, "problems": problems }),
        })?;
        return verified.map(drop).map_err(|_| Failure::Told);
    }
    match verified {
        Ok(v) => {
            let protocol::Verified { activity, entries, seated, waiting } = v;
            out::print(&format!(
                "VERIFIED: the draw of {activity} is what its seed and its list make it: \
                 {entries} entries, {seated} seated, {waiting} places in waiting lists\n"
            ))?;
            if promised.is_none() {
                out::say(format_args!(
                    "The commitment was taken from the file itself. With --commitment, as the activity's page \
                     showed it before the draw, a file that was forged whole is found out, too."
                ));
            }
            Ok(())
        }
        Err(problems) => {
            for problem in problems {
                out::print(&format!("{}\n", out::tame(&problem)))?;
            }
            out::say("NOT VERIFIED");
            Err(Failure::Told)
        }
    }
}

pub(super) fn check_in(client: &Client, activity: &One, session: u16, file: Option<&Path>) -> Done {
    let path = format!("/activities/{}/check-in", activity.id);
    if let Some(file) = file {
        let path = format!("{path}.png?session={session}");
        let picture = block_on(client.look_bytes(&path, "image/png"))?;
        std::fs::write(file, picture).map_err(|error| cant(file, &error))?;
    }
    let code = block_on(client.get(&format!("{path}?session={session}")))?;
    if activity.common.json {
        return out::print_json(&code);
    }
    let [code, scene, until] = ["code", "scene", "until"].map(|key| text_of(&code[key]));
    out::print(&format!("{code}\n"))?;
    out::say(format_args!("until {until}; as a QR code's scene: {scene}"));
    Ok(())
}

/// A list of who came: a number on each line, and a state, or everybody on it did. A line whose state is blank says nothing.
/// It is read whole before anything is sent.
pub(super) fn attendance(client: &Client, activity: &One, file: &Path, rest: Option<u16>) -> Done {
    let (head, rows) = table(file)?;
    let number =
        column(&head.cells, &NUMBER).ok_or_else(|| cant(file, &"it has no column `number` or `报名号`"))?;
    let state = column(&head.cells, &["state", "attendance", "到场"]);
    let reason = column(&head.cells, &["reason", "说明"]);
    let mut marks = Vec::new();
    for Row { line, cells } in &rows {
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        let number = cell(number);
        marks.push(match state.map_or("present", cell) {
            "" => continue,
            "present" | "已签到" | "到" => ("present", Value::from(number)),
            "absent" | "缺席" => ("absent", number.into()),
            "excused" | "请假" => {
                ("excused", json!({ "number": number, "reason": reason.map_or("", cell) }))
            }
            other => {
                let why = format!("line {line}: {other:?} is no state: present, absent or excused");
                return Err(cant(file, &why));
            }
        });
    }
    if marks.len() < rows.len() {
        let blank = rows.len() - marks.len();
        out::say(format_args!("{blank} lines say nothing of who came, and were passed over"));
    }
    let bar = progress::rows("attendance");
    bar.set_length(marks.len() as u64);
    let (mut marked, mut unknown) = (0, Vec::new());
    for marks in marks.chunks(PER_CALL) {
        let mut body: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for (state, who) in marks {
            body.entry(state).or_default().push(who);
        }
        let done = mark(client, activity, &json!(body))?;
        marked += done["marked"].as_u64().unwrap_or(0);
        unknown.extend(items(&done, "unknown").map(text_of));
        bar.inc(marks.len() as u64);
    }
    bar.finish_and_clear();
    match rest {
        Some(session) if unknown.is_empty() => {
            mark(client, activity, &json!({ "rest_absent": session }))?;
        }
        Some(_) => out::say("Nobody else was counted absent: an unknown number may be of somebody who came."),
        None => {}
    }
    told(activity, marked, &unknown, "marked")
}

fn mark(client: &Client, activity: &One, body: &Value) -> Result<Value, Failure> {
    block_on(client.post(&format!("/activities/{}/attendance", activity.id), Some(body)))
}

fn told(activity: &One, count: u64, unknown: &[String], what: &str) -> Done {
    if activity.common.json {
        out::print_json(&json!({ what: count, "unknown": unknown }))?;
    } else {
        out::say(format_args!("{count} {what}"));
        for number in unknown {
            out::say(format_args!("unknown: {}", out::tame(number)));
        }
    }
    if unknown.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

/// Decides, or shows who waits for a decision.
pub(super) fn review(
    client: &Client,
    activity: &One,
    accept: &[String],
    (refuse, reason): (&[String], &str),
) -> Done {
    if accept.is_empty() && refuse.is_empty() {
        return super::roster::applied(client, activity);
    }
    let refuse: Vec<Value> = refuse.iter().map(|n| json!({ "number": n, "reason": reason })).collect();
    let body = json!({ "accept": accept, "refuse": refuse });
    let done = block_on(client.post(&format!("/activities/{}/review", activity.id), Some(&body)))?;
    if activity.common.json {
        return out::print_json(&done);
    }
    let [accepted, refused] = ["accepted", "refused"].map(|key| text_of(&done[key]));
    out::say(format_args!("{accepted} accepted, {refused} refused, and told"));
    Ok(())
}

pub(super) fn appeals(client: &Client, appeals: &Appeals) -> Done {
    match appeals {
        Appeals::List { common } => list_appeals(client, common),
        Appeals::Lift { answer } => answer_appeal(client, answer, "lift"),
        Appeals::Reject { answer } => answer_appeal(client, answer, "reject"),
    }
}

fn list_appeals(client: &Client, common: &Common) -> Done {
    let (mut all, mut path) = (Vec::new(), "/appeals".to_owned());
    loop {
        let page = block_on(client.get(&path))?;
        all.extend(items(&page, "appeals").cloned());
        match page["next"].as_str() {
            Some(next) => path = format!("/appeals?after={next}"),
            None => break,
        }
    }
    if common.json {
        return out::print_json(&json!({ "appeals": all }));
    }
    let row = |appeal: &Value| ["number", "state", "at", "follower", "says"].map(|key| text_of(&appeal[key]));
    let rows: Vec<[String; 5]> = all.iter().map(row).collect();
    out::print(&out::table(["NUMBER", "STATE", "AT", "FOLLOWER", "SAYS"], &rows))
}

pub(super) fn take_back(client: &Client, answer: &Answer) -> Done {
    decide(client, answer, &format!("/registrations/{}/take-back", answer.number))
}

fn answer_appeal(client: &Client, answer: &Answer, verb: &str) -> Done {
    decide(client, answer, &format!("/appeals/{}/{verb}", answer.number))
}

fn decide(client: &Client, answer: &Answer, path: &str) -> Done {
    let body = json!({ "reason": answer.reason });
    block_on(async { client.post_for_response(path, Some(&body)).await.map(drop) })?;
    out::say(format_args!("{}: done, and told", answer.number));
    Ok(())
}

/// The courier's list, page by page into a file.
pub(super) fn kits(client: &Client, activity: &One, file: &Path, reason: &str) -> Done {
    let mut sheet = Sheet::create(file, "寄件")?;
    sheet.row(["客户订单号", "收件人", "收件人手机", "收件地址", "物品", "快递公司", "运单号"])?;
    let bar = progress::rows("parcels");
    let mut after: Option<String> = None;
    loop {
        let mut words = vec![("reveal", reason)];
        words.extend(after.as_deref().map(|after| ("after", after)));
        let path = format!("/activities/{}/kits", activity.id);
        let text = block_on(client.look(&path, &words, "application/json"))?;
        let page: Value = serde_json::from_str(&text).map_err(Failure::new)?;
        bar.set_length(page["confirmed"].as_u64().unwrap_or(0));
        for parcel in items(&page, "parcels").filter(|parcel| parcel["state"] == "to_send") {
            let keys = ["number", "name", "phone", "address", "what", "courier", "tracking"];
            sheet.row(keys.map(|key| text_of(&parcel[key])))?;
            bar.inc(1);
        }
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    sheet.finish()?;
    let (to_send, confirmed) = (bar.position(), bar.length().unwrap_or(0));
    bar.finish_and_clear();
    out::say(format_args!("{to_send} parcels of {confirmed} confirmed sign-ups, in {}", file.display()));
    Ok(())
}

/// Tracking numbers from the courier's list.
pub(super) fn track(client: &Client, activity: &One, file: &Path, courier: Option<&str>) -> Done {
    let (Row { cells: head, .. }, rows) = table(file)?;
    let missing = |what: &str| cant(file, &format!("it has no column {what}"));
    let all = [&NUMBER[..], TRACKING, COURIER, STATE, AS_POSTED].concat();
    let is_known =
        |name: &String| name.is_empty() || all.iter().any(|known| known.eq_ignore_ascii_case(name));
    if let Some(name) = head.iter().find(|name| !is_known(name)) {
        return Err(cant(file, &format!("unknown column {name:?}; known are {}", all.join(", "))));
    }
    let number = column(&head, &NUMBER).ok_or_else(|| missing("`number` or `客户订单号`"))?;
    let tracking = column(&head, TRACKING).ok_or_else(|| missing("`tracking` or `运单号`"))?;
    let (company, state) = (column(&head, COURIER), column(&head, STATE));
    let bar = progress::rows("tracking");
    bar.set_length(rows.len() as u64);
    let (mut told_now, mut unknown, mut refused) = (0, Vec::new(), Vec::new());
    for rows in rows.chunks(PER_CALL) {
        let (mut parcels, mut sent) = (Vec::new(), Vec::new());
        for Row { line, cells } in rows {
            let cell = |at: usize| cells.get(at).map_or("", String::as_str);
            let state = match parcel_state(state.map_or("", cell)) {
                Ok(state) => state,
                Err(why) => {
                    refused.push(json!({ "line": line, "number": cell(number), "message": why }));
                    continue;
                }
            };
            if cell(tracking).is_empty() && state == "sent" {
                continue;
            }
            let company = company.map_or("", cell);
            let company = match (company, cell(tracking)) {
                ("", tracking) if !tracking.is_empty() => courier.unwrap_or_default(),
                (company, _) => company,
            };
            parcels.push(json!({ "number": cell(number), "courier": company, "tracking": cell(tracking),
                "state": state }));
            sent.push(*line);
        }
        let body = json!({ "parcels": parcels });
        let path = format!("/activities/{}/kits/tracking", activity.id);
        let done = block_on(client.post(&path, Some(&body)))?;
        told_now += done["told"].as_u64().unwrap_or(0);
        unknown.extend(items(&done, "unknown").map(text_of));
        for no in items(&done, "refused") {
            let line = no["index"].as_u64().and_then(|at| sent.get(at as usize));
            refused.push(json!({ "line": line, "number": no["number"], "message": no["message"] }));
        }
        bar.inc(rows.len() as u64);
    }
    bar.finish_and_clear();
    if activity.common.json {
        out::print_json(&json!({ "told": told_now, "unknown": unknown, "refused": refused }))?;
    } else {
        for no in &refused {
            let [line, number, message] = ["line", "number", "message"].map(|key| text_of(&no[key]));
            out::say(format_args!("line {line}: {}: {}", out::tame(&number), out::tame(&message)));
        }
        told(activity, told_now, &unknown, "told")?;
    }
    if unknown.is_empty() && refused.is_empty() { Ok(()) } else { Err(Failure::Told) }
}

const TRACKING: &[&str] = &["tracking", "运单号", "快递单号"];
const COURIER: &[&str] = &["courier", "快递公司"];
const STATE: &[&str] = &["state", "状态", "物流状态"];
/// The other columns of the list that the courier got ([`kits`]).
const AS_POSTED: &[&str] = &["name", "phone", "address", "what", "收件人", "收件人手机", "收件地址", "物品"];

/// As the courier says it, and as the API does.
fn parcel_state(said: &str) -> Result<&'static str, String> {
    Ok(match said {
        "" | "sent" | "已寄" | "已寄出" | "已发货" | "运输中" | "派送中" => "sent",
        "delivered" | "签收" | "已签收" => "delivered",
        "returned" | "退回" | "已退回" | "退件" | "拒收" => "returned",
        other => {
            return Err(format!("{other:?} is no state: sent (已寄), delivered (签收) or returned (退回)"));
        }
    })
}

/// Where a column is, by any of its names.
fn column(head: &[String], names: &[&str]) -> Option<usize> {
    head.iter().position(|cell| names.iter().any(|name| cell.eq_ignore_ascii_case(name)))
}

fn cant(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}

/// Where to write, from the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Output {
    /// The file; `.xlsx` is a workbook, anything else CSV
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,
}
