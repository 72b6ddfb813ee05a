//! 会员认证, 我的, 解绑, 注销, 入会转会: who a follower is to the union, and what is kept of them.

mod export;
mod home;
mod kept;
#[cfg(test)]
mod told;
mod verify;
mod words;

use serde::{Deserialize, Serialize};

pub use home::{ask_to_erase, ask_to_leave, ask_to_unbind, ask_to_withdraw, data, home, join};
pub use verify::verify;

/// 导出我的资料: from its first line on.
pub fn export_all(turn: &mut Turn) -> Stepped {
    export::page(turn, 0)
}

use super::{Input, Step, Turn};
use crate::content::normalise;
use crate::domain::member::consent::Separate;
use crate::store::Fault;
use crate::wechat::reply::menu_link;

/// Where it stands. What the follower told of themselves is in it, so it is stored sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum State {
    Consent,
    /// What is asked for next is the first that is missing.
    Asking(Said),
    Confirming(Said),
    /// Not on the list: once more, or by way of staff?
    NotFound(Said),
    /// Another account is theirs: move it here?
    Moving(Said),
    JoinUnion(Said),
    Photo(Said, Vec<u64>),
    Home,
    /// Staff have not decided yet.
    Pending,
    Data,
    /// What is kept of an account that is no member's.
    AccountData,
    /// All that is kept, from this line on.
    Exporting {
        from: usize,
    },
    Unbinding,
    Erasing,
    /// Which of these consents?
    WithdrawingOne(Vec<Separate>),
    /// Surely this one?
    WithdrawingThis(Separate),
    Withdrawing,
    Leaving,
    Transfer,
}

/// What a follower said of themselves so far.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    pub name: Option<String>,
    pub identity: Option<String>,
    pub phone: Option<String>,
    /// `Some("")`: passed over.
    pub union: Option<String>,
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Said [hidden]")
    }
}

type Stepped = Result<Step<State>, Fault>;

impl State {
    /// Is something asked, and not only shown?
    pub fn is_question(&self) -> bool {
        use State::*;
        !matches!(self, Home | Pending | Data | AccountData | Exporting { .. })
    }

    /// Does it hold what the follower told?
    pub fn is_draft(&self) -> bool {
        use State::*;
        match self {
            Asking(_) | Confirming(_) | NotFound(_) | Moving(_) | JoinUnion(_) | Photo(..) => true,
            Consent
            | Home
            | Pending
            | Data
            | AccountData
            | Exporting { .. }
            | Unbinding
            | Erasing
            | WithdrawingOne(_)
            | WithdrawingThis(_)
            | Withdrawing
            | Leaving
            | Transfer => false,
        }
    }

    /// Is a picture an answer here?
    pub fn wants_picture(&self) -> bool {
        matches!(self, State::Photo(..))
    }
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    match state {
        State::Consent => verify::consent(turn, input),
        State::Asking(said) => verify::answer(turn, said, input),
        State::Confirming(said) => verify::confirm(turn, said, input),
        State::NotFound(said) => verify::not_found(turn, said, input),
        State::Moving(said) => verify::moving(turn, said, input),
        State::JoinUnion(said) => verify::join_union(turn, said, input),
        State::Photo(said, pictures) => verify::photo(turn, said, pictures, input),
        State::Home => home::choose(turn, input),
        State::Pending => home::pending(turn, input),
        State::Data => home::choose_data(turn, input),
        State::AccountData => home::choose_account_data(turn, input),
        State::Exporting { from } => export::step(turn, from, input),
        State::Unbinding => home::unbinding(turn, input),
        State::Erasing => home::erasing(turn, input),
        State::WithdrawingOne(held) => home::withdrawing_one(turn, held, input),
        State::WithdrawingThis(one) => home::withdrawing_this(turn, &one, input),
        State::Withdrawing => home::withdrawing(turn, input),
        State::Leaving => home::leaving(turn, input),
        State::Transfer => home::transfer(turn, input),
    }
}

/// Choices a line each, to be tapped or typed by number or words.
pub(super) fn choices(words: &[impl AsRef<str>]) -> String {
    let line = |(index, words): (usize, &str)| menu_link(&format!("{}. {words}", index + 1), words, "text");
    words.iter().map(AsRef::as_ref).enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// Which of these was chosen, from 0.
pub(super) fn chosen(input: &Input, words: &[impl AsRef<str>]) -> Option<usize> {
    let by_number = input.number().and_then(|number| number.checked_sub(1)).filter(|at| *at < words.len());
    words.iter().position(|words| input.is(&[&normalise(words.as_ref())])).or(by_number)
}
