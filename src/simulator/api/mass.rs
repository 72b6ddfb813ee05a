//! Mass sends (群发): jobs that end later, with an event.

use std::time::Duration;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{Answered, Endpoint, Refused, Request, done, number, ok, post, refused, text, texts, told};
use crate::simulator::Simulator;
use crate::simulator::account::{Job, count_in_month};
use crate::simulator::phone::{Article, Delivered, Shown};
use crate::wechat::event::{Event, MassSend, MassStatus};
use crate::wechat::message::Kind;

const LIST_MAX: usize = 10_000;
const CLIENT_ID_BYTES_MAX: usize = 64;
/// Within it, the same id is refused; after it, the send that it named is named.
const TOO_SOON: Duration = Duration::from_secs(60);
const LOOK_BACK: Duration = Duration::from_secs(86_400);
/// Mass-sent messages that reach a follower in a calendar month.
const A_MONTH: u8 = 4;
/// What an article's id in the statistics is above its message's.
const DATA_ID: u64 = 2_247_000_000;
/// Whose name the platform puts under what it tells of itself.
const PLATFORM: &str = "oPlatform00000000000000000000";

pub const ENDPOINTS: &[Endpoint] = &[
    post("/cgi-bin/message/mass/sendall", send_all),
    post("/cgi-bin/message/mass/send", send),
    post("/cgi-bin/message/mass/preview", preview),
    post("/cgi-bin/message/mass/get", status),
    post("/cgi-bin/message/mass/delete", delete),
    post("/cgi-bin/message/mass/speed/get", speed),
    post("/cgi-bin/message/mass/speed/set", set_speed),
    post("/datacube/getarticletotal", article_total),
];

fn send_all(request: &Request) -> Answered {
    let body = request.json()?;
    let filter = &body["filter"];
    let tag = number(&filter["tag_id"]).map(|tag| tag as u32);
    let to_all = filter["is_to_all"].as_bool().unwrap_or(false);
    if !to_all && tag.is_none() {
        return Err(refused(40035, "invalid filter"));
    }
    let phones = request.simulator.phones();
    let reached = |openid: &&String| {
        let phone = phones.by_openid.get(*openid);
        phone.is_some_and(|phone| {
            phone.subscribed && (to_all || tag.is_some_and(|tag| phone.tags.contains(&tag)))
        })
    };
    let to: Vec<String> = phones.openids.iter().filter(reached).cloned().collect();
    drop(phones);
    accept(request, &body, to)
}

fn send(request: &Request) -> Answered {
    let body = request.json()?;
    let to = texts(&body["touser"]);
    if to.len() < 2 {
        return Err(refused(40130, "invalid openid list size, at least two openid"));
    }
    if to.len() > LIST_MAX {
        return Err(refused(40032, "invalid openid list size"));
    }
    accept(request, &body, to)
}

fn accept(request: &Request, body: &Value, to: Vec<String>) -> Answered {
    let client_id = client_id(body, &to)?;
    // Before all else: an id that is known names what was sent, whatever has become of its content since.
    known(request, &client_id)?;
    let content = content(request, body)?;
    let kind = text(body, "msgtype");
    let now = request.now;
    let msg_id = request.with_account(|account| {
        if body["filter"]["is_to_all"] == true && !count_in_month(&mut account.to_all, now, A_MONTH) {
            return Err(refused(45028, "has no masssend quota"));
        }
        let msg_id = 1_000_000_000 + account.next();
        account.job_ids.insert(client_id.clone(), (now, msg_id));
        let job = Job {
            status: "SENDING",
            can_be_deleted: matches!(kind, "mpnews" | "mpvideo"),
            begun: now,
            readers: (kind == "mpnews").then_some(to.len()),
        };
        account.jobs.insert(msg_id, job);
        let media_id = text(&body["mpnews"], "media_id");
        if let Some(draft) = account.drafts.remove(media_id) {
            account.sent_drafts.insert(media_id.to_owned(), draft);
        }
        Ok(msg_id)
    })?;
    let simulator = request.simulator.clone();
    tokio::spawn(async move {
        tokio::time::sleep(simulator.0.settings.job_takes).await;
        simulator.finish_job(msg_id, to, &content, &client_id).await;
    });
    let mut answer = json!({"errcode": 0, "errmsg": "send job submission success", "msg_id": msg_id});
    if kind == "mpnews" {
        answer["msg_data_id"] = json!(DATA_ID + msg_id);
    }
    Ok(super::Answer::Json(answer))
}

