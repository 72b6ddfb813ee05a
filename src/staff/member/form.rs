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

/// The first moment after that day, as 2029-12-31 or as a spreadsheet writes it, 2029/12/31.
fn day_after(day: &str) -> Option<Time> {
    let mut parts = day.trim().split(['-', '/']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let day = jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    let is_day = year.len() == 4 && parts.next().is_none();
    Time::at(day.tomorrow().ok().filter(|_| is_day)?, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cards_last_day_is_read_as_people_and_spreadsheets_write_it() {
        let ends = day_after("2029-12-31");
        assert_eq!(ends.unwrap().date(), jiff::civil::date(2030, 1, 1));
        assert_eq!((day_after("2029/12/31"), day_after(" 2029-12-31 ")), (ends, ends));
        assert!(day_after("2029/1/5").is_some());
        for none in ["29-12-31", "2029-12", "2029-13-01", "2029/12/31 18:00", "2029-1-5-1", "长期"] {
            assert_eq!(day_after(none), None, "{none}");
        }
    }
}
