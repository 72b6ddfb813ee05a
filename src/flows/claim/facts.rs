//! One question at a time: what a person can say without looking at a bill.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{State, Stepped, account, begin, papers, review, said, with};
use crate::content::{TextSpec, Value};
use crate::domain::claim::draft::{self, Own};
use crate::domain::claim::judge;
use crate::domain::claim::record::{Claim, ClaimId, Details};
use crate::domain::claim::rules::Refusal;
use crate::domain::scheme::record::{Disease, Programme};
use crate::domain::scheme::rules::{EventKind, NotCovered, hints};
use crate::flows::membership::{choices, chosen};
use crate::flows::texts::claiming as texts;
use crate::flows::{Input, Turn, done, next};
use crate::store::Fault;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    Hospital,
    Admitted,
    Discharged,
    Diagnosed,
    Happened,
    Diagnosis,
    /// Which disease of the programme's list it is, if the words don't tell.
    Disease,
    Operated,
}

const WORDS_CHARS: std::ops::RangeInclusive<usize> = 2..=60;
const OPERATED: &[&str] = &["做过手术", "没做手术"];
const DAY_IS_RIGHT: &[&str] = &["日期没错，继续"];
const NOT_SURE: &str = "说不清";

/// The first thing that isn't known, or the papers when all is.
pub fn go_on(turn: &mut Turn, own: Own) -> Stepped {
    if !own.before.status.takes_papers() {
        return super::detail(turn, own.id);
    }
    if !begin::has_agreed(turn)? {
        return begin::apply(turn);
    }
    match missing(&own.before) {
        Some(fact) => ask(turn, own.id, fact),
        None if own.before.details.reveal().account.is_none() => account::begin(turn, own.id),
        None => papers::show(turn, own.id, None),
    }
}

/// The next question, before it is known which papers are needed.
pub fn go_on_without_papers(turn: &mut Turn, own: Own) -> Stepped {
    match missing(&own.before) {
        Some(fact) => ask(turn, own.id, fact),
        None => review::show(turn, own.id),
    }
}

/// What follows after an answer: on to the next question, or back to where it was corrected from.
fn after(turn: &mut Turn, own: Own) -> Stepped {
    let whole = missing(&own.before).is_none() && own.before.details.reveal().account.is_some();
    if whole { review::show(turn, own.id) } else { go_on(turn, own) }
}

fn missing(claim: &Claim) -> Option<Fact> {
    questions(claim.kind).iter().copied().find(|fact| !is_known(claim.details.reveal(), *fact))
}

/// In the order in which they are asked.
pub fn questions(kind: EventKind) -> &'static [Fact] {
    use Fact::*;
    match kind {
        EventKind::Inpatient => &[Hospital, Admitted, Discharged, Diagnosis],
        EventKind::Disease | EventKind::Outpatient => &[Diagnosed, Diagnosis],
        EventKind::Accident => &[Happened, Diagnosis],
        EventKind::Death => &[Happened],
    }
}

fn is_known(details: &Details, fact: Fact) -> bool {
    let facts = &details.facts;
    match fact {
        Fact::Hospital => !facts.hospital.is_empty(),
        Fact::Admitted => facts.admitted.is_some(),
        Fact::Discharged => facts.discharged.is_some(),
        Fact::Diagnosed => facts.diagnosed.is_some(),
        Fact::Happened => facts.happened.is_some(),
        Fact::Diagnosis => !details.diagnosis.is_empty(),
        // Asked once, after the diagnosis; what isn't known the papers will tell.
        Fact::Disease | Fact::Operated => true,
    }
}

pub fn ask(turn: &mut Turn, id: ClaimId, fact: Fact) -> Stepped {
    with(turn, id, |turn, own| {
        let text = match fact {
            Fact::Disease => {
                let names = diseases(turn, &own)?;
                let mut words: Vec<&str> = names.iter().map(|disease| disease.name.as_str()).collect();
                words.push(NOT_SURE);
                turn.say(&texts::ASK_DISEASE, &[("choices", Value::raw(choices(&words)))])
            }
            Fact::Operated => turn.say(&texts::ASK_OPERATED, &[("choices", Value::raw(choices(OPERATED)))]),
            _ => turn.say(question(fact), &[]),
        };
        next(State::Fact(own.id, fact), text)
    })
}

