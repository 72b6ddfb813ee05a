//! How staff word a sentence: words, places to fill, links to tap.

use super::text::Value;
use crate::wechat::reply::menu_link;

/// The id in a tapped link of a text; what counts is the words that it sends.
const TAP_ID: &str = "text";

/// A wording: words and slots in turn. In `texts.toml`, `{title}` is a slot, `{tap:活动报名}` a link that sends
/// its words, `{tap:看活动|活动报名}` one that shows others, and `{{` `}}` are braces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
    /// What the links of the wording send.
    taps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(String),
    Slot(String),
}

/// A wording that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    #[error("`{{` is never closed; write `{{{{` for a brace")]
    Open,
    #[error("`}}` closes nothing; write `}}}}` for a brace")]
    Close,
    #[error(
        "`{{{0}}}` is no placeholder: a name has small letters, digits and `_`, and a link is `{{tap:words}}`"
    )]
    Name(String),
}

impl Template {
    pub fn parse(wording: &str) -> Result<Template, BadTemplate> {
        let mut template = Template::default();
        let mut rest = wording;
        while let Some(at) = rest.find(['{', '}']) {
            template.words(&rest[..at]);
            let brace = &rest[at..at + 1];
            rest = &rest[at + 1..];
            if let Some(doubled) = rest.strip_prefix(brace) {
                template.words(brace);
                rest = doubled;
            } else if brace == "}" {
                return Err(BadTemplate::Close);
            } else {
                let (inside, after) = rest.split_once('}').ok_or(BadTemplate::Open)?;
                template.placeholder(inside)?;
                rest = after;
            }
        }
        template.words(rest);
        Ok(template)
    }

    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Slot(name) => Some(name.as_str()),
            Piece::Words(_) => None,
        })
    }

    pub fn taps(&self) -> &[String] {
        &self.taps
    }

    /// Bytes of the wording with every slot empty.
    pub fn bytes_min(&self) -> usize {
        let bytes = |piece: &Piece| if let Piece::Words(words) = piece { words.len() } else { 0 };
        self.pieces.iter().map(bytes).sum()
    }

    pub(super) fn fill(&self, values: &[(&str, Value)]) -> String {
        let mut out = String::with_capacity(self.bytes_min() + 64);
        for piece in &self.pieces {
            match piece {
                Piece::Words(words) => out.push_str(words),
                Piece::Slot(name) => {
                    if let Some((_, value)) = values.iter().find(|(given, _)| given == name) {
                        value.write(&mut out);
                    }
                }
            }
        }
        out
    }

    fn words(&mut self, words: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Words(before)) => before.push_str(words),
            _ if words.is_empty() => {}
            _ => self.pieces.push(Piece::Words(words.to_owned())),
        }
    }

    fn placeholder(&mut self, inside: &str) -> Result<(), BadTemplate> {
        let bad = || BadTemplate::Name(inside.to_owned());
        if let Some(link) = inside.strip_prefix("tap:") {
            let (shown, sent) = link.split_once('|').unwrap_or((link, link));
            if shown.trim().is_empty() || sent.trim().is_empty() || link.contains('{') {
                return Err(bad());
            }
            self.words(&menu_link(shown.trim(), sent.trim(), TAP_ID));
            self.taps.push(sent.trim().to_owned());
            return Ok(());
        }
        if inside.is_empty()
            || !inside.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            return Err(bad());
        }
        self.pieces.push(Piece::Slot(inside.to_owned()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_tap_sends_its_words() {
        let template = Template::parse("{tap:活动报名} {tap:看券|福利领取}").unwrap();
        assert_eq!(template.taps(), ["活动报名", "福利领取"]);
        let said = template.fill(&[]);
        assert_eq!(said.matches("weixin://bizmsgmenu").count(), 2, "{said}");
        assert!(said.ends_with(">看券</a>"), "{said}");
    }

    #[test]
    fn what_is_no_wording_is_refused() {
        let name = |inside: &str| BadTemplate::Name(inside.to_owned());
        assert_eq!(Template::parse("a {title"), Err(BadTemplate::Open));
        assert_eq!(Template::parse("a } b"), Err(BadTemplate::Close));
        assert_eq!(Template::parse("{标题}"), Err(name("标题")));
        assert_eq!(Template::parse("{}"), Err(name("")));
        assert_eq!(Template::parse("{tap:}"), Err(name("tap:")));
        assert_eq!(Template::parse("{tap:看|}"), Err(name("tap:看|")));
    }

    proptest! {
        #[test]
        fn braces_doubled_are_read_back(words in any::<String>()) {
            let wording = words.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(Template::parse(&wording).unwrap().fill(&[]), words);
        }

        #[test]
        fn no_wording_panics(wording in "[{}a:|tp报_]{0,40}") {
            if let Ok(template) = Template::parse(&wording) {
                template.fill(&[]);
            }
        }
    }
}
