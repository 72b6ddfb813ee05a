//! From rows that are due to calls, with the attempt written down.

use std::time::Duration;

use super::lanes::Lanes;
use super::platform::Call;
use super::{Form, Message, Told, Words};
use crate::domain::contact::record::Contact;
use crate::domain::outbox::commands::{Due, begin, drop_row, due, give_up, postpone, wait};
use crate::domain::outbox::record::{Notice, Outgoing, Way};
use crate::domain::outbox::rules::MENDED_WITHIN;
use crate::domain::tables::CONTACTS;
use crate::moment::Time;
use crate::store::{Fault, Tx};
use crate::wechat::api::{CustomMessage, SubscriptionMessage, TemplateMessage};

/// A way that is held up no longer than this is waited for.
const WORTH_WAITING: Duration = Duration::from_secs(120);

/// A call to be made for an outbox row.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub id: u64,
    pub call: Call,
}

/// What was due: the calls to make, and whether there may be more.
#[derive(Debug, Default)]
pub struct Claim {
    pub calls: Vec<Claimed>,
    pub is_last: bool,
}

/// Takes at most `limit` rows that are due. Those with no way open wait for their follower.
pub fn claim(tx: &mut Tx, words: &dyn Words, lanes: &Lanes, limit: usize) -> Result<Claim, Fault> {
    let now = tx.moment().now;
    let mut claimed = Vec::new();
    let Due { rows, unreadable } = due(tx, limit)?;
    for id in unreadable {
        tracing::error!(id, "a notice can't be read; what else is due goes on");
    }
    let is_last = rows.is_empty();
    for (id, row) in rows {
        let contact = tx.get(&CONTACTS, &row.to)?.filter(|contact| contact.subscribed);
        let Some(contact) = contact else {
            give_up(tx, &row.to)?;
            continue;
        };
        let told = match words.told(tx, &row.notice) {
            Ok(Some(told)) => told,
            Ok(None) => {
                drop_row(tx, id)?;
                continue;
            }
            // Whoever else waits is told meanwhile.
            Err(fault @ Fault::Damaged { .. }) => {
                tracing::error!(id, %fault, "what a notice speaks of can't be read");
                postpone(tx, id, row, now.plus(MENDED_WITHIN))?;
                continue;
            }
            Err(fault) => return Err(fault),
        };
        match choose(&contact, &told, &row, lanes, now) {
            Choice::Wait => wait(tx, id, row)?,
            Choice::Later(until) => postpone(tx, id, row, until)?,
            Choice::Go(way) => {
                let call = call(id, &row, way, told);
                begin(tx, id, row, way)?;
                claimed.extend(call.map(|call| Claimed { id, call }));
            }
        }
    }
    Ok(Claim { calls: claimed, is_last })
}

enum Choice {
    Go(Way),
    /// The ways that are open are held up until then.
    Later(Time),
    /// No way is open.
    Wait,
}

/// The best of the open ways, or the next one where it is held up for long: templates and consents are few.
fn choose(contact: &Contact, told: &Told, row: &Outgoing, lanes: &Lanes, now: Time) -> Choice {
    let mut later = None;
    for way in open_ways(contact, told, row, now) {
        match lanes.held(way.into(), now) {
            None => return Choice::Go(way),
            Some(until) if until <= now.plus(WORTH_WAITING) => return Choice::Later(until),
            Some(until) => later = Some(later.map_or(until, |sooner: Time| sooner.min(until))),
        }
    }
    later.map_or(Choice::Wait, Choice::Later)
}

/// A customer-service message while the window is open, as it is closest to an answer; else the form that staff
/// named for such notices, if the follower can be sent one. What staff asked to see needs no window: they wait for it.
fn open_ways(contact: &Contact, told: &Told, row: &Outgoing, now: Time) -> impl Iterator<Item = Way> {
    let custom = contact.reach.custom_is_open(now).then_some(Way::Custom);
    let form = told.form.as_ref().filter(|form| match form.way {
        Way::Subscription => contact.reach.consents_to(&form.template),
        Way::Template | Way::Custom | Way::Preview => true,
    });
    let preview = matches!(row.notice, Notice::BroadcastPreview { .. }).then_some(Way::Preview);
    [custom, form.map(|form| form.way), preview].into_iter().flatten().filter(|way| !row.shut.contains(way))
}

fn call(id: u64, row: &Outgoing, way: Way, told: Told) -> Option<Call> {
    let to = row.to.as_str().to_owned();
    match (way, told.form) {
        (Way::Custom, _) => Some(match told.message {
            Message::Ready(message) => Call::Custom { to, message },
            Message::Code(code) => Call::Picture { to, code },
        }),
        (Way::Template, Some(Form { template, fields, url, .. })) => Some(Call::Template(TemplateMessage {
            touser: to,
            template_id: template,
            url,
            miniprogram: None,
            data: fields,
            // The same however often it is tried, and unlike those of a store made anew.
            client_msg_id: Some(format!("gh-{id}-{}", row.created.unix_ms())),
        })),
        (Way::Subscription, Some(Form { template, fields, url, .. })) => {
            Some(Call::Subscription(SubscriptionMessage {
                touser: to,
                template_id: template,
                page: url,
                data: fields,
                ..SubscriptionMessage::default()
            }))
        }
        (Way::Preview, _) => match told.message {
            Message::Ready(CustomMessage::Text { content }) => Some(Call::Preview { to, content }),
            _ => None,
        },
        (_, None) => None,
    }
}
