//! 签到 and 申诉.

use serde::{Deserialize, Serialize};

use super::sign_up::view as view_of;
use super::{Input, Step, Turn, done, next, texts};
use crate::content::{Rule, RuleTarget};
use crate::domain::activity::attendance::{self, APPEAL_CHARS_MAX, CheckedIn};
use crate::domain::activity::record::RegistrationNumber;
use crate::domain::activity::rules::Refusal;
use crate::domain::tables::ACTIVITIES;
use crate::store::Fault;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum State {
    CheckingIn,
    Appealing { number: RegistrationNumber },
}

type Stepped = Result<Step<State>, Fault>;

const CODE_DIGITS: usize = 6;
/// 加班 says why; 1 and ？ say nothing.
const LETTERS_MIN: usize = 2;
/// 签到, perhaps with the code behind it.
pub fn check_in(turn: &mut Turn, rest: &str) -> Stepped {
    match digits(rest) {
        Some(code) => checked(turn, &code),
        None => next(State::CheckingIn, turn.say(&texts::CHECK_IN_ASK, &[])),
    }
}

/// A scanned code; `None` if the scene is another's.
pub fn scanned(turn: &mut Turn, scene: &str) -> Result<Option<Step<State>>, Fault> {
    let code = attendance::code_of_scene(scene).and_then(digits);
    code.map(|code| checked(turn, &code)).transpose()
}

fn digits(words: &str) -> Option<String> {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32),
        c if c.is_ascii_digit() => Some(c),
        _ => None,
    };
    let code: String = words.chars().filter_map(narrow).collect();
    (code.len() == CODE_DIGITS).then_some(code)
}

fn checked(turn: &mut Turn, code: &str) -> Stepped {
    let now = turn.now;
    match attendance::check_in(turn.tx, turn.who, code)? {
        Ok(CheckedIn::Present { title, .. }) => {
            let values = [("title", title.into()), ("at", now.into())];
            done(turn.say(&texts::CHECK_IN_DONE, &values))
        }
        Ok(CheckedIn::Wrong { left }) => {
            let text = turn.explain(&Refusal::WrongCode { left });
            next(State::CheckingIn, text)
        }
        Err(refusal) => done(turn.explain(&refusal)),
    }
}

/// Was the follower absent somewhere, so that 申诉 may mean that?
pub fn has_strike(turn: &Turn) -> Result<bool, Fault> {
    Ok(attendance::latest_strike(turn.tx, turn.who)?.is_some())
}

/// 申诉: about the latest absence, or the one that a link names.
pub fn appeal(turn: &mut Turn, number: Option<RegistrationNumber>) -> Stepped {
    let number = match number {
        Some(number) => Some(number),
        None => attendance::latest_strike(turn.tx, turn.who)?,
    };
    let Some(number) = number else { return done(turn.explain(&Refusal::NothingToAppeal)) };
    if let Err(refusal) = attendance::may_appeal(turn.tx, turn.who, number)? {
        return done(turn.explain(&refusal));
    }
    let Some(activity) = turn.tx.get(&ACTIVITIES, &number.activity)? else {
        return done(turn.explain(&Refusal::NothingToAppeal));
    };
    let session = activity.terms.session(number.session);
    let values = [
        ("title", (&activity.terms.title).into()),
        ("when", session.map(view_of::span).unwrap_or_default().into()),
        ("max", APPEAL_CHARS_MAX.into()),
    ];
    let text = turn.say(&texts::APPEAL_ASK, &values);
    next(State::Appealing { number }, text)
}

/// Words enough for the one appeal that there is: neither a courtesy nor a link or a number of something else.
fn says_why(turn: &Turn, input: &Input) -> bool {
    let words = input.words().unwrap_or_default();
    let is_courtesy = |rule: &Rule| !rule.urgent && matches!(rule.target, RuleTarget::Answer(_));
    input.is_written()
        && words.chars().filter(|c| c.is_alphabetic()).count() >= LETTERS_MIN
        && !turn.content.keywords.named(words).is_some_and(is_courtesy)
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    let words = input.words().unwrap_or_default();
    match state {
        State::CheckingIn => match digits(words) {
            Some(code) => checked(turn, &code),
            None => Ok(Step::Pass),
        },
        State::Appealing { .. } if words.trim().is_empty() || input.names_a_service() => Ok(Step::Pass),
        State::Appealing { number } if !says_why(turn, input) => Ok(appeal(turn, Some(number))?.again()),
        State::Appealing { number } => match attendance::appeal(turn.tx, turn.who, number, words)? {
            Ok(()) => done(turn.say(&texts::APPEAL_TAKEN, &[])),
            Err(refusal) => done(turn.explain(&refusal)),
        },
    }
}
