//! 我的保障: what a member is covered for by the medical mutual aid and until when, and what to do if they aren't.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::texts::{cover as texts, words};
use super::{Input, Step, Tap, Turn, done, next};
use crate::content::Value;
use crate::domain::claim::judge;
use crate::domain::claim::record::Exclusion;
use crate::domain::eligibility::Ineligible;
use crate::domain::member::binding::member_of;
use crate::domain::member::list;
use crate::domain::member::record::MemberState;
use crate::domain::scheme::commands::{PolicyKey, latest, policies, programme, programme_on};
use crate::domain::scheme::join::{self, Entry};
use crate::domain::scheme::record::{How, Policy, Programme, Window};
use crate::flows::days::written;
use crate::store::Fault;
use crate::wechat::reply::neutral;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// So many covers were listed.
    Listing { shown: u16 },
}

type Stepped = Result<Step<State>, Fault>;

/// A place of the member's, with the rules that hold for it.
struct Place {
    key: PolicyKey,
    policy: Policy,
    programme: Programme,
    /// What was granted ended it.
    ended: bool,
}

/// All that the member is covered for, now or from a day on.
pub fn mine(turn: &mut Turn) -> Stepped {
    let Some(places) = places(turn)? else { return done(turn.explain(&Ineligible::MembersOnly)) };
    let today = turn.now.date();
    let (current, past): (Vec<Place>, Vec<Place>) =
        places.into_iter().partition(|place| place.policy.until >= today);
    if current.is_empty() {
        return match past.into_iter().max_by_key(|place| place.policy.until) {
            Some(last) => done(turn.say(
                &texts::LAPSED,
                &[
                    ("title", Value::from(&last.programme.title)),
                    ("until", written(last.policy.until).into()),
                ],
            )),
            None => done(turn.say(&texts::NONE, &[])),
        };
    }
    let line = |(index, place): (usize, &Place)| {
        let number = index + 1;
        let label = format!("{number}. {}", neutral(&place.programme.title));
        let link = Tap::Cover(number as u32).link(&label, &number.to_string());
        format!("{link}\n   {}", neutral(&span(turn, place, today)))
    };
    let lines: Vec<String> = current.iter().enumerate().map(line).collect();
    let listed = turn.say(&texts::LIST, &[("items", Value::raw(lines.join("\n")))]);
    let text = excluded(turn)?.map_or_else(|| listed.clone(), |no| format!("{no}\n\n{listed}"));
    next(State::Listing { shown: u16::try_from(current.len()).unwrap_or(u16::MAX) }, text)
}

pub fn step(turn: &mut Turn, state: State, input: &Input) -> Stepped {
    let State::Listing { shown } = state;
    match input.number() {
        Some(number) if (1..=usize::from(shown)).contains(&number) => detail(turn, number as u32),
        Some(_) => next(state, turn.say(&texts::NO_SUCH_NUMBER, &[("count", shown.into())])),
        None => Ok(Step::Pass),
    }
}

/// One of them, by its number from 1.
pub fn detail(turn: &mut Turn, number: u32) -> Stepped {
    let Some(places) = places(turn)? else { return done(turn.explain(&Ineligible::MembersOnly)) };
    let today = turn.now.date();
    let current: Vec<Place> = places.into_iter().filter(|place| place.policy.until >= today).collect();
    let at = (number as usize).checked_sub(1);
    let Some(place) = at.and_then(|at| current.get(at)) else { return mine(turn) };
    let Place { key, policy, programme, ended } = place;
    let waiting = policy.waiting_until.filter(|until| *until >= today.max(key.from));
    let waiting = waiting.map(|until| turn.say(&texts::WAITING, &[("until", written(until).into())]));
    let ends = if *ended { Some(turn.say(&texts::ENDED, &[])) } else { waiting };
    let unit = Some(&policy.unit).filter(|unit| !unit.is_empty());
    let unit = unit.map(|unit| turn.say(&texts::UNIT, &[("unit", unit.into())]));
    let list = |lines: &[String]| lines.iter().map(|line| format!("· {line}")).collect::<Vec<_>>().join("\n");
    let values = [
        ("title", Value::from(&programme.title)),
        ("shares", policy.shares.into()),
        ("from", written(key.from).into()),
        ("until", written(policy.until).into()),
        ("waiting", line_more(ends).into()),
        ("unit", line_more(unit).into()),
        ("pays", list(&programme.pays).into()),
        ("excludes", list(&programme.excludes).into()),
    ];
    next(
        State::Listing { shown: u16::try_from(current.len()).unwrap_or(u16::MAX) },
        turn.say(&texts::DETAIL, &values),
    )
}

