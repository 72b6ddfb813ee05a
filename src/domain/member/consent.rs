//! Consents (单独同意, 个人信息保护法 Art. 14, 29): to which words, when, and until when.

use sha2::{Digest, Sha256};

use super::record::Consent;
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::{CONSENT_TEXTS, CONSENTS};
use crate::store::{Fault, Tx};

/// Consents kept of one follower; the oldest that were withdrawn give way.
const KEPT: usize = 50;

/// Notes that the follower agreed to these very words; the words are kept once.
pub fn give(tx: &mut Tx, who: &FollowerId, words: &str) -> Result<(), Fault> {
    let text = hex::encode(&Sha256::digest(words)[..8]);
    if tx.get(&CONSENT_TEXTS, &text)?.is_none() {
        tx.put(&CONSENT_TEXTS, &text, &words.to_owned())?;
    }
    let mut all = all(tx, who)?;
    all.push(Consent { text, at: tx.moment().now, withdrawn: None });
    if all.len() > KEPT {
        all.remove(0);
    }
    tx.put(&CONSENTS, who, &all)
}

/// Takes back what was agreed to; what was done until now stays done.
pub fn withdraw(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    let mut all = all(tx, who)?;
    let now = tx.moment().now;
    all.iter_mut().filter(|consent| consent.withdrawn.is_none()).for_each(|c| c.withdrawn = Some(now));
    if all.is_empty() { Ok(()) } else { tx.put(&CONSENTS, who, &all) }
}

/// Oldest first.
pub fn all(tx: &Tx, who: &FollowerId) -> Result<Vec<Consent>, Fault> {
    Ok(tx.get(&CONSENTS, who)?.unwrap_or_default())
}
