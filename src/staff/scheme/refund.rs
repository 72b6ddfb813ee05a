//! 退互助费: two people end a place that was a mistake, and the premium goes back.

use jiff::civil::Date;

use super::form::{RefundConfirmForm, RefundDismissForm, RefundForm};
use super::view::{AskedView, RefundList, RefundView};
use crate::domain::member::identity;
use crate::domain::member::list::{find, find_by, index};
use crate::domain::scheme::commands::{day_of, key_of};
use crate::domain::scheme::record::{Fen, Policy};
use crate::domain::scheme::refund::{self, Place, Refund};
use crate::staff::act::look;
use crate::staff::form::Problems;
use crate::staff::{Act, ActError, Call, Role, perform};
use crate::store::{Fault, Tx};

const REASON: std::ops::RangeInclusive<usize> = 4..=200;

/// Asks for it.
pub async fn ask(call: &Call, scheme: &str, form: RefundForm) -> Result<RefundView, ActError> {
    let mut problems = Problems::default();
    let identity = checked(&form.identity, call.at.now.date(), &mut problems);
    problems.unless(form.amount >= Fen::ZERO, "amount", "is less than nothing");
    problems.words("reason", &form.reason, REASON);
    if !problems.0.is_empty() {
        return Err(ActError::Invalid(problems.0));
    }
    let RefundForm { programme, from, amount, reason, .. } = form;
    // The reason may tell of the person: it is sealed with the place.
    let mut done = act("scheme.refund", (scheme, &programme, from), amount.to_string(), &identity);
    done.request.push_str(&reason);
    let (scheme, by, own) = (scheme.to_owned(), call.who.name.clone(), call.who.member);
    perform(call, done, move |tx| {
        let (place, subject) = place(tx, &identity, (&scheme, &programme, from))?;
        let asked = refund::ask(tx, &place, amount, &reason, (&by, own))?;
        let view = RefundView { state: "asked".to_owned(), amount, number: None, entry: None };
        Ok(asked.map(|()| (subject, view)))
    })
    .await
}

/// Another person agrees: it is done.
pub async fn confirm(call: &Call, scheme: &str, form: RefundConfirmForm) -> Result<RefundView, ActError> {
    let mut problems = Problems::default();
    let identity = checked(&form.identity, call.at.now.date(), &mut problems);
    if !problems.0.is_empty() {
        return Err(ActError::Invalid(problems.0));
    }
    let RefundConfirmForm { programme, from, amount, .. } = form;
    let detail = amount.to_string();
    let done = act("scheme.confirm_refund", (scheme, &programme, from), detail, &identity);
    let (scheme, by, own) = (scheme.to_owned(), call.who.name.clone(), call.who.member);
    perform(call, done, move |tx| {
        let (place, subject) = place(tx, &identity, (&scheme, &programme, from))?;
        let ended = refund::confirm(tx, &place, amount, (&by, own))?;
        Ok(ended.map(|done| {
            let number = Some(done.number);
            let view =
                RefundView { state: "done".to_owned(), amount: done.amount, number, entry: done.entry };
            (subject, view)
        }))
    })
    .await
}

/// It isn't asked for any more.
pub async fn dismiss(call: &Call, scheme: &str, form: RefundDismissForm) -> Result<(), ActError> {
    let mut problems = Problems::default();
    let identity = checked(&form.identity, call.at.now.date(), &mut problems);
    if !problems.0.is_empty() {
        return Err(ActError::Invalid(problems.0));
    }
    let RefundDismissForm { programme, from, .. } = form;
    let done = act("scheme.dismiss_refund", (scheme, &programme, from), String::new(), &identity);
    let (scheme, by, own) = (scheme.to_owned(), call.who.name.clone(), call.who.member);
    perform(call, done, move |tx| {
        let (place, subject) = place(tx, &identity, (&scheme, &programme, from))?;
        Ok(refund::dismiss(tx, &place, (&by, own))?.map(|()| (subject, ())))
    })
    .await
}

/// What waits for another person.
pub async fn list(call: &Call, scheme: &str) -> Result<RefundList, ActError> {
    let seen = Act::plain("scheme.refunds", scheme.to_owned(), Role::Payment);
    let scheme = scheme.to_owned();
    look(call, seen, move |tx| {
        let mut refunds = Vec::new();
        for ((person, _, programme, from), policy, asked) in refund::waiting(tx, &scheme)? {
            let Some(from) = day_of(from) else { continue };
            let member = find_by(tx, &person)?.map(|id| id.to_string());
            let Policy { unit, until, .. } = policy;
            let Refund { amount, why, by, at } = asked;
            let reason = why.into_revealed();
            refunds.push(AskedView { member, unit, programme, from, until, amount, reason, by, at });
        }
        Ok(RefundList { refunds })
    })
    .await
}

fn checked(number: &str, today: Date, problems: &mut Problems) -> String {
    let parsed = identity::parse(number, today);
    problems.unless(parsed.is_ok(), "identity", "is no identity number");
    parsed.unwrap_or_default()
}

/// Where the place is, and what the trail calls it.
fn place(
    tx: &Tx,
    identity: &str,
    (scheme, programme, from): (&str, &str, Date),
) -> Result<(Place, String), Fault> {
    let place = (index(tx, identity)?, scheme.to_owned(), programme.to_owned(), key_of(from));
    Ok((place, format!("{} {scheme}/{programme}/{from}", called(tx, identity)?)))
}

/// What the trail calls a person: their number among the members, or what stands for nobody but them.
pub(super) fn called(tx: &Tx, identity: &str) -> Result<String, Fault> {
    const BYTES: usize = 6;
    Ok(match find(tx, identity)? {
        Some(member) => member.to_string(),
        None => format!("P-{}", hex::encode(&index(tx, identity)?[..BYTES])),
    })
}

fn act(
    name: &'static str,
    (scheme, programme, from): (&str, &str, Date),
    detail: String,
    identity: &str,
) -> Act {
    // Only a digest of the request is kept.
    let request = format!("{identity} {detail}");
    Act { name, subject: format!("{scheme}/{programme}/{from}"), role: Role::Payment, detail, request }
}
