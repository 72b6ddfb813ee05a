//! What staff do with a case.

use super::moves::{self, Why};
use super::record::*;
use super::rules::{self, Act, NOT_SOLVED, OUTCOMES, REASONS};
use super::{entries, queue, rounds};
use crate::domain::answer::or_refused;
use crate::domain::member::record::MemberId;
use crate::domain::member::standing::{Person, person_of};
use crate::domain::{assignee, calendar};
use crate::store::{Fault, Tx};

/// Who of the staff acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    pub name: String,
    /// The member that they are: nobody handles their own case.
    pub member: Option<MemberId>,
    /// The desks that are theirs; empty is all of them.
    pub desks: Vec<String>,
}

impl Worker {
    /// Is the case theirs to see?
    pub fn may_see(&self, tx: &Tx, case: &Case) -> Result<bool, Fault> {
        Ok(self.is_of_desk(case) && !self.is_own(tx, case)?)
    }

    fn is_of_desk(&self, case: &Case) -> bool {
        self.desks.is_empty() || self.desks.contains(&case.plan.desk)
    }

    /// Also one that they began before their account was known for theirs.
    fn is_own(&self, tx: &Tx, case: &Case) -> Result<bool, Fault> {
        let Some(member) = self.member else { return Ok(false) };
        let whose = match &case.whose {
            Person::Follower(who) => person_of(tx, who)?,
            member => member.clone(),
        };
        Ok(whose == Person::Member(member))
    }
}

/// Why staff are told no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such case")]
    Unknown,
    #[error("the case is `{}`: it allows this no more, or not yet", .0.name())]
    NotNow(Status),
    #[error("this is your own case: somebody else handles it")]
    OwnCase,
    #[error("it belongs to the desk `{0}`, which isn't yours")]
    NotYourDesk(String),
    #[error("who decided it doesn't look at the objection: another person does")]
    DecidedBefore,
    #[error("{0} has it")]
    TakenBy(String),
    #[error("it has no step `{0}`; there are {1}")]
    UnknownStep(String, String),
    #[error("it has no difficulty `{0}`; there are {1}")]
    UnknownClass(String, String),
    #[error("there is no reason `{0}`; there are {1}")]
    UnknownReason(String, String),
    #[error("there is no outcome `{0}`; there are {1}")]
    UnknownOutcome(String, String),
    #[error("what was told in it is erased")]
    Erased,
    #[error("nothing is proposed to people here")]
    NoPairs,
    #[error("{0} can't be proposed now: {1}")]
    NotToBeProposed(CaseId, &'static str),
    #[error("too much was said in it already")]
    TooLong,
    #[error("its person holds another place of that round by now, with {0}")]
    OncePerRound(CaseId),
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Unknown => "unknown_case",
            Refusal::NotNow(_) => "not_now",
            Refusal::OwnCase => "own_case",
            Refusal::NotYourDesk(_) => "not_your_desk",
            Refusal::DecidedBefore => "decided_before",
            Refusal::TakenBy(_) => "taken",
            Refusal::UnknownStep(..) => "unknown_step",
            Refusal::UnknownClass(..) => "unknown_class",
            Refusal::UnknownReason(..) => "unknown_reason",
            Refusal::UnknownOutcome(..) => "unknown_outcome",
            Refusal::Erased => "erased",
            Refusal::NoPairs => "no_pairs",
            Refusal::NotToBeProposed(..) => "not_to_be_proposed",
            Refusal::TooLong => "too_long",
            Refusal::OncePerRound(_) => "once_per_round",
        }
    }
}

impl From<rules::Refusal> for Refusal {
    fn from(refusal: rules::Refusal) -> Refusal {
        match refusal {
            rules::Refusal::NotNow { status } => Refusal::NotNow(status),
            rules::Refusal::OncePerRound { case } => Refusal::OncePerRound(case),
            _ => Refusal::Unknown,
        }
    }
}

pub type Decided = Result<Result<(), Refusal>, Fault>;

/// Staff's entries are bounded with the follower's messages.
const ENTRIES_MAX: u32 = 380;

/// A case that is being changed.
pub(super) struct Desk {
    pub id: CaseId,
    pub before: Case,
    pub case: Case,
}

impl Desk {
    pub fn save(&mut self, tx: &mut Tx) -> Decided {
        self.case.changed = tx.moment().now;
        queue::save(tx, self.id, Some(&self.before), &self.case)?;
        Ok(Ok(()))
    }

    fn note(&mut self, tx: &mut Tx, who: &Worker, what: What, words: &str) -> Result<(), Fault> {
        entries::write(tx, self.id, &mut self.case, by(who), what, words)
    }

