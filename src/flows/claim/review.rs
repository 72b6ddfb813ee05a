//! The whole of a draft: what was told, what it may come to, what is missing; and handing it in.

use super::deeds::{self, Deed};
use super::papers::{self, Item};
use super::spoken::UNCOVERED;
use super::words::{self as claim_words, not_told};
use super::{State, Stepped, account, begin, facts, invoices, status, view, with};
use crate::content::Value;
use crate::domain::claim::draft::{self, Own};
use crate::domain::claim::record::{Claim, ClaimId, Flag, Status};
use crate::domain::claim::rules::Refusal;
use crate::domain::claim::second;
use crate::domain::claim::{completeness, judge};
use crate::domain::scheme::record::Fen;
use crate::domain::scheme::rules::{NotCovered, Timeliness};
use crate::flows::days::written;
use crate::flows::membership::{choices, chosen};
use crate::flows::spoken::SUBMIT;
use crate::flows::texts::{claiming as texts, words};
use crate::flows::{Input, Tap, Turn, done, next};
use crate::store::{Fault, Sealed};

const WHY_CHARS: std::ops::RangeInclusive<usize> = 4..=200;

pub fn show(turn: &mut Turn, id: ClaimId) -> Stepped {
    with(turn, id, |turn, own| {
        if !own.before.status.takes_papers() {
            return status::detail(turn, own.id);
        }
        let items = papers::items(turn, &own)?;
        let there = items.iter().filter(|item| item.out_of_reach || item.is_sent()).count();
        let missing = missing(turn, &own, &items)?;
        let deeds = deeds(turn, &own, missing.is_empty())?;
        let values = [
            ("number", Value::from(own.id.to_string())),
            ("kind", view::title(turn, own.before.kind, own.before.ruling.as_ref())?.into()),
            ("facts", view::facts(turn, &own.before)?.into()),
            ("limit", limit(turn, &own.before)?.into()),
            ("there", there.into()),
            ("needed", items.len().into()),
            ("estimate", estimate(turn, &own)?.into()),
            ("missing", Value::raw(missing)),
            ("choices", Value::raw(deeds::links(own.id, &deeds))),
        ];
        next(State::Review(own.id), view::tight(&turn.say(&texts::REVIEW, &values)))
    })
}

/// What is missing has links of its own to its papers.
fn deeds(turn: &Turn, own: &Own, is_whole: bool) -> Result<Vec<Deed>, Fault> {
    let mut deeds = vec![if is_whole { Deed::Submit } else { Deed::GoOn }];
    if unconfirmed(&own.before) {
        deeds.extend([Deed::ConfirmInvoices, Deed::DoubtInvoices]);
    } else if wants_amount(turn, own)? {
        deeds.push(Deed::TypeInvoice);
    }
    deeds.push(Deed::Correct);
    if is_whole {
        deeds.push(Deed::Papers);
    }
    if own.before.status == Status::Draft {
        deeds.push(Deed::GiveUp);
    }
    Ok(deeds)
}

/// Is the sum of the bill all that an estimate waits for?
fn wants_amount(turn: &Turn, own: &Own) -> Result<bool, Fault> {
    let estimate = judge::estimate(turn.tx, own.id, &by_the_invoice(&own.before).0)?;
    Ok(matches!(estimate, Err(Refusal::NotCovered(NotCovered::AmountUnknown))))
}

/// Until when a draft is to be handed in; a late one is taken all the same.
fn limit(turn: &Turn, claim: &Claim) -> Result<String, Fault> {
    Ok(match judge::timeliness(turn.tx, claim)? {
        Some(Timeliness::InTime { until: Some(until) }) if claim.status == Status::Draft => {
            turn.say(&texts::FILE_BY, &[("until", written(until).into())])
        }
        Some(Timeliness::Late { since }) if claim.status == Status::Draft => {
            let last = since.yesterday().unwrap_or(since);
            turn.say(&texts::LATE, &[("until", written(last).into())])
        }
        Some(Timeliness::TooEarly { from }) if claim.status == Status::Draft => {
            turn.say(&texts::TOO_EARLY, &[("from", written(from).into())])
        }
        _ => String::new(),
    })
}

fn unconfirmed(claim: &Claim) -> bool {
    claim.details.reveal().invoices.iter().any(|invoice| !invoice.confirmed)
}

/// What may be paid, line by line; or why nothing.
fn estimate(turn: &mut Turn, own: &Own) -> Result<String, Fault> {
    let (claim, from) = by_the_invoice(&own.before);
    Ok(match judge::estimate(turn.tx, own.id, &claim)? {
        Ok(computed) => {
            let lines = view::lines(turn, &computed.lines, from);
            let spec = match from {
                view::From::Invoice => &texts::ESTIMATE_AT_MOST,
                view::From::Settlement => &texts::ESTIMATE,
            };
            turn.say(spec, &[("lines", lines.into()), ("total", computed.total.to_string().into())])
        }
        // What isn't known yet is no refusal: the settlement tells it.
        Err(Refusal::FactsMissing { .. }) => turn.say(&texts::NO_ESTIMATE_YET, &[]),
        Err(Refusal::NotCovered(why)) if why.is_unknown() => {
            // No refusal: «为什么» answers what was refused before, if anything was.
            let refused = turn.why.take();
            let unknown = turn.explain(&why);
            turn.why = refused;
            turn.say(&texts::NO_ESTIMATE_YET, &[("unknown", unknown.into())])
        }
        Err(Refusal::NotCovered(why)) if claim.ruling.is_none() => {
            let no = turn.explain(&why);
            turn.say(&texts::NO_ESTIMATE, &[("no", no.into())])
        }
        Err(refusal) => turn.explain(&refusal),
    })
}

