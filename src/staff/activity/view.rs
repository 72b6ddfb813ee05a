use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::form::ActivityForm;
use super::people_form::{InsuranceForm, consent_name};
use crate::domain::activity::draw;
use crate::domain::activity::manage::{counts, state_name};
use crate::domain::activity::record::*;
use crate::domain::activity::waiting::{SkipReason, skips};
use crate::moment::{Time, rfc3339};
use crate::privacy::{mask_address, mask_phone};
use crate::store::{Fault, Tx};

/// What every act answers: enough to go on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActivityBrief {
    pub id: String,
    pub title: String,
    /// `draft`, `published`, `closed` or `cancelled`.
    pub state: String,
    pub counts: Counts,
    pub sessions: Vec<SessionBrief>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionBrief {
    pub session: u16,
    #[serde(with = "rfc3339")]
    pub starts: Time,
    #[serde(flatten)]
    pub counts: Counts,
    /// It is over and nobody checked in, so nobody was counted absent; staff may still say who came.
    #[serde(default)]
    pub unrecorded: bool,
}

/// `capacity` and `seats_taken` count seats, the others sign-ups. Seats that are offered count as taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    pub capacity: u32,
    pub seats_taken: u32,
    pub confirmed: u32,
    pub waiting: u32,
    pub cancelled: u32,
    /// On the list of a draw that is to come.
    #[serde(default)]
    pub applied: u32,
    /// A seat is offered to them and not accepted yet.
    #[serde(default)]
    pub offered: u32,
    #[serde(default)]
    pub not_drawn: u32,
    #[serde(default)]
    pub present: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActivityList {
    pub activities: Vec<ActivityBrief>,
    /// To be given as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// An activity with all that staff wrote, in the shape in which they wrote it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActivityView {
    #[serde(flatten)]
    pub brief: ActivityBrief,
    #[serde(with = "rfc3339")]
    pub created: Time,
    #[serde(with = "rfc3339")]
    pub changed: Time,
    pub activity: ActivityForm,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draw: Option<DrawView>,
}

