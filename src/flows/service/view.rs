//! How services and cases look.

use crate::content::service::{Form, Limit, Link};
use crate::content::{TextSpec, Value};
use crate::domain::case::record::*;
use crate::flows::Turn;
use crate::flows::spoken;
use crate::flows::texts::{service as texts, words};
use crate::moment::Time;
use crate::wechat::reply::neutral;

/// What a service is for; said once, before its consent or its first question.
pub fn about(turn: &Turn, form: &Form) -> String {
    let values = [("title", Value::from(&form.title)), ("about", Value::from(&form.about))];
    let about = turn.say(&texts::ABOUT, &values);
    let Some(round) = super::round(form) else { return about };
    let places = round.quota.map(|quota| turn.say(&texts::PLACES, &[("quota", quota.into())]));
    let chinese = |at: Time| Value::from(at.chinese_from(turn.now));
    let values = [
        ("opens", chinese(round.opens)),
        ("closes", chinese(round.closes)),
        ("places", places.unwrap_or_default().into()),
    ];
    format!("{about}\n{}", turn.say(&texts::ROUND, &values))
}

/// Who does it, and by when.
pub fn promise(turn: &Turn, form: &Form) -> String {
    let mut more: Vec<String> = form.link.iter().map(link).collect();
    if form.self_test {
        more.push(turn.say(&texts::SELF_TEST, &[]));
    }
    let promise = form.classes.first().map(|class| limit(turn, class.limit)).unwrap_or_default();
    let values = [
        ("handled_by", Value::from(&form.handled_by)),
        ("promise", promise.into()),
        ("more", Value::raw(more.join("\n"))),
    ];
    tight(&turn.say(&texts::PROMISE, &values))
}

/// Nobody counts so many working days.
const MONTHS_FROM: u16 = 100;
const WORKING_DAYS_OF_YEAR: u32 = 250;

fn limit(turn: &Turn, limit: Limit) -> String {
    match limit {
        Limit::Days(days) if days >= MONTHS_FROM => {
            let months = (u32::from(days) * 12 + WORKING_DAYS_OF_YEAR / 2) / WORKING_DAYS_OF_YEAR;
            turn.say(&words::MONTHS, &[("months", months.into())])
        }
        Limit::Days(days) => turn.say(&words::WORKING_DAYS, &[("days", days.into())]),
        Limit::Hours(hours) => turn.say(&words::HOURS, &[("hours", hours.into())]),
    }
}

/// The address was checked when the file was read.
pub fn link(link: &Link) -> String {
    format!("<a href=\"{}\">{}</a>", link.url, neutral(&link.title))
}

/// The status, with the step of an open case and what came of a closed one.
pub fn status(turn: &Turn, case: &Case) -> String {
    let word = |spec| turn.say(spec, &[]);
    let status = texts::status(case.status.name()).map(|(status, _)| word(status)).unwrap_or_default();
    let more = match case.status {
        Status::Open => case.stage().map(|stage| stage.title.clone()),
        Status::Closed => case.outcome.as_deref().and_then(texts::reason).map(word),
        _ => None,
    };
    more.map_or(status.clone(), |more| format!("{status}（{more}）"))
}

/// A line for each that its follower may read, oldest first.
pub fn timeline(turn: &Turn, case: &Case, entries: &[(u32, Entry)]) -> String {
    const SHOWN: usize = 12;
    let lines: Vec<String> = entries.iter().filter_map(|(_, entry)| line(turn, case, entry)).collect();
    let hidden = lines.len().saturating_sub(SHOWN);
    lines.get(hidden..).unwrap_or_default().join("\n")
}

/// What its follower may read of an entry.
pub fn line(turn: &Turn, case: &Case, entry: &Entry) -> Option<String> {
    if entry.what.is_internal() {
        return None;
    }
    let words = entry.words.reveal();
    let said = |head: String| if words.is_empty() { head } else { format!("{head}：{words}") };
    let what = match &entry.what {
        What::Moved { to, reason, .. } => {
            let (status, _) = texts::status(to.name())?;
            let status = turn.say(status, &[]);
            let why = texts::reason(reason).map(|spec| format!("（{}）", turn.say(spec, &[])));
            said(format!("{status}{}", why.unwrap_or_default()))
        }
        What::Stepped { title } => said(title.clone()),
        What::Said => {
            let text = match (words.is_empty(), entry.picture, case.erased) {
                (_, _, true) => turn.say(&texts::ERASED, &[]),
                (false, _, _) => words.clone(),
                (true, _, _) => turn.say(&texts::PICTURE, &[]),
            };
            let spec = match entry.by {
                By::Follower => &texts::MESSAGE_OF_YOURS,
                By::Staff(_) | By::Rule => &texts::MESSAGE_OF_STAFF,
            };
            turn.say(spec, &[("words", text.into())])
        }
        What::Rated { stars } => turn.say(&texts::RATED, &[("stars", (*stars).into())]),
        _ => return None,
    };
    Some(format!("{} {what}", entry.at.chinese()))
}

/// A link for each number of stars, best first.
pub fn stars(turn: &Turn, id: CaseId) -> String {
    const WORDS: [(&TextSpec, u8); 5] = [
        (&words::STARS_5, 5),
        (&words::STARS_4, 4),
        (&words::STARS_3, 3),
        (&words::STARS_2, 2),
        (&words::STARS_1, 1),
    ];
    let link = |(word, stars): (&TextSpec, u8)| {
        let values = [("stars", stars.into()), ("word", turn.say(word, &[]).into())];
        let tap = crate::flows::Tap::Rate(super::tap_number(id), stars);
        tap.link(&turn.say(&words::STARS, &values), &spoken::stars(stars))
    };
    WORDS.into_iter().map(link).collect::<Vec<_>>().join("\n")
}

/// Without the lines that nothing was put into.
pub fn tight(text: &str) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}
