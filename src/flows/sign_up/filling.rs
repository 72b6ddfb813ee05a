use std::ops::RangeInclusive;

use super::{Ask, Draft, State, Stepped, again, again_after, confirming, may_take, sessions, show, view};
use crate::content::normalise;
use crate::domain::activity::answers::{self, BadAnswer};
use crate::domain::activity::record::{Activity, ConsentTerms, Question, QuestionKind};
use crate::domain::activity::rules::Refusal;
use crate::flows::spoken;
use crate::flows::{Input, Turn, done, next, texts};
use crate::store::Fault;

/// Asks the next thing, or shows everything for confirmation.
pub fn go_on(turn: &mut Turn, activity: &Activity, draft: Draft) -> Stepped {
    match draft.next_ask(&activity.terms) {
        Some(ask) => {
            let question = view::question(turn, activity, ask)?;
            next(State::Filling(draft), question)
        }
        None => confirming::show(turn, activity, draft),
    }
}

pub fn step(turn: &mut Turn, activity: &Activity, draft: Draft, input: &Input) -> Stepped {
    let Some(ask) = draft.next_ask(&activity.terms) else { return confirming::show(turn, activity, draft) };
    if matches!(input, Input::Back) {
        return back(turn, activity, draft, ask);
    }
    take(turn, activity, draft.clone(), State::Filling(draft), ask, input)
}

/// An answer that was given before is given anew.
pub fn change(turn: &mut Turn, activity: &Activity, draft: Draft, ask: Ask, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return go_on(turn, activity, draft);
    }
    let mut changed = draft.clone();
    changed.forget(ask, &activity.terms);
    take(turn, activity, changed, State::Changing { draft, ask }, ask, input)
}

/// Takes an answer into the draft; what is none leaves everything as it was.
fn take(
    turn: &mut Turn,
    activity: &Activity,
    mut draft: Draft,
    as_it_was: State,
    ask: Ask,
    input: &Input,
) -> Stepped {
    match answer(turn, activity, &mut draft, ask, input)? {
        Answered::Taken => go_on(turn, activity, draft),
        Answered::Declined => done(turn.say(&texts::SIGN_UP_DECLINED, &[])),
        Answered::Wrong(Some(why)) => again_after(turn, activity, as_it_was, &format!("{why}\n")),
        Answered::Wrong(None) => again(turn, activity, as_it_was),
    }
}

enum Answered {
    Taken,
    /// No answer; the sentence says why.
    Wrong(Option<String>),
    Declined,
}

fn answer(
    turn: &mut Turn,
    activity: &Activity,
    draft: &mut Draft,
    ask: Ask,
    input: &Input,
) -> Result<Answered, Fault> {
    let (terms, party) = (&activity.terms, &activity.terms.party);
    if matches!(input, Input::Other) {
        return Ok(Answered::Wrong(Some(turn.say(&texts::ANSWER_EMPTY, &[]))));
    }
    Ok(match ask {
        Ask::Session => return session(turn, activity, draft, input),
        Ask::Companions => match counted(input, 0..=party.max_companions, |n| draft.companions = Some(n)) {
            // 两个人 may be the two of them.
            Answered::Wrong(_) if input.most().is_some_and(|n| n > usize::from(party.max_companions) + 1) => {
                let max = [("max", party.max_companions.into())];
                Answered::Wrong(Some(turn.say(&texts::TOO_MANY_COMPANIONS, &max)))
            }
            Answered::Wrong(_) if !input.names_a_service() => {
                Answered::Wrong(Some(turn.say(&texts::COUNT_COMPANIONS, &[])))
            }
            answered => answered,
        },
        Ask::Children => children(turn, activity, draft, input),
        Ask::AdultAge(_) => {
            let (min, max) = terms.settings.adult_age.unwrap_or((0, u8::MAX));
            let asked = draft.adults_asked();
            aged(turn, input, (min, max), (&mut draft.adult_ages, asked), Refusal::WrongAdultAge { min, max })
        }
        Ask::ChildAge(_) => {
            let (min, max) = party.child_age.unwrap_or((0, u8::MAX));
            let asked = usize::from(draft.children.unwrap_or(0));
            aged(turn, input, (min, max), (&mut draft.ages, asked), Refusal::WrongChildAge { min, max })
        }
        Ask::Question(index) => match terms.questions.get(index) {
            Some(question) => answered(turn, question, draft, input),
            None => Answered::Wrong(None),
        },
        Ask::Notice => {
            let version = terms.notice.as_ref().map(|notice| notice.version);
            agreed(input, true, |_| draft.agreed = version)
        }
        Ask::Consent(index) => match terms.settings.consents.get(index) {
            Some(ConsentTerms { kind, version, .. }) => {
                agreed(input, kind.is_required(), |given| draft.consents.push((*kind, *version, given)))
            }
            None => Answered::Wrong(None),
        },
    })
}

