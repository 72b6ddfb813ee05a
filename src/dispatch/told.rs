//! Events to which nobody waits for an answer: what they tell is written down.

use crate::domain::contact::record::{Contact, Origin};
use crate::domain::outbox;
use crate::store::{Fault, Tx};
use crate::wechat::event::{Consent, ConsentEntry, DeliveryEntry, Event, TemplateStatus};

/// The consent to a notification is refused or used up (WeChat, 订阅通知).
const NO_CONSENT: i64 = 43_101;

pub fn hear(tx: &mut Tx, contact: &mut Contact, event: &Event) -> Result<(), Fault> {
    match event {
        Event::SubscribeMsgPopup { entries } => entries.iter().for_each(|entry| answered(contact, entry)),
        Event::SubscribeMsgChange { entries } => entries.iter().for_each(|entry| changed(contact, entry)),
        Event::SubscribeMsgSent { entries } => {
            for entry in entries {
                notified(tx, contact, entry)?;
            }
        }
        Event::TemplateSendJobFinish { msg_id, status } => {
            let failed = match status {
                TemplateStatus::Success => None,
                TemplateStatus::Failed(why) | TemplateStatus::Other(why) => Some(why.as_str()),
            };
            result(tx, contact, msg_id, failed)?;
        }
        _ => {}
    }
    Ok(())
}

/// In the popup. A refusal there takes nothing back that was agreed to before.
fn answered(contact: &mut Contact, entry: &ConsentEntry) {
    match entry.consent {
        Consent::Accept => contact.reach.consent(&entry.template_id),
        Consent::Ban => contact.reach.refuse(&entry.template_id),
        _ => {}
    }
}

/// In the account's settings, where a refusal holds for all.
fn changed(contact: &mut Contact, entry: &ConsentEntry) {
    if entry.consent != Consent::Accept {
        contact.reach.refuse(&entry.template_id);
    }
}

fn notified(tx: &mut Tx, contact: &mut Contact, entry: &DeliveryEntry) -> Result<(), Fault> {
    let code = entry.error_code.unwrap_or(0);
    if code == NO_CONSENT {
        contact.reach.refuse(&entry.template_id);
    }
    let failed = (code != 0).then_some(entry.error_status.as_str());
    result(tx, contact, &entry.msg_id, failed)
}

fn result(tx: &mut Tx, contact: &mut Contact, msg_id: &str, failed: Option<&str>) -> Result<(), Fault> {
    match (contact.reach.result_of(msg_id), failed) {
        (Some(Origin::Outbox(id)), Some(why)) => outbox::commands::fail(tx, id, why),
        _ => Ok(()),
    }
}
