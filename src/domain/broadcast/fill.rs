//! The places in a broadcast's words that differ from follower to follower: `{title}`, `{number}`.

use std::collections::BTreeMap;

use super::record::{Content, Form, Plan};
use super::rules::{SHORT_THING_CHARS, THING_CHARS};
use crate::domain::activity::holder::live_in;
use crate::domain::activity::record::Place;
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::ACTIVITIES;
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// What may stand in braces; all of it speaks of the activity that the broadcast is about.
///
/// `id` is its bare number, for links such as `weixin://bizmsgmenu?msgmenucontent=报名&msgmenuid=apply-{id}`. `title`, `place`, `closes` (end of sign-up) and `starts` (of the first session, or of the follower's own) are known
/// of each activity; `number` (报名号) only of who signed up. A follower without a value is skipped.
pub const PLACEHOLDERS: &[&str] = &["id", "title", "place", "starts", "closes", "number"];

/// What is wrong with a text's braces.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPlaceholder {
    #[error("there is no placeholder {{{0}}}; there are {known}", known = PLACEHOLDERS.join(", "))]
    Unknown(String),
    #[error("a brace is not closed; write {{{{ for a brace itself")]
    Open,
}

enum Piece<'a> {
    Words(&'a str),
    Place(&'a str),
}

/// `{{` and `}}` are braces themselves.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, BadPlaceholder> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (words, braces) = rest.split_at(at);
        pieces.push(Piece::Words(words));
        if braces.starts_with("{{") || braces.starts_with("}}") {
            pieces.push(Piece::Words(&braces[..1]));
            rest = &braces[2..];
            continue;
        }
        let (name, after) =
            braces.strip_prefix('{').and_then(|b| b.split_once('}')).ok_or(BadPlaceholder::Open)?;
        if !PLACEHOLDERS.contains(&name) {
            return Err(BadPlaceholder::Unknown(name.chars().take(20).collect()));
        }
        pieces.push(Piece::Place(name));
        rest = after;
    }
    pieces.push(Piece::Words(rest));
    Ok(pieces)
}

/// The placeholders of a text, or what is wrong with its braces.
pub fn placeholders(text: &str) -> Result<Vec<&str>, BadPlaceholder> {
    let place = |piece| if let Piece::Place(name) = piece { Some(name) } else { None };
    Ok(pieces(text)?.into_iter().filter_map(place).collect())
}

/// Is it the same for every follower?
pub fn is_fixed(text: &str) -> bool {
    placeholders(text).is_ok_and(|places| places.is_empty())
}

/// What the placeholders stand for, for one follower.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values {
    about: Option<u32>,
    sessions: Vec<Time>,
    texts: BTreeMap<&'static str, String>,
    times: BTreeMap<&'static str, Time>,
}

impl Values {
    /// What is known of the activity that `plan` is about, the same for everybody; `online` is the place of one that
    /// has none.
    pub fn of_activity(tx: &Tx, plan: &Plan, online: &str) -> Result<Values, Fault> {
        let mut values = Values::default();
        if plan.content.texts().all(is_fixed) {
            return Ok(values); // nothing asks for it
        }
        let Some(id) = plan.about else { return Ok(values) };
        let Some(activity) = tx.get(&ACTIVITIES, &id)? else { return Ok(values) };
        let terms = activity.terms;
        values.sessions = terms.sessions.iter().map(|session| session.starts).collect();
        values.times.insert("closes", terms.sign_up.closes);
        values.times.extend(values.sessions.first().map(|starts| ("starts", *starts)));
        let place = match terms.place {
            Place::At(place) => place,
            Place::Online { .. } => online.to_owned(),
        };
        values.texts.extend([("id", id.to_string()), ("title", terms.title), ("place", place)]);
        values.about = Some(id);
        Ok(values)
    }

    /// With the follower's own sign-up for that activity.
    pub fn of_follower(&self, tx: &Tx, who: &FollowerId) -> Result<Values, Fault> {
        let mut values = self.clone();
        let Some(id) = self.about else { return Ok(values) };
        if let Some(own) = live_in(tx, who, id)?.first() {
            let session = usize::from(own.number.session).saturating_sub(1);
            values.times.extend(self.sessions.get(session).map(|starts| ("starts", *starts)));
            values.texts.insert("number", own.number.to_string());
        }
        Ok(values)
    }

    fn get(&self, name: &str, time: fn(Time) -> String) -> Option<String> {
        let text = self.texts.get(name).cloned().or_else(|| self.times.get(name).map(|at| time(*at)));
        text.filter(|text| !text.is_empty())
    }
}

