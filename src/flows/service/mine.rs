//! 我的办件: what became of a case, in plain words, and what can be done now.

use super::{State, Stepped, asking, pairs, takes_messages, tap_number, view, with, with_form};
use crate::content::Value;
use crate::domain::case::draft::{self, Own};
use crate::domain::case::record::*;
use crate::domain::case::{entries, queue};
use crate::flows::membership::{choices, chosen};
use crate::flows::spoken::{
    CASE_APPEAL, CASE_GO_ON, CASE_LIST, CASE_REPORT, CASE_SAY, CASE_SAY_TOO, CASE_WITHDRAW, ENOUGH, FINISHED,
    MY_CASES, WITHDRAW, stars_said,
};
use crate::flows::texts::service as texts;
use crate::flows::{Input, Step, Tap, Turn, done, next};
use crate::store::Fault;

const SHOWN: usize = 12;
const SAY_CHARS_MAX: usize = 600;
const APPEAL_CHARS: std::ops::RangeInclusive<usize> = 4..=500;

/// What a case offers. Tapped while words are asked for, they are no words.
const OFFERED: &[&str] = &[CASE_GO_ON, CASE_SAY, CASE_APPEAL, CASE_WITHDRAW, CASE_REPORT, CASE_LIST];

pub fn list(turn: &mut Turn) -> Stepped {
    let all = queue::of_follower(turn.tx, turn.who, SHOWN)?;
    // What was dropped before it was handed in is nothing to look back at.
    let all: Vec<_> = all
        .into_iter()
        .filter(|(_, case)| case.submitted.is_some() || case.status == Status::Draft)
        .collect();
    if all.is_empty() {
        return done(turn.say(&texts::MINE_NONE, &[]));
    }
    let line = |(at, (id, case)): (usize, &(CaseId, Case))| {
        let number = at + 1;
        let label = format!("{number}. {} {id}", case.plan.title);
        let link = Tap::Case(tap_number(*id)).link(&label, &number.to_string());
        format!("{link}\n   {}", view::status(turn, case))
    };
    let items: Vec<String> = all.iter().enumerate().map(line).collect();
    let text = turn.say(&texts::MINE, &[("items", Value::raw(items.join("\n")))]);
    next(State::List(all.iter().map(|(id, _)| *id).collect()), text)
}

pub fn choose(turn: &mut Turn, ids: Vec<CaseId>, input: &Input) -> Stepped {
    let by_number = input.words().and_then(|words| words.trim().parse::<CaseId>().ok());
    if let Some(id) = by_number {
        return detail(turn, id);
    }
    match input.chosen(&ids) {
        Some(id) => detail(turn, *id),
        None if input.number().is_some() => {
            let text = turn.say(&texts::NO_SUCH_NUMBER, &[("count", ids.len().into())]);
            next(State::List(ids), text)
        }
        None => Ok(Step::Pass),
    }
}

pub fn detail(turn: &mut Turn, id: CaseId) -> Stepped {
    with(turn, id, |turn, own| {
        let case = &own.before;
        let due = case.clock.due().map(|due| due.chinese_from(turn.now)).unwrap_or_default();
        let is_overdue = case.status == Status::Open && case.clock.due().is_some_and(|due| due < turn.now);
        let spec = match texts::status(case.status.name()) {
            _ if is_overdue => Some(&texts::NEXT_OVERDUE),
            known => known.map(|(_, spec)| spec),
        };
        let next_step = spec.map(|spec| turn.say(spec, &[("due", due.into())]));
        let objection = draft::may_appeal(case, turn.now)
            .ok()
            .map(|until| turn.say(&texts::MAY_APPEAL, &[("until", until.chinese_from(turn.now).into())]));
        let next_step: Vec<String> = next_step.into_iter().chain(objection).collect();
        let entries = entries::of(turn.tx, own.id)?;
        let values = [
            ("title", Value::from(&case.plan.title)),
            ("number", own.id.to_string().into()),
            ("status", view::status(turn, case).into()),
            ("timeline", view::timeline(turn, case, &entries).into()),
            ("next", next_step.join("\n").into()),
            ("extra", Value::raw(extra(turn, &own)?)),
            ("choices", Value::raw(choices(&actions(turn, &own)?))),
        ];
        next(State::Detail(own.id), view::tight(&turn.say(&texts::DETAIL, &values)))
    })
}