fn question(fact: Fact) -> &'static TextSpec {
    match fact {
        Fact::Hospital => &texts::ASK_HOSPITAL,
        Fact::Admitted => &texts::ASK_ADMITTED,
        Fact::Discharged => &texts::ASK_DISCHARGED,
        Fact::Diagnosed => &texts::ASK_DIAGNOSED,
        Fact::Happened => &texts::ASK_HAPPENED,
        Fact::Diagnosis => &texts::ASK_DIAGNOSIS,
        Fact::Disease => &texts::ASK_DISEASE,
        Fact::Operated => &texts::ASK_OPERATED,
    }
}

/// Those that the diagnosis hints at; all of the list if it hints at none.
fn diseases(turn: &Turn, own: &Own) -> Result<Vec<Disease>, Fault> {
    let Some(programme) = judge::ruled_by(turn.tx, &own.before)? else { return Ok(Vec::new()) };
    let hinted: Vec<Disease> =
        hints(&programme, &own.before.details.reveal().diagnosis).into_iter().cloned().collect();
    Ok(if hinted.is_empty() { programme.diseases } else { hinted })
}

pub fn answer(turn: &mut Turn, id: ClaimId, fact: Fact, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return back(turn, id, fact);
    }
    with(turn, id, |turn, own| match fact {
        Fact::Hospital | Fact::Diagnosis => words(turn, &own, fact, input),
        Fact::Admitted | Fact::Discharged | Fact::Diagnosed | Fact::Happened => day(turn, &own, fact, input),
        Fact::Disease => disease(turn, &own, input),
        Fact::Operated => match chosen(input, OPERATED) {
            Some(at) => told(turn, &own, |details| details.facts.operated = at == 0, after),
            None => Ok(ask(turn, own.id, fact)?.again()),
        },
    })
}

/// To the question before this one; before the first there is the claim as a whole.
fn back(turn: &mut Turn, id: ClaimId, fact: Fact) -> Stepped {
    with(turn, id, |turn, own| {
        let all = questions(own.before.kind);
        let before = all.iter().position(|known| *known == fact).and_then(|at| at.checked_sub(1));
        match before.and_then(|at| all.get(at)) {
            Some(fact) => ask(turn, own.id, *fact),
            None => review::show(turn, own.id),
        }
    })
}

fn words(turn: &mut Turn, own: &Own, fact: Fact, input: &Input) -> Stepped {
    let typed: String = input.words().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    if !WORDS_CHARS.contains(&typed.chars().count()) || input.names_a_service() {
        let wrong = turn.say(&texts::WRONG_WORDS, &[("max", (*WORDS_CHARS.end()).into())]);
        return Ok(ask(turn, own.id, fact)?.after(&wrong).again());
    }
    let edit = |details: &mut Details| match fact {
        Fact::Hospital => details.facts.hospital.clone_from(&typed),
        _ => {
            if details.diagnosis != typed {
                details.facts.disease = None;
            }
            details.diagnosis.clone_from(&typed);
        }
    };
    told(
        turn,
        own,
        edit,
        |turn, own| if fact == Fact::Diagnosis { diagnosed(turn, own) } else { after(turn, own) },
    )
}

/// What the words of the diagnosis leave open is asked.
fn diagnosed(turn: &mut Turn, own: Own) -> Stepped {
    let Some(programme) = judge::ruled_by(turn.tx, &own.before)? else { return after(turn, own) };
    if own.before.kind == EventKind::Disease {
        let hinted = hints(&programme, &own.before.details.reveal().diagnosis);
        let [only] = hinted.as_slice() else { return ask(turn, own.id, Fact::Disease) };
        let code = only.code.clone();
        return told(
            turn,
            &own,
            |details| details.facts.disease = Some(code.clone()),
            |turn, own| ask_if_operated(turn, own, &programme),
        );
    }
    ask_if_operated(turn, own, &programme)
}

