//! What names a follower in their contact's row, sealed for them alone: drafts of 会员认证 and answers of it. Who is
//! forgotten takes it along, also out of backups.

use crate::domain::contact::record::{Contact, Given, GivenAnswer};
use crate::domain::counters::fresh_slot;
use crate::domain::member::erase::destroy_later;
use crate::store::{Bytes, Fault, Sealed, Tx};

pub fn seal(tx: &mut Tx, contact: &mut Contact, words: &str) -> Result<Sealed<Bytes>, Fault> {
    let slot = match contact.slot {
        // Destroyed: an old copy of the row came back.
        Some(slot) if !tx.is_destroyed(slot)? => slot,
        _ => fresh_slot(tx)?,
    };
    contact.slot = Some(slot);
    tx.seal_for(slot, &words).map(Sealed::new)
}

/// `None` if they were forgotten since.
pub fn open(tx: &Tx, contact: &Contact, sealed: &Sealed<Bytes>) -> Result<Option<String>, Fault> {
    match contact.slot {
        Some(slot) => tx.open_for(slot, sealed.reveal()),
        None => Ok(None),
    }
}

/// The reply as it was given, as JSON.
pub fn reply(tx: &Tx, contact: &Contact, answer: &GivenAnswer) -> Result<Option<String>, Fault> {
    match &answer.given {
        Given::Nothing => Ok(None),
        Given::Public(json) => Ok(Some(json.clone())),
        Given::Private(json) => Ok(Some(json.reveal().clone())),
        Given::Own(sealed) => open(tx, contact, sealed),
    }
}

/// The rest of a long answer, once.
pub fn take_rest(tx: &Tx, contact: &mut Contact) -> Result<Option<String>, Fault> {
    match (contact.own_rest.take(), contact.rest.take()) {
        (Some(sealed), _) => open(tx, contact, &sealed),
        (None, rest) => Ok(rest.map(Sealed::into_revealed)),
    }
}

/// What was said goes; that messages were handled stays.
pub fn forget(tx: &mut Tx, contact: &mut Contact) -> Result<(), Fault> {
    contact.dialogue = None;
    contact.why = None;
    (contact.rest, contact.own_rest) = (None, None);
    contact.seen.answers.clear();
    contact.slot.take().map_or(Ok(()), |slot| destroy_later(tx, slot))
}
