//! 福利领取: what is on, one tap to claim, and what was claimed (我的券包).

mod mine;
pub mod notices;
mod quiz;
pub mod view;

use serde::{Deserialize, Serialize};

use super::{Input, Step, Tap, Turn, done, explain, next, texts};
use crate::content::{Content, Value, normalise};
use crate::domain::benefit::claim::{Account, Claimed, Found, claim, find};
use crate::domain::benefit::manage::shown;
use crate::domain::benefit::record::{BenefitState, CouponNumber};
use crate::domain::benefit::remind::{AHEAD, want};
use crate::domain::benefit::rules::Refusal;
use crate::domain::tables::{BENEFITS, STOCKS};
use crate::flows::spoken;
use crate::flows::texts::words;
use crate::store::Fault;
use texts::welfare as said;

pub use mine::{ask_to_return, coupon, list as mine, picture};

/// Benefits on the page; more of them are too many for a phone.
const SHOWN_MAX: usize = 12;
/// So much of a title names its benefit.
const NAME_CHARS_MIN: usize = 2;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum State {
    Listing {
        shown: Vec<u32>,
    },
    Detail {
        benefit: u32,
    },
    /// Asked for a word, so that we may write.
    Reminding {
        benefit: u32,
    },
    /// In the quiz, with what was answered so far.
    Answering {
        benefit: u32,
        answers: Vec<u8>,
    },
    Mine {
        shown: Vec<CouponNumber>,
    },
    Coupon {
        number: CouponNumber,
    },
    Returning {
        number: CouponNumber,
    },
}

impl State {
    /// Were questions of a quiz answered, and the quiz is not over?
    pub fn is_draft(&self) -> bool {
        matches!(self, State::Answering { answers, .. } if !answers.is_empty())
    }

    /// Is something asked, and not only shown? A reminder is set already when a word is asked for.
    pub fn is_question(&self) -> bool {
        matches!(self, State::Answering { .. } | State::Returning { .. })
    }

    /// Is a question of this benefit's quiz asked now?
    pub fn is_quiz_of(&self, id: u32) -> bool {
        matches!(self, State::Answering { benefit, .. } if *benefit == id)
    }
}

/// How a claim ended, for who answers the next ones from memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub benefit: u32,
    pub how: How,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// Somebody got one. `low`: few are left, and staff are to know.
    Given { left: u32, low: bool },
    /// There is none left of the release; the refusal that said so.
    Gone(Refusal),
    /// Tried more often in a minute than is allowed.
    TooFast,
    /// Another rule said no; its code.
    Refused(&'static str),
}

impl How {
    /// For metrics: a fixed list.
    pub fn name(&self) -> &'static str {
        match self {
            How::Given { .. } => "given",
            How::Gone(_) => "gone",
            How::TooFast => "too_fast",
            How::Refused(
                code @ ("too_new" | "already_had" | "limit_reached" | "not_yet" | "unknown_benefit"),
            ) => code,
            How::Refused(_) => "refused",
        }
    }
}

type Stepped = Result<Step<State>, Fault>;

pub fn list(turn: &mut Turn) -> Stepped {
    let mut found = shown(turn.tx)?;
    // What can be claimed stands first, then what comes next.
    found.sort_by_key(|found| (view::rank(found, turn.now), found.benefit.id));
    found.truncate(SHOWN_MAX);
    if found.is_empty() {
        return done(turn.say(&said::NONE, &[]));
    }
    let items = view::items(turn, &found)?;
    let text = turn.say(&said::LIST, &[("items", Value::raw(items))]);
    next(State::Listing { shown: found.iter().map(|found| found.benefit.id).collect() }, text)
}

pub fn detail(turn: &mut Turn, id: u32) -> Stepped {
    let Some(found) = visible(turn, id)? else { return done(turn.explain(&Refusal::UnknownBenefit)) };
    let text = view::detail(turn, &found)?;
    next(State::Detail { benefit: id }, text)
}

/// The only benefit whose title that is or, if it needn't be the whole, has it as a piece: `一元观影`, `领一元观影`.
pub fn named(turn: &mut Turn, words: &str, is_whole: bool) -> Result<Option<Step<State>>, Fault> {
    let words = normalise(words);
    if words.chars().count() < NAME_CHARS_MIN {
        return Ok(None);
    }
    let is_named = |found: &Found| {
        let title = normalise(&found.benefit.terms.title);
        title == words || !is_whole && (title.contains(&words) || words.contains(&title))
    };
    let named: Vec<u32> = shown(turn.tx)?.iter().filter(|f| is_named(f)).map(|f| f.benefit.id).collect();
    match named.as_slice() {
        [id] => detail(turn, *id).map(Some),
        _ => Ok(None),
    }
}

/// A draft is nobody's but the staff's.
fn visible(turn: &Turn, id: u32) -> Result<Option<Found>, Fault> {
    Ok(find(turn.tx, id)?.filter(|found| found.benefit.state != BenefitState::Draft))
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    match state {
        State::Listing { shown } => at_list(turn, shown, input),
        State::Detail { benefit } => at_detail(turn, benefit, input),
        State::Reminding { benefit } if input.is_yes() => remind(turn, benefit),
        State::Reminding { .. } => Ok(Step::Pass),
        State::Answering { benefit, answers } => quiz::step(turn, benefit, answers, input),
        State::Mine { .. } | State::Coupon { .. } | State::Returning { .. } => mine::step(turn, state, input),
    }
}

