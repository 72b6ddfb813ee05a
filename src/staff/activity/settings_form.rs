//! How an activity goes about its seats, as staff write it; what is left out has the defaults of the domain rules.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use serde_untagged::UntaggedEnumVisitor;

use crate::domain::activity::kit::KEPT_FOR;
use crate::domain::activity::record::*;
use crate::domain::activity::waiting::WAITING_MAX;
use crate::moment::{Time, rfc3339};
use crate::staff::form::{self, Problems};

/// `"first_come"`, `"review"`, or `{"draw": {…}}`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModeForm {
    #[default]
    FirstCome,
    Draw(DrawForm),
    /// Staff pick among those who apply.
    Review,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Drawn {
    #[serde(alias = "lottery")]
    draw: DrawForm,
}

// By hand for the unions of this file: what is wrong inside of an object is then named, which a derived one keeps to itself.
impl<'de> Deserialize<'de> for ModeForm {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ModeForm, D::Error> {
        const EXPECTED: &str = "\"first_come\", \"review\", or a draw with its time: {\"draw\": {\"at\": …}}";
        UntaggedEnumVisitor::new()
            .expecting(EXPECTED)
            .string(|name| match name {
                "first_come" => Ok(ModeForm::FirstCome),
                "review" => Ok(ModeForm::Review),
                other => Err(Error::invalid_value(Unexpected::Str(other), &EXPECTED)),
            })
            .map(|map| map.deserialize().map(|Drawn { draw }| ModeForm::Draw(draw)))
            .deserialize(from)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawForm {
    #[serde(with = "rfc3339")]
    pub at: Time,
    #[serde(default = "three")]
    pub choices_max: u8,
    #[serde(default = "form::yes")]
    pub lost_first: bool,
    #[serde(default = "form::yes")]
    pub absent_last: bool,
}

const WAITING: &str =
    "true, false, a number from 0 on, or an object of max, by, offer_hours and offer_hours_last_day";

/// `true`: 20 may wait; a number: so many; `false` or 0: nobody. These move up at once. As an object, seats are offered
/// with a time to accept unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum WaitingForm {
    On(bool),
    UpTo(u16),
    By(WaitingByForm),
}

impl<'de> Deserialize<'de> for WaitingForm {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<WaitingForm, D::Error> {
        UntaggedEnumVisitor::new()
            .expecting(WAITING)
            .bool(|on| Ok(WaitingForm::On(on)))
            .i64(|count| Err(Error::invalid_value(Unexpected::Signed(count), &WAITING)))
            .u64(|count| Ok(WaitingForm::UpTo(u16::try_from(count).unwrap_or(u16::MAX))))
            .map(|map| map.deserialize().map(WaitingForm::By))
            .deserialize(from)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WaitingByForm {
    pub max: u16,
    pub by: ByForm,
    pub offer_hours: u16,
    pub offer_hours_last_day: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByForm {
    #[default]
    Offer,
    Automatic,
}

/// `true`: 3 absences in 365 days bar for 90; `false`: absences have no consequence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AbsenceForm {
    On(bool),
    Rule(AbsenceRule),
}

impl<'de> Deserialize<'de> for AbsenceForm {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<AbsenceForm, D::Error> {
        UntaggedEnumVisitor::new()
            .expecting("true, false, or an object of count, within_days and bar_days")
            .bool(|on| Ok(AbsenceForm::On(on)))
            .map(|map| map.deserialize().map(AbsenceForm::Rule))
            .deserialize(from)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AbsenceRule {
    pub count: u8,
    pub within_days: u16,
    pub bar_days: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckInForm {
    #[default]
    Code,
    Staff,
}

/// `true`, or what it is and when it is to have been posted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum KitForm {
    On(bool),
    What(KitWhat),
}

impl<'de> Deserialize<'de> for KitForm {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<KitForm, D::Error> {
        UntaggedEnumVisitor::new()
            .expecting("true, false, or an object of what, post_by and keep_days")
            .bool(|on| Ok(KitForm::On(on)))
            .map(|map| map.deserialize().map(KitForm::What))
            .deserialize(from)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitWhat {
    #[serde(default = "kit_name")]
    pub what: String,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub post_by: Option<Time>,
    /// Days after the parcel went until its address is erased.
    #[serde(default = "keep_days")]
    pub keep_days: u16,
}

fn keep_days() -> u16 {
    (KEPT_FOR.as_secs() / 86_400) as u16
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesForm {
    pub name: String,
    #[serde(default = "form::one")]
    pub max_per_person: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_period: Option<PerPeriodForm>,
    #[serde(default, skip_serializing_if = "form::is_zero")]
    pub cool_down_rounds: u16,
    #[serde(default, skip_serializing_if = "form::is_zero")]
    pub cool_down_days: u16,
    /// Given by the rule that makes the rounds, or by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerPeriodForm {
    pub count: u16,
    pub period: PeriodForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodForm {
    Month,
    Quarter,
    Year,
}

/// Domain rules, 2.2.
const WAITING_DEFAULT: u16 = 20;
const CHOICES_MAX: u8 = 5;
const OFFER_HOURS_MAX: u16 = 7 * 24;
const PER_PERIOD_MAX: u16 = 50;

fn three() -> u8 {
    3
}

fn kit_name() -> String {
    "材料包".to_owned()
}

pub fn remind_default() -> Vec<u16> {
    vec![24, 1]
}

impl Default for WaitingForm {
    fn default() -> Self {
        WaitingForm::By(WaitingByForm::default())
    }
}

impl Default for WaitingByForm {
    fn default() -> Self {
        WaitingByForm { max: WAITING_DEFAULT, by: ByForm::Offer, offer_hours: 12, offer_hours_last_day: 2 }
    }
}

impl Default for AbsenceForm {
    fn default() -> Self {
        AbsenceForm::On(true)
    }
}

impl Default for AbsenceRule {
    fn default() -> Self {
        let Absence { count, within_days, bar_days } = Absence::default();
        AbsenceRule { count, within_days, bar_days }
    }
}

impl ModeForm {
    pub fn check(&self, closes: Time, first: Option<Time>, problems: &mut Problems) {
        let ModeForm::Draw(draw) = self else { return };
        problems.unless(draw.at >= closes, "mode.draw.at", "must not be before `sign_up.closes`");
        let in_time = first.is_none_or(|first| draw.at < first);
        problems.unless(in_time, "mode.draw.at", "must be before the first session starts");
        let fits = (1..=CHOICES_MAX).contains(&draw.choices_max);
        problems.unless(fits, "mode.draw.choices_max", "must be 1 to 5");
    }

    pub fn mode(self) -> Mode {
        match self {
            ModeForm::FirstCome => Mode::FirstCome,
            ModeForm::Review => Mode::Review,
            ModeForm::Draw(DrawForm { at, choices_max, lost_first, absent_last }) => {
                Mode::Draw(DrawTerms { at, choices_max, lost_first, absent_last })
            }
        }
    }

    pub fn of(mode: &Mode) -> ModeForm {
        match mode {
            Mode::FirstCome => ModeForm::FirstCome,
            Mode::Review => ModeForm::Review,
            Mode::Draw(DrawTerms { at, choices_max, lost_first, absent_last }) => ModeForm::Draw(DrawForm {
                at: *at,
                choices_max: *choices_max,
                lost_first: *lost_first,
                absent_last: *absent_last,
            }),
        }
    }
}

impl WaitingForm {
    pub fn check(self, problems: &mut Problems) {
        problems.unless(self.max() <= WAITING_MAX, "waiting_list", format!("at most {WAITING_MAX} may wait"));
        if let WaitingForm::By(by) = self {
            for (name, hours) in
                [("offer_hours", by.offer_hours), ("offer_hours_last_day", by.offer_hours_last_day)]
            {
                let fits = (1..=OFFER_HOURS_MAX).contains(&hours);
                problems.unless(fits, format!("waiting_list.{name}"), "must be 1 to 168");
            }
        }
    }

    pub fn max(self) -> u16 {
        match self {
            WaitingForm::On(true) => WAITING_DEFAULT,
            WaitingForm::On(false) => 0,
            WaitingForm::UpTo(count) => count,
            WaitingForm::By(by) => by.max,
        }
    }

    pub fn by(self) -> WaitingBy {
        match self {
            WaitingForm::By(WaitingByForm {
                by: ByForm::Offer, offer_hours, offer_hours_last_day, ..
            }) => WaitingBy::Offer { hours: offer_hours, last_day_hours: offer_hours_last_day },
            _ => WaitingBy::Automatic,
        }
    }

    pub fn of(terms: &Terms) -> WaitingForm {
        match terms.settings.waiting {
            WaitingBy::Automatic => WaitingForm::UpTo(terms.waiting_max),
            WaitingBy::Offer { hours, last_day_hours } => WaitingForm::By(WaitingByForm {
                max: terms.waiting_max,
                by: ByForm::Offer,
                offer_hours: hours,
                offer_hours_last_day: last_day_hours,
            }),
        }
    }
}

impl AbsenceForm {
    pub fn check(self, problems: &mut Problems) {
        if let AbsenceForm::Rule(AbsenceRule { count, within_days, bar_days }) = self {
            let fits = (1..=12).contains(&count) && (1..=730).contains(&within_days);
            problems.unless(fits, "absence", "`count` must be 1 to 12, `within_days` 1 to 730");
            problems.unless((1..=366).contains(&bar_days), "absence.bar_days", "must be 1 to 366");
        }
    }

    pub fn rule(self) -> Option<Absence> {
        match self {
            AbsenceForm::On(on) => on.then(Absence::default),
            AbsenceForm::Rule(AbsenceRule { count, within_days, bar_days }) => {
                Some(Absence { count, within_days, bar_days })
            }
        }
    }

    pub fn of(rule: Option<Absence>) -> AbsenceForm {
        match rule {
            None => AbsenceForm::On(false),
            Some(Absence { count, within_days, bar_days }) => {
                AbsenceForm::Rule(AbsenceRule { count, within_days, bar_days })
            }
        }
    }
}

impl CheckInForm {
    pub fn check_in(self) -> CheckIn {
        match self {
            CheckInForm::Code => CheckIn::Code,
            CheckInForm::Staff => CheckIn::Staff,
        }
    }

    pub fn of(check_in: CheckIn) -> CheckInForm {
        match check_in {
            CheckIn::Code => CheckInForm::Code,
            CheckIn::Staff => CheckInForm::Staff,
        }
    }
}

impl KitForm {
    pub fn check(&self, problems: &mut Problems) {
        if let KitForm::What(kit) = self {
            problems.line("kit.what", &kit.what, 1..=20);
            problems.unless((1..=180).contains(&kit.keep_days), "kit.keep_days", "must be 1 to 180");
        }
    }

    pub fn kit(self) -> Option<KitTerms> {
        match self {
            KitForm::On(on) => {
                on.then(|| KitTerms { what: kit_name(), post_by: None, keep_days: keep_days() })
            }
            KitForm::What(KitWhat { what, post_by, keep_days }) => {
                Some(KitTerms { what: what.trim().to_owned(), post_by, keep_days })
            }
        }
    }

    pub fn of(kit: &KitTerms) -> KitForm {
        let keep_days = if kit.keep_days == 0 { keep_days() } else { kit.keep_days };
        KitForm::What(KitWhat { what: kit.what.clone(), post_by: kit.post_by, keep_days })
    }
}

impl SeriesForm {
    pub fn check(&self, problems: &mut Problems) {
        problems.line("series.name", &self.name, 1..=40);
        problems.unless(self.max_per_person > 0, "series.max_per_person", "must be at least 1");
        let counted = self.per_period.is_none_or(|per| (1..=PER_PERIOD_MAX).contains(&per.count));
        problems.unless(counted, "series.per_period.count", "must be 1 to 50");
        let short = self.cool_down_rounds <= 52 && self.cool_down_days <= 366;
        problems.unless(short, "series", "cools down for at most 52 rounds or 366 days");
    }

    pub fn series(self) -> Series {
        Series {
            name: self.name.trim().to_owned(),
            max_per_person: self.max_per_person,
            per_period: self.per_period.map(|PerPeriodForm { count, period }| {
                let period = match period {
                    PeriodForm::Month => Period::Month,
                    PeriodForm::Quarter => Period::Quarter,
                    PeriodForm::Year => Period::Year,
                };
                PerPeriod { count, period }
            }),
            cool_down_rounds: self.cool_down_rounds,
            cool_down_days: self.cool_down_days,
            round: self.round,
        }
    }

    pub fn of(series: &Series) -> SeriesForm {
        SeriesForm {
            name: series.name.clone(),
            max_per_person: series.max_per_person,
            per_period: series.per_period.map(|PerPeriod { count, period }| {
                let period = match period {
                    Period::Month => PeriodForm::Month,
                    Period::Quarter => PeriodForm::Quarter,
                    Period::Year => PeriodForm::Year,
                };
                PerPeriodForm { count, period }
            }),
            cool_down_rounds: series.cool_down_rounds,
            cool_down_days: series.cool_down_days,
            round: series.round,
        }
    }
}
