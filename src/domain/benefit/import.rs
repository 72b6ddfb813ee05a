//! Codes of a provider, in lots.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::claim::{find, save};
use super::manage::ManageRefusal;
use super::record::*;
use super::{code, draw, queue, rules, stock};
use crate::domain::tables::{COUPONS, LOTS};
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};

/// Codes in one commit; each is two rows.
pub const CODES_PER_COMMIT: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCode {
    /// Of the file, from 1.
    pub line: u32,
    pub code: String,
    /// The provider's own end of it.
    pub until: Option<Time>,
}

/// Where codes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub lot: String,
    pub supplier: String,
    pub by: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub loaded: u32,
    /// Lines that were not taken; nothing else is the worse for them.
    pub refused: Vec<RefusedLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    pub line: u32,
    /// `duplicate_here`, `duplicate`, `empty`, `too_long`, `not_a_code` or `expired`.
    pub why: String,
    pub message: String,
}

/// Loads at most [`CODES_PER_COMMIT`] codes at the end of the queue. A code that was ever imported or made here is
/// refused, whatever became of it.
pub fn import(
    tx: &mut Tx,
    id: u32,
    origin: &Origin,
    codes: &[NewCode],
) -> Result<Result<Imported, ManageRefusal>, Fault> {
    let Some(mut found) = find(tx, id)? else { return Ok(Err(ManageRefusal::Unknown)) };
    if found.benefit.terms.way != Way::Imported {
        return Ok(Err(ManageRefusal::OwnCodes));
    }
    if let BenefitState::Closed { .. } = found.benefit.state {
        return Ok(Err(ManageRefusal::WrongState { now: "closed", wanted: "topped up" }));
    }
    let (now, key) = (tx.moment().now, code::index_key(tx)?);
    let (good_from, _) = rules::validity(&found.benefit.terms, None, now);
    let strict = code::case_matters(&found.benefit.terms);
    let mut imported = Imported::default();
    let mut here = BTreeSet::new();
    let mut lot = tx.get(&LOTS, &(id, origin.lot.clone()))?.unwrap_or_else(|| Lot {
        supplier: origin.supplier.clone(),
        count: 0,
        first: found.stock.last + 1,
        last: found.stock.last,
        at: now,
        by: origin.by.clone(),
    });
    for new in codes.iter().take(CODES_PER_COMMIT) {
        let no = match wrong(new, now, good_from) {
            Some(wrong) => Some(wrong),
            None if !here.insert(if strict { code::exact(&new.code) } else { code::folded(&new.code) }) => {
                Some(("duplicate_here", "twice in this file".to_owned()))
            }
            None => code::known(tx, &key, &new.code, strict)?
                .map(|known| ("duplicate", format!("was loaded before, as {known}"))),
        };
        if let Some((why, message)) = no {
            imported.refused.push(RefusedLine { line: new.line, why: why.to_owned(), message });
            continue;
        }
        let number = CouponNumber { benefit: id, number: stock::load(&mut found.stock) };
        let coupon = Coupon {
            number,
            code: Some(Sealed::new(new.code.trim().to_owned())),
            lot: Some(origin.lot.clone()),
            code_until: new.until,
            state: CouponState::Left,
            owner: None,
        };
        code::enter(tx, &key, &new.code, number, strict)?;
        if let Some(until) = new.until {
            queue::end_at(tx, id, until)?;
        }
        tx.put(&COUPONS, &number.key(), &coupon)?;
        (lot.count, lot.last) = (lot.count + 1, number.number);
        imported.loaded += 1;
    }
    if imported.loaded > 0 {
        tx.put(&LOTS, &(id, origin.lot.clone()), &lot)?;
        save(tx, &found)?;
        draw::has_codes(tx, id, found.stock.release.as_ref())?;
    }
    Ok(Ok(imported))
}

fn wrong(new: &NewCode, now: Time, good_from: Time) -> Option<(&'static str, String)> {
    if code::exact(&new.code).is_empty() {
        return Some(("empty", "has no code".to_owned()));
    }
    if new.code.trim().chars().count() > code::CODE_CHARS_MAX {
        return Some(("too_long", format!("has more than {} characters", code::CODE_CHARS_MAX)));
    }
    if new.code.trim().chars().any(char::is_control) {
        return Some(("not_a_code", "has a line break or a control character within".to_owned()));
    }
    if is_rounded(new.code.trim()) {
        let why = "is a number that a spreadsheet rounded; save the column as text, and export it again";
        return Some(("not_a_code", why.to_owned()));
    }
    let until = new.until.filter(|until| *until <= good_from)?;
    let why = if until <= now { "ended" } else { "ends before coupons are good (`valid.not_before`):" };
    Some(("expired", format!("{why} at {until}")))
}

/// `1.23457E+15`: what spreadsheets show, and save as CSV, of a code of many digits.
fn is_rounded(code: &str) -> bool {
    let Some((number, power)) = code.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    digits(whole) && digits(part) && power.strip_prefix('+').is_some_and(digits)
}
