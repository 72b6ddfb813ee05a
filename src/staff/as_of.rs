//! Who replaces what they read may say how old it is, so that what a colleague did meanwhile is not lost unseen.

use std::fmt::Display;

use super::Refuse;
use crate::domain::trail::commands::latest;
use crate::moment::Time;
use crate::store::{Fault, Tx};

/// When it was changed last, as whoever acts saw it; `None`: they don't say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf(pub Option<Time>);

/// Why it isn't done.
#[derive(Debug, thiserror::Error)]
pub enum Unseen<R> {
    #[error("{0}")]
    Rule(R),
    #[error("{who} changed it at {at}{act}: look at it again, and act on what is there now")]
    Since { who: String, at: Time, act: String },
}

impl<R> From<R> for Unseen<R> {
    fn from(refusal: R) -> Unseen<R> {
        Unseen::Rule(refusal)
    }
}

impl<R: Refuse> Refuse for Unseen<R> {
    fn code(&self) -> &'static str {
        match self {
            Unseen::Rule(refusal) => refusal.code(),
            Unseen::Since { .. } => "changed_since",
        }
    }

    fn missing(&self) -> Option<&'static str> {
        match self {
            Unseen::Rule(refusal) => refusal.missing(),
            Unseen::Since { .. } => None,
        }
    }
}

impl AsOf {
    /// Goes into what tells requests apart.
    pub fn with(self, request: &str) -> String {
        self.0.map_or_else(|| request.to_owned(), |seen| format!("{seen} {request}"))
    }

    /// Does it, unless it was `changed` since it was seen. What isn't there is the command's to say.
    pub fn and<T, R>(
        self,
        tx: &mut Tx,
        subject: impl Display,
        changed: Option<Time>,
        command: impl FnOnce(&mut Tx) -> Result<Result<T, R>, Fault>,
    ) -> Result<Result<T, Unseen<R>>, Fault> {
        match (self.0, changed) {
            (Some(seen), Some(at)) if seen != at => Ok(Err(since(tx, &subject.to_string(), at)?)),
            _ => Ok(command(tx)?.map_err(Unseen::Rule)),
        }
    }
}

/// The trail knows who it was, for as far as it is looked through.
fn since<R>(tx: &Tx, subject: &str, at: Time) -> Result<Unseen<R>, Fault> {
    let (found, _) = latest(tx, None, 1, |entry| entry.done && entry.at == at && entry.subject == subject)?;
    let entry = found.into_iter().next().map(|(_, entry)| entry);
    let (who, act) = entry
        .map_or(("somebody".to_owned(), String::new()), |entry| (entry.who, format!(" ({})", entry.act)));
    Ok(Unseen::Since { who, at, act })
}
