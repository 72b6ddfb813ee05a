use super::Turned;
use crate::content::Content;
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::Notice;
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
    let to = FollowerId::new(&turned.follower);
    enqueue(tx, &to, Notice::LateReply { message: turned.key, reply: Sealed::new(json) }).map(drop)
}
