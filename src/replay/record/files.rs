//! The story's files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;
use serde_json::Value;

use super::cast::Cast;
use super::mask::Mask;
use super::{Push, RecordError, Tape, Wanted, same};
use crate::moment::{Span, Time};
use crate::replay::service::ACCOUNT;
use crate::wechat::event::Event;
use crate::wechat::message::{Inbound, Kind, Place};
use crate::wechat::reply::SUCCESS;
use crate::wechat::xml;

/// 2026-11-25T00:00:00+08:00, in whose week the fixtures' activities are open.
const WEEK_OF_FIXTURES: Time = Time::from_unix_s(1_795_536_000);
const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;
/// Stories' own.
const PACE: Duration = Duration::from_secs(10);
/// Shorter pauses are how people tap.
const WAIT_MIN: Duration = Duration::from_secs(120);
const FIRST_MSG_ID: u64 = 7_320_000_000_002_000_000;

static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"A\d+-\d+-\d{4,}").ok());

/// One push and its answer.
pub struct Line {
    /// In the demo.
    pub openid: String,
    at: Time,
    what: &'static str,
    message: Inbound,
    /// `success`, or XML as the service wrote it, with other people in it.
    answer: String,
    /// What the follower read.
    pub heard: String,
}

pub struct Draft {
    about: String,
    /// In the story's time.
    prepared: Option<Time>,
    starts: Time,
    activities: Vec<(Value, bool)>,
    pub lines: Vec<Line>,
    /// Registration numbers of the demo → of the story.
    numbers: BTreeMap<String, String>,
}

impl Line {
    /// Nothing for what WeChat tells of its own jobs: the story's service made no such job.
    pub fn of(push: &Push, asked: &str, cast: &Cast, mask: &mut Mask) -> Result<Option<Line>, RecordError> {
        let unread = |error: &dyn std::fmt::Display| RecordError::Message(error.to_string());
        let mut message = Inbound::parse(push.message.as_bytes()).map_err(|error| unread(&error))?;
        let Some(what) = what(&message.kind) else { return Ok(None) };
        message.to = ACCOUNT.to_owned();
        message.from = cast.openid(&push.openid);
        match &mut message.kind {
            Kind::Text { content, menu_id: None } => *content = mask.typed(content, asked),
            Kind::Text { content, .. } => *content = mask.shown(content),
            Kind::Voice { recognition: Some(words), .. } => *words = mask.typed(words, asked),
            Kind::Location(place) => *place = somewhere(),
            _ => {}
        }
        let answer = push.answer.as_deref().unwrap_or_default();
        let heard = xml::parse(answer.as_bytes()).map(|answer| answer.text_of("Content").to_owned());
        let answer = match answer {
            "" => SUCCESS.to_owned(),
            answer => mask.shown(&cast.shown(answer)),
        };
        let (openid, at) = (push.openid.clone(), Time::from_unix_ms(push.at_ms));
        Ok(Some(Line { openid, at, what, message, answer, heard: heard.unwrap_or_default() }))
    }
}

impl Draft {
    pub fn new(tape: &Tape, wanted: &Wanted, lines: Vec<Line>) -> Draft {
        let first = lines.first().map(|line| line.at).unwrap_or_default();
        let made = tape.activities.iter().map(|given| given.created).min();
        let weeks = (made.unwrap_or(first).unix_ms() - WEEK_OF_FIXTURES.unix_ms()).div_euclid(WEEK_MS);
        let back = |time: Time| whole_second(Time::from_unix_ms(time.unix_ms() - weeks * WEEK_MS));
        let is_about = lines.iter().any(|line| speaks_of_activities(line, tape));
        let activities = tape
            .activities
            .iter()
            .filter(|_| is_about)
            .map(|given| (same::moved(&given.activity, weeks * WEEK_MS), given.state != "draft"));
        Draft {
            about: wanted.about.clone(),
            prepared: made.filter(|made| is_about && *made < first).map(back),
            starts: back(first),
            activities: activities.collect(),
            lines,
            numbers: BTreeMap::new(),
        }
    }

