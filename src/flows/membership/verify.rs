//! 会员认证: consent, name, number, phone, union; then the list decides, or staff do.

use super::{Said, State, Stepped, choices, chosen};
use crate::content::Value;
use crate::domain::activity::answers;
use crate::domain::member::binding::{Claim, Refusal, bind, may_try};
use crate::domain::member::identity::{self, NotAnIdentity};
use crate::domain::member::record::{MemberState, Named, Purpose};
use crate::domain::member::{application, consent as consents};
use crate::flows::input::after_label;
use crate::flows::spoken::{
    AGAIN, AGREE, ENOUGH, ENOUGH_TOO, MISSED, MOVE, MOVE_TOO, NOT_KNOWN, NOT_WRONG, PARTS, RIGHT, SKIP, WRONG,
};
use crate::flows::texts::{self as common, membership as texts};
use crate::flows::{Input, Turn, done, next};
use crate::privacy::{mask_identity, mask_phone};
use crate::store::Fault;

const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=40;
const UNION_CHARS_MAX: usize = 60;
const PICTURES_MAX: usize = 9;

pub fn verify(turn: &mut Turn) -> Stepped {
    if let Err(refusal) = may_try(turn.tx, turn.who)? {
        return done(turn.explain(&refusal));
    }
    if let Some(since) = application::asks_to_join_since(turn.tx, turn.who)? {
        return done(turn.say(&texts::APPLICATION_OPEN, &[("since", since.into())]));
    }
    next(State::Consent, ask_consent(turn))
}

fn ask_consent(turn: &Turn) -> String {
    let words = turn.say(&texts::CONSENT_WORDS, &[]);
    let ask = turn.say(&texts::CONSENT, &[("choices", Value::raw(choices(AGREE)))]);
    format!("{words}\n\n{ask}")
}

pub fn consent(turn: &mut Turn, input: &Input) -> Stepped {
    match chosen(input, AGREE) {
        Some(0) => {
            let words = turn.say(&texts::CONSENT_WORDS, &[]);
            consents::give(turn.tx, turn.who, Purpose::Membership, &words)?;
            ask(turn, Said::default())
        }
        Some(_) => done(turn.say(&texts::NOT_AGREED, &[])),
        None if input.agrees() => {
            let words = turn.say(&texts::CONSENT_WORDS, &[]);
            consents::give(turn.tx, turn.who, Purpose::Membership, &words)?;
            ask(turn, Said::default())
        }
        None if input.is_no() || matches!(input, Input::Back) => done(turn.say(&texts::NOT_AGREED, &[])),
        None if matches!(input, Input::Said { .. }) => {
            let text = turn.say(&common::CONSENT_AGAIN, &[("choices", Value::raw(choices(AGREE)))]);
            Ok(next(State::Consent, text)?.again())
        }
        None => Ok(next(State::Consent, ask_consent(turn))?.again()),
    }
}

/// Asks for the first that is missing, and for a last look when nothing is.
fn ask(turn: &mut Turn, said: Said) -> Stepped {
    let text = match &said {
        Said { name: None, .. } => turn.say(&texts::ASK_NAME, &[]),
        Said { identity: None, .. } => turn.say(&texts::ASK_IDENTITY, &[]),
        Said { phone: None, .. } => turn.say(&texts::ASK_PHONE, &[]),
        Said { union: None, .. } => turn.say(&texts::ASK_UNION, &[("choices", Value::raw(choices(&[SKIP])))]),
        _ => return look(turn, said),
    };
    next(State::Asking(said), text)
}

fn look(turn: &mut Turn, said: Said) -> Stepped {
    let union = match said.union.as_deref() {
        None | Some("") => turn.say(&texts::NO_UNION, &[]),
        Some(union) => union.to_owned(),
    };
    let values = [
        ("name", Value::from(said.name.clone().unwrap_or_default())),
        ("identity", mask_identity(said.identity.as_deref().unwrap_or_default()).into()),
        ("phone", mask_phone(said.phone.as_deref().unwrap_or_default()).into()),
        ("union", union.into()),
        ("choices", Value::raw(choices(RIGHT))),
    ];
    let text = turn.say(&texts::CONFIRM, &values);
    next(State::Confirming(said), text)
}

