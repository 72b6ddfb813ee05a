//! Words for what the rules name.

use crate::content::{TextSpec, normalise};
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

const ONESELF: &[&str] = &[
    "本人",
    "我",
    "我自己",
    "自己",
    "我本人",
    "给我",
    "给自己",
    "给我自己",
    "打给我",
    "打给我自己",
    "打给自己",
];
/// What people call a relative, with its name in the list that is offered.
const CALLED: &[(&str, &[&str])] = &[
    ("父亲", &["父亲", "爸爸", "爸", "老爸"]),
    ("母亲", &["母亲", "妈妈", "妈", "老妈"]),
    ("儿子", &["儿子"]),
    ("女儿", &["女儿"]),
    ("配偶", &["配偶", "老公", "老婆", "丈夫", "妻子", "爱人"]),
];
const STILL_IN: &[&str] =
    &["还没出院", "没出院", "没有出院", "还没有出院", "未出院", "还在住院", "还在住", "还在医院", "住着院"];
const SAME_DAY: &[&str] = &["当天", "当日", "同一天", "同日", "当天出院", "同一天出院", "当天就出院了"];

/// The follower themselves, in a claim of their own.
pub fn oneself(input: &Input) -> bool {
    input.is_written() && input.is(ONESELF)
}

/// Which relative, as it is spoken: 我妈, 给我妈妈申请.
pub fn relation(input: &Input) -> Option<&'static str> {
    let words = normalise(input.words()?);
    let words = ["给", "帮", "替", "为"].iter().find_map(|to| words.strip_prefix(to)).unwrap_or(&words);
    let words = ["我的", "我"].iter().find_map(|my| words.strip_prefix(my)).unwrap_or(words);
    let words = words.strip_suffix("申请").unwrap_or(words);
    CALLED.iter().find(|(_, called)| called.contains(&words)).map(|(relation, _)| *relation)
}

/// The bank account, of what may be corrected.
pub fn account(input: &Input) -> bool {
    input.is(&["银行卡", "卡号", "账号", "银行卡号", "银行账号", "收款人", "户名"])
}

/// Goes on with what was begun.
pub fn goes_on(input: &Input) -> bool {
    input.is(&["继续", "继续填", "接着填", "接着办", "接着来"])
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
