//! Invoices in words: what a code was read wrong in, or what no code tells, is typed.

use jiff::civil::Date;

use super::{State, Stepped, facts, review, with};
use crate::content::{TextSpec, Value};
use crate::domain::claim::draft::Own;
use crate::domain::claim::record::{ClaimId, Details, Invoice};
use crate::domain::scheme::record::Fen;
use crate::flows::days;
use crate::flows::membership::{choices, chosen};
use crate::flows::spoken::SKIP;
use crate::flows::texts::{claiming as texts, words};
use crate::flows::{Input, Turn, next, sums};
use serde::{Deserialize, Serialize};

const NUMBER_CHARS: std::ops::RangeInclusive<usize> = 4..=20;
/// Nobody has so many for one claim.
const INVOICES_MAX: usize = 20;

/// What an invoice has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvoiceField {
    Code,
    Number,
    Issued,
    Amount,
}

impl InvoiceField {
    pub const ALL: &[InvoiceField] =
        &[InvoiceField::Code, InvoiceField::Number, InvoiceField::Issued, InvoiceField::Amount];

    pub fn word(self) -> &'static TextSpec {
        match self {
            InvoiceField::Code => &words::INVOICE_CODE,
            InvoiceField::Number => &words::INVOICE_NUMBER,
            InvoiceField::Issued => &words::INVOICE_ISSUED,
            InvoiceField::Amount => &words::INVOICE_AMOUNT,
        }
    }

    /// `None`: not known.
    pub fn value(self, turn: &Turn, of: &Invoice) -> Option<String> {
        match self {
            InvoiceField::Code => Some(of.code.clone()).filter(|code| !code.is_empty()),
            InvoiceField::Number => Some(of.number.clone()).filter(|number| !number.is_empty()),
            InvoiceField::Issued => of.issued.map(days::written),
            InvoiceField::Amount => {
                Some(turn.say(&words::INVOICE_YUAN, &[("amount", of.amount.to_string().into())]))
            }
        }
    }
}

/// What is typed for a field.
enum Typed {
    Code(String),
    Number(String),
    Issued(Date),
    Amount(Fen),
}

/// Which field of which invoice is wrong; without an invoice its amount is asked for.
pub fn begin(turn: &mut Turn, own: &Own) -> Stepped {
    let words = fields(turn, own);
    if words.is_empty() {
        return ask(turn, own.id, 0, InvoiceField::Amount);
    }
    let text = turn.say(&texts::ASK_WHICH_FIELD, &[("choices", Value::raw(choices(&words)))]);
    next(State::Invoices(own.id), text)
}

/// `发票1 号码 0012345678`, one after the other.
fn fields(turn: &Turn, own: &Own) -> Vec<String> {
    let invoices = &own.before.details.reveal().invoices;
    let line = |(nth, of): (usize, &Invoice)| {
        let name = match invoices.len() {
            1 => turn.say(&words::FACT_INVOICE, &[]),
            _ => turn.say(&words::FACT_INVOICE_OF_SEVERAL, &[("number", (nth + 1).into())]),
        };
        let value = |field: &InvoiceField| {
            let (word, value) = (turn.say(field.word(), &[]), field.value(turn, of).unwrap_or_default());
            format!("{name}{word} {value}").trim_end().to_owned()
        };
        InvoiceField::ALL.iter().map(value).collect::<Vec<_>>()
    };
    invoices.iter().enumerate().flat_map(line).collect()
}

pub fn choose(turn: &mut Turn, id: ClaimId, input: &Input) -> Stepped {
    with(turn, id, |turn, own| {
        let words = fields(turn, &own);
        match chosen(input, &words) {
            Some(at) => {
                let field = InvoiceField::ALL.get(at % InvoiceField::ALL.len()).copied();
                ask(turn, own.id, at / InvoiceField::ALL.len(), field.unwrap_or(InvoiceField::Amount))
            }
            None if matches!(input, Input::Back) => review::show(turn, own.id),
            None => Ok(begin(turn, &own)?.again()),
        }
    })
}

