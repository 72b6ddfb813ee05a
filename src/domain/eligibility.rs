//! Who may have what is offered: conditions on a member's standing, for activities and benefits alike.

use serde::{Deserialize, Serialize};

use crate::domain::member::record::{CardState, MemberState, Sex, Tier};
use crate::domain::member::standing::Standing;
use crate::moment::Time;

/// All conditions must hold. An empty list asks for nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Eligibility {
    pub who: Who,
    pub districts: Vec<String>,
    /// In whole years on the day that counts, both ends included.
    pub age: Option<(u8, u8)>,
    #[serde(default)]
    pub tiers: Vec<Tier>,
    #[serde(default)]
    pub unions: Vec<String>,
    #[serde(default)]
    pub sex: Option<Sex>,
    /// Days since this account was recognised as the member's; 0 asks for none.
    #[serde(default)]
    pub bound_days: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Who {
    #[default]
    Anyone,
    Member,
    /// Holds a 5·1服务卡 that is in use.
    CardHolder,
}

/// The condition that does not hold. `code()` is stable: texts, API and metrics use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ineligible {
    MembersOnly,
    /// Recognised, but 已转出 or 停用.
    NotInUnion {
        state: MemberState,
    },
    CardHoldersOnly,
    CardExpired,
    CardLost,
    WrongTier {
        tiers: Vec<Tier>,
    },
    WrongDistrict {
        districts: Vec<String>,
    },
    WrongUnion {
        unions: Vec<String>,
    },
    /// 转会 is under way: the old union vouches no more, the new one not yet.
    ChangesUnion,
    WrongAge {
        min: u8,
        max: u8,
    },
    WrongSex {
        sex: Sex,
    },
    BoundTooLately {
        days: u16,
        from: Time,
    },
}

impl Ineligible {
    /// Every code, for the test that finds a sentence for each.
    pub const CODES: &'static [&'static str] = &[
        "members_only",
        "not_in_union",
        "card_holders_only",
        "card_expired",
        "card_lost",
        "wrong_tier",
        "wrong_district",
        "wrong_union",
        "changes_union",
        "wrong_age",
        "wrong_sex",
        "bound_too_lately",
    ];

    pub fn code(&self) -> &'static str {
        match self {
            Ineligible::MembersOnly => "members_only",
            Ineligible::NotInUnion { .. } => "not_in_union",
            Ineligible::CardHoldersOnly => "card_holders_only",
            Ineligible::CardExpired => "card_expired",
            Ineligible::CardLost => "card_lost",
            Ineligible::WrongTier { .. } => "wrong_tier",
            Ineligible::WrongDistrict { .. } => "wrong_district",
            Ineligible::WrongUnion { .. } => "wrong_union",
            Ineligible::ChangesUnion => "changes_union",
            Ineligible::WrongAge { .. } => "wrong_age",
            Ineligible::WrongSex { .. } => "wrong_sex",
            Ineligible::BoundTooLately { .. } => "bound_too_lately",
        }
    }
}

/// `on` is the day that counts for the age (an activity's, or today), `now` the one that counts for the rest.
pub fn eligible(asked: &Eligibility, standing: &Standing, on: Time, now: Time) -> Result<(), Ineligible> {
    if asked.asks_for_a_member() && standing.member.is_none() {
        return Err(standing.out.map_or(Ineligible::MembersOnly, |state| Ineligible::NotInUnion { state }));
    }
    if asked.who == Who::CardHolder {
        match standing.card {
            Some(CardState::Active) => {}
            Some(CardState::Expired) => return Err(Ineligible::CardExpired),
            Some(CardState::Lost) => return Err(Ineligible::CardLost),
            None => return Err(Ineligible::CardHoldersOnly),
        }
    }
    if !asked.tiers.is_empty() && !standing.tier.is_some_and(|tier| asked.tiers.contains(&tier)) {
        return Err(Ineligible::WrongTier { tiers: asked.tiers.clone() });
    }
    if !allows(&asked.districts, standing.district.as_ref()) {
        return Err(Ineligible::WrongDistrict { districts: asked.districts.clone() });
    }
    if !allows(&asked.unions, standing.union.as_ref()) {
        if standing.changes_union {
            return Err(Ineligible::ChangesUnion);
        }
        return Err(Ineligible::WrongUnion { unions: asked.unions.clone() });
    }
    if let Some((min, max)) = asked.age
        && !standing.age(on).is_some_and(|age| (min..=max).contains(&age))
    {
        return Err(Ineligible::WrongAge { min, max });
    }
    if let Some(sex) = asked.sex
        && standing.sex != Some(sex)
    {
        return Err(Ineligible::WrongSex { sex });
    }
    bound_long_enough(asked.bound_days, standing, now)
}

