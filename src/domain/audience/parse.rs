//! Reads the written form: `or` binds weakest, then `and`, then `not`; parentheses as one expects.

use jiff::civil::Date;

use super::record::{ACTIVITIES_MAX, Atom, CHARS_MAX, Condition, DEPTH_MAX};
use crate::domain::activity::record::ActivityCode;

/// What is wrong with a condition, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {message}")]
pub struct BadCondition {
    /// The character where it went wrong, from 1.
    pub at: usize,
    pub message: String,
}

const NAMES: &[&str] = &[
    "everyone",
    "listed",
    "tag",
    "district",
    "union",
    "member",
    "card_holder",
    "followed_since",
    "seen_within",
    "seen_before",
    "topic",
    "signed_up",
    "waiting",
    "attended",
    "openid",
];
const VALUE_CHARS_MAX: usize = 64;
const DAYS_MAX: u16 = 3660;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    /// A name, and what stands behind its colon.
    Word(String, Option<String>),
    End,
}

/// May stand in a value without quotation marks.
pub(super) fn is_plain(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '(' | ')' | '（' | '）' | '"' | '“' | '”' | '\\')
}

/// As somebody wrote it. What is kept is what it prints as, which may be longer: both are bounded.
pub(super) fn parse(text: &str) -> Result<Condition, BadCondition> {
    bounded(text, "the condition has")?;
    let condition = read(text)?;
    bounded(&condition.to_string(), "written out, the condition has")?;
    Ok(condition)
}

fn bounded(text: &str, has: &str) -> Result<(), BadCondition> {
    match text.chars().count() {
        count if count > CHARS_MAX => {
            Err(bad(CHARS_MAX, format!("{has} {count} characters; {CHARS_MAX} are allowed")))
        }
        _ => Ok(()),
    }
}

/// As it was kept, however long.
pub(super) fn read(text: &str) -> Result<Condition, BadCondition> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0 };
    let condition = parser.any(0)?;
    let (at, left) = parser.peek();
    match left {
        Token::End => {}
        Token::Close => return Err(bad(at, "this `)` closes nothing")),
        _ => return Err(bad(at, "expected `and`, `or` or the end")),
    }
    if condition.activities().len() > ACTIVITIES_MAX {
        return Err(bad(1, format!("asks about more than {ACTIVITIES_MAX} activities")));
    }
    Ok(condition)
}

fn bad(at: usize, message: impl Into<String>) -> BadCondition {
    BadCondition { at, message: message.into() }
}

/// The words with the character each begins at; the last is the end.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, BadCondition> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let start = at + 1;
        match c {
            c if c.is_whitespace() => at += 1,
            '(' | '（' => {
                tokens.push((start, Token::Open));
                at += 1;
            }
            ')' | '）' => {
                tokens.push((start, Token::Close));
                at += 1;
            }
            _ => {
                let (token, next) = word(&chars, at)?;
                tokens.push((start, token));
                at = next;
            }
        }
    }
    tokens.push((chars.len() + 1, Token::End));
    Ok(tokens)
}

fn word(chars: &[char], start: usize) -> Result<(Token, usize), BadCondition> {
    let is_name = |c: &char| is_plain(*c) && !matches!(c, ':' | '：');
    let mut at = start;
    let mut name = String::new();
    while let Some(c) = chars.get(at).filter(|c| is_name(c)) {
        name.push(*c);
        at += 1;
    }
    if name.is_empty() {
        return Err(bad(start + 1, "expected a condition such as `member` or `district:鄞州`"));
    }
    if !matches!(chars.get(at), Some(':' | '：')) {
        let token = match name.to_ascii_lowercase().as_str() {
            "and" => Token::And,
            "or" => Token::Or,
            "not" => Token::Not,
            _ => Token::Word(name, None),
        };
        return Ok((token, at));
    }
    let (value, end) = value(chars, at + 1)?;
    Ok((Token::Word(name, Some(value)), end))
}

