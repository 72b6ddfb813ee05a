//! Questions that followers ask and their answers (`faq.toml`), found by words in any order.

mod rank;
mod words;

use xxhash_rust::xxh3::xxh3_64;

use super::template::Template;
use rank::{Fit, Index};
pub(super) use words::Vocabulary;

/// So many are offered when none is surely meant.
pub const CHOICES_MAX: usize = 3;

/// One question, however it is worded, and its answer.
#[derive(Debug, Clone)]
pub struct Entry {
    /// As in the file: `when_paid`.
    pub id: String,
    pub topic: String,
    /// As it is listed, and the first of the wordings.
    pub question: String,
    /// Other ways of asking it.
    pub wordings: Vec<String>,
    pub answer: Template,
}

/// What a file decides of when an answer is given, in hundredths of what a question's own words would reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// The best entry is the answer from here on, if no other comes near it.
    pub sure: u8,
    /// How far the next must be behind for that.
    pub lead: u8,
    /// How much of what the text says, in words that questions have, must be among the entry's own for that: a word that
    /// only others have asks something else.
    pub covers: u8,
    /// How much of one of the entry's wordings the text must say for that: of half a question it isn't known which.
    pub said: u8,
    /// Entries from here on are offered.
    pub maybe: u8,
}

impl Default for Thresholds {
    fn default() -> Thresholds {
        Thresholds { sure: 52, lead: 12, covers: 75, said: 60, maybe: 50 }
    }
}

/// What a text asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked<'f> {
    Sure(&'f Entry),
    /// One of these, the likeliest first: at least one, at most [`CHOICES_MAX`].
    Maybe(Vec<&'f Entry>),
    Nothing,
}

/// All entries, ready to be searched. The default has none.
#[derive(Debug, Default)]
pub struct Faq {
    entries: Vec<Entry>,
    thresholds: Thresholds,
    vocabulary: Vocabulary,
    index: Index,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.id == other.id
    }
}

impl Entry {
    /// Names it in links: the same as long as its id is.
    pub fn key(&self) -> u32 {
        key_of(&self.id)
    }

    pub fn answer(&self) -> String {
        self.answer.fill(&[])
    }

    /// Every way of asking it that the file has.
    pub(super) fn asked(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.question).chain(&self.wordings).map(String::as_str)
    }
}

impl Faq {
    pub(super) fn new(entries: Vec<Entry>, thresholds: Thresholds, vocabulary: Vocabulary) -> Faq {
        let wordings = entries.iter().enumerate().flat_map(|(at, entry)| {
            let vocabulary = &vocabulary;
            entry.asked().map(move |words| (at, vocabulary.terms(words)))
        });
        let index = Index::new(wordings);
        Faq { entries, thresholds, vocabulary, index }
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn entry(&self, key: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key() == key)
    }

    /// What the entries are about, each once, in the order of the file.
    pub fn topics(&self) -> Vec<&str> {
        let mut topics: Vec<&str> = Vec::new();
        for entry in &self.entries {
            if !topics.contains(&entry.topic.as_str()) {
                topics.push(&entry.topic);
            }
        }
        topics
    }

    /// A topic by what names it in links.
    pub fn topic(&self, key: u32) -> Option<&str> {
        self.topics().into_iter().find(|topic| key_of(topic) == key)
    }

    pub fn about<'f>(&'f self, topic: &'f str) -> impl Iterator<Item = &'f Entry> {
        self.entries.iter().filter(move |entry| entry.topic == topic)
    }

    /// Every entry that shares a word with the text, and how near it is in hundredths; the nearest first. Only the
    /// beginning of a long text is looked at.
    pub fn rank(&self, text: &str) -> Vec<(&Entry, u8)> {
        let found = self.index.rank(&self.vocabulary.terms(text));
        found.into_iter().map(|fit| (&self.entries[fit.entry], fit.share)).collect()
    }

    /// What is looked for in a text: its words, without those that say nothing, by the names of their meanings.
    pub fn terms(&self, text: &str) -> Vec<String> {
        self.vocabulary.terms(text)
    }

    pub fn ask(&self, text: &str) -> Asked<'_> {
        let bar = &self.thresholds;
        let fits = self.index.rank(&self.vocabulary.terms(text));
        let next = fits.get(1).map_or(0, |fit| fit.share);
        let is_sure = |fit: &&Fit| {
            fit.share >= bar.sure
                && fit.share >= next.saturating_add(bar.lead)
                && fit.covers >= bar.covers
                && fit.said >= bar.said
        };
        if let Some(fit) = fits.first().filter(is_sure) {
            return Asked::Sure(&self.entries[fit.entry]);
        }
        let near = fits.iter().filter(|fit| fit.share >= bar.maybe).map(|fit| &self.entries[fit.entry]);
        match near.take(CHOICES_MAX).collect::<Vec<_>>() {
            none if none.is_empty() => Asked::Nothing,
            near => Asked::Maybe(near),
        }
    }
}

/// What names a topic or an entry in links.
pub fn key_of(name: &str) -> u32 {
    xxh3_64(name.as_bytes()) as u32
}
