use serde::{Deserialize, Serialize};

use crate::staff::ActError;
use crate::staff::form::Problems;

/// What staff do with a case: `{"act": "take"}` and what that act takes. `words` are read by the follower, `reason` by the
/// staff alone, unless it is one of a list. One that takes nothing is written with braces, or it would take anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum CaseAct {
    Take {},
    /// Gives it back; somebody else's with a reason.
    Release {
        #[serde(default)]
        reason: String,
    },
    /// To a colleague by name, to another desk, or both.
    Hand {
        #[serde(default)]
        to: Option<String>,
        #[serde(default)]
        desk: Option<String>,
        reason: String,
    },
    Note {
        reason: String,
    },
    Message {
        words: String,
    },
    /// Asks the follower for something; the clock stands until it is there.
    Ask {
        words: String,
    },
    /// What was asked for came by telephone or over the counter.
    Supply {
        reason: String,
    },
    /// To the next step, or to the one of that name.
    Step {
        #[serde(default)]
        to: Option<String>,
        #[serde(default)]
        words: String,
    },
    /// How difficult it is.
    Class {
        to: String,
    },
    /// With what came of it, of the list, and words.
    Close {
        outcome: String,
        words: String,
    },
    /// 不予办理: a reason of the list, and words.
    Refuse {
        reason: String,
        words: String,
    },
    Reopen {
        words: String,
    },
    /// Proposes two to each other: what is said to this one of the other, and to the other of this one.
    Propose {
        with: String,
        words: String,
        words_to_other: String,
    },
    /// What was reported is looked at.
    Clear {
        reason: String,
    },
}

const WORDS: std::ops::RangeInclusive<usize> = 2..=600;
/// A refusal in writing says more than a word.
const IN_WRITING: std::ops::RangeInclusive<usize> = 8..=600;
const NAME: std::ops::RangeInclusive<usize> = 1..=64;

impl CaseAct {
    /// On the trail.
    pub fn name(&self) -> &'static str {
        match self {
            CaseAct::Take {} => "case.take",
            CaseAct::Release { .. } => "case.release",
            CaseAct::Hand { .. } => "case.hand",
            CaseAct::Note { .. } => "case.note",
            CaseAct::Message { .. } => "case.message",
            CaseAct::Ask { .. } => "case.ask",
            CaseAct::Supply { .. } => "case.supply",
            CaseAct::Step { .. } => "case.step",
            CaseAct::Class { .. } => "case.class",
            CaseAct::Close { .. } => "case.close",
            CaseAct::Refuse { .. } => "case.refuse",
            CaseAct::Reopen { .. } => "case.reopen",
            CaseAct::Propose { .. } => "case.propose",
            CaseAct::Clear { .. } => "case.clear",
        }
    }

    /// For the trail: names and codes. Words may tell of the person: they are sealed with the case.
    pub fn detail(&self) -> String {
        match self {
            CaseAct::Hand { to, desk, .. } => {
                [desk.as_deref(), to.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ")
            }
            CaseAct::Step { to, .. } => to.clone().unwrap_or_default(),
            CaseAct::Class { to } => to.clone(),
            CaseAct::Close { outcome, .. } => outcome.clone(),
            CaseAct::Refuse { reason, .. } => reason.clone(),
            CaseAct::Propose { with, .. } => with.clone(),
            _ => String::new(),
        }
    }

    /// Everything that is wrong with it, by field.
    pub fn check(&self) -> Result<(), ActError> {
        let mut problems = Problems::default();
        match self {
            CaseAct::Release { reason } if !reason.is_empty() => problems.words("reason", reason, WORDS),
            CaseAct::Note { reason } | CaseAct::Supply { reason } | CaseAct::Clear { reason } => {
                problems.words("reason", reason, WORDS);
            }
            CaseAct::Hand { to, desk, reason } => {
                problems.words("reason", reason, WORDS);
                problems.unless(to.is_some() || desk.is_some(), "to", "name a colleague, or a desk");
                for (field, name) in [("to", to), ("desk", desk)] {
                    if let Some(name) = name {
                        problems.words(field, name, NAME);
                    }
                }
            }
            CaseAct::Message { words } | CaseAct::Ask { words } | CaseAct::Reopen { words } => {
                problems.words("words", words, WORDS);
            }
            CaseAct::Step { words, .. } if !words.is_empty() => problems.words("words", words, WORDS),
            CaseAct::Close { words, .. } => problems.words("words", words, WORDS),
            CaseAct::Refuse { words, .. } => problems.words("words", words, IN_WRITING),
            CaseAct::Propose { words, words_to_other, .. } => {
                problems.words("words", words, WORDS);
                problems.words("words_to_other", words_to_other, WORDS);
            }
            CaseAct::Take {} | CaseAct::Class { .. } | CaseAct::Release { .. } | CaseAct::Step { .. } => {}
        }
        if problems.0.is_empty() { Ok(()) } else { Err(ActError::Invalid(problems.0)) }
    }
}

/// Which cases are listed: one of `assignee`, `due`, or those of a state, of a kind if one is named.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListWords {
    /// `open` if nothing is said.
    pub state: Option<String>,
    /// Such as `rights`.
    pub kind: Option<String>,
    /// A name of the staff.
    pub assignee: Option<String>,
    /// Of these the ones of a desk, such as a district's.
    pub desk: Option<String>,
    /// By the last moment for what comes next.
    pub due: bool,
    /// Of what waits for staff: what is overdue, and what has few working days left.
    pub due_soon: bool,
    /// Of these the ones in which the follower said something that nobody has read.
    pub unread: bool,
    /// As the page before gave it.
    pub after: Option<String>,
    pub limit: Option<usize>,
}
