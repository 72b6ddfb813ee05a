//! What is told of a claim: never the illness, the amount or the full name.

use super::{Content, FilledForm, Slot, Tap, TextSpec, Value};
use crate::domain::claim::exclusion::{CLEARED, FALSE_PAPERS, UPHELD};
use crate::domain::claim::moves::DRAFT_KEPT;
use crate::domain::claim::news::News;
use crate::domain::claim::record::{Asked, Claim, ClaimId, Move, Page, PageState, Status};
use crate::domain::claim::{judge, pages};
use crate::domain::media::record::Flaw;
use crate::domain::tables::{CLAIM_MOVES, CLAIM_PAGES, CLAIMS};
use crate::flows::claim::{step_name, tight};
use crate::flows::spoken;
use crate::flows::texts::{claims as texts, words};
use crate::moment::Time;
use crate::store::{Fault, Tx};
use crate::wechat::reply::neutral;

pub const CLAIM: TextSpec = TextSpec::new("claim", &[Slot::text("number"), Slot::text("status")]);

pub fn words(tx: &Tx, content: &Content, news: &News) -> Result<Option<String>, Fault> {
    let id = news.claim();
    let Some(claim) = tx.get(&CLAIMS, &id)? else { return Ok(None) };
    let about = About { tx, content, id, claim: &claim };
    match news {
        News::Moved { number, .. } => match tx.get(&CLAIM_MOVES, &(id, *number))? {
            Some(step) => about.moved(&step).map(Some),
            None => Ok(None),
        },
        News::StillMissing { number, .. } => match (tx.get(&CLAIM_MOVES, &(id, *number))?, claim.clock.due) {
            (Some(step), Some(until)) => about.asked(&texts::NOTICE_STILL_MISSING, &step, until).map(Some),
            _ => Ok(None),
        },
        News::PageUnclear { slot, page, .. } => match tx.get(&CLAIM_PAGES, &(id, slot.clone(), *page))? {
            Some(Page { state: PageState::Unclear { why }, .. }) => {
                let values =
                    [("paper", about.title(slot)?.into()), ("why", about.say(flaw(why), &[]).into())];
                Ok(Some(about.say(&texts::NOTICE_PAGE_UNCLEAR, &values)))
            }
            Some(Page { state: PageState::Repeated, .. }) => {
                let values = [("paper", about.title(slot)?.into())];
                Ok(Some(about.say(&texts::NOTICE_PAGE_REPEATED, &values)))
            }
            _ => Ok(None),
        },
        News::InvoiceRead { .. } => Ok(Some(about.say(&texts::NOTICE_INVOICE_READ, &about.numbered()))),
        News::DraftEnds { .. } => {
            let [number, link] = about.numbered();
            let until = claim.changed.plus(DRAFT_KEPT);
            Ok(Some(about.say(&texts::NOTICE_DRAFT_ENDS, &[number, link, ("until", until.into())])))
        }
        News::PaperUsed { slot, .. } => {
            let values = [("paper", about.title(slot)?.into())];
            Ok(Some(about.say(&texts::NOTICE_PAPER_USED, &values)))
        }
    }
}

struct About<'a, 't> {
    tx: &'a Tx<'t>,
    content: &'a Content,
    id: ClaimId,
    claim: &'a Claim,
}

impl About<'_, '_> {
    fn say(&self, spec: &TextSpec, values: &[(&str, Value)]) -> String {
        tight(&self.content.texts.render(spec, values))
    }

    /// Its number, and a link to what became of it.
    fn numbered(&self) -> [(&'static str, Value<'static>); 2] {
        let number = u32::try_from(self.id.0).unwrap_or_default();
        let link = Tap::MyClaim(number).link(&self.say(&words::SEE_CLAIM, &[]), spoken::CLAIM_STATUS);
        [("number", self.id.to_string().into()), ("link", Value::raw(link))]
    }

