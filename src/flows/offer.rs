//! 候补轮到了: 接受, 放弃, and where one stands in the list.

use serde::{Deserialize, Serialize};

use super::sign_up::view as view_of;
use super::texts::{self, words};
use super::{Input, Step, Tap, Turn, done, kit, my_sign_ups, next};
use crate::content::{Content, Value};
use crate::domain::activity::commands::waiting_position;
use crate::domain::activity::holder::mine;
use crate::domain::activity::record::*;
use crate::domain::activity::rules::{self, Refusal};
use crate::domain::activity::waiting;
use crate::domain::tables::ACTIVITIES;
use crate::flows::spoken;
use crate::store::Fault;
use crate::wechat::reply::neutral;

/// Sign-ups looked through.
const LOOKED_AT: usize = 20;

/// Several seats are offered: which one is meant?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    offers: Vec<RegistrationNumber>,
    accept: bool,
}

type Stepped = Result<Step<State>, Fault>;

/// «接受» or «放弃», typed: of one offer it is plain which is meant.
pub fn answer(turn: &mut Turn, accept: bool) -> Stepped {
    let offers: Vec<_> =
        waiting::offers(turn.tx, turn.who, LOOKED_AT)?.into_iter().map(|offer| offer.number).collect();
    match offers[..] {
        [] => done(turn.explain(&Refusal::NoOffer)),
        [number] => settle(turn, number, accept),
        _ => ask(turn, State { offers, accept }),
    }
}

fn ask(turn: &mut Turn, state: State) -> Stepped {
    let mut lines = Vec::new();
    for (index, number) in state.offers.iter().enumerate() {
        let Some(activity) = turn.tx.get(&ACTIVITIES, &number.activity)? else { continue };
        let label = format!("{}. {}", index + 1, neutral(&activity.terms.title));
        let tap = if state.accept { Tap::Accept(*number) } else { Tap::Decline(*number) };
        lines.push(tap.link(&label, &(index + 1).to_string()));
    }
    let text = turn.say(&texts::OFFER_WHICH, &[("items", Value::raw(lines.join("\n")))]);
    next(state, text)
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    match input.chosen(&state.offers) {
        Some(number) => settle(turn, *number, state.accept),
        None => Ok(Step::Pass),
    }
}

pub fn settle(turn: &mut Turn, number: RegistrationNumber, accept: bool) -> Stepped {
    let answered = match accept {
        true => waiting::accept(turn.tx, turn.who, number)?,
        false => waiting::decline(turn.tx, turn.who, number)?,
    };
    let registration = match answered {
        Ok(registration) => registration,
        Err(refusal) => return done(turn.explain(&refusal)),
    };
    let Some(activity) = turn.tx.get(&ACTIVITIES, &number.activity)? else {
        return done(turn.explain(&Refusal::UnknownActivity));
    };
    if !accept {
        return done(turn.say(&texts::OFFER_DECLINED, &[("title", (&activity.terms.title).into())]));
    }
    let values = view_of::done(turn.content, &activity, number);
    let mut text = turn.say(&texts::OFFER_ACCEPTED, &values);
    text.push_str(&view_of::giving_back(turn.content, &activity, &registration, turn.now));
    text.push_str(&kit::invitation(turn, &activity, &registration)?);
    text.push('\n');
    text.push_str(&view_of::link_to(turn.content, number));
    done(text)
}

/// 候补第几位: those of the follower's sign-ups that wait.
pub fn positions(turn: &mut Turn) -> Result<Step<my_sign_ups::State>, Fault> {
    let (mut lines, mut shown) = (Vec::new(), Vec::new());
    for (activity, registration) in mine(turn.tx, turn.who, LOOKED_AT)? {
        let number = registration.number;
        // Nobody comes to a seat any more of what is called off or has begun.
        let is_off = matches!(activity.state, ActivityState::Cancelled { .. });
        if is_off || rules::session(&activity, number.session, turn.now).is_err() {
            continue;
        }
        let state = match registration.status {
            Status::Offered { until } => turn.say(&words::YOUR_TURN, &[("until", until.into())]),
            Status::Waiting => match waiting_position(turn.tx, number)? {
                Some(position) => turn.say(&words::POSITION, &[("position", position.into())]),
                None => continue,
            },
            _ => continue,
        };
        let label = format!("{}. {}", lines.len() + 1, neutral(&activity.terms.title));
        let link = Tap::Mine(number).link(&label, spoken::MY_SIGN_UPS);
        let session = activity.terms.session(number.session);
        let when = session.map(view_of::span).unwrap_or_default();
        lines.push(format!("{link}\n   {when} · {state}{}", passed_over(turn, number)?));
        shown.push(number);
    }
    if lines.is_empty() {
        return done(turn.say(&texts::WAITING_NONE, &[]));
    }
    let text = turn.say(&texts::WAITING_LIST, &[("items", Value::raw(lines.join("\n")))]);
    next(my_sign_ups::State::Listing { shown, next: None }, text)
}

/// That somebody behind went first, and why.
pub fn passed_over(turn: &Turn, number: RegistrationNumber) -> Result<String, Fault> {
    let mut text = String::new();
    for skip in waiting::skips(turn.tx, number)? {
        let at = ("at", skip.at.into());
        let said = match skip.why {
            waiting::SkipReason::TooLarge { seats, free } => {
                turn.say(&texts::WAITING_PASSED, &[at, ("seats", seats.into()), ("free", free.into())])
            }
            waiting::SkipReason::KeptForOthers => turn.say(&texts::WAITING_KEPT, &[at]),
            waiting::SkipReason::Declined | waiting::SkipReason::Lapsed => continue,
        };
        text.push('\n');
        text.push_str(&said);
    }
    Ok(text)
}

/// `1. 接受` and `2. 放弃`.
pub fn choices(content: &Content, number: RegistrationNumber) -> String {
    let say = |spec| content.texts.render(spec, &[]);
    format!(
        "{}\n{}",
        Tap::Accept(number).link(&format!("1. {}", say(&words::LINK_ACCEPT)), spoken::ACCEPT),
        Tap::Decline(number).link(&format!("2. {}", say(&words::LINK_DECLINE)), spoken::DECLINE)
    )
}
