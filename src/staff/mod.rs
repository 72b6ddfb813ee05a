//! The staff's door: one act is who, role, idempotency key, audit entry and one domain command, in one commit.

mod act;
pub mod activity;
mod as_of;
pub mod benefit;
pub mod broadcast;
pub mod case;
pub mod claim;
pub mod consistency;
pub mod eligibility;
pub mod follower;
pub mod form;
pub mod fund;
pub mod member;
pub mod outbox;
pub mod payment;
pub mod pictures;
pub mod question;
mod refuse;
pub mod scheme;
pub mod series;
pub mod sync;
pub mod trail;

use std::str::FromStr;

use crate::domain::activity::manage::ManageRefusal;
use crate::domain::benefit::manage::ManageRefusal as BenefitRefusal;
use crate::domain::benefit::redeem::RedeemRefusal;
use crate::domain::broadcast::rules::Refusal as BroadcastRefusal;
use crate::domain::member::record::MemberId;
use crate::domain::scheme::record::Level;
use crate::domain::series::commands::SeriesRefusal;
use crate::store::SubmitError;

pub use act::{Act, Call, IdempotencyKey, not_understood, perform, permit};
pub use as_of::AsOf;
pub use refuse::Refuse;
use refuse::refuse;

/// Who calls, as the configuration knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub name: String,
    pub roles: Vec<Role>,
    /// For a merchant: whose coupons it takes.
    pub provider: Option<String>,
    /// The member that they are themselves: nobody handles their own claim.
    pub member: Option<MemberId>,
    /// Where in a chain of approvals they approve; empty is anywhere.
    pub levels: Vec<Level>,
    /// The desks whose cases are theirs; empty is all of them.
    pub desks: Vec<String>,
}

/// What somebody may do. `Admin` may do everything; `Auditor` may look at everything and change nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Activity,
    Benefit,
    /// Takes coupons of one provider, and nothing else.
    Merchant,
    Claim,
    Payment,
    Broadcast,
    Case,
    Member,
    Auditor,
    Admin,
}

impl Role {
    pub const ALL: &'static [(&'static str, Role)] = &[
        ("activity", Role::Activity),
        ("benefit", Role::Benefit),
        ("merchant", Role::Merchant),
        ("claim", Role::Claim),
        ("payment", Role::Payment),
        ("broadcast", Role::Broadcast),
        ("case", Role::Case),
        ("member", Role::Member),
        ("auditor", Role::Auditor),
        ("admin", Role::Admin),
    ];

    pub fn name(self) -> &'static str {
        Role::ALL.iter().find(|(_, role)| *role == self).map_or("", |(name, _)| name)
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(name: &str) -> Result<Role, ()> {
        Role::ALL.iter().find(|(known, _)| *known == name).map(|(_, role)| *role).ok_or(())
    }
}

impl Caller {
    pub fn new(name: impl Into<String>, roles: Vec<Role>) -> Caller {
        Caller {
            name: name.into(),
            roles,
            provider: None,
            member: None,
            levels: Vec::new(),
            desks: Vec::new(),
        }
    }

    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role) || self.roles.contains(&Role::Admin)
    }
}

refuse! { ManageRefusal { Unknown => "such activity" } }
refuse! { BroadcastRefusal { Unknown => "such broadcast" } }
refuse! { BenefitRefusal { Unknown => "such benefit", UnknownCoupon => "such coupon" } }
refuse! { RedeemRefusal { Unknown => "such coupon" } }
refuse! { SeriesRefusal { Unknown => "such series" } }

/// Why an act has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ActError {
    #[error("this needs the role `{0}`")]
    NotAllowed(&'static str),
    #[error("there is no {0}")]
    NotFound(String),
    #[error("the request has {} wrong field(s)", .0.len())]
    Invalid(Vec<FieldError>),
    /// A rule says no; the code is stable.
    #[error("{message}")]
    Refused { code: &'static str, message: String },
    #[error("this Idempotency-Key was used for another request")]
    KeyReused,
    #[error(transparent)]
    Store(#[from] SubmitError),
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// As a path: `sessions[0].capacity`.
    pub field: String,
    pub message: String,
}
