//! Pure decisions about cases: which moves there are, how long something may take, and what a rule says no to.

use std::time::Duration;

use jiff::civil::Date;

use super::record::*;
use crate::domain::calendar::{self, Calendar};
use crate::moment::Time;

const HOUR: Duration = Duration::from_secs(3_600);

/// Something that happens to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// The follower hands the draft in.
    Submit,
    /// A draft is dropped, by its follower or by time.
    Drop,
    /// Staff go on to another step.
    Step,
    /// Staff ask the follower for something.
    Ask,
    /// The follower answers, or staff have it by another way.
    Answer,
    /// What was asked for did not come in time.
    Lapse,
    Close,
    /// 不予办理
    Refuse,
    /// 撤回
    Withdraw,
    /// The follower objects (申请复核), once.
    Appeal,
    /// Staff take it up again.
    Reopen,
}

/// Every move there is.
pub const MOVES: &[(Status, Act, Status)] = {
    use Act::*;
    use Status::*;
    &[
        (Draft, Submit, Open),
        (Draft, Drop, Withdrawn),
        (Open, Step, Open),
        (Open, Ask, Asked),
        (Open, Close, Closed),
        (Open, Refuse, Refused),
        (Open, Withdraw, Withdrawn),
        (Asked, Answer, Open),
        (Asked, Lapse, Lapsed),
        (Asked, Close, Closed),
        (Asked, Withdraw, Withdrawn),
        // What comes late is taken all the same.
        (Lapsed, Answer, Open),
        (Lapsed, Reopen, Open),
        (Closed, Appeal, Open),
        (Closed, Reopen, Open),
        (Refused, Appeal, Open),
        (Refused, Reopen, Open),
    ]
};

/// Where an act leads; `None`: not from there.
pub fn leads(from: Status, act: Act) -> Option<Status> {
    MOVES.iter().find(|(status, known, _)| *status == from && *known == act).map(|(_, _, to)| *to)
}

/// Why staff refuse. Stable; the words are in `menus/texts.toml` under `[case_reason]`.
pub const REASONS: &[&str] =
    &["not_eligible", "not_ours", "not_enough", "duplicate", "limit_passed", "against_law", "other"];

/// What came of a case. Stable; the words are in `menus/texts.toml` under `[case_outcome]`.
pub const OUTCOMES: &[&str] = &["solved", "partly", "answered", "passed_on", NOT_SOLVED];
pub const NOT_SOLVED: &str = "not_solved";

/// When a limit that begins now is over.
pub fn due(limit: Limit, from: Time, calendar: &Calendar) -> Time {
    match limit {
        Limit::Days(days) => calendar.due(from, days),
        Limit::Hours(hours) => from.plus(HOUR * u32::from(hours)),
    }
}

/// The last moment of office hours before a day that decides, or on it if that is today; `None`: there is none any more.
pub fn before(day: Date, now: Time) -> Option<Time> {
    [day.yesterday().ok()?, day].into_iter().filter_map(Calendar::closing).find(|moment| *moment > now)
}

/// What is due by then is due soon, or overdue, if it had that limit ([`calendar::soon`]).
pub fn soon(limit: Limit, now: Time, calendar: &Calendar) -> Time {
    match limit {
        Limit::Days(days) => calendar::soon(calendar, now, days),
        Limit::Hours(hours) => {
            now.plus(HOUR * u32::from(hours.div_ceil(2))).min(calendar::soon_at_most(calendar, now))
        }
    }
}

/// What is left of a limit of that kind; at least one, so that nobody has to answer at once when it goes on.
pub fn left(kind: Limit, now: Time, until: Time, calendar: &Calendar) -> Limit {
    match kind {
        Limit::Days(_) => Limit::Days(calendar.working_days_between(now, until).max(1)),
        Limit::Hours(_) => {
            let hours = until.since(now).as_secs().div_ceil(3_600);
            Limit::Hours(u16::try_from(hours).unwrap_or(u16::MAX).max(1))
        }
    }
}

/// May it be applied for at that moment?
pub fn is_open(round: &Round, now: Time) -> Result<(), Refusal> {
    let Round { opens, closes, .. } = *round;
    match () {
        () if now < opens => Err(Refusal::RoundToCome { opens, closes }),
        () if now >= closes => Err(Refusal::RoundOver { opens, closes }),
        () => Ok(()),
    }
}

