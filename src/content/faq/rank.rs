//! Which entry is asked for: BM25 over all wordings, made a share of what the text's own words would reach.

use std::cmp::Reverse;
use std::collections::HashMap;

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
    words: usize,
}

impl Index {
    /// Of the words of every wording, with the entry that it belongs to.
    pub fn new(all: impl Iterator<Item = (usize, Vec<String>)>) -> Index {
        let mut index = Index::default();
        let mut total = 0;
        for (entry, words) in all {
            total += words.len();
            let at = index.wordings.len();
            index.wordings.push(Wording { entry, words: words.len() });
            for word in words {
                index.postings.entry(word).or_default().push(at);
            }
        }
        index.average = total as f64 / index.wordings.len().max(1) as f64;
        index
    }

    /// The entries by their best wording, in hundredths of what a wording with just these words would reach; entries
    /// that share none aren't among them.
    pub fn rank(&self, words: &[String]) -> Vec<(usize, u8)> {
        let mut reached: HashMap<usize, f64> = HashMap::new();
        let mut whole = 0.0;
        for word in words {
            let having = self.postings.get(word).map(Vec::as_slice).unwrap_or_default();
            let rarity = self.rarity(having.len());
            whole += rarity * self.weight(words.len());
            for at in having {
                *reached.entry(*at).or_default() += rarity * self.weight(self.wordings[*at].words);
            }
        }
        let mut best: HashMap<usize, u8> = HashMap::new();
        for (at, score) in reached {
            let share = (100.0 * score / whole).round().clamp(0.0, 100.0) as u8;
            let kept = best.entry(self.wordings[at].entry).or_default();
            *kept = share.max(*kept);
        }
        let mut best: Vec<(usize, u8)> = best.into_iter().collect();
        best.sort_by_key(|(entry, share)| (Reverse(*share), *entry));
        best
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

#[cfg(test)]
mod tests {
    use super::*;

    fn index(wordings: &[(usize, &str)]) -> Index {
        let words = |words: &str| words.split(' ').map(str::to_owned).collect();
        Index::new(wordings.iter().map(|(entry, text)| (*entry, words(text))))
    }

    fn ranked(index: &Index, text: &str) -> Vec<(usize, u8)> {
        index.rank(&text.split(' ').map(str::to_owned).collect::<Vec<_>>())
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
}
