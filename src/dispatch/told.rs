//! Events to which nobody waits for an answer: what they tell is written down.

use super::desk;
use crate::domain::broadcast::ledger::{Finish, MassEnd, Numbers};
use crate::domain::contact::record::{Contact, FollowerId, Origin};
use crate::domain::tables::PROFILES;
use crate::domain::trail::commands::{Note, append};
use crate::domain::{broadcast, outbox};
use crate::privacy::Short;
use crate::store::{Fault, Tx};
use crate::wechat::event::{Consent, ConsentEntry, DeliveryEntry, Event, MassStatus, TemplateStatus};

/// The consent to a notification is refused or used up (WeChat, 订阅通知).
const NO_CONSENT: i64 = 43_101;

pub fn hear(tx: &mut Tx, who: &FollowerId, contact: &mut Contact, event: &Event) -> Result<(), Fault> {
    match event {
        Event::SubscribeMsgPopup { entries } => entries.iter().for_each(|entry| answered(contact, entry)),
        Event::SubscribeMsgChange { entries } => entries.iter().for_each(|entry| changed(contact, entry)),
        Event::SubscribeMsgSent { entries } => {
            for entry in entries {
                notified(tx, who, contact, entry)?;
            }
        }
        Event::TemplateSendJobFinish { msg_id, status } => {
            let failed = match status {
                TemplateStatus::Success => None,
                TemplateStatus::Failed(why) | TemplateStatus::Other(why) => Some(why.as_str()),
            };
            result(tx, who, contact, msg_id, failed)?;
        }
        Event::UserAuthorizationRevoke(change) => revoked(tx, who, change.revoke_info.as_deref())?,
        other => desk::hear(contact, other, tx.moment().now),
    }
    Ok(())
}

/// The follower takes a consent back that WeChat asked for. Nothing here came by one; what is kept to ask no second
/// time goes all the same, and staff see it on the trail.
fn revoked(tx: &mut Tx, who: &FollowerId, what: Option<&str>) -> Result<(), Fault> {
    tx.delete(&PROFILES, who)?;
    let (subject, detail) = (Short(who.as_str()).to_string(), format!("code {}", what.unwrap_or("none")));
    append(
        tx,
        Note {
            who: "wechat",
            act: "follower.consent_revoked",
            subject: &subject,
            detail: &detail,
            done: true,
        },
    )
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

fn notified(
    tx: &mut Tx,
    who: &FollowerId,
    contact: &mut Contact,
    entry: &DeliveryEntry,
) -> Result<(), Fault> {
    let code = entry.error_code.unwrap_or(0);
    if code == NO_CONSENT {
        contact.reach.refuse(&entry.template_id);
    }
    let failed = (code != 0).then_some(entry.error_status.as_str());
    result(tx, who, contact, &entry.msg_id, failed)
}

/// `failed`: WeChat's word for why it did not arrive.
fn result(
    tx: &mut Tx,
    who: &FollowerId,
    contact: &mut Contact,
    msg_id: &str,
    failed: Option<&str>,
) -> Result<(), Fault> {
    match (contact.reach.result_of(msg_id), failed) {
        (Some(Origin::Outbox(id)), Some(why)) => outbox::commands::fail(tx, id, why),
        (Some(Origin::Outbox(_)), None) => Ok(()),
        (Some(Origin::Broadcast(id)), _) => broadcast::settle::finished(tx, id, who, finish(failed)),
        // It may be the result of a call whose answer has not come yet.
        (None, _) => {
            if let Some(why) = failed {
                outbox::commands::fail_early(tx, who, msg_id, why)?;
            }
            broadcast::settle::heard_early(tx, who, msg_id, finish(failed)).map(drop)
        }
    }
}

fn finish(failed: Option<&str>) -> Finish {
    match failed {
        None => Finish::Delivered,
        Some("user block") => Finish::Blocked,
        Some(_) => Finish::Failed,
    }
}

/// What the platform tells of itself rather than of a follower.
pub fn hear_platform(tx: &mut Tx, event: &Event) -> Result<(), Fault> {
    let Event::MassSendJobFinish(job) = event else { return Ok(()) };
    let numbers = Numbers {
        total: job.total.unwrap_or(0),
        filtered: job.filtered.unwrap_or(0),
        sent: job.sent.unwrap_or(0),
        errors: job.errors.unwrap_or(0),
    };
    let end = MassEnd { failed: job.status != MassStatus::Success, numbers };
    broadcast::chunks::mass_finished(tx, &job.msg_id, end).map(drop)
}
