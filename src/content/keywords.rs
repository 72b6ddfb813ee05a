//! Which rule answers a follower's words. Hundreds of rules cost one pass over the text: one Aho-Corasick
//! automaton for all words, one `RegexSet` for all patterns.

use std::cmp::Reverse;
use std::collections::HashMap;

use aho_corasick::AhoCorasick;
use regex::{RegexSet, RegexSetBuilder};

use super::near::{self, Near};
use super::normalise::{after, normalise};

/// Compiled patterns, all together, stay under this.
pub const PATTERNS_BYTES_MAX: usize = 4 << 20;

/// From this priority on, a rule keeps what has its words from questions.
const KEPT_PRIORITY: i64 = 30;

/// To which questions a rule leaves a longer text that has its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yields {
    ToNone,
    /// To one that is surely asked.
    ToSure,
    /// To none, but what may be asked stands below: 去年摔伤住院能报吗 is asked of what happened long ago.
    Beside,
}

/// How a rule's words must stand in the text. Earlier kinds win over later ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchKind {
    /// The word is the whole text.
    Exact,
    /// The text begins with the word.
    Prefix,
    /// The word stands anywhere.
    Word,
    /// The word is a regular expression over the normalised text.
    Pattern,
}

/// Where a rule leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RuleTarget {
    /// A flow, by its key.
    Flow(&'static str),
    /// A text of `texts.toml`, said as it is.
    Answer(String),
}

/// The section of `texts.toml` whose answers only return a courtesy.
const COURTESIES: &str = "help.";

/// One `[[rule]]` of `keywords.toml`.
#[derive(Debug, Clone)]
pub struct Rule {
    /// As staff wrote them.
    pub words: Vec<String>,
    pub kind: MatchKind,
    /// The highest wins.
    pub priority: i64,
    pub target: RuleTarget,
    /// A person must be told at once.
    pub urgent: bool,
    /// Where people tell what happened long ago, as in a claim, it is not urgent.
    pub told_later: bool,
    /// What a suggestion of this rule shows.
    pub title: String,
}

/// What the rules make of a follower's words.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'k> {
    Hit {
        target: &'k RuleTarget,
        /// What followed a word at the beginning of the text, as typed.
        rest: String,
        urgent: bool,
        yields: Yields,
    },
    Nothing {
        /// The nearest choices, at most [`super::SUGGESTIONS_MAX`], best first, each with another target.
        near: Vec<Suggestion<'k>>,
    },
}

/// A rule that may have been meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suggestion<'k> {
    /// What to show, and to send to get there.
    pub words: &'k str,
    pub target: &'k RuleTarget,
}

/// All rules, compiled.
#[derive(Debug)]
pub struct Keywords {
    rules: Vec<Rule>,
    automaton: AhoCorasick,
    /// For each word of the automaton, the rules that have it.
    uses: Vec<Vec<Use>>,
    patterns: RegexSet,
    /// For each pattern, the rule that has it.
    pattern_uses: Vec<Use>,
    near: Near,
    /// Normalised courtesies, the longest first, and the rule that has each.
    courtesies: Vec<(String, usize)>,
}

/// A word in its rule.
#[derive(Debug, Clone, Copy)]
struct Use {
    rule: usize,
    /// Counts words over all rules in the order of the file.
    order: usize,
}

/// Why a set of rules can't be compiled.
#[derive(Debug, thiserror::Error)]
#[error("keywords don't compile: {0}")]
pub struct NotCompiled(String);

/// A rule that applies to a text.
struct Hit {
    rank: Rank,
    rule: usize,
    /// Where in the normalised text its word ends, if it begins the text.
    word_end: Option<usize>,
}

/// Sorts the best hit first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    priority: Reverse<i64>,
    kind: MatchKind,
    length: Reverse<usize>,
    order: usize,
}

