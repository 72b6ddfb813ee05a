use super::{Tap, spoken, sums, targets};
use crate::content::{asks, narrowed, normalise};

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
    "对的",
    "没错",
    "行",
    "提交",
    "确认提交",
    "同意",
    "我同意",
    "可以",
    "ok",
    "yes",
    "y",
    "好的好的",
    "可以的",
    "行的",
];
/// A yes, but to nothing that has to be agreed to.
const NODS: &[&str] = &["嗯", "嗯嗯", "嗯好"];
const NO: &[&str] = &["否", "不", "不是", "不了", "不要", "不同意", "算了", "no", "n"];

/// What is counted, behind its number; the longest first.
const COUNTED: [&str; 20] = [
    "个孩子",
    "个小孩",
    "个大人",
    "个小朋友",
    "个宝宝",
    "个娃",
    "个伢",
    "周岁",
    "周歲",
    "岁半",
    "歲半",
    "个",
    "個",
    "项",
    "號",
    "号",
    "条",
    "场",
    "人",
    "位",
];

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

    /// What somebody is called, or what they have to tell: their own words, and neither where they want to go nor that they
    /// pass it over.
    pub fn is_own_words(&self) -> bool {
        self.is_written() && !self.names_a_service() && !self.is(&[spoken::SKIP])
    }

    /// As [`is_own_words`](Self::is_own_words), with a letter: a number is of a list above, or the phone's once more. Nor is
    /// it what they ask, or a yes.
    pub fn is_name(&self) -> bool {
        let has_letter = self.words().is_some_and(|words| words.chars().any(char::is_alphabetic));
        self.is_own_words() && has_letter && !self.asks() && !self.is_yes()
    }

    /// Something is asked: `公司改名了要不要重新认证`.
    pub fn asks(&self) -> bool {
        asks(self.words().unwrap_or_default())
    }

    pub fn is_yes(&self) -> bool {
        self.is(YES) || self.is(NODS)
    }

    /// To a consent, which is given in words.
    pub fn agrees(&self) -> bool {
        self.is(YES)
    }

    pub fn is_no(&self) -> bool {
        self.is(NO)
    }

    /// A number from 0, written `3`, `第3个`, `3号`, `三`, `2个孩子` or `7周岁`; `-2` and `0.2` are none.
    pub fn number(&self) -> Option<usize> {
        number_in(self.words()?)
    }

    /// Several in one message: `7岁和九岁`, `8、5`.
    pub fn numbers(&self) -> Option<Vec<usize>> {
        let parts = self.words()?.split(|c: char| c.is_whitespace() || "，,、；;和跟与".contains(c));
        parts.filter(|part| !part.is_empty()).map(number_in).collect()
    }

    /// The largest number within the words: `我们班组10个人`.
    pub fn most(&self) -> Option<usize> {
        self.counts().into_iter().map(|(count, _)| count).max()
    }

    /// How many are told with their ages, and those ages: `一个7岁一个5岁`, `两个娃，大的9岁`, `双胞胎，都6岁`.
    pub fn with_ages(&self) -> Option<(usize, Vec<usize>)> {
        const ALL: [&str; 2] = ["都", "双胞胎"];
        let counts = self.counts();
        let told = |of_age: bool| {
            counts.iter().filter(move |(_, is_age)| *is_age == of_age).map(|(count, _)| *count)
        };
        let mut ages: Vec<usize> = told(true).collect();
        let is_of_all = self.words().is_some_and(|words| ALL.iter().any(|all| words.contains(all)));
        let count = match (ages.len(), told(false).max()) {
            (0, _) => return None,
            (1, None) if is_of_all => 2,
            (told, count) => count.unwrap_or(0).max(told),
        };
        if let ([age], true) = (&ages[..], is_of_all) {
            ages = vec![*age; count];
        }
        Some((count, ages))
    }

    /// The numbers within the words, and which are ages.
    fn counts(&self) -> Vec<(usize, bool)> {
        let words = narrowed(self.words().unwrap_or_default());
        let (mut rest, mut counts) = (&words[..], Vec::new());
        while let Some(at) = rest.find(is_of_number) {
            rest = rest.get(at..).unwrap_or_default();
            let end = rest.find(|c| !is_of_number(c)).unwrap_or(rest.len());
            let (number, behind) = rest.split_at(end);
            let count = number_in(number).or_else(|| usize::try_from(sums::hundredths(number)? / 100).ok());
            let is_age = behind.trim_start().trim_start_matches('周').starts_with(['岁', '歲']);
            counts.extend(count.map(|count| (count, is_age)));
            rest = behind;
        }
        counts
    }

    /// The only one of the options that is named among the words: `鄞州区的`, `我要调解`. One that stands behind a no isn't
    /// meant, nor one within the name of another.
    pub fn naming<'a>(&self, options: &'a [String]) -> Option<&'a String> {
        const NOT: [&str; 5] = ["不", "没", "非", "不是", "没有"];
        let Input::Said { folded, .. } = self else { return None };
        let is_meant = |name: &String| {
            let at = folded.find(name.as_str()).and_then(|at| folded.get(..at));
            !name.is_empty() && at.is_some_and(|before| !NOT.iter().any(|no| before.ends_with(no)))
        };
        let named: Vec<(&String, String)> = options
            .iter()
            .map(|option| (option, normalise(option)))
            .filter(|(_, name)| is_meant(name))
            .collect();
        let is_part =
            |name: &str| named.iter().any(|(_, other)| other.len() > name.len() && other.contains(name));
        let mut whole = named.iter().filter(|(_, name)| !is_part(name));
        whole.next().map(|(option, _)| *option).filter(|_| whole.next().is_none())
    }

    /// The one whose number this is, of a list that is numbered from 1.
    pub fn chosen<'a, T>(&self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.number()?.checked_sub(1)?)
    }
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || "一二两兩三四五六七八九十".contains(c)
}

