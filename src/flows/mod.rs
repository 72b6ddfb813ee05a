//! What to say: dialogues as plain functions.
//!
//! A flow is one state enum and one `step`: no I/O, no clock, no `await`. The same (snapshot, state, input,
//! moment) always gives the same (reply, next state, writes). To add one: its file here, a variant of
//! [`Dialogue`], its texts in [`texts`], its targets in [`targets`].

pub mod attending;
pub mod claim;
pub mod consult;
pub mod cover;
mod days;
mod draws;
mod entrances;
mod explain;
mod input;
pub mod kit;
mod links;
pub mod membership;
pub mod my_sign_ups;
pub mod notices;
pub mod offer;
pub mod service;
pub mod sign_up;
pub mod spoken;
mod sums;
mod tap;
pub mod targets;
pub mod texts;
pub mod topics;
pub mod welfare;

use serde::{Deserialize, Serialize};

pub use entrances::{
    answered, besides, follow, named, pictured, scanned, start, titled, wanted, which, written,
};
pub use input::Input;
pub use tap::Tap;

use crate::content::{Content, TextSpec, Value};
use crate::domain::contact::record::{FollowerId, Reach};
use crate::moment::Time;
use crate::store::{Fault, Tx};
use crate::wechat::reply::Reply;

/// What a step may use: the transaction, the words, who it is and when.
pub struct Turn<'a, 't> {
    pub tx: &'a mut Tx<'t>,
    pub content: &'a Content,
    pub who: &'a FollowerId,
    /// Of the follower; kept with their contact when the turn ends.
    pub reach: &'a mut Reach,
    pub now: Time,
    /// Since when they follow, if that is known.
    pub followed: Option<Time>,
    /// Set by [`Turn::explain`]: what «为什么» answers.
    pub why: Option<String>,
    /// Set when the follower wants to be forgotten: what was said before goes, too.
    pub forgets: bool,
    /// Set by a claim: how it ended.
    pub told: Option<welfare::Told>,
    /// The follower tried to claim too often in this minute: so often is allowed.
    pub held_back: Option<u8>,
    /// Where followers reach this service, as `https://gh.example.org`.
    pub public_url: Option<&'a str>,
}

impl Turn<'_, '_> {
    pub fn say(&self, spec: &TextSpec, values: &[(&str, Value)]) -> String {
        self.content.texts.render(spec, values)
    }

    /// Says no in one sentence, and keeps the whole reason for «为什么».
    pub fn explain(&mut self, refusal: &impl explain::Explained) -> String {
        let (sentence, why) = explain::words(self.content, refusal);
        self.why = Some(why);
        sentence
    }
}

/// What a step comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Step<S> {
    /// The dialogue goes on from this state.
    Next(S, Reply),
    /// What was said doesn't answer what is asked here, so it is asked again. If it names another service, that is meant.
    Again(S, Reply),
    Done(Reply),
    /// The end, with words that lead on: who sends their number says them.
    Offers(Vec<String>, Reply),
    /// Not meant for this dialogue: it is left, and the message is routed as if there had been none.
    Pass,
}

impl<S> Step<S> {
    fn into<T>(self, wrap: impl FnOnce(S) -> T) -> Step<T> {
        match self {
            Step::Next(state, reply) => Step::Next(wrap(state), reply),
            Step::Again(state, reply) => Step::Again(wrap(state), reply),
            Step::Done(reply) => Step::Done(reply),
            Step::Offers(words, reply) => Step::Offers(words, reply),
            Step::Pass => Step::Pass,
        }
    }

    /// Asked again, since what was said doesn't answer it.
    fn again(self) -> Step<S> {
        match self {
            Step::Next(state, reply) => Step::Again(state, reply),
            other => other,
        }
    }

    /// With words before its own.
    pub fn after(self, before: &str) -> Step<S> {
        let put = |reply: Reply| match reply {
            Reply::Text { content } => Reply::Text { content: format!("{before}\n\n{content}") },
            other => other,
        };
        match self {
            Step::Next(state, reply) => Step::Next(state, put(reply)),
            Step::Again(state, reply) => Step::Again(state, put(reply)),
            Step::Done(reply) => Step::Done(put(reply)),
            Step::Offers(words, reply) => Step::Offers(words, put(reply)),
            Step::Pass => Step::Pass,
        }
    }
}

