use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::contact::record::FollowerId;
use crate::domain::eligibility::Eligibility;
use crate::domain::member::standing::Person;
use crate::domain::number::written_number;
use crate::moment::Time;
use crate::store::Sealed;

written_number! {
    /// A benefit's number as people write it: `W12`.
    BenefitCode(u32), 'W', 1 digits
}

/// `W12-000007`: benefit, and the coupon's number there. It tells coupons apart and gives nothing to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CouponNumber {
    pub benefit: u32,
    pub number: u32,
}

impl CouponNumber {
    pub fn key(&self) -> (u32, u32) {
        (self.benefit, self.number)
    }
}

impl fmt::Display for CouponNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:06}", BenefitCode(self.benefit), self.number)
    }
}

impl FromStr for CouponNumber {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (benefit, number) = text.split_once('-').ok_or(())?;
        let benefit: BenefitCode = benefit.parse()?;
        Ok(CouponNumber { benefit: benefit.0, number: number.parse().map_err(drop)? })
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Benefit {
    pub id: u32,
    pub state: BenefitState,
    pub terms: Terms,
    pub created: Time,
    pub changed: Time,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BenefitState {
    Draft,
    Published,
    /// Nobody claims until staff go on; coupons that were given stay good.
    Paused {
        reason: String,
    },
    Closed {
        at: Time,
    },
}

/// What staff decide about a benefit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    pub title: String,
    /// Who takes the coupons; a merchant redeems those of its own name alone.
    pub provider: String,
    pub description: String,
    /// Where and how it is used.
    pub how_to_use: String,
    pub eligibility: Eligibility,
    /// Only those on the benefit's list.
    pub listed_only: bool,
    /// Any of these tags of the account; empty asks for none.
    pub tags: Vec<u32>,
    pub releases: Vec<Rule>,
    /// A release that has not been used up ends after this; without, it lasts to the next one.
    pub open_minutes: Option<u32>,
    /// No release begins and nobody claims from here on.
    pub ends: Option<Time>,
    /// What is left of a release is added to the next.
    pub carry_over: bool,
    pub per_person: Limits,
    pub cool_down_days: u16,
    pub mode: Mode,
    pub newcomers: Option<Newcomers>,
    pub validity: Validity,
    pub unused: Unused,
    pub price: Option<Price>,
    /// For the mode of that name.
    #[serde(default)]
    pub quiz: Option<Quiz>,
    pub way: Way,
    /// The provider's codes are the same in capitals and in small letters.
    #[serde(default)]
    pub codes_ignore_case: bool,
    /// The provider tells what was used within so many days of a coupon's end. Without, nobody here knows what became
    /// of its codes and links.
    #[serde(default)]
    pub use_reported_days: Option<u16>,
    pub back: Back,
    /// Staff are alarmed when fewer are left; 0 alarms nobody.
    pub alarm_below: u32,
}

impl Terms {
    /// So many days after a coupon's end it is known whether it was used: at once for codes of ours, which are
    /// redeemed here; once the provider has told for its codes and links; never for what staff do themselves.
    pub fn unused_known_after(&self) -> Option<u16> {
        match self.way {
            Way::Own => Some(0),
            Way::Imported | Way::Link { .. } => self.use_reported_days,
            Way::Grant => None,
        }
    }
}

/// So many at that time, or at those times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub when: When,
    pub stock: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum When {
    At(Time),
    /// On these days of the week (1 is Monday), at this minute in Asia/Shanghai.
    Weekly {
        days: Vec<i8>,
        hour: i8,
        minute: i8,
        from: Option<Time>,
        until: Option<Time>,
    },
}

/// Coupons for one person; `None` is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub release: Option<u16>,
    pub day: Option<u16>,
    pub week: Option<u16>,
    pub month: Option<u16>,
    pub in_all: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    FirstCome,
    /// Everybody who tries in the first minutes has the same chance; what is left then is for who comes first.
    Lottery {
        collect_minutes: u16,
    },
    /// First come, for who has answered the quiz.
    Quiz,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiz {
    pub questions: Vec<Question>,
    /// So many right answers are enough.
    pub needed: u8,
    /// So often in one release.
    pub tries: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub text: String,
    pub choices: Vec<String>,
    /// Of the choices, from 1.
    pub right: u8,
}

impl Quiz {
    pub fn right(&self, answers: &[u8]) -> u8 {
        let right =
            self.questions.iter().zip(answers).filter(|(question, answer)| question.right == **answer);
        u8::try_from(right.count()).unwrap_or(u8::MAX)
    }
}

/// How one person fares with a benefit's quiz in a release.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QuizTries {
    pub release: Time,
    pub tries: u8,
    pub passed: bool,
}

