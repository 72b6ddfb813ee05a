//! How the sign-up looks: pure text from what is known.

use std::mem::discriminant;
use std::sync::Arc;

use super::{Ask, Draft, may_take, seating};
use crate::content::{Content, TextSpec, Value};
use crate::domain::activity::commands::share_of;
use crate::domain::activity::draw;
use crate::domain::activity::holder::live_registration;
use crate::domain::activity::manage::{counts, seats_left};
use crate::domain::activity::record::*;
use crate::domain::activity::rules::{self, Refusal, Seating};
use crate::flows::explain::activity::consent;
use crate::flows::numbered;
use crate::flows::spoken;
use crate::flows::texts::{self, words};
use crate::flows::{Tap, Turn};
use crate::moment::Time;
use crate::privacy::{mask_address, mask_phone};
use crate::store::Fault;
use crate::wechat::reply::{menu_link, neutral};

/// A longer description stands below all else, so that nobody scrolls past it to sign up.
const DESCRIPTION_CHARS: usize = 300;

pub fn list(turn: &mut Turn, found: &[Arc<Activity>], more: bool) -> Result<String, Fault> {
    let mut items = Vec::new();
    for (index, activity) in found.iter().enumerate() {
        let number = index + 1;
        let shown = format!("{number}. {}", activity.terms.title);
        let mut item = Tap::Activity(activity.id).link(&shown, &number.to_string());
        item.push_str("\n   ");
        item.push_str(&state_line(turn, activity)?);
        items.push(item);
    }
    let mut text = turn.say(&texts::ACTIVITY_LIST, &[("items", Value::raw(items.join("\n")))]);
    if more {
        text.push('\n');
        text.push_str(&menu_link(&turn.say(&words::LINK_NEXT_PAGE, &[]), spoken::NEXT_PAGE, "next"));
    }
    Ok(text)
}

/// When, and whether there is room: `12月5日(周六) 09:00 · 剩余12个名额`.
fn state_line(turn: &Turn, activity: &Activity) -> Result<String, Fault> {
    let counts = counts(turn.tx, activity)?;
    let terms = &activity.terms;
    let upcoming = terms.sessions.iter().filter(|session| session.starts > turn.now);
    let first = upcoming.map(|session| session.starts).min();
    let when = match first {
        Some(starts) if terms.sessions.len() > 1 => {
            let values = [("starts", starts.into()), ("count", terms.sessions.len().into())];
            turn.say(&words::SEVERAL, &values)
        }
        Some(starts) => starts.chinese(),
        None => turn.say(&words::BEGUN, &[]),
    };
    let state = match rules::open(activity, turn.now) {
        Err(Refusal::NotYetOpen { opens }) => turn.say(&words::OPENS, &[("opens", opens.into())]),
        Err(_) => turn.say(&words::CLOSED, &[]),
        Ok(()) if first.is_none() => turn.say(&words::CLOSED, &[]),
        Ok(()) => {
            let mut left = 0;
            for session in terms.session_numbers() {
                left += left_for(turn, activity, &counts, session)?;
            }
            match &terms.mode {
                Mode::Draw(draw) => turn.say(&words::TO_BE_DRAWN, &[("at", draw.at.into())]),
                Mode::Review => turn.say(&words::TO_BE_REVIEWED, &[]),
                Mode::FirstCome => room(turn, left, terms.waiting_max > 0),
            }
        }
    };
    Ok(format!("{when} · {state}"))
}

/// Seats that this follower may have.
fn left_for(turn: &Turn, activity: &Activity, counts: &[SessionCount], session: u16) -> Result<u32, Fault> {
    let share = share_of(turn.tx, turn.who, activity, session)?;
    Ok(seats_left(activity, counts, session, share, turn.now))
}

fn room(turn: &Turn, left: u32, waiting_list: bool) -> String {
    match left {
        0 if waiting_list => turn.say(&words::FULL_BUT_WAITING, &[]),
        0 => turn.say(&words::FULL, &[]),
        left => turn.say(&words::LEFT, &[("left", left.into())]),
    }
}

