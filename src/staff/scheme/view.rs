use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::scheme::commands::day_of;
use crate::domain::scheme::enrol::{Enrolment, Note};
use crate::domain::scheme::record::{Fen, How, Policy, SchemeHeader};
use crate::domain::scheme::refund::{Ended, Place};
use crate::domain::scheme::rules::EventKind;
use crate::moment::{Time, rfc3339};

/// One city's scheme with all its versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SchemeView {
    pub scheme: String,
    pub versions: Vec<VersionView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SchemeList {
    pub schemes: Vec<SchemeView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionView {
    pub version: u32,
    pub title: String,
    pub from: Date,
    pub until: Option<Date>,
    /// What its file says that no source gives.
    pub assumed: Vec<String>,
    pub programmes: Vec<ProgrammeView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProgrammeView {
    pub programme: String,
    pub title: String,
    pub events: Vec<EventKind>,
}

/// How far a list is, and what is told of the rows just taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnrolmentView {
    pub file: String,
    pub scheme: String,
    pub version: u32,
    pub programme: String,
    pub entered_on: Date,
    pub done: u64,
    pub entered: u64,
    pub twice: u64,
    pub void_shares: u64,
    pub bad: u64,
    /// Yuan.
    pub premium: Fen,
    /// Of the people named, so many have to be in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    pub notes: Vec<NoteView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoteView {
    /// Rows of the list before it.
    pub row: u64,
    /// `bad`, `twice`, `void_shares` or `unlike`.
    pub kind: String,
    pub message: String,
}

/// What one person is covered for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonView {
    pub covers: Vec<CoverView>,
    /// Places that were a mistake.
    #[serde(default)]
    pub ended: Vec<EndedView>,
}

/// A place that was ended, and what went back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndedView {
    /// As the fund's entry names it.
    pub number: u64,
    pub scheme: String,
    pub programme: String,
    pub from: Date,
    pub until: Date,
    pub unit: String,
    pub amount: Fen,
    pub reason: String,
    pub by: String,
    #[serde(with = "rfc3339")]
    pub at: Time,
}

/// What became of a place that is to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundView {
    /// `asked` or `done`.
    pub state: String,
    pub amount: Fen,
    /// Among the places that were ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Of the place's book in the fund; none if nothing went back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// Places that somebody asked to end, the longest-waiting first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundList {
    pub refunds: Vec<AskedView>,
}

/// A place that waits for another person to confirm its end. Who confirms has the identity number from the unit's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedView {
    /// Absent for who isn't on the list of members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The unit's union; empty for who joined singly.
    pub unit: String,
    pub programme: String,
    pub from: Date,
    pub until: Date,
    pub amount: Fen,
    pub reason: String,
    /// Who asked, and so can't confirm.
    pub by: String,
    #[serde(with = "rfc3339")]
    pub at: Time,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoverView {
    pub scheme: String,
    pub programme: String,
    pub from: Date,
    pub until: Date,
    pub shares: u8,
    /// `unit` or `single`.
    pub how: How,
    pub unit: String,
    pub entered: Date,
    pub first_or_broken: bool,
    pub waiting_until: Option<Date>,
}

pub(super) fn version(version: u32, header: &SchemeHeader) -> VersionView {
    let programme = |head: &crate::domain::scheme::record::ProgrammeHead| ProgrammeView {
        programme: head.key.clone(),
        title: head.title.clone(),
        events: head.kinds.clone(),
    };
    VersionView {
        version,
        title: header.title.clone(),
        from: header.in_force.from,
        until: header.in_force.until,
        assumed: header.assumed.clone(),
        programmes: header.programmes.iter().map(programme).collect(),
    }
}

pub(super) fn enrolment(
    file: &str,
    list: &Enrolment,
    at_least: Option<u32>,
    notes: &[(u64, Note)],
) -> EnrolmentView {
    EnrolmentView {
        file: file.to_owned(),
        scheme: list.terms.scheme.clone(),
        version: list.version,
        programme: list.terms.programme.clone(),
        entered_on: list.terms.entered,
        done: list.done,
        entered: list.entered,
        twice: list.twice,
        void_shares: list.void_shares,
        bad: list.bad,
        premium: list.premium,
        at_least,
        notes: notes.iter().map(note).collect(),
    }
}

fn note((row, note): &(u64, Note)) -> NoteView {
    let (kind, message) = match note {
        Note::Bad(why) => ("bad", why.to_string()),
        Note::Twice { until } => {
            ("twice", format!("covered already, until {until}; this entry doesn't count"))
        }
        Note::Unlike { years, shares } => (
            "unlike",
            format!("others of the unit have {shares} shares for {years} years: one unit enrols alike"),
        ),
        Note::VoidShares { asked, given } => {
            ("void_shares", format!("{asked} shares asked for, {given} given; the others are void"))
        }
    };
    NoteView { row: *row, kind: kind.to_owned(), message }
}

pub(super) fn cover(key: crate::domain::scheme::commands::PolicyKey, policy: Policy) -> CoverView {
    CoverView {
        scheme: key.scheme,
        programme: key.programme,
        from: key.from,
        until: policy.until,
        shares: policy.shares,
        how: policy.how,
        unit: policy.unit,
        entered: policy.entered,
        first_or_broken: policy.first_or_broken,
        waiting_until: policy.waiting_until,
    }
}

/// `None`: its day can't be read.
pub(super) fn ended((_, scheme, programme, from): Place, ended: Ended) -> Option<EndedView> {
    let Ended { number, policy, amount, why, by, at } = ended;
    let (from, reason) = (day_of(from)?, why.into_revealed());
    let Policy { until, unit, .. } = policy;
    Some(EndedView { number, scheme, programme, from, until, unit, amount, reason, by, at })
}
