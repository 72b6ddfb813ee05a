//! 困难自测: would one count as in hardship? The numbers come in one message and are kept nowhere: not in the dialogue, not
//! in a case.

use super::{State, Stepped, parse};
use crate::content::{TextSpec, Value};
use crate::flows::membership::{choices, chosen};
use crate::flows::texts::service as texts;
use crate::flows::{Input, Step, Turn, done, next};

/// Losses above this share of a year's income count (意外致困).
const LOSS_PERCENT: i64 = 80;
const PEOPLE: std::ops::RangeInclusive<i64> = 1..=20;

pub fn begin(turn: &mut Turn) -> Stepped {
    let districts = turn.content.services.lined_districts(turn.now.date());
    if districts.is_empty() {
        return done(turn.say(&texts::TEST_NONE, &[]));
    }
    let text = turn.say(&texts::TEST_DISTRICT, &[("choices", Value::raw(choices(&districts)))]);
    next(State::TestDistrict, text)
}

pub fn district(turn: &mut Turn, input: &Input) -> Stepped {
    let districts = turn.content.services.lined_districts(turn.now.date());
    match chosen(input, &districts).and_then(|at| districts.get(at)) {
        Some(district) => ask_numbers(turn, (*district).to_owned()),
        None => Ok(Step::Pass),
    }
}

fn ask_numbers(turn: &mut Turn, district: String) -> Stepped {
    let text = turn.say(&texts::TEST_NUMBERS, &[("district", Value::from(&district))]);
    next(State::TestNumbers(district), text)
}

pub fn numbers(turn: &mut Turn, district: String, input: &Input) -> Stepped {
    if matches!(input, Input::Back) {
        return begin(turn);
    }
    let Some(line) = turn.content.services.poverty_line(&district, turn.now.date()) else {
        return done(turn.say(&texts::TEST_NONE, &[]));
    };
    let typed = parse::several(input.words().unwrap_or_default());
    let told: Option<Vec<i64>> = typed.into_iter().collect();
    let household = match told.as_deref() {
        Some(&[people, income, spending]) => Some(Household { people, income, spending, losses: 0 }),
        Some(&[people, income, spending, losses]) => Some(Household { people, income, spending, losses }),
        _ => None,
    };
    match household.filter(Household::is_sound) {
        Some(household) => {
            let values = [("line", Value::from(line)), ("district", Value::from(&district))];
            done(turn.say(household.tested(i64::from(line)).spec(), &values))
        }
        None => {
            let wrong = turn.say(&texts::TEST_WRONG, &[]);
            Ok(ask_numbers(turn, district)?.after(&wrong).again())
        }
    }
}

/// Of the last year, in yuan.
struct Household {
    people: i64,
    income: i64,
    spending: i64,
    losses: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tested {
    /// 深度困难
    Deep,
    /// 相对困难
    Relative,
    /// 意外致困
    Accident,
    Not,
}

impl Household {
    fn is_sound(&self) -> bool {
        const YUAN_MAX: i64 = 1_000_000_000;
        PEOPLE.contains(&self.people)
            && [self.income, self.spending, self.losses].iter().all(|yuan| (0..=YUAN_MAX).contains(yuan))
    }

    /// (income − spending) ÷ 12 ÷ people against the line and twice the line; losses against the income. `line`: yuan a
    /// person and month. Without a division, so that nothing is rounded.
    fn tested(&self, line: i64) -> Tested {
        let (left, bar) = (self.income - self.spending, line * 12 * self.people);
        if left < bar {
            Tested::Deep
        } else if left < 2 * bar {
            Tested::Relative
        } else if self.losses * 100 > self.income * LOSS_PERCENT {
            Tested::Accident
        } else {
            Tested::Not
        }
    }
}

impl Tested {
    fn spec(self) -> &'static TextSpec {
        match self {
            Tested::Deep => &texts::TEST_DEEP,
            Tested::Relative => &texts::TEST_RELATIVE,
            Tested::Accident => &texts::TEST_ACCIDENT,
            Tested::Not => &texts::TEST_NOT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_itself_is_no_deep_hardship() {
        let tested =
            |people, income, spending, losses| Household { people, income, spending, losses }.tested(1_000);
        assert_eq!(tested(3, 35_999, 0, 0), Tested::Deep);
        assert_eq!(tested(3, 36_000, 0, 0), Tested::Relative);
        assert_eq!(tested(3, 56_000, 20_001, 0), Tested::Deep);
        assert_eq!(tested(3, 71_999, 0, 0), Tested::Relative);
        assert_eq!(tested(3, 72_000, 0, 57_600), Tested::Not);
        assert_eq!(tested(3, 72_000, 0, 57_601), Tested::Accident);
        assert_eq!(tested(2, 10_000, 50_000, 0), Tested::Deep);
    }

    #[test]
    fn nonsense_is_no_household() {
        let sound = |people, income| Household { people, income, spending: 0, losses: 0 }.is_sound();
        assert!(sound(1, 0));
        assert!(!sound(0, 1) && !sound(21, 1) && !sound(3, -1) && !sound(3, i64::MAX));
    }
}