fn value(chars: &[char], start: usize) -> Result<(String, usize), BadCondition> {
    let mut value = String::new();
    let mut at = start;
    let closing = match chars.get(at) {
        Some('"') => '"',
        Some('“') => '”',
        _ => {
            while let Some(c) = chars.get(at).filter(|c| is_plain(**c)) {
                value.push(*c);
                at += 1;
            }
            return Ok((value, at));
        }
    };
    at += 1;
    loop {
        match chars.get(at) {
            None => return Err(bad(start + 1, "these quotation marks are not closed")),
            Some(c) if *c == closing => return Ok((value, at + 1)),
            Some('\\') => {
                let Some(c) = chars.get(at + 1) else {
                    return Err(bad(start + 1, "these quotation marks are not closed"));
                };
                value.push(*c);
                at += 2;
            }
            Some(c) => {
                value.push(*c);
                at += 1;
            }
        }
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
}

impl Parser {
    fn peek(&self) -> (usize, &Token) {
        self.tokens.get(self.next).map_or((1, &Token::End), |(at, token)| (*at, token))
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let fits = self.peek().1 == wanted;
        if fits {
            self.next += 1;
        }
        fits
    }

    fn any(&mut self, depth: usize) -> Result<Condition, BadCondition> {
        let mut condition = self.all(depth)?;
        while self.take(&Token::Or) {
            condition = condition.or(self.all(depth)?);
        }
        Ok(condition)
    }

    fn all(&mut self, depth: usize) -> Result<Condition, BadCondition> {
        let mut condition = self.one(depth)?;
        while self.take(&Token::And) {
            condition = condition.and(self.one(depth)?);
        }
        Ok(condition)
    }

    fn one(&mut self, depth: usize) -> Result<Condition, BadCondition> {
        let (at, token) = self.peek();
        if depth > DEPTH_MAX {
            return Err(bad(at, format!("more than {DEPTH_MAX} conditions within each other")));
        }
        match token.clone() {
            Token::Not => {
                self.next += 1;
                Ok(self.one(depth + 1)?.negated())
            }
            Token::Open => {
                self.next += 1;
                let inner = self.any(depth + 1)?;
                if !self.take(&Token::Close) {
                    let here = self.peek().0;
                    return Err(bad(here, format!("expected `)` for the `(` at character {at}")));
                }
                Ok(inner)
            }
            Token::Word(name, value) => {
                self.next += 1;
                atom(at, &name, value).map(Condition::Is)
            }
            Token::And | Token::Or | Token::Close | Token::End => {
                Err(bad(at, "expected a condition such as `member` or `district:鄞州`"))
            }
        }
    }
}

fn atom(at: usize, name: &str, value: Option<String>) -> Result<Atom, BadCondition> {
    let plain = |atom| match &value {
        None => Ok(atom),
        Some(_) => Err(bad(at, format!("`{name}` takes no value"))),
    };
    let given = |example: &str| match &value {
        Some(value) if value.is_empty() || value.chars().count() > VALUE_CHARS_MAX => {
            Err(bad(at, format!("`{name}:` needs 1 to {VALUE_CHARS_MAX} characters, as in `{example}`")))
        }
        Some(value) if value.chars().any(char::is_control) => {
            Err(bad(at, format!("the value of `{name}` must be in one line")))
        }
        Some(value) => Ok(value.clone()),
        None => Err(bad(at, format!("`{name}` needs a value, as in `{example}`"))),
    };
    let wrong = |example: &str| bad(at, format!("the value of `{name}` must be like `{example}`"));
    let date =
        |example| -> Result<Date, BadCondition> { given(example)?.parse().map_err(|_| wrong(example)) };
    let activity = |example| -> Result<u32, BadCondition> {
        given(example)?.parse::<ActivityCode>().map(|code| code.0).map_err(|()| wrong(example))
    };
    match name.to_ascii_lowercase().as_str() {
        "everyone" => plain(Atom::Everyone),
        "listed" => plain(Atom::Listed),
        "member" => plain(Atom::Member),
        "card_holder" => plain(Atom::CardHolder),
        "tag" => given("tag:101")?.parse().map(Atom::Tag).map_err(|_| wrong("tag:101")),
        "district" => given("district:鄞州").map(Atom::District),
        "union" => given("union:\"宁波港 工会\"").map(Atom::Union),
        "topic" => given("topic:活动").map(Atom::Topic),
        "openid" => given("openid:oUnion_mei").map(Atom::Openid),
        "followed_since" => date("followed_since:2026-01-31").map(Atom::FollowedSince),
        "seen_before" => date("seen_before:2026-01-31").map(Atom::SeenBefore),
        "seen_within" => {
            days(&given("seen_within:30d")?).map(Atom::SeenWithin).ok_or(wrong("seen_within:30d"))
        }
        "signed_up" => activity("signed_up:A12").map(Atom::SignedUp),
        "waiting" => activity("waiting:A12").map(Atom::Waiting),
        "attended" => activity("attended:A12").map(Atom::Attended),
        unknown => Err(bad(at, no_such(unknown))),
    }
}

fn days(value: &str) -> Option<u16> {
    let days: u16 = value.strip_suffix(['d', '天']).unwrap_or(value).parse().ok()?;
    (1..=DAYS_MAX).contains(&days).then_some(days)
}

fn no_such(name: &str) -> String {
    let distance = |known: &&&str| strsim::damerau_levenshtein(known, name);
    let near =
        NAMES.iter().min_by_key(distance).filter(|near| distance(near) <= name.chars().count().div_ceil(3));
    let shown: String = name.chars().take(20).filter(|c| !c.is_control()).collect();
    match near {
        Some(near) => format!("there is no condition `{shown}`; did you mean `{near}`?"),
        None => format!("there is no condition `{shown}`; there are {}", NAMES.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> Condition {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn refused(text: &str) -> (usize, String) {
        let error = text.parse::<Condition>().unwrap_err();
        (error.at, error.message)
    }

    #[test]
    fn a_condition_reads_as_it_is_meant() {
        let district = Condition::Is(Atom::District("鄞州".to_owned()));
        let signed_up = Condition::Is(Atom::SignedUp(12));
        assert_eq!(
            written("district:鄞州 and not signed_up:A12"),
            district.clone().and(signed_up.clone().negated())
        );
        assert_eq!(
            written("（district：鄞州） AND not(signed_up:a12)"),
            written("district:鄞州 and not signed_up:A12")
        );
        let member = Condition::Is(Atom::Member);
        assert_eq!(
            written("member or district:鄞州 and signed_up:A12"),
            member.or(district.and(signed_up)),
            "`and` binds more strongly"
        );
        assert_eq!(
            written("union:\"宁波港 \\\"一\\\" 工会\""),
            Condition::Is(Atom::Union("宁波港 \"一\" 工会".to_owned()))
        );
        assert_eq!(written("seen_within:30天"), Condition::Is(Atom::SeenWithin(30)));
    }

    #[test]
    fn it_prints_with_no_more_parentheses_than_it_needs() {
        for text in [
            "everyone",
            "district:鄞州 and not signed_up:A12",
            "not (member or card_holder)",
            "(member or tag:101) and seen_within:30d",
            "member and waiting:A1 or attended:A2",
            "listed and followed_since:2026-01-31 and seen_before:2026-11-01",
            "union:\"宁波港 工会\" or topic:活动 or openid:oUnion_mei_1",
        ] {
            assert_eq!(written(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_the_nearest_word() {
        for (text, at, message) in [
            ("distrct:鄞州", 1, "there is no condition `distrct`; did you mean `district`?"),
            ("member an tag:1", 8, "expected `and`, `or` or the end"),
            ("member and", 11, "expected a condition such as `member` or `district:鄞州`"),
            ("", 1, "expected a condition such as `member` or `district:鄞州`"),
            ("(member or tag:1", 17, "expected `)` for the `(` at character 1"),
            ("member)", 7, "this `)` closes nothing"),
            ("signed_up:12", 1, "the value of `signed_up` must be like `signed_up:A12`"),
            ("member:yes", 1, "`member` takes no value"),
            ("member and district", 12, "`district` needs a value, as in `district:鄞州`"),
            ("union:\"宁波港", 7, "these quotation marks are not closed"),
            (
                "followed_since:2026-02-30",
                1,
                "the value of `followed_since` must be like `followed_since:2026-01-31`",
            ),
            ("seen_within:0d", 1, "the value of `seen_within` must be like `seen_within:30d`"),
        ] {
            assert_eq!(refused(text), (at, message.to_owned()), "{text}");
        }
        assert!(refused("活动迷").1.contains("there are everyone"));
        assert!(refused(&"(".repeat(500)).1.contains("within each other"));
        assert!(refused(&"not ".repeat(240)).1.contains("within each other"));
        assert!(refused(&"member or ".repeat(200)).1.contains("characters"));
    }

    #[test]
    fn what_is_taken_can_be_read_again_though_it_prints_longer() {
        let days = |count: usize| vec!["seen_within:5"; count].join(" or ");
        assert!(days(58).len() < CHARS_MAX);
        assert_eq!(
            refused(&days(58)),
            (CHARS_MAX, "written out, the condition has 1040 characters; 1000 are allowed".to_owned())
        );
        let longest = written(&days(55));
        assert_eq!(longest.to_string().parse(), Ok(longest));
        let kept_before = vec!["seen_within:5d"; 58].join(" or ");
        assert_eq!(Condition::try_from(kept_before.clone()).map(String::from), Ok(kept_before));
    }

    fn name() -> impl Strategy<Value = String> {
        let chars = vec!['鄞', '州', 'a', ' ', '"', '\\', '(', '）', ':', '-', '“', '”'];
        prop::collection::vec(prop::sample::select(chars), 1..6).prop_map(String::from_iter)
    }

    fn date() -> impl Strategy<Value = Date> {
        (2020i16..2030, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| jiff::civil::date(y, m, d))
    }

    fn any_atom() -> impl Strategy<Value = Atom> {
        prop_oneof![
            prop::sample::select(vec![Atom::Everyone, Atom::Listed, Atom::Member, Atom::CardHolder]),
            any::<u32>().prop_map(Atom::Tag),
            name().prop_map(Atom::District),
            name().prop_map(Atom::Union),
            name().prop_map(Atom::Topic),
            name().prop_map(Atom::Openid),
            date().prop_map(Atom::FollowedSince),
            date().prop_map(Atom::SeenBefore),
            (1u16..=DAYS_MAX).prop_map(Atom::SeenWithin),
            (1u32..9).prop_map(Atom::SignedUp),
            (1u32..9).prop_map(Atom::Waiting),
            (1u32..9).prop_map(Atom::Attended),
        ]
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        any_atom().prop_map(Condition::Is).prop_recursive(5, 24, 4, |inner| {
            let several = prop::collection::vec(inner.clone(), 2..4);
            prop_oneof![
                inner.prop_map(Condition::negated),
                several.clone().prop_map(|parts| parts.into_iter().reduce(Condition::and).unwrap()),
                several.prop_map(|parts| parts.into_iter().reduce(Condition::or).unwrap()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_as_it_was(condition in any_condition()) {
            let text = condition.to_string();
            prop_assume!(text.chars().count() <= CHARS_MAX);
            let again: Condition = text.parse().map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?;
            prop_assert_eq!(again.to_string(), text);
            prop_assert_eq!(again, condition);
        }

        #[test]
        fn garbage_is_refused_without_a_panic(text in "[a-z:\"()（）：and ornt\\\\鄞]{0,60}") {
            match text.parse::<Condition>() {
                Ok(condition) => prop_assert_eq!(condition.to_string().parse(), Ok(condition)),
                Err(error) => prop_assert!(error.at <= text.chars().count() + 1),
            }
        }
    }
}
