//! Pure decisions about claiming. Nothing here reads or writes.

use std::cmp::Ordering;
use std::time::Duration;

use super::calendar;
use super::record::*;
use super::stock;
use crate::domain::eligibility::Ineligible;
use crate::moment::Time;

/// Why a rule says no to a follower. `code()` is stable: texts, API and metrics use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    UnknownBenefit,
    Suspended {
        reason: String,
    },
    /// Suspended, and the draw that this person takes part in waits.
    DrawWaits {
        reason: String,
    },
    /// The draw that this person takes part in waits for its codes.
    DrawLacksCodes,
    Ended,
    NotYet {
        next: Time,
        stock: u32,
    },
    Gone {
        release: Time,
        offered: u32,
        next: Option<Time>,
        /// First by a draw, and what that left to who came first.
        drawn: bool,
    },
    /// The release is on, but no code was loaded for it.
    NoCodes {
        next: Option<Time>,
    },
    AlreadyHad {
        coupon: CouponNumber,
        next: Option<Time>,
    },
    LimitReached {
        period: Period,
        max: u16,
        again: Option<Time>,
    },
    NotEligible(Ineligible),
    NotListed,
    NotTagged,
    PausedForUnused {
        expired: u16,
        until: Time,
    },
    PausedByStaff {
        reason: String,
        until: Time,
    },
    CoolingDown {
        days: u16,
        until: Time,
    },
    TooNew {
        minutes: u32,
        percent: u8,
        /// The first release for which the account is no longer new.
        next: Option<Time>,
    },
    /// The quiz comes first.
    AnswerFirst {
        questions: usize,
        needed: u8,
    },
    /// No go is left in this release.
    QuizFailed {
        tries: u8,
        next: Option<Time>,
    },
    AlreadyEntered {
        draws: Time,
    },
    UnknownCoupon,
    NotReturnable,
    NoLongerYours {
        state: &'static str,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    Release,
    Day,
    Week,
    Month,
    InAll,
}

impl Refusal {
    /// Every code, for the test that finds a sentence for each.
    pub const CODES: &'static [&'static str] = &[
        "unknown_benefit",
        "suspended",
        "draw_waits",
        "draw_lacks_codes",
        "ended",
        "not_yet",
        "gone",
        "gone_by_draw",
        "no_codes",
        "already_had",
        "limit_reached",
        "not_listed",
        "not_tagged",
        "paused_for_unused",
        "paused_by_staff",
        "cooling_down",
        "too_new",
        "answer_first",
        "quiz_failed",
        "already_entered",
        "unknown_coupon",
        "not_returnable",
        "no_longer_yours",
    ];

    pub fn code(&self) -> &'static str {
        match self {
            Refusal::UnknownBenefit => "unknown_benefit",
            Refusal::Suspended { .. } => "suspended",
            Refusal::DrawWaits { .. } => "draw_waits",
            Refusal::DrawLacksCodes => "draw_lacks_codes",
            Refusal::Ended => "ended",
            Refusal::NotYet { .. } => "not_yet",
            Refusal::Gone { drawn: false, .. } => "gone",
            Refusal::Gone { drawn: true, .. } => "gone_by_draw",
            Refusal::NoCodes { .. } => "no_codes",
            Refusal::AlreadyHad { .. } => "already_had",
            Refusal::LimitReached { .. } => "limit_reached",
            Refusal::NotEligible(why) => why.code(),
            Refusal::NotListed => "not_listed",
            Refusal::NotTagged => "not_tagged",
            Refusal::PausedForUnused { .. } => "paused_for_unused",
            Refusal::PausedByStaff { .. } => "paused_by_staff",
            Refusal::CoolingDown { .. } => "cooling_down",
            Refusal::TooNew { .. } => "too_new",
            Refusal::AnswerFirst { .. } => "answer_first",
            Refusal::QuizFailed { .. } => "quiz_failed",
            Refusal::AlreadyEntered { .. } => "already_entered",
            Refusal::UnknownCoupon => "unknown_coupon",
            Refusal::NotReturnable => "not_returnable",
            Refusal::NoLongerYours { .. } => "no_longer_yours",
        }
    }
}