    /// All files, anew.
    pub fn write(&self, folder: &Path) -> Result<(), RecordError> {
        fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        let write = |name: &str, text: &str| {
            let file = folder.join(name);
            fs::write(&file, text).map_err(|error| failed(&file, error))
        };
        let (mut waits, mut now) = (String::new(), self.starts);
        for (index, line) in self.lines.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|before| self.lines.get(before));
            if let Some(before) = before {
                let paused = Duration::from_secs(line.at.since(before.at).as_secs());
                let wait = if paused < WAIT_MIN { Duration::ZERO } else { whole_minutes(paused) };
                if !wait.is_zero() {
                    let (step, span) = (index + 1, Span(wait));
                    waits
                        .push_str(&format!("\n[[before]]\nstep = {step}\ndo = \"wait\"\nfor = \"{span}\"\n"));
                }
                now = now.plus(PACE + wait);
            }
            let name = format!("{:02}-{}", index + 1, line.what);
            write(&format!("{name}.xml"), &self.message(index, line, now))?;
            let reply = format!("{name}.reply.xml");
            match line.answer.as_str() {
                SUCCESS => {} // a file would say the same, and none is shorter
                answer => write(&reply, &format!("{}\n", self.answer(answer, now)))?,
            }
        }
        write("story.toml", &(self.setting(folder) + &waits))
    }

    /// Sign-ups may have got other numbers in the replay; `true` if later messages have to speak of those.
    pub fn take_numbers(&mut self, folder: &Path) -> bool {
        let mut is_new = false;
        for (index, line) in self.lines.iter().enumerate() {
            let file = folder.join(format!("{:02}-{}.reply.xml", index + 1, line.what));
            let replayed = fs::read_to_string(file).unwrap_or_default();
            let (there, here) = (numbers(&line.answer), numbers(&replayed));
            if there.len() != here.len() {
                continue;
            }
            for (demo, story) in there.into_iter().zip(here) {
                is_new |= self.numbers.insert(demo, story.clone()).is_none_or(|before| before != story);
            }
        }
        is_new && self.numbers.iter().any(|(demo, story)| demo != story)
    }

    fn message(&self, index: usize, line: &Line, now: Time) -> String {
        let mut message = line.message.clone();
        message.created = now.unix_s();
        message.msg_id = message.msg_id.map(|_| (FIRST_MSG_ID + 7 * index as u64).to_string());
        if let Kind::Text { content, menu_id } = &mut message.kind {
            *content = self.renumbered(content);
            *menu_id = menu_id.as_deref().map(|id| self.retapped(id));
        }
        in_lines(&message.to_xml())
    }

    fn answer(&self, answer: &str, now: Time) -> String {
        let account = xml::parse(answer.as_bytes()).map(|answer| answer.text_of("FromUserName").to_owned());
        let created = xml::parse(answer.as_bytes()).map(|answer| answer.text_of("CreateTime").to_owned());
        let (account, created) = (account.unwrap_or_default(), created.unwrap_or_default());
        let time = |of: &str| format!("<CreateTime>{of}</CreateTime>");
        let answer = if account.is_empty() { answer.to_owned() } else { answer.replace(&account, ACCOUNT) };
        self.renumbered(&answer.replace(&time(&created), &time(&now.unix_s().to_string())))
    }

    fn renumbered(&self, text: &str) -> String {
        let Some(number) = NUMBER.as_ref() else { return text.to_owned() };
        let story = |found: &regex::Captures| {
            let demo = found.get(0).map_or("", |number| number.as_str());
            self.numbers.get(demo).map_or(demo, String::as_str).to_owned()
        };
        number.replace_all(text, story).into_owned()
    }

    /// `cancel-1-1-3` speaks of `A1-1-0003`.
    fn retapped(&self, id: &str) -> String {
        let short = |number: &str| {
            let parts = number.trim_start_matches('A').split('-').map(|part| part.trim_start_matches('0'));
            format!("-{}", parts.collect::<Vec<_>>().join("-"))
        };
        let named = self.numbers.iter().find_map(|(demo, story)| {
            id.strip_suffix(&short(demo)).map(|verb| format!("{verb}{}", short(story)))
        });
        named.unwrap_or_else(|| id.to_owned())
    }

    fn setting(&self, folder: &Path) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let mut text = format!("about = {}\nstarts = \"{}\"\n", quoted(&self.about), self.starts);
        if let Some(prepared) = self.prepared {
            text.push_str(&format!("prepared = \"{prepared}\"\n"));
        }
        for (form, published) in &self.activities {
            text.push_str("\n[[activity]]\n");
            match same::file(form, folder) {
                Some(file) => text.push_str(&format!("file = {}\n", quoted(&file.to_string_lossy()))),
                None => text.push_str(&format!("with = {}\n", inline(form))),
            }
            if !published {
                text.push_str("published = false\n");
            }
        }
        text
    }
}

