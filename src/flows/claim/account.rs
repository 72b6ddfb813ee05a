//! Where the money goes: holder, number, bank.

use super::words as claim_words;
use super::{Account, State, Stepped, begin, papers, review, said, sorting, status, with};
use crate::content::Value;
use crate::domain::claim::draft::{self, Own};
use crate::domain::claim::judge;
use crate::domain::claim::record::{BankAccount, ClaimId, Status};
use crate::domain::claim::rules::Refusal;
use crate::domain::member::binding::member_of;
use crate::domain::member::consent::{self, Purpose};
use crate::domain::member::identity;
use crate::domain::member::list::named;
use crate::domain::scheme::rules::EventKind;
use crate::flows::membership::{choices, chosen};
use crate::flows::spoken::AGREE;
use crate::flows::texts::claiming as texts;
use crate::flows::{Input, Turn, done, next};
use crate::store::Fault;

const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=40;
const BANK_CHARS: std::ops::RangeInclusive<usize> = 2..=30;

pub fn begin(turn: &mut Turn, id: ClaimId) -> Stepped {
    if has_agreed(turn)? { ask(turn, id, Account::default()) } else { ask_consent(turn, id) }
}

/// To what is asked today: other words are asked anew.
pub fn has_agreed(turn: &Turn) -> Result<bool, Fault> {
    let words = turn.say(&texts::BANK_CONSENT, &[]);
    consent::holds(turn.tx, turn.who, Purpose::Bank, &words)
}

fn ask_consent(turn: &mut Turn, id: ClaimId) -> Stepped {
    next(State::BankConsent(id), consent_words(turn))
}

fn consent_words(turn: &Turn) -> String {
    let words = turn.say(&texts::BANK_CONSENT, &[]);
    let ask = turn.say(&texts::CONSENT, &[("choices", Value::raw(choices(AGREE)))]);
    format!("{words}\n\n{ask}")
}

pub fn consent(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    match is_agreed(turn, input)? {
        Some(true) => ask(turn, id, Account::default()),
        Some(false) => {
            // Papers can be sent meanwhile; the account is asked for again before the claim is handed in.
            let no = turn.say(&texts::NO_ACCOUNT_YET, &[]);
            Ok(papers::show(turn, id, None)?.after(&no))
        }
        None => Ok(ask_consent(turn, id)?.again()),
    }
}

/// Notes the consent. `None`: neither yes nor no.
fn is_agreed(turn: &mut Turn, input: &Input) -> Result<Option<bool>, Fault> {
    if chosen(input, AGREE) == Some(0) || input.agrees() {
        let words = turn.say(&texts::BANK_CONSENT, &[]);
        consent::give(turn.tx, turn.who, Purpose::Bank, &words)?;
        return Ok(Some(true));
    }
    let no = chosen(input, AGREE).is_some() || input.is_no() || matches!(input, Input::Back);
    Ok(no.then_some(false))
}

/// The account is told, and consent was taken back, or its words are others now: it is asked before the claim is handed in.
pub fn renew(turn: &mut Turn, id: ClaimId) -> Stepped {
    next(State::RenewBank(id), consent_words(turn))
}

/// The account stays as it was told, and the claim is handed in as was wanted.
pub fn renewed(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    match is_agreed(turn, input)? {
        Some(true) => with(turn, id, |turn, own| review::submit(turn, &own)),
        Some(false) => done(turn.say(&texts::NOT_AGREED, &[])),
        None => Ok(renew(turn, id)?.again()),
    }
}

fn ask(turn: &mut Turn, id: ClaimId, account: Account) -> Stepped {
    with(turn, id, |turn, own| {
        let text = match &account {
            Account { holder: None, .. } => {
                let name = payee(turn, &own)?.unwrap_or_default();
                turn.say(&texts::ASK_HOLDER, &[("choices", Value::raw(choices(&[&name])))])
            }
            Account { number: None, .. } => turn.say(&texts::ASK_ACCOUNT, &[]),
            _ => {
                let banks = banks(turn, &own)?;
                let banks: Vec<&str> = banks.iter().map(String::as_str).collect();
                turn.say(&texts::ASK_BANK, &[("choices", Value::raw(choices(&banks)))])
            }
        };
        next(State::Account(own.id, account), text.trim_end().to_owned())
    })
}

