//! What names a follower in their contact's row, sealed for them alone: drafts of 会员认证 and answers of it. Who is
//! forgotten takes it along, also out of backups.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::contact::record::{Contact, FollowerId, Given, GivenAnswer};
use crate::domain::contact::shared;
use crate::domain::counters::fresh_slot;
use crate::domain::member::erase::destroy_later;
use crate::store::{Bytes, Fault, Sealed, Tx};
use crate::wechat::message::Inbound;
use crate::wechat::reply::Reply;

/// Whom an answer's words are kept from.
pub enum Secrecy {
    /// Many get the very same.
    Shared,
    /// It may hold what the follower said, personal data or codes: nobody without the configuration's key reads it.
    Private,
    /// It names the follower: nobody reads it once they are forgotten.
    Own,
}

/// Whose a flow's answer to this message is: the follower's, unless it is known to be everybody's.
pub fn secrecy(flow: &str, has_notices: bool, message: &Inbound) -> Secrecy {
    // Nothing of who follows or taps a menu item, and nothing that they typed.
    const SHARED: [&str; 6] =
        ["activity.list", "activity.craft", "activity.family", "follow", "consult.home", "links.home"];
    match flow {
        _ if is_own(flow) => Secrecy::Own,
        _ if !has_notices && message.event().is_some() && SHARED.contains(&flow) => Secrecy::Shared,
        _ => Secrecy::Private,
    }
}

/// Do a flow's answers name the follower?
pub fn is_own(flow: &str) -> bool {
    flow.starts_with("member")
}

pub fn seal<T: Serialize + ?Sized>(
    tx: &mut Tx,
    contact: &mut Contact,
    value: &T,
) -> Result<Sealed<Bytes>, Fault> {
    let slot = match contact.slot {
        // Destroyed: an old copy of the row came back.
        Some(slot) if !tx.is_destroyed(slot)? => slot,
        _ => fresh_slot(tx)?,
    };
    contact.slot = Some(slot);
    tx.seal_for(slot, &value).map(Sealed::new)
}

/// `None` if they were forgotten since.
pub fn open<T: DeserializeOwned>(tx: &Tx, contact: &Contact, sealed: &Bytes) -> Result<Option<T>, Fault> {
    match contact.slot {
        Some(slot) => tx.open_for(slot, sealed),
        None => Ok(None),
    }
}

/// The answer to this message as it is kept for a retry.
pub fn keep(
    tx: &mut Tx,
    who: &FollowerId,
    contact: &mut Contact,
    key: u64,
    reply: &Reply,
    secrecy: Secrecy,
) -> Result<Given, Fault> {
    Ok(match secrecy {
        Secrecy::Shared => shared::keep(tx, stored(reply)?)?,
        Secrecy::Private => Given::Private(tx.seal_apart(&Given::owner(who, key), &stored(reply)?)?.into()),
        Secrecy::Own => Given::Own(seal(tx, contact, reply)?.into_revealed().0.into()),
    })
}

/// The reply as it was given; `None` if it isn't kept any more, or was by a release that kept it in another way.
pub fn reply(
    tx: &Tx,
    who: &FollowerId,
    contact: &Contact,
    answer: &GivenAnswer,
) -> Result<Option<Reply>, Fault> {
    Ok(match &answer.given {
        Given::Nothing => None,
        Given::Public(bytes) => restored(bytes),
        Given::Shared(key) => shared::find(tx, key)?.and_then(|bytes| restored(&bytes)),
        Given::Private(sealed) => {
            tx.open_apart(&Given::owner(who, answer.key), sealed)?.and_then(|bytes| restored(&bytes))
        }
        Given::Own(sealed) => open(tx, contact, &Bytes(sealed.to_vec()))?,
    })
}

fn stored(reply: &Reply) -> Result<Vec<u8>, Fault> {
    rmp_serde::to_vec_named(reply)
        .map_err(|error| Fault::Unencodable { table: "contacts", detail: error.to_string() })
}

fn restored(bytes: &[u8]) -> Option<Reply> {
    rmp_serde::from_slice(bytes).ok()
}

/// The rest of a long answer, once.
pub fn take_rest(tx: &Tx, contact: &mut Contact) -> Result<Option<String>, Fault> {
    match (contact.own_rest.take(), contact.rest.take()) {
        (Some(sealed), _) => open(tx, contact, sealed.reveal()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tables::{CATALOG, CONTACTS};
    use crate::moment::{Moment, Time};
    use crate::store::engine::memory::Memory;
    use crate::store::engine::{Direction, Engine};
    use crate::store::testing::sealer;
    use crate::store::{Options, Store};

    const IDENTITY: &str = "330299199001010017";

    #[tokio::test]
    async fn what_was_answered_privately_is_sealed_and_a_retry_of_that_message_reads_it() {
        let memory = Memory::default();
        let store = Store::open(Box::new(memory.clone()), Options::new(sealer(), CATALOG)).unwrap();
        let at = Moment { now: Time::from_unix_s(1_795_400_000), seed: 1 };
        let who = FollowerId::new("oMei");
        let kept = |tx: &mut Tx| {
            let (who, now) = (FollowerId::new("oMei"), tx.moment().now);
            let mut contact = Contact::new(now);
            let answers = [
                (1, "福利领取", Secrecy::Shared),
                (2, IDENTITY, Secrecy::Private),
                (3, IDENTITY, Secrecy::Own),
            ];
            for (key, words, secrecy) in answers {
                let given = keep(tx, &who, &mut contact, key, &Reply::text(words), secrecy)?;
                contact.seen.remember(key, now.unix_s(), given, now);
            }
            tx.put(&CONTACTS, &who, &contact)
        };
        store.submit(at, kept).await.unwrap();

        let all = (std::ops::Bound::Unbounded, std::ops::Bound::Unbounded);
        let rows = memory.scan(all, Direction::Forward, 1000).unwrap();
        let holds = |words: &str| {
            rows.iter().any(|(_, row)| row.windows(words.len()).any(|window| window == words.as_bytes()))
        };
        assert!(holds("福利领取") && !holds(IDENTITY));

        let read = store.read(at, move |tx| {
            let contact = tx.get(&CONTACTS, &who)?.unwrap_or_else(|| Contact::new(tx.moment().now));
            let answers = &contact.seen.answers;
            let said: Result<Vec<_>, _> =
                answers.iter().map(|answer| reply(tx, &who, &contact, answer)).collect();
            let moved = answers.get(1).map(|answer| GivenAnswer { key: 9, ..answer.clone() });
            Ok((said?, moved.map(|answer| reply(tx, &who, &contact, &answer).is_err())))
        });
        let (said, as_another_s) = read.await.unwrap();
        let words = |words: &str| Some(Reply::text(words));
        assert_eq!(said, [words("福利领取"), words(IDENTITY), words(IDENTITY)]);
        assert_eq!(as_another_s, Some(true), "a sealed answer under another message's key is found out");
    }
}