fn number_in(words: &str) -> Option<usize> {
    let said = narrowed(words);
    let bare = said.trim().trim_end_matches(|c: char| c.is_whitespace() || ENDS.contains(&c));
    let bare = bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(bare);
    let bare = bare.strip_prefix(['第', '带']).unwrap_or(bare).trim();
    let bare = COUNTED.iter().find_map(|counted| bare.strip_suffix(counted)).unwrap_or(bare);
    let bare = bare.strip_suffix(['岁', '歲']).unwrap_or(bare).trim();
    let han = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    match bare {
        "两" | "兩" => Some(2),
        _ if bare.bytes().all(|byte| byte.is_ascii_digit()) => bare.parse().ok(),
        _ => han.iter().position(|h| *h == bare),
    }
}

/// A number that is given by its name: `卡号：6222…`, `我的身份证号是33…`.
pub fn after_label(words: &str) -> &str {
    words.trim_start_matches(|c: char| !c.is_numeric())
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
        assert_eq!(number("2个孩子"), Some(2));
        assert_eq!(number("带两个"), Some(2));
        assert_eq!(number("七周岁"), Some(7));
        assert_eq!(number("9岁半"), Some(9));
        for none in ["很多", "-2", "－2", "0.2", "0-1", "1,5", "+1", "", "。"] {
            assert_eq!(number(none), None, "{none:?}");
        }
        assert!(Input::said("確認！", None).is_yes());
        assert!(Input::said("OK", None).is_yes());
        assert!(Input::said("对的。", None).is_yes());
        assert!(Input::said("嗯嗯", None).is_yes() && !Input::said("嗯嗯", None).agrees());
        assert_eq!(Input::said("7岁和九岁", None).numbers(), Some(vec![7, 9]));
        assert_eq!(Input::said("大的7岁", None).numbers(), None);
        assert!(Input::said("不了。", None).is_no());
    }

    #[test]
    fn ages_are_found_in_what_is_told_of_children() {
        let told = |text| Input::said(text, None).with_ages();
        assert_eq!(told("一个7岁一个5岁"), Some((2, vec![7, 5])));
        assert_eq!(told("两个娃 都6岁"), Some((2, vec![6, 6])));
        assert_eq!(told("双胞胎，６周岁"), Some((2, vec![6, 6])));
        assert_eq!(told("三个，大的十一岁"), Some((3, vec![11])));
        assert_eq!(told("7岁"), Some((1, vec![7])));
        assert_eq!(told("两个"), None);
        assert_eq!(Input::said("我们班组三十个人一起", None).most(), Some(30));
        assert_eq!(Input::said("很多", None).most(), None);
    }

    #[test]
    fn a_question_is_no_name() {
        for (text, is_name) in [
            ("样例纺织厂", true),
            ("什么都有商店", true),
            ("公司改名了要不要重新认证", false),
            ("改名了行吗？", false),
        ] {
            assert_eq!(Input::said(text, None).is_name(), is_name, "{text}");
        }
    }

    #[test]
    fn an_option_is_known_within_a_sentence_if_it_is_the_only_one() {
        let options = ["欠薪", "工伤", "其他", "其他福利"].map(str::to_owned);
        let naming = |text| Input::said(text, None).naming(&options).map(String::as_str);
        assert_eq!(naming("我是工伤，脚断了"), Some("工伤"));
        assert_eq!(naming("其他福利吧"), Some("其他福利"));
        for none in ["不是工伤", "欠薪和工伤", "老板打我", ""] {
            assert_eq!(naming(none), None, "{none}");
        }
    }
}
