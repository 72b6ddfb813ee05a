use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::contact::record::FollowerId;
use crate::domain::number::written_number;
use crate::moment::Time;
use crate::store::{Bytes, Sealed};

written_number! {
    /// A member's number here; it stays theirs whatever account they use.
    MemberId(u64), 'M', 6 digits
}

/// What entitles to what: benefits may be for some of them only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Tier {
    /// 正式会员, whose unit pays its dues.
    #[default]
    Full,
    /// 周转库: joined without a unit, such as a gig worker.
    Interim,
    /// 会籍保留: retired.
    Retained,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sex {
    #[serde(alias = "female")]
    Female,
    #[serde(alias = "male")]
    Male,
}

/// One person of the federation's list. What names them is sealed for them alone: see
/// [`KeyBook`](crate::store::KeyBook). There are millions, so names are short where they are stored, and what is as it
/// began is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    #[serde(rename = "s", alias = "state", default, skip_serializing_if = "is_default")]
    pub state: MemberState,
    #[serde(rename = "t", alias = "tier", default, skip_serializing_if = "is_default")]
    pub tier: Tier,
    #[serde(rename = "d", alias = "district", default, skip_serializing_if = "is_default")]
    pub district: String,
    /// The unit's union (单位工会).
    #[serde(rename = "u", alias = "union")]
    pub union: String,
    /// Of the key book; a new one each time the person is entered.
    #[serde(rename = "k", alias = "slot")]
    pub slot: u64,
    /// A [`Named`], sealed for the slot.
    #[serde(rename = "p", alias = "person")]
    pub person: Sealed<Bytes>,
    #[serde(rename = "c", alias = "card", default, skip_serializing_if = "is_default")]
    pub card: Option<Card>,
    #[serde(rename = "a", alias = "account", default, skip_serializing_if = "is_default")]
    pub account: Option<Account>,
    /// By what their latest account is told from another once it is no longer bound.
    #[serde(rename = "l", default, skip_serializing_if = "is_default")]
    pub last_account: Option<[u8; 16]>,
    /// When they last went from one account to another by themselves.
    #[serde(rename = "m", default, skip_serializing_if = "is_default")]
    pub moved: Option<Time>,
    /// By what the account is told that they last went away from: where that wasn't they, it takes itself back.
    #[serde(rename = "f", default, skip_serializing_if = "is_default")]
    pub moved_from: Option<[u8; 16]>,
    /// They asked to change unions (转会), and staff have not decided: no union vouches for them meanwhile.
    #[serde(rename = "x", default, skip_serializing_if = "is_default")]
    pub changes_union: bool,
    /// By which application; an earlier version did not write it down.
    #[serde(rename = "y", default, skip_serializing_if = "is_default")]
    pub transfer: Option<u64>,
    #[serde(rename = "n", alias = "changed")]
    pub changed: Time,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MemberState {
    #[default]
    Active,
    /// 已转出, to a union elsewhere.
    Left,
    /// 停用
    Suspended,
    /// 注销 at their own wish: nothing but the number is left, so that limits still hold.
    Erased { at: Time },
}

impl MemberState {
    pub fn name(self) -> &'static str {
        match self {
            MemberState::Active => "active",
            MemberState::Left => "left",
            MemberState::Suspended => "suspended",
            MemberState::Erased { .. } => "erased",
        }
    }
}

/// What names a person.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Named {
    #[serde(rename = "n", alias = "name")]
    pub name: String,
    /// 18 characters, checked.
    #[serde(rename = "i", alias = "identity")]
    pub identity: String,
    #[serde(rename = "p", alias = "phone", default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Of the 5·1服务卡.
    #[serde(rename = "c", alias = "card", default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Named [hidden]")
    }
}

/// The 5·1服务卡; its number is among what names the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    #[serde(rename = "b", alias = "bank")]
    pub bank: String,
    #[serde(rename = "s", alias = "state", default, skip_serializing_if = "is_default")]
    pub state: CardState,
    /// It is good before this time; `None` is no end.
    #[serde(rename = "u", alias = "until", default, skip_serializing_if = "is_default")]
    pub until: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CardState {
    #[default]
    Active,
    Lost,
    Expired,
}

impl Card {
    /// An end that has come says more than what was entered; a loss says more than an end.
    pub fn state_at(&self, now: Time) -> CardState {
        match self.state {
            CardState::Active if self.until.is_some_and(|until| until <= now) => CardState::Expired,
            state => state,
        }
    }
}

/// The follower's account that was recognised as the member's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub follower: FollowerId,
    pub since: Time,
}

/// Wrong guesses of one follower on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tries {
    /// The day's first moment, in Asia/Shanghai.
    pub day: Time,
    pub count: u8,
    /// The right answer came afterwards.
    #[serde(default)]
    pub matched: bool,
}

/// What a consent is for. Stored, so a variant is never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Purpose {
    #[default]
    Membership,
    /// What a claim for the mutual aid tells of one's health.
    Health,
    /// The account to which a claim is paid.
    Bank,
    /// What a service asks of one's circumstances; the text names the service.
    Service,
}

/// A consent (同意) that was given, and to which text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    #[serde(default)]
    pub purpose: Purpose,
    /// Names the text among those that were ever shown.
    pub text: String,
    pub at: Time,
    #[serde(default)]
    pub withdrawn: Option<Time>,
}

/// Somebody of the staff looked at what names the member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    pub at: Time,
    pub why: String,
    /// The name of the staff's account; empty where it was not kept.
    #[serde(default)]
    pub by: String,
}

/// A follower asks staff for what the list doesn't give: to be entered, to change unions (转会), or to leave (退会).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Application {
    pub follower: FollowerId,
    pub wish: Wish,
    pub state: ApplicationState,
    pub created: Time,
    pub changed: Time,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Wish {
    Join {
        slot: u64,
        /// A [`Named`], sealed for the slot; empty when it is decided and not kept.
        person: Sealed<Bytes>,
        union: String,
        /// Photos of the employer's confirmation, by their numbers.
        pictures: Vec<u64>,
    },
    Transfer {
        member: MemberId,
        union: String,
        /// The union that the list had then; an earlier version did not write it down.
        #[serde(default)]
        from: Option<String>,
    },
    /// 退会
    Leave { member: MemberId },
}

impl Wish {
    pub fn name(&self) -> &'static str {
        match self {
            Wish::Join { .. } => "join",
            Wish::Transfer { .. } => "transfer",
            Wish::Leave { .. } => "leave",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApplicationState {
    Open,
    Approved,
    Refused { why: String },
}

impl ApplicationState {
    pub fn name(&self) -> &'static str {
        match self {
            ApplicationState::Open => "open",
            ApplicationState::Approved => "approved",
            ApplicationState::Refused { .. } => "refused",
        }
    }
}

/// How far the import of one file is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Import {
    /// Which of all runs it is, from 1.
    #[serde(default)]
    pub run: u64,
    /// Rows taken, good or bad; the next is the one after.
    pub done: u64,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Left out since the person had asked to be erased.
    pub erased: u64,
    pub bad: u64,
}