impl Eligibility {
    /// Is there a condition that nobody but a member meets?
    pub fn asks_for_a_member(&self) -> bool {
        self.who != Who::Anyone
            || !(self.tiers.is_empty() && self.districts.is_empty() && self.unions.is_empty())
            || self.age.is_some()
            || self.sex.is_some()
            || self.bound_days > 0
    }
}

fn allows(asked: &[String], is: Option<&String>) -> bool {
    asked.is_empty() || is.is_some_and(|is| asked.contains(is))
}

fn bound_long_enough(days: u16, standing: &Standing, now: Time) -> Result<(), Ineligible> {
    let Some(bound) = standing.bound.filter(|_| days > 0) else { return Ok(()) };
    let from = bound.plus(std::time::Duration::from_secs(u64::from(days) * 86_400));
    if now < from { Err(Ineligible::BoundTooLately { days, from }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::member::record::MemberId;

    const NOW: Time = Time::from_unix_s(1_795_400_000);

    fn ask(asked: &Eligibility, standing: &Standing) -> Result<(), Ineligible> {
        eligible(asked, standing, NOW, NOW)
    }

    fn member() -> Standing {
        Standing { member: Some(MemberId(1)), bound: Some(NOW), ..Standing::default() }
    }

    #[test]
    fn unverified_followers_are_sent_to_verification_before_districts_are_looked_at() {
        let district = Eligibility { districts: vec!["鄞州".to_owned()], ..Eligibility::default() };
        assert_eq!(ask(&district, &Standing::default()), Err(Ineligible::MembersOnly));
        let elsewhere = Standing { district: Some("海曙".to_owned()), ..member() };
        let wrong = Ineligible::WrongDistrict { districts: vec!["鄞州".to_owned()] };
        assert_eq!(ask(&district, &elsewhere), Err(wrong));
        assert_eq!(ask(&Eligibility::default(), &Standing::default()), Ok(()));
    }

    #[test]
    fn age_is_that_of_the_day_that_counts() {
        let asked = Eligibility { age: Some((18, 60)), ..Eligibility::default() };
        let turns_18 = NOW.plus(std::time::Duration::from_secs(86_400));
        let birthday = turns_18.date().saturating_sub(jiff::Span::new().years(18));
        let standing = Standing { birthday: Some(birthday), ..member() };
        assert_eq!(eligible(&asked, &standing, NOW, NOW), Err(Ineligible::WrongAge { min: 18, max: 60 }));
        assert_eq!(eligible(&asked, &standing, turns_18, NOW), Ok(()));
    }

    #[test]
    fn who_was_recognised_lately_is_told_from_when_it_will_do() {
        let asked = Eligibility { bound_days: 7, ..Eligibility::default() };
        let from = NOW.plus(std::time::Duration::from_secs(7 * 86_400));
        assert_eq!(ask(&asked, &member()), Err(Ineligible::BoundTooLately { days: 7, from }));
        assert_eq!(eligible(&asked, &member(), from, from), Ok(()));
    }

    #[test]
    fn every_condition_is_looked_at() {
        let asked = |change: fn(&mut Eligibility)| {
            let mut asked = Eligibility::default();
            change(&mut asked);
            ask(&asked, &member()).map_err(|no| no.code())
        };
        assert_eq!(asked(|a| a.who = Who::CardHolder), Err("card_holders_only"));
        assert_eq!(asked(|a| a.tiers = vec![Tier::Full]), Err("wrong_tier"));
        assert_eq!(asked(|a| a.unions = vec!["总工会".to_owned()]), Err("wrong_union"));
        assert_eq!(asked(|a| a.sex = Some(Sex::Female)), Err("wrong_sex"));
        assert_eq!(asked(|a| a.who = Who::Member), Ok(()));
        let with = |card| Standing { card: Some(card), ..member() };
        let holders = Eligibility { who: Who::CardHolder, ..Eligibility::default() };
        assert_eq!(ask(&holders, &with(CardState::Active)), Ok(()));
        assert_eq!(ask(&holders, &with(CardState::Expired)), Err(Ineligible::CardExpired));
        assert_eq!(ask(&holders, &with(CardState::Lost)), Err(Ineligible::CardLost));
    }
}
