//! Reads `keywords.toml`: a list of `[[rule]]`.

use regex::RegexBuilder;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Target;
use super::fields::Fields;
use super::keywords::{MatchKind, PATTERNS_BYTES_MAX, Rule, RuleTarget};
use super::normalise::normalise;
use super::problem::{Report, hint};

/// The longest word of a rule, in characters after normalising.
pub const WORD_CHARS_MAX: usize = 64;
/// No account has needed more rules; a file with more is a mistake.
pub const RULES_MAX: usize = 5_000;

const KEYS: [&str; 8] = ["words", "match", "priority", "flow", "answer", "urgent", "told_later", "title"];
const KINDS: [(&str, MatchKind); 4] = [
    ("exact", MatchKind::Exact),
    ("prefix", MatchKind::Prefix),
    ("word", MatchKind::Word),
    ("pattern", MatchKind::Pattern),
];

/// A rule with the line where it stands and its name for problems: `rule 3 (报名)`.
#[derive(Debug)]
pub(super) struct RuleAt {
    pub rule: Rule,
    pub line: Option<usize>,
    pub place: String,
}

/// The rules that can be used; what is wrong with the others is reported.
pub(super) fn read(text: &str, targets: &[Target], report: &mut Report) -> Vec<RuleAt> {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().and_then(|span| report.line(span));
        report.error(line, "", error.message());
    }
    let mut rules = Vec::new();
    for (key, value) in root.get_ref() {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("rule", DeValue::Array(list)) if list.len() > RULES_MAX => {
                report.error(None, "", format!("{} rules; at most {RULES_MAX} are read", list.len()));
            }
            ("rule", DeValue::Array(list)) => {
                let each = list.iter().enumerate();
                rules.extend(each.filter_map(|(at, value)| read_rule(at + 1, value, targets, report)));
            }
            ("rule", _) => report.error(report.line(key.span()), "rule", "is a list: write [[rule]]"),
            (other, _) => {
                report.error(report.line(key.span()), other, format!("unknown key{}", hint(other, ["rule"])));
            }
        }
    }
    rules
}

fn read_rule(
    nth: usize,
    value: &Spanned<DeValue>,
    targets: &[Target],
    report: &mut Report,
) -> Option<RuleAt> {
    let line = report.line(value.span());
    let Some(table) = value.get_ref().as_table() else {
        report.error(line, &format!("rule {nth}"), "is a table: write [[rule]]");
        return None;
    };
    let mut fields = Fields { table, place: place(nth, table), line, report };
    fields.refuse_unknown(&KEYS);
    let kind = kind(&mut fields);
    let words = words(&mut fields, kind.unwrap_or(MatchKind::Word));
    let target = target(&mut fields, targets);
    let priority = fields.integer("priority").unwrap_or_default();
    let urgent = fields.boolean("urgent").unwrap_or_default();
    let told_later = fields.boolean("told_later").unwrap_or_default();
    let title = fields.string("title").map(|(title, _)| title.to_owned());
    let Fields { place, .. } = fields;
    let (kind, words, (target, target_title)) = (kind?, words?, target?);
    let title = title.or(target_title).or_else(|| words.first().cloned()).unwrap_or_default();
    let rule = Rule { words, kind, priority, target, urgent, told_later, title };
    Some(RuleAt { rule, line, place })
}

fn place(nth: usize, table: &DeTable) -> String {
    let first =
        table.get("words").and_then(|words| words.get_ref().as_array()).and_then(|words| words.first());
    match first.and_then(|word| word.get_ref().as_str()) {
        Some(word) => format!("rule {nth} ({word})"),
        None => format!("rule {nth}"),
    }
}

fn kind(fields: &mut Fields) -> Option<MatchKind> {
    let Some((name, span)) = fields.string("match") else {
        return (!fields.has("match")).then_some(MatchKind::Word);
    };
    let kind = KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    if kind.is_none() {
        let known = KINDS.map(|(known, _)| known);
        fields
            .error(span, format!("match = \"{name}\" is none of {}{}", known.join(", "), hint(name, known)));
    }
    kind
}

fn words(fields: &mut Fields, kind: MatchKind) -> Option<Vec<String>> {
    if !fields.has("words") {
        fields.lacks("has no words");
    }
    let (list, span) = fields.get("words", "a list of strings", DeValue::as_array)?;
    if list.is_empty() {
        fields.error(span, "has no words");
        return None;
    }
    let each: Vec<Option<String>> = list.iter().map(|value| word(fields, value, kind)).collect();
    each.into_iter().collect()
}

fn word(fields: &mut Fields, value: &Spanned<DeValue>, kind: MatchKind) -> Option<String> {
    let Some(word) = value.get_ref().as_str() else {
        fields.error(value.span(), "words are strings");
        return None;
    };
    if let Err(why) = fit(word, kind) {
        fields.error(value.span(), format!("{word:?} {why}"));
        return None;
    }
    Some(word.to_owned())
}

/// Where the rule leads, and the title of a flow.
fn target(fields: &mut Fields, targets: &[Target]) -> Option<(RuleTarget, Option<String>)> {
    match (fields.string("flow"), fields.string("answer")) {
        (Some((key, span)), None) => {
            let Some(target) = targets.iter().find(|target| target.key == key) else {
                let near = hint(key, targets.iter().map(|target| target.key));
                fields.error(span, format!("leads to the unknown flow `{key}`{near}"));
                return None;
            };
            Some((RuleTarget::Flow(target.key), Some(target.title.to_owned())))
        }
        (None, Some((name, _))) => Some((RuleTarget::Answer(name.to_owned()), None)),
        (None, None) => {
            if !fields.has("flow") && !fields.has("answer") {
                fields.lacks("leads nowhere: it needs `flow` or `answer`");
            }
            None
        }
        (Some(_), Some((_, span))) => {
            fields.error(span, "has both `flow` and `answer`");
            None
        }
    }
}

fn fit(word: &str, kind: MatchKind) -> Result<(), String> {
    if kind == MatchKind::Pattern {
        let compiled = RegexBuilder::new(word).size_limit(PATTERNS_BYTES_MAX).build();
        return match compiled {
            Ok(pattern) if pattern.is_match("") => Err("would take every text".to_owned()),
            Ok(_) => Ok(()),
            Err(regex::Error::CompiledTooBig(_)) => Err("is too costly a pattern".to_owned()),
            Err(_) => Err("is no regular expression".to_owned()),
        };
    }
    match normalise(word).chars().count() {
        0 => Err("has neither letters nor digits".to_owned()),
        chars if chars > WORD_CHARS_MAX => Err(format!("has over {WORD_CHARS_MAX} characters")),
        _ => Ok(()),
    }
}
