//! One question at a time: what a person can say without looking at a bill.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::spoken;
use super::spoken::{DAY_IS_RIGHT, NO_GRADE, NOT_SURE, answers};
use super::words as claim_words;
use super::{State, Stepped, account, begin, papers, review, with};
use crate::content::{TextSpec, Value, narrowed};
use crate::domain::claim::draft::{self, Own};
use crate::domain::claim::record::{Circumstance, Claim, ClaimId, Details, Status};
use crate::domain::claim::rules::Refusal;
use crate::domain::claim::{completeness, judge};
use crate::domain::scheme::record::{Disease, Programme};
use crate::domain::scheme::rules::{EventKind, Insurance, NotCovered, hints};
use crate::flows::days;
use crate::flows::membership::{choices, chosen};
use crate::flows::texts::{claiming as texts, words as said_words};
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
    /// Of an accident or of an illness did they die?
    Cause,
    /// Was anybody in hospital for the accident?
    Stay,
    /// Of the disability, if it has one yet.
    Grade,
    Unit,
    OutOfTown,
    Insurance,
}

const WORDS_CHARS: std::ops::RangeInclusive<usize> = 2..=60;
const INSURANCES: &[Insurance] = &[Insurance::Employee, Insurance::Resident, Insurance::Uninsured];
const GRADES: std::ops::RangeInclusive<u8> = 1..=10;
/// What is asked of a stay.
const OF_STAY: &[Fact] = &[Fact::Hospital, Fact::Admitted, Fact::Discharged];

/// The first thing that isn't known, or the papers when all is.
pub fn go_on(turn: &mut Turn, own: Own) -> Stepped {
    if !own.before.status.takes_papers() {
        return super::detail(turn, own.id);
    }
    if !begin::has_agreed(turn)? {
        return begin::renew(turn, own.id, Vec::new());
    }
    match missing(turn, &own.before)? {
        Some(fact) => ask(turn, own.id, fact),
        None if own.before.details.reveal().account.is_none() => account::begin(turn, own.id),
        None => papers::show(turn, own.id, None),
    }
}

/// The next question, before it is known which papers are needed.
pub fn go_on_without_papers(turn: &mut Turn, own: Own) -> Stepped {
    match missing(turn, &own.before)? {
        Some(fact) => ask(turn, own.id, fact),
        None => review::show(turn, own.id),
    }
}

/// What follows after an answer: on to the next question, or back to where it was corrected from.
fn after(turn: &mut Turn, own: Own) -> Stepped {
    let missing = missing(turn, &own.before)?;
    match missing {
        // Handed in already: what other words leave open is asked here as well.
        Some(fact) if !own.before.status.takes_papers() => ask(turn, own.id, fact),
        None if !own.before.status.takes_papers() => {
            let noted = turn.say(&texts::CORRECTED, &[]);
            Ok(super::detail(turn, own.id)?.after(&noted))
        }
        None if own.before.details.reveal().account.is_some() => review::show(turn, own.id),
        _ => go_on(turn, own),
    }
}

fn missing(turn: &Turn, claim: &Claim) -> Result<Option<Fact>, Fault> {
    let details = claim.details.reveal();
    Ok(questions(turn, claim)?.into_iter().find(|fact| !is_known(details, *fact)))
}

/// In the order in which they are asked: what happened, and then what its programme's rules depend on.
pub fn questions(turn: &Turn, claim: &Claim) -> Result<Vec<Fact>, Fault> {
    Ok(with_circumstances(claim, &completeness::circumstances(turn.tx, claim)?))
}

/// Those that a claim has an answer to.
pub fn answered(claim: &Claim) -> Vec<Fact> {
    let details = claim.details.reveal();
    let of_words = (details.facts.disease.is_some() && !details.answered.contains(&Circumstance::Disease))
        .then_some(Circumstance::Disease);
    let known: Vec<Circumstance> = of_words.into_iter().chain(details.answered.iter().copied()).collect();
    with_circumstances(claim, &known)
}

fn with_circumstances(claim: &Claim, known: &[Circumstance]) -> Vec<Fact> {
    let mut facts = of_event(claim.kind).to_vec();
    for what in known {
        facts.push(of_circumstance(*what));
        if *what == Circumstance::Stay && claim.details.reveal().stayed() {
            facts.extend(OF_STAY);
        }
    }
    facts
}