/// May anything of it be claimed at all?
pub fn on(benefit: &Benefit, now: Time) -> Result<(), Refusal> {
    match &benefit.state {
        BenefitState::Draft => Err(Refusal::UnknownBenefit),
        BenefitState::Closed { .. } => Err(Refusal::Ended),
        BenefitState::Paused { reason } => Err(Refusal::Suspended { reason: reason.clone() }),
        BenefitState::Published if benefit.terms.ends.is_some_and(|ends| now >= ends) => Err(Refusal::Ended),
        BenefitState::Published => Ok(()),
    }
}

/// The release that is on at `now`; the stock must have been rolled to it.
pub fn release<'a>(terms: &Terms, stock: &'a Stock, now: Time) -> Result<&'a Release, Refusal> {
    let begun = stock.release.as_ref();
    let on = begun.filter(|release| {
        calendar::closes(terms, release.at, stock.since()).is_none_or(|closes| now < closes)
    });
    match (on, calendar::next(terms, now)) {
        (Some(release), _) => Ok(release),
        (None, Some(next)) => Err(Refusal::NotYet { next: next.at, stock: next.stock }),
        (None, None) => Err(Refusal::Ended),
    }
}

/// Is there nothing of it to come, for anybody?
pub fn is_over(benefit: &Benefit, kept: &Stock, now: Time) -> bool {
    let terms = &benefit.terms;
    match &benefit.state {
        BenefitState::Draft | BenefitState::Closed { .. } => true,
        _ if kept.release.as_ref().is_some_and(Release::awaits_draw) => false,
        _ => terms.ends.is_some_and(|ends| now >= ends) || release(terms, kept, now) == Err(Refusal::Ended),
    }
}

/// Is there one left, and for this account, which may be a new one that began to follow at some time?
pub fn in_stock(terms: &Terms, kept: &Stock, new_since: Option<Time>, now: Time) -> Result<(), Refusal> {
    release(terms, kept, now)?;
    is_left(terms, kept, new_since, now)
}

/// The same of a release that need not be on any more.
pub fn is_left(terms: &Terms, kept: &Stock, new_since: Option<Time>, now: Time) -> Result<(), Refusal> {
    let Some(release) = kept.release.as_ref().filter(|_| stock::left(kept) > 0) else {
        return Err(gone(terms, kept, now));
    };
    match terms.newcomers.zip(new_since) {
        Some((bound, since)) if u64::from(release.newcomers) >= newcomers_max(&bound, kept) => {
            let old_enough = since.plus(minutes_of(bound.within_minutes)).minus(Duration::from_millis(1));
            let next = calendar::next(terms, old_enough.max(release.at)).map(|next| next.at);
            Err(Refusal::TooNew { minutes: bound.within_minutes, percent: bound.percent_max, next })
        }
        _ => Ok(()),
    }
}

/// How many there were in truth, and when the next come.
pub fn gone(terms: &Terms, kept: &Stock, now: Time) -> Refusal {
    let Some(release) = &kept.release else { return Refusal::Ended };
    let next = calendar::next(terms, now.max(release.at)).map(|next| next.at);
    match stock::there_were(kept) {
        _ if release.given == 0 => Refusal::NoCodes { next },
        offered => Refusal::Gone { release: release.at, offered, next, drawn: release.draw.is_some() },
    }
}

fn newcomers_max(bound: &Newcomers, kept: &Stock) -> u64 {
    (u64::from(stock::there_were(kept)) * u64::from(bound.percent_max)).div_ceil(100)
}

/// Since when this account follows, if it is new to the release that began at `release`: it had not followed for long
/// then, or not yet. It stays so for that release, however long that is on, as waiting makes no robot an old account.
pub fn new_since(terms: &Terms, followed: Option<Time>, release: Time) -> Option<Time> {
    let within = minutes_of(terms.newcomers?.within_minutes);
    followed.filter(|followed| release < followed.plus(within))
}

fn minutes_of(minutes: u32) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}