fn ask_if_operated(turn: &mut Turn, own: Own, programme: &Programme) -> Stepped {
    let matters = programme.documents.iter().any(|rule| {
        rule.when.operated.is_some() && (rule.events.is_empty() || rule.events.contains(&own.before.kind))
    });
    if matters { ask(turn, own.id, Fact::Operated) } else { after(turn, own) }
}

fn disease(turn: &mut Turn, own: &Own, input: &Input) -> Stepped {
    let all = diseases(turn, own)?;
    let mut words: Vec<&str> = all.iter().map(|disease| disease.name.as_str()).collect();
    words.push(NOT_SURE);
    let Some(at) = chosen(input, &words) else { return Ok(ask(turn, own.id, Fact::Disease)?.again()) };
    let code = all.get(at).map(|disease| disease.code.clone());
    told(
        turn,
        own,
        |details| details.facts.disease.clone_from(&code),
        |turn, own| match judge::ruled_by(turn.tx, &own.before)? {
            Some(programme) => ask_if_operated(turn, own, &programme),
            None => after(turn, own),
        },
    )
}

fn day(turn: &mut Turn, own: &Own, fact: Fact, input: &Input) -> Stepped {
    if chosen(input, DAY_IS_RIGHT).is_some() && outside_cover(turn, own)?.is_some() {
        return with(turn, own.id, after);
    }
    let typed = input.words().unwrap_or_default();
    let Some(day) = said::day(typed, turn.now.date()) else {
        let wrong = turn.say(&texts::WRONG_DAY, &[]);
        return Ok(ask(turn, own.id, fact)?.after(&wrong).again());
    };
    if let Some(wrong) = out_of_order(turn, own, fact, day) {
        return Ok(ask(turn, own.id, fact)?.after(&wrong).again());
    }
    let edit = |details: &mut Details| {
        let facts = &mut details.facts;
        match fact {
            Fact::Admitted => facts.admitted = Some(day),
            Fact::Discharged => facts.discharged = Some(day),
            Fact::Diagnosed => facts.diagnosed = Some(day),
            _ => facts.happened = Some(day),
        }
    };
    told(turn, own, edit, |turn, own| match outside_cover(turn, &own)? {
        None => after(turn, own),
        // A slip in the date is the likeliest reason, so it is asked again.
        Some(refusal) => {
            let no = turn.explain(&refusal);
            let choices = Value::raw(choices(DAY_IS_RIGHT));
            let values = [("day", said::written(day).into()), ("choices", choices)];
            let again = turn.say(&texts::DAY_AGAIN, &values);
            Ok(next(State::Fact(own.id, fact), format!("{no}\n{again}"))?.again())
        }
    })
}

/// The person is covered, but on other days.
fn outside_cover(turn: &Turn, own: &Own) -> Result<Option<Refusal>, Fault> {
    let no = judge::cover(turn.tx, &own.before)?.err();
    Ok(no.filter(|no| matches!(no, Refusal::NotCovered(NotCovered::OutsideCover { .. }))))
}

fn out_of_order(turn: &Turn, own: &Own, fact: Fact, day: Date) -> Option<String> {
    let facts = &own.before.details.reveal().facts;
    let other = match fact {
        Fact::Discharged => facts.admitted.filter(|admitted| day < *admitted),
        Fact::Admitted => facts.discharged.filter(|discharged| *discharged < day),
        _ => None,
    }?;
    Some(turn.say(&texts::DAYS_OUT_OF_ORDER, &[("other", said::written(other).into())]))
}

/// Notes it with the claim, and goes on with the claim as it then is.
pub fn told(
    turn: &mut Turn,
    own: &Own,
    edit: impl Fn(&mut Details),
    go: impl FnOnce(&mut Turn, Own) -> Stepped,
) -> Stepped {
    match draft::tell(turn.tx, own, edit)? {
        Ok(_) => with(turn, own.id, go),
        Err(refusal) => done(turn.explain(&refusal)),
    }
}
