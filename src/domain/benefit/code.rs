//! Codes: our own, and how any code is looked up.

use crate::domain::tables::{BENEFITS, CODE_KEYS, CODES, COUPONS};
use crate::store::{Fault, Sealed, Tx};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::record::{Coupon, CouponNumber, Terms, Way};

/// No letter that is taken for another or for a digit.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 16 letters of five bits: 80 bits that nobody can guess.
const RANDOM_LETTERS: usize = 16;
/// An imported code has at most so many characters.
pub const CODE_CHARS_MAX: usize = 64;

/// What codes are found by: a keyed hash, so that who has the files can't try all codes of eight digits.
pub type CodeHash = [u8; 16];

/// A new code of ours. The command that makes it may run twice and makes the same one.
pub fn own(tx: &Tx, coupon: CouponNumber) -> String {
    let moment = tx.moment();
    let seed = [moment.seed.to_be_bytes(), moment.now.unix_ms().to_be_bytes()].concat();
    let bytes = tx.unguessable(&[b"coupon code", coupon.to_string().as_bytes(), &seed]);
    let mut values: Vec<u8> = bytes.iter().take(RANDOM_LETTERS).map(|byte| byte & 31).collect();
    values.push(check_value(&values));
    values.iter().map(|value| char::from(LETTERS[usize::from(*value)])).collect()
}

/// As people read it: `4F7K-…`, in groups of four.
pub fn grouped(code: &str) -> String {
    if !looks_own(code) {
        return code.to_owned();
    }
    let mut out = String::new();
    for (index, letter) in code.chars().enumerate() {
        if index > 0 && index % 4 == 0 && index < RANDOM_LETTERS {
            out.push('-');
        }
        out.push(letter);
    }
    out
}

/// A code as it is compared where case matters: what people type differs in blanks, dashes and width.
pub fn exact(code: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    code.chars().map(narrow).filter(|c| !c.is_whitespace() && !c.is_control() && *c != '-').collect()
}

/// A code as it is compared where case does not matter. Ours are read as they were meant.
pub fn folded(code: &str) -> String {
    let folded = exact(code).to_uppercase();
    let own: String = folded.chars().map(as_ours).collect();
    if looks_own(&own) { own } else { folded }
}