fn known(request: &Request, client_id: &str) -> Result<(), Refused> {
    let known = request.with_account(|account| account.job_ids.get(client_id).copied());
    match known.map(|(at, msg_id)| (request.now.since(at), msg_id)) {
        Some((ago, _)) if ago < TOO_SOON => Err(refused(45066, "clientmsgid retry too fast")),
        Some((ago, msg_id)) if ago < LOOK_BACK => {
            Err(Refused { more: json!({"msg_id": msg_id}), ..refused(45065, "clientmsgid exist") })
        }
        _ => Ok(()),
    }
}

impl Simulator {
    /// Everybody gets it who follows, isn't on the blacklist and had fewer than four this month; then WeChat tells how it went.
    async fn finish_job(&self, msg_id: u64, to: Vec<String>, content: &Content, client_id: &str) {
        let now = self.now();
        let blocked = self.account().blocked.clone();
        let (mut filtered, mut sent) = (0, 0);
        for openid in &to {
            let got = self.with_phone(openid, |phone| {
                if !phone.subscribed || blocked.contains(openid) || !phone.count_mass(now, A_MONTH) {
                    return false;
                }
                let (what, client_id) = (content.words(), Some(client_id.to_owned()));
                phone.delivered.push(Delivered { by: "mass", what, client_id });
                phone.show(content.shown(), now, None);
                true
            });
            filtered += u64::from(got == Some(true));
            sent += u64::from(got == Some(true));
        }
        if let Some(job) = self.account().jobs.get_mut(&msg_id) {
            job.status = "SEND_SUCCESS";
        }
        let finished = MassSend {
            msg_id: msg_id.to_string(),
            status: MassStatus::Success,
            total: Some(to.len() as u64),
            filtered: Some(filtered),
            sent: Some(sent),
            errors: Some(filtered - sent),
            copyright: None,
            article_urls: None,
        };
        self.deliver(PLATFORM, Kind::Event(Event::MassSendJobFinish(finished)), None).await;
    }
}

/// What is sent to many.
enum Content {
    Words(String),
    Articles(Vec<Article>),
}

impl Content {
    fn shown(&self) -> Shown {
        match self {
            Content::Words(text) => Shown::Mass { text: text.clone(), articles: Vec::new() },
            Content::Articles(articles) => Shown::Mass { text: String::new(), articles: articles.clone() },
        }
    }

    fn words(&self) -> String {
        match self {
            Content::Words(text) => text.clone(),
            Content::Articles(articles) => {
                articles.iter().map(|article| article.title.as_str()).collect::<Vec<_>>().join("\n")
            }
        }
    }
}

fn content(request: &Request, body: &Value) -> Result<Content, Refused> {
    let kind = text(body, "msgtype");
    let object = &body[kind];
    let media =
        |ids: &[String]| match !ids.is_empty() && ids.iter().all(|id| super::media::is_known(request, id)) {
            true => Ok(ids.join(" ")),
            false => Err(refused(40007, "invalid media_id")),
        };
    match kind {
        "text" => match text(object, "content") {
            "" => Err(refused(44004, "empty content")),
            content if content.len() > 2_048 => Err(refused(45002, "content size out of limit")),
            content => Ok(Content::Words(content.to_owned())),
        },
        "mpnews" => {
            let draft = super::draft::named(request, text(object, "media_id"))?;
            Ok(Content::Articles(super::draft::articles(&draft)))
        }
        "voice" | "mpvideo" => {
            Ok(Content::Words(format!("[{kind}] {}", media(&[text(object, "media_id").to_owned()])?)))
        }
        "image" | "images" => Ok(Content::Words(format!("[图片] {}", media(&pictures(body))?))),
        "wxcard" => Ok(Content::Words(format!("[卡券] {}", text(object, "card_id")))),
        _ => Err(refused(40008, "invalid message type")),
    }
}

