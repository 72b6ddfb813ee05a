//! What staff do while a story goes on: through their own door.

use std::fmt;
use std::path::Path;

use serde_json::{Value, json};

use super::service::Service;
use super::story::Event;
use super::{cases, claims, covers, welfare};
use crate::domain::activity::record::{ActivityCode, RegistrationNumber};
use crate::domain::broadcast::record::BroadcastCode;
use crate::domain::member::record::MemberId;
use crate::moment::Time;
use crate::staff::activity::{self as staff, attendance, kits, review};
use crate::staff::broadcast::{self as broadcasts, Policy};
use crate::staff::member::{self as members, ApproveForm};
use crate::staff::series;
use crate::staff::{ActError, AsOf, Caller, Role};
use crate::store::SubmitError;

/// Why an act could not be done, in words.
#[derive(Debug)]
pub(super) struct Undone(pub String);

pub(super) type Done = Result<(), Undone>;

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Undone {
    fn from(words: String) -> Undone {
        Undone(words)
    }
}

impl From<SubmitError> for Undone {
    fn from(error: SubmitError) -> Undone {
        Undone(error.to_string())
    }
}

impl From<ActError> for Undone {
    fn from(error: ActError) -> Undone {
        match error {
            ActError::Invalid(fields) => {
                let fields = fields.iter().map(|field| format!("{}: {}", field.field, field.message));
                Undone(fields.collect::<Vec<_>>().join("; "))
            }
            other => Undone(other.to_string()),
        }
    }
}

/// One event; a changed activity's form is changed with it.
pub async fn happen(service: &Service, event: &Event, forms: &mut [Value], folder: &Path) -> Done {
    let call = service.call(editor());
    match event {
        Event::Wait { span } => service.clock.advance(span.0),
        Event::Publish { activity } => {
            staff::publish(&call, ActivityCode(*activity)).await?;
        }
        Event::Close { activity } => {
            staff::close(&call, ActivityCode(*activity)).await?;
        }
        Event::Cancel { activity, reason } => {
            staff::call_off(&call, ActivityCode(*activity), reason).await?;
        }
        Event::Capacity { activity, session, seats } => {
            let seats = |form: &mut Value| set(form, *session, "capacity", Value::from(*seats));
            change(service, *activity, forms, seats).await?;
        }
        Event::Place { activity, place } => {
            let place = |form: &mut Value| {
                form["place"] = Value::from(place.as_str());
                Ok(())
            };
            change(service, *activity, forms, place).await?;
        }
        Event::Move { activity, session, to } => {
            change(service, *activity, forms, |form| moved(form, *session, *to)).await?;
        }
        Event::Attendance { activity, present, absent } => {
            let body = json!({ "present": present, "absent": absent }).to_string();
            let done = attendance::mark(&call, ActivityCode(*activity), &body).await?;
            all_known(&done.unknown)?;
        }
        Event::Review { activity, accept, refuse, reason } => {
            let refuse: Vec<_> = refuse.iter().map(|n| json!({ "number": n, "reason": reason })).collect();
            let body = json!({ "accept": accept, "refuse": refuse }).to_string();
            review::decide(&call, ActivityCode(*activity), &body).await?;
        }
        Event::TakeBack { number, reason } => {
            staff::take_back(&call, sign_up_number(number)?, reason).await?;
        }
        Event::Appeal { number, lifted, reason } => {
            attendance::answer(&call, sign_up_number(number)?, *lifted, reason).await?;
        }
        Event::Parcel { number, courier, tracking } => {
            let code = ActivityCode(sign_up_number(number)?.activity);
            let parcel = json!({ "number": number, "courier": courier, "tracking": tracking });
            let body = json!({ "parcels": [parcel] }).to_string();
            all_known(&kits::track(&call, code, &body).await?.unknown)?;
        }
        Event::Series { file } => {
            let form = written(Some(file), &toml::Table::new(), folder)?;
            series::create(&call, &form.to_string()).await?;
        }
        Event::Decide { application, refuse: Some(why) } => {
            members::refuse(&service.call(registrar()), *application, why.clone()).await?;
        }
        Event::Decide { application, refuse: None } => {
            members::approve(&service.call(registrar()), *application, ApproveForm::default()).await?;
        }
        Event::Listed { row } => {
            members::add(&service.call(registrar()), row.clone()).await?;
        }
        Event::Look { member, reason } => {
            members::look(&service.call(registrar()), member_number(member)?, reason.clone()).await?;
        }
        Event::Unbind { member, reason } => {
            members::unbind(&service.call(registrar()), member_number(member)?, reason.clone(), false)
                .await?;
        }
        Event::Enrolled { identity, programme, from, until } => {
            covers::listed(service, identity, programme, (*from, *until)).await?;
        }
        Event::Welfare { act } => welfare::act(service, act).await?,
        Event::Claim { claim, by, does, refused } => {
            claims::act(service, *claim, by.as_deref(), does, refused.as_deref()).await?;
        }
        Event::Case { case, by, desk, does, refused } => {
            cases::act(service, *case, (by.as_deref(), desk), does, refused.as_deref()).await?;
        }
        Event::Pay { scheme, failed, reason } => claims::pay(service, scheme, failed, reason).await?,
        Event::Broadcast { file, with } => {
            broadcast(service, &written(file.as_deref(), with, folder)?).await?;
        }
        Event::PauseBroadcast { broadcast } => {
            broadcasts::pause(&service.call(writer()), BroadcastCode(*broadcast)).await?;
        }
        Event::ResumeBroadcast { broadcast } => {
            broadcasts::resume(&service.call(writer()), BroadcastCode(*broadcast)).await?;
        }
    }
    Ok(())
}

