//! Reads `services.toml`: a list of `[[form]]`, the districts, and the lines of the self-test.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::normalise::normalise;
use super::problem::{Report, hint};
use super::service::*;

const QUESTIONS_MAX: usize = 30;
const OPTIONS: std::ops::RangeInclusive<usize> = 2..=12;
const STAGES: std::ops::RangeInclusive<usize> = 1..=12;
const ASK_CHARS_MAX: usize = 400;
const ABOUT_CHARS_MAX: usize = 400;
const CONSENT_CHARS_MAX: usize = 550;
const TEXT_CHARS_MAX: u16 = 1_000;
const PHOTOS_MAX: u16 = 30;
const DAYS_MAX: u16 = 3_660;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServicesFile {
    #[serde(default)]
    districts: Vec<String>,
    #[serde(default)]
    form: Vec<FormFile>,
    #[serde(default)]
    poverty_line: Vec<PovertyLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormFile {
    kind: String,
    version: u32,
    targets: Vec<String>,
    title: String,
    about: String,
    #[serde(default)]
    who: Who,
    #[serde(default)]
    districts: Vec<String>,
    age: Option<(u8, u8)>,
    consent: Option<String>,
    desk: String,
    #[serde(default)]
    district_desks: BTreeMap<String, String>,
    handled_by: String,
    #[serde(default)]
    question: Vec<QuestionFile>,
    #[serde(default)]
    urgent: Vec<Urgent>,
    #[serde(default = "one_day")]
    urgent_limit: Limit,
    steps: Vec<Stage>,
    classes: Vec<Stage>,
    link: Option<Link>,
    #[serde(default = "thirty")]
    answer_days: u16,
    #[serde(default = "thirty")]
    appeal_days: u16,
    keep_days: u16,
    #[serde(default = "yes")]
    rating: bool,
    #[serde(default)]
    pairs: bool,
    #[serde(default)]
    kept_by_law: bool,
    #[serde(default)]
    self_test: bool,
    round: Option<Round>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    name: String,
    title: String,
    ask: String,
    kind: Asks,
    #[serde(default)]
    options: Vec<String>,
    min: Option<i64>,
    max: Option<i64>,
    when: Option<When>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    later: bool,
    hidden: Option<bool>,
    #[serde(default)]
    shared: bool,
    #[serde(default)]
    rules_out: BTreeMap<String, String>,
    #[serde(default)]
    said: BTreeMap<String, String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asks {
    Text,
    Choice,
    Number,
    Phone,
    Date,
    District,
    Photos,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum When {
    Past,
    Future,
}

fn one_day() -> Limit {
    Limit::Days(1)
}

fn thirty() -> u16 {
    30
}

fn yes() -> bool {
    true
}

/// `targets`: the menu keys that a form may answer.
pub(super) fn read(text: &str, targets: &[&str], report: &mut Report) -> Services {
    let file: ServicesFile = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            let line = error.span().and_then(|span| report.line(span));
            report.error(line, "", error.message());
            return Services::default();
        }
    };
    let (mut kinds, districts) = (BTreeSet::new(), &file.districts);
    let mut forms = Vec::new();
    for file in file.form {
        let mut about = About { line: line_of(text, &file.kind), kind: file.kind.clone(), report };
        if !kinds.insert(file.kind.clone()) {
            about.wrong("kind", "is there twice");
        }
        forms.push(form(file, targets, districts, &mut about));
    }
    for line in &file.poverty_line {
        if !file.districts.contains(&line.district) {
            let near = hint(&line.district, file.districts.iter().map(String::as_str));
            report.error(None, "poverty_line", format!("{} is none of the districts{near}", line.district));
        }
        if line.yuan == 0 {
            report.error(None, "poverty_line", "is above 0 yuan");
        }
    }
    let asks = |form: &Form| form.questions.iter().any(|question| question.kind == QuestionKind::District);
    if file.districts.is_empty() && forms.iter().any(asks) {
        report.error(None, "districts", "a question asks for one, and there are none");
    }
    for target in targets.iter().filter(|_| !forms.is_empty()) {
        if !forms.iter().any(|form| form.targets.iter().any(|known| known == target)) {
            report.warning(None, target, "leads to no form");
        }
    }
    Services { forms, districts: file.districts, poverty_lines: file.poverty_line }
}

/// Problems of one form.
struct About<'r, 'a> {
    line: Option<usize>,
    kind: String,
    report: &'r mut Report<'a>,
}

impl About<'_, '_> {
    fn wrong(&mut self, field: &str, message: impl Into<String>) {
        let place = format!("{}.{field}", self.kind);
        self.report.error(self.line, &place, message);
    }

    fn named(&mut self, field: &str, name: &str) {
        let fits = (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            self.wrong(field, "is a name of 1 to 32 of a-z, 0-9 and _");
        }
    }

    fn worded(&mut self, field: &str, words: &str, chars_max: usize) {
        if words.trim().is_empty() || words.chars().count() > chars_max {
            self.wrong(field, format!("has 1 to {chars_max} characters"));
        }
    }
}

fn form(file: FormFile, targets: &[&str], districts: &[String], about: &mut About) -> Form {
    about.named("kind", &file.kind);
    about.named("desk", &file.desk);
    for (district, desk) in &file.district_desks {
        about.named("district_desks", desk);
        if !districts.contains(district) {
            about.wrong("district_desks", format!("`{district}` is none of the `districts` of this file"));
        }
    }
    about.worded("title", &file.title, 20);
    about.worded("handled_by", &file.handled_by, 40);
    about.worded("about", &file.about, ABOUT_CHARS_MAX);
    if let Some(consent) = &file.consent {
        about.worded("consent", consent, CONSENT_CHARS_MAX);
    }
    for target in file.targets.iter().filter(|target| !targets.contains(&target.as_str())) {
        about.wrong(
            "targets",
            format!("no menu key `{target}` leads to forms{}", hint(target, targets.iter().copied())),
        );
    }
    if file.version == 0 {
        about.wrong("version", "counts from 1");
    }
    stages("steps", &file.steps, about);
    stages("classes", &file.classes, about);
    promises(&file.steps, &file.classes, about);
    limited("urgent_limit", file.urgent_limit, about);
    let days = [("answer_days", file.answer_days, 1), ("appeal_days", file.appeal_days, 0)];
    for (field, days, min) in days.into_iter().chain([("keep_days", file.keep_days, 0)]) {
        if !(min..=DAYS_MAX).contains(&days) {
            about.wrong(field, format!("is {min} to {DAYS_MAX} days"));
        }
    }
    if file.keep_days < file.appeal_days {
        about.wrong("keep_days", "what may be objected to is kept at least so long (`appeal_days`)");
    }
    if let Some(link) = &file.link {
        about.worded("link.title", &link.title, 20);
        if !link.url.starts_with("https://") || link.url.contains(['"', ' ', '<', '>']) {
            about.wrong("link.url", "is an address that begins with https://");
        }
    }
    if file.age.is_some_and(|(min, max)| min > max) {
        about.wrong("age", "begins above its end");
    }
    if let Some(round) = &file.round {
        if round.opens >= round.closes {
            about.wrong("round", "closes before it opens");
        }
        if round.quota == Some(0) {
            about.wrong("round.quota", "is 1 or more");
        }
        if file.who == Who::Anyone {
            about.wrong("round", "is for members: an account alone is nobody in particular");
        }
    }
    let questions = questions(file.question, about);
    for urgent in &file.urgent {
        let dated = questions.iter().find(|question| question.name == urgent.question);
        if !dated.is_some_and(|question| matches!(question.kind, QuestionKind::Date { .. })) {
            about.wrong("urgent", format!("`{}` is no question for a date", urgent.question));
        }
    }
    if file.pairs {
        let fits = file.who != Who::Anyone && file.age.is_some_and(|(min, _)| min >= 18);
        if !fits {
            about.wrong("pairs", "is for members of 18 and above alone");
        }
        if !questions.iter().any(|question| question.shared) {
            about.wrong("pairs", "no question is `shared`: nobody would learn how to reach the other");
        }
    } else if questions.iter().any(|question| question.shared) {
        about.wrong("question", "`shared` is for forms with `pairs`");
    }
    Form {
        kind: file.kind,
        version: file.version,
        targets: file.targets,
        title: file.title,
        about: file.about.trim().to_owned(),
        who: Audience { who: file.who, districts: file.districts, age: file.age },
        consent: file.consent.map(|words| words.trim().to_owned()),
        desk: file.desk,
        district_desks: file.district_desks,
        handled_by: file.handled_by,
        questions,
        urgent: file.urgent,
        urgent_limit: file.urgent_limit,
        steps: file.steps,
        classes: file.classes,
        link: file.link,
        answer_days: file.answer_days,
        appeal_days: file.appeal_days,
        keep_days: file.keep_days,
        rating: file.rating,
        pairs: file.pairs,
        kept_by_law: file.kept_by_law,
        self_test: file.self_test,
        round: file.round,
    }
}

fn stages(field: &str, stages: &[Stage], about: &mut About) {
    if !STAGES.contains(&stages.len()) {
        about.wrong(field, format!("has {} to {} of them", STAGES.start(), STAGES.end()));
    }
    let mut names = BTreeSet::new();
    for stage in stages {
        about.named(field, &stage.name);
        about.worded(field, &stage.title, 20);
        limited(field, stage.limit, about);
        if !names.insert(&stage.name) {
            about.wrong(field, format!("`{}` is there twice", stage.name));
        }
    }
}

/// What is promised for the whole has room for the steps that lead there: of the first difficulty for those that every case
/// goes, of another for those up to the last one that is its.
fn promises(steps: &[Stage], classes: &[Stage], about: &mut About) {
    let hours = |limit: Limit| match limit {
        Limit::Days(days) => u32::from(days) * 24,
        Limit::Hours(hours) => u32::from(hours),
    };
    for step in steps.iter().filter(|step| step.class.is_some()) {
        if !classes.iter().any(|class| step.class.as_ref() == Some(&class.name)) {
            about.wrong("steps", format!("`{}` leads to a difficulty that there isn't", step.name));
        }
    }
    if classes.iter().any(|class| class.class.is_some()) {
        about.wrong("classes", "`class` is for steps");
    }
    for (at, class) in classes.iter().enumerate() {
        let is_of = |step: &&Stage| step.class.as_ref() == Some(&class.name);
        let needed: u32 = match steps.iter().rposition(|step| is_of(&step)) {
            Some(last) => steps.iter().take(last + 1).map(|step| hours(step.limit)).sum(),
            None if at == 0 => {
                steps.iter().filter(|step| step.class.is_none()).map(|step| hours(step.limit)).sum()
            }
            None => continue,
        };
        if needed > hours(class.limit) {
            let days = needed.div_ceil(24);
            about.wrong(
                "classes",
                format!("`{}` is promised sooner than its steps take: {days} days", class.name),
            );
        }
    }
}

fn limited(field: &str, limit: Limit, about: &mut About) {
    let (Limit::Days(count) | Limit::Hours(count)) = limit;
    if !(1..=DAYS_MAX).contains(&count) {
        about.wrong(field, format!("a limit is 1 to {DAYS_MAX}"));
    }
}

fn questions(files: Vec<QuestionFile>, about: &mut About) -> Vec<Question> {
    if files.is_empty() || files.len() > QUESTIONS_MAX {
        about.wrong("question", format!("has 1 to {QUESTIONS_MAX} of them"));
    }
    let mut names = BTreeSet::new();
    let mut questions = Vec::new();
    for file in files {
        let field = format!("question.{}", file.name);
        about.named(&field, &file.name);
        about.worded(&field, &file.title, 20);
        about.worded(&field, &file.ask, ASK_CHARS_MAX);
        if !names.insert(file.name.clone()) {
            about.wrong(&field, "is there twice");
        }
        // What a person writes freely, and what names them, is never shown by the way.
        let free = matches!(file.kind, Asks::Text | Asks::Phone | Asks::Photos);
        if free && file.hidden == Some(false) {
            about.wrong(&field, "free words, phones and photos are always hidden");
        }
        if file.rules_out.keys().any(|option| !file.options.contains(option)) {
            about.wrong(&field, "`rules_out` names an option that there isn't");
        }
        if !file.options.is_empty() && file.rules_out.len() >= file.options.len() {
            about.wrong(&field, "`rules_out` leaves nobody");
        }
        if file.said.values().any(|option| !file.options.contains(option)) {
            about.wrong(&field, "`said` means an option that there isn't");
        }
        for why in file.rules_out.values() {
            about.worded(&field, why, ASK_CHARS_MAX);
        }
        if file.shared && file.kind == Asks::Photos {
            about.wrong(&field, "photos aren't shared");
        }
        let kind = kind(&file, &field, about);
        questions.push(Question {
            hidden: file.hidden.unwrap_or(free),
            name: file.name,
            title: file.title,
            ask: file.ask,
            kind,
            optional: file.optional,
            later: file.later,
            shared: file.shared,
            rules_out: file.rules_out,
            said: file.said.into_iter().map(|(words, option)| (normalise(&words), option)).collect(),
        });
    }
    questions
}

fn kind(file: &QuestionFile, field: &str, about: &mut About) -> QuestionKind {
    let stray = [
        ("options", !file.options.is_empty(), file.kind == Asks::Choice),
        ("min", file.min.is_some(), file.kind == Asks::Number),
        ("max", file.max.is_some(), matches!(file.kind, Asks::Number | Asks::Text | Asks::Photos)),
        ("when", file.when.is_some(), file.kind == Asks::Date),
    ];
    for (name, _, _) in stray.into_iter().filter(|(_, given, fits)| *given && !fits) {
        about.wrong(field, format!("has no use for `{name}`"));
    }
    let mut up_to = |max: u16| {
        let given = file.max.map_or(Some(max), |given| u16::try_from(given).ok());
        given.filter(|given| (1..=max).contains(given)).unwrap_or_else(|| {
            about.wrong(field, format!("`max` is 1 to {max}"));
            max
        })
    };
    match file.kind {
        Asks::Text => QuestionKind::Text { max_chars: up_to(TEXT_CHARS_MAX) },
        Asks::Photos => QuestionKind::Photos { max: up_to(PHOTOS_MAX) },
        Asks::Phone => QuestionKind::Phone,
        Asks::District => QuestionKind::District,
        Asks::Date => QuestionKind::Date {
            past: file.when != Some(When::Future),
            future: file.when != Some(When::Past),
        },
        Asks::Choice => {
            if !OPTIONS.contains(&file.options.len()) {
                about.wrong(field, format!("has {} to {} options", OPTIONS.start(), OPTIONS.end()));
            }
            QuestionKind::Choice { options: file.options.clone() }
        }
        Asks::Number => {
            let (min, max) = (file.min.unwrap_or(0), file.max.unwrap_or(i64::from(u32::MAX)));
            if min > max {
                about.wrong(field, "`min` is above `max`");
            }
            QuestionKind::Number { min, max }
        }
    }
}

/// Where a form begins, since what it holds has lost its place.
fn line_of(text: &str, kind: &str) -> Option<usize> {
    text.lines().position(|line| line.trim() == format!("kind = \"{kind}\"")).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::problem::Problem;
    use super::*;

    const SOUND: &str = r#"
districts = ["鄞州"]
[[poverty_line]]
district = "鄞州"
from = "2025-07-01"
yuan = 1200
[[poverty_line]]
district = "鄞州"
from = "2026-07-01"
yuan = 1300
[[form]]
kind = "rights"
version = 1
targets = ["rights.home"]
title = "维权"
about = "帮您。"
desk = "rights"
handled_by = "法援中心"
keep_days = 365
steps = [{ name = "intake", title = "受理", limit = { days = 5 } }]
classes = [{ name = "plain", title = "一般", limit = { days = 30 } }]
[[form.urgent]]
question = "happened"
days_after = 365
within_days = 30
title = "仲裁时效"
[[form.question]]
name = "happened"
title = "事发日期"
ask = "哪一天？"
kind = "date"
when = "past"
"#;

    fn lines(text: &str) -> Vec<String> {
        let mut problems = Vec::new();
        _ = read(text, &["rights.home"], &mut Report::new("services.toml", text, &mut problems));
        problems.iter().map(Problem::to_string).collect()
    }

    fn with(old: &str, new: &str) -> Vec<String> {
        assert!(SOUND.contains(old), "{old}");
        lines(&SOUND.replace(old, new))
    }

    #[test]
    fn a_sound_file_is_read() {
        assert_eq!(lines(SOUND), Vec::<String>::new());
        let mut problems = Vec::new();
        let services = read(SOUND, &["rights.home"], &mut Report::new("", SOUND, &mut problems));
        let form = services.at("rights.home").next().unwrap();
        assert_eq!(form.questions[0].kind, QuestionKind::Date { past: true, future: false });
        assert_eq!((form.answer_days, form.rating, form.questions[0].hidden), (30, true, false));
        assert_eq!(services.poverty_line("鄞州", date(2026, 6, 30)), Some(1200));
        assert_eq!(services.poverty_line("鄞州", date(2026, 7, 1)), Some(1300));
        assert_eq!(services.poverty_line("鄞州", date(2025, 6, 30)), None);
    }

    #[test]
    fn a_district_with_a_desk_of_its_own_has_its_cases() {
        let text = SOUND
            .replace("desk = \"rights\"", "desk = \"rights\"\ndistrict_desks = { \"鄞州\" = \"rights_yz\" }");
        let mut problems = Vec::new();
        let services = read(&text, &["rights.home"], &mut Report::new("", &text, &mut problems));
        let form = services.at("rights.home").next().unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(form.desk_of(Some("鄞州")), "rights_yz");
        assert_eq!((form.desk_of(Some("海曙")), form.desk_of(None)), ("rights", "rights"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_form() {
        let at = |message: &str| vec![format!("services.toml:12  rights.{message}")];
        assert_eq!(with("days = 5", "days = 0"), at("steps  a limit is 1 to 3660"));
        assert_eq!(
            with("targets = [\"rights.home\"]", "targets = [\"right.home\"]"),
            [
                "services.toml:12  rights.targets  no menu key `right.home` leads to forms; did you mean `rights.home`?",
                "services.toml  rights.home  leads to no form  (warning)",
            ]
        );
        assert_eq!(
            with("keep_days = 365", "keep_days = 7"),
            at("keep_days  what may be objected to is kept at least so long (`appeal_days`)")
        );
        assert_eq!(
            with("kind = \"date\"\nwhen = \"past\"", "kind = \"phone\""),
            at("urgent  `happened` is no question for a date")
        );
        assert_eq!(with("when = \"past\"", "max = 3"), at("question.happened  has no use for `max`"));
        assert_eq!(
            with("when = \"past\"", "when = \"past\"\nrules_out = { \"甲\" = \"不行\" }"),
            at("question.happened  `rules_out` names an option that there isn't")
        );
        assert_eq!(
            with("when = \"past\"", "when = \"past\"\nsaid = { \"工钱\" = \"欠薪\" }"),
            at("question.happened  `said` means an option that there isn't")
        );
        assert_eq!(
            with("kind = \"date\"\nwhen = \"past\"", "kind = \"text\"\nhidden = false")[0],
            at("question.happened  free words, phones and photos are always hidden")[0]
        );
        assert_eq!(with("keep_days = 365", "keep_days = 365\npairs = true").len(), 2);
        assert_eq!(
            with(
                "keep_days = 365",
                "keep_days = 365\nlink = { title = \"官网\", url = \"http://a.example\" }"
            ),
            at("link.url  is an address that begins with https://")
        );
        assert_eq!(
            with(
                "desk = \"rights\"",
                "desk = \"rights\"\ndistrict_desks = { \"象山\" = \"rights_xs\", \"鄞州\" = \"Y\" }"
            ),
            [
                at("district_desks  `象山` is none of the `districts` of this file"),
                at("district_desks  is a name of 1 to 32 of a-z, 0-9 and _"),
            ]
            .concat()
        );
        let steps =
            |steps: &str| with("limit = { days = 5 } }]", &format!("limit = {{ days = 5 }} }}, {steps}]"));
        assert_eq!(
            steps("{ name = \"court\", title = \"开庭\", limit = { days = 60 } }"),
            at("classes  `plain` is promised sooner than its steps take: 65 days")
        );
        assert_eq!(
            steps("{ name = \"court\", title = \"开庭\", limit = { days = 60 }, class = \"long\" }"),
            at("steps  `court` leads to a difficulty that there isn't")
        );
        assert_eq!(with("yuan = 1200", "yuan = 0"), ["services.toml  poverty_line  is above 0 yuan"]);
        let round = |who: &str, round: &str| {
            with("desk = \"rights\"", &format!("desk = \"rights\"\nwho = \"{who}\"\nround = {{ {round} }}"))
        };
        let weeks = "opens = \"2026-08-05 10:00\", closes = \"2026-09-25 10:00\"";
        assert_eq!(round("member", weeks), Vec::<String>::new());
        assert_eq!(round("member", &format!("{weeks}, quota = 0")), at("round.quota  is 1 or more"));
        assert_eq!(
            round("anyone", weeks),
            at("round  is for members: an account alone is nobody in particular")
        );
        let backwards = weeks.replace("08-05", "10-05");
        assert_eq!(round("member", &backwards), at("round  closes before it opens"));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let told = with("handled_by", "handeled_by");
        assert!(told[0].starts_with("services.toml:18  unknown field `handeled_by`"), "{told:?}");
    }
}
