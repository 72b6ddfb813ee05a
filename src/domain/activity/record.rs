use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use super::settings::*;
use crate::domain::contact::record::FollowerId;
pub use crate::domain::eligibility::{Eligibility, Who};
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::Person;
use crate::domain::number::written_number;
use crate::moment::Time;
use crate::store::Sealed;

written_number! {
    /// An activity's number as people write it: `A12`.
    ActivityCode(u32), 'A', 1 digits
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
    #[serde(default)]
    pub settings: Settings,
}

impl Terms {
    /// The session of that number, from 1.
    pub fn session(&self, number: u16) -> Option<&Session> {
        self.sessions.get(usize::from(number).checked_sub(1)?)
    }

    /// The numbers of its sessions.
    pub fn session_numbers(&self) -> RangeInclusive<u16> {
        1..=self.sessions.len() as u16
    }

    /// Shares of the seats that are kept from who comes now. A draw gives away what they left, so after it nothing is.
    pub fn kept(&self) -> Option<&Quota> {
        self.settings.quota.as_ref().filter(|_| self.mode.draw().is_none())
    }

    /// What is asked of the follower's own phone and address, by kind: the first question of each. Further ones are about
    /// others, as whom to call in an emergency.
    pub fn own_questions(&self) -> impl Iterator<Item = (&'static str, &Question)> {
        let kinds = [("phone", QuestionKind::Phone), ("address", QuestionKind::Address)];
        let first = |kind: QuestionKind| self.questions.iter().find(move |question| question.kind == kind);
        kinds.into_iter().filter_map(move |(name, kind)| Some((name, first(kind)?)))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Place {
    At(String),
    /// Online; the link is for those who are confirmed.
    Online {
        link: Option<String>,
    },
}

/// What is not as it was for who signed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Moved {
    /// An earlier version did not say which.
    #[default]
    TimeOrPlace,
    Time,
    Place,
    TimeAndPlace,
    /// Where an online lesson is found.
    Link,
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
    /// Until when a follower may cancel. `None`: until 24 hours before their session.
    #[serde(default)]
    pub cancel_before: Option<Time>,
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

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Series {
    pub name: String,
    /// Sign-ups for sessions that are still to come that one person may have at a time.
    pub max_per_person: u16,
    /// Seats that one person may get in a calendar period, whatever became of them.
    #[serde(default)]
    pub per_period: Option<PerPeriod>,
    /// After a seat, so many rounds of the series are for others.
    #[serde(default)]
    pub cool_down_rounds: u16,
    /// After a seat, so many days are for others.
    #[serde(default)]
    pub cool_down_days: u16,
    /// Its number among the series' sign-ups, if a rule made it.
    #[serde(default)]
    pub round: Option<u32>,
}

/// What must be agreed to before signing up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub title: String,
    pub text: String,
    pub version: u16,
}

/// Recounted by `gonghui audit`; kept so that a sign-up need not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionCount {
    /// Of those confirmed and those to whom a seat is offered.
    pub seats_taken: u32,
    pub confirmed: u32,
    pub waiting: u32,
    pub last_number: u32,
    #[serde(default)]
    pub applied: u32,
    #[serde(default)]
    pub offered: u32,
    #[serde(default)]
    pub lost: u32,
    /// The waiting list is on its way up: what is free belongs to it.
    #[serde(default)]
    pub moving_up: bool,
    /// Those who came.
    #[serde(default)]
    pub present: u32,
    /// It is over, and nobody checked in: no attendance was taken, and none is held against anybody.
    #[serde(default)]
    pub unrecorded: bool,
    /// Of the seats taken, those of the people of each share ([`Quota`]).
    #[serde(default)]
    pub shares: [u32; SHARES_MAX],
}

impl SessionCount {
    /// Sign-ups that still stand.
    pub fn live(&self) -> u32 {
        self.confirmed + self.waiting + self.applied + self.offered
    }

    /// Counts a sign-up of that status in.
    pub fn add(&mut self, status: &Status, seats: u16, share: Option<u8>) {
        if let Some(count) = self.of(status) {
            *count += 1;
        }
        if status.holds_seats() {
            self.seats_taken += u32::from(seats);
            if let Some(taken) = self.share(share) {
                *taken += u32::from(seats);
            }
        }
    }

    fn share(&mut self, share: Option<u8>) -> Option<&mut u32> {
        self.shares.get_mut(usize::from(share?))
    }

    /// Counts it out again.
    pub fn remove(&mut self, status: &Status, seats: u16, share: Option<u8>) {
        if let Some(count) = self.of(status) {
            *count = count.saturating_sub(1);
        }
        if status.holds_seats() {
            self.seats_taken = self.seats_taken.saturating_sub(u32::from(seats));
            if let Some(taken) = self.share(share) {
                *taken = taken.saturating_sub(u32::from(seats));
            }
        }
    }

