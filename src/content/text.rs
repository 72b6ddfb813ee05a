//! Sentences with places to fill: what the code says ([`TextSpec`]) and how staff worded it ([`Texts`]).

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::template::Template;
use crate::moment::Time;
use crate::privacy::mask_numbers;
use crate::wechat::reply::neutral;

/// So much of a follower's words is repeated to them.
pub const QUOTE_CHARS_MAX: usize = 20;

/// A sentence that the code says, declared where it is said. `texts.toml` must hold it with just these slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextSpec {
    /// Dotted, as in `texts.toml`: `sign_up.done`.
    pub name: &'static str,
    pub slots: &'static [Slot],
}

/// A place in a sentence that the code fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub name: &'static str,
    pub kind: SlotKind,
    /// A wording that leaves it out gets a warning.
    pub required: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    /// Somebody's words; shown as words whatever they hold.
    Text,
    Number,
    /// Shown as `12月5日(周六) 09:00`.
    Time,
    /// Markup made by the code: links, lists of links.
    Link,
}

impl TextSpec {
    pub const fn new(name: &'static str, slots: &'static [Slot]) -> TextSpec {
        TextSpec { name, slots }
    }

    fn slot(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.name == name)
    }
}

impl Slot {
    pub const fn text(name: &'static str) -> Slot {
        Slot { name, kind: SlotKind::Text, required: true }
    }

    pub const fn number(name: &'static str) -> Slot {
        Slot { name, kind: SlotKind::Number, required: true }
    }

    pub const fn time(name: &'static str) -> Slot {
        Slot { name, kind: SlotKind::Time, required: true }
    }

    pub const fn link(name: &'static str) -> Slot {
        Slot { name, kind: SlotKind::Link, required: true }
    }

    /// A wording may do without it.
    pub const fn optional(self) -> Slot {
        Slot { required: false, ..self }
    }
}

/// What goes into a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Words of a follower or of staff; made harmless on the way in.
    Text(Cow<'a, str>),
    Number(u64),
    Time(Time),
    /// Markup that the code made itself, of parts that were made harmless before. Shown as it is.
    Raw(Cow<'a, str>),
}

impl<'a> Value<'a> {
    pub fn raw(markup: impl Into<Cow<'a, str>>) -> Value<'a> {
        Value::Raw(markup.into())
    }

    /// A follower's words said back: on one line, at most [`QUOTE_CHARS_MAX`] characters, and no long number whole.
    pub fn quote(words: &str) -> Value<'static> {
        let line = mask_numbers(&words.split_whitespace().collect::<Vec<_>>().join(" "));
        match line.char_indices().nth(QUOTE_CHARS_MAX) {
            Some((end, _)) => Value::Text(format!("{}…", &line[..end]).into()),
            None => Value::Text(line.into()),
        }
    }

    fn fits(&self, kind: SlotKind) -> bool {
        match self {
            Value::Text(_) => kind == SlotKind::Text,
            Value::Number(_) => matches!(kind, SlotKind::Number | SlotKind::Text),
            Value::Time(_) => kind == SlotKind::Time,
            Value::Raw(_) => kind == SlotKind::Link,
        }
    }

    pub(super) fn write(&self, out: &mut String) {
        match self {
            Value::Text(words) => out.push_str(&neutral(words)),
            Value::Number(number) => out.push_str(&number.to_string()),
            Value::Time(time) => out.push_str(&time.chinese()),
            Value::Raw(markup) => out.push_str(markup),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(words: &'a str) -> Self {
        Value::Text(words.into())
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(words: &'a String) -> Self {
        Value::Text(words.as_str().into())
    }
}

impl From<String> for Value<'_> {
    fn from(words: String) -> Self {
        Value::Text(words.into())
    }
}

impl From<Time> for Value<'_> {
    fn from(time: Time) -> Self {
        Value::Time(time)
    }
}

macro_rules! value_from_number {
    ($($number:ty),*) => { $(
        impl From<$number> for Value<'_> {
            fn from(number: $number) -> Self {
                Value::Number(number as u64)
            }
        }
    )* };
}
value_from_number!(u8, u16, u32, u64, usize);

/// Every wording by its name.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    by_name: BTreeMap<String, Template>,
}

impl Texts {
    pub(super) fn new(by_name: BTreeMap<String, Template>) -> Texts {
        Texts { by_name }
    }

    /// The wording of a spec with its slots filled. A slot without a value shows nothing, and so does a text that
    /// isn't there: both are bugs that `check` or a debug build finds first.
    pub fn render(&self, spec: &TextSpec, values: &[(&str, Value)]) -> String {
        debug_assert!(fitting(spec, values), "{} is not given what it needs, or more", spec.name);
        self.said(spec.name, values)
    }

    /// A wording without slots, such as the answer of a keyword rule.
    pub fn answer(&self, name: &str) -> String {
        self.said(name, &[])
    }

    pub fn get(&self, name: &str) -> Option<&Template> {
        self.by_name.get(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    fn said(&self, name: &str, values: &[(&str, Value)]) -> String {
        let template = self.by_name.get(name);
        debug_assert!(template.is_some(), "no text {name}");
        template.map(|template| template.fill(values)).unwrap_or_default()
    }
}

/// Every required slot has a value, and every value a slot of its kind.
fn fitting(spec: &TextSpec, values: &[(&str, Value)]) -> bool {
    let given = |slot: &Slot| !slot.required || values.iter().any(|(name, _)| *name == slot.name);
    let taken = |(name, value): &(&str, Value)| spec.slot(name).is_some_and(|slot| value.fits(slot.kind));
    spec.slots.iter().all(given) && values.iter().all(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: TextSpec = TextSpec::new(
        "sign_up.done",
        &[Slot::text("title"), Slot::time("starts"), Slot::number("seats"), Slot::link("mine").optional()],
    );

    fn texts(wording: &str) -> Texts {
        let template = Template::parse(wording).unwrap();
        Texts::new(BTreeMap::from([(DONE.name.to_owned(), template)]))
    }

    #[test]
    fn slots_are_filled() {
        let starts = Time::parse("2026-12-05T09:00:00+08:00").unwrap();
        let values = [("title", "健步走".into()), ("starts", starts.into()), ("seats", 3usize.into())];
        let said = texts("《{title}》{starts}开始，{seats} 席。{mine}{{}}").render(&DONE, &values);
        assert_eq!(said, "《健步走》12月5日(周六) 09:00开始，3 席。{}");
    }

    #[test]
    fn words_of_others_make_no_tags_and_no_slots() {
        let values = [
            ("title", "<a href=\"http://x\">{mine}</a>".into()),
            ("starts", Time::from_unix_s(0).into()),
            ("seats", 1u32.into()),
            ("mine", Value::raw("<a href=\"https://ok\">ok</a>")),
        ];
        let said = texts("{title}{mine}").render(&DONE, &values);
        assert_eq!(said.matches("<a").count(), 1, "{said}");
        assert!(said.ends_with("<a href=\"https://ok\">ok</a>"), "{said}");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "sign_up.done")]
    fn a_missing_value_is_a_bug() {
        texts("{title}").render(&DONE, &[]);
    }

    #[test]
    fn a_long_quote_is_cut() {
        assert_eq!(Value::quote(" 你好\n\n吗 "), Value::Text("你好 吗".into()));
        assert_eq!(Value::quote("330299199001010017"), Value::Text("****0017".into()));
        let Value::Text(quote) = Value::quote(&"长".repeat(7000)) else { panic!() };
        assert_eq!(quote.chars().count(), QUOTE_CHARS_MAX + 1);
    }
}