fn ask(turn: &mut Turn, id: ClaimId, nth: usize, field: InvoiceField) -> Stepped {
    let spec = match field {
        InvoiceField::Amount => &texts::ASK_INVOICE_AMOUNT,
        InvoiceField::Issued => &texts::ASK_INVOICE_DATE,
        InvoiceField::Code => &texts::ASK_INVOICE_CODE,
        InvoiceField::Number => &texts::ASK_INVOICE_NUMBER,
    };
    let text = turn.say(spec, &[("choices", Value::raw(choices(&[SKIP])))]);
    next(State::Invoice(id, nth, field), text)
}

pub fn answer(turn: &mut Turn, id: ClaimId, nth: usize, field: InvoiceField, input: &Input) -> Stepped {
    with(turn, id, |turn, own| {
        if matches!(input, Input::Back) || chosen(input, &[SKIP]).is_some() {
            return review::show(turn, own.id);
        }
        let words = input.words().unwrap_or_default();
        let typed = match field {
            InvoiceField::Code => number(words).map(Typed::Code),
            InvoiceField::Number => number(words).map(Typed::Number),
            InvoiceField::Issued => days::day(words, turn.now.date()).map(Typed::Issued),
            InvoiceField::Amount => amount(words).map(Typed::Amount),
        };
        let Some(typed) = typed else { return Ok(ask(turn, own.id, nth, field)?.again()) };
        let is_new = own.before.details.reveal().invoices.len() <= nth;
        let go = |turn: &mut Turn, own: Own| {
            if is_new { ask(turn, own.id, nth, InvoiceField::Number) } else { review::show(turn, own.id) }
        };
        facts::told(turn, &own, |details| note(details, nth, &typed), go)
    })
}

/// A new one has what was typed alone.
fn note(details: &mut Details, nth: usize, typed: &Typed) {
    if nth >= INVOICES_MAX {
        return;
    }
    if details.invoices.len() <= nth {
        let (code, number, check) = Default::default();
        let amount = Fen::ZERO;
        let new = Invoice {
            code,
            number,
            check,
            issued: None,
            amount,
            read: false,
            corrects: None,
            confirmed: true,
        };
        details.invoices.push(new);
    }
    if let Some(invoice) = details.invoices.get_mut(nth) {
        if invoice.read {
            invoice.corrects = Some((invoice.code.clone(), invoice.number.clone()));
        }
        match typed {
            Typed::Code(code) => invoice.code.clone_from(code),
            Typed::Number(number) => invoice.number.clone_from(number),
            Typed::Issued(day) => invoice.issued = Some(*day),
            Typed::Amount(amount) => invoice.amount = *amount,
        }
        // Whoever corrects one has looked at all of it.
        (invoice.read, invoice.confirmed) = (false, true);
    }
    details.facts.total = Some(details.invoices.iter().map(|invoice| invoice.amount).sum());
}

fn number(words: &str) -> Option<String> {
    let clean: String = words.chars().filter(|c| !c.is_whitespace()).collect();
    let fits = NUMBER_CHARS.contains(&clean.len()) && clean.bytes().all(|b| b.is_ascii_alphanumeric());
    (fits && clean.bytes().any(|b| b.is_ascii_digit())).then_some(clean)
}

fn amount(words: &str) -> Option<Fen> {
    sums::hundredths(words).filter(|fen| (1..1_000_000_000).contains(fen)).map(Fen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_numbers_are_read_as_people_write_them() {
        for words in ["1234.5", "1,234.50元", "¥1234.50", " 1234.50 ", "一千二百三十四块五"] {
            assert_eq!(amount(words), Some(Fen(123_450)), "{words}");
        }
        for words in ["0", "-5", "一点", "1.234", "", "99999999999", "人工"] {
            assert_eq!(amount(words), None, "{words}");
        }
        assert_eq!(number("0012 3456 78").as_deref(), Some("0012345678"));
        for words in ["", "123", "abcd", "号码", "123456789012345678901"] {
            assert_eq!(number(words), None, "{words}");
        }
    }
}
