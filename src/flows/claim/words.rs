//! Words for what the rules name.

use crate::domain::scheme::rules::EventKind;

pub use super::said::{day, numbers, written};

pub fn kind_word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Inpatient => "住院",
        EventKind::Disease => "特种重病",
        EventKind::Accident => "意外伤害",
        EventKind::Death => "身故",
        EventKind::Outpatient => "门诊大病",
    }
}

/// As the core names facts that are missing.
pub fn fact_word(fact: &str) -> &'static str {
    match fact {
        "hospital" => "医院",
        "admitted" => "入院日期",
        "discharged" => "出院日期",
        "diagnosed" => "确诊日期",
        "happened" => "发生日期",
        "diagnosis" => "诊断",
        "account" => "收款账号",
        "disease" => "病种",
        "operated" => "有没有做手术",
        "cause" => "身故的原因",
        "stay" => "有没有住院",
        "grade" => "伤残等级",
        "has_unit" => "有没有工作单位",
        "out_of_town" => "在不在本市就医",
        "insured" => "用的哪种医保",
        _ => "资料",
    }
}