/// The words for one follower; `None` if a place has no value.
pub fn fill(text: &str, values: &Values) -> Option<String> {
    fill_with(text, values, Time::chinese)
}

fn fill_with(text: &str, values: &Values, time: fn(Time) -> String) -> Option<String> {
    let mut filled = String::with_capacity(text.len() + 32);
    for piece in pieces(text).ok()? {
        match piece {
            Piece::Words(words) => filled.push_str(words),
            Piece::Place(name) => filled.push_str(&values.get(name, time)?),
        }
    }
    Some(filled)
}

/// A form for one follower. Times are written in full where the field asks for it, and what is too long for its field
/// is cut, since WeChat would refuse the whole message.
pub fn fill_form(form: &Form, values: &Values) -> Option<Form> {
    let mut filled = form.clone();
    for (key, value) in &mut filled.fields {
        let is_time = key.starts_with("time") || key.starts_with("date");
        let text = fill_with(value, values, if is_time { Time::chinese_with_year } else { Time::chinese })?;
        *value = cut(key, text);
    }
    Some(filled)
}

fn cut(key: &str, text: String) -> String {
    let max = match key.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "thing" => THING_CHARS,
        "short_thing" => SHORT_THING_CHARS,
        _ => return text,
    };
    match text.char_indices().nth(max) {
        Some(_) => text.chars().take(max - 1).chain(['…']).collect(),
        None => text,
    }
}

impl Content {
    /// Everything in it that is read by followers.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let forms = self.template.iter().chain(&self.subscription);
        self.text
            .as_deref()
            .into_iter()
            .chain(forms.flat_map(|form| form.fields.values()).map(String::as_str))
    }
}

/// What followers will read, a line a field; places that differ from follower to follower stay as they are written.
pub fn preview(
    tx: &Tx,
    plan: &Plan,
    online: &str,
    article: impl Fn(&str) -> String,
) -> Result<String, Fault> {
    let values = Values::of_activity(tx, plan, online)?;
    let forms = plan.content.template.iter().chain(&plan.content.subscription);
    let fields =
        forms.flat_map(|form| &form.fields).map(|(key, text)| format!("{key}：{}", shown(text, &values)));
    let article = plan.content.article.iter().map(|media_id| article(media_id));
    let text = plan.content.text.iter().map(|text| shown(text, &values));
    Ok(text.chain(article).chain(fields).collect::<Vec<_>>().join("\n"))
}

fn shown(text: &str, values: &Values) -> String {
    let Ok(pieces) = pieces(text) else { return text.to_owned() };
    let show = |piece| match piece {
        Piece::Words(words) => words.to_owned(),
        Piece::Place(name) => values.get(name, Time::chinese).unwrap_or_else(|| format!("{{{name}}}")),
    };
    pieces.into_iter().map(show).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        let mut values = Values::default();
        values.texts.insert("title", "东钱湖环湖健步走暨秋季职工运动会开幕式".to_owned() + "及颁奖");
        values.times.insert("starts", Time::parse("2026-12-05T09:00:00+08:00").unwrap());
        values
    }

    #[test]
    fn places_are_filled_and_braces_can_be_written() {
        let mut values = values();
        values.texts.insert("title", "健步走".to_owned());
        assert_eq!(fill("【{title}】{starts} {{}}", &values).unwrap(), "【健步走】12月5日(周六) 09:00 {}");
        assert_eq!(fill("报名号{number}", &values), None, "nothing is known of it");
    }

    #[test]
    fn wrong_braces_are_named() {
        assert_eq!(placeholders("{titel}"), Err(BadPlaceholder::Unknown("titel".to_owned())));
        for open in ["{title", "}", "a } b", "{"] {
            assert_eq!(placeholders(open), Err(BadPlaceholder::Open), "{open}");
        }
        assert!(is_fixed("没有 {{括号}}") && !is_fixed("{place}"));
        let message = BadPlaceholder::Unknown("x".to_owned()).to_string();
        assert_eq!(
            message,
            "there is no placeholder {x}; there are id, title, place, starts, closes, number"
        );
    }

    #[test]
    fn a_form_is_filled_as_its_fields_ask() {
        let fields = [("thing1", "{title}"), ("time2", "{starts}"), ("const3", "{starts}")];
        let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let form = Form { template_id: "t".to_owned(), fields, url: None, mini_program: None };
        let filled = fill_form(&form, &values()).unwrap().fields;
        assert_eq!(filled["thing1"].chars().count(), 20);
        assert_eq!(filled["time2"], "2026年12月5日 09:00");
        assert_eq!(filled["const3"], "12月5日(周六) 09:00");
    }
}