    fn go(&mut self, tx: &mut Tx, act: Act, why: Why) -> Decided {
        Ok(moves::go(tx, self.id, &self.before, &mut self.case, act, why)?.map_err(Refusal::from))
    }
}

/// The case, for somebody who may handle it.
pub(super) fn open(tx: &Tx, who: &Worker, id: CaseId) -> Result<Result<Desk, Refusal>, Fault> {
    let Some(before) = queue::get(tx, id)?.filter(|case| case.status != Status::Draft) else {
        return Ok(Err(Refusal::Unknown));
    };
    if who.is_own(tx, &before)? {
        return Ok(Err(Refusal::OwnCase));
    }
    if !who.is_of_desk(&before) {
        return Ok(Err(Refusal::NotYourDesk(before.plan.desk)));
    }
    if before.is_closed_to(&who.name) {
        return Ok(Err(Refusal::DecidedBefore));
    }
    if before.erased {
        return Ok(Err(Refusal::Erased));
    }
    if before.entries >= ENTRIES_MAX {
        return Ok(Err(Refusal::TooLong));
    }
    Ok(Ok(Desk { id, case: before.clone(), before }))
}

pub(super) fn by(who: &Worker) -> By {
    By::Staff(who.name.clone())
}

/// Somebody who works on cases has read all that was said in it.
pub fn read(tx: &mut Tx, id: CaseId, case: &Case) -> Result<(), Fault> {
    if !case.unread {
        return Ok(());
    }
    queue::save(tx, id, Some(case), &Case { unread: false, ..case.clone() })
}

/// A case that nobody has is theirs from now on.
pub fn take(tx: &mut Tx, who: &Worker, id: CaseId) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if !desk.case.status.is_live() {
        return Ok(Err(Refusal::NotNow(desk.case.status)));
    }
    match assignee::take(&mut desk.case.assignee, &who.name) {
        Err(other) => return Ok(Err(Refusal::TakenBy(other))),
        Ok(false) => return Ok(Ok(())),
        Ok(true) => desk.note(tx, who, What::Taken, "")?,
    }
    desk.save(tx)
}

/// Gives it back; the reason is noted.
pub fn release(tx: &mut Tx, who: &Worker, id: CaseId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    match assignee::release(&mut desk.case.assignee, &who.name, words) {
        Err(other) => return Ok(Err(Refusal::TakenBy(other))),
        Ok(false) => return Ok(Ok(())),
        Ok(true) => desk.note(tx, who, What::Released, words)?,
    }
    desk.save(tx)
}

/// Hands it to a named colleague, or to another desk whose first to take it has it.
pub fn hand(
    tx: &mut Tx,
    who: &Worker,
    id: CaseId,
    to: Option<&str>,
    desk_name: Option<&str>,
    words: &str,
) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if !desk.case.status.is_live() {
        return Ok(Err(Refusal::NotNow(desk.case.status)));
    }
    if let Some(to) = to
        && desk.case.is_closed_to(to)
    {
        return Ok(Err(Refusal::DecidedBefore));
    }
    desk.case.assignee = to.map(str::to_owned);
    if let Some(name) = desk_name {
        desk.case.plan.desk = name.to_owned();
    }
    let to = [desk_name, to].into_iter().flatten().collect::<Vec<_>>().join(" ");
    desk.note(tx, who, What::Handed { to }, words)?;
    desk.save(tx)
}

/// For each other.
pub fn note(tx: &mut Tx, who: &Worker, id: CaseId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    desk.note(tx, who, What::Note, words)?;
    desk.save(tx)
}

/// Says something to the follower, who need not answer.
pub fn message(tx: &mut Tx, who: &Worker, id: CaseId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    desk.note(tx, who, What::Said, words)?;
    let news = super::news::News::Entry { case: id, number: desk.case.entries };
    super::news::tell(tx, &desk.case.whose, news)?;
    desk.save(tx)
}

/// Asks the follower for something, all at once; the clock stands until it is there.
pub fn ask(tx: &mut Tx, who: &Worker, id: CaseId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    desk.case.assignee.get_or_insert_with(|| who.name.clone());
    desk.go(tx, Act::Ask, Why::because(by(who), "", words))
}

/// What was asked for came by another way, such as the telephone.
pub fn supply(tx: &mut Tx, who: &Worker, id: CaseId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if rules::leads(desk.case.status, Act::Answer).is_none() {
        return Ok(Err(Refusal::NotNow(desk.case.status)));
    }
    if let Err(refusal) = rounds::take_up(tx, &desk.case)? {
        return Ok(Err(refusal.into()));
    }
    desk.note(tx, who, What::Note, words)?;
    desk.go(tx, Act::Answer, Why::none(by(who)))
}

