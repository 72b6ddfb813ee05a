//! What the QR code of a digital medical invoice (医疗电子票据) says.
//!
//! Two forms are read: fields with commas or bars between them, as tax and fiscal invoices print them, and an address
//! whose query names them. Provinces differ in what they add and in which order, so fields are told apart by their
//! shape: a code of 8, 10 or 12 digits, a number of 8, 10 or 20, a check code of 6 letters and digits, a day, an
//! amount with its point. What is read is only proposed; a person confirms it.

use jiff::civil::Date;

use super::record::Invoice;
use crate::domain::scheme::record::Fen;

/// More is no invoice's code.
const BYTES_MAX: usize = 500;

/// `None`: it is no invoice's.
pub fn parse(text: &str) -> Option<Invoice> {
    if text.len() > BYTES_MAX {
        return None;
    }
    let invoice = match text.split_once('?') {
        Some((_, query)) => named(query),
        None => shaped(text),
    }?;
    (invoice.amount.0 > 0).then_some(invoice)
}

/// Names that providers give the fields in an address, in lower case.
const CODE: &[&str] = &["billbatchcode", "invoicecode", "code", "pjdm"];
const NUMBER: &[&str] = &["billno", "invoiceno", "invoicenumber", "number", "no", "pjhm"];
const CHECK: &[&str] = &["random", "checkcode", "jym"];
const DAY: &[&str] = &["ivcdatetime", "issuedate", "date", "kprq"];
const AMOUNT: &[&str] = &["totalamt", "amount", "amt", "je"];

fn named(query: &str) -> Option<Invoice> {
    let fields: Vec<(String, &str)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let field = |names: &[&str]| {
        fields.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| *value)
    };
    Some(Invoice {
        code: field(CODE).filter(|code| is_code(code))?.to_owned(),
        number: field(NUMBER).filter(|number| is_number(number))?.to_owned(),
        check: field(CHECK).filter(|check| is_check(check)).unwrap_or_default().to_owned(),
        issued: field(DAY).and_then(day),
        amount: field(AMOUNT).and_then(amount)?,
        read: true,
        corrects: None,
        confirmed: false,
    })
}

fn shaped(text: &str) -> Option<Invoice> {
    let separator = if text.contains('|') { '|' } else { ',' };
    let mut rest: Vec<&str> = text.split(separator).map(str::trim).collect();
    let mut take = |fits: fn(&str) -> bool| {
        let at = rest.iter().position(|field| fits(field))?;
        Some(rest.remove(at))
    };
    let code = take(is_code)?;
    let number = take(is_number)?;
    let issued = take(|field| day(field).is_some()).and_then(day);
    let amount = take(|field| field.contains('.') && amount(field).is_some()).and_then(amount)?;
    let check = take(is_check).unwrap_or_default();
    Some(Invoice {
        code: code.to_owned(),
        number: number.to_owned(),
        check: check.to_owned(),
        issued,
        amount,
        read: true,
        corrects: None,
        confirmed: false,
    })
}

fn is_digits(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_code(text: &str) -> bool {
    is_digits(text, &[8, 10, 12])
}

fn is_number(text: &str) -> bool {
    is_digits(text, &[8, 10, 20])
}

fn is_check(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// `20260805`, `2026-08-05`, with or without a time behind it.
fn day(text: &str) -> Option<Date> {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(8).collect();
    let shape = text.chars().all(|c| c.is_ascii_digit() || "-: T".contains(c));
    if digits.len() < 8 || !shape || !digits.starts_with("20") {
        return None;
    }
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    let narrow = |part: Option<i16>| part.and_then(|part| i8::try_from(part).ok());
    Date::new(part(0..4)?, narrow(part(4..6))?, narrow(part(6..8))?).ok()
}

fn amount(text: &str) -> Option<Fen> {
    let (yuan, fen) = text.split_once('.').unwrap_or((text, ""));
    let fen = match fen.len() {
        0 => 0,
        1 => fen.parse::<i64>().ok()? * 10,
        2 => fen.parse().ok()?,
        _ => return None,
    };
    let yuan = yuan.parse::<u32>().ok()?;
    Some(Fen(i64::from(yuan) * 100 + fen))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn expected() -> Invoice {
        Invoice {
            code: "33060126".to_owned(),
            number: "0012345678".to_owned(),
            check: "a1b2c3".to_owned(),
            issued: Some(date(2026, 8, 5)),
            amount: Fen(1_234_500),
            read: true,
            corrects: None,
            confirmed: false,
        }
    }

    fn check(text: &str, expected: Option<Invoice>) {
        assert!(parse(text) == expected, "{text}");
    }

    #[test]
    fn both_forms_are_read_in_any_order_of_the_later_fields() {
        check("01,01,33060126,0012345678,a1b2c3,20260805,12345.00", Some(expected()));
        check("1|33060126|0012345678|12345.00|20260805|a1b2c3|", Some(expected()));
        check(
            "https://pj.example/bill?billBatchCode=33060126&billNo=0012345678&random=a1b2c3&ivcDateTime=2026-08-05%2010:00&totalAmt=12345.0",
            Some(Invoice { issued: None, ..expected() }),
        );
        check(
            "https://pj.example/b?code=33060126&number=0012345678&checkcode=a1b2c3&date=20260805&amount=12345",
            Some(expected()),
        );
    }

    #[test]
    fn what_is_no_invoice_is_left_alone() {
        check("https://weixin.qq.com/r/abc", None);
        check("01,01,33060126", None);
        check("33060126,0012345678,a1b2c3,20260805,0.00", None);
        check("33060126,0012345678,a1b2c3,20260805,1.234", None);
        check(&"1,".repeat(400), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,80}") {
            _ = parse(&text);
            _ = parse(&format!("?code={text}&number={text}&date={text}&amount={text}"));
        }
    }
}