/// In `images`, whichever of the two names the kind has; or one alone in `image`, as it was once.
fn pictures(body: &Value) -> Vec<String> {
    match texts(&body["images"]["media_ids"]) {
        one if one.is_empty() => body["image"]["media_id"].as_str().map(str::to_owned).into_iter().collect(),
        several => several,
    }
}

/// Left out, WeChat makes one of range and content.
fn client_id(body: &Value, to: &[String]) -> Result<String, Refused> {
    use sha2::{Digest, Sha256};
    match body["clientmsgid"].as_str().filter(|id| !id.is_empty()) {
        Some(id) if id.len() > CLIENT_ID_BYTES_MAX => Err(refused(45067, "clientmsgid size out of limit")),
        Some(id) => Ok(id.to_owned()),
        None => {
            let content = &body[text(body, "msgtype")];
            Ok(hex::encode(Sha256::digest(format!("{} {content}", to.join(" ")))))
        }
    }
}

fn preview(request: &Request) -> Answered {
    let body = request.json()?;
    let to = match text(&body, "towxname") {
        "" => text(&body, "touser").to_owned(),
        name => request.simulator.named(name).ok_or_else(|| refused(40132, "invalid username"))?,
    };
    let content = content(request, &body)?;
    if request.simulator.with_phone(&to, |phone| phone.subscribed) != Some(true) {
        return Err(refused(40003, "invalid openid"));
    }
    request.simulator.show_called(&to, content.shown(), "/cgi-bin/message/mass/preview", &request.body);
    done(json!({"msg_id": request.simulator.next_message_id()}))
}

fn status(request: &Request) -> Answered {
    let body = request.json()?;
    let id = number(&body["msg_id"]).unwrap_or(0);
    let status = request.with_account(|account| account.jobs.get(&id).map(|job| job.status));
    match status {
        Some(status) => told(json!({"msg_id": id, "msg_status": status})),
        None => Err(refused(40059, "invalid msg id")),
    }
}

/// Of articles that were sent on one day, which must be over.
fn article_total(request: &Request) -> Answered {
    let body = request.json()?;
    let day = |name| text(&body, name).parse::<Date>().map_err(|_| refused(61500, "date format error"));
    let (sent_on, yesterday) = (day("begin_date")?, request.now.date().yesterday().unwrap_or_default());
    if sent_on != day("end_date")? || sent_on > yesterday {
        return Err(refused(61501, "date range error"));
    }
    let counted = |(msg_id, job): (&u64, &Job)| {
        let readers = job.readers.filter(|_| job.begun.date() == sent_on && job.status == "SEND_SUCCESS")?;
        let until = json!({"stat_date": yesterday.to_string(), "target_user": readers,
            "int_page_read_user": readers, "int_page_read_count": readers});
        let msgid = format!("{}_1", DATA_ID + msg_id);
        Some(json!({"ref_date": sent_on.to_string(), "msgid": msgid, "details": [until]}))
    };
    let list: Vec<Value> = request.with_account(|account| account.jobs.iter().filter_map(counted).collect());
    told(json!({"list": list}))
}

fn delete(request: &Request) -> Answered {
    let body = request.json()?;
    let id = number(&body["msg_id"]).unwrap_or(0);
    request.with_account(|account| match account.jobs.get_mut(&id) {
        Some(job) if job.can_be_deleted && job.status != "SENDING" => {
            job.status = "DELETE";
            ok()
        }
        _ => Err(refused(40059, "invalid msg id")),
    })
}

fn speed(request: &Request) -> Answered {
    let speed = request.with_account(|account| account.speed);
    let real = [80, 60, 45, 30, 10].get(speed as usize).copied().unwrap_or(80);
    done(json!({"speed": speed, "realspeed": real}))
}

fn set_speed(request: &Request) -> Answered {
    let body = request.json()?;
    match number(&body["speed"]) {
        Some(speed @ 0..=4) => {
            request.with_account(|account| account.speed = speed);
            ok()
        }
        Some(_) => Err(refused(45083, "speed out of range")),
        None => Err(refused(45084, "no speed given")),
    }
}
