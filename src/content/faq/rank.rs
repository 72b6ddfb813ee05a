//! Which entry is asked for: BM25 over all wordings, made a share of what the text's own words would reach.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

/// How much a word counts in a long wording against a short one (BM25's b).
const LENGTH_MATTERS: f64 = 0.75;
/// BM25's k1. No word counts twice in a wording, so it only weighs length.
const SATURATION: f64 = 1.2;

#[derive(Debug, Default)]
pub(super) struct Index {
    /// Word → the wordings that have it.
    postings: HashMap<String, Vec<usize>>,
    wordings: Vec<Wording>,
    /// Words of a wording.
    average: f64,
}

#[derive(Debug)]
struct Wording {
    entry: usize,
    words: Vec<String>,
}

/// How an entry fits a text, each in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fit {
    pub entry: usize,
    /// By its best wording, of what a wording with just the text's words would reach.
    pub share: u8,
    /// Of the text's words that any wording has, by what they say: those that this entry's wordings have.
    pub covers: u8,
    /// Of the words of that wording of it which the text says most of, by what they say: those of the text.
    pub said: u8,
}

impl Index {
    /// Of the words of every wording, with the entry that it belongs to.
    pub fn new(all: impl Iterator<Item = (usize, Vec<String>)>) -> Index {
        let mut index = Index::default();
        let mut total = 0;
        for (entry, words) in all {
            total += words.len();
            let at = index.wordings.len();
            for word in &words {
                index.postings.entry(word.clone()).or_default().push(at);
            }
            index.wordings.push(Wording { entry, words });
        }
        index.average = total as f64 / index.wordings.len().max(1) as f64;
        index
    }

    /// The entries by their best wording; those that share no word aren't among them.
    pub fn rank(&self, words: &[String]) -> Vec<Fit> {
        let (mut reached, mut covered): (HashMap<usize, f64>, HashMap<usize, f64>) = Default::default();
        let (mut whole, mut known) = (0.0, 0.0);
        for word in words {
            let having = self.having(word);
            let rarity = self.rarity(having.len());
            whole += rarity * self.weight(words.len());
            known += if having.is_empty() { 0.0 } else { rarity };
            for at in having {
                *reached.entry(*at).or_default() += rarity * self.weight(self.wordings[*at].words.len());
            }
            for entry in having.iter().map(|at| self.wordings[*at].entry).collect::<BTreeSet<_>>() {
                *covered.entry(entry).or_default() += rarity;
            }
        }
        let mut best: HashMap<usize, Fit> = HashMap::new();
        for (at, score) in reached {
            let entry = self.wordings[at].entry;
            let covers = hundredths(covered.get(&entry).copied().unwrap_or_default(), known);
            let kept = best.entry(entry).or_insert(Fit { entry, share: 0, covers, said: 0 });
            kept.share = kept.share.max(hundredths(score, whole));
            kept.said = kept.said.max(self.said(&self.wordings[at], words));
        }
        let mut best: Vec<Fit> = best.into_values().collect();
        best.sort_by_key(|fit| (Reverse(fit.share), fit.entry));
        best
    }

    fn having(&self, word: &str) -> &[usize] {
        self.postings.get(word).map(Vec::as_slice).unwrap_or_default()
    }

    fn said(&self, wording: &Wording, words: &[String]) -> u8 {
        let says = |word: &String| self.rarity(self.having(word).len());
        let said = wording.words.iter().filter(|word| words.contains(word)).map(says).sum();
        hundredths(said, wording.words.iter().map(says).sum())
    }

    /// The rarer, the more a word says (BM25's idf). One that no wording has says as much as one that a single one has.
    fn rarity(&self, having: usize) -> f64 {
        let (all, having) = (self.wordings.len() as f64, having.max(1) as f64);
        (1.0 + (all - having + 0.5) / (having + 0.5)).ln()
    }

    /// What a word counts in a wording of so many.
    fn weight(&self, words: usize) -> f64 {
        let length = 1.0 - LENGTH_MATTERS + LENGTH_MATTERS * words as f64 / self.average.max(1.0);
        (SATURATION + 1.0) / (1.0 + SATURATION * length)
    }
}

fn hundredths(part: f64, whole: f64) -> u8 {
    (100.0 * part / whole).round().clamp(0.0, 100.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(wordings: &[(usize, &str)]) -> Index {
        let words = |words: &str| words.split(' ').map(str::to_owned).collect();
        Index::new(wordings.iter().map(|(entry, text)| (*entry, words(text))))
    }

    fn ranked(index: &Index, text: &str) -> Vec<(usize, u8)> {
        let fits = index.rank(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        fits.into_iter().map(|fit| (fit.entry, fit.share)).collect()
    }

    #[test]
    fn the_nearest_wording_is_first_whatever_the_order_of_words() {
        let index = index(&[(0, "外地 住院 报销"), (1, "住院 材料"), (1, "材料"), (2, "住院 报销 多少")]);
        assert_eq!(ranked(&index, "报销 外地 住院")[0], (0, 100));
        assert_eq!(ranked(&index, "材料")[0], (1, 100));
        assert_eq!(ranked(&index, "多少 报销")[0].0, 2);
        assert_eq!(ranked(&index, "天气"), []);
        assert_eq!(Index::default().rank(&["天气".to_owned()]), []);
    }

    #[test]
    fn words_that_nobody_asked_about_weigh_against_an_answer() {
        let index = index(&[(0, "外地 住院 报销"), (1, "住院 材料")]);
        let share = |text| ranked(&index, text)[0].1;
        assert!(share("外地 住院 报销 天气") < share("外地 住院 报销"));
        assert!(share("天气 真好 风筝 住院") < 40);
    }
    #[test]
    fn an_entry_tells_what_of_the_text_is_another_s_and_what_of_its_own_nobody_said() {
        let index = index(&[(0, "修改 姓名"), (0, "修改 手机号"), (1, "卡号 填错")]);
        let fit = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            index.rank(&words)[0]
        };
        assert!(fit("修改 卡号").covers < 75);
        // A word that nobody wrote down says nothing of whose question it is.
        assert_eq!((fit("修改 手机号 好吗").covers, fit("修改 手机号 好吗").said), (100, 100));
        assert_eq!((fit("卡号").covers, fit("卡号").said), (100, 50));
    }
}
