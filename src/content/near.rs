//! The nearest choices for words that no rule takes.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::keywords::{MatchKind, Rule, RuleTarget, Suggestion};
use super::normalise::normalise;

/// What people add to a courtesy.
pub const PARTICLES: [char; 6] = ['啊', '呀', '啦', '哈', '哦', '了'];

/// So many choices are offered after a miss.
pub const SUGGESTIONS_MAX: usize = 2;
/// Only so much of a text is compared; a longer one is a letter, not a slip.
const COMPARED_CHARS_MAX: usize = 32;
/// A word at least half like the text is worth offering.
const LIKENESS_MIN: u32 = 500;
/// And beside it the next one, where that is not quite far off.
const LIKENESS_BESIDE_MIN: u32 = 250;

/// What says nothing of what is meant, in whatever it stands; the longest first.
const FILLERS: [&str; 17] = [
    "可不可以",
    "什么时候",
    "有没有",
    "是不是",
    "能不能",
    "怎么样",
    "怎么办",
    "怎么",
    "什么",
    "多少",
    "哪里",
    "可以",
    "我想",
    "我要",
    "请问",
    "一下",
    "我们",
];

/// The rules' words, found by the characters in them, so that a miss compares only what has a chance.
#[derive(Debug)]
pub(super) struct Near {
    words: Vec<Word>,
    /// The words that hold a character, each once.
    by_char: HashMap<char, Vec<usize>>,
}

#[derive(Debug)]
struct Word {
    folded: String,
    chars: usize,
    rule: usize,
    /// Which of the rule's words.
    nth: usize,
}

impl Near {
    pub(super) fn new(rules: &[Rule]) -> Near {
        let mut words = Vec::new();
        let mut by_char: HashMap<char, Vec<usize>> = HashMap::new();
        // A greeting or thanks is no choice.
        let leads = |rule: &Rule| matches!(rule.target, RuleTarget::Flow(_)) && !rule.urgent;
        let offered = |rule: &Rule| rule.kind != MatchKind::Pattern && leads(rule);
        for (rule, r) in rules.iter().enumerate().filter(|(_, r)| offered(r)) {
            for (nth, word) in r.words.iter().enumerate() {
                let folded = telling(&normalise(word));
                for c in folded.chars().collect::<HashSet<_>>() {
                    by_char.entry(c).or_default().push(words.len());
                }
                words.push(Word { chars: folded.chars().count(), folded, rule, nth });
            }
        }
        Near { words, by_char }
    }

    /// The best words for a normalised text, each leading elsewhere.
    pub(super) fn suggest<'k>(&self, rules: &'k [Rule], folded: &str) -> Vec<Suggestion<'k>> {
        let text: String = telling(folded).chars().take(COMPARED_CHARS_MAX).collect();
        let mut found: Vec<_> =
            self.candidates(&text).into_iter().map(|at| (likeness(&self.words[at], &text), at)).collect();
        found.retain(|(likeness, _)| *likeness >= LIKENESS_BESIDE_MIN);
        found.sort_by_key(|(likeness, at)| (Reverse(*likeness), *at));
        if found.first().is_none_or(|(likeness, _)| *likeness < LIKENESS_MIN) {
            return Vec::new();
        }
        let mut suggestions: Vec<Suggestion<'k>> = Vec::new();
        for (_, at) in found {
            let (word, rule) = (&self.words[at], &rules[self.words[at].rule]);
            if suggestions.iter().all(|s| *s.target != rule.target) {
                // The title, where typing it leads there; a link sends what it says.
                let is_title = |word: &String| normalise(word) == normalise(&rule.title);
                let leads = |other: &Rule| other.target == rule.target && other.words.iter().any(is_title);
                let words = if rules.iter().any(leads) { &rule.title } else { &rule.words[word.nth] };
                suggestions.push(Suggestion { words, target: &rule.target });
            }
            if suggestions.len() == SUGGESTIONS_MAX {
                break;
            }
        }
        suggestions
    }

    /// The words that share a character with the text; no other is like it at all.
    fn candidates(&self, text: &str) -> HashSet<usize> {
        text.chars().flat_map(|c| self.by_char.get(&c).into_iter().flatten().copied()).collect()
    }
}

