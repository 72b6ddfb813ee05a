//! What a story finds made, and what staff do while it goes on: through the staff's own door.

use std::path::Path;

use serde_json::Value;

use super::given::{GivenActivity, GivenMember, GivenSignUp};
use super::service::Service;
use super::story::{Event, Setting};
use super::{cases, claims, covers, welfare};
use crate::domain::activity::commands::{Application, register};
use crate::domain::activity::record::{ActivityCode, Companions, RegistrationNumber};
use crate::domain::broadcast::record::BroadcastCode;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::binding::attach;
use crate::domain::member::record::MemberId;
use crate::domain::tables::{ACTIVITIES, MEMBERS};
use crate::moment::Time;
use crate::staff::activity::{self as staff, attendance, kits, review};
use crate::staff::broadcast::{self as broadcasts, Policy};
use crate::staff::member::{self as members, ApproveForm};
use crate::staff::series;
use crate::staff::{ActError, Caller, Role};

/// An act, or why it could not be done.
pub(super) type Done = Result<(), String>;

/// The activities, with the forms that they were made from (the first is activity 1).
pub async fn prepare(service: &Service, setting: &Setting, folder: &Path) -> Result<Vec<Value>, String> {
    let mut forms = Vec::new();
    for (index, given) in setting.activity.iter().enumerate() {
        let place = format!("activity {}", index + 1);
        let form = form(given, folder).map_err(|error| format!("{place}: {error}"))?;
        make(service, &form, given.published).await.map_err(|error| format!("{place}: {error}"))?;
        forms.push(form);
    }
    for given in &setting.member {
        enlist(service, given).await.map_err(|error| format!("a member: {error}"))?;
    }
    let identities: Vec<String> = setting.member.iter().map(|member| member.row.identity.clone()).collect();
    covers::prepare(service, setting, folder, &identities).await?;
    for (index, given) in setting.benefit.iter().enumerate() {
        let made = welfare::make(service, given, folder).await;
        made.map_err(|error| format!("benefit {}: {error}", index + 1))?;
    }
    for given in &setting.sign_up {
        sign_up(service, given).await?;
    }
    Ok(forms)
}

