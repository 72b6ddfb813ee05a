//! What staff write, read so that all that is wrong is named by field.

use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::{ActError, FieldError};

/// Names under which a setting is looked for, and where it stands.
pub type Elsewhere = &'static [(&'static str, &'static str)];

/// Whom something is for: the same wherever it may be said.
pub const ELIGIBILITY: Elsewhere = &[
    ("who", "eligibility.who"),
    ("district", "eligibility.districts"),
    ("districts", "eligibility.districts"),
    ("unit", "eligibility.unions"),
    ("union", "eligibility.unions"),
    ("unions", "eligibility.unions"),
    ("tiers", "eligibility.tiers"),
];

/// Reads JSON whose fields are all known; what is wrong is named by its path.
pub fn read<T: DeserializeOwned>(body: &str) -> Result<T, Vec<FieldError>> {
    read_knowing(body, &[])
}

/// As [`read`]; of an unknown field it may be known where it stands.
pub fn read_knowing<T: DeserializeOwned>(body: &str, elsewhere: &[Elsewhere]) -> Result<T, Vec<FieldError>> {
    let mut json = serde_json::Deserializer::from_str(body);
    let wrong = |field: String, message: String| vec![FieldError { field, message }];
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let message = error.inner().to_string();
        let quoted = |start| message.strip_prefix(start).and_then(|rest: &str| rest.split('`').next());
        let unknown = quoted("unknown field `");
        let path = error.path().to_string();
        let path = path.trim_end_matches(['.', '?']); // of a text that is no JSON at all there is none
        let field = match (path, unknown.or_else(|| quoted("missing field `"))) {
            ("", name) => name.unwrap_or_default().to_owned(),
            (path, Some(name)) if !path.ends_with(name) => format!("{path}.{name}"),
            (path, _) => path.to_owned(),
        };
        let stands = |name: &str| {
            elsewhere.iter().copied().flatten().find(|(known, _)| *known == name).map(|(_, at)| *at)
        };
        let meant = unknown.and_then(|name| stands(name).or_else(|| near(name, &message)));
        let meant = meant.map(|known| format!("; did you mean `{known}`?")).unwrap_or_default();
        // Where `null` says something of its own, as of `per_person`, it is taken; elsewhere it is no other word for nothing.
        let unsaid = if message.starts_with("invalid type: null") { "; leave it out instead" } else { "" };
        wrong(field, format!("{}{meant}{unsaid}", without_types(&message)))
    })?;
    json.end().map_err(|error| wrong(String::new(), error.to_string()))?;
    Ok(read)
}

/// Serde's message without the name that a form has in the code.
fn without_types(message: &str) -> String {
    let Some((before, after)) = message.split_once("expected struct ") else { return message.to_owned() };
    let place = after.find(" at line ").and_then(|at| after.get(at..)).unwrap_or_default();
    format!("{before}expected an object{place}")
}

/// Serde's message names every known field; the nearest one is what was meant.
fn near<'m>(unknown: &str, message: &'m str) -> Option<&'m str> {
    let likeness = |known: &&str| (strsim::normalized_damerau_levenshtein(unknown, known) * 1000.0) as u32;
    let known = message.split('`').skip(3).step_by(2); // every other part stands between a pair of marks
    known.max_by_key(likeness).filter(|known| likeness(known) >= LIKENESS_MIN)
}

/// Of a thousand: of three letters two fit.
const LIKENESS_MIN: u32 = 620;

// What serde asks for where a field may be left out.

/// Tells `null` from what is left out.
pub fn written<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

pub fn yes() -> bool {
    true
}

pub fn one<N: From<u8>>() -> N {
    N::from(1)
}

pub fn is_zero(number: &u16) -> bool {
    *number == 0
}

/// One field that is wrong, where nothing else can be.
pub fn wrong(field: &str, message: impl Into<String>) -> ActError {
    ActError::Invalid(vec![FieldError { field: field.to_owned(), message: message.into() }])
}

/// Why it is done, in the words of who does it: 1 to 200 characters in a field of that name.
pub fn why(field: &str, text: &str, who_reads: &str) -> Result<String, ActError> {
    let text = text.trim();
    match (1..=200).contains(&text.chars().count()) {
        true => Ok(text.to_owned()),
        false => Err(wrong(field, format!("say why, in at most 200 characters; {who_reads}"))),
    }
}

/// As [`why`], of the field `reason`.
pub fn said_why(reason: &str, who_reads: &str) -> Result<String, ActError> {
    why("reason", reason, who_reads)
}

/// Why somebody looks at what is kept of a member, or changes it.
pub fn reason(why: &str) -> Result<String, ActError> {
    let why = why.trim();
    match (2..=200).contains(&why.chars().count()) {
        true => Ok(why.to_owned()),
        false => Err(wrong("reason", "2 to 200 characters; it is kept, and the member reads it")),
    }
}

/// Whether a form has a setting at that place: one that can't be what it is there is refused for its value, not its name.
#[cfg(test)]
pub fn knows<T: DeserializeOwned>(least: &str, place: &str) -> bool {
    let mut form: serde_json::Value = serde_json::from_str(least).unwrap();
    let mut at = &mut form;
    for name in place.split('.') {
        at = &mut at[name];
        if at.is_array() {
            at = &mut at[0];
        }
    }
    *at = serde_json::json!({"never": "fits"});
    let wrong = read::<T>(&form.to_string()).err().unwrap();
    let name = place.rsplit('.').next().unwrap();
    !wrong[0].message.contains(&format!("unknown field `{name}`"))
}

/// What is wrong, gathered to be said at once.
#[derive(Default)]
pub struct Problems(pub Vec<FieldError>);

impl Problems {
    pub fn say(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), message: message.into() });
    }

    pub fn unless(&mut self, holds: bool, field: impl Into<String>, message: impl Into<String>) {
        if !holds {
            self.say(field, message);
        }
    }

    pub fn words(&mut self, field: impl Into<String>, text: &str, chars: RangeInclusive<usize>) {
        let count = text.trim().chars().count();
        let message = format!("has {count} characters; {} to {} are allowed", chars.start(), chars.end());
        self.unless(chars.contains(&count), field, message);
    }

    /// Words that stand within a line of a list or a table.
    pub fn line(&mut self, field: impl Into<String>, text: &str, chars: RangeInclusive<usize>) {
        let field = field.into();
        self.words(field.clone(), text, chars);
        self.unless(
            !text.trim().contains(char::is_control),
            field,
            "must be one line, without control characters",
        );
    }
}
