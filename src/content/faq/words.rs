//! What a text is about: its words, without those that say nothing, each meaning under one name.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use jieba_rs::Jieba;

use super::super::normalise::normalise;

/// What lies beyond so many characters of a text isn't looked at: nobody asks a question in more.
const TEXT_CHARS_MAX: usize = 120;
/// A phrase of the file has at most so many words.
const PHRASE_WORDS_MAX: usize = 6;

/// The dictionary is unpacked at the first use, which is when the files are read.
static DICTIONARY: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// The words that a file says more of.
#[derive(Debug, Default)]
pub(in crate::content) struct Vocabulary {
    /// Words and phrases, and the name of what they mean; an empty one for what says nothing.
    meanings: HashMap<String, String>,
}

impl Vocabulary {
    /// `synonyms`: lists of words that mean the same, each named by its first.
    pub fn new<'w>(
        stop: impl IntoIterator<Item = &'w str>,
        synonyms: impl IntoIterator<Item = Vec<&'w str>>,
    ) -> Vocabulary {
        let mut meanings = HashMap::new();
        for same in synonyms {
            let name = same.first().map(|word| normalise(word)).unwrap_or_default();
            meanings.extend(same.iter().map(|word| (normalise(word), name.clone())));
        }
        meanings.extend(stop.into_iter().map(|word| (normalise(word), String::new())));
        Vocabulary { meanings }
    }

    /// Each once, in the order of the text.
    pub fn terms(&self, text: &str) -> Vec<String> {
        let folded: String = normalise(text).chars().take(TEXT_CHARS_MAX).collect();
        let words: Vec<&str> = DICTIONARY.cut(&folded, false).iter().map(|token| token.word).collect();
        let (mut terms, mut seen, mut at) = (Vec::new(), HashSet::new(), 0);
        while at < words.len() {
            let (term, length) = self.meaning(&folded, &words, at);
            at += length;
            if !term.is_empty() && seen.insert(term) {
                terms.push(term.to_owned());
            }
        }
        terms
    }

    /// The longest phrase that begins at a word, by its meaning, and how many words it has.
    fn meaning<'t>(&'t self, folded: &'t str, words: &[&'t str], at: usize) -> (&'t str, usize) {
        let start: usize = words[..at].iter().map(|word| word.len()).sum();
        for length in (1..=PHRASE_WORDS_MAX.min(words.len() - at)).rev() {
            let bytes: usize = words[at..at + length].iter().map(|word| word.len()).sum();
            if let Some(name) = self.meanings.get(&folded[start..start + bytes]) {
                return (name, length);
            }
        }
        (words[at], 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_by_the_dictionary_and_mean_what_the_file_says() {
        let vocabulary =
            Vocabulary::new(["吗", "的", "能"], [vec!["报销", "报", "理赔"], vec!["没有工会", "没工会"]]);
        let terms = |text| vocabulary.terms(text).join(" ");
        assert_eq!(terms("外地住院能报吗？"), "外地 住院 报销");
        assert_eq!(terms("理賠，報銷"), "报销");
        assert_eq!(terms("单位没工会的"), "单位 没有工会");
        assert_eq!(terms("报名"), "报名"); // 报 is a word here, not a piece of one
        assert_eq!(terms("吗"), "");
        assert_eq!(terms(""), "");
    }

    #[test]
    fn only_the_beginning_of_a_pasted_text_is_looked_at() {
        let long = format!("{}门诊", "住院".repeat(400));
        assert_eq!(Vocabulary::default().terms(&long), ["住院"]);
    }
}