fn at_list(turn: &mut Turn, shown: Vec<u32>, input: &Input) -> Stepped {
    if let Some(id) = input.words().and_then(spoken::coupon_claimed) {
        return take(turn, id);
    }
    match input.chosen(&shown) {
        Some(id) => detail(turn, *id),
        None if input.number().is_some() => {
            let text = turn.say(&said::NO_SUCH_NUMBER, &[("count", shown.len().into())]);
            next(State::Listing { shown }, text)
        }
        None => Ok(Step::Pass),
    }
}

fn at_detail(turn: &mut Turn, id: u32, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return list(turn);
    }
    if input.is(spoken::REMIND) {
        return remind(turn, id);
    }
    let claims = input.number() == Some(1) || input.is_yes() || input.is(spoken::CLAIM_COUPON);
    if claims { take(turn, id) } else { Ok(Step::Pass) }
}

/// One tap: the coupon, or why not.
pub fn take(turn: &mut Turn, id: u32) -> Stepped {
    if let Some(max) = turn.held_back {
        turn.told = Some(Told { benefit: id, how: How::TooFast });
        turn.why = Some(turn.say(&said::TOO_FAST_WHY, &[("max", max.into())]));
        return next(State::Detail { benefit: id }, turn.say(&said::TOO_FAST, &[]));
    }
    let (who, followed) = (turn.who.clone(), turn.followed);
    let tags = turn.reach.tags.clone();
    let claimed = claim(turn.tx, Account { who: &who, followed, tags: &tags }, id)?;
    let how = match &claimed {
        Ok(Claimed::Coupon(_)) => given(turn, id)?,
        Ok(Claimed::Entered { .. }) => How::Refused("entered"),
        Err(refusal @ Refusal::Gone { .. }) => How::Gone(refusal.clone()),
        Err(refusal) => How::Refused(refusal.code()),
    };
    turn.told = Some(Told { benefit: id, how });
    let claimed = match claimed {
        Ok(claimed) => claimed,
        // The quiz says the same and asks at once.
        Err(refusal @ Refusal::AnswerFirst { .. }) => {
            turn.explain(&refusal);
            return quiz::begin(turn, id);
        }
        Err(refusal) => return refused(turn, id, &refusal),
    };
    let Some(benefit) = turn.tx.get_shared(&BENEFITS, &id)? else {
        return done(turn.explain(&Refusal::UnknownBenefit));
    };
    match claimed {
        Claimed::Coupon(coupon) => {
            let text = view::claimed(turn, &benefit, &coupon);
            if view::has_picture(&benefit) {
                crate::domain::benefit::keep::send_picture(turn.tx, &who, coupon.number)?;
            }
            next(State::Coupon { number: coupon.number }, text)
        }
        Claimed::Entered { draws } => {
            let title = ("title", Value::from(&benefit.terms.title));
            if draws <= turn.now {
                return done(turn.say(&said::ENTERED_LATE, &[title]));
            }
            done(turn.say(&said::ENTERED, &[title, ("draws", view::begins(draws).into())]))
        }
    }
}

fn given(turn: &Turn, id: u32) -> Result<How, Fault> {
    let left = turn.tx.get(&STOCKS, &id)?.map_or(0, |stock| stock.pool.left);
    let alarm = turn.tx.get_shared(&BENEFITS, &id)?.map_or(0, |benefit| benefit.terms.alarm_below);
    Ok(How::Given { left, low: left + 1 == alarm })
}

/// Says no. Where there is a way on, its words do what its link does.
fn refused(turn: &mut Turn, id: u32, refusal: &Refusal) -> Stepped {
    let (sentence, why) = no(turn.content, id, refusal);
    turn.why = Some(why);
    match way_on(id, refusal) {
        Some(Tap::Coupon(number)) => next(State::Coupon { number }, sentence),
        Some(_) => next(State::Detail { benefit: id }, sentence),
        None => done(sentence),
    }
}

fn way_on(id: u32, refusal: &Refusal) -> Option<Tap> {
    match refusal {
        Refusal::NotYet { .. }
        | Refusal::Gone { next: Some(_), .. }
        | Refusal::QuizFailed { next: Some(_), .. }
        | Refusal::NoCodes { next: Some(_) } => Some(Tap::Remind(id)),
        Refusal::AlreadyHad { coupon, .. } => Some(Tap::Coupon(*coupon)),
        _ => None,
    }
}

/// The refusal of a claim with a way on, and its whole reason. The same whether a turn or memory says it.
pub fn no(content: &Content, id: u32, refusal: &Refusal) -> (String, String) {
    let (mut sentence, why) = explain::words(content, refusal);
    let link = way_on(id, refusal).map(|tap| match tap {
        Tap::Coupon(number) => view::link_to(content, number),
        remind => remind.link(&content.texts.render(&words::LINK_REMIND, &[]), spoken::REMIND[0]),
    });
    if let Some(link) = link {
        sentence.push('\n');
        sentence.push_str(&link);
    }
    (sentence, why)
}

/// 提醒我
pub fn remind(turn: &mut Turn, id: u32) -> Stepped {
    match (want(turn.tx, turn.who, id)?, turn.tx.get_shared(&BENEFITS, &id)?) {
        (Ok(at), Some(benefit)) => {
            let values = [("title", Value::from(&benefit.terms.title)), ("next", view::begins(at).into())];
            if turn.reach.custom_is_open(at.minus(AHEAD).max(turn.now)) {
                return done(turn.say(&said::WILL_REMIND, &values));
            }
            next(State::Reminding { benefit: id }, turn.say(&said::WILL_REMIND_IF, &values))
        }
        (Err(refusal), _) => done(turn.explain(&refusal)),
        (Ok(_), None) => done(turn.explain(&Refusal::UnknownBenefit)),
    }
}