/// Why a rule says no. `code()` is stable: texts, API and metrics use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    UnknownCase,
    /// The case's status allows it no more.
    NotNow {
        status: Status,
    },
    /// So many cases of one person at once are too many.
    TooManyOpen {
        max: u16,
    },
    /// One of this kind is open: more is said there.
    OpenAlready {
        case: CaseId,
    },
    TooManyMessages {
        max: u16,
    },
    TooManyPictures {
        max: u16,
    },
    AppealOver {
        until: Time,
    },
    AppealedAlready,
    /// Nothing asks for stars, or they were given.
    NotToBeRated,
    /// Nothing was proposed, or it is over.
    NoProposal,
    /// It may be applied for later.
    RoundToCome {
        opens: Time,
        closes: Time,
    },
    RoundOver {
        opens: Time,
        closes: Time,
    },
    /// As many as there are places have applied.
    RoundFull {
        quota: u32,
    },
    /// The person has applied already.
    OncePerRound {
        case: CaseId,
    },
}

impl Refusal {
    /// Every code, for the test that finds a sentence for each.
    pub const CODES: &'static [&'static str] = &[
        "unknown_case",
        "not_now",
        "too_many_open",
        "open_already",
        "too_many_messages",
        "too_many_pictures",
        "appeal_over",
        "appealed_already",
        "not_to_be_rated",
        "no_proposal",
        "round_to_come",
        "round_over",
        "round_full",
        "once_per_round",
    ];

    pub fn code(&self) -> &'static str {
        match self {
            Refusal::UnknownCase => "unknown_case",
            Refusal::NotNow { .. } => "not_now",
            Refusal::TooManyOpen { .. } => "too_many_open",
            Refusal::OpenAlready { .. } => "open_already",
            Refusal::TooManyMessages { .. } => "too_many_messages",
            Refusal::TooManyPictures { .. } => "too_many_pictures",
            Refusal::AppealOver { .. } => "appeal_over",
            Refusal::AppealedAlready => "appealed_already",
            Refusal::NotToBeRated => "not_to_be_rated",
            Refusal::NoProposal => "no_proposal",
            Refusal::RoundToCome { .. } => "round_to_come",
            Refusal::RoundOver { .. } => "round_over",
            Refusal::RoundFull { .. } => "round_full",
            Refusal::OncePerRound { .. } => "once_per_round",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn reached() -> BTreeSet<Status> {
        let mut reached = BTreeSet::from([Status::Draft]);
        for _ in Status::ALL {
            let next: Vec<_> =
                MOVES.iter().filter(|(from, ..)| reached.contains(from)).map(|(_, _, to)| *to).collect();
            reached.extend(next);
        }
        reached
    }

    #[test]
    fn every_status_is_reached_and_only_what_its_follower_took_back_has_no_way_out() {
        assert_eq!(reached().len(), Status::ALL.len());
        let stuck = reached().into_iter().filter(|status| MOVES.iter().all(|(from, ..)| from != status));
        assert_eq!(stuck.collect::<Vec<_>>(), [Status::Withdrawn]);
    }

    #[test]
    fn whoever_must_act_the_follower_can_leave() {
        for status in reached().into_iter().filter(|status| !status.is_over()) {
            let ways = [Act::Drop, Act::Withdraw];
            assert!(ways.iter().any(|act| leads(status, *act) == Some(Status::Withdrawn)), "{status:?}");
        }
    }

    #[test]
    fn what_is_left_of_days_is_counted_in_days_that_are_worked() {
        let calendar = Calendar::new([date(2026, 10, 1)], []);
        let now = Time::at(date(2026, 9, 30), 10, 0).unwrap();
        let until = due(Limit::Days(2), now, &calendar);
        assert_eq!(until, Time::at(date(2026, 10, 5), 17, 0).unwrap());
        assert_eq!(left(Limit::Days(2), now, until, &calendar), Limit::Days(2));
        assert_eq!(left(Limit::Days(2), until, until, &calendar), Limit::Days(1));
        let soon = due(Limit::Hours(24), now, &calendar);
        assert_eq!(left(Limit::Hours(24), now.plus(HOUR / 2), soon, &calendar), Limit::Hours(24));
    }

    proptest! {
        #[test]
        fn a_clock_that_stops_and_goes_on_never_loses_a_day(days in 1u16..40, wait in 0i64..200) {
            let calendar = Calendar::default();
            let now = Time::from_unix_s(1_795_400_000);
            let left = left(Limit::Days(days), now, due(Limit::Days(days), now, &calendar), &calendar);
            prop_assert_eq!(left, Limit::Days(days));
            let again = now.plus(HOUR * 24 * u32::try_from(wait).unwrap());
            prop_assert!(due(left, again, &calendar) >= due(Limit::Days(days), now, &calendar));
        }
    }
}
