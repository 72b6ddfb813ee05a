//! What differs between two texts, line by line.

/// Beyond so many lines a side the texts are shown whole, one after the other.
const LINES_MAX: usize = 400;

/// `None` if they are the same. Else every line, with `- ` before those only expected, `+ ` before those only
/// found, and two blanks before common ones. What a terminal would not show as it is, is escaped.
pub fn lines(expected: &str, found: &str) -> Option<String> {
    if expected == found {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.split('\n').collect(), found.split('\n').collect());
    let mut shown = Vec::new();
    if old.len() > LINES_MAX || new.len() > LINES_MAX {
        shown.extend(old.iter().map(|line| ('-', *line)));
        shown.extend(new.iter().map(|line| ('+', *line)));
    } else {
        walk(&old, &new, &mut shown);
    }
    let lines: Vec<String> = shown.iter().map(|(mark, line)| format!("{mark} {}", visible(line))).collect();
    Some(lines.join("\n"))
}

/// Along a longest common subsequence.
fn walk<'t>(old: &[&'t str], new: &[&'t str], shown: &mut Vec<(char, &'t str)>) {
    let common = common_lengths(old, new);
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            shown.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            shown.push(('-', old[i]));
            i += 1;
        } else {
            shown.push(('+', new[j]));
            j += 1;
        }
    }
}

/// `[i][j]`: how many lines of `old[i..]` and `new[j..]` can be matched.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<usize>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    common
}

fn visible(line: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    line.chars().map(|c| if hidden(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_text_differs_in_nothing() {
        assert_eq!(lines("a\nb", "a\nb"), None);
    }

    #[test]
    fn lines_that_changed_stand_together() {
        let shown = lines("报名成功！\n时间：9点\n再见", "报名成功！\n时间：10点\n地点\n再见").unwrap();
        assert_eq!(shown, "  报名成功！\n- 时间：9点\n+ 时间：10点\n+ 地点\n  再见");
    }

    #[test]
    fn what_can_not_be_seen_is_shown() {
        assert_eq!(lines("a", "a\u{1b}\u{202e}").unwrap(), "- a\n+ a\\u{1b}\\u{202e}");
        assert_eq!(lines("a", "a\n").unwrap(), "  a\n+ ");
    }

    proptest! {
        #[test]
        fn a_diff_holds_both_texts(old in "[ab\n]{0,24}", new in "[ab\n]{0,24}") {
            let shown = lines(&old, &new).unwrap_or_else(|| {
                old.split('\n').map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
            });
            let side = |other: char| {
                let kept = shown.split('\n').filter(|line| !line.starts_with(other));
                kept.map(|line| &line[2..]).collect::<Vec<_>>().join("\n")
            };
            prop_assert_eq!(side('+'), old);
            prop_assert_eq!(side('-'), new);
        }
    }
}