/// Do the limits for one person allow one more, of the release that began at `release`?
pub fn within_limits(id: u32, terms: &Terms, had: &Had, release: Time, now: Time) -> Result<(), Refusal> {
    let limits = &terms.per_person;
    let in_release = if had.release.0 == release { had.release.1 } else { 0 };
    let next = calendar::next(terms, now).map(|next| next.at);
    if let (Some(1), 1.., Some((_, number))) = (limits.release, in_release, had.latest) {
        return Err(Refusal::AlreadyHad { coupon: CouponNumber { benefit: id, number }, next });
    }
    let counted = |(period, count): (i64, u16), current: i64| if period == current { count } else { 0 };
    let periods = [
        (Period::Day, limits.day, counted(had.day, calendar::day(now)), Some(calendar::midnight(now, 1))),
        (Period::Week, limits.week, counted(had.week, calendar::week(now)), Some(calendar::next_week(now))),
        (
            Period::Month,
            limits.month,
            counted(had.month, calendar::month(now)),
            Some(calendar::next_month(now)),
        ),
        (Period::InAll, limits.in_all, had.in_all, None),
        (Period::Release, limits.release, in_release, next),
    ];
    let reached = periods.into_iter().filter_map(|(period, max, count, again)| {
        let max = max.filter(|max| count >= *max)?;
        Some((again, Refusal::LimitReached { period, max, again }))
    });
    // Of several the one that ends last is told, so that nobody comes back for another no; one without an end comes after all.
    let last = cooling_down(terms, had, now).into_iter().chain(reached);
    last.max_by_key(|(again, _)| (again.is_none(), *again)).map_or(Ok(()), |(_, refusal)| Err(refusal))
}

fn cooling_down(terms: &Terms, had: &Had, now: Time) -> Option<(Option<Time>, Refusal)> {
    let days = terms.cool_down_days;
    let until = had.latest.filter(|_| days > 0)?.0.plus(days_of(days));
    (now < until).then_some((Some(until), Refusal::CoolingDown { days, until }))
}

/// One more was given at `given`. Of two periods the later one is kept.
pub fn count(had: &mut Had, release: Time, number: u32, given: Time) {
    had.release = up(had.release, release);
    had.day = up(had.day, calendar::day(given));
    had.week = up(had.week, calendar::week(given));
    had.month = up(had.month, calendar::month(given));
    had.in_all = had.in_all.saturating_add(1);
    had.latest = had.latest.max(Some((given, number)));
}

fn up<P: Ord>((period, count): (P, u16), then: P) -> (P, u16) {
    match period.cmp(&then) {
        Ordering::Less => (then, 1),
        Ordering::Equal => (period, count.saturating_add(1)),
        Ordering::Greater => (period, count),
    }
}

/// One that was given at `given` came back: it counts no longer, but for its own release, so that nobody takes
/// one after the other out of the same stock.
pub fn uncount(had: &mut Had, given: Time) {
    let down = |(period, count): (i64, u16), then| {
        (period, if period == then { count.saturating_sub(1) } else { count })
    };
    had.day = down(had.day, calendar::day(given));
    had.week = down(had.week, calendar::week(given));
    had.month = down(had.month, calendar::month(given));
    had.in_all = had.in_all.saturating_sub(1);
}

/// From when and until when a coupon that is given now is good.
pub fn validity(terms: &Terms, code_until: Option<Time>, now: Time) -> (Time, Time) {
    let from = terms.validity.not_before.map_or(now, |from| from.max(now));
    let until = calendar::midnight(from, terms.validity.days.saturating_add(1));
    (from, code_until.map_or(until, |end| end.min(until)))
}

/// When its owner is reminded, if that is still to come.
pub fn remind_at(terms: &Terms, until: Time, now: Time) -> Option<Time> {
    let days = Some(terms.validity.remind_days).filter(|days| *days > 0)?;
    let day = calendar::midnight(until.minus(days_of(days)), 0); // a provider's codes end at any hour
    let at = day.plus(Duration::from_secs(REMIND_HOUR * 3600));
    Some(at).filter(|at| *at > now && *at < until)
}

/// Reminders arrive in the morning.
const REMIND_HOUR: u64 = 9;

pub fn days_of(days: u16) -> Duration {
    Duration::from_secs(u64::from(days) * 86_400)
}