/// One event; a changed activity's form is changed with it.
pub async fn happen(service: &Service, event: &Event, forms: &mut [Value], folder: &Path) -> Done {
    let (at, who) = (service.moment(), editor());
    let acted = match event {
        Event::Wait { span, .. } => {
            service.clock.advance(span.0);
            return Ok(());
        }
        Event::Decide { application, refuse, .. } => {
            let (store, who) = (&service.store, registrar());
            let decided = match refuse {
                Some(why) => members::refuse(store, at, &who, None, *application, why.clone()).await,
                None => members::approve(store, at, &who, None, *application, ApproveForm::default()).await,
            };
            return decided.map(drop).map_err(|error| said(&error));
        }
        Event::Listed { row, .. } => {
            let entered = members::add(&service.store, at, &registrar(), None, row.clone()).await;
            return entered.map(drop).map_err(|error| said(&error));
        }
        Event::Enrolled { identity, programme, from, until, .. } => {
            return covers::listed(service, identity, programme, (*from, *until)).await;
        }
        Event::Look { member, reason, .. } => {
            let id = member.parse().map_err(|()| format!("{member} is no member's number"))?;
            let seen = members::look(&service.store, at, &registrar(), id, reason.clone()).await;
            return seen.map(drop).map_err(|error| said(&error));
        }
        Event::Unbind { member, reason, .. } => {
            let id = member.parse().map_err(|()| format!("{member} is no member's number"))?;
            let parted = members::unbind(&service.store, at, &registrar(), None, id, reason.clone()).await;
            return parted.map(drop).map_err(|error| said(&error));
        }
        Event::Publish { activity, .. } => {
            staff::publish(&service.store, at, &who, None, ActivityCode(*activity)).await
        }
        Event::Close { activity, .. } => {
            staff::close(&service.store, at, &who, None, ActivityCode(*activity)).await
        }
        Event::Cancel { activity, reason, .. } => {
            staff::call_off(&service.store, at, &who, None, ActivityCode(*activity), reason).await
        }
        Event::Capacity { activity, session, seats, .. } => {
            let index = usize::from(*session).saturating_sub(1);
            let pointer = format!("/sessions/{index}/capacity");
            return change(service, *activity, forms, &pointer, Value::from(*seats)).await;
        }
        Event::Place { activity, place, .. } => {
            return change(service, *activity, forms, "/place", Value::from(place.as_str())).await;
        }
        Event::Welfare { act, .. } => return welfare::act(service, act).await,
        Event::Claim { claim, by, does, refused, .. } => {
            return claims::act(service, *claim, by.as_deref(), does, refused.as_deref()).await;
        }
        Event::Case { case, by, desk, does, refused, .. } => {
            return cases::act(service, *case, (by.as_deref(), desk), does, refused.as_deref()).await;
        }
        Event::Pay { scheme, failed, reason, .. } => {
            return claims::pay(service, scheme, failed, reason).await;
        }
        Event::Move { activity, session, to, .. } => {
            return moved(service, *activity, *session, *to, forms).await;
        }
        Event::Attendance { activity, present, absent, .. } => {
            let body = serde_json::json!({ "present": present, "absent": absent }).to_string();
            let code = ActivityCode(*activity);
            let marked = attendance::mark(&service.store, at, &who, None, code, &body).await;
            return match marked {
                Ok(done) if done.unknown.is_empty() => Ok(()),
                Ok(done) => Err(format!("unknown: {:?}", done.unknown)),
                Err(error) => Err(said(&error)),
            };
        }
        Event::Review { activity, accept, refuse, reason, .. } => {
            let refuse: Vec<_> =
                refuse.iter().map(|n| serde_json::json!({ "number": n, "reason": reason })).collect();
            let body = serde_json::json!({ "accept": accept, "refuse": refuse }).to_string();
            let done = review::decide(&service.store, at, &who, None, ActivityCode(*activity), &body).await;
            return done.map(drop).map_err(|error| said(&error));
        }
        Event::Appeal { number, lifted, reason, .. } => {
            let number = number.parse().map_err(|()| format!("{number} is no sign-up's number"))?;
            let done = attendance::answer(&service.store, at, &who, None, number, *lifted, reason).await;
            return done.map_err(|error| said(&error));
        }
        Event::Parcel { number, courier, tracking, .. } => {
            return parcel(service, number, courier, tracking).await;
        }
        Event::Series { file, .. } => {
            let form = written(Some(file), &toml::Table::new(), folder)?;
            let made = series::create(&service.store, at, &who, None, &form.to_string()).await;
            return made.map(drop).map_err(|error| said(&error));
        }
        Event::Broadcast { file, with, .. } => {
            return broadcast(service, &written(file.as_deref(), with, folder)?).await;
        }
        Event::PauseBroadcast { broadcast, .. } => {
            let paused =
                broadcasts::pause(&service.store, at, &writer(), None, BroadcastCode(*broadcast)).await;
            return paused.map(drop).map_err(|error| said(&error));
        }
        Event::ResumeBroadcast { broadcast, .. } => {
            let resumed =
                broadcasts::resume(&service.store, at, &writer(), None, BroadcastCode(*broadcast)).await;
            return resumed.map(drop).map_err(|error| said(&error));
        }
    };
    acted.map(drop).map_err(|error| said(&error))
}

async fn change(service: &Service, activity: u32, forms: &mut [Value], pointer: &str, value: Value) -> Done {
    let form = (activity as usize).checked_sub(1).and_then(|index| forms.get_mut(index));
    let Some(form) = form else { return Err(format!("there is no activity {activity}")) };
    let Some(field) = form.pointer_mut(pointer) else {
        return Err(format!("activity {activity} has no {pointer}"));
    };
    *field = value;
    let (at, who) = (service.moment(), editor());
    let code = ActivityCode(activity);
    let changed = staff::change(&service.store, at, &who, None, code, &form.to_string()).await;
    changed.map(drop).map_err(|error| said(&error))
}

/// To another time, the cancelling's as far from it as before.
async fn moved(service: &Service, activity: u32, session: u16, to: Time, forms: &mut [Value]) -> Done {
    let index = usize::from(session).saturating_sub(1);
    let form = (activity as usize).checked_sub(1).and_then(|index| forms.get_mut(index));
    let Some(form) = form else { return Err(format!("there is no activity {activity}")) };
    let session = form.pointer(&format!("/sessions/{index}")).cloned().unwrap_or_default();
    let time =
        |name: &str| Time::parse(session[name].as_str().unwrap_or_default()).map_err(|e| e.to_string());
    let ends = to.plus(time("ends")?.since(time("starts")?));
    for (name, time) in [("starts", to), ("ends", ends)] {
        form["sessions"][index][name] = Value::from(time.to_string());
    }
    let (at, who, code) = (service.moment(), editor(), ActivityCode(activity));
    let changed = staff::change(&service.store, at, &who, None, code, &form.to_string()).await;
    changed.map(drop).map_err(|error| said(&error))
}

