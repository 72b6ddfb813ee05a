use super::Turned;
use crate::domain::contact::record::FollowerId;
use crate::domain::outbox::commands::enqueue;
use crate::domain::outbox::record::Notice;
use crate::store::{Fault, Sealed, Tx};
use crate::wechat::reply::Reply;

/// The webhook answered `success` in time; this is what it would have said.
pub fn deliver(tx: &mut Tx, turned: &Turned) -> Result<(), Fault> {
    // Handing on a message is an answer to it, or nothing: who isn't heard says it again.
    let Some(reply) =
        turned.reply.as_ref().filter(|reply| !matches!(reply, Reply::TransferCustomerService { .. }))
    else {
        return Ok(());
    };
    let json = serde_json::to_string(reply)
        .map_err(|error| Fault::Unencodable { table: "outbox", detail: error.to_string() })?;
    let to = FollowerId::new(&turned.follower);
    enqueue(tx, &to, Notice::LateReply { message: turned.key, reply: Sealed::new(json) }).map(drop)
}