/// What is asked of the follower now: stars, or a word to who was proposed.
fn extra(turn: &Turn, own: &Own) -> Result<String, Fault> {
    if draft::asks_for_stars(&own.before) {
        return Ok(turn.say(&texts::ASK_STARS, &[("choices", Value::raw(view::stars(turn, own.id)))]));
    }
    pairs::waiting(turn, own)
}

fn actions(turn: &Turn, own: &Own) -> Result<Vec<&'static str>, Fault> {
    let case = &own.before;
    let mut words = Vec::new();
    if case.status == Status::Draft {
        words.push(CASE_GO_ON);
    }
    if takes_messages(case) {
        words.push(CASE_SAY);
    }
    if draft::may_appeal(case, turn.now).is_ok() {
        words.push(CASE_APPEAL);
    }
    if pairs::to_report(turn, own)?.is_some() {
        words.push(CASE_REPORT);
    }
    if !case.status.is_over() {
        words.push(CASE_WITHDRAW);
    }
    words.push(CASE_LIST);
    Ok(words)
}

pub fn act(turn: &mut Turn, id: CaseId, input: &Input) -> Stepped {
    with(turn, id, |turn, own| {
        if let Input::Picture(picture) = input {
            return said(turn, &own, "", Some(*picture));
        }
        if let Some(stars) = input.words().and_then(stars_said).filter(|_| draft::asks_for_stars(&own.before))
        {
            return rate(turn, own.id, stars);
        }
        if let Some(yes) = pairs::said(input).filter(|_| own.before.plan.pairs) {
            return pairs::answer_current(turn, &own, yes);
        }
        let words = actions(turn, &own)?;
        match chosen(input, &words).and_then(|at| words.get(at)).copied() {
            Some(CASE_GO_ON) => with_form(turn, own.id, asking::go_on),
            Some(CASE_SAY) => ask_say(turn, own.id),
            Some(CASE_APPEAL) => ask_appeal(turn, &own),
            Some(CASE_REPORT) => pairs::ask_report(turn, &own),
            Some(CASE_WITHDRAW) => ask_to_withdraw(turn, own.id),
            Some(_) => list(turn),
            None if matches!(input, Input::Back) => list(turn),
            None if input.is(&[CASE_APPEAL]) => ask_appeal(turn, &own),
            // The list says 补充留言; people say less.
            None if words.contains(&CASE_SAY) && input.is(CASE_SAY_TOO) => ask_say(turn, own.id),
            // The staff asked or said something, and this is what the follower says to it.
            None if !is_offered(input) && is_spoken_to(turn, &own)? => saying(turn, own.id, input),
            None => Ok(Step::Pass),
        }
    })
}

/// An old link of a case, or its words.
pub fn is_offered(input: &Input) -> bool {
    input.is(OFFERED)
}

fn ask_appeal(turn: &mut Turn, own: &Own) -> Stepped {
    match draft::may_appeal(&own.before, turn.now) {
        Ok(_) => next(State::Appealing(own.id), turn.say(&texts::ASK_APPEAL, &[])),
        Err(refusal) => done(turn.explain(&refusal)),
    }
}

/// Was the last that the follower can read of an open case said to them by the staff?
fn is_spoken_to(turn: &Turn, own: &Own) -> Result<bool, Fault> {
    if !takes_messages(&own.before) {
        return Ok(false);
    }
    let entries = entries::of(turn.tx, own.id)?;
    let last = entries.iter().rev().map(|(_, entry)| entry).find(|entry| !entry.what.is_internal());
    let by_staff = |entry: &Entry| entry.what == What::Said && matches!(entry.by, By::Staff(_));
    Ok(matches!(own.before.status, Status::Asked | Status::Lapsed) || last.is_some_and(by_staff))
}

pub fn rate(turn: &mut Turn, id: CaseId, stars: u8) -> Stepped {
    with(turn, id, |turn, own| match draft::rate(turn.tx, &own, stars)? {
        Ok(()) if stars > 2 => done(turn.say(&texts::THANKS, &[("stars", stars.into())])),
        Ok(()) => {
            let link = draft::may_appeal(&own.before, turn.now)
                .map(|_| Tap::Case(tap_number(own.id)).link(CASE_APPEAL, MY_CASES));
            let values = [("stars", Value::from(stars)), ("link", Value::raw(link.unwrap_or_default()))];
            done(view::tight(&turn.say(&texts::SORRY, &values)))
        }
        Err(refusal) => done(turn.explain(&refusal)),
    })
}

