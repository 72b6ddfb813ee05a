//! 我的券包: the codes, what was used, what expired, and giving one back.

use super::{Refusal, State, Stepped, said, view};
use crate::content::Value;
use crate::domain::benefit::keep::{give_back, may_return, mine, own, send_picture};
use crate::domain::benefit::record::{CouponNumber, CouponState};
use crate::flows::numbered;
use crate::flows::spoken;
use crate::flows::texts::words;
use crate::flows::{Input, Step, Tap, Turn, done, next};
use crate::wechat::reply::neutral;

/// Coupons shown, those that can still be used first.
const SHOWN: usize = 12;
/// Of the latest so many.
const LOOKED_AT: usize = 40;

pub fn list(turn: &mut Turn) -> Stepped {
    let mut mine = mine(turn.tx, turn.who, LOOKED_AT)?;
    mine.sort_by_key(|(_, coupon)| coupon.state != CouponState::Given);
    mine.truncate(SHOWN);
    if mine.is_empty() {
        return done(turn.say(&said::MINE_NONE, &[]));
    }
    let mut lines = Vec::new();
    for (index, (benefit, coupon)) in mine.iter().enumerate() {
        let number = index + 1;
        let label = format!("{number}. {}", neutral(&benefit.terms.title));
        let link = Tap::Coupon(coupon.number).link(&label, &number.to_string());
        lines.push(format!("{link}\n   {}", neutral(&view::status(turn, coupon))));
    }
    let text = turn.say(&said::MINE, &[("items", Value::raw(lines.join("\n")))]);
    next(State::Mine { shown: mine.iter().map(|(_, coupon)| coupon.number).collect() }, text)
}

pub fn coupon(turn: &mut Turn, number: CouponNumber) -> Stepped {
    let Some((benefit, coupon)) = own(turn.tx, turn.who, number)? else {
        return done(turn.explain(&Refusal::UnknownCoupon));
    };
    let text = view::coupon(turn, &benefit, &coupon);
    next(State::Coupon { number }, text)
}

/// The picture once more, as a message of its own.
pub fn picture(turn: &mut Turn, number: CouponNumber) -> Stepped {
    let live = own(turn.tx, turn.who, number)?.filter(|(_, coupon)| coupon.state == CouponState::Given);
    if live.is_none() {
        return done(turn.explain(&Refusal::UnknownCoupon));
    }
    let who = turn.who.clone();
    send_picture(turn.tx, &who, number)?;
    next(State::Coupon { number }, turn.say(&said::PICTURE, &[]))
}

pub fn ask_to_return(turn: &mut Turn, number: CouponNumber) -> Stepped {
    let Some((benefit, coupon)) = own(turn.tx, turn.who, number)? else {
        return done(turn.explain(&Refusal::UnknownCoupon));
    };
    if let Err(refusal) = may_return(turn.tx, &benefit, &coupon) {
        return done(turn.explain(&refusal));
    }
    let yes = [(&words::LINK_CONFIRM_RETURN, spoken::CONFIRM_RETURN[0])];
    let yes = numbered(turn, Tap::ConfirmReturn(number), &yes);
    let values = [("title", Value::from(&benefit.terms.title)), ("choices", Value::raw(yes))];
    next(State::Returning { number }, turn.say(&said::ASK_RETURN, &values))
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    match state {
        State::Mine { shown } => match input.chosen(&shown) {
            Some(number) => coupon(turn, *number),
            None if input.number().is_some() => {
                let text = turn.say(&said::NO_SUCH_NUMBER, &[("count", shown.len().into())]);
                next(State::Mine { shown }, text)
            }
            None => Ok(Step::Pass),
        },
        State::Coupon { .. } if matches!(input, Input::Back) => list(turn),
        State::Coupon { number } if input.is(spoken::PICTURE) => picture(turn, number),
        State::Coupon { number } if input.is(spoken::RETURN) => ask_to_return(turn, number),
        State::Coupon { .. } => Ok(Step::Pass),
        State::Returning { number } => returning(turn, number, input),
        State::Listing { .. } | State::Detail { .. } | State::Reminding { .. } | State::Answering { .. } => {
            Ok(Step::Pass)
        }
    }
}

fn returning(turn: &mut Turn, number: CouponNumber, input: &Input) -> Stepped {
    let tapped = input.tap() == Some(Tap::ConfirmReturn(number));
    if tapped || input.is_yes() || input.number() == Some(1) || input.is(spoken::CONFIRM_RETURN) {
        return returned(turn, number);
    }
    if !input.is_no() && !matches!(input, Input::Back) {
        return Ok(Step::Pass);
    }
    let kept = turn.say(&said::KEPT, &[]);
    Ok(coupon(turn, number)?.after(&kept))
}

fn returned(turn: &mut Turn, number: CouponNumber) -> Stepped {
    let who = turn.who.clone();
    match give_back(turn.tx, &who, number)? {
        Ok(_) => {
            let title =
                own(turn.tx, &who, number)?.map(|(benefit, _)| benefit.terms.title).unwrap_or_default();
            done(turn.say(&said::RETURNED, &[("title", title.into())]))
        }
        Err(refusal) => done(turn.explain(&refusal)),
    }
}
