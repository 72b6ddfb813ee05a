use super::{Turned, own};
use crate::content::Content;
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::Notice;
use crate::domain::tables::CONTACTS;
use crate::flows::texts::service::DESK_UNHEARD;
use crate::store::{Fault, Sealed, Tx};
use crate::wechat::reply::Reply;

/// The webhook answered `success` in time; this is what it would have said.
pub fn deliver(tx: &mut Tx, content: &Content, turned: &Turned) -> Result<(), Fault> {
    let reply = match &turned.reply {
        None => return Ok(()),
        // A message is handed on by the answer to it, or not at all: nobody at the desk has it.
        Some(Reply::TransferCustomerService { .. }) => {
            &Reply::Text { content: content.texts.render(&DESK_UNHEARD, &[]) }
        }
        Some(reply) => reply,
    };
    let json = serde_json::to_string(reply)
        .map_err(|error| Fault::Unencodable { table: "outbox", detail: error.to_string() })?;
    let (to, message) = (FollowerId::new(&turned.follower), turned.key);
    let contact = if own::is_own(turned.flow) { tx.get(&CONTACTS, &to)? } else { None };
    let notice = match contact.and_then(|contact| contact.slot) {
        Some(slot) => Notice::OwnReply { message, slot, reply: Sealed::new(tx.seal_for(slot, &json)?) },
        None => Notice::LateReply { message, reply: Sealed::new(json) },
    };
    enqueue(tx, &to, notice).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::testing::{message, open, says};
    use crate::domain::tables::OUTBOX;
    use crate::flows::notices;
    use crate::moment::{Moment, Time};

    #[tokio::test]
    async fn an_answer_that_names_the_follower_is_read_by_nobody_once_they_are_forgotten() {
        let (store, content, door) = open();
        let at = Moment { now: Time::from_unix_s(1_795_400_000), seed: 1 };
        let turned = door.turn(message("oMei", 1, at.now, says("我的资料", None)), at).await.unwrap();
        let given = turned.reply.clone();
        door.deliver_late(turned, at).await.unwrap();
        let read = async || {
            let content = content.load_full();
            let read = move |tx: &mut Tx| {
                let row = tx.scan(&OUTBOX, &(), None, 9)?.rows.remove(0).1;
                Ok((row.notice.clone(), notices::reply(tx, &content, &row.notice)?))
            };
            store.read(at, read).await.unwrap()
        };
        let (notice, reply) = read().await;
        assert!(reply.is_some() && reply == given, "{reply:?}");
        let Notice::OwnReply { slot, .. } = notice else { panic!("{notice:?}") };
        store.submit(at, move |tx| tx.destroy_key(slot)).await.unwrap();
        assert_eq!(read().await.1, None);
    }
}
