//! 抽签说明: how a draw is kept fair, and what came of it.

use super::{Step, Turn, done, texts};
use crate::content::Value;
use crate::domain::activity::draw;
use crate::domain::activity::holder::live_in;
use crate::domain::activity::record::{Activity, ActivityCode, ActivityState};
use crate::domain::activity::rules::Refusal;
use crate::domain::member::standing::{counted_for, standing};
use crate::domain::tables::{ACTIVITIES, DRAW_ENTRIES, DRAW_TICKETS};
use crate::store::Fault;

/// What is promised, or what was drawn.
pub fn explain<S>(turn: &mut Turn, id: u32) -> Result<Step<S>, Fault> {
    let found = turn.tx.get(&ACTIVITIES, &id)?.filter(|a| a.state != ActivityState::Draft);
    let (Some(activity), Some(draw)) = (found, draw::publish::of(turn.tx, id)?) else {
        return done(turn.explain(&Refusal::UnknownActivity));
    };
    let page = ("page", Value::raw(page(turn, id)));
    let Some(terms) = activity.terms.mode.draw() else {
        return done(turn.explain(&Refusal::UnknownActivity));
    };
    let title = ("title", Value::from(&activity.terms.title));
    let promise = ("commitment", Value::from(&draw.commitment));
    if !draw.is_done() {
        if let ActivityState::Cancelled { reason } = &activity.state {
            return done(turn.explain(&Refusal::CalledOff { reason: reason.clone() }));
        }
        let (at, choices) = (terms.at, terms.choices_max);
        let values = [title, ("at", at.into()), promise, page, ("choices", choices.into())];
        return done(turn.say(&texts::DRAW_TO_COME, &values));
    }
    let values = [
        title,
        ("entries", draw.entries.into()),
        ("seed", draw.seed.reveal().into()),
        ("list", draw.list_hash.map(hex::encode).unwrap_or_default().into()),
        promise,
        page,
    ];
    let mut text = turn.say(&texts::DRAW_DONE, &values);
    if let Some(promised) = draw.promised {
        text.push('\n');
        text.push_str(&turn.say(&texts::DRAW_PROMISED, &[("promised", promised.into())]));
    }
    text.push_str(&own(turn, &activity)?);
    done(text)
}

/// The way to the public record: a link, where followers reach this service, else whom to ask.
fn page(turn: &Turn, id: u32) -> String {
    let code = ActivityCode(id);
    match turn.public_url {
        Some(at) => {
            let link = format!("<a href=\"{at}/draws/{code}.txt\">{code}</a>");
            turn.say(&texts::DRAW_PAGE, &[("link", Value::raw(link))])
        }
        None => turn.say(&texts::DRAW_PAGE_ASK, &[("code", code.to_string().into())]),
    }
}

/// The follower's own ticket and its place in the order.
fn own(turn: &Turn, activity: &Activity) -> Result<String, Fault> {
    let standing = standing(turn.tx, turn.who)?;
    let mut ticket = None;
    for registration in live_in(turn.tx, turn.who, activity.id)? {
        ticket = ticket.or(draw::apply::ticket(turn.tx, &registration)?);
    }
    for person in counted_for(&standing.person(turn.who), turn.who) {
        ticket = ticket.or(turn.tx.get(&DRAW_TICKETS, &(activity.id, person))?);
    }
    let Some(ticket) = ticket else { return Ok(String::new()) };
    let entry = turn.tx.get(&DRAW_ENTRIES, &(activity.id, ticket))?;
    let Some(drawn) = entry.and_then(|entry| entry.result) else { return Ok(String::new()) };
    let values = [("ticket", ticket.into()), ("rank", drawn.rank.into())];
    Ok(format!("\n{}", turn.say(&texts::DRAW_MINE, &values)))
}