pub fn detail(turn: &mut Turn, activity: &Activity) -> Result<String, Fault> {
    let terms = &activity.terms;
    let counts = counts(turn.tx, activity)?;
    let sessions = session_lines(turn, activity, &counts, false)?;
    let is_long = terms.description.chars().count() > DESCRIPTION_CHARS;
    let values = [
        ("title", Value::from(&terms.title)),
        ("category", Value::from(&terms.category)),
        ("place", place(turn.content, &terms.place).into()),
        ("sessions", Value::raw(sessions)),
        ("closes", terms.sign_up.closes.into()),
        ("description", if is_long { "".into() } else { Value::from(&terms.description) }),
    ];
    let mut text = turn.say(&texts::ACTIVITY_DETAIL, &values);
    text.push_str(&draw_line(turn, activity)?);
    text.push_str(&settings_lines(turn, terms));
    text.push('\n');
    text.push_str(&what_next(turn, activity)?);
    if is_long {
        text.push_str("\n\n");
        text.push_str(&neutral(&terms.description));
    }
    Ok(text)
}

/// That seats are drawn, when, and the promise that keeps it fair.
fn draw_line(turn: &Turn, activity: &Activity) -> Result<String, Fault> {
    let (Some(terms), Some(draw)) = (activity.terms.mode.draw(), draw::publish::of(turn.tx, activity.id)?)
    else {
        return Ok(String::new());
    };
    let values = [
        ("at", terms.at.into()),
        ("choices", terms.choices_max.into()),
        ("commitment", Value::from(&draw.commitment)),
    ];
    let link = draw_link(turn, activity.id);
    Ok(format!("\n{}\n{link}", turn.say(&texts::DRAW_LINE, &values)))
}

/// What else is to be known before one signs up.
fn settings_lines(turn: &Turn, terms: &Terms) -> String {
    let mut lines = Vec::new();
    if let Some(quota) = &terms.settings.quota {
        let words = |share: &Share| {
            let values = [("name", Value::from(&share.name)), ("seats", share.seats.into())];
            turn.say(&words::SHARE, &values)
        };
        let shares: Vec<String> = quota.shares.iter().map(words).collect();
        lines.push(turn.say(&texts::QUOTA_LINE, &[("shares", shares.join("、").into())]));
        lines.extend(terms.mode.draw().map(|_| turn.say(&texts::QUOTA_DRAWN, &[])));
        lines.extend(quota.opens.map(|opens| turn.say(&texts::QUOTA_OPENS, &[("opens", opens.into())])));
    }
    if terms.mode == Mode::Review {
        lines.push(turn.say(&texts::REVIEW_LINE, &[]));
    }
    if let Some((min, max)) = terms.settings.adult_age {
        lines.push(turn.say(&texts::AGE_LINE, &[("min", min.into()), ("max", max.into())]));
    }
    let counts_rounds = terms.series.as_ref().is_some_and(|series| series.round.is_some());
    if let Some(min) = terms.settings.attendance_min.filter(|_| counts_rounds) {
        lines.push(turn.say(&texts::ATTENDANCE_LINE, &[("min", min.into())]));
    }
    lines.extend(insurance(turn, terms));
    lines.iter().map(|line| format!("\n{line}")).collect()
}

/// Who is insured, by whom, and the policy's number.
pub fn insurance(turn: &Turn, terms: &Terms) -> Option<String> {
    let Insurance { who, by, number } = terms.settings.insurance.as_ref()?;
    let values = [("who", who.into()), ("by", by.into()), ("number", number.into())];
    Some(turn.say(&texts::INSURANCE_LINE, &values))
}

