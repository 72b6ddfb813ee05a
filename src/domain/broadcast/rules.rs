//! Pure decisions about broadcasts. Nothing here reads or writes.

use std::time::Duration;

use super::ledger::{Limits, Skip};
use super::record::*;
use crate::domain::contact::record::{Contact, Reach};
use crate::moment::Time;

/// Why staff are told no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such broadcast")]
    Unknown,
    #[error("the broadcast is {now}, so it can't be {wanted}")]
    WrongState { now: &'static str, wanted: &'static str },
    #[error("you wrote this broadcast; somebody else has to approve it")]
    OwnBroadcast,
    #[error("no preview message has gone to anybody yet; preview it to your own follower first")]
    NotShown,
    #[error("there is no activity A{id}")]
    UnknownActivity { id: u32 },
    #[error("the audience is `listed`, and the list is empty; add followers to it first")]
    EmptyList,
    #[error("the list holds {count} followers; it can't take more than {max}")]
    ListFull { count: u64, max: u64 },
    #[error("there is no such follower")]
    UnknownFollower,
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Unknown => "unknown_broadcast",
            Refusal::WrongState { .. } => "wrong_state",
            Refusal::OwnBroadcast => "own_broadcast",
            Refusal::NotShown => "not_shown",
            Refusal::UnknownActivity { .. } => "unknown_activity",
            Refusal::EmptyList => "empty_list",
            Refusal::ListFull { .. } => "list_full",
            Refusal::UnknownFollower => "unknown_follower",
        }
    }
}

/// By which way this follower is reached now, ways whose bit is in `tried` being shut; or why not at all.
pub fn way_to(plan: &Plan, contact: &Contact, now: Time, limits: &Limits, tried: u8) -> Result<Way, Skip> {
    wanted(plan, contact, now, limits)?;
    let open = |way: &Way| tried & way.bit() == 0 && is_open(*way, plan, contact, now, limits);
    plan.ways().into_iter().find(open).ok_or(Skip::NoWay)
}

fn wanted(plan: &Plan, contact: &Contact, now: Time, limits: &Limits) -> Result<(), Skip> {
    if !contact.subscribed {
        return Err(Skip::Left);
    }
    hears(plan, &contact.reach)?;
    match contact.reach.notices_this_month(now) >= limits.monthly_cap {
        true => Err(Skip::Capped),
        false => Ok(()),
    }
}

/// Did this follower choose not to hear of it?
pub fn hears(plan: &Plan, reach: &Reach) -> Result<(), Skip> {
    if reach.stopped {
        return Err(Skip::Stopped);
    }
    match plan.topic.as_ref().is_none_or(|topic| reach.hears_of(topic)) {
        true => Ok(()),
        false => Err(Skip::Topic),
    }
}

/// What WeChat allows for this follower at this moment, as far as we counted.
fn is_open(way: Way, plan: &Plan, contact: &Contact, now: Time, limits: &Limits) -> bool {
    let reach = &contact.reach;
    match way {
        Way::Custom => reach.custom_is_open(now),
        Way::Subscription => {
            plan.content.subscription.as_ref().is_some_and(|form| reach.consents_to(&form.template_id))
        }
        Way::Template => true,
        Way::Mass => reach.mass_left(now, &limits.quotas()) > 0,
    }
}

impl Plan {
    /// The ways that may be tried, in order: those chosen that there is a wording for.
    pub fn ways(&self) -> Vec<Way> {
        let chosen: &[Way] = match self.way {
            WayChoice::Mass => &[Way::Mass],
            WayChoice::Template => &[Way::Template],
            WayChoice::Subscription => &[Way::Subscription],
            WayChoice::Custom => &[Way::Custom],
            WayChoice::Best => &Way::ALL,
        };
        chosen.iter().copied().filter(|way| self.content.has(*way)).collect()
    }
}

impl Content {
    /// Is there a wording for this way?
    pub fn has(&self, way: Way) -> bool {
        match way {
            Way::Custom => self.text.is_some(),
            Way::Subscription => self.subscription.is_some(),
            Way::Template => self.template.is_some(),
            // A text with placeholders differs from follower to follower; a mass send is the same for all.
            Way::Mass => self.article.is_some() || self.text.as_deref().is_some_and(super::fill::is_fixed),
        }
    }
}

const DAY_MINUTES: i64 = 24 * 60;
const MINUTE_MS: i64 = 60_000;
const SHANGHAI_MS: i64 = 8 * 3600 * 1000;

impl Quiet {
    /// When the quiet hours end that `now` is in; `None` outside of them.
    pub fn until(&self, now: Time) -> Option<Time> {
        let minute = minute_of_day(now);
        let (from, to) = (i64::from(self.from), i64::from(self.to));
        let is_quiet = match from <= to {
            true => (from..to).contains(&minute),
            false => minute >= from || minute < to,
        };
        is_quiet.then(|| next(now, to))
    }
}

/// The next time at which the clock in Asia/Shanghai shows this minute of the day, after `now`.
fn next(now: Time, minute: i64) -> Time {
    let wait = (minute - minute_of_day(now) - 1).rem_euclid(DAY_MINUTES) + 1;
    let this_minute = now.unix_ms() - now.unix_ms().rem_euclid(MINUTE_MS);
    Time::from_unix_ms(this_minute + wait * MINUTE_MS)
}

