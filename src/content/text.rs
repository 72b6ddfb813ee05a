//! Sentences with places to fill: what the code says ([`TextSpec`]) and how staff worded it ([`Texts`]).

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::moment::Time;
use crate::wechat::reply::{menu_link, neutral};

/// So much of a follower's words is repeated to them.
pub const QUOTE_CHARS_MAX: usize = 20;
/// The id in a tapped link of a text; what counts is the words that it sends.
const TAP_ID: &str = "text";

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

    /// A follower's words said back: on one line, at most [`QUOTE_CHARS_MAX`] characters.
    pub fn quote(words: &str) -> Value<'static> {
        let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
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

    fn write(&self, out: &mut String) {
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

/// A wording: words and slots in turn. In `texts.toml`, `{title}` is a slot, `{tap:活动报名}` a link that sends
/// its words, `{tap:看活动|活动报名}` one that shows others, and `{{` `}}` are braces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
    /// What the links of the wording send.
    taps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(String),
    Slot(String),
}

/// A wording that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    #[error("`{{` is never closed; write `{{{{` for a brace")]
    Open,
    #[error("`}}` closes nothing; write `}}}}` for a brace")]
    Close,
    #[error(
        "`{{{0}}}` is no placeholder: a name has small letters, digits and `_`, and a link is `{{tap:words}}`"
    )]
    Name(String),
}

impl Template {
    pub fn parse(wording: &str) -> Result<Template, BadTemplate> {
        let mut template = Template::default();
        let mut rest = wording;
        while let Some(at) = rest.find(['{', '}']) {
            template.words(&rest[..at]);
            let brace = &rest[at..at + 1];
            rest = &rest[at + 1..];
            if let Some(doubled) = rest.strip_prefix(brace) {
                template.words(brace);
                rest = doubled;
            } else if brace == "}" {
                return Err(BadTemplate::Close);
            } else {
                let (inside, after) = rest.split_once('}').ok_or(BadTemplate::Open)?;
                template.placeholder(inside)?;
                rest = after;
            }
        }
        template.words(rest);
        Ok(template)
    }

    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Slot(name) => Some(name.as_str()),
            Piece::Words(_) => None,
        })
    }

    pub fn taps(&self) -> &[String] {
        &self.taps
    }

    /// Bytes of the wording with every slot empty.
    pub fn bytes_min(&self) -> usize {
        let bytes = |piece: &Piece| if let Piece::Words(words) = piece { words.len() } else { 0 };
        self.pieces.iter().map(bytes).sum()
    }

    fn fill(&self, values: &[(&str, Value)]) -> String {
        let mut out = String::with_capacity(self.bytes_min() + 64);
        for piece in &self.pieces {
            match piece {
                Piece::Words(words) => out.push_str(words),
                Piece::Slot(name) => {
                    if let Some((_, value)) = values.iter().find(|(given, _)| given == name) {
                        value.write(&mut out);
                    }
                }
            }
        }
        out
    }

    fn words(&mut self, words: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Words(before)) => before.push_str(words),
            _ if words.is_empty() => {}
            _ => self.pieces.push(Piece::Words(words.to_owned())),
        }
    }

    fn placeholder(&mut self, inside: &str) -> Result<(), BadTemplate> {
        let bad = || BadTemplate::Name(inside.to_owned());
        if let Some(link) = inside.strip_prefix("tap:") {
            let (shown, sent) = link.split_once('|').unwrap_or((link, link));
            if shown.trim().is_empty() || sent.trim().is_empty() || link.contains('{') {
                return Err(bad());
            }
            self.words(&menu_link(shown.trim(), sent.trim(), TAP_ID));
            self.taps.push(sent.trim().to_owned());
            return Ok(());
        }
        if inside.is_empty()
            || !inside.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            return Err(bad());
        }
        self.pieces.push(Piece::Slot(inside.to_owned()));
        Ok(())
    }
}

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
        debug_assert!(fitting(spec, values), "{} doesn't take {values:?}", spec.name);
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
    use proptest::prelude::*;

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
        let Value::Text(quote) = Value::quote(&"长".repeat(7000)) else { panic!() };
        assert_eq!(quote.chars().count(), QUOTE_CHARS_MAX + 1);
    }

    #[test]
    fn a_tap_sends_its_words() {
        let template = Template::parse("{tap:活动报名} {tap:看券|福利领取}").unwrap();
        assert_eq!(template.taps(), ["活动报名", "福利领取"]);
        let said = template.fill(&[]);
        assert_eq!(said.matches("weixin://bizmsgmenu").count(), 2, "{said}");
        assert!(said.ends_with(">看券</a>"), "{said}");
    }

    #[test]
    fn what_is_no_wording_is_refused() {
        let name = |inside: &str| BadTemplate::Name(inside.to_owned());
        assert_eq!(Template::parse("a {title"), Err(BadTemplate::Open));
        assert_eq!(Template::parse("a } b"), Err(BadTemplate::Close));
        assert_eq!(Template::parse("{标题}"), Err(name("标题")));
        assert_eq!(Template::parse("{}"), Err(name("")));
        assert_eq!(Template::parse("{tap:}"), Err(name("tap:")));
        assert_eq!(Template::parse("{tap:看|}"), Err(name("tap:看|")));
    }

    proptest! {
        #[test]
        fn braces_doubled_are_read_back(words in any::<String>()) {
            let wording = words.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(Template::parse(&wording).unwrap().fill(&[]), words);
        }

        #[test]
        fn no_wording_panics(wording in "[{}a:|tp报_]{0,40}") {
            if let Ok(template) = Template::parse(&wording) {
                template.fill(&[]);
            }
        }
    }
}
