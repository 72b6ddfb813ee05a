use super::{Explained, Facts};
use crate::content::{Content, TextSpec};
use crate::domain::eligibility::{Eligibility, Ineligible};
use crate::domain::member::record::{MemberState, Sex, Tier};
use crate::flows::texts::{self, RefusalTexts, words};

impl Explained for Ineligible {
    fn texts(&self) -> RefusalTexts {
        texts::refusal(texts::INELIGIBLE, self.code())
    }

    fn facts(&self, content: &Content) -> Facts<'_> {
        match self {
            Ineligible::NotInUnion { state } => vec![("state", out(content, *state).into())],
            Ineligible::MembersOnly
            | Ineligible::ChangesUnion
            | Ineligible::CardHoldersOnly
            | Ineligible::CardExpired
            | Ineligible::CardLost => Vec::new(),
            Ineligible::WrongTier { tiers } => vec![("tiers", names(content, tiers).into())],
            Ineligible::WrongDistrict { districts } => vec![("districts", districts.join("、").into())],
            Ineligible::WrongUnion { unions } => vec![("unions", unions.join("、").into())],
            Ineligible::WrongAge { min, max } => vec![("min", (*min).into()), ("max", (*max).into())],
            Ineligible::WrongSex { sex } => vec![("sex", sex_of(content, *sex).into())],
            Ineligible::BoundTooLately { days, from } => {
                vec![("days", (*days).into()), ("from", (*from).into())]
            }
        }
    }
}

/// Each condition beside that of being a member or holding a card, as it is read before anything is asked for.
pub fn conditions(content: &Content, asked: &Eligibility) -> Vec<String> {
    let say = |spec, values: &[_]| content.texts.render(spec, values);
    let mut all = Vec::new();
    if !asked.tiers.is_empty() {
        all.push(names(content, &asked.tiers));
    }
    for places in [&asked.districts, &asked.unions].into_iter().filter(|places| !places.is_empty()) {
        all.push(places.join("、"));
    }
    let ages = |(min, max): (u8, u8)| say(&words::AGES, &[("min", min.into()), ("max", max.into())]);
    all.extend(asked.age.map(ages));
    all.extend(asked.sex.map(|sex| say(&words::OF_SEX, &[("sex", sex_of(content, sex).into())])));
    if asked.bound_days > 0 {
        all.push(say(&words::BOUND_FOR, &[("days", asked.bound_days.into())]));
    }
    all
}

/// What somebody is who is a member no more.
pub(super) fn out(content: &Content, state: MemberState) -> String {
    let said = if state == MemberState::Left { &words::OUT_LEFT } else { &words::OUT_SUSPENDED };
    content.texts.render(said, &[])
}

fn names(content: &Content, tiers: &[Tier]) -> String {
    tiers.iter().map(|is| content.texts.render(tier(is), &[])).collect::<Vec<_>>().join("、")
}

fn sex_of(content: &Content, sex: Sex) -> String {
    let said = match sex {
        Sex::Female => &words::FEMALE,
        Sex::Male => &words::MALE,
    };
    content.texts.render(said, &[])
}

fn tier(tier: &Tier) -> &'static TextSpec {
    match tier {
        Tier::Full => &words::TIER_FULL,
        Tier::Interim => &words::TIER_INTERIM,
        Tier::Retained => &words::TIER_RETAINED,
    }
}
