use std::convert::Infallible;

use super::view::{self, ActivityBrief, ActivityList, ActivityView, RegistrationView, Roster};
use crate::domain::activity::manage;
use crate::domain::activity::record::{Activity, ActivityCode, Registration, RegistrationNumber};
use crate::domain::activity::take_back;
use crate::domain::member::looks;
use crate::domain::member::record::MemberId;
use crate::domain::tables::{ACTIVITIES, REGISTRATIONS};
use crate::staff::act::{look, see};
use crate::staff::form::said_why;
use crate::staff::{Act, ActError, AsOf, Call, Refuse, Role, perform, permit};
use crate::store::{Fault, Tx};

/// Rows read in one turn of the writer, so that a large roster stalls nobody.
const ROWS_PER_READ: usize = 200;
const PAGE_MAX: usize = 500;
/// Activities on one page of the list.
const LIST_MAX: usize = 100;

type Acted = Result<ActivityBrief, ActError>;
type Decided<R> = Result<Result<Activity, R>, Fault>;

pub async fn create(call: &Call, body: &str) -> Acted {
    let act = act("activity.create", String::new(), body);
    permit(call, &act).await?;
    let terms = super::parse(body).map_err(ActError::Invalid)?;
    act_on(call, act, move |tx| manage::create(tx, terms.clone()).map(Ok::<_, Infallible>)).await
}

pub async fn change(call: &Call, id: ActivityCode, as_of: AsOf, body: &str) -> Acted {
    let act = act("activity.change", id.to_string(), &as_of.with(body));
    permit(call, &act).await?;
    let terms = super::parse(body).map_err(ActError::Invalid)?;
    act_on(call, act, move |tx| {
        let changed = tx.get(&ACTIVITIES, &id.0)?.map(|found| found.changed);
        as_of.and(tx, id, changed, |tx| manage::change(tx, id.0, terms.clone()))
    })
    .await
}

pub async fn publish(call: &Call, id: ActivityCode) -> Acted {
    act_on(call, act("activity.publish", id.to_string(), ""), move |tx| manage::publish(tx, id.0)).await
}

pub async fn close(call: &Call, id: ActivityCode) -> Acted {
    act_on(call, act("activity.close", id.to_string(), ""), move |tx| manage::close(tx, id.0)).await
}

/// Calls the whole activity off and tells everybody who signed up.
pub async fn call_off(call: &Call, id: ActivityCode, reason: &str) -> Acted {
    let reason = said_why(reason, "everybody who signed up reads it")?;
    let act = Act { detail: reason.clone(), ..act("activity.cancel", id.to_string(), &reason) };
    act_on(call, act, move |tx| manage::call_off(tx, id.0, &reason)).await
}

/// Gives one sign-up back for its follower, who called, say, and tells them.
pub async fn take_back(call: &Call, number: RegistrationNumber, reason: &str) -> Result<(), ActError> {
    let reason = said_why(reason, "the follower reads it")?;
    let act = Act { detail: reason.clone(), ..act("activity.take_back", number.to_string(), &reason) };
    perform(call, act, move |tx| {
        let taken = take_back::take_back(tx, number, &reason)?;
        Ok(taken.map(|()| (number.to_string(), ())))
    })
    .await
}

pub(super) fn act(name: &'static str, subject: String, request: &str) -> Act {
    Act { name, subject, role: Role::Activity, detail: String::new(), request: request.to_owned() }
}

async fn act_on<R: Refuse>(
    call: &Call,
    act: Act,
    command: impl Fn(&mut Tx) -> Decided<R> + Send + Sync + 'static,
) -> Acted {
    perform(call, act, move |tx| {
        Ok(match command(tx)? {
            Ok(activity) => Ok((ActivityCode(activity.id).to_string(), view::brief(tx, &activity)?)),
            Err(refusal) => Err(refusal),
        })
    })
    .await
}

pub async fn get(call: &Call, id: ActivityCode) -> Result<ActivityView, ActError> {
    let act = Act::plain("activity.show", id.to_string(), Role::Activity);
    let read = move |tx: &Tx| tx.get(&ACTIVITIES, &id.0)?.map(|a| view::full(tx, &a)).transpose();
    let found = see(call, act, read).await?;
    found.ok_or_else(|| ActError::NotFound(format!("activity {id}")))
}

