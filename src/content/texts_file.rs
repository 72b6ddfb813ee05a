//! Reads `texts.toml`: tables within tables, whose leaves are wordings named by the dotted way to them.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Report;
use super::template::Template;

/// Wordings with the lines where they stand.
pub(super) type TextsAt = BTreeMap<String, (Template, Option<usize>)>;

pub(super) fn read(text: &str, report: &mut Report) -> TextsAt {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().and_then(|span| report.line(span));
        report.error(line, "", error.message());
    }
    let mut texts = TextsAt::new();
    gather(root.get_ref(), "", &mut texts, report);
    texts
}

fn gather(table: &DeTable, parent: &str, texts: &mut TextsAt, report: &mut Report) {
    for (key, value) in table {
        let dot = if parent.is_empty() { "" } else { "." };
        let name = format!("{parent}{dot}{}", key.get_ref());
        match value.get_ref() {
            DeValue::Table(table) => gather(table, &name, texts, report),
            DeValue::String(wording) => add(name, wording, key, texts, report),
            other => {
                let line = report.line(key.span());
                report.error(line, &name, format!("is of type {}; a text is a string", other.type_str()));
            }
        }
    }
}

fn add(
    name: String,
    wording: &str,
    key: &Spanned<std::borrow::Cow<str>>,
    texts: &mut TextsAt,
    report: &mut Report,
) {
    let line = report.line(key.span());
    if wording.trim().is_empty() {
        report.error(line, &name, "is empty");
        return;
    }
    match Template::parse(wording.trim_end()) {
        Ok(template) => drop(texts.insert(name, (template, line))),
        Err(why) => report.error(line, &name, why.to_string()),
    }
}
