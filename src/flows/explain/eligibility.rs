use super::{Explained, Facts};
use crate::domain::eligibility::{Eligibility, Ineligible};
use crate::domain::member::record::{MemberState, Sex, Tier};
use crate::flows::texts::{self, RefusalTexts};

impl Explained for Ineligible {
    fn texts(&self) -> RefusalTexts {
        texts::refusal(texts::INELIGIBLE, self.code())
    }

    fn facts(&self) -> Facts<'_> {
        match self {
            Ineligible::NotInUnion { state } => vec![("state", out(*state).into())],
            Ineligible::MembersOnly
            | Ineligible::ChangesUnion
            | Ineligible::CardHoldersOnly
            | Ineligible::CardExpired
            | Ineligible::CardLost => Vec::new(),
            Ineligible::WrongTier { tiers } => vec![("tiers", names(tiers).into())],
            Ineligible::WrongDistrict { districts } => vec![("districts", districts.join("、").into())],
            Ineligible::WrongUnion { unions } => vec![("unions", unions.join("、").into())],
            Ineligible::WrongAge { min, max } => vec![("min", (*min).into()), ("max", (*max).into())],
            Ineligible::WrongSex { sex } => vec![("sex", sex_of(*sex).into())],
            Ineligible::BoundTooLately { days, from } => {
                vec![("days", (*days).into()), ("from", (*from).into())]
            }
        }
    }
}

/// Each condition beside that of being a member or holding a card, as it is read before anything is asked for.
pub fn conditions(asked: &Eligibility) -> Vec<String> {
    let mut all = Vec::new();
    if !asked.tiers.is_empty() {
        all.push(names(&asked.tiers));
    }
    for places in [&asked.districts, &asked.unions].into_iter().filter(|places| !places.is_empty()) {
        all.push(places.join("、"));
    }
    all.extend(asked.age.map(|(min, max)| format!("{min}到{max}周岁")));
    all.extend(asked.sex.map(|sex| format!("{}性", sex_of(sex))));
    if asked.bound_days > 0 {
        all.push(format!("认证满{}天", asked.bound_days));
    }
    all
}

/// What somebody is who is a member no more.
pub(super) fn out(state: MemberState) -> &'static str {
    if state == MemberState::Left { "已转出" } else { "已停用" }
}

fn names(tiers: &[Tier]) -> String {
    tiers.iter().map(tier).collect::<Vec<_>>().join("、")
}

fn sex_of(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "女",
        Sex::Male => "男",
    }
}

fn tier(tier: &Tier) -> &'static str {
    match tier {
        Tier::Full => "正式会员",
        Tier::Interim => "周转库会员",
        Tier::Retained => "保留会籍的退休会员",
    }
}
