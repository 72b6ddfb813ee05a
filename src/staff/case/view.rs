use serde::{Deserialize, Serialize};

use crate::domain::calendar::{self, Calendar};
use crate::domain::case::record::*;
use crate::domain::case::{entries, pairs, queue};
use crate::domain::member::list::named;
use crate::domain::member::standing::Person;
use crate::domain::tables::MEMBERS;
use crate::moment::{Time, rfc3339};
use crate::privacy::{Short, mask_name};
use crate::store::{Fault, Tx};

/// A case in a list, masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseBrief {
    pub id: String,
    pub kind: String,
    pub title: String,
    pub desk: String,
    pub status: String,
    /// Of an open case.
    pub step: String,
    pub class: String,
    #[serde(with = "rfc3339")]
    pub since: Time,
    /// A member's number, or a shortened account.
    pub person: String,
    /// Masked; empty for who is no member.
    pub name: String,
    pub urgent: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// The last moment is over, and it waits for staff.
    #[serde(default)]
    pub overdue: bool,
    /// It waits for staff, and few working days are left.
    #[serde(default)]
    pub due_soon: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<u8>,
    /// The follower said something that nobody has read: `look` shows it.
    #[serde(default)]
    pub unread: bool,
    #[serde(default)]
    pub reported: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseList {
    pub cases: Vec<CaseBrief>,
    /// For `after`, if there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A case: where it stands, and what happened when; of what was told only what isn't hidden.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseView {
    #[serde(flatten)]
    pub brief: CaseBrief,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub submitted: Option<Time>,
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub promised: Option<Time>,
    pub version: u32,
    /// The names that `step` takes, in their order.
    pub steps: Vec<String>,
    /// The names that `class` takes.
    pub classes: Vec<String>,
    pub appeals: u8,
    pub decided_by: Vec<String>,
    pub answers: Vec<AnswerView>,
    pub timeline: Vec<EventView>,
    /// Cases that it was proposed to, the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<ProposalView>,
    pub erased: bool,
}

/// A case with all that was told in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseFull {
    pub id: String,
    pub person: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    pub union: String,
    pub district: String,
    pub answers: Vec<AnswerView>,
    pub timeline: Vec<EventView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerView {
    pub question: String,
    pub title: String,
    /// Absent where it is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// By their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventView {
    #[serde(with = "rfc3339")]
    pub at: Time,
    pub by: String,
    pub what: String,
    /// A reason or outcome of the lists, a step, a colleague.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Absent where they are hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProposalView {
    pub with: String,
    #[serde(with = "rfc3339")]
    pub at: Time,
    /// `waits`, `agreed` or `over`: who said no is nobody's business.
    pub state: String,
}

pub fn brief(tx: &Tx, id: CaseId, case: &Case, calendar: &Calendar) -> Result<CaseBrief, Fault> {
    let due = case.clock.due();
    let now = tx.moment().now;
    let (pressing, over) = (queue::is_pressing(case, now, calendar), due.is_some_and(|due| due < now));
    let name = |stage: Option<&Stage>| stage.map(|stage| stage.name.clone()).unwrap_or_default();
    Ok(CaseBrief {
        id: id.to_string(),
        kind: case.kind.clone(),
        title: case.plan.title.clone(),
        desk: case.plan.desk.clone(),
        status: case.status.name().to_owned(),
        step: name(case.stage()),
        class: name(case.class()),
        since: case.since,
        person: person(&case.whose),
        name: mask_name(&who(tx, case)?.name),
        urgent: case.urgent,
        assignee: case.assignee.clone(),
        due,
        overdue: pressing && over,
        due_soon: pressing && !over,
        outcome: case.outcome.clone(),
        rating: case.rating,
        unread: case.unread,
        reported: case.reported,
    })
}

fn person(whose: &Person) -> String {
    match whose {
        Person::Member(id) => id.to_string(),
        Person::Follower(who) => Short(who.as_str()).to_string(),
    }
}

/// As the list has them.
#[derive(Default)]
struct Who {
    name: String,
    phone: Option<String>,
    union: String,
    district: String,
}

fn who(tx: &Tx, case: &Case) -> Result<Who, Fault> {
    let Person::Member(id) = &case.whose else { return Ok(Who::default()) };
    let Some(member) = tx.get(&MEMBERS, id)? else { return Ok(Who::default()) };
    let (name, phone) = named(tx, &member)?.map(|named| (named.name, named.phone)).unwrap_or_default();
    Ok(Who { name, phone, union: member.union, district: member.district })
}

pub fn shown(tx: &Tx, id: CaseId, case: &Case) -> Result<CaseView, Fault> {
    let names = |stages: &[Stage]| stages.iter().map(|stage| stage.name.clone()).collect();
    Ok(CaseView {
        brief: brief(tx, id, case, &calendar::of(tx)?)?,
        submitted: case.submitted,
        promised: case.clock.promised,
        version: case.plan.version,
        steps: names(&case.plan.steps),
        classes: names(&case.plan.classes),
        appeals: case.appeals,
        decided_by: case.decided_by.clone(),
        answers: answers(tx, id, false)?,
        timeline: timeline(tx, id, false)?,
        proposals: proposals(tx, id, case)?,
        erased: case.erased,
    })
}

pub fn full(tx: &Tx, id: CaseId, case: &Case) -> Result<CaseFull, Fault> {
    let Who { name, phone, union, district } = who(tx, case)?;
    Ok(CaseFull {
        id: id.to_string(),
        person: person(&case.whose),
        name,
        phone,
        union,
        district,
        answers: answers(tx, id, true)?,
        timeline: timeline(tx, id, true)?,
    })
}

fn answers(tx: &Tx, id: CaseId, in_full: bool) -> Result<Vec<AnswerView>, Fault> {
    let view = |(question, answer): (String, Answer)| AnswerView {
        question,
        title: answer.title,
        value: (in_full || !answer.hidden).then(|| answer.value.into_revealed()),
        pictures: answer.pictures,
    };
    Ok(entries::answers(tx, id)?.into_iter().map(view).collect())
}

fn timeline(tx: &Tx, id: CaseId, in_full: bool) -> Result<Vec<EventView>, Fault> {
    let view = |(_, entry): (u32, Entry)| EventView {
        at: entry.at,
        by: match entry.by {
            By::Follower => "follower".to_owned(),
            By::Staff(name) => name,
            By::Rule => "rule".to_owned(),
        },
        detail: match &entry.what {
            What::Moved { reason, .. } => reason.clone(),
            What::Stepped { title } | What::Classed { title } => title.clone(),
            What::Handed { to } => to.clone(),
            What::Rated { stars } => stars.to_string(),
            _ => String::new(),
        },
        what: entry.what.name().to_owned(),
        words: Some(entry.words.into_revealed()).filter(|words| in_full && !words.is_empty()),
        picture: entry.picture,
    };
    Ok(entries::of(tx, id)?.into_iter().map(view).collect())
}

fn proposals(tx: &Tx, id: CaseId, case: &Case) -> Result<Vec<ProposalView>, Fault> {
    if !case.plan.pairs {
        return Ok(Vec::new());
    }
    let view = |(_, proposal): (u64, Proposal)| {
        let other = proposal.sides.into_iter().find(|side| *side != id)?;
        let state = match (proposal.agreed(), proposal.over) {
            (true, _) => "agreed",
            (false, true) => "over",
            (false, false) => "waits",
        };
        Some(ProposalView { with: other.to_string(), at: proposal.at, state: state.to_owned() })
    };
    Ok(pairs::of(tx, id)?.into_iter().filter_map(view).collect())
}
