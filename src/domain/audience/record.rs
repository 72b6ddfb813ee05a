use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::parse::{self, BadCondition};
use crate::domain::activity::record::ActivityCode;

/// A condition in its written form: stored, sent and shown as the text that [`Condition::from_str`] reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Condition {
    Is(Atom),
    Not(Box<Condition>),
    /// Two or more, none of them `All` itself.
    All(Vec<Condition>),
    /// Two or more, none of them `Any` itself.
    Any(Vec<Condition>),
}

/// One thing that is so or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Atom {
    Everyone,
    /// On the broadcast's own list of followers.
    Listed,
    /// The account's tag with this number.
    Tag(u32),
    District(String),
    /// The union (单位工会) that the follower is a member of.
    Union(String),
    Member,
    CardHolder,
    /// Follows since that day or later.
    FollowedSince(Date),
    /// Wrote or tapped within the last so many days.
    SeenWithin(u16),
    /// Was last heard of before that day.
    SeenBefore(Date),
    /// Wants to hear of this topic.
    Topic(String),
    /// Signed up, on a seat or waiting.
    SignedUp(u32),
    Waiting(u32),
    /// Came, as far as that was taken down.
    Attended(u32),
    Openid(String),
}

/// The longest condition, in characters.
pub const CHARS_MAX: usize = 1000;
/// Parentheses and `not` within each other.
pub const DEPTH_MAX: usize = 20;
/// Each activity named costs a look-up per follower.
pub const ACTIVITIES_MAX: usize = 10;

impl Condition {
    pub fn everyone() -> Condition {
        Condition::Is(Atom::Everyone)
    }

    /// Both; conditions that hold together already stay one list.
    pub fn and(self, other: Condition) -> Condition {
        match (self, other) {
            (Condition::All(mut all), Condition::All(more)) => {
                all.extend(more);
                Condition::All(all)
            }
            (Condition::All(mut all), other) => {
                all.push(other);
                Condition::All(all)
            }
            (first, Condition::All(mut more)) => {
                more.insert(0, first);
                Condition::All(more)
            }
            (first, second) => Condition::All(vec![first, second]),
        }
    }

    /// Either or both.
    pub fn or(self, other: Condition) -> Condition {
        match (self, other) {
            (Condition::Any(mut any), Condition::Any(more)) => {
                any.extend(more);
                Condition::Any(any)
            }
            (Condition::Any(mut any), other) => {
                any.push(other);
                Condition::Any(any)
            }
            (first, Condition::Any(mut more)) => {
                more.insert(0, first);
                Condition::Any(more)
            }
            (first, second) => Condition::Any(vec![first, second]),
        }
    }

    pub fn negated(self) -> Condition {
        Condition::Not(Box::new(self))
    }

    /// Every atom, from left to right.
    pub fn atoms(&self) -> Vec<&Atom> {
        match self {
            Condition::Is(atom) => vec![atom],
            Condition::Not(inner) => inner.atoms(),
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().flat_map(Condition::atoms).collect()
            }
        }
    }

    /// The activities it asks about, each once.
    pub fn activities(&self) -> Vec<u32> {
        let asked = |atom: &Atom| match atom {
            Atom::SignedUp(id) | Atom::Waiting(id) | Atom::Attended(id) => Some(*id),
            _ => None,
        };
        let mut ids: Vec<u32> = self.atoms().into_iter().filter_map(asked).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub fn asks_for_list(&self) -> bool {
        self.atoms().contains(&&Atom::Listed)
    }

    /// Does it turn on who is a member, and of what?
    pub fn asks_for_membership(&self) -> bool {
        let asks = |atom: &&Atom| {
            matches!(atom, Atom::Member | Atom::CardHolder | Atom::District(_) | Atom::Union(_))
        };
        self.atoms().iter().any(asks)
    }

    /// Can nobody but those on the broadcast's list fit? Then only they need to be looked at.
    pub fn only_listed(&self) -> bool {
        match self {
            Condition::Is(atom) => *atom == Atom::Listed,
            Condition::Not(_) => false,
            Condition::All(parts) => parts.iter().any(Condition::only_listed),
            Condition::Any(parts) => parts.iter().all(Condition::only_listed),
        }
    }
}

impl FromStr for Condition {
    type Err = BadCondition;

    fn from_str(text: &str) -> Result<Condition, BadCondition> {
        parse::parse(text)
    }
}

impl TryFrom<String> for Condition {
    type Error = BadCondition;

    fn try_from(text: String) -> Result<Condition, BadCondition> {
        parse::read(&text)
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> String {
        condition.to_string()
    }
}

impl fmt::Display for Condition {
    /// The written form, with no more parentheses than it needs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Is(atom) => write!(f, "{atom}"),
            Condition::Not(inner) => {
                f.write_str("not ")?;
                nested(f, inner, matches!(**inner, Condition::All(_) | Condition::Any(_)))
            }
            Condition::All(parts) => {
                listed(f, parts, " and ", |part| matches!(part, Condition::Any(_) | Condition::All(_)))
            }
            Condition::Any(parts) => listed(f, parts, " or ", |part| matches!(part, Condition::Any(_))),
        }
    }
}

fn listed(
    f: &mut fmt::Formatter<'_>,
    parts: &[Condition],
    between: &str,
    in_parentheses: impl Fn(&Condition) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        nested(f, part, in_parentheses(part))?;
    }
    Ok(())
}

fn nested(f: &mut fmt::Formatter<'_>, part: &Condition, in_parentheses: bool) -> fmt::Result {
    if in_parentheses { write!(f, "({part})") } else { write!(f, "{part}") }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Atom::Everyone => f.write_str("everyone"),
            Atom::Listed => f.write_str("listed"),
            Atom::Tag(number) => write!(f, "tag:{number}"),
            Atom::District(name) => write!(f, "district:{}", Quoted(name)),
            Atom::Union(name) => write!(f, "union:{}", Quoted(name)),
            Atom::Member => f.write_str("member"),
            Atom::CardHolder => f.write_str("card_holder"),
            Atom::FollowedSince(date) => write!(f, "followed_since:{date}"),
            Atom::SeenWithin(days) => write!(f, "seen_within:{days}d"),
            Atom::SeenBefore(date) => write!(f, "seen_before:{date}"),
            Atom::Topic(name) => write!(f, "topic:{}", Quoted(name)),
            Atom::SignedUp(id) => write!(f, "signed_up:{}", ActivityCode(*id)),
            Atom::Waiting(id) => write!(f, "waiting:{}", ActivityCode(*id)),
            Atom::Attended(id) => write!(f, "attended:{}", ActivityCode(*id)),
            Atom::Openid(openid) => write!(f, "openid:{}", Quoted(openid)),
        }
    }
}

/// A value in quotation marks if it would not be read as one word.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.is_empty() && self.0.chars().all(parse::is_plain) {
            return f.write_str(self.0);
        }
        f.write_str("\"")?;
        for c in self.0.chars() {
            if matches!(c, '"' | '\\') {
                f.write_str("\\")?;
            }
            write!(f, "{c}")?;
        }
        f.write_str("\"")
    }
}
