//! What is told of a case: its number and where it stands, and nothing of what it is about.

use super::{Content, FilledForm, Slot, Tap, TextSpec, Value};
use crate::domain::case::news::News;
use crate::domain::case::record::{CaseId, Status, What};
use crate::domain::tables::{CASE_ENTRIES, CASES};
use crate::flows::service::tap_number;
use crate::flows::spoken;
use crate::flows::texts::{service as texts, words};
use crate::store::{Fault, Tx};

pub const CASE: TextSpec = TextSpec::new("case", &[Slot::text("number"), Slot::text("status")]);

pub fn words(tx: &Tx, content: &Content, news: &News) -> Result<Option<String>, Fault> {
    let id = news.case();
    let Some(case) = tx.get(&CASES, &id)? else { return Ok(None) };
    let say = |spec: &TextSpec, values: &[(&str, Value)]| Some(content.texts.render(spec, values));
    let [number, link] = numbered(content, id);
    let moved = |to| {
        let [number, link] = numbered(content, id);
        say(&texts::NOTICE_MOVED, &[number, link, ("status", status(content, to).into())])
    };
    Ok(match news {
        News::Entry { number: entry, .. } => {
            match tx.get(&CASE_ENTRIES, &(id, *entry))?.map(|entry| entry.what) {
                Some(What::Said) => say(&texts::NOTICE_SAID, &[number, link]),
                Some(What::Moved { to: Status::Asked, .. }) => match case.clock.answer {
                    Some(until) => say(&texts::NOTICE_ASKED, &[number, link, ("until", until.into())]),
                    // It was answered before this was told.
                    None => None,
                },
                Some(What::Moved { to, .. }) => moved(to),
                // Of what is told only a step is left, and it is one of an open case.
                Some(_) => moved(Status::Open),
                None => None,
            }
        }
        News::StillAsked { .. } => match case.clock.answer {
            Some(until) => say(&texts::NOTICE_STILL_ASKED, &[number, link, ("until", until.into())]),
            None => None,
        },
        News::GoesOn { .. } => say(&texts::NOTICE_GOES_ON, &[number, link]),
        News::Proposed { .. } | News::Answered { .. } => say(&texts::NOTICE_PROPOSED, &[number, link]),
    })
}

fn status(content: &Content, status: Status) -> String {
    let spec = texts::status(status.name()).map(|(status, _)| status);
    spec.map(|spec| content.texts.render(spec, &[])).unwrap_or_default()
}

/// Its number, and a link to what became of it.
fn numbered(content: &Content, id: CaseId) -> [(&'static str, Value<'static>); 2] {
    let see = content.texts.render(&words::SEE_CASE, &[]);
    let link = Tap::Case(tap_number(id)).link(&see, spoken::MY_CASES);
    [("number", id.to_string().into()), ("link", Value::raw(link))]
}

pub fn form(tx: &Tx, content: &Content, news: &News) -> Result<Option<FilledForm>, Fault> {
    let Some(case) = tx.get(&CASES, &news.case())? else { return Ok(None) };
    let values =
        [("number", Value::from(news.case().to_string())), ("status", status(content, case.status).into())];
    Ok(content.notices.fill(&CASE, &values))
}
