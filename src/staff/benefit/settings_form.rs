//! How a benefit goes about its coupons, as staff write it; what is left out is as the federation's rules say.

use serde::{Deserialize, Serialize};

use crate::moment::{Time, rfc3339};

/// `null` is no limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsForm {
    pub batch: Option<u16>,
    pub day: Option<u16>,
    pub week: Option<u16>,
    pub month: Option<u16>,
    pub in_all: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModeForm {
    #[default]
    FirstCome,
    Lottery,
    Quiz,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewcomersForm {
    pub within_minutes: u32,
    pub percent_max: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidForm {
    pub days: u16,
    #[serde(with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Time>,
    pub reminder_days: u16,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UnusedForm {
    pub expired: u16,
    pub within_days: u16,
    pub pause_days: u16,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayForm {
    pub fen: u32,
    #[serde(default = "hold")]
    pub hold_minutes: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayForm {
    Imported,
    Own,
    Link,
    Grant,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackForm {
    pub returns: bool,
    pub returned_to_stock: bool,
    pub expired_to_stock: bool,
    pub same_code: bool,
}

fn hold() -> u16 {
    30
}

impl Default for LimitsForm {
    fn default() -> Self {
        LimitsForm { batch: Some(1), day: None, week: None, month: Some(2), in_all: None }
    }
}

impl Default for ValidForm {
    fn default() -> Self {
        ValidForm { days: 30, not_before: None, reminder_days: 3 }
    }
}

impl Default for UnusedForm {
    fn default() -> Self {
        UnusedForm { expired: 2, within_days: 365, pause_days: 30 }
    }
}

impl Default for BackForm {
    fn default() -> Self {
        BackForm { returns: true, returned_to_stock: true, expired_to_stock: false, same_code: false }
    }
}
