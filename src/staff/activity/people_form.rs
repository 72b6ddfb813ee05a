//! Whom an activity is for in which measure, and what they must agree to, as staff write it.

use serde::{Deserialize, Serialize};

use crate::domain::activity::record::*;
use crate::domain::eligibility::{Eligibility, Who};
use crate::moment::{Time, rfc3339};
use crate::staff::eligibility::{AgeForm, EligibilityForm};
use crate::staff::form::{self, Problems};

/// Shares of each session's seats: `{"shares": [{"name": "新就业形态劳动者", "seats": 10, "for": {"tiers": ["interim"]}}],
/// "opens": "…"}`. What is in no share is for everybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaForm {
    pub shares: Vec<ShareForm>,
    /// From then on what is unused is for everybody; never, if left out.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub opens: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareForm {
    pub name: String,
    /// Of each session.
    pub seats: u32,
    /// Districts, unions, tiers, ages and the like; a person counts in the first share that fits them.
    #[serde(rename = "for", default)]
    pub who: EligibilityForm,
    /// Recognised as a member at most so many days ago.
    #[serde(default, skip_serializing_if = "form::is_zero")]
    pub new_within_days: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsuranceForm {
    /// Whom it covers.
    pub who: String,
    pub by: String,
    pub number: String,
}

/// In whole years on the session's day.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgesForm {
    /// The follower and companions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adult: Option<AgeForm>,
    /// The same as `party.child_age`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child: Option<AgeForm>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentForm {
    pub kind: ConsentKindForm,
    pub text: String,
    #[serde(default = "form::one")]
    pub version: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentKindForm {
    Guardian,
    Health,
    /// May be declined.
    Photo,
}

/// `head`: everybody takes a seat; `party`: a party takes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatsByForm {
    #[default]
    Head,
    Party,
}

const CONSENT_CHARS: usize = 600;
const CONSENTS_MAX: usize = 3;

impl ShareForm {
    /// Of those whom the activity is for.
    fn asked(&self) -> Eligibility {
        self.who.clone().asks(Who::Anyone)
    }
}

impl QuotaForm {
    /// `capacity`: of the smallest session.
    pub fn check(&self, capacity: u32, problems: &mut Problems) {
        let count = self.shares.len();
        problems.unless((1..=SHARES_MAX).contains(&count), "quota_by.shares", "must be 1 to 8 shares");
        let sum: u64 = self.shares.iter().map(|share| u64::from(share.seats)).sum();
        let fits = sum <= u64::from(capacity);
        problems.unless(fits, "quota_by.shares", "together they have more seats than a session");
        for (index, share) in self.shares.iter().enumerate() {
            let field = |name: &str| format!("quota_by.shares[{index}].{name}");
            problems.line(field("name"), &share.name, 1..=20);
            let mut own = Problems::default();
            share.who.check(&mut own);
            for error in own.0 {
                problems.say(field(&error.field.replace("eligibility", "for")), error.message);
            }
            let asks = share.asked() != Eligibility::default() || share.new_within_days > 0;
            problems.unless(asks, field("for"), "says for whom; a share for everybody is none");
        }
    }

    pub fn quota(self) -> Quota {
        let shares = self.shares.into_iter().map(|share| Share {
            who: share.asked(),
            name: share.name.trim().to_owned(),
            seats: share.seats,
            new_within_days: share.new_within_days,
        });
        Quota { shares: shares.collect(), opens: self.opens }
    }

    pub fn of(quota: &Quota) -> QuotaForm {
        let shares = quota.shares.iter().map(|share| ShareForm {
            name: share.name.clone(),
            seats: share.seats,
            who: EligibilityForm::from(&share.who),
            new_within_days: share.new_within_days,
        });
        QuotaForm { shares: shares.collect(), opens: quota.opens }
    }
}

impl AgesForm {
    pub fn is_none(&self) -> bool {
        *self == AgesForm::default()
    }
}

impl InsuranceForm {
    pub fn check(&self, problems: &mut Problems) {
        problems.words("insurance.who", &self.who, 1..=40);
        problems.words("insurance.by", &self.by, 1..=40);
        problems.words("insurance.number", &self.number, 1..=40);
    }

    pub fn insurance(self) -> Insurance {
        let InsuranceForm { who, by, number } = self;
        Insurance { who, by, number }
    }

    pub fn of(Insurance { who, by, number }: &Insurance) -> InsuranceForm {
        InsuranceForm { who: who.clone(), by: by.clone(), number: number.clone() }
    }
}

impl ConsentForm {
    pub fn check_all(consents: &[ConsentForm], children_max: u8, problems: &mut Problems) {
        problems.unless(consents.len() <= CONSENTS_MAX, "consents", "at most one of each kind");
        for (index, consent) in consents.iter().enumerate() {
            problems.words(format!("consents[{index}].text"), &consent.text, 1..=CONSENT_CHARS);
            let first = consents.iter().position(|other| other.kind == consent.kind) == Some(index);
            problems.unless(first, format!("consents[{index}].kind"), "is asked for already");
            let guardian = consent.kind == ConsentKindForm::Guardian;
            let message = "is for parties with children; see `party.max_children`";
            problems.unless(!guardian || children_max > 0, format!("consents[{index}].kind"), message);
        }
    }

    pub fn terms(self) -> ConsentTerms {
        let kind = match self.kind {
            ConsentKindForm::Guardian => ConsentKind::Guardian,
            ConsentKindForm::Health => ConsentKind::Health,
            ConsentKindForm::Photo => ConsentKind::Photo,
        };
        ConsentTerms { kind, text: self.text, version: self.version }
    }

    pub fn of(terms: &ConsentTerms) -> ConsentForm {
        let kind = match terms.kind {
            ConsentKind::Guardian => ConsentKindForm::Guardian,
            ConsentKind::Health => ConsentKindForm::Health,
            ConsentKind::Photo => ConsentKindForm::Photo,
        };
        ConsentForm { kind, text: terms.text.clone(), version: terms.version }
    }
}

/// Stable: API, roster and console use it.
pub fn consent_name(kind: ConsentKind) -> &'static str {
    match kind {
        ConsentKind::Guardian => "guardian",
        ConsentKind::Health => "health",
        ConsentKind::Photo => "photo",
    }
}
