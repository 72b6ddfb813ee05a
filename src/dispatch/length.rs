//! Long answers in parts, and the contact's row within its bounds.

use crate::content::{Content, Value};
use crate::domain::contact::record::{Contact, StoredState};
use crate::flows::spoken;
use crate::store::Sealed;
use crate::wechat::reply::{Reply, menu_link, split_text};

use super::texts;

/// What one message shows; more is on «更多». WeChat's own limit is 2,048 bytes, reports go lower.
const SHOWN_BYTES: usize = 1800;
/// So much of the rest of an answer is kept.
const REST_BYTES: usize = 3200;
/// The id of the link to it.
pub const MORE_TAP: &str = "more";
/// A contact's row is rewritten with every message; sled wants values under 7 KiB.
const ROW_BYTES: usize = 6500;

/// Cuts a long text and keeps the rest for «更多», which never shows what an earlier answer left.
pub fn fit(content: &Content, contact: &mut Contact, reply: Reply) -> Reply {
    (contact.rest, contact.own_rest) = (None, None);
    let Reply::Text { content: text } = reply else { return reply };
    if text.len() <= SHOWN_BYTES {
        return Reply::Text { content: text };
    }
    let link = menu_link(&content.texts.render(&texts::LINK_MORE, &[]), spoken::MORE, MORE_TAP);
    let more = format!("\n{}", content.texts.render(&texts::MORE, &[("more", Value::raw(link))]));
    let (first, rest) = split_text(&text, SHOWN_BYTES - more.len());
    let Some(rest) = rest else { return Reply::Text { content: first.to_owned() } };
    contact.rest = Some(Sealed::new(match split_text(rest, REST_BYTES) {
        (kept, None) => kept.to_owned(),
        (kept, Some(_)) => format!("{kept}\n{}", content.texts.render(&texts::NO_MORE, &[])),
    }));
    Reply::Text { content: format!("{first}{more}") }
}

/// Gives up the least needed when a row would grow too long: older answers, then the rest of one.
pub fn bound(contact: &mut Contact) {
    while row_bytes(contact) > ROW_BYTES && contact.seen.answers.len() > 1 {
        contact.seen.answers.remove(0);
    }
    if row_bytes(contact) > ROW_BYTES {
        (contact.rest, contact.own_rest) = (None, None);
    }
}

fn row_bytes(contact: &Contact) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let state = contact.dialogue.as_ref().map_or(0, |dialogue| match &dialogue.state {
        StoredState::Open(json) => json.len(),
        StoredState::Sealed(json) => json.reveal().len() + 64,
        StoredState::Own(sealed) => sealed.reveal().0.len() + 64,
    });
    let rest = contact.rest.as_ref().map_or(0, |rest| rest.reveal().len() + 64)
        + contact.own_rest.as_ref().map_or(0, |rest| rest.reveal().0.len() + 64);
    400 + text(&contact.why) + rest + state + contact.seen.bytes()
}