fn next<S>(state: S, content: String) -> Result<Step<S>, Fault> {
    Ok(Step::Next(state, Reply::Text { content }))
}

fn done<S>(content: String) -> Result<Step<S>, Fault> {
    Ok(Step::Done(Reply::Text { content }))
}

/// The end of a dialogue that offers `words` by number.
fn offers<S>(words: &[&str], content: String) -> Result<Step<S>, Fault> {
    if words.is_empty() {
        return done(content);
    }
    Ok(Step::Offers(words.iter().map(|word| (*word).to_owned()).collect(), Reply::Text { content }))
}

/// Every dialogue there is. Stored as JSON in the contact, so it outlives releases: see [`VERSION`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Dialogue {
    SignUp(sign_up::State),
    Membership(membership::State),
    MySignUps(my_sign_ups::State),
    Topics(topics::State),
    Welfare(welfare::State),
    Offer(offer::State),
    Attending(attending::State),
    Kit(kit::State),
    Cover(cover::State),
    Claim(claim::State),
    Consult(consult::State),
    Service(service::State),
    /// None any more, but words that were offered by number at its end.
    Choices(Vec<String>),
}

/// Raised when a stored state changes its shape; [`restore`] then says how an older one is read.
pub const VERSION: u16 = 1;

/// A stored state that this release can't go on with.
#[derive(Debug)]
pub struct Outlived;

/// Reads a state that an older or the same release stored.
pub fn restore(version: u16, state: &str) -> Result<Dialogue, Outlived> {
    match version {
        VERSION => serde_json::from_str(state).map_err(|_| Outlived),
        _ => Err(Outlived),
    }
}

