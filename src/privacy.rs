//! What must not be seen by chance: masks for screens and logs.

use std::fmt;

/// Shortens an openid for logs: the first four and last four characters, enough to follow a trail and
/// too little to write to somebody.
pub struct Short<'a>(pub &'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '?' };
        let count = self.0.chars().count();
        if count <= 8 {
            return f.write_str("…");
        }
        self.0.chars().take(4).try_for_each(|c| write!(f, "{}", shown(c)))?;
        f.write_str("…")?;
        self.0.chars().skip(count - 4).try_for_each(|c| write!(f, "{}", shown(c)))
    }
}

/// `13800001234` → `138****1234`; anything shorter than eight characters is hidden whole.
pub fn mask_phone(phone: &str) -> String {
    keep_ends(phone, 3, 4)
}

/// `330299199001010019` → `330****0019`.
pub fn mask_identity(identity: &str) -> String {
    keep_ends(identity, 3, 4)
}

/// `6200000000000001` → `****0001`.
pub fn mask_card(card: &str) -> String {
    keep_ends(card, 0, 4)
}

/// `张三丰` → `张**`: the first character, and how many there are.
pub fn mask_name(name: &str) -> String {
    name.chars().enumerate().map(|(at, c)| if at == 0 { c } else { '*' }).collect()
}

/// `浙江省宁波市海曙区解放北路91号` → `浙江省宁波市****`.
pub fn mask_address(address: &str) -> String {
    keep_ends(address, 6, 0)
}

/// Words with their long numbers masked, as of phones, identity cards and bank cards: `我的号是330299199001010017` → `我的号是****0017`.
/// One that is written in groups (`6222 0210 0111 1234 567`, `138-0000-1234`) is one number; a date isn't.
pub fn mask_numbers(words: &str) -> String {
    const LONG: usize = 8;
    let mut masked = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find(char::is_numeric) {
        let (before, from) = rest.split_at(at);
        let (number, after) = from.split_at(grouped(from).unwrap_or_else(|| run(from)));
        masked.push_str(before);
        match number.chars().count() {
            LONG.. => masked.push_str(&keep_ends(number, 0, 4)),
            _ => masked.push_str(number),
        }
        rest = after;
    }
    masked + rest
}

/// How many bytes of a number stand there without a gap.
fn run(text: &str) -> usize {
    let in_number = |c: char| c.is_numeric() || matches!(c, 'x' | 'X');
    text.find(|c| !in_number(c)).unwrap_or(text.len())
}

/// How many bytes a number takes that is written in groups of three and more, the last of any, and is as long as a phone's.
fn grouped(text: &str) -> Option<usize> {
    const DIGITS: usize = 11;
    const GROUP: usize = 3;
    let is_gap = |c: char| matches!(c, ' ' | '-' | '\u{3000}' | '\u{a0}' | '－' | '—' | '–' | '_');
    let (mut end, mut digits) = (0, 0);
    loop {
        let group = text.get(end..)?;
        let length = run(group);
        let count = group.get(..length)?.chars().count();
        (end, digits) = (end + length, digits + count);
        let mut after = text.get(end..)?.chars();
        let gap = after.next().filter(|c| is_gap(*c) && count >= GROUP);
        match gap.filter(|_| after.next().is_some_and(char::is_numeric)) {
            Some(gap) => end += gap.len_utf8(),
            None => return (digits >= DIGITS).then_some(end),
        }
    }
}

fn keep_ends(text: &str, head: usize, tail: usize) -> String {
    let count = text.chars().count();
    if count <= head + tail {
        return "****".to_owned();
    }
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{start}****{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_the_ends_and_hide_what_is_short() {
        assert_eq!(mask_phone("13800001234"), "138****1234");
        assert_eq!(mask_phone("1234567"), "****");
        assert_eq!(
            mask_numbers("我33029919900101001X，电话１３８００００１２３４"),
            "我****001X，电话****１２３４"
        );
        assert_eq!(mask_numbers("12月5日第1234567场x"), "12月5日第1234567场x");
        for (words, masked) in [
            ("卡号6222 0210 0111 1234 567，工行", "卡号**** 567，工行"),
            ("卡号6222-0210-0111-1234。", "卡号****1234。"),
            ("6222　0210　0111　1234", "****1234"),
            ("电话138-0000-1234 晚上", "电话****1234 晚上"),
            ("330299 19900101 001X", "****001X"),
            ("2026-11-29 10:00到 2026-12-01", "2026-11-29 10:00到 2026-12-01"),
            ("3000 2500", "3000 2500"),
            ("第12 - 34号", "第12 - 34号"),
        ] {
            assert_eq!(mask_numbers(words), masked);
        }
        assert_eq!(mask_address("浙江省宁波市海曙区解放北路91号"), "浙江省宁波市****");
        assert_eq!(Short("oUnion0000000000000000000001").to_string(), "oUni…0001");
        assert_eq!(Short("o1").to_string(), "…");
    }
}
