//! How an activity goes about its seats: settings with defaults, stored with its terms.

use serde::{Deserialize, Serialize};

use crate::domain::eligibility::Eligibility;
use crate::moment::Time;

/// How seats are given.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Mode {
    #[default]
    FirstCome,
    /// 摇号; see docs/DRAW.md.
    Draw(DrawTerms),
    /// 审核: staff pick among those who apply.
    Review,
}

impl Mode {
    pub fn draw(&self) -> Option<&DrawTerms> {
        match self {
            Mode::FirstCome | Mode::Review => None,
            Mode::Draw(terms) => Some(terms),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DrawTerms {
    /// Not before the sign-up closes.
    pub at: Time,
    /// Sessions that one person may apply for; at most one is won.
    pub choices_max: u8,
    /// Who lost a draw within a year and won none since goes before the others.
    pub lost_first: bool,
    /// Who was absent within a year goes after the others.
    pub absent_last: bool,
}

/// Rows of activities written before these settings have the defaults here: nothing that their followers weren't told.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub waiting: WaitingBy,
    /// May be given back after the deadline, for half an absence; else only staff can.
    pub late_cancel: bool,
    /// What comes of not coming; `None`: nothing.
    pub absence: Option<Absence>,
    pub check_in: CheckIn,
    /// Hours before the start at which those confirmed are reminded.
    pub remind_hours: Vec<u16>,
    pub kit: Option<KitTerms>,
    /// Seats that are for some people first.
    pub quota: Option<Quota>,
    /// Sign-ups for this activity that one person may have at a time; 0: one for each session.
    pub per_person: u16,
    /// Who came to less of a round than this, in percent, is not in the next one.
    pub attendance_min: Option<u8>,
    pub insurance: Option<Insurance>,
    /// Ages of the follower and of companions on the session's day, both ends included.
    pub adult_age: Option<(u8, u8)>,
    /// Asked beside the notice.
    pub consents: Vec<ConsentTerms>,
    /// Any of these tags of the account; empty asks for none.
    pub tags: Vec<u32>,
    /// A party takes one seat, not one a head.
    pub party_takes_one: bool,
    /// Days after its session until what was told for a sign-up is erased; 0 is a year.
    pub keep_days: u16,
}

/// Shares of each session's seats; what is in none is for everybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quota {
    /// At most [`SHARES_MAX`]; a person counts in the first that fits them.
    pub shares: Vec<Share>,
    /// From then on what is unused is for everybody; `None`: never.
    pub opens: Option<Time>,
}

pub const SHARES_MAX: usize = 8;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    pub name: String,
    pub seats: u32,
    pub who: Eligibility,
    /// Recognised as a member at most so many days ago; 0 asks for nothing.
    pub new_within_days: u16,
}

/// Of whom, with whom and under which number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Insurance {
    pub who: String,
    pub by: String,
    pub number: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentKind {
    /// 监护人同意, asked of who brings children.
    Guardian,
    /// 健康声明
    Health,
    /// 肖像使用; may be declined.
    Photo,
}

impl ConsentKind {
    pub fn is_required(self) -> bool {
        self != ConsentKind::Photo
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentTerms {
    pub kind: ConsentKind,
    pub text: String,
    pub version: u16,
}

/// What a free seat is for the first who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum WaitingBy {
    #[default]
    Automatic,
    /// Theirs if they accept within so many hours; fewer in the last day before the start.
    Offer { hours: u16, last_day_hours: u16 },
}

/// So many absences within so many days bar from signing up for so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    pub count: u8,
    pub within_days: u16,
    pub bar_days: u16,
}

impl Default for Absence {
    fn default() -> Absence {
        Absence { count: 3, within_days: 365, bar_days: 90 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CheckIn {
    /// Staff say who came.
    #[default]
    Staff,
    /// Those who come say or scan the code that is shown there.
    Code,
}

/// Something is posted to those who are confirmed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct KitTerms {
    /// What it is, such as 扎染材料包.
    pub what: String,
    /// When it is to have been posted.
    pub post_by: Option<Time>,
    /// Days after the parcel went until its address is erased; 0 is 60.
    #[serde(default)]
    pub keep_days: u16,
}

/// Seats in a calendar period of Asia/Shanghai.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerPeriod {
    pub count: u16,
    pub period: Period,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Period {
    Month,
    Quarter,
    Year,
}

impl Period {
    /// Whether both times are in the same month, quarter or year.
    pub fn holds_both(self, a: Time, b: Time) -> bool {
        let (a, b) = (a.date(), b.date());
        let same_year = a.year() == b.year();
        match self {
            Period::Year => same_year,
            Period::Quarter => same_year && (a.month() - 1) / 3 == (b.month() - 1) / 3,
            Period::Month => same_year && a.month() == b.month(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_end_at_midnight_in_shanghai() {
        let time = |text| Time::parse(text).unwrap();
        let last = time("2026-12-31T23:59:59+08:00");
        let first = time("2027-01-01T00:00:00+08:00");
        for period in [Period::Month, Period::Quarter, Period::Year] {
            assert!(!period.holds_both(last, first), "{period:?}");
        }
        let autumn = time("2026-10-01T00:00:00+08:00");
        assert!(Period::Quarter.holds_both(autumn, last) && !Period::Month.holds_both(autumn, last));
    }
}
