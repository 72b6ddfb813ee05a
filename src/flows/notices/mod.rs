//! Sentences, and fields of templates, for what the outbox has to tell.

mod cases;
mod claims;
mod seats;

use super::Tap;
use super::offer;
use super::sign_up::view as view_of;
use super::texts::{self, words};
use super::welfare::notices::{subscription, words as welfare_words};
use crate::content::{Content, FilledForm, Slot, SubscriptionForm, TextSpec, Value};
use crate::domain::activity::record::{Activity, Moved, Registration, RegistrationNumber, Status};
use crate::domain::broadcast::fill;
use crate::domain::member::record::{ApplicationState, Wish};
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{ACTIVITIES, APPLICATIONS, BROADCASTS, REGISTRATIONS};
use crate::flows::spoken;
use crate::moment::Time;
use crate::store::{Fault, Tx};
use crate::wechat::reply::Reply;

/// What `menus/notices.toml` may name, and what can be told in it: no more than a stranger may read over a shoulder.
pub const FORMS: &[&TextSpec] = &[
    &PROMOTED,
    &ACTIVITY_CANCELLED,
    &ACTIVITY_CHANGED,
    &PICTURE_LOST,
    &SAID,
    &APPLICATION,
    &ACCOUNT_MOVED,
    &claims::CLAIM,
    &cases::CASE,
    &seats::SEAT_OFFERED,
    &seats::OFFER_LAPSED,
    &seats::DRAW_WON,
    &seats::DRAW_LOST,
    &seats::REVIEWED,
    &seats::TAKEN_BACK,
    &seats::REMINDER,
    &seats::ABSENT,
    &seats::APPEAL_ANSWERED,
    &seats::KIT_SENT,
    &seats::KIT_RETURNED,
];

const PROMOTED: TextSpec =
    TextSpec::new("promoted", &[Slot::text("title"), Slot::text("number"), Slot::time("starts")]);
const ACTIVITY_CANCELLED: TextSpec =
    TextSpec::new("activity_cancelled", &[Slot::text("title"), Slot::text("reason")]);
const ACTIVITY_CHANGED: TextSpec =
    TextSpec::new("activity_changed", &[Slot::text("title"), Slot::time("starts")]);
const PICTURE_LOST: TextSpec = TextSpec::new("picture_lost", &[]);
const SAID: TextSpec = TextSpec::new("said", &[]);
const APPLICATION: TextSpec = TextSpec::new("application", &[]);
const ACCOUNT_MOVED: TextSpec = TextSpec::new("account_moved", &[]);

/// As [`FORMS`], but of benefits: only a follower who agreed to be told is, never by a template message.
pub const SUBSCRIPTIONS: &[&TextSpec] = &[&RELEASE_SOON, &COUPON_EXPIRING];

pub const RELEASE_SOON: TextSpec =
    TextSpec::new("release_soon", &[Slot::text("title"), Slot::time("release"), Slot::number("stock")]);
pub const COUPON_EXPIRING: TextSpec =
    TextSpec::new("coupon_expiring", &[Slot::text("title"), Slot::time("until")]);

/// A notice in fields.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// Of a service that the follower asked for: a template message or a subscription notice, as staff decide.
    Service(FilledForm),
    Welfare(SubscriptionForm),
}

/// The notice as a reply; `None` when what it speaks of is gone.
pub fn reply(tx: &Tx, content: &Content, notice: &Notice) -> Result<Option<Reply>, Fault> {
    match notice {
        Notice::LateReply { .. } | Notice::OwnReply { .. } => late_reply(tx, notice),
        _ => Ok(words(tx, content, notice)?.map(|content| Reply::Text { content })),
    }
}

fn late_reply(tx: &Tx, notice: &Notice) -> Result<Option<Reply>, Fault> {
    let json = match notice {
        Notice::LateReply { reply, .. } => Some(reply.reveal().clone()),
        Notice::OwnReply { slot, reply, .. } if !reply.reveal().0.is_empty() => {
            tx.open_for(*slot, reply.reveal())?
        }
        _ => None,
    };
    Ok(json.and_then(|json: String| serde_json::from_str(&json).ok()))
}

