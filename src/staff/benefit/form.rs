//! A benefit as staff and the API write it, and what must hold before it becomes [`Terms`]. Defaults are those of
//! the federation's rules (domain rules, 3.2).

use serde::{Deserialize, Serialize};

use super::quiz_form::QuizForm;
use super::release_form::ReleaseForm;
use super::settings_form::*;
use crate::domain::benefit::calendar;
use crate::domain::benefit::record::*;
use crate::domain::benefit::wallet::STRIKES_MAX;
use crate::domain::eligibility::Who;
use crate::moment::{Time, rfc3339};
use crate::staff::FieldError;
use crate::staff::eligibility::EligibilityForm;
use crate::staff::form::{self, Problems};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenefitForm {
    pub title: String,
    pub provider: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub how_to_use: String,
    /// Card holders, if no `who` is written.
    #[serde(default)]
    pub eligibility: EligibilityForm,
    /// Days since the account was recognised as the member's; 7 if left out, where nobody but a member may have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_bind_age: Option<u16>,
    #[serde(default)]
    pub listed_only: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<u32>,
    pub releases: Vec<ReleaseForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_minutes: Option<u32>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub ends: Option<Time>,
    #[serde(default = "form::yes")]
    pub carry_over: bool,
    #[serde(default)]
    pub per_person: LimitsForm,
    #[serde(default)]
    pub cool_down_days: u16,
    #[serde(default)]
    pub mode: ModeForm,
    /// For a lottery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect_minutes: Option<u16>,
    #[serde(default = "newcomers")]
    pub newcomers: Option<NewcomersForm>,
    #[serde(default)]
    pub valid: ValidForm,
    /// Only for coupons whose use is known here: the way `own`, or `imported` and `link` with `use_reported_days`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused_rule: Option<UnusedForm>,
    /// The provider redeems here, or tells what was used, within so many days of a coupon's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_reported_days: Option<u16>,
    /// For the mode `quiz`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiz: Option<QuizForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay: Option<PayForm>,
    pub way: WayForm,
    /// For the way `link`: holds `{token}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// For the way `imported`: `Abc` and `ABC` are the same code.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub codes_ignore_case: bool,
    #[serde(default)]
    pub back: BackForm,
    #[serde(default = "alarm")]
    pub alarm_below: u32,
    /// Coupons stay their owner's; only `false` is known.
    #[serde(default)]
    pub transfer: bool,
}

fn newcomers() -> Option<NewcomersForm> {
    Some(NewcomersForm { within_minutes: 30, percent_max: 10 })
}

fn alarm() -> u32 {
    20
}

/// Settings that are looked for under another name, or in another place: those of the domain rules among them.
const ELSEWHERE: &[form::Elsewhere] = &[form::ELIGIBILITY, NAMED];

const NAMED: form::Elsewhere = &[
    ("release", "releases"),
    ("at", "releases.at"),
    ("daily", "releases.daily"),
    ("weekly", "releases.weekly"),
    ("stock", "releases.stock"),
    ("batch", "per_person.batch"),
    ("per_batch", "per_person.batch"),
    ("per_day", "per_person.day"),
    ("per_week", "per_person.week"),
    ("per_month", "per_person.month"),
    ("cool_down", "cool_down_days"),
    ("codes", "way"),
    ("price", "pay.fen"),
    ("hold_minutes", "pay.hold_minutes"),
    ("days", "valid.days"),
    ("not_before", "valid.not_before"),
    ("reminder_days", "valid.reminder_days"),
    ("unused", "unused_rule"),
    ("returns", "back.returns"),
    ("returned_to_stock", "back.returned_to_stock"),
    ("expired_to_stock", "back.expired_to_stock"),
    ("alarm", "alarm_below"),
];

const MIN_BIND_AGE: u16 = 7;
const COLLECT_MINUTES: u16 = 10;

// One row of the store holds a benefit.
const TITLE_CHARS: usize = 40;
const DESCRIPTION_CHARS: usize = 500;
const HOW_CHARS: usize = 200;
const RELEASES_MAX: usize = 20;
const TAGS_MAX: usize = 20;
const LINK_BYTES: usize = 400;
const REPORT_DAYS_MAX: u16 = 90;

