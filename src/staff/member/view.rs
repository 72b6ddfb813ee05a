use serde::{Deserialize, Serialize};

use super::field;
use crate::domain::member::list::BadRow;
use crate::domain::member::record::*;
use crate::moment::{Time, rfc3339};
use crate::privacy::{Short, mask_card, mask_identity, mask_name, mask_phone};

/// A member, masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberView {
    pub id: String,
    /// `active`, `left`, `suspended` or `erased`.
    pub state: String,
    pub name: String,
    pub identity: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    pub union: String,
    pub district: String,
    /// `full`, `interim` or `retained`.
    pub tier: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardView>,
    /// The account, shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub bound: Option<Time>,
    #[serde(with = "rfc3339")]
    pub changed: Time,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardView {
    pub number: String,
    pub bank: String,
    /// `active`, `lost` or `expired`.
    pub state: String,
    /// It is good before this time.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

/// What names a member or an applicant, in full.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct FullView {
    pub id: String,
    pub name: String,
    pub identity: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// Photos that came with it, by their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<u64>,
    /// Of an applicant: the member that the list has with this identity number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApplicationView {
    pub id: u64,
    /// `join`, `transfer` or `leave`.
    pub wish: String,
    /// `open`, `approved` or `refused`.
    pub state: String,
    pub union: String,
    /// Who wishes to change unions or to leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    pub pictures: usize,
    #[serde(with = "rfc3339")]
    pub created: Time,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApplicationList {
    pub applications: Vec<ApplicationView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// How far an import is, and which of the rows just given were bad.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ImportView {
    pub done: u64,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Left out since they had asked to be erased.
    pub erased: u64,
    pub bad: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bad_rows: Vec<BadRowView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BadRowView {
    /// Rows before it in the file.
    pub row: u64,
    pub field: String,
    pub message: String,
}

pub fn member(id: MemberId, member: &Member, named: Option<&Named>, now: Time) -> MemberView {
    let text = |of: fn(&Named) -> String| named.map(of).unwrap_or_default();
    MemberView {
        id: id.to_string(),
        state: member.state.name().to_owned(),
        name: text(|named| mask_name(&named.name)),
        identity: text(|named| mask_identity(&named.identity)),
        phone: text(|named| named.phone.as_deref().map(mask_phone).unwrap_or_default()),
        union: member.union.clone(),
        district: member.district.clone(),
        tier: tier(member.tier).to_owned(),
        card: member.card.as_ref().map(|card| CardView {
            number: text(|named| named.card.as_deref().map(mask_card).unwrap_or_default()),
            bank: card.bank.clone(),
            state: card_state(card.state_at(now)).to_owned(),
            until: card.until,
        }),
        account: member.account.as_ref().map(|account| Short(account.follower.as_str()).to_string()),
        bound: member.account.as_ref().map(|account| account.since),
        changed: member.changed,
    }
}

pub fn full(id: String, named: Named, pictures: Vec<u64>) -> FullView {
    let Named { name, identity, phone, card } = named;
    FullView { id, name, identity, phone, card, pictures, listed: None }
}

pub fn application(id: u64, application: &Application) -> ApplicationView {
    let (union, member, pictures) = match &application.wish {
        Wish::Join { union, pictures, .. } => (union.as_str(), None, pictures.len()),
        Wish::Transfer { member, union, .. } => (union.as_str(), Some(member.to_string()), 0),
        Wish::Leave { member } => ("", Some(member.to_string()), 0),
    };
    ApplicationView {
        id,
        wish: application.wish.name().to_owned(),
        state: application.state.name().to_owned(),
        union: union.to_owned(),
        member,
        pictures,
        created: application.created,
    }
}

pub fn import(import: &Import, bad: &[(u64, BadRow)]) -> ImportView {
    let bad_row = |(row, why): &(u64, BadRow)| {
        let wrong = field(why);
        BadRowView { row: *row, field: wrong.field, message: wrong.message }
    };
    ImportView {
        done: import.done,
        added: import.added,
        changed: import.changed,
        unchanged: import.unchanged,
        erased: import.erased,
        bad: import.bad,
        bad_rows: bad.iter().map(bad_row).collect(),
    }
}

fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Full => "full",
        Tier::Interim => "interim",
        Tier::Retained => "retained",
    }
}

fn card_state(state: CardState) -> &'static str {
    match state {
        CardState::Active => "active",
        CardState::Lost => "lost",
        CardState::Expired => "expired",
    }
}
