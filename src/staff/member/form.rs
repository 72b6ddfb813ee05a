use serde::{Deserialize, Serialize};

use crate::domain::member::list::{Listed, ListedCard};
use crate::domain::member::record::{CardState, MemberState, Tier};
use crate::moment::Time;

/// A member as the federation's list has them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RowForm {
    pub name: String,
    pub identity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    pub union: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub district: String,
    pub tier: TierName,
    pub state: StateName,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardForm>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardForm {
    pub number: String,
    pub bank: String,
    #[serde(default)]
    pub state: CardStateName,
    /// The last day on which it is good, such as `2027-12-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierName {
    #[default]
    Full,
    Interim,
    Retained,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    #[default]
    Active,
    Left,
    Suspended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardStateName {
    #[default]
    Active,
    Lost,
    Expired,
}

impl From<TierName> for Tier {
    fn from(name: TierName) -> Tier {
        match name {
            TierName::Full => Tier::Full,
            TierName::Interim => Tier::Interim,
            TierName::Retained => Tier::Retained,
        }
    }
}

impl From<StateName> for MemberState {
    fn from(name: StateName) -> MemberState {
        match name {
            StateName::Active => MemberState::Active,
            StateName::Left => MemberState::Left,
            StateName::Suspended => MemberState::Suspended,
        }
    }
}

impl From<CardStateName> for CardState {
    fn from(name: CardStateName) -> CardState {
        match name {
            CardStateName::Active => CardState::Active,
            CardStateName::Lost => CardState::Lost,
            CardStateName::Expired => CardState::Expired,
        }
    }
}

impl From<RowForm> for Listed {
    /// A card's last day that is no day makes its number unfit, so that the row is refused.
    fn from(form: RowForm) -> Listed {
        Listed {
            name: form.name,
            identity: form.identity,
            phone: form.phone,
            district: form.district,
            union: form.union,
            tier: form.tier.into(),
            state: form.state.into(),
            card: form.card.map(|card| {
                let last_day = card.until.as_deref().map(day_after);
                let number = if last_day == Some(None) { String::new() } else { card.number };
                ListedCard { number, bank: card.bank, state: card.state.into(), until: last_day.flatten() }
            }),
        }
    }
}

/// The first moment after that day.
fn day_after(day: &str) -> Option<Time> {
    let day: jiff::civil::Date = day.trim().parse().ok()?;
    Time::at(day.tomorrow().ok()?, 0, 0)
}
