//! What followers asked and nothing answered: listed for whoever writes `menus/faq.toml`.

use serde::{Deserialize, Serialize};

use super::act::look;
use super::{Act, ActError, Call, Refuse, Role, perform};
use crate::domain::question::commands;
use crate::domain::question::record::{MISSED_MAX, Missed, MissedId, NotSettled};
use crate::moment::{Time, rfc3339};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MissedView {
    pub id: String,
    /// Without spaces and punctuation; none that may name somebody is kept.
    pub text: String,
    pub count: u32,
    #[serde(with = "rfc3339")]
    pub first: Time,
    #[serde(with = "rfc3339")]
    pub last: Time,
}

/// What was asked most often first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MissedList {
    pub questions: Vec<MissedView>,
    /// No other question is kept until some are settled.
    pub full: bool,
}

impl Refuse for NotSettled {
    fn code(&self) -> &'static str {
        "unknown"
    }

    fn missing(&self) -> Option<&'static str> {
        Some("such question")
    }
}

pub async fn list(call: &Call) -> Result<MissedList, ActError> {
    let act = act("faq.missed", String::new());
    let questions = look(call, act, |tx| commands::list(tx)).await?;
    let full = questions.len() >= MISSED_MAX;
    Ok(MissedList { questions: questions.into_iter().map(view).collect(), full })
}

/// Takes a question off the list.
pub async fn settle(call: &Call, id: &str) -> Result<(), ActError> {
    let id: MissedId = id.parse().map_err(|_| ActError::NotFound("such question".to_owned()))?;
    let subject = id.to_string();
    let act = act("faq.settle", subject.clone());
    perform(call, act, move |tx| Ok(commands::settle(tx, id)?.map(|()| (subject.clone(), ())))).await
}

fn act(name: &'static str, subject: String) -> Act {
    Act::plain(name, subject, Role::Case)
}

fn view((id, missed): (MissedId, Missed)) -> MissedView {
    let Missed { text, count, first, last } = missed;
    MissedView { id: id.to_string(), text: text.into_revealed(), count, first, last }
}
