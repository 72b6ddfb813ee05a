use serde::{Deserialize, Serialize};

use crate::domain::contact::record::FollowerId;
use crate::domain::member::standing::Person;
use crate::domain::number::written_number;
use crate::domain::status::named_status;
use crate::moment::Time;
use crate::store::Sealed;

written_number! {
    /// A case's number (办件编号), as people write it: `J000012`.
    CaseId(u64), 'J', 6 digits
}

/// Where a case stands; how far it came while it is open is its step. Stored, so a variant is never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// 草稿
    Draft,
    /// 办理中: somebody of the staff is expected to do something.
    Open,
    /// 等您补充: the follower is.
    Asked,
    /// 已办结
    Closed,
    /// 不予办理, in writing and with a reason.
    Refused,
    /// 已撤回
    Withdrawn,
    /// 逾期关闭: what was asked for never came.
    Lapsed,
}

named_status! {
    Status {
        Draft = "draft",
        Open = "open",
        Asked = "asked",
        Closed = "closed",
        Refused = "refused",
        Withdrawn = "withdrawn",
        Lapsed = "lapsed",
    }
}

impl Status {
    /// Does somebody still have to do something?
    pub fn is_live(self) -> bool {
        matches!(self, Status::Open | Status::Asked)
    }

    pub fn is_over(self) -> bool {
        matches!(self, Status::Closed | Status::Refused | Status::Withdrawn | Status::Lapsed)
    }
}

/// How long something may take: working days to the end of office hours, or hours around the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Limit {
    Days(u16),
    Hours(u16),
}

/// What the form of a service promises, as it was when the case was handed in: a later edition changes none of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// 维权与法律援助
    pub title: String,
    pub version: u32,
    /// Whose the case is among the staff, such as `rights`.
    pub desk: String,
    /// In their order; there is at least one.
    pub steps: Vec<Stage>,
    /// Difficulties, each with the time until all is done; there is at least one, and the first is meant until staff
    /// choose.
    pub classes: Vec<Stage>,
    /// For the first step of a case that can't wait.
    pub urgent: Limit,
    /// Days for the follower to bring what is asked for.
    pub answer_days: u16,
    /// Days in which a refusal or an outcome may be objected to, once.
    pub appeal_days: u16,
    /// Days after which what was told is erased; counted from the end.
    pub keep_days: u16,
    pub rating: bool,
    /// Staff propose two of them to each other (相亲).
    #[serde(default)]
    pub pairs: bool,
    /// A law keeps it after 注销 as well.
    #[serde(default)]
    pub kept_by_law: bool,
    /// When it may be applied for, and by how many; `None`: always, by anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
}

/// See [`rounds`](super::rounds).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    pub opens: Time,
    /// From this moment on nobody applies.
    pub closes: Time,
    /// Places; `None`: as many as apply.
    pub quota: Option<u32>,
}

impl Plan {
    /// The difficulty of that name, and its place among them.
    pub fn class(&self, name: &str) -> Option<(u8, Stage)> {
        let at = self.classes.iter().position(|class| class.name == name)?;
        Some((u8::try_from(at).ok()?, self.classes[at].clone()))
    }
}

/// A step or a difficulty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Stable: `mediation`.
    pub name: String,
    /// 调解中
    pub title: String,
    pub limit: Limit,
    /// Of a step: a case that comes to it is of the difficulty of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

/// One case (办件). What its person told is in rows of its own, sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub whose: Person,
    /// The account that it was begun from.
    pub follower: FollowerId,
    /// Of the form: `rights`.
    pub kind: String,
    pub plan: Plan,
    pub status: Status,
    /// When it came to that status.
    pub since: Time,
    pub created: Time,
    pub changed: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted: Option<Time>,
    /// Of the plan's steps, from 0.
    #[serde(default)]
    pub step: u8,
    /// Of the plan's classes, from 0.
    #[serde(default)]
    pub class: u8,
    /// A day that decides is near: it is taken first, and completed later.
    #[serde(default)]
    pub urgent: bool,
    /// The last moment before that day: what is promised meanwhile is for then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decides: Option<Time>,
    #[serde(default)]
    pub clock: Clock,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Staff who refused or closed it: an objection goes to another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided_by: Vec<String>,
    #[serde(default)]
    pub appeals: u8,
    /// How often it changed its status or step; timers name the one that they were set for.
    #[serde(default)]
    pub moves: u32,
    /// Number of its last entry.
    #[serde(default)]
    pub entries: u32,
    /// Of [`rules::OUTCOMES`](super::rules::OUTCOMES), when it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Closed with nothing granted: its place in a round is another's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gave_place_back: bool,
    /// 1 to 5
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<u8>,
    /// Its follower said something since it was handed in, and nobody who works on cases has read it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unread: bool,
    /// Somebody to whom it was proposed reported it: it is proposed to nobody until staff have looked.
    #[serde(default)]
    pub reported: bool,
    /// What was told is gone.
    #[serde(default)]
    pub erased: bool,
}

