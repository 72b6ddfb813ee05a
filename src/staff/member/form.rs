use serde::{Deserialize, Serialize};

use crate::domain::member::list::{BadRow, Listed, ListedCard};
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
    /// `full`, `interim` or `retained`; if empty, as it was, and `full` for who is new.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tier: String,
    /// `active`, `left` or `suspended`; if empty, `active`, but who is suspended stays so.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardForm>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardForm {
    pub number: String,
    pub bank: String,
    /// `active` (also if empty), `lost` or `expired`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// The last day on which it is good, such as `2027-12-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
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

impl TryFrom<RowForm> for Listed {
    type Error = BadRow;

    fn try_from(form: RowForm) -> Result<Listed, BadRow> {
        let tier = match form.tier.as_str() {
            "" => None,
            "full" => Some(Tier::Full),
            "interim" => Some(Tier::Interim),
            "retained" => Some(Tier::Retained),
            _ => return Err(BadRow::Tier),
        };
        let state = match form.state.as_str() {
            "" => None,
            "active" => Some(MemberState::Active),
            "left" => Some(MemberState::Left),
            "suspended" => Some(MemberState::Suspended),
            _ => return Err(BadRow::State),
        };
        Ok(Listed {
            name: form.name,
            identity: form.identity,
            phone: form.phone,
            district: form.district,
            union: form.union,
            tier,
            state,
            card: form.card.map(card).transpose()?,
        })
    }
}

fn card(form: CardForm) -> Result<ListedCard, BadRow> {
    let state = match form.state.as_str() {
        "" => None,
        "active" => Some(CardState::Active),
        "lost" => Some(CardState::Lost),
        "expired" => Some(CardState::Expired),
        _ => return Err(BadRow::CardState),
    };
    let until = form.until.map(|day| day_after(&day).ok_or(BadRow::CardUntil)).transpose()?;
    Ok(ListedCard { number: form.number, bank: form.bank, state, until })
}

/// The first moment after that day.
fn day_after(day: &str) -> Option<Time> {
    let day: jiff::civil::Date = day.trim().parse().ok()?;
    Time::at(day.tomorrow().ok()?, 0, 0)
}