/// The notice as text; `None` when what it speaks of is gone, or when it is a reply that is no text.
pub fn words(tx: &Tx, content: &Content, notice: &Notice) -> Result<Option<String>, Fault> {
    let say = |spec, values: &[(&str, Value)]| content.texts.render(spec, values);
    Ok(match notice {
        Notice::LateReply { .. } | Notice::OwnReply { .. } => match late_reply(tx, notice)? {
            Some(Reply::Text { content }) => Some(content),
            _ => None,
        },
        Notice::PictureLost { received } => {
            Some(say(&texts::NOTICE_PICTURE_LOST, &[("when", Value::from(*received))]))
        }
        Notice::BroadcastPreview { broadcast } => match tx.get(&BROADCASTS, broadcast)? {
            Some(broadcast) if !broadcast.state.is_started() => {
                let online = say(&texts::ACTIVITY_ONLINE, &[]);
                let article = |id: &str| say(&texts::NOTICE_BROADCAST_ARTICLE, &[("id", id.into())]);
                let words = fill::preview(tx, &broadcast.plan, &online, article)?;
                // Staff's own words may hold links; they are shown as followers will see them.
                let values = [("title", Value::from(&broadcast.plan.title)), ("words", Value::raw(words))];
                Some(content.texts.render(&texts::NOTICE_BROADCAST_PREVIEW, &values))
            }
            _ => None,
        },
        Notice::SeatOffered { .. }
        | Notice::OfferLapsed { .. }
        | Notice::DrawWon { .. }
        | Notice::DrawLost { .. }
        | Notice::Reminder { .. }
        | Notice::Absent { .. }
        | Notice::AppealAnswered { .. }
        | Notice::Reviewed { .. }
        | Notice::TakenBack { .. }
        | Notice::KitSent { .. }
        | Notice::KitReturned { .. } => seats::words(tx, content, notice)?,
        Notice::Claim(news) => claims::words(tx, content, news)?,
        Notice::Case(news) => cases::words(tx, content, news)?,
        Notice::Said { text } => Some(text.reveal().clone()),
        Notice::Welfare(welfare) => welfare_words(tx, content, welfare)?,
        Notice::ApplicationApproved { application } => {
            tx.get(&APPLICATIONS, application)?.map(|application| {
                let wish = say(wish(&application.wish), &[]);
                say(&texts::NOTICE_APPLICATION_APPROVED, &[("wish", wish.into())])
            })
        }
        Notice::ApplicationRefused { application } => {
            tx.get(&APPLICATIONS, application)?.and_then(|application| match application.state {
                ApplicationState::Refused { why } => {
                    let wish = say(wish(&application.wish), &[]);
                    let values = [("wish", wish.into()), ("why", Value::from(why))];
                    Some(say(&texts::NOTICE_APPLICATION_REFUSED, &values))
                }
                _ => None,
            })
        }
        Notice::AccountMoved { at } => Some(say(&texts::NOTICE_ACCOUNT_MOVED, &[("when", Value::from(*at))])),
        Notice::Promoted { number } => {
            let has_seat = |registration: &Registration| registration.status == Status::Confirmed;
            let Some(registration) = tx.get(&REGISTRATIONS, &number.key())?.filter(has_seat) else {
                return Ok(None);
            };
            tx.get(&ACTIVITIES, &number.activity)?.map(|activity| {
                let link = view_of::link_to(content, *number);
                let back = view_of::giving_back(content, &activity, &registration, tx.moment().now);
                format!("{}{back}\n{link}", say(&texts::NOTICE_PROMOTED, &about(&activity, *number)))
            })
        }
        Notice::ActivityCancelled { activity, reason } => tx.get(&ACTIVITIES, activity)?.map(|activity| {
            let values = [("title", Value::from(&activity.terms.title)), ("reason", Value::from(reason))];
            say(&texts::NOTICE_ACTIVITY_CANCELLED, &values)
        }),
        Notice::ActivityChanged { activity, number, moved } => {
            let Some(activity) = tx.get(&ACTIVITIES, activity)? else { return Ok(None) };
            let registration = match number {
                Some(number) => tx.get(&REGISTRATIONS, &number.key())?,
                None => None,
            };
            match registration.map(|registration| registration.status) {
                Some(status) if !status.is_live() => None,
                Some(Status::Offered { until }) => {
                    Some(changed(content, &activity, *number, *moved, Some(until)))
                }
                _ => Some(changed(content, &activity, *number, *moved, None)),
            }
        }
    })
}