/// Reads and checks a benefit; all that is wrong is said at once, by field.
pub fn parse(body: &str) -> Result<Terms, Vec<FieldError>> {
    let form: BenefitForm = form::read_knowing(body, ELSEWHERE)?;
    let mut problems = Problems::default();
    form.check(&mut problems);
    if !problems.0.is_empty() {
        return Err(problems.0);
    }
    let terms = form.terms();
    for (index, rule) in terms.releases.iter().enumerate() {
        let message = "no such day comes between `from` and `until`";
        problems.unless(!calendar::is_empty(&rule.when), format!("releases[{index}]"), message);
    }
    draw_fits(&terms, &mut problems);
    if problems.0.is_empty() { Ok(terms) } else { Err(problems.0) }
}

/// The draw is made while its release is on.
fn draw_fits(terms: &Terms, problems: &mut Problems) {
    let (Mode::Lottery { collect_minutes }, Some(open)) = (terms.mode, calendar::shortest(terms)) else {
        return;
    };
    let open = open.as_secs() / 60;
    problems.unless(
        u64::from(collect_minutes) < open,
        "collect_minutes",
        format!(
            "the draw comes {collect_minutes} minutes after a release begins, but one is over after {open}: make \
             `collect_minutes` less, or `open_minutes`, `ends` or the time to the next of `releases` more"
        ),
    );
}

impl BenefitForm {
    fn check(&self, problems: &mut Problems) {
        problems.words("title", &self.title, 1..=TITLE_CHARS);
        problems.words("provider", &self.provider, 1..=TITLE_CHARS);
        problems.words("description", &self.description, 0..=DESCRIPTION_CHARS);
        problems.words("how_to_use", &self.how_to_use, 0..=HOW_CHARS);
        self.eligibility.check(problems);
        problems.unless(self.tags.len() <= TAGS_MAX, "tags", format!("at most {TAGS_MAX}"));
        let count = self.releases.len();
        problems.unless(
            (1..=RELEASES_MAX).contains(&count),
            "releases",
            format!("1 to {RELEASES_MAX} are needed"),
        );
        for (index, release) in self.releases.iter().enumerate() {
            release.check(&format!("releases[{index}]"), problems);
        }
        problems.unless(self.open_minutes != Some(0), "open_minutes", "must be at least 1");
        self.check_limits(problems);
        self.check_mode(problems);
        self.check_way(problems);
        self.check_quiz(problems);
        let percent = self.newcomers.is_none_or(|bound| bound.percent_max <= 100);
        problems.unless(percent, "newcomers.percent_max", "is at most 100");
        problems.unless((1..=730).contains(&self.valid.days), "valid.days", "must be 1 to 730");
        let reminder = self.valid.reminder_days < self.valid.days || self.valid.reminder_days == 0;
        problems.unless(reminder, "valid.reminder_days", "must be less than `valid.days`");
        problems.unless(!self.transfer, "transfer", "coupons can't be passed on; only `false` is built");
        let paid = self.pay.as_ref().is_none_or(|pay| pay.fen > 0 && pay.hold_minutes > 0);
        problems.unless(
            paid,
            "pay",
            "`fen` and `hold_minutes` must be more than 0; leave `pay` out for nothing",
        );
    }

    fn check_limits(&self, problems: &mut Problems) {
        let limits = &self.per_person;
        let all = [
            ("batch", limits.batch),
            ("day", limits.day),
            ("week", limits.week),
            ("month", limits.month),
            ("in_all", limits.in_all),
        ];
        for (name, max) in all {
            let message = "must be at least 1; null is no limit";
            problems.unless(max != Some(0), format!("per_person.{name}"), message);
        }
    }

    fn check_mode(&self, problems: &mut Problems) {
        let lottery = self.mode == ModeForm::Lottery;
        let message = "only a lottery collects tries";
        problems.unless(lottery || self.collect_minutes.is_none(), "collect_minutes", message);
        let collects = self.collect_minutes.is_none_or(|minutes| (1..=1440).contains(&minutes));
        problems.unless(collects, "collect_minutes", "must be 1 to 1440");
    }