/// The one thing to do from the detail page, or why there is none.
fn what_next(turn: &mut Turn, activity: &Activity) -> Result<String, Fault> {
    let (mut held, mut refusal, mut is_open) = (None, None, false);
    for session in activity.terms.session_numbers() {
        if let Some(registration) = live_registration(turn.tx, turn.who, activity.id, session)? {
            held = held.or(Some(registration));
            continue;
        }
        match may_take(turn, activity, session)? {
            Ok(()) => is_open = true,
            Err(why) => refusal = Some(why),
        }
    }
    let apply = Tap::Apply(activity.id);
    Ok(match held {
        Some(held) if is_open => {
            let mine = link_to(turn.content, held.number);
            format!("{mine}\n{}", apply.link(&turn.say(&words::LINK_OTHER_SESSIONS, &[]), spoken::SIGN_UP))
        }
        Some(held) => {
            let text =
                turn.explain(&Refusal::AlreadyHolds { number: held.number, status: held.status.clone() });
            format!("{text}\n{}", link_to(turn.content, held.number))
        }
        None if is_open && activity.terms.sessions.len() > 1 => {
            let apply = apply.link(&turn.say(&words::LINK_APPLY, &[]), spoken::SIGN_UP);
            format!("{apply}{}", turn.say(&words::OR_A_NUMBER, &[]))
        }
        None if is_open => numbered(turn, apply, &[(&words::LINK_APPLY, spoken::SIGN_UP)]),
        None => turn.explain(&refusal.unwrap_or(Refusal::UnknownSession)),
    })
}

fn session_lines(
    turn: &Turn,
    activity: &Activity,
    counts: &[SessionCount],
    tappable: bool,
) -> Result<String, Fault> {
    let several = activity.terms.sessions.len() > 1;
    let mut lines = Vec::new();
    for ((session, count), number) in activity.terms.sessions.iter().zip(counts).zip(1..) {
        let held = live_registration(turn.tx, turn.who, activity.id, number)?;
        let state = if let Some(held) = held {
            let said = match held.status {
                Status::Waiting if session.starts <= turn.now => &words::BEGUN,
                Status::Waiting => &words::YOU_WAIT,
                Status::Applied if activity.terms.mode == Mode::Review => &words::YOU_ARE_REVIEWED,
                Status::Applied => &words::YOU_ARE_DRAWN,
                Status::Offered { .. } => &words::YOU_ARE_ASKED,
                _ => &words::YOU_HAVE_IT,
            };
            turn.say(said, &[])
        } else if session.starts <= turn.now {
            turn.say(&words::BEGUN, &[])
        } else if activity.terms.mode != Mode::FirstCome {
            let values = [("seats", session.capacity.into()), ("applied", count.applied.into())];
            turn.say(&words::APPLIED, &values)
        } else {
            room(turn, left_for(turn, activity, counts, number)?, activity.terms.waiting_max > 0)
        };
        let when = span(session);
        lines.push(match (several, tappable) {
            (false, _) => format!("{when} · {state}"),
            (true, false) => format!("{number}. {when} · {state}"),
            (true, true) => {
                let link = Tap::Answer(activity.id, Ask::Session.place());
                let link = link.link(&format!("{number}. {when}"), &number.to_string());
                format!("{link} · {state}")
            }
        });
    }
    Ok(lines.join("\n"))
}

/// `12月5日(周六) 09:00–11:00`, or with both days when it ends on another.
pub fn span(session: &Session) -> String {
    if session.starts.date() == session.ends.date() {
        format!("{}–{}", session.starts.chinese(), session.ends.clock())
    } else {
        session.starts.chinese_until(session.ends)
    }
}

pub fn place(content: &Content, place: &Place) -> String {
    match place {
        Place::At(place) if place.is_empty() => content.texts.render(&texts::ACTIVITY_PLACE_OPEN, &[]),
        Place::At(place) => place.clone(),
        Place::Online { .. } => content.texts.render(&texts::ACTIVITY_ONLINE, &[]),
    }
}

