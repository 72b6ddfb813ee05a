use super::desk::{self, Desk};
use super::message::{Asked, Opens, Wordless, asked, follower, is_waited_for, opens};
use super::own::Secrecy;
use super::route::Router;
use super::{Outcome, Turned, length, own, texts, told};
use crate::content::Content;
use crate::domain::contact::choice;
use crate::domain::contact::record::{Came, Contact, FollowerId, Given, Quotas};
use crate::domain::contact::rules::{STALE, Seenness};
use crate::domain::outbox::record::Notice;
use crate::domain::tables::{CONTACTS, PROFILES};
use crate::domain::{activity, case, member, outbox};
use crate::flows::notices;
use crate::flows::welfare::Told;
use crate::moment::Time;
use crate::store::{Fault, Sealed, Tx};
use crate::wechat::event::SubscribeKey;
use crate::wechat::message::{Inbound, Kind};
use crate::wechat::reply::Reply;

/// Notices put before one answer; more of them wait for the next.
const NOTICES_MAX: usize = 3;

/// What a turn goes by, apart from the store and the message.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub content: &'a Content,
    pub quotas: &'a Quotas,
    /// Claims are held back: so many a minute are allowed.
    pub held_back: Option<u8>,
    /// Somebody sits at WeChat's desk.
    pub desk_on: bool,
    /// Where followers reach this service.
    pub public_url: Option<&'a str>,
}

/// The whole turn, inside the transaction: all of its effects are written, or none.
pub fn run(tx: &mut Tx, context: Context<'_>, message: &Inbound) -> Result<Turned, Fault> {
    let Context { content, quotas, .. } = context;
    let now = tx.moment().now;
    let silent = |flow, outcome| Turned {
        follower: message.from.clone(),
        reply: None,
        reply_created: now.unix_s(),
        flow,
        outcome,
        key: message.key().0,
        told: None,
    };
    if message.age(now) > STALE {
        return Ok(silent("none", Outcome::Stale));
    }
    let Some(openid) = follower(message) else {
        if let Kind::Event(event) = &message.kind {
            told::hear_platform(tx, event)?; // a retry of it changes nothing
        }
        return Ok(silent("platform", Outcome::Silent));
    };
    // Since when they follow, and by which code, is told once.
    if is_waited_for(message) && !matches!(asked(message), Asked::Followed { .. }) {
        tx.make_optional();
    }
    let who = FollowerId::new(openid);
    let mut contact = tx.get(&CONTACTS, &who)?.unwrap_or_else(|| Contact::new(now));
    let key = message.key().0;
    if let Seenness::Known(answer) = contact.seen.look_up(key, message.created, now) {
        let reply = answer.map(|answer| own::reply(tx, &who, &contact, answer)).transpose()?.flatten();
        return Ok(Turned {
            reply,
            reply_created: answer.map_or(now, |answer| answer.at).unix_s(),
            ..silent("none", Outcome::Duplicate)
        });
    }
    match opens(message) {
        Opens::Window => contact.reach.messaged(now, quotas),
        Opens::Minute => contact.reach.tapped(now, quotas),
        Opens::Nothing => {}
    }
    let (Answered { reply, flow, outcome }, told) = answer(tx, context, &who, &mut contact, message)?;
    if matches!(outcome, Outcome::Answered | Outcome::Refused) {
        contact.misses = 0;
    }
    let (reply, has_notices) = match reply {
        Some(reply) => {
            let (told, has_notices) = with_notices(tx, content, &who, reply)?;
            if has_notices && outcome != Outcome::Refused {
                contact.why = None; // of an answer before the notices
            }
            (Some(length::fit(content, &mut contact, told)), has_notices)
        }
        None => (None, false),
    };
    let given = match &reply {
        None => Given::Nothing,
        Some(reply) => {
            let secrecy = own::secrecy(flow, has_notices, message);
            if let Secrecy::Own = secrecy
                && let Some(rest) = contact.rest.take()
            {
                contact.own_rest = Some(own::seal(tx, &mut contact, rest.reveal())?);
            }
            own::keep(tx, &who, &mut contact, key, reply, secrecy)?
        }
    };
    contact.seen.remember(key, message.created, given, now);
    length::bound(&mut contact);
    tx.put(&CONTACTS, &who, &contact)?;
    Ok(Turned { reply, told, ..silent(flow, outcome) })
}

/// What a message comes to.
pub struct Answered {
    pub reply: Option<Reply>,
    /// For metrics and logs.
    pub flow: &'static str,
    pub outcome: Outcome,
}

impl Answered {
    pub fn text(flow: &'static str, content: String) -> Answered {
        Answered { reply: Some(Reply::Text { content }), flow, outcome: Outcome::Answered }
    }

    fn silent(flow: &'static str) -> Answered {
        Answered { reply: None, flow, outcome: Outcome::Silent }
    }
}