    fn check_way(&self, problems: &mut Problems) {
        let is_link = self.way == WayForm::Link;
        let fine = |link: &String| {
            link.starts_with("https://") && link.contains("{token}") && link.len() <= LINK_BYTES
        };
        let given = self.link.as_ref().is_some_and(fine);
        let message = "begins with https:// and holds {token}";
        problems.unless(!is_link || given, "link", format!("for the way `link`: {message}"));
        problems.unless(is_link || self.link.is_none(), "link", "belongs to the way `link`");
        let imported = self.way == WayForm::Imported;
        problems.unless(imported || !self.back.same_code, "back.same_code", "is for imported codes");
        problems.unless(imported || !self.codes_ignore_case, "codes_ignore_case", "is for imported codes");
        let told = imported || is_link;
        problems.unless(
            told || self.use_reported_days.is_none(),
            "use_reported_days",
            "is for `imported` and `link`: what is `own` is redeemed here, and a `grant` is marked by staff",
        );
        let days = self.use_reported_days.is_none_or(|days| days <= REPORT_DAYS_MAX);
        problems.unless(days, "use_reported_days", format!("at most {REPORT_DAYS_MAX}"));
        let count = self.unused_rule.as_ref().is_none_or(|rule| usize::from(rule.expired) <= STRIKES_MAX);
        problems.unless(count, "unused_rule.expired", format!("at most {STRIKES_MAX}"));
        let asks = self.unused_rule.as_ref().is_some_and(|rule| rule.expired > 0);
        problems.unless(
            !asks || self.use_is_known(),
            "unused_rule",
            "nobody here knows what was used: it needs the way `own`, or `imported` or `link` with \
             `use_reported_days` (the provider redeems here or tells what was used)",
        );
    }

    fn use_is_known(&self) -> bool {
        self.way == WayForm::Own || self.use_reported_days.is_some()
    }

    fn check_quiz(&self, problems: &mut Problems) {
        match (&self.quiz, self.mode == ModeForm::Quiz) {
            (Some(quiz), true) => quiz.check(problems),
            (None, false) => {}
            (None, true) => problems.unless(false, "quiz", "the mode `quiz` needs it"),
            (Some(_), false) => problems.unless(false, "quiz", "belongs to the mode `quiz`"),
        }
    }

    fn terms(self) -> Terms {
        let unused = self.unused();
        let written = self.min_bind_age.or(self.eligibility.bound_days);
        let mut eligibility = self.eligibility.asks(Who::CardHolder);
        let members_only = eligibility.asks_for_a_member();
        eligibility.bound_days = written.unwrap_or(if members_only { MIN_BIND_AGE } else { 0 });
        let LimitsForm { batch, day, week, month, in_all } = self.per_person;
        Terms {
            title: self.title.trim().to_owned(),
            provider: self.provider.trim().to_owned(),
            description: self.description.trim().to_owned(),
            how_to_use: self.how_to_use.trim().to_owned(),
            eligibility,
            listed_only: self.listed_only,
            tags: self.tags,
            releases: self.releases.into_iter().map(ReleaseForm::rule).collect(),
            open_minutes: self.open_minutes,
            ends: self.ends,
            carry_over: self.carry_over,
            per_person: Limits { release: batch, day, week, month, in_all },
            cool_down_days: self.cool_down_days,
            mode: match self.mode {
                ModeForm::FirstCome => Mode::FirstCome,
                ModeForm::Lottery => {
                    Mode::Lottery { collect_minutes: self.collect_minutes.unwrap_or(COLLECT_MINUTES) }
                }
                ModeForm::Quiz => Mode::Quiz,
            },
            newcomers: self.newcomers.map(|bound| Newcomers {
                within_minutes: bound.within_minutes,
                percent_max: bound.percent_max,
            }),
            validity: Validity {
                days: self.valid.days,
                not_before: self.valid.not_before,
                remind_days: self.valid.reminder_days,
            },
            unused,
            price: self.pay.map(|pay| Price { fen: pay.fen, hold_minutes: pay.hold_minutes }),
            quiz: self.quiz.map(QuizForm::quiz),
            use_reported_days: self.use_reported_days,
            codes_ignore_case: self.codes_ignore_case,
            way: match self.way {
                WayForm::Imported => Way::Imported,
                WayForm::Own => Way::Own,
                WayForm::Link => Way::Link { address: self.link.unwrap_or_default() },
                WayForm::Grant => Way::Grant,
            },
            back: Back {
                returns: self.back.returns,
                returned_to_stock: self.back.returned_to_stock,
                expired_to_stock: self.back.expired_to_stock,
                same_code: self.back.same_code,
            },
            alarm_below: self.alarm_below,
        }
    }