/// A bound on accounts that began to follow just before or during a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newcomers {
    /// Following for less than this when the release began.
    pub within_minutes: u32,
    /// Of a release's stock, in percent, rounded up.
    pub percent_max: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// To the end of the day, so many days after the claim.
    pub days: u16,
    pub not_before: Option<Time>,
    /// 0 reminds nobody.
    pub remind_days: u16,
}

/// Who lets so many expire within the days is paused; 0 is no such rule. It counts only coupons whose use is known
/// here, see [`Terms::unused_known_after`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unused {
    pub expired: u16,
    pub within_days: u16,
    pub pause_days: u16,
}

/// Paid at the provider. A payment within the account would hold the coupon for so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub fen: u32,
    pub hold_minutes: u16,
}

/// How the benefit is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// The provider's codes, imported in lots.
    Imported,
    /// Our own random codes.
    Own,
    /// A page of the provider's, with a token of the person's own in the place of `{token}`.
    Link { address: String },
    /// Nothing to show: staff mark it when it is done.
    Grant,
}

/// What comes back into stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    /// Followers may give a coupon back.
    pub returns: bool,
    pub returned_to_stock: bool,
    pub expired_to_stock: bool,
    /// An imported code that comes back is given again. Its first owner has seen it, so the default is no.
    pub same_code: bool,
}

/// What stands behind the coupons of a benefit. One row that a claim reads and writes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Stock {
    pub pool: Counts,
    /// The last number that was given or passed over.
    pub given: u32,
    /// The last number that there is: for imported codes the end of the queue.
    pub last: u32,
    /// The latest release that has begun.
    pub release: Option<Release>,
    /// Releases after this count; the time of the first publication.
    pub since: Option<Time>,
    /// When `releases` were changed after that: those that they make now count from here on.
    #[serde(default)]
    pub changed: Option<Time>,
    /// Staff have been told that little is left.
    pub alarmed: bool,
}

impl Stock {
    /// Since when the rules of its releases hold.
    pub fn since(&self) -> Option<Time> {
        self.changed.or(self.since)
    }
}

/// loaded = left + held + taken + void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    pub loaded: u32,
    pub left: u32,
    /// Kept for a payment that is under way.
    pub held: u32,
    pub taken: u32,
    pub void: u32,
}

/// One batch (批次). stock + carried_in + added = left + given + carried_out + lapsed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Release {
    pub at: Time,
    pub stock: u32,
    /// From the release before.
    pub carried_in: u32,
    /// Topped up by staff, or come back.
    pub added: u32,
    /// Of those added, the ones that this release itself had given.
    #[serde(default)]
    pub back: u32,
    pub left: u32,
    pub given: u32,
    pub carried_out: u32,
    pub lapsed: u32,
    /// Of those given, to accounts that had just begun to follow.
    pub newcomers: u32,
    /// Who tried to be drawn.
    pub tries: u32,
    /// The first coupon's number of this release.
    pub first: u32,
    /// When the last one went.
    pub gone: Option<Time>,
    pub draw: Option<Draw>,
}

impl Release {
    /// How many it was to have.
    pub fn offered(&self) -> u32 {
        self.stock.saturating_add(self.carried_in).saturating_add(self.added)
    }

