//! One question at a time.

use jiff::civil::Date;

use super::{State, Stepped, begin, mine, parse, review, with_form};
use crate::content::service::{Form, Question, QuestionKind};
use crate::content::{Value, normalise};
use crate::domain::activity::answers::phone;
use crate::domain::case::draft::{self, Own};
use crate::domain::case::entries;
use crate::domain::case::record::{Answer, CaseId};
use crate::domain::case::rules::Refusal;
use crate::flows::days::written;
use crate::flows::membership::{choices, chosen};
use crate::flows::spoken::{ENOUGH, ENOUGH_TOO, KEEP, NOT_KNOWN, SKIP};
use crate::flows::texts::{self as common, service as texts, words};
use crate::flows::{Input, Turn, done, next};
use crate::store::{Fault, Sealed};
use crate::wechat::reply::menu_link;

/// The first question that has no answer, or everything for confirmation.
pub fn go_on(turn: &mut Turn, own: Own, form: &Form) -> Stepped {
    if !begin::has_agreed(turn, form)? {
        return begin::ask_consent(turn, form);
    }
    match missing(turn, own.id, form)? {
        Some(question) => ask(turn, own.id, form, question),
        None => review::show(turn, own.id),
    }
}

/// What can't wait is handed in without what may follow.
pub fn missing<'f>(turn: &Turn, id: CaseId, form: &'f Form) -> Result<Option<&'f Question>, Fault> {
    let answers = entries::answers(turn.tx, id)?;
    let urgent = near(form, &answers, turn.now.date()).is_some();
    let is_told = |question: &Question| {
        let told = answers.iter().find(|(name, _)| *name == question.name);
        told.is_some_and(|(_, answer)| !question.rules_out.contains_key(answer.value.reveal()))
    };
    let may_follow = |question: &Question| urgent && question.later;
    Ok(form.questions.iter().find(|question| !is_told(question) && !may_follow(question)))
}

/// A day that decides.
pub struct Near<'f> {
    pub what: &'f str,
    pub day: Date,
}

/// The day that decides soonest, if it is near.
pub fn near<'f>(form: &'f Form, answers: &[(String, Answer)], today: Date) -> Option<Near<'f>> {
    let days = days(form, answers).filter(|(near, within)| {
        let left = days_between(today, near.day);
        (0..=i64::from(*within)).contains(&left)
    });
    days.map(|(near, _)| near).min_by_key(|near| near.day)
}

/// A day that decided, if it is over.
pub fn passed<'f>(form: &'f Form, answers: &[(String, Answer)], today: Date) -> Option<Near<'f>> {
    days(form, answers).map(|(near, _)| near).find(|near| near.day < today)
}

fn days<'f>(form: &'f Form, answers: &[(String, Answer)]) -> impl Iterator<Item = (Near<'f>, u16)> {
    form.urgent.iter().filter_map(move |rule| {
        let (_, answer) = answers.iter().find(|(name, _)| *name == rule.question)?;
        let told: Date = answer.value.reveal().parse().ok()?;
        let day = told.checked_add(jiff::Span::new().days(i64::from(rule.days_after))).ok()?;
        Some((Near { what: &rule.title, day }, rule.within_days))
    })
}

pub fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map(|span| i64::from(span.get_days())).unwrap_or(i64::MAX)
}

pub fn ask(turn: &mut Turn, id: CaseId, form: &Form, question: &Question) -> Stepped {
    let options = options(turn, question);
    let choices = match question.optional && answered_by_number(question) {
        true => menu_link(SKIP, SKIP, "text"),
        false => choices(&listed(question, &options)),
    };
    let at = form.questions.iter().position(|known| known.name == question.name).unwrap_or_default();
    let values = [
        ("number", Value::from(at + 1)),
        ("count", form.questions.len().into()),
        ("ask", Value::from(&question.ask)),
        ("choices", Value::raw(choices)),
    ];
    let spec = if form.questions.len() == 1 { &texts::ONLY_QUESTION } else { &texts::QUESTION };
    let text = turn.say(spec, &values).trim_end().to_owned();
    let text = match kept(turn, id, question)? {
        Some(answer) => format!("{text}\n{}", keeping(turn, question, &answer)),
        None => text,
    };
    next(State::Asking(id, question.name.clone()), text)
}

