//! Where a follower's dialogue stands, in their contact's row: taken up, left, kept.

use std::time::Duration;

use super::route::Router;
use super::turn::Answered;
use super::{Outcome, own, texts};
use crate::content::TextSpec;
use crate::domain::contact::record::{StoredDialogue, StoredState};
use crate::flows::{self, Dialogue, Step};
use crate::store::{Fault, Sealed};
use crate::wechat::reply::Reply;

/// A dialogue left alone this long is over.
pub const DIALOGUE_IDLE: Duration = Duration::from_secs(30 * 60);
/// A dialogue that takes more turns than this goes round in circles.
const DIALOGUE_TURNS_MAX: u16 = 100;

/// The dialogue that was running when the message came.
pub enum Running {
    None,
    Live(Dialogue, u16),
    Expired(Expired),
    /// Of a release whose states this one can't read.
    Outlived,
}

/// A dialogue that was left alone too long; `None`: of a release whose states this one can't read.
pub struct Expired(pub Option<Dialogue>);

/// What is said when a dialogue is left for something else.
pub fn left(dialogue: &Dialogue) -> Option<&'static TextSpec> {
    match dialogue {
        dialogue if dialogue.is_draft() => Some(&texts::LEFT_DRAFT),
        Dialogue::Service(state) if state.is_filling() => Some(&texts::KEPT_DRAFT),
        _ => None,
    }
}

impl Router<'_, '_> {
    /// Leaves the dialogue that runs for something else; what is said of that.
    pub fn leave(&mut self) -> Result<Option<&'static TextSpec>, Fault> {
        Ok(match self.take_dialogue()? {
            Running::Live(dialogue, _) => left(&dialogue),
            _ => None,
        })
    }

    /// Stores where the dialogue now stands.
    pub fn settle(
        &mut self,
        step: Step<Dialogue>,
        turns: u16,
        flow: &'static str,
    ) -> Result<Answered, Fault> {
        let outcome = if self.contact.why.is_some() { Outcome::Refused } else { Outcome::Answered };
        Ok(match step {
            Step::Next(..) | Step::Again(..) if turns >= DIALOGUE_TURNS_MAX => {
                self.text(flow, Outcome::Answered, &texts::DIALOGUE_TOO_LONG, &[])
            }
            // Where it stands would not be kept, and the next answer not be understood.
            Step::Next(dialogue, _) | Step::Again(dialogue, _)
                if !self.tx.keeps_writes() && left(&dialogue).is_some() =>
            {
                self.text(flow, Outcome::Refused, &texts::UNAVAILABLE, &[])
            }
            Step::Next(dialogue, reply) | Step::Again(dialogue, reply) => {
                self.contact.dialogue = Some(self.stored(&dialogue, turns + 1)?);
                Answered { reply: Some(reply), flow, outcome }
            }
            Step::Done(reply) => {
                debug_assert!(
                    !has_numbers(&reply),
                    "a number is understood where a dialogue stands: {reply:?}"
                );
                Answered { reply: Some(reply), flow, outcome }
            }
            Step::Offers(words, reply) => {
                self.contact.dialogue = Some(self.stored(&Dialogue::Choices(words), 0)?);
                Answered { reply: Some(reply), flow, outcome }
            }
            // Only a dialogue that runs passes, and those are routed on before this.
            Step::Pass => self.text(flow, Outcome::Missed, &texts::HELP, &[]),
        })
    }

    pub fn stored(&mut self, dialogue: &Dialogue, turns: u16) -> Result<StoredDialogue, Fault> {
        let json = serde_json::to_string(dialogue)
            .map_err(|error| Fault::Unencodable { table: "contacts", detail: error.to_string() })?;
        let state = match (dialogue.is_draft(), dialogue) {
            (false, _) => StoredState::Open(json),
            (true, Dialogue::Membership(_)) => StoredState::Own(own::seal(self.tx, self.contact, &json)?),
            (true, _) => StoredState::Sealed(Sealed::new(json)),
        };
        let expires = self.tx.moment().now.plus(DIALOGUE_IDLE);
        Ok(StoredDialogue { version: flows::VERSION, state, expires, turns, offered: None })
    }

    /// Was there a dialogue that was left alone too long, and nobody was told so?
    pub fn is_over(&self) -> bool {
        self.contact.dialogue.as_ref().is_some_and(|at| at.expires < self.tx.moment().now)
    }

    /// One that is over stays until words come that meant it, and are told so.
    pub fn take_live(&mut self) -> Result<Option<(Dialogue, u16)>, Fault> {
        if self.is_over() {
            return Ok(None);
        }
        Ok(match self.take_dialogue()? {
            Running::Live(dialogue, turns) => Some((dialogue, turns)),
            _ => None,
        })
    }

    pub fn take_dialogue(&mut self) -> Result<Running, Fault> {
        let Some(stored) = self.contact.dialogue.take() else { return Ok(Running::None) };
        let json = match stored.state {
            StoredState::Open(json) => Some(json),
            StoredState::Sealed(json) => Some(json.into_revealed()),
            StoredState::Own(sealed) => own::open(self.tx, self.contact, sealed.reveal())?,
        };
        let restored = json.and_then(|json| flows::restore(stored.version, &json).ok());
        Ok(match restored {
            restored if stored.expires < self.tx.moment().now => Running::Expired(Expired(restored)),
            Some(dialogue) => Running::Live(dialogue, stored.turns),
            None => Running::Outlived,
        })
    }
}

/// Is there a choice with a number beside it?
fn has_numbers(reply: &Reply) -> bool {
    matches!(reply, Reply::Text { content } if content.contains(">1. "))
}