    /// There are people who take part in its draw, and it is still to come.
    pub fn awaits_draw(&self) -> bool {
        self.tries > 0 && self.draw.is_some_and(|draw| !draw.done)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    pub at: Time,
    pub done: bool,
}

/// A coupon from its import or its claim on; it is never deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coupon {
    pub number: CouponNumber,
    /// What the provider is shown; none for a grant.
    pub code: Option<Sealed<String>>,
    /// The lot it was imported in.
    #[serde(default)]
    pub lot: Option<String>,
    /// The provider's own end of it.
    #[serde(default)]
    pub code_until: Option<Time>,
    pub state: CouponState,
    #[serde(default)]
    pub owner: Option<Owner>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub person: Person,
    /// The account that claimed it.
    pub follower: FollowerId,
    /// The release it came from.
    pub release: Time,
    pub at: Time,
    pub valid_from: Time,
    /// The first moment at which it is no longer good.
    pub until: Time,
    /// Given by staff in the place of this one.
    #[serde(default)]
    pub instead_of: Option<CouponNumber>,
    /// What it costs, as it was when it was claimed.
    #[serde(default)]
    pub due: Option<Due>,
    /// Claimed by the account before it was known whose it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
}

/// To be paid: at the provider's today. A payment within the account would have until `hold_until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub fen: u32,
    pub hold_until: Time,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CouponState {
    /// In the queue.
    Left,
    Given,
    Redeemed(Redemption),
    /// `back`: one more went into stock for it.
    Expired {
        at: Time,
        back: bool,
    },
    Returned {
        at: Time,
    },
    Void {
        at: Time,
        by: String,
        reason: String,
        instead: Option<CouponNumber>,
        /// It counts for no limit; what early builds made void does.
        #[serde(default)]
        uncounted: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redemption {
    pub at: Time,
    pub by: String,
    pub place: String,
}

impl CouponState {
    pub fn name(&self) -> &'static str {
        match self {
            CouponState::Left => "left",
            CouponState::Given => "given",
            CouponState::Redeemed(_) => "redeemed",
            CouponState::Expired { .. } => "expired",
            CouponState::Returned { .. } => "returned",
            CouponState::Void { .. } => "void",
        }
    }

    /// Counted as void rather than as taken.
    pub fn is_void(&self) -> bool {
        matches!(
            self,
            CouponState::Returned { .. } | CouponState::Void { .. } | CouponState::Expired { back: true, .. }
        )
    }
}

/// What a person has had of one benefit, so that limits need no counting.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Had {
    /// (which, how many in it).
    pub release: (Time, u16),
    pub day: (i64, u16),
    pub week: (i64, u16),
    pub month: (i64, u16),
    pub in_all: u16,
    /// When the latest was given, and its number.
    pub latest: Option<(Time, u32)>,
}

/// Codes that came together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    pub supplier: String,
    pub count: u32,
    /// Numbers of the first and the last.
    pub first: u32,
    pub last: u32,
    pub at: Time,
    pub by: String,
}

/// One who takes part in a draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    pub person: Person,
    pub follower: FollowerId,
    pub newcomer: bool,
    pub at: Time,
}

/// A benefit for tests: ten own codes at ten o'clock daily from 2026-12-01 on, open now.
#[cfg(test)]
pub fn sample_terms() -> Terms {
    let daily =
        When::Weekly { days: vec![1, 2, 3, 4, 5, 6, 7], hour: 10, minute: 0, from: None, until: None };
    Terms {
        title: "公交一分钱".to_owned(),
        provider: "宁波公交".to_owned(),
        description: String::new(),
        how_to_use: String::new(),
        eligibility: Eligibility::default(),
        listed_only: false,
        tags: Vec::new(),
        releases: vec![Rule { when: daily, stock: 10 }],
        open_minutes: None,
        ends: None,
        carry_over: true,
        per_person: Limits { release: Some(1), day: None, week: None, month: Some(2), in_all: None },
        cool_down_days: 0,
        mode: Mode::FirstCome,
        newcomers: None,
        validity: Validity { days: 30, not_before: None, remind_days: 3 },
        unused: Unused { expired: 2, within_days: 365, pause_days: 30 },
        price: None,
        quiz: None,
        way: Way::Own,
        codes_ignore_case: false,
        use_reported_days: None,
        back: Back { returns: true, returned_to_stock: true, expired_to_stock: false, same_code: false },
        alarm_below: 0,
    }
}