fn of_circumstance(what: Circumstance) -> Fact {
    match what {
        Circumstance::Disease => Fact::Disease,
        Circumstance::Operated => Fact::Operated,
        Circumstance::Cause => Fact::Cause,
        Circumstance::Stay => Fact::Stay,
        Circumstance::Grade => Fact::Grade,
        Circumstance::HasUnit => Fact::Unit,
        Circumstance::OutOfTown => Fact::OutOfTown,
        Circumstance::Insured => Fact::Insurance,
    }
}

fn of_event(kind: EventKind) -> &'static [Fact] {
    use Fact::*;
    match kind {
        EventKind::Inpatient => &[Hospital, Admitted, Discharged, Diagnosis],
        EventKind::Disease | EventKind::Outpatient => &[Diagnosed, Diagnosis],
        EventKind::Accident => &[Happened, Diagnosis],
        EventKind::Death => &[Happened],
    }
}

/// The day that decides on the cover.
fn of_day(kind: EventKind) -> Fact {
    match kind {
        EventKind::Inpatient => Fact::Discharged,
        EventKind::Disease | EventKind::Outpatient => Fact::Diagnosed,
        EventKind::Accident | EventKind::Death => Fact::Happened,
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
        Fact::Disease => completeness::is_answered_of(details, Circumstance::Disease),
        Fact::Operated => completeness::is_answered_of(details, Circumstance::Operated),
        Fact::Cause => completeness::is_answered_of(details, Circumstance::Cause),
        Fact::Stay => completeness::is_answered_of(details, Circumstance::Stay),
        Fact::Grade => completeness::is_answered_of(details, Circumstance::Grade),
        Fact::Unit => completeness::is_answered_of(details, Circumstance::HasUnit),
        Fact::OutOfTown => completeness::is_answered_of(details, Circumstance::OutOfTown),
        Fact::Insurance => completeness::is_answered_of(details, Circumstance::Insured),
    }
}

/// What was answered.
pub fn said(programme: Option<&Programme>, details: &Details, what: Circumstance) -> String {
    let facts = &details.facts;
    let at = match what {
        Circumstance::Disease => match &facts.disease {
            Some(code) => {
                return programme
                    .and_then(|of| of.disease(code))
                    .map_or_else(String::new, |of| of.name.clone());
            }
            None => 0,
        },
        Circumstance::Grade => match facts.grade {
            Some(grade) => return spoken::grade(grade),
            None => 0,
        },
        Circumstance::Operated => usize::from(!facts.operated),
        Circumstance::Cause => usize::from(facts.of_illness),
        Circumstance::Stay => usize::from(facts.no_stay),
        Circumstance::HasUnit => usize::from(facts.no_unit),
        Circumstance::OutOfTown => usize::from(facts.out_of_town),
        Circumstance::Insured => {
            INSURANCES.iter().position(|known| *known == facts.insurance).unwrap_or_default()
        }
    };
    answers(what).get(at).copied().unwrap_or_default().to_owned()
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
            Fact::Operated => ask_one_of(turn, &texts::ASK_OPERATED, Circumstance::Operated),
            Fact::Cause => ask_one_of(turn, &texts::ASK_CAUSE, Circumstance::Cause),
            Fact::Stay => ask_one_of(turn, &texts::ASK_STAY, Circumstance::Stay),
            Fact::Grade => {
                let (_, words) = grades(turn, &own)?;
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                turn.say(&texts::ASK_GRADE, &[("choices", Value::raw(choices(&words)))])
            }
            Fact::Unit => ask_one_of(turn, &texts::ASK_UNIT, Circumstance::HasUnit),
            Fact::OutOfTown => ask_one_of(turn, &texts::ASK_OUT_OF_TOWN, Circumstance::OutOfTown),
            Fact::Insurance => ask_one_of(turn, &texts::ASK_INSURANCE, Circumstance::Insured),
            Fact::Hospital => turn.say(&texts::ASK_HOSPITAL, &[]),
            Fact::Admitted => turn.say(&texts::ASK_ADMITTED, &[]),
            Fact::Discharged => turn.say(&texts::ASK_DISCHARGED, &[]),
            Fact::Diagnosed => turn.say(&texts::ASK_DIAGNOSED, &[]),
            Fact::Happened if own.before.kind == EventKind::Death => turn.say(&texts::ASK_DIED, &[]),
            Fact::Happened => turn.say(&texts::ASK_HAPPENED, &[]),
            Fact::Diagnosis => turn.say(&texts::ASK_DIAGNOSIS, &[]),
        };
        next(State::Fact(own.id, fact), text)
    })
}

