//! 活动报名: from the list of activities to a registration number.
//!
//! Listing → Detail → Filling (only what is not known yet) → Confirming (⇄ Correcting, Changing) → done.

mod confirming;
mod draft;
mod filling;
mod listing;
mod sessions;
pub mod view;

use std::sync::Arc;

use crate::flows::spoken;
use serde::{Deserialize, Serialize};

pub use draft::{Ask, Draft};
pub use filling::bad_answer;
pub use listing::{Filter, named, titled, wanted};

use super::{Input, Step, Tap, Turn, done, next, texts};
use crate::domain::activity::commands::{may_apply, share_of};
use crate::domain::activity::manage::count;
use crate::domain::activity::record::{Activity, Terms};
use crate::domain::activity::rules::{self, Refusal, Seating};
use crate::domain::tables::ACTIVITIES;
use crate::store::Fault;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum State {
    Listing(listing::Listing),
    Detail {
        activity: u32,
        from: Option<listing::Listing>,
    },
    Filling(Draft),
    Confirming(Draft),
    Correcting(Draft),
    /// This answer is asked for anew; until there is one, that of the draft stands.
    Changing {
        draft: Draft,
        ask: Ask,
    },
}

impl State {
    pub fn is_draft(&self) -> bool {
        self.draft().is_some()
    }

    fn draft(&self) -> Option<&Draft> {
        match self {
            State::Listing(_) | State::Detail { .. } => None,
            State::Filling(draft)
            | State::Confirming(draft)
            | State::Correcting(draft)
            | State::Changing { draft, .. } => Some(draft),
        }
    }

    /// The activity that it is about, if it is about one.
    pub fn activity(&self) -> Option<u32> {
        match self {
            State::Detail { activity, .. } => Some(*activity),
            _ => self.draft().map(|draft| draft.activity),
        }
    }

    /// What the links of its answers name it by.
    fn place(&self, terms: &Terms) -> Option<u32> {
        match self {
            State::Listing(_) | State::Detail { .. } => None,
            State::Filling(draft) => draft.next_ask(terms).map(Ask::place),
            State::Confirming(_) => Some(SUMMARY),
            State::Correcting(_) => Some(CORRECTING),
            State::Changing { ask, .. } => Some(ask.place()),
        }
    }
}

/// Places of links that answer no question; see [`Ask::place`].
const SUMMARY: u32 = 0;
const CORRECTING: u32 = 1;

type Stepped = Result<Step<State>, Fault>;

pub fn list(turn: &mut Turn, filter: Filter) -> Stepped {
    listing::show_page(turn, filter, None)
}

pub fn detail(turn: &mut Turn, activity: u32) -> Stepped {
    show(turn, activity, None)
}

/// Starts the sign-up right away.
pub fn begin(turn: &mut Turn, activity: u32) -> Stepped {
    with(turn, activity, |turn, activity| apply(turn, activity, None))
}

/// With the activity as it is now, if there is one.
fn with(turn: &mut Turn, id: u32, go: impl FnOnce(&mut Turn, &Activity) -> Stepped) -> Stepped {
    match turn.tx.get_shared(&ACTIVITIES, &id)? {
        Some(activity) => go(turn, &activity),
        None => done(turn.explain(&Refusal::UnknownActivity)),
    }
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    if let Some(step) = earlier(turn, &state, input)? {
        return Ok(step);
    }
    match state {
        State::Listing(listing) => listing::step(turn, listing, input),
        State::Detail { activity, from } => at_detail(turn, activity, from, input),
        State::Filling(draft) => {
            with(turn, draft.activity, |turn, activity| filling::step(turn, activity, draft, input))
        }
        State::Confirming(draft) => {
            with(turn, draft.activity, |turn, activity| confirming::step(turn, activity, draft, input))
        }
        State::Correcting(draft) => {
            with(turn, draft.activity, |turn, activity| confirming::correct(turn, activity, draft, input))
        }
        State::Changing { draft, ask } => {
            with(turn, draft.activity, |turn, activity| filling::change(turn, activity, draft, ask, input))
        }
    }
}

/// A link that stands above what is asked now answers what it stood below: tapped twice, or to say something else after
/// all. It is no answer to what came since.
fn earlier(turn: &mut Turn, state: &State, input: &Input) -> Result<Option<Step<State>>, Fault> {
    let Some(draft) = state.draft() else { return Ok(None) };
    let Some(activity) = turn.tx.get_shared(&ACTIVITIES, &draft.activity)? else { return Ok(None) };
    if input.tap() == Some(Tap::Apply(draft.activity)) {
        return filling::go_on(turn, &activity, draft.clone()).map(Some);
    }
    let Some(Tap::Answer(of, place)) = input.tap() else { return Ok(None) };
    let terms = &activity.terms;
    if of == draft.activity && state.place(terms) == Some(place) {
        return Ok(None);
    }
    let told = draft.told(terms).find(|ask| of == draft.activity && ask.place() == place);
    let draft = draft.clone();
    Ok(Some(match (told, place) {
        (Some(ask), _) => filling::change(turn, &activity, draft, ask, input)?,
        (None, CORRECTING) if of == draft.activity => confirming::correct(turn, &activity, draft, input)?,
        (None, SUMMARY) if of == draft.activity => filling::go_on(turn, &activity, draft)?,
        (None, _) => {
            let lead = turn.say(&texts::SIGN_UP_OLD_LINK, &[]);
            again_after(turn, &activity, state.clone(), &lead)?
        }
    }))
}

