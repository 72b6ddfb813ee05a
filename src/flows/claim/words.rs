//! Words for what the rules name.

use super::spoken::{
    ACCOUNT, CALLED, FOR, GO_ON, KINDS_SAID, MY, NOT, NOT_STAYED, ONESELF, SAME_DAY, STAYED, STILL_IN,
    TO_CLAIM,
};
use crate::content::{TextSpec, normalise};
use crate::domain::scheme::rules::EventKind;
use crate::flows::Input;
use crate::flows::texts::words;

/// The follower themselves, in a claim of their own.
pub fn oneself(input: &Input) -> bool {
    input.is_written() && input.is(ONESELF)
}

/// Which relative, as it is spoken: 我妈, 给我妈妈申请.
pub fn relation(input: &Input) -> Option<&'static str> {
    let words = normalise(input.words()?);
    let words = FOR.iter().find_map(|to| words.strip_prefix(to)).unwrap_or(&words);
    let words = MY.iter().find_map(|my| words.strip_prefix(my)).unwrap_or(words);
    let words = words.strip_suffix(TO_CLAIM).unwrap_or(words);
    CALLED.iter().find(|(_, called)| called.contains(&words)).map(|(relation, _)| *relation)
}

/// The bank account, of what may be corrected.
pub fn account(input: &Input) -> bool {
    input.is(ACCOUNT)
}

/// Goes on with what was begun.
pub fn goes_on(input: &Input) -> bool {
    input.is(GO_ON)
}

/// They aren't out of hospital yet.
pub fn still_in(input: &Input) -> bool {
    input.is(STILL_IN)
}

/// The same day as the one told before.
pub fn same_day(input: &Input) -> bool {
    input.is(SAME_DAY)
}

/// Were they in hospital? `None`: that isn't said. A link tapped twice, above what is asked, doesn't say it.
pub fn stayed(input: &Input) -> Option<bool> {
    if !input.is_written() {
        return None;
    }
    if input.is(STAYED) || input.is_yes() {
        return Some(true);
    }
    (input.is(NOT_STAYED) || input.is_no()).then_some(false)
}

/// What happened, in other words than its name: the only one that is named, and not as what didn't happen.
pub fn kind_said(input: &Input) -> Option<EventKind> {
    let Input::Said { folded, tap: None, .. } = input else { return None };
    let is_named = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    let mut named = KINDS_SAID.iter().filter(|(_, words)| is_named(words));
    let (kind, _) = named.next().filter(|_| !folded.contains(NOT))?;
    named.next().is_none().then_some(*kind)
}

pub fn kind(kind: EventKind) -> &'static TextSpec {
    match kind {
        EventKind::Inpatient => &words::KIND_INPATIENT,
        EventKind::Disease => &words::KIND_DISEASE,
        EventKind::Accident => &words::KIND_ACCIDENT,
        EventKind::Death => &words::KIND_DEATH,
        EventKind::Outpatient => &words::KIND_OUTPATIENT,
    }
}

/// What isn't told yet, as the core names it.
pub fn not_told(fact: &str) -> &'static TextSpec {
    match fact {
        "hospital" => &words::FACT_HOSPITAL,
        "admitted" => &words::FACT_ADMITTED,
        "discharged" => &words::FACT_DISCHARGED,
        "diagnosed" => &words::FACT_DIAGNOSED,
        "happened" => &words::FACT_HAPPENED,
        "diagnosis" => &words::FACT_DIAGNOSIS,
        "account" => &words::FACT_ACCOUNT,
        "disease" => &words::FACT_DISEASE,
        "operated" => &words::NOT_TOLD_OPERATED,
        "cause" => &words::NOT_TOLD_CAUSE,
        "stay" => &words::NOT_TOLD_STAY,
        "grade" => &words::FACT_GRADE,
        "has_unit" => &words::NOT_TOLD_UNIT,
        "out_of_town" => &words::NOT_TOLD_OUT_OF_TOWN,
        "insured" => &words::NOT_TOLD_INSURED,
        _ => &words::NOT_TOLD_OTHER,
    }
}
