//! Personal data that was typed, replaced by fictitious data that passes the same checks.
//!
//! The same value gets the same replacement throughout; what a check would refuse, it refuses still.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::numbers;
use crate::privacy::{mask_address, mask_phone};

/// Words in a question that is answered with a name.
const ASKS_NAME: &[&str] = &["姓名", "名字", "称呼", "联系人", "收件人"];
const ASKS_ADDRESS: &[&str] = &["地址", "住址"];
const ADDRESS_CHARS_MIN: usize = 6;
const NAME_CHARS_MAX: usize = 20;
/// Said in the middle of a question, these lead out of it and name nobody.
const COMMANDS: &[&str] = &[
    "取消",
    "返回",
    "上一步",
    "修改",
    "重填",
    "退出",
    "确认",
    "跳过",
    "帮助",
    "人工",
    "菜单",
    "算了",
    "是",
    "否",
    "继续",
    "报名",
    "我的报名",
    "活动报名",
    "退订通知",
    "恢复通知",
    "通知设置",
    "不同意",
    "同意",
    "无",
    "没有",
    "不报了",
];
/// Who has one of these and two or three characters beside a telephone number is a person.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁\
    任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤俞";
/// Nobody's: the fictitious people of stories.
const NAMES: &[&str] = &["李芳", "王磊", "陈静", "张伟", "刘洋", "赵敏", "周杰", "吴霞", "孙丽", "郑凯"];

static INTRODUCED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:我叫|我的名字是|我名字叫|姓名[:：]?\s*)(\p{Han}{2,4})").ok());
static HAN_WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\p{Han}+").ok());

#[derive(Debug, Default)]
pub struct Mask {
    /// Numbers by their digits, names and addresses as they were typed.
    known: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Mask {
    /// What a follower typed, as the story has it. `asked`: what the account had said to them before.
    pub fn typed(&mut self, text: &str, asked: &str) -> String {
        let word = text.trim();
        let asks = |words: &[&str]| words.iter().any(|word| asked.contains(word));
        let count = word.chars().count();
        let is_free = !COMMANDS.contains(&word) && numbers::half_width(word).parse::<u64>().is_err();
        if asks(ASKS_ADDRESS) && is_free && count >= ADDRESS_CHARS_MIN {
            self.learn("address", word, |n| format!("宁波市海曙区解放北路{n}号"));
        } else if asks(ASKS_NAME) && is_free && (1..=NAME_CHARS_MAX).contains(&count) {
            self.learn_name(word);
        }
        self.learn_names_in(text);
        self.learn_numbers_in(text);
        self.shown(text)
    }

    /// A text that may repeat what was typed, whole or with its middle starred out.
    pub fn shown(&self, text: &str) -> String {
        let mut masked = numbers::replaced(text, |personal| self.known.get(&personal.digits).cloned());
        let mut known: Vec<(&String, &String)> = self.known.iter().collect();
        known.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        for (value, fictitious) in known {
            if is_words(value) {
                masked = masked.replace(value.as_str(), fictitious);
            }
            for starred in [mask_phone, mask_address] {
                let (value, fictitious) = (starred(value), starred(fictitious));
                if !value.starts_with('*') {
                    masked = masked.replace(&value, &fictitious);
                }
            }
        }
        masked
    }

    /// How many values of a person's were replaced.
    pub fn count(&self) -> usize {
        self.known.len()
    }

    fn learn_names_in(&mut self, text: &str) {
        let introduced = INTRODUCED.as_ref().into_iter().flat_map(|name| name.captures_iter(text));
        let mut names: Vec<String> =
            introduced.filter_map(|found| Some(found.get(1)?.as_str().to_owned())).collect();
        if numbers::holds_any(text) {
            let words = HAN_WORD.as_ref().into_iter().flat_map(|word| word.find_iter(text));
            names.extend(words.map(|word| word.as_str()).filter(|word| is_name(word)).map(str::to_owned));
        }
        names.iter().for_each(|name| self.learn_name(name));
    }

    fn learn_name(&mut self, name: &str) {
        self.learn("name", name, |n| {
            let (again, index) = ((n - 1) / NAMES.len(), (n - 1) % NAMES.len());
            let name = NAMES.get(index).copied().unwrap_or("李芳");
            if again == 0 { name.to_owned() } else { format!("{name}{}", again + 1) }
        });
    }

    fn learn_numbers_in(&mut self, text: &str) {
        let mut found = Vec::new();
        numbers::replaced(text, |personal| {
            found.push(personal);
            None
        });
        for personal in found {
            self.learn(personal.kind.name(), &personal.digits, |n| personal.fictitious(n));
        }
    }

    /// `make`: the n-th of its kind, from 1.
    fn learn(&mut self, kind: &'static str, value: &str, make: impl FnOnce(usize) -> String) {
        if self.known.contains_key(value) {
            return;
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        self.known.insert(value.to_owned(), make(*count));
    }
}

fn is_words(value: &str) -> bool {
    value.chars().any(|c| !c.is_ascii_digit() && c != 'X')
}

fn is_name(word: &str) -> bool {
    let count = word.chars().count();
    (2..=3).contains(&count) && word.chars().next().is_some_and(|first| SURNAMES.contains(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_a_question_for_a_name_or_an_address_are_replaced_wherever_they_come_back() {
        let mut mask = Mask::default();
        assert_eq!(mask.typed("欧阳小梅", "请输入收件人姓名"), "李芳");
        assert_eq!(mask.typed("宁波市鄞州区某某路8号", "请输入收件地址"), "宁波市海曙区解放北路1号");
        assert_eq!(
            mask.shown("收件人：欧阳小梅，宁波市鄞州区某某路8号"),
            "收件人：李芳，宁波市海曙区解放北路1号"
        );
        assert_eq!(mask.typed("我是欧阳小梅", "好的"), "我是李芳");
        assert_eq!(mask.count(), 2);
    }

    #[test]
    fn what_leads_out_of_a_question_names_nobody() {
        let mut mask = Mask::default();
        for word in ["取消", "返回", "1", "２"] {
            assert_eq!(mask.typed(word, "请输入收件人姓名"), word);
        }
        assert_eq!(mask.typed("活动", "可以报名的活动"), "活动");
        assert_eq!(mask.count(), 0);
    }

    #[test]
    fn names_beside_numbers_and_introductions_are_seen() {
        let mut mask = Mask::default();
        assert_eq!(mask.typed("张建国 13912345678", ""), "李芳 13800001001");
        assert_eq!(mask.typed("我叫诸葛明，张建国是我同事", ""), "我叫王磊，李芳是我同事");
        assert_eq!(mask.typed("139-1234-5678", "请输入手机号"), "13800001001", "the same as before");
    }
}
