//! All that was told, before it is handed in.

use super::{State, Stepped, asking, begin, plan, with_form};
use crate::content::Value;
use crate::content::normalise;
use crate::content::service::{Form, Question, QuestionKind};
use crate::domain::case::draft::{self, Own};
use crate::domain::case::entries;
use crate::domain::case::record::{Answer, CaseId};
use crate::domain::member::standing::standing;
use crate::flows::days::written;
use crate::flows::membership::{choices, chosen};
use crate::flows::spoken::CASE_REVIEW;
use crate::flows::texts::service as texts;
use crate::flows::{Input, Turn, done, next};
use crate::moment::Time;
use crate::store::Fault;
use crate::wechat::reply::menu_link;

pub fn show(turn: &mut Turn, id: CaseId) -> Stepped {
    with_form(turn, id, |turn, own, form| {
        let told = told(turn, &own, form)?;
        let lines = told.iter().filter(|(_, words)| !words.is_empty());
        let lines: Vec<String> = lines.map(|(answer, words)| format!("{}：{words}", answer.title)).collect();
        let values = [
            ("title", Value::from(&form.title)),
            ("answers", lines.join("\n").into()),
            ("near", days(turn, &own, form)?.into()),
            ("choices", Value::raw(choices(CASE_REVIEW))),
        ];
        let text = super::view::tight(&turn.say(&texts::REVIEW, &values));
        next(State::Review(own.id), text)
    })
}

/// Each answer, and how its follower reads it.
fn told(turn: &Turn, own: &Own, form: &Form) -> Result<Vec<(Answer, String)>, Fault> {
    let answers = entries::answers(turn.tx, own.id)?.into_iter();
    Ok(answers
        .map(|(name, answer)| {
            let words = asking::shown(turn, form.question(&name), &answer);
            (answer, words)
        })
        .collect())
}

/// What a day that decides means for this case.
fn days(turn: &Turn, own: &Own, form: &Form) -> Result<String, Fault> {
    let (answers, today) = (entries::answers(turn.tx, own.id)?, turn.now.date());
    if let Some(near) = asking::near(form, &answers, today) {
        let left = u64::try_from(asking::days_between(today, near.day)).unwrap_or_default();
        let values =
            [("what", Value::from(near.what)), ("day", written(near.day).into()), ("days", left.into())];
        return Ok(turn.say(&texts::NEAR, &values));
    }
    Ok(match asking::passed(form, &answers, today) {
        Some(over) => {
            let values = [("what", Value::from(over.what)), ("day", written(over.day).into())];
            turn.say(&texts::PAST, &values)
        }
        None => String::new(),
    })
}

pub fn choose(turn: &mut Turn, id: CaseId, input: &Input) -> Stepped {
    match chosen(input, CASE_REVIEW) {
        Some(0) => submit(turn, id),
        Some(1) => ask_what(turn, id),
        Some(_) => done(turn.say(&texts::KEPT, &[])),
        None if input.is_yes() => submit(turn, id),
        None if matches!(input, Input::Back) => ask_what(turn, id),
        // A link of what could be corrected, further up.
        None => with_form(turn, id, |turn, own, form| {
            let answers = entries::answers(turn.tx, own.id)?;
            let told = titled(&answers, input).and_then(|at| asked_at(&answers, at, form));
            match told {
                Some(question) => asking::ask(turn, own.id, form, question),
                None => Ok(show(turn, own.id)?.again()),
            }
        }),
    }
}

/// The answer whose title was said.
fn titled(answers: &[(String, Answer)], input: &Input) -> Option<usize> {
    answers.iter().position(|(_, answer)| input.is(&[&normalise(&answer.title)]))
}

fn asked_at<'f>(answers: &[(String, Answer)], at: usize, form: &'f Form) -> Option<&'f Question> {
    answers.get(at).and_then(|(name, _)| form.question(name))
}

fn ask_what(turn: &mut Turn, id: CaseId) -> Stepped {
    with_form(turn, id, |turn, own, form| {
        let told = told(turn, &own, form)?;
        let item = |(at, (answer, _)): (usize, &(Answer, String))| {
            menu_link(&format!("{}. {}", at + 1, answer.title), &answer.title, "text")
        };
        let items: Vec<String> = told.iter().enumerate().map(item).collect();
        let text = turn.say(&texts::CORRECT, &[("items", Value::raw(items.join("\n")))]);
        next(State::Correcting(own.id), text)
    })
}

pub fn correct(turn: &mut Turn, id: CaseId, input: &Input) -> Stepped {
    with_form(turn, id, |turn, own, form| {
        let answers = entries::answers(turn.tx, own.id)?;
        let by_number = || input.number().and_then(|number| number.checked_sub(1));
        let at = titled(&answers, input).or_else(by_number);
        match at.and_then(|at| asked_at(&answers, at, form)) {
            Some(question) => asking::ask(turn, own.id, form, question),
            None if matches!(input, Input::Back) => show(turn, own.id),
            None => Ok(ask_what(turn, own.id)?.again()),
        }
    })
}

/// Where it is about, or else where the member belongs.
fn district(turn: &Turn, form: &Form, answers: &[(String, Answer)]) -> Result<Option<String>, Fault> {
    let asked = |name: &str| form.question(name).is_some_and(|one| one.kind == QuestionKind::District);
    match answers.iter().find(|(name, answer)| asked(name) && !answer.value.reveal().is_empty()) {
        Some((_, answer)) => Ok(Some(answer.value.reveal().clone())),
        None => Ok(standing(turn.tx, turn.who)?.district),
    }
}

/// Everything is looked at again: weeks may have passed.
fn submit(turn: &mut Turn, id: CaseId) -> Stepped {
    with_form(turn, id, |turn, own, form| {
        if let Err(no) = begin::may(turn, form)? {
            return done(turn.explain(&no));
        }
        if !begin::has_agreed(turn, form)? {
            return begin::ask_consent(turn, form);
        }
        // A day that was near and no longer is, or a question that is new.
        if let Some(question) = asking::missing(turn, own.id, form)? {
            return asking::ask(turn, own.id, form, question);
        }
        let answers = entries::answers(turn.tx, own.id)?;
        let near = asking::near(form, &answers, turn.now.date()).map(|near| near.day);
        let district = district(turn, form, &answers)?;
        let case = match draft::submit(turn.tx, &own, plan(form, district.as_deref()), near)? {
            Ok(case) => case,
            Err(refusal) => return done(turn.explain(&refusal)),
        };
        let hurry = if case.urgent { turn.say(&texts::SUBMITTED_URGENT, &[]) } else { String::new() };
        let by = |due: Option<Time>| due.unwrap_or(turn.now).chinese_from(turn.now);
        let values = [
            ("title", Value::from(&form.title)),
            ("number", own.id.to_string().into()),
            ("handled_by", Value::from(&form.handled_by)),
            ("first", by(case.clock.due()).into()),
            ("promised", by(case.clock.promised).into()),
            ("urgent", hurry.into()),
        ];
        done(super::view::tight(&turn.say(&texts::SUBMITTED, &values)))
    })
}
