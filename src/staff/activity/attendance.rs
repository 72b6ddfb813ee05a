//! Who came: the code that is shown, staff's list, and absences that are taken back.

use serde::{Deserialize, Serialize};

use super::acts::act;
use crate::domain::activity::attendance::{self, CHECK_IN_AROUND};
use crate::domain::activity::manage::ManageRefusal;
use crate::domain::activity::record::*;
use crate::domain::tables::{ACTIVITIES, APPEALS, REGISTRATIONS};
use crate::moment::{Time, rfc3339};
use crate::privacy::Short;
use crate::staff::act::{look, see};
use crate::staff::form;
use crate::staff::{Act, ActError, Call, FieldError, perform, permit};
use crate::store::{Fault, Tx};

/// Sign-ups marked by one call.
pub const MARKS_MAX: usize = 100;
const APPEALS_PER_PAGE: usize = 50;

/// The code of this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeView {
    pub session: u16,
    pub code: String,
    /// What a QR code carries that checks in who scans it.
    pub scene: String,
    /// Another one is shown from then on; this one is taken for as long again.
    #[serde(with = "rfc3339")]
    pub until: Time,
}

/// Who came and who didn't, by sign-up number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MarksForm {
    pub present: Vec<String>,
    pub absent: Vec<String>,
    pub excused: Vec<ExcusedForm>,
    /// The session whose others, if nothing is known of them, were absent. While a number of the call is unknown nobody
    /// is: it may be a wrong one of somebody who came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest_absent: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExcusedForm {
    pub number: String,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    pub marked: usize,
    /// Numbers that are no confirmed sign-up of this activity.
    pub unknown: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppealView {
    pub number: String,
    /// Shortened: the sign-up's number names it.
    pub follower: String,
    pub says: String,
    #[serde(with = "rfc3339")]
    pub at: Time,
    /// `open`, `lifted` or `rejected`.
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppealList {
    pub appeals: Vec<AppealView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The code to show now. A session whose staff say who came has none.
pub async fn code(call: &Call, id: ActivityCode, session: u16) -> Result<CodeView, ActError> {
    let act = act("activity.check_in_code", id.to_string(), "");
    let read = move |tx: &Tx| match tx.get(&ACTIVITIES, &id.0)? {
        Some(activity) if usize::from(session.max(1)) <= activity.terms.sessions.len() => {
            attendance::code(tx, &activity, session.max(1), tx.moment().now)
        }
        _ => Ok(None),
    };
    let code = see(call, act, read).await?;
    let code = code.ok_or_else(|| ActError::NotFound(format!("check-in code for {id} session {session}")))?;
    let until = attendance::code_stays_until(call.at.now);
    Ok(CodeView { session: session.max(1), scene: attendance::scene(&code), code, until })
}

/// Staff's list of who came.
pub async fn mark(call: &Call, id: ActivityCode, body: &str) -> Result<Marked, ActError> {
    let act = act("activity.attendance", id.to_string(), body);
    permit(call, &act).await?;
    let marks: MarksForm = form::read(body).map_err(ActError::Invalid)?;
    let count = marks.present.len() + marks.absent.len() + marks.excused.len();
    if count > MARKS_MAX {
        let message = format!("at most {MARKS_MAX} at a time");
        return Err(ActError::Invalid(vec![FieldError { field: "present".to_owned(), message }]));
    }
    perform(call, act, move |tx| {
        let Some(activity) = tx.get(&ACTIVITIES, &id.0)? else { return Ok(Err(ManageRefusal::Unknown)) };
        let mut done = Marked { marked: 0, unknown: Vec::new() };
        let now = tx.moment().now;
        if let Some(refusal) = too_early(&activity, &marks, now) {
            return Ok(Err(refusal));
        }
        for number in &marks.present {
            mark_one(tx, &activity, number, Attendance::Present { at: now }, &mut done)?;
        }
        for number in &marks.absent {
            mark_one(tx, &activity, number, Attendance::Absent { at: now }, &mut done)?;
        }
        for ExcusedForm { number, reason } in &marks.excused {
            let reason = reason.trim().chars().take(200).collect();
            mark_one(tx, &activity, number, Attendance::Excused { reason }, &mut done)?;
        }
        if let Some(session) = marks.rest_absent.filter(|_| done.unknown.is_empty()) {
            attendance::rest_absent(tx, &activity, session, None)?;
        }
        Ok(Ok((id.to_string(), done)))
    })
    .await
}

/// Nobody came to what can't be checked in to yet or is absent from what has not begun, nor are those of whom nothing is said
/// before it is known who came.
fn too_early(activity: &Activity, marks: &MarksForm, now: Time) -> Option<ManageRefusal> {
    let begins = |number: &String| {
        let session =
            number.parse::<RegistrationNumber>().ok().filter(|n| n.activity == activity.id)?.session;
        let terms = activity.terms.session(session)?;
        Some((session, terms.starts))
    };
    let came = marks.present.iter().filter_map(begins);
    let came = came.map(|(session, starts)| (session, starts.minus(CHECK_IN_AROUND)));
    let rest = marks
        .rest_absent
        .and_then(|session| Some((session, attendance::rest_known_from(activity, session)?)));
    let known = came.chain(marks.absent.iter().filter_map(begins)).chain(rest);
    let (session, from) = known.filter(|(_, from)| now < *from).max_by_key(|(_, from)| *from)?;
    Some(ManageRefusal::TooEarly { session, from: from.to_string() })
}

fn mark_one(
    tx: &mut Tx,
    activity: &Activity,
    number: &str,
    attendance: Attendance,
    done: &mut Marked,
) -> Result<(), Fault> {
    let parsed = number.parse::<RegistrationNumber>().ok().filter(|n| n.activity == activity.id);
    let found = match parsed {
        Some(number) => tx.get(&REGISTRATIONS, &number.key())?,
        None => None,
    };
    match found.filter(|registration| registration.status == Status::Confirmed) {
        Some(mut registration) => {
            attendance::mark(tx, activity, &mut registration, attendance)?;
            done.marked += 1;
        }
        None => done.unknown.push(number.to_owned()),
    }
    Ok(())
}

/// What followers say to absences, open ones and answered ones, a page at a time.
pub async fn appeals(call: &Call, after: Option<RegistrationNumber>) -> Result<AppealList, ActError> {
    let after = after.map(|number| number.key());
    look(call, act("activity.appeals", String::new(), ""), move |tx| {
        let page = tx.scan(&APPEALS, &(), after.as_ref(), APPEALS_PER_PAGE)?;
        let appeals = page.rows.into_iter().map(|(_, appeal)| view(appeal)).collect();
        let next = page
            .next
            .map(|(activity, session, number)| RegistrationNumber { activity, session, number }.to_string());
        Ok(AppealList { appeals, next })
    })
    .await
}

fn view(appeal: attendance::Appeal) -> AppealView {
    let state = match &appeal.answer {
        None => "open",
        Some(answer) if answer.lifted => "lifted",
        Some(_) => "rejected",
    };
    AppealView {
        number: appeal.number.to_string(),
        follower: Short(appeal.follower.as_str()).to_string(),
        says: appeal.says.reveal().clone(),
        at: appeal.at,
        state: state.to_owned(),
        reason: appeal.answer.map(|answer| answer.reason),
    }
}

/// Takes an absence back, or turns an appeal down: with a reason, which its follower reads.
pub async fn answer(
    call: &Call,
    number: RegistrationNumber,
    lifted: bool,
    reason: &str,
) -> Result<(), ActError> {
    let reason = form::said_why(reason, "the follower reads it")?;
    let name = if lifted { "activity.absence_lifted" } else { "activity.appeal_rejected" };
    let act = Act { detail: reason.clone(), ..act(name, number.to_string(), &reason) };
    perform(call, act, move |tx| {
        Ok(match attendance::answer(tx, number, lifted, &reason)? {
            true => Ok((number.to_string(), ())),
            false => Err(ManageRefusal::NothingToAnswer),
        })
    })
    .await
}
