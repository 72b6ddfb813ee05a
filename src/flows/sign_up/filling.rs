use super::{Ask, Draft, State, Stepped, again, confirming, may_take, show, view};
use crate::content::normalise;
use crate::domain::activity::answers::{self, BadAnswer};
use crate::domain::activity::record::{Activity, Companions, Party, QuestionKind};
use crate::domain::activity::rules::{self, Refusal};
use crate::domain::tables::ACTIVITIES;
use crate::flows::{Input, Tap, Turn, done, next, texts};
use crate::store::Fault;

/// Asks the next thing, or shows everything for confirmation.
pub fn go_on(turn: &mut Turn, activity: &Activity, draft: Draft) -> Stepped {
    match draft.next_ask(&activity.terms) {
        Some(ask) => {
            let question = view::question(turn, activity, &ask)?;
            next(State::Filling(draft), question)
        }
        None => confirming::show(turn, activity, draft),
    }
}

pub fn step(turn: &mut Turn, mut draft: Draft, input: &Input) -> Stepped {
    let Some(activity) = turn.tx.get_shared(&ACTIVITIES, &draft.activity)? else {
        return done(turn.explain(&Refusal::UnknownActivity));
    };
    let Some(ask) = draft.next_ask(&activity.terms) else { return confirming::show(turn, &activity, draft) };
    if matches!(input, Input::Back) {
        return back(turn, &activity, draft);
    }
    if of_another_sign_up(&draft, input) {
        let question = view::question(turn, &activity, &ask)?;
        let asked = format!("{}\n{question}", turn.say(&texts::SIGN_UP_OLD_LINK, &[]));
        return Ok(next(State::Filling(draft), asked)?.again());
    }
    match answer(turn, &activity, &mut draft, &ask, input)? {
        Answered::Taken => go_on(turn, &activity, draft),
        Answered::Declined => done(turn.say(&texts::SIGN_UP_DECLINED, &[])),
        Answered::Wrong(why) => wrong(turn, &activity, draft, &ask, why),
    }
}

/// An answer link of another draft must not answer this one.
pub fn of_another_sign_up(draft: &Draft, input: &Input) -> bool {
    matches!(input.tap(), Some(Tap::Answer(activity)) if activity != draft.activity)
}

const NOBODY: &[&str] = &["没有", "无", "不带", "不带人", "没人", "就我", "就我自己", "我自己", "自己"];

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
    ask: &Ask,
    input: &Input,
) -> Result<Answered, Fault> {
    let terms = &activity.terms;
    if matches!(input, Input::Other) {
        return Ok(Answered::Wrong(Some(turn.say(&texts::ANSWER_EMPTY, &[]))));
    }
    Ok(match ask {
        Ask::Session => match input.number().filter(|n| (1..=terms.sessions.len()).contains(n)) {
            Some(number) => match may_take(turn, activity, number as u16)? {
                Ok(()) => {
                    draft.session = Some(number as u16);
                    Answered::Taken
                }
                Err(refusal) => Answered::Wrong(Some(turn.explain(&refusal))),
            },
            None => Answered::Wrong(None),
        },
        Ask::Companions => counted(input, 0, terms.party.max_companions, |n| draft.companions = Some(n)),
        Ask::AdultAge(_) => {
            let (min, max) = terms.settings.adult_age.unwrap_or((0, u8::MAX));
            match input.number().and_then(|n| u8::try_from(n).ok()) {
                Some(age) if (min..=max).contains(&age) => {
                    draft.adult_ages.push(age);
                    Answered::Taken
                }
                Some(_) => Answered::Wrong(Some(turn.explain(&Refusal::WrongAdultAge { min, max }))),
                None => Answered::Wrong(None),
            }
        }
        Ask::Consent(index) => match terms.settings.consents.get(*index) {
            Some(asked) if input.is_yes() || input.number() == Some(1) => {
                draft.consents.push((asked.kind, asked.version, true));
                Answered::Taken
            }
            Some(asked) if input.is_no() || input.number() == Some(2) => match asked.kind.is_required() {
                true => Answered::Declined,
                false => {
                    draft.consents.push((asked.kind, asked.version, false));
                    Answered::Taken
                }
            },
            _ => Answered::Wrong(None),
        },
        Ask::Children => {
            counted(input, terms.party.min_children, terms.party.max_children, |n| draft.children = Some(n))
        }
        Ask::ChildAge(_) => match input.number().and_then(|n| u8::try_from(n).ok()) {
            Some(age) => match rules::party(&only_ages(&terms.party), &one_child(age)) {
                Ok(()) => {
                    draft.ages.push(age);
                    Answered::Taken
                }
                Err(refusal) => Answered::Wrong(Some(turn.explain(&refusal))),
            },
            None => Answered::Wrong(None),
        },
        Ask::Question(index) => match terms.questions.get(*index) {
            Some(question) if !question.required && input.is(&["跳过", "无", "没有"]) => {
                draft.skipped.push(question.name.clone());
                Answered::Taken
            }
            Some(question) => match answers::check(question, &as_meant(&question.kind, input)) {
                Ok(value) => {
                    draft.answers.push((question.name.clone(), value));
                    Answered::Taken
                }
                Err(why) => Answered::Wrong(Some(bad_answer(turn, &question.kind, &why))),
            },
            None => Answered::Wrong(None),
        },
        Ask::Notice if input.is_yes() || input.number() == Some(1) => {
            draft.agreed = terms.notice.as_ref().map(|notice| notice.version);
            Answered::Taken
        }
        Ask::Notice if input.is_no() || input.number() == Some(2) => Answered::Declined,
        Ask::Notice => Answered::Wrong(None),
    })
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

fn counted(input: &Input, min: u8, max: u8, set: impl FnOnce(u8)) -> Answered {
    let count = if input.is_no() || input.is(NOBODY) { Some(0) } else { input.number() };
    match count.and_then(|n| u8::try_from(n).ok()).filter(|n| (min..=max).contains(n)) {
        Some(count) => {
            set(count);
            Answered::Taken
        }
        None => Answered::Wrong(None),
    }
}

fn only_ages(party: &Party) -> Party {
    Party { max_children: 1, min_children: 0, ..party.clone() }
}

fn one_child(age: u8) -> Companions {
    Companions { children: vec![age], ..Companions::default() }
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

fn wrong(turn: &mut Turn, activity: &Activity, draft: Draft, ask: &Ask, why: Option<String>) -> Stepped {
    let question = view::question(turn, activity, ask)?;
    match why {
        Some(why) => Ok(next(State::Filling(draft), format!("{why}\n\n{question}"))?.again()),
        None => again(turn, State::Filling(draft), question),
    }
}

/// One question back; from the first one, to the activity.
fn back(turn: &mut Turn, activity: &Activity, mut draft: Draft) -> Stepped {
    if !draft.ages.is_empty()
        && draft.next_ask(&activity.terms).is_some_and(|ask| matches!(ask, Ask::ChildAge(_)))
    {
        draft.ages.pop();
        return go_on(turn, activity, draft);
    }
    let asked = draft.asked(&activity.terms);
    match asked.iter().rev().find(|ask| draft.knows(ask, &activity.terms)) {
        Some(last) => {
            draft.forget(last, &activity.terms);
            go_on(turn, activity, draft)
        }
        None => show(turn, activity.id, None),
    }
}
