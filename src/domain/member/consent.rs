//! Consents (单独同意, 个人信息保护法 Art. 14, 29): to which words, when, and until when.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::record::Consent;
pub use super::record::Purpose;
use crate::domain::contact::record::FollowerId;
use crate::domain::tables::{CONSENT_TEXTS, CONSENTS};
use crate::domain::timers::{self, Timer};
use crate::store::{Fault, Tx};

/// Consents kept of one follower; the oldest that were withdrawn, or given again since, give way.
const KEPT: usize = 50;

/// So long after it was taken back it is still known that there was one, as followers are told (A).
pub(super) const KEPT_FOR: Duration = Duration::from_secs(3 * 366 * 86_400);

/// Notes that the follower agreed to these very words; the words are kept once.
pub fn give(tx: &mut Tx, who: &FollowerId, purpose: Purpose, words: &str) -> Result<(), Fault> {
    let text = name_of(words);
    if tx.get(&CONSENT_TEXTS, &text)?.is_none() {
        tx.put(&CONSENT_TEXTS, &text, &words.to_owned())?;
    }
    let mut all = all(tx, who)?;
    all.push(Consent { purpose, text, at: tx.moment().now, withdrawn: None });
    if all.len() > KEPT {
        let gives_way =
            (0..all.len()).find(|at| all.get(*at).is_some_and(|one| is_past(one, &all[at + 1..])));
        all.remove(gives_way.unwrap_or(0));
    }
    tx.put(&CONSENTS, who, &all)
}

/// Was it taken back, or given again among the later ones?
fn is_past(one: &Consent, later: &[Consent]) -> bool {
    let is_again = |other: &Consent| (other.purpose, &other.text) == (one.purpose, &one.text);
    one.withdrawn.is_some() || later.iter().any(is_again)
}

/// Names a text among those that were ever shown.
pub fn name_of(words: &str) -> String {
    hex::encode(&Sha256::digest(words)[..8])
}

/// Did the follower agree to these very words, and still does?
pub fn holds(tx: &Tx, who: &FollowerId, purpose: Purpose, words: &str) -> Result<bool, Fault> {
    let text = name_of(words);
    let given =
        |consent: &Consent| consent.purpose == purpose && consent.text == text && consent.withdrawn.is_none();
    Ok(all(tx, who)?.iter().any(given))
}

/// Takes back what was agreed to for one purpose, and for a service in these very words. Returns whether there was
/// something.
pub fn withdraw_one(tx: &mut Tx, who: &FollowerId, one: &Separate) -> Result<bool, Fault> {
    let (mut all, now) = (all(tx, who)?, tx.moment().now);
    let holds =
        |consent: &&mut Consent| consent.withdrawn.is_none() && Separate::of(consent).as_ref() == Some(one);
    let mut any = false;
    for consent in all.iter_mut().filter(holds) {
        (consent.withdrawn, any) = (Some(now), true);
    }
    if any {
        tx.put(&CONSENTS, who, &all)?;
        expire_later(tx, who)?;
    }
    Ok(any)
}

/// A consent of its own (单独同意), as it is taken back: however often it was given, it is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Separate {
    Health,
    Bank,
    /// To what a service asks, by what names the text.
    Service(String),
}

impl Separate {
    /// That of a membership isn't separate: without it there is no member.
    fn of(consent: &Consent) -> Option<Separate> {
        match consent.purpose {
            Purpose::Membership => None,
            Purpose::Health => Some(Separate::Health),
            Purpose::Bank => Some(Separate::Bank),
            Purpose::Service => Some(Separate::Service(consent.text.clone())),
        }
    }
}

/// The separate consents that hold, each once, in the order in which they were first given.
pub fn separate(tx: &Tx, who: &FollowerId) -> Result<Vec<Separate>, Fault> {
    let mut found = Vec::new();
    for consent in all(tx, who)?.iter().filter(|consent| consent.withdrawn.is_none()) {
        if let Some(one) = Separate::of(consent).filter(|one| !found.contains(one)) {
            found.push(one);
        }
    }
    Ok(found)
}

/// Takes back all that was agreed to; what was done until now stays done.
pub fn withdraw(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    let mut all = all(tx, who)?;
    let now = tx.moment().now;
    all.iter_mut().filter(|consent| consent.withdrawn.is_none()).for_each(|c| c.withdrawn = Some(now));
    if all.is_empty() {
        return Ok(());
    }
    tx.put(&CONSENTS, who, &all)?;
    expire_later(tx, who)
}

fn expire_later(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    timers::set(tx, tx.moment().now.plus(KEPT_FOR), Timer::ForgetConsents { follower: who.clone() })
}

/// Forgets those that were taken back so long ago.
pub fn expire(tx: &mut Tx, who: &FollowerId) -> Result<(), Fault> {
    let now = tx.moment().now;
    let mut all = all(tx, who)?;
    all.retain(|consent| consent.withdrawn.is_none_or(|at| now < at.plus(KEPT_FOR)));
    if all.is_empty() { tx.delete(&CONSENTS, who) } else { tx.put(&CONSENTS, who, &all) }
}

/// Oldest first.
pub fn all(tx: &Tx, who: &FollowerId) -> Result<Vec<Consent>, Fault> {
    Ok(tx.get(&CONSENTS, who)?.unwrap_or_default())
}