    /// As the rules say if left out, where it can hold.
    fn unused(&self) -> Unused {
        let UnusedForm { expired, within_days, pause_days } = self.unused_rule.clone().unwrap_or_default();
        Unused { expired: if self.use_is_known() { expired } else { 0 }, within_days, pause_days }
    }
}

impl From<&Terms> for BenefitForm {
    fn from(terms: &Terms) -> BenefitForm {
        let (mode, collect_minutes) = match terms.mode {
            Mode::FirstCome => (ModeForm::FirstCome, None),
            Mode::Lottery { collect_minutes } => (ModeForm::Lottery, Some(collect_minutes)),
            Mode::Quiz => (ModeForm::Quiz, None),
        };
        let (way, link) = match &terms.way {
            Way::Imported => (WayForm::Imported, None),
            Way::Own => (WayForm::Own, None),
            Way::Link { address } => (WayForm::Link, Some(address.clone())),
            Way::Grant => (WayForm::Grant, None),
        };
        let Limits { release, day, week, month, in_all } = terms.per_person;
        let mut eligibility = EligibilityForm::from(&terms.eligibility);
        eligibility.bound_days = None; // said by `min_bind_age`
        BenefitForm {
            title: terms.title.clone(),
            provider: terms.provider.clone(),
            description: terms.description.clone(),
            how_to_use: terms.how_to_use.clone(),
            eligibility,
            min_bind_age: Some(terms.eligibility.bound_days),
            listed_only: terms.listed_only,
            tags: terms.tags.clone(),
            releases: terms.releases.iter().map(ReleaseForm::from).collect(),
            open_minutes: terms.open_minutes,
            ends: terms.ends,
            carry_over: terms.carry_over,
            per_person: LimitsForm { batch: release, day, week, month, in_all },
            cool_down_days: terms.cool_down_days,
            mode,
            collect_minutes,
            newcomers: terms.newcomers.map(|bound| NewcomersForm {
                within_minutes: bound.within_minutes,
                percent_max: bound.percent_max,
            }),
            valid: ValidForm {
                days: terms.validity.days,
                not_before: terms.validity.not_before,
                reminder_days: terms.validity.remind_days,
            },
            unused_rule: Some(UnusedForm {
                expired: if terms.unused_known_after().is_some() { terms.unused.expired } else { 0 },
                within_days: terms.unused.within_days,
                pause_days: terms.unused.pause_days,
            }),
            use_reported_days: terms.use_reported_days,
            quiz: terms.quiz.as_ref().map(QuizForm::from),
            codes_ignore_case: terms.codes_ignore_case,
            pay: terms.price.map(|price| PayForm { fen: price.fen, hold_minutes: price.hold_minutes }),
            way,
            link,
            back: BackForm {
                returns: terms.back.returns,
                returned_to_stock: terms.back.returned_to_stock,
                expired_to_stock: terms.back.expired_to_stock,
                same_code: terms.back.same_code,
            },
            alarm_below: terms.alarm_below,
            transfer: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = r#"{"title":"公交一分钱","provider":"宁波公交","releases":[{"daily":"10:00","stock":100}],"way":"own"}"#;

    fn fields(body: &str) -> Vec<String> {
        parse(body).unwrap_err().into_iter().map(|error| error.field).collect()
    }

    fn with(more: &str) -> String {
        LEAST.replacen('{', &format!("{{{more},"), 1)
    }

    #[test]
    fn what_is_left_out_is_as_the_rules_say() {
        let terms = parse(LEAST).unwrap();
        assert_eq!((terms.eligibility.who, terms.eligibility.bound_days), (Who::CardHolder, 7));
        let limits = Limits { release: Some(1), day: None, week: None, month: Some(2), in_all: None };
        assert_eq!((terms.per_person, terms.carry_over, terms.mode), (limits, true, Mode::FirstCome));
        assert_eq!((terms.validity.days, terms.validity.remind_days), (30, 3));
        assert_eq!(terms.unused, Unused { expired: 2, within_days: 365, pause_days: 30 });
        assert_eq!(terms.price, None);
        assert_eq!(terms.newcomers, Some(Newcomers { within_minutes: 30, percent_max: 10 }));
    }

    #[test]
    fn a_condition_more_leaves_the_other_defaults_as_they_are() {
        let asked = |more: &str| parse(&with(more)).unwrap().eligibility;
        let district = asked(r#""eligibility":{"districts":["鄞州"]}"#);
        assert_eq!((district.who, district.bound_days), (Who::CardHolder, 7));
        assert_eq!(asked(r#""eligibility":{"who":"member"}"#).bound_days, 7);
        assert_eq!(asked(r#""eligibility":{"bound_days":0}"#).bound_days, 0);
        assert_eq!(asked(r#""eligibility":{"bound_days":3},"min_bind_age":1"#).bound_days, 1);
        let anyone = asked(r#""eligibility":{"who":"anyone"}"#);
        assert_eq!((anyone.who, anyone.bound_days), (Who::Anyone, 0));
        assert_eq!(asked(r#""eligibility":{"who":"anyone","districts":["鄞州"]}"#).bound_days, 7);
    }

    #[test]
    fn all_of_it_is_taken_and_comes_back_as_it_was() {
        let whole = r#"{"title":"一元观影","provider":"某影城","description":"…","how_to_use":"取票机输码",
            "eligibility":{"who":"member","districts":["鄞州"]},"min_bind_age":0,"listed_only":true,"tags":[101],
            "releases":[{"weekly":["tue","sun"],"time":"20:30","stock":5,"from":"2026-12-01T00:00:00+08:00"},
                        {"at":"2026-12-24T10:00:00+08:00","stock":7},{"daily":"10:00","stock":1}],
            "open_minutes":60,"ends":"2027-01-01T00:00:00+08:00","carry_over":false,
            "per_person":{"batch":2,"day":2,"week":3,"month":null,"in_all":9},"cool_down_days":1,
            "mode":"lottery","collect_minutes":5,"newcomers":null,
            "valid":{"days":60,"not_before":"2026-12-02T00:00:00+08:00","reminder_days":0},
            "unused_rule":{"expired":0},"codes_ignore_case":true,"pay":{"fen":100},"way":"imported",
            "back":{"returns":false,"same_code":true},"alarm_below":0}"#;
        let terms = parse(whole).unwrap();
        assert_eq!(terms.per_person.month, None);
        assert_eq!(terms.mode, Mode::Lottery { collect_minutes: 5 });
        assert_eq!(terms.price, Some(Price { fen: 100, hold_minutes: 30 }));
        let again = serde_json::to_string(&BenefitForm::from(&terms)).unwrap();
        assert_eq!(parse(&again).unwrap(), terms);
    }

    #[test]
    fn what_is_wrong_is_named_by_field_and_all_at_once() {
        assert_eq!(fields(&with(r#""colour":1"#)), ["colour"]);
        assert_eq!(fields(&with(r#""transfer":true,"collect_minutes":5"#)), ["collect_minutes", "transfer"]);
        assert_eq!(
            fields(&LEAST.replace("\"daily\":\"10:00\"", "\"daily\":\"25:00\"")),
            ["releases[0].daily"]
        );
        assert_eq!(fields(&LEAST.replace("\"daily\":\"10:00\",", "")), ["releases[0]"]);
        assert_eq!(fields(&LEAST.replace("own", "link")), ["link"]);
        let quiz = r#""mode":"quiz","quiz":{"questions":[{"text":"？","choices":["甲","乙"],"answer":3}],"right":2}"#;
        assert_eq!(fields(&with(quiz)), ["quiz.right", "quiz.questions[0].answer"]);
        assert_eq!(fields(&with(r#""mode":"quiz""#)), ["quiz"]);
        assert_eq!(fields(&with(r#""per_person":{"month":0}"#)), ["per_person.month"]);
    }

    #[test]
    fn a_draw_that_would_come_after_its_release_is_refused() {
        let draws = |more: &str| with(&format!(r#""mode":"lottery",{more}"#));
        assert_eq!(fields(&draws(r#""open_minutes":10"#)), ["collect_minutes"]);
        assert!(parse(&draws(r#""open_minutes":11"#)).is_ok());
        let release = r#"{"daily":"10:00","stock":100}"#;
        let second = format!(r#"{release},{{"at":"2026-12-24T10:30:00+08:00","stock":1}}"#);
        let two = draws(r#""collect_minutes":30"#).replace(release, &second);
        assert_eq!(fields(&two), ["collect_minutes"], "the next release comes before it");
        assert_eq!(fields(&draws(r#""ends":"2026-12-24T10:05:00+08:00""#)), ["collect_minutes"]);
        let message = &parse(&draws(r#""open_minutes":5"#)).unwrap_err()[0].message;
        assert!(message.contains("`open_minutes`") && message.contains("after 5"), "{message}");
    }

    #[test]
    fn a_release_that_never_comes_is_refused() {
        let second = |span: &str| {
            let rule = format!(r#"{{"weekly":["tue"],"time":"10:00","stock":5,{span}}}"#);
            LEAST.replace(r#""stock":100}"#, &format!(r#""stock":100}},{rule}"#))
        };
        let swapped = r#""from":"2026-12-31T00:00:00+08:00","until":"2026-12-01T00:00:00+08:00""#;
        let no_tuesday = r#""from":"2026-12-02T00:00:00+08:00","until":"2026-12-08T09:59:59+08:00""#;
        for span in [swapped, no_tuesday] {
            assert_eq!(fields(&second(span)), ["releases[1]"], "{span}");
        }
        assert!(parse(&second(&no_tuesday.replace("09:59:59", "10:00:00"))).is_ok());
    }

    #[test]
    fn unused_coupons_are_held_against_nobody_where_their_use_is_not_known() {
        assert_eq!(parse(LEAST).unwrap().unused.expired, 2);
        for way in [r#""imported""#, r#""link","link":"https://film.example/{token}""#, r#""grant""#] {
            let form = |more: &str| with(more).replace(r#""own""#, way);
            assert_eq!(parse(&form(r#""tags":[]"#)).unwrap().unused.expired, 0, "{way}: off if left out");
            assert_eq!(fields(&form(r#""unused_rule":{"expired":1}"#)), ["unused_rule"], "{way}");
            let told = form(r#""use_reported_days":7"#);
            match way {
                r#""grant""# => assert_eq!(fields(&told), ["use_reported_days"]),
                _ => assert_eq!(parse(&told).unwrap().unused.expired, 2),
            }
        }
    }

    #[test]
    fn an_unknown_setting_is_told_the_nearest_known_one() {
        let error = &parse(&with(r#""per_persn":{}"#)).unwrap_err()[0];
        assert!(error.message.contains("did you mean `per_person`?"), "{}", error.message);
        for (name, place) in ELSEWHERE.iter().copied().flatten() {
            assert!(form::knows::<BenefitForm>(LEAST, place), "{place}");
            let wrong = &parse(&with(&format!(r#""{name}":1"#))).unwrap_err()[0];
            assert!(wrong.message.ends_with(&format!("did you mean `{place}`?")), "{}", wrong.message);
        }
        let nothing_near = &parse(&with(r#""redeem":"scan""#)).unwrap_err()[0].message;
        assert!(!nothing_near.contains("did you mean"), "{nothing_near}");
        assert_eq!(fields(&with(r#""unused_rule":{"expired":51}"#)), ["unused_rule.expired"]);
        let error = &parse(&with(r#""unused_rule":{"expird":1}"#)).unwrap_err()[0];
        assert!(error.message.contains("did you mean `expired`?"), "{}", error.message);
    }
}
