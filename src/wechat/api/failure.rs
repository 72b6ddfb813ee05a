//! What a failed call means for who made it.

use std::fmt;
use std::time::Duration;

use jiff::civil::Date;

use super::call::Call;
use super::codes;
use crate::moment::Time;
use crate::privacy::Short;

/// Longest part of WeChat's own words that is kept, in characters.
const MESSAGE_CHARS_MAX: usize = 300;
/// An openid's length; WeChat quotes them in some of its messages.
const OPENID_CHARS: usize = 28;

/// A call that did not do what it was asked to. Holds neither a token nor a secret nor a whole openid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The endpoint's path: `/cgi-bin/message/custom/send`.
    pub call: &'static str,
    /// WeChat's `errcode`, if it answered with one.
    pub code: Option<i64>,
    /// WeChat's `errmsg`, or what happened on the way, in English.
    pub message: String,
    pub reaction: Reaction,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaction {
    /// Surely not done: again, with back-off.
    Retry,
    /// It was sent, and no usable answer came: it may have been done.
    Uncertain,
    /// Too much or too soon: the whole lane waits.
    SlowDown(Pause),
    /// Not this follower by this way: try the next one.
    Unreachable(Unreachable),
    /// An earlier call with the same client id did it.
    AlreadyDone { msg_id: Option<String> },
    /// What was asked for never works.
    Permanent,
    /// Which setting to change, and where, in words for an operator.
    Misconfigured(&'static str),
}

/// How long a lane waits. Days and months are those of Asia/Shanghai.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    NextMinute,
    NextDay,
    NextMonth,
    For(Duration),
}

/// Why a follower can't be reached by this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    NotFollowing,
    /// More than 48 hours since they last wrote.
    WindowClosed,
    /// As many messages as the window allows were sent.
    QuotaUsed,
    /// Refused, or the consent is used up.
    Refused,
    /// No openid of this account, or not following.
    UnknownId,
    /// Frozen or closed by WeChat.
    Limited,
}

impl Failure {
    /// An answer with an `errcode`.
    pub(super) fn answered(call: &Call, code: i64, errmsg: &str, msg_id: Option<String>) -> Failure {
        let reaction = match codes::reaction(code) {
            Reaction::AlreadyDone { .. } => Reaction::AlreadyDone { msg_id },
            reaction => reaction,
        };
        Failure { call: call.path, code: Some(code), message: told(errmsg), reaction }
    }

    /// Nothing that could be used came back. What only reads may simply be asked again.
    pub(super) fn unanswered(call: &Call, message: impl Into<String>) -> Failure {
        let reaction = if call.only_reads { Reaction::Retry } else { Reaction::Uncertain };
        Failure { call: call.path, code: None, message: message.into(), reaction }
    }

    /// It never reached WeChat, or WeChat surely did not do it.
    pub(super) fn not_done(call: &Call, message: impl Into<String>) -> Failure {
        Failure { call: call.path, code: None, message: message.into(), reaction: Reaction::Retry }
    }

    /// Not sent, since WeChat would refuse it.
    pub(super) fn refused(call: &Call, message: impl Into<String>) -> Failure {
        Failure { call: call.path, code: None, message: message.into(), reaction: Reaction::Permanent }
    }

    /// The access token was refused: a fresh one may help.
    pub(super) fn is_token_refused(&self) -> bool {
        matches!(self.code, Some(40001 | 40014 | 42001))
    }

    /// To be done last: half a secret can't be told from a word.
    pub(super) fn shorten(&mut self) {
        if let Some((end, _)) = self.message.char_indices().nth(MESSAGE_CHARS_MAX) {
            self.message.truncate(end);
        }
    }

    /// What the code means and what to do, for staff and operators; `None` for codes without a rule.
    pub fn advice(&self) -> Option<&'static str> {
        match self.reaction {
            Reaction::Misconfigured(advice) => Some(advice),
            _ => self.code.and_then(codes::advice),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.call)?;
        if let Some(code) = self.code {
            write!(f, "{code} ")?;
        }
        f.write_str(&self.message)?;
        self.advice().map_or(Ok(()), |advice| write!(f, " ({advice})"))
    }
}

impl std::error::Error for Failure {}

impl Pause {
    /// When a lane that paused at `now` may go on; minutes, days and months are those of Asia/Shanghai.
    pub fn ends(self, now: Time) -> Time {
        let midnight_after = |day: Date| Time::at(day.tomorrow().ok()?, 0, 0);
        let end = match self {
            Pause::NextMinute => Some(Time::from_unix_s((now.unix_s().div_euclid(60) + 1) * 60)),
            Pause::NextDay => midnight_after(now.date()),
            Pause::NextMonth => midnight_after(now.date().last_of_month()),
            Pause::For(span) => Some(now.plus(span)),
        };
        end.unwrap_or_else(|| now.plus(Duration::from_secs(86_400)))
    }
}

/// WeChat's words on one line, openids shortened.
fn told(errmsg: &str) -> String {
    let line: String = errmsg.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let part_of_id = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut text = String::with_capacity(line.len());
    for piece in line.split_inclusive(|c| !part_of_id(c)) {
        let word = piece.trim_end_matches(|c| !part_of_id(c));
        match word.len() == OPENID_CHARS && word.starts_with('o') {
            true => text.push_str(&format!("{}{}", Short(word), &piece[word.len()..])),
            false => text.push_str(piece),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_end_by_the_calendar_of_shanghai() {
        let now = Time::parse("2026-12-31T23:59:30.5+08:00").unwrap();
        let ends = |pause: Pause| pause.ends(now).to_string();
        assert_eq!(ends(Pause::NextMinute), "2027-01-01T00:00:00+08:00");
        assert_eq!(ends(Pause::NextDay), "2027-01-01T00:00:00+08:00");
        assert_eq!(ends(Pause::NextMonth), "2027-01-01T00:00:00+08:00");
        assert_eq!(ends(Pause::For(Duration::from_secs(60))), "2027-01-01T00:00:30.500+08:00");
        let now = Time::parse("2026-11-01T00:00:00+08:00").unwrap();
        assert_eq!(Pause::NextMonth.ends(now).to_string(), "2026-12-01T00:00:00+08:00");
        assert_eq!(Pause::NextMinute.ends(now).to_string(), "2026-11-01T00:01:00+08:00");
    }

    #[test]
    fn words_of_wechat_are_one_line_and_name_nobody() {
        let errmsg = "invalid openid:\noUnion0000000000000000000001, rid: 65a0-1";
        assert_eq!(told(errmsg), "invalid openid: oUni…0001, rid: 65a0-1");
        let mut failure = Failure::answered(&Call::get("/a"), 1, &"长".repeat(900), None);
        failure.shorten();
        assert_eq!(failure.message.chars().count(), MESSAGE_CHARS_MAX);
    }
}
