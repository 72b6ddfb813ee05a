//! What may stand inside of a text: cutting it, links to tap, and words of followers.

use std::borrow::Cow;
use std::ops::Range;

/// Cuts a text in two if it has more than `bytes_max` bytes: behind the last line that fits, else between two
/// characters; never inside of a character, and never inside of a link (`<a …>…</a>`) unless the link alone is
/// longer than the limit. The line break at the cut is dropped; neither part is blank.
///
/// A limit of fewer than four bytes counts as four, so that every character fits.
pub fn split_text(content: &str, bytes_max: usize) -> (&str, Option<&str>) {
    let bytes_max = bytes_max.max(4);
    if content.len() <= bytes_max {
        return (content, None);
    }
    let at = cut(content, bytes_max);
    let (first, rest) = content.split_at(at);
    let rest = rest.strip_prefix('\n').unwrap_or(rest);
    (first, Some(rest).filter(|rest| !rest.trim().is_empty()))
}

/// The best place to cut, in 1..=bytes_max (or the text's end, if all of it is narrower than a character).
fn cut(content: &str, bytes_max: usize) -> usize {
    let links = links(content, bytes_max);
    let is_free = |at: &usize| !links.iter().any(|link| link.start < *at && *at < link.end);
    let places = || (1..=bytes_max).rev().filter(|at| content.is_char_boundary(*at));
    let is_line_end = |at: &usize| content.as_bytes().get(*at) == Some(&b'\n');
    let has_words = |at: &usize| content.get(..*at).is_some_and(|first| !first.trim().is_empty());
    places()
        .filter(is_line_end)
        .filter(is_free)
        .find(has_words)
        .or_else(|| places().filter(is_free).find(|at| !joins(content, *at)))
        .or_else(|| places().find(is_free))
        .or_else(|| places().next())
        .unwrap_or(content.len())
}

/// Where links stand that begin before `end`. A tag that is never closed is no link.
fn links(content: &str, end: usize) -> Vec<Range<usize>> {
    let mut links = Vec::new();
    let mut from = 0;
    while let Some(start) = find_ignoring_case(content, "<a ", from).filter(|start| *start < end) {
        let Some(close) = find_ignoring_case(content, "</a>", start) else { break };
        from = close + "</a>".len();
        links.push(start..from);
    }
    links
}

fn find_ignoring_case(text: &str, word: &str, from: usize) -> Option<usize> {
    let rest = text.as_bytes().get(from..)?;
    let found = rest.windows(word.len()).position(|bytes| bytes.eq_ignore_ascii_case(word.as_bytes()))?;
    Some(from + found)
}

/// Whether the characters around a place make one picture (emoji with skin tone, families, variants).
fn joins(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    let joined =
        |c: char| matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}');
    before.ends_with('\u{200d}') || after.starts_with(joined)
}

/// A link that sends `content` as the follower's own message when tapped, with `id` as its menu id. `shown` is
/// made harmless with [`neutral`].
pub fn menu_link(shown: &str, content: &str, id: &str) -> String {
    let mut link = String::with_capacity(64 + shown.len() + content.len() + id.len());
    link.push_str("<a href=\"weixin://bizmsgmenu?msgmenucontent=");
    push_escaped(&mut link, content);
    link.push_str("&msgmenuid=");
    push_escaped(&mut link, id);
    link.push_str("\">");
    link.push_str(&neutral(shown));
    link.push_str("</a>");
    link
}

/// Percent-encodes what would end the attribute or the parameter. Chinese stays as it is: both spellings work,
/// and encoded it would take three times the bytes of a text that has a limit.
fn push_escaped(link: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '\0'..=' '
            | '"'
            | '#'
            | '%'
            | '&'
            | '\''
            | '+'
            | '<'
            | '='
            | '>'
            | '?'
            | '\\'
            | '`'
            | '\u{7f}' => {
                link.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => link.push(c),
        }
    }
}

