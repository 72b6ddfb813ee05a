//! What to try the service with: `fixtures/activities`, placed around today; benefits; made-up members, and what they
//! are covered for.

mod benefits;
mod covers;

use serde_json::Value;

use crate::moment::Time;

pub use benefits::{SampleBenefit, benefits};
pub use covers::{SampleList, enrolments, schemes};

/// As staff would send them.
const FILES: [(&str, &str); 9] = [
    ("hike", include_str!("../fixtures/activities/hike.json")),
    ("swimming", include_str!("../fixtures/activities/swimming.json")),
    ("tea", include_str!("../fixtures/activities/tea.json")),
    ("family-orienteering", include_str!("../fixtures/activities/family-orienteering.json")),
    ("tuesday-craft", include_str!("../fixtures/activities/tuesday-craft.json")),
    ("summer-camp", include_str!("../fixtures/activities/summer-camp.json")),
    ("badminton", include_str!("../fixtures/activities/badminton.json")),
    ("health-talk", include_str!("../fixtures/activities/health-talk.json")),
    ("science-lab", include_str!("../fixtures/activities/science-lab.json")),
];

/// The day in UTC+8 that the files are written for: the last second before it is 2026-11-24T23:59:59+08:00.
const WRITTEN_FOR: Time = Time::from_unix_s(1_795_536_000);
const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;

/// The sample activities as JSON of the staff API, their dates moved by whole weeks, so that what opens
/// on a Tuesday still does. On any day of the week the sign-up of all but one (羽毛球) is open; 茶艺 has two seats, for
/// trying the waiting list.
pub fn activities(now: Time) -> Vec<String> {
    let weeks = (now.unix_ms() - WRITTEN_FOR.unix_ms()).div_euclid(WEEK_MS);
    let forms = FILES.iter().filter_map(|(_, text)| serde_json::from_str(text).ok());
    forms.map(|form| moved(form, weeks).to_string()).collect()
}

/// Members of a federation that isn't there, as JSON of the staff API: their identity numbers are of a region that
/// isn't given out. The first has a card that is in use.
pub fn members() -> Vec<Value> {
    serde_json::from_str(include_str!("../fixtures/members/sample.json")).unwrap_or_default()
}

fn moved(value: Value, weeks: i64) -> Value {
    match value {
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, moved(value, weeks))).collect()
        }
        Value::Array(items) => items.into_iter().map(|item| moved(item, weeks)).collect(),
        Value::String(text) => match Time::parse(&text) {
            Ok(time) => Value::String(Time::from_unix_ms(time.unix_ms() + weeks * WEEK_MS).to_string()),
            Err(_) => Value::String(text),
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::record::Terms;
    use crate::domain::activity::rules;
    use crate::staff::activity::parse;

    fn terms(now: Time) -> Vec<Terms> {
        let parsed = activities(now).iter().map(|form| parse(form).unwrap()).collect::<Vec<_>>();
        assert_eq!(parsed.len(), FILES.len());
        parsed
    }

    #[test]
    fn on_any_day_all_but_one_are_open() {
        let hours = |n: i64| Time::from_unix_ms(WRITTEN_FOR.unix_ms() + n * 3_600_000);
        for hour in [-30_000, -1, 0, 12, 167, 168, 335, 100_000].into_iter().chain(0..170) {
            let now = hours(hour);
            let is_open = |terms: &&Terms| terms.sign_up.opens <= now && now < terms.sign_up.closes;
            let all = terms(now);
            assert_eq!(all.iter().filter(is_open).count(), all.len() - 1, "at {now}");
            assert!(all.iter().any(|terms| terms.sign_up.opens > now), "at {now}");
            assert!(all.iter().all(|terms| rules::cancel_deadline(terms, 1) > now), "at {now}");
        }
    }

    #[test]
    fn sample_members_are_such_as_staff_could_enter() {
        use crate::domain::member::list::{Listed, check};
        use crate::staff::member::RowForm;

        let rows = members();
        assert!(rows.len() >= 5);
        for row in rows {
            let form: RowForm = serde_json::from_value(row).unwrap();
            let listed = Listed::try_from(form).and_then(|row| check(row, WRITTEN_FOR)).unwrap();
            assert!(listed.identity.starts_with("330299") && listed.name.contains("样例"));
        }
    }

    #[test]
    fn weekdays_stay() {
        let now = Time::parse("2027-05-16T09:00:00+08:00").unwrap();
        let craft = terms(now).into_iter().find(|terms| terms.title == "周二手工课").unwrap();
        assert!(craft.sign_up.opens.chinese().contains("周二"));
        assert!(craft.sessions.iter().all(|session| session.starts.chinese().contains("周日")));
        let tea = terms(now).into_iter().find(|terms| terms.title.starts_with("茶艺")).unwrap();
        assert_eq!(tea.sessions[0].capacity, 2);
    }

    #[test]
    fn on_the_day_they_are_written_for_nothing_moves() {
        for ((name, text), form) in FILES.iter().zip(activities(WRITTEN_FOR)) {
            assert_eq!(parse(text).unwrap(), parse(&form).unwrap(), "{name}");
        }
    }
}