/// O and I are not among our letters, so they were meant as what they look like.
fn as_ours(c: char) -> char {
    match c {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

/// Has the form of a code of ours, its check letter included.
pub fn looks_own(code: &str) -> bool {
    let values: Option<Vec<u8>> = code.bytes().map(value_of).collect();
    values.is_some_and(|values| match values.split_last() {
        Some((check, random)) => random.len() == RANDOM_LETTERS && *check == check_value(random),
        None => false,
    })
}

/// Has the length and the letters of a code of ours, but not its check letter: mistyped.
pub fn looks_mistyped(code: &str) -> bool {
    let folded: String = folded(code).chars().map(as_ours).collect();
    let ours = folded.len() == RANDOM_LETTERS + 1 && folded.bytes().all(|byte| value_of(byte).is_some());
    ours && !looks_own(&folded)
}

fn value_of(letter: u8) -> Option<u8> {
    LETTERS.iter().position(|known| *known == letter).and_then(|at| u8::try_from(at).ok())
}

/// Luhn's check in base 32: finds one wrong letter and nearly all neighbours that were exchanged.
fn check_value(values: &[u8]) -> u8 {
    let mut sum = 0u32;
    for (index, value) in values.iter().rev().enumerate() {
        let times = if index % 2 == 0 { 2 } else { 1 };
        let product = u32::from(*value) * times;
        sum += product / 32 + product % 32;
    }
    u8::try_from((32 - sum % 32) % 32).unwrap_or(0)
}

/// The key of the index, made at its first use. It stays when the sealing key is exchanged.
pub fn index_key(tx: &mut Tx) -> Result<Sealed<[u8; 32]>, Fault> {
    if let Some(key) = tx.get(&CODE_KEYS, &0)? {
        return Ok(key);
    }
    let key = Sealed::new(tx.unguessable(&[b"key of the code index", &tx.moment().seed.to_be_bytes()]));
    tx.put(&CODE_KEYS, &0, &key)?;
    Ok(key)
}

/// Codes of ours, codes of a provider that says so, and every provider's code that was loaded first of those that
/// differ in case alone.
pub fn folded_hash(key: &Sealed<[u8; 32]>, code: &str) -> CodeHash {
    keyed(key, &[b"code", folded(code).as_bytes()])
}

/// A provider's codes, in which case matters.
fn exact_hash(key: &Sealed<[u8; 32]>, code: &str) -> CodeHash {
    keyed(key, &[b"exact code", exact(code).as_bytes()])
}

/// `Abc` and `ABC` are two codes of a provider, unless it says otherwise. Of ours there are no small letters.
pub fn case_matters(terms: &Terms) -> bool {
    terms.way == Way::Imported && !terms.codes_ignore_case
}

/// The coupon with this code.
pub fn find(tx: &Tx, typed: &str) -> Result<Option<Coupon>, Fault> {
    let Some(key) = tx.get(&CODE_KEYS, &0)? else { return Ok(None) };
    if let Some(number) = tx.get(&CODES, &exact_hash(&key, typed))? {
        return tx.get(&COUPONS, &number);
    }
    match tx.get(&CODES, &folded_hash(&key, typed))? {
        Some(number) => folded_match(tx, number, typed),
        None => Ok(None),
    }
}

/// The coupon whose code is the same but for case, if that is enough for it.
fn folded_match(tx: &Tx, number: (u32, u32), typed: &str) -> Result<Option<Coupon>, Fault> {
    let Some(coupon) = tx.get(&COUPONS, &number)? else { return Ok(None) };
    let strict = tx.get(&BENEFITS, &number.0)?.is_some_and(|benefit| case_matters(&benefit.terms));
    let same = coupon.code.as_ref().is_some_and(|code| exact(code.reveal()) == exact(typed));
    Ok(Some(coupon).filter(|_| !strict || same))
}

/// The coupon that a provider's code can't be told from.
pub fn known(
    tx: &Tx,
    key: &Sealed<[u8; 32]>,
    code: &str,
    strict: bool,
) -> Result<Option<CouponNumber>, Fault> {
    let number = match (tx.get(&CODES, &exact_hash(key, code))?, tx.get(&CODES, &folded_hash(key, code))?) {
        (Some(same), _) => Some(same),
        (None, Some(alike)) if strict => folded_match(tx, alike, code)?.map(|coupon| coupon.number.key()),
        (None, alike) => alike,
    };
    Ok(number.map(|(benefit, number)| CouponNumber { benefit, number }))
}

/// From here on a provider's code leads to this coupon.
pub fn enter(
    tx: &mut Tx,
    key: &Sealed<[u8; 32]>,
    code: &str,
    coupon: CouponNumber,
    strict: bool,
) -> Result<(), Fault> {
    if !strict {
        return tx.put(&CODES, &folded_hash(key, code), &coupon.key());
    }
    let alike = folded_hash(key, code);
    let other = match tx.get(&CODES, &alike)? {
        Some(number) => folded_match(tx, number, code)?.is_none(),
        None => false,
    };
    if !other {
        tx.put(&CODES, &alike, &coupon.key())?;
    }
    tx.put(&CODES, &exact_hash(key, code), &coupon.key())
}

/// Sixteen bytes that nobody can tell without the key.
pub fn keyed(key: &Sealed<[u8; 32]>, parts: &[&[u8]]) -> CodeHash {
    let mut bytes = [0; 16];
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key.reveal()) else { return bytes };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    bytes.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::tables::CATALOG;
    use crate::store::testing::Bench;

    fn codes(count: u32) -> Vec<String> {
        let mut bench = Bench::new(CATALOG);
        (1..=count)
            .map(|number| bench.run(|tx| Ok(own(tx, CouponNumber { benefit: 1, number }))).unwrap())
            .collect()
    }

    #[test]
    fn codes_of_ours_differ_and_check_themselves() {
        let codes = codes(500);
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 500);
        assert!(codes.iter().all(|code| code.len() == 17 && looks_own(code)));
    }

    #[test]
    fn one_wrong_letter_is_noticed_wherever_it_is() {
        for code in codes(20) {
            for at in 0..code.len() {
                for letter in LETTERS {
                    let mut wrong = code.clone().into_bytes();
                    wrong[at] = *letter;
                    let wrong = String::from_utf8(wrong).unwrap();
                    assert_eq!(looks_own(&wrong), wrong == code, "{code} {wrong}");
                    assert_eq!(looks_mistyped(&wrong), wrong != code);
                }
            }
        }
    }

    #[test]
    fn what_people_type_is_read_as_it_was_meant() {
        let code = codes(1).remove(0);
        let typed = format!(" {} ", grouped(&code).to_lowercase().replace('0', "o").replace('1', "l"));
        assert_eq!(folded(&typed), code);
        assert_eq!((folded("ａｂ－12 34"), exact("ａｂ－12 34")), ("AB1234".to_owned(), "ab1234".to_owned()));
        assert_eq!(folded("OIL-1"), "OIL1", "a provider's own letters stay");
        assert_eq!(grouped("12345678"), "12345678");
    }
}