pub fn answer(turn: &mut Turn, mut said: Said, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return back(turn, said);
    }
    let typed = input.words().unwrap_or_default().trim();
    let wrong = match &said {
        Said { name: None, .. } => {
            let name = identity::name(typed);
            let fits = NAME_CHARS.contains(&name.chars().count())
                && !name.chars().any(|c| c.is_ascii_digit())
                && input.is_own_words();
            said.name = fits.then_some(name);
            (!fits).then_some(&texts::WRONG_NAME)
        }
        Said { identity: None, .. } => match identity::parse(after_label(typed), turn.now.date()) {
            Ok(identity) => {
                said.identity = Some(identity);
                None
            }
            Err(NotAnIdentity::Length) => Some(&texts::WRONG_LENGTH),
            Err(NotAnIdentity::FirstGeneration) => Some(&texts::WRONG_GENERATION),
            Err(_) => Some(&texts::WRONG_IDENTITY),
        },
        Said { phone: None, .. } => {
            said.phone = answers::phone(typed);
            said.phone.is_none().then_some(&texts::WRONG_PHONE)
        }
        _ => {
            let skips = chosen(input, &[SKIP]).is_some() || input.is_no() || input.is(NOT_KNOWN);
            if !skips && !input.is_name() {
                return Ok(ask(turn, said)?.again());
            }
            let union = if skips { "" } else { typed };
            said.union = Some(union.chars().take(UNION_CHARS_MAX).collect());
            None
        }
    };
    match wrong {
        Some(spec) => Ok(next(State::Asking(said), turn.say(spec, &[]))?.again()),
        None => ask(turn, said),
    }
}

/// Asks again for what comes before what is asked.
fn back(turn: &mut Turn, mut said: Said) -> Stepped {
    let parts = [&mut said.name, &mut said.identity, &mut said.phone, &mut said.union];
    match parts.into_iter().take_while(|answer| answer.is_some()).last() {
        Some(answer) => *answer = None,
        None => return next(State::Consent, ask_consent(turn)),
    }
    ask(turn, said)
}

pub fn confirm(turn: &mut Turn, said: Said, input: &Input) -> Stepped {
    match chosen(input, RIGHT).map(|at| at.checked_sub(1)).or(wrong_part(input).map(Some)) {
        Some(None) => decide(turn, said, false),
        Some(Some(part)) => anew(turn, said, part),
        None if input.is(&[AGAIN]) => ask(turn, Said::default()),
        None if input.is_yes() => decide(turn, said, false),
        None if matches!(input, Input::Back) => back(turn, said),
        None => Ok(look(turn, said)?.again()),
    }
}

/// The only part that is said to be wrong: `电话写错了`.
fn wrong_part(input: &Input) -> Option<usize> {
    let Input::Said { folded, .. } = input else { return None };
    if input.asks() {
        return None;
    }
    let says = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    let mut named = PARTS.iter().enumerate().filter(|(_, called)| says(called)).map(|(part, _)| part);
    let part = named.next().filter(|_| says(WRONG) && !says(NOT_WRONG))?;
    named.next().is_none().then_some(part)
}

fn anew(turn: &mut Turn, mut said: Said, part: usize) -> Stepped {
    let parts = [&mut said.name, &mut said.identity, &mut said.phone, &mut said.union];
    if let Some(answer) = parts.into_iter().nth(part) {
        *answer = None;
    }
    ask(turn, said)
}

fn decide(turn: &mut Turn, said: Said, move_here: bool) -> Stepped {
    let Some(claim) = claim(&said) else { return ask(turn, said) };
    match bind(turn.tx, turn.who, &claim, move_here)? {
        Ok((id, member)) => {
            let card = super::words::card(turn, &member);
            let values = [
                ("name", Value::from(claim.name)),
                ("number", id.to_string().into()),
                ("union", member.union.into()),
                ("card", card.into()),
            ];
            done(turn.say(&texts::DONE, &values))
        }
        // Who left for another union shows what the new one says.
        Err(refusal @ (Refusal::NoMatch { .. } | Refusal::NotActive { state: MemberState::Left })) => {
            let no = turn.explain(&refusal);
            Ok(ask_how_on(turn, said)?.after(&no))
        }
        Err(refusal @ Refusal::Taken { provable: true }) => {
            let no = turn.explain(&refusal);
            Ok(ask_to_move(turn, said)?.after(&no))
        }
        Err(refusal) => done(turn.explain(&refusal)),
    }
}