fn ask_one_of(turn: &Turn, spec: &TextSpec, what: Circumstance) -> String {
    turn.say(spec, &[("choices", Value::raw(choices(answers(what))))])
}

/// Those that the diagnosis hints at; all of the list if it hints at none.
fn diseases(turn: &Turn, own: &Own) -> Result<Vec<Disease>, Fault> {
    let Some(programme) = judge::ruled_by(turn.tx, &own.before)? else { return Ok(Vec::new()) };
    let hinted: Vec<Disease> =
        hints(&programme, &own.before.details.reveal().diagnosis).into_iter().cloned().collect();
    Ok(if hinted.is_empty() { programme.diseases } else { hinted })
}

/// The grades that the programme pays for, as they are offered, and that there is none.
fn grades(turn: &Turn, own: &Own) -> Result<(Vec<u8>, Vec<String>), Fault> {
    let programme = judge::ruled_by(turn.tx, &own.before)?;
    let known = programme.map(|programme| programme.grades_of(own.before.kind)).unwrap_or_default();
    let words = known.iter().map(|grade| spoken::grade(*grade)).chain([NO_GRADE.to_owned()]).collect();
    Ok((known, words))
}

pub fn answer(turn: &mut Turn, id: ClaimId, fact: Fact, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return back(turn, id, fact);
    }
    with(turn, id, |turn, own| match fact {
        Fact::Hospital | Fact::Diagnosis => words(turn, &own, fact, input),
        Fact::Admitted | Fact::Discharged | Fact::Diagnosed | Fact::Happened => day(turn, &own, fact, input),
        Fact::Disease => disease(turn, &own, input),
        Fact::Operated => circumstance(turn, &own, fact, Circumstance::Operated, input),
        Fact::Cause => circumstance(turn, &own, fact, Circumstance::Cause, input),
        Fact::Stay => circumstance(turn, &own, fact, Circumstance::Stay, input),
        Fact::Grade => grade(turn, &own, input),
        Fact::Unit => circumstance(turn, &own, fact, Circumstance::HasUnit, input),
        Fact::OutOfTown => circumstance(turn, &own, fact, Circumstance::OutOfTown, input),
        Fact::Insurance => circumstance(turn, &own, fact, Circumstance::Insured, input),
    })
}

fn circumstance(turn: &mut Turn, own: &Own, fact: Fact, what: Circumstance, input: &Input) -> Stepped {
    let stay = || {
        (what == Circumstance::Stay)
            .then(|| claim_words::stayed(input))
            .flatten()
            .map(|stayed| usize::from(!stayed))
    };
    let Some(at) = chosen(input, answers(what)).or_else(stay) else {
        return Ok(ask(turn, own.id, fact)?.again());
    };
    let edit = |details: &mut Details| {
        let facts = &mut details.facts;
        match what {
            Circumstance::Disease | Circumstance::Grade => {}
            Circumstance::Operated => facts.operated = at == 0,
            Circumstance::Cause => facts.of_illness = at == 1,
            Circumstance::Stay => {
                facts.no_stay = at == 1;
                if facts.no_stay {
                    (facts.admitted, facts.discharged, facts.days) = (None, None, None);
                    facts.hospital.clear();
                }
            }
            Circumstance::HasUnit => facts.no_unit = at == 1,
            Circumstance::OutOfTown => facts.out_of_town = at == 1,
            Circumstance::Insured => facts.insurance = INSURANCES.get(at).copied().unwrap_or_default(),
        }
        details.answers(what);
    };
    told(turn, own, edit, after)
}

/// To the question before this one; before the first there is the claim as a whole.
fn back(turn: &mut Turn, id: ClaimId, fact: Fact) -> Stepped {
    with(turn, id, |turn, own| {
        let all = questions(turn, &own.before)?;
        let before = all.iter().position(|known| *known == fact).and_then(|at| at.checked_sub(1));
        match before.and_then(|at| all.get(at)) {
            Some(fact) => ask(turn, own.id, *fact),
            None => review::show(turn, own.id),
        }
    })
}

