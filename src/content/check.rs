//! Holds the files against each other, against what the code expects and against WeChat's limits.

use std::collections::{BTreeSet, HashMap};

use super::faq::{Asked, Faq};
use super::faq_file::EntriesAt;
use super::keywords::{Found, Keywords, MatchKind, RuleTarget};
use super::keywords_file::RuleAt;
use super::links_file::Links;
use super::normalise::normalise;
use super::problem::{Report, hint};
use super::template::Template;
use super::text::Slot;
use super::texts_file::TextsAt;
use super::{Expected, Target};
use crate::wechat::menu::{Button, ButtonKind, Menu};
use crate::wechat::reply::{TEXT_BYTES_MAX, TEXT_BYTES_TARGET};

/// A list of more links is over what one message holds.
const TOPIC_ENTRIES_MAX: usize = 13;

/// Of a broken link.
const LINK_CHARS_SHOWN: usize = 30;

/// Reads a menu and reports what WeChat would refuse or nothing would answer. An unreadable one is empty.
pub(super) fn menu(json: &str, conditional: bool, expected: &Expected, report: &mut Report) -> Menu {
    let menu: Menu = match serde_json::from_str(json) {
        Ok(menu) => menu,
        Err(why) => {
            let line = Some(why.line()).filter(|line| *line > 0);
            report.error(line, "", format!("is no menu: {why}"));
            return Menu::default();
        }
    };
    for problem in menu.check() {
        report.error(None, &problem.place, problem.flaw.to_string());
    }
    match (conditional, menu.matchrule.is_some()) {
        (true, false) => {
            report.error(None, "matchrule", "is missing: a conditional menu says whom it is for")
        }
        (false, true) => report.error(None, "matchrule", "the default menu is for everybody and has none"),
        _ => {}
    }
    unknown_keys("menu", menu.extra.keys(), &["button", "matchrule", "menuid"], report);
    for button in menu.button.iter().chain(menu.button.iter().flat_map(|top| &top.sub_button)) {
        unknown_keys(&button.name, button.extra.keys(), &BUTTON_KEYS, report);
    }
    for button in menu.leaves() {
        button_target(button, expected, report);
    }
    menu
}

const BUTTON_KEYS: [&str; 9] =
    ["type", "name", "key", "url", "media_id", "article_id", "appid", "pagepath", "sub_button"];

/// Only a warning: a menu pulled from WeChat may hold what isn't known here.
fn unknown_keys<'k>(
    place: &str,
    keys: impl Iterator<Item = &'k String>,
    known: &[&str],
    report: &mut Report,
) {
    for key in keys {
        report.warning(None, place, format!("unknown key `{key}`{}", hint(key, known.iter().copied())));
    }
}

fn button_target(button: &Button, expected: &Expected, report: &mut Report) {
    let Some(key) = flow_key(button) else { return };
    if expected.targets.iter().all(|target| target.key != key) {
        let near = hint(key, expected.targets.iter().map(|target| target.key));
        report.error(None, &button.name, format!("no flow answers the key `{key}`{near}"));
    }
}

/// The key that a tapped button sends to the service.
fn flow_key(button: &Button) -> Option<&str> {
    let silent = matches!(button.kind, None | Some(ButtonKind::View | ButtonKind::Miniprogram));
    button.key.as_deref().filter(|key| !silent && !key.is_empty())
}

/// Words that two rules claim with the same right, and words that a command takes first.
pub(super) fn keywords(rules: &[RuleAt], commands: &[(&str, Option<&str>)], report: &mut Report) {
    let commands: HashMap<String, Option<&str>> =
        commands.iter().map(|(command, leads_to)| (normalise(command), *leads_to)).collect();
    let mut first: HashMap<(String, MatchKind, i64), &RuleAt> = HashMap::new();
    for at in rules {
        for word in &at.rule.words {
            let pattern = at.rule.kind == MatchKind::Pattern;
            let folded = if pattern { word.clone() } else { normalise(word) };
            if let Some(leads_to) = commands.get(&folded)
                && let Some(hidden) = hidden(at.rule.kind, &at.rule.target, *leads_to)
            {
                report.warning(at.line, &at.place, format!("\"{word}\" {hidden}"));
            }
            match first.get(&(folded.clone(), at.rule.kind, at.rule.priority)) {
                None => drop(first.insert((folded, at.rule.kind, at.rule.priority), at)),
                Some(before) if before.rule.target == at.rule.target => {
                    report.warning(at.line, &at.place, format!("\"{word}\" is said twice"));
                }
                Some(before) => {
                    let message =
                        format!("\"{word}\" leads elsewhere in {}; change a priority", before.place);
                    report.error(at.line, &at.place, message);
                }
            }
        }
    }
}