fn answer(
    tx: &mut Tx,
    context: Context<'_>,
    who: &FollowerId,
    contact: &mut Contact,
    message: &Inbound,
) -> Result<(Answered, Option<Told>), Fault> {
    let content = context.content;
    let now = tx.moment().now;
    let asked = match asked(message) {
        // WeChat told of it late, as when we could not take it in: they follow again by now.
        Asked::Left if contact.followed.is_some_and(|since| message.created < since.unix_s()) => Asked::Told,
        asked => asked,
    };
    if asked != Asked::Reported {
        contact.last_seen = now;
        contact.subscribed = asked != Asked::Left;
    }
    let text = |flow, spec| Answered::text(flow, content.texts.render(spec, &[]));
    let desk = desk::held(contact, content, &asked, now, context.desk_on);
    let from_desk = matches!(desk, Desk::Ended);
    let mut router = Router { tx, context, who, contact, forgets: false, told: None, from_desk };
    match desk {
        Desk::Held(answered) => {
            // Whether or not somebody sits at the desk.
            if let Asked::Said { words, .. } = &asked
                && let Some(help) = content.keywords.urgent(words, false)
            {
                let text = Sealed::new(content.texts.answer(help));
                outbox::commands::enqueue(router.tx, who, Notice::Said { text })?;
            }
            return Ok((answered, None));
        }
        Desk::Back => return Ok((router.back_from_desk()?, None)),
        Desk::Elsewhere | Desk::Ended => {}
    }
    let answered = match asked {
        Asked::Said { words, tap } => router.said(words, tap),
        Asked::Menu { key } => router.menu(key),
        Asked::Followed { key } => {
            router.contact.came = came(key);
            router.contact.followed = Some(now.min(Time::from_unix_s(message.created)));
            case::news::ask_again(router.tx, who)?;
            let scene = if let SubscribeKey::Scene(scene) = key { Some(scene) } else { None };
            let spec = if scene.is_some() { &texts::WELCOME_SCANNED } else { &texts::WELCOME };
            let led = scene.map(|scene| router.scanned(scene)).transpose()?.flatten();
            Ok(led.unwrap_or_else(|| text("follow", spec)))
        }
        Asked::Left => {
            leave(router.tx, who, router.contact)?;
            Ok(Answered::silent("leave"))
        }
        Asked::Scanned { scene } => {
            Ok(router.scanned(scene)?.unwrap_or_else(|| text("scan", &texts::SCANNED)))
        }
        Asked::ScannedForUs => Ok(text("scan", &texts::SCANNED_FOR_US)),
        Asked::Wordless(Wordless::Picture) => match picture(message) {
            Some(media_id) => router.picture(&texts::PICTURE, media_id),
            None => router.wordless(&texts::UNKNOWN_KIND),
        },
        Asked::Wordless(kind) => router.wordless(wordless_text(kind)),
        Asked::Told | Asked::Reported => {
            if let Kind::Event(event) = &message.kind {
                told::hear(router.tx, who, router.contact, event)?;
            }
            Ok(Answered::silent("told"))
        }
    };
    let (answered, told) = (answered?, router.told);
    if router.forgets {
        own::forget(tx, contact)?;
    }
    Ok((answered, told))
}

fn came(key: &SubscribeKey) -> Came {
    match key {
        SubscribeKey::Scene(scene) => Came::Scanned(scene.chars().take(64).collect()),
        SubscribeKey::Trade(number) => Came::Paid(number.chars().take(64).collect()),
        SubscribeKey::None | SubscribeKey::Other(_) => Came::Followed,
    }
}

/// WeChat: the data of who leaves must go. What is a duty of the union's stays: seats that are taken, the
/// keys of handled messages. Nobody waits for a seat of which they can't be told.
fn leave(tx: &mut Tx, who: &FollowerId, contact: &mut Contact) -> Result<(), Fault> {
    own::forget(tx, contact)?;
    contact.came = Came::Unknown;
    contact.followed = None;
    contact.reach.left();
    choice::forget(tx, who)?;
    activity::commands::wait_no_more(tx, who)?;
    case::erase::of_leaver(tx, who)?;
    member::binding::let_go(tx, who)?;
    member::application::forget_of(tx, who)?;
    if tx.get(&PROFILES, who)?.is_some() {
        tx.delete(&PROFILES, who)?;
    }
    outbox::commands::give_up(tx, who)
}

/// What a picture can be fetched by.
fn picture(message: &Inbound) -> Option<&str> {
    match &message.kind {
        Kind::Image { media_id, .. } => Some(media_id.as_str()).filter(|id| !id.is_empty()),
        _ => None,
    }
}

fn wordless_text(kind: Wordless) -> &'static crate::content::TextSpec {
    match kind {
        Wordless::Picture => &texts::PICTURE,
        Wordless::Voice => &texts::VOICE,
        Wordless::Video => &texts::VIDEO,
        Wordless::Place => &texts::PLACE,
        Wordless::Link => &texts::LINK,
        Wordless::MiniProgram => &texts::MINI_PROGRAM,
        Wordless::Sticker => &texts::STICKER,
        Wordless::File => &texts::FILE,
        Wordless::Unknown => &texts::UNKNOWN_KIND,
    }
}

/// What waits for this follower goes before the answer; whether there was anything.
fn with_notices(
    tx: &mut Tx,
    content: &Content,
    who: &FollowerId,
    reply: Reply,
) -> Result<(Reply, bool), Fault> {
    let Reply::Text { content: answer } = reply else { return Ok((reply, false)) };
    let mut parts = Vec::new();
    for notice in outbox::commands::take(tx, who, NOTICES_MAX)? {
        parts.extend(notices::words(tx, content, &notice)?);
    }
    if parts.is_empty() {
        return Ok((Reply::Text { content: answer }, false));
    }
    parts.push(answer);
    Ok((Reply::Text { content: parts.join("\n\n") }, true))
}
