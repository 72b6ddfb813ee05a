//! What is told of a claim: never the illness, the amount or the full name.

use super::{Content, FilledForm, Slot, TextSpec, Value};
use crate::domain::claim::news::News;
use crate::domain::claim::record::{Asked, ClaimId, Move, PageState, Status};
use crate::domain::media::record::Flaw;
use crate::domain::tables::{CLAIM_MOVES, CLAIM_PAGES, CLAIMS};
use crate::flows::texts::claims as texts;
use crate::store::{Fault, Tx};

pub const CLAIM: TextSpec = TextSpec::new("claim", &[Slot::text("number"), Slot::text("status")]);

pub fn words(tx: &Tx, content: &Content, news: &News) -> Result<Option<String>, Fault> {
    let say = |spec, values: &[(&str, Value)]| content.texts.render(spec, values);
    let number = || Value::from(news.claim().to_string());
    Ok(match news {
        News::Moved { claim, number: at } => {
            tx.get(&CLAIM_MOVES, &(*claim, *at))?.map(|step| moved(content, *claim, &step))
        }
        News::StillMissing { claim, number: at } => {
            let (step, claim) = (tx.get(&CLAIM_MOVES, &(*claim, *at))?, tx.get(&CLAIMS, claim)?);
            step.zip(claim.and_then(|claim| claim.clock.due)).map(|(step, until)| {
                let items = Value::raw(items(content, &step.asked));
                say(
                    &texts::NOTICE_STILL_MISSING,
                    &[("number", number()), ("items", items), ("until", until.into())],
                )
            })
        }
        News::PageUnclear { claim, slot, page } => {
            let page = tx.get(&CLAIM_PAGES, &(*claim, slot.clone(), *page))?;
            page.and_then(|page| match page.state {
                PageState::Unclear { why } => {
                    let values = [("paper", Value::from(paper(slot))), ("why", flaw(why).into())];
                    Some(say(&texts::NOTICE_PAGE_UNCLEAR, &values))
                }
                _ => None,
            })
        }
        News::InvoiceRead { .. } => Some(say(&texts::NOTICE_INVOICE_READ, &[("number", number())])),
        News::PaperUsed { slot, .. } => {
            Some(say(&texts::NOTICE_PAPER_USED, &[("paper", paper(slot).into())]))
        }
    })
}

fn moved(content: &Content, claim: ClaimId, step: &Move) -> String {
    let say = |spec, values: &[(&str, Value)]| content.texts.render(spec, values);
    let number = ("number", Value::from(claim.to_string()));
    let mut why = Vec::new();
    if let Some((what, to_do)) = texts::reason(&step.reason) {
        why.push(format!("{}。{}", say(what, &[]), say(to_do, &[])));
    }
    if !step.words.reveal().is_empty() {
        why.push(step.words.reveal().clone());
    }
    let why = why.join("\n");
    match step.to {
        Status::Paid => say(&texts::NOTICE_PAID, &[number]),
        _ => {
            let status = texts::status(step.to.name()).map(|spec| say(spec, &[])).unwrap_or_default();
            say(&texts::NOTICE_MOVED, &[number, ("status", status.into()), ("why", why.into())])
        }
    }
}

/// A line for each paper: what it is, what is wrong, what to do.
fn items(content: &Content, asked: &[Asked]) -> String {
    let line = |asked: &Asked| {
        let reason = texts::reason(&asked.reason);
        let words = |spec| content.texts.render(spec, &[]);
        let why =
            reason.map(|(what, to_do)| format!("：{}，{}", words(what), words(to_do))).unwrap_or_default();
        format!("· {}{why}", paper(&asked.slot))
    };
    asked.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn paper(slot: &str) -> String {
    slot.to_owned()
}

fn flaw(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::TooSmall => "太小了",
        Flaw::TooDark => "太暗了",
        Flaw::TooBright => "太亮、反光了",
        Flaw::Blurred => "不清楚",
    }
}

pub fn form(tx: &Tx, content: &Content, news: &News) -> Result<Option<FilledForm>, Fault> {
    let Some(claim) = tx.get(&CLAIMS, &news.claim())? else { return Ok(None) };
    let status = texts::status(claim.status.name()).map(|spec| content.texts.render(spec, &[]));
    let values =
        [("number", Value::from(news.claim().to_string())), ("status", status.unwrap_or_default().into())];
    Ok(content.notices.fill(&CLAIM, &values))
}