/// Goes on to the next step, or to the one of that name.
pub fn step(tx: &mut Tx, who: &Worker, id: CaseId, name: Option<&str>, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    let steps = &desk.case.plan.steps;
    let at = match name {
        Some(name) => steps.iter().position(|step| step.name == name),
        None => Some(usize::from(desk.case.step) + 1).filter(|at| *at < steps.len()),
    };
    let Some(at) = at.and_then(|at| u8::try_from(at).ok()) else {
        return Ok(Err(Refusal::UnknownStep(name.unwrap_or("after this one").to_owned(), names(steps))));
    };
    let class = steps[usize::from(at)].class.clone();
    desk.case.step = at;
    desk.case.assignee.get_or_insert_with(|| who.name.clone());
    if let Some((at, class)) = class.and_then(|name| desk.case.plan.class(&name)) {
        classed(tx, &mut desk, who, at, &class)?;
    }
    desk.go(tx, Act::Step, Why::because(by(who), "", words))
}

/// How difficult it is: the time for the whole counts from the day it was handed in.
pub fn class(tx: &mut Tx, who: &Worker, id: CaseId, name: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if desk.case.status != Status::Open {
        return Ok(Err(Refusal::NotNow(desk.case.status)));
    }
    let Some((at, class)) = desk.case.plan.class(name) else {
        return Ok(Err(Refusal::UnknownClass(name.to_owned(), names(&desk.case.plan.classes))));
    };
    classed(tx, &mut desk, who, at, &class)?;
    desk.save(tx)
}

fn classed(tx: &mut Tx, desk: &mut Desk, who: &Worker, at: u8, class: &Stage) -> Result<(), Fault> {
    if desk.case.class == at && desk.case.clock.promised.is_some() {
        return Ok(());
    }
    let (now, calendar) = (tx.moment().now, calendar::of(tx)?);
    let from = desk.case.submitted.unwrap_or(desk.case.created);
    desk.case.class = at;
    desk.case.clock.promised = Some(desk.case.promise(rules::due(class.limit, from, &calendar), now));
    desk.note(tx, who, What::Classed { title: class.title.clone() }, "")
}

fn names(stages: &[Stage]) -> String {
    stages.iter().map(|stage| stage.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Ends it with what came of it, and the words that its follower reads.
pub fn close(tx: &mut Tx, who: &Worker, id: CaseId, outcome: &str, words: &str) -> Decided {
    if !OUTCOMES.contains(&outcome) {
        return Ok(Err(Refusal::UnknownOutcome(outcome.to_owned(), OUTCOMES.join(", "))));
    }
    let mut desk = or_refused!(open(tx, who, id));
    desk.case.outcome = Some(outcome.to_owned());
    desk.case.gave_place_back = outcome == NOT_SOLVED;
    decide(tx, desk, who, Act::Close, outcome, words)
}

/// 不予办理: in writing, with a reason of the list.
pub fn refuse(tx: &mut Tx, who: &Worker, id: CaseId, reason: &str, words: &str) -> Decided {
    if !REASONS.contains(&reason) {
        return Ok(Err(Refusal::UnknownReason(reason.to_owned(), REASONS.join(", "))));
    }
    let desk = or_refused!(open(tx, who, id));
    decide(tx, desk, who, Act::Refuse, reason, words)
}

fn decide(tx: &mut Tx, mut desk: Desk, who: &Worker, act: Act, reason: &str, words: &str) -> Decided {
    if !desk.case.decided_by.contains(&who.name) {
        desk.case.decided_by.push(who.name.clone());
    }
    desk.go(tx, act, Why::because(by(who), reason, words))
}

/// Takes up again what is over.
pub fn reopen(tx: &mut Tx, who: &Worker, id: CaseId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    if let Err(refusal) = rounds::take_up(tx, &desk.case)? {
        return Ok(Err(refusal.into()));
    }
    desk.case.assignee = Some(who.name.clone());
    desk.go(tx, Act::Reopen, Why::because(by(who), "", words))
}

/// Staff have looked at what was reported, and say that it may be proposed again.
pub fn clear(tx: &mut Tx, who: &Worker, id: CaseId, words: &str) -> Decided {
    let mut desk = or_refused!(open(tx, who, id));
    desk.case.reported = false;
    desk.note(tx, who, What::Cleared, words)?;
    desk.save(tx)
}
