use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::activity::record::*;
use crate::domain::number::written_number;
use crate::moment::Time;

written_number! {
    /// A series' number as people write it: `S3`.
    SeriesCode(u32), 'S', 1 digits
}

/// What staff decide: the first round as it is to be, and how it goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Round 1. Later rounds have all its times so many weeks later, so that weekdays and hours stay.
    pub first: Terms,
    pub every_weeks: u8,
    /// A round is published so many hours before its sign-up opens.
    pub ahead_hours: u16,
    /// `None`: until it is stopped.
    pub rounds: Option<u32>,
    /// Days, as `2027-02-16`, on which no sign-up opens: that round falls out.
    pub skip: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recurrence {
    pub id: u32,
    pub rule: Rule,
    /// The round to be made next, from 1.
    pub next: u32,
    /// When and why staff ended it.
    #[serde(default)]
    pub stopped: Option<Time>,
    pub created: Time,
    pub changed: Time,
}

const WEEK: Duration = Duration::from_secs(7 * 86_400);

impl Rule {
    /// The round's terms. `{round}` in the title is its number.
    pub fn round(&self, round: u32) -> Terms {
        let weeks = round.saturating_sub(1).saturating_mul(u32::from(self.every_weeks));
        let later = |time: Time| time.plus(WEEK * weeks);
        let mut terms = self.first.clone();
        terms.title = terms.title.replace("{round}", &round.to_string());
        for session in &mut terms.sessions {
            (session.starts, session.ends) = (later(session.starts), later(session.ends));
        }
        let Window { opens, closes, cancel_before } = terms.sign_up;
        terms.sign_up =
            Window { opens: later(opens), closes: later(closes), cancel_before: cancel_before.map(later) };
        if let Mode::Draw(draw) = &mut terms.mode {
            draw.at = later(draw.at);
        }
        if let Some(quota) = &mut terms.settings.quota {
            quota.opens = quota.opens.map(later);
        }
        if let Some(kit) = &mut terms.settings.kit {
            kit.post_by = kit.post_by.map(later);
        }
        if let Some(series) = &mut terms.series {
            series.round = Some(round);
        }
        terms
    }

    /// When the round is made.
    pub fn made_at(&self, round: u32) -> Time {
        let weeks = round.saturating_sub(1).saturating_mul(u32::from(self.every_weeks));
        let ahead = Duration::from_secs(3600 * u64::from(self.ahead_hours));
        self.first.sign_up.opens.plus(WEEK * weeks).minus(ahead)
    }

    /// Does a round's sign-up open on that day, if it goes on for so long?
    pub fn opens_on(&self, day: Date) -> bool {
        let first = self.first.sign_up.opens.date();
        let days = i64::from(first.until(day).map_or(-1, |span| span.get_days()));
        let every = i64::from(self.every_weeks.max(1)) * 7;
        days >= 0 && days % every == 0
    }

    pub fn is_over(&self, round: u32) -> bool {
        self.rounds.is_some_and(|rounds| round > rounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_round_is_the_first_weeks_later() {
        let time = |text| Time::parse(text).unwrap();
        let mut first = sample_terms();
        first.title = "手工第{round}期".to_owned();
        first.sign_up.opens = time("2026-12-22T10:00:00+08:00");
        first.sessions[0].starts = time("2026-12-27T14:00:00+08:00");
        first.settings.kit = Some(KitTerms {
            what: "包".to_owned(),
            post_by: Some(time("2026-12-25T18:00:00+08:00")),
            ..KitTerms::default()
        });
        first.series = Some(Series { name: "手工".to_owned(), max_per_person: 1, ..Series::default() });
        let rule = Rule { first, every_weeks: 1, ahead_hours: 24, rounds: None, skip: Vec::new() };
        let third = rule.round(3);
        assert_eq!(third.title, "手工第3期");
        assert_eq!(third.sign_up.opens.chinese(), "1月5日(周二) 10:00");
        assert_eq!(third.sessions[0].starts.chinese(), "1月10日(周日) 14:00");
        assert_eq!(third.settings.kit.unwrap().post_by.unwrap().chinese(), "1月8日(周五) 18:00");
        assert_eq!(third.series.unwrap().round, Some(3));
        assert_eq!(rule.made_at(3).chinese(), "1月4日(周一) 10:00");
        let opens = |rule: &Rule, day: &str| rule.opens_on(day.parse().unwrap());
        assert!(opens(&rule, "2026-12-22") && opens(&rule, "2027-02-16"));
        assert!(
            !opens(&rule, "2027-02-21") && !opens(&rule, "2026-12-15"),
            "a lesson's Sunday; before the first"
        );
        let every_other = Rule { every_weeks: 2, rounds: Some(3), ..rule };
        assert!(opens(&every_other, "2027-01-19") && !opens(&every_other, "2026-12-29"));
        assert!(opens(&every_other, "2027-02-16"), "it may be told to go on for longer");
    }
}
