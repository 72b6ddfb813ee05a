//! What a story finds made, as its `story.toml` says it.

use std::path::Path;

use serde_json::Value;

use super::acts::{Done, Undone, editor, registrar, written};
use super::given::{GivenMember, GivenSignUp};
use super::service::Service;
use super::story::Setting;
use super::{covers, welfare};
use crate::domain::activity::commands::{Application, register};
use crate::domain::activity::record::Companions;
use crate::domain::contact::record::FollowerId;
use crate::domain::member::binding::attach;
use crate::domain::member::record::MemberId;
use crate::domain::tables::{ACTIVITIES, MEMBERS};
use crate::staff::activity as staff;
use crate::staff::member as members;

/// The activities, with the forms that they were made from (the first is activity 1).
pub async fn prepare(service: &Service, setting: &Setting, folder: &Path) -> Result<Vec<Value>, Undone> {
    let mut forms = Vec::new();
    for (index, given) in setting.activity.iter().enumerate() {
        let place = format!("activity {}", index + 1);
        let form = written(given.file.as_deref(), &given.with, folder);
        let form = form.map_err(|error| format!("{place}: {error}"))?;
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

async fn make(service: &Service, form: &Value, published: bool) -> Done {
    let call = service.call(editor());
    let made = staff::create(&call, &form.to_string()).await?;
    if published {
        let code = made.id.parse().map_err(|()| format!("{} is no activity's number", made.id))?;
        staff::publish(&call, code).await?;
    }
    Ok(())
}

async fn enlist(service: &Service, given: &GivenMember) -> Done {
    let member = members::add(&service.call(registrar()), given.row.clone()).await?;
    let (Some(follower), Ok(id)) = (&given.follower, member.id.parse::<MemberId>()) else { return Ok(()) };
    let who = FollowerId::new(follower.as_str());
    let bound = service.store.submit(service.moment(), move |tx| {
        let Some(member) = tx.get(&MEMBERS, &id)? else { return Ok(()) };
        attach(tx, id, member, &who).map(drop)
    });
    Ok(bound.await?)
}

/// The follower's own command, with every notice agreed to.
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
    match registered.await? {
        Ok(_) => Ok(()),
        Err(refusal) => Err(Undone(format!("{place} is refused: {refusal:?}"))),
    }
}
