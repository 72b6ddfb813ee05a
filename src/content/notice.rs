//! Notices as template messages and subscription notices, which have fields instead of sentences.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::template::Template;
use super::text::{TextSpec, Value};

/// By which templates notices go out; a kind of notice without one waits for the follower's next message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notices {
    forms: BTreeMap<&'static str, NoticeForm>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoticeForm {
    pub kind: FormKind,
    pub template: String,
    pub url: Option<String>,
    /// Key, such as `thing2`, and wording.
    pub fields: Vec<(String, Template)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormKind {
    /// 模板消息
    Template,
    /// 订阅通知
    Subscription,
}

/// A notice with its fields filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledForm {
    pub kind: FormKind,
    /// The account's id of the template.
    pub template: String,
    pub url: Option<String>,
    pub fields: BTreeMap<String, String>,
}

/// A notice that may go by subscription alone: for what WeChat forbids to tell by a template message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionForm {
    pub template: String,
    pub url: Option<String>,
    pub fields: BTreeMap<String, String>,
}

impl Notices {
    pub(super) fn new(forms: BTreeMap<&'static str, NoticeForm>) -> Notices {
        Notices { forms }
    }

    /// `None` if staff named no subscription for this kind; a template message is never made of it.
    pub fn fill_subscription(&self, spec: &TextSpec, values: &[(&str, Value)]) -> Option<SubscriptionForm> {
        let filled = self.fill(spec, values).filter(|filled| filled.kind == FormKind::Subscription)?;
        let FilledForm { template, url, fields, .. } = filled;
        Some(SubscriptionForm { template, url, fields })
    }

    /// `None` if staff named no template for this kind.
    pub fn fill(&self, spec: &TextSpec, values: &[(&str, Value)]) -> Option<FilledForm> {
        let form = self.forms.get(spec.name)?;
        let fill = |(key, wording): &(String, Template)| {
            let values: Vec<_> = values.iter().map(|(name, value)| (*name, in_field(key, value))).collect();
            (key.clone(), fit(key, wording.fill(&values)))
        };
        let fields = form.fields.iter().map(fill).collect();
        Some(FilledForm { kind: form.kind, template: form.template.clone(), url: form.url.clone(), fields })
    }
}

/// WeChat's names of fields: the kind of value, and a number.
const KINDS: &[&str] = &[
    "thing",
    "short_thing",
    "number",
    "letter",
    "symbol",
    "character_string",
    "time",
    "date",
    "amount",
    "phone_number",
    "car_number",
    "name",
    "phrase",
    "const",
    "enum",
];

pub(super) fn is_field(key: &str) -> bool {
    KINDS.contains(&kind(key)) && kind(key) != key
}

fn kind(key: &str) -> &str {
    key.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// A time as fields of time take it: `2026年12月5日 09:00`.
fn in_field<'a>(key: &str, value: &Value<'a>) -> Value<'a> {
    match (kind(key), value) {
        ("time" | "date", Value::Time(time)) => Value::Raw(Cow::Owned(time.chinese_with_year())),
        _ => value.clone(),
    }
}

/// Cut to what WeChat takes in a field of this kind; an empty one is refused, so it gets a dash.
fn fit(key: &str, words: String) -> String {
    let max = match kind(key) {
        "thing" => 20,
        "short_thing" | "name" => 10,
        "number" | "letter" | "character_string" => 32,
        "phrase" | "symbol" => 5,
        "phone_number" => 17,
        "car_number" => 8,
        _ => usize::MAX,
    };
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "-".to_owned();
    }
    if line.chars().count() <= max {
        return line;
    }
    let ends_in_dots = matches!(kind(key), "thing" | "short_thing" | "name");
    let cut: String = line.chars().take(max - usize::from(ends_in_dots)).collect();
    if ends_in_dots { cut + "…" } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Slot;
    use crate::moment::Time;

    #[test]
    fn fields_are_filled_as_wechat_takes_them() {
        const PROMOTED: TextSpec = TextSpec::new("promoted", &[Slot::text("title"), Slot::time("starts")]);
        let wording = |text: &str| Template::parse(text).unwrap();
        let fields = vec![
            ("thing1".to_owned(), wording("《{title}》候补成功")),
            ("time2".to_owned(), wording("{starts}")),
            ("phrase3".to_owned(), wording("已经确认报名")),
        ];
        let form = NoticeForm { kind: FormKind::Template, template: "tpl".to_owned(), url: None, fields };
        let notices = Notices::new(BTreeMap::from([("promoted", form)]));
        let starts = Time::parse("2026-12-05T09:00:00+08:00").unwrap();
        let values = [("title", "职工子女暑期夏令营第一期开营仪式".into()), ("starts", starts.into())];
        let filled = notices.fill(&PROMOTED, &values).unwrap();
        assert_eq!(filled.fields["thing1"], "《职工子女暑期夏令营第一期开营仪式》候…");
        assert_eq!(filled.fields["time2"], "2026年12月5日 09:00");
        assert_eq!(filled.fields["phrase3"], "已经确认报");
        assert!(notices.fill(&TextSpec::new("other", &[]), &values).is_none());
    }
}