impl Keywords {
    /// Words that normalise to nothing are left out; `check` names them.
    pub fn new(rules: Vec<Rule>) -> Result<Keywords, NotCompiled> {
        let mut words: Vec<String> = Vec::new();
        let mut uses: Vec<Vec<Use>> = Vec::new();
        let mut index: HashMap<String, usize> = HashMap::new();
        let (mut patterns, mut pattern_uses) = (Vec::new(), Vec::new());
        let each =
            rules.iter().enumerate().flat_map(|(rule, r)| r.words.iter().map(move |word| (rule, r, word)));
        for (order, (rule, r, word)) in each.enumerate() {
            let used = Use { rule, order };
            if r.kind == MatchKind::Pattern {
                patterns.push(word.as_str());
                pattern_uses.push(used);
                continue;
            }
            let folded = normalise(word);
            if folded.is_empty() {
                continue;
            }
            let at = *index.entry(folded).or_insert_with_key(|folded| {
                words.push(folded.clone());
                uses.push(Vec::new());
                words.len() - 1
            });
            uses[at].push(used);
        }
        let automaton = AhoCorasick::new(&words).map_err(|e| NotCompiled(e.to_string()))?;
        let patterns = RegexSetBuilder::new(patterns).size_limit(PATTERNS_BYTES_MAX).build();
        let patterns = patterns.map_err(|e| NotCompiled(e.to_string()))?;
        let near = Near::new(&rules);
        let courtesies = courtesies(&rules);
        Ok(Keywords { rules, automaton, uses, patterns, pattern_uses, near, courtesies })
    }

    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What a text that is a rule's word and nothing else leads to; `None` if a rule that says more comes before.
    pub fn named(&self, text: &str) -> Option<&Rule> {
        let best = self.best(&normalise(text)).filter(|hit| hit.rank.kind == MatchKind::Exact)?;
        self.rules.get(best.rule)
    }

    /// The text that answers words which an urgent rule takes. `of_past`: they tell what happened long ago.
    pub fn urgent(&self, text: &str, of_past: bool) -> Option<&str> {
        let folded = normalise(text);
        let counts = |hit: &Hit| self.rules.get(hit.rule).is_some_and(|rule| !(of_past && rule.told_later));
        let best = self.hits(&folded).filter(counts).min_by(|a, b| a.rank.cmp(&b.rank))?;
        match self.rules.get(best.rule)? {
            Rule { urgent: true, target: RuleTarget::Answer(answer), .. } => Some(answer),
            _ => None,
        }
    }

    /// The text that answers a greeting, a 谢谢 or a 好的, if the words are that and nothing else. Other answers of staff's
    /// tell something.
    pub fn courtesy(&self, text: &str) -> Option<&str> {
        let folded = normalise(text);
        let rule = match self.best(&folded) {
            Some(best) => self.rules.get(best.rule).filter(|_| best.rank.kind == MatchKind::Exact)?,
            None => self.strung(&folded)?,
        };
        courteous(rule)
    }

    /// The last of several courtesies that are all there is: 嗯嗯好的, 好的好的谢谢啦.
    fn strung(&self, folded: &str) -> Option<&Rule> {
        let (mut rest, mut last) = (folded, None);
        while !rest.is_empty() {
            let (word, rule) = self.courtesies.iter().find(|(word, _)| rest.starts_with(word.as_str()))?;
            rest = rest.strip_prefix(word.as_str())?.trim_start_matches(near::PARTICLES);
            last = Some(*rule);
        }
        self.rules.get(last?)
    }

    fn best(&self, folded: &str) -> Option<Hit> {
        self.hits(folded).min_by(|a, b| a.rank.cmp(&b.rank))
    }

    fn hits(&self, folded: &str) -> impl Iterator<Item = Hit> {
        self.words_in(folded).chain(self.patterns_in(folded))
    }

