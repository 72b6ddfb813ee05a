//! From a menu key to the first question: which service, for whom, with what consent.

use super::{State, Stepped, asking, eligibility, plan, round, view, with_form};
use crate::content::service::{Form, QuestionKind};
use crate::content::{Value, normalise};
use crate::domain::case::record::CaseId;
use crate::domain::case::{draft, rounds};
use crate::domain::eligibility::{Ineligible, eligible};
use crate::domain::member::consent::{self, Purpose};
use crate::domain::member::standing::standing;
use crate::flows::membership::{choices, chosen};
use crate::flows::spoken::{AGREE, CASE_RESUME, SELF_TEST, VERIFY};
use crate::flows::texts::{self as common, service as texts};
use crate::flows::{Input, Step, Turn, done, next, offers};
use crate::store::Fault;

/// The key of the form that is opened when nobody is at the desk.
pub const ASK: &str = "consult.ask";

/// Every service there is.
pub fn home(turn: &mut Turn) -> Stepped {
    let kinds = turn.content.services.forms.iter().map(|form| form.kind.clone()).collect();
    ask_which(turn, kinds)
}

/// What a menu key leads to: its form, or the choice if there are several. `rest`: what was said with the keyword.
pub fn lead(turn: &mut Turn, target: &str, rest: &str) -> Stepped {
    let kinds: Vec<String> = turn.content.services.at(target).map(|form| form.kind.clone()).collect();
    match kinds.as_slice() {
        [kind] => show(turn, kind, rest),
        _ => ask_which(turn, kinds),
    }
}

/// 人工 while nobody is at the desk: what is asked is written down for them.
pub fn talk(turn: &mut Turn) -> Stepped {
    let hours = turn.say(&common::STAFF_TALK, &[]);
    if turn.content.services.at(ASK).next().is_none() {
        return done(hours);
    }
    let before = format!("{hours}\n\n{}", turn.say(&texts::DESK_CASE, &[]));
    Ok(lead(turn, ASK, "")?.after(&before))
}

fn ask_which(turn: &mut Turn, kinds: Vec<String>) -> Stepped {
    if kinds.is_empty() {
        return done(turn.say(&texts::NONE, &[]));
    }
    let titles = titles(turn, &kinds);
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    next(State::Choosing(kinds), turn.say(&texts::LIST, &[("choices", Value::raw(choices(&titles)))]))
}

fn titles(turn: &Turn, kinds: &[String]) -> Vec<String> {
    let title = |kind: &String| turn.content.services.form(kind).map(|form| form.title.clone());
    kinds.iter().filter_map(title).collect()
}

pub fn choose(turn: &mut Turn, kinds: Vec<String>, input: &Input) -> Stepped {
    let titles = titles(turn, &kinds);
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    match chosen(input, &titles).and_then(|at| kinds.get(at)) {
        Some(kind) => show(turn, kind, ""),
        None => Ok(Step::Pass),
    }
}

/// From the top: may they, have they agreed, did they begin before?
fn show(turn: &mut Turn, kind: &str, rest: &str) -> Stepped {
    let content = turn.content;
    let Some(form) = content.services.form(kind) else { return done(turn.say(&texts::GONE, &[])) };
    if let Err(no) = may(turn, form)? {
        let sentence = turn.explain(&no);
        let verify = (no == Ineligible::MembersOnly).then_some(VERIFY);
        let ways: Vec<&str> = verify.into_iter().chain(form.self_test.then_some(SELF_TEST)).collect();
        return offers(&ways, format!("{sentence}\n{}", choices(&ways)).trim_end().to_owned());
    }
    if let (Some(link), true) = (&form.link, form.questions.is_empty()) {
        let values = [
            ("title", Value::from(&form.title)),
            ("about", Value::from(&form.about)),
            ("link", Value::raw(view::link(link))),
        ];
        return done(turn.say(&texts::ELSEWHERE, &values));
    }
    let whose = standing(turn.tx, turn.who)?.person(turn.who);
    if let Err(refusal) = rounds::check(turn.tx, &whose, &form.kind, round(form).as_ref())? {
        let no = turn.explain(&refusal);
        return done(format!("{}\n\n{no}", view::about(turn, form)));
    }
    match has_agreed(turn, form)? {
        true => Ok(agreed(turn, form, rest)?.after(&view::about(turn, form))),
        false => ask_consent(turn, form),
    }
}

