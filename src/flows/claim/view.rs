//! How claims look: words for what is known.

use super::invoices::InvoiceField;
use super::words::kind as kind_word;
use crate::content::{TextSpec, Value};
use crate::domain::claim::judge;
use crate::domain::claim::record::{Circumstance, Claim, ClaimId, Invoice, Page, PageState, Ruling, Status};
use crate::domain::media::record::Flaw;
use crate::domain::scheme::commands as scheme;
use crate::domain::scheme::rules::{EventKind, Line, What};
use crate::flows::Turn;
use crate::flows::claim::Fact;
use crate::flows::days::written;
use crate::flows::texts::{claiming as texts, claims, words};
use crate::privacy::{mask_card, mask_name};
use crate::store::Fault;

pub fn status(turn: &Turn, status: Status) -> String {
    claims::status(status.name()).map(|spec| turn.say(spec, &[])).unwrap_or_default()
}

/// Taps carry small numbers; a claim beyond them is found by its number in the list.
pub fn tap_number(id: ClaimId) -> u32 {
    u32::try_from(id.0).unwrap_or_default()
}

/// What became of a page.
pub fn page(turn: &Turn, page: &Page) -> String {
    match &page.state {
        PageState::Coming => turn.say(&texts::PAGE_COMING, &[]),
        PageState::Kept => turn.say(&texts::PAGE_KEPT, &[]),
        PageState::Lost => turn.say(&texts::PAGE_LOST, &[]),
        PageState::Unclear { why } => {
            turn.say(&texts::PAGE_UNCLEAR, &[("why", turn.say(flaw(*why), &[]).into())])
        }
        PageState::Repeated => turn.say(&texts::PAGE_REPEATED, &[]),
        PageState::Accepted { .. } => turn.say(&texts::PAGE_ACCEPTED, &[]),
        PageState::Refused { reason, .. } => {
            let why = claims::reason(reason).map(|(what, _)| turn.say(what, &[])).unwrap_or_default();
            turn.say(&texts::PAGE_REFUSED, &[("why", why.into())])
        }
    }
}

fn flaw(flaw: Flaw) -> &'static TextSpec {
    match flaw {
        Flaw::TooSmall => &words::PAGE_TOO_SMALL,
        Flaw::TooDark => &words::PAGE_TOO_DARK,
        Flaw::TooBright => &words::PAGE_TOO_BRIGHT,
        Flaw::Blurred => &words::PAGE_BLURRED,
    }
}

pub fn fact(fact: Fact) -> &'static TextSpec {
    match fact {
        Fact::Hospital => &words::FACT_HOSPITAL,
        Fact::Admitted => &words::FACT_ADMITTED,
        Fact::Discharged => &words::FACT_DISCHARGED,
        Fact::Diagnosed => &words::FACT_DIAGNOSED,
        Fact::Happened => &words::FACT_HAPPENED,
        Fact::Diagnosis => &words::FACT_DIAGNOSIS,
        Fact::Disease => &words::FACT_DISEASE,
        Fact::Operated => &words::FACT_OPERATED,
        Fact::Cause => &words::FACT_CAUSE,
        Fact::Stay => &words::FACT_STAY,
        Fact::Grade => &words::FACT_GRADE,
        Fact::Unit => &words::FACT_UNIT,
        Fact::OutOfTown => &words::FACT_OUT_OF_TOWN,
        Fact::Insurance => &words::FACT_INSURANCE,
    }
}

/// What is known of an invoice, each with its name.
fn invoice(turn: &Turn, of: &Invoice) -> String {
    let parts = InvoiceField::ALL.iter().filter_map(|field| Some((field.word(), field.value(turn, of)?)));
    let part = |(name, value)| format!("{} {value}", turn.say(name, &[]));
    parts.map(part).collect::<Vec<_>>().join("，")
}

/// What pays, as far as that is known: the programme, or the kind of event.
pub fn title(turn: &Turn, kind: EventKind, ruling: Option<&Ruling>) -> Result<String, Fault> {
    let title = match ruling {
        Some(of) => scheme::title(turn.tx, &of.scheme, of.version, &of.programme)?,
        None => None,
    };
    Ok(title.unwrap_or_else(|| turn.say(kind_word(kind), &[])))
}

