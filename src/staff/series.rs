//! What staff do with series.

use std::convert::Infallible;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::act::see;
use super::activity::{ActivityForm, ELSEWHERE};
use super::form::{self, Problems};
use super::{Act, ActError, AsOf, Call, FieldError, Refuse, Role, perform, permit};
use crate::domain::activity::record::ActivityCode;
use crate::domain::series::commands;
use crate::domain::series::record::{Recurrence, Rule, SeriesCode};
use crate::domain::tables::SERIES_RULES;
use crate::moment::{Time, rfc3339};
use crate::store::{Fault, Tx};

const LIST_MAX: usize = 100;
const ROUNDS_SHOWN: usize = 20;

/// A series as staff write it: its first round, and how it goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesRuleForm {
    /// The first round, as an activity is written; it needs a `series`. `{round}` in its title is the round's number.
    pub first: ActivityForm,
    #[serde(default = "form::one")]
    pub every_weeks: u8,
    /// A round is published so long before its sign-up opens.
    #[serde(default = "day")]
    pub ahead_hours: u16,
    /// Until it is stopped, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<u32>,
    /// Days on which no sign-up opens, such as `2027-02-16`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
}

fn day() -> u16 {
    24
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesView {
    pub id: String,
    pub title: String,
    /// `running`, `stopped` or `over`.
    pub state: String,
    /// The round that is made next, and when.
    pub next: u32,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub next_made: Option<Time>,
    /// None in an answer that an earlier version kept.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub changed: Option<Time>,
    /// The latest rounds, newest first.
    pub rounds: Vec<RoundView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<SeriesRuleForm>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundView {
    pub round: u32,
    pub activity: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesList {
    pub series: Vec<SeriesView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Reads and checks a rule; all that is wrong is said at once, by field.
pub fn parse(body: &str) -> Result<Rule, Vec<FieldError>> {
    let form: SeriesRuleForm = form::read_knowing(body, ELSEWHERE)?;
    let mut problems = Problems::default();
    form.first.check_in(&mut problems, "first.");
    problems.unless(form.first.series.is_some(), "first.series", "a round needs a series' name and limit");
    problems.unless((1..=8).contains(&form.every_weeks), "every_weeks", "must be 1 to 8");
    problems.unless(form.ahead_hours <= 21 * 24, "ahead_hours", "at most 504");
    problems.unless(form.rounds.is_none_or(|n| (1..=520).contains(&n)), "rounds", "must be 1 to 520");
    problems.unless(form.skip.len() <= 60, "skip", "at most 60 days");
    let SeriesRuleForm { first, every_weeks, ahead_hours, rounds, skip } = form;
    let mut rule = Rule { first: first.terms(), every_weeks, ahead_hours, rounds, skip: Vec::new() };
    for (index, day) in skip.iter().enumerate() {
        let field = format!("skip[{index}]");
        match day.parse::<Date>() {
            Ok(day) if rule.opens_on(day) => rule.skip.push(day.to_string()),
            Ok(_) => {
                problems.say(field, "no round's sign-up opens on that day; write the day on which it does")
            }
            Err(_) => problems.say(field, "must be a day like 2027-02-16"),
        }
    }
    if problems.0.is_empty() { Ok(rule) } else { Err(problems.0) }
}

pub async fn create(call: &Call, body: &str) -> Result<SeriesView, ActError> {
    let act = act("series.create", String::new(), body);
    permit(call, &act).await?;
    let rule = parse(body).map_err(ActError::Invalid)?;
    act_on(call, act, move |tx| commands::create(tx, rule.clone()).map(Ok::<_, Infallible>)).await
}

pub async fn change(call: &Call, id: SeriesCode, as_of: AsOf, body: &str) -> Result<SeriesView, ActError> {
    let act = act("series.change", id.to_string(), &as_of.with(body));
    permit(call, &act).await?;
    let rule = parse(body).map_err(ActError::Invalid)?;
    act_on(call, act, move |tx| {
        let changed = tx.get(&SERIES_RULES, &id.0)?.map(|found| found.changed);
        as_of.and(tx, id, changed, |tx| commands::change(tx, id.0, rule.clone()))
    })
    .await
}

pub async fn stop(call: &Call, id: SeriesCode) -> Result<SeriesView, ActError> {
    act_on(call, act("series.stop", id.to_string(), ""), move |tx| commands::stop(tx, id.0)).await
}

pub async fn get(call: &Call, id: SeriesCode) -> Result<SeriesView, ActError> {
    let read = move |tx: &Tx| tx.get(&SERIES_RULES, &id.0)?.map(|found| view(tx, &found, true)).transpose();
    let found = see(call, act("series.show", id.to_string(), ""), read).await?;
    found.ok_or_else(|| ActError::NotFound(format!("series {id}")))
}

pub async fn list(call: &Call, after: Option<SeriesCode>) -> Result<SeriesList, ActError> {
    let after = after.map(|code| code.0);
    let read = move |tx: &Tx| {
        let page = tx.scan(&SERIES_RULES, &(), after.as_ref(), LIST_MAX)?;
        let series =
            page.rows.iter().map(|(_, found)| view(tx, found, false)).collect::<Result<_, Fault>>()?;
        Ok(SeriesList { series, next: page.next.map(|id| SeriesCode(id).to_string()) })
    };
    see(call, act("series.list", String::new(), ""), read).await
}

fn act(name: &'static str, subject: String, request: &str) -> Act {
    Act { name, subject, role: Role::Activity, detail: String::new(), request: request.to_owned() }
}

async fn act_on<R: Refuse>(
    call: &Call,
    act: Act,
    command: impl Fn(&mut Tx) -> Result<Result<Recurrence, R>, Fault> + Send + Sync + 'static,
) -> Result<SeriesView, ActError> {
    perform(call, act, move |tx| {
        Ok(match command(tx)? {
            Ok(found) => Ok((SeriesCode(found.id).to_string(), view(tx, &found, false)?)),
            Err(refusal) => Err(refusal),
        })
    })
    .await
}

fn view(tx: &Tx, found: &Recurrence, whole: bool) -> Result<SeriesView, Fault> {
    let over = found.rule.is_over(found.next);
    let state = match found.stopped {
        Some(_) => "stopped",
        None if over => "over",
        None => "running",
    };
    let rounds = commands::rounds(tx, found.id, ROUNDS_SHOWN)?;
    let rounds = rounds
        .into_iter()
        .map(|(round, activity)| RoundView { round, activity: ActivityCode(activity).to_string() })
        .collect();
    let rule = &found.rule;
    let form = SeriesRuleForm {
        first: ActivityForm::from(&rule.first),
        every_weeks: rule.every_weeks,
        ahead_hours: rule.ahead_hours,
        rounds: rule.rounds,
        skip: rule.skip.clone(),
    };
    Ok(SeriesView {
        id: SeriesCode(found.id).to_string(),
        title: rule.first.title.clone(),
        state: state.to_owned(),
        next: found.next,
        next_made: (state == "running").then(|| rule.made_at(found.next)),
        changed: Some(found.changed),
        rounds,
        series: whole.then_some(form),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_on_which_nothing_opens_is_no_day_to_skip() {
        let first = include_str!("../../fixtures/activities/tea.json").trim_end().trim_end_matches('}');
        let rule = |skip: &str| {
            let first = format!(r#"{first}, "series": {{"name": "茶"}}}}"#);
            parse(&format!(r#"{{"first": {first}, "skip": [{skip}]}}"#))
        };
        let opens = rule("").unwrap().first.sign_up.opens;
        let day = |after: u32| {
            let day = opens.plus(std::time::Duration::from_secs(86_400) * after);
            format!("\"{}\"", day.date())
        };
        assert_eq!(rule(&day(14)).unwrap().skip.len(), 1);
        let refused = rule(&format!("{}, {}, \"soon\"", day(7), day(12))).unwrap_err();
        let fields: Vec<_> = refused.iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(fields, ["skip[1]", "skip[2]"]);
        assert!(refused[0].message.contains("no round's sign-up opens"), "{}", refused[0].message);
    }
}