fn sign_up_number(number: &str) -> Result<RegistrationNumber, String> {
    number.parse().map_err(|()| format!("{number} is no sign-up's number"))
}

fn member_number(member: &str) -> Result<MemberId, String> {
    member.parse().map_err(|()| format!("{member} is no member's number"))
}

fn all_known(unknown: &[String]) -> Result<(), String> {
    if unknown.is_empty() { Ok(()) } else { Err(format!("unknown: {unknown:?}")) }
}

/// Staff give an activity the shape that it has, edited.
async fn change(
    service: &Service,
    activity: u32,
    forms: &mut [Value],
    edit: impl FnOnce(&mut Value) -> Result<(), String>,
) -> Done {
    let form = (activity as usize).checked_sub(1).and_then(|index| forms.get_mut(index));
    let form = form.ok_or_else(|| format!("there is no activity {activity}"))?;
    edit(form)?;
    let code = ActivityCode(activity);
    staff::change(&service.call(editor()), code, AsOf(None), &form.to_string()).await?;
    Ok(())
}

fn set(form: &mut Value, session: u16, field: &str, value: Value) -> Result<(), String> {
    let index = usize::from(session).saturating_sub(1);
    let field = form.pointer_mut(&format!("/sessions/{index}/{field}"));
    *field.ok_or_else(|| format!("there is no session {session}"))? = value;
    Ok(())
}

/// To another time, of the same length.
fn moved(form: &mut Value, session: u16, to: Time) -> Result<(), String> {
    let now = form["sessions"][usize::from(session).saturating_sub(1)].clone();
    let time = |name: &str| Time::parse(now[name].as_str().unwrap_or_default()).map_err(|e| e.to_string());
    let ends = to.plus(time("ends")?.since(time("starts")?));
    set(form, session, "starts", Value::from(to.to_string()))?;
    set(form, session, "ends", Value::from(ends.to_string()))
}

/// Two people do it, as the rules for broadcasts ask.
async fn broadcast(service: &Service, form: &Value) -> Done {
    let policy = Policy { preview_message: false, ..Policy::default() };
    let approver = Caller { name: "approver".to_owned(), ..writer() };
    let (written_by, approved_by) = (service.call(writer()), service.call(approver));
    let written = broadcasts::create(&written_by, &form.to_string()).await?;
    let code: BroadcastCode =
        written.id.parse().map_err(|()| format!("{} is no broadcast's number", written.id))?;
    broadcasts::preview(&written_by, code, None, &policy).await?;
    broadcasts::approve(&approved_by, code, AsOf(None), &policy).await?;
    broadcasts::start(&written_by, code, &policy).await?;
    Ok(())
}

/// A form in a file, with some of its fields replaced.
pub(super) fn written(file: Option<&Path>, with: &toml::Table, folder: &Path) -> Result<Value, String> {
    let mut form = match file {
        Some(file) => {
            let text = std::fs::read_to_string(folder.join(file));
            let text = text.map_err(|error| format!("{}: {error}", file.display()))?;
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?
        }
        None => Value::Object(serde_json::Map::new()),
    };
    let with = serde_json::to_value(with).map_err(|error| error.to_string())?;
    if let (Some(form), Value::Object(with)) = (form.as_object_mut(), with) {
        form.extend(with);
    }
    Ok(form)
}

pub(super) fn registrar() -> Caller {
    Caller::new("registrar", vec![Role::Member])
}

pub(super) fn editor() -> Caller {
    Caller::new("replay", vec![Role::Activity, Role::Benefit])
}

fn writer() -> Caller {
    Caller::new("writer", vec![Role::Broadcast])
}

/// What became of an act, if it is to be refused with that code or not at all.
pub(super) fn settled(done: Result<(), ActError>, act: &str, refused: Option<&str>) -> Done {
    match (done, refused) {
        (Ok(()), None) => Ok(()),
        (Ok(()), Some(code)) => Err(Undone(format!("{act} is not refused as {code}"))),
        (Err(ActError::Refused { code, .. }), Some(expected)) if code == expected => Ok(()),
        (Err(error), _) => Err(error.into()),
    }
}