/// One of the sessions that may still be had.
fn session(
    turn: &mut Turn,
    activity: &Activity,
    draft: &mut Draft,
    input: &Input,
) -> Result<Answered, Fault> {
    let Some(number) = sessions::meant(turn, &activity.terms, input) else {
        return Ok(Answered::Wrong(None));
    };
    Ok(match may_take(turn, activity, number)? {
        Ok(()) => {
            draft.session = Some(number);
            Answered::Taken
        }
        Err(refusal) => Answered::Wrong(Some(turn.explain(&refusal))),
    })
}

/// How many, or all of them with their ages.
fn children(turn: &mut Turn, activity: &Activity, draft: &mut Draft, input: &Input) -> Answered {
    let party = &activity.terms.party;
    let allowed = party.min_children..=party.max_children;
    let (count, ages) = match input.with_ages().filter(|_| party.child_age.is_some()) {
        Some((count, ages)) => (Some(count), ages),
        None if input.is_no() || input.is(spoken::NOBODY) => (Some(0), Vec::new()),
        None => (input.number(), Vec::new()),
    };
    let Some(count) = count.and_then(|n| u8::try_from(n).ok()).filter(|n| allowed.contains(n)) else {
        let too_many = count.or(input.most()).is_some_and(|n| n > usize::from(party.max_children));
        let max = [("max", party.max_children.into())];
        return Answered::Wrong(too_many.then(|| turn.say(&texts::TOO_MANY_CHILDREN, &max)));
    };
    let (min, max) = party.child_age.unwrap_or((0, u8::MAX));
    let ages: Vec<u8> = ages.into_iter().map(|age| u8::try_from(age).unwrap_or(u8::MAX)).collect();
    if !ages.iter().all(|age| (min..=max).contains(age)) {
        return Answered::Wrong(Some(turn.explain(&Refusal::WrongChildAge { min, max })));
    }
    (draft.children, draft.ages) = (Some(count), ages);
    Answered::Taken
}

fn answered(turn: &Turn, question: &Question, draft: &mut Draft, input: &Input) -> Answered {
    if !question.required && input.is(spoken::NOTHING) {
        draft.skipped.push(question.name.clone());
        return Answered::Taken;
    }
    if input.is(&[spoken::SKIP]) {
        return Answered::Wrong(Some(turn.say(&texts::ANSWER_NEEDED, &[])));
    }
    if matches!(question.kind, QuestionKind::Text { .. }) && !input.is_written() {
        return Answered::Wrong(None);
    }
    match answers::check(question, &as_meant(&question.kind, input)) {
        Ok(value) => {
            draft.answers.push((question.name.clone(), value));
            Answered::Taken
        }
        Err(why) => Answered::Wrong(Some(bad_answer(turn, &question.kind, &why))),
    }
}