/// What becomes of a rule's word that is a command as well.
fn hidden(kind: MatchKind, target: &RuleTarget, leads_to: Option<&str>) -> Option<&'static str> {
    let is_same = matches!(target, RuleTarget::Flow(key) if Some(*key) == leads_to);
    match kind {
        MatchKind::Exact => Some("is a command and never comes here"),
        MatchKind::Word | MatchKind::Prefix if !is_same => {
            Some("alone is a command: it comes here only within a longer text")
        }
        _ => None,
    }
}

/// Rules whose answer isn't there, or has places that nobody fills.
pub(super) fn answers(rules: &[RuleAt], texts: &TextsAt, report: &mut Report) {
    for at in rules {
        let RuleTarget::Answer(name) = &at.rule.target else { continue };
        match texts.get(name) {
            None => {
                let near = hint(name, texts.keys().map(String::as_str));
                report.error(at.line, &at.place, format!("there is no text `{name}` to answer with{near}"));
            }
            Some((template, _)) => {
                for slot in template.slots() {
                    let message = format!("its answer `{name}` has {{{slot}}}, which nobody fills");
                    report.error(at.line, &at.place, message);
                }
            }
        }
    }
}

/// Texts against the code that says them.
pub(super) fn texts(texts: &TextsAt, rules: &[RuleAt], expected: &Expected, report: &mut Report) {
    for spec in expected.texts {
        match texts.get(spec.name) {
            Some((template, line)) => slots(spec.name, spec.slots, template, *line, report),
            None => missing(spec.name, "the service says it", texts, report),
        }
    }
    for (name, (template, line)) in texts {
        size(name, template.bytes_min(), *line, report);
        links(name, template, *line, report);
    }
    unsaid(texts, rules, expected, report);
}

fn missing(name: &str, why: &str, texts: &TextsAt, report: &mut Report) {
    if report.is_told(name) {
        return; // it is there, and can't be read
    }
    let near = hint(name, texts.keys().map(String::as_str));
    report.error(None, name, format!("is missing; {why}{near}"));
}

fn slots(name: &str, slots: &[Slot], template: &Template, line: Option<usize>, report: &mut Report) {
    let used: BTreeSet<&str> = template.slots().collect();
    for unknown in used.iter().filter(|used| slots.iter().all(|slot| slot.name != **used)) {
        let near = hint(unknown, slots.iter().map(|slot| slot.name));
        report.error(line, name, format!("nobody fills {{{unknown}}} here{near}"));
    }
    for slot in slots.iter().filter(|slot| slot.required && !used.contains(slot.name)) {
        report.warning(line, name, format!("never says {{{}}}", slot.name));
    }
}

fn size(name: &str, bytes: usize, line: Option<usize>, report: &mut Report) {
    if bytes > TEXT_BYTES_MAX {
        report.error(line, name, format!("has {bytes} bytes; WeChat takes {TEXT_BYTES_MAX}"));
    } else if bytes > TEXT_BYTES_TARGET {
        report.warning(line, name, format!("has {bytes} bytes; better keep to {TEXT_BYTES_TARGET}"));
    }
}

/// What was to be a link and is none: followers would see it as it is written.
fn links(name: &str, template: &Template, line: Option<usize>, report: &mut Report) {
    let wording = template.fill(&[]);
    let mut rest = wording.as_str();
    while let Some(at) = ["<a ", "</a>"].iter().filter_map(|tag| rest.find(tag)).min() {
        let (_, from) = rest.split_at(at);
        let Some(after) = after_link(from) else {
            let shown: String = from.chars().take(LINK_CHARS_SHOWN).collect();
            let message = format!("`{shown}` is no link; one is written <a href=\"https://…\">words</a>");
            return report.warning(line, name, message);
        };
        rest = after;
    }
}