    fn moved(&self, step: &Move) -> Result<String, Fault> {
        if let (Status::NeedsMore, Some(until)) = (step.to, self.claim.clock.due) {
            return self.asked(&texts::NOTICE_ASKED, step, until);
        }
        let [number, link] = self.numbered();
        let of_money = match (step.from, step.to, step.reason.as_str()) {
            (Status::Paid, Status::Paid, UPHELD | CLEARED) => None,
            (Status::Paid, Status::Paid, FALSE_PAPERS) | (_, Status::Reversed, _)
                if self.claim.appeals == 0 =>
            {
                Some(&texts::NOTICE_CLAIMED_BACK)
            }
            (Status::Paid, Status::Paid | Status::Reversed, _) => Some(&texts::NOTICE_CHANGED),
            (_, Status::Paid, _) => Some(&texts::NOTICE_PAID),
            _ => None,
        };
        if let Some(spec) = of_money {
            return Ok(self.say(spec, &[number, link]));
        }
        let status = step_name(step).map(|spec| self.say(spec, &[])).unwrap_or_default();
        let values = [number, link, ("status", status.into()), ("why", self.why(step).into())];
        Ok(self.say(&texts::NOTICE_MOVED, &values))
    }

    fn asked(&self, spec: &TextSpec, step: &Move, until: Time) -> Result<String, Fault> {
        let [number, link] = self.numbered();
        let items = Value::raw(self.items(&step.asked)?);
        let values =
            [number, link, ("items", items), ("until", until.into()), ("why", Value::from(self.why(step)))];
        Ok(self.say(spec, &values))
    }

    /// Of the list of reasons. What somebody wrote may name an illness, an amount or a person: it is read in the claim.
    fn why(&self, step: &Move) -> String {
        let mut why = Vec::new();
        if let Some((what, to_do)) = texts::reason(&step.reason) {
            why.push(format!("{}。{}", self.say(what, &[]), self.say(to_do, &[])));
        }
        if step.has_words_for_claimant() {
            why.push(self.say(&texts::NOTICE_HAS_WORDS, &[]));
        }
        why.join("\n")
    }

    /// A line for each paper: what it is, what is wrong, what to do; tapped, it waits for the picture.
    fn items(&self, asked: &[Asked]) -> Result<String, Fault> {
        let programme = judge::papers_by(self.tx, self.claim)?;
        let documents = programme.map(|programme| programme.documents).unwrap_or_default();
        let line = |asked: &Asked| {
            let reason = texts::reason(&asked.reason);
            let why =
                reason.map(|(what, to_do)| format!("：{}，{}", self.say(what, &[]), self.say(to_do, &[])));
            let at = documents.iter().position(|rule| rule.slot == asked.slot);
            let paper = match at.and_then(|at| Some((u32::try_from(at).ok()?, documents.get(at)?))) {
                Some((at, rule)) => {
                    let claim = u32::try_from(self.id.0).unwrap_or_default();
                    Tap::Paper(claim, at).link(&rule.title, &rule.title)
                }
                None => neutral(&asked.slot).into_owned(),
            };
            format!("· {paper}{}", why.unwrap_or_default())
        };
        Ok(asked.iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    fn title(&self, slot: &str) -> Result<String, Fault> {
        let programme = judge::papers_by(self.tx, self.claim)?;
        let rule =
            programme.and_then(|programme| programme.documents.into_iter().find(|rule| rule.slot == slot));
        Ok(match rule {
            Some(rule) => rule.title,
            None if slot == pages::UNSORTED => self.say(&words::PHOTO, &[]),
            None => self.say(&words::OTHER_PAPER, &[]),
        })
    }
}

fn flaw(flaw: Flaw) -> &'static TextSpec {
    match flaw {
        Flaw::TooSmall => &words::TOO_SMALL,
        Flaw::TooDark => &words::TOO_DARK,
        Flaw::TooBright => &words::TOO_BRIGHT,
        Flaw::Blurred => &words::BLURRED,
    }
}

/// What happened says more than where it stands.
fn stays_paid(step: &Move) -> bool {
    (step.from, step.to) == (Status::Paid, Status::Paid)
}

pub fn form(tx: &Tx, content: &Content, news: &News) -> Result<Option<FilledForm>, Fault> {
    let Some(claim) = tx.get(&CLAIMS, &news.claim())? else { return Ok(None) };
    let step = match news {
        News::Moved { claim: id, number } => tx.get(&CLAIM_MOVES, &(*id, *number))?.filter(stays_paid),
        _ => None,
    };
    let spec = step.map_or_else(|| texts::status(claim.status.name()), |step| step_name(&step));
    let status = spec.map(|spec| content.texts.render(spec, &[]));
    let values =
        [("number", Value::from(news.claim().to_string())), ("status", status.unwrap_or_default().into())];
    Ok(content.notices.fill(&CLAIM, &values))
}