pub fn question(turn: &mut Turn, activity: &Activity, ask: Ask) -> Result<String, Fault> {
    let (terms, party) = (&activity.terms, &activity.terms.party);
    let link = Tap::Answer(activity.id, ask.place());
    Ok(match ask {
        Ask::Session => {
            let counts = counts(turn.tx, activity)?;
            let sessions = session_lines(turn, activity, &counts, true)?;
            turn.say(&texts::ASK_SESSION, &[("sessions", Value::raw(sessions))])
        }
        Ask::Companions => {
            let choices = number_links(link, 0, party.max_companions);
            let values = [("max", party.max_companions.into()), ("choices", Value::raw(choices))];
            turn.say(&texts::ASK_COMPANIONS, &values)
        }
        Ask::Children => {
            let choices = number_links(link, party.min_children, party.max_children);
            let values = [("max", party.max_children.into()), ("choices", Value::raw(choices))];
            turn.say(&texts::ASK_CHILDREN, &values)
        }
        Ask::AdultAge(number) => {
            let (min, max) = terms.settings.adult_age.unwrap_or((0, u8::MAX));
            let values = [("min", min.into()), ("max", max.into()), ("number", number.into())];
            match number {
                0 => turn.say(&texts::ASK_OWN_AGE, &values[..2]),
                _ => turn.say(&texts::ASK_COMPANION_AGE, &values),
            }
        }
        Ask::ChildAge(number) => {
            let (min, max) = party.child_age.unwrap_or((0, 17));
            let values = [("number", number.into()), ("min", min.into()), ("max", max.into())];
            turn.say(&texts::ASK_CHILD_AGE, &values)
        }
        Ask::Question(index) => terms.questions.get(index).map_or_else(String::new, |question| {
            let mut text = turn.say(&texts::ASK_QUESTION, &[("question", Value::from(&question.ask))]);
            if let QuestionKind::Choice { options } = &question.kind {
                text.push('\n');
                text.push_str(&options_of(link, options));
            }
            if !question.required {
                text.push('\n');
                text.push_str(&link.link(&turn.say(&words::LINK_SKIP, &[]), spoken::SKIP));
            }
            text
        }),
        Ask::Notice => terms.notice.as_ref().map_or_else(String::new, |notice| {
            to_agree_to(turn, link, &texts::ASK_NOTICE, &notice.title, &notice.text)
        }),
        Ask::Consent(index) => terms.settings.consents.get(index).map_or_else(String::new, |asked| {
            let title = turn.say(consent(asked.kind), &[]);
            let required = asked.kind.is_required();
            let spec = if required { &texts::ASK_NOTICE } else { &texts::ASK_OPTIONAL_CONSENT };
            to_agree_to(turn, link, spec, &title, &asked.text)
        }),
    })
}

fn to_agree_to(turn: &Turn, link: Tap, spec: &TextSpec, title: &str, text: &str) -> String {
    let choices = options_of(link, spoken::AGREE);
    turn.say(spec, &[("title", title.into()), ("text", text.into()), ("choices", Value::raw(choices))])
}

