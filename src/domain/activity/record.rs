use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::contact::record::FollowerId;
pub use crate::domain::eligibility::{Eligibility, Who};
use crate::moment::Time;
use crate::store::Sealed;

/// An activity's number as people write it: `A12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityCode(pub u32);

impl fmt::Display for ActivityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "A{}", self.0)
    }
}

impl FromStr for ActivityCode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.strip_prefix(['A', 'a']).ok_or(())?;
        digits.parse().map(ActivityCode).map_err(drop)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    pub id: u32,
    pub state: ActivityState,
    pub terms: Terms,
    pub created: Time,
    pub changed: Time,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActivityState {
    Draft,
    Published,
    /// Staff closed the sign-up; what was confirmed stays.
    Closed {
        at: Time,
    },
    /// Called off as a whole (活动取消).
    Cancelled {
        reason: String,
    },
}

/// What staff decide about an activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    pub title: String,
    pub category: String,
    pub description: String,
    pub place: Place,
    pub sessions: Vec<Session>,
    pub sign_up: Window,
    /// How many sign-ups may wait for a session; 0 is no waiting list.
    pub waiting_max: u16,
    pub party: Party,
    pub questions: Vec<Question>,
    pub eligibility: Eligibility,
    pub series: Option<Series>,
    pub notice: Option<Notice>,
    #[serde(default)]
    pub mode: Mode,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Place {
    At(String),
    /// Online; the link is for those who are confirmed.
    Online {
        link: Option<String>,
    },
}

/// One session (场次). Its number within the activity is its position, from 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub starts: Time,
    pub ends: Time,
    pub capacity: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window {
    pub opens: Time,
    pub closes: Time,
    /// Until when a follower may cancel.
    pub cancel_before: Time,
}

/// Who may be brought along; each takes a seat.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Party {
    pub max_companions: u8,
    pub max_children: u8,
    #[serde(default)]
    pub min_children: u8,
    /// Ages of children, in whole years, both ends included.
    #[serde(default)]
    pub child_age: Option<(u8, u8)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub name: String,
    pub ask: String,
    pub kind: QuestionKind,
    pub required: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum QuestionKind {
    Text { max_chars: u16 },
    Choice { options: Vec<String> },
    Number { min: i64, max: i64 },
    Phone,
    Address,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    pub name: String,
    pub max_per_person: u16,
}

/// What must be agreed to before signing up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub title: String,
    pub text: String,
    pub version: u16,
}

/// How seats are given. Draw (摇号) and staff's choice get their own variants when they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Mode {
    #[default]
    FirstCome,
}

/// Recounted by `gonghui audit`; kept so that a sign-up need not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionCount {
    pub seats_taken: u32,
    pub confirmed: u32,
    pub waiting: u32,
    pub last_number: u32,
}

/// `A12-1-0007`: activity, session, number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RegistrationNumber {
    pub activity: u32,
    pub session: u16,
    pub number: u32,
}

impl RegistrationNumber {
    pub fn key(&self) -> (u32, u16, u32) {
        (self.activity, self.session, self.number)
    }
}

impl fmt::Display for RegistrationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:04}", ActivityCode(self.activity), self.session, self.number)
    }
}

/// One sign-up (报名) of one follower for one session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    pub number: RegistrationNumber,
    pub follower: FollowerId,
    pub status: Status,
    pub party: Companions,
    pub answers: Vec<Answer>,
    /// Version of the notice agreed to, and when.
    pub agreed: Option<(u16, Time)>,
    pub created: Time,
    pub changed: Time,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    Confirmed,
    Waiting,
    Cancelled { by: By },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    Follower,
    /// The whole activity was called off.
    Activity,
}

/// Who comes along with the follower.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Companions {
    pub companions: u8,
    /// Their ages; empty where the activity doesn't ask.
    pub children: Vec<u8>,
}

impl Companions {
    /// Seats the whole party needs, the follower's own included.
    pub fn seats(&self) -> u16 {
        1 + u16::from(self.companions) + self.children.len() as u16
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub name: String,
    pub value: AnswerValue,
}

/// Phones and addresses are sealed; the rest is not personal by its kind, but free text may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AnswerValue {
    Plain(String),
    Phone(Sealed<String>),
    Address(Sealed<String>),
    Text(Sealed<String>),
}

/// Answers of earlier sign-ups that are worth keeping: by kind (`phone`, `address`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Profile {
    pub answers: BTreeMap<String, Sealed<String>>,
}

/// A small activity for tests: one session tomorrow with ten seats, open now.
#[cfg(test)]
pub fn sample_terms() -> Terms {
    let now = Time::from_unix_s(1_795_400_000);
    let hours = |n: u64| now.plus(std::time::Duration::from_secs(n * 3600));
    Terms {
        title: "周末健步走".to_owned(),
        category: "健身".to_owned(),
        description: "沿三江口走八公里".to_owned(),
        place: Place::At("三江口".to_owned()),
        sessions: vec![Session { starts: hours(48), ends: hours(50), capacity: 10 }],
        sign_up: Window { opens: now, closes: hours(24), cancel_before: hours(24) },
        waiting_max: 20,
        party: Party::default(),
        questions: Vec::new(),
        eligibility: Eligibility::default(),
        series: None,
        notice: None,
        mode: Mode::FirstCome,
    }
}
