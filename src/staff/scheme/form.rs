use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::scheme::enrol::{ListTerms, Row};
use crate::domain::scheme::record::Fen;
use crate::staff::form;

/// What holds for a whole list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListForm {
    /// Names the list's content and these terms, such as a digest of both.
    pub file: String,
    /// How many rows it has: once they are all done, it begins anew.
    #[serde(default)]
    pub rows: Option<u64>,
    pub programme: String,
    /// The unit's union; empty if rows name it, or if people join singly.
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub district: String,
    /// The day of the entry, such as 2026-04-10; if it isn't given today, or the day on which a list of so many `rows` began
    /// that isn't done.
    #[serde(default)]
    pub entered: Option<Date>,
    #[serde(default = "form::one")]
    pub years: u8,
    #[serde(default = "form::one")]
    pub shares: u8,
    #[serde(default)]
    pub class: Option<String>,
    /// How many people of the unit the programme is for: then the participation floor is told.
    #[serde(default)]
    pub people: Option<u32>,
    /// Who was taken out of the programme is entered again.
    #[serde(default)]
    pub again: bool,
    /// Everybody on it began to work for the unit after its window.
    #[serde(default)]
    pub new_hires: bool,
}

/// A person's place that is to end, and the premium that goes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundForm {
    pub identity: String,
    pub programme: String,
    /// The first day of the cover.
    pub from: Date,
    pub amount: Fen,
    pub reason: String,
}

/// The place that another person asked to end, and what goes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundConfirmForm {
    pub identity: String,
    pub programme: String,
    pub from: Date,
    pub amount: Fen,
}

/// A place that isn't to end any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundDismissForm {
    pub identity: String,
    pub programme: String,
    pub from: Date,
}

/// One person of a list; what is absent is as for the whole list.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RowForm {
    pub name: String,
    pub identity: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub district: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shares: Option<u8>,
}

impl ListForm {
    pub(super) fn terms(&self, scheme: &str, today: Date) -> ListTerms {
        ListTerms {
            scheme: scheme.to_owned(),
            programme: self.programme.clone(),
            unit: self.unit.trim().to_owned(),
            district: self.district.trim().to_owned(),
            entered: self.entered.unwrap_or(today),
            years: self.years,
            shares: self.shares,
            class: self.class.clone(),
            people: self.people,
            again: self.again,
            new_hires: self.new_hires,
        }
    }
}

impl From<RowForm> for Row {
    fn from(form: RowForm) -> Row {
        Row {
            name: form.name,
            identity: form.identity,
            unit: form.unit,
            district: form.district,
            shares: form.shares,
        }
    }
}
