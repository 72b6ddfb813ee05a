//! What may stand inside of a text: cutting it, links to tap, and words of followers.

use std::ops::Range;

/// Cuts a text in two if it has more than `bytes_max` bytes: behind the last line that fits, else between two
/// characters; never inside of a character, and never inside of a link (`<a …>…</a>`) unless the link alone is
/// longer than the limit. The line break at the cut is dropped; the first part is never empty.
///
/// A limit of fewer than four bytes counts as four, so that every character fits.
pub fn split_text(content: &str, bytes_max: usize) -> (&str, Option<&str>) {
    let bytes_max = bytes_max.max(4);
    if content.len() <= bytes_max {
        return (content, None);
    }
    let links = links(content);
    let free = |&at: &usize| !links.iter().any(|link| link.start < at && at < link.end);
    let fits = |&at: &usize| 0 < at && at <= bytes_max;

    let line_end = content.match_indices('\n').map(|(at, _)| at).take_while(|at| *at <= bytes_max);
    if let Some(at) = line_end.filter(fits).filter(free).last() {
        let (first, rest) = content.split_at(at);
        return (first, rest.strip_prefix('\n').filter(|rest| !rest.is_empty()));
    }
    let boundaries = || (0..=bytes_max).rev().filter(|&at| content.is_char_boundary(at)).filter(fits);
    let at = boundaries()
        .filter(free)
        .find(|&at| !joins(content, at))
        .or_else(|| boundaries().find(free))
        .or_else(|| boundaries().next())
        .unwrap_or(content.len());
    let (first, rest) = content.split_at(at);
    (first, Some(rest))
}

/// Where links stand. A tag that is never closed is no link.
fn links(content: &str) -> Vec<Range<usize>> {
    let mut links = Vec::new();
    let mut from = 0;
    while let Some(start) = find_ignoring_case(content, "<a ", from) {
        let Some(close) = find_ignoring_case(content, "</a>", start) else { break };
        from = close + "</a>".len();
        links.push(start..from);
    }
    links
}

fn find_ignoring_case(text: &str, word: &str, from: usize) -> Option<usize> {
    let rest = text.as_bytes().get(from..)?;
    rest.windows(word.len()).position(|bytes| bytes.eq_ignore_ascii_case(word.as_bytes())).map(|at| from + at)
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
pub fn neutral(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .filter(|c| !matches!(c, '\r' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
        .map(|c| match c {
            '<' => '＜',
            '>' => '＞',
            '\n' => '\n',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}
