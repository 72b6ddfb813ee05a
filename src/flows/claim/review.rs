//! The whole of a draft: what was told, what it may come to, what is missing; and handing it in.

use super::papers::{self, Item};
use super::words::{fact_word, kind_word};
use super::{State, Stepped, account, begin, facts, status, view, with};
use crate::content::Value;
use crate::domain::claim::draft::{self, Own};
use crate::domain::claim::judge;
use crate::domain::claim::record::{Claim, ClaimId, Status};
use crate::domain::claim::rules::Refusal;
use crate::domain::claim::second;
use crate::domain::scheme::record::Fen;
use crate::domain::scheme::rules::NotCovered;
use crate::flows::membership::{choices, chosen};
use crate::flows::texts::claiming as texts;
use crate::flows::{Input, Tap, Turn, done, next};
use crate::store::{Fault, Sealed};

const SUBMIT: &str = "提交申请";
const GO_ON: &str = "继续填";
const CONFIRM_INVOICE: &str = "发票信息对";
const CORRECT: &str = "改资料";
const PAPERS: &str = "看材料清单";
const GIVE_UP: &str = "不申请了";
const ACCOUNT: &str = "收款账号";
const UNCOVERED: &[&str] = &["直接提交", "先不提交"];
const WHY_CHARS: std::ops::RangeInclusive<usize> = 4..=200;

pub fn show(turn: &mut Turn, id: ClaimId) -> Stepped {
    with(turn, id, |turn, own| {
        if !own.before.status.takes_papers() {
            return status::detail(turn, own.id);
        }
        let items = papers::items(turn, &own)?;
        let there = items.iter().filter(|item| item.out_of_reach || item.is_sent()).count();
        let missing = missing(turn, &own, &items)?;
        let words = words(&own, missing.is_empty());
        let values = [
            ("number", Value::from(own.id.to_string())),
            ("kind", kind_word(own.before.kind).into()),
            ("facts", view::facts(&own.before).into()),
            ("there", there.into()),
            ("needed", items.len().into()),
            ("estimate", estimate(turn, &own)?.into()),
            ("missing", Value::raw(missing)),
            ("choices", Value::raw(choices(&words))),
        ];
        next(State::Review(own.id), view::tight(&turn.say(&texts::REVIEW, &values)))
    })
}

fn words(own: &Own, is_whole: bool) -> Vec<&'static str> {
    let mut words = vec![if is_whole { SUBMIT } else { GO_ON }];
    if unconfirmed(&own.before) {
        words.push(CONFIRM_INVOICE);
    }
    words.extend([CORRECT, PAPERS]);
    if own.before.status == Status::Draft {
        words.push(GIVE_UP);
    }
    words
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
        Err(Refusal::NotCovered(why)) if why.is_unknown() => turn.say(&texts::NO_ESTIMATE_YET, &[]),
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
    if let Err(Refusal::FactsMissing { facts }) = judge::is_whole(turn.tx, own.id, &own.before)? {
        lines.extend(facts.iter().map(|fact| format!("· {}", fact_word(fact))));
    }
    for item in items.iter().filter(|item| !item.is_there()) {
        let tap = Tap::Paper(view::tap_number(own.id), u32::try_from(item.index).unwrap_or_default());
        let link = tap.link(&format!("《{}》", item.rule.title), &item.rule.title);
        let how = crate::wechat::reply::neutral(&item.rule.how);
        lines.push(format!("· {link}：{how}"));
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
        let words = words(&own, is_whole);
        let word = chosen(input, &words).and_then(|at| words.get(at)).copied();
        match word {
            _ if input.is(&[SUBMIT, "提交"]) => submit(turn, &own),
            Some(SUBMIT) => submit(turn, &own),
            Some(GO_ON) => facts::go_on(turn, own),
            Some(CONFIRM_INVOICE) => confirm_invoice(turn, &own),
            Some(CORRECT) => ask_what(turn, &own),
            Some(PAPERS) => papers::show(turn, own.id, None),
            Some(GIVE_UP) => status::ask_to_withdraw(turn, own.id),
            _ if matches!(input, Input::Back) => papers::show(turn, own.id, None),
            _ if matches!(input, Input::Other) => show(turn, own.id),
            _ => Ok(show(turn, own.id)?.again()),
        }
    })
}

/// The follower says that what was read from the code is right; the bill is what the invoices add up to.
fn confirm_invoice(turn: &mut Turn, own: &Own) -> Stepped {
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

fn ask_what(turn: &mut Turn, own: &Own) -> Stepped {
    let words = correctable(own);
    next(State::Correcting(own.id), turn.say(&texts::ASK_WHAT, &[("choices", Value::raw(choices(&words)))]))
}

fn correctable(own: &Own) -> Vec<&'static str> {
    let facts = facts::questions(own.before.kind).iter().map(|fact| view::fact(*fact));
    facts.chain([ACCOUNT]).collect()
}

pub fn correct(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    with(turn, id, |turn, own| match chosen(input, &correctable(&own)) {
        _ if !own.before.status.takes_papers() => status::detail(turn, own.id),
        Some(at) => match facts::questions(own.before.kind).get(at) {
            Some(fact) => facts::ask(turn, own.id, *fact),
            None => account::begin(turn, own.id),
        },
        None if matches!(input, Input::Back) => show(turn, own.id),
        None => Ok(ask_what(turn, &own)?.again()),
    })
}

fn submit(turn: &mut Turn, own: &Own) -> Stepped {
    // Consent may have been taken back since the draft was filled in.
    if !begin::has_agreed(turn)? {
        return begin::apply(turn);
    }
    if own.before.details.reveal().account.is_some() && !account::has_agreed(turn)? {
        return account::begin(turn, own.id);
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
            None if WHY_CHARS.contains(&words.chars().count()) && !input.names_a_service() => {
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
            let spec = match claim.held {
                _ if claim.instant => &texts::SETTLED,
                Some(_) => &texts::HELD,
                None if claim.ruling.is_none() => &texts::SUBMITTED_UNCOVERED,
                None => &texts::SUBMITTED,
            };
            let due = claim.clock.due.unwrap_or(turn.now);
            let text = turn.say(spec, &[("number", own.id.to_string().into()), ("due", due.into())]);
            let extra = extra(turn, own.id, &claim)?;
            next(State::Detail(own.id), format!("{text}\n{extra}").trim_end().to_owned())
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
    let link = Tap::Second(view::tap_number(id)).link("一并申请，材料不用重交", "一并申请");
    let values = [
        ("programme", Value::from(offer.programme.title)),
        ("disease", offer.disease.name.into()),
        ("link", Value::raw(link)),
    ];
    Ok(turn.say(&texts::EXTRA, &values))
}

/// 一并申请: a second claim for the same illness, with what the first has.
pub fn second(turn: &mut Turn, id: ClaimId) -> Stepped {
    with(turn, id, |turn, own| match second::begin(turn.tx, turn.who, &own)? {
        Ok(Some(second)) => {
            let begun = turn.say(&texts::SECOND_BEGUN, &[("number", second.to_string().into())]);
            Ok(with(turn, second, facts::go_on)?.after(&begun))
        }
        Ok(None) => status::detail(turn, own.id),
        Err(refusal) => done(turn.explain(&refusal)),
    })
}