/// Before the settlement is entered, an invoice tells the most that can be self-borne.
fn by_the_invoice(claim: &Claim) -> (Claim, view::From) {
    let mut claim = claim.clone();
    let mut details = claim.details.into_revealed();
    let total: Fen = details.invoices.iter().map(|invoice| invoice.amount).sum();
    let guesses = details.facts.borne().is_none() && total > Fen::ZERO;
    if guesses {
        details.facts.personal_amount = Some(total);
    }
    claim.details = Sealed::new(details);
    (claim, if guesses { view::From::Invoice } else { view::From::Settlement })
}

/// Everything that is missing, each a link to where it is given.
fn missing(turn: &Turn, own: &Own, items: &[Item]) -> Result<String, Fault> {
    let mut lines = Vec::new();
    if let Err(Refusal::FactsMissing { facts }) = completeness::is_whole(turn.tx, own.id, &own.before)? {
        lines.extend(facts.iter().map(|fact| format!("· {}", turn.say(not_told(fact), &[]))));
    }
    for item in items.iter().filter(|item| !item.is_there()) {
        let tap = Tap::Paper(view::tap_number(own.id), u32::try_from(item.index).unwrap_or_default());
        let link = tap.link(&format!("《{}》", item.rule.title), &item.rule.title);
        let how = crate::wechat::reply::neutral(&item.rule.how);
        lines.push(format!("· {link}{}：{how}", papers::state(turn, item)));
    }
    if lines.is_empty() {
        return Ok(String::new());
    }
    Ok(turn.say(&texts::MISSING, &[("items", Value::raw(lines.join("\n")))]))
}

pub fn choose(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    with(turn, id, |turn, own| {
        let items = papers::items(turn, &own)?;
        let is_whole = missing(turn, &own, &items)?.is_empty();
        match deeds::chosen(input, &deeds(turn, &own, is_whole)?) {
            _ if input.is(&[Deed::Submit.word(), SUBMIT]) => submit(turn, &own),
            _ if input.is(&[Deed::Papers.word()]) => papers::show(turn, own.id, None),
            Some(deed) => deeds::go(turn, own, deed),
            _ if matches!(input, Input::Back) => papers::show(turn, own.id, None),
            _ if matches!(input, Input::Other) => show(turn, own.id),
            _ => Ok(show(turn, own.id)?.again()),
        }
    })
}

/// The follower says that what was read from the code is right; the bill is what the invoices add up to.
pub fn confirm_invoices(turn: &mut Turn, own: &Own) -> Stepped {
    let edit = |details: &mut crate::domain::claim::record::Details| {
        details.invoices.iter_mut().for_each(|invoice| invoice.confirmed = true);
        details.facts.total = Some(details.invoices.iter().map(|invoice| invoice.amount).sum());
    };
    facts::told(turn, own, edit, |turn, own| show(turn, own.id))
}

/// After the account: the papers, unless all is there already.
pub fn after_account(turn: &mut Turn, own: Own) -> Stepped {
    let items = papers::items(turn, &own)?;
    if items.iter().all(Item::is_there) { show(turn, own.id) } else { papers::show(turn, own.id, None) }
}

pub fn ask_what(turn: &mut Turn, own: &Own) -> Stepped {
    if !begin::has_agreed(turn)? {
        return begin::renew(turn, own.id, Vec::new());
    }
    let words = correctable(turn, &facts::questions(turn, &own.before)?, own);
    let values =
        [("facts", view::facts(turn, &own.before)?.into()), ("choices", Value::raw(choices(&words)))];
    next(State::Correcting(own.id), turn.say(&texts::ASK_WHAT, &values))
}

fn correctable(turn: &Turn, facts: &[facts::Fact], own: &Own) -> Vec<String> {
    let invoices = own.before.status.takes_papers() && !own.before.details.reveal().invoices.is_empty();
    let facts = facts.iter().map(|fact| view::fact(*fact));
    let all = facts.chain([&words::FACT_ACCOUNT]).chain(invoices.then_some(&words::FACT_INVOICE));
    all.map(|spec| turn.say(spec, &[])).collect()
}

pub fn correct(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    with(turn, id, |turn, own| {
        let facts = facts::questions(turn, &own.before)?;
        let account = || claim_words::account(input).then_some(facts.len());
        match chosen(input, &correctable(turn, &facts, &own)).or_else(account) {
            _ if !draft::may_tell(&own.before) => status::detail(turn, own.id),
            Some(at) => match facts.get(at) {
                Some(fact) => facts::ask(turn, own.id, *fact),
                None if at == facts.len() => account::begin(turn, own.id),
                None => invoices::begin(turn, &own),
            },
            None if matches!(input, Input::Back) => show(turn, own.id),
            None => Ok(ask_what(turn, &own)?.again()),
        }
    })
}