/// What was answered before: whoever went back to it may leave it as it is.
fn kept(turn: &Turn, id: CaseId, question: &Question) -> Result<Option<Answer>, Fault> {
    let told = entries::answers(turn.tx, id)?.into_iter().find(|(name, _)| *name == question.name);
    let is_said = |answer: &Answer| !answer.value.reveal().is_empty() || !answer.pictures.is_empty();
    Ok(told.map(|(_, answer)| answer).filter(is_said))
}

fn keeping(turn: &Turn, question: &Question, answer: &Answer) -> String {
    let values = [
        ("answer", shown(turn, Some(question), answer).into()),
        ("keep", Value::raw(menu_link(KEEP, KEEP, "text"))),
    ];
    turn.say(&texts::KEEP, &values)
}

/// What stands below the question with a number each: its options, and to pass over it.
fn listed<'q>(question: &'q Question, options: &'q [String]) -> Vec<&'q str> {
    let skip = Some(SKIP).filter(|_| question.optional && !answered_by_number(question));
    options.iter().map(String::as_str).chain(skip).collect()
}

/// A number is an answer then, and chooses nothing.
fn answered_by_number(question: &Question) -> bool {
    matches!(question.kind, QuestionKind::Number { .. } | QuestionKind::Date { .. })
}

fn is_passed_over(turn: &Turn, question: &Question, input: &Input) -> bool {
    let options = options(turn, question);
    let listed = listed(question, &options);
    let by_number = || chosen(input, &listed).is_some_and(|at| listed.get(at) == Some(&SKIP));
    question.optional && (input.is(NOT_KNOWN) || by_number())
}

fn options(turn: &Turn, question: &Question) -> Vec<String> {
    match &question.kind {
        QuestionKind::Choice { options } => options.clone(),
        QuestionKind::District => turn.content.services.districts.clone(),
        _ => Vec::new(),
    }
}

pub fn answer(turn: &mut Turn, id: CaseId, name: &str, input: &Input) -> Stepped {
    with_form(turn, id, |turn, own, form| {
        // The form may have changed meanwhile: then what is asked now is asked.
        let Some(question) = form.question(name) else { return go_on(turn, own, form) };
        if matches!(input, Input::Back) {
            return back(turn, own, form, question);
        }
        if input.is(&[KEEP]) && kept(turn, own.id, question)?.is_some() {
            return go_on(turn, own, form);
        }
        if let QuestionKind::Photos { max } = question.kind {
            return photos(turn, own, form, question, max, input);
        }
        let value = match is_passed_over(turn, question, input) {
            true => Ok(String::new()),
            false if input.is(&[SKIP]) => Err(turn.say(&common::ANSWER_NEEDED, &[])),
            false => read(turn, question, input),
        };
        let why_not = value.as_ref().ok().and_then(|value| question.rules_out.get(value));
        if let Some(why) = why_not {
            let ruled_out = turn.say(&texts::RULED_OUT, &[("why", Value::from(why))]);
            return Ok(ask(turn, own.id, form, question)?.after(&ruled_out));
        }
        match value {
            Ok(value) => tell(turn, &own, form, question, value, Vec::new()),
            Err(wrong) => Ok(ask(turn, own.id, form, question)?.after(&wrong).again()),
        }
    })
}

/// The answer in its stored spelling, or the sentence that says what is wrong.
fn read(turn: &Turn, question: &Question, input: &Input) -> Result<String, String> {
    let typed: String = input.words().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    match &question.kind {
        QuestionKind::Text { max_chars } => {
            let fits = (1..=usize::from(*max_chars)).contains(&typed.chars().count()) && input.is_own_words();
            if fits { Ok(typed) } else { Err(turn.say(&texts::WRONG_TEXT, &[("max", (*max_chars).into())])) }
        }
        QuestionKind::Choice { .. } | QuestionKind::District => {
            let options = options(turn, question);
            let words: Vec<&str> = options.iter().map(String::as_str).collect();
            let named = || input.naming(&options).or_else(|| question.meant(&normalise(&typed)));
            let option = chosen(input, &words).and_then(|at| options.get(at)).or_else(named).cloned();
            option.ok_or_else(|| turn.say(&texts::WRONG_CHOICE, &[]))
        }
        QuestionKind::Number { min, max } => {
            let number = parse::number(&typed).filter(|number| (min..=max).contains(&number));
            number
                .map(|number| number.to_string())
                .ok_or_else(|| turn.say(&texts::WRONG_NUMBER, &[("range", format!("{min}—{max}").into())]))
        }
        QuestionKind::Phone => phone(&typed).ok_or_else(|| turn.say(&texts::WRONG_PHONE, &[])),
        QuestionKind::Date { past, future } => {
            let day = parse::day_of(&typed, turn.now.date(), *past, *future);
            day.map(|day| day.to_string()).ok_or_else(|| turn.say(&texts::WRONG_DAY, &[]))
        }
        QuestionKind::Photos { .. } => Err(turn.say(&texts::WRONG_PHOTO, &[])),
    }
}