/// What is public of a draw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrawView {
    /// SHA-256 of the seed, promised before anybody applied.
    pub commitment: String,
    /// `open`, `running` or `done`.
    pub stage: String,
    /// Tickets given out.
    pub applications: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// The path of the public record.
    pub record: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Roster {
    pub id: String,
    pub title: String,
    pub counts: Counts,
    #[serde(default)]
    pub sessions: Vec<SessionBrief>,
    pub registrations: Vec<RegistrationView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<InsuranceForm>,
    /// To be given as `after` for the next page, where a page was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegistrationView {
    pub number: String,
    /// `applied`, `confirmed`, `waiting`, `offered`, `not_drawn`, `late_cancel` or `cancelled`.
    pub status: String,
    /// `present`, `absent` or `excused`, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attendance: Option<String>,
    pub session: u16,
    pub follower: String,
    pub party: PartyView,
    /// Who or what ended it, if it ended: `follower`, `late`, `declined`, `lapsed`, `moved`,
    /// `promoted_late`, `refused`, `won_other`, `undecided`, `staff`, `activity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// When somebody behind it in the waiting list went first, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<SkipView>,
    /// Why staff picked others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The share of the seats that its person counts in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<String>,
    /// What was agreed to: `notice`, `guardian`, `health`, `photo`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consents: BTreeMap<String, ConsentView>,
    /// By the question's name; phones and addresses masked unless they were asked for with a reason.
    pub answers: BTreeMap<String, String>,
    #[serde(with = "rfc3339")]
    pub created: Time,
    /// When answers and ages were erased, if they were: ages are 0 then.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub erased: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkipView {
    pub why: String,
    #[serde(with = "rfc3339")]
    pub at: Time,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentView {
    pub given: bool,
    pub version: u16,
    #[serde(with = "rfc3339")]
    pub at: Time,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyView {
    pub companions: u8,
    /// Ages; 0 where the activity doesn't ask.
    pub children: Vec<u8>,
    /// Ages of the follower and of companions, where the activity asks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adults: Vec<u8>,
    pub seats: u16,
}

pub fn brief(tx: &Tx, activity: &Activity) -> Result<ActivityBrief, Fault> {
    let counted = counts(tx, activity)?;
    let mut total = Counts::default();
    let mut sessions = Vec::new();
    for (index, (session, count)) in activity.terms.sessions.iter().zip(counted).enumerate() {
        let counts = Counts {
            capacity: session.capacity,
            seats_taken: count.seats_taken,
            confirmed: count.confirmed,
            waiting: count.waiting,
            cancelled: count.last_number.saturating_sub(count.live() + count.lost),
            applied: count.applied,
            offered: count.offered,
            not_drawn: count.lost,
            present: count.present,
        };
        total.capacity += counts.capacity;
        total.seats_taken += counts.seats_taken;
        total.confirmed += counts.confirmed;
        total.waiting += counts.waiting;
        total.cancelled += counts.cancelled;
        total.applied += counts.applied;
        total.offered += counts.offered;
        total.not_drawn += counts.not_drawn;
        total.present += counts.present;
        let unrecorded = count.unrecorded;
        sessions.push(SessionBrief { session: index as u16 + 1, starts: session.starts, counts, unrecorded });
    }
    Ok(ActivityBrief {
        id: ActivityCode(activity.id).to_string(),
        title: activity.terms.title.clone(),
        state: state_name(&activity.state).to_owned(),
        counts: total,
        sessions,
    })
}

pub fn insurance(activity: &Activity) -> Option<InsuranceForm> {
    activity.terms.settings.insurance.as_ref().map(InsuranceForm::of)
}

pub fn full(tx: &Tx, activity: &Activity) -> Result<ActivityView, Fault> {
    Ok(ActivityView {
        brief: brief(tx, activity)?,
        created: activity.created,
        changed: activity.changed,
        activity: ActivityForm::from(&activity.terms),
        draw: draw::publish::of(tx, activity.id)?.map(|draw| draw_view(activity, &draw)),
    })
}

fn draw_view(activity: &Activity, draw: &draw::Draw) -> DrawView {
    let stage = match (draw.is_open(), draw.is_done()) {
        (true, _) => "open",
        (_, true) => "done",
        _ => "running",
    };
    DrawView {
        commitment: draw.commitment.clone(),
        stage: stage.to_owned(),
        applications: draw.tickets,
        list_hash: draw.list_hash.filter(|_| draw.is_done()).map(hex::encode),
        seed: draw.is_done().then(|| draw.seed.reveal().clone()),
        record: format!("/draws/{}.txt", ActivityCode(activity.id)),
    }
}

pub fn registration(
    tx: &Tx,
    activity: &Activity,
    registration: &Registration,
    revealed: bool,
) -> Result<RegistrationView, Fault> {
    let status = status_name(&registration.status);
    let mut passed_over = Vec::new();
    if matches!(registration.status, Status::Waiting | Status::Confirmed | Status::Offered { .. }) {
        for skip in skips(tx, registration.number)? {
            passed_over.push(SkipView { why: reason(skip.why), at: skip.at });
        }
    }
    Ok(RegistrationView {
        passed_over,
        refused: registration.refused.clone(),
        share: share_name(activity, registration.share),
        consents: consents(registration),
        ended_by: match registration.status {
            Status::Cancelled { by } => Some(by_name(by).to_owned()),
            _ => None,
        },
        number: registration.number.to_string(),
        status: status.to_owned(),
        attendance: registration.attendance.as_ref().map(|known| attendance_name(known).to_owned()),
        session: registration.number.session,
        follower: registration.follower.as_str().to_owned(),
        party: PartyView {
            companions: registration.party.companions,
            children: registration.party.children.clone(),
            adults: registration.party.adult_ages.clone(),
            seats: registration.party.seats(),
        },
        answers: registration.answers.iter().map(|a| (a.name.clone(), shown(&a.value, revealed))).collect(),
        created: registration.created,
        erased: registration.forgotten,
    })
}

fn share_name(activity: &Activity, share: Option<u8>) -> Option<String> {
    let share = activity.terms.settings.quota.as_ref()?.shares.get(usize::from(share?))?;
    Some(share.name.clone())
}

fn consents(registration: &Registration) -> BTreeMap<String, ConsentView> {
    let notice = registration.agreed.map(|(version, at)| ConsentView { given: true, version, at });
    let others = registration.consents.iter().map(|said| {
        let Consented { kind, version, at, given } = *said;
        (consent_name(kind).to_owned(), ConsentView { given, version, at })
    });
    notice.map(|notice| ("notice".to_owned(), notice)).into_iter().chain(others).collect()
}

fn reason(why: SkipReason) -> String {
    match why {
        SkipReason::TooLarge { seats, free } => format!("needed {seats} seats, {free} were free"),
        SkipReason::Declined => "declined".to_owned(),
        SkipReason::Lapsed => "did not answer in time".to_owned(),
        SkipReason::KeptForOthers => "what was free was kept for others".to_owned(),
    }
}

fn by_name(by: By) -> &'static str {
    match by {
        By::Follower => "follower",
        By::Activity => "activity",
        By::Late => "late",
        By::Declined => "declined",
        By::Lapsed => "lapsed",
        By::Moved => "moved",
        By::PromotedLate => "promoted_late",
        By::Refused => "refused",
        By::WonOther => "won_other",
        By::Undecided => "undecided",
        By::Staff => "staff",
    }
}

/// Stable: API, CSV and the console use it.
pub fn status_name(status: &Status) -> &'static str {
    match status {
        Status::Applied => "applied",
        Status::Confirmed => "confirmed",
        Status::Waiting => "waiting",
        Status::Offered { .. } => "offered",
        Status::Lost => "not_drawn",
        Status::Cancelled { by: By::Late } => "late_cancel",
        Status::Cancelled { .. } => "cancelled",
    }
}

fn attendance_name(attendance: &Attendance) -> &'static str {
    match attendance {
        Attendance::Present { .. } => "present",
        Attendance::Absent { .. } => "absent",
        Attendance::Excused { .. } => "excused",
    }
}

fn shown(answer: &AnswerValue, revealed: bool) -> String {
    match answer {
        AnswerValue::Plain(text) => text.clone(),
        AnswerValue::Text(text) => text.reveal().clone(),
        AnswerValue::Phone(phone) if !revealed => mask_phone(phone.reveal()),
        AnswerValue::Address(address) if !revealed => mask_address(address.reveal()),
        AnswerValue::Phone(text) | AnswerValue::Address(text) => text.reveal().clone(),
    }
}
