//! Benefits to try the service with: `fixtures/benefits`, on at any time of day.

use serde_json::{Value, json};

use crate::moment::Time;

/// A benefit as staff would send it, and the codes to load into it.
pub struct SampleBenefit {
    pub form: String,
    pub codes: Vec<String>,
}

const BUS: &str = include_str!("../../fixtures/benefits/bus.json");
const FILM: &str = include_str!("../../fixtures/benefits/film.json");
const QUIZ: &str = include_str!("../../fixtures/benefits/quiz.json");
/// Enough for some weeks of two a release.
const FILM_CODES: u32 = 40;

/// 公交地铁一分钱 every day at ten, for members, with codes of our own; and 一元观影 on Tuesdays and Saturdays at eight
/// in the evening, for everybody, with the cinema's codes, two a time, for trying 已领完; and 答题领图书券 every day
/// at nine, for everybody, with a quiz first. Of each there is a release `now` besides.
pub fn benefits(now: Time) -> Vec<SampleBenefit> {
    let codes = (1..=FILM_CODES).map(|n| format!("SAMPLE-{n:04}")).collect();
    let members = json!({ "who": "member" });
    [(BUS, Some(members), Vec::new()), (FILM, None, codes), (QUIZ, None, Vec::new())]
        .into_iter()
        .filter_map(|(text, eligibility, codes)| {
            Some(SampleBenefit { form: always(text, eligibility, now)?, codes })
        })
        .collect()
}

/// Without a first day, beginning now, and for who was recognised a minute ago.
fn always(text: &str, eligibility: Option<Value>, now: Time) -> Option<String> {
    let mut form: Value = serde_json::from_str(text).ok()?;
    let releases = form["releases"].as_array_mut()?;
    for release in releases.iter_mut() {
        release.as_object_mut()?.remove("from");
    }
    let first = json!({ "at": now.to_string(), "stock": releases.first()?["stock"] });
    releases.push(first);
    if let Some(eligibility) = eligibility {
        form["eligibility"] = eligibility;
        form["min_bind_age"] = json!(0);
    }
    Some(form.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::benefit::record::{Stock, Way};
    use crate::domain::benefit::{rules, stock};
    use crate::staff::benefit::parse;

    #[test]
    fn on_any_day_something_can_be_claimed() {
        for hour in 0..168 {
            let now = Time::from_unix_s(1_795_536_000 + hour * 3600);
            let samples = benefits(now);
            assert_eq!(samples.len(), 3);
            for sample in samples {
                let terms = parse(&sample.form).unwrap();
                assert_eq!(terms.way == Way::Imported, !sample.codes.is_empty());
                let published = Stock { since: Some(now), ..Stock::default() };
                let (stock, _) = stock::roll(published, &terms, now);
                assert!(rules::release(&terms, &stock, now).is_ok(), "at {now}");
            }
        }
    }
}