/// `1. 同意` under `2. 不同意`, each a link that sends its number.
fn options_of(link: Tap, labels: &[impl AsRef<str>]) -> String {
    let line = |(index, label): (usize, &str)| {
        let number = index + 1;
        link.link(&format!("{number}. {}", neutral(label)), &number.to_string())
    };
    labels.iter().map(AsRef::as_ref).enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn number_links(link: Tap, min: u8, max: u8) -> String {
    let link = |n: u8| link.link(&n.to_string(), &n.to_string());
    (min..=max).map(link).collect::<Vec<_>>().join("　")
}

/// Everything that was said, for a last look. Phone and address are masked.
pub fn summary(turn: &mut Turn, activity: &Activity, draft: &Draft) -> Result<String, Fault> {
    let terms = &activity.terms;
    let number = draft.session.unwrap_or(1);
    let when = terms.session(number).map(span).unwrap_or_default();
    let lines: Vec<String> = draft
        .asked(terms)
        .iter()
        .filter(|ask| **ask != Ask::Session)
        .map(|ask| said(turn, terms, draft, ask))
        .collect();
    let mut said = neutral(&lines.join("\n")).into_owned();
    if !said.is_empty() {
        said.push('\n');
    }
    let link = Tap::Answer(activity.id, super::SUMMARY);
    let mut choices = vec![(&words::LINK_CONFIRM, spoken::YES)];
    if !draft.asked(terms).is_empty() {
        choices.push((&words::LINK_CORRECT, spoken::CORRECT[0]));
    }
    let choices = numbered(turn, link, &choices);
    let values = [
        ("title", Value::from(&terms.title)),
        ("when", when.into()),
        ("place", place(turn.content, &terms.place).into()),
        ("answers", Value::raw(said)),
        ("choices", Value::raw(choices)),
    ];
    let mut text = turn.say(&texts::SIGN_UP_CONFIRM, &values);
    if terms.mode == Mode::FirstCome && turn.now >= rules::cancel_deadline(terms, number) {
        text = format!("{text}\n{}", cancelling(turn.content, terms, number, turn.now));
    }
    match seating(turn, activity, number, draft.party().seats())? {
        Ok(Seating::Waits) => {
            let how = seat_comes(turn.content, terms);
            text = format!("{text}\n{}", turn.say(&texts::SIGN_UP_WILL_WAIT, &[("how", how.into())]));
        }
        Ok(Seating::Seated | Seating::Applies) => {}
        Err(refusal) => text = format!("{text}\n\n{}", turn.explain(&refusal)),
    }
    Ok(text)
}

/// How who waits comes to a seat.
pub fn seat_comes(content: &Content, terms: &Terms) -> String {
    match terms.settings.waiting {
        WaitingBy::Automatic => content.texts.render(&texts::SEAT_COMES, &[]),
        WaitingBy::Offer { hours, last_day_hours } => {
            let values = [("hours", hours.into()), ("last_day_hours", last_day_hours.into())];
            content.texts.render(&texts::SEAT_IS_OFFERED, &values)
        }
    }
}

/// `手机号：138****1234`
fn said(turn: &Turn, terms: &Terms, draft: &Draft, ask: &Ask) -> String {
    let ages = |ages: &[u8]| {
        let words: Vec<String> =
            ages.iter().map(|age| turn.say(&words::AGE, &[("age", (*age).into())])).collect();
        words.join("、")
    };
    match ask {
        Ask::Session => {
            let session = draft.session.and_then(|number| terms.session(number));
            let when = session.map(span).unwrap_or_default();
            turn.say(&words::ANSWERED_SESSION, &[("when", when.into())])
        }
        Ask::Companions => {
            turn.say(&words::ANSWERED_COMPANIONS, &[("count", draft.companions.unwrap_or(0).into())])
        }
        Ask::AdultAge(_) => {
            turn.say(&words::ANSWERED_ADULT_AGES, &[("ages", ages(&draft.adult_ages).into())])
        }
        Ask::Children | Ask::ChildAge(_) => {
            let count = ("count", draft.children.unwrap_or(0).into());
            match draft.ages.is_empty() {
                true => turn.say(&words::ANSWERED_CHILDREN, &[count]),
                false => turn.say(&words::ANSWERED_CHILD_AGES, &[count, ("ages", ages(&draft.ages).into())]),
            }
        }
        Ask::Question(index) => match terms.questions.get(*index) {
            Some(question) => {
                let answer = draft.answer(&question.name).unwrap_or("—");
                let answer = match question.kind {
                    _ if answer == "—" => answer.to_owned(),
                    QuestionKind::Phone => mask_phone(answer),
                    QuestionKind::Address => mask_address(answer),
                    _ => answer.to_owned(),
                };
                format!("{}：{answer}", label(turn, terms, question))
            }
            None => String::new(),
        },
        Ask::Notice | Ask::Consent(_) => String::new(),
    }
}

/// What a question is about, in few words: its kind's own if no other question has them, else the question without
/// its `请输入`.
fn label(turn: &Turn, terms: &Terms, question: &Question) -> String {
    let is_alike = |other: &&Question| discriminant(&other.kind) == discriminant(&question.kind);
    let is_only = terms.questions.iter().filter(is_alike).count() == 1;
    match question.kind {
        QuestionKind::Phone if is_only => turn.say(&words::PHONE, &[]),
        QuestionKind::Address if is_only => turn.say(&words::ADDRESS, &[]),
        _ => {
            let bare = spoken::POLITE
                .iter()
                .find_map(|polite| question.ask.strip_prefix(polite))
                .unwrap_or(&question.ask);
            bare.trim_end_matches(['？', '?', '：', ':', '。']).chars().take(16).collect()
        }
    }
}

pub fn correctable(turn: &mut Turn, activity: &Activity, draft: &Draft) -> Result<String, Fault> {
    let said: Vec<String> =
        draft.asked(&activity.terms).iter().map(|ask| said(turn, &activity.terms, draft, ask)).collect();
    let items = options_of(Tap::Answer(activity.id, super::CORRECTING), &said);
    Ok(turn.say(&texts::SIGN_UP_CORRECT, &[("items", Value::raw(items))]))
}

/// Leads to a sign-up.
pub fn link_to(content: &Content, number: RegistrationNumber) -> String {
    Tap::Mine(number).link(&content.texts.render(&words::SEE_SIGN_UP, &[]), spoken::MY_SIGN_UPS)
}

/// What stands in the sentence that a sign-up is done.
pub fn done(
    content: &Content,
    activity: &Activity,
    number: RegistrationNumber,
) -> Vec<(&'static str, Value<'static>)> {
    let terms = &activity.terms;
    let session = terms.session(number.session);
    vec![
        ("title", terms.title.clone().into()),
        ("number", number.to_string().into()),
        ("when", session.map(span).unwrap_or_default().into()),
        ("place", place(content, &terms.place).into()),
    ]
}

/// Until when a seat can be given back, as things stand now, and what it costs after that.
pub fn cancelling(content: &Content, terms: &Terms, session: u16, now: Time) -> String {
    let deadline = rules::cancel_deadline(terms, session);
    let until = [("cancel_before", deadline.into())];
    let say = |spec, values: &[(&str, Value)]| content.texts.render(spec, values);
    match () {
        () if now < deadline && terms.settings.late_cancel && terms.settings.absence.is_some() => {
            say(&texts::SIGN_UP_CANCEL_THEN_LATE, &until)
        }
        () if now < deadline => say(&texts::SIGN_UP_CANCEL, &until),
        () if terms.settings.late_cancel => say(&texts::SIGN_UP_CANCEL_LATE, &[]),
        () => say(&texts::SIGN_UP_CANCEL_OVER, &[]),
    }
}

/// As [`cancelling`], in a line of its own, of a seat that its follower has: nobody is blamed for one that was moved or came
/// too late. Of what has begun there is nothing to say.
pub fn giving_back(content: &Content, activity: &Activity, held: &Registration, now: Time) -> String {
    let (terms, session) = (&activity.terms, held.number.session);
    let line = match rules::session(activity, session, now) {
        Err(_) => return String::new(),
        Ok(_) if held.moved || rules::promoted_late(terms, held) => {
            content.texts.render(&texts::SIGN_UP_CANCEL_FREELY, &[])
        }
        Ok(_) => cancelling(content, terms, session, now),
    };
    format!("\n{line}")
}

/// How the draw is kept fair.
pub fn draw_link(turn: &Turn, activity: u32) -> String {
    Tap::Draw(activity).link(&turn.say(&words::LINK_ABOUT_DRAW, &[]), spoken::ABOUT_DRAW)
}
