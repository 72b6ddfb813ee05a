//! What exists as a story begins, as its `story.toml` says it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::staff::member::RowForm;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenActivity {
    /// An activity as staff write it, beside or above the story's folder.
    pub file: Option<PathBuf>,
    /// Fields that take the place of the file's; without a file, the whole activity.
    #[serde(default)]
    pub with: toml::Table,
    #[serde(default = "yes")]
    pub published: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenMember {
    /// As staff enter one.
    pub row: RowForm,
    /// Whose account is recognised as theirs already.
    pub follower: Option<String>,
}

/// A member's place in a programme.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenCover {
    /// Which of the members, from 1.
    pub member: usize,
    #[serde(default = "ningbo")]
    pub scheme: String,
    pub programme: String,
    pub from: jiff::civil::Date,
    pub until: jiff::civil::Date,
    #[serde(default = "one_share")]
    pub shares: u8,
    #[serde(default)]
    pub first_or_broken: bool,
    #[serde(default)]
    pub waiting_until: Option<jiff::civil::Date>,
}

/// Cases of a service that are of a district go to that desk.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenDistrictDesk {
    pub service: String,
    pub district: String,
    pub desk: String,
}

fn ningbo() -> String {
    "ningbo".to_owned()
}

fn one_share() -> u8 {
    1
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenBenefit {
    /// A benefit as staff write it, beside or above the story's folder.
    pub file: Option<PathBuf>,
    /// Fields that take the place of the file's; without a file, the whole benefit.
    #[serde(default)]
    pub with: toml::Table,
    /// Loaded before it is published.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Followers and members on its list.
    #[serde(default)]
    pub list: Vec<String>,
    #[serde(default = "yes")]
    pub published: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenSignUp {
    pub follower: String,
    #[serde(default = "one")]
    pub activity: u32,
    #[serde(default = "first")]
    pub session: u16,
    #[serde(default)]
    pub companions: u8,
    /// Their ages.
    #[serde(default)]
    pub children: Vec<u8>,
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

fn first() -> u16 {
    1
}