fn words(turn: &mut Turn, own: &Own, fact: Fact, input: &Input) -> Stepped {
    let typed: String = input.words().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    if !WORDS_CHARS.contains(&typed.chars().count()) || !input.is_own_words() {
        let wrong = turn.say(&texts::WRONG_WORDS, &[("max", (*WORDS_CHARS.end()).into())]);
        return Ok(ask(turn, own.id, fact)?.after(&wrong).again());
    }
    if let Some(no) = is_no_name(turn, fact, &typed) {
        return Ok(ask(turn, own.id, fact)?.after(&turn.say(no, &[])).again());
    }
    let edit = |details: &mut Details| match fact {
        Fact::Hospital => details.facts.hospital.clone_from(&typed),
        _ => {
            if details.diagnosis != typed {
                details.facts.disease = None;
                details.answered.retain(|what| *what != Circumstance::Disease);
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

/// A day, a number or a 谢谢 where a name is asked for: what is expected instead.
fn is_no_name(turn: &Turn, fact: Fact, typed: &str) -> Option<&'static TextSpec> {
    // 301 is what people call a hospital, and 八一.
    let digits = narrowed(typed).chars().filter(char::is_ascii_digit).count();
    let is_number = days::is_number(typed) && (fact == Fact::Diagnosis || !matches!(digits, 0 | 3));
    let is_none =
        is_number || days::is_day(typed, turn.now.date()) || turn.content.keywords.courtesy(typed).is_some();
    is_none.then_some(match fact {
        Fact::Hospital => &texts::NO_HOSPITAL,
        _ => &texts::NO_DIAGNOSIS,
    })
}

/// A disease that the words alone name is that one; what they leave open is asked.
fn diagnosed(turn: &mut Turn, own: Own) -> Stepped {
    let Some(programme) = judge::ruled_by(turn.tx, &own.before)? else { return after(turn, own) };
    let hinted = hints(&programme, &own.before.details.reveal().diagnosis);
    match hinted.as_slice() {
        [only] if own.before.kind == EventKind::Disease => {
            let code = only.code.clone();
            told(turn, &own, |details| details.facts.disease = Some(code.clone()), after)
        }
        _ => after(turn, own),
    }
}

fn disease(turn: &mut Turn, own: &Own, input: &Input) -> Stepped {
    let all = diseases(turn, own)?;
    let mut words: Vec<&str> = all.iter().map(|disease| disease.name.as_str()).collect();
    words.push(NOT_SURE);
    let Some(at) = chosen(input, &words) else { return Ok(ask(turn, own.id, Fact::Disease)?.again()) };
    let code = all.get(at).map(|disease| disease.code.clone());
    let edit = |details: &mut Details| {
        details.facts.disease.clone_from(&code);
        details.answers(Circumstance::Disease);
    };
    told(turn, own, edit, after)
}

fn grade(turn: &mut Turn, own: &Own, input: &Input) -> Stepped {
    let (known, words) = grades(turn, own)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // One that the table doesn't have is one all the same: what it comes to is said.
    let typed = || spoken::grade_said(input.words()?).filter(|grade| GRADES.contains(grade));
    let grade = match chosen(input, &words) {
        Some(at) => known.get(at).copied(),
        None => match typed() {
            Some(grade) => Some(grade),
            None => return Ok(ask(turn, own.id, Fact::Grade)?.again()),
        },
    };
    let edit = |details: &mut Details| {
        details.facts.grade = grade;
        details.answers(Circumstance::Grade);
    };
    told(turn, own, edit, after)
}

fn day(turn: &mut Turn, own: &Own, fact: Fact, input: &Input) -> Stepped {
    if chosen(input, DAY_IS_RIGHT).is_some() && outside_cover(turn, own, fact)?.is_some() {
        return with(turn, own.id, after);
    }
    let typed = input.words().unwrap_or_default();
    let admitted = own.before.details.reveal().facts.admitted.filter(|_| fact == Fact::Discharged);
    if fact == Fact::Discharged && claim_words::still_in(input) {
        return done(turn.say(&texts::NOT_OUT_YET, &[]));
    }
    let is_of_stay = matches!(fact, Fact::Admitted | Fact::Discharged);
    if let Some(stay) = days::stay(typed, turn.now.date()).filter(|_| is_of_stay) {
        return stayed(turn, own, stay);
    }
    let same = admitted.filter(|_| claim_words::same_day(input));
    let Some(day) = same.or_else(|| days::day(typed, turn.now.date())) else {
        let wrong = turn.say(&texts::WRONG_DAY, &[("paper", dated_by(turn, own, fact).into())]);
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
    told(turn, own, edit, |turn, own| {
        let is_plain = days::is_plain(typed, day, turn.now.date());
        let taken = (!is_plain).then(|| turn.say(&texts::DAY_TAKEN, &[("day", days::written(day).into())]));
        dated(turn, own, fact, day, taken)
    })
}

/// Both days of a stay in one answer.
fn stayed(turn: &mut Turn, own: &Own, (admitted, discharged): (Date, Date)) -> Stepped {
    let edit = |details: &mut Details| {
        (details.facts.admitted, details.facts.discharged) = (Some(admitted), Some(discharged));
    };
    told(turn, own, edit, |turn, own| {
        let values =
            [("admitted", days::written(admitted).into()), ("discharged", days::written(discharged).into())];
        let taken = turn.say(&texts::STAY_TAKEN, &values);
        dated(turn, own, Fact::Discharged, discharged, Some(taken))
    })
}

/// Goes on after a day was noted, if the person is covered then.
fn dated(turn: &mut Turn, own: Own, fact: Fact, day: Date, taken: Option<String>) -> Stepped {
    let Some(refusal) = outside_cover(turn, &own, fact)? else {
        let step = after(turn, own)?;
        return Ok(match taken {
            Some(taken) => step.after(&taken),
            None => step,
        });
    };
    // A slip in the date is the likeliest reason, so it is asked again.
    let no = turn.explain(&refusal);
    let values = [("day", days::written(day).into()), ("choices", Value::raw(choices(DAY_IS_RIGHT)))];
    let again = turn.say(&texts::DAY_AGAIN, &values);
    Ok(next(State::Fact(own.id, fact), format!("{no}\n{again}"))?.again())
}

/// The paper that the day stands in.
fn dated_by(turn: &Turn, own: &Own, fact: Fact) -> String {
    let spec = match fact {
        Fact::Diagnosed => &said_words::DATED_BY_DIAGNOSIS,
        Fact::Happened if own.before.kind == EventKind::Death => &said_words::DATED_BY_DEATH,
        Fact::Happened => &said_words::DATED_BY_RECORD,
        _ => &said_words::DATED_BY_DISCHARGE,
    };
    turn.say(spec, &[])
}

/// The person is covered, but on other days than the one that was asked, if that is the one that counts.
fn outside_cover(turn: &Turn, own: &Own, asked: Fact) -> Result<Option<Refusal>, Fault> {
    if asked != of_day(own.before.kind) {
        return Ok(None);
    }
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
    Some(turn.say(&texts::DAYS_OUT_OF_ORDER, &[("other", days::written(other).into())]))
}

/// Notes it with the claim, and goes on with the claim as it then is. Of one that was handed in it is said if that now wants
/// more, or if it can't be so.
pub fn told(
    turn: &mut Turn,
    own: &Own,
    edit: impl Fn(&mut Details),
    go: impl FnOnce(&mut Turn, Own) -> Stepped,
) -> Stepped {
    let was = own.before.status;
    match draft::tell(turn.tx, own, edit)? {
        Ok(claim) if was == Status::Submitted && claim.status == Status::NeedsMore => {
            let noted = turn.say(&texts::CORRECTED_WANTS_MORE, &[]);
            Ok(with(turn, own.id, go)?.after(&noted))
        }
        Ok(_) => with(turn, own.id, go),
        Err(refusal @ Refusal::NotCovered(_)) => {
            let no = turn.explain(&refusal);
            let no = turn.say(&texts::NOT_CORRECTED, &[("no", no.into())]);
            Ok(super::detail(turn, own.id)?.after(&no))
        }
        Err(refusal) => done(turn.explain(&refusal)),
    }
}