/// 退休参保: which programme one joins without a unit, when, for how much. The fee is paid elsewhere.
pub fn retired(turn: &mut Turn) -> Stepped {
    let today = turn.now.date();
    let Some(programme) = joined_singly(turn)? else { return done(turn.say(&texts::RETIRED_NONE, &[])) };
    let fee = programme.premiums.first().map(|premium| premium.fee.to_string()).unwrap_or_default();
    let open = join::window(&programme, Entry { on: today, how: How::Single, new_hire: false });
    let later =
        programme.windows.iter().filter(|window| window.from > today).min_by_key(|window| window.from);
    let values = |window: &Window| {
        let days = Some(programme.cover.late_waiting_days).filter(|days| window.late && *days > 0);
        let late = days.map(|days| turn.say(&texts::LATE, &[("days", days.into())]));
        [
            ("title", Value::from(&programme.title)),
            ("who", Value::from(&programme.join.who)),
            ("fee", fee.clone().into()),
            ("from", written(window.from).into()),
            ("until", written(window.until).into()),
            ("late", line_more(late).into()),
        ]
    };
    let text = match (open, later) {
        (Some(window), _) => turn.say(&texts::RETIRED_OPEN, &values(window)),
        (None, Some(window)) => turn.say(&texts::RETIRED_LATER, &values(window)),
        (None, None) => {
            let values = [
                ("title", Value::from(&programme.title)),
                ("who", Value::from(&programme.join.who)),
                ("fee", fee.clone().into()),
            ];
            turn.say(&texts::RETIRED_SHUT, &values)
        }
    };
    done(text)
}

/// The member's places with what their programmes say now, by the day on which they end; `None`: no member.
fn places(turn: &Turn) -> Result<Option<Vec<Place>>, Fault> {
    let Some((_, member)) = member_of(turn.tx, turn.who)? else { return Ok(None) };
    let named = list::named(turn.tx, &member)?.filter(|_| member.state == MemberState::Active);
    let Some(named) = named else { return Ok(None) };
    let person = list::index(turn.tx, &named.identity)?;
    let mut places = Vec::new();
    for (key, policy) in policies(turn.tx, &person)? {
        // The rules of the day, or those that will hold when it begins.
        let day = turn.now.date().clamp(key.from, policy.until.max(key.from));
        let Some(programme) = programme_on(turn.tx, &key.scheme, &key.programme, day)? else { continue };
        let ended = judge::is_ended(turn.tx, &person, (&key, &policy), &programme)?;
        places.push(Place { key, policy, programme, ended });
    }
    places.sort_by(|a, b| (a.policy.until, &a.key.programme).cmp(&(b.policy.until, &b.key.programme)));
    Ok(Some(places))
}

/// That nothing is paid of these days, where papers were false.
fn excluded(turn: &Turn) -> Result<Option<String>, Fault> {
    let Some((_, member)) = member_of(turn.tx, turn.who)? else { return Ok(None) };
    let Some(named) = list::named(turn.tx, &member)? else { return Ok(None) };
    let found = judge::exclusion(turn.tx, &list::index(turn.tx, &named.identity)?, turn.now.date())?;
    let words = |found: Exclusion| turn.say(&texts::EXCLUDED, &[("until", written(found.until).into())]);
    Ok(found.map(words))
}

/// The programme of the newest rules that people join by themselves.
fn joined_singly(turn: &Turn) -> Result<Option<Programme>, Fault> {
    for (scheme, version, header) in latest(turn.tx)? {
        for head in &header.programmes {
            let found = programme(turn.tx, &scheme, version, &head.key)?;
            if let Some(found) = found.filter(|found| found.join.how.contains(&How::Single)) {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// `1份 · 2026年5月1日至2027年4月30日`, and what is to be known of today.
fn span(turn: &Turn, place: &Place, today: Date) -> String {
    let (key, policy) = (&place.key, &place.policy);
    let values = [
        ("shares", policy.shares.into()),
        ("from", written(key.from).into()),
        ("until", written(policy.until).into()),
    ];
    let days = turn.say(&words::COVER_DAYS, &values);
    match policy.waiting_until {
        _ if place.ended => turn.say(&words::COVER_ENDED, &[("days", days.into())]),
        _ if key.from > today => turn.say(&words::COVER_AHEAD, &[("days", days.into())]),
        Some(until) if until >= today => {
            turn.say(&words::COVER_WAITS, &[("days", days.into()), ("until", written(until).into())])
        }
        _ => days,
    }
}

/// A line that isn't always there, after another.
fn line_more(line: Option<String>) -> String {
    line.map(|line| format!("\n{line}")).unwrap_or_default()
}
