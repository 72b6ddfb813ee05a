//! The quiz before a claim: one question a message, the result after the last.

use super::view::claim_link;
use super::{Refusal, State, Stepped, detail, said, take};
use crate::content::Value;
use crate::domain::benefit::claim::find;
use crate::domain::benefit::quiz::{Answered, answer, asked};
use crate::domain::benefit::record::Quiz;
use crate::domain::benefit::rules;
use crate::domain::tables::BENEFITS;
use crate::flows::texts::words;
use crate::flows::{Input, Step, Tap, Turn, done, next};
use crate::wechat::reply::Reply;

pub fn begin(turn: &mut Turn, id: u32) -> Stepped {
    let Some(benefit) = turn.tx.get(&BENEFITS, &id)? else {
        return done(turn.explain(&Refusal::UnknownBenefit));
    };
    let Some(quiz) = asked(&benefit.terms) else { return detail(turn, id) };
    let values = [
        ("title", Value::from(&benefit.terms.title)),
        ("questions", quiz.questions.len().into()),
        ("needed", quiz.needed.into()),
    ];
    let begin = turn.say(&said::QUIZ_BEGIN, &values);
    led_by(&begin, ask(turn, id, quiz, Vec::new())?)
}

pub fn step(turn: &mut Turn, id: u32, mut answers: Vec<u8>, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return detail(turn, id);
    }
    // Staff may have changed it meanwhile: then it begins anew.
    let Some(quiz) = quiz_of(turn, id)? else { return take(turn, id) };
    let Some(question) = quiz.questions.get(answers.len()) else { return take(turn, id) };
    let tapped = match input.tap() {
        Some(Tap::Quiz(_, number, choice)) if usize::from(number) == answers.len() + 1 => {
            Some(usize::from(choice))
        }
        // An older question was tapped: back to the one that is asked now.
        Some(Tap::Quiz(..)) => return ask(turn, id, &quiz, answers),
        _ => None,
    };
    let said =
        input.words().and_then(|words| question.choices.iter().position(|choice| choice == words.trim()));
    let chosen = tapped.or_else(|| said.map(|index| index + 1)).or_else(|| input.number());
    match chosen {
        Some(choice) if (1..=question.choices.len()).contains(&choice) => {
            answers.push(u8::try_from(choice).unwrap_or(u8::MAX));
            if answers.len() < quiz.questions.len() {
                ask(turn, id, &quiz, answers)
            } else {
                finish(turn, id, &quiz, &answers)
            }
        }
        _ => {
            let text = turn.say(&said::QUIZ_CHOOSE, &[("count", question.choices.len().into())]);
            Ok(next(State::Answering { benefit: id, answers }, text)?.again())
        }
    }
}

fn quiz_of(turn: &Turn, id: u32) -> Result<Option<Quiz>, crate::store::Fault> {
    let benefit = turn.tx.get(&BENEFITS, &id)?;
    Ok(benefit.and_then(|benefit| asked(&benefit.terms).cloned()))
}

fn ask(turn: &mut Turn, id: u32, quiz: &Quiz, answers: Vec<u8>) -> Stepped {
    let Some(question) = quiz.questions.get(answers.len()) else { return detail(turn, id) };
    let number = u8::try_from(answers.len() + 1).unwrap_or(u8::MAX);
    let choices = question
        .choices
        .iter()
        .zip(1u8..)
        .map(|(choice, at)| Tap::Quiz(id, number, at).link(&format!("{at}. {choice}"), &at.to_string()));
    let values = [
        ("number", number.into()),
        ("questions", quiz.questions.len().into()),
        ("question", Value::from(&question.text)),
        ("choices", Value::raw(choices.collect::<Vec<_>>().join("\n"))),
    ];
    let text = turn.say(&said::QUIZ_QUESTION, &values);
    next(State::Answering { benefit: id, answers }, text)
}

fn finish(turn: &mut Turn, id: u32, quiz: &Quiz, answers: &[u8]) -> Stepped {
    let Some(found) = find(turn.tx, id)? else { return done(turn.explain(&Refusal::UnknownBenefit)) };
    let on = rules::on(&found.benefit, turn.now)
        .and_then(|()| rules::in_stock(&found.benefit.terms, &found.stock, None, turn.now));
    if on.is_err() {
        let not_counted = turn.say(&said::QUIZ_NOT_COUNTED, &[]);
        return led_by(&not_counted, take(turn, id)?);
    }
    let who = turn.who.clone();
    match answer(turn.tx, &found, &who, answers)? {
        Answered::Passed => {
            let passed = turn.say(&said::QUIZ_PASSED, &[]);
            led_by(&passed, take(turn, id)?)
        }
        Answered::Failed { right, tries_left } => {
            let values = [("right", right.into()), ("needed", quiz.needed.into())];
            let told = turn.say(&said::QUIZ_RIGHT, &values);
            if tries_left == 0 {
                return led_by(&told, take(turn, id)?); // which says when the next release is
            }
            let again = claim_link(turn.content, id, &words::LINK_ANSWER_AGAIN);
            let more =
                turn.say(&said::QUIZ_AGAIN, &[("left", tries_left.into()), ("again", Value::raw(again))]);
            next(State::Detail { benefit: id }, format!("{told}\n{more}"))
        }
    }
}

/// A line before what the step says.
fn led_by(line: &str, step: Step<State>) -> Stepped {
    Ok(match step {
        Step::Next(state, Reply::Text { content }) => {
            Step::Next(state, Reply::Text { content: format!("{line}\n{content}") })
        }
        Step::Done(Reply::Text { content }) => {
            Step::Done(Reply::Text { content: format!("{line}\n{content}") })
        }
        other => other,
    })
}