fn minute_of_day(now: Time) -> i64 {
    (now.unix_ms() + SHANGHAI_MS).div_euclid(MINUTE_MS).rem_euclid(DAY_MINUTES)
}

/// When sending that takes so long is over if it begins at `start` and rests in quiet hours.
pub fn ends(start: Time, sending: Duration, quiet: Option<Quiet>) -> Time {
    let Some(quiet) = quiet.filter(|quiet| quiet.from != quiet.to) else { return start.plus(sending) };
    let mut at = quiet.until(start).unwrap_or(start);
    let mut left = sending;
    // A day has at least a minute of sending, so a year of it is an answer nobody reads further.
    for _ in 0..366 {
        let rest = next(at, i64::from(quiet.from));
        let span = rest.since(at);
        if left <= span {
            break;
        }
        left -= span;
        at = quiet.until(rest).unwrap_or(rest);
    }
    at.plus(left)
}

/// What WeChat allows in a template's field, by the kind that its key begins with (模板消息, 参数值内容限制).
pub fn fits_field(key: &str, value: &str) -> Result<(), String> {
    let kind = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let chars = value.chars().count();
    let at_most = |max: usize| match chars <= max {
        true => Ok(()),
        false => Err(format!("a `{kind}` has at most {max} characters, not {chars}")),
    };
    let all = |fine: fn(char) -> bool, of: &str| match value.chars().all(fine) {
        true => Ok(()),
        false => Err(format!("a `{kind}` may hold {of} only")),
    };
    if value.trim().is_empty() {
        return Err("is empty, which WeChat refuses".to_owned());
    }
    match kind {
        "thing" => at_most(THING_CHARS),
        "short_thing" => at_most(SHORT_THING_CHARS),
        "number" => at_most(32).and_then(|()| all(|c| c.is_ascii_digit() || c == '.', "digits")),
        "letter" => at_most(32).and_then(|()| all(|c| c.is_ascii_alphabetic(), "letters")),
        "symbol" => at_most(5),
        "character_string" => {
            at_most(32).and_then(|()| all(|c| c.is_ascii_graphic(), "letters, digits and symbols"))
        }
        "phone_number" => at_most(17),
        "car_number" => at_most(8),
        "name" => at_most(20),
        "phrase" => at_most(5).and_then(|()| all(is_han, "Chinese characters")),
        _ => at_most(200),
    }
}

pub const THING_CHARS: usize = 20;
pub const SHORT_THING_CHARS: usize = 10;

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn quiet_hours_may_cross_midnight() {
        let night = Quiet { from: 21 * 60 + 30, to: 8 * 60 };
        let until = |text| night.until(at(text)).map(|time| time.to_string());
        assert_eq!(until("2026-12-01T21:29:59+08:00"), None);
        assert_eq!(until("2026-12-01T21:30:00+08:00").unwrap(), "2026-12-02T08:00:00+08:00");
        assert_eq!(until("2026-12-02T07:59:59+08:00").unwrap(), "2026-12-02T08:00:00+08:00");
        assert_eq!(until("2026-12-02T08:00:00+08:00"), None);
        let noon = Quiet { from: 12 * 60, to: 13 * 60 };
        assert_eq!(noon.until(at("2026-12-01T12:10:05+08:00")), Some(at("2026-12-01T13:00:00+08:00")));
        assert_eq!(noon.until(at("2026-12-01T13:00:00+08:00")), None);
    }

    #[test]
    fn an_estimate_rests_in_quiet_hours() {
        let night = Some(Quiet { from: 21 * 60, to: 9 * 60 });
        let hours = |n: u64| Duration::from_secs(n * 3600);
        let start = at("2026-12-01T19:00:00+08:00");
        assert_eq!(ends(start, hours(1), night), at("2026-12-01T20:00:00+08:00"));
        assert_eq!(ends(start, hours(3), night), at("2026-12-02T10:00:00+08:00"));
        assert_eq!(ends(start, hours(15), night), at("2026-12-03T10:00:00+08:00"));
        assert_eq!(ends(at("2026-12-01T22:00:00+08:00"), hours(1), night), at("2026-12-02T10:00:00+08:00"));
        assert_eq!(ends(start, hours(3), None), at("2026-12-01T22:00:00+08:00"));
    }

    #[test]
    fn fields_are_held_to_what_their_kind_allows() {
        for (key, value) in [
            ("thing1", "东钱湖环湖健步走"),
            ("number3", "13.5"),
            ("phrase4", "报名成功"),
            ("character_string2", "A12-1-0007"),
            ("time5", "2026年12月5日 09:00"),
            ("const1", "线下"),
        ] {
            assert_eq!(fits_field(key, value), Ok(()), "{key}");
        }
        for (key, value) in [
            ("thing1", "一二三四五六七八九十一二三四五六七八九十一"),
            ("phrase4", "13笔"),
            ("phrase4", "报名成功啦呀"),
            ("character_string2", "编号七"),
            ("letter1", "a1"),
            ("thing1", " "),
        ] {
            assert!(fits_field(key, value).is_err(), "{key} {value}");
        }
    }
}