/// A line for each fact that is known, and for the account, masked.
pub fn facts(turn: &Turn, claim: &Claim) -> Result<String, Fault> {
    facts_by(turn, claim, mask_name, mask_card)
}

/// As [`facts`], with whole names and numbers.
pub fn whole_facts(turn: &Turn, claim: &Claim) -> Result<String, Fault> {
    facts_by(turn, claim, str::to_owned, str::to_owned)
}

fn facts_by(
    turn: &Turn,
    claim: &Claim,
    name_as: fn(&str) -> String,
    card_as: fn(&str) -> String,
) -> Result<String, Fault> {
    let programme = judge::ruled_by(turn.tx, claim)?;
    let details = claim.details.reveal();
    let of = &details.facts;
    let day = |day: Option<jiff::civil::Date>| day.map(written).unwrap_or_default();
    let mut lines = Vec::new();
    let mut line = |name: &TextSpec, value: &str| {
        if !value.is_empty() {
            lines.push(format!("{}：{value}", turn.say(name, &[])));
        }
    };
    if let Some(relative) = &details.relative {
        line(&words::FACT_FOR_WHOM, &format!("{} {}", relative.relation, name_as(&relative.name)));
    }
    for known in super::facts::answered(claim) {
        let said = |what| super::facts::said(programme.as_ref(), details, what);
        let value = match known {
            Fact::Hospital => of.hospital.clone(),
            Fact::Admitted => day(of.admitted),
            Fact::Discharged => day(of.discharged),
            Fact::Diagnosed => day(of.diagnosed),
            Fact::Happened => day(of.happened),
            Fact::Diagnosis => details.diagnosis.clone(),
            Fact::Disease => said(Circumstance::Disease),
            Fact::Operated => said(Circumstance::Operated),
            Fact::Cause => said(Circumstance::Cause),
            Fact::Stay => said(Circumstance::Stay),
            Fact::Grade => said(Circumstance::Grade),
            Fact::Unit => said(Circumstance::HasUnit),
            Fact::OutOfTown => said(Circumstance::OutOfTown),
            Fact::Insurance => said(Circumstance::Insured),
        };
        line(fact(known), &value);
    }
    for of in &details.invoices {
        line(&words::FACT_INVOICE, &invoice(turn, of));
    }
    if let Some(account) = &details.account {
        let number = card_as(&account.number);
        line(&words::FACT_PAID_TO, &format!("{} {number} {}", name_as(&account.holder), account.bank));
    }
    Ok(lines.join("\n"))
}

/// What a claim is counted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Settlement,
    /// The whole of the invoice, while the settlement isn't known.
    Invoice,
}

/// One step of how it was counted, with the article that gives it.
pub fn line(turn: &Turn, line: &Line, from: From) -> String {
    let named = || texts::LINES.iter().find(|(what, _)| *what == line.what.name()).map(|(_, spec)| *spec);
    let spec = match (line.what, from) {
        (What::SelfBorne, From::Invoice) => Some(&texts::LINE_OF_INVOICE),
        _ => named(),
    };
    let Some(spec) = spec else { return String::new() };
    let rate = line.rate.map(|rate| rate.percent()).unwrap_or_default();
    let values = [
        ("base", Value::from(line.base.to_string())),
        ("rate", rate.into()),
        ("count", line.count.unwrap_or_default().into()),
        ("amount", line.amount.to_string().into()),
    ];
    let told = turn.say(spec, &values);
    if line.rule.is_empty() || line.what == What::SelfBorne {
        told
    } else {
        format!("{told}（{}）", line.rule)
    }
}

pub fn lines(turn: &Turn, all: &[Line], from: From) -> String {
    all.iter().map(|step| line(turn, step, from)).collect::<Vec<_>>().join("\n")
}

pub fn next_step(status: &str) -> Option<&'static TextSpec> {
    texts::NEXT.iter().find(|(known, _)| *known == status).map(|(_, spec)| *spec)
}

/// Without the lines that nothing was put into.
pub fn tight(text: &str) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}