/// Activities by number, from after `after`.
pub async fn list(call: &Call, after: Option<ActivityCode>, limit: usize) -> Result<ActivityList, ActError> {
    let act = Act::plain("activity.list", String::new(), Role::Activity);
    let limit = limit.clamp(1, LIST_MAX);
    let after = after.map(|code| code.0);
    let read = move |tx: &Tx| {
        let page = tx.scan(&ACTIVITIES, &(), after.as_ref(), limit)?;
        let activities =
            page.rows.iter().map(|(_, activity)| view::brief(tx, activity)).collect::<Result<_, _>>()?;
        Ok(ActivityList { activities, next: page.next.map(|id| ActivityCode(id).to_string()) })
    };
    see(call, act, read).await
}

/// Everybody who signed up. With a reason, phones and addresses are shown whole, and the members read who saw theirs.
/// Every look is on the trail.
pub async fn roster(call: &Call, id: ActivityCode, reveal: Option<&str>) -> Result<Roster, ActError> {
    let (act, seen) = (roster_look(id, reveal), Seen::with(call, reveal));
    let found = look(call, act, move |tx| {
        let Some(activity) = tx.get(&ACTIVITIES, &id.0)? else { return Ok(None) };
        Ok(Some((view::brief(tx, &activity)?, view::insurance(&activity))))
    });
    let (brief, insurance) = found.await?.ok_or_else(|| ActError::NotFound(format!("activity {id}")))?;
    let mut registrations: Vec<RegistrationView> = Vec::new();
    let mut after = None;
    loop {
        let seen = seen.clone();
        let page = move |tx: &mut Tx| rows(tx, id.0, after.as_ref(), ROWS_PER_READ, &seen);
        let (rows, next) = if reveal.is_some() { call.submit(page).await? } else { call.read(page).await? };
        registrations.extend(rows);
        after = next;
        if after.is_none() {
            break;
        }
    }
    let ActivityBrief { id, title, counts, sessions, .. } = brief;
    Ok(Roster { id, title, counts, sessions, registrations, insurance, next: None })
}

/// A page of the roster, for lists that are too long to be held at once. Each page is a look of its own.
pub async fn roster_page(
    call: &Call,
    id: ActivityCode,
    reveal: Option<&str>,
    after: Option<RegistrationNumber>,
    limit: usize,
) -> Result<Roster, ActError> {
    let (act, seen) = (roster_look(id, reveal), Seen::with(call, reveal));
    let (after, limit) = (after.map(|number| number.key()), limit.clamp(1, PAGE_MAX));
    let found = look(call, act, move |tx| {
        let Some(activity) = tx.get(&ACTIVITIES, &id.0)? else { return Ok(None) };
        let (registrations, next) = rows(tx, id.0, after.as_ref(), limit, &seen)?;
        let ActivityBrief { id, title, counts, sessions, .. } = view::brief(tx, &activity)?;
        let next = next
            .map(|(activity, session, number)| RegistrationNumber { activity, session, number }.to_string());
        let insurance = view::insurance(&activity);
        Ok(Some(Roster { id, title, counts, sessions, registrations, insurance, next }))
    });
    found.await?.ok_or_else(|| ActError::NotFound(format!("activity {id}")))
}

fn roster_look(id: ActivityCode, reveal: Option<&str>) -> Act {
    let (name, detail) = match reveal {
        Some(reason) => ("activity.roster_revealed", reason.to_owned()),
        None => ("activity.roster", String::new()),
    };
    Act { detail, ..act(name, id.to_string(), "") }
}

/// How what names people is seen: masked, or whole for a reason, which those who are members read.
#[derive(Clone)]
pub(super) struct Seen(Option<(String, String)>);

impl Seen {
    pub fn with(call: &Call, reveal: Option<&str>) -> Seen {
        Seen(reveal.map(|why| (why.to_owned(), call.who.name.clone())))
    }

    pub fn is_whole(&self) -> bool {
        self.0.is_some()
    }

    pub fn note(&self, tx: &mut Tx, members: impl IntoIterator<Item = MemberId>) -> Result<(), Fault> {
        match &self.0 {
            Some((why, by)) => looks::note_all(tx, members, why, by),
            None => Ok(()),
        }
    }
}

type Key = (u32, u16, u32);

fn rows(
    tx: &mut Tx,
    id: u32,
    after: Option<&Key>,
    limit: usize,
    seen: &Seen,
) -> Result<(Vec<RegistrationView>, Option<Key>), Fault> {
    let Some(activity) = tx.get(&ACTIVITIES, &id)? else { return Ok((Vec::new(), None)) };
    let page = tx.scan(&REGISTRATIONS, &(id,), after, limit)?;
    let view = |(_, row): &(Key, Registration)| view::registration(tx, &activity, row, seen.is_whole());
    let views = page.rows.iter().map(view).collect::<Result<_, _>>()?;
    seen.note(tx, page.rows.iter().filter_map(|(_, row)| row.member))?;
    Ok((views, page.next))
}
