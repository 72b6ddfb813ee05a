//! Words for what the rules name.

use crate::content::TextSpec;
use crate::domain::scheme::rules::EventKind;
use crate::flows::Input;
use crate::flows::texts::words;

/// How people say that they were in hospital, and that they weren't.
const STAYED: &[&str] = &[
    "住院",
    "住院了",
    "住了院",
    "住过院",
    "住院过",
    "我住院了",
    "我住了院",
    "我住过院",
    "住了医院",
    "住过医院",
    "住医院",
    "住进医院",
    "住院治疗",
    "生病住院",
    "因病住院",
    "生病住院了",
    "生病住了院",
];
const NOT_STAYED: &[&str] = &["没有住院", "没住院", "没有住过院", "没住过院", "没住", "没有", "未住院"];

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
