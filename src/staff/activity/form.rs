//! An activity as staff and the API write it, and what must hold before it becomes [`Terms`].

use serde::{Deserialize, Serialize};

use super::elsewhere::ELSEWHERE;
use super::people_form::{AgesForm, ConsentForm, InsuranceForm, QuotaForm, SeatsByForm};
use super::settings_form::{
    AbsenceForm, CheckInForm, KitForm, ModeForm, SeriesForm, WaitingForm, remind_default,
};
use crate::domain::activity::forget;
use crate::domain::activity::record::*;
use crate::moment::{Time, rfc3339};
use crate::staff::FieldError;
use crate::staff::eligibility::{AgeForm, EligibilityForm};
use crate::staff::form::{self, Problems};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityForm {
    pub title: String,
    #[serde(default)]
    pub category: String,
    #[serde(default)]
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<OnlineForm>,
    pub sessions: Vec<SessionForm>,
    pub sign_up: WindowForm,
    #[serde(default)]
    pub waiting_list: WaitingForm,
    #[serde(default)]
    pub party: PartyForm,
    /// Members, if no `who` is written.
    #[serde(default)]
    pub eligibility: EligibilityForm,
    #[serde(default)]
    pub questions: Vec<QuestionForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<SeriesForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeForm>,
    #[serde(default)]
    pub mode: ModeForm,
    #[serde(default)]
    pub absence: AbsenceForm,
    #[serde(default)]
    pub check_in: CheckInForm,
    /// Hours before the start at which who is confirmed is reminded.
    #[serde(default = "remind_default")]
    pub remind_hours: Vec<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kit: Option<KitForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_by: Option<QuotaForm>,
    /// Sign-ups that one person may have at a time; `null` is one for each session. Left out, it is 1; in a series
    /// `series.max_per_person` says it, in a draw its `choices_max`.
    #[serde(default, deserialize_with = "form::written", skip_serializing_if = "Option::is_none")]
    pub per_person: Option<Option<u16>>,
    /// Who came to less of a round of the series than this share is not in the next one; `null` shuts nobody out. Left
    /// out, it is 0.7 for a course: a series of which one person may have several sessions at a time.
    #[serde(default, deserialize_with = "form::written", skip_serializing_if = "Option::is_none")]
    pub attendance_min: Option<Option<f32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<InsuranceForm>,
    #[serde(default, skip_serializing_if = "AgesForm::is_none")]
    pub age: AgesForm,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<ConsentForm>,
    /// Numbers of the account's tags; any of them will do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<u32>,
    /// Days after the session until what was told for a sign-up is erased; of who brings children never more than 90.
    #[serde(default = "kept_days")]
    pub keep_days: u16,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnlineForm {
    /// Shown to those who are confirmed.
    #[serde(default)]
    pub link: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionForm {
    #[serde(with = "rfc3339")]
    pub starts: Time,
    #[serde(with = "rfc3339")]
    pub ends: Time,
    pub capacity: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowForm {
    #[serde(with = "rfc3339")]
    pub opens: Time,
    #[serde(with = "rfc3339")]
    pub closes: Time,
    /// 24 hours before each session if left out (domain rules, 2.2).
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub cancel_before: Option<Time>,
    /// After that, giving it back counts half an absence; if `false`, only staff can take it back. Left out, it is so
    /// where no `cancel_before` is written: a deadline that somebody wrote is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_cancel: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PartyForm {
    pub max_companions: u8,
    pub max_children: u8,
    pub min_children: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_age: Option<AgeForm>,
    pub seats_by: SeatsByForm,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionForm {
    pub name: String,
    pub ask: String,
    pub kind: KindForm,
    #[serde(default = "form::yes")]
    pub required: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KindForm {
    Text,
    Choice,
    Number,
    Phone,
    Address,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeForm {
    pub title: String,
    pub text: String,
    #[serde(default = "form::one")]
    pub version: u16,
}

/// Domain rules, 2.2.
const PER_PERSON: u16 = 1;
const ATTENDANCE_MIN: f32 = 0.7;

fn kept_days() -> u16 {
    forget::KEPT_DAYS
}

// One row of the store holds an activity, another a follower's draft for it; both have to stay small.
const TITLE_CHARS: usize = 40;
const DESCRIPTION_CHARS: usize = 1200;
const NOTICE_CHARS: usize = 600;
const SESSIONS_MAX: usize = 20;
const QUESTIONS_MAX: usize = 8;
const OPTIONS_MAX: usize = 12;
const ASK_CHARS: usize = 100;
const TEXT_ANSWER_CHARS: u16 = 100;
/// Of a number for which none is written.
const NUMBER_MAX: i64 = 1_000_000;
const CAPACITY_MAX: u32 = 100_000;
const PARTY_MAX: u8 = 9;
const TAGS_MAX: usize = 20;

/// Reads and checks an activity; all that is wrong is said at once, by field.
pub fn parse(body: &str) -> Result<Terms, Vec<FieldError>> {
    let form: ActivityForm = form::read_knowing(body, ELSEWHERE)?;
    let mut problems = Problems::default();
    form.check(&mut problems);
    if problems.0.is_empty() { Ok(form.terms()) } else { Err(problems.0) }
}

impl ActivityForm {
    /// As [`parse`] checks it, with what is wrong named from the whole that it is a part of.
    pub fn check_in(&self, problems: &mut Problems, within: &str) {
        let mut own = Problems::default();
        self.check(&mut own);
        for FieldError { field, message } in own.0 {
            problems.say(format!("{within}{field}"), message);
        }
    }

    fn check(&self, problems: &mut Problems) {
        problems.line("title", &self.title, 1..=TITLE_CHARS);
        problems.line("category", &self.category, 0..=20);
        problems.words("description", &self.description, 0..=DESCRIPTION_CHARS);
        problems.line("place", self.place.as_deref().unwrap_or_default(), 0..=60);
        let one_place = self.place.is_none() || self.online.is_none();
        problems.unless(one_place, "online", "an activity is at a `place` or `online`, not both");
        let link = self.online.as_ref().and_then(|online| online.link.as_deref());
        let safe = link.is_none_or(|link| link.starts_with("https://") && link.len() <= 300);
        problems.unless(safe, "online.link", "must be an https:// address of at most 300 bytes");
        self.check_times(problems);
        self.check_people(problems);
        self.check_questions(problems);
    }

    fn check_times(&self, problems: &mut Problems) {
        let count = self.sessions.len();
        problems.unless((1..=SESSIONS_MAX).contains(&count), "sessions", "must be 1 to 20 sessions");
        for (index, session) in self.sessions.iter().enumerate() {
            let field = |name: &str| format!("sessions[{index}].{name}");
            problems.unless(session.starts < session.ends, field("ends"), "must be after `starts`");
            let fits = (1..=CAPACITY_MAX).contains(&session.capacity);
            problems.unless(fits, field("capacity"), "must be 1 to 100000");
        }
        let window = &self.sign_up;
        problems.unless(window.opens < window.closes, "sign_up.closes", "must be after `opens`");
        let last = self.sessions.iter().map(|session| session.ends).max();
        let in_time = last.is_none_or(|last| window.closes <= last);
        problems.unless(in_time, "sign_up.closes", "must not be after the last session has ended");
        let first = self.sessions.iter().map(|session| session.starts).min();
        self.mode.check(window.closes, first, problems);
    }

    fn check_people(&self, problems: &mut Problems) {
        let party = &self.party;
        let small = party.max_companions <= PARTY_MAX && party.max_children <= PARTY_MAX;
        problems.unless(small, "party", "at most 9 companions and 9 children");
        let sound = party.min_children <= party.max_children;
        problems.unless(sound, "party.min_children", "must not be more than `max_children`");
        let rising = party.child_age.is_none_or(|age| age.min <= age.max);
        problems.unless(rising, "party.child_age", "`min` must not be more than `max`");
        self.eligibility.check(problems);
        self.waiting_list.check(problems);
        self.absence.check(problems);
        if let Some(series) = &self.series {
            series.check(problems);
        }
        if let Some(kit) = &self.kit {
            kit.check(problems);
        }
        self.check_settings(problems);
        let few = self.remind_hours.len() <= 4 && self.remind_hours.iter().all(|h| (1..=336).contains(h));
        problems.unless(few, "remind_hours", "at most 4, each 1 to 336 hours before the start");
        if let Some(notice) = &self.notice {
            problems.line("notice.title", &notice.title, 1..=TITLE_CHARS);
            problems.words("notice.text", &notice.text, 1..=NOTICE_CHARS);
        }
    }

    fn check_settings(&self, problems: &mut Problems) {
        if let Some(quota) = &self.quota_by {
            let least = self.sessions.iter().map(|session| session.capacity).min().unwrap_or(0);
            quota.check(least, problems);
            problems.unless(
                quota.opens.is_none() || !matches!(self.mode, ModeForm::Draw(_)),
                "quota_by.opens",
                "is no setting of a draw: what the shares leave goes to the others in the draw itself",
            );
        }
        let counted = self.per_person.flatten().is_none_or(|max| (1..=20).contains(&max));
        problems.unless(counted, "per_person", "must be 1 to 20; null is one for each session");
        if let Some(min) = self.attendance_min.flatten() {
            problems.unless((0.01..=1.0).contains(&min), "attendance_min", "must be a share, such as 0.7");
            problems.unless(self.series.is_some(), "attendance_min", "is for rounds of a `series`");
        }
        if let Some(insurance) = &self.insurance {
            insurance.check(problems);
        }
        let rising = |age: Option<AgeForm>| age.is_none_or(|age| age.min <= age.max);
        problems.unless(rising(self.age.adult), "age.adult", "`min` must not be more than `max`");
        problems.unless(rising(self.age.child), "age.child", "`min` must not be more than `max`");
        let once = self.age.child.is_none() || self.party.child_age.is_none();
        problems.unless(once, "age.child", "is the same as `party.child_age`; write one of them");
        ConsentForm::check_all(&self.consents, self.party.max_children, problems);
        problems.unless(self.tags.len() <= TAGS_MAX, "tags", "at most 20");
        problems.unless((1..=forget::KEPT_DAYS).contains(&self.keep_days), "keep_days", "must be 1 to 365");
    }

    fn check_questions(&self, problems: &mut Problems) {
        problems.unless(self.questions.len() <= QUESTIONS_MAX, "questions", "at most 8 questions");
        for (index, question) in self.questions.iter().enumerate() {
            let field = |name: &str| format!("questions[{index}].{name}");
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            let named = (1..=32).contains(&question.name.len()) && question.name.chars().all(plain);
            problems.unless(named, field("name"), "must be 1 to 32 of a-z, 0-9 and _");
            let first = self.questions.iter().position(|other| other.name == question.name) == Some(index);
            problems.unless(
                first,
                field("name"),
                format!("`{}` is the name of another question", question.name),
            );
            problems.words(field("ask"), &question.ask, 1..=ASK_CHARS);
            let choice = question.kind == KindForm::Choice;
            let options = question.options.len();
            let counted = if choice { (2..=OPTIONS_MAX).contains(&options) } else { options == 0 };
            problems.unless(counted, field("options"), "a choice has 2 to 12 options, other kinds have none");
            for (at, option) in question.options.iter().enumerate() {
                let field = field(&format!("options[{at}]"));
                let first = question.options.iter().position(|other| other == option) == Some(at);
                problems.unless(first, field.clone(), "is an option already");
                problems.line(field, option, 1..=30);
            }
            let (min, max) = question.range();
            let message = format!("must not be more than `max`: {min} to {max} takes nothing");
            problems.unless(min <= max, field("min"), message);
            let number =
                question.kind == KindForm::Number || (question.min.is_none() && question.max.is_none());
            problems.unless(number, field("min"), "only a number has `min` and `max`");
            let short = question.max_chars.is_none_or(|max| (1..=TEXT_ANSWER_CHARS).contains(&max));
            problems.unless(short, field("max_chars"), "must be 1 to 100");
            let free = question.kind == KindForm::Text || question.max_chars.is_none();
            problems.unless(free, field("max_chars"), "only a text has `max_chars`");
        }
    }

    /// 0: one for each session.
    fn per_person(&self) -> u16 {
        let is_said_elsewhere = self.series.is_some() || matches!(self.mode, ModeForm::Draw(_));
        match self.per_person {
            Some(written) => written.unwrap_or(0),
            None if is_said_elsewhere => 0,
            None => PER_PERSON,
        }
    }

    fn attendance_min(&self) -> Option<f32> {
        let several = self.series.as_ref().is_some_and(|series| series.max_per_person > 1);
        let is_course = several && self.sessions.len() > 1 && self.per_person() != 1;
        self.attendance_min.unwrap_or_else(|| is_course.then_some(ATTENDANCE_MIN))
    }

    pub fn terms(self) -> Terms {
        let (per_person, attendance_min) = (self.per_person(), self.attendance_min());
        Terms {
            title: self.title.trim().to_owned(),
            category: self.category.trim().to_owned(),
            description: self.description.trim().to_owned(),
            place: match (self.place, self.online) {
                (_, Some(online)) => Place::Online { link: online.link },
                (place, None) => Place::At(place.unwrap_or_default().trim().to_owned()),
            },
            sessions: self
                .sessions
                .into_iter()
                .map(|SessionForm { starts, ends, capacity }| Session { starts, ends, capacity })
                .collect(),
            sign_up: Window {
                opens: self.sign_up.opens,
                closes: self.sign_up.closes,
                cancel_before: self.sign_up.cancel_before,
            },
            waiting_max: self.waiting_list.max(),
            party: Party {
                max_companions: self.party.max_companions,
                max_children: self.party.max_children,
                min_children: self.party.min_children,
                child_age: self.party.child_age.or(self.age.child).map(|age| (age.min, age.max)),
            },
            questions: self.questions.into_iter().map(QuestionForm::question).collect(),
            eligibility: self.eligibility.asks(Who::Member),
            series: self.series.map(SeriesForm::series),
            notice: self.notice.map(|NoticeForm { title, text, version }| Notice { title, text, version }),
            mode: self.mode.mode(),
            settings: Settings {
                waiting: self.waiting_list.by(),
                late_cancel: self.sign_up.late_cancel.unwrap_or(self.sign_up.cancel_before.is_none()),
                absence: self.absence.rule(),
                check_in: self.check_in.check_in(),
                remind_hours: self.remind_hours,
                kit: self.kit.and_then(KitForm::kit),
                quota: self.quota_by.map(QuotaForm::quota),
                per_person,
                attendance_min: attendance_min.map(|share| (share * 100.0).round() as u8),
                insurance: self.insurance.map(InsuranceForm::insurance),
                adult_age: self.age.adult.map(|age| (age.min, age.max)),
                consents: self.consents.into_iter().map(ConsentForm::terms).collect(),
                tags: self.tags,
                party_takes_one: self.party.seats_by == SeatsByForm::Party,
                keep_days: self.keep_days,
            },
        }
    }
}

impl QuestionForm {
    /// What a number may be.
    fn range(&self) -> (i64, i64) {
        (self.min.unwrap_or(0), self.max.unwrap_or(NUMBER_MAX))
    }

    fn question(self) -> Question {
        let kind = match self.kind {
            KindForm::Text => QuestionKind::Text { max_chars: self.max_chars.unwrap_or(TEXT_ANSWER_CHARS) },
            KindForm::Choice => QuestionKind::Choice { options: self.options },
            KindForm::Number => {
                let (min, max) = self.range();
                QuestionKind::Number { min, max }
            }
            KindForm::Phone => QuestionKind::Phone,
            KindForm::Address => QuestionKind::Address,
        };
        Question { name: self.name, ask: self.ask.trim().to_owned(), kind, required: self.required }
    }
}

impl From<&Terms> for ActivityForm {
    fn from(terms: &Terms) -> ActivityForm {
        let age = |range: Option<(u8, u8)>| range.map(|(min, max)| AgeForm { min, max });
        let (place, online) = match &terms.place {
            Place::At(place) => (Some(place.clone()), None),
            Place::Online { link } => (None, Some(OnlineForm { link: link.clone() })),
        };
        ActivityForm {
            title: terms.title.clone(),
            category: terms.category.clone(),
            description: terms.description.clone(),
            place,
            online,
            sessions: terms
                .sessions
                .iter()
                .map(|s| SessionForm { starts: s.starts, ends: s.ends, capacity: s.capacity })
                .collect(),
            sign_up: WindowForm {
                opens: terms.sign_up.opens,
                closes: terms.sign_up.closes,
                cancel_before: terms.sign_up.cancel_before,
                late_cancel: Some(terms.settings.late_cancel),
            },
            waiting_list: WaitingForm::of(terms),
            party: PartyForm {
                max_companions: terms.party.max_companions,
                max_children: terms.party.max_children,
                min_children: terms.party.min_children,
                child_age: age(terms.party.child_age),
                seats_by: match terms.settings.party_takes_one {
                    true => SeatsByForm::Party,
                    false => SeatsByForm::Head,
                },
            },
            eligibility: EligibilityForm::from(&terms.eligibility),
            questions: terms.questions.iter().map(QuestionForm::from).collect(),
            series: terms.series.as_ref().map(SeriesForm::of),
            notice: terms.notice.as_ref().map(|n| NoticeForm {
                title: n.title.clone(),
                text: n.text.clone(),
                version: n.version,
            }),
            mode: ModeForm::of(&terms.mode),
            absence: AbsenceForm::of(terms.settings.absence),
            check_in: CheckInForm::of(terms.settings.check_in),
            remind_hours: terms.settings.remind_hours.clone(),
            kit: terms.settings.kit.as_ref().map(KitForm::of),
            quota_by: terms.settings.quota.as_ref().map(QuotaForm::of),
            per_person: Some(Some(terms.settings.per_person).filter(|max| *max > 0)),
            attendance_min: Some(terms.settings.attendance_min.map(|percent| f32::from(percent) / 100.0)),
            insurance: terms.settings.insurance.as_ref().map(InsuranceForm::of),
            age: AgesForm { adult: age(terms.settings.adult_age), child: None },
            consents: terms.settings.consents.iter().map(ConsentForm::of).collect(),
            tags: terms.settings.tags.clone(),
            keep_days: forget::keep_days(&terms.settings),
        }
    }
}

impl From<&Question> for QuestionForm {
    fn from(question: &Question) -> QuestionForm {
        let mut form = QuestionForm {
            name: question.name.clone(),
            ask: question.ask.clone(),
            kind: KindForm::Phone,
            required: question.required,
            options: Vec::new(),
            min: None,
            max: None,
            max_chars: None,
        };
        match &question.kind {
            QuestionKind::Text { max_chars } => {
                (form.kind, form.max_chars) = (KindForm::Text, Some(*max_chars));
            }
            QuestionKind::Choice { options } => {
                (form.kind, form.options) = (KindForm::Choice, options.clone());
            }
            QuestionKind::Number { min, max } => {
                (form.kind, form.min, form.max) = (KindForm::Number, Some(*min), Some(*max));
            }
            QuestionKind::Phone => form.kind = KindForm::Phone,
            QuestionKind::Address => form.kind = KindForm::Address,
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::rules::cancel_deadline;

    const WALK: &str = r#"{"title":"周末健步走","category":"健身","description":"…","place":"三江口",
        "sessions":[{"starts":"2026-12-05T09:00:00+08:00","ends":"2026-12-05T11:00:00+08:00","capacity":30}],
        "sign_up":{"opens":"2026-11-20T10:00:00+08:00","closes":"2026-12-04T18:00:00+08:00",
                   "cancel_before":"2026-12-04T18:00:00+08:00"},
        "waiting_list":true,"party":{"max_companions":0},"eligibility":{"who":"anyone"},
        "questions":[{"name":"phone","ask":"请输入手机号","kind":"phone"}]}"#;

    fn fields(body: &str) -> Vec<String> {
        parse(body).unwrap_err().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn the_documented_shape_is_taken_and_comes_back_as_it_was() {
        let terms = parse(WALK).unwrap();
        assert_eq!((terms.waiting_max, terms.sessions[0].capacity), (20, 30));
        let again = serde_json::to_string(&ActivityForm::from(&terms)).unwrap();
        assert_eq!(parse(&again).unwrap(), terms);
    }

    #[test]
    fn what_is_wrong_is_named_by_field_and_all_at_once() {
        assert_eq!(fields(&WALK.replace("\"title\"", "\"titel\"")), ["titel"]);
        assert_eq!(
            fields(&WALK.replace("\"capacity\":30", "\"capacity\":30,\"seats\":1")),
            ["sessions[0].seats"]
        );
        assert_eq!(fields(&WALK.replace("30}", "\"many\"}")), ["sessions[0].capacity"]);
        let two = WALK.replace("\"capacity\":30", "\"capacity\":0").replace("T11:00", "T08:00");
        assert_eq!(fields(&two), ["sessions[0].ends", "sessions[0].capacity"]);
        assert_eq!(
            fields(&WALK.replace("\"kind\":\"phone\"", "\"kind\":\"choice\"")),
            ["questions[0].options"]
        );
        let twice = "\"kind\":\"choice\",\"options\":[\"S\",\"S\"]";
        let twice = WALK.replace("\"kind\":\"phone\"", twice);
        assert_eq!(fields(&twice), ["questions[0].options[1]"]);
        assert_eq!(fields(&WALK.replace("周末健步走", "周末\\n健步走")), ["title"]);
        for (kind, field) in [
            (r#""number","min":2000000"#, "questions[0].min"),
            (r#""number","max":-1"#, "questions[0].min"),
            (r#""phone","max_chars":5"#, "questions[0].max_chars"),
        ] {
            assert_eq!(fields(&WALK.replace("\"phone\"}", &format!("{kind}}}"))), [field], "{kind}");
        }
        for (waiting, why) in [("-1", "a number from 0 on"), ("70000", "at most 500 may wait")] {
            let told = parse(&WALK.replace("\"waiting_list\":true", &format!("\"waiting_list\":{waiting}")));
            let told = told.unwrap_err();
            assert!(told[0].field == "waiting_list" && told[0].message.contains(why), "{told:?}");
        }
        assert_eq!(fields("[]").len(), 1);
    }

    #[test]
    fn settings_have_the_defaults_of_the_rules_and_an_unknown_one_is_refused() {
        let settings = parse(WALK).unwrap().settings;
        assert_eq!(settings.absence, Some(Absence { count: 3, within_days: 365, bar_days: 90 }));
        assert_eq!((settings.check_in, settings.remind_hours), (CheckIn::Code, vec![24, 1]));
        let with = |more: &str| WALK.replacen('{', &format!("{{{more},"), 1);
        let offers = parse(&WALK.replace("\"waiting_list\":true", "\"waiting_list\":{}")).unwrap();
        assert_eq!(offers.waiting_max, 20);
        assert_eq!(offers.settings.waiting, WaitingBy::Offer { hours: 12, last_day_hours: 2 });
        let draw = parse(&with(r#""mode":{"draw":{"at":"2026-12-04T20:00:00+08:00"}}"#)).unwrap().mode;
        let drawn = draw.draw().unwrap();
        assert!(drawn.lost_first && drawn.absent_last && drawn.choices_max == 3);
        assert_eq!(parse(&with(r#""absence":false"#)).unwrap().settings.absence, None);
        assert_eq!(parse(&with(r#""kit":true"#)).unwrap().settings.kit.unwrap().what, "材料包");
        for (setting, field) in [
            (r#""quota_by":"district""#, "quota_by"),
            (
                r#""quota_by":{"shares":[{"name":"鄞州","seats":31,"for":{"districts":["鄞州"]}}]}"#,
                "quota_by.shares",
            ),
            (r#""quota_by":{"shares":[{"name":"大家","seats":3}]}"#, "quota_by.shares[0].for"),
            (r#""quota_by":{"shares":[],"by":"unit"}"#, "quota_by.by"),
            (r#""attendance_min":0.7"#, "attendance_min"),
            (r#""insurance":{"who":"","by":"样例保险","number":"1"}"#, "insurance.who"),
            (r#""age":{"adult":{"min":60,"max":18}}"#, "age.adult"),
            (r#""consents":[{"kind":"guardian","text":"同意"}]"#, "consents[0].kind"),
            (r#""consents":[{"kind":"pets","text":"同意"}]"#, "consents[0].kind"),
            (r#""per_person":0"#, "per_person"),
            (r#""mode":"raffle""#, "mode"),
            (r#""swim":true"#, "swim"),
            (r#""mode":{"draw":{"at":"2026-12-04T20:00:00+08:00","seed":1}}"#, "mode.draw.seed"),
            (r#""absence":{"counts":3}"#, "absence.counts"),
            (r#""absence":{"count":"3"}"#, "absence.count"),
            (r#""absence":"no""#, "absence"),
            (r#""kit":{"colour":"red"}"#, "kit.colour"),
        ] {
            assert_eq!(fields(&with(setting)), [field], "{setting}");
        }
        let early = with(r#""mode":{"draw":{"at":"2026-12-01T20:00:00+08:00"}}"#);
        assert_eq!(fields(&early), ["mode.draw.at"]);
    }

    #[test]
    fn every_setting_that_staff_may_write_comes_back_as_it_was() {
        let with = WALK
            .replacen('{', r#"{"quota_by":{"shares":[{"name":"新就业","seats":10,"for":{"tiers":["interim"]}},
                {"name":"新会员","seats":5,"new_within_days":90}],"opens":"2026-12-01T10:00:00+08:00"},
                "per_person":1,"attendance_min":0.7,"series":{"name":"健步","round":3},
                "insurance":{"who":"全体参加者","by":"样例保险","number":"P-1"},
                "age":{"adult":{"min":18,"max":60},"child":{"min":6,"max":12}},"tags":[101],
                "consents":[{"kind":"guardian","text":"我是监护人"},{"kind":"photo","text":"可以拍照","version":2}],"#, 1)
            .replace(r#""party":{"max_companions":0}"#, r#""party":{"max_children":2,"seats_by":"party"}"#);
        let terms = parse(&with).unwrap();
        let settings = &terms.settings;
        assert_eq!((settings.attendance_min, settings.per_person), (Some(70), 1));
        assert_eq!(settings.quota.as_ref().unwrap().shares[1].new_within_days, 90);
        assert_eq!((terms.party.child_age, settings.adult_age), (Some((6, 12)), Some((18, 60))));
        assert!(settings.party_takes_one && settings.consents[0].kind == ConsentKind::Guardian);
        let again = serde_json::to_string(&ActivityForm::from(&terms)).unwrap();
        assert_eq!(parse(&again).unwrap(), terms);
        assert_eq!(parse(&WALK.replacen('{', r#"{"mode":"review","#, 1)).unwrap().mode, Mode::Review);
        let drawn = r#"{"mode":{"draw":{"at":"2026-12-04T20:00:00+08:00"}},
            "quota_by":{"shares":[{"name":"新会员","seats":5,"new_within_days":9}]},"#;
        assert!(parse(&WALK.replacen('{', drawn, 1)).is_ok());
        let by_the_clock = drawn.replace("}]}", r#"}],"opens":"2026-12-01T10:00:00+08:00"}"#);
        assert_eq!(fields(&WALK.replacen('{', &by_the_clock, 1)), ["quota_by.opens"]);
    }

    #[test]
    fn a_person_has_one_session_unless_a_series_or_a_draw_says_more() {
        let settings = |more: &str| {
            let form = WALK.replacen('{', &format!("{{{more},"), 1);
            let two = r#""sessions":[{"starts":"2026-12-06T09:00:00+08:00","ends":"2026-12-06T11:00:00+08:00","capacity":9},"#;
            let terms = parse(&form.replace(r#""sessions":["#, two)).unwrap();
            let again = serde_json::to_string(&ActivityForm::from(&terms)).unwrap();
            assert_eq!(parse(&again).unwrap(), terms, "{more}");
            (terms.settings.per_person, terms.settings.attendance_min)
        };
        let lessons = r#""series":{"name":"手工","max_per_person":2}"#;
        assert_eq!(settings(r#""tags":[]"#), (1, None));
        assert_eq!(settings(r#""per_person":null"#), (0, None));
        assert_eq!(settings(r#""series":{"name":"手工"}"#), (0, None));
        assert_eq!(settings(lessons), (0, Some(70)), "a course");
        assert_eq!(settings(&format!(r#"{lessons},"attendance_min":null"#)), (0, None));
        assert_eq!(settings(&format!(r#"{lessons},"per_person":1"#)), (1, None));
        assert_eq!(settings(r#""mode":{"draw":{"at":"2026-12-04T20:00:00+08:00"}}"#), (0, None));
    }

    #[test]
    fn a_setting_that_is_looked_for_elsewhere_is_told_where_it_stands() {
        for (name, place) in ELSEWHERE.iter().copied().flatten() {
            assert!(form::knows::<ActivityForm>(WALK, place), "{place}");
            let wrong = &parse(&WALK.replacen('{', &format!(r#"{{"{name}":1,"#), 1)).unwrap_err()[0];
            assert_eq!(wrong.field, *name);
            assert!(wrong.message.ends_with(&format!("did you mean `{place}`?")), "{}", wrong.message);
        }
        assert!(!form::knows::<ActivityForm>(WALK, "sign_up.open"), "so it is a check");
        let lottery = &parse(&WALK.replacen('{', r#"{"mode":"lottery","#, 1)).unwrap_err()[0];
        assert!(lottery.field == "mode" && lottery.message.contains(r#"{"draw": {"at": …}}"#), "{lottery:?}");
    }

    #[test]
    fn what_is_missing_or_follows_the_json_is_named() {
        assert_eq!(fields(&WALK.replace("\"title\":\"周末健步走\",", "")), ["title"]);
        assert_eq!(fields(&format!("{WALK} trailing")), [""]);
        let list = WALK.replace("\"waiting_list\":true", "\"waiting_list\":{\"maxx\":3}");
        assert_eq!(fields(&list), ["waiting_list.maxx"]);
        assert_eq!(fields("{\"title\":"), ["title"]);
        assert_eq!(fields(""), [""]);
    }

    #[test]
    fn only_a_title_sessions_and_a_window_are_needed() {
        let least = r#"{"title":"茶话会","sessions":[{"starts":"2026-12-05T09:00:00+08:00",
            "ends":"2026-12-05T11:00:00+08:00","capacity":30}],
            "sign_up":{"opens":"2026-11-20T10:00:00+08:00","closes":"2026-12-04T18:00:00+08:00"}}"#;
        let terms = parse(least).unwrap();
        assert_eq!(cancel_deadline(&terms, 1).to_string(), "2026-12-04T09:00:00+08:00");
        assert_eq!(terms.eligibility, Eligibility { who: Who::Member, ..Eligibility::default() });
        assert_eq!((terms.settings.per_person, terms.settings.attendance_min), (1, None));
        assert!(terms.settings.late_cancel && !parse(WALK).unwrap().settings.late_cancel);
        let women = least.replacen('{', r#"{"eligibility":{"sex":"female"},"#, 1);
        assert_eq!(parse(&women).unwrap().eligibility.who, Who::Member, "who was not written");
        assert_eq!(terms.settings.waiting, WaitingBy::Offer { hours: 12, last_day_hours: 2 });
        assert_eq!(parse(WALK).unwrap().settings.waiting, WaitingBy::Automatic, "`true` is at once");
    }
}