/// By when something has to happen. It stands still for the staff while the follower must act.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clock {
    /// The last moment for the step.
    #[serde(default)]
    pub step: Option<Time>,
    /// The last moment for the whole, as it was promised.
    #[serde(default)]
    pub promised: Option<Time>,
    /// The last moment for the follower.
    #[serde(default)]
    pub answer: Option<Time>,
    /// What was left for step and whole when it stopped.
    #[serde(default)]
    pub left: Option<(Limit, Limit)>,
}

impl Clock {
    /// What comes first.
    pub fn due(&self) -> Option<Time> {
        [self.step, self.promised, self.answer].into_iter().flatten().min()
    }
}

impl Case {
    pub fn stage(&self) -> Option<&Stage> {
        self.plan.steps.get(usize::from(self.step))
    }

    pub fn class(&self) -> Option<&Stage> {
        self.plan.classes.get(usize::from(self.class))
    }

    /// Did they decide what is objected to? Then another person looks at it.
    pub fn is_closed_to(&self, staff: &str) -> bool {
        self.appeals > 0 && self.decided_by.iter().any(|by| by == staff)
    }

    /// The whole is promised for before a day that decides, as long as it is to come.
    pub fn promise(&self, due: Time, now: Time) -> Time {
        self.decides.filter(|day| *day > now).map_or(due, |day| day.min(due))
    }

    /// How long the step and the whole may take.
    pub fn limits(&self) -> (Limit, Limit) {
        let step = match self.stage() {
            Some(_) if self.urgent && self.step == 0 => self.plan.urgent,
            Some(stage) => stage.limit,
            None => self.plan.urgent,
        };
        (step, self.class().map_or(step, |class| class.limit))
    }
}

/// What was answered to one question of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What it is called: 事发日期.
    pub title: String,
    /// Its place in the form.
    pub order: u16,
    /// Staff see it with a reason alone.
    pub hidden: bool,
    /// Told to the other side when two agreed to each other.
    #[serde(default)]
    pub shared: bool,
    pub value: Sealed<String>,
    /// By their numbers (`domain::media`).
    #[serde(default)]
    pub pictures: Vec<u64>,
}

/// What happened to a case, or was said in it: never changed, only erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Time,
    pub by: By,
    pub what: What,
    #[serde(default)]
    pub words: Sealed<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    Follower,
    Staff(String),
    /// A rule or the clock.
    Rule,
}

/// Stored, so a variant is never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// `reason`: of [`rules::REASONS`](super::rules::REASONS) or [`rules::OUTCOMES`](super::rules::OUTCOMES), or empty.
    Moved {
        from: Status,
        to: Status,
        reason: String,
    },
    /// To the step of that title.
    Stepped {
        title: String,
    },
    /// A message, from either side.
    Said,
    /// Staff's words for each other.
    Note,
    Taken,
    Released,
    /// To a colleague, or to another desk.
    Handed {
        to: String,
    },
    /// Its difficulty, by title.
    Classed {
        title: String,
    },
    Rated {
        stars: u8,
    },
    /// Somebody to whom it was proposed reported it.
    Reported,
    /// Staff have looked at the report.
    Cleared,
    Proposed {
        proposal: u64,
    },
    /// Both agreed.
    Paired {
        proposal: u64,
    },
}

impl What {
    pub fn name(&self) -> &'static str {
        match self {
            What::Moved { to, .. } => to.name(),
            What::Stepped { .. } => "stepped",
            What::Said => "said",
            What::Note => "note",
            What::Taken => "taken",
            What::Released => "released",
            What::Handed { .. } => "handed",
            What::Classed { .. } => "classed",
            What::Rated { .. } => "rated",
            What::Reported => "reported",
            What::Cleared => "cleared",
            What::Proposed { .. } => "proposed",
            What::Paired { .. } => "paired",
        }
    }

    /// Is it for the staff alone?
    pub fn is_internal(&self) -> bool {
        !matches!(self, What::Moved { .. } | What::Stepped { .. } | What::Said | What::Rated { .. })
    }
}

/// Two cases that staff propose to each other. Neither side sees the other's contact, nor what it answered, before
/// both agreed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    pub sides: [CaseId; 2],
    /// What the staff say to each of the other.
    pub words: [Sealed<String>; 2],
    pub answers: [Option<bool>; 2],
    pub at: Time,
    pub until: Time,
    pub by: String,
    /// Answered by both, declined by one, or too late.
    pub over: bool,
}

impl Proposal {
    pub fn agreed(&self) -> bool {
        self.answers == [Some(true), Some(true)]
    }

    /// Which side is this case's?
    pub fn side(&self, id: CaseId) -> Option<usize> {
        self.sides.iter().position(|side| *side == id)
    }
}