fn photos(turn: &mut Turn, own: Own, form: &Form, question: &Question, max: u16, input: &Input) -> Stepped {
    let answers = entries::answers(turn.tx, own.id)?;
    let told = answers.into_iter().find(|(name, _)| *name == question.name);
    let mut pictures = told.map(|(_, answer)| answer.pictures).unwrap_or_default();
    match input {
        // More than fit come at once, and the form isn't handed in yet.
        Input::Picture(_) if pictures.len() >= usize::from(max) => {
            let full = turn.explain(&Refusal::TooManyPictures { max });
            next(State::Asking(own.id, question.name.clone()), format!("{full}\n{}", choices(&[ENOUGH])))
        }
        Input::Picture(picture) => {
            pictures.push(*picture);
            let count = pictures.len();
            let answer = answer_to(form, question, String::new(), pictures);
            if let Err(refusal) = draft::answer(turn.tx, &own, &question.name, &answer)? {
                return done(turn.explain(&refusal));
            }
            let values = [("count", Value::from(count)), ("choices", Value::raw(choices(&[ENOUGH])))];
            next(State::Asking(own.id, question.name.clone()), turn.say(&texts::GOT_PHOTO, &values))
        }
        _ if !pictures.is_empty()
            && (input.is(&[ENOUGH]) || input.is(ENOUGH_TOO) || input.number() == Some(1)) =>
        {
            go_on(turn, own, form)
        }
        _ if pictures.is_empty() && is_passed_over(turn, question, input) => {
            tell(turn, &own, form, question, String::new(), Vec::new())
        }
        _ => {
            let wrong = turn.say(&texts::WRONG_PHOTO, &[]);
            Ok(ask(turn, own.id, form, question)?.after(&wrong).again())
        }
    }
}

fn answer_to(form: &Form, question: &Question, value: String, pictures: Vec<u64>) -> Answer {
    let order = form.questions.iter().position(|known| known.name == question.name).unwrap_or_default();
    Answer {
        title: question.title.clone(),
        order: u16::try_from(order).unwrap_or(u16::MAX),
        hidden: question.hidden,
        shared: question.shared,
        value: Sealed::new(value),
        pictures,
    }
}

fn tell(
    turn: &mut Turn,
    own: &Own,
    form: &Form,
    question: &Question,
    value: String,
    pictures: Vec<u64>,
) -> Stepped {
    let answer = answer_to(form, question, value, pictures);
    match draft::answer(turn.tx, own, &question.name, &answer)? {
        Ok(()) => with_form(turn, own.id, go_on),
        Err(refusal) => done(turn.explain(&refusal)),
    }
}

/// To the question before this one; before the first there is what became of all one's cases.
fn back(turn: &mut Turn, own: Own, form: &Form, question: &Question) -> Stepped {
    let at = form.questions.iter().position(|known| known.name == question.name);
    match at.and_then(|at| at.checked_sub(1)).and_then(|at| form.questions.get(at)) {
        Some(before) => ask(turn, own.id, form, before),
        None => mine::list(turn),
    }
}

/// An answer as its follower reads it again.
pub fn shown(turn: &Turn, question: Option<&Question>, answer: &Answer) -> String {
    let value = answer.value.reveal();
    match question.map(|question| &question.kind) {
        Some(QuestionKind::Phone) => crate::privacy::mask_phone(value),
        Some(QuestionKind::Date { .. }) => value.parse().map(written).unwrap_or_else(|_| value.clone()),
        Some(QuestionKind::Photos { .. }) if !answer.pictures.is_empty() => {
            turn.say(&words::PICTURES, &[("count", answer.pictures.len().into())])
        }
        _ => value.clone(),
    }
}