/// The step's name; nothing for what is no follower's.
fn what(kind: &Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Text { menu_id: Some(_), .. } => "tap",
        Kind::Text { .. } => "say",
        Kind::Image { .. } => "picture",
        Kind::Voice { .. } => "speak",
        Kind::Location(_) => "place",
        Kind::Event(Event::Subscribe { .. }) => "follow",
        Kind::Event(Event::Unsubscribe) => "leave",
        Kind::Event(Event::Click { .. }) => "menu",
        Kind::Event(Event::View { .. }) => "open",
        Kind::Event(Event::Scan { .. }) => "scan",
        Kind::Event(Event::SubscribeMsgPopup { .. }) => "consent",
        Kind::Event(event) if is_about_a_job(event) => return None,
        _ => "other",
    })
}

fn is_about_a_job(event: &Event) -> bool {
    matches!(
        event,
        Event::MassSendJobFinish(_)
            | Event::TemplateSendJobFinish { .. }
            | Event::PublishJobFinish(_)
            | Event::SubscribeMsgSent { .. }
    )
}

/// Where people are is theirs.
fn somewhere() -> Place {
    Place {
        latitude: Some(29.8683),
        longitude: Some(121.544),
        scale: Some(16),
        label: "宁波市海曙区".to_owned(),
        poi_name: None,
    }
}

fn speaks_of_activities(line: &Line, tape: &Tape) -> bool {
    let titles = tape.activities.iter().filter_map(|given| given.activity["title"].as_str());
    let is_asked = match &line.message.kind {
        Kind::Event(Event::Click { key }) => key.starts_with("activity."),
        Kind::Text { menu_id: Some(id), .. } => id.contains('-') && !id.starts_with("topic-"),
        _ => false,
    };
    is_asked || titles.into_iter().any(|title| line.answer.contains(title))
}

fn numbers(text: &str) -> Vec<String> {
    let found = NUMBER.as_ref().into_iter().flat_map(|number| number.find_iter(text));
    found.map(|number| number.as_str().to_owned()).collect()
}

fn inline(form: &Value) -> String {
    match form {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name} = {}", inline(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::String(text) => toml::Value::from(text.as_str()).to_string(),
        other => other.to_string(),
    }
}

/// Each element of the message on a line of its own, as the fixtures have it.
fn in_lines(xml: &str) -> String {
    let (mut out, mut rest, mut depth) = (String::with_capacity(xml.len() + 64), xml, 0_i32);
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let is_text = rest.starts_with("<![CDATA[");
        let end = if is_text { rest.find("]]>").map(|at| at + 3) } else { rest.find('>').map(|at| at + 1) };
        let (token, after) = rest.split_at(end.unwrap_or(rest.len()));
        out.push_str(token);
        rest = after;
        if !is_text {
            depth += if token.starts_with("</") { -1 } else { 1 };
            let ends_top = token.starts_with("</") && depth == 1;
            if ends_top || token == "<xml>" || depth == 0 {
                out.push('\n');
            }
        }
    }
    out + rest
}

/// Less the pace, to the nearest one.
fn whole_minutes(paused: Duration) -> Duration {
    Duration::from_secs((paused.saturating_sub(PACE).as_secs() + 30) / 60 * 60)
}

fn whole_second(time: Time) -> Time {
    Time::from_unix_s(time.unix_s())
}

fn failed(place: &Path, error: std::io::Error) -> RecordError {
    RecordError::File { place: place.display().to_string(), error }
}
