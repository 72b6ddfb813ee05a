use super::{Tap, targets};
use crate::content::{narrowed, normalise};

/// What a follower did, as a dialogue sees it.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    Said {
        /// As typed, recognised from speech, or sent by a tap.
        raw: String,
        /// Without spaces, punctuation, case, width and traditional forms.
        folded: String,
        tap: Option<Tap>,
    },
    /// 返回
    Back,
    /// A picture that the dialogue asked for, by its number; it is being fetched.
    Picture(u64),
    /// A picture that nobody asked for, a place, a file: something that is no words.
    Other,
}

const YES: &[&str] = &[
    "是",
    "是的",
    "确认",
    "确认报名",
    "确认取消",
    "确定",
    "好",
    "好的",
    "对",
    "提交",
    "同意",
    "我同意",
    "可以",
    "ok",
    "yes",
    "y",
];
const NO: &[&str] = &["否", "不", "不是", "不了", "不要", "不同意", "算了", "no", "n"];

/// What may stand behind a number.
const ENDS: [char; 8] = ['.', '。', ',', '、', '!', '~', ';', '?'];

impl Input {
    pub fn said(raw: &str, tap: Option<Tap>) -> Input {
        Input::Said { raw: raw.to_owned(), folded: normalise(raw), tap }
    }

    /// The words as they were said.
    pub fn words(&self) -> Option<&str> {
        match self {
            Input::Said { raw, .. } => Some(raw),
            Input::Back | Input::Picture(_) | Input::Other => None,
        }
    }

    pub fn tap(&self) -> Option<Tap> {
        match self {
            Input::Said { tap, .. } => *tap,
            Input::Back | Input::Picture(_) | Input::Other => None,
        }
    }

    pub fn is(&self, words: &[&str]) -> bool {
        matches!(self, Input::Said { folded, .. } if words.contains(&folded.as_str()))
    }

    /// The name of a service, typed: no name of a person or place, and nothing that is told of a case, however free the
    /// question.
    pub fn names_a_service(&self) -> bool {
        self.tap().is_none_or(|tap| tap == Tap::Words)
            && targets::TARGETS.iter().any(|target| self.is(&[normalise(target.title).as_str()]))
    }

    /// Typed or spoken: no link, tapped twice or above what is asked, answers a question that takes any words.
    pub fn is_written(&self) -> bool {
        matches!(self, Input::Said { tap: None, .. })
    }

    /// What somebody is called, or what they have to tell: their own words, and not where they want to go.
    pub fn is_own_words(&self) -> bool {
        self.is_written() && !self.names_a_service()
    }

    pub fn is_yes(&self) -> bool {
        self.is(YES)
    }

    pub fn is_no(&self) -> bool {
        self.is(NO)
    }

    /// A number from 0, written `3`, `第3个`, `3号` or `三`; `-2` and `0.2` are none.
    pub fn number(&self) -> Option<usize> {
        let said = narrowed(self.words()?);
        let bare = said.trim().trim_end_matches(|c: char| c.is_whitespace() || ENDS.contains(&c));
        let bare = bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(bare);
        let bare = bare.strip_prefix('第').unwrap_or(bare).trim();
        let bare = bare
            .strip_suffix(['个', '個', '项', '號', '号', '条', '场', '人', '岁', '歲', '位'])
            .unwrap_or(bare)
            .trim();
        let han = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
        match bare {
            "两" | "兩" => Some(2),
            _ if bare.bytes().all(|byte| byte.is_ascii_digit()) => bare.parse().ok(),
            _ => han.iter().position(|h| *h == bare),
        }
    }

    /// The one whose number this is, of a list that is numbered from 1.
    pub fn chosen<'a, T>(&self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.number()?.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_yes_are_understood_as_people_write_them() {
        let number = |text| Input::said(text, None).number();
        assert_eq!(number(" １ "), Some(1));
        assert_eq!(number("第2个"), Some(2));
        assert_eq!(number("两人"), Some(2));
        assert_eq!(number("三"), Some(3));
        assert_eq!(number("8岁"), Some(8));
        assert_eq!(number("2。"), Some(2));
        assert_eq!(number("（3）"), Some(3));
        for none in ["很多", "-2", "－2", "0.2", "0-1", "1,5", "+1", "", "。"] {
            assert_eq!(number(none), None, "{none:?}");
        }
        assert!(Input::said("確認！", None).is_yes());
        assert!(Input::said("OK", None).is_yes());
        assert!(Input::said("不了。", None).is_no());
    }
}
