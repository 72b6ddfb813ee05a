use super::{Explained, Facts};
use crate::domain::eligibility::Ineligible;
use crate::domain::member::record::{Sex, Tier};
use crate::flows::texts::{self, RefusalTexts};

impl Explained for Ineligible {
    fn texts(&self) -> RefusalTexts {
        texts::refusal(texts::INELIGIBLE, self.code())
    }

    fn facts(&self) -> Facts<'_> {
        match self {
            Ineligible::MembersOnly | Ineligible::CardHoldersOnly => Vec::new(),
            Ineligible::WrongTier { tiers } => {
                let names: Vec<&str> = tiers.iter().map(tier).collect();
                vec![("tiers", names.join("、").into())]
            }
            Ineligible::WrongDistrict { districts } => vec![("districts", districts.join("、").into())],
            Ineligible::WrongUnion { unions } => vec![("unions", unions.join("、").into())],
            Ineligible::WrongAge { min, max } => vec![("min", (*min).into()), ("max", (*max).into())],
            Ineligible::WrongSex { sex: Sex::Female } => vec![("sex", "女".into())],
            Ineligible::WrongSex { sex: Sex::Male } => vec![("sex", "男".into())],
            Ineligible::BoundTooLately { days, from } => {
                vec![("days", (*days).into()), ("from", (*from).into())]
            }
        }
    }
}

fn tier(tier: &Tier) -> &'static str {
    match tier {
        Tier::Full => "正式会员",
        Tier::Interim => "周转库会员",
        Tier::Retained => "保留会籍的退休会员",
    }
}