/// Whose account is offered: that of whom the claim is for or, where they have died, that of who claims.
fn payee(turn: &Turn, own: &Own) -> Result<Option<String>, Fault> {
    let relative = own.before.details.reveal().relative.as_ref();
    if let Some(relative) = relative.filter(|_| own.before.kind != EventKind::Death) {
        return Ok(Some(relative.name.clone()));
    }
    let Some((_, member)) = member_of(turn.tx, turn.who)? else { return Ok(None) };
    Ok(named(turn.tx, &member)?.map(|named| named.name))
}

/// Those that the programme pays to; none: any.
fn banks(turn: &Turn, own: &Own) -> Result<Vec<String>, Fault> {
    Ok(judge::ruled_by(turn.tx, &own.before)?.map(|programme| programme.allowed_banks).unwrap_or_default())
}

pub fn answer(turn: &mut Turn, id: ClaimId, mut account: Account, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return back(turn, id, account);
    }
    with(turn, id, |turn, own| {
        let typed = input.words().unwrap_or_default().trim();
        if account.holder.is_none() {
            let offered = payee(turn, &own)?;
            // Who claims for another says by name whose account it is.
            let is_own = own.before.details.reveal().relative.is_none() && claim_words::oneself(input);
            let chosen = offered.filter(|name| is_own || chosen(input, &[name]).is_some());
            let is_name = chosen.is_some() || input.is_own_words();
            let name = chosen.unwrap_or_else(|| identity::name(typed));
            let fits = is_name
                && !said::is_a_bank(&name, &banks(turn, &own)?)
                && !papers::is_one(turn, &own, &name)?
                && (is_own || !claim_words::oneself(input))
                && NAME_CHARS.contains(&name.chars().count())
                && !name.chars().any(|c| c.is_ascii_digit());
            if !fits {
                return Ok(ask(turn, own.id, account)?.again());
            }
            account.holder = Some(name);
        } else if account.number.is_none() {
            account.number = said::account(typed);
            if account.number.is_none() {
                let wrong = turn.say(&texts::WRONG_ACCOUNT, &[]);
                return Ok(next(State::Account(own.id, account), wrong)?.again());
            }
        } else {
            return bank(turn, &own, account, input);
        }
        ask(turn, own.id, account)
    })
}

/// A picture instead of the number, as of the card: it is kept, and what was asked is asked again.
pub fn pictured(turn: &mut Turn, id: ClaimId, account: Account, picture: u64) -> Stepped {
    with(turn, id, |turn, own| {
        if !own.before.status.takes_papers() || !begin::has_agreed(turn)? {
            return papers::arrived(turn, id, None, picture);
        }
        let kept = sorting::keep(turn, &own, picture)?;
        Ok(ask(turn, id, account)?.after(&kept))
    })
}

/// The last of the three: with it the account is the claim's.
fn bank(turn: &mut Turn, own: &Own, account: Account, input: &Input) -> Stepped {
    let typed = input.words().unwrap_or_default().trim();
    let banks = banks(turn, own)?;
    let names: Vec<&str> = banks.iter().map(String::as_str).collect();
    let named = || said::bank(typed, &banks);
    let is_bank = BANK_CHARS.contains(&typed.chars().count()) && input.is_own_words();
    let bank = match chosen(input, &names).or_else(named).and_then(|at| banks.get(at)) {
        Some(bank) => bank.clone(),
        None if banks.is_empty() && is_bank => typed.to_owned(),
        None if banks.is_empty() => return Ok(ask(turn, own.id, account)?.again()),
        None => {
            let no = turn.explain(&Refusal::BankNotAllowed { banks });
            return Ok(ask(turn, own.id, account)?.after(&no).again());
        }
    };
    let Account { holder: Some(holder), number: Some(number) } = account else {
        return ask(turn, own.id, account);
    };
    let whole = BankAccount { holder, number, bank };
    if let Err(refusal) = draft::tell_account(turn.tx, own, &whole)? {
        return done(turn.explain(&refusal));
    }
    with(turn, own.id, |turn, own| match own.before.status {
        Status::Draft => {
            let told = status::told_after_move(turn, &own.before);
            let step = review::after_account(turn, own)?;
            Ok(if told.is_empty() { step } else { step.after(&told) })
        }
        Status::Submitted => {
            let noted = turn.say(&texts::CORRECTED, &[]);
            Ok(status::detail(turn, own.id)?.after(&noted))
        }
        _ => {
            let noted = turn.say(&texts::ACCOUNT_CORRECTED, &[]);
            Ok(status::detail(turn, own.id)?.after(&noted))
        }
    })
}

fn back(turn: &mut Turn, id: ClaimId, mut account: Account) -> Stepped {
    if account.number.take().is_some() || account.holder.take().is_some() {
        return ask(turn, id, account);
    }
    review::show(turn, id)
}
