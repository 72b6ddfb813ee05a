//! Reads `faq.toml`: thresholds, `stop`, `synonyms` and a list of `[[entry]]`.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faq::{Asked, Entry, Faq, Thresholds, Vocabulary, key_of};
use super::fields::Fields;
use super::normalise::normalise;
use super::problem::Report;
use super::template::Template;

/// A file with more is a mistake.
pub const ENTRIES_MAX: usize = 500;
/// A question is a link: longer ones break the line of a phone.
pub const QUESTION_CHARS_MAX: usize = 24;

const FILE_KEYS: [&str; 8] = ["sure", "lead", "covers", "said", "maybe", "stop", "synonyms", "entry"];
const ENTRY_KEYS: [&str; 5] = ["id", "topic", "question", "wordings", "answer"];

/// An entry's place in the file, by its id.
pub(super) type EntriesAt = HashMap<String, Option<usize>>;

pub(super) fn read(text: &str, report: &mut Report) -> (Faq, EntriesAt) {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().and_then(|span| report.line(span));
        report.error(line, "", error.message());
    }
    let mut fields = Fields { table: root.get_ref(), place: String::new(), line: None, report };
    fields.refuse_unknown(&FILE_KEYS);
    let thresholds = thresholds(&mut fields);
    let stop = fields.get("stop", "a list of strings", DeValue::as_array);
    let stop = stop.map(|(list, _)| strings(&mut fields, list.iter())).unwrap_or_default();
    let synonyms = synonyms(&mut fields);
    let vocabulary = Vocabulary::new(stop, synonyms);
    let list = fields.get("entry", "a list: write [[entry]]", DeValue::as_array);
    let (entries, places) = list.map(|(list, span)| entries(list, span, report)).unwrap_or_default();
    let faq = Faq::new(entries, thresholds, vocabulary);
    unfound(&faq, &places, report);
    (faq, places)
}

fn thresholds(fields: &mut Fields) -> Thresholds {
    let usual = Thresholds::default();
    let mut share = |key: &str, usual: u8| match fields.integer(key) {
        None => usual,
        Some(value) => u8::try_from(value).ok().filter(|share| *share <= 100).unwrap_or_else(|| {
            fields.lacks(format!("`{key}` is a share of 0 to 100"));
            usual
        }),
    };
    let read = Thresholds {
        sure: share("sure", usual.sure),
        lead: share("lead", usual.lead),
        covers: share("covers", usual.covers),
        said: share("said", usual.said),
        maybe: share("maybe", usual.maybe),
    };
    if read.maybe > read.sure {
        fields.lacks("`maybe` is above `sure`: nothing would ever be offered");
    }
    read
}

fn strings<'a>(fields: &mut Fields, list: impl Iterator<Item = &'a Spanned<DeValue<'a>>>) -> Vec<&'a str> {
    let mut strings = Vec::new();
    for value in list {
        match value.get_ref().as_str() {
            Some(word) if normalise(word).is_empty() => {
                fields.error(value.span(), format!("{word:?} has neither letters nor digits"));
            }
            Some(word) => strings.push(word),
            None => fields.error(value.span(), "words are strings"),
        }
    }
    strings
}

/// A word of two lists would mean the one that was read last.
fn synonyms<'a>(fields: &mut Fields<'a, '_, '_>) -> Vec<Vec<&'a str>> {
    let Some((lists, _)) = fields.get("synonyms", "a list of lists of strings", DeValue::as_array) else {
        return Vec::new();
    };
    let (mut seen, mut read) = (HashSet::new(), Vec::new());
    for value in lists.iter() {
        let Some(list) = value.get_ref().as_array() else {
            fields.error(value.span(), "synonyms are lists of strings");
            continue;
        };
        let words = strings(fields, list.iter());
        for word in &words {
            if !seen.insert(normalise(word)) {
                fields.error(value.span(), format!("\"{word}\" is a synonym twice"));
            }
        }
        read.push(words);
    }
    read
}

