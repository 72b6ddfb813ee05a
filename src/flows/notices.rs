//! Sentences for what the outbox has to tell.

use super::sign_up::view as view_of;
use super::{Tap, texts};
use crate::content::{Content, Value};
use crate::domain::activity::record::{Activity, RegistrationNumber};
use crate::domain::outbox::record::Notice;
use crate::domain::tables::ACTIVITIES;
use crate::store::{Fault, Tx};
use crate::wechat::reply::Reply;

/// The notice as text; `None` when what it speaks of is gone, or when it is a reply that is no text.
pub fn words(tx: &Tx, content: &Content, notice: &Notice) -> Result<Option<String>, Fault> {
    Ok(match notice {
        Notice::LateReply { reply, .. } => match serde_json::from_str(reply.reveal()) {
            Ok(Reply::Text { content }) => Some(content),
            _ => None,
        },
        Notice::Said { text } => Some(text.reveal().clone()),
        Notice::Promoted { number } => tx.get(&ACTIVITIES, &number.activity)?.map(|activity| {
            let values = about(&activity, *number);
            let link = Tap::Mine(*number).link("查看我的报名", "我的报名");
            format!("{}\n{link}", content.texts.render(&texts::NOTICE_PROMOTED, &values))
        }),
        Notice::ActivityCancelled { activity, reason } => tx.get(&ACTIVITIES, activity)?.map(|activity| {
            let values = [("title", Value::from(&activity.terms.title)), ("reason", Value::from(reason))];
            content.texts.render(&texts::NOTICE_ACTIVITY_CANCELLED, &values)
        }),
        Notice::ActivityChanged { activity } => tx.get(&ACTIVITIES, activity)?.map(|activity| {
            let values = [("title", Value::from(&activity.terms.title))];
            let link = Tap::Activity(activity.id).link("查看活动", "活动报名");
            format!("{}\n{link}", content.texts.render(&texts::NOTICE_ACTIVITY_CHANGED, &values))
        }),
    })
}

fn about(activity: &Activity, number: RegistrationNumber) -> [(&'static str, Value<'_>); 3] {
    let session = activity.terms.sessions.get(usize::from(number.session).saturating_sub(1));
    [
        ("title", Value::from(&activity.terms.title)),
        ("number", number.to_string().into()),
        ("when", session.map(view_of::span).unwrap_or_default().into()),
    ]
}