    /// The best rule for a text: by priority, then kind of match (a word that is the whole text counts as
    /// exact), then the longest word, then the order of the file.
    pub fn find(&self, text: &str) -> Found<'_> {
        let folded = normalise(text);
        let Some(best) = self.best(&folded) else {
            return match self.strung(&folded) {
                Some(Rule { target, .. }) => {
                    Found::Hit { target, rest: String::new(), urgent: false, yields: Yields::ToNone }
                }
                None => Found::Nothing { near: self.near.suggest(&self.rules, &folded) },
            };
        };
        let rule = &self.rules[best.rule];
        let rest = best.word_end.map(|end| after(text, folded[..end].chars().count()).to_owned());
        Found::Hit {
            target: &rule.target,
            rest: rest.filter(|rest| !says_no_more(rule, rest)).unwrap_or_default(),
            urgent: rule.urgent,
            yields: match rule.priority {
                _ if rule.urgent && rule.told_later => Yields::Beside,
                _ if best.rank.kind < MatchKind::Word => Yields::ToNone,
                KEPT_PRIORITY.. => Yields::ToNone,
                _ => Yields::ToSure,
            },
        }
    }

    fn words_in(&self, folded: &str) -> impl Iterator<Item = Hit> {
        self.automaton.find_overlapping_iter(folded).flat_map(move |found| {
            let (first, whole) = (found.start() == 0, found.len() == folded.len());
            self.uses[found.pattern()].iter().filter_map(move |used| {
                let kind = match self.rules[used.rule].kind {
                    _ if whole => MatchKind::Exact,
                    MatchKind::Prefix if first => MatchKind::Prefix,
                    MatchKind::Word => MatchKind::Word,
                    _ => return None,
                };
                let rank = self.rank(used, kind, found.len());
                Some(Hit { rank, rule: used.rule, word_end: first.then_some(found.end()) })
            })
        })
    }

    fn patterns_in(&self, folded: &str) -> impl Iterator<Item = Hit> {
        self.patterns.matches(folded).into_iter().map(|at| {
            let used = &self.pattern_uses[at];
            Hit { rank: self.rank(used, MatchKind::Pattern, 0), rule: used.rule, word_end: None }
        })
    }

    fn rank(&self, used: &Use, kind: MatchKind, length: usize) -> Rank {
        let priority = Reverse(self.rules[used.rule].priority);
        Rank { priority, kind, length: Reverse(length), order: used.order }
    }
}

/// What a rule answers, if that only returns a courtesy.
fn courteous(rule: &Rule) -> Option<&str> {
    match rule {
        Rule { urgent: false, target: RuleTarget::Answer(answer), .. } => {
            Some(answer.as_str()).filter(|answer| answer.starts_with(COURTESIES))
        }
        _ => None,
    }
}

fn courtesies(rules: &[Rule]) -> Vec<(String, usize)> {
    let exact = rules.iter().enumerate().filter(|(_, rule)| rule.kind == MatchKind::Exact);
    let words = exact.filter(|(_, rule)| courteous(rule).is_some()).flat_map(|(at, rule)| {
        rule.words.iter().map(move |word| (normalise(word), at)).filter(|(word, _)| !word.is_empty())
    });
    let mut words: Vec<(String, usize)> = words.collect();
    words.sort_by_key(|(word, _)| Reverse(word.len()));
    words
}