fn ask_say(turn: &mut Turn, id: CaseId) -> Stepped {
    next(State::Saying(id), turn.say(&texts::ASK_SAY, &[("number", id.to_string().into())]))
}

pub fn saying(turn: &mut Turn, id: CaseId, input: &Input) -> Stepped {
    with(turn, id, |turn, own| match input {
        Input::Back => detail(turn, own.id),
        Input::Picture(picture) => said(turn, &own, "", Some(*picture)),
        Input::Other => ask_say(turn, own.id),
        Input::Said { .. } if input.names_a_service() => Ok(Step::Pass),
        _ if is_offered(input) => act(turn, own.id, input),
        // As a question of the form ends its photos.
        _ if input.is(&[ENOUGH, FINISHED]) => detail(turn, own.id),
        Input::Said { raw, .. } => {
            let words = raw.trim();
            if !(1..=SAY_CHARS_MAX).contains(&words.chars().count()) {
                let wrong = turn.say(&texts::WRONG_SAY, &[("max", SAY_CHARS_MAX.into())]);
                return Ok(ask_say(turn, own.id)?.after(&wrong).again());
            }
            said(turn, &own, words, None)
        }
    })
}

/// More may follow: a message rarely comes alone.
fn said(turn: &mut Turn, own: &Own, words: &str, picture: Option<u64>) -> Stepped {
    match draft::say(turn.tx, own, words, picture)? {
        Ok(_) => {
            let text = turn.say(&texts::SAID_ON, &[("number", own.id.to_string().into())]);
            next(State::Saying(own.id), text)
        }
        Err(refusal) => done(turn.explain(&refusal)),
    }
}

/// A picture that no dialogue asked for: the only case that waits for something takes it.
pub fn offered(turn: &mut Turn, picture: u64) -> Result<Option<Step<State>>, Fault> {
    let mut all = queue::of_follower(turn.tx, turn.who, SHOWN)?;
    all.retain(|(_, case)| case.status == Status::Asked);
    match all.as_slice() {
        [(id, _)] => with(turn, *id, |turn, own| said(turn, &own, "", Some(picture))).map(Some),
        _ => Ok(None),
    }
}

fn ask_to_withdraw(turn: &mut Turn, id: CaseId) -> Stepped {
    let values = [("number", Value::from(id.to_string())), ("choices", Value::raw(choices(WITHDRAW)))];
    next(State::Withdrawing(id), turn.say(&texts::ASK_WITHDRAW, &values))
}

pub fn withdrawing(turn: &mut Turn, id: CaseId, input: &Input) -> Stepped {
    if chosen(input, WITHDRAW) != Some(0) && !input.is_yes() {
        return Ok(detail(turn, id)?.again());
    }
    with(turn, id, |turn, own| match draft::withdraw(turn.tx, &own)? {
        Ok(()) => {
            let erased = own.before.submitted.is_none() || own.before.plan.keep_days == 0;
            let spec = if erased { &texts::WITHDRAWN_ERASED } else { &texts::WITHDRAWN };
            done(turn.say(spec, &[("number", own.id.to_string().into())]))
        }
        Err(refusal) => done(turn.explain(&refusal)),
    })
}

pub fn appealing(turn: &mut Turn, id: CaseId, input: &Input) -> Stepped {
    if is_offered(input) {
        return act(turn, id, input);
    }
    let words = input.words().unwrap_or_default().trim().to_owned();
    if !APPEAL_CHARS.contains(&words.chars().count()) || !input.is_own_words() {
        return match input {
            Input::Back => detail(turn, id),
            _ => Ok(next(State::Appealing(id), turn.say(&texts::ASK_APPEAL, &[]))?.again()),
        };
    }
    with(turn, id, |turn, own| match draft::appeal(turn.tx, &own, &words)? {
        Ok(()) => done(turn.say(&texts::APPEALED, &[("number", own.id.to_string().into())])),
        Err(refusal) => done(turn.explain(&refusal)),
    })
}
