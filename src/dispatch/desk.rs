//! While a follower talks with WeChat's customer-service desk (人工客服), the service hands on what they say and says nothing.
//!
//! A message that reaches us meanwhile waits in the desk's queue: WeChat takes over once somebody there has opened the
//! session (WeChat, 客服消息转发). So every message is handed on, until the follower comes back, the session is closed, or nothing
//! was heard for as long as WeChat keeps a session.

use std::time::Duration;

use super::Outcome;
use super::message::Asked;
use super::turn::Answered;
use crate::content::{Content, normalise};
use crate::domain::contact::record::Contact;
use crate::flows::texts::service as texts;
use crate::moment::Time;
use crate::wechat::event::Event;
use crate::wechat::reply::Reply;

/// WeChat closes a session after so long a silence.
const SILENCE: Duration = Duration::from_secs(30 * 60);
const BACK: &[&str] = &["返回", "退出人工", "结束人工", "退出", "取消"];

/// The follower asked for a person. `says_more`: what they said is a question as well, and handed on; a tap on the menu
/// and 人工 alone are answered with the way back, and the next message is the first that the desk has.
pub fn open(contact: &mut Contact, content: &Content, now: Time, says_more: bool) -> Answered {
    contact.desk = Some(now.plus(SILENCE));
    match says_more {
        true => hand_on(),
        false => (said(content, &texts::DESK_TAKES_OVER), "desk", Outcome::Answered),
    }
}

/// What a message comes to while its follower is at the desk; `None`: they aren't, or it is for the service all the same.
pub fn held(contact: &mut Contact, content: &Content, asked: &Asked, now: Time) -> Option<Answered> {
    contact.desk = contact.desk.filter(|until| *until > now);
    contact.desk?;
    match asked {
        Asked::Said { words, .. } if BACK.contains(&normalise(words).as_str()) => {
            contact.desk = None;
            Some((said(content, &texts::DESK_BACK), "desk", Outcome::Answered))
        }
        Asked::Said { .. } | Asked::Wordless(_) => {
            contact.desk = Some(now.plus(SILENCE));
            Some(hand_on())
        }
        Asked::Menu { .. } => Some((said(content, &texts::DESK_WAITS), "desk", Outcome::Answered)),
        Asked::Followed { .. } | Asked::Left => {
            contact.desk = None;
            None
        }
        Asked::Scanned { .. } | Asked::ScannedForUs | Asked::Told | Asked::Reported => None,
    }
}

/// What WeChat tells of a session.
pub fn hear(contact: &mut Contact, event: &Event, now: Time) {
    match event {
        Event::KfCreateSession { .. } | Event::KfSwitchSession { .. } => {
            contact.desk = Some(now.plus(SILENCE));
        }
        Event::KfCloseSession { .. } => contact.desk = None,
        _ => {}
    }
}

fn hand_on() -> Answered {
    (Some(Reply::TransferCustomerService { kf_account: None }), "desk", Outcome::Answered)
}

fn said(content: &Content, spec: &crate::content::TextSpec) -> Option<Reply> {
    Some(Reply::Text { content: content.texts.render(spec, &[]) })
}