pub fn may(turn: &Turn, form: &Form) -> Result<Result<(), Ineligible>, Fault> {
    Ok(eligible(&eligibility(form), &standing(turn.tx, turn.who)?, turn.now, turn.now))
}

/// To the words of today: other ones are asked anew.
pub fn has_agreed(turn: &Turn, form: &Form) -> Result<bool, Fault> {
    match &form.consent {
        Some(words) => consent::holds(turn.tx, turn.who, Purpose::Service, words),
        None => Ok(true),
    }
}

pub fn ask_consent(turn: &mut Turn, form: &Form) -> Stepped {
    let words = form.consent.as_deref().unwrap_or_default();
    let values = [("words", Value::from(words)), ("choices", Value::raw(choices(AGREE)))];
    let text = format!("{}\n\n{}", view::about(turn, form), turn.say(&texts::CONSENT, &values));
    next(State::Consent(form.kind.clone()), text)
}

pub fn consent(turn: &mut Turn, kind: &str, input: &Input) -> Stepped {
    let content = turn.content;
    let Some(form) = content.services.form(kind) else { return done(turn.say(&texts::GONE, &[])) };
    let at = chosen(input, AGREE);
    if at == Some(0) || (at.is_none() && input.agrees()) {
        if let Some(words) = &form.consent {
            consent::give(turn.tx, turn.who, Purpose::Service, words)?;
        }
        return agreed(turn, form, "");
    }
    let says_no = at.is_some() || input.is_no();
    if says_no || matches!(input, Input::Back) {
        if says_no {
            drop_draft(turn, kind)?;
        }
        return done(turn.say(&texts::NOT_AGREED, &[]));
    }
    match input {
        // The words stand above what was said.
        Input::Said { .. } => {
            let text = turn.say(&common::CONSENT_AGAIN, &[("choices", Value::raw(choices(AGREE)))]);
            Ok(next(State::Consent(form.kind.clone()), text)?.again())
        }
        _ => Ok(ask_consent(turn, form)?.again()),
    }
}

/// What was told by an earlier consent isn't kept without one.
fn drop_draft(turn: &mut Turn, kind: &str) -> Result<(), Fault> {
    if let Some(id) = draft::of(turn.tx, turn.who, kind)?
        && let Ok(own) = draft::own(turn.tx, turn.who, id)?
    {
        _ = draft::withdraw(turn.tx, &own)?;
    }
    Ok(())
}

fn agreed(turn: &mut Turn, form: &Form, rest: &str) -> Stepped {
    match draft::of(turn.tx, turn.who, &form.kind)? {
        Some(id) => with_form(turn, id, |turn, own, form| {
            let values = [
                ("title", Value::from(&form.title)),
                ("since", own.before.created.into()),
                ("choices", Value::raw(choices(CASE_RESUME))),
            ];
            next(State::Resume(own.id), turn.say(&texts::RESUME, &values))
        }),
        None => begin(turn, form, rest),
    }
}

pub fn resume(turn: &mut Turn, id: CaseId, input: &Input) -> Stepped {
    with_form(turn, id, |turn, own, form| match chosen(input, CASE_RESUME) {
        Some(0) => asking::go_on(turn, own, form),
        Some(_) => match draft::withdraw(turn.tx, &own)? {
            Ok(()) => begin(turn, form, ""),
            Err(refusal) => done(turn.explain(&refusal)),
        },
        None if input.is_yes() => asking::go_on(turn, own, form),
        None => Ok(Step::Pass),
    })
}

fn begin(turn: &mut Turn, form: &Form, rest: &str) -> Stepped {
    let id = match draft::begin(turn.tx, turn.who, &form.kind, plan(form, None))? {
        Ok(id) => id,
        Err(refusal) => return done(turn.explain(&refusal)),
    };
    let promise = view::promise(turn, form);
    let asked = with_form(turn, id, |turn, own, form| match form.questions.first() {
        // What was said with the keyword is what is asked already.
        Some(first) if matches!(first.kind, QuestionKind::Text { .. }) && !normalise(rest).is_empty() => {
            asking::answer(turn, own.id, &first.name, &Input::said(rest, None))
        }
        _ => asking::go_on(turn, own, form),
    })?;
    Ok(asked.after(&promise))
}