/// `健步走报名`: what is left beside the rule's word are more of its words.
fn says_no_more(rule: &Rule, rest: &str) -> bool {
    let words = rule.words.iter().map(|word| normalise(word)).filter(|word| !word.is_empty());
    words.fold(normalise(rest), |rest, word| rest.replace(&word, "")).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn rule(target: &'static str, kind: MatchKind, priority: i64, words: &[&str]) -> Rule {
        Rule {
            words: words.iter().map(|w| (*w).to_owned()).collect(),
            kind,
            priority,
            target: RuleTarget::Flow(target),
            urgent: false,
            told_later: false,
            title: target.to_owned(),
        }
    }

    fn target<'k>(keywords: &'k Keywords, text: &str) -> Option<&'k str> {
        match keywords.find(text) {
            Found::Hit { target: RuleTarget::Flow(key), .. } => Some(key),
            Found::Hit { target: RuleTarget::Answer(name), .. } => Some(name),
            Found::Nothing { .. } => None,
        }
    }

    #[test]
    fn a_courtesy_is_what_help_answers_and_nothing_that_tells_something() {
        let answered = |answer: &str, urgent, words: &[&str]| Rule {
            target: RuleTarget::Answer(answer.to_owned()),
            urgent,
            ..rule("", MatchKind::Exact, 0, words)
        };
        let keywords = Keywords::new(vec![
            answered("help.thanked", false, &["谢谢"]),
            answered("local.parking", false, &["停车"]),
            answered("help.urgent", true, &["救命"]),
            rule("activity.list", MatchKind::Exact, 0, &["活动"]),
        ])
        .unwrap();
        assert_eq!(keywords.courtesy("谢谢！"), Some("help.thanked"));
        assert_eq!(keywords.courtesy("谢谢谢谢啦"), Some("help.thanked"));
        for text in ["停车", "救命", "活动", "谢谢你们医院", "谢谢停车", ""] {
            assert_eq!(keywords.courtesy(text), None, "{text}");
        }
    }

    #[test]
    fn the_winner_is_by_priority_then_kind_then_length_then_order() {
        let keywords = Keywords::new(vec![
            rule("anywhere", MatchKind::Word, 0, &["报名", "活动报名"]),
            rule("begins", MatchKind::Prefix, 0, &["取消"]),
            rule("whole", MatchKind::Exact, 0, &["报名"]),
            rule("longer", MatchKind::Word, 0, &["亲子活动报名"]),
            rule("later", MatchKind::Word, 0, &["活动报名"]),
            rule("pattern", MatchKind::Pattern, 0, &["^第[0-9]+期$", "报名"]),
            rule("first", MatchKind::Word, 9, &["投诉"]),
        ])
        .unwrap();
        let check = |text, expected| assert_eq!(target(&keywords, text), expected, "{text}");
        check("報 名！", Some("anywhere")); // both are exact here; the earlier rule wins
        check("我要活动报名", Some("anywhere"));
        check("我要亲子活动报名", Some("longer"));
        check("取消我的报名", Some("begins"));
        check("我想取消", None);
        check("取消报名，我要投诉", Some("first"));
        check("第１２期", Some("pattern"));
        check("", None);
        check("？？？", None);
    }

    #[test]
    fn what_is_told_of_the_past_is_urgent_where_it_speaks_of_now() {
        let urgent = |answer: &str, told_later, words: &[&str]| Rule {
            target: RuleTarget::Answer(answer.to_owned()),
            urgent: true,
            told_later,
            ..rule("", MatchKind::Word, 100, words)
        };
        let rules = vec![urgent("urgent.hurt", true, &["骑车摔伤"]), urgent("urgent.life", false, &["想死"])];
        let keywords = Keywords::new(rules).unwrap();
        for (text, of_past, answer) in [
            ("骑车摔伤了", false, Some("urgent.hurt")),
            ("骑车摔伤了", true, None),
            ("骑车摔伤了，疼得想死", true, Some("urgent.life")),
            ("想死", true, Some("urgent.life")),
            ("肺炎", true, None),
        ] {
            assert_eq!(keywords.urgent(text, of_past), answer, "{text}");
        }
    }

    #[test]
    fn a_hit_tells_what_followed_and_whether_it_is_urgent() {
        let urgent = Rule { urgent: true, ..rule("person", MatchKind::Word, 100, &["受伤"]) };
        let list = rule("list", MatchKind::Prefix, 0, &["报名", "活动"]);
        let keywords = Keywords::new(vec![list, urgent]).unwrap();
        let rest = |text: &str| match keywords.find(text) {
            Found::Hit { rest, urgent, .. } => (rest, urgent),
            Found::Nothing { .. } => panic!("nothing in {text}"),
        };
        assert_eq!(rest("報名 游泳(DIY)"), ("游泳(DIY)".to_owned(), false));
        assert_eq!(rest("报名"), (String::new(), false));
        assert_eq!(rest("报名，活动报名"), (String::new(), false));
        assert_eq!(rest("报名时受伤了"), (String::new(), true));
    }

    #[test]
    fn only_a_text_that_is_the_word_is_named_by_it() {
        let keywords = Keywords::new(vec![
            rule("list", MatchKind::Word, 0, &["报名", "活动报名"]),
            rule("check_in", MatchKind::Prefix, 0, &["签到"]),
            rule("pattern", MatchKind::Pattern, 0, &["^第[0-9]+期$"]),
            rule("first", MatchKind::Word, 9, &["活动"]),
        ])
        .unwrap();
        let named = |text| keywords.named(text).map(|rule| rule.title.as_str());
        assert_eq!(named("報 名！"), Some("list"));
        assert_eq!(named("签到"), Some("check_in"));
        assert_eq!(named("活动"), Some("first"));
        // The rule that would answer it has only a part of it.
        assert_eq!(named("活动报名"), None);
        for text in ["我要报名", "签到 123456", "第3期", ""] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn a_wrong_pattern_is_refused() {
        assert!(Keywords::new(vec![rule("a", MatchKind::Pattern, 0, &["(报"])]).is_err());
        assert!(Keywords::new(vec![rule("a", MatchKind::Pattern, 0, &["(.{1000}){1000}"])]).is_err());
    }

    /// The same decision, spelled out: every word of every rule is looked at in turn.
    fn naive(rules: &[Rule], text: &str) -> Option<&'static str> {
        let folded = normalise(text);
        let words = rules.iter().flat_map(|rule| rule.words.iter().map(move |word| (rule, word)));
        let hits = words.enumerate().filter_map(|(order, (rule, word))| {
            let (kind, length) = naive_match(rule.kind, word, &folded)?;
            Some((Rank { priority: Reverse(rule.priority), kind, length: Reverse(length), order }, rule))
        });
        hits.min_by(|a, b| a.0.cmp(&b.0)).map(|(_, rule)| match &rule.target {
            RuleTarget::Flow(key) => *key,
            RuleTarget::Answer(_) => unreachable!("tests lead to flows"),
        })
    }

    fn naive_match(kind: MatchKind, word: &str, folded: &str) -> Option<(MatchKind, usize)> {
        if kind == MatchKind::Pattern {
            return regex::Regex::new(word).unwrap().is_match(folded).then_some((kind, 0));
        }
        let word = normalise(word);
        let found = match kind {
            _ if word.is_empty() => return None,
            _ if word == folded => return Some((MatchKind::Exact, word.len())),
            MatchKind::Prefix => folded.starts_with(&word),
            MatchKind::Word => folded.contains(&word),
            MatchKind::Exact | MatchKind::Pattern => false,
        };
        found.then_some((kind, word.len()))
    }

    /// Few characters, so that words overlap, nest and repeat.
    const WORD: &str = "[报名活动取消aA１1 ！]{1,4}";

    fn any_rule() -> impl Strategy<Value = Rule> {
        let kinds = select(vec![MatchKind::Exact, MatchKind::Prefix, MatchKind::Word, MatchKind::Pattern]);
        let targets = select(vec!["a", "b", "c", "d", "e", "f"]);
        (kinds, targets, 0i64..3, proptest::collection::vec(WORD, 1..4)).prop_map(
            |(kind, key, priority, words)| {
                let words: Vec<_> = words.iter().map(String::as_str).collect();
                rule(key, kind, priority, &words)
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn one_pass_decides_like_a_naive_search_over_500_rules(
            rules in proptest::collection::vec(any_rule(), 500),
            texts in proptest::collection::vec("[报名活动取消消息aA１1 ！b]{0,12}", 20),
        ) {
            let keywords = Keywords::new(rules.clone()).unwrap();
            for text in texts {
                prop_assert_eq!(target(&keywords, &text), naive(&rules, &text), "{}", text);
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let keywords = Keywords::new(vec![rule("a", MatchKind::Word, 0, &["报名", "A"])]).unwrap();
            keywords.find(&text);
        }
    }
}