/// Words from outside made harmless for use in a text: no tags (the client reads `<` as one), no control
/// characters but line breaks, no marks that turn the direction of writing.
pub fn neutral(text: &str) -> Cow<'_, str> {
    if is_harmless(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut harmless = String::with_capacity(text.len());
    let shown = text
        .chars()
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .filter(|c| !matches!(c, '\r' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
        .map(|c| match c {
            '<' => '＜',
            '>' => '＞',
            '\n' => '\n',
            c if c.is_control() => ' ',
            c => c,
        });
    harmless.extend(shown);
    Cow::Owned(harmless)
}

/// Nearly all texts are. Looks at bytes without leaving early, which compilers turn into wide instructions; what
/// begins as the characters to drop do (`C2`, `E2 80`, `E2 81`, `EF BB`, `EF BF`) is left to a closer look.
fn is_harmless(bytes: &[u8]) -> bool {
    let mark = bytes.iter().fold(false, |found, &b| {
        found | ((b < b' ') & (b != b'\n')) | matches!(b, b'<' | b'>' | 0x7f | 0xc2)
    });
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    let begun = pairs.fold(false, |found, (&a, &b)| {
        found | ((a == 0xe2) & matches!(b, 0x80 | 0x81)) | ((a == 0xef) & matches!(b, 0xbb | 0xbf))
    });
    !mark & !begun
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_text_stays_whole() {
        assert_eq!(split_text("报名", 6), ("报名", None));
        assert_eq!(split_text("", 6), ("", None));
    }

    #[test]
    fn a_long_text_is_cut_behind_the_last_line_that_fits() {
        assert_eq!(split_text("一\n二\n三", 10), ("一\n二", Some("三")));
        assert_eq!(split_text("一\n二\n三", 7), ("一\n二", Some("三")));
        assert_eq!(split_text("一\n二\n三", 6), ("一", Some("二\n三")));
        assert_eq!(split_text("一二\n\n", 6), ("一二", None));
        assert_eq!(split_text("\n\n一二三四", 9), ("\n\n一二", Some("三四")));
    }

    #[test]
    fn without_a_line_it_is_cut_between_characters() {
        assert_eq!(split_text("一二三", 8), ("一二", Some("三")));
        assert_eq!(split_text("😀😀", 1), ("😀", Some("😀")));
        assert_eq!(split_text("ab👍🏽", 7), ("ab", Some("👍🏽")));
        assert_eq!(split_text("👩\u{200d}👧x", 10), ("👩\u{200d}👧x".split_at(7).0, Some("👧x")));
    }

    #[test]
    fn links_stay_whole() {
        let link = menu_link("看\n看", "1", "a");
        let text = format!("第一行\n选：{link}完");
        for max in "第一行\n选：".len()..text.len() - 3 {
            let (first, rest) = split_text(&text, max);
            assert_eq!((first, rest), ("第一行", Some(&text["第一行\n".len()..])), "{max}");
        }
        let one_line = format!("选{link}完");
        assert_eq!(split_text(&one_line, 20), ("选", Some(&one_line[3..])));
        assert_eq!(split_text(&one_line, 3 + link.len()).1, Some("完"));
        assert_eq!(split_text("x<A HREF=''>yy</A>", 12), ("x", Some("<A HREF=''>yy</A>")));
        assert_eq!(split_text("<a never closed", 9).0, "<a never ");
    }

    #[test]
    fn a_link_longer_than_the_limit_is_cut_all_the_same() {
        let link = menu_link("看", "1", "a");
        assert_eq!(split_text(&link, 10).0, "<a href=\"w");
    }

    #[test]
    fn a_menu_link_holds_whatever_it_is_given() {
        assert_eq!(
            menu_link("1. 游泳", "游泳 1&2", "a\"<b>%"),
            "<a href=\"weixin://bizmsgmenu?msgmenucontent=游泳%201%262&msgmenuid=a%22%3Cb%3E%25\">1. 游泳</a>"
        );
        assert!(menu_link("</a><b>", "x", "y").ends_with(">＜/a＞＜b＞</a>"));
    }

    #[test]
    fn words_of_followers_are_made_harmless() {
        assert_eq!(neutral("<a href='x'>点</a>&amp;"), "＜a href='x'＞点＜/a＞&amp;");
        assert_eq!(neutral("a\r\nb\tc\0\u{202e}d\u{feff}😀"), "a\nb c d😀");
    }

    proptest! {
        #[test]
        fn parts_are_within_the_limit_and_lose_only_line_breaks(
            content in "(\\PC|\n|<a href=\"x\">y</a>|😀|👍🏽){0,60}", max in 0usize..80,
        ) {
            let (mut seen, mut left) = (String::new(), Some(&*content));
            while let Some(text) = left {
                let (first, rest) = split_text(text, max);
                prop_assert!(first.len() <= max.max(4));
                prop_assert!(rest.is_none_or(|rest| rest.len() < text.len()));
                seen.push_str(first);
                left = rest;
            }
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(bare(&seen), bare(&content));
        }

        #[test]
        fn a_neutral_text_has_no_tag(text in "(\\PC|[<>\\x00-\\x1f]){0,60}") {
            let text = neutral(&text);
            prop_assert!(!text.contains(['<', '>']));
            prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
        }

        #[test]
        fn the_quick_look_and_the_closer_one_agree(
            text in "([a-z。，“（🎉]|[<\n\u{80}\u{9f}\u{200e}\u{202d}\u{2068}\u{feff}\u{ffff}]){0,9}",
        ) {
            let looked_at = format!("{text}\r"); // which is dropped
            prop_assert_eq!(neutral(&text), neutral(&looked_at));
        }
    }
}
