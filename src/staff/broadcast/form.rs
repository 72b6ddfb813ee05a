//! A broadcast as staff and the API write it, and what must hold before it becomes a [`Plan`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::activity::record::ActivityCode;
use crate::domain::audience::{Atom, Condition};
use crate::domain::broadcast::fill::{self, PLACEHOLDERS};
use crate::domain::broadcast::record::*;
use crate::domain::broadcast::rules::fits_field;
use crate::moment::{Time, rfc3339};
use crate::staff::FieldError;
use crate::staff::form::{self, Problems};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BroadcastForm {
    pub title: String,
    #[serde(default = "everyone")]
    pub audience: String,
    #[serde(default)]
    pub way: WayForm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<ArticleForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<NoticeForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<NoticeForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// `A12`: the activity that `{title}` and the like speak of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietForm>,
    #[serde(default = "fifty")]
    pub rate_per_second: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayForm {
    Mass,
    Template,
    Subscription,
    Custom,
    #[default]
    Best,
}

/// A draft (草稿) of the account's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArticleForm {
    pub media_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeForm {
    pub template_id: String,
    pub fields: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mini_program: Option<MiniProgramForm>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MiniProgramForm {
    pub app_id: String,
    #[serde(default)]
    pub page: String,
}

/// Times of the day in Asia/Shanghai, such as `21:30` and `08:00`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietForm {
    pub from: String,
    pub to: String,
}

fn everyone() -> String {
    Condition::everyone().to_string()
}

fn fifty() -> u32 {
    50
}

const TITLE_CHARS: usize = 40;
/// A customer-service text holds 2,048 bytes (客服消息); what placeholders stand for needs room too.
const TEXT_BYTES: usize = 1_800;
const FIELDS_MAX: usize = 12;
const FIELD_CHARS: usize = 100;
const ID_BYTES: usize = 128;
const URL_BYTES: usize = 1_024;
const RATE_MAX: u32 = 1_000;
/// One row of the store holds a broadcast.
const PLAN_BYTES: usize = 5_500;

/// Reads and checks a broadcast; all that is wrong is said at once, by field.
pub fn parse(body: &str) -> Result<Plan, Vec<FieldError>> {
    let form: BroadcastForm = form::read(body)?;
    let mut problems = Problems::default();
    form.check(&mut problems);
    let plan = form.plan(&mut problems);
    if let Some(plan) = &plan {
        check_ways(plan, &mut problems);
        let bytes = serde_json::to_vec(plan).map_or(usize::MAX, |bytes| bytes.len());
        problems.unless(bytes <= PLAN_BYTES, "", format!("has {bytes} bytes; {PLAN_BYTES} are allowed"));
    }
    match plan {
        Some(plan) if problems.0.is_empty() => Ok(plan),
        _ => Err(problems.0),
    }
}

fn check_ways(plan: &Plan, problems: &mut Problems) {
    if !plan.ways().is_empty() {
        return;
    }
    let (field, message) = match plan.way {
        WayChoice::Mass if plan.content.text.is_some() => {
            ("text", "a mass send is the same for all, so it has no placeholders")
        }
        WayChoice::Mass => ("text", "a mass send needs a `text` or an `article`"),
        WayChoice::Template => ("template", "is missing"),
        WayChoice::Subscription => ("subscription", "is missing"),
        WayChoice::Custom => ("text", "is missing"),
        WayChoice::Best => ("text", "is missing; or give an `article`, a `template` or a `subscription`"),
    };
    problems.say(field, message);
}

impl BroadcastForm {
    fn check(&self, problems: &mut Problems) {
        problems.words("title", &self.title, 1..=TITLE_CHARS);
        if let Some(text) = &self.text {
            let bytes = text.trim().len();
            let fits = (1..=TEXT_BYTES).contains(&bytes);
            problems.unless(fits, "text", format!("has {bytes} bytes; 1 to {TEXT_BYTES} are allowed"));
            self.check_places("text", text, problems);
        }
        if let Some(article) = &self.article {
            problems.unless(is_id(&article.media_id), "article.media_id", "must be a draft's media id");
        }
        for (name, notice) in [("template", &self.template), ("subscription", &self.subscription)] {
            if let Some(notice) = notice {
                self.check_notice(name, notice, problems);
            }
        }
        if let Some(topic) = &self.topic {
            problems.unless(is_topic(topic), "topic", no_topic(topic));
        }
        let rate = (1..=RATE_MAX).contains(&self.rate_per_second);
        problems.unless(rate, "rate_per_second", format!("must be 1 to {RATE_MAX}"));
    }

    fn check_notice(&self, name: &str, notice: &NoticeForm, problems: &mut Problems) {
        let id = is_id(&notice.template_id);
        problems.unless(id, format!("{name}.template_id"), "must be a template's id");
        let count = (1..=FIELDS_MAX).contains(&notice.fields.len());
        problems.unless(count, format!("{name}.fields"), format!("must be 1 to {FIELDS_MAX} fields"));
        for (key, value) in &notice.fields {
            let field = format!("{name}.fields.{key}");
            problems.words(&field, value, 1..=FIELD_CHARS);
            self.check_places(&field, value, problems);
            if let (true, Err(message)) = (fill::is_fixed(value), fits_field(key, value)) {
                problems.say(field, message);
            }
        }
        let url =
            notice.url.as_deref().is_none_or(|url| url.starts_with("https://") && url.len() <= URL_BYTES);
        problems.unless(
            url,
            format!("{name}.url"),
            format!("must be an https:// address of at most {URL_BYTES} bytes"),
        );
        let app =
            notice.mini_program.as_ref().is_none_or(|app| is_id(&app.app_id) && app.page.len() <= URL_BYTES);
        problems.unless(
            app,
            format!("{name}.mini_program"),
            "must have an `app_id`, and a `page` of at most 1024 bytes",
        );
    }

    fn check_places(&self, field: &str, text: &str, problems: &mut Problems) {
        match fill::placeholders(text) {
            Err(error) => problems.say(field, error.to_string()),
            Ok(places) if !places.is_empty() && self.about.is_none() => {
                let known = PLACEHOLDERS.join(", ");
                problems.say("about", format!("which activity do the placeholders ({known}) speak of?"));
            }
            Ok(_) => {}
        }
    }

    fn plan(self, problems: &mut Problems) -> Option<Plan> {
        let audience = audience(&self.audience, problems);
        let about = self.about.as_deref().map(|about| about.parse::<ActivityCode>().map(|code| code.0));
        if let Some(Err(())) = about {
            problems.say("about", "must be an activity's id, like A12");
        }
        let quiet = self.quiet.as_ref().map(|quiet| (minutes(&quiet.from), minutes(&quiet.to)));
        if let Some((None, _) | (_, None)) = quiet {
            problems.say("quiet", "must be times like \"21:30\" and \"08:00\"");
        }
        let content = Content {
            text: self.text.map(|text| text.trim().to_owned()),
            article: self.article.map(|article| article.media_id),
            template: self.template.map(NoticeForm::form),
            subscription: self.subscription.map(NoticeForm::form),
        };
        Some(Plan {
            title: self.title.trim().to_owned(),
            audience: audience?,
            content,
            way: self.way.choice(),
            topic: self.topic,
            about: about.and_then(Result::ok),
            not_before: self.not_before,
            quiet: quiet.and_then(|(from, to)| Some(Quiet { from: from?, to: to? })),
            rate_per_second: self.rate_per_second,
        })
    }
}

fn audience(text: &str, problems: &mut Problems) -> Option<Condition> {
    let condition = match text.parse::<Condition>() {
        Ok(condition) => condition,
        Err(error) => {
            problems.say("audience", error.to_string());
            return None;
        }
    };
    for atom in condition.atoms() {
        if let Atom::Topic(topic) = atom {
            problems.unless(is_topic(topic), "audience", no_topic(topic));
        }
    }
    Some(condition)
}

fn is_topic(topic: &str) -> bool {
    TOPICS.contains(&topic)
}

fn no_topic(topic: &str) -> String {
    let shown: String = topic.chars().take(20).collect();
    format!("there is no topic {shown}; there are {}", TOPICS.join(", "))
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= ID_BYTES && id.bytes().all(|b| b.is_ascii_graphic())
}

/// `21:30` as minutes of the day.
fn minutes(clock: &str) -> Option<u16> {
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

impl NoticeForm {
    fn form(self) -> Form {
        Form {
            template_id: self.template_id,
            fields: self.fields,
            url: self.url,
            mini_program: self.mini_program.map(|app| MiniProgram { app_id: app.app_id, page: app.page }),
        }
    }
}

impl From<&Form> for NoticeForm {
    fn from(form: &Form) -> NoticeForm {
        let mini_program = form.mini_program.as_ref();
        NoticeForm {
            template_id: form.template_id.clone(),
            fields: form.fields.clone(),
            url: form.url.clone(),
            mini_program: mini_program
                .map(|app| MiniProgramForm { app_id: app.app_id.clone(), page: app.page.clone() }),
        }
    }
}

impl WayForm {
    fn choice(self) -> WayChoice {
        match self {
            WayForm::Mass => WayChoice::Mass,
            WayForm::Template => WayChoice::Template,
            WayForm::Subscription => WayChoice::Subscription,
            WayForm::Custom => WayChoice::Custom,
            WayForm::Best => WayChoice::Best,
        }
    }
}

impl From<WayChoice> for WayForm {
    fn from(choice: WayChoice) -> WayForm {
        match choice {
            WayChoice::Mass => WayForm::Mass,
            WayChoice::Template => WayForm::Template,
            WayChoice::Subscription => WayForm::Subscription,
            WayChoice::Custom => WayForm::Custom,
            WayChoice::Best => WayForm::Best,
        }
    }
}

impl From<&Plan> for BroadcastForm {
    fn from(plan: &Plan) -> BroadcastForm {
        let content = &plan.content;
        BroadcastForm {
            title: plan.title.clone(),
            audience: plan.audience.to_string(),
            way: plan.way.into(),
            text: content.text.clone(),
            article: content.article.clone().map(|media_id| ArticleForm { media_id }),
            template: content.template.as_ref().map(NoticeForm::from),
            subscription: content.subscription.as_ref().map(NoticeForm::from),
            topic: plan.topic.clone(),
            about: plan.about.map(|id| ActivityCode(id).to_string()),
            not_before: plan.not_before,
            quiet: plan.quiet.map(|quiet| QuietForm { from: clock(quiet.from), to: clock(quiet.to) }),
            rate_per_second: plan.rate_per_second,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn whole() -> Value {
        json!({
            "title": "健步走提醒", "audience": "signed_up:A12 and not waiting:A12", "way": "best",
            "text": "【{title}】{starts}开始，地点：{place}",
            "article": {"media_id": "draft"},
            "template": {"template_id": "tpl", "fields": {"thing1": "{title}", "time2": "{starts}"},
                         "mini_program": {"app_id": "wx1", "page": "pages/a"}},
            "subscription": {"template_id": "sub", "fields": {"phrase3": "报名成功"}, "url": "https://x.cn/a"},
            "topic": "活动", "about": "A12", "not_before": "2026-12-01T09:00:00+08:00",
            "quiet": {"from": "21:30", "to": "08:00"}, "rate_per_second": 20,
        })
    }

    fn wrong(change: impl Fn(&mut Value)) -> Vec<(String, String)> {
        let mut form = whole();
        change(&mut form);
        parse(&form.to_string()).unwrap_err().into_iter().map(|error| (error.field, error.message)).collect()
    }

    fn fields(change: impl Fn(&mut Value)) -> Vec<String> {
        wrong(change).into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn what_was_written_comes_back_as_it_was() {
        let plan = parse(&whole().to_string()).unwrap();
        assert_eq!((plan.about, plan.quiet), (Some(12), Some(Quiet { from: 1290, to: 480 })));
        let again = serde_json::to_value(BroadcastForm::from(&plan)).unwrap();
        assert_eq!(again, whole());
        let least = parse(r#"{"title":"通知","text":"明天放假"}"#).unwrap();
        assert_eq!((least.audience, least.way), (Condition::everyone(), WayChoice::Best));
    }

    #[test]
    fn what_is_wrong_is_named_by_field_and_all_at_once() {
        assert_eq!(fields(|form| form["titel"] = json!("x")), ["titel"]);
        assert_eq!(fields(|form| form["template"]["field"] = json!({})), ["template.field"]);
        let two = fields(|form| {
            form["title"] = json!("");
            form["rate_per_second"] = json!(0);
        });
        assert_eq!(two, ["title", "rate_per_second"]);
        assert_eq!(
            wrong(|form| form["audience"] = json!("distrct:鄞州")),
            [(
                "audience".to_owned(),
                "at character 1: there is no condition `distrct`; did you mean `district`?".to_owned()
            )]
        );
        assert_eq!(fields(|form| form["audience"] = json!("topic:游泳")), ["audience"]);
        assert_eq!(fields(|form| form["topic"] = json!("游泳")), ["topic"]);
        let unsaid = wrong(|form| form["rate_per_second"] = json!(null)).remove(0);
        assert_eq!(unsaid.0, "rate_per_second");
        assert!(unsaid.1.ends_with("; leave it out instead"), "{unsaid:?}");
        assert_eq!(fields(|form| form["about"] = json!(null)), ["about", "about", "about"]);
        assert_eq!(fields(|form| form["about"] = json!("12")), ["about"]);
        assert_eq!(fields(|form| form["text"] = json!("{titel}")), ["text"]);
        assert_eq!(fields(|form| form["text"] = json!("长".repeat(700))), ["text"]);
        assert_eq!(
            fields(|form| form["subscription"]["fields"]["phrase3"] = json!("13笔")),
            ["subscription.fields.phrase3"]
        );
        assert_eq!(fields(|form| form["subscription"]["url"] = json!("http://x")), ["subscription.url"]);
        assert_eq!(fields(|form| form["quiet"]["to"] = json!("24:00")), ["quiet"]);
    }

    #[test]
    fn the_samples_are_right() {
        for sample in [
            include_str!("../../../fixtures/broadcasts/not-signed-up.json"),
            include_str!("../../../fixtures/broadcasts/reminder.json"),
            include_str!("../../../fixtures/broadcasts/welfare-article.json"),
            include_str!("../../../fixtures/broadcasts/insurance-deadline.json"),
        ] {
            let plan = parse(sample).unwrap_or_else(|errors| panic!("{errors:?}"));
            let again = serde_json::to_string(&BroadcastForm::from(&plan)).unwrap();
            assert_eq!(parse(&again).unwrap(), plan);
        }
    }

    #[test]
    fn each_way_needs_its_wording() {
        let bare = |way: &str, more: Value| {
            let mut form = json!({"title": "通知", "way": way});
            form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            parse(&form.to_string()).map_err(|errors| errors[0].field.clone()).map(drop)
        };
        for way in ["mass", "custom", "best"] {
            assert_eq!(bare(way, json!({})), Err("text".to_owned()), "{way}");
            assert_eq!(bare(way, json!({"text": "明天放假"})), Ok(()), "{way}");
        }
        assert_eq!(bare("template", json!({"text": "明天放假"})), Err("template".to_owned()));
        assert_eq!(bare("subscription", json!({"text": "明天放假"})), Err("subscription".to_owned()));
        assert_eq!(bare("mass", json!({"text": "{title}", "about": "A1"})), Err("text".to_owned()));
        assert_eq!(bare("mass", json!({"article": {"media_id": "draft"}})), Ok(()));
    }
}