impl Dialogue {
    /// For metrics and logs.
    pub fn name(&self) -> &'static str {
        match self {
            Dialogue::SignUp(_) => "sign_up",
            Dialogue::Membership(_) => "membership",
            Dialogue::MySignUps(_) => "my_sign_ups",
            Dialogue::Topics(_) => "topics",
            Dialogue::Welfare(_) => "welfare",
            Dialogue::Offer(_) => "offer",
            Dialogue::Attending(_) => "attending",
            Dialogue::Kit(_) => "kit",
            Dialogue::Cover(_) => "cover",
            Dialogue::Claim(_) => "claim",
            Dialogue::Consult(_) => "consult",
            Dialogue::Service(_) => "service",
            Dialogue::Choices(_) => "choices",
        }
    }

    /// Does the state hold a follower's own data? Then it is sealed, and leaving it is said.
    pub fn is_draft(&self) -> bool {
        match self {
            Dialogue::SignUp(state) => state.is_draft(),
            Dialogue::Membership(state) => state.is_draft(),
            Dialogue::Kit(_) => true,
            Dialogue::Claim(state) => state.is_draft(),
            Dialogue::Welfare(state) => state.is_draft(),
            Dialogue::MySignUps(_)
            | Dialogue::Topics(_)
            | Dialogue::Offer(_)
            | Dialogue::Attending(_)
            | Dialogue::Cover(_)
            | Dialogue::Consult(_)
            | Dialogue::Service(_)
            | Dialogue::Choices(_) => false,
        }
    }

    /// Is something left undone unless there is an answer?
    pub fn is_undone(&self, turn: &Turn) -> Result<bool, Fault> {
        Ok(self.is_question()
            && match self {
                Dialogue::Claim(state) => claim::is_undone(turn, state)?,
                _ => true,
            })
    }

    /// Where stands what it is about, if that is handed in: who leaves it must not read that nothing is.
    pub fn stands(&self, turn: &mut Turn) -> Result<Option<String>, Fault> {
        match self {
            Dialogue::Claim(state) => claim::stands(turn, state),
            Dialogue::MySignUps(state) => my_sign_ups::stands(turn, state),
            _ => Ok(None),
        }
    }

    /// Does it wait for an answer? A list doesn't, nor a page to look at.
    fn is_question(&self) -> bool {
        match self {
            Dialogue::SignUp(state) => state.is_draft(),
            Dialogue::Membership(state) => state.is_question(),
            Dialogue::MySignUps(state) => state.is_question(),
            Dialogue::Welfare(state) => state.is_question(),
            Dialogue::Claim(state) => state.is_question(),
            Dialogue::Service(state) => state.is_question(),
            Dialogue::Offer(_) | Dialogue::Attending(_) | Dialogue::Kit(_) => true,
            Dialogue::Topics(_) | Dialogue::Cover(_) | Dialogue::Consult(_) | Dialogue::Choices(_) => false,
        }
    }

    /// Is a picture an answer to what was asked?
    pub fn wants_picture(&self) -> bool {
        match self {
            Dialogue::Membership(state) => state.wants_picture(),
            Dialogue::Claim(state) => state.wants_picture(),
            Dialogue::Service(state) => state.wants_picture(),
            _ => false,
        }
    }

    /// What is asked names the way out; where it is 要取消…吗, another 取消 beside it would mean something else.
    fn says_way_out(&self) -> bool {
        matches!(self, Dialogue::MySignUps(_))
    }

    /// Where words answered nothing and the same is asked again, the way out is said besides.
    pub fn step(self, turn: &mut Turn, input: &Input) -> Result<Step<Dialogue>, Fault> {
        Ok(match self.answered(turn, input)? {
            Step::Again(next, Reply::Text { content })
                if !matches!(input, Input::Picture(_)) && !next.says_way_out() =>
            {
                let content = format!("{content}\n{}", turn.say(&texts::WAY_OUT, &[]));
                Step::Again(next, Reply::Text { content })
            }
            step => step,
        })
    }

    fn answered(self, turn: &mut Turn, input: &Input) -> Result<Step<Dialogue>, Fault> {
        match self {
            Dialogue::SignUp(state) => Ok(sign_up::step(turn, state, input)?.into(Dialogue::SignUp)),
            Dialogue::Membership(state) => {
                Ok(membership::step(turn, state, input)?.into(Dialogue::Membership))
            }
            Dialogue::MySignUps(state) => {
                Ok(my_sign_ups::step(turn, state, input)?.into(Dialogue::MySignUps))
            }
            Dialogue::Topics(state) => Ok(topics::step(turn, state, input)?.into(Dialogue::Topics)),
            Dialogue::Welfare(state) => Ok(welfare::step(turn, state, input)?.into(Dialogue::Welfare)),
            Dialogue::Offer(state) => Ok(offer::step(turn, state, input)?.into(Dialogue::Offer)),
            Dialogue::Attending(state) => Ok(attending::step(turn, state, input)?.into(Dialogue::Attending)),
            Dialogue::Kit(state) => Ok(kit::step(turn, state, input)?.into(Dialogue::Kit)),
            Dialogue::Cover(state) => Ok(cover::step(turn, state, input)?.into(Dialogue::Cover)),
            Dialogue::Claim(state) => Ok(claim::step(turn, state, input)?.into(Dialogue::Claim)),
            Dialogue::Consult(state) => Ok(consult::step(turn, state, input)?.into(Dialogue::Consult)),
            Dialogue::Service(state) => Ok(service::step(turn, state, input)?.into(Dialogue::Service)),
            Dialogue::Choices(_) => Ok(Step::Pass),
        }
    }
}

/// `1. 确认` above `2. 重填`: what links of one meaning are called, and what each sends.
pub fn numbered(turn: &Turn, tap: Tap, choices: &[(&TextSpec, &str)]) -> String {
    let line = |(number, (shown, sent)): (usize, &(&TextSpec, &str))| {
        tap.link(&format!("{number}. {}", turn.say(shown, &[])), sent)
    };
    (1..).zip(choices).map(line).collect::<Vec<_>>().join("\n")
}