pub fn submit(turn: &mut Turn, own: &Own) -> Stepped {
    // Consent may have been taken back since the draft was filled in.
    if !begin::has_agreed(turn)? {
        return begin::renew(turn, own.id, Vec::new());
    }
    if own.before.details.reveal().account.is_some() && !account::has_agreed(turn)? {
        return account::renew(turn, own.id);
    }
    let submitted = draft::submit(turn.tx, own)?;
    match submitted {
        Err(Refusal::NotCovered(no)) => ask_uncovered(turn, own.id, &no),
        _ => handed_in(turn, own, submitted),
    }
}

/// Says plainly what is known, and leaves it to the claimant.
fn ask_uncovered(turn: &mut Turn, id: ClaimId, no: &NotCovered) -> Stepped {
    let no = turn.explain(no);
    let values = [("no", Value::from(no)), ("choices", Value::raw(choices(UNCOVERED)))];
    next(State::Uncovered(id), turn.say(&texts::UNCOVERED, &values))
}

/// Why the claimant thinks that there is a cover; or they want it decided without saying why.
pub fn uncovered(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    with(turn, id, |turn, own| {
        let words = input.words().unwrap_or_default().trim();
        match chosen(input, UNCOVERED) {
            Some(0) => submit_uncovered(turn, &own, ""),
            Some(_) => show(turn, own.id),
            None if matches!(input, Input::Back | Input::Other) => show(turn, own.id),
            None if WHY_CHARS.contains(&words.chars().count()) && input.is_own_words() => {
                submit_uncovered(turn, &own, words)
            }
            None => match judge::cover(turn.tx, &own.before)? {
                Err(Refusal::NotCovered(no)) => Ok(ask_uncovered(turn, own.id, &no)?.again()),
                // It came meanwhile.
                _ => show(turn, own.id),
            },
        }
    })
}

fn submit_uncovered(turn: &mut Turn, own: &Own, why: &str) -> Stepped {
    let submitted = draft::submit_uncovered(turn.tx, own, why)?;
    handed_in(turn, own, submitted)
}

fn handed_in(turn: &mut Turn, own: &Own, submitted: Result<Claim, Refusal>) -> Stepped {
    match submitted {
        Ok(claim) => {
            let is_used = claim.flags.iter().any(|flag| matches!(flag, Flag::SamePaper { .. }));
            let spec = match () {
                () if claim.instant => &texts::SETTLED,
                () if is_used => &texts::HELD,
                () if claim.ruling.is_none() => &texts::SUBMITTED_UNCOVERED,
                () => &texts::SUBMITTED,
            };
            let due = claim.clock.due.unwrap_or(turn.now);
            let text = turn.say(spec, &[("number", own.id.to_string().into()), ("due", due.into())]);
            let late = if claim.flags.iter().any(|flag| matches!(flag, Flag::Late { .. })) {
                let say = Tap::OfClaim(view::tap_number(own.id), Deed::Say);
                let link = say.link(&turn.say(&words::WRITE_WHY_LATE, &[]), Deed::Say.word());
                turn.say(&texts::SUBMITTED_LATE, &[("link", Value::raw(link))])
            } else {
                String::new()
            };
            let extra = extra(turn, own.id, &claim)?;
            next(State::Detail(own.id), view::tight(&format!("{text}\n{late}\n{extra}")))
        }
        Err(refusal) => {
            let no = turn.explain(&refusal);
            let shown = show(turn, own.id)?;
            // What the whole claim says besides is no second refusal.
            Ok(shown.after(&no))
        }
    }
}

/// What another programme of the person's may pay for the same illness, in one tap.
pub fn extra(turn: &mut Turn, id: ClaimId, claim: &Claim) -> Result<String, Fault> {
    let Some(offer) = second::offer(turn.tx, id, claim)? else { return Ok(String::new()) };
    let also = Tap::OfClaim(view::tap_number(id), Deed::Second);
    let link = also.link(&turn.say(&words::CLAIM_ALSO, &[]), Deed::Second.word());
    let values = [
        ("programme", Value::from(offer.programme.title)),
        ("disease", offer.disease.name.into()),
        ("link", Value::raw(link)),
    ];
    Ok(turn.say(&texts::EXTRA, &values))
}

/// 一并申请: a second claim for the same illness, with what the first has.
pub fn second(turn: &mut Turn, own: Own) -> Stepped {
    match second::begin(turn.tx, turn.who, &own)? {
        Ok(Some(second)) => {
            let begun = turn.say(&texts::SECOND_BEGUN, &[("number", second.to_string().into())]);
            Ok(with(turn, second, facts::go_on)?.after(&begun))
        }
        Ok(None) => status::detail(turn, own.id),
        Err(refusal) => done(turn.explain(&refusal)),
    }
}