async fn parcel(service: &Service, number: &str, courier: &str, tracking: &str) -> Done {
    let parsed: RegistrationNumber =
        number.parse().map_err(|()| format!("{number} is no sign-up's number"))?;
    let parcel = serde_json::json!({ "number": number, "courier": courier, "tracking": tracking });
    let body = serde_json::json!({ "parcels": [parcel] }).to_string();
    let (at, who, code) = (service.moment(), editor(), ActivityCode(parsed.activity));
    match kits::track(&service.store, at, &who, None, code, &body).await {
        Ok(done) if done.unknown.is_empty() => Ok(()),
        Ok(_) => Err(format!("{number} has no parcel")),
        Err(error) => Err(said(&error)),
    }
}

/// Two people do it, as the rules for broadcasts ask.
async fn broadcast(service: &Service, form: &Value) -> Done {
    let (store, at, policy) = (&service.store, service.moment(), Policy::default());
    let (writer, approver) = (writer(), Caller { name: "approver".to_owned(), ..writer() });
    let done = async {
        let written = broadcasts::create(store, at, &writer, None, &form.to_string()).await?;
        let code: BroadcastCode =
            written.id.parse().map_err(|()| ActError::NotFound(format!("broadcast {}", written.id)))?;
        let policy = Policy { preview_message: false, ..policy };
        broadcasts::preview(store, at, &writer, None, code, None, &policy).await?;
        broadcasts::approve(store, at, &approver, None, code, &policy).await?;
        broadcasts::start(store, at, &writer, None, code, &policy).await
    };
    done.await.map(drop).map_err(|error| said(&error))
}

fn form(given: &GivenActivity, folder: &Path) -> Result<Value, String> {
    written(given.file.as_deref(), &given.with, folder)
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

async fn make(service: &Service, form: &Value, published: bool) -> Done {
    let (at, who) = (service.moment(), editor());
    let made = staff::create(&service.store, at, &who, None, &form.to_string()).await;
    let made = made.map_err(|error| said(&error))?;
    if published {
        let code = made.id.parse().map_err(|()| format!("{} is no activity's number", made.id))?;
        staff::publish(&service.store, at, &who, None, code).await.map_err(|error| said(&error))?;
    }
    Ok(())
}

/// The follower's own command, with every notice agreed to.
async fn enlist(service: &Service, given: &GivenMember) -> Done {
    let (at, row) = (service.moment(), given.row.clone());
    let member =
        members::add(&service.store, at, &registrar(), None, row).await.map_err(|error| said(&error))?;
    let (Some(follower), Ok(id)) = (&given.follower, member.id.parse::<MemberId>()) else { return Ok(()) };
    let who = FollowerId::new(follower.as_str());
    let bound = service.store.submit(at, move |tx| {
        let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(()) };
        attach(tx, id, member, &who).map(drop)
    });
    bound.await.map_err(|error| error.to_string())
}

fn registrar() -> Caller {
    Caller::new("registrar", vec![Role::Member])
}

async fn sign_up(service: &Service, given: &GivenSignUp) -> Done {
    let who = FollowerId::new(given.follower.as_str());
    let given = given.clone();
    let place = format!("the sign-up of {} for activity {}", given.follower, given.activity);
    let registered = service.store.submit(service.moment(), move |tx| {
        let activity = tx.get(&ACTIVITIES, &given.activity)?;
        let asked = activity.as_ref().map(|activity| activity.terms.settings.consents.clone());
        let notice = activity.and_then(|activity| activity.terms.notice);
        let application = Application {
            activity: given.activity,
            session: given.session,
            party: Companions {
                companions: given.companions,
                children: given.children.clone(),
                ..Companions::default()
            },
            answers: given.answers.clone().into_iter().collect(),
            agreed: notice.map(|notice| notice.version),
            consents: asked
                .unwrap_or_default()
                .iter()
                .map(|asked| (asked.kind, asked.version, true))
                .collect(),
        };
        register(tx, &who, &application)
    });
    match registered.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(refusal)) => Err(format!("{place} is refused: {refusal:?}")),
        Err(error) => Err(format!("{place}: {error}")),
    }
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
        (Ok(()), Some(code)) => Err(format!("{act} is not refused as {code}")),
        (Err(ActError::Refused { code, .. }), Some(expected)) if code == expected => Ok(()),
        (Err(error), _) => Err(said(&error)),
    }
}

pub(super) fn said(error: &ActError) -> String {
    match error {
        ActError::Invalid(fields) => {
            let fields = fields.iter().map(|field| format!("{}: {}", field.field, field.message));
            fields.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}