fn entries(list: &[Spanned<DeValue>], span: Range<usize>, report: &mut Report) -> (Vec<Entry>, EntriesAt) {
    if list.len() > ENTRIES_MAX {
        let line = report.line(span);
        report.error(line, "", format!("{} entries; at most {ENTRIES_MAX} are read", list.len()));
        return Default::default();
    }
    let (mut entries, mut places, mut keys) = (Vec::new(), EntriesAt::new(), HashMap::new());
    for (at, value) in list.iter().enumerate() {
        let line = report.line(value.span());
        let Some(entry) = entry(at + 1, value, report) else { continue };
        if places.insert(entry.id.clone(), line).is_some() {
            report.error(line, &entry.id, "is the id of two entries");
        } else if let Some(other) = keys.insert(entry.key(), entry.id.clone()) {
            report.error(
                line,
                &entry.id,
                format!("can't be told from `{other}` in links; name it otherwise"),
            );
        }
        entries.push(entry);
    }
    let mut topics: HashMap<u32, &str> = HashMap::new();
    for entry in &entries {
        let other = topics.insert(key_of(&entry.topic), &entry.topic);
        if let Some(other) = other.filter(|other| *other != entry.topic) {
            report.error(None, &entry.id, format!("its topic can't be told from `{other}` in links"));
        }
    }
    (entries, places)
}

fn entry(nth: usize, value: &Spanned<DeValue>, report: &mut Report) -> Option<Entry> {
    let line = report.line(value.span());
    let place = format!("entry {nth}");
    let Some(table) = value.get_ref().as_table() else {
        report.error(line, &place, "is a table: write [[entry]]");
        return None;
    };
    let mut fields = Fields { table, place, line, report };
    if let Some(id) = table.get("id").and_then(|id| id.get_ref().as_str()) {
        fields.place = format!("entry {nth} ({id})");
    }
    fields.refuse_unknown(&ENTRY_KEYS);
    let id = needed(&mut fields, "id");
    let topic = needed(&mut fields, "topic");
    let question = needed(&mut fields, "question");
    if let Some((question, span)) = &question
        && question.chars().count() > QUESTION_CHARS_MAX
    {
        fields.error(span.clone(), format!("`question` has over {QUESTION_CHARS_MAX} characters"));
    }
    let wordings = fields.get("wordings", "a list of strings", DeValue::as_array);
    let wordings = wordings.map(|(list, _)| strings(&mut fields, list.iter())).unwrap_or_default();
    let answer = needed(&mut fields, "answer").and_then(|(answer, span)| answered(&mut fields, answer, span));
    Some(Entry {
        id: id?.0.to_owned(),
        topic: topic?.0.to_owned(),
        question: question?.0.to_owned(),
        wordings: wordings.into_iter().map(str::to_owned).collect(),
        answer: answer?,
    })
}

fn needed<'a>(fields: &mut Fields<'a, '_, '_>, key: &str) -> Option<(&'a str, Range<usize>)> {
    if !fields.has(key) {
        fields.lacks(format!("has no `{key}`"));
    }
    let (text, span) = fields.string(key)?;
    if text.trim().is_empty() {
        fields.error(span, format!("`{key}` is empty"));
        return None;
    }
    Some((text.trim(), span))
}

fn answered(fields: &mut Fields, answer: &str, span: Range<usize>) -> Option<Template> {
    let template = match Template::parse(answer) {
        Ok(template) => template,
        Err(why) => {
            fields.error(span, why.to_string());
            return None;
        }
    };
    let unfilled: Vec<String> = template.slots().map(str::to_owned).collect();
    for slot in unfilled {
        fields.error(span.clone(), format!("its answer has {{{slot}}}, which nobody fills"));
    }
    Some(template)
}

/// Wordings that lead to another entry, or to none.
fn unfound(faq: &Faq, places: &EntriesAt, report: &mut Report) {
    for entry in faq.entries() {
        let line = places.get(&entry.id).copied().flatten();
        for words in entry.asked() {
            let what = match faq.ask(words) {
                Asked::Sure(found) if found == entry => continue,
                Asked::Sure(found) => format!("finds `{}` instead", found.id),
                Asked::Maybe(near) => {
                    let near: Vec<_> = near.iter().map(|entry| entry.id.as_str()).collect();
                    format!("can't be told from {}", near.join(", "))
                }
                Asked::Nothing => "finds nothing: it has only words that are passed over".to_owned(),
            };
            report.warning(line, &entry.id, format!("\"{words}\" {what}"));
        }
    }
}