/// What changed, as it is now, and the way to the sign-up, where it can be given back; `offered`: the seat waits for an answer
/// until then.
fn changed(
    content: &Content,
    activity: &Activity,
    number: Option<RegistrationNumber>,
    moved: Moved,
    offered: Option<Time>,
) -> String {
    let say = |spec, values: &[(&str, Value)]| content.texts.render(spec, values);
    let title = ("title", Value::from(&activity.terms.title));
    let link = number.map_or_else(
        || Tap::Activity(activity.id).link(&say(&words::SEE_ACTIVITY, &[]), spoken::ACTIVITIES),
        |number| view_of::link_to(content, number),
    );
    let what = match moved {
        Moved::Link => {
            return format!("{}\n{link}", say(&texts::NOTICE_LINK_CHANGED, &[title]));
        }
        Moved::Time => &words::MOVED_TIME,
        Moved::Place => &words::MOVED_PLACE,
        Moved::TimeAndPlace => &words::MOVED_BOTH,
        Moved::TimeOrPlace => &words::MOVED_EITHER,
    };
    let sessions = activity.terms.sessions.iter().zip(1..);
    let mine_only = sessions.filter(|(_, session)| number.is_none_or(|number| number.session == *session));
    let when: Vec<String> = mine_only.map(|(session, _)| view_of::span(session)).collect();
    let place = view_of::place(content, &activity.terms.place);
    let what = say(what, &[]);
    let mut values =
        vec![title, ("what", what.into()), ("when", when.join("、").into()), ("place", place.into())];
    match (offered, number) {
        (Some(until), Some(number)) => {
            values
                .extend([("until", until.into()), ("choices", Value::raw(offer::choices(content, number)))]);
            say(&texts::NOTICE_OFFER_CHANGED, &values)
        }
        _ => format!("{}\n{link}", say(&texts::NOTICE_ACTIVITY_CHANGED, &values)),
    }
}

fn wish(wish: &Wish) -> &'static TextSpec {
    match wish {
        Wish::Join { .. } => &words::WISH_MEMBER,
        Wish::Transfer { .. } => &words::WISH_TRANSFER,
        Wish::Leave { .. } => &words::WISH_LEAVE,
    }
}

/// The notice as a template message or subscription notice, if staff named a template for its kind.
pub fn form(tx: &Tx, content: &Content, notice: &Notice) -> Result<Option<Form>, Fault> {
    Ok(match notice {
        Notice::Welfare(welfare) => subscription(tx, content, welfare)?.map(Form::Welfare),
        service => service_form(tx, content, service)?.map(Form::Service),
    })
}

fn service_form(tx: &Tx, content: &Content, notice: &Notice) -> Result<Option<FilledForm>, Fault> {
    let fill = |spec, values: &[(&str, Value)]| content.notices.fill(spec, values);
    Ok(match notice {
        Notice::LateReply { .. }
        | Notice::OwnReply { .. }
        | Notice::BroadcastPreview { .. }
        | Notice::Welfare(_) => None,
        Notice::SeatOffered { .. }
        | Notice::OfferLapsed { .. }
        | Notice::DrawWon { .. }
        | Notice::DrawLost { .. }
        | Notice::Reminder { .. }
        | Notice::Absent { .. }
        | Notice::AppealAnswered { .. }
        | Notice::Reviewed { .. }
        | Notice::TakenBack { .. }
        | Notice::KitSent { .. }
        | Notice::KitReturned { .. } => seats::form(tx, content, notice)?,
        Notice::Claim(news) => claims::form(tx, content, news)?,
        Notice::Case(news) => cases::form(tx, content, news)?,
        Notice::PictureLost { .. } => fill(&PICTURE_LOST, &[]),
        Notice::Said { .. } => fill(&SAID, &[]),
        Notice::ApplicationApproved { .. } | Notice::ApplicationRefused { .. } => fill(&APPLICATION, &[]),
        Notice::AccountMoved { .. } => fill(&ACCOUNT_MOVED, &[]),
        Notice::Promoted { number } => tx.get(&ACTIVITIES, &number.activity)?.and_then(|activity| {
            let values = [
                ("title", Value::from(&activity.terms.title)),
                ("number", number.to_string().into()),
                ("starts", starts(&activity, number.session).into()),
            ];
            fill(&PROMOTED, &values)
        }),
        Notice::ActivityCancelled { activity, reason } => {
            tx.get(&ACTIVITIES, activity)?.and_then(|activity| {
                let values = [("title", Value::from(&activity.terms.title)), ("reason", Value::from(reason))];
                fill(&ACTIVITY_CANCELLED, &values)
            })
        }
        Notice::ActivityChanged { activity, number, .. } => {
            tx.get(&ACTIVITIES, activity)?.and_then(|activity| {
                let starts = starts(&activity, number.map_or(1, |number| number.session));
                let values = [("title", Value::from(&activity.terms.title)), ("starts", starts.into())];
                fill(&ACTIVITY_CHANGED, &values)
            })
        }
    })
}

fn about(activity: &Activity, number: RegistrationNumber) -> [(&'static str, Value<'_>); 3] {
    let session = activity.terms.session(number.session);
    [
        ("title", Value::from(&activity.terms.title)),
        ("number", number.to_string().into()),
        ("when", session.map(view_of::span).unwrap_or_default().into()),
    ]
}

fn starts(activity: &Activity, session: u16) -> Time {
    let session = activity.terms.session(session);
    session.map(|session| session.starts).unwrap_or_default()
}
