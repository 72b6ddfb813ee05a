//! 相亲: what is said to who is proposed, and what they say to it.

use super::{State, Stepped, mine, with};
use crate::content::Value;
use crate::domain::case::draft::Own;
use crate::domain::case::record::{CaseId, Proposal};
use crate::domain::case::rules::Refusal;
use crate::domain::case::{pairs, queue};
use crate::flows::spoken::{UNWILLING, UNWILLING_TOO, WILLING, WILLING_TOO};
use crate::flows::texts::service as texts;
use crate::flows::{Input, Tap, Turn, done, next};
use crate::store::Fault;

const LOOKED_AT: usize = 100;
const REPORT_CHARS: std::ops::RangeInclusive<usize> = 2..=300;

/// What waits for this side's word, or what both agreed to.
pub fn waiting(turn: &Turn, own: &Own) -> Result<String, Fault> {
    let Some((number, proposal)) = latest(turn, own)? else { return Ok(String::new()) };
    if proposal.agreed() {
        return contact(turn, own.id, &proposal);
    }
    match proposal.side(own.id) {
        Some(side) if !proposal.over && proposal.answers.get(side) == Some(&None) => {
            let words = proposal.words.get(side).map(|words| words.reveal().clone()).unwrap_or_default();
            let tap =
                |yes, word| Tap::Proposal(u32::try_from(number).unwrap_or_default(), yes).link(word, word);
            let choices = format!("{}\n{}", tap(true, WILLING), tap(false, UNWILLING));
            Ok(turn.say(&texts::PROPOSED, &[("words", words.into()), ("choices", Value::raw(choices))]))
        }
        _ => Ok(String::new()),
    }
}

fn latest(turn: &Turn, own: &Own) -> Result<Option<(u64, Proposal)>, Fault> {
    if !own.before.plan.pairs || own.before.erased {
        return Ok(None);
    }
    Ok(pairs::of(turn.tx, own.id)?.into_iter().next())
}

fn contact(turn: &Turn, id: CaseId, proposal: &Proposal) -> Result<String, Fault> {
    let lines: Vec<String> = pairs::contact(turn.tx, id, proposal)?
        .into_iter()
        .map(|(title, value)| format!("{title}：{value}"))
        .collect();
    if lines.is_empty() {
        return Ok(String::new());
    }
    Ok(turn.say(&texts::PAIRED, &[("contact", lines.join("\n").into())]))
}

pub fn said(input: &Input) -> Option<bool> {
    if input.is(WILLING_TOO) {
        return Some(true);
    }
    input.is(UNWILLING_TOO).then_some(false)
}

/// To the proposal that was tapped, whichever case of the follower's it is of.
pub fn answer(turn: &mut Turn, number: u64, yes: bool) -> Stepped {
    for (id, case) in queue::of_follower(turn.tx, turn.who, LOOKED_AT)? {
        if case.plan.pairs && pairs::of(turn.tx, id)?.iter().any(|(known, _)| *known == number) {
            return with(turn, id, |turn, own| settle(turn, &own, number, yes));
        }
    }
    done(turn.explain(&Refusal::NoProposal))
}

pub fn answer_current(turn: &mut Turn, own: &Own, yes: bool) -> Stepped {
    match pairs::current(turn.tx, own.id)? {
        Some((number, _)) => settle(turn, own, number, yes),
        None => done(turn.explain(&Refusal::NoProposal)),
    }
}

fn settle(turn: &mut Turn, own: &Own, number: u64, yes: bool) -> Stepped {
    match pairs::answer(turn.tx, own, number, yes)? {
        Ok(proposal) if proposal.agreed() => done(contact(turn, own.id, &proposal)?),
        Ok(_) => done(turn.say(if yes { &texts::PAIR_YES } else { &texts::PAIR_NO }, &[])),
        Err(refusal) => done(turn.explain(&refusal)),
    }
}

/// The proposal that may be reported.
pub fn to_report(turn: &Turn, own: &Own) -> Result<Option<u64>, Fault> {
    Ok(latest(turn, own)?.map(|(number, _)| number))
}

pub fn ask_report(turn: &mut Turn, own: &Own) -> Stepped {
    match to_report(turn, own)? {
        Some(number) => next(State::Reporting(own.id, number), turn.say(&texts::ASK_REPORT, &[])),
        None => done(turn.explain(&Refusal::NoProposal)),
    }
}

pub fn reporting(turn: &mut Turn, id: CaseId, number: u64, input: &Input) -> Stepped {
    if mine::is_offered(input) {
        return mine::act(turn, id, input);
    }
    let words = input.words().unwrap_or_default().trim().to_owned();
    if !REPORT_CHARS.contains(&words.chars().count()) || !input.is_own_words() {
        return match input {
            Input::Back => mine::detail(turn, id),
            _ => Ok(next(State::Reporting(id, number), turn.say(&texts::ASK_REPORT, &[]))?.again()),
        };
    }
    with(turn, id, |turn, own| match pairs::report(turn.tx, &own, number, &words)? {
        Ok(()) => done(turn.say(&texts::REPORTED, &[])),
        Err(refusal) => done(turn.explain(&refusal)),
    })
}