/// An option or a number as people write it (`第2个`, `男双。`, `8岁`), in the spelling that is checked.
fn as_meant(kind: &QuestionKind, input: &Input) -> String {
    let option = match kind {
        QuestionKind::Choice { options } => options.iter().find(|option| input.is(&[&normalise(option)])),
        QuestionKind::Number { .. } => None,
        _ => return input.words().unwrap_or_default().to_owned(),
    };
    match (option, input.number()) {
        (Some(option), _) => option.clone(),
        (None, Some(number)) => number.to_string(),
        (None, None) => input.words().unwrap_or_default().to_owned(),
    }
}

fn counted(input: &Input, allowed: RangeInclusive<u8>, set: impl FnOnce(u8)) -> Answered {
    let count = if input.is_no() || input.is(spoken::NOBODY) { Some(0) } else { input.number() };
    match count.and_then(|n| u8::try_from(n).ok()).filter(|n| allowed.contains(n)) {
        Some(count) => {
            set(count);
            Answered::Taken
        }
        None => Answered::Wrong(None),
    }
}

/// The age that is asked for, or all that are, told at once. `asked`: how many in all.
fn aged(
    turn: &mut Turn,
    input: &Input,
    (min, max): (u8, u8),
    (ages, asked): (&mut Vec<u8>, usize),
    otherwise: Refusal,
) -> Answered {
    let left = asked.saturating_sub(ages.len());
    let fits = |told: &Vec<usize>| told.len() == 1 || told.len() == left;
    let within = || input.with_ages().map(|(_, ages)| ages);
    let told = input.numbers().filter(fits).or_else(within).filter(fits).unwrap_or_default();
    let told: Vec<u8> = told.into_iter().map(|age| u8::try_from(age).unwrap_or(u8::MAX)).collect();
    if told.is_empty() {
        return Answered::Wrong(None);
    }
    if !told.iter().all(|age| (min..=max).contains(age)) {
        return Answered::Wrong(Some(turn.explain(&otherwise)));
    }
    ages.extend(told);
    Answered::Taken
}

/// `1. 同意` or `2. 不同意`; without what is required nobody goes on.
fn agreed(input: &Input, is_required: bool, set: impl FnOnce(bool)) -> Answered {
    let given = match input.number() {
        Some(1) => true,
        Some(2) => false,
        _ if input.agrees() => true,
        _ if input.is_no() => false,
        _ => return Answered::Wrong(None),
    };
    if is_required && !given {
        return Answered::Declined;
    }
    set(given);
    Answered::Taken
}

/// The sentence for an answer that is none.
pub fn bad_answer(turn: &Turn, kind: &QuestionKind, why: &BadAnswer) -> String {
    match (why, kind) {
        (BadAnswer::TooLong { max_chars }, _) => {
            turn.say(&texts::ANSWER_TOO_LONG, &[("max", (*max_chars).into())])
        }
        (BadAnswer::NotANumber { min, max }, _) => {
            let range = format!("{min}–{max}");
            turn.say(&texts::ANSWER_NOT_A_NUMBER, &[("range", range.into())])
        }
        (BadAnswer::NotAPhone, _) | (BadAnswer::Empty, QuestionKind::Phone) => {
            turn.say(&texts::ANSWER_NOT_A_PHONE, &[])
        }
        (BadAnswer::NotAnAddress, _) | (BadAnswer::Empty, QuestionKind::Address) => {
            turn.say(&texts::ANSWER_NOT_AN_ADDRESS, &[])
        }
        (BadAnswer::NotAChoice, _) => turn.say(&texts::ANSWER_NOT_A_CHOICE, &[]),
        (BadAnswer::Empty, _) => turn.say(&texts::ANSWER_EMPTY, &[]),
    }
}

/// One question back; from the first one, to the activity.
fn back(turn: &mut Turn, activity: &Activity, mut draft: Draft, ask: Ask) -> Stepped {
    if matches!(ask, Ask::ChildAge(_)) && draft.ages.pop().is_some() {
        return go_on(turn, activity, draft);
    }
    let before = draft.told(&activity.terms).filter(|told| *told < ask).last();
    match before {
        Some(before) => {
            draft.forget(before, &activity.terms);
            go_on(turn, activity, draft)
        }
        None => show(turn, activity.id, None),
    }
}
