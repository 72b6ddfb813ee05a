//! The followers under the names that stories give them.

use std::collections::BTreeMap;

use super::Named;

/// The demo's own, and for others whoever is free.
const KNOWN: &[(&str, &str)] = &[("小梅", "mei"), ("老王", "wang"), ("阿强", "qiang")];
const FREE: &[&str] = &["lan", "bo", "jun", "ying", "tao", "xia", "hong", "wei", "yan", "gang"];
/// As WeChat's.
const OPENID_CHARS: usize = 28;

pub struct Cast(BTreeMap<String, String>);

impl Cast {
    pub fn of(followers: &[Named]) -> Cast {
        let mut free = FREE.iter();
        let named = followers.iter().enumerate().map(|(index, follower)| {
            let known = KNOWN.iter().find(|(name, _)| *name == follower.name).map(|(_, written)| *written);
            let name = known.or_else(|| free.next().copied()).unwrap_or("who");
            (follower.openid.clone(), openid(name, index + 1))
        });
        Cast(named.collect())
    }

    pub fn openid(&self, real: &str) -> String {
        self.0.get(real).cloned().unwrap_or_else(|| openid("who", 0))
    }

    /// A text with every follower's openid replaced.
    pub fn shown(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (real, story)| text.replace(real, story))
    }
}

/// `oUnion_mei_0000000000000001a`
fn openid(name: &str, number: usize) -> String {
    let head = format!("oUnion_{name}_");
    let letter = char::from(b'a' + (number.saturating_sub(1) % 26) as u8);
    format!("{head}{number:0width$}{letter}", width = OPENID_CHARS.saturating_sub(head.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openids_are_like_those_of_the_fixtures() {
        let followers = [("o1", "小梅"), ("o2", "张三"), ("o3", "李四")];
        let named = |(openid, name): &(&str, &str)| Named { openid: (*openid).into(), name: (*name).into() };
        let cast = Cast::of(&followers.iter().map(named).collect::<Vec<_>>());
        assert_eq!(cast.openid("o1"), "oUnion_mei_0000000000000001a");
        assert_eq!(cast.openid("o2"), "oUnion_lan_0000000000000002b");
        assert_eq!(cast.openid("o3"), "oUnion_bo_00000000000000003c");
        assert_eq!(cast.shown("an o2"), "an oUnion_lan_0000000000000002b");
    }
}