/// In thousandths: how few edits make one the other, or how many of the word's pairs of neighbours the text has.
fn likeness(word: &Word, text: &str) -> u32 {
    let longest = word.chars.max(text.chars().count());
    let edits = strsim::osa_distance(&word.folded, text);
    let by_edits = share(longest.saturating_sub(edits), longest);
    let in_text: HashSet<(char, char)> = pairs(text).collect();
    let by_pairs =
        share(pairs(&word.folded).filter(|p| in_text.contains(p)).count(), word.chars.saturating_sub(1));
    // Any long number holds some of a number's pairs.
    let is_number = word.folded.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { by_edits } else { by_edits.max(by_pairs) }
}

/// The text without fillers.
fn telling(folded: &str) -> String {
    FILLERS.iter().fold(folded.to_owned(), |text, filler| text.replace(filler, ""))
}

fn pairs(text: &str) -> impl Iterator<Item = (char, char)> {
    text.chars().zip(text.chars().skip(1))
}

fn share(part: usize, whole: usize) -> u32 {
    (part * 1000).checked_div(whole).unwrap_or(0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(target: &'static str, words: &[&str]) -> Rule {
        Rule {
            words: words.iter().map(|w| (*w).to_owned()).collect(),
            kind: MatchKind::Word,
            priority: 0,
            target: RuleTarget::Flow(target),
            urgent: false,
            told_later: false,
            title: target.to_owned(),
        }
    }

    fn near(text: &str) -> Vec<&'static str> {
        let rules = [
            rule("sign_up", &["报名", "活动报名"]),
            rule("claim", &["理赔", "报销", "医疗互保"]),
            rule("match", &["相亲交友"]),
            rule("cover", &["有没有参保"]),
            rule("rights", &["12351"]),
            Rule { urgent: true, ..rule("urgent", &["受伤"]) },
            Rule { target: RuleTarget::Answer("thanks".to_owned()), ..rule("", &["谢谢您"]) },
        ];
        let found = Near::new(&rules).suggest(&rules, &normalise(text));
        let key = |target: &RuleTarget| match target {
            RuleTarget::Flow(key) => *key,
            RuleTarget::Answer(_) => "answer",
        };
        found.iter().map(|s| key(s.target)).collect()
    }

    #[test]
    fn slips_find_what_was_meant() {
        assert_eq!(near("报命"), ["sign_up", "claim"]);
        assert_eq!(near("我想去相亲交朋友"), ["match"]);
        assert_eq!(near("医疗互助保"), ["claim"]);
        assert_eq!(near("12315"), ["rights"]);
        assert_eq!(near("有没有参保险"), ["cover"]);
        assert_eq!(near("有没有爬山的"), [""; 0]);
        assert_eq!(near("6222020200112233445"), [""; 0]);
    }

    #[test]
    fn a_suggestion_shows_what_it_sends() {
        let titled = |title: &str, words: &[&str]| Rule { title: title.to_owned(), ..rule("claim", words) };
        let sent = |rules: &[Rule]| {
            let found = Near::new(rules).suggest(rules, &normalise("提交审请"));
            found.iter().map(|s| s.words.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(sent(&[titled("补材料", &["补材料", "提交申请"])]), ["补材料"]);
        assert_eq!(sent(&[titled("补材料", &["提交申请"]), titled("补材料", &["补材料"])]), ["补材料"]);
        assert_eq!(sent(&[titled("补材料", &["提交申请"])]), ["提交申请"]);
    }

    #[test]
    fn nonsense_urgent_words_and_courtesies_find_nothing() {
        for text in ["", "今天天气真好", "受傷", "谢谢啦", "asdf", &"啊".repeat(600)] {
            assert!(near(text).is_empty(), "{text}");
        }
    }
}
