use serde::{Deserialize, Serialize};

use crate::domain::contact::record::FollowerId;
use crate::domain::tables::CONTACTS;
use crate::domain::tags::{TAGS_MAX, want};
use crate::privacy::Short;
use crate::staff::{Act, ActError, Call, FieldError, Refuse, Role, perform};
use crate::store::{Fault, Tx};

/// Tags to put on a follower and to take off, by WeChat's numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TagForm {
    pub add: Vec<u32>,
    pub remove: Vec<u32>,
}

#[derive(Debug, thiserror::Error)]
enum NoTag {
    #[error("there is no such follower")]
    Unknown,
    #[error("who does not follow has no tags at WeChat")]
    NotFollowing,
    #[error("WeChat allows a follower {TAGS_MAX} tags; this would make {0}")]
    TooMany(usize),
}

impl Refuse for NoTag {
    fn code(&self) -> &'static str {
        match self {
            NoTag::Unknown => "unknown_follower",
            NoTag::NotFollowing => "not_following",
            NoTag::TooMany(_) => "too_many_tags",
        }
    }

    fn missing(&self) -> Option<&'static str> {
        matches!(self, NoTag::Unknown).then_some("such follower")
    }
}

/// Asks for the change; WeChat is told in the background, and what it has is what a look shows afterwards.
pub async fn tag(call: &Call, openid: &str, form: TagForm) -> Result<TagForm, ActError> {
    if form.add.is_empty() && form.remove.is_empty() {
        let message = "name at least one tag, here or under `remove`".to_owned();
        return Err(ActError::Invalid(vec![FieldError { field: "add".to_owned(), message }]));
    }
    if let Some(both) = form.add.iter().find(|tag| form.remove.contains(tag)) {
        let message = format!("tag {both} is under `remove` as well");
        return Err(ActError::Invalid(vec![FieldError { field: "add".to_owned(), message }]));
    }
    let of = FollowerId::new(openid);
    let act = Act {
        name: "follower.tag",
        subject: Short(openid).to_string(),
        role: Role::Broadcast,
        detail: format!("add {:?}, remove {:?}", form.add, form.remove),
        request: format!("{form:?}"),
    };
    let subject = act.subject.clone();
    perform(call, act, move |tx| Ok(change(tx, &of, &form)?.map(|()| (subject.clone(), form.clone())))).await
}

fn change(tx: &mut Tx, of: &FollowerId, form: &TagForm) -> Result<Result<(), NoTag>, Fault> {
    let Some(contact) = tx.get(&CONTACTS, of)? else { return Ok(Err(NoTag::Unknown)) };
    if !contact.subscribed {
        return Ok(Err(NoTag::NotFollowing));
    }
    let mut tags = contact.reach.tags;
    tags.retain(|tag| !form.remove.contains(tag) && !form.add.contains(tag));
    if tags.len() + form.add.len() > TAGS_MAX {
        return Ok(Err(NoTag::TooMany(tags.len() + form.add.len())));
    }
    for (tag, add) in form.add.iter().map(|tag| (tag, true)).chain(form.remove.iter().map(|tag| (tag, false)))
    {
        want(tx, of, *tag, add)?;
    }
    Ok(Ok(()))
}