fn show(turn: &mut Turn, id: u32, from: Option<listing::Listing>) -> Stepped {
    let Some(activity) = visible(turn, id)? else { return done(turn.explain(&Refusal::UnknownActivity)) };
    let text = view::detail(turn, &activity)?;
    next(State::Detail { activity: id, from }, text)
}

/// A draft is nobody's but the staff's.
fn visible(turn: &Turn, id: u32) -> Result<Option<Arc<Activity>>, Fault> {
    use crate::domain::activity::record::ActivityState;
    Ok(turn.tx.get_shared(&ACTIVITIES, &id)?.filter(|activity| activity.state != ActivityState::Draft))
}

fn at_detail(turn: &mut Turn, id: u32, from: Option<listing::Listing>, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return match from {
            Some(listing) => listing::again(turn, listing),
            None => list(turn, Filter::All),
        };
    }
    let Some(activity) = visible(turn, id)? else { return done(turn.explain(&Refusal::UnknownActivity)) };
    let session = sessions::meant(turn, &activity.terms, input);
    if session.is_none() && input.number().is_some() {
        if let Some(listing) = from {
            return listing::step(turn, listing, input); // another one of the list
        }
        return again(turn, &activity, State::Detail { activity: id, from });
    }
    if session.is_none() && !input.is_yes() && !input.is(spoken::SIGN_UP_TOO) {
        return Ok(Step::Pass);
    }
    let session = session.filter(|_| activity.terms.sessions.len() > 1);
    apply(turn, &activity, session)
}

/// Checks all that can be known before anything is asked, then asks the first thing.
fn apply(turn: &mut Turn, activity: &Activity, session: Option<u16>) -> Stepped {
    let mut draft = Draft::new(activity.id);
    draft.session = session.or((activity.terms.sessions.len() == 1).then_some(1));
    if let Err(refusal) = some_session_is_open(turn, activity, draft.session)? {
        return refused(turn, &refusal);
    }
    draft.know(turn, activity)?;
    filling::go_on(turn, activity, draft)
}

/// With a session chosen, may the follower have it? With none, is there any that they may?
fn some_session_is_open(
    turn: &Turn,
    activity: &Activity,
    chosen: Option<u16>,
) -> Result<Result<(), Refusal>, Fault> {
    if let Some(session) = chosen {
        return may_take(turn, activity, session);
    }
    let mut said = Refusal::UnknownSession;
    for session in activity.terms.session_numbers() {
        match may_take(turn, activity, session)? {
            Ok(()) => return Ok(Ok(())),
            Err(refusal) if tells(&refusal) >= tells(&said) => said = refusal,
            Err(_) => {}
        }
    }
    Ok(Err(said))
}

/// What a session's refusal tells who wants any of them: why the ones that they don't hold can't be had, before that they
/// hold one, before that some have begun.
fn tells(refusal: &Refusal) -> u8 {
    match refusal {
        Refusal::UnknownSession | Refusal::SessionStarted { .. } => 0,
        Refusal::AlreadyHolds { .. } | Refusal::HeldElsewhere => 1,
        _ => 2,
    }
}

/// May the follower have this session, and is there a seat or a place to wait for the smallest party? Known
/// before anything is asked, so that nobody fills in a form in vain.
fn may_take(turn: &Turn, activity: &Activity, number: u16) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = may_apply(turn.tx, turn.who, activity, number)? {
        return Ok(Err(refusal));
    }
    let least = 1 + u16::from(activity.terms.party.min_children);
    Ok(seating(turn, activity, number, least)?.map(drop))
}

/// What so many people would get, if they came now.
fn seating(
    turn: &Turn,
    activity: &Activity,
    number: u16,
    people: u16,
) -> Result<Result<Seating, Refusal>, Fault> {
    let terms = &activity.terms;
    let Some(session) = terms.session(number) else { return Ok(Err(Refusal::UnknownSession)) };
    let count = count(turn.tx, activity.id, number)?;
    let seats = if terms.settings.party_takes_one { 1 } else { people };
    let needs = (seats, share_of(turn.tx, turn.who, activity, number)?);
    Ok(rules::seat(terms, session.capacity, &count, needs, turn.now))
}

/// Says no, with a way on where there is one.
fn refused(turn: &mut Turn, refusal: &Refusal) -> Stepped {
    let mut text = turn.explain(refusal);
    if let Refusal::AlreadyHolds { number, .. } = refusal {
        text.push('\n');
        text.push_str(&view::link_to(turn.content, *number));
    }
    done(text)
}

/// Repeats what is expected, when the answer was no answer.
fn again(turn: &mut Turn, activity: &Activity, state: State) -> Stepped {
    let lead = turn.say(&texts::SIGN_UP_AGAIN, &[]);
    again_after(turn, activity, state, &lead)
}

/// As [`again`], after words that say what was wrong with it.
fn again_after(turn: &mut Turn, activity: &Activity, state: State, lead: &str) -> Stepped {
    let asked = match &state {
        State::Confirming(draft) => view::summary(turn, activity, draft)?,
        State::Correcting(draft) => view::correctable(turn, activity, draft)?,
        State::Changing { ask, .. } => view::question(turn, activity, *ask)?,
        State::Filling(draft) => match draft.next_ask(&activity.terms) {
            Some(ask) => view::question(turn, activity, ask)?,
            None => view::summary(turn, activity, draft)?,
        },
        State::Listing(_) | State::Detail { .. } => view::detail(turn, activity)?,
    };
    Ok(next(state, format!("{lead}\n{asked}"))?.again())
}
