//! Who may have what is offered, as staff write it: the same for activities and benefits.

use serde::{Deserialize, Serialize};

use super::form::Problems;
use crate::domain::eligibility::{Eligibility, Who};
use crate::domain::member::record::{Sex, Tier};

const NAMES_MAX: usize = 30;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EligibilityForm {
    /// If it isn't written, what is offered has a default of its own, whatever else is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<WhoForm>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierForm>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub districts: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unions: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<AgeForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<SexForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_days: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeForm {
    pub min: u8,
    pub max: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Who")]
enum WhoNames {
    #[serde(alias = "follower")]
    Anyone,
    #[serde(alias = "verified_member")]
    Member,
    CardHolder,
}

/// `anyone`, `member` or `card_holder`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhoForm(#[serde(with = "WhoNames")] pub Who);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Tier")]
enum TierNames {
    Full,
    Interim,
    Retained,
}

/// `full`, `interim` or `retained`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierForm(#[serde(with = "TierNames")] pub Tier);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Sex")]
enum SexNames {
    Female,
    Male,
}

/// `female` or `male`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SexForm(#[serde(with = "SexNames")] pub Sex);

impl EligibilityForm {
    pub fn check(&self, problems: &mut Problems) {
        problems.unless(self.districts.len() <= NAMES_MAX, "eligibility.districts", "at most 30");
        problems.unless(self.unions.len() <= NAMES_MAX, "eligibility.unions", "at most 30");
        let rising = self.age.is_none_or(|age| age.min <= age.max);
        problems.unless(rising, "eligibility.age", "`min` must not be more than `max`");
    }

    /// What is asked; where no `who` is written, `or`.
    pub fn asks(self, or: Who) -> Eligibility {
        Eligibility {
            who: self.who.map_or(or, |WhoForm(who)| who),
            tiers: self.tiers.into_iter().map(|TierForm(tier)| tier).collect(),
            districts: self.districts,
            unions: self.unions,
            age: self.age.map(|age| (age.min, age.max)),
            sex: self.sex.map(|SexForm(sex)| sex),
            bound_days: self.bound_days.unwrap_or(0),
        }
    }
}

impl From<&Eligibility> for EligibilityForm {
    fn from(asked: &Eligibility) -> EligibilityForm {
        EligibilityForm {
            who: Some(WhoForm(asked.who)),
            tiers: asked.tiers.iter().copied().map(TierForm).collect(),
            districts: asked.districts.clone(),
            unions: asked.unions.clone(),
            age: asked.age.map(|(min, max)| AgeForm { min, max }),
            sex: asked.sex.map(SexForm),
            bound_days: Some(asked.bound_days).filter(|days| *days > 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::form;

    #[test]
    fn what_staff_wrote_is_what_is_asked_and_reads_back() {
        let written = r#"{"who":"card_holder","tiers":["full"],"districts":["鄞州"],"unions":["某厂工会"],
            "age":{"min":18,"max":60},"sex":"female","bound_days":7}"#;
        let read: EligibilityForm = form::read(written).unwrap();
        let asked = read.clone().asks(Who::Anyone);
        assert_eq!(
            (asked.who, &asked.tiers[..], asked.sex),
            (Who::CardHolder, &[Tier::Full][..], Some(Sex::Female))
        );
        assert_eq!(EligibilityForm::from(&asked), read);
        let back = serde_json::to_value(&read).unwrap();
        assert_eq!(back, serde_json::from_str::<serde_json::Value>(written).unwrap());
    }

    #[test]
    fn other_conditions_leave_the_default_of_who_as_it_is() {
        let read: EligibilityForm = form::read(r#"{"districts":["鄞州"]}"#).unwrap();
        assert_eq!(read.clone().asks(Who::CardHolder).who, Who::CardHolder);
        let read = EligibilityForm { who: Some(WhoForm(Who::Anyone)), ..read };
        assert_eq!(read.asks(Who::CardHolder).who, Who::Anyone);
    }

    #[test]
    fn an_unknown_word_is_named() {
        let wrong = form::read::<EligibilityForm>(r#"{"who":"vip"}"#).unwrap_err();
        assert!(wrong[0].message.contains("card_holder"), "{wrong:?}");
    }
}