/// What follows the link that a text begins with.
fn after_link(text: &str) -> Option<&str> {
    let (address, rest) = text.strip_prefix("<a href=\"")?.split_once("\">")?;
    let (shown, after) = rest.split_once("</a>")?;
    (!address.contains(['<', '>']) && !shown.contains('<')).then_some(after)
}

fn unsaid(texts: &TextsAt, rules: &[RuleAt], expected: &Expected, report: &mut Report) {
    let mut said: BTreeSet<String> = expected.texts.iter().map(|spec| spec.name.to_owned()).collect();
    said.extend(rules.iter().filter_map(|at| match &at.rule.target {
        RuleTarget::Answer(name) => Some(name.clone()),
        RuleTarget::Flow(_) => None,
    }));
    for (name, (_, line)) in texts.iter().filter(|(name, _)| !said.contains(*name)) {
        report.warning(*line, name, "is never said: no rule answers with it, nor does the service");
    }
}

/// What takes the words that a link sends.
pub(super) struct Taken<'a> {
    pub keywords: &'a Keywords,
    pub faq: &'a Faq,
    pub commands: &'a [(&'a str, Option<&'a str>)],
}

impl Taken<'_> {
    fn takes(&self, words: &str) -> bool {
        self.commands.iter().any(|(command, _)| normalise(command) == normalise(words))
            || matches!(self.keywords.find(words), Found::Hit { .. })
            || matches!(self.faq.ask(words), Asked::Sure(_))
    }

    fn tell(&self, name: &str, template: &Template, line: Option<usize>, report: &mut Report) {
        for words in template.taps().iter().filter(|words| !self.takes(words)) {
            report.warning(line, name, format!("the link sends \"{words}\", which no keyword takes"));
        }
    }
}

/// Links that send words which lead nowhere.
pub(super) fn taps(texts: &TextsAt, taken: &Taken, report: &mut Report) {
    for (name, (template, line)) in texts {
        taken.tell(name, template, *line, report);
    }
}

pub(super) fn entry_taps(faq: &Faq, entries: &EntriesAt, taken: &Taken, report: &mut Report) {
    for entry in faq.entries() {
        taken.tell(&entry.id, &entry.answer, entries.get(&entry.id).copied().flatten(), report);
    }
}

/// Answers and lists of questions that are too long for a message.
pub(super) fn entries(faq: &Faq, entries: &EntriesAt, report: &mut Report) {
    for entry in faq.entries() {
        let line = entries.get(&entry.id).copied().flatten();
        size(&entry.id, entry.answer.bytes_min(), line, report);
        links(&entry.id, &entry.answer, line, report);
    }
    for topic in faq.topics() {
        let count = faq.about(topic).count();
        if count > TOPIC_ENTRIES_MAX {
            let message =
                format!("has {count} questions; a list of over {TOPIC_ENTRIES_MAX} fills no phone well");
            report.warning(None, topic, message);
        }
    }
}

/// Buttons that lead outside to where `links.toml` doesn't let followers be led.
pub(super) fn outside(menu: &Menu, links: &Links, report: &mut Report) {
    let views = menu.leaves().filter(|button| button.kind == Some(ButtonKind::View));
    for button in views.filter(|_| links.has_domains()) {
        if let Some(why) = button.url.as_deref().and_then(|url| links.refuse(url)) {
            report.warning(None, &button.name, format!("its address {why}"));
        }
    }
}

/// Targets that neither a button nor a keyword leads to.
pub(super) fn unreachable(menus: &[&Menu], rules: &[RuleAt], targets: &[Target], report: &mut Report) {
    let by_button = menus.iter().flat_map(|menu| menu.leaves()).filter_map(flow_key);
    let by_word = rules.iter().filter_map(|at| match at.rule.target {
        RuleTarget::Flow(key) => Some(key),
        RuleTarget::Answer(_) => None,
    });
    let reached: BTreeSet<&str> = by_button.chain(by_word).collect();
    for target in targets.iter().filter(|target| !reached.contains(target.key)) {
        report.warning(None, target.key, format!("nothing leads to {}: no button, no keyword", target.title));
    }
}