fn ask_how_on(turn: &mut Turn, said: Said) -> Stepped {
    let ask = turn.say(&texts::NOT_FOUND, &[("choices", Value::raw(choices(MISSED)))]);
    next(State::NotFound(said), ask)
}

fn ask_to_move(turn: &mut Turn, said: Said) -> Stepped {
    let ask = turn.say(&texts::TAKEN_MOVE, &[("choices", Value::raw(choices(MOVE)))]);
    next(State::Moving(said), ask)
}

fn claim(said: &Said) -> Option<Claim> {
    let union = said.union.clone().unwrap_or_default();
    Some(Claim {
        name: said.name.clone()?,
        identity: said.identity.clone()?,
        phone: said.phone.clone()?,
        union,
    })
}

pub fn moving(turn: &mut Turn, said: Said, input: &Input) -> Stepped {
    match chosen(input, MOVE) {
        Some(0) => decide(turn, said, true),
        Some(_) => done(turn.say(&texts::KEPT, &[])),
        None if input.is_yes() || input.is(MOVE_TOO) => decide(turn, said, true),
        None if input.is_no() || matches!(input, Input::Back) => done(turn.say(&texts::KEPT, &[])),
        None => Ok(ask_to_move(turn, said)?.again()),
    }
}

pub fn not_found(turn: &mut Turn, said: Said, input: &Input) -> Stepped {
    match chosen(input, MISSED) {
        Some(0) => ask(turn, Said::default()),
        Some(_) if said.union.as_deref().is_none_or(str::is_empty) => ask_join_union(turn, said),
        Some(_) => ask_photo(turn, said),
        None if matches!(input, Input::Back) => look(turn, said),
        None => match wrong_part(input) {
            Some(part) => anew(turn, said, part),
            None => Ok(ask_how_on(turn, said)?.again()),
        },
    }
}

pub fn join_union(turn: &mut Turn, mut said: Said, input: &Input) -> Stepped {
    let typed: String = input.words().unwrap_or_default().trim().chars().take(UNION_CHARS_MAX).collect();
    if typed.is_empty() || !input.is_own_words() {
        return Ok(ask_join_union(turn, said)?.again());
    }
    said.union = Some(typed);
    ask_photo(turn, said)
}

fn ask_join_union(turn: &mut Turn, said: Said) -> Stepped {
    let text = turn.say(&texts::ASK_JOIN_UNION, &[]);
    next(State::JoinUnion(said), text)
}

fn ask_photo(turn: &mut Turn, said: Said) -> Stepped {
    let text = turn.say(&texts::ASK_PHOTO, &[]);
    next(State::Photo(said, Vec::new()), text)
}

pub fn photo(turn: &mut Turn, said: Said, mut pictures: Vec<u64>, input: &Input) -> Stepped {
    if let Input::Picture(id) = input {
        pictures.push(*id);
        if pictures.len() >= PICTURES_MAX {
            return apply(turn, &said, pictures);
        }
        let values = [("count", pictures.len().into()), ("choices", Value::raw(choices(&[ENOUGH])))];
        let text = turn.say(&texts::PHOTO_KEPT, &values);
        return next(State::Photo(said, pictures), text);
    }
    let finished = chosen(input, &[ENOUGH]).is_some() || input.is_yes() || input.is(ENOUGH_TOO);
    if finished && !pictures.is_empty() {
        return apply(turn, &said, pictures);
    }
    Ok(next(State::Photo(said, pictures), turn.say(&texts::ASK_PHOTO_AGAIN, &[]))?.again())
}

fn apply(turn: &mut Turn, said: &Said, pictures: Vec<u64>) -> Stepped {
    let Some(Claim { name, identity, phone, union }) = claim(said) else { return ask(turn, said.clone()) };
    let named = Named { name, identity, phone: Some(phone), card: None };
    let asked: Result<u64, Fault> = application::ask_to_join(turn.tx, turn.who, &named, &union, pictures);
    asked?;
    done(turn.say(&texts::APPLIED, &[]))
}
