//! While a follower talks with WeChat's customer-service desk (人工客服), the service hands on what they say and says nothing.
//!
//! A message that reaches us meanwhile waits in the desk's queue: WeChat takes over once somebody there has opened the
//! session (WeChat, 客服消息转发). So every message is handed on, until the follower comes back, the session is closed, or nothing
//! was heard for as long as WeChat keeps a session.

use std::time::Duration;

use super::Outcome;
use super::dialogue::DIALOGUE_IDLE;
use super::message::Asked;
use super::turn::Answered;
use crate::content::{Content, TextSpec, normalise};
use crate::domain::contact::record::Contact;
use crate::flows::spoken;
use crate::flows::texts::service as texts;
use crate::moment::Time;
use crate::wechat::event::Event;
use crate::wechat::reply::Reply;

/// For metrics and logs.
pub const FLOW: &str = "desk";
/// WeChat closes a session after so long a silence.
const SILENCE: Duration = Duration::from_secs(30 * 60);

/// Where a message finds its follower.
pub enum Desk {
    Elsewhere,
    /// At the desk: what their message comes to.
    Held(Answered),
    /// They come back by their own word.
    Back,
    /// The session was closed, or nothing was heard for long: they were told of neither by us.
    Ended,
}

/// The follower asked for a person. `says_more`: what they said is a question as well, and handed on; a tap on the menu
/// and 人工 alone are answered with the way back, and the next message is the first that the desk has.
pub fn open(contact: &mut Contact, content: &Content, now: Time, says_more: bool) -> Answered {
    stay(contact, now);
    match says_more {
        true => hand_on(),
        false => said(content, &texts::DESK_TAKES_OVER),
    }
}

/// At the desk from now on, or on; the dialogue that runs waits meanwhile.
fn stay(contact: &mut Contact, now: Time) {
    contact.desk = Some(now.plus(SILENCE));
    if let Some(dialogue) = contact.dialogue.as_mut().filter(|dialogue| dialogue.expires >= now) {
        dialogue.expires = now.plus(DIALOGUE_IDLE);
    }
}

/// Is the follower at the desk, and what does that mean for the message? Of a desk that was switched off meanwhile nobody
/// is told, and nobody sits there.
pub fn held(contact: &mut Contact, content: &Content, asked: &Asked, now: Time, desk_on: bool) -> Desk {
    let Some(until) = contact.desk else { return Desk::Elsewhere };
    let has_ended = until <= now || !desk_on;
    match asked {
        Asked::Scanned { .. } | Asked::ScannedForUs | Asked::Told | Asked::Reported => Desk::Elsewhere,
        Asked::Followed { .. } | Asked::Left => {
            contact.desk = None;
            Desk::Elsewhere
        }
        _ if has_ended => {
            contact.desk = None;
            Desk::Ended
        }
        Asked::Said { words, .. } if spoken::LEAVE_DESK.contains(&normalise(words).as_str()) => {
            contact.desk = None;
            Desk::Back
        }
        Asked::Said { .. } | Asked::Wordless(_) => {
            stay(contact, now);
            Desk::Held(hand_on())
        }
        Asked::Menu { .. } => Desk::Held(said(content, &texts::DESK_WAITS)),
    }
}

/// What WeChat tells of a session. One that is over is noticed with the follower's next message.
pub fn hear(contact: &mut Contact, event: &Event, now: Time) {
    match event {
        Event::KfCreateSession { .. } | Event::KfSwitchSession { .. } => stay(contact, now),
        Event::KfCloseSession { .. } if contact.desk.is_some() => {
            stay(contact, now);
            contact.desk = Some(now);
        }
        _ => {}
    }
}

fn hand_on() -> Answered {
    let reply = Some(Reply::TransferCustomerService { kf_account: None });
    Answered { reply, flow: FLOW, outcome: Outcome::Answered }
}

fn said(content: &Content, spec: &TextSpec) -> Answered {
    Answered::text(FLOW, content.texts.render(spec, &[]))
}

#[cfg(test)]
mod tests {
    use crate::dispatch::testing::{message, open, says};
    use crate::domain::outbox::record::Notice;
    use crate::domain::tables::OUTBOX;
    use crate::moment::{Moment, Time};
    use crate::wechat::reply::Reply;

    const AT: Moment = Moment { now: Time::from_unix_s(1_795_400_000), seed: 1 };

    #[tokio::test]
    async fn who_could_not_be_handed_on_in_time_is_told_so() {
        let (store, _, door) = open();
        let door = door.with_desk(true);
        let said = async |number, words| {
            door.turn(message("oMei", number, AT.now, says(words, None)), AT).await.unwrap()
        };
        said(1, "人工").await;
        let handed_on = said(2, "我被辞退了").await;
        door.deliver_late(handed_on, AT).await.unwrap();
        let rows = store.read(AT, |tx| tx.scan(&OUTBOX, &(), None, 9)).await.unwrap().rows;
        let [(_, row)] = rows.as_slice() else { panic!("{rows:?}") };
        let Notice::LateReply { reply, .. } = &row.notice else { panic!("{row:?}") };
        assert!(reply.reveal().contains("再发一次"), "{}", reply.reveal());
    }

    #[tokio::test]
    async fn who_was_at_a_desk_that_is_switched_off_is_answered_again() {
        let (_, _, door) = open();
        let said = async |number, words, desk_on| {
            let message = message("oMei", number, AT.now, says(words, None));
            door.clone().with_desk(desk_on).turn(message, AT).await.unwrap().reply
        };
        said(1, "人工", true).await;
        let handed_on = said(2, "我被辞退了", true).await;
        assert!(matches!(handed_on, Some(Reply::TransferCustomerService { .. })), "{handed_on:?}");
        let answered = said(3, "有人在听吗，老板三个月没发工资", false).await;
        assert!(matches!(answered, Some(Reply::Text { .. })), "nobody sits there: {answered:?}");
    }
}