    fn of(&mut self, status: &Status) -> Option<&mut u32> {
        match status {
            Status::Applied => Some(&mut self.applied),
            Status::Confirmed => Some(&mut self.confirmed),
            Status::Waiting => Some(&mut self.waiting),
            Status::Offered { .. } => Some(&mut self.offered),
            Status::Lost => Some(&mut self.lost),
            Status::Cancelled { .. } => None,
        }
    }
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

impl FromStr for RegistrationNumber {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.trim().splitn(3, '-');
        let mut next = || parts.next().ok_or(());
        let ActivityCode(activity) = next()?.parse()?;
        let session = next()?.parse().map_err(drop)?;
        let number = next()?.parse().map_err(drop)?;
        Ok(RegistrationNumber { activity, session, number })
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
    /// Who it was as a member when they signed up: limits go by it.
    #[serde(default)]
    pub member: Option<MemberId>,
    /// Its place in the waiting list's order, where that isn't its number (after a draw).
    #[serde(default)]
    pub place: Option<u32>,
    #[serde(default)]
    pub attendance: Option<Attendance>,
    /// Wrong check-in codes.
    #[serde(default)]
    pub wrong_codes: u8,
    /// The session was moved after it: it may be given back at any time.
    #[serde(default)]
    pub moved: bool,
    /// When the waiting list gave it a seat of itself.
    #[serde(default)]
    pub promoted: Option<Time>,
    /// The share of the seats that its person counts in.
    #[serde(default)]
    pub share: Option<u8>,
    #[serde(default)]
    pub consents: Vec<Consented>,
    /// Why staff didn't pick it.
    #[serde(default)]
    pub refused: Option<String>,
    /// When what was told for it was erased: answers are gone, and ages are 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten: Option<Time>,
}

/// What was said to a consent that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consented {
    pub kind: ConsentKind,
    pub version: u16,
    pub at: Time,
    pub given: bool,
}

impl Registration {
    pub fn person(&self) -> Person {
        match self.member {
            Some(member) => Person::Member(member),
            None => Person::Follower(self.follower.clone()),
        }
    }

    /// Its key in the waiting list.
    pub fn waits_at(&self) -> (u32, u16, u32) {
        let RegistrationNumber { activity, session, number } = self.number;
        (activity, session, self.place.unwrap_or(number))
    }
}

/// Somebody in the waiting list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredWaiter")]
pub struct Waiter {
    pub seats: u16,
    /// The sign-up's number within its session; left out where it is the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<u8>,
}

/// Older rows hold the seats alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredWaiter {
    Seats(u16),
    Waiter {
        seats: u16,
        #[serde(default)]
        number: Option<u32>,
        #[serde(default)]
        share: Option<u8>,
    },
}

impl From<StoredWaiter> for Waiter {
    fn from(stored: StoredWaiter) -> Waiter {
        match stored {
            StoredWaiter::Seats(seats) => Waiter { seats, number: None, share: None },
            StoredWaiter::Waiter { seats, number, share } => Waiter { seats, number, share },
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// 待抽签: on the list of a draw; or 审核中, where staff pick.
    Applied,
    /// 已报名
    Confirmed,
    /// 候补
    Waiting,
    /// 候补转正待确认: the seats are kept until then.
    Offered {
        until: Time,
    },
    /// 未中签, and not on the waiting list either.
    Lost,
    Cancelled {
        by: By,
    },
}

impl Status {
    pub fn holds_seats(&self) -> bool {
        matches!(self, Status::Confirmed | Status::Offered { .. })
    }

    pub fn is_live(&self) -> bool {
        !matches!(self, Status::Lost | Status::Cancelled { .. })
    }
}

/// How a sign-up ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    Follower,
    /// The whole activity was called off.
    Activity,
    /// The follower, after the deadline: half an absence.
    Late,
    /// The follower turned the offered seat down (放弃).
    Declined,
    /// The offered seat was not accepted in time.
    Lapsed,
    /// The follower, since the session was moved: nobody's fault.
    Moved,
    /// The follower, to whom the waiting list gave the seat when it was late: nobody's fault.
    PromotedLate,
    /// Staff picked others.
    Refused,
    /// Staff had not decided when the session began.
    Undecided,
    /// A draw gives one seat a person, and they have one in another session.
    WonOther,
    /// Staff, for the follower, with a reason: nobody's fault.
    Staff,
}

/// What is known of who came, once it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attendance {
    /// 已签到
    Present { at: Time },
    /// 缺席
    Absent { at: Time },
    /// 请假, or an absence that staff took back.
    Excused { reason: String },
}

/// Who comes along with the follower.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Companions {
    pub companions: u8,
    /// Their ages; empty where the activity doesn't ask.
    pub children: Vec<u8>,
    /// Of the follower and of companions, in this order, where the activity asks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adult_ages: Vec<u8>,
    /// The whole party takes one seat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub takes_one: bool,
}

impl Companions {
    /// Seats the whole party needs, the follower's own included.
    pub fn seats(&self) -> u16 {
        if self.takes_one { 1 } else { self.heads() }
    }

    pub fn heads(&self) -> u16 {
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

impl AnswerValue {
    /// A phone or an address, and by which kind a [`Profile`] keeps it for the next sign-up.
    pub fn for_next_time(&self) -> Option<(&'static str, &Sealed<String>)> {
        match self {
            AnswerValue::Phone(value) => Some(("phone", value)),
            AnswerValue::Address(value) => Some(("address", value)),
            AnswerValue::Plain(_) | AnswerValue::Text(_) => None,
        }
    }
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
        sign_up: Window { opens: now, closes: hours(24), cancel_before: Some(hours(24)) },
        waiting_max: 20,
        party: Party::default(),
        questions: Vec::new(),
        eligibility: Eligibility::default(),
        series: None,
        notice: None,
        mode: Mode::FirstCome,
        settings: Settings::default(),
    }
}
