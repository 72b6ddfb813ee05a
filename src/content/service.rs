//! What a person may ask of a person: the forms of `menus/services.toml`, each a service with its questions, its steps and
//! what it promises.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use serde::Deserialize;

/// Every form, and what the self-test for hardship counts with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Services {
    pub forms: Vec<Form>,
    /// What questions of the kind `district` choose from.
    pub districts: Vec<String>,
    pub poverty_lines: Vec<PovertyLine>,
}

impl Services {
    pub fn form(&self, kind: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.kind == kind)
    }

    /// The forms that a menu key leads to, in the order of the file.
    pub fn at<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a Form> {
        self.forms.iter().filter(move |form| form.targets.iter().any(|known| known == target))
    }

    /// Is it a form's desk, or a district's of one?
    pub fn has_desk(&self, desk: &str) -> bool {
        self.forms.iter().any(|form| form.desk == desk || form.district_desks.values().any(|own| own == desk))
    }

    /// The line in a district on a day, in yuan a month: the latest that began.
    pub fn poverty_line(&self, district: &str, on: Date) -> Option<u32> {
        let began = self.poverty_lines.iter().filter(|line| line.district == district && line.from <= on);
        began.max_by_key(|line| line.from).map(|line| line.yuan)
    }

    /// Districts that have a line on a day.
    pub fn lined_districts(&self, on: Date) -> Vec<&str> {
        let lined = self.districts.iter().filter(|district| self.poverty_line(district, on).is_some());
        lined.map(String::as_str).collect()
    }
}

/// 低保标准 of a district, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PovertyLine {
    pub district: String,
    pub from: Date,
    /// A person and month.
    pub yuan: u32,
}

/// One service.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// Stable: cases are kept under it.
    pub kind: String,
    /// Raised when the questions or the promise change.
    pub version: u32,
    /// Menu keys that lead here.
    pub targets: Vec<String>,
    pub title: String,
    /// What it is for, whom, and how long it takes; shown before the first question.
    pub about: String,
    pub who: Audience,
    /// Words to be agreed to of their own, where sensitive data are asked for.
    pub consent: Option<String>,
    /// Whose it is among the staff: `rights`.
    pub desk: String,
    /// Desks of districts that have one, for whom it is nearer.
    pub district_desks: BTreeMap<String, String>,
    /// As followers read it: 市总工会法律援助中心.
    pub handled_by: String,
    pub questions: Vec<Question>,
    pub urgent: Vec<Urgent>,
    /// For the first step of a case that can't wait.
    pub urgent_limit: Limit,
    pub steps: Vec<Stage>,
    /// Difficulties, each with the time until all is done.
    pub classes: Vec<Stage>,
    pub link: Option<Link>,
    pub answer_days: u16,
    pub appeal_days: u16,
    pub keep_days: u16,
    pub rating: bool,
    pub pairs: bool,
    pub kept_by_law: bool,
    pub self_test: bool,
    pub round: Option<Round>,
}

impl Form {
    /// Whose it is among the staff for somebody of that district.
    pub fn desk_of(&self, district: Option<&str>) -> &str {
        district.and_then(|district| self.district_desks.get(district)).unwrap_or(&self.desk)
    }

    pub fn question(&self, name: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.name == name)
    }
}

/// When it may be applied for, in Asia/Shanghai: from `opens` on, before `closes`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    pub opens: DateTime,
    pub closes: DateTime,
    /// By how many people; `None`: as many as apply.
    pub quota: Option<u32>,
}

/// Who may ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audience {
    pub who: Who,
    pub districts: Vec<String>,
    /// In whole years, both ends included.
    pub age: Option<(u8, u8)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    #[default]
    Anyone,
    Member,
    CardHolder,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub name: String,
    /// What it is called in lists: 事发日期.
    pub title: String,
    pub ask: String,
    pub kind: QuestionKind,
    pub optional: bool,
    /// A case that can't wait is handed in without it.
    pub later: bool,
    /// Staff see the answer with a reason alone.
    pub hidden: bool,
    /// Told to the other side when two agreed to each other.
    pub shared: bool,
    /// Options with which one can't have what the form is for, each with why: nothing more is asked then.
    pub rules_out: BTreeMap<String, String>,
    /// Words of an answer, as made alike, and the option that they mean: 工钱, 欠薪.
    pub said: BTreeMap<String, String>,
}

impl Question {
    /// The only option that the words mean.
    pub fn meant(&self, folded: &str) -> Option<&String> {
        let mut meant =
            self.said.iter().filter(|(words, _)| folded.contains(words.as_str())).map(|(_, option)| option);
        let first = meant.next()?;
        meant.all(|other| other == first).then_some(first)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionKind {
    Text {
        max_chars: u16,
    },
    Choice {
        options: Vec<String>,
    },
    Number {
        min: i64,
        max: i64,
    },
    Phone,
    /// A day that was, or one that comes.
    Date {
        past: bool,
        future: bool,
    },
    District,
    Photos {
        max: u16,
    },
}

/// So many days after a day that was told, something is over: from so many days before on, the case can't wait.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Urgent {
    pub question: String,
    /// 365 for the limit of arbitration; 0 for a hearing.
    pub days_after: u16,
    pub within_days: u16,
    /// What the follower is told: 仲裁时效.
    pub title: String,
}

/// Working days to the end of office hours, or hours around the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    Days(u16),
    Hours(u16),
}

/// A step or a difficulty.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub name: String,
    pub title: String,
    pub limit: Limit,
    /// Of a step: a case that comes to it is of this difficulty, and promised anew for it.
    #[serde(default)]
    pub class: Option<String>,
}

/// Where the service lives, if it isn't here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub title: String,
    pub url: String,
}
