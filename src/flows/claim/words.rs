//! Words for what the rules name.

use super::spoken::{NOT_STAYED, STAYED};
use crate::content::TextSpec;
use crate::domain::scheme::rules::EventKind;
use crate::flows::Input;
use crate::flows::texts::words;

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

/// What happened, in other words than its name.
pub fn kind_said(input: &Input) -> Option<EventKind> {
    (input.is_written() && input.is(STAYED)).then_some(EventKind::Inpatient)
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
